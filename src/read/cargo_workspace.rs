//! The Cargo.toml files that belong to one Cargo.lock: the root's, its members', and those of path
//! dependencies, with what is inherited from the workspace filled in.

use super::cargo_lock_file::{Lock, Locked};
use super::cargo_lock_names::Names;
use super::cargo_manifest::{CargoManifest, Declared, Workspace};
use super::cargo_patches::Patches;
use super::cargo_place::shown_source;
use super::{Disagreement, Files, Want, members};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, RelPath, Scope};
use hashbrown::{HashMap, HashSet};

pub(super) struct Members {
    manifests: Vec<CargoManifest>,
    /// Package name to index.
    by_name: HashMap<String, usize>,
    workspace: Option<Workspace>,
    listed: Listed,
    folder: RelPath,
    /// The folders of the workspace's packages, the root's included.
    members: HashSet<RelPath>,
    /// Manifests that are there and could not be read.
    broken: Vec<Gap>,
    /// The root's.
    patches: Patches,
}

const FILE_NAME: &str = "Cargo.toml";

/// Packages of one name that a member needs and that each declaration is held against; people have three.
const MOST_VERSIONS: usize = 64;

impl Members {
    /// What else should be looked at, given what was found so far. A manifest that cannot be
    /// parsed wants nothing; `read` reports it.
    pub fn wanted(files: &Files) -> Vec<Want> {
        let folder = files.folder();
        let mut wants: Vec<Want> = folder.join(FILE_NAME).into_iter().map(Want::File).collect();
        for file in files.companions.values() {
            let Ok(manifest) = CargoManifest::parse(file) else { continue };
            if let Some(workspace) = manifest.workspace.as_ref().filter(|_| manifest.folder() == folder) {
                let patterns = workspace.members.iter().filter_map(|pattern| members::from(&folder, pattern));
                wants.extend(patterns.map(|(folder, pattern)| Want::Members { folder, pattern: pattern.into(), file_name: FILE_NAME }));
            }
            let paths = manifest.paths.iter().chain(&manifest.patches.folders);
            wants.extend(paths.filter_map(|path| manifest.folder().join(path).ok()?.join(FILE_NAME).ok()).map(Want::File));
        }
        wants
    }

    /// Reads every manifest. One that cannot be read is a gap: the lockfile tells packages and
    /// edges without it.
    pub fn read(files: &Files) -> Self {
        let mut members = Members {
            manifests: Vec::new(),
            by_name: HashMap::new(),
            workspace: None,
            listed: Listed::default(),
            folder: files.folder(),
            members: HashSet::new(),
            broken: files.unread_manifests(),
            patches: Patches::default(),
        };
        for file in files.companions.values() {
            match CargoManifest::parse(file) {
                Ok(manifest) => members.manifests.push(manifest),
                Err(error) => members.broken.push(error.into_gap()),
            }
        }
        if let Some(root) = members.manifests.iter_mut().find(|manifest| manifest.folder() == members.folder) {
            members.workspace = root.workspace.take();
            members.listed = members.workspace.as_ref().map(|workspace| Listed::new(workspace, &members.folder)).unwrap_or_default();
            members.patches = std::mem::take(&mut root.patches);
        }
        let declared = members.workspace.iter_mut().flat_map(|workspace| workspace.dependencies.drain(..));
        let declared: HashMap<String, Declared> = declared.map(|declared| (declared.key.clone(), declared)).collect();
        members.manifests.iter_mut().for_each(|manifest| manifest.inherit(&declared));
        members.members = members.closure();
        members.index();
        members
    }

    /// The root, what the workspace lists, and the path dependencies of those below the
    /// workspace's folder. Without a `[workspace]` table a path dependency is no member (The Cargo
    /// Book, "Workspaces", the members field).
    fn closure(&self) -> HashSet<RelPath> {
        let by_folder: HashMap<RelPath, &CargoManifest> = self.manifests.iter().map(|manifest| (manifest.folder(), manifest)).collect();
        let mut members = HashSet::new();
        let mut waiting: Vec<&CargoManifest> = self.manifests.iter().filter(|manifest| self.is_listed(manifest)).collect();
        while let Some(manifest) = waiting.pop() {
            let folder = manifest.folder();
            if !members.insert(folder.clone()) || self.workspace.is_none() {
                continue;
            }
            let paths = manifest.paths.iter().filter_map(|path| folder.join(path).ok());
            let below = paths.filter(|path| path.is_below(&self.folder) && !self.listed.excludes(path));
            waiting.extend(below.filter_map(|path| by_folder.get(&path)));
        }
        members
    }

