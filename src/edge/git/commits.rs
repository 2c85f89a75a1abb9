//! Commits as they are, walks from one to its ancestors, refs by name, and what a commit changes. All of
//! it is bounded: a walk stops at a number of commits and says so, missing objects (a partial clone, a
//! shallow one) end it with the reason.

use super::{GitError, Repository, error};
use crate::edge::git::tree;
use crate::edge::path_buffer::PathBuffer;
use crate::edge::{EntryKind, Found, Snapshot, SnapshotError};
use crate::model::{Commit, CommitId, CommitRecord, Mailmap, RelPath, text};
use gix::objs::TreeRefIter;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use std::collections::{BTreeMap, BTreeSet};

/// The largest commit object that is read. Messages of megabytes exist; larger ones are an attack.
const MOST_COMMIT_BYTES: u64 = 64 << 20;
/// The largest `.mailmap` that is read.
const MOST_MAILMAP_BYTES: u64 = 4 << 20;
/// Folders within folders, as in `tree`.
const MAX_DEPTH: usize = 512;
/// Folders that one comparison enters: small trees that hold each other many times over have billions.
const MAX_FOLDERS: usize = 500_000;
/// Parents of one merge with which it is compared.
const MOST_PARENTS: usize = 8;

/// Commits of a walk.
#[derive(Debug, Default)]
pub struct Walked {
    /// Each with its parents, the newest first.
    pub commits: Vec<(CommitId, Vec<CommitId>)>,
    /// Why there may be more of them; `None` where these are all.
    pub cut: Option<String>,
}

/// A branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BranchTip {
    /// `codex/fix`, without the remote's name.
    pub name: String,
    pub tip: CommitId,
}

impl Repository {
    /// A commit with everything that it says of itself.
    pub fn read_commit(&self, id: &CommitId) -> Result<Commit, GitError> {
        let object = self.object_id(id)?;
        let header = self.git.try_find_header(object).map_err(|error| GitError::corrupt(id.as_str(), &error))?;
        if header.is_some_and(|header| header.size() > MOST_COMMIT_BYTES) {
            return Err(GitError::CommitTooLarge { text: text::quoted(id.as_str()), limit: MOST_COMMIT_BYTES });
        }
        Ok(Commit::parse(id.clone(), &self.commit(object, id.as_str())?.data))
    }

    /// The same as people read it, under the names that the mailmap gives them.
    pub fn record(&self, id: &CommitId, mailmap: &Mailmap) -> Result<CommitRecord, GitError> {
        Ok(CommitRecord::of(self.read_commit(id)?, mailmap))
    }

    /// The bytes of a file of some commit.
    pub fn read(&self, found: &Found, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        match found.content {
            Some(content) if found.kind == EntryKind::File => super::read_blob(&self.git, &found.path, content.0, limit),
            _ => Err(SnapshotError::NotAFile { path: found.path.clone(), kind: found.kind }),
        }
    }

    /// What the `.mailmap` of a revision says; empty where there is none that can be read. The work tree's
    /// own plays no part: the answer is the same in any checkout.
    pub fn mailmap(&self, revision: &CommitId) -> Mailmap {
        let mut mailmap = Mailmap::default();
        let bytes = RelPath::new(".mailmap").ok().and_then(|path| self.file(revision, &path, MOST_MAILMAP_BYTES).ok()?);
        let snapshot = gix::mailmap::Snapshot::from_bytes(&bytes.unwrap_or_default());
        for entry in snapshot.iter() {
            let text = |bytes: &gix::bstr::BStr| String::from_utf8_lossy(bytes).into_owned();
            let [name, email, old_name] = [entry.new_name(), entry.new_email(), entry.old_name()].map(|part| part.map(text));
            mailmap.add(name.as_deref(), email.as_deref(), old_name.as_deref(), &text(entry.old_email()));
        }
        mailmap
    }

    /// The bytes of a file of a commit; `None` where no file is. A file over `limit` bytes is an error.
    pub fn file(&self, commit: &CommitId, path: &RelPath, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let snapshot = self.snapshot(commit).map_err(|error| error.to_string())?;
        let found = snapshot.look_up(path).map_err(|error| error.to_string())?;
        let file = found.filter(|found| found.kind == EntryKind::File);
        file.map(|found| snapshot.read(&found, limit)).transpose().map_err(|error| error.to_string())
    }

    /// The ancestors of `tips`, these included, that no `hidden` commit has among its own. `since` leaves out
    /// what was committed before that second, and everything that is reached through it alone.
    pub fn ancestors(&self, tips: &[CommitId], hidden: &[CommitId], since: Option<i64>, most: usize) -> Walked {
        let mut walked = Walked::default();
        if let Err(reason) = self.walk(tips, hidden, since, most, &mut walked) {
            walked.cut = Some(reason);
        }
        walked
    }

    fn walk(&self, tips: &[CommitId], hidden: &[CommitId], since: Option<i64>, most: usize, walked: &mut Walked) -> Result<(), String> {
        let ids =
            |ids: &[CommitId]| ids.iter().map(|id| self.object_id(id).map_err(|error| error.to_string())).collect::<Result<Vec<_>, _>>();
        let order = CommitTimeOrder::NewestFirst;
        let sorting = since.map_or(Sorting::ByCommitTime(order), |seconds| Sorting::ByCommitTimeCutoff { order, seconds });
        let platform = self.git.rev_walk(ids(tips)?).sorting(sorting).with_hidden(ids(hidden)?);
        for info in platform.all().map_err(|error| error::detail(&error))? {
            let info = info.map_err(|error| error::detail(&error))?;
            if walked.commits.len() >= most {
                return Err(format!("the history has more than the {most} commits that are looked at"));
            }
            let parents = info.parent_ids().map(|id| super::revision::commit_id(&id)).collect();
            walked.commits.push((super::revision::commit_id(&info.id), parents));
        }
        Ok(())
    }

