//! Notes of commits (git-notes(1)). A notes ref is a commit whose tree has a file for each commit that
//! bears a note, named by its id, in folders of two digits once there are many.

use super::{Repository, error};
use crate::model::CommitId;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Trees of notes that are kept for the next question.
const MOST_KEPT: usize = 2000;

/// The notes of one ref.
pub struct Notes<'a> {
    git: &'a gix::Repository,
    /// The ref's full name.
    pub reference: String,
    /// The commit that the ref leads to: notes can be rewritten, so evidence names the state it was read in.
    pub commit: CommitId,
    top: gix::ObjectId,
    kept: RefCell<HashMap<gix::ObjectId, Folder>>,
}

/// The entries of one tree of notes by name: the rest of an id, or two digits.
type Folder = HashMap<Vec<u8>, (bool, gix::ObjectId)>;

/// One note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub blob: String,
    /// Bytes that are not UTF-8 are U+FFFD.
    pub text: String,
}

impl Repository {
    /// The notes of a ref; `None` where there is no such ref, `Err` says why one that is there cannot be read.
    pub fn notes(&self, reference: &str) -> Result<Option<Notes<'_>>, String> {
        let Some(commit) = self.reference(reference)? else { return Ok(None) };
        let object = self.object_id(&commit).and_then(|id| self.commit(id, reference)).map_err(|error| error.to_string())?;
        let top = object.tree_id().map_err(|error| error::detail(&error))?.detach();
        Ok(Some(Notes { git: &self.git, reference: reference.to_owned(), commit, top, kept: RefCell::default() }))
    }
}

impl Notes<'_> {
    /// The note of a commit, of `limit` bytes at most; `Err` says why a note that is there cannot be read.
    pub fn of(&self, commit: &CommitId, limit: u64) -> Result<Option<Note>, String> {
        let mut tree = self.top;
        let mut rest = commit.as_str();
        loop {
            match (self.entry(tree, rest)?, rest.split_at_checked(2)) {
                (Some((false, blob)), _) => return self.note(blob, limit).map(Some),
                (_, Some((two, after))) if !after.is_empty() => match self.entry(tree, two)? {
                    Some((true, folder)) => (tree, rest) = (folder, after),
                    _ => return Ok(None),
                },
                _ => return Ok(None),
            }
        }
    }

    fn entry(&self, tree: gix::ObjectId, name: &str) -> Result<Option<(bool, gix::ObjectId)>, String> {
        let mut kept = self.kept.borrow_mut();
        if kept.len() > MOST_KEPT {
            kept.clear();
        }
        let folder = match kept.entry(tree) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.folder(tree)?),
        };
        Ok(folder.get(name.as_bytes()).copied())
    }

    fn folder(&self, tree: gix::ObjectId) -> Result<Folder, String> {
        let object = self.git.find_object(tree).map_err(|error| error::detail(&error))?;
        let mut folder = Folder::new();
        for entry in TreeRefIter::from_bytes(&object.data, tree.kind()) {
            let entry = entry.map_err(|error| error::detail(&error))?;
            let is_folder = entry.mode.kind() == EntryKind::Tree;
            folder.insert(entry.filename.to_vec(), (is_folder, entry.oid.to_owned()));
        }
        Ok(folder)
    }

    fn note(&self, blob: gix::ObjectId, limit: u64) -> Result<Note, String> {
        let header = self.git.find_header(blob).map_err(|error| error::detail(&error))?;
        if header.size() > limit {
            return Err(format!("it has {} bytes; {limit} are the most that is read", header.size()));
        }
        let object = self.git.find_object(blob).map_err(|error| error::detail(&error))?;
        Ok(Note { blob: blob.to_string(), text: String::from_utf8_lossy(&object.data).into_owned() })
    }
}