    /// A package that is no member (excluded, patched in) may have a member's name; the member is meant.
    fn index(&mut self) {
        for (index, manifest) in self.manifests.iter().enumerate() {
            let Some(name) = &manifest.name else { continue };
            if self.has(manifest) {
                self.by_name.insert(name.clone(), index);
            } else {
                self.by_name.entry(name.clone()).or_insert(index);
            }
        }
    }

    /// Whether the manifest is that of a member, the root's included.
    pub fn has(&self, manifest: &CargoManifest) -> bool {
        self.members.contains(&manifest.folder())
    }

    /// Whether no manifest is there at all, not even one that cannot be read.
    pub fn is_empty(&self) -> bool {
        self.manifests.is_empty() && self.broken.is_empty()
    }

    pub fn of(&self, name: &str) -> Option<&CargoManifest> {
        self.by_name.get(name).map(|&index| &self.manifests[index])
    }

    /// The manifests that are not there or could not be read.
    pub fn gaps(&self, files: &Files) -> Vec<Gap> {
        let alone = self.is_empty().then(|| {
            let message = "no Cargo.toml was found beside the lockfile: what each dependency is for is not known";
            Gap::of_file(GapKind::MissingCompanion, files.path(), message)
        });
        self.broken.iter().cloned().chain(alone).collect()
    }

