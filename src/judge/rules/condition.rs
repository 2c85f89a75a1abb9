//! What the policy's own conditions find. `run` asks them, since they see what a report shows.

use super::{Found, changes, found, label, request};
use crate::diff::Change;
use crate::judge::Subject;
use crate::judge::condition::Met;
use crate::model::{Finding, Package, RelPath};
use std::collections::HashMap;

pub(super) fn condition<'s>(subject: &'s Subject<'_>) -> Vec<Found> {
    let mut met: HashMap<(&RelPath, &Package), Vec<&Met>> = HashMap::new();
    for one in &subject.conditions {
        met.entry((&one.lockfile, &one.package)).or_default().push(one);
    }
    let of_change =
        |(lockfile, change): (&'s RelPath, &'s Change)| met.get(&(lockfile, &change.package)).map(|all| (lockfile, change, all));
    let conditions = &subject.gate.policy.conditions;
    let mut all = Vec::new();
    for (lockfile, change, met) in changes(subject).filter_map(of_change) {
        for one in met {
            let Some(condition) = conditions.get(one.condition) else { continue };
            let told = condition.message.as_deref().unwrap_or("the policy asks for it to be looked at");
            let message = match &one.undecided {
                None => format!("{} meets the condition `{}`: {told}", label(change), condition.id),
                Some(why) => format!("{} may meet the condition `{}`, which cannot be told ({why}): {told}", label(change), condition.id),
            };
            let new = found(lockfile, change, message);
            let requests = if condition.needs_approval { vec![request(lockfile, change)] } else { Vec::new() };
            let finding = Finding { id: Some(condition.id.clone()), ..new.finding };
            all.push(Found { finding, level: Some(condition.level), requests, of: new.of });
        }
    }
    all
}
