//! The files on the disk as a snapshot: what is tracked, and what is not ignored. Symlinks are
//! never followed, other repositories never entered, FIFOs and devices never opened. Files are read
//! as they lie there: line-ending conversion and filters (LFS) are not undone.

mod disk;
mod rules;
mod sparse;
mod tracked;

use super::path_buffer::{MAX_DEPTH, PathBuffer};
use super::snapshot::{ContentId, EntryKind, Found, Query, Snapshot, SnapshotError};
use crate::model::RelPath;
use disk::io_error;
use rules::Rules;
use std::fs::{DirEntry, FileType};
use std::path::{Component, Path, PathBuf};
use tracked::Tracked;

/// A folder on the disk: the work tree of a repository, or a folder that is in no repository.
pub struct WorkTree {
    top: PathBuf,
    /// The index and `.git/info/exclude`; `None` outside a repository, where nothing is ignored.
    repository: Option<Tracked>,
}

/// What holds for the entries of one folder.
struct Level {
    rules: Rules,
    /// The folder is ignored, and entered only for tracked files below it.
    tracked_only: bool,
}

/// An entry that is part of the snapshot.
struct Entry {
    kind: EntryKind,
    ignored: bool,
    /// What a submodule has checked out.
    commit: Option<ContentId>,
}

impl WorkTree {
    /// A folder that is in no repository: no `.gitignore` applies there, every file counts.
    pub fn without_repository(folder: &Path) -> WorkTree {
        WorkTree { top: folder.into(), repository: None }
    }

    /// Whether something that is no folder lies at the path, wherever that is.
    pub fn is_file(path: &Path) -> bool {
        path.metadata().or_else(|_| path.symlink_metadata()).is_ok_and(|metadata| !metadata.is_dir())
    }

    pub(super) fn of_repository(top: &Path, index: gix::worktree::IndexPersistedOrInMemory, git: &gix::Repository) -> WorkTree {
        WorkTree { top: top.into(), repository: Some(Tracked::new(index, git)) }
    }

    fn top_level(&self) -> Result<Level, SnapshotError> {
        let Some(repository) = &self.repository else { return Ok(Level { rules: Rules::default(), tracked_only: false }) };
        let exclude = Rules::default().with(&repository.exclude_file(), &PathBuffer::default())?;
        let rules = exclude.with(&self.top.join(".gitignore"), &PathBuffer::default())?;
        Ok(Level { rules, tracked_only: false })
    }

    /// The level of the folder at `path`, which is the `entry` of a folder at `level`.
    fn level_below(&self, level: &Level, entry: &Entry, path: &PathBuffer, disk: &Path) -> Result<Level, SnapshotError> {
        let read = self.repository.is_some() && !entry.ignored;
        let rules = if read { level.rules.with(&disk.join(".gitignore"), path)? } else { level.rules.clone() };
        Ok(Level { rules, tracked_only: entry.ignored })
    }

    /// Whether the thing on the disk is part of the snapshot, and as what.
    fn classify(&self, level: &Level, path: &PathBuffer, disk: &Path, file_type: FileType) -> Option<Entry> {
        let is_folder = file_type.is_dir();
        let ignored = level.tracked_only || level.rules.ignore(path, is_folder);
        let tracked = self.repository.as_ref().is_some_and(|repository| repository.holds(path.raw(), is_folder));
        if ignored && !tracked {
            return None;
        }
        let kind = match file_type {
            _ if is_folder && self.is_other_repository(path, disk, tracked) => EntryKind::Submodule,
            _ if is_folder => EntryKind::Folder,
            _ if file_type.is_symlink() => EntryKind::Symlink,
            _ if file_type.is_file() => EntryKind::File,
            _ => EntryKind::Special,
        };
        let commit = if kind == EntryKind::Submodule { self.commit_of(path, disk) } else { None };
        Some(Entry { kind, ignored, commit })
    }

    /// A gitlink, or a folder with a `.git` in it. A folder with tracked files is ours all the same:
    /// an untracked `.git` put inside must not hide them.
    fn is_other_repository(&self, path: &PathBuffer, disk: &Path, tracked: bool) -> bool {
        let gitlink = self.repository.as_ref().is_some_and(|repository| repository.is_gitlink(path.raw()));
        gitlink || (!tracked && disk.join(".git").symlink_metadata().is_ok())
    }

