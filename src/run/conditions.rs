//! The policy's conditions, asked of everything that a change brings.

use crate::diff::{self, Change};
use crate::enrich::introduction::Introductions;
use crate::graph::DepGraph;
use crate::judge::Subject;
use crate::judge::condition::{self, Condition, Met, Model};
use crate::model::{Package, RelPath};
use crate::report::json;
use std::collections::BTreeSet;

/// The policy's conditions that changes meet. Who brought something in is asked of a range of commits alone.
pub fn met(subject: &Subject<'_>, introductions: Option<&Introductions>) -> Vec<Met> {
    let conditions = &subject.gate.policy.conditions;
    if conditions.is_empty() {
        return Vec::new();
    }
    let is_asked = |condition: &Condition| subject.gate.ranged || !condition.when.is_of_history;
    let all = json::models(subject, introductions);
    let mut met: Vec<Met> = all.flat_map(|(lockfile, change, model)| of_change(conditions, is_asked, lockfile, change, model)).collect();
    met.extend(moved(subject));
    met
}

fn of_change(
    conditions: &[Condition],
    is_asked: impl Fn(&Condition) -> bool,
    lockfile: &RelPath,
    change: &Change,
    model: Model,
) -> Vec<Met> {
    let met = |(condition, undecided)| {
        let (lockfile, package, location) = (lockfile.clone(), change.package.clone(), change.location.clone());
        Met { condition, lockfile, package, location, undecided }
    };
    condition::met(conditions, is_asked, model).into_iter().map(met).collect()
}

/// A lockfile that moves takes packages along to which nothing happens, and which are somewhere else: who asks where they
/// lie is answered as of a lockfile that is new there.
fn moved(subject: &Subject<'_>) -> Vec<Met> {
    let conditions = &subject.gate.policy.conditions;
    let mut met = Vec::new();
    for lockfile in subject.lockfiles.iter().filter(|lockfile| lockfile.base.lockfile != lockfile.head.lockfile) {
        let head = lockfile.head;
        if !conditions.iter().any(|condition| condition.when.is_of_place) || lockfile.base.packages().next().is_none() {
            continue;
        }
        let changed: BTreeSet<&Package> = lockfile.changes.iter().map(|change| &change.package).collect();
        let nothing = DepGraph::empty(head.lockfile.clone(), head.format, head.ecosystem);
        let mut there = Subject::of(vec![diff::compare(&nothing, head)]);
        there.gate.today = subject.gate.today;
        let all = json::models(&there, None).filter(|(_, change, _)| !changed.contains(&change.package));
        met.extend(all.flat_map(|(path, change, model)| of_change(conditions, |one| one.when.is_of_place, path, change, model)));
    }
    met
}
