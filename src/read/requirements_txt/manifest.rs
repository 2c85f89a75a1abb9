//! The files that people write and tools compile: `requirements.in`. They say what was asked for,
//! and on which line; the lockfile must hold it.

use super::line::LogicalLines;
use super::reading::Reading;
use super::requirement::{self, Requirement, Wanted};
use super::statement::Statement;
use super::walk::limit;
use crate::model::range::satisfies;
use crate::model::{Ecosystem, Gap, GapKind, Location, PackageName, RelPath, SourceFile, Version};
use crate::read::{Files, ReadError};
use hashbrown::HashMap;
use std::collections::BTreeSet;

const MOST_ASKED: usize = 500_000;

/// What all manifests ask for, by name, in the order of files and lines.
#[derive(Default)]
pub(super) struct Manifests {
    asked: Vec<Asked>,
    by_name: HashMap<PackageName, Vec<usize>>,
    /// Which file a note means: the file it stands in, and the path as noted.
    meant: HashMap<(RelPath, String), RelPath>,
}

/// A requirement that a person wrote.
pub(super) struct Asked {
    pub location: Location,
    pub requirement: Requirement,
}

impl Asked {
    pub fn specifiers(&self) -> &str {
        match &self.requirement.wanted {
            Wanted::Version { specifiers, .. } => specifiers,
            Wanted::Place(place) => &place.text,
        }
    }

    /// Whether a version is what was asked for; `true` where that cannot be judged.
    pub fn allows(&self, version: &Version) -> bool {
        let Wanted::Version { specifiers, .. } = &self.requirement.wanted else { return true };
        is_allowed(specifiers, version)
    }
}

/// Whether specifiers allow a version; `true` where that cannot be judged. `pep440_rs` misreads `<`
/// and `>` beside a pre- or post-release.
pub(super) fn is_allowed(specifiers: &str, version: &Version) -> bool {
    let exclusive =
        specifiers.split(',').map(str::trim).any(|clause| clause.starts_with(['<', '>']) && clause.as_bytes().get(1) != Some(&b'='));
    let plain = version.as_str().bytes().all(|b| b.is_ascii_digit() || b == b'.');
    specifiers.is_empty() || exclusive && !plain || satisfies(Ecosystem::Pypi, specifiers, version) != Some(false)
}

/// The manifests that a lockfile may have: those in its notes, and the file of the same stem.
pub(super) fn candidates(reading: &Reading) -> BTreeSet<RelPath> {
    let noted = reading.noted.iter().flat_map(|(file, path)| meanings(file, path));
    noted.chain(reading.installed.iter().filter_map(sibling)).collect()
}

/// A note's path counts from where the tool was run: the file's folder or one above.
fn meanings(file: &RelPath, path: &str) -> Vec<RelPath> {
    let mut folder = file.parent();
    let mut meanings = Vec::new();
    loop {
        meanings.extend(folder.join(path));
        if folder.is_root() {
            return meanings;
        }
        folder = folder.parent();
    }
}

/// `dev.in` beside `dev.txt`.
fn sibling(file: &RelPath) -> Option<RelPath> {
    let stem = file.file_name().strip_suffix(".txt").filter(|stem| !stem.is_empty())?;
    file.parent().join(&format!("{stem}.in")).ok()
}

/// `-e .` is no dependency of the project.
fn is_project(requirement: &Requirement, reading: &Reading) -> bool {
    matches!(&requirement.wanted, Wanted::Place(place) if place.folder() == Some(&reading.project))
}

impl Manifests {
    /// A manifest that is missing is no gap: many projects keep it elsewhere, or write by hand.
    pub fn read(files: &Files, reading: &mut Reading) -> Result<Self, ReadError> {
        let mut manifests = Manifests::default();
        let there = |path: &RelPath| path != files.path() && files.companions.contains_key(path);
        let mut paths: BTreeSet<RelPath> = reading.installed.iter().filter_map(sibling).filter(there).collect();
        for (file, noted) in &reading.noted {
            if let Some(path) = meanings(file, noted).into_iter().find(there) {
                manifests.meant.insert((file.clone(), noted.clone()), path.clone());
                paths.insert(path);
            }
        }
        for path in paths {
            manifests.take(&files.companions[&path], files, reading)?;
        }
        Ok(manifests)
    }

    /// Files that a manifest includes are not followed: notes name the file that a requirement
    /// stands in. What pip would refuse here is a gap: the lockfile stands on its own.
    fn take(&mut self, file: &SourceFile, files: &Files, reading: &mut Reading) -> Result<(), ReadError> {
        for line in LogicalLines::new(file.text()) {
            let read = line.and_then(|line| Ok((line.number, Statement::read(&line)?.0)));
            let (number, statement) = match read {
                Ok(read) => read,
                Err(bad) => {
                    let location = Location::new(file.path(), bad.number);
                    reading.gaps.push(Gap::at(
                        GapKind::MissingCompanion,
                        &location,
                        format!("the rest of this manifest was not read: {}", bad.kind),
                    ));
                    return Ok(());
                }
            };
            let Statement::Requirement(stated) = statement else { continue };
            let location = Location::new(file.path(), number);
            match reading.requirement(&stated, files) {
                Ok(requirement) if is_project(&requirement, reading) => {}
                Ok(requirement) => self.add(Asked { location, requirement })?,
                Err(requirement::Refusal::Syntax(message)) => reading.gaps.push(Gap::at(GapKind::MissingCompanion, &location, message)),
                Err(requirement::Refusal::Nameless(_)) => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, asked: Asked) -> Result<(), ReadError> {
        if self.asked.len() >= MOST_ASKED {
            return Err(limit(&asked.location, "requirements of manifests", MOST_ASKED));
        }
        self.by_name.entry(asked.requirement.name.clone()).or_default().push(self.asked.len());
        self.asked.push(asked);
        Ok(())
    }

    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    pub fn ask_for(&self, name: &PackageName) -> bool {
        self.by_name.contains_key(name)
    }

    /// Where a package was asked for: in the file that its note names if it is there, and on the
    /// line that allows its version if several ask for it.
    pub fn line_of(&self, name: &PackageName, version: Option<&Version>, note: Option<(&RelPath, &str)>) -> Option<&Asked> {
        let meant = note.and_then(|(file, path)| self.meant.get(&(file.clone(), path.to_owned())));
        // A handful of lines is what people write; a file with a million for one name gets one of them.
        let lines = || self.by_name.get(name).into_iter().flatten().take(16).map(|&index| &self.asked[index]);
        let fits = |asked: &&Asked| version.is_none_or(|version| asked.allows(version));
        let in_meant = |asked: &&Asked| meant.is_some_and(|meant| asked.location.file == *meant);
        let best = lines().filter(in_meant).find(fits).or_else(|| lines().find(in_meant));
        best.or_else(|| lines().find(fits)).or_else(|| lines().next())
    }
}
