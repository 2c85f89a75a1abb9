//! What came in, by what the policy says of it.

use super::{Found, changes, found, label, request};
use crate::diff::{Change, ChangeKind};
use crate::judge::Subject;
use crate::judge::policy::Entrance;
use crate::model::{Level, RelPath};

pub(super) fn introduced_package(subject: &Subject<'_>) -> Vec<Found> {
    let added = changes(subject).filter(|(_, change)| change.kind == ChangeKind::Added);
    added.map(|(lockfile, change)| of_change(subject, lockfile, change)).collect()
}

fn of_change(subject: &Subject<'_>, lockfile: &RelPath, change: &Change) -> Found {
    let entrance = subject.gate.policy.introduced.of(change.direct, &subject.gate.told_of(lockfile, &change.package));
    let new = found(lockfile, change, format!("{} is new", label(change)));
    match entrance {
        Entrance::Allow => Found { level: Some(Level::Note), ..new },
        Entrance::NeedsApproval => Found { requests: vec![request(lockfile, change)], ..new },
        Entrance::Deny => {
            let message = format!("{} is new, and the policy lets no such package in", label(change));
            Found { level: Some(Level::Error), ..found(lockfile, change, message) }
        }
    }
}
