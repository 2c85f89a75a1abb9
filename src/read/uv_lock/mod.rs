//! uv.lock, version 1 with any revision, and the `*.py.lock` of scripts.
//!
//! The lockfile tells packages, edges and purposes; the pyproject.toml files tell who wrote which
//! requirement on which line. It is made for all extras, groups and platforms at once, so several
//! versions of one name stand side by side (forks) and an edge says which it means. What is
//! first-party follows from the source of a package and never from its name alone.
//!
//! In reading order: sources, the lockfile, who is meant by what, the manifests with their settings, what
//! both sides do not agree on; then the entries.

mod comparison;
mod index;
mod lock;
mod manifests;
mod place;
mod script;
mod settings;
mod source;

use super::pyproject::{Purpose, Pyproject, condition};
use super::requirements_txt::allows;
use super::{Capabilities, Entry, Files, Format, FormatId, Parsed, Rare, ReadError, Requires, ScopeId, Told, Want};
use crate::model::{Artifact, Ecosystem, Location, Package, PackageName, PackageSource, RelPath, Scope};
use comparison::Comparison;
use hashbrown::HashSet;
use index::{Asked, Index};
use lock::{Edge, List, Lock, Locked, Requirement};
use manifests::Manifests;
use settings::Settings;

pub struct UvLock;

const FILE_NAME: &str = "uv.lock";
/// `uv lock --script tool.py` writes `tool.py.lock`.
const OF_SCRIPT: &str = ".py.lock";

impl Format for UvLock {
    fn id(&self) -> FormatId {
        "uv-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Pypi)
    }

    fn names(&self) -> &[&str] {
        &[FILE_NAME, "*.py.lock"]
    }

    fn claims(&self, path: &RelPath) -> bool {
        path.file_name() == FILE_NAME || script(path).is_some()
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[super::pyproject::FILE_NAME])
    }

    /// A script carries its requirements itself.
    fn named_after(&self, lockfile: &RelPath) -> Option<RelPath> {
        let stem = script(lockfile)?;
        lockfile.parent().join(&format!("{stem}.py")).ok()
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        match self.named_after(files.path()) {
            Some(script) => vec![Want::File(script)],
            None => Manifests::wanted(files),
        }
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("uv.lock holds every extra, group and platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let lock = Lock::read(files)?;
        let manifests = Manifests::read(files);
        let reading = Reading::new(&lock, &manifests, files.path());
        let mut knows = self.knows();
        if !lock.packages.is_empty() && !lock.packages.iter().any(|package| package.source.is_first_party()) && lock.asked.is_empty() {
            knows.directness = Told::No("the lockfile has no project and no requirements of a script");
        }
        let is_project = script(files.path()).is_none();
        Ok(Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Pypi),
            dialect: lock.dialect,
            knows,
            scopes: Vec::new(),
            entries: reading.entries()?,
            gaps: if is_project { manifests.gaps(&lock, files.path(), &reading.is_root) } else { manifests.gaps_of_script(files.path()) },
            disagreements: reading.disagreements(),
            flaws: None,
        })
    }
}

/// The script's name, when the path is a script's lockfile.
fn script(path: &RelPath) -> Option<&str> {
    path.file_name().strip_suffix(OF_SCRIPT).filter(|stem| !stem.is_empty())
}

/// The lockfile with all that its entries are made from.
struct Reading<'r, 'a> {
    lock: &'r Lock<'a>,
    manifests: &'r Manifests,
    lockfile: &'r RelPath,
    folder: RelPath,
    index: Index,
    /// By package.
    is_root: Vec<bool>,
}

impl<'r, 'a> Reading<'r, 'a> {
    fn new(lock: &'r Lock<'a>, manifests: &'r Manifests, lockfile: &'r RelPath) -> Self {
        let members: HashSet<&PackageName> = lock.members.iter().map(|(name, _)| name).collect();
        let is_root =
            |package: &Locked<'_>| package.source.is_project() || package.source.is_first_party() && members.contains(&package.name);
        let is_root = lock.packages.iter().map(is_root).collect();
        Reading { lock, manifests, lockfile, folder: lockfile.parent(), index: Index::new(lock), is_root }
    }

