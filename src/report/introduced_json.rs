//! Which commits brought the changes in, as JSON. A change names its commits; each commit is told once.

use super::Reported;
use super::commit_json::{AttributionOut, CommitOut};
use super::json::LocationOut;
use crate::enrich::attribution::Attribution;
use crate::enrich::introduction::{Declared, FirstSeen, Introduction, Introductions, Origin};
use crate::model::{CommitId, CommitRecord, PullRequest};
use serde::Serialize;
use std::collections::BTreeSet;

/// What of the history was looked at.
#[derive(Serialize)]
pub(super) struct HistoryOut {
    commits: usize,
    complete: bool,
    /// What of the changes is listed, where not all are.
    filter: Option<FilterOut>,
}

/// The changes are those alone whose introduction has one of these attributions.
#[derive(Serialize)]
struct FilterOut {
    ai: Vec<&'static str>,
    left_out: usize,
}

/// A commit that an introduction names.
#[derive(Serialize)]
pub(super) struct IntroducingOut<'r> {
    id: &'r str,
    #[serde(flatten)]
    commit: CommitOut<'r>,
    /// `null` where it was not asked.
    attribution: Option<AttributionOut<'r>>,
}

#[derive(Serialize)]
pub(super) struct IntroductionOut<'r> {
    #[serde(flatten)]
    origin: OriginOut<'r>,
    basis: &'static str,
    /// `null` where it is not known.
    came_back: Option<bool>,
    first_seen: Option<&'r str>,
    merge: Option<&'r str>,
    pull_request: Option<u64>,
    declared: Option<DeclaredOut<'r>>,
    through: Option<ThroughOut<'r>>,
}

#[derive(Serialize)]
struct OriginOut<'r> {
    state: &'static str,
    commit: Option<&'r str>,
    reason: Option<&'r str>,
}

#[derive(Serialize)]
struct DeclaredOut<'r> {
    location: LocationOut<'r>,
    #[serde(flatten)]
    origin: OriginOut<'r>,
}

#[derive(Serialize)]
struct ThroughOut<'r> {
    package: String,
    commit: Option<&'r str>,
}

impl HistoryOut {
    pub(super) fn of(introductions: &Introductions, reported: &Reported<'_>) -> Self {
        let filter = reported.filter().map(|(only, _, left_out)| FilterOut { ai: only.names(), left_out });
        HistoryOut { commits: introductions.range, complete: introductions.complete, filter }
    }
}

impl<'r> IntroducingOut<'r> {
    /// Every commit that an introduction names, sorted by id.
    pub(super) fn all(reported: &'r Reported<'_>) -> Vec<Self> {
        let commits = reported.introductions.iter().flat_map(|known| known.commits.iter().map(move |(id, commit)| (known, id, commit)));
        commits.map(|(known, id, commit)| IntroducingOut::of(commit, known.attributions.get(id))).collect()
    }

    /// These commits, in their order; one that was not read is left out.
    pub(super) fn of_commits(known: &'r Introductions, ids: &BTreeSet<&CommitId>) -> Vec<Self> {
        let commits = ids.iter().filter_map(|id| known.commits.get_key_value(*id));
        commits.map(|(id, commit)| IntroducingOut::of(commit, known.attributions.get(id))).collect()
    }

    fn of(commit: &'r CommitRecord, attribution: Option<&'r Attribution>) -> Self {
        IntroducingOut { id: commit.id.as_str(), commit: CommitOut::of(commit), attribution: attribution.map(AttributionOut::of) }
    }
}

impl<'r> IntroductionOut<'r> {
    pub(super) fn of(introduction: &'r Introduction) -> Self {
        let (came_back, first_seen) = match &introduction.first_seen {
            FirstSeen::Now => (Some(false), introduction.origin.commit()),
            FirstSeen::Commit(id) => (Some(true), Some(id)),
            FirstSeen::BeforeRange => (Some(true), None),
            FirstSeen::Unknown => (None, None),
        };
        IntroductionOut {
            origin: OriginOut::of(&introduction.origin),
            basis: introduction.basis.as_str(),
            came_back,
            first_seen: first_seen.map(|id| id.as_str()),
            merge: introduction.merge.as_ref().map(|id| id.as_str()),
            pull_request: introduction.pull_request.map(PullRequest::number),
            declared: introduction.declared.as_ref().map(DeclaredOut::of),
            through: introduction
                .through
                .as_ref()
                .map(|(package, commit)| ThroughOut { package: package.purl(), commit: commit.as_ref().map(|id| id.as_str()) }),
        }
    }
}

impl<'r> OriginOut<'r> {
    fn of(origin: &'r Origin) -> Self {
        let (state, commit, reason) = match origin {
            Origin::Commit(id) => ("commit", Some(id), None),
            Origin::Uncommitted => ("uncommitted", None, None),
            Origin::Before(id) => ("before-range", Some(id), None),
            Origin::Unknown(reason) => ("unknown", None, Some(reason.text.as_str())),
        };
        OriginOut { state, commit: commit.map(|id| id.as_str()), reason }
    }
}

impl<'r> DeclaredOut<'r> {
    fn of(declared: &'r Declared) -> Self {
        DeclaredOut { location: LocationOut::of(&declared.location), origin: OriginOut::of(&declared.origin) }
    }
}
