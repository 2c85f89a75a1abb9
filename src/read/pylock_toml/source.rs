//! Where a package comes from: version control, a folder, an archive, or files that an index offers.

use crate::model::text::quoted;
use crate::model::url::in_folder;
use crate::model::version::compare;
use crate::model::{Address, Algorithm, Artifact, Digest, Ecosystem, PackageName, PackageSource, RelPath, Version, registry};
use crate::read::ReadError;
use crate::read::requirements_txt::{is_commit, of_file_name};
use crate::read::toml_file::{Table, Value};
use std::cmp::Ordering;

/// A package's source with the files that an installer may fetch.
pub(super) struct Source {
    pub source: PackageSource,
    pub artifacts: Vec<Artifact>,
    /// From the name of a file, where the package does not state one.
    pub version: Option<Version>,
    /// What is not pinned, for people.
    pub loose: Option<String>,
}

/// The keys that state a source of their own; beside them stand no files of an index.
const DIRECT: [&str; 3] = ["vcs", "directory", "archive"];

impl Source {
    pub fn read(package: &Table<'_, '_>, name: &PackageName, version: Option<&Version>, project: &RelPath) -> Result<Self, ReadError> {
        let mut direct = DIRECT.iter().filter_map(|key| Some((*key, package.get(key)?)));
        let files = Files::read(package, name, version)?;
        let (Some((key, value)), further) = (direct.next(), direct.next()) else {
            return from_index(package, files);
        };
        if further.is_some() || files.count > 0 {
            let second = further.map_or("files of an index".to_owned(), |(key, _)| quoted(key));
            return Err(value.error(format!("a package comes from one source, and {} has `{key}` and {second}", quoted(name.as_str()))));
        }
        match key {
            "vcs" => vcs(&value.table()?),
            "directory" => directory(&value.table()?, name, project),
            _ => archive(&value.table()?, name),
        }
    }

    fn new(source: PackageSource) -> Self {
        Source { source, artifacts: Vec::new(), version: None, loose: None }
    }
}

/// The commit is what makes two installations the same.
fn vcs(vcs: &Table<'_, '_>) -> Result<Source, ReadError> {
    let (tool, commit) = (vcs.required_text("type")?, vcs.required_text("commit-id")?);
    let place = place(vcs)?;
    if tool != "git" {
        return Ok(Source::new(PackageSource::Archive { url: Address::new(&format!("{tool}+{place}@{commit}")) }));
    }
    if !is_commit(&commit) {
        return Err(vcs.get("commit-id").map_or_else(
            || vcs.error(""),
            |value| value.error(format!("`commit-id` is {}, and not the full id of a commit", quoted(&commit))),
        ));
    }
    let reference = vcs.text("requested-revision")?;
    let is_local = url(vcs)?.is_none() && !place.contains(':');
    let repository = if is_local { format!("file://{place}") } else { place.strip_prefix("git+").unwrap_or(place).to_owned() };
    let folder = vcs.text("subdirectory")?;
    let repository = Address::new(&in_folder(&repository, folder.as_deref()));
    Ok(Source::new(PackageSource::Git {
        repository,
        commit: Some(commit.as_ref().into()),
        reference: reference.as_deref().map(Into::into),
    }))
}

/// The address, else the path. PDM writes both for a file beside the lockfile, the address as `file:`.
fn place<'t>(table: &Table<'t, '_>) -> Result<&'t str, ReadError> {
    let place = url(table)?.map_or_else(|| table.str("path"), |url| Ok(Some(url)))?;
    let place = place.filter(|place| !place.is_empty()).map_or_else(|| table.str("url"), |place| Ok(Some(place)))?;
    place.filter(|place| !place.is_empty()).ok_or_else(|| table.error("`url` or `path` is missing here"))
}

/// The address of another machine.
fn url<'t>(table: &Table<'t, '_>) -> Result<Option<&'t str>, ReadError> {
    Ok(table.str("url")?.filter(|url| !url.is_empty() && !url.starts_with("file:")))
}

/// A folder is first-party, inside the repository and outside of it, where nobody sees it.
fn directory(directory: &Table<'_, '_>, name: &PackageName, project: &RelPath) -> Result<Source, ReadError> {
    let path = directory.required_text("path")?.replace('\\', "/");
    let below = directory.str("subdirectory")?.unwrap_or_default();
    let folder = project.join(&path).and_then(|folder| folder.join(below)).ok();
    let loose = folder.is_none().then(|| format!("{} is a folder outside of the repository", quoted(name.as_str())));
    Ok(Source { loose, ..Source::new(PackageSource::FirstParty { folder }) })
}

fn archive(archive: &Table<'_, '_>, name: &PackageName) -> Result<Source, ReadError> {
    let place = place(archive)?;
    let url = url(archive)?.map(Address::new);
    let digests = digests(archive)?;
    let loose = digests.is_empty().then(|| format!("the archive of {} has no digest", quoted(name.as_str())));
    let source = match &url {
        Some(url) => PackageSource::Archive { url: url.clone() },
        None => PackageSource::Path { path: place.into() },
    };
    let (_, version) = of_file_name(&last_part(place), Some(name));
    Ok(Source { source, artifacts: vec![Artifact { url, digests }], version, loose })
}

/// The files of a package, one of which gets installed.
#[derive(Default)]
struct Files {
    count: usize,
    artifacts: Vec<Artifact>,
    version: Option<Version>,
    /// The first address that is not PyPI's.
    foreign: Option<String>,
    /// The first that lies beside the lockfile.
    local: Option<String>,
    loose: Option<String>,
}

