//! The manifests of the project and its workspaces, and where they and the lockfile do not agree.
//!
//! The lockfile has an entry for each workspace with all it asks for. For what it asks (in
//! development, say), and where that is written, stands in the manifests alone.

use super::keys::Keys;
use super::locator::{self, quoted};
use super::lock::Locked;
use super::settings::{self, Settings};
use super::source::Resolved;
use crate::model::{Ecosystem, Gap, GapKind, Location, RelPath, Scope, Version, range};
use crate::read::package_json::{Declared, PackageJson};
use crate::read::package_lock::MANIFEST;
use crate::read::{Disagreement, Files, Want, members};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Patterns that are tried on folders which the lockfile does not know; past this none is.
const MOST_TRIES: usize = 100_000;

/// The manifests that were found, by folder.
pub struct Project<'a> {
    pub manifests: BTreeMap<RelPath, PackageJson<'a>>,
    pub gaps: Vec<Gap>,
}

/// What the project's own files name: settings, and the workspaces of every manifest that is known.
pub fn wanted(files: &Files) -> Vec<Want> {
    let folder = files.folder();
    let mut wanted: Vec<Want> = settings::places(&folder).into_iter().map(Want::File).collect();
    wanted.extend(folder.join(MANIFEST).ok().map(Want::File));
    for file in manifests(files) {
        let Ok(manifest) = PackageJson::parse(file) else { continue };
        let patterns = manifest.workspace_patterns().into_iter().filter(|pattern| !pattern.starts_with('!'));
        let from = patterns.filter_map(|pattern| members::from(&file.path().parent(), pattern));
        wanted.extend(from.map(|(folder, pattern)| Want::Members { folder, pattern: pattern.to_owned(), file_name: MANIFEST }));
    }
    wanted
}

fn manifests(files: &Files) -> impl Iterator<Item = &crate::model::SourceFile> {
    files.companions.values().filter(|file| file.path().file_name() == MANIFEST)
}

impl<'a> Project<'a> {
    pub fn read(files: &'a Files) -> Self {
        let mut project = Project { manifests: BTreeMap::new(), gaps: files.unread_manifests() };
        for file in manifests(files) {
            match PackageJson::parse(file) {
                Ok(manifest) => drop(project.manifests.insert(file.path().parent(), manifest)),
                Err(error) => project.gaps.push(error.into_gap()),
            }
        }
        project
    }

    /// Workspaces that the lockfile holds and no manifest was found for.
    pub fn missing(&self, workspaces: &[(Option<RelPath>, Location)]) -> Vec<Gap> {
        let unread: HashSet<RelPath> =
            self.gaps.iter().filter(|gap| gap.file.file_name() == MANIFEST).map(|gap| gap.file.parent()).collect();
        let is_missing = |folder: &RelPath| !self.manifests.contains_key(folder) && !unread.contains(folder);
        let missing = workspaces.iter().filter(|(folder, _)| folder.as_ref().is_none_or(is_missing));
        let gap = |(folder, place): &(Option<RelPath>, Location)| {
            let message = match folder {
                Some(folder) => format!("no package.json was found in the folder {}", quoted(&folder.to_string())),
                None => "the folder of a workspace lies outside of the repository".to_owned(),
            };
            Gap::at(GapKind::MissingCompanion, place, message)
        };
        missing.map(gap).collect()
    }

    /// Folders that a manifest's `workspaces` name, and the lockfile has no entry for. What is there
    /// for another reason (a linked folder) is `known` too.
    pub fn not_locked(&self, root: &RelPath, known: &HashSet<RelPath>) -> Vec<Disagreement> {
        let without: Vec<(&RelPath, &str)> = self
            .manifests
            .iter()
            .flat_map(|(folder, manifest)| {
                manifest.workspace_patterns().into_iter().filter_map(move |pattern| Some((folder, pattern.strip_prefix('!')?)))
            })
            .collect();
        let others: Vec<_> = self.manifests.iter().filter(|(folder, _)| !known.contains(*folder)).collect();
        // Each pattern is tried on each folder, and a hostile project has ten thousand of both.
        let too_many = others.len().saturating_mul(without.len()) > MOST_TRIES;
        let without = members::Climbing::new(without.into_iter().filter(|_| !too_many));
        let is_taken_out = |folder: &RelPath| without.fits(folder) || folder.segments().any(|segment| segment == ".yarn");
        let not_locked = others.into_iter().filter(|(folder, _)| too_many || !is_taken_out(folder));
        not_locked
            .map(|(folder, manifest)| {
                let what = if folder == root { "the project".to_owned() } else { format!("the workspace {}", quoted(&folder.to_string())) };
                Disagreement { location: manifest.location(1), message: format!("the lockfile has no entry of {what}") }
            })
            .collect()
    }
}

