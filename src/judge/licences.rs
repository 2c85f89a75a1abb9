//! What is known of the licence of each package that a change touches, and what the policy makes of it. Reports tell it,
//! and the rules find in it what the policy does not allow.

use super::Subject;
use super::approval::Asked;
use super::named::is_of_these_bytes;
use super::policy::{Clarification, Exception, Licences};
use crate::diff::{Aspect, Change, ChangeKind, LockfileDiff};
use crate::enrich::licence::{Claim, Effect, Family, Known, Origin, Outcome, Reader, Term};
use crate::graph::{DepGraph, Node};
use crate::model::licence::Licence;
use crate::model::{Digest, Ecosystem, Location, Package, PackageName, RelPath};
use std::collections::HashMap;

/// The licence of one package, and what it was.
#[derive(Debug)]
pub struct Standing<'s> {
    /// The head's.
    pub lockfile: &'s RelPath,
    pub change: &'s Change,
    /// As the head has it; of a removed package as the base had it.
    pub is: Told<'s>,
    /// As the base had it, where both have it.
    pub was: Option<Told<'s>>,
}

/// What is known of a licence on one side.
#[derive(Debug, Default)]
pub struct Told<'s> {
    pub known: Known,
    /// The clarification that holds.
    pub clarified: Option<&'s Clarification>,
    /// Clarifications of this package that are pinned to other bytes.
    pub stale: Vec<&'s Clarification>,
    /// What single packages may be under, where this is one of them.
    exceptions: Vec<&'s Exception>,
}

impl Standing<'_> {
    /// Whether the change brings something to judge: the package came in, from elsewhere, or under another licence; or
    /// what let it be does not hold any more.
    pub fn brings(&self, policy: &Licences) -> bool {
        let Some(was) = &self.was else { return self.change.kind == ChangeKind::Added };
        let is_other = self.change.what.contains(&Aspect::Source) || !self.is.known.is_same(&was.known);
        is_other || self.is.judged(policy).0.effect > was.judged(policy).0.effect
    }

    /// Whether one version from one source is stated to be under another licence than before: it is the statement that
    /// changed, and not the package.
    pub fn is_restated(&self) -> bool {
        let is = |aspect| self.change.what.contains(&aspect);
        let is_same_release = self.change.kind == ChangeKind::Modified && !is(Aspect::Source) && !is(Aspect::Version);
        let stated = |told: &Told<'_>| !told.known.claims.is_empty();
        let was = self.was.as_ref().filter(|was| stated(was) && stated(&self.is));
        is_same_release && was.is_some_and(|was| !self.is.known.is_same(&was.known))
    }

    /// The families before and now, where the one of now is stricter, or is not known any more; `None` where a side states
    /// no licence, or nothing got stricter.
    pub fn stricter(&self) -> Option<(Family, Option<Family>)> {
        let was = self.was.as_ref()?;
        if self.is.known.claims.is_empty() || self.is.known.is_same(&was.known) {
            return None;
        }
        let (before, now) = (was.known.family()?, self.is.known.family());
        now.is_none_or(|now| now > before).then_some((before, now))
    }
}

impl Told<'_> {
    /// What the policy makes of it, and the claim that decides.
    pub fn judged(&self, policy: &Licences) -> (Outcome, Option<&Claim>) {
        self.known.judged(&policy.lists, &self.excepted())
    }

    /// The licences that this package may be under.
    pub fn excepted(&self) -> Vec<&Term> {
        self.exceptions.iter().flat_map(|exception| &exception.terms).collect()
    }

    /// The exceptions of this package that are of a licence that it states.
    pub fn used(&self) -> impl Iterator<Item = &Exception> {
        let states = |exception: &Exception| {
            let mut expressions = self.known.counting().iter().filter_map(|claim| claim.reading.expression());
            expressions.any(|expression| expression.terms().any(|term| exception.terms.contains(term)))
        };
        self.exceptions.iter().copied().filter(move |exception| states(exception))
    }
}

