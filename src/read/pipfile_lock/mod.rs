//! Pipfile.lock, `pipfile-spec` 6, as pipenv has written it since 2017.
//!
//! The lockfile holds packages by category and no edges: what a person asked for stands in the Pipfile
//! beside it, and of all other packages it is only known for which category they were locked. Each
//! entry comes from one of the sources in `_meta`, or from a place of its own.
//!
//! In reading order: the lockfile, places, the Pipfile and its digest, where the two do not agree;
//! then the entries.

mod digest;
mod disagreements;
mod lock;
mod pipfile;
mod place;

use super::json::Text;
use super::requirements_txt::pinned;
use super::{Capabilities, Entry, Files, Format, FormatId, Parsed, ReadError, Requires, ScopeId, Told, Want, pyproject};
use crate::model::text::quoted;
use crate::model::version::compare;
use crate::model::{
    Address, Artifact, Digest, Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope, Version,
};
use hashbrown::HashMap;
use lock::{DEFAULT, DEVELOP, Lock, Locked};
pub(super) use pipfile::categories;
use pipfile::{Asked, FILE_NAME, Pipfile, Wanted};
use place::Located;
use std::cmp::Ordering;

pub struct PipfileLock;

/// pipenv's lockfile.
pub const LOCKFILE: &str = "Pipfile.lock";

const EDGES: Told = Told::No("Pipfile.lock does not say which package needs which");

impl Format for PipfileLock {
    fn id(&self) -> FormatId {
        "pipfile-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Pypi)
    }

    fn names(&self) -> &[&str] {
        &[LOCKFILE]
    }

    fn claims(&self, path: &RelPath) -> bool {
        path.file_name() == LOCKFILE
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[FILE_NAME])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        files.folder().join(FILE_NAME).map(Want::File).into_iter().collect()
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: EDGES,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("Pipfile.lock holds every category and platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let lock = Lock::read(files)?;
        let mut gaps = files.unread_manifests();
        let reading = Reading::of(&lock, files, &mut gaps)?;
        let pipfile = pipfile(files, &lock, &mut gaps);
        let mut knows = self.knows();
        if pipfile.is_none() {
            knows.directness = Told::No("what the project itself asks for stands in the Pipfile, which was not read");
        }
        if let Some(pipfile) = &pipfile {
            gaps.extend(further_sources(pipfile, &lock));
        }
        Ok(Parsed {
            flaws: None,
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Pypi),
            dialect: lock.dialect(),
            knows,
            scopes: Vec::new(),
            disagreements: pipfile.as_ref().map(|pipfile| disagreements::all(&reading, pipfile)).unwrap_or_default(),
            entries: reading.entries(pipfile.as_ref()),
            gaps,
        })
    }
}

/// The Pipfile, or the gap that its absence leaves.
fn pipfile(files: &Files, lock: &Lock<'_>, gaps: &mut Vec<Gap>) -> Option<Pipfile> {
    let Some(file) = files.companions.values().next() else {
        if gaps.iter().all(|gap| gap.kind != GapKind::UnreadManifest) {
            let message = "no Pipfile was found beside the lockfile: Pipfile.lock does not say what the project itself asks for";
            gaps.push(Gap::of_file(GapKind::MissingCompanion, files.path(), message));
        }
        return None;
    };
    Pipfile::parse(file, lock).map_err(|error| gaps.push(error.into_gap())).ok()
}

/// With `install_search_all_sources` an entry that names no index may come from any.
fn further_sources(pipfile: &Pipfile, lock: &Lock<'_>) -> Vec<Gap> {
    let Some(line) = pipfile.searches_all else { return Vec::new() };
    let further = lock.meta.sources().iter().skip(1).map(|source| quoted(Address::new(&source.url).as_str()));
    let location = Location::new(&pipfile.path, line);
    let gap = |address| {
        Gap::at(GapKind::FurtherSource, &location, format!("any package may also come from {address} (install_search_all_sources)"))
    };
    further.map(gap).collect()
}

/// A package of a category.
struct Item<'l> {
    package: Package,
    locked: &'l Locked<'l>,
    category: &'l str,
    location: Location,
    artifacts: Vec<Artifact>,
}

/// The lockfile's packages, with what is looked up in them.
struct Reading<'l> {
    lockfile: &'l RelPath,
    project: RelPath,
    items: Vec<Item<'l>>,
    by_name: HashMap<(&'l str, PackageName), Vec<usize>>,
    /// Those that do not come from an index.
    elsewhere: Vec<usize>,
}

