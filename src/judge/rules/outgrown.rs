//! Packages that changed so that the approval by which they are there is no longer of them: another version than it
//! names, a scope in which it does not hold, or a lockfile in another place.

use super::{Found, of_package};
use crate::diff::{Change, ChangeKind, LockfileDiff};
use crate::graph::{DepGraph, Node};
use crate::judge::Subject;
use crate::judge::approval::{Asked, Held};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Package, PackageName};
use std::collections::{BTreeMap, HashMap};

/// By what they are of, the approvals that count.
type Entries<'s> = HashMap<(Ecosystem, &'s PackageName), Vec<&'s Held>>;

pub(super) fn approval_outgrown(subject: &Subject<'_>) -> Vec<Found> {
    subject.lockfiles.iter().flat_map(|lockfile| outgrown(subject, lockfile)).collect()
}

fn outgrown(subject: &Subject<'_>, lockfile: &LockfileDiff<'_>) -> Vec<Found> {
    let mut entries: Entries<'_> = HashMap::new();
    for held in subject.gate.approvals.iter().filter(|held| held.void.is_none()) {
        entries.entry((held.entry.ecosystem, &held.entry.name)).or_default().push(held);
    }
    let (base, head) = (lockfile.base, lockfile.head);
    let changes: HashMap<&Package, &Change> =
        lockfile.changes.iter().filter(|change| change.kind != ChangeKind::Removed).map(|change| (&change.package, change)).collect();
    let (old, moved) = (named(base, &entries), base.lockfile != head.lockfile);
    let fitting = |graph: &DepGraph, node: &Node| {
        let of_name = entries.get(&(node.package.ecosystem, &node.package.name))?;
        let asked = Asked::of(&graph.lockfile, &node.package, graph, node);
        of_name.iter().find(|held| held.entry.fits(&asked)).map(|held| &held.entry.location)
    };
    let outgrown = |(package, is): (&Package, &Node)| {
        // What stays as it is outgrows an approval only where its lockfile went to another place.
        let before = match changes.get(package) {
            Some(change) => change.before.as_ref().unwrap_or(package),
            None => Some(package).filter(|_| moved)?,
        };
        let left = fitting(base, old.get(before)?)?;
        if fitting(head, is).is_some() {
            return None;
        }
        let (label, before) = (quoted(&package.label()), quoted(&before.label()));
        let message = format!("{label} is no longer what was approved of {before} ({left})");
        let requests = vec![(head.lockfile.clone(), package.clone())];
        Some(Found { requests, ..of_package(&head.lockfile, package, message, &is.locations[0]) })
    };
    let new: BTreeMap<&Package, &Node> = named(head, &entries).into_iter().collect();
    new.into_iter().filter_map(outgrown).collect()
}

/// The packages of a graph that some entry names.
fn named<'g>(graph: &'g DepGraph, entries: &Entries<'_>) -> HashMap<&'g Package, &'g Node> {
    let nodes = graph.packages().map(|(_, node)| node);
    let named = nodes.filter(|node| entries.contains_key(&(node.package.ecosystem, &node.package.name)));
    named.map(|node| (&node.package, node)).collect()
}
