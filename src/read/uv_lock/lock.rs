//! The lockfile as it stands in the file: what is wrong in itself is refused here, what does not
//! join is left to the graph.

use super::place::Place;
use super::source::Source;
use crate::model::text::quoted;
use crate::model::{Address, Artifact, Digest, Ecosystem, PackageName, RelPath, Version};
use crate::read::pyproject::Purpose;
use crate::read::toml_file::TomlParts;
use crate::read::toml_file::{Table, Value};
use crate::read::{Files, ReadError, ReadErrorKind};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

pub(super) struct Lock<'a> {
    pub dialect: &'static str,
    pub packages: Vec<Locked<'a>>,
    /// `[manifest] members`, with their lines; uv leaves them out where there is one.
    pub members: Vec<(PackageName, u32)>,
    /// What a script, or a workspace whose root is no package, asks for itself.
    pub asked: Vec<(Purpose, Requirement<'a>)>,
    /// `[manifest] overrides`, by the name whose requirements each replaces.
    pub overrides: HashMap<PackageName, Vec<Requirement<'a>>>,
    /// `[manifest] constraints`, by name.
    pub constraints: HashMap<PackageName, Vec<Requirement<'a>>>,
    /// `[manifest] excludes`: names whose requirements are dropped, with their lines.
    pub excludes: HashMap<PackageName, u32>,
}

/// One `[[package]]`.
pub(super) struct Locked<'a> {
    pub name: PackageName,
    pub version: Option<Version>,
    pub source: Source<'a>,
    pub line: u32,
    pub artifacts: Vec<Artifact>,
    pub lists: Vec<List<'a>>,
    /// uv's copy of what the manifest asks for; `None` stands for all but the groups.
    pub metadata: Vec<(Option<PackageName>, Requirement<'a>)>,
}

/// Dependencies with one purpose.
pub(super) struct List<'a> {
    pub purpose: Purpose,
    pub edges: Vec<Edge<'a>>,
}

/// A dependency: version and source stand there where the name alone could mean several packages.
pub(super) struct Edge<'a> {
    pub name: PackageName,
    pub version: Option<Cow<'a, str>>,
    /// The text that names the package: its name alone unless `is_spelled_out`.
    pub key: String,
    pub is_spelled_out: bool,
    pub extras: Vec<PackageName>,
    pub marker: Option<Cow<'a, str>>,
    pub line: u32,
}

/// A requirement as uv copies it from a manifest.
pub(super) struct Requirement<'a> {
    pub name: PackageName,
    pub specifier: Option<Cow<'a, str>>,
    pub place: Place,
    pub extras: Vec<PackageName>,
    pub marker: Option<Cow<'a, str>>,
    pub line: u32,
}

impl<'a> Lock<'a> {
    pub fn read(files: &'a Files) -> Result<Self, ReadError> {
        let toml = TomlParts::parse(&files.lockfile, "package")?;
        let mut lock = Lock {
            dialect: dialect(&toml)?,
            packages: Vec::new(),
            members: Vec::new(),
            asked: Vec::new(),
            overrides: HashMap::new(),
            constraints: HashMap::new(),
            excludes: HashMap::new(),
        };
        let project = files.folder();
        let mut read = |package: &Table<'_, 'a>| {
            lock.packages.push(Locked::read(package, &project)?);
            Ok(())
        };
        toml.each(&mut read)?;
        // What uv before 0.4 wrote.
        for package in toml.get("distribution").map_or(Ok(Vec::new()), |list| list.array())? {
            read(&package.table()?)?;
        }
        if let Some(manifest) = toml.table("manifest")? {
            lock.read_manifest(&manifest, &project)?;
        }
        lock.refuse_duplicates(files)?;
        Ok(lock)
    }

    fn read_manifest(&mut self, manifest: &Table<'_, 'a>, project: &RelPath) -> Result<(), ReadError> {
        for member in manifest.array("members")? {
            self.members.push((name(&member)?, member.line()));
        }
        for item in manifest.array("requirements")? {
            self.asked.push((Purpose::Runtime, Requirement::read(&item.table()?, project)?));
        }
        for (group, item) in groups(manifest, "dependency-groups")? {
            self.asked.push((Purpose::Group(group), Requirement::read(&item.table()?, project)?));
        }
        for (key, read) in [("overrides", &mut self.overrides), ("constraints", &mut self.constraints)] {
            for item in manifest.array(key)? {
                let requirement = Requirement::read(&item.table()?, project)?;
                read.entry(requirement.name.clone()).or_default().push(requirement);
            }
        }
        for item in manifest.array("excludes")? {
            self.excludes.insert(name(&item)?, item.line());
        }
        Ok(())
    }