/// More packages from places than people name; further ones are found by their names alone.
const MOST_ELSEWHERE: usize = 200;
/// More packages of one name in a category than names are written in; each requirement means all.
const MOST_MEANT: usize = 16;

impl<'l> Reading<'l> {
    fn of(lock: &'l Lock<'l>, files: &'l Files, gaps: &mut Vec<Gap>) -> Result<Self, ReadError> {
        let mut reading =
            Reading { lockfile: files.path(), project: files.folder(), items: Vec::new(), by_name: HashMap::new(), elsewhere: Vec::new() };
        for (category, packages) in &lock.categories {
            for (name, locked) in packages.iter() {
                let item = item(lock, category, name, locked, &reading.project, gaps)?;
                let number = reading.items.len();
                reading.by_name.entry((&**category, item.package.name.clone())).or_default().push(number);
                let is_elsewhere = !matches!(item.package.source, PackageSource::Registry { .. });
                if is_elsewhere && reading.elsewhere.len() < MOST_ELSEWHERE {
                    reading.elsewhere.push(number);
                }
                reading.items.push(item);
            }
        }
        Ok(reading)
    }

    /// The packages that meet a requirement: those of its name in its category or in `default`, else
    /// one from the same place under another name.
    fn held_numbers(&self, asked: &Asked) -> Vec<usize> {
        let categories = || [Some(asked.category.as_str()), disagreements::also(&asked.category)].into_iter().flatten();
        let named = |category| self.by_name.get(&(category, asked.name.clone()));
        if let Some(numbers) = categories().find_map(named) {
            return numbers.iter().take(MOST_MEANT).copied().collect();
        }
        let Wanted::Place(wanted, _) = &asked.wanted else { return Vec::new() };
        let is_meant = |number: &&usize| {
            let item = &self.items[**number];
            categories().any(|category| category == item.category) && disagreements::is_same_place(wanted, &item.package.source)
        };
        self.elsewhere.iter().find(is_meant).copied().into_iter().collect()
    }

    fn held(&self, asked: &Asked) -> Vec<&Item<'l>> {
        self.held_numbers(asked).into_iter().map(|number| &self.items[number]).collect()
    }

    fn entries<'a>(self, pipfile: Option<&Pipfile>) -> Vec<Entry<'a>> {
        let location = Location::new(self.lockfile, 1);
        let mut root = Entry { root: true, ..Entry::new(self.root(), location) };
        let mut asked_for = vec![false; self.items.len()];
        for asked in pipfile.iter().flat_map(|pipfile| &pipfile.asked) {
            for number in self.held_numbers(asked) {
                asked_for[number] = true;
                root.requires.push(self.requires(asked, number, pipfile));
            }
        }
        let entry = |(number, item): (usize, Item<'l>)| Entry {
            scope: Some(scope(item.category)),
            artifacts: item.artifacts,
            provides: if asked_for[number] { vec![(ScopeId::OUTERMOST, key(number, &item.package).into())] } else { Vec::new() },
            ..Entry::new(item.package, item.location)
        };
        std::iter::once(root).chain(self.items.into_iter().enumerate().map(entry)).collect()
    }

    fn requires<'a>(&self, asked: &Asked, number: usize, pipfile: Option<&Pipfile>) -> Requires<'a> {
        let item = &self.items[number];
        Requires {
            requirement: Some(asked.text().to_owned().into()),
            condition: condition(asked, item.locked).map(Into::into),
            declared: pipfile.map(|pipfile| Location::new(&pipfile.path, asked.line)),
            ..Requires::new(key(number, &item.package), scope(&asked.category))
        }
    }

    /// The project. An entry for its own folder (`path = "."`) says its name.
    fn root(&self) -> Package {
        let source = PackageSource::FirstParty { folder: Some(self.project.clone()) };
        let by_folder = if self.project.is_root() { "project" } else { self.project.file_name() };
        let stated = self.elsewhere.iter().map(|&number| &self.items[number].package).find(|package| package.source == source);
        let name = stated.map_or_else(|| PackageName::of_root(Ecosystem::Pypi, by_folder), |package| package.name.clone());
        Package { ecosystem: Ecosystem::Pypi, name, version: None, source }
    }
}

/// The text by which the project requires an entry: no other entry has its number.
fn key(number: usize, package: &Package) -> String {
    format!("{} (no. {number})", package.name)
}

