//! The globs with which a workspace names its members.

use crate::model::RelPath;
use globset::{GlobBuilder, GlobMatcher};
use hashbrown::{HashMap, HashSet};

/// Member patterns such as `crates/*`, `./packages/**` or `apps/{web,api}`, made ready once: building a
/// glob costs more than all else here, and a hostile workspace has thousands for thousands of folders.
/// A pattern that is no valid glob is compared as a plain path.
#[derive(Default)]
pub struct Patterns {
    plain: HashSet<String>,
    globs: Vec<Pattern>,
}

/// A glob, with what is quicker to look at.
struct Pattern {
    /// The text that a folder has to begin with.
    begins: String,
    /// How many segments it has, where the glob allows one number only.
    segments: Option<usize>,
    glob: GlobMatcher,
}

impl Patterns {
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut made = Patterns::default();
        for pattern in patterns.into_iter().map(plain) {
            made.plain.insert(pattern.to_owned());
            let begins = &pattern[..pattern.find(['*', '?', '[', ']', '{', '}', '\\']).unwrap_or(pattern.len())];
            if begins.len() < pattern.len()
                && let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build()
            {
                let segments = (!has_any_depth(pattern)).then(|| pattern.split('/').count());
                made.globs.push(Pattern { begins: begins.to_owned(), segments, glob: glob.compile_matcher() });
            }
        }
        made
    }

    /// Whether the folder fits any of them.
    pub fn fits(&self, folder: &str) -> bool {
        let segments = folder.split('/').count();
        let fits = |pattern: &Pattern| {
            pattern.segments.is_none_or(|own| own == segments) && folder.starts_with(&*pattern.begins) && pattern.glob.is_match(folder)
        };
        self.plain.contains(folder) || self.globs.iter().any(fits)
    }
}

/// Patterns that may climb ([`from`]), by the folder from which each counts.
#[derive(Default)]
pub struct Climbing(HashMap<RelPath, Patterns>);

impl Climbing {
    /// Each with the folder whose file has it.
    pub fn new<'p>(patterns: impl IntoIterator<Item = (&'p RelPath, &'p str)>) -> Self {
        let mut by_folder: HashMap<RelPath, Vec<&str>> = HashMap::new();
        for (folder, pattern) in patterns.into_iter().filter_map(|(folder, pattern)| from(folder, pattern)) {
            by_folder.entry(folder).or_default().push(pattern);
        }
        Climbing(by_folder.into_iter().map(|(folder, patterns)| (folder, Patterns::new(patterns))).collect())
    }

    /// Whether the folder fits any of them; it is a path of the repository.
    pub fn fits(&self, folder: &RelPath) -> bool {
        around(folder).any(|from| self.0.get(&from).is_some_and(|patterns| folder.below(&from).is_some_and(|below| patterns.fits(below))))
    }
}

/// The folder itself and every folder around it, the nearest first.
pub fn around(folder: &RelPath) -> impl Iterator<Item = RelPath> + use<> {
    std::iter::successors(Some(folder.clone()), |folder| (!folder.is_root()).then(|| folder.parent()))
}

/// A workspace's patterns, of which one after `!` takes folders out.
pub struct Workspace {
    with: Patterns,
    without: Patterns,
}

impl Workspace {
    pub fn new(patterns: &[&str]) -> Self {
        let (without, with): (Vec<&str>, Vec<&str>) = patterns.iter().partition(|pattern| pattern.starts_with('!'));
        Workspace::of(with, without.into_iter().map(|pattern| &pattern[1..]))
    }

    pub fn of<'p>(with: impl IntoIterator<Item = &'p str>, without: impl IntoIterator<Item = &'p str>) -> Self {
        Workspace { with: Patterns::new(with), without: Patterns::new(without) }
    }

    pub fn has(&self, folder: &str) -> bool {
        self.with.fits(folder) && !self.without.fits(folder)
    }
}

/// A pattern that climbs (`../shared`) as one that counts from the folder it climbs to; `None` where
/// that is outside of the repository.
pub fn from<'p>(folder: &RelPath, pattern: &'p str) -> Option<(RelPath, &'p str)> {
    let (mut folder, mut pattern) = (folder.clone(), plain(pattern));
    while let Some(rest) = pattern.strip_prefix("../") {
        folder = folder.join("..").ok()?;
        pattern = plain(rest);
    }
    Some((folder, pattern))
}

/// The part of a pattern before its first segment with a wildcard: every match lies below it.
pub fn fixed_part(pattern: &str) -> String {
    let is_fixed = |segment: &&str| !segment.contains(['*', '?', '[', '{']);
    plain(pattern).split('/').take_while(is_fixed).collect::<Vec<_>>().join("/")
}

/// How many folders below the fixed part a match can lie; `None` for any number (`**`).
pub fn depth(pattern: &str) -> Option<usize> {
    let pattern = plain(pattern);
    let fixed = fixed_part(pattern);
    let rest = pattern.split('/').count() - if fixed.is_empty() { 0 } else { fixed.split('/').count() };
    (!has_any_depth(pattern)).then_some(rest)
}

/// Whether folders of different depths can fit. A class (`[…]`) stands for no `/`.
fn has_any_depth(pattern: &str) -> bool {
    pattern.contains("**") || pattern.contains('{')
}

fn plain(pattern: &str) -> &str {
    pattern.trim_start_matches("./").trim_end_matches('/')
}
