//! What `.gitignore` files say, the one nearest to the path first (gitignore(5)). The user's own
//! excludes file does not count: the same work tree gives the same answer on every machine. Patterns
//! are git's own (gix's wildmatch); the `ignore` crate reads `{a,b}` and `[[:alpha:]]` differently, and
//! a pattern read too widely would hide a lockfile.

use super::disk;
use crate::edge::path_buffer::PathBuffer;
use crate::edge::snapshot::SnapshotError;
use gix::bstr::{BStr, ByteSlice};
use gix::glob::Pattern;
use gix::glob::pattern::Case;
use gix::glob::wildmatch::Mode;
use std::path::Path;
use std::rc::Rc;

/// Bytes of one `.gitignore` at most.
const MAX_BYTES: u64 = 4 << 20;

/// The patterns that hold in a folder: its own and those of the folders above. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Rules(Option<Rc<Node>>);

struct Node {
    patterns: Vec<Pattern>,
    /// Bytes of the path of the folder that the patterns stand in, with the `/` that follows.
    prefix: usize,
    above: Rules,
}

impl Rules {
    /// These rules and, before them, those of `file`, which stands in `folder`. A file that is not
    /// there, or is no regular file (git follows no symlink here either), adds none.
    pub(super) fn with(&self, file: &Path, folder: &PathBuffer) -> Result<Rules, SnapshotError> {
        let metadata = disk::metadata(file).map_err(disk::io_error(folder))?;
        if !metadata.is_some_and(|metadata| metadata.is_file()) {
            return Ok(self.clone());
        }
        let bytes = disk::read_file(file, &folder.to_rel_path(), MAX_BYTES)?;
        let prefix = if folder.raw().is_empty() { 0 } else { folder.raw().len() + 1 };
        Ok(Rules(Some(Rc::new(Node { patterns: parse(&bytes), prefix, above: self.clone() }))))
    }

    /// Whether the path itself is ignored; its parents were asked before.
    pub(super) fn ignore(&self, path: &PathBuffer, is_folder: bool) -> bool {
        let mut rules = self;
        while let Some(node) = &rules.0 {
            match node.last_match(path.raw()[node.prefix..].as_bstr(), is_folder) {
                Some(pattern) => return !pattern.is_negative(),
                None => rules = &node.above,
            }
        }
        false
    }
}

impl Node {
    /// Of the patterns that match, the last one decides.
    fn last_match(&self, path: &BStr, is_folder: bool) -> Option<&Pattern> {
        let name = path.rfind_byte(b'/').map(|slash| slash + 1);
        self.patterns
            .iter()
            .rev()
            .find(|pattern| pattern.matches_repo_relative_path(path, name, Some(is_folder), Case::Sensitive, Mode::NO_MATCH_SLASH_LITERAL))
    }
}

/// A line that is no pattern is passed by, as git does.
fn parse(bytes: &[u8]) -> Vec<Pattern> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = text.lines().filter(|line| !line.starts_with(b"#"));
    lines.filter_map(|line| Pattern::from_bytes(without_trailing_spaces(line))).collect()
}

/// Spaces at the end do not count, unless a backslash stands before them.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let (mut end, mut at) = (0, 0);
    while at < line.len() {
        match line[at] {
            b' ' => at += 1,
            b'\\' => {
                at += 2;
                end = at.min(line.len());
            }
            _ => {
                at += 1;
                end = at;
            }
        }
    }
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::{Node, Rules, parse};
    use gix::bstr::ByteSlice;

    #[test]
    fn patterns_are_those_of_git() {
        for (text, path, ignored) in [
            ("*.lock\r\n!a.lock\r\n", "a.lock", false),
            ("{a,b}", "a", false),
            ("[[:alpha:]]", "a", true),
            ("x  ", "x", true),
            ("x\\ ", "x ", true),
            ("\\#a\n#b", "#a", true),
            ("#b", "#b", false),
            ("/a", "b/a", false),
            ("a/**/b", "a/c/d/b", true),
            ("b/", "b", false),
        ] {
            let node = Node { patterns: parse(text.as_bytes()), prefix: 0, above: Rules::default() };
            let found = node.last_match(path.as_bytes().as_bstr(), false).is_some_and(|pattern| !pattern.is_negative());
            assert_eq!(found, ignored, "{text:?} {path:?}");
        }
    }

    #[test]
    fn a_hostile_pattern_does_not_take_forever() {
        let pattern = format!("{}b\n{}c", "*a".repeat(40), "**/a*".repeat(40));
        let node = Node { patterns: parse(pattern.as_bytes()), prefix: 0, above: Rules::default() };
        let path = format!("{}/{}", "a/".repeat(20), "a".repeat(250));
        assert!(node.last_match(path.as_bytes().as_bstr(), false).is_none());
    }
}