    /// What the manifest of a locked member asks for and the lockfile does not lock for it, and the
    /// other way round.
    pub fn disagreements<'l>(
        &self,
        manifest: &CargoManifest,
        member: &'l Locked<'_>,
        names: &Names<'l, '_>,
        lockfile: &RelPath,
    ) -> Vec<Disagreement> {
        let locked = names.dependencies_of(member);
        let is_member = self.has(manifest);
        // Development dependencies are locked for members alone.
        let asked = manifest.dependencies.iter().filter(|declared| is_member || declared.scope != Scope::Development);
        let missing = asked.filter_map(|declared| {
            let message = self.disagreement(declared, member, locked.get(&*declared.package).map_or(&[][..], Vec::as_slice))?;
            Some(Disagreement { location: Location::new(&manifest.path, declared.line), message })
        });
        missing.chain(no_longer_asked_for(manifest, member, lockfile)).collect()
    }

    /// What is wrong with the packages that the lockfile has for a declaration, if anything is: their
    /// versions, or where they come from.
    fn disagreement(&self, declared: &Declared, member: &Locked<'_>, locked: &[&Locked<'_>]) -> Option<String> {
        let wanted = match &declared.requirement {
            Some(requirement) => quoted(&format!("{} {requirement}", declared.package)),
            None => quoted(&declared.package),
        };
        if locked.is_empty() {
            let (package, member) = (quoted(&declared.package), quoted(&member.name));
            return Some(format!("{package} is asked for here, and the lockfile does not hold it for {member}"));
        }
        let locked = &locked[..locked.len().min(MOST_VERSIONS)];
        let mut fit = locked.iter().filter(|locked| declared.is_satisfied_by(&locked.version) != Some(false)).peekable();
        let Some(first) = fit.peek().copied() else {
            let versions: Vec<&str> = locked.iter().map(|locked| &*locked.version).collect();
            return Some(format!("{wanted} is asked for here, and the lockfile has {}", versions.join(", ")));
        };
        let is_there = |source: Option<&str>| declared.place.is(source) || self.patches.bring(&declared.package, &declared.place, source);
        (!fit.any(|locked| is_there(locked.source.as_deref()))).then(|| {
            let (place, has) = (declared.place.shown(), shown_source(first.source.as_deref()));
            format!("{wanted} of {place} is asked for here, and the lockfile has it from {has}")
        })
    }

    /// What the lockfile knows of `[patch]` and `[replace]` and the root's manifest does not, and the
    /// other way round. Of a root that cannot be read nothing is known, and a gap says so.
    pub fn replaced(&self, lock: &Lock<'_>, names: &Names<'_, '_>, lockfile: &RelPath) -> Vec<Disagreement> {
        let Some(root) = self.manifests.iter().find(|manifest| manifest.folder() == self.folder) else { return Vec::new() };
        let unasked = lock.packages.iter().filter(|locked| locked.replace.is_some() && !self.replaces(locked)).map(|locked| {
            let (package, path) = (quoted(&format!("{} {}", locked.name, locked.version)), &root.path);
            let message = format!("the lockfile replaces {package} by another package, and no `[replace]` of {path} asks for that");
            Disagreement { location: Location::new(lockfile, locked.line), message }
        });
        self.patches.disagreements(lock, names, &root.path).into_iter().chain(unasked).collect()
    }

    /// Whether another package stands in for this one: where the root's manifest says so too, and the
    /// other has its name and version. Else it is what cargo installs, whatever the lockfile says.
    pub fn replaces(&self, locked: &Locked<'_>) -> bool {
        let Some(by) = &locked.replace else { return false };
        let own = format!("{} {}", locked.name, locked.version);
        by.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with(" (")) && self.patches.replace(locked)
    }

    /// Members whose manifests are there and which the lockfile does not know.
    pub fn unlocked(&self, names: &Names<'_, '_>) -> Vec<Disagreement> {
        let members = self.manifests.iter().filter(|manifest| self.is_listed(manifest));
        let missing =
            members.filter_map(|manifest| Some((manifest, manifest.name.as_deref()?))).filter(|(_, name)| !names.has_first_party(name));
        missing
            .map(|(manifest, name)| Disagreement {
                location: Location::new(&manifest.path, 1),
                message: format!("the package {} is not in the lockfile", quoted(name)),
            })
            .collect()
    }

    /// Whether a manifest is the root's or listed by the workspace's `members` and not excluded.
    fn is_listed(&self, manifest: &CargoManifest) -> bool {
        let folder = manifest.folder();
        folder == self.folder || !self.listed.excludes(&folder) && self.listed.members.fits(&folder)
    }
}

/// What the workspace lists, made ready once.
#[derive(Default)]
struct Listed {
    members: members::Climbing,
    /// What `members` and `exclude` name by a plain path.
    named: HashSet<RelPath>,
    excluded: HashSet<RelPath>,
}

impl Listed {
    fn new(workspace: &Workspace, folder: &RelPath) -> Self {
        let paths = |paths: &[String]| paths.iter().filter_map(|path| folder.join(path).ok()).collect();
        Listed {
            members: members::Climbing::new(workspace.members.iter().map(|pattern| (folder, &**pattern))),
            named: paths(&workspace.members),
            excluded: paths(&workspace.exclude),
        }
    }

    /// Whether the workspace leaves a folder out. What `members` names by a plain path stays in.
    fn excludes(&self, folder: &RelPath) -> bool {
        let has = |paths: &HashSet<RelPath>| !paths.is_empty() && members::around(folder).any(|around| paths.contains(&around));
        has(&self.excluded) && !has(&self.named)
    }
}

/// What the lockfile locks for a member and its manifest does not ask for.
fn no_longer_asked_for(manifest: &CargoManifest, member: &Locked<'_>, lockfile: &RelPath) -> Vec<Disagreement> {
    if manifest.unexplained {
        return Vec::new();
    }
    let asked: HashSet<&str> = manifest.dependencies.iter().map(|declared| &*declared.package).collect();
    let names = member.dependencies.iter().filter_map(|text| text.split(' ').next());
    let gone = names.filter(|name| !asked.contains(*name));
    gone.map(|name| Disagreement {
        location: Location::new(lockfile, member.line),
        message: format!("the lockfile has {} for {}, and {} does not ask for it", quoted(name), quoted(&member.name), manifest.path),
    })
    .collect()
}
