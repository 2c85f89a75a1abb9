//! The pyproject.toml files of a lockfile's projects, or its script: which are there, and whose they are.

use super::index::first_party;
use super::lock::{Edge, Lock, Locked};
use super::script;
use super::settings::Settings;
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, PackageName, RelPath, SourceFile, Version};
use crate::read::pyproject::{Asked, FILE_NAME, Purpose, Pyproject, Workspace};
use crate::read::toml_file::TomlFile;
use crate::read::{Disagreement, Files, ReadError, Want, members};
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub(super) struct Manifests {
    by_folder: BTreeMap<RelPath, Manifest>,
    project: RelPath,
    /// Manifests that are there and could not be read.
    broken: Vec<Gap>,
}

pub(super) struct Manifest {
    pub project: Pyproject,
    pub settings: Settings,
}

impl Manifest {
    fn parse(file: &SourceFile) -> Result<Self, ReadError> {
        let is_script = file.path().file_name() != FILE_NAME;
        let block = if is_script { Some(script::block(file)?) } else { None };
        let toml = TomlFile::parse(block.as_ref().unwrap_or(file))?;
        let settings = Settings::read(&toml.root(), &file.path().parent())?;
        let project = if is_script { Pyproject::of_script(file.path(), &toml.root())? } else { Pyproject::parse(file)? };
        Ok(Manifest { project, settings })
    }
}

impl Manifests {
    /// The manifests beside every first-party package, and those of the workspace's folders.
    pub fn wanted(files: &Files) -> Vec<Want> {
        let project = files.folder();
        let folders = folders(files.lockfile.text()).into_iter().filter_map(|folder| project.join(folder).ok());
        let folders: BTreeSet<RelPath> = folders.chain([project.clone()]).collect();
        let mut wants: Vec<Want> = folders.iter().filter_map(|folder| folder.join(FILE_NAME).ok()).map(Want::File).collect();
        let root = project.join(FILE_NAME).ok().and_then(|path| files.companions.get(&path));
        let workspace = root.and_then(|file| Pyproject::parse(file).ok()?.workspace);
        for pattern in workspace.iter().flat_map(|workspace| &workspace.members) {
            if let Some((folder, pattern)) = members::from(&project, pattern) {
                wants.push(Want::Members { folder, pattern: pattern.into(), file_name: FILE_NAME });
            }
        }
        wants
    }

    /// Reads every manifest. One that cannot be read is a gap: the lockfile tells the most without it.
    pub fn read(files: &Files) -> Self {
        let mut manifests = Manifests { by_folder: BTreeMap::new(), project: files.folder(), broken: files.unread_manifests() };
        for file in files.companions.values() {
            match Manifest::parse(file) {
                Ok(manifest) => drop(manifests.by_folder.insert(file.path().parent(), manifest)),
                Err(error) => manifests.broken.push(error.into_gap()),
            }
        }
        manifests
    }

    /// The manifest of a first-party package, unless it is another project's by now.
    pub fn of(&self, package: &Locked<'_>) -> Option<&Manifest> {
        let manifest = self.by_folder.get(&package.source.folder(&self.project)?)?;
        (manifest.project.name.as_ref() == Some(&package.name)).then_some(manifest)
    }

    /// The manifests that are not there or could not be read. A folder that is no member may be a
    /// project of the older kind, without a pyproject.toml.
    pub fn gaps(&self, lock: &Lock<'_>, lockfile: &RelPath, is_root: &[bool]) -> Vec<Gap> {
        let broken: HashSet<RelPath> = self.broken.iter().map(|gap| gap.file.parent()).collect();
        let mut gaps = self.broken.clone();
        for (package, _) in lock.packages.iter().zip(is_root).filter(|(_, is_root)| **is_root) {
            let folder = package.source.folder(&self.project);
            if folder.is_some_and(|folder| self.by_folder.contains_key(&folder) || broken.contains(&folder)) {
                continue;
            }
            let name = quoted(package.name.as_str());
            gaps.push(Gap::at(
                GapKind::MissingCompanion,
                &Location::new(lockfile, package.line),
                format!("no pyproject.toml was found for the first-party package {name}: what it asks for is not compared"),
            ));
        }
        gaps
    }

    /// Members that the manifests have and the lockfile does not, and the other way round.
    pub fn about_members(&self, lock: &Lock<'_>, lockfile: &RelPath) -> Vec<Disagreement> {
        let locked = first_party(lock);
        let at = |location: Location, name: &PackageName, what: &str| Disagreement {
            location,
            message: format!("the package {} is {what}", quoted(name.as_str())),
        };
        let listed = lock.members.iter().filter(|(name, _)| !locked.contains(name));
        let mut found: Vec<Disagreement> = listed
            .map(|(name, line)| {
                at(Location::new(lockfile, *line), name, "named as a member, and the lockfile has no first-party package of that name")
            })
            .collect();
        let folders = self.root().and_then(|root| root.project.workspace.as_ref()).map(Workspace::folders);
        let is_listed = |folder: &RelPath| folders.as_ref().zip(folder.below(&self.project)).is_some_and(|(all, below)| all.has(below));
        let is_member = |folder: &RelPath| *folder == self.project || is_listed(folder);
        let own = self.by_folder.iter().filter(|(folder, _)| is_member(folder)).map(|(_, manifest)| &manifest.project);
        let missing = own.filter_map(|manifest| Some((manifest, manifest.name.as_ref()?))).filter(|(_, name)| !locked.contains(name));
        found.extend(missing.map(|(manifest, name)| at(Location::new(&manifest.path, 1), name, "not in the lockfile")));
        found
    }

    /// The manifest beside the lockfile: of the workspace's root, or the script.
    pub fn root(&self) -> Option<&Manifest> {
        self.by_folder.get(&self.project)
    }

    /// The manifest beside the lockfile, where it is that of no package.
    pub fn without_package(&self) -> Option<&Manifest> {
        self.root().filter(|manifest| manifest.project.name.is_none())
    }

    /// That the script is not there, or cannot be read.
    pub fn gaps_of_script(&self, lockfile: &RelPath) -> Vec<Gap> {
        let message = "no script was found beside its lockfile: what it asks for is not compared";
        let missing = self.root().is_none() && self.broken.is_empty();
        self.broken.iter().cloned().chain(missing.then(|| Gap::of_file(GapKind::MissingCompanion, lockfile, message))).collect()
    }
}

/// The line on which a person asked for what an edge leads to.
pub(super) fn declaration<'m>(manifest: &'m Pyproject, purpose: &Purpose, edge: &Edge<'_>) -> Option<&'m Asked> {
    let version = edge.version.as_deref().and_then(|version| Version::new(version).ok());
    manifest.declaration(purpose, &edge.name, version.as_ref())
}

/// More first-party folders than any workspace has; the manifests of further ones are missed by a gap.
const MOST_FOLDERS: usize = 20_000;

/// The folders that the lockfile's text names as first-party. It is looked for in the text, because
/// the files beside a lockfile are asked for before it is parsed; what is found too much is not there.
fn folders(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for word in ["editable", "virtual", "directory"] {
        for at in memchr::memmem::find_iter(text.as_bytes(), word) {
            let rest = text[at + word.len()..].trim_start_matches([' ', '\t', '"', '\'']);
            let Some(value) = rest.strip_prefix('=').map(|rest| rest.trim_start_matches([' ', '\t'])) else { continue };
            let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            if found.len() < MOST_FOLDERS {
                found.extend(value[1..].split([quote, '\n']).next());
            }
        }
    }
    found
}
