//! Which advisories a change brings in, which it takes away and which stay as they were.

use super::Subject;
use super::vex::Held;
use crate::diff::{Change, ChangeKind, LockfileDiff};
use crate::enrich::Fact;
use crate::enrich::advisory::facts;
use crate::graph::{DepGraph, Node, NodeId};
use crate::model::text::quoted;
use crate::model::vex::Assessment;
use crate::model::{Advisory, AdvisoryKind, Ecosystem, Gap, GapKind, Location, Package, RelPath};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What a change does to an advisory of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// The package is new, or its version before was not affected.
    BroughtIn,
    /// The base has the package with this flaw already.
    Stays,
    /// The base has the package with this flaw, and the head has not.
    Gone,
}

impl Presence {
    pub fn as_str(self) -> &'static str {
        match self {
            Presence::BroughtIn => "brought-in",
            Presence::Stays => "stays",
            Presence::Gone => "gone",
        }
    }
}

/// An advisory of one package of one lockfile.
#[derive(Clone, Debug)]
pub struct Standing<'s> {
    pub presence: Presence,
    /// The head's.
    pub lockfile: &'s RelPath,
    /// As the head has it; of what is gone as the base had it.
    pub package: &'s Package,
    /// Where the head lists it; the base, for a package that went.
    pub location: &'s Location,
    pub advisory: &'s Advisory,
    /// What somebody who is believed says of it here.
    pub vex: Option<Arc<Assessment>>,
    /// The base of a range.
    base: Option<&'s DepGraph>,
    /// The graph and the package's place in it; `None` for what is gone.
    node: Option<(&'s DepGraph, NodeId)>,
}

/// Packages that are looked at for the ways to one, and direct ones that are named, at most.
const MOST_SEEN: usize = 2000;
const MOST_WAYS: usize = 10;

impl<'s> Standing<'s> {
    /// The package with its place.
    pub(super) fn held(&self) -> Held<'s> {
        Held { package: self.package, node: self.node, base: self.base }
    }

    /// The direct packages that bring this one, where it is not direct itself and they can be told.
    pub fn through(&self) -> Vec<&Package> {
        let told = self.node.filter(|(graph, id)| graph.knows.edges.is_yes() && graph.knows.directness.is_yes() && !graph.node(*id).direct);
        let ways = told.and_then(|(graph, id)| graph.direct_ways(id, MOST_SEEN));
        ways.filter(|ways| ways.len() <= MOST_WAYS).unwrap_or_default()
    }
}

/// Every advisory of both sides, by lockfile and in the order of its packages; those of one package
/// the most serious first.
pub fn standings<'s>(subject: &'s Subject<'_>) -> Vec<Standing<'s>> {
    if subject.advisories.packages.is_empty() {
        return Vec::new();
    }
    subject.lockfiles.iter().flat_map(|lockfile| of_lockfile(subject, lockfile)).collect()
}

fn of_lockfile<'s>(subject: &'s Subject<'_>, lockfile: &'s LockfileDiff<'_>) -> Vec<Standing<'s>> {
    let advised: Vec<(NodeId, &Node)> =
        lockfile.head.packages().filter(|(_, node)| !subject.advisories.of(&node.package).is_empty()).collect();
    let mut changes: HashMap<&Package, Option<&Change>> = advised.iter().map(|(_, node)| (&node.package, None)).collect();
    for change in lockfile.changes.iter().filter(|change| change.kind != ChangeKind::Removed) {
        if let Some(known) = changes.get_mut(&change.package) {
            *known = Some(change);
        }
    }
    let base = subject.gate.ranged.then_some(lockfile.base);
    let mut standings = Vec::new();
    let mut told = HashSet::new();
    for (id, node) in advised {
        let package = &node.package;
        let before = match changes[package] {
            None => Some(package),
            Some(change) => change.before.as_ref(),
        };
        let before = before.map_or(&[][..], |before| subject.advisories.of(before));
        for advisory in subject.advisories.of(package) {
            // A copy of another registry (npm states none for bundled ones) is the same version to a record.
            if !told.insert((package.ecosystem, &package.name, &package.version, &advisory.id)) {
                continue;
            }
            let is_old = before.iter().any(|old| old.is_same_flaw(advisory));
            let presence = if is_old { Presence::Stays } else { Presence::BroughtIn };
            standings.push(Standing {
                presence,
                lockfile: &lockfile.head.lockfile,
                package,
                location: &node.locations[0],
                advisory,
                vex: spoken(subject, Held { package, node: Some((lockfile.head, id)), base }, advisory),
                base,
                node: Some((lockfile.head, id)),
            });
        }
    }
    standings.extend(lockfile.changes.iter().flat_map(|change| gone(subject, &lockfile.head.lockfile, change)));
    standings
}

/// What is no flaw that somebody can use nobody can clear either.
fn spoken(subject: &Subject<'_>, held: Held<'_>, advisory: &Advisory) -> Option<Arc<Assessment>> {
    subject.gate.vex.of(held, advisory).counts.filter(|_| advisory.kind == AdvisoryKind::Vulnerability)
}

fn gone<'s>(subject: &'s Subject<'_>, lockfile: &'s RelPath, change: &'s Change) -> Vec<Standing<'s>> {
    let (before, after) = match (&change.before, change.kind) {
        (_, ChangeKind::Removed) => (&change.package, &[][..]),
        (Some(before), _) => (before, subject.advisories.of(&change.package)),
        (None, _) => return Vec::new(),
    };
    let is_gone = |old: &&Advisory| !after.iter().any(|new| new.is_same_flaw(old));
    let gone = subject.advisories.of(before).iter().filter(is_gone);
    let standing = |advisory| {
        let (presence, location) = (Presence::Gone, &change.location);
        Standing { presence, lockfile, package: before, location, advisory, vex: None, base: None, node: None }
    };
    gone.map(standing).collect()
}

