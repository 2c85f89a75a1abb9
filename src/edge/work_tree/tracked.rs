//! What the repository tracks: the index, or the tree of HEAD where there is no index.

use crate::edge::git::read_blob;
use crate::edge::snapshot::{ContentId, SnapshotError};
use crate::model::RelPath;
use gix::index::entry::{Flags, Mode};
use gix::index::{Entry, State};
use gix::worktree::IndexPersistedOrInMemory;
use std::path::PathBuf;

pub(super) struct Tracked {
    index: IndexPersistedOrInMemory,
    git: gix::Repository,
}

impl Tracked {
    pub(super) fn new(index: IndexPersistedOrInMemory, git: &gix::Repository) -> Self {
        Tracked { index, git: git.clone() }
    }

    /// A linked work tree shares it with the repository it is linked to.
    pub(super) fn exclude_file(&self) -> PathBuf {
        self.git.common_dir().join("info/exclude")
    }

    pub(super) fn state(&self) -> &State {
        match &self.index {
            IndexPersistedOrInMemory::Persisted(index) => index,
            IndexPersistedOrInMemory::InMemory(index) => index,
        }
    }

    /// Whether the path is tracked in any stage of a merge; for a folder, whether anything below it is.
    pub(super) fn holds(&self, path: &[u8], is_folder: bool) -> bool {
        self.entry(path).is_some() || (is_folder && !self.below(path).is_empty())
    }

    pub(super) fn is_gitlink(&self, path: &[u8]) -> bool {
        self.entry(path).is_some_and(|entry| entry.mode == Mode::COMMIT)
    }

    /// The entry of exactly this path. Entries are sorted by their bytes.
    pub(super) fn entry(&self, path: &[u8]) -> Option<&Entry> {
        let state = self.state();
        let at = state.entries().partition_point(|entry| **entry.path(state) < *path);
        state.entries().get(at).filter(|entry| **entry.path(state) == *path)
    }

    /// The entries below a folder; all of them for the empty path.
    pub(super) fn below(&self, folder: &[u8]) -> &[Entry] {
        let state = self.state();
        if folder.is_empty() {
            return state.entries();
        }
        let prefix = [folder, b"/"].concat();
        let start = state.entries().partition_point(|entry| **entry.path(state) < *prefix);
        let rest = &state.entries()[start..];
        &rest[..rest.partition_point(|entry| entry.path(state).starts_with(&prefix))]
    }

    /// Whether a sparse checkout left the entry out of the work tree on purpose.
    pub(super) fn is_left_out(entry: &Entry) -> bool {
        entry.flags.contains(Flags::SKIP_WORKTREE)
    }

    pub(super) fn read(&self, path: &RelPath, content: ContentId, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        read_blob(&self.git, path, content.0, limit)
    }
}
