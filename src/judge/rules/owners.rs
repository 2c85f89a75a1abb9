//! Packages for which nobody answers.

use super::{Found, changes, found, label};
use crate::diff::{Change, ChangeKind};
use crate::judge::Subject;
use crate::model::{Ecosystem, PackageName};
use std::collections::HashSet;

/// Of what came in, where the repository says who owns what. An approval names an owner of its own.
pub(super) fn owner_missing(subject: &Subject<'_>) -> Vec<Found> {
    let gate = &subject.gate;
    if gate.owners.is_empty() {
        return Vec::new();
    }
    let owning = gate.approvals.iter().filter(|held| held.void.is_none() && held.entry.owner.is_some());
    let by_entry: HashSet<(Ecosystem, &PackageName)> = owning.map(|held| (held.entry.ecosystem, &held.entry.name)).collect();
    let owned_by_entry = |change: &Change| by_entry.contains(&(change.package.ecosystem, &change.package.name));
    let new = changes(subject).filter(|(_, change)| change.kind == ChangeKind::Added);
    let ownerless = new.filter(|(lockfile, change)| gate.owners.of_change(lockfile, change).is_empty() && !owned_by_entry(change));
    ownerless.map(|(lockfile, change)| found(lockfile, change, format!("nobody answers for {}", label(change)))).collect()
}
