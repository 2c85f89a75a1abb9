//! Whether an entry counts at all, whatever package it is of.

use super::Entry;
use crate::enrich::Fact;
use crate::enrich::attribution::{Catalogue, Category, Context, attribute};
use crate::judge::policy::Policy;
use crate::model::text::quoted;
use crate::model::{Commit, CommitId, Day, Identity, Person, Signature, SignatureState, Signed, Stamp};
use std::collections::HashMap;

/// An entry, where it comes from, and why it does not count where it does not.
#[derive(Clone, Debug)]
pub struct Held {
    pub entry: Entry,
    /// Under which name the base's `.mailmap` knows the approver. It speaks against an entry alone, for four eyes: what
    /// anybody may write into that file must not make one person of another's key.
    pub approver: Identity,
    pub origin: Origin,
    pub void: Option<Void>,
}

/// Where an entry comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The base has it, or a whole project is judged, which has no base.
    Before,
    /// The range begins with it, and this commit, which judges, no longer has it.
    Withdrawn(CommitId),
    /// The work tree alone has it.
    WorkTree,
    /// These commits of the range added it.
    Added(Vec<Adder>),
    /// Which commits added it is not known.
    Unknown(String),
}

/// A commit that added an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adder {
    pub commit: CommitId,
    /// As the commit itself says.
    pub author: Identity,
    /// By the base's `.mailmap`; `None` where a forge committed it.
    pub committer: Option<Person>,
    /// Why its history cannot be shown to be that of the base: a commit from elsewhere says nothing of what is here.
    pub apart: Option<String>,
    pub by: Fact<Category>,
    /// By the keys of the base.
    pub signature: Signature,
}

/// Why an entry does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Void {
    Expired(Day),
    /// It holds so many days, and so many are the most.
    TooLong(i64, i64),
    /// It is dated in the future.
    Future(Day),
    /// The policy does not name the approver.
    NotAllowed,
    /// An AI tool or a bot.
    NoPerson(String),
    Uncommitted,
    /// It is no longer in this commit, which judges.
    Withdrawn(CommitId),
    /// It cannot be shown that somebody else than the change approved it.
    ItsOwn(String),
}

/// The day ends at different times around the world.
const CLOCKS_DIFFER: i64 = 1;
/// Days before its end from which on an entry is about to expire.
pub const SOON: i64 = 30;

/// Judges entries. `in_range` says that a range of commits is judged, in which what is not committed does not count.
pub fn hold(entries: impl Iterator<Item = (Entry, Origin)>, policy: &Policy, today: Day, in_range: bool) -> Vec<Held> {
    // A few people give most approvals, and every mark of the catalogue is looked for in each.
    let mut known: HashMap<(String, String), bool> = HashMap::new();
    let mut is_known_person = |who: &Identity| {
        let key = (who.name.clone(), who.email.clone());
        *known.entry(key).or_insert_with(|| is_person(who, policy.catalogue()))
    };
    let held = entries.map(|(entry, origin)| {
        let void = of_entry(&entry, policy, today, &mut is_known_person);
        let void = void.or_else(|| of_origin(&entry, &origin, policy.approvals.signed, in_range));
        Held { approver: entry.approved_by.clone(), entry, origin, void }
    });
    held.collect()
}

fn of_entry(entry: &Entry, policy: &Policy, today: Day, is_person: &mut dyn FnMut(&Identity) -> bool) -> Option<Void> {
    let terms = &policy.approvals;
    let days = entry.on.until(entry.expires);
    let most = terms.longest.map(|longest| i64::try_from(longest.seconds() / 86_400).unwrap_or(i64::MAX));
    let approver = entry.approved_by.email.to_lowercase();
    if entry.expires < today {
        return Some(Void::Expired(entry.expires));
    }
    if entry.on > today.plus(CLOCKS_DIFFER) {
        return Some(Void::Future(entry.on));
    }
    if let Some(most) = most.filter(|most| days > *most) {
        return Some(Void::TooLong(days, most));
    }
    if terms.approvers.as_ref().is_some_and(|approvers| !approvers.contains(&approver)) {
        return Some(Void::NotAllowed);
    }
    if !is_person(&entry.approved_by) {
        return Some(Void::NoPerson(entry.approved_by.to_string()));
    }
    let owner = entry.owner.as_deref().map(Identity::parse).filter(|owner| !is_person(owner));
    owner.map(|owner| Void::NoPerson(if owner.email.is_empty() { owner.name } else { owner.to_string() }))
}

