//! What pip installs beside the lines of the file: what the folders that a line names ask for
//! themselves (`-e .`), and what extras bring.
//!
//! pip builds a folder to find out what it needs. Nothing is run here: the standard tables, Poetry's, those
//! of setup.cfg and the lists that a build is told to read are read; of a build that decides in another way
//! it is said whether that changed ([`super::built`]). A folder in which nothing says what it is leaves a
//! gap: what comes with it is not known.

use super::built;
use super::reading::{Reading, Written, manifest_of};
use super::requirement::Wanted;
use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, SourceFile};
use crate::read::build_requires::{self, Needed};
use crate::read::pyproject::{Purpose, Pyproject, tool};
use crate::read::toml_file::{Table, TomlFile};
use crate::read::{Files, ReadError, Unlocked, setup_cfg, setup_py};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What all folders need at most; lists can be named by many of them.
const MOST_NEEDS: usize = 100_000;

/// The files beside a folder that say what it needs, and those that they name, as far as the former are
/// there; for every folder that the text may mean.
pub(super) fn files_of(folder: &RelPath, files: &Files, project: &RelPath) -> Vec<RelPath> {
    let meanings = meanings(folder, project);
    meanings.iter().flat_map(|folder| own_files(folder).chain(built::files_of(folder, files))).collect()
}

/// What makes a folder a project.
fn own_files(folder: &RelPath) -> impl Iterator<Item = RelPath> {
    let of_setuptools = [setup_py::FILE_NAME, setup_cfg::FILE_NAME].into_iter().filter_map(|name| folder.join(name).ok());
    manifest_of(folder).into_iter().chain(of_setuptools.collect::<Vec<_>>())
}

/// Local paths count from where pip is run, and no file says where that is: the folder as it was taken, then
/// the same path from each folder around.
fn meanings(folder: &RelPath, project: &RelPath) -> Vec<RelPath> {
    let mut meanings = vec![folder.clone()];
    let Some(path) = folder.below(project) else { return meanings };
    let mut around = project.clone();
    while !around.is_root() {
        around = around.parent();
        meanings.extend(around.join(path));
    }
    meanings
}

/// All of it, and the gaps that files leave which cannot be read.
pub(super) fn of(reading: &Reading, files: &Files) -> (Vec<Unlocked>, Vec<Gap>) {
    let is_place = |written: &&Written| matches!(written.requirement.wanted, Wanted::Place(_));
    let listed: HashSet<&PackageName> = reading.written.iter().map(|written| &written.requirement.name).collect();
    let placed: HashSet<&PackageName> = reading.written.iter().filter(is_place).map(|written| &written.requirement.name).collect();
    // pip takes what an address has for the version that a line of that name asks for.
    let is_listed = |package: &Package| {
        let is_from_index = matches!(package.source, PackageSource::Registry { .. });
        if is_from_index { listed.contains(&package.name) } else { placed.contains(&package.name) }
    };
    let mut found = of_extras(reading);
    let mut gaps = Vec::new();
    for (named, Asked { name, extras, location }) in folders(reading) {
        let is_there = |path: &RelPath| files.companions.contains_key(path) || files.unreadable.contains_key(path);
        let Some(folder) = meanings(named, &reading.project).into_iter().find(|folder| own_files(folder).any(|path| is_there(&path)))
        else {
            let message =
                format!("no file says what {} needs: its folder has no pyproject.toml, setup.py or setup.cfg", quoted(name.as_str()));
            gaps.push(Gap::at(GapKind::UnknownRequirement, location, message));
            continue;
        };
        let beside = Beside { folder: &folder, name, files, reading, lists: RefCell::default() };
        gaps.extend(beside.too_many_files().map(|message| Gap::at(GapKind::UnknownRequirement, location, message)));
        match beside.needs(extras, &mut gaps) {
            Ok(needs) => found.extend(needs.into_iter().filter(|need| need.state.is_some() || !is_listed(&need.package))),
            Err(error) => gaps.push(error.into_gap()),
        }
        if found.len() > MOST_NEEDS {
            let message = format!("the folders named here need more than {MOST_NEEDS} packages, and no more of them are read");
            gaps.push(Gap::at(GapKind::UnknownRequirement, location, message));
            break;
        }
        for (path, reason) in own_files(&folder).filter_map(|path| files.unreadable.get_key_value(&path)) {
            gaps.push(Gap::of_file(GapKind::UnreadManifest, path, reason.clone()));
        }
    }
    (found, gaps)
}

/// A folder as lines ask for it: its name, all extras, and the first line.
struct Asked<'r> {
    name: &'r PackageName,
    extras: BTreeSet<PackageName>,
    location: &'r Location,
}

