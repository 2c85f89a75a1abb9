//! What pip installs beside the lines of the file: what the folders that a line names ask for
//! themselves (`-e .`), and what extras bring.
//!
//! pip builds a folder to find out what it needs. Nothing is run here: the standard tables and Poetry's
//! are read; where the build says it, the files that it reads stand for what they may say.

use super::reading::{Reading, manifest_of};
use super::requirement::Wanted;
use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Location, PackageName, RelPath, SourceFile};
use crate::read::build_requires::{self, Needed};
use crate::read::pyproject::{Purpose, Pyproject, tool};
use crate::read::toml_file::{Table, TomlFile};
use crate::read::{Files, ReadError, Unlocked};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What setuptools reads where pyproject.toml does not say what a project needs.
const OF_SETUPTOOLS: [&str; 2] = ["setup.py", "setup.cfg"];

/// The files beside a folder that say what it needs.
pub(super) fn files_of(folder: &RelPath) -> impl Iterator<Item = RelPath> {
    manifest_of(folder).into_iter().chain(OF_SETUPTOOLS.into_iter().filter_map(|name| folder.join(name).ok()).collect::<Vec<_>>())
}

/// All of it, and the gaps that files leave which cannot be read.
pub(super) fn of(reading: &Reading, files: &Files) -> (Vec<Unlocked>, Vec<Gap>) {
    let listed: HashSet<&PackageName> = reading.written.iter().map(|written| &written.requirement.name).collect();
    let mut found = of_extras(reading);
    let mut gaps = Vec::new();
    for (folder, (name, extras)) in folders(reading) {
        let beside = Beside { folder, name, files, reading };
        match beside.needs(extras) {
            Ok(needs) => found.extend(needs.into_iter().filter(|need| need.state.is_some() || !listed.contains(&need.package.name))),
            Err(error) => gaps.push(error.into_gap()),
        }
        for (path, reason) in files_of(folder).filter_map(|path| files.unreadable.get_key_value(&path)) {
            gaps.push(Gap::of_file(GapKind::UnreadManifest, path, reason.clone()));
        }
    }
    (found, gaps)
}

/// Each folder once, with its name and all extras that lines ask of it.
fn folders(reading: &Reading) -> BTreeMap<&RelPath, (&PackageName, BTreeSet<PackageName>)> {
    let mut folders: BTreeMap<&RelPath, (&PackageName, BTreeSet<PackageName>)> = BTreeMap::new();
    for written in &reading.written {
        let Wanted::Place(place) = &written.requirement.wanted else { continue };
        let Some(folder) = place.folder() else { continue };
        let (_, extras) = folders.entry(folder).or_insert_with(|| (&written.requirement.name, BTreeSet::new()));
        extras.extend(written.requirement.extras.iter().filter_map(|extra| PackageName::new(Ecosystem::Pypi, extra).ok()));
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
struct Beside<'b> {
    folder: &'b RelPath,
    name: &'b PackageName,
    files: &'b Files,
    reading: &'b Reading,
}

impl Beside<'_> {
    fn needs(&self, extras: BTreeSet<PackageName>) -> Result<Vec<Unlocked>, ReadError> {
        let manifest = manifest_of(self.folder).and_then(|path| self.files.companions.get(&path));
        let Some(file) = manifest else { return Ok(self.of_setuptools()) };
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let standard = Pyproject::standard(file.path(), &root)?;
        let mut needs = standard.unlocked.clone();
        let by_poetry = tool(&root, "poetry")?.and_then(|poetry| poetry.table("dependencies").transpose()).transpose()?;
        match (root.get("project").is_some(), by_poetry) {
            (has_project, Some(poetry)) if !has_project || standard.dynamic => needs.extend(self.of_poetry(file, &poetry)?),
            (true, _) if !standard.dynamic => {}
            _ => needs.extend(self.of_setuptools()),
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
    fn need(&self, needed: Needed, location: Location) -> Unlocked {
        let held = self.reading.held.get(needed.name()).and_then(|held| held.as_ref()).map(|held| held.version.clone());
        needed.at(held).unlocked(location, &format!("is needed by {}", quoted(self.name.as_str())))
    }

    fn of_setuptools(&self) -> Vec<Unlocked> {
        let there = OF_SETUPTOOLS.iter().filter_map(|name| self.files.companions.get(&self.folder.join(name).ok()?));
        there
            .filter_map(|file| {
                let text = said_by_setuptools(file)?;
                let state = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let message =
                    format!("{} decides in its build what {} needs, and no lockfile holds that", file.path(), quoted(self.name.as_str()));
                let unlocked = Needed::named(self.name).unlocked(Location::new(file.path(), 1), "");
                Some(Unlocked { state: Some(state.into()), message, ..unlocked })
            })
            .collect()
    }
}

/// Of setup.cfg what is setuptools' own, `[options]` and the like; nothing where it has none of that.
fn said_by_setuptools(file: &SourceFile) -> Option<String> {
    if file.path().file_name() == "setup.py" {
        return Some(file.text().to_owned());
    }
    let mut is_own = false;
    let mut text = String::new();
    for line in file.text().lines() {
        is_own = if line.starts_with('[') { line.starts_with("[options") } else { is_own };
        if is_own {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    Some(text).filter(|text| !text.is_empty())
}
