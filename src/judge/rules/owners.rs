//! Packages for which nobody answers.

use super::{Found, changes, found, label};
use crate::diff::{Change, ChangeKind};
use crate::judge::Subject;
use crate::judge::approval::Held;

/// Of what came in, where the repository says who owns what. An approval names an owner of its own.
pub(super) fn owner_missing(subject: &Subject<'_>) -> Vec<Found> {
    let gate = &subject.gate;
    if gate.owners.is_empty() {
        return Vec::new();
    }
    let owned_by_entry = |change: &Change| {
        let is_of = |held: &&Held| held.entry.ecosystem == change.package.ecosystem && held.entry.name == change.package.name;
        gate.approvals.iter().filter(is_of).any(|held| held.void.is_none() && held.entry.owner.is_some())
    };
    let new = changes(subject).filter(|(_, change)| change.kind == ChangeKind::Added);
    let ownerless = new.filter(|(lockfile, change)| gate.owners.of_change(lockfile, change).is_empty() && !owned_by_entry(change));
    ownerless.map(|(lockfile, change)| found(lockfile, change, format!("nobody answers for {}", label(change)))).collect()
}
