//! The files of a commit, read from tree and blob objects. Trees are decoded as they are reached,
//! so a folder that is not entered costs nothing.

use super::error;
use crate::edge::path_buffer::{MAX_DEPTH, PathBuffer};
use crate::edge::snapshot::{ContentId, EntryKind, Found, Query, Snapshot, SnapshotError};
use crate::model::RelPath;
use gix::objs::tree::{EntryKind as Mode, EntryRef};
use gix::objs::{Kind, TreeRefIter};

/// Folders that one `find` enters at most. A few small trees that hold each other many times over
/// (a "git bomb") would make billions; the largest repositories known have some hundred thousand.
const MAX_FOLDERS: usize = 2_000_000;

/// One commit's tree. The same commit gives the same answers on every machine.
pub struct CommitSnapshot<'a> {
    git: &'a gix::Repository,
    top: gix::ObjectId,
}

impl<'a> CommitSnapshot<'a> {
    pub(super) fn new(git: &'a gix::Repository, top: gix::ObjectId) -> Self {
        CommitSnapshot { git, top }
    }

    /// The bytes of a tree object; `path` is where the tree lies, for the error.
    fn tree(&self, id: gix::ObjectId, path: &PathBuffer) -> Result<gix::Object<'a>, SnapshotError> {
        let object = self.git.try_find_object(id).map_err(|error| corrupt(path, id, error::detail(&error)))?;
        let object = object.ok_or_else(|| missing(self.git, &path.to_rel_path(), id))?;
        match object.kind {
            Kind::Tree => Ok(object),
            other => Err(corrupt(path, id, format!("it is a {other}, not a tree"))),
        }
    }

    /// Calls `visit` for every entry of the tree at `path`, with the path of the entry.
    fn each_entry(
        &self,
        id: gix::ObjectId,
        path: &mut PathBuffer,
        mut visit: impl FnMut(EntryRef<'_>, &mut PathBuffer) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        let tree = self.tree(id, path)?;
        for entry in TreeRefIter::from_bytes(&tree.data, id.kind()) {
            let entry = entry.map_err(|error| corrupt(path, id, error::detail(&error)))?;
            if !is_file_name(entry.filename) {
                return Err(corrupt(path, id, "an entry's name is no file name".into()));
            }
            let mark = path.push(entry.filename);
            visit(entry, path)?;
            path.pop(mark);
        }
        Ok(())
    }

    fn found(&self, entry: &EntryRef<'_>, path: &PathBuffer) -> Result<Found, SnapshotError> {
        let content = ContentId(entry.oid.to_owned());
        path.found(entry_kind(entry), Some(content)).map_err(|error| corrupt(path, content.0, error.to_string()))
    }

    /// The tree at `folder`, or `None` where no folder is.
    fn tree_at(&self, folder: &RelPath) -> Result<Option<gix::ObjectId>, SnapshotError> {
        let mut tree = self.top;
        let mut path = PathBuffer::default();
        for name in folder.segments() {
            let mut next = None;
            self.each_entry(tree, &mut path, |entry, _| {
                if next.is_none() && entry.filename == name {
                    next = Some((entry_kind(&entry), entry.oid.to_owned()));
                }
                Ok(())
            })?;
            let Some((EntryKind::Folder, id)) = next else { return Ok(None) };
            path.push(name.as_bytes());
            tree = id;
        }
        Ok(Some(tree))
    }
}

