//! Which of the entries that somebody asks about differ between two trees.

use super::Touched;
use super::error;
use crate::edge::git::tree::{entry_kind, is_file_name};
use crate::edge::path_buffer::{MAX_DEPTH, PathBuffer};
use crate::edge::snapshot::{ContentId, EntryKind, Found, Query};
use crate::model::RelPath;
use gix::ObjectId;
use gix::objs::tree::EntryRef;
use gix::objs::{Kind, TreeRefIter};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Pairs of folders that are compared for one range at most: trees that hold each other many times
/// over would make billions.
const MOST_FOLDERS: usize = 4_000_000;

/// Entries that differ between two trees at most.
const MOST_TOUCHED: usize = 500_000;

/// Compares pairs of trees, with one bound on the work for all of them.
pub(in crate::edge::git) struct Comparison<'a> {
    git: &'a gix::Repository,
    query: &'a Query<'a>,
    folders: usize,
}

/// What both trees have at each path.
type Touches = BTreeMap<RelPath, Sides>;
type Sides = (Option<Found>, Option<Found>);

impl<'a> Comparison<'a> {
    pub(in crate::edge::git) fn new(git: &'a gix::Repository, query: &'a Query<'a>) -> Self {
        Comparison { git, query, folders: 0 }
    }

    /// Every entry that the query wants and that is another in `now` than in `before`, which has nothing where
    /// there is none; sorted.
    pub(in crate::edge::git) fn between(&mut self, before: Option<ObjectId>, now: ObjectId) -> Result<Vec<Touched>, String> {
        let mut sides = BTreeMap::new();
        self.folder(before, Some(now), &mut PathBuffer::default(), 0, &mut sides)?;
        let touched = sides.into_iter().filter(|(_, (before, now)): &(_, Sides)| before != now);
        Ok(touched.map(|(path, (before, now))| Touched { path, before, now }).collect())
    }

    fn folder(
        &mut self,
        before: Option<ObjectId>,
        now: Option<ObjectId>,
        path: &mut PathBuffer,
        depth: usize,
        sides: &mut Touches,
    ) -> Result<(), String> {
        self.folders += 1;
        if before == now || depth > MAX_DEPTH || self.folders > MOST_FOLDERS {
            return if before == now { Ok(()) } else { Err("too many folders to compare".into()) };
        }
        if sides.len() > MOST_TOUCHED {
            return Err(format!("more than {MOST_TOUCHED} files differ"));
        }
        let (old, new) = (self.tree(before)?, self.tree(now)?);
        let (mut old, mut new) = (entries(old.as_deref(), now), entries(new.as_deref(), now));
        let (mut left, mut right) = (next(&mut old)?, next(&mut new)?);
        while left.is_some() || right.is_some() {
            let order = match (&left, &right) {
                (Some(left), Some(right)) => left.cmp(right),
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            let a = if order.is_le() { std::mem::replace(&mut left, next(&mut old)?) } else { None };
            let b = if order.is_ge() { std::mem::replace(&mut right, next(&mut new)?) } else { None };
            let same = |a: &EntryRef<'_>, b: &EntryRef<'_>| a.oid == b.oid && a.mode == b.mode;
            if !a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| same(a, b)) {
                self.entry(a.as_ref(), b.as_ref(), path, depth, sides)?;
            }
        }
        Ok(())
    }

    /// Entries of one name, at least one of them there, that differ.
    fn entry(
        &mut self,
        a: Option<&EntryRef<'_>>,
        b: Option<&EntryRef<'_>>,
        path: &mut PathBuffer,
        depth: usize,
        sides: &mut Touches,
    ) -> Result<(), String> {
        let Some(name) = b.or(a).map(|entry| entry.filename) else { return Ok(()) };
        if !is_file_name(name) {
            return Err("an entry's name is no file name".into());
        }
        let mark = path.push(name);
        let is_folder = |entry: &&EntryRef<'_>| entry_kind(entry) == EntryKind::Folder;
        if (self.query.wanted)(path.text()) {
            let found = |entry: &EntryRef<'_>| {
                path.found(entry_kind(entry), Some(ContentId(entry.oid.to_owned()))).map_err(|failed| failed.to_string())
            };
            let before = a.filter(|entry| !is_folder(entry)).map(found).transpose()?;
            let now = b.filter(|entry| !is_folder(entry)).map(found).transpose()?;
            if let Some(at) = before.as_ref().or(now.as_ref()).map(|found| found.path.clone()) {
                let both: &mut Sides = sides.entry(at).or_default();
                both.0 = before.or(both.0.take());
                both.1 = now.or(both.1.take());
            }
        }
        let tree = |entry: Option<&EntryRef<'_>>| entry.filter(is_folder).map(|entry| entry.oid.to_owned());
        if (tree(a).is_some() || tree(b).is_some()) && (self.query.enter)(path.text()) {
            self.folder(tree(a), tree(b), path, depth + 1, sides)?;
        }
        path.pop(mark);
        Ok(())
    }

    /// The bytes of a tree; none for a folder that is not there.
    fn tree(&self, id: Option<ObjectId>) -> Result<Option<Vec<u8>>, String> {
        let Some(id) = id else { return Ok(None) };
        match self.git.try_find_object(id) {
            Ok(Some(mut object)) if object.kind == Kind::Tree => Ok(Some(std::mem::take(&mut object.data))),
            Ok(Some(object)) => Err(format!("git object {id} is a {}, not a tree", object.kind)),
            Ok(None) => Err(format!("the folder {id} is missing from this clone")),
            Err(failed) => Err(format!("the folder {id} cannot be read: {}", error::detail(&failed))),
        }
    }
}

fn entries(tree: Option<&[u8]>, like: Option<ObjectId>) -> TreeRefIter<'_> {
    let kind = like.map_or(gix::hash::Kind::Sha1, |id| id.kind());
    TreeRefIter::from_bytes(tree.unwrap_or_default(), kind)
}

fn next<'t>(entries: &mut TreeRefIter<'t>) -> Result<Option<EntryRef<'t>>, String> {
    entries.next().transpose().map_err(|failed| format!("a folder cannot be read: {}", error::detail(&failed)))
}
