//! The lockfile as it stands in the file: what is wrong in itself is refused here, what does not join
//! is left to the graph.

use super::manifest::Manifest;
use crate::model::text::{quoted, shortened, visible};
use crate::model::url::in_folder;
use crate::model::{Address, Artifact, Digest, Gap, GapKind, Location, PackageName, PackageSource, RelPath, Version};
use crate::read::pypi_lock::{Ask, Asked, FileDigests, Lock, Locked, key_of_set};
use crate::read::pyproject::normal;
use crate::read::requirements_txt::{is_commit, pep508_or_editable, place_of};
use crate::read::toml_file::TomlParts;
use crate::read::toml_file::{Table, Value};
use crate::read::{Files, ReadError, ReadErrorKind};
use hashbrown::{HashMap, HashSet};

pub(super) struct PdmFile<'a> {
    pub dialect: &'static str,
    pub lock: Lock<'a>,
    /// Repositories of which no commit is pinned.
    pub gaps: Vec<Gap>,
    /// The groups that were locked, where the file says it: the others need not be in it.
    groups: Option<HashSet<PackageName>>,
}

impl<'a> PdmFile<'a> {
    pub fn read(files: &'a Files, manifest: Option<&Manifest<'_>>) -> Result<Self, ReadError> {
        let toml = TomlParts::parse(&files.lockfile, "package")?;
        let metadata = toml.table("metadata")?.ok_or_else(|| toml.error("`[metadata]` is missing: this is not a pdm.lock"))?;
        let dialect = dialect(&metadata)?;
        let groups = metadata.get("groups").map(|groups| names(&groups)).transpose()?.map(HashSet::from_iter);
        let mut entries = Entries {
            files,
            manifest,
            packages: Vec::new(),
            numbers: HashMap::new(),
            digests: FileDigests::default(),
            seen: HashSet::new(),
        };
        toml.each(|table| entries.take(table))?;
        entries.take_files(&metadata)?;
        let packages = entries.packages;
        let gaps = packages.iter().filter_map(|package| unpinned(package, files.path())).collect();
        let lock = Lock::new(files.path(), packages, true, "default")?;
        Ok(PdmFile { dialect, lock, gaps, groups })
    }

    /// What belongs to a group that was not locked may be absent.
    pub fn excuse(&self, asked: &mut [Asked<'_>]) {
        let Some(groups) = &self.groups else { return };
        for asked in asked {
            asked.may_be_absent = asked.group.as_ref().is_some_and(|group| !groups.contains(group));
        }
    }
}

/// PDM reads no lockfile of another first number, nor of a later second one.
fn dialect(metadata: &Table<'_, '_>) -> Result<&'static str, ReadError> {
    let value = metadata.get("lock_version").ok_or_else(|| metadata.error("`lock_version` is missing: this is not a pdm.lock"))?;
    let version = value.str()?;
    let known = [("4.0", "v4.0"), ("4.1", "v4.1"), ("4.2", "v4.2"), ("4.3", "v4.3"), ("4.4", "v4.4"), ("4.5", "v4.5")];
    let is_one = |(known, _): &&(&str, &str)| version.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    known.iter().find(is_one).map(|(_, shown)| *shown).ok_or_else(|| {
        let found = visible(&shortened(version, 20)).into_owned();
        ReadError { kind: ReadErrorKind::UnknownVersion { found, known: "4.0 to 4.5" }, ..value.error("") }
    })
}

/// The packages, in which the entries of extras are found again.
struct Entries<'e, 'a> {
    files: &'a Files,
    manifest: Option<&'e Manifest<'e>>,
    packages: Vec<Locked<'a>>,
    numbers: HashMap<(PackageName, Option<Version>, PackageSource), usize>,
    digests: FileDigests<'a>,
    /// Packages with the extras of their entries.
    seen: HashSet<(usize, String)>,
}

