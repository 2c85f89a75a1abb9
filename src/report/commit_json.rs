//! What a commit says of itself, and who or what wrote it, as JSON: one form, whichever report has it.

use crate::enrich::attribution::{Attribution, Category, Extent};
use crate::model::{CommitRecord, Person, PullRequest, Signature, Signed};
use serde::Serialize;

/// A commit's own claims.
#[derive(Serialize)]
pub(super) struct CommitOut<'r> {
    parents: Vec<&'r str>,
    author: PersonOut<'r>,
    committer: PersonOut<'r>,
    co_authors: Vec<PersonOut<'r>>,
    /// `null` for a time that RFC 3339 cannot write.
    authored: Option<String>,
    committed: Option<String>,
    subject: &'r str,
    pull_request: Option<u64>,
    signature: SignatureOut<'r>,
}

#[derive(Serialize)]
pub(super) struct PersonOut<'r> {
    name: &'r str,
    email: &'r str,
    recorded: Option<&'r str>,
}

#[derive(Serialize)]
struct SignatureOut<'r> {
    state: &'static str,
    kind: Option<&'static str>,
    signer: Option<&'r str>,
    key: Option<&'r str>,
    reason: Option<&'r str>,
}

/// Who or what wrote a commit; `sbomgate attribution` gives the evidence.
#[derive(Serialize)]
pub(super) struct AttributionOut<'r> {
    /// `null` where it is not known; `reason` says why.
    attribution: Option<&'static str>,
    reason: Option<&'r str>,
    scope: Option<&'static str>,
    tools: &'r [String],
    models: &'r [String],
    automation: &'r [String],
    accountable: Option<PersonOut<'r>>,
    people: Vec<PersonOut<'r>>,
    declared_none: bool,
    limits: &'r [String],
}

impl<'r> CommitOut<'r> {
    pub(super) fn of(commit: &'r CommitRecord) -> Self {
        CommitOut {
            parents: commit.parents.iter().map(|id| id.as_str()).collect(),
            author: PersonOut::of(&commit.author),
            committer: PersonOut::of(&commit.committer),
            co_authors: commit.co_authors.iter().map(PersonOut::of).collect(),
            authored: commit.authored.rfc3339(),
            committed: commit.committed.rfc3339(),
            subject: &commit.subject,
            pull_request: commit.pull_request.map(PullRequest::number),
            signature: SignatureOut::of(&commit.signature),
        }
    }
}

impl<'r> AttributionOut<'r> {
    pub(super) fn of(attribution: &'r Attribution) -> Self {
        AttributionOut {
            attribution: attribution.category.known().copied().map(Category::as_str),
            reason: attribution.category.reason(),
            scope: attribution.extent.map(Extent::as_str),
            tools: &attribution.tools,
            models: &attribution.models,
            automation: &attribution.automation,
            accountable: attribution.person.as_ref().map(PersonOut::of),
            people: attribution.people.iter().map(PersonOut::of).collect(),
            declared_none: attribution.declared_none.is_some(),
            limits: &attribution.limits,
        }
    }
}

impl<'r> PersonOut<'r> {
    fn of(person: &'r Person) -> Self {
        PersonOut { name: &person.name, email: &person.email, recorded: person.recorded.as_deref() }
    }
}

impl<'r> SignatureOut<'r> {
    fn of(signature: &'r Signature) -> Self {
        SignatureOut {
            state: signature.state.as_str(),
            kind: (signature.kind != Signed::No).then(|| signature.kind.as_str()),
            signer: signature.signer.as_deref(),
            key: signature.key.as_deref(),
            reason: signature.reason.as_deref(),
        }
    }
}