/// What is not known of advisories: ecosystems without a store or with rejected records, once each, and records of which it
/// cannot be told whether they apply to a package that came in.
pub(super) fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let mut asked: BTreeMap<Ecosystem, (usize, &LockfileDiff<'_>)> = BTreeMap::new();
    let mut unasked: BTreeMap<Ecosystem, (usize, &LockfileDiff<'_>)> = BTreeMap::new();
    let mut gaps = Vec::new();
    for lockfile in &subject.lockfiles {
        let came = |change: &&Change| change.kind != ChangeKind::Removed && facts::is_in_question(&change.package);
        for change in lockfile.changes.iter().filter(came) {
            asked.entry(change.package.ecosystem).or_insert((0, lockfile)).0 += 1;
            if subject.advisories.unasked.contains(&change.package) {
                unasked.entry(change.package.ecosystem).or_insert((0, lockfile)).0 += 1;
            }
            gaps.extend(undecided(subject, change));
        }
    }
    for (ecosystem, (number, lockfile)) in unasked {
        let reason = "they are internal, by the policy or --internal, and are not asked about";
        gaps.push(unknown(ecosystem, number, lockfile, reason));
    }
    for (ecosystem, (number, lockfile)) in asked {
        if let Some(reason) = stale(subject, ecosystem) {
            gaps.push(Gap::of_file(GapKind::StaleAdvisories, &lockfile.head.lockfile, reason));
        }
        let reason = match subject.advisories.stores.get(&ecosystem) {
            Some(Fact::Unknown(_)) if subject.advisories.age.is_some() => continue,
            Some(Fact::Unknown(reason)) => reason.clone(),
            Some(Fact::Known(note)) if note.is_part => PART.to_owned(),
            Some(Fact::Known(note)) if note.rejected > 0 => rejected(note.rejected),
            Some(Fact::Known(_)) | None => continue,
        };
        gaps.push(unknown(ecosystem, number, lockfile, &reason));
    }
    gaps
}

/// Why it is not known whether advisories apply to one package, as a clause.
pub fn not_known(subject: &Subject<'_>, package: &Package) -> Option<String> {
    let known = &subject.advisories;
    let undecided = known.packages.get(package).and_then(|facts| facts.undecided.first());
    let reason = match known.stores.get(&package.ecosystem) {
        _ if known.unasked.contains(package) => "it is internal, and nobody is asked about it".to_owned(),
        None => "no store was asked".to_owned(),
        Some(Fact::Unknown(reason)) => reason.clone(),
        Some(Fact::Known(note)) if note.is_part => PART.to_owned(),
        Some(Fact::Known(note)) if note.rejected > 0 => rejected(note.rejected),
        Some(Fact::Known(_)) => undecided.map(|(id, reason)| format!("{id}: {reason}"))?,
    };
    Some(format!("whether advisories apply to it is not known: {reason}"))
}

fn unknown(ecosystem: Ecosystem, number: usize, lockfile: &LockfileDiff<'_>, reason: &str) -> Gap {
    let packages = if number == 1 { "a package".to_owned() } else { format!("{number} packages") };
    let message = format!("whether advisories apply to {packages} of {} is not known: {reason}", ecosystem.osv_name());
    Gap::of_file(GapKind::UnknownAdvisories, &lockfile.head.lockfile, message)
}

/// Why what the store says is too old, where somebody set a limit; without a store nothing is new enough.
fn stale(subject: &Subject<'_>, ecosystem: Ecosystem) -> Option<String> {
    let limit = subject.advisories.age?;
    let name = ecosystem.osv_name();
    match subject.advisories.stores.get(&ecosystem)? {
        Fact::Unknown(reason) => Some(format!("an advisory store of {name} that is at most {} old is asked for: {reason}", limit.most)),
        Fact::Known(note) if note.is_part => {
            Some(format!("an advisory store of {name} that is at most {} old is asked for: {PART}", limit.most))
        }
        Fact::Known(note) => limit.refuses(note.as_of).map(|reason| {
            format!(
                "the advisory store of {name} is too old: {reason}; renew it: `sbomgate advisories update`, or `import` without a network"
            )
        }),
    }
}

/// Why single records are no knowledge of the packages that they do not name.
const PART: &str = "the advisory store holds single records alone; `sbomgate advisories update` makes it whole, or `sbomgate advisories import FILE…` of OSV's all.zip";

/// A record that could not be read may be about any package.
fn rejected(number: u64) -> String {
    let records =
        if number == 1 { "1 record, or a part of one, was".to_owned() } else { format!("{number} records or parts of them were") };
    format!("{records} rejected when the store was filled, the others are told; `sbomgate advisories status` says from which source")
}

fn undecided(subject: &Subject<'_>, change: &Change) -> Option<Gap> {
    let undecided = &subject.advisories.packages.get(&change.package)?.undecided;
    let (id, reason) = undecided.first()?;
    let others = if undecided.len() > 1 { format!(" (and {} more)", undecided.len() - 1) } else { String::new() };
    let message = format!("whether {id}{others} applies to {} is not known: {reason}", quoted(&change.package.label()));
    Some(Gap::at(GapKind::UnknownAdvisories, &change.location, message))
}