impl<'a> Entries<'_, 'a> {
    fn take(&mut self, table: &Table<'_, 'a>) -> Result<(), ReadError> {
        let named = table.get("name").ok_or_else(|| table.error("`name` is missing here"))?;
        let name = normal(&named, named.str()?)?;
        let source = self.source(table, &name)?;
        let version = version(table, &named, &source)?;
        let extras = table.get("extras").map(|extras| set_of_extras(&extras)).transpose()?;
        let files = table.array("files")?;
        let artifacts = files.iter().map(|file| artifact(file, &source)).collect::<Result<Vec<_>, _>>()?;
        // Each file has one.
        let digests: Vec<Digest> = artifacts.iter().flat_map(|artifact| &artifact.digests).copied().collect();
        let mut entry = Locked {
            lines: vec![named.line()],
            artifacts,
            asks: self.asks(table)?,
            chains: Vec::new(),
            marker: table.text("marker")?,
            groups: table.get("groups").map(|groups| names(&groups)).transpose()?,
            name,
            version,
            source,
        };
        let extras = extras.filter(|extras| !extras.is_empty());
        if let Some(extras) = &extras {
            entry.asks.iter_mut().for_each(|ask| ask.with_extras = Some(vec![extras.clone()]));
        }
        let number = self.put(entry, extras.unwrap_or_default())?;
        files.iter().zip(digests).try_for_each(|(file, digest)| self.agree(number, file, digest))
    }

    /// The entries of a package and of its extras are one package.
    fn put(&mut self, entry: Locked<'a>, extras: String) -> Result<usize, ReadError> {
        let key = (entry.name.clone(), entry.version.clone(), entry.source.clone());
        let number = *self.numbers.entry(key).or_insert(self.packages.len());
        if !self.seen.insert((number, extras.clone())) {
            return Err(entry.stands_twice(self.files.path()));
        }
        let Some(package) = self.packages.get_mut(number) else {
            self.packages.push(entry);
            return Ok(number);
        };
        package.lines.extend(entry.lines);
        package.artifacts.extend(entry.artifacts);
        package.asks.extend(entry.asks);
        package.marker = package.marker.take().filter(|marker| Some(marker) == entry.marker.as_ref());
        if let (Some(groups), Some(more)) = (&mut package.groups, entry.groups) {
            groups.extend(more);
        }
        Ok(number)
    }

    /// All entries of a package list the same files.
    fn agree(&mut self, package: usize, file: &Value<'_, 'a>, digest: Digest) -> Result<(), ReadError> {
        let table = file.table()?;
        let name = table.text("file")?.or(table.text("url")?).unwrap_or_default();
        if self.digests.agree(package, name.clone(), digest) {
            return Ok(());
        }
        Err(file.error(format!("the file {} has two digests", quoted(Address::new(&name).as_str()))))
    }

    fn source(&self, table: &Table<'_, 'a>, name: &PackageName) -> Result<PackageSource, ReadError> {
        let folder = table.text("subdirectory")?;
        let in_folder = |url: &str| in_folder(url, folder.as_deref()).into_owned();
        if let Some(url) = table.str("git")? {
            let commit = table.str("revision")?.filter(|revision| is_commit(revision));
            let reference = table.str("ref")?.map(Into::into);
            return Ok(PackageSource::Git { repository: Address::new(&in_folder(url)), commit: commit.map(Into::into), reference });
        }
        for tool in ["hg", "svn", "bzr"] {
            if let Some(url) = table.str(tool)? {
                let revision = table.str("revision")?.map(|revision| format!("@{revision}")).unwrap_or_default();
                return Ok(PackageSource::Archive { url: Address::new(&in_folder(&format!("{tool}+{url}{revision}"))) });
            }
        }
        if let Some(value) = table.get("path").or_else(|| table.get("url")) {
            let source = place_of(value.str()?, name, &self.files.folder()).map_err(|message| value.error(message))?;
            return Ok(match source {
                PackageSource::Archive { url } => PackageSource::Archive { url: Address::new(&in_folder(url.as_str())) },
                other => other,
            });
        }
        Ok(self.manifest.map_or_else(PackageSource::default_registry, |manifest| manifest.registry.clone()))
    }

    fn asks(&self, table: &Table<'_, 'a>) -> Result<Vec<Ask<'a>>, ReadError> {
        let ask = |item: &Value<'_, 'a>| {
            let requirement = pep508_or_editable(item.str()?, &self.files.folder()).map_err(|message| item.error(message))?;
            let mut ask = Ask::of_pep508(requirement, item.line());
            ask.is_loose = self.manifest.is_some_and(|manifest| manifest.loose.contains(&ask.name));
            Ok(ask)
        };
        table.array("dependencies")?.iter().map(ask).collect()
    }

    /// `[metadata.files]`, which versions before 4.4 have: lists by `name version`.
    fn take_files(&mut self, metadata: &Table<'_, '_>) -> Result<(), ReadError> {
        let Some(section) = metadata.table("files")? else { return Ok(()) };
        let mut by_label: HashMap<(PackageName, Option<String>), Vec<usize>> = HashMap::new();
        for (number, package) in self.packages.iter().enumerate() {
            let version = package.version.as_ref().map(Version::to_string);
            by_label.entry((package.name.clone(), version)).or_default().push(number);
        }
        for (label, _, list) in section.pairs() {
            let (name, version) = label.split_once(' ').unwrap_or((label, ""));
            let key = (normal(&list, name)?, (!version.is_empty()).then(|| version.to_owned()));
            let files = list.array()?;
            for &number in by_label.get(&key).into_iter().flatten().take(64) {
                let package = &mut self.packages[number];
                for file in &files {
                    package.artifacts.push(artifact(file, &package.source)?);
                }
            }
        }
        Ok(())
    }
}

