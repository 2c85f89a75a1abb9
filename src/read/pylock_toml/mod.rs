//! pylock.toml and pylock.NAME.toml, the lockfile of Python's standards (PEP 751), `lock-version` 1.
//!
//! pip, uv, PDM, pipenv and others write it, each leaving out what it does not know: which package
//! needs which is there seldom, what the project asks for never, so that comes from the pyproject.toml
//! beside it. Markers over extras and groups tell what a package is for. What an installer fetches are
//! the files at their own addresses, so those say where a package comes from.
//!
//! In reading order: sources, the lockfile, the manifest; then the entries.

mod lock;
mod manifest;
mod source;

use super::pyproject::{self, Purpose, Pyproject};
use super::{Capabilities, Entry, Files, Format, FormatId, Parsed, Rare, ReadError, Requires, ScopeId, Told, Want};
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope};
use lock::{Edge, Lock, Locked};
use manifest::Manifests;
use std::collections::{HashMap, HashSet};

pub struct PylockToml;

impl Format for PylockToml {
    fn id(&self) -> FormatId {
        "pylock-toml"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Pypi)
    }

    fn names(&self) -> &[&str] {
        &["pylock.toml", "pylock.*.toml"]
    }

    fn claims(&self, path: &RelPath) -> bool {
        is_pylock(path.file_name())
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[pyproject::FILE_NAME])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        Manifests::wanted(files)
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("installers take what the markers of their environment allow"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let mut lock = Lock::read(files)?;
        let mut gaps = std::mem::take(&mut lock.gaps);
        gaps.extend(loose(&lock, files.path()));
        let project = project(&lock, &files.folder());
        let manifests = Manifests::read(files, project.map(|number| &lock.packages[number]), &mut gaps);
        let reading = Reading { lock: &lock, lockfile: files.path(), command: Command::of(files), project };
        let disagreements = manifests.own().map(|manifest| manifest::disagreements(&reading, manifest)).unwrap_or_default();
        Ok(Parsed {
            flaws: None,
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Pypi),
            dialect: lock.dialect,
            knows: known(self.knows(), &lock, manifests.own(), project),
            scopes: Vec::new(),
            disagreements,
            entries: entries(lock, files, &manifests, project),
            gaps,
        })
    }
}

/// `pylock.toml` or `pylock.NAME.toml`, where the name has no dot.
pub fn is_pylock(name: &str) -> bool {
    let Some(middle) = name.strip_prefix("pylock").and_then(|rest| rest.strip_suffix(".toml")) else { return false };
    middle.is_empty() || middle.strip_prefix('.').is_some_and(|id| !id.is_empty() && !id.contains('.'))
}

/// The package that lies in the lockfile's own folder.
fn project(lock: &Lock<'_>, folder: &RelPath) -> Option<usize> {
    lock.packages.iter().position(|package| is_in(package, folder))
}

fn is_in(package: &Locked<'_>, folder: &RelPath) -> bool {
    matches!(&package.source.source, PackageSource::FirstParty { folder: Some(own) } if own == folder)
}

/// What the command says that uv notes in the file's head.
struct Command {
    /// The lockfile has what the project needs to run.
    is_of_project: bool,
    /// Packages were left out on purpose.
    is_cut: bool,
}

impl Command {
    fn of(files: &Files) -> Self {
        let head: Vec<&str> = files.lockfile.text().lines().take(8).take_while(|line| line.starts_with('#')).collect();
        let has = |options: &[&str]| head.iter().any(|line| options.iter().any(|option| line.contains(option)));
        let is_of_other = has(&["--only", "--package", "--script", "--project", "--directory", "--frozen"]);
        Command { is_of_project: has(&["uv export"]) && !is_of_other, is_cut: has(&["--prune", "--no-emit", "--no-install"]) }
    }
}

fn loose(lock: &Lock<'_>, lockfile: &RelPath) -> Vec<Gap> {
    let gap = |package: &Locked<'_>| {
        let message = package.source.loose.clone()?;
        Some(Gap::at(GapKind::UnpinnedRequirement, &Location::new(lockfile, package.line), message))
    };
    lock.packages.iter().filter_map(gap).collect()
}

fn known(mut knows: Capabilities, lock: &Lock<'_>, manifest: Option<&Pyproject>, project: Option<usize>) -> Capabilities {
    if lock.packages.is_empty() {
        return knows;
    }
    knows.directness = manifest::directness(manifest, project.map(|number| &lock.packages[number]));
    if !lock.has_edges {
        knows.edges = Told::No("the lockfile does not say which package needs which");
    }
    let by_roads = knows.edges.is_yes() && knows.directness.is_yes();
    if !lock.is_multi_use && !by_roads {
        knows.scopes = Told::No("the lockfile has no extras or groups that would say what a package is for");
    }
    knows
}

/// What the manifest is held against.
struct Reading<'r, 'a> {
    lock: &'r Lock<'a>,
    lockfile: &'r RelPath,
    command: Command,
    project: Option<usize>,
}