/// Each folder once.
fn folders(reading: &Reading) -> BTreeMap<&RelPath, Asked<'_>> {
    let mut folders: BTreeMap<&RelPath, Asked<'_>> = BTreeMap::new();
    for written in &reading.written {
        let Wanted::Place(place) = &written.requirement.wanted else { continue };
        let Some(folder) = place.folder() else { continue };
        let (name, location) = (&written.requirement.name, &written.location);
        let asked = folders.entry(folder).or_insert_with(|| Asked { name, extras: BTreeSet::new(), location });
        asked.extras.extend(written.requirement.extras.iter().filter_map(|extra| PackageName::new(Ecosystem::Pypi, extra).ok()));
    }
    folders
}

/// What an extra brings need not be listed, unless every file must have a hash.
fn of_extras(reading: &Reading) -> Vec<Unlocked> {
    let has_hashes = reading.settings.hashes_required || reading.written.iter().any(|written| !written.hashes.is_empty());
    let with_extras = reading.written.iter().filter(|written| !has_hashes && !written.requirement.extras.is_empty());
    let from_index = with_extras.filter(|written| !matches!(&written.requirement.wanted, Wanted::Place(place) if place.folder().is_some()));
    let each = from_index.flat_map(|written| written.requirement.extras.iter().map(move |extra| (written, extra)));
    each.map(|(written, extra)| {
        let name = &written.requirement.name;
        let message = format!("the extra {} of {} brings packages that need not be listed here", quoted(extra), quoted(name.as_str()));
        let unlocked = Needed::named(name).unlocked(written.location.clone(), "");
        Unlocked { state: Some(format!("extra {extra}").into()), message, ..unlocked }
    })
    .collect()
}

/// A folder with the files in it.
pub(super) struct Beside<'b> {
    pub folder: &'b RelPath,
    pub name: &'b PackageName,
    pub files: &'b Files,
    pub reading: &'b Reading,
    /// The lists that were read: each counts once, however often it is named.
    pub lists: RefCell<BTreeSet<RelPath>>,
}

impl Beside<'_> {
    fn needs(&self, extras: BTreeSet<PackageName>, gaps: &mut Vec<Gap>) -> Result<Vec<Unlocked>, ReadError> {
        let manifest = manifest_of(self.folder).and_then(|path| self.files.companions.get(&path));
        let Some(file) = manifest else { return Ok(self.of_setuptools(&extras, gaps)) };
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let standard = Pyproject::standard(file.path(), &root)?;
        let mut needs = standard.unlocked.clone();
        if standard.dynamic || root.get("project").is_none() {
            let by_poetry = tool(&root, "poetry")?.and_then(|poetry| poetry.table("dependencies").transpose()).transpose()?;
            needs.extend(by_poetry.as_ref().map_or(Ok(Vec::new()), |poetry| self.of_poetry(file, poetry))?);
            needs.extend(self.of_build(file, &root, &extras, by_poetry.is_some(), gaps));
        }
        needs.extend(self.of_lists(standard, extras));
        Ok(needs)
    }

    /// What the standard lists ask for; an extra may ask for others of its own project.
    fn of_lists(&self, standard: Pyproject, extras: BTreeSet<PackageName>) -> Vec<Unlocked> {
        let (mut waiting, mut seen): (Vec<PackageName>, _) = (extras.iter().cloned().collect(), extras);
        let own = standard.name.clone();
        let mut by_extra: BTreeMap<Option<PackageName>, Vec<_>> = BTreeMap::new();
        for asked in standard.asked.into_iter().filter(|asked| !matches!(asked.purpose, Purpose::Group(_))) {
            by_extra.entry(asked.purpose.extra().cloned()).or_default().push(asked);
        }
        let mut needs = Vec::new();
        let mut list = by_extra.remove(&None);
        loop {
            for asked in list.into_iter().flatten() {
                if Some(&asked.requirement.name) == own.as_ref() {
                    waiting.extend(asked.requirement.extras.into_iter().filter(|extra| seen.insert(extra.clone())));
                } else {
                    needs.push(self.need(Needed::of(asked.requirement), Location::new(&standard.path, asked.line)));
                }
            }
            let Some(extra) = waiting.pop() else { return needs };
            list = by_extra.remove(&Some(extra));
        }
    }

    fn of_poetry(&self, file: &SourceFile, dependencies: &Table<'_, '_>) -> Result<Vec<Unlocked>, ReadError> {
        let packages = dependencies.pairs().filter(|(name, ..)| *name != "python");
        packages
            .map(|(name, line, value)| Ok(self.need(build_requires::of_poetry(name, &value)?, Location::new(file.path(), line))))
            .collect()
    }

    /// A constraint that holds a name at one version says which will come.
    pub fn need(&self, needed: Needed, location: Location) -> Unlocked {
        let held = self.reading.held.get(needed.name()).and_then(|held| held.as_ref()).map(|held| held.version.clone());
        needed.at(held).unlocked(location, &format!("is needed by {}", quoted(self.name.as_str())))
    }
}