fn version(table: &Table<'_, '_>, named: &Value<'_, '_>, source: &PackageSource) -> Result<Option<Version>, ReadError> {
    match table.get("version") {
        Some(value) => Version::new(value.str()?).map(Some).map_err(|error| value.error(error.to_string())),
        None if matches!(source, PackageSource::Registry { .. }) => {
            Err(named.error(format!("the package {} has no version", quoted(named.str()?))))
        }
        None => Ok(None),
    }
}

/// Extras of one entry: nobody asks for more at once.
const MOST_EXTRAS: usize = 64;

fn set_of_extras(value: &Value<'_, '_>) -> Result<String, ReadError> {
    let extras = names(value)?;
    if extras.len() > MOST_EXTRAS {
        let what = format!("there are {} extras of one package", extras.len());
        return Err(ReadError { kind: ReadErrorKind::Limit { what, limit: MOST_EXTRAS }, ..value.error("") });
    }
    Ok(key_of_set(&extras))
}

/// A list of names of extras or groups.
fn names(list: &Value<'_, '_>) -> Result<Vec<PackageName>, ReadError> {
    list.array()?.iter().map(|item| normal(item, item.str()?)).collect()
}

/// With the strategy `static_urls` a file has its address, else its name. Where the source is one file,
/// the lockfile does not repeat the address.
fn artifact(file: &Value<'_, '_>, source: &PackageSource) -> Result<Artifact, ReadError> {
    let table = file.table()?;
    let hash = table.get("hash").ok_or_else(|| table.error("`hash` is missing here"))?;
    let text = hash.str()?;
    let digest = Digest::from_prefixed_hex(text).map_err(|error| hash.error(format!("the hash {} is wrong: {error}", quoted(text))))?;
    let own = match source {
        PackageSource::Archive { url } => Some(url.clone()),
        _ => None,
    };
    Ok(Artifact { url: table.str("url")?.map(Address::new).or(own), digests: vec![digest] })
}

/// PDM writes no commit for an editable repository.
fn unpinned(package: &Locked<'_>, lockfile: &RelPath) -> Option<Gap> {
    let is_loose = matches!(&package.source, PackageSource::Git { commit: None, .. });
    let message = || format!("{} does not say which commit: what will be installed is not known", quoted(&package.label()));
    is_loose.then(|| Gap::at(GapKind::UnpinnedRequirement, &Location::new(lockfile, package.lines[0]), message()))
}
