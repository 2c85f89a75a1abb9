//! The policy's conditions, asked of everything that a change brings.

use crate::diff::Change;
use crate::enrich::introduction::Introductions;
use crate::judge::Subject;
use crate::judge::condition::{self, Condition, Model};
use crate::model::RelPath;
use crate::report::json;

/// The policy's conditions that changes meet. Who brought something in is asked of a range of commits alone.
pub fn met(subject: &Subject<'_>, introductions: Option<&Introductions>) -> Vec<condition::Met> {
    let conditions = &subject.gate.policy.conditions;
    if conditions.is_empty() {
        return Vec::new();
    }
    let is_asked = |condition: &Condition| subject.gate.ranged || !condition.when.is_of_history;
    let of_change = |(lockfile, change, model): (&RelPath, &Change, Model)| {
        let (lockfile, package) = (lockfile.clone(), change.package.clone());
        let met = |(condition, undecided)| condition::Met { condition, lockfile: lockfile.clone(), package: package.clone(), undecided };
        condition::met(conditions, is_asked, model).into_iter().map(met).collect::<Vec<_>>()
    };
    json::models(subject, introductions).flat_map(of_change).collect()
}
