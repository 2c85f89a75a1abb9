//! The pyproject.toml beside the lockfile: what the project itself asks for, and where the two do not
//! agree.
//!
//! A pylock.toml may be made from anything. It is held against the manifest only where it is sure to
//! be the project's: the project is one of its packages, `uv export` wrote it as the head says, or PDM
//! did, which locks nothing else.

use super::Reading;
use super::lock::{Lock, Locked};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, PackageName, PackageSource, RelPath, Version};
use crate::read::pyproject::{Asked, FILE_NAME, Pyproject};
use crate::read::{Disagreement, Files, Requires, Told, Want, pyproject};
use std::collections::{BTreeMap, BTreeSet};

/// The manifests of the first-party packages, by folder.
pub(super) struct Manifests {
    by_folder: BTreeMap<RelPath, Pyproject>,
    project: RelPath,
}

impl Manifests {
    /// Those beside the lockfile and in every folder that it names.
    pub fn wanted(files: &Files) -> Vec<Want> {
        let project = files.folder();
        let folders = folders(files.lockfile.text()).into_iter().filter_map(|folder| project.join(folder).ok());
        let folders: BTreeSet<RelPath> = folders.chain([project.clone()]).collect();
        folders.iter().filter_map(|folder| folder.join(FILE_NAME).ok()).map(Want::File).collect()
    }

    /// One that cannot be read is a gap; one that is not there too, where the project is one of the
    /// packages.
    pub fn read(files: &Files, project: Option<&Locked<'_>>, gaps: &mut Vec<Gap>) -> Self {
        let mut manifests = Manifests { by_folder: BTreeMap::new(), project: files.folder() };
        let unread = files.unread_manifests();
        let mut broken: Vec<RelPath> = unread.iter().map(|gap| gap.file.parent()).collect();
        gaps.extend(unread);
        for file in files.companions.values() {
            match Pyproject::parse(file) {
                Ok(manifest) => drop(manifests.by_folder.insert(manifest.folder(), manifest)),
                Err(error) => {
                    broken.push(error.path.parent());
                    gaps.push(error.into_gap());
                }
            }
        }
        if let Some(project) = project.filter(|_| manifests.own().is_none() && !broken.contains(&manifests.project)) {
            let name = quoted(project.name.as_str());
            let message = format!("no {FILE_NAME} was found for the first-party package {name}: what it asks for is not compared");
            gaps.push(Gap::at(GapKind::MissingCompanion, &Location::new(files.path(), project.line), message));
        }
        manifests
    }

    /// The one beside the lockfile.
    pub fn own(&self) -> Option<&Pyproject> {
        self.by_folder.get(&self.project)
    }

    /// The one of a first-party package in another folder.
    pub fn of(&self, package: &Locked<'_>) -> Option<&Pyproject> {
        let PackageSource::FirstParty { folder: Some(folder) } = &package.source.source else { return None };
        self.by_folder.get(folder).filter(|manifest| *folder != self.project && manifest.name.as_ref() == Some(&package.name))
    }
}

/// More folders than any lockfile names; they are looked for in the text, because the files beside a
/// lockfile are asked for before it is parsed. What is found too much is not there.
const MOST_FOLDERS: usize = 10_000;

fn folders(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    if memchr::memmem::find(text.as_bytes(), b"directory").is_none() {
        return found;
    }
    for at in memchr::memmem::find_iter(text.as_bytes(), "path") {
        let Some(value) = text[at + "path".len()..].trim_start_matches([' ', '\t', '"']).strip_prefix('=') else { continue };
        let value = value.trim_start_matches([' ', '\t']);
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let path = value[1..].split([quote, '\n']).next().unwrap_or_default();
        if found.len() < MOST_FOLDERS && ![".whl", ".gz", ".zip"].iter().any(|end| path.ends_with(end)) {
            found.insert(path);
        }
    }
    found
}

/// Whether it is known what the project asks for itself.
pub(super) fn directness(manifest: Option<&Pyproject>, project: Option<&Locked<'_>>) -> Told {
    match manifest {
        _ if project.is_some_and(|project| project.says_edges) => Told::Yes,
        None => Told::No("what the project itself asks for stands in pyproject.toml, which was not read"),
        Some(manifest) if manifest.dynamic => Told::No("pyproject.toml leaves it to the build what the project asks for"),
        Some(manifest) if manifest.name.is_none() && manifest.asked.is_empty() => {
            Told::No("pyproject.toml does not say what the project asks for")
        }
        Some(_) => Told::Yes,
    }
}

/// What the project asks for of the packages that are there: all of a name that the requirement allows.
pub(super) fn requires<'a>(manifest: &Pyproject, lock: &Lock<'a>) -> Vec<Requires<'a>> {
    let mut requires = Vec::new();
    for asked in manifest.asked.iter().filter(|asked| manifest.name.as_ref() != Some(&asked.requirement.name)) {
        let forks = lock.forks(&asked.requirement.name);
        let allowed: Vec<usize> = forks.iter().copied().filter(|&number| is_allowed(asked, lock, number)).collect();
        let meant = if allowed.is_empty() { forks } else { &allowed };
        requires.extend(meant.iter().map(|&number| Requires {
            requirement: Some(asked.requirement.wanted.clone().into()).filter(|_| !asked.requirement.wanted.is_empty()),
            condition: condition(asked).map(Into::into),
            declared: Some(Location::new(&manifest.path, asked.line)),
            ..Requires::new(lock.key(number), asked.purpose.scope())
        }));
    }
    requires
}

fn is_allowed(asked: &Asked, lock: &Lock<'_>, number: usize) -> bool {
    lock.packages[number].version.as_ref().is_none_or(|version: &Version| asked.allows(version))
}

fn condition(asked: &Asked) -> Option<String> {
    pyproject::condition(asked.purpose.list(), &asked.requirement.extras, asked.requirement.marker.as_deref())
}

/// The requirements that the lockfile is sure to have been made for, and does not meet. One with a
/// marker may be absent, and what a tool's settings replace is not as asked for.
pub(super) fn disagreements(reading: &Reading<'_, '_>, manifest: &Pyproject) -> Vec<Disagreement> {
    let asked = manifest.asked.iter().filter(|asked| reading.covers(&asked.purpose, manifest));
    let compared = asked.filter(|asked| is_compared(&asked.requirement.name, manifest));
    compared.filter_map(|asked| Some((asked, unmet(reading, asked)?))).map(|(asked, message)| at(manifest, asked, message)).collect()
}

fn at(manifest: &Pyproject, asked: &Asked, message: String) -> Disagreement {
    Disagreement { location: Location::new(&manifest.path, asked.line), message }
}

fn is_compared(name: &PackageName, manifest: &Pyproject) -> bool {
    manifest.name.as_ref() != Some(name) && !manifest.replaced.contains(name)
}

fn unmet(reading: &Reading<'_, '_>, asked: &Asked) -> Option<String> {
    let forks = reading.lock.forks(&asked.requirement.name);
    let shown = quoted(&format!("{}{}", asked.requirement.name, asked.requirement.wanted));
    if forks.is_empty() {
        let excused = asked.requirement.marker.is_some() || reading.command.is_cut;
        return (!excused).then(|| format!("{shown} is asked for here and {} does not hold it", reading.lockfile));
    }
    if forks.iter().any(|&number| is_allowed(asked, reading.lock, number)) {
        return None;
    }
    let locked: Vec<String> =
        forks.iter().filter_map(|&number| Some(quoted(reading.lock.packages[number].version.as_ref()?.as_str()))).collect();
    Some(format!("{shown} is asked for here and {} locks {}", reading.lockfile, locked.join(", ")))
}