impl Files {
    fn read(package: &Table<'_, '_>, name: &PackageName, version: Option<&Version>) -> Result<Self, ReadError> {
        let mut files = Files::default();
        for value in package.get("sdist").into_iter().chain(package.array("wheels")?) {
            let file = value.table()?;
            let own = file_version(&file, &value, name, version)?;
            files.version = files.version.take().or(own);
            let url = url(&file)?;
            match url {
                // With a name alone it is the index that knows the address.
                None if place(&file).is_err() && file.get("name").is_some() => {}
                None => drop(files.local.get_or_insert(place(&file)?.to_owned())),
                Some(url) if !registry::is_pypi_file(url) => drop(files.foreign.get_or_insert_with(|| origin(url).to_owned())),
                Some(_) => {}
            }
            let digests = digests(&file)?;
            if digests.is_empty() {
                files.loose.get_or_insert_with(|| format!("a file of {} has no digest", quoted(name.as_str())));
            }
            files.artifacts.push(Artifact { url: url.map(Address::new), digests });
            files.count += 1;
        }
        files.artifacts.sort();
        files.artifacts.dedup();
        Ok(files)
    }
}

/// An installer fetches the files from their own addresses, whatever `index` says: those of a package
/// of PyPI lie with PyPI, else the package is another's.
fn from_index(package: &Table<'_, '_>, files: Files) -> Result<Source, ReadError> {
    let stated = package.str("index")?.filter(|index| !registry::is_pypi(index));
    let index = stated.or(files.foreign.as_deref()).map(|index| Address::new(index.trim_end_matches('/')));
    let source = match files.local {
        Some(path) if stated.is_none() => PackageSource::Path { path: path.into() },
        _ => PackageSource::Registry { index },
    };
    let mut artifacts = files.artifacts;
    artifacts.extend(pipenv_digests(package)?);
    let loose = (artifacts.is_empty()).then(|| "a package has no file and no digest: what will be installed is not known".to_owned());
    Ok(Source { source, artifacts, version: files.version, loose: files.loose.or(loose) })
}

/// Digests that pipenv could not give to a file.
fn pipenv_digests(package: &Table<'_, '_>) -> Result<Vec<Artifact>, ReadError> {
    let pipenv = package.table("tool")?.map(|tool| tool.table("pipenv")).transpose()?.flatten();
    let hashes = pipenv.map(|pipenv| pipenv.array("hashes")).transpose()?.unwrap_or_default();
    let artifact = |hash: &Value<'_, '_>| {
        let text = hash.str()?;
        let digest = Digest::from_prefixed_hex(text).map_err(|error| hash.error(format!("the hash {} is wrong: {error}", quoted(text))))?;
        Ok(Artifact { url: None, digests: vec![digest] })
    };
    hashes.iter().map(artifact).collect()
}

/// The version in a file's name. A file under the name of another package or version is refused, as
/// installers do: it would come in as something that it is not.
fn file_version(
    file: &Table<'_, '_>,
    at: &Value<'_, '_>,
    name: &PackageName,
    version: Option<&Version>,
) -> Result<Option<Version>, ReadError> {
    let mut found = None;
    for key in ["name", "url", "path"] {
        let Some(text) = file.str(key)?.filter(|text| !text.is_empty()) else { continue };
        let file_name = if key == "name" { text.to_owned() } else { last_part(text) };
        let (Some(own), own_version) = of_file_name(&file_name, Some(name)) else { continue };
        let another = own_version
            .as_ref()
            .zip(version)
            .is_some_and(|(own, stated)| compare(Ecosystem::Pypi, own, stated).is_some_and(|order| order != Ordering::Equal));
        if own != *name || another {
            let stated = version.map(|version| format!(" {version}")).unwrap_or_default();
            return Err(at.error(format!("the file {} is not one of {}", quoted(&file_name), quoted(&format!("{name}{stated}")))));
        }
        found = found.or(own_version);
    }
    Ok(found)
}

/// The last part of an address or path, without its query.
fn last_part(place: &str) -> String {
    let path = place.split(['?', '#']).next().unwrap_or(place);
    crate::read::requirements_txt::decoded(path.rsplit(['/', '\\']).next().unwrap_or(path))
}

/// Scheme and host of an address.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    url[start..].find(['/', '?', '#']).map_or(url, |end| &url[..start + end])
}

/// Algorithms of Python's `hashlib` that no other lockfile uses: beside a known one they are passed over.
const OTHER_ALGORITHMS: [&str; 8] = ["blake2b", "blake2s", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "shake_128", "shake_256"];

/// The digests of one file, by different algorithms.
fn digests(file: &Table<'_, '_>) -> Result<Vec<Digest>, ReadError> {
    let Some(hashes) = file.table("hashes")? else { return Ok(Vec::new()) };
    let (mut digests, mut other) = (Vec::new(), None);
    for (algorithm, _, value) in hashes.pairs() {
        let hex = value.str()?;
        match Algorithm::from_prefix(algorithm) {
            Some(known) => {
                let bad = |error| value.error(format!("the hash {} is wrong: {error}", quoted(hex)));
                digests.push(Digest::from_hex(known, hex).map_err(bad)?);
            }
            None if OTHER_ALGORITHMS.contains(&algorithm) => {}
            None => other = Some((algorithm, value)),
        }
    }
    if let Some((algorithm, value)) = other.filter(|_| digests.is_empty()) {
        return Err(value.error(format!("the hash's algorithm {} is not known", quoted(algorithm))));
    }
    digests.sort();
    Ok(digests)
}