    fn entries(&self) -> Result<Vec<Entry<'a>>, ReadError> {
        let asked = Asked::new(self.lock, &self.index, &self.is_root);
        let own = (!self.lock.asked.is_empty()).then(|| self.without_package());
        let packages = (0..self.lock.packages.len()).map(|number| self.entry(number, &asked));
        Ok(own.into_iter().chain(packages).collect())
    }

    fn entry(&self, number: usize, asked: &Asked<'_, 'a>) -> Entry<'a> {
        let locked = &self.lock.packages[number];
        let manifest = self.manifests.of(locked).map(|manifest| &manifest.project);
        let mut entry = Entry::new(self.package(locked), Location::new(self.lockfile, locked.line));
        entry.root = self.is_root[number];
        entry.artifacts = artifacts(locked);
        entry.rare = Rare::unlocked(manifest.map(|manifest| manifest.unlocked.clone()).unwrap_or_default());
        entry.provides = self.index.keys(number).iter().map(|key| (ScopeId::OUTERMOST, key.clone().into())).collect();
        for list in &locked.lists {
            let scope = asked.scope(number, list);
            entry.requires.extend(list.edges.iter().map(|edge| self.requires(locked, list, edge, scope, manifest)));
        }
        entry
    }

    fn package(&self, locked: &Locked<'_>) -> Package {
        Package {
            ecosystem: Ecosystem::Pypi,
            name: locked.name.clone(),
            version: locked.version.clone(),
            source: locked.source.package_source(&self.folder),
        }
    }

    fn requires(&self, locked: &Locked<'a>, list: &List<'a>, edge: &Edge<'a>, scope: Scope, manifest: Option<&Pyproject>) -> Requires<'a> {
        let declared = manifest.and_then(|manifest| Some((manifest, manifests::declaration(manifest, &list.purpose, edge)?)));
        let requirement = declared.map(|(_, asked)| asked.requirement.wanted.clone()).filter(|text| !text.is_empty());
        let place = || Location::new(self.lockfile, edge.line);
        let of_first_party = locked.source.is_first_party();
        Requires {
            requirement: requirement.map(Into::into),
            condition: condition(list.purpose.list(), &edge.extras, edge.marker.as_deref()).map(Into::into),
            declared: declared.map(|(manifest, asked)| Location::new(&manifest.path, asked.line)).or_else(|| of_first_party.then(place)),
            ..Requires::new(edge.key.clone(), scope)
        }
    }

    /// The script, or the workspace whose root is no package: it asks for things itself.
    fn without_package(&self) -> Entry<'a> {
        let name = script(self.lockfile).unwrap_or("project");
        let package = Package {
            ecosystem: Ecosystem::Pypi,
            name: PackageName::of_root(Ecosystem::Pypi, name),
            version: None,
            source: PackageSource::FirstParty { folder: Some(self.folder.clone()) },
        };
        let line = self.lock.asked.first().map_or(1, |(_, requirement)| requirement.line);
        Entry {
            root: true,
            requires: self.lock.asked.iter().flat_map(|(purpose, asked)| self.asked_for(purpose, asked)).collect(),
            ..Entry::new(package, Location::new(self.lockfile, line))
        }
    }

    /// A requirement of `[manifest]` names no version: all forks that it allows are meant.
    fn asked_for(&self, purpose: &Purpose, asked: &Requirement<'a>) -> Vec<Requires<'a>> {
        let manifest = self.manifests.without_package().map(|manifest| &manifest.project);
        let line = manifest.and_then(|manifest| Some((&manifest.path, manifest.declaration(purpose, &asked.name, None)?.line)));
        let (file, line) = line.unwrap_or((self.lockfile, asked.line));
        let requires = |key: String| Requires {
            requirement: asked.specifier.clone(),
            condition: condition(purpose.list(), &asked.extras, asked.marker.as_deref()).map(Into::into),
            declared: Some(Location::new(file, line)),
            every: true,
            // What no environment needs is not locked.
            may_be_absent: asked.marker.is_some(),
            ..Requires::new(key, purpose.scope())
        };
        let name = asked.name.to_string();
        let forks = self.index.of(&name).iter().map(|&number| &self.lock.packages[number]);
        let allowed = |locked: &&Locked<'_>| match (&asked.specifier, &locked.version) {
            (Some(specifier), Some(version)) => allows(specifier, version),
            _ => true,
        };
        let keys: Vec<String> = forks.filter(allowed).map(Locked::full_key).collect();
        if keys.is_empty() { vec![requires(name)] } else { keys.into_iter().map(requires).collect() }
    }

    fn disagreements(&self) -> Vec<super::Disagreement> {
        let (none, root) = (Settings::default(), self.manifests.root());
        let settings = root.map_or(&none, |root| &root.settings);
        let comparison = Comparison { lock: self.lock, index: &self.index, lockfile: self.lockfile, root: settings };
        let mut found = self.manifests.about_members(self.lock, self.lockfile);
        found.extend(root.into_iter().flat_map(|root| comparison.of_settings(root)));
        found.extend(self.manifests.without_package().into_iter().flat_map(|manifest| comparison.of_no_package(manifest)));
        for package in &self.lock.packages {
            found.extend(self.manifests.of(package).into_iter().flat_map(|manifest| comparison.of_package(package, manifest)));
        }
        found
    }
}

/// The files of a package; where its source is one file, the lockfile does not repeat the address.
fn artifacts(locked: &Locked<'_>) -> Vec<Artifact> {
    let mut artifacts = locked.artifacts.clone();
    for artifact in &mut artifacts {
        artifact.url = artifact.url.take().or_else(|| locked.source.file());
    }
    artifacts.sort();
    artifacts.dedup();
    artifacts
}
