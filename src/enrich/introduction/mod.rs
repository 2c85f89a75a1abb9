//! Which commit brought a change in.
//!
//! An introduction is the first commit, on the way the branch took, after which the thing is there to
//! stay. The way is followed from the head backwards: at a merge to the first parent that has the
//! thing, so that a merge's own change is what no parent has. What a commit of the way does not tell
//! (a lockfile that cannot be read, a history that was cut off) makes the answer unknown, with the
//! reason; a guess is never an answer.
//!
//! `questions` says what to look for, `manifest` and `entry` how a line or an entry of a manifest is known again, `trace`
//! follows the way, `earlier` finds out whether the thing had been there before and gone.

mod answers;
mod earlier;
mod entry;
mod manifest;
mod questions;
mod trace;

pub use answers::{Comparison, answer, unknown};
use earlier::first_seen;
pub use questions::{Asked, FileKind, Held, Questions, declared_at, manifests_named};
pub use trace::Start;

use crate::diff::{Change, ChangeKind};
use crate::enrich::attribution::{Attribution, Only};
use crate::model::{CommitId, CommitRecord, Gap, GapKind, Location, Package, PullRequest, RelPath};
use std::collections::BTreeMap;

/// The number of a content among [`History::contents`].
pub type ContentNo = usize;
/// The number of a thing that is asked about among those of [`Questions`].
pub type FactNo = usize;

/// Looks at single things and steps for one comparison at most: hostile histories would want billions.
const MOST_LOOKS: usize = 50_000_000;

/// How much may still be looked at.
struct Budget(usize);

impl Budget {
    /// Whether so much is left; it is taken.
    fn take(&mut self, looks: usize) -> bool {
        let left = self.0.checked_sub(looks);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// A range of commits, with what each did to the files in question.
#[derive(Debug, Default)]
pub struct History {
    /// Each before its parents; the head is the first. Empty where the base holds the head.
    pub steps: Vec<Step>,
    /// What the files held; each content once, however many commits have it.
    pub contents: Vec<Content>,
}

#[derive(Debug)]
pub struct Step {
    pub id: CommitId,
    /// In the commit's order; none for the first commit of a history.
    pub parents: Vec<Parent>,
}

/// A parent, and what the commit changed in it.
#[derive(Debug)]
pub struct Parent {
    pub way: Way,
    /// Sorted by path; the reason where it cannot be told.
    pub touched: Result<Vec<Touched>, Reason>,
}

/// Where the way to a parent leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The number of the parent among the steps.
    Within(usize),
    /// A commit that the base holds too.
    Out(CommitId),
    /// A commit that is not there.
    Missing,
}

/// A file that a commit changed.
#[derive(Debug)]
pub struct Touched {
    pub path: RelPath,
    pub now: Option<ContentNo>,
    /// What the parent has: at the same path, or at the one from which the file was moved.
    pub before: Option<(RelPath, ContentNo)>,
}

/// What is known of one content.
#[derive(Debug)]
pub enum Content {
    Held(Held),
    /// It could not be read, for this reason.
    Unread(Reason),
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub kind: GapKind,
    /// A clause for people; it may quote text of the repository.
    pub text: String,
}

impl Reason {
    pub fn unread(text: impl Into<String>) -> Reason {
        Reason { kind: GapKind::UnreadHistory, text: text.into() }
    }
}

/// Where a thing came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// With this commit.
    Commit(CommitId),
    /// It is not committed yet.
    Uncommitted,
    /// It was there in this commit, which the base has too: the base has dropped it since.
    Before(CommitId),
    Unknown(Reason),
}

impl Origin {
    /// The commit with which it came in.
    pub fn commit(&self) -> Option<&CommitId> {
        match self {
            Origin::Commit(id) => Some(id),
            _ => None,
        }
    }
}

/// Whether the thing had been there already, and gone, in the part of the history that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstSeen {
    /// This is the first time.
    Now,
    /// It came with this commit, went, and came back.
    Commit(CommitId),
    /// It was there before the range begins, went, and came back.
    BeforeRange,
    /// Not known: the reason stands in the origin, or not everything could be looked at.
    Unknown,
}

/// How one change of a lockfile came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    pub basis: Basis,
    pub origin: Origin,
    pub first_seen: FirstSeen,
    /// The merges on the way from the head to the commit at which the way left the first parent.
    pub merges: Vec<CommitId>,
    /// The merge that took the commit into the branch: of several the nearest that names a pull
    /// request, else the one on the branch itself.
    pub merge: Option<CommitId>,
    pub pull_request: Option<PullRequest>,
    /// Where the line of the manifest came in that asks for it.
    pub declared: Option<Declared>,
    /// The package whose change pulled this one in, with the commit of that change.
    pub through: Option<(Package, Option<CommitId>)>,
}

/// What an introduction was concluded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The lockfile's own history.
    Lockfile,
    /// The history of the manifest that asks for it: the lockfile does not show the change.
    Manifest,
    /// The change that caused it has this introduction: neither file shows it by itself.
    Cause,
}

impl Basis {
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Lockfile => "lockfile",
            Basis::Manifest => "manifest",
            Basis::Cause => "cause",
        }
    }
}

/// A line of a manifest, and where that line came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub location: Location,
    pub origin: Origin,
}

/// Everything that is known of the introductions of one comparison.
#[derive(Debug, Default)]
pub struct Introductions {
    /// By lockfile (of the head) and package, for everything by which something came in.
    pub changes: BTreeMap<RelPath, BTreeMap<Package, Introduction>>,
    /// Every commit that is named.
    pub commits: BTreeMap<CommitId, CommitRecord>,
    /// Who or what wrote each of them, where that was asked.
    pub attributions: BTreeMap<CommitId, Attribution>,
    /// Which of the changes a report shows; `None` for all.
    pub only: Option<Only>,
    /// How many commits the range has.
    pub range: usize,
    /// Whether no commit of the range was missing.
    pub complete: bool,
    /// What of the history is not known.
    pub gaps: Vec<Gap>,
}

impl Introductions {
    /// The introduction of a package of a lockfile.
    pub fn of(&self, lockfile: &RelPath, package: &Package) -> Option<&Introduction> {
        self.changes.get(lockfile)?.get(package)
    }

    /// Whether a report shows a change of a lockfile. Nobody brought in what went.
    pub fn shows(&self, lockfile: &RelPath, change: &Change) -> bool {
        let Some(only) = &self.only else { return true };
        let commit = self.of(lockfile, &change.package).and_then(|introduction| introduction.origin.commit());
        change.kind != ChangeKind::Removed && only.takes(commit.and_then(|id| self.attributions.get(id)))
    }
}
