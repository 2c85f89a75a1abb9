//! Which packages may run scripts of their own when they are installed: pnpm (10 and later) and Bun let
//! those alone that the project names.

use super::Entry;
use crate::model::{Location, Package};
use globset::{GlobBuilder, GlobMatcher};
use hashbrown::{HashMap, HashSet};

/// Patterns with a `*` at most: each is tried on each package.
const MOST_PATTERNS: usize = 1_000;

/// What a project allows.
#[derive(Default)]
pub struct Scripts<'s> {
    /// By name: the versions (any where there are none), and where it is said.
    of_names: HashMap<&'s str, Vec<(Vec<&'s str>, Location)>>,
    patterns: Vec<(GlobMatcher, Location)>,
    /// All packages but those of some names.
    of_all: Option<(HashSet<&'s str>, Location)>,
}

impl<'s> Scripts<'s> {
    /// Allows `name`, `name@1.0.0 || 1.0.1` or a pattern of names.
    pub fn allow(&mut self, text: &'s str, place: Location) {
        let (name, versions) = match text.char_indices().skip(1).find(|(_, c)| *c == '@') {
            Some((at, _)) => (&text[..at], text[at + 1..].split("||").map(str::trim).collect()),
            None => (text, Vec::new()),
        };
        if !name.contains('*') {
            self.of_names.entry(name).or_default().push((versions, place));
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
            entry.runs_scripts = self.place(&entry.package).cloned();
        }
    }

    fn place(&self, package: &Package) -> Option<&Location> {
        let name = package.name.as_str();
        // Of a package without a version each may be meant.
        let is_one = |versions: &[&str]| versions.is_empty() || package.version.as_ref().is_none_or(|it| versions.contains(&it.as_str()));
        let named = self.of_names.get(name).into_iter().flatten().find(|(versions, _)| is_one(versions)).map(|(_, place)| place);
        let fits = || self.patterns.iter().find(|(glob, _)| glob.is_match(name)).map(|(_, place)| place);
        let all = || self.of_all.as_ref().filter(|(but, _)| !but.contains(name)).map(|(_, place)| place);
        named.or_else(fits).or_else(all)
    }
}
