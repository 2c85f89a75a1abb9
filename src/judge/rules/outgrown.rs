//! Packages that changed so that the approval by which they are there is no longer of them: another version than it
//! names, or a scope in which it does not hold.

use super::{Found, found, label, request};
use crate::diff::{ChangeKind, LockfileDiff};
use crate::graph::{DepGraph, Node};
use crate::judge::Subject;
use crate::judge::approval::{Asked, Held};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Package, PackageName};
use std::collections::HashMap;

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
    let (old, new) = (named(lockfile.base, &entries), named(lockfile.head, &entries));
    let path = &lockfile.head.lockfile;
    let stays = lockfile.changes.iter().filter(|change| !matches!(change.kind, ChangeKind::Added | ChangeKind::Removed));
    stays
        .filter_map(|change| {
            let before = change.before.as_ref().unwrap_or(&change.package);
            let (was, is) = (old.get(before)?, new.get(&change.package)?);
            let of_name = entries.get(&(change.package.ecosystem, &change.package.name))?;
            let fitting = |graph: &DepGraph, node: &Node| {
                let asked = Asked::of(path, &node.package, graph, node);
                of_name.iter().find(|held| held.entry.fits(&asked)).map(|held| &held.entry.location)
            };
            let left = fitting(lockfile.base, was)?;
            if fitting(lockfile.head, is).is_some() {
                return None;
            }
            let message = format!("{} is no longer what was approved of {} ({left})", label(change), quoted(&before.label()));
            Some(Found { requests: vec![request(path, change)], ..found(path, change, message) })
        })
        .collect()
}

/// The packages of a graph that some entry names.
fn named<'g>(graph: &'g DepGraph, entries: &Entries<'_>) -> HashMap<&'g Package, &'g Node> {
    let nodes = graph.packages().map(|(_, node)| node);
    let named = nodes.filter(|node| entries.contains_key(&(node.package.ecosystem, &node.package.name)));
    named.map(|node| (&node.package, node)).collect()
}
