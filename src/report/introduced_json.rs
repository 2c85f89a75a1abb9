//! Which commits brought the changes in, as JSON. A change names its commits; each commit is told once.

use super::json::LocationOut;
use crate::enrich::attribution::{Attribution, Extent};
use crate::enrich::introduction::{Declared, FirstSeen, Introduction, Introductions, Origin, pull_request};
use crate::model::{CommitRecord, Person, Signed};
use serde::Serialize;

/// What of the history was looked at.
#[derive(Serialize)]
pub(super) struct HistoryOut {
    commits: usize,
    complete: bool,
}

#[derive(Serialize)]
pub(super) struct CommitOut<'r> {
    id: &'r str,
    parents: Vec<&'r str>,
    author: PersonOut<'r>,
    committer: PersonOut<'r>,
    co_authors: Vec<PersonOut<'r>>,
    /// `null` for a time that RFC 3339 cannot write.
    authored: Option<String>,
    committed: Option<String>,
    subject: &'r str,
    pull_request: Option<u64>,
    signature: SignatureOut,
    /// `null` where it was not asked.
    attribution: Option<AttributionOut<'r>>,
}

/// Who or what wrote a commit; `sbomgate attribution` gives the evidence.
#[derive(Serialize)]
struct AttributionOut<'r> {
    attribution: Option<&'static str>,
    reason: Option<&'r str>,
    scope: Option<&'static str>,
    tools: &'r [String],
    models: &'r [String],
    automation: &'r [String],
    accountable: Option<AccountableOut<'r>>,
}

#[derive(Serialize)]
struct AccountableOut<'r> {
    name: &'r str,
    email: &'r str,
}

#[derive(Serialize)]
struct PersonOut<'r> {
    name: &'r str,
    email: &'r str,
    recorded: Option<&'r str>,
}

#[derive(Serialize)]
struct SignatureOut {
    state: &'static str,
    kind: Option<&'static str>,
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
    pub(super) fn of(introductions: &Introductions) -> Self {
        HistoryOut { commits: introductions.range, complete: introductions.complete }
    }
}

impl<'r> CommitOut<'r> {
    pub(super) fn of(commit: &'r CommitRecord, attribution: Option<&'r Attribution>) -> Self {
        let (state, kind) = match commit.signed {
            Signed::No => ("none", None),
            kind => ("not-checked", Some(kind.as_str())),
        };
        CommitOut {
            id: commit.id.as_str(),
            parents: commit.parents.iter().map(|id| id.as_str()).collect(),
            author: PersonOut::of(&commit.author),
            committer: PersonOut::of(&commit.committer),
            co_authors: commit.co_authors.iter().map(PersonOut::of).collect(),
            authored: commit.authored.rfc3339(),
            committed: commit.committed.rfc3339(),
            subject: commit.subject(),
            pull_request: pull_request(&commit.message),
            signature: SignatureOut { state, kind },
            attribution: attribution.map(AttributionOut::of),
        }
    }
}

impl<'r> AttributionOut<'r> {
    fn of(attribution: &'r Attribution) -> Self {
        AttributionOut {
            attribution: attribution.category.as_ref().ok().map(|category| category.as_str()),
            reason: attribution.category.as_ref().err().map(String::as_str),
            scope: attribution.extent.map(Extent::as_str),
            tools: &attribution.tools,
            models: &attribution.models,
            automation: &attribution.automation,
            accountable: attribution.person.as_ref().map(|person| AccountableOut { name: &person.name, email: &person.email }),
        }
    }
}

impl<'r> PersonOut<'r> {
    fn of(person: &'r Person) -> Self {
        PersonOut { name: &person.name, email: &person.email, recorded: person.recorded.as_deref() }
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
            pull_request: introduction.pull_request,
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