    /// The commits of `base..head`, `most` at most, the newest first.
    pub fn between(&self, range: &str, most: usize) -> Result<Walked, GitError> {
        let range = self.range(range)?;
        let super::End::Commit(head) = range.head else { return Err(GitError::NotOneRevision { text: text::quoted("a range") }) };
        Ok(self.ancestors(&[head], &[range.base], None, most))
    }

    /// Whether a text is a range of revisions. A revision may hold two dots in a search (`:/fix..`).
    pub fn is_range(&self, text: &str) -> bool {
        text.contains("..") && !text.contains(":/") && !text.contains("^{/")
    }

    /// The commit that a ref leads to; `None` where there is no such ref or it leads to no commit.
    pub fn reference(&self, name: &str) -> Option<CommitId> {
        let mut found = self.git.try_find_reference(name).ok()??;
        Some(super::revision::commit_id(&found.peel_to_commit().ok()?.id))
    }

    /// Local and remote branches, sorted; `None` where there are more than `most`.
    pub fn branches(&self, most: usize) -> Option<Vec<BranchTip>> {
        let references = self.git.references().ok()?;
        let mut branches = BTreeSet::new();
        for prefix in ["refs/heads/", "refs/remotes/"] {
            for mut reference in references.prefixed(prefix).ok()?.flatten() {
                let full = reference.name().as_bstr().to_string();
                let Some(name) = full.strip_prefix(prefix) else { continue };
                let name = if prefix == "refs/remotes/" { name.split_once('/').map_or(name, |(_, name)| name) } else { name };
                if let Some(id) = (name != "HEAD").then(|| reference.peel_to_id().ok()).flatten() {
                    branches.insert(BranchTip { name: name.to_owned(), tip: super::revision::commit_id(&id) });
                }
                if branches.len() > most {
                    return None;
                }
            }
        }
        Some(branches.into_iter().collect())
    }

    /// The files that a commit makes new or changes; of a merge those that differ from every parent's. Not
    /// more than `most`; the flag says whether that are all.
    pub fn changed_files(&self, commit: &Commit, most: usize) -> Result<(BTreeSet<RelPath>, bool), String> {
        let tree = |id: &CommitId| -> Result<gix::ObjectId, String> {
            let found = self.object_id(id).and_then(|object| self.commit(object, id.as_str())).map_err(|error| error.to_string())?;
            Ok(found.tree_id().map_err(|error| error::detail(&error))?.detach())
        };
        if commit.parents.len() > MOST_PARENTS {
            return Err(format!("it has {} parents; a merge of {MOST_PARENTS} at most is compared", commit.parents.len()));
        }
        let new = tree(&commit.id)?;
        let parents = commit.parents.iter().map(tree).collect::<Result<Vec<_>, _>>()?;
        let parents = if parents.is_empty() { vec![None] } else { parents.into_iter().map(Some).collect() };
        let mut changes = Changes { git: &self.git, files: BTreeSet::new(), folders: 0, most };
        let whole = changes.folder(&parents, new, &mut PathBuffer::default(), 0)?;
        Ok((changes.files, whole))
    }
}

/// One comparison of a tree with those of the parents. Folders that are the same in one parent are not entered.
struct Changes<'a> {
    git: &'a gix::Repository,
    files: BTreeSet<RelPath>,
    folders: usize,
    most: usize,
}

type Entries = BTreeMap<Vec<u8>, (EntryKind, gix::ObjectId)>;

impl Changes<'_> {
    /// Whether everything was looked at.
    fn folder(&mut self, old: &[Option<gix::ObjectId>], new: gix::ObjectId, path: &mut PathBuffer, depth: usize) -> Result<bool, String> {
        self.folders += 1;
        if depth > MAX_DEPTH || self.folders > MAX_FOLDERS {
            return Ok(false);
        }
        let old = old.iter().map(|id| id.map_or(Ok(Entries::new()), |id| self.entries(id))).collect::<Result<Vec<_>, _>>()?;
        let mut whole = true;
        for (name, (kind, id)) in self.entries(new)? {
            let before: Vec<Option<&(EntryKind, gix::ObjectId)>> = old.iter().map(|entries| entries.get(&name)).collect();
            if before.iter().flatten().any(|(_, known)| *known == id) {
                continue;
            }
            let mark = path.push(&name);
            match kind {
                EntryKind::Folder => {
                    let folder = |entry: &Option<&(EntryKind, gix::ObjectId)>| {
                        entry.filter(|(kind, _)| *kind == EntryKind::Folder).map(|(_, id)| *id)
                    };
                    let before: Vec<_> = before.iter().map(folder).collect();
                    whole &= self.folder(&before, id, path, depth + 1)?;
                }
                EntryKind::File => drop(self.files.insert(path.to_rel_path())),
                _ => {}
            }
            path.pop(mark);
            if self.files.len() >= self.most || self.folders > MAX_FOLDERS {
                return Ok(false);
            }
        }
        Ok(whole)
    }

    fn entries(&self, id: gix::ObjectId) -> Result<Entries, String> {
        let object = self.git.find_object(id).map_err(|error| error::detail(&error))?;
        let mut entries = Entries::new();
        for entry in TreeRefIter::from_bytes(&object.data, id.kind()) {
            let entry = entry.map_err(|error| error::detail(&error))?;
            entries.insert(entry.filename.to_vec(), (tree::entry_kind(&entry), entry.oid.to_owned()));
        }
        Ok(entries)
    }
}
