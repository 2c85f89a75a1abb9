//! The globs with which a workspace names its members.

use crate::model::RelPath;
use globset::{GlobBuilder, GlobMatcher};
use hashbrown::HashSet;

/// Whether a folder, as seen from the workspace's own, fits a member pattern such as `crates/*`,
/// `./packages/**` or `apps/{web,api}`. A pattern that is no valid glob is compared as a plain path.
pub fn fits(pattern: &str, folder: &str) -> bool {
    Patterns::new([pattern]).fits(folder)
}

/// Member patterns, made ready once: building a glob costs more than all else here, and a hostile
/// workspace has thousands for thousands of folders.
#[derive(Default)]
pub struct Patterns {
    plain: HashSet<String>,
    /// Each with the text that a folder has to begin with.
    globs: Vec<(String, GlobMatcher)>,
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
                made.globs.push((begins.to_owned(), glob.compile_matcher()));
            }
        }
        made
    }

    /// Whether the folder fits any of them.
    pub fn fits(&self, folder: &str) -> bool {
        self.plain.contains(folder) || self.globs.iter().any(|(begins, glob)| folder.starts_with(&**begins) && glob.is_match(folder))
    }
}

/// A workspace's patterns, of which one after `!` takes folders out.
pub struct Workspace {
    with: Patterns,
    without: Patterns,
}

impl Workspace {
    pub fn new(patterns: &[&str]) -> Self {
        let (without, with): (Vec<&str>, Vec<&str>) = patterns.iter().partition(|pattern| pattern.starts_with('!'));
        Workspace { with: Patterns::new(with), without: Patterns::new(without.into_iter().map(|pattern| &pattern[1..])) }
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
    (!pattern.contains("**") && !pattern.contains('{')).then_some(rest)
}

fn plain(pattern: &str) -> &str {
    pattern.trim_start_matches("./").trim_end_matches('/')
}
