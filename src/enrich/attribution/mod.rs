//! Who or what wrote a commit, on evidence: the accountable person, the AI tool and the bot are three
//! answers, never one.
//!
//! A mark can be forged, forgotten, suppressed and lost in a squash. So `ai-declared` means that somebody
//! declared it, and `undeclared` means that nobody did, never that a person wrote it. Where the history is
//! cut off, or a message is not read to its end, the absence of a mark is not an answer: it is not known.

mod agent_trace;
mod catalogue;
mod claims;
mod context;
mod evidence;
mod git_ai;
mod lines;
mod markers;
mod message;
mod naming;
mod pattern;
mod subject;

pub use agent_trace::{Trace, TraceError, parse as parse_agent_trace};
pub use catalogue::{Catalogue, CatalogueError, Kind, Role, Strength};
pub use claims::{Claim, Joined, evidence as of_claims};
pub use context::{Event, Merge, PullCommit, PullRequest, merged_branch, of_branch, of_event, of_merge, of_pull};
pub use evidence::{Evidence, Extent, How, MOST_TEXT, Place, Record};
pub use git_ai::{NoteError, parse as parse_note};
pub use lines::AddedLines;
pub use subject::subject;

use crate::model::{Commit, Identity, Mailmap};
use markers::{Found, Nature};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What can be said of who or what wrote a commit; a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A conclusive or strong mark, or a record that covers an added line.
    AiDeclared,
    /// A branch name, a session elsewhere in the commit, a bare name.
    AiIndicated,
    /// The author is a bot that is no AI tool.
    Automation,
    /// Nobody declared anything. This says nothing of who wrote it.
    Undeclared,
}

impl Category {
    pub fn as_str(self) -> &'static str {
        match self {
            Category::AiDeclared => "ai-declared",
            Category::AiIndicated => "ai-indicated",
            Category::Automation => "automation",
            Category::Undeclared => "undeclared",
        }
    }

    pub fn is_ai(self) -> bool {
        matches!(self, Category::AiDeclared | Category::AiIndicated)
    }
}

/// What is known beside the commit itself.
#[derive(Debug, Default)]
pub struct Context<'a> {
    /// Evidence from around the commit: [`of_claims`], [`of_pull`], [`of_merge`], [`of_branch`], [`of_event`].
    pub evidence: Vec<Evidence>,
    /// Why evidence may be there that could not be looked at; then `undeclared` is not known.
    pub unknown: Option<String>,
    /// What was not looked at and would not turn the answer into an unknown one.
    pub limits: Vec<String>,
    pub mailmap: Option<&'a Mailmap>,
}

/// Who or what wrote a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// `Err` says why it is not known.
    pub category: Result<Category, String>,
    /// How near the evidence is that decided; `None` where there is none.
    pub extent: Option<Extent>,
    /// Ids of the tools that the deciding evidence names, sorted.
    pub tools: Vec<String>,
    /// Their models, as they are written, sorted.
    pub models: Vec<String>,
    /// Ids of the bots that are author or co-author, sorted; no AI tool is among them.
    pub automation: Vec<String>,
    /// Who answers for the commit: the author, or the committer where a tool or bot is the author. `None` where
    /// neither is a person.
    pub person: Option<Identity>,
    /// Further people, in the order of the message.
    pub co_authors: Vec<Identity>,
    /// The line of the message that declares that no AI was used.
    pub declared_none: Option<(u32, String)>,
    /// Everything found, the strongest first.
    pub evidence: Vec<Evidence>,
    pub limits: Vec<String>,
}

/// Says of a commit who or what wrote it. The time is linear in the message.
pub fn attribute(commit: &Commit, context: Context<'_>, catalogue: &Catalogue) -> Attribution {
    let found = markers::found_on(commit, catalogue);
    let mut evidence: Vec<Evidence> = found.evidence.iter().cloned().chain(context.evidence).collect();
    if let Some(own) = own_merge(commit, catalogue) {
        evidence.push(own);
    }
    evidence.sort_by(|a, b| (Reverse(a.strength), a).cmp(&(Reverse(b.strength), b)));
    evidence.dedup();
    let category = category(&found, &evidence, context.unknown);
    let deciding: Vec<&Evidence> = match category {
        Ok(Category::AiDeclared) => evidence.iter().filter(|one| one.declares()).collect(),
        Ok(Category::AiIndicated) => evidence.iter().filter(|one| one.counts()).collect(),
        _ => Vec::new(),
    };
    let canonical = |who: &Identity| context.mailmap.map_or_else(|| who.clone(), |mailmap| mailmap.canonical(who));
    let person = person(commit, &found).map(|who| canonical(&who));
    let co_authors = people(&found).map(canonical).filter(|who| Some(who) != person.as_ref());
    Attribution {
        extent: deciding.iter().map(|one| one.extent).min(),
        tools: sorted(deciding.iter().filter_map(|one| one.tool.clone())),
        models: sorted(deciding.iter().filter_map(|one| one.model.clone())),
        automation: found.automation.iter().cloned().collect(),
        co_authors: co_authors.collect(),
        person,
        declared_none: found.declared_none,
        limits: context.limits,
        category,
        evidence,
    }
}

/// Whether the commit's own marks declare or leave something open for its context to say.
pub fn declares_itself(commit: &Commit, catalogue: &Catalogue) -> bool {
    markers::found_on(commit, catalogue).evidence.iter().any(Evidence::declares)
}

fn category(found: &Found, evidence: &[Evidence], unknown: Option<String>) -> Result<Category, String> {
    let unread = found.cut.then(|| "the message is longer than is read".to_owned());
    match (evidence.iter().any(Evidence::declares), unknown.or(unread)) {
        (true, _) => Ok(Category::AiDeclared),
        // A bot's commit stays a bot's, whatever a branch is called.
        (false, _) if found.author_is == Nature::Bot => Ok(Category::Automation),
        (false, _) if evidence.iter().any(Evidence::counts) => Ok(Category::AiIndicated),
        (false, Some(reason)) => Err(reason),
        (false, None) => Ok(Category::Undeclared),
    }
}

/// A merge's own subject, or that of a squash which kept it.
fn own_merge(commit: &Commit, catalogue: &Catalogue) -> Option<Evidence> {
    let merge = Merge { commit: commit.id.clone(), subject: commit.subject().to_owned() };
    of_merge(&merge, true, catalogue)
}

fn person(commit: &Commit, found: &Found) -> Option<Identity> {
    let named = |who: &Identity| Some(without_suffix(who)).filter(|who| !who.name.is_empty() || !who.email.is_empty());
    match (found.author_is, found.committer_is) {
        (Nature::Person, _) => named(&commit.author.who),
        (_, Nature::Person) => named(&commit.committer.who),
        _ => None,
    }
}

/// A name without what a tool hangs on it.
fn without_suffix(who: &Identity) -> Identity {
    let name = who.name.strip_suffix(" (aider)").unwrap_or(&who.name);
    Identity { name: name.to_owned(), email: who.email.clone() }
}

fn people(found: &Found) -> impl Iterator<Item = &Identity> {
    found.co_authors.iter().filter(|(_, nature)| *nature == Nature::Person).map(|(who, _)| who)
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}