impl Reading<'_, '_> {
    /// Whether the lockfile was made for all that a list of the manifest asks for.
    fn covers(&self, purpose: &Purpose, manifest: &Pyproject) -> bool {
        let is_pdm = self.lock.created_by == "pdm";
        let is_own = self.project.is_some_and(|number| Some(&self.lock.packages[number].name) == manifest.name.as_ref());
        let is_listed = match purpose {
            // PDM calls what the project needs to run a group.
            Purpose::Runtime => !is_pdm || self.lock.groups.iter().any(|group| group.as_str() == "default"),
            Purpose::Extra(extra) => self.lock.extras.contains(extra),
            Purpose::Group(group) => self.lock.groups.contains(group),
        };
        (is_pdm || is_own || self.command.is_of_project) && is_listed
    }
}

fn entries<'a>(mut lock: Lock<'a>, files: &Files, manifests: &Manifests, project: Option<usize>) -> Vec<Entry<'a>> {
    let asked = manifests.own().map(|manifest| manifest::requires(manifest, &lock)).unwrap_or_default();
    let asked_keys: HashSet<&str> = asked.iter().map(|asked: &Requires<'a>| &*asked.key).collect();
    let unlocked = manifests.own().map(|manifest| manifest.unlocked.clone()).unwrap_or_default();
    let mut of_members = of_members(&lock, manifests);
    let keys: Vec<String> = (0..lock.packages.len()).map(|number| lock.key(number)).collect();
    let scopes: Vec<_> = lock.packages.iter().map(|package| package.scope).collect();
    let is_multi_use = lock.is_multi_use;
    let mut entries = Vec::with_capacity(lock.packages.len() + 1);
    for (number, (locked, key)) in std::mem::take(&mut lock.packages).into_iter().zip(keys).enumerate() {
        let name = locked.name.to_string();
        let is_fork = key != name;
        let mut provides = vec![(ScopeId::OUTERMOST, name.into())];
        provides.extend(is_fork.then(|| (ScopeId::OUTERMOST, key.into())));
        let package = Package { ecosystem: Ecosystem::Pypi, name: locked.name, version: locked.version, source: locked.source.source };
        // What a marker asks of extras and groups holds for an edge as well.
        let scope = |edge: &Edge<'_>| edge.target.filter(|_| is_multi_use).map_or(Scope::Runtime, |target| scopes[target]);
        // What the manifest asks for as well, it asks for at a line that a person wrote.
        let is_asked = |edge: &Edge<'_>| project == Some(number) && asked_keys.contains(&*edge.key);
        let edges = locked.edges.into_iter().filter(|edge| !is_asked(edge)).map(|edge| requires(files.path(), scope(&edge), edge));
        entries.push(Entry {
            root: project == Some(number),
            scope: Some(locked.scope).filter(|_| is_multi_use && !package.is_first_party()),
            artifacts: locked.source.artifacts,
            provides,
            requires: edges.chain(of_members.remove(&number).unwrap_or_default()).collect(),
            ..Entry::new(package, Location::new(files.path(), locked.line))
        });
    }
    match project {
        Some(number) => {
            entries[number].requires.extend(asked);
            entries[number].rare = Rare::unlocked(unlocked);
        }
        None if asked.is_empty() && unlocked.is_empty() => {}
        None => {
            entries.push(Entry { root: true, requires: asked, rare: Rare::unlocked(unlocked), ..without_package(files, manifests.own()) })
        }
    }
    entries
}

/// What first-party packages in other folders ask for, by number; each manifest counts once.
fn of_members<'a>(lock: &Lock<'a>, manifests: &Manifests) -> HashMap<usize, Vec<Requires<'a>>> {
    let mut read = HashSet::new();
    let members = lock.packages.iter().enumerate().filter_map(|(number, package)| Some((number, manifests.of(package)?)));
    members
        .filter(|(_, manifest)| read.insert(&manifest.path))
        .map(|(number, manifest)| (number, manifest::requires(manifest, lock)))
        .collect()
}

/// The project, where it is none of the packages.
fn without_package<'a>(files: &Files, manifest: Option<&Pyproject>) -> Entry<'a> {
    let folder = files.folder();
    let by_folder = || PackageName::of_root(Ecosystem::Pypi, if folder.is_root() { "project" } else { folder.file_name() });
    let name = manifest.and_then(|manifest| manifest.name.clone()).unwrap_or_else(by_folder);
    let source = PackageSource::FirstParty { folder: Some(folder.clone()) };
    Entry::new(Package { ecosystem: Ecosystem::Pypi, name, version: None, source }, Location::new(files.path(), 1))
}

/// An edge of the lockfile as the graph takes it.
fn requires<'a>(lockfile: &RelPath, scope: Scope, edge: Edge<'a>) -> Requires<'a> {
    Requires {
        requirement: edge.requirement,
        condition: edge.condition.map(Into::into),
        declared: Some(Location::new(lockfile, edge.line)),
        may_be_absent: edge.may_be_absent,
        every: edge.every,
        ..Requires::new(edge.key, scope)
    }
}
