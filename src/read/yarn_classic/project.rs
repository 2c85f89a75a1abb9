//! The package.json files that belong to one yarn.lock: the project's and its workspaces'.
//!
//! yarn.lock lists what comes from elsewhere; who asks for it first, for which purpose, stands only
//! in the manifests.

use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Version};
use crate::read::package_json::PackageJson;
use crate::read::package_lock::MANIFEST;
use crate::read::{Disagreement, Files, Want, members};
use hashbrown::HashSet;

/// The manifests that were found.
pub struct Project<'a> {
    /// The project's own; `None` where it is missing or cannot be read.
    pub root: Option<PackageJson<'a>>,
    /// In the order of their paths.
    pub members: Vec<Member<'a>>,
    /// What is missing or could not be read.
    pub gaps: Vec<Gap>,
}

/// A workspace.
pub struct Member<'a> {
    pub folder: RelPath,
    pub manifest: PackageJson<'a>,
    pub name: String,
    pub version: Version,
}

/// The project's package.json, and once that is there the workspaces it names.
pub fn wanted(files: &Files) -> Vec<Want> {
    let folder = files.folder();
    let Ok(path) = folder.join(MANIFEST) else { return Vec::new() };
    let root = files.companions.get(&path).and_then(|file| PackageJson::parse(file).ok());
    let patterns = root.iter().flat_map(|root| root.workspace_patterns()).filter_map(|pattern| members::from(&folder, pattern));
    let workspaces = patterns.map(|(folder, pattern)| Want::Members { folder, pattern: pattern.to_owned(), file_name: MANIFEST });
    std::iter::once(Want::File(path.clone())).chain(workspaces).collect()
}

impl<'a> Project<'a> {
    pub fn read(files: &'a Files) -> Self {
        let mut project = Project { root: None, members: Vec::new(), gaps: files.unread_manifests() };
        for file in files.companions.values() {
            match PackageJson::parse(file) {
                Ok(manifest) if file.path().parent() == files.folder() => project.root = Some(manifest),
                Ok(manifest) => project.members.extend(Member::new(file.path().parent(), manifest)),
                Err(error) => project.gaps.push(error.into_gap()),
            }
        }
        if project.root.is_none() && project.gaps.is_empty() {
            let message = "no package.json was found beside the lockfile: yarn.lock does not say what the project itself asks for";
            project.gaps.push(Gap::of_file(GapKind::MissingCompanion, files.path(), message));
        }
        project
    }

    /// Two workspaces of one name, which Yarn refuses.
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let mut seen = HashSet::new();
        let again = self.members.iter().filter(|member| !seen.insert(member.name.as_str()));
        again
            .map(|member| Disagreement {
                location: member.manifest.location(1),
                message: format!("another workspace is called {} too", quoted(&member.name)),
            })
            .collect()
    }

    /// The project as a package, with its place.
    pub fn package(&self, files: &Files) -> (Package, Location) {
        let folder = files.folder();
        let name = self.root.as_ref().and_then(PackageJson::name).map_or(folder.file_name(), |name| &**name);
        let version = self.root.as_ref().and_then(|manifest| Version::new(manifest.version()?).ok());
        let name = PackageName::of_root(Ecosystem::Npm, name);
        (first_party(name, version, folder.clone()), Location::new(files.path(), 1))
    }
}

impl<'a> Member<'a> {
    /// `None` without a name or a version: Yarn passes over such a folder, and locks nothing for it.
    fn new(folder: RelPath, manifest: PackageJson<'a>) -> Option<Self> {
        let name = manifest.name()?.to_string();
        let version = Version::new(manifest.version()?).ok()?;
        Some(Member { folder, manifest, name, version })
    }

    pub fn package(&self) -> (Package, Location) {
        let name = PackageName::of_root(Ecosystem::Npm, &self.name);
        (first_party(name, Some(self.version.clone()), self.folder.clone()), self.manifest.location(1))
    }

    /// The key by which others mean this workspace.
    pub fn key(&self) -> String {
        format!("{}@workspace:{}", self.name, self.folder)
    }
}

fn first_party(name: PackageName, version: Option<Version>, folder: RelPath) -> Package {
    Package { ecosystem: Ecosystem::Npm, name, version, source: PackageSource::FirstParty { folder: Some(folder) } }
}
