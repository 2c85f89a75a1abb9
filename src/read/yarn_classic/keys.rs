//! Which entry a requirement means: the one with exactly its `name@range`, after the project's
//! `resolutions`, else a folder or a workspace that fits.

use super::project::{Member, Project};
use super::syntax::Locked;
use crate::model::text::quoted;
use crate::model::{Ecosystem, RelPath, range};
use crate::read::{Files, Key, ReadError, npm};
use hashbrown::HashMap;
use std::borrow::Cow;

pub struct Keys<'l, 'a> {
    /// Every pattern of the lockfile, with the real name of its package.
    held: HashMap<&'l str, (&'l Cow<'a, str>, &'l str)>,
    /// `link:` and `file:` patterns by name and folder: a workspace writes the folder as seen from
    /// itself, the lockfile as seen from the project.
    local: HashMap<(&'l str, RelPath), &'l Cow<'a, str>>,
    members: HashMap<&'l str, &'l Member<'a>>,
    resolutions: Resolutions<'l>,
    folder: RelPath,
}

/// The project's `resolutions`, each as the pattern it leads to. The first of a kind counts.
#[derive(Default)]
struct Resolutions<'l> {
    /// `name` and `**/name`.
    everywhere: HashMap<&'l str, String>,
    /// `parent/name`, by both names.
    below: HashMap<(&'l str, &'l str), String>,
    /// `parent/**/name`. An edge does not know all that is above it.
    somewhere: HashMap<&'l str, String>,
}

/// `name@range` taken apart; a pattern without a range is a name.
pub fn parts(pattern: &str) -> (&str, &str) {
    match pattern.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (&pattern[..at], &pattern[at + 1..]),
        None => (pattern, ""),
    }
}

/// The folder (or file) of the repository that a local range names; `None` where it is outside.
pub fn local_path(range: &str, from: &RelPath) -> Option<RelPath> {
    let path = ["file:", "link:", "portal:"].iter().find_map(|prefix| range.strip_prefix(prefix)).unwrap_or(range);
    from.join(path).ok()
}

impl<'l, 'a> Keys<'l, 'a> {
    /// A pattern that stands in two headers is an error: which of the two is meant is not told.
    pub fn new(files: &Files, locked: &'l [Locked<'a>], project: &'l Project<'a>) -> Result<Self, ReadError> {
        let folder = files.folder();
        let mut held = HashMap::with_capacity(locked.len());
        let mut local = HashMap::new();
        for entry in locked {
            let malformed = |message: String| ReadError::malformed(files.path(), entry.line, message);
            let real_name = real_name(entry).map_err(malformed)?;
            for pattern in &entry.patterns {
                if pattern == "__metadata" {
                    return Err(malformed(
                        "`__metadata` is the head of a lockfile of Yarn 2 or later, in a spelling that none writes".into(),
                    ));
                }
                if held.insert(&**pattern, (pattern, real_name)).is_some() {
                    return Err(malformed(format!("{} stands twice in the lockfile", quoted(pattern))));
                }
                let (name, range) = parts(pattern);
                if let Some(path) = npm::is_local(range).then(|| local_path(range, &folder)).flatten() {
                    local.entry((name, path)).or_insert(pattern);
                }
            }
        }
        let mut members = HashMap::new();
        for member in &project.members {
            members.entry(member.name.as_str()).or_insert(member);
        }
        Ok(Keys { held, local, members, resolutions: Resolutions::read(project), folder })
    }

    /// What a package of the lockfile means by a dependency.
    pub fn of_package(&self, dependant: &str, name: &str, range: &str) -> Option<Key<'a>> {
        self.replaced(dependant, name).or_else(|| self.find(&self.folder, name, range))
    }

    /// What a manifest in `folder` means by a dependency. Yarn puts no resolution in the place of
    /// what the project asks for itself, but its range may be gone from an older lockfile.
    pub fn of_manifest(&self, folder: &RelPath, name: &str, range: &str) -> Option<Key<'a>> {
        self.find(folder, name, range).or_else(|| self.replaced("", name))
    }

    fn replaced(&self, dependant: &str, name: &str) -> Option<Key<'a>> {
        let resolutions = &self.resolutions;
        let pattern = resolutions.below.get(&(dependant, name)).or_else(|| resolutions.everywhere.get(name))?;
        self.pattern(pattern)
    }

    fn find(&self, folder: &RelPath, name: &str, range: &str) -> Option<Key<'a>> {
        self.pattern(&format!("{name}@{range}"))
            .or_else(|| self.local(folder, name, range))
            .or_else(|| self.member(name, range))
            .or_else(|| self.pattern(name))
            .or_else(|| self.pattern(self.resolutions.somewhere.get(name)?))
    }

    fn pattern(&self, pattern: &str) -> Option<Key<'a>> {
        self.held.get(pattern).map(|(key, _)| (*key).clone())
    }

    /// The real name of the package that provides a key, where that is an entry's.
    pub fn real_name(&self, key: &str) -> Option<&'l str> {
        self.held.get(key).map(|(_, name)| *name)
    }

    fn local(&self, folder: &RelPath, name: &str, range: &str) -> Option<Key<'a>> {
        let path = npm::is_local(range).then(|| local_path(range, folder)).flatten()?;
        self.local.get(&(name, path)).map(|key| (*key).clone())
    }

    /// The workspace of that name, when its version is in the range (`WorkspaceLayout` of Yarn).
    fn member(&self, name: &str, range: &str) -> Option<Key<'a>> {
        let member = self.members.get(name)?;
        let fits = matches!(range, "" | "*") || range::satisfies(Ecosystem::Npm, range, &member.version) == Some(true);
        fits.then(|| Cow::Owned(member.key()))
    }
}

