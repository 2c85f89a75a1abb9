//! An expression held against lists of what is allowed, denied and needs an approval.
//!
//! The nearer entry counts: the licence with its exception, the licence, its family; of entries that are as near, the
//! strictest. So an entry added to `deny` never lets more in, and one added to `allow` never lets less in.

use super::{Expression, Family, Reading, Term, Unread};
use std::collections::BTreeMap;

/// What is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    Family(Family),
    Term(Term),
}

/// May it come in? The stricter one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Allow,
    NeedsApproval,
    Deny,
}

/// What the lists say of a licence. Of two with one effect, what is known counts before what is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    pub effect: Effect,
    /// Whether the licence, or a part of it that matters, is not known; the effect is what holds of that.
    pub is_unknown: bool,
}

/// Lists by their entries, each with its line in the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lists {
    /// `None` where nobody made one: then everything is allowed that another list does not name.
    pub allow: Option<BTreeMap<Entry, u32>>,
    pub deny: BTreeMap<Entry, u32>,
    pub needs_approval: BTreeMap<Entry, u32>,
    /// What holds of a licence that is not known.
    pub unknown: Effect,
}

impl Entry {
    /// A family's name, or one licence as SPDX writes it, with its exception.
    pub fn parse(text: &str) -> Option<Entry> {
        let family = Family::named(text).map(Entry::Family);
        family.or_else(|| Expression::parse(text)?.single().cloned().map(Entry::Term))
    }
}

impl Lists {
    /// What they say of a text that was read. The licences that are `excepted` are allowed.
    pub fn of_reading(&self, reading: &Reading, excepted: &[&Term]) -> Outcome {
        match &reading.read {
            Ok(expression) => self.of(expression, excepted),
            // What is denied whichever is meant is denied; what would be allowed may still be something else.
            Err(Unread::Ambiguous(may_be)) if may_be.iter().all(|one| self.of(one, excepted) == Outcome::DENIED) => Outcome::DENIED,
            Err(_) => self.of_unknown(),
        }
    }

    pub fn of(&self, expression: &Expression, excepted: &[&Term]) -> Outcome {
        expression.fold(|term| self.of_excepted(term, excepted).0)
    }

    /// What holds where nothing is stated.
    pub fn of_unknown(&self) -> Outcome {
        Outcome { effect: self.unknown, is_unknown: true }
    }

    /// The first part of an expression that makes it what it is, and the line of the entry that says so.
    pub fn deciding<'e>(&self, expression: &'e Expression, excepted: &[&Term]) -> Option<(&'e Term, Option<u32>)> {
        let outcome = self.of(expression, excepted);
        let decided = expression.terms().map(|term| (term, self.of_excepted(term, excepted)));
        decided.filter(|(_, (of_term, _))| *of_term == outcome).map(|(term, (_, line))| (term, line)).next()
    }

    fn of_excepted(&self, term: &Term, excepted: &[&Term]) -> (Outcome, Option<u32>) {
        if excepted.contains(&term) { (Outcome::ALLOWED, None) } else { self.of_term(term) }
    }

    /// With the line of the entry that decides.
    fn of_term(&self, term: &Term) -> (Outcome, Option<u32>) {
        let own = self.of_version(term);
        let is_final = own.0 == Outcome::ALLOWED || self.says(&Entry::Term(term.clone())).is_some();
        if is_final || term.without_later().is_none() {
            return own;
        }
        // Whoever may take a later version may take one that is allowed by its name. That one version is denied, or
        // the family, says nothing for another one.
        let is_later = |entry: &Entry| matches!(entry, Entry::Term(other) if term.is_followed_by(other));
        let is_allowed = |entry: &Entry| self.says(entry).is_some_and(|(effect, _)| effect == Effect::Allow);
        let later = self.allow.iter().flatten().find(|(entry, _)| is_later(entry) && is_allowed(entry));
        later.map_or(own, |(_, line)| (Outcome::ALLOWED, Some(*line)))
    }

    fn of_version(&self, term: &Term) -> (Outcome, Option<u32>) {
        let terms = [Some(term.clone()), term.without_later()].into_iter().flatten();
        let exact = terms.clone().map(Entry::Term).find_map(|entry| self.says(&entry));
        if let Some((effect, line)) = exact {
            return (Outcome { effect, is_unknown: false }, Some(line));
        }
        let bare = terms.map(|term| Entry::Term(term.without_addition())).find_map(|entry| self.says(&entry));
        let family = term.without_addition().family();
        let listed = bare.or_else(|| self.says(&Entry::Family(family?)));
        let (outcome, line) = match (listed, family) {
            (Some((effect, line)), _) => (Outcome { effect, is_unknown: false }, Some(line)),
            (None, None) => (self.of_unknown(), None),
            (None, Some(_)) if self.allow.is_some() => (Outcome { effect: Effect::NeedsApproval, is_unknown: false }, None),
            (None, Some(_)) => (Outcome::ALLOWED, None),
        };
        // An exception of the SPDX list gives further rights. What another addition does is not known.
        if term.has_unknown_addition() { (outcome.max(self.of_unknown()), line) } else { (outcome, line) }
    }

    /// The strictest of the lists that have this entry.
    fn says(&self, entry: &Entry) -> Option<(Effect, u32)> {
        let denied = self.deny.get(entry).map(|line| (Effect::Deny, *line));
        let asked = || self.needs_approval.get(entry).map(|line| (Effect::NeedsApproval, *line));
        let allowed = || self.allow.as_ref()?.get(entry).map(|line| (Effect::Allow, *line));
        denied.or_else(asked).or_else(allowed)
    }
}

impl Outcome {
    pub const ALLOWED: Outcome = Outcome { effect: Effect::Allow, is_unknown: false };
    pub const DENIED: Outcome = Outcome { effect: Effect::Deny, is_unknown: false };
}
