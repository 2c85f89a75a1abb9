//! The pyproject.toml files of a lockfile's projects: the line of each direct requirement, and what
//! they and the lockfile do not agree on.

use super::index::{Index, first_party};
use super::lock::{Edge, Lock, Locked, Requirement};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, PackageName, RelPath, Version};
use crate::read::pyproject::{Asked, FILE_NAME, Purpose, Pyproject};
use crate::read::{Disagreement, Files, Want, members};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub(super) struct Manifests {
    by_folder: BTreeMap<RelPath, Pyproject>,
    project: RelPath,
    /// Manifests that are there and could not be read.
    broken: Vec<Gap>,
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
            match Pyproject::parse(file) {
                Ok(manifest) => drop(manifests.by_folder.insert(manifest.folder(), manifest)),
                Err(error) => manifests.broken.push(error.into_gap()),
            }
        }
        manifests
    }

    /// The manifest of a first-party package, unless it is another project's by now.
    pub fn of(&self, package: &Locked<'_>) -> Option<&Pyproject> {
        let manifest = self.by_folder.get(&package.source.folder(&self.project)?)?;
        (manifest.name.as_ref() == Some(&package.name)).then_some(manifest)
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
        let own = self.by_folder.values().filter(|manifest| self.is_member(manifest));
        let missing = own.filter_map(|manifest| Some((manifest, manifest.name.as_ref()?))).filter(|(_, name)| !locked.contains(name));
        found.extend(missing.map(|(manifest, name)| at(Location::new(&manifest.path, 1), name, "not in the lockfile")));
        found
    }

    /// The manifest beside the lockfile, where it is that of no package.
    pub fn without_package(&self) -> Option<&Pyproject> {
        self.by_folder.get(&self.project).filter(|manifest| manifest.name.is_none())
    }

    /// What a manifest without a package asks for in its groups, beside uv's copy of it.
    pub fn about_groups(&self, lock: &Lock<'_>, index: &Index, lockfile: &RelPath) -> Vec<Disagreement> {
        let Some(manifest) = self.without_package() else { return Vec::new() };
        let copied: HashSet<(&Purpose, &PackageName)> = lock.asked.iter().map(|(purpose, asked)| (purpose, &asked.name)).collect();
        let is_compared = |name: &PackageName| !lock.overridden.contains(name);
        let mut found = Vec::new();
        for asked in manifest.asked.iter().filter(|asked| asked.purpose != Purpose::Runtime && is_compared(&asked.requirement.name)) {
            let name = &asked.requirement.name;
            let at = |message| Disagreement { location: Location::new(&manifest.path, asked.line), message };
            if copied.contains(&(&asked.purpose, name)) {
                found.extend(other_version(lock, asked, index.of(name.as_str())).map(at));
            } else {
                found.push(at(format!("{} is asked for here, and the lockfile does not hold it for this folder", quoted(name.as_str()))));
            }
        }
        let gone = |(purpose, asked): &&(Purpose, Requirement<'_>)| manifest.declaration(purpose, &asked.name, None).is_none();
        found.extend(lock.asked.iter().filter(gone).map(|(_, asked)| Disagreement {
            location: Location::new(lockfile, asked.line),
            message: format!("the lockfile has {}, and {} does not ask for it", quoted(asked.name.as_str()), manifest.path),
        }));
        found
    }

    fn is_member(&self, manifest: &Pyproject) -> bool {
        let folder = manifest.folder();
        let workspace = self.by_folder.get(&self.project).and_then(|root| root.workspace.as_ref());
        folder == self.project || workspace.zip(folder.below(&self.project)).is_some_and(|(workspace, below)| workspace.has(below))
    }
}

/// The line on which a person asked for what an edge leads to.
pub(super) fn declaration<'m>(manifest: &'m Pyproject, purpose: &Purpose, edge: &Edge<'_>) -> Option<&'m Asked> {
    let version = edge.version.as_deref().and_then(|version| Version::new(version).ok());
    manifest.declaration(purpose, &edge.name, version.as_ref())
}

/// One first-party package beside its manifest.
pub(super) struct Comparison<'c, 'a> {
    pub lock: &'c Lock<'a>,
    pub index: &'c Index,
    pub package: &'c Locked<'a>,
    pub manifest: &'c Pyproject,
    pub lockfile: &'c RelPath,
}

impl Comparison<'_, '_> {
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let mut edges: HashMap<(&Purpose, &PackageName), Vec<&Edge<'_>>> = HashMap::new();
        for list in &self.package.lists {
            for edge in &list.edges {
                edges.entry((&list.purpose, &edge.name)).or_default().push(edge);
            }
        }
        let copied: HashSet<(Option<&PackageName>, &PackageName)> =
            self.package.metadata.iter().map(|(group, requirement)| (group.as_ref(), &requirement.name)).collect();
        let mut found = Vec::new();
        for asked in self.manifest.asked.iter().filter(|asked| self.is_compared(&asked.requirement.name)) {
            let key = (&asked.purpose, &asked.requirement.name);
            match edges.get(&key) {
                Some(edges) => {
                    let meant: Vec<usize> = edges.iter().take(16).flat_map(|edge| self.index.of(&edge.key)).copied().collect();
                    found.extend(other_version(self.lock, asked, &meant).map(|message| self.at(asked, message)));
                }
                // What no environment of the project needs stands in uv's copy alone.
                None if copied.contains(&(asked.purpose.group(), &asked.requirement.name)) => {}
                None => found.push(self.not_locked(asked)),
            }
        }
        if !self.manifest.dynamic {
            found.extend(self.no_longer_asked_for());
        }
        found
    }

    /// An override changes what is asked for, and a project may ask for its own extras.
    fn is_compared(&self, name: &PackageName) -> bool {
        *name != self.package.name && !self.lock.overridden.contains(name)
    }

    fn not_locked(&self, asked: &Asked) -> Disagreement {
        let (name, own) = (quoted(asked.requirement.name.as_str()), quoted(self.package.name.as_str()));
        self.at(asked, format!("{name} is asked for here, and the lockfile does not hold it for {own}"))
    }

    /// What the lockfile has for the package and its manifest does not ask for.
    fn no_longer_asked_for(&self) -> Vec<Disagreement> {
        let mut found = Vec::new();
        for list in &self.package.lists {
            for edge in list.edges.iter().filter(|edge| self.is_compared(&edge.name)) {
                if declaration(self.manifest, &list.purpose, edge).is_none() {
                    let (name, own) = (quoted(edge.name.as_str()), quoted(self.package.name.as_str()));
                    found.push(Disagreement {
                        location: Location::new(self.lockfile, edge.line),
                        message: format!("the lockfile has {name} for {own}, and {} does not ask for it", self.manifest.path),
                    });
                }
            }
        }
        found
    }

    fn at(&self, asked: &Asked, message: String) -> Disagreement {
        Disagreement { location: Location::new(&self.manifest.path, asked.line), message }
    }
}

/// That none of the locked packages has a version that was asked for.
fn other_version(lock: &Lock<'_>, asked: &Asked, meant: &[usize]) -> Option<String> {
    let versions: BTreeSet<&Version> = meant.iter().filter_map(|&number| lock.packages[number].version.as_ref()).collect();
    if versions.is_empty() || versions.iter().any(|version| asked.allows(version)) {
        return None;
    }
    let wanted = quoted(&format!("{}{}", asked.requirement.name, asked.requirement.wanted));
    let locked: Vec<String> = versions.iter().map(|version| quoted(version.as_str())).collect();
    Some(format!("{wanted} is asked for here, and the lockfile has {}", locked.join(", ")))
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
