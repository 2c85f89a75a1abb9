//! Files as bytes became text, paths inside a repository, and places in files.
//! Every line number of the program comes from [`Lines`].

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::sync::Arc;

/// A path inside the repository: relative, `/` between segments, no empty, `.` or `..` segment.
/// The empty path is the repository's top folder. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Arc<str>);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PathError {
    #[error("the path is absolute")]
    Absolute,
    #[error("the path leaves the repository")]
    Outside,
    #[error("the path holds a NUL character")]
    Nul,
}

impl RelPath {
    pub fn root() -> Self {
        RelPath("".into())
    }

    /// A path in normal form; `.` and `..` segments are resolved, a `..` over the top is an error.
    pub fn new(path: &str) -> Result<Self, PathError> {
        RelPath::root().join(path)
    }

    /// `path`, read as relative to this folder.
    pub fn join(&self, path: &str) -> Result<Self, PathError> {
        if path.starts_with('/') {
            return Err(PathError::Absolute);
        }
        if path.contains('\0') {
            return Err(PathError::Nul);
        }
        let mut segments: Vec<&str> = self.segments().collect();
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop().ok_or(PathError::Outside)?;
                }
                name => segments.push(name),
            }
        }
        Ok(RelPath(segments.join("/").into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// The last segment; empty for the top folder.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The folder that holds this path; the top folder holds itself.
    pub fn parent(&self) -> RelPath {
        RelPath(self.0.rsplit_once('/').map_or("", |(folder, _)| folder).into())
    }

    /// Whether this path is `folder` or lies below it; whole segments count.
    pub fn is_below(&self, folder: &RelPath) -> bool {
        folder.is_root() || self.0.strip_prefix(&*folder.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The path as seen from `folder`, when it lies below it.
    pub fn below(&self, folder: &RelPath) -> Option<&str> {
        self.is_below(folder).then(|| self.0[folder.0.len()..].trim_start_matches('/'))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// A place in a file of the repository. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    pub file: RelPath,
    pub line: u32,
}

impl Location {
    pub fn new(file: &RelPath, line: u32) -> Self {
        Location { file: file.clone(), line }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A file's text and where it lies. A byte-order mark is taken off; the text is valid UTF-8.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: RelPath,
    text: String,
}

/// Why bytes are not a text file. `line` is where the first offending byte stands.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    #[error("the file is not text: it holds a NUL byte")]
    Nul { line: u32 },
    #[error("the file is not valid UTF-8")]
    NotUtf8 { line: u32 },
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
}

impl TextError {
    pub fn line(&self) -> u32 {
        match self {
            TextError::Nul { line } | TextError::NotUtf8 { line } => *line,
            TextError::Utf16 => 1,
        }
    }
}

impl SourceFile {
    pub fn new(path: RelPath, mut bytes: Vec<u8>) -> Result<Self, TextError> {
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(TextError::Utf16);
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        if let Some(at) = memchr::memchr(0, &bytes) {
            return Err(TextError::Nul { line: line_of(&bytes, at) });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(SourceFile { path, text }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Err(TextError::NotUtf8 { line: line_of(error.as_bytes(), at) })
            }
        }
    }

    pub fn path(&self) -> &RelPath {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

fn line_of(bytes: &[u8], offset: usize) -> u32 {
    1 + ended(&bytes[..offset.min(bytes.len())])
}

/// Turns byte offsets of one text into line numbers. Readers mostly ask for one place after the other, so it counts on
/// from the last one; for a place elsewhere it knows how many lines end before each block of the text.
pub struct Lines<'t> {
    text: &'t [u8],
    /// The offset that was asked for last, and its line.
    last: Cell<(usize, u32)>,
    before: OnceCell<Vec<u32>>,
}

/// Bytes between two places whose lines are known.
const BLOCK: usize = 512;

/// Bytes that are counted on from the last place.
const NEAR: usize = 4 * BLOCK;

impl<'t> Lines<'t> {
    /// Texts are bounded below 4 GiB by the reader's size limit.
    pub fn new(text: &'t str) -> Self {
        Lines { text: text.as_bytes(), last: Cell::new((0, 1)), before: OnceCell::new() }
    }

    /// The line, from 1, that holds the byte at `offset`; past the end it is the last line.
    pub fn line(&self, offset: usize) -> u32 {
        let offset = offset.min(self.text.len());
        let (last, line) = self.last.get();
        let is_near = (last..=last + NEAR).contains(&offset);
        let (from, line) = if is_near { (last, line) } else { self.block_of(offset) };
        let line = line + ended(&self.text[from..offset]);
        self.last.set((offset, line));
        line
    }

    /// Where the block of an offset begins, and the line there.
    fn block_of(&self, offset: usize) -> (usize, u32) {
        let before = self.before.get_or_init(|| {
            let mut line = 1;
            let blocks = self.text.chunks(BLOCK).map(|block| {
                let begins = line;
                line += ended(block);
                begins
            });
            blocks.collect()
        });
        let block = (offset / BLOCK).min(before.len().saturating_sub(1));
        (block * BLOCK, before.get(block).copied().unwrap_or(1))
    }
}

/// How many lines end in a part of a text.
fn ended(part: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', part).count() as u32
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Lines, NEAR, line_of};
    use proptest::prelude::*;

    proptest! {
        /// Whatever was asked before, near or far, forwards or backwards.
        #[test]
        fn lines_are_counted_from_anywhere(
            lengths in prop::collection::vec(0..300_usize, 0..80),
            offsets in prop::collection::vec(0..3 * (NEAR + BLOCK), 1..40),
        ) {
            let text: String = lengths.iter().map(|&length| "x".repeat(length) + "\n").collect();
            let lines = Lines::new(&text);
            for offset in offsets {
                prop_assert_eq!(lines.line(offset), line_of(text.as_bytes(), offset), "{} of {}", offset, text.len());
            }
        }
    }
}