    /// Whether what is asked for of a name is replaced or dropped by the settings that the lockfile was made with.
    pub fn overrides(&self, name: &PackageName) -> bool {
        self.overrides.contains_key(name) || self.excludes.contains_key(name)
    }

    fn refuse_duplicates(&self, files: &Files) -> Result<(), ReadError> {
        let mut first: HashMap<&PackageName, &Locked<'_>> = HashMap::with_capacity(self.packages.len());
        let mut seen = HashSet::new();
        for package in &self.packages {
            // Nearly every name stands there once, and then there is nothing to compare.
            let earlier = *first.entry(&package.name).or_insert(package);
            if std::ptr::eq(earlier, package) {
                continue;
            }
            seen.insert(earlier.full_key());
            let key = package.full_key();
            if seen.contains(&key) {
                let message = format!("the package {} stands twice in the lockfile", quoted(&key));
                return Err(ReadError::malformed(files.path(), package.line, message));
            }
            seen.insert(key);
        }
        Ok(())
    }
}

/// `version = 1` is the one there is; `revision` counts additions that an older reader may pass over.
fn dialect(root: &TomlParts<'_>) -> Result<&'static str, ReadError> {
    let version = root.get("version").ok_or_else(|| root.error("`version` is missing: this is not a uv.lock"))?;
    let number = version.integer()?;
    if number != "1" {
        let kind = ReadErrorKind::UnknownVersion { found: number.to_owned(), known: "1" };
        return Err(ReadError { kind, ..version.error("") });
    }
    Ok(match root.get("revision").map(|revision| revision.integer()).transpose()? {
        None | Some("0") => "v1",
        Some("1") => "v1 revision 1",
        Some("2") => "v1 revision 2",
        Some("3") => "v1 revision 3",
        Some("4") => "v1 revision 4",
        Some("5") => "v1 revision 5",
        Some(_) => "v1, a later revision",
    })
}

impl<'a> Locked<'a> {
    fn read(table: &Table<'_, 'a>, project: &RelPath) -> Result<Self, ReadError> {
        let named = table.get("name").ok_or_else(|| table.error("`name` is missing here"))?;
        let source = table.get("source").ok_or_else(|| table.error("`source` is missing here"))?;
        let locked = Locked {
            name: name(&named)?,
            version: version(table)?,
            line: named.line(),
            artifacts: artifacts(table)?,
            lists: lists(table)?,
            metadata: metadata(table, project)?,
            source: Source::read(&source)?,
        };
        if locked.version.is_none() && locked.source.needs_version() {
            return Err(named.error(format!("the package {} has no version", quoted(locked.name.as_str()))));
        }
        Ok(locked)
    }

    /// The text that names this package and no other.
    pub fn full_key(&self) -> String {
        key(&self.name, self.version.as_ref().map(Version::as_str), Some(&self.source))
    }

    /// All texts that may name this package where its name alone does not.
    pub fn long_keys(&self) -> Vec<String> {
        let version = self.version.as_ref().map(Version::as_str);
        let mut keys = vec![key(&self.name, None, Some(&self.source))];
        keys.extend(version.map(|version| key(&self.name, Some(version), None)));
        keys.extend(version.map(|_| self.full_key()));
        keys
    }
}

fn key(name: &PackageName, version: Option<&str>, source: Option<&Source<'_>>) -> String {
    let mut key = name.to_string();
    if let Some(version) = version {
        key.push(' ');
        key.push_str(version);
    }
    if let Some(source) = source {
        key.push_str(" from ");
        key.push_str(&source.shown());
    }
    key
}

fn version(table: &Table<'_, '_>) -> Result<Option<Version>, ReadError> {
    let Some(value) = table.get("version") else { return Ok(None) };
    Version::new(value.str()?).map(Some).map_err(|error| value.error(error.to_string()))
}

/// A name of a package, an extra or a group: all three are compared in one form (PEP 503, 685, 735).
fn name(value: &Value<'_, '_>) -> Result<PackageName, ReadError> {
    normal(value.str()?).map_err(|message| value.error(message))
}

fn normal(text: &str) -> Result<PackageName, String> {
    PackageName::new(Ecosystem::Pypi, text).map_err(|error| error.to_string())
}

fn names(table: &Table<'_, '_>, key: &'static str) -> Result<Vec<PackageName>, ReadError> {
    table.array(key)?.iter().map(name).collect()
}

/// The source archive and every wheel: one of them gets installed, so no digest is the package's.
fn artifacts(table: &Table<'_, '_>) -> Result<Vec<Artifact>, ReadError> {
    let wheels = table.array("wheels")?;
    table.get("sdist").iter().chain(&wheels).map(|file| artifact(&file.table()?)).collect()
}

fn artifact(file: &Table<'_, '_>) -> Result<Artifact, ReadError> {
    let url = file.str("url")?.map(Address::new);
    let digest = file.get("hash").map(|hash| digest(&hash)).transpose()?;
    Ok(Artifact { url, digests: digest.into_iter().collect() })
}

fn digest(hash: &Value<'_, '_>) -> Result<Digest, ReadError> {
    let text = hash.str()?;
    Digest::from_prefixed_hex(text).map_err(|error| hash.error(format!("the hash {} is wrong: {error}", quoted(text))))
}

fn lists<'a>(table: &Table<'_, 'a>) -> Result<Vec<List<'a>>, ReadError> {
    let mut lists = vec![List { purpose: Purpose::Runtime, edges: edges(&table.array("dependencies")?)? }];
    for section in ["optional-dependencies", "dev-dependencies", "dependency-groups"] {
        let purpose = if section == "optional-dependencies" { Purpose::Extra } else { Purpose::Group };
        let Some(section) = table.table(section)? else { continue };
        for (key, _, value) in section.pairs() {
            let purpose = purpose(normal(key).map_err(|message| value.error(message))?);
            lists.push(List { purpose, edges: edges(&value.array()?)? });
        }
    }
    Ok(lists)
}

fn edges<'a>(items: &[Value<'_, 'a>]) -> Result<Vec<Edge<'a>>, ReadError> {
    items.iter().map(|item| Edge::read(&item.table()?)).collect()
}

impl<'a> Edge<'a> {
    fn read(table: &Table<'_, 'a>) -> Result<Self, ReadError> {
        let named = table.get("name").ok_or_else(|| table.error("`name` is missing here"))?;
        let (name, version) = (name(&named)?, table.text("version")?);
        let source = table.get("source").map(|source| Source::read(&source)).transpose()?;
        Ok(Edge {
            key: key(&name, version.as_deref(), source.as_ref()),
            is_spelled_out: version.is_some() || source.is_some(),
            name,
            version,
            extras: names(table, "extra")?,
            marker: table.text("marker")?,
            line: named.line(),
        })
    }
}

impl<'a> Requirement<'a> {
    fn read(table: &Table<'_, 'a>, project: &RelPath) -> Result<Self, ReadError> {
        let named = table.get("name").ok_or_else(|| table.error("`name` is missing here"))?;
        Ok(Requirement {
            place: Place::of_copy(table, Source::of_table(table)?.as_ref(), project)?,
            name: name(&named)?,
            specifier: table.text("specifier")?,
            extras: names(table, "extras")?,
            marker: table.text("marker")?,
            line: named.line(),
        })
    }
}

type Copied<'a> = Vec<(Option<PackageName>, Requirement<'a>)>;

fn metadata<'a>(table: &Table<'_, 'a>, project: &RelPath) -> Result<Copied<'a>, ReadError> {
    let Some(metadata) = table.table("metadata")? else { return Ok(Vec::new()) };
    let mut copied = Vec::new();
    for item in metadata.array("requires-dist")? {
        copied.push((None, Requirement::read(&item.table()?, project)?));
    }
    for key in ["requires-dev", "dependency-groups"] {
        for (group, item) in groups(&metadata, key)? {
            copied.push((Some(group), Requirement::read(&item.table()?, project)?));
        }
    }
    Ok(copied)
}

type Grouped<'t, 'a> = Vec<(PackageName, Value<'t, 'a>)>;

/// The items of every list of a table, each with its list's name.
fn groups<'t, 'a>(table: &Table<'t, 'a>, key: &'static str) -> Result<Grouped<'t, 'a>, ReadError> {
    let Some(section) = table.table(key)? else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    for (group, _, value) in section.pairs() {
        let group = normal(group).map_err(|message| value.error(message))?;
        items.extend(value.array()?.into_iter().map(|item| (group.clone(), item)));
    }
    Ok(items)
}