    /// The commit that a submodule has checked out; one without a repository of its own has the index's,
    /// as git has it. What was changed in it and not committed is not looked for.
    fn commit_of(&self, path: &PathBuffer, disk: &Path) -> Option<ContentId> {
        let repository = self.repository.as_ref()?;
        match disk.join(".git").symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                repository.entry(path.raw()).filter(|entry| entry.mode == gix::index::entry::Mode::COMMIT).map(|entry| ContentId(entry.id))
            }
            Ok(metadata) if metadata.is_dir() || metadata.is_file() => {
                let submodule = gix::open_opts(disk, gix::open::Options::isolated()).ok()?;
                Some(ContentId(submodule.head_id().ok()?.detach()))
            }
            _ => None,
        }
    }

    /// The child of a folder, if it exists and is part of the snapshot.
    fn child(&self, level: &Level, path: &PathBuffer, disk: &Path) -> Result<Option<Entry>, SnapshotError> {
        let metadata = disk::metadata(disk).map_err(io_error(path))?;
        Ok(metadata.and_then(|metadata| self.classify(level, path, disk, metadata.file_type())))
    }

    /// The folder's place on the disk and its level; `None` where the way leads through anything but folders.
    fn descend(&self, folder: &RelPath) -> Result<Option<(PathBuf, Level)>, SnapshotError> {
        let (mut disk, mut level, mut path) = (self.top.clone(), self.top_level()?, PathBuffer::default());
        for name in folder.segments() {
            if !is_file_name(name) {
                return Ok(None);
            }
            disk.push(name);
            path.push(name.as_bytes());
            match self.child(&level, &path, &disk)? {
                Some(entry) if entry.kind == EntryKind::Folder => level = self.level_below(&level, &entry, &path, &disk)?,
                _ => return Ok(None),
            }
        }
        Ok(Some((disk, level)))
    }

    fn look_up_on_disk(&self, path: &RelPath) -> Result<Option<(EntryKind, Option<ContentId>)>, SnapshotError> {
        if path.is_root() {
            return Ok(Some((EntryKind::Folder, None)));
        }
        let Some((disk, level)) = self.descend(&path.parent())?.filter(|_| is_file_name(path.file_name())) else { return Ok(None) };
        let entry = self.child(&level, &PathBuffer::of(path), &disk.join(path.file_name()))?;
        Ok(entry.map(|entry| (entry.kind, entry.commit)))
    }
}

impl Snapshot for WorkTree {
    fn find(&self, query: &Query<'_>) -> Result<Vec<Found>, SnapshotError> {
        let mut walk = Walk { work_tree: self, query, found: Vec::new(), depth: 0 };
        walk.folder(&self.top, &mut PathBuffer::default(), &self.top_level()?)?;
        let mut found = walk.found;
        if let Some(repository) = &self.repository {
            found.extend(sparse::find(repository, &self.top, query)?);
        }
        found.sort();
        Ok(found)
    }

    fn look_up(&self, path: &RelPath) -> Result<Option<Found>, SnapshotError> {
        match (self.look_up_on_disk(path)?, &self.repository) {
            (Some((kind, content)), _) => Ok(Some(Found { path: path.clone(), kind, content })),
            (None, Some(repository)) => Ok(sparse::look_up(repository, &self.top, path)),
            (None, None) => Ok(None),
        }
    }

    fn list(&self, folder: &RelPath) -> Result<Vec<Found>, SnapshotError> {
        let mut children = Vec::new();
        if let Some((disk, level)) = self.descend(folder)? {
            let mut path = PathBuffer::of(folder);
            for (name, child) in disk::children(&disk).map_err(io_error(&path))? {
                let mark = path.push(&name);
                if let Some(entry) = self.child(&level, &path, &child.path())? {
                    children.push(path.found(entry.kind, entry.commit).map_err(disk::path_error(&path))?);
                }
                path.pop(mark);
            }
        }
        if let Some(repository) = &self.repository {
            children.extend(sparse::list(repository, &self.top, folder));
        }
        children.sort();
        children.dedup_by(|a, b| a.path == b.path);
        Ok(children)
    }

    fn read(&self, found: &Found, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        match (found.kind, found.content, &self.repository) {
            (EntryKind::File, Some(content), Some(repository)) => repository.read(&found.path, content, limit),
            (EntryKind::File, None, _) => disk::read(&self.top, &found.path, limit),
            (kind, ..) => Err(SnapshotError::NotAFile { path: found.path.clone(), kind }),
        }
    }
}

/// One pass over the disk.
struct Walk<'a> {
    work_tree: &'a WorkTree,
    query: &'a Query<'a>,
    found: Vec<Found>,
    depth: usize,
}

impl Walk<'_> {
    fn folder(&mut self, disk: &Path, path: &mut PathBuffer, level: &Level) -> Result<(), SnapshotError> {
        if self.depth >= MAX_DEPTH {
            let what = "too many folders within each other";
            return Err(SnapshotError::Limit { path: path.to_rel_path(), what, limit: MAX_DEPTH });
        }
        self.depth += 1;
        for (name, child) in disk::children(disk).map_err(io_error(path))? {
            let mark = path.push(&name);
            self.entry(&child, path, level)?;
            path.pop(mark);
        }
        self.depth -= 1;
        Ok(())
    }

    fn entry(&mut self, child: &DirEntry, path: &mut PathBuffer, level: &Level) -> Result<(), SnapshotError> {
        let file_type = child.file_type().map_err(io_error(path))?;
        let wanted = (self.query.wanted)(path.text());
        if !wanted && !file_type.is_dir() {
            return Ok(());
        }
        let disk = child.path();
        let Some(entry) = self.work_tree.classify(level, path, &disk, file_type) else { return Ok(()) };
        if wanted || entry.kind == EntryKind::Submodule {
            self.found.push(path.found(entry.kind, entry.commit).map_err(disk::path_error(path))?);
        }
        if entry.kind == EntryKind::Folder && (self.query.enter)(path.text()) {
            let below = self.work_tree.level_below(level, &entry, path, &disk)?;
            self.folder(&disk, path, &below)?;
        }
        Ok(())
    }
}

/// Whether a segment of a repository path is a plain name on this system (`C:` on Windows is not),
/// and one that a snapshot can hold: git's own folder is no part of the work tree.
fn is_file_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    name != ".git" && matches!((components.next(), components.next()), (Some(Component::Normal(plain)), None) if plain == name)
}
