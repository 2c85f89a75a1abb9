//! What gets installed and no lockfile holds: whoever publishes it decides which code that is.

use super::{Found, changes, found, label, of_package, request};
use crate::diff::{Aspect, Change, ChangeKind, LockfileDiff};
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{Level, Package};
use crate::read::Unlocked;
use std::collections::HashSet;

pub(super) fn unlocked_requirement(subject: &Subject<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = subject.lockfiles.iter().flat_map(new_needs).collect();
    found.extend(lost_pins(subject));
    found
}

/// What the first-party packages of the head need and those of the base did not: by name, place and,
/// where one is named, version. A range that moved lets nothing in that would not have come anyway.
fn new_needs(lockfile: &LockfileDiff<'_>) -> Vec<Found> {
    let old: HashSet<(&Package, Option<&str>)> = lockfile.base.unlocked().map(key).collect();
    let mut told = HashSet::new();
    let new = lockfile.head.unlocked().filter(|need| !old.contains(&key(need)) && told.insert(key(need)));
    new.map(|need| {
        let requests = vec![(lockfile.head.lockfile.clone(), need.package.clone())];
        Found { requests, ..of_package(&lockfile.head.lockfile, &need.package, need.message.clone(), &need.location) }
    })
    .collect()
}

fn key(need: &Unlocked) -> (&Package, Option<&str>) {
    (&need.package, need.state.as_deref())
}

/// A requirement that named one version and no longer does. With its digests went what would have told
/// other bytes, so that is an error. Another source is `source-changed`'s.
fn lost_pins(subject: &Subject<'_>) -> Vec<Found> {
    let has_lost = |change: &Change| {
        let was = change.before.as_ref().and_then(|before| before.version.as_ref());
        change.kind == ChangeKind::Modified && !change.what.contains(&Aspect::Source) && was.is_some() && change.package.version.is_none()
    };
    let lost = changes(subject).filter(|(_, change)| has_lost(change));
    lost.map(|(lockfile, change)| {
        let before = change.before.as_ref().map(Package::label).unwrap_or_default();
        let bare = !change.was_digests.is_empty() && change.digests.is_empty();
        let digests = if bare { ", and its digests are gone" } else { "" };
        let message = format!("{} is no longer held at one version (before: {}){digests}", label(change), quoted(&before));
        let level = if bare { Level::Error } else { Level::Warning };
        Found { level: Some(level), requests: vec![request(lockfile, change)], ..found(lockfile, change, message) }
    })
    .collect()
}
