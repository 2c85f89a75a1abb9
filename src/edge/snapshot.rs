//! One state of a repository's files, whether it comes from git objects or from the disk.

use crate::model::RelPath;
use std::fmt;

/// One state of the repository's files: a commit's tree, or the work tree. Read-only; the same
/// state gives the same answers in the same order. Ignored files that are not tracked do not exist.
pub trait Snapshot {
    /// Every entry that `query.wanted` accepts, folders not entered where `query.enter` says no;
    /// sorted by path. Submodules are listed whatever `wanted` says, when their parent is entered.
    fn find(&self, query: &Query<'_>) -> Result<Vec<Found>, SnapshotError>;

    /// The entry at `path`; `None` where there is none, or where the way leads through anything
    /// but folders (a symlink, a file, a submodule).
    fn look_up(&self, path: &RelPath) -> Result<Option<Found>, SnapshotError>;

    /// The direct children of `folder`, sorted by path; none where it is no folder.
    fn list(&self, folder: &RelPath) -> Result<Vec<Found>, SnapshotError>;

    /// The bytes of a file. A size over `limit` bytes is [`SnapshotError::TooLarge`], before
    /// anything is allocated; a kind other than [`EntryKind::File`] is [`SnapshotError::NotAFile`].
    fn read(&self, found: &Found, limit: u64) -> Result<Vec<u8>, SnapshotError>;
}

/// A state without any file: what a whole project is compared with.
pub struct Nothing;

impl Snapshot for Nothing {
    fn find(&self, _: &Query<'_>) -> Result<Vec<Found>, SnapshotError> {
        Ok(Vec::new())
    }

    fn look_up(&self, _: &RelPath) -> Result<Option<Found>, SnapshotError> {
        Ok(None)
    }

    fn list(&self, _: &RelPath) -> Result<Vec<Found>, SnapshotError> {
        Ok(Vec::new())
    }

    fn read(&self, found: &Found, _: u64) -> Result<Vec<u8>, SnapshotError> {
        Err(SnapshotError::NotAFile { path: found.path.clone(), kind: found.kind })
    }
}

/// What [`Snapshot::find`] looks for. Both functions get the full path in the repository with `/`
/// between segments; bytes of it that are not UTF-8 are U+FFFD.
pub struct Query<'a> {
    pub wanted: &'a dyn Fn(&str) -> bool,
    pub enter: &'a dyn Fn(&str) -> bool,
}

impl Query<'_> {
    /// Every file there is.
    pub const EVERYTHING: Query<'static> = Query { wanted: &|_| true, enter: &|_| true };
}

/// An entry of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// With U+FFFD in it when the kind is [`EntryKind::NotUtf8`].
    pub path: RelPath,
    pub kind: EntryKind,
    /// The git object that holds the content, of a submodule the commit. `None` for what lies on the
    /// disk, but for a submodule's commit where it can be told.
    pub content: Option<ContentId>,
}

/// What an entry is. Only a `File` can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    File,
    /// Never followed.
    Symlink,
    Folder,
    /// Another repository: a gitlink, or an untracked folder with a `.git` inside. Never entered.
    Submodule,
    /// A FIFO, a socket, a device. Never opened.
    Special,
    /// Anything whose path is not UTF-8: it cannot be named, so it cannot be read.
    NotUtf8,
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EntryKind::File => "a file",
            EntryKind::Symlink => "a symlink",
            EntryKind::Folder => "a folder",
            EntryKind::Submodule => "a submodule",
            EntryKind::Special => "a FIFO, a socket or a device",
            EntryKind::NotUtf8 => "an entry whose path is not UTF-8",
        })
    }
}

/// The git object id of a content: the same id is the same bytes, in any commit and at any path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(pub(super) gix::ObjectId);

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a snapshot could not be read. `detail` comes from a library and is already made visible.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("{path}: git object {object} is missing from the repository")]
    Missing { path: RelPath, object: String, partial_clone: bool },
    #[error("{path}: git object {object} cannot be read: {detail}")]
    Corrupt { path: RelPath, object: String, detail: String },
    #[error("{path}: {size} bytes; {limit} are the most that is read")]
    TooLarge { path: RelPath, size: u64, limit: u64 },
    #[error("{path} is {kind}, not a file")]
    NotAFile { path: RelPath, kind: EntryKind },
    #[error("{path}: {what}; {limit} are the most that is read")]
    Limit { path: RelPath, what: &'static str, limit: usize },
    #[error("{path}: {source}")]
    Io { path: RelPath, source: std::io::Error },
}

impl SnapshotError {
    /// The path that could not be read.
    pub fn path(&self) -> &RelPath {
        match self {
            SnapshotError::Missing { path, .. }
            | SnapshotError::Corrupt { path, .. }
            | SnapshotError::TooLarge { path, .. }
            | SnapshotError::NotAFile { path, .. }
            | SnapshotError::Limit { path, .. }
            | SnapshotError::Io { path, .. } => path,
        }
    }

    /// What mends it.
    pub fn hint(&self) -> String {
        match self {
            SnapshotError::Missing { object, partial_clone: true, .. } => {
                format!("this is a partial clone: `git cat-file -e {object}` fetches the object, `git fetch --refetch --no-filter` all")
            }
            SnapshotError::Missing { .. } | SnapshotError::Corrupt { .. } => {
                "the repository is damaged: `git fsck` tells more; clone it again".into()
            }
            SnapshotError::TooLarge { .. } | SnapshotError::Limit { .. } => "if it is meant to be so, leave it out with --exclude".into(),
            SnapshotError::NotAFile { .. } => "put the file itself there, or leave it out with --exclude".into(),
            SnapshotError::Io { .. } => "make it readable, or leave it out with --exclude".into(),
        }
    }
}
