//! The commits of a range with what each of them did to the files that somebody asks about.
//!
//! Commits are walked in full, over all parents; trees are compared entry by entry, and two of one id
//! are never entered. What is missing (a shallow or partial clone) is a value at the commit where it
//! is missing; everything else stays known.

pub(super) mod compare;
mod walk;

use super::{GitError, Repository, commit_id, error};
use crate::edge::snapshot::{Found, Query};
use crate::model::{CommitId, RelPath};
use compare::Comparison;

/// Commits of one range at most. Linux has 80,000 between two long-term releases.
pub const MOST_COMMITS: usize = 200_000;

/// The commits of BASE..HEAD.
#[derive(Debug)]
pub struct History {
    /// Each before its parents; the head is the first. Empty where the base holds the head.
    pub commits: Vec<Commit>,
    /// Whether the walk came to the end of what a shallow clone has.
    pub cut: bool,
}

#[derive(Debug)]
pub struct Commit {
    pub id: CommitId,
    /// In the commit's order; none for the first commit of a history.
    pub parents: Vec<Parent>,
}

/// A parent, and what the commit changed in it.
#[derive(Debug)]
pub struct Parent {
    pub commit: Way,
    /// What differs from this parent among the paths asked for, sorted by path; the reason where
    /// that cannot be told.
    pub touched: Result<Vec<Touched>, String>,
}

/// Where the way to a parent leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The number of the parent among the commits.
    Within(usize),
    /// A commit that the base holds too.
    Out(CommitId),
    /// A commit beyond the end of a shallow clone.
    Cut(CommitId),
    /// A commit that this clone ought to have and has not.
    Missing(CommitId),
}

/// An entry that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    pub path: RelPath,
    pub before: Option<Found>,
    pub now: Option<Found>,
}

impl Repository {
    /// The commits that `head` has and `base` has not, all of the head's without a base, with what each did to the paths of `query`. A
    /// range of more than [`MOST_COMMITS`] is an error. Where clocks were wrong a commit that the base
    /// has may be among them; one that it has not is never left out.
    pub fn history(&self, base: Option<&CommitId>, head: &CommitId, query: &Query<'_>) -> Result<History, GitError> {
        let base = base.map(|base| self.object_id(base)).transpose()?;
        let head = self.object_id(head)?;
        let shallow = self.git.shallow_commits().map_err(|failed| GitError::corrupt("the shallow file", &failed))?;
        let shallow: Vec<gix::ObjectId> = shallow.map(|commits| commits.iter().copied().collect()).unwrap_or_default();
        let walked = walk::range(&self.git, base, head, &shallow)?;
        let mut comparison = Comparison::new(&self.git, query);
        let mut cut = false;
        let commits = walked.iter().map(|step| {
            cut |= step.cut;
            let parents = step.parents.iter().map(|parent| parent.described(step, &walked, &mut comparison));
            Commit { id: commit_id(&step.id), parents: parents.collect() }
        });
        Ok(History { commits: commits.collect(), cut })
    }
}

impl walk::Parent {
    fn described(&self, step: &walk::Step, walked: &[walk::Step], comparison: &mut Comparison<'_>) -> Parent {
        let id = commit_id(&self.id);
        let (way, tree) = match self.place {
            walk::Place::Within(number) => (Way::Within(number), walked[number].tree),
            walk::Place::Out(tree) => (Way::Out(id), tree),
            walk::Place::Missing if step.cut => {
                let reason = format!("the history of this clone ends at {}", commit_id(&step.id).short());
                return Parent { commit: Way::Cut(id), touched: Err(reason) };
            }
            walk::Place::Missing => {
                let reason = format!("{}, a parent of {}, is missing from this clone", id.short(), commit_id(&step.id).short());
                return Parent { commit: Way::Missing(id), touched: Err(reason) };
            }
        };
        let touched = comparison
            .between(Some(tree), step.tree)
            .map_err(|failed| format!("what {} changed cannot be told: {failed}", commit_id(&step.id).short()));
        Parent { commit: way, touched }
    }
}