/// The package's own name: an alias's target, whatever else the header holds (a resolution puts an
/// alias beside plain names); else the name of the patterns. The `name` field counts only for what
/// no registry is asked for: Yarn writes an alias into it as well.
pub fn real_name<'l>(locked: &'l Locked<'_>) -> Result<&'l str, String> {
    let each = || locked.patterns.iter().map(|pattern| parts(pattern));
    let aliased = each().filter_map(|(_, range)| npm::alias(range)).map(|(name, _)| name);
    let plain = each().filter(|(_, range)| npm::asks_registry(range) && npm::alias(range).is_none()).map(|(name, _)| name);
    if let Some(name) = the_one(aliased)? {
        return Ok(name);
    }
    if let Some(name) = the_one(plain)? {
        return Ok(name);
    }
    let stated = locked.name.as_ref().map(|name| &*name.text);
    Ok(stated.unwrap_or_else(|| parts(&locked.patterns[0]).0))
}

/// The name that all are.
fn the_one<'l>(mut names: impl Iterator<Item = &'l str>) -> Result<Option<&'l str>, String> {
    let Some(name) = names.next() else { return Ok(None) };
    match names.find(|other| *other != name) {
        Some(other) => Err(format!("the entry is of two packages, {} and {}", quoted(name), quoted(other))),
        None => Ok(Some(name)),
    }
}

impl<'l> Resolutions<'l> {
    fn read(project: &'l Project<'_>) -> Self {
        let mut resolutions = Resolutions::default();
        for (path, range) in project.root.iter().flat_map(|manifest| manifest.resolutions()) {
            let (parents, name) = last_name(path);
            let pattern = format!("{name}@{range}");
            let (above, parent) = last_name(parents);
            match parent {
                "" => resolutions.everywhere.entry(name).or_insert(pattern),
                "**" if above.is_empty() => resolutions.everywhere.entry(name).or_insert(pattern),
                "**" => resolutions.somewhere.entry(name).or_insert(pattern),
                parent => resolutions.below.entry((parent, name)).or_insert(pattern),
            };
        }
        resolutions
    }
}

/// The last name of a path of names, a scope counted to its name, and the path before it.
fn last_name(path: &str) -> (&str, &str) {
    let Some((before, name)) = path.rsplit_once('/') else { return ("", path) };
    let scope_at = before.rfind('/').map_or(0, |at| at + 1);
    if before[scope_at..].starts_with('@') { (before[..scope_at].trim_end_matches('/'), &path[scope_at..]) } else { (before, name) }
}