impl Snapshot for CommitSnapshot<'_> {
    fn find(&self, query: &Query<'_>) -> Result<Vec<Found>, SnapshotError> {
        let mut walk = Walk { snapshot: self, query, found: Vec::new(), depth: 0, folders: 0 };
        walk.folder(self.top, &mut PathBuffer::default())?;
        walk.found.sort();
        Ok(walk.found)
    }

    fn look_up(&self, path: &RelPath) -> Result<Option<Found>, SnapshotError> {
        if path.is_root() {
            let content = Some(ContentId(self.top));
            return Ok(Some(Found { path: RelPath::root(), kind: EntryKind::Folder, content }));
        }
        let folder = path.parent();
        let Some(tree) = self.tree_at(&folder)? else { return Ok(None) };
        let mut found = None;
        self.each_entry(tree, &mut PathBuffer::of(&folder), |entry, here| {
            if found.is_none() && entry.filename == path.file_name() {
                found = Some(self.found(&entry, here)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn list(&self, folder: &RelPath) -> Result<Vec<Found>, SnapshotError> {
        let Some(tree) = self.tree_at(folder)? else { return Ok(Vec::new()) };
        let mut children = Vec::new();
        self.each_entry(tree, &mut PathBuffer::of(folder), |entry, path| {
            children.push(self.found(&entry, path)?);
            Ok(())
        })?;
        children.sort();
        Ok(children)
    }

    fn read(&self, found: &Found, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        match found.content {
            Some(ContentId(id)) if found.kind == EntryKind::File => read_blob(self.git, &found.path, id, limit),
            _ => Err(SnapshotError::NotAFile { path: found.path.clone(), kind: found.kind }),
        }
    }
}

/// One pass over a commit's tree.
struct Walk<'a> {
    snapshot: &'a CommitSnapshot<'a>,
    query: &'a Query<'a>,
    found: Vec<Found>,
    depth: usize,
    folders: usize,
}

impl Walk<'_> {
    fn folder(&mut self, id: gix::ObjectId, path: &mut PathBuffer) -> Result<(), SnapshotError> {
        self.count_folder(path)?;
        self.depth += 1;
        self.snapshot.each_entry(id, path, |entry, path| self.entry(entry, path))?;
        self.depth -= 1;
        Ok(())
    }

    fn entry(&mut self, entry: EntryRef<'_>, path: &mut PathBuffer) -> Result<(), SnapshotError> {
        let kind = entry_kind(&entry);
        if kind == EntryKind::Submodule || (self.query.wanted)(path.text()) {
            self.found.push(self.snapshot.found(&entry, path)?);
        }
        if kind == EntryKind::Folder && (self.query.enter)(path.text()) {
            self.folder(entry.oid.to_owned(), path)?;
        }
        Ok(())
    }

    fn count_folder(&mut self, path: &PathBuffer) -> Result<(), SnapshotError> {
        self.folders += 1;
        let limit = |what, limit| Err(SnapshotError::Limit { path: path.to_rel_path(), what, limit });
        if self.depth >= MAX_DEPTH {
            return limit("too many folders within each other", MAX_DEPTH);
        }
        if self.folders > MAX_FOLDERS {
            return limit("too many folders", MAX_FOLDERS);
        }
        Ok(())
    }
}

pub(super) fn entry_kind(entry: &EntryRef<'_>) -> EntryKind {
    match entry.mode.kind() {
        Mode::Tree => EntryKind::Folder,
        Mode::Blob | Mode::BlobExecutable => EntryKind::File,
        Mode::Link => EntryKind::Symlink,
        Mode::Commit => EntryKind::Submodule,
    }
}

/// git writes no other names; a made-up tree could, to make one path look like another.
pub(super) fn is_file_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/')
}

/// A blob's bytes, its size looked up in the object header first.
pub(in crate::edge) fn read_blob(git: &gix::Repository, path: &RelPath, id: gix::ObjectId, limit: u64) -> Result<Vec<u8>, SnapshotError> {
    let here = PathBuffer::of(path);
    let header = git.try_find_header(id).map_err(|error| corrupt(&here, id, error::detail(&error)))?;
    let header = header.ok_or_else(|| missing(git, path, id))?;
    if header.size() > limit {
        return Err(SnapshotError::TooLarge { path: path.clone(), size: header.size(), limit });
    }
    let mut blob = git.find_object(id).map_err(|error| corrupt(&here, id, error::detail(&error)))?;
    match blob.kind {
        Kind::Blob => Ok(std::mem::take(&mut blob.data)),
        other => Err(corrupt(&here, id, format!("it is a {other}, not a blob"))),
    }
}

fn missing(git: &gix::Repository, path: &RelPath, id: gix::ObjectId) -> SnapshotError {
    SnapshotError::Missing { path: path.clone(), object: id.to_string(), partial_clone: is_partial_clone(git) }
}

/// A clone made with `--filter` names its promisor remote in the configuration.
fn is_partial_clone(git: &gix::Repository) -> bool {
    let config = git.config_snapshot();
    config.string("extensions.partialclone").is_some()
        || git.remote_names().iter().any(|name| config.boolean(format!("remote.{name}.promisor").as_str()) == Some(true))
}

fn corrupt(path: &PathBuffer, id: gix::ObjectId, detail: String) -> SnapshotError {
    SnapshotError::Corrupt { path: path.to_rel_path(), object: id.to_string(), detail }
}