/// Whether a commit of this author would be a person's, as far as the catalogue knows.
fn is_person(who: &Identity, catalogue: &Catalogue) -> bool {
    let Ok(id) = "0".repeat(40).parse() else { return false };
    let stamp = Stamp { who: who.clone(), time: None };
    let commit = Commit { id, parents: Vec::new(), author: stamp.clone(), committer: stamp, message: String::new(), signed: Signed::No };
    attribute(&commit, Context::default(), catalogue).category == Fact::Known(Category::Undeclared)
}

fn of_origin(entry: &Entry, origin: &Origin, signed: bool, in_range: bool) -> Option<Void> {
    match origin {
        Origin::Before => None,
        Origin::Withdrawn(id) => Some(Void::Withdrawn(id.clone())),
        Origin::WorkTree => in_range.then_some(Void::Uncommitted),
        Origin::Unknown(reason) => Some(Void::ItsOwn(format!("which commit added it is not known: {reason}"))),
        Origin::Added(adders) if adders.is_empty() => Some(Void::ItsOwn("no commit of the range adds it".into())),
        Origin::Added(adders) => adders.iter().find_map(|adder| of_adder(entry, adder, signed)),
    }
}

/// Every commit that added the entry must be its approver's own, and be signed by them where the policy wants it.
fn of_adder(entry: &Entry, adder: &Adder, signed: bool) -> Option<Void> {
    let commit = adder.commit.short();
    let is_approvers = adder.author.email.eq_ignore_ascii_case(&entry.approved_by.email);
    let unsigned = unsigned(entry, &adder.signature).filter(|_| signed);
    let why = match (&adder.by, adder.signature.state) {
        _ if adder.apart.is_some() => format!("{commit} added it, and {}", adder.apart.as_deref().unwrap_or_default()),
        _ if !is_approvers => format!("{commit} added it, which {} wrote, not {}", adder.author.name, entry.approved_by),
        (_, SignatureState::Bad) => format!("{commit} added it, and its signature is bad"),
        (_, SignatureState::Revoked) => format!("{commit} added it, and its signature is by a key that was revoked"),
        _ if unsigned.is_some() => format!("{commit} added it, and {}", unsigned.unwrap_or_default()),
        (Fact::Known(Category::Undeclared), _) => return None,
        (Fact::Known(by), _) => format!("{commit} added it, and its attribution is {}: only a person can approve", by.as_str()),
        (Fact::Unknown(reason), _) => format!("{commit} added it, and whether a person wrote that is not known: {reason}"),
    };
    Some(Void::ItsOwn(why))
}

/// Why a commit is not signed by an entry's approver.
fn unsigned(entry: &Entry, signature: &Signature) -> Option<String> {
    let is_approvers = |address: &String| address.eq_ignore_ascii_case(&entry.approved_by.email);
    match (signature.state, &signature.reason) {
        (SignatureState::Good, _) if signature.addresses.iter().any(is_approvers) => None,
        (SignatureState::Good, _) => {
            let signer = signature.signer.as_deref().unwrap_or("somebody");
            Some(format!("it is signed by {}, not by {}", quoted(signer), entry.approved_by))
        }
        (SignatureState::None, _) => Some("it is not signed, as the policy wants".into()),
        (state, reason) => {
            Some(format!("its signature does not count ({}): {}", state.as_str(), reason.as_deref().unwrap_or("nobody looked")))
        }
    }
}

impl Void {
    /// A clause that follows the entry's name.
    pub fn reason(&self, entry: &Entry) -> String {
        match self {
            Void::Expired(day) => format!("expired on {day}"),
            Void::Future(day) => format!("is dated {day}, which is in the future"),
            Void::TooLong(days, most) => format!("holds {days} days, and the policy allows {most}"),
            Void::NotAllowed => format!("is of {}, whom the policy does not name as an approver", entry.approved_by),
            Void::NoPerson(who) => format!("names {who}, which is no person"),
            Void::Withdrawn(id) => format!("was taken out by {}", id.short()),
            Void::Uncommitted => "is not committed yet".into(),
            Void::ItsOwn(why) => format!("does not count: {why}"),
        }
    }
}
