//! Files that the user names one by one, wherever they lie: SBOM documents, and lockfiles of any
//! format that is read. No revision is looked at, and no repository is needed.

use super::diff::{Revision, Sides};
use super::{Inventory, Project, RunError, acquire};
use crate::edge::{EntryKind, Snapshot, WorkTree};
use crate::model::RelPath;
use std::path::{Component, Path, PathBuf};

/// What an argument means that can be a revision or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<'t> {
    Revision(&'t str),
    File(&'t str),
}

impl Project {
    /// A file where one is there and no revision is called so. What is both is an error, as git has it.
    pub fn target<'t>(&self, text: &'t str) -> Result<Target<'t>, RunError> {
        if !self.is_file(text) {
            return Ok(Target::Revision(text));
        }
        let is_revision = self.repository("").is_ok_and(|repository| repository.resolve(text).is_ok() || repository.range(text).is_ok());
        if is_revision { Err(RunError::RevisionOrFile(text.to_owned())) } else { Ok(Target::File(text)) }
    }

    pub fn is_file(&self, text: &str) -> bool {
        !text.is_empty() && WorkTree::is_file(&self.folder.join(text))
    }

    /// Reads one file. What cannot be read is a gap; what is not there is an error.
    pub fn read_file(&self, text: &str) -> Result<Inventory, RunError> {
        let no_such = || RunError::NoSuchFile(text.to_owned());
        for (folder, path) in self.places(text) {
            let snapshot = WorkTree::without_repository(&folder);
            if let Some(found) = snapshot.look_up(&path)?.filter(|found| !matches!(found.kind, EntryKind::Folder | EntryKind::Symlink)) {
                return Ok(acquire::read_only(&snapshot, &found));
            }
        }
        Err(no_such())
    }

    /// The files around the command, for what counts in all of them.
    pub(super) fn around(&self) -> Result<WorkTree, RunError> {
        match self.work_tree() {
            Err(RunError::NoRepository(_)) => Ok(WorkTree::without_repository(&self.folder)),
            other => other,
        }
    }

    /// Folders from which the file may be seen, with its path from there: the command's own, where the
    /// file was named from there; else the folder in which it lies. The user may name a symlink, and a
    /// file behind one.
    pub(super) fn places(&self, text: &str) -> Vec<(PathBuf, RelPath)> {
        let given = Path::new(text);
        let is_below = given.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let named = RelPath::new(text).ok().filter(|_| is_below).map(|path| (self.folder.clone(), path));
        let split = |whole: PathBuf| Some((whole.parent()?.to_owned(), RelPath::new(whole.file_name()?.to_str()?).ok()?));
        let whole = split(self.folder.join(given)).filter(|_| !is_below);
        let real = self.folder.join(given).canonicalize().ok().and_then(split);
        [named, whole, real].into_iter().flatten().collect()
    }
}

/// Compares two files, whatever they are called.
pub fn compare(project: &Project, base: &str, head: &str) -> Result<Sides, RunError> {
    let (mut old, new) = (project.read_file(base)?, project.read_file(head)?);
    // One pair under the newer path: nobody has to find out that the file was moved.
    let graphs = std::mem::take(&mut old.graphs);
    old.graphs = match new.graphs.keys().next() {
        Some(path) => graphs.into_values().map(|graph| (path.clone(), graph)).collect(),
        None => graphs,
    };
    Ok(Sides::of_files(Revision::File(base.to_owned()), Revision::File(head.to_owned()), old, new))
}
