//! The globs with which a workspace names its members.

use crate::model::RelPath;
use globset::GlobBuilder;

/// Whether a folder, as seen from the workspace's own, fits a member pattern such as `crates/*`,
/// `./packages/**` or `apps/{web,api}`. A pattern that is no valid glob is compared as a plain path.
pub fn fits(pattern: &str, folder: &str) -> bool {
    let pattern = plain(pattern);
    if pattern == folder {
        return true;
    }
    // Building a glob costs more than all else here, and a hostile workspace has thousands for
    // thousands of folders: those that begin otherwise need none.
    let begins = &pattern[..pattern.find(['*', '?', '[', ']', '{', '}', '\\']).unwrap_or(pattern.len())];
    if begins.len() == pattern.len() || !folder.starts_with(begins) {
        return false;
    }
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.is_ok_and(|glob| glob.compile_matcher().is_match(folder))
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
