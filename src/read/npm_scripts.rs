//! Which packages may run scripts of their own when they are installed: pnpm (10 and later) and Bun let
//! those alone that the project names.

use super::Entry;
use crate::model::{Location, Package, Version};
use globset::{GlobBuilder, GlobMatcher};
use hashbrown::{HashMap, HashSet};

/// Patterns with a `*` at most: each is tried on each package.
const MOST_PATTERNS: usize = 1_000;

/// What a project allows.
#[derive(Default)]
pub struct Scripts<'s> {
    of_names: HashMap<&'s str, Versions<'s>>,
    patterns: Vec<(GlobMatcher, Location)>,
    /// All packages but those of some names.
    of_all: Option<(HashSet<&'s str>, Location)>,
}

/// The versions of a name that are allowed, and where it is said: a hostile project names thousands of
/// one name.
#[derive(Default)]
struct Versions<'s> {
    any: Option<Location>,
    these: HashMap<&'s str, Location>,
    first: Option<Location>,
}

impl<'s> Scripts<'s> {
    /// Allows `name`, `name@1.0.0 || 1.0.1` or a pattern of names.
    pub fn allow(&mut self, text: &'s str, place: Location) {
        let (name, versions) = match text.char_indices().skip(1).find(|(_, c)| *c == '@') {
            Some((at, _)) => (&text[..at], Some(text[at + 1..].split("||").map(str::trim))),
            None => (text, None),
        };
        if !name.contains('*') {
            self.of_names.entry(name).or_default().add(versions, place);
            return;
        }
        match GlobBuilder::new(name).build() {
            Ok(glob) if self.patterns.len() < MOST_PATTERNS => self.patterns.push((glob.compile_matcher(), place)),
            // What cannot be tried may be any.
            _ => self.allow_all_but(HashSet::new(), place),
        }
    }

    pub fn allow_all_but(&mut self, names: HashSet<&'s str>, place: Location) {
        self.of_all = Some((names, place));
    }

    /// Notes on each package where it is allowed.
    pub fn apply(&self, entries: &mut [Entry<'_>]) {
        for entry in entries.iter_mut().filter(|entry| !entry.package.is_first_party()) {
            if let Some(place) = self.place(&entry.package) {
                entry.rare.runs_scripts = Some(place.clone());
            }
        }
    }

    fn place(&self, package: &Package) -> Option<&Location> {
        let name = package.name.as_str();
        let named = self.of_names.get(name).and_then(|versions| versions.place(package.version.as_ref()));
        let fits = || self.patterns.iter().find(|(glob, _)| glob.is_match(name)).map(|(_, place)| place);
        let all = || self.of_all.as_ref().filter(|(but, _)| !but.contains(name)).map(|(_, place)| place);
        named.or_else(fits).or_else(all)
    }
}

impl<'s> Versions<'s> {
    /// Without versions any is allowed.
    fn add(&mut self, versions: Option<impl Iterator<Item = &'s str>>, place: Location) {
        self.first.get_or_insert_with(|| place.clone());
        match versions {
            None => self.any = self.any.take().or(Some(place)),
            Some(versions) => {
                for version in versions {
                    self.these.entry(version).or_insert_with(|| place.clone());
                }
            }
        }
    }

    /// Of a package without a version each may be meant.
    fn place(&self, version: Option<&Version>) -> Option<&Location> {
        match version {
            None => self.first.as_ref(),
            Some(version) => self.these.get(version.as_str()).or(self.any.as_ref()),
        }
    }
}
