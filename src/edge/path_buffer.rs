//! The path of the entry that a walk stands on, built in one buffer for the whole walk.

use super::snapshot::{ContentId, EntryKind, Found};
use crate::model::RelPath;
use crate::model::source::PathError;

/// Folders within folders at most, of every walk: git's own `core.maxTreeDepth` is 2048; the depth bounds
/// our stack.
pub(super) const MAX_DEPTH: usize = 512;

/// A path from the top of the repository, as its bytes and as text in which bytes that are not
/// UTF-8 became U+FFFD.
#[derive(Default)]
pub(super) struct PathBuffer {
    raw: Vec<u8>,
    text: String,
}

/// What [`PathBuffer::pop`] cuts back to.
pub(super) struct Mark(usize, usize);

impl PathBuffer {
    pub(super) fn of(path: &RelPath) -> Self {
        PathBuffer { raw: path.as_str().into(), text: path.as_str().into() }
    }

    pub(super) fn push(&mut self, name: &[u8]) -> Mark {
        let mark = Mark(self.raw.len(), self.text.len());
        if !self.raw.is_empty() {
            self.raw.push(b'/');
            self.text.push('/');
        }
        self.raw.extend_from_slice(name);
        self.text.push_str(&String::from_utf8_lossy(name));
        mark
    }

    pub(super) fn pop(&mut self, mark: Mark) {
        self.raw.truncate(mark.0);
        self.text.truncate(mark.1);
    }

    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The path for an error message, whatever its bytes.
    pub(super) fn to_rel_path(&self) -> RelPath {
        RelPath::new(&self.text).unwrap_or_else(|_| RelPath::root())
    }

    /// The entry at this path; its kind gives way to [`EntryKind::NotUtf8`] where the path is not text.
    pub(super) fn found(&self, kind: EntryKind, content: Option<ContentId>) -> Result<Found, PathError> {
        let is_text = self.raw == self.text.as_bytes();
        Ok(Found { path: RelPath::new(&self.text)?, kind: if is_text { kind } else { EntryKind::NotUtf8 }, content })
    }
}
