//! The calls to the file system, each of which takes what it finds as it is: no symlink followed.

use crate::edge::path_buffer::PathBuffer;
use crate::edge::snapshot::{EntryKind, SnapshotError};
use crate::model::RelPath;
use crate::model::source::PathError;
use std::fs::{DirEntry, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// What lies at `disk` itself; `None` where nothing does, or nothing of that name can.
pub(super) fn metadata(disk: &Path) -> io::Result<Option<Metadata>> {
    match disk.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if is_absent(error.kind()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename | ErrorKind::InvalidInput)
}

/// The entries of a folder but `.git`, with the bytes of their names, in the order of those. The
/// folder is closed again before any of them is entered.
pub(super) fn children(folder: &Path) -> io::Result<Vec<(Vec<u8>, DirEntry)>> {
    let mut children = Vec::new();
    for child in std::fs::read_dir(folder)? {
        let child = child?;
        let name = name_bytes(&child);
        if name != b".git" {
            children.push((name, child));
        }
    }
    children.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(children)
}

fn name_bytes(child: &DirEntry) -> Vec<u8> {
    let name = child.file_name();
    gix::path::os_str_into_bstr(&name).map_or_else(|_| name.to_string_lossy().into_owned().into_bytes(), |name| name.to_vec())
}

/// The bytes of the file at `path`, none of whose parents may have become a symlink.
pub(super) fn read(top: &Path, path: &RelPath, limit: u64) -> Result<Vec<u8>, SnapshotError> {
    let error = |source| SnapshotError::Io { path: path.clone(), source };
    let mut disk = top.to_path_buf();
    for name in path.parent().segments() {
        disk.push(name);
        if !disk.symlink_metadata().map_err(error)?.is_dir() {
            return Err(error(ErrorKind::NotADirectory.into()));
        }
    }
    read_file(&disk.join(path.file_name()), path, limit)
}

/// The bytes of a regular file. A FIFO or a device is refused before it is opened, and what was
/// opened must be what was looked at.
pub(super) fn read_file(disk: &Path, path: &RelPath, limit: u64) -> Result<Vec<u8>, SnapshotError> {
    let error = |source| SnapshotError::Io { path: path.clone(), source };
    let before = disk.symlink_metadata().map_err(error)?;
    if !before.is_file() {
        let kind = if before.is_dir() { EntryKind::Folder } else { EntryKind::Special };
        let kind = if before.is_symlink() { EntryKind::Symlink } else { kind };
        return Err(SnapshotError::NotAFile { path: path.clone(), kind });
    }
    let too_large = |size| SnapshotError::TooLarge { path: path.clone(), size, limit };
    if before.len() > limit {
        return Err(too_large(before.len()));
    }
    let file = File::open(disk).map_err(error)?;
    if !is_same(&before, &file.metadata().map_err(error)?) {
        return Err(error(io::Error::other("the file was replaced while it was read")));
    }
    let mut bytes = Vec::with_capacity(before.len() as usize + 1);
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(error)?;
    if bytes.len() as u64 > limit { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, opened: &Metadata) -> bool {
    opened.is_file()
}

pub(super) fn io_error(path: &PathBuffer) -> impl Fn(io::Error) -> SnapshotError {
    let path = path.to_rel_path();
    move |source| SnapshotError::Io { path: path.clone(), source }
}

pub(super) fn path_error(path: &PathBuffer) -> impl Fn(PathError) -> SnapshotError {
    let to_io = io_error(path);
    move |error| to_io(io::Error::other(error))
}
