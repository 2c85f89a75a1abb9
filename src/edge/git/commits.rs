//! Commits as they are, walks from one to its ancestors, refs by name, and what a commit changes. All of
//! it is bounded: a walk stops at a number of commits and says so, missing objects (a partial clone, a
//! shallow one) end it with the reason.

use super::history::compare::Comparison;
use super::{GitError, Repository, error};
use crate::edge::{EntryKind, Found, Query, Snapshot, SnapshotError};
use crate::model::{Commit, CommitId, CommitRecord, Mailmap, RelPath, SignedBytes, signature, text};
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use std::collections::BTreeSet;
use std::fmt;

/// The largest commit object that is read. Messages of megabytes exist; larger ones are an attack.
const MOST_COMMIT_BYTES: u64 = 64 << 20;
/// The largest `.mailmap` that is read.
const MOST_MAILMAP_BYTES: u64 = 4 << 20;
/// Parents of one merge with which it is compared.
const MOST_PARENTS: usize = 8;

/// Commits of a walk.
#[derive(Debug, Default)]
pub struct Walked {
    /// Each with its parents, the newest first.
    pub commits: Vec<(CommitId, Vec<CommitId>)>,
    /// Why there may be more of them; `None` where these are all.
    pub cut: Option<Cut>,
}

/// Why not everything was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// There is more than is looked at.
    Limit(String),
    /// Something is missing or cannot be read.
    Unread(String),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Cut::Limit(reason) | Cut::Unread(reason)) = self;
        f.write_str(reason)
    }
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

    /// The signature of a commit with the bytes that it is of; `None` where it has none of this repository's kind.
    pub fn signed_bytes(&self, id: &CommitId) -> Result<Option<SignedBytes>, String> {
        let object = self.object_id(id).and_then(|object| self.commit(object, id.as_str())).map_err(|error| error.to_string())?;
        signature::parts(id, &object.data).map_err(str::to_owned)
    }

    /// The same as people read it, under the names that the mailmap gives them.
    pub fn record(&self, id: &CommitId, mailmap: &Mailmap) -> Result<CommitRecord, GitError> {
        Ok(CommitRecord::of(&self.read_commit(id)?, mailmap))
    }

    /// The bytes of a file of some commit.
    pub fn read(&self, found: &Found, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        match found.content {
            Some(content) if found.kind == EntryKind::File => super::read_blob(&self.git, &found.path, content.0, limit),
            _ => Err(SnapshotError::NotAFile { path: found.path.clone(), kind: found.kind }),
        }
    }

    /// What the `.mailmap` of a revision says; empty where there is none. The work tree's own plays no part: the
    /// answer is the same in any checkout. `Err` says why it cannot be read: without it one person may look like two.
    pub fn mailmap(&self, revision: &CommitId) -> Result<Mailmap, String> {
        let failed = |reason: String| format!("the .mailmap of {} cannot be read: {reason}", revision.short());
        let path = RelPath::new(".mailmap").map_err(|error| failed(error.to_string()))?;
        let snapshot = self.snapshot(revision).map_err(|error| failed(error.to_string()))?;
        let mut mailmap = Mailmap::default();
        let Some(found) = snapshot.look_up(&path).map_err(|error| failed(error.to_string()))? else { return Ok(mailmap) };
        let bytes = self.read(&found, MOST_MAILMAP_BYTES).map_err(|error| failed(error.to_string()))?;
        let snapshot = gix::mailmap::Snapshot::from_bytes(&bytes);
        for entry in snapshot.iter() {
            let text = |bytes: &gix::bstr::BStr| String::from_utf8_lossy(bytes).into_owned();
            let [name, email, old_name] = [entry.new_name(), entry.new_email(), entry.old_name()].map(|part| part.map(text));
            mailmap.add(name.as_deref(), email.as_deref(), old_name.as_deref(), &text(entry.old_email()));
        }
        Ok(mailmap)
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

    fn walk(&self, tips: &[CommitId], hidden: &[CommitId], since: Option<i64>, most: usize, walked: &mut Walked) -> Result<(), Cut> {
        let unread = |error: gix::Error| Cut::Unread(error::detail(&error));
        let object = |id: &CommitId| self.object_id(id).map_err(|error| Cut::Unread(error.to_string()));
        let ids = |ids: &[CommitId]| ids.iter().map(object).collect::<Result<Vec<_>, _>>();
        let order = CommitTimeOrder::NewestFirst;
        let sorting = since.map_or(Sorting::ByCommitTime(order), |seconds| Sorting::ByCommitTimeCutoff { order, seconds });
        let platform = self.git.rev_walk(ids(tips)?).sorting(sorting).with_hidden(ids(hidden)?);
        for info in platform.all().map_err(unread)? {
            let info = info.map_err(unread)?;
            if walked.commits.len() >= most {
                return Err(Cut::Limit(format!("the history has more than the {most} commits that are looked at")));
            }
            let parents = info.parent_ids().map(|id| super::revision::commit_id(&id)).collect();
            walked.commits.push((super::revision::commit_id(&info.id), parents));
        }
        Ok(())
    }

    /// The commits of `base..head`, `most` at most, the newest first, with the base.
    pub fn between(&self, range: &str, most: usize) -> Result<(CommitId, Walked), GitError> {
        let range = self.range(range)?;
        let super::End::Commit(head) = range.head else { return Err(GitError::NotOneRevision { text: text::quoted("a range") }) };
        let walked = self.ancestors(&[head], std::slice::from_ref(&range.base), None, most);
        Ok((range.base, walked))
    }

    /// Whether a text is a range of revisions. A revision may hold two dots in a search (`:/fix..`).
    pub fn is_range(&self, text: &str) -> bool {
        text.contains("..") && !text.contains(":/") && !text.contains("^{/")
    }

    /// The commit that a ref leads to; `None` where there is no such ref, `Err` where it leads to no commit.
    pub fn reference(&self, name: &str) -> Result<Option<CommitId>, String> {
        let failed = |detail: String| format!("{} cannot be read: {detail}", text::visible(name));
        let found = self.git.try_find_reference(name).map_err(|error| failed(error::detail(&error)))?;
        let Some(mut found) = found else { return Ok(None) };
        let commit = found.peel_to_commit().map_err(|error| failed(error::detail(&error)))?;
        Ok(Some(super::revision::commit_id(&commit.id)))
    }

    /// Local and remote branches, sorted; of more than `most` none, but that it is so.
    pub fn branches(&self, most: usize) -> Result<Vec<BranchTip>, Cut> {
        let unread = |error: &gix::Error| Cut::Unread(format!("a branch cannot be read: {}", error::detail(error)));
        let references = self.git.references().map_err(|error| unread(&error))?;
        let mut branches = BTreeSet::new();
        for prefix in ["refs/heads/", "refs/remotes/"] {
            for reference in references.prefixed(prefix).map_err(|error| unread(&error))? {
                let mut reference = reference.map_err(|error| Cut::Unread(format!("a branch cannot be read: {error}")))?;
                let full = reference.name().as_bstr().to_string();
                let Some(name) = full.strip_prefix(prefix) else { continue };
                let name = if prefix == "refs/remotes/" { name.split_once('/').map_or(name, |(_, name)| name) } else { name };
                // A remote's HEAD names one of its branches, and dangles once that is gone.
                if name == "HEAD" {
                    continue;
                }
                let tip = reference.peel_to_commit().map_err(|error| {
                    Cut::Unread(format!("the branch {} cannot be read: {}", text::visible(name), error::detail(&error)))
                })?;
                branches.insert(BranchTip { name: name.to_owned(), tip: super::revision::commit_id(&tip.id) });
                if branches.len() > most {
                    return Err(Cut::Limit(format!("there are more than {most}")));
                }
            }
        }
        Ok(branches.into_iter().collect())
    }

    /// The files of a query that a commit makes new or changes; of a merge those that differ from every parent's. `Err` says
    /// why it cannot be told, or that there are more than `most`.
    pub fn changed_files(&self, id: &CommitId, parents: &[CommitId], query: &Query<'_>, most: usize) -> Result<BTreeSet<RelPath>, String> {
        let tree = |id: &CommitId| -> Result<gix::ObjectId, String> {
            let found = self.object_id(id).and_then(|object| self.commit(object, id.as_str())).map_err(|error| error.to_string())?;
            Ok(found.tree_id().map_err(|error| error::detail(&error))?.detach())
        };
        if parents.len() > MOST_PARENTS {
            return Err(format!("it has {} parents; a merge of {MOST_PARENTS} at most is compared", parents.len()));
        }
        let new = tree(id)?;
        let parents = parents.iter().map(tree).collect::<Result<Vec<_>, _>>()?;
        let parents = if parents.is_empty() { vec![None] } else { parents.into_iter().map(Some).collect() };
        let mut comparison = Comparison::new(&self.git, query);
        let mut changed: Option<BTreeSet<RelPath>> = None;
        for parent in parents {
            let touched = comparison.between(parent, new)?.into_iter().filter_map(|touched| touched.now);
            let of_parent: BTreeSet<RelPath> = touched.filter(|now| now.kind == EntryKind::File).map(|now| now.path).collect();
            changed = Some(changed.map_or_else(|| of_parent.clone(), |changed| &changed & &of_parent));
        }
        let changed = changed.unwrap_or_default();
        if changed.len() > most { Err(format!("it changes more than {most} files")) } else { Ok(changed) }
    }
}