/// Every change, by lockfile and in the order of its packages.
pub fn standings<'s>(subject: &'s Subject<'_>) -> Vec<Standing<'s>> {
    let desk = Desk::new(subject);
    let mut reader = Reader::default();
    let of = |lockfile: &'s LockfileDiff<'_>| {
        let (base, head) = (desk.nodes(lockfile.base), desk.nodes(lockfile.head));
        let standing = |change: &'s Change| {
            let nodes = if change.kind == ChangeKind::Removed { &base } else { &head };
            let place = (&change.package, change.licence.as_ref(), &change.location);
            let was = change.before.as_ref().zip(change.was_location.as_ref());
            Standing {
                lockfile: &lockfile.head.lockfile,
                change,
                is: desk.told(place, nodes, &mut reader),
                was: was.map(|(before, at)| desk.told((before, change.was_licence.as_ref(), at), &base, &mut reader)),
            }
        };
        lockfile.changes.iter().map(standing).collect::<Vec<_>>()
    };
    subject.lockfiles.iter().flat_map(of).collect()
}

type Key<'s> = (Ecosystem, &'s PackageName);
type Nodes<'s> = HashMap<&'s Package, (&'s DepGraph, &'s Node)>;
type Place<'s> = (&'s Package, Option<&'s Licence>, &'s Location);

/// What the policy says of single packages, by their names.
struct Desk<'s> {
    subject: &'s Subject<'s>,
    exceptions: HashMap<Key<'s>, Vec<&'s Exception>>,
    clarifications: HashMap<Key<'s>, Vec<&'s Clarification>>,
}

impl<'s> Desk<'s> {
    fn new(subject: &'s Subject<'_>) -> Self {
        let mut desk = Desk { subject, exceptions: HashMap::new(), clarifications: HashMap::new() };
        if let Some(policy) = &subject.gate.policy.licences {
            for one in &policy.exceptions {
                desk.exceptions.entry((one.of.ecosystem, &one.of.name)).or_default().push(one);
            }
            for one in &policy.clarifications {
                desk.clarifications.entry((one.of.ecosystem, &one.of.name)).or_default().push(one);
            }
        }
        desk
    }

    /// The packages of a graph of which a clarification speaks.
    fn nodes(&self, graph: &'s DepGraph) -> Nodes<'s> {
        if self.clarifications.is_empty() {
            return HashMap::new();
        }
        let named = graph.packages().filter(|(_, node)| self.clarifications.contains_key(&(node.package.ecosystem, &node.package.name)));
        named.map(|(_, node)| (&node.package, (graph, node))).collect()
    }

    fn told(&self, (package, licence, place): Place<'_>, nodes: &Nodes<'s>, reader: &mut Reader) -> Told<'s> {
        let key = (package.ecosystem, &package.name);
        let mut told = Told { known: self.subject.licences.of(package, licence, place, reader), ..Told::default() };
        let exceptions = self.exceptions.get(&key).into_iter().flatten();
        told.exceptions = exceptions.filter(|exception| exception.is_of(package)).copied().collect();
        for clarification in self.clarifications.get(&key).into_iter().flatten().filter(|one| one.is_of(package)) {
            match is_of_these_bytes(&clarification.digests, &digests(package, nodes)) {
                true => told.clarified = told.clarified.or(Some(clarification)),
                false => told.stale.push(clarification),
            }
        }
        if let Some(clarification) = told.clarified {
            let origin = Origin::Clarification(clarification.location.clone());
            told.known.claims.insert(0, Claim { origin, reading: clarification.reading.clone() });
            // Of several, the one of these bytes is meant.
            told.stale.clear();
        }
        told
    }
}

/// None where they do not tell the bytes.
fn digests(package: &Package, nodes: &Nodes<'_>) -> Vec<Digest> {
    nodes.get(package).map_or_else(Vec::new, |(graph, node)| Asked::of(&graph.lockfile, package, graph, node).digests)
}

/// What the policy's word for an effect is.
pub fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::NeedsApproval => "needs-approval",
        Effect::Deny => "deny",
    }
}