/// What a workspace's manifest asks for, each name once: development before optional before plain
/// (Yarn's `Manifest.load` and `WorkspaceResolver`). Peers are not resolved.
pub fn asked_by<'m, 'a>(manifest: &'m PackageJson<'a>) -> HashMap<&'m str, Declared<'m, 'a>> {
    let rank = |scope: Scope| [Scope::Runtime, Scope::Optional, Scope::Development].iter().position(|other| *other == scope);
    let mut asked: HashMap<&str, Declared<'_, 'a>> = HashMap::new();
    for declared in manifest.declared().into_iter().filter(|declared| declared.scope != Scope::Peer) {
        match asked.get(&**declared.name) {
            Some(other) if rank(other.scope) >= rank(declared.scope) => {}
            _ => drop(asked.insert(declared.name, declared)),
        }
    }
    asked
}

/// A workspace's manifest against its entry, both ways.
pub fn differences(
    manifest: &PackageJson<'_>,
    entry: &Locked<'_, '_>,
    name: &str,
    settings: &Settings,
    lockfile: &RelPath,
) -> Vec<Disagreement> {
    let with_protocol = |range: &str| format!("{}{range}", if locator::is_bare(range) { settings.default_protocol() } else { "" });
    let asked = asked_by(manifest);
    let locked: HashMap<&str, &str> = entry.asked().map(|(name, range)| (&*name.text, &*range.text)).collect();
    let mut found = Vec::new();
    for (name, declared) in &asked {
        let wanted = quoted(&format!("{name} {}", &**declared.spec));
        let message = match locked.get(name) {
            None => format!("{wanted} is asked for here, and the lockfile was made without it"),
            Some(range) if with_protocol(range) != with_protocol(declared.spec) => {
                format!("{wanted} is asked for here, and the lockfile was made for {}", quoted(range))
            }
            Some(_) => continue,
        };
        found.push(Disagreement { location: manifest.location(declared.line), message });
    }
    for (other, range) in entry.asked().filter(|(name, _)| !asked.contains_key(&*name.text)) {
        let wanted = quoted(&format!("{} {}", other.text, range.text));
        let message = format!("the lockfile was made for {wanted}, which package.json does not ask for");
        found.push(Disagreement { location: Location::new(lockfile, other.line), message });
    }
    if let Some(own) = manifest.name().filter(|own| &***own != name) {
        let message = format!("the project is called {} here, and {} in the lockfile", quoted(own), quoted(name));
        found.push(Disagreement { location: manifest.location(1), message });
    }
    found
}

/// What a workspace asks a registry for, and no entry meets.
pub fn not_held(asked: &Declared<'_, '_>, manifest: &PackageJson<'_>) -> Disagreement {
    let wanted = quoted(&format!("{} {}", &**asked.name, &**asked.spec));
    Disagreement {
        location: manifest.location(asked.line),
        message: format!("{wanted} is asked for here, and the lockfile does not hold it"),
    }
}

/// Where an entry's keys ask for another package, or a range that its version is not in. Yarn installs
/// it all the same, but for its hardened mode, which checks just this.
pub fn misled(entry: &Locked<'_, '_>, resolved: &Resolved, lockfile: &RelPath) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for descriptor in locator::descriptors(&entry.key.text) {
        let Some(below) = locator::below_patches(descriptor) else { continue };
        let Some((name, range)) = locator::asks_registry(&below).filter(|_| !resolved.is_workspace) else { continue };
        let version = resolved.version.as_deref().and_then(|version| Version::new(version).ok());
        let message = match version {
            _ if name != resolved.name => format!("{} is locked as another package, {}", quoted(descriptor), quoted(&resolved.name)),
            // Put in the registry's place by `yarn set resolution`; the source tells it.
            None => continue,
            Some(version) if is_range(range) && range::satisfies(Ecosystem::Npm, range, &version) == Some(false) => {
                format!("{} is locked at {version}, which the range does not allow", quoted(descriptor))
            }
            Some(_) => continue,
        };
        found.push(Disagreement { location: Location::new(lockfile, entry.key.line), message });
    }
    found
}

/// Whether a range is surely no tag.
fn is_range(range: &str) -> bool {
    let begins = |part: &str| part.trim_start().starts_with(|c: char| c.is_ascii_digit() || "^~<>=".contains(c));
    range.split("||").all(begins)
}

/// Whether all that a workspace asks for is looked up as this reader does it.
pub fn is_plain(keys: &Keys<'_>, range: &str) -> bool {
    !keys.settings().has_plugins && (locator::is_bare(range) || range.starts_with("npm:") || range.starts_with("catalog:"))
}
