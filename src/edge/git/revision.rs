//! Revisions and ranges to commits, by the rules of gitrevisions(7).

use super::{GitError, Repository, error, suggest};
use crate::model::CommitId;
use crate::model::text::quoted;
use gix::revision::plumbing::Spec;
use gix::revision::spec::parse::Error as ParseError;

/// What is compared with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// For `a...b` the merge base.
    pub base: CommitId,
    pub head: End,
    /// The left side as it was written: `base` itself, but for `a...b`.
    pub left: CommitId,
}

/// The newer side of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Commit(CommitId),
    WorkTree,
}

impl Repository {
    /// The commit that a revision names: anything of gitrevisions(7) that leads to one commit,
    /// annotated tags peeled. Paths in it (`HEAD:file`) name no commit and are an error.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        self.resolve_id(revision).map(|id| commit_id(&id))
    }

    /// `a..b` compares a with b; `a...b` the merge base of both with b; HEAD stands for a side
    /// left empty. `a` alone compares a with the work tree, an error in a bare repository.
    pub fn range(&self, text: &str) -> Result<Range, GitError> {
        let (dots, from_merge_base) = if text.contains("...") { ("...", true) } else { ("..", false) };
        let Some((base, head)) = text.split_once(dots) else { return self.up_to_work_tree(text) };
        if base.is_empty() && head.is_empty() {
            return Err(GitError::NotOneRevision { text: quoted(text) });
        }
        let (base, head) = (or_head(base), or_head(head));
        let (base_id, head_id) = (self.resolve_id(base)?, self.resolve_id(head)?);
        let left = commit_id(&base_id);
        let base = if from_merge_base { self.merge_base((base, base_id), (head, head_id))? } else { base_id };
        Ok(Range { base: commit_id(&base), head: End::Commit(commit_id(&head_id)), left })
    }

    fn up_to_work_tree(&self, revision: &str) -> Result<Range, GitError> {
        let base = self.resolve(revision)?;
        match self.work_tree {
            Some(_) => Ok(Range { left: base.clone(), base, head: End::WorkTree }),
            None => Err(GitError::NoWorkTree { text: quoted(revision) }),
        }
    }

    /// The best common ancestor; of several equally good ones the first that git would take. In a
    /// shallow clone what is found is a common ancestor, though one beyond the cut may be better.
    fn merge_base(&self, base: (&str, gix::ObjectId), head: (&str, gix::ObjectId)) -> Result<gix::ObjectId, GitError> {
        let both = format!("{}...{}", base.0, head.0);
        match self.git.merge_base(base.1, head.1).map_err(|error| GitError::corrupt(&both, &error))? {
            Some(id) => Ok(id.detach()),
            None if self.shallow => Err(GitError::HistoryCut { text: format!("the common ancestor of {}", quoted(&both)) }),
            None => Err(GitError::NoCommonAncestor { base: quoted(base.0), head: quoted(head.0) }),
        }
    }

    fn resolve_id(&self, revision: &str) -> Result<gix::ObjectId, GitError> {
        if revision.trim().is_empty() {
            return Err(GitError::EmptyRevision);
        }
        if revision.starts_with('-') {
            return Err(GitError::LeadingDash { text: quoted(revision) });
        }
        let spec = self.git.rev_parse(revision).map_err(|error| self.explain(revision, &error))?;
        match spec.detach() {
            Spec::Include(id) => Ok(self.commit(id, revision)?.id),
            _ => Err(GitError::NotOneRevision { text: quoted(revision) }),
        }
    }

    /// gix tells what failed in its own terms; a person needs to know which part of the text was wrong.
    fn explain(&self, revision: &str, error: &gix::Error) -> GitError {
        let text = quoted(revision);
        if let Some(ParseError::AmbiguousPrefix { candidates, .. }) = error.downcast_any_ref() {
            let candidates = candidates.iter().map(|(id, what)| quoted(&format!("{id} {what}"))).take(5).collect();
            return GitError::Ambiguous { text, candidates };
        }
        if error.is_corrupted() {
            return GitError::corrupt(revision, error);
        }
        let (anchor, suffix) = split_anchor(revision);
        if matches!(anchor, "" | "HEAD" | "@") && self.git.head().is_ok_and(|head| head.is_unborn()) {
            return GitError::NoCommit;
        }
        if !anchor.is_empty() && (suffix.is_empty() || self.git.rev_parse_single(anchor).is_err()) {
            let suggestions = suggest::similar(anchor, suggest::names(&self.git));
            return GitError::UnknownRevision { text, suggestions, shallow: self.shallow };
        }
        if self.shallow && suffix.starts_with(['~', '^', ':']) {
            return GitError::HistoryCut { text };
        }
        GitError::Unresolved { text, detail: error::detail(error), hint: suffix_hint(suffix) }
    }
}

fn or_head(side: &str) -> &str {
    if side.is_empty() { "HEAD" } else { side }
}

/// A revision's name and what navigates from there: `main` and `~3`, nothing and `@{upstream}`.
fn split_anchor(revision: &str) -> (&str, &str) {
    let ends = [revision.find(['~', '^', ':']), revision.find("@{")];
    revision.split_at(ends.into_iter().flatten().min().unwrap_or(revision.len()))
}

fn suffix_hint(suffix: &str) -> &'static str {
    if suffix.contains("@{u") || suffix.contains("@{push") {
        "`git branch --set-upstream-to=REMOTE/BRANCH` gives a branch its upstream; or name the remote's branch"
    } else if suffix.contains("@{") {
        "reference logs are not cloned: name the commit by its id"
    } else {
        "`git log` shows how far the history goes"
    }
}

/// The hex digits that gix prints are what [`CommitId`] takes.
pub(super) fn commit_id(id: &gix::oid) -> CommitId {
    id.to_hex().to_string().parse().expect("gix ids are 40 or 64 lower-case hex digits")
}
