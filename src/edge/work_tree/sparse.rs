//! Files that a sparse checkout left out of the work tree. git takes them for unchanged, and so do
//! we: they are read from the objects that the index names, or their packages would seem removed.

use super::tracked::Tracked;
use crate::edge::path_buffer::PathBuffer;
use crate::edge::snapshot::{ContentId, EntryKind, Found, Query, SnapshotError};
use crate::model::RelPath;
use gix::index::Entry;
use gix::index::entry::Mode;
use std::path::Path;

/// What [`super::WorkTree::find`] would have found of them.
pub(super) fn find(tracked: &Tracked, top: &Path, query: &Query<'_>) -> Result<Vec<Found>, SnapshotError> {
    let left_out = tracked.state().entries().iter().filter(|entry| Tracked::is_left_out(entry));
    let found = left_out.filter_map(|entry| found(tracked, top, entry));
    Ok(found.filter(|found| is_asked_for(found, query)).collect())
}

fn is_asked_for(found: &Found, query: &Query<'_>) -> bool {
    let path = found.path.as_str();
    let wanted = found.kind == EntryKind::Submodule || (query.wanted)(path);
    wanted && path.match_indices('/').all(|(end, _)| (query.enter)(&path[..end]))
}

pub(super) fn look_up(tracked: &Tracked, top: &Path, path: &RelPath) -> Option<Found> {
    let raw = path.as_str().as_bytes();
    match tracked.entry(raw) {
        Some(entry) if Tracked::is_left_out(entry) => found(tracked, top, entry),
        Some(_) => None,
        None => {
            let left_out = |entry: &Entry| Tracked::is_left_out(entry) && found(tracked, top, entry).is_some();
            let is_folder = tracked.below(raw).iter().any(left_out);
            is_folder.then(|| Found { path: path.clone(), kind: EntryKind::Folder, content: None })
        }
    }
}

/// Direct children, folders that exist only in the index among them; each may come more than once.
pub(super) fn list(tracked: &Tracked, top: &Path, folder: &RelPath) -> Vec<Found> {
    let left_out = tracked.below(folder.as_str().as_bytes()).iter().filter(|entry| Tracked::is_left_out(entry));
    let found = left_out.filter_map(|entry| found(tracked, top, entry));
    found.filter_map(|found| child(folder, found)).collect()
}

/// `found` itself when it lies directly in `folder`, else the folder on the way to it.
fn child(folder: &RelPath, found: Found) -> Option<Found> {
    match found.path.below(folder)?.split_once('/') {
        None => Some(found),
        Some((name, _)) => Some(Found { path: folder.join(name).ok()?, kind: EntryKind::Folder, content: None }),
    }
}

/// The entry, unless something lies on the disk in its place or on the way to it.
fn found(tracked: &Tracked, top: &Path, entry: &Entry) -> Option<Found> {
    let mut path = PathBuffer::default();
    path.push(entry.path(tracked.state()));
    if is_on_disk(top, path.text()) {
        return None;
    }
    let kind = match entry.mode {
        Mode::SYMLINK => EntryKind::Symlink,
        Mode::COMMIT => EntryKind::Submodule,
        _ => EntryKind::File,
    };
    path.found(kind, Some(ContentId(entry.id))).ok()
}

fn is_on_disk(top: &Path, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(end, _)| end);
    let blocked = ends.into_iter().any(|end| top.join(&path[..end]).symlink_metadata().is_ok_and(|found| !found.is_dir()));
    blocked || top.join(path).symlink_metadata().is_ok()
}
