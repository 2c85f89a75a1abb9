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
pub mod inventory;
mod lines;
mod markers;
mod naming;
mod only;
mod own_files;
mod pattern;
mod subject;

pub use agent_trace::{Trace, TraceError, Traces, parse as parse_agent_trace};
pub use catalogue::{Catalogue, CatalogueError, Kind, Role, Rows, Strength};
pub use claims::{Claim, Joined, evidence as of_claims};
pub use context::{Event, Merge, PullCommit, merged_branch, of_branch, of_event, of_merge, of_pull};
pub use evidence::{Evidence, Extent, How, MOST_TEXT, Place, Record};
pub use git_ai::{NoteError, parse as parse_note};
pub use lines::AddedLines;
pub use only::Only;
pub use own_files::OwnFile;
pub use subject::subject;

use crate::enrich::Fact;
use crate::model::{Commit, Identity, Mailmap, Person};
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

impl Context<'_> {
    /// Notes that evidence may be there which could not be read. The first reason is the answer's, where
    /// nothing else decides; the others are limits.
    pub fn cannot_read(&mut self, reason: String) {
        match self.unknown {
            None => self.unknown = Some(reason),
            Some(_) => self.limits.push(reason),
        }
    }
}

/// Who or what wrote a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    pub category: Fact<Category>,
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
    pub person: Option<Person>,
    /// Further people whom the message names, in its order; tools and bots are not among them.
    pub people: Vec<Person>,
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
    let category = category(&found, &evidence, context.unknown.clone());
    let deciding: Vec<&Evidence> = match category {
        Fact::Known(Category::AiDeclared) => evidence.iter().filter(|one| one.declares()).collect(),
        Fact::Known(Category::AiIndicated) => evidence.iter().filter(|one| one.counts()).collect(),
        _ => Vec::new(),
    };
    let nobodys = Mailmap::default();
    let canonical = |who: &Identity| Person::of(who, context.mailmap.unwrap_or(&nobodys));
    let person = person(commit, &found).map(|who| canonical(&who));
    let is_person = |who: &Person| person.as_ref().is_some_and(|person| (&person.name, &person.email) == (&who.name, &who.email));
    let people = people(&found).map(canonical).filter(|who| !is_person(who)).collect();
    // What could not be read and did not decide is told all the same.
    let unread = context.unknown.filter(|reason| category.reason() != Some(reason));
    Attribution {
        extent: deciding.iter().map(|one| one.extent).min(),
        tools: sorted(deciding.iter().filter_map(|one| one.tool.clone())),
        models: sorted(deciding.iter().filter_map(|one| one.model.clone())),
        automation: found.automation.iter().cloned().collect(),
        people,
        person,
        declared_none: found.declared_none,
        limits: unread.into_iter().chain(context.limits).collect(),
        category,
        evidence,
    }
}

/// Whether the commit's own marks declare or leave something open for its context to say.
pub fn declares_itself(commit: &Commit, catalogue: &Catalogue) -> bool {
    markers::found_on(commit, catalogue).evidence.iter().any(Evidence::declares)
}

fn category(found: &Found, evidence: &[Evidence], unknown: Option<String>) -> Fact<Category> {
    let unread = found.cut.then(|| "the message is longer than is read".to_owned());
    match (evidence.iter().any(Evidence::declares), unknown.or(unread)) {
        (true, _) => Fact::Known(Category::AiDeclared),
        // A bot's commit stays a bot's, whatever a branch is called.
        (false, _) if found.author_is == Nature::Bot => Fact::Known(Category::Automation),
        (false, _) if evidence.iter().any(Evidence::counts) => Fact::Known(Category::AiIndicated),
        (false, Some(reason)) => Fact::Unknown(reason),
        (false, None) => Fact::Known(Category::Undeclared),
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