/// What a category is for. A custom one is installed by those who name it.
fn scope(category: &str) -> Scope {
    match category {
        DEFAULT => Scope::Runtime,
        DEVELOP => Scope::Development,
        _ => Scope::Optional,
    }
}

/// When a requirement applies: which extras are asked for, under which marker.
fn condition(asked: &Asked, locked: &Locked<'_>) -> Option<String> {
    let marker = locked.marker().or_else(|| asked.marker.clone());
    pyproject::condition(None, &asked.extras, marker.as_deref())
}

fn item<'l>(
    lock: &'l Lock<'l>,
    category: &'l str,
    name: &'l Text<'l>,
    locked: &'l Locked<'l>,
    project: &RelPath,
    gaps: &mut Vec<Gap>,
) -> Result<Item<'l>, ReadError> {
    let at = lock.anchor(name, locked);
    let location = lock.location(at);
    let package_name = PackageName::new(Ecosystem::Pypi, name).map_err(|error| lock.error(at, error.to_string()))?;
    let pinned = locked.version.as_deref().and_then(|version| pinned(version.trim()));
    let located = match locked.place().map_err(|message| lock.error(at, message))? {
        Some(written) => Some(place::read(written, &package_name, project).map_err(|message| lock.error(at, message))?),
        None => None,
    };
    if let Some(message) = located.as_ref().and_then(|located| contradiction(located, pinned.as_ref())) {
        return Err(lock.error(at, message));
    }
    let artifacts = artifacts(lock, locked, located.as_ref())?;
    let shown = quoted(package_name.as_str());
    let mut gap = |kind, message: String| gaps.push(Gap::at(kind, &location, message));
    let (version, source) = match located {
        Some(located) => {
            if located.is_loose {
                gap(GapKind::UnpinnedRequirement, loose(&shown, &located.source));
            }
            (pinned.or(located.version), located.source)
        }
        None => {
            if pinned.is_none() {
                gap(GapKind::UnpinnedRequirement, format!("{shown} is not pinned to one version"));
            }
            let registry = lock.meta.registry(locked.index.as_deref());
            if registry.is_none() {
                let index = quoted(locked.index.as_deref().unwrap_or_default());
                gap(GapKind::UnknownRequirement, format!("{shown} comes from the index {index}, and `_meta` has no source of that name"));
            }
            (pinned, registry.unwrap_or_else(PackageSource::default_registry))
        }
    };
    // A folder of the project's own gets its version from its build, as the project does.
    let version = version.filter(|_| !source.is_first_party());
    Ok(Item { package: Package { ecosystem: Ecosystem::Pypi, name: package_name, version, source }, locked, category, location, artifacts })
}

/// An archive whose name is of another version than the entry states.
fn contradiction(located: &Located, pinned: Option<&Version>) -> Option<String> {
    let (of_file, pinned) = (located.version.as_ref()?, pinned?);
    let differs = compare(Ecosystem::Pypi, of_file, pinned).is_some_and(|order| order != Ordering::Equal);
    differs.then(|| format!("the version is {}, and the file's name says {}", quoted(pinned.as_str()), quoted(of_file.as_str())))
}

fn loose(shown: &str, source: &PackageSource) -> String {
    match source {
        PackageSource::Git { .. } => format!("{shown} is not pinned to one commit"),
        _ => format!("{shown} lies outside of the repository, and its version is not known"),
    }
}

/// One artifact a hash: one of the files is installed.
fn artifacts(lock: &Lock<'_>, locked: &Locked<'_>, located: Option<&Located>) -> Result<Vec<Artifact>, ReadError> {
    let url = located.and_then(|located| match &located.source {
        PackageSource::Archive { url } => Some(url.clone()),
        _ => None,
    });
    let own = located.and_then(|located| located.digest);
    let mut artifacts = Vec::with_capacity(locked.hashes.as_ref().map_or(0, Vec::len) + 1);
    if url.is_some() || own.is_some() {
        artifacts.push(Artifact { url, digests: own.into_iter().collect() });
    }
    for hash in locked.hashes.iter().flatten() {
        let digest =
            Digest::from_prefixed_hex(hash).map_err(|error| lock.error(hash, format!("the hash {} is wrong: {error}", quoted(hash))))?;
        artifacts.push(Artifact { url: None, digests: vec![digest] });
    }
    artifacts.sort();
    artifacts.dedup();
    Ok(artifacts)
}
