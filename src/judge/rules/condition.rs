//! What the policy's own conditions find. `run` asks them, since they see what a report shows.

use super::{Found, of_package};
use crate::judge::Subject;
use crate::judge::condition::Met;
use crate::model::Finding;
use crate::model::text::quoted;

pub(super) fn condition(subject: &Subject<'_>) -> Vec<Found> {
    subject.conditions.iter().filter_map(|met| of_one(subject, met)).collect()
}

fn of_one(subject: &Subject<'_>, met: &Met) -> Option<Found> {
    let condition = subject.gate.policy.conditions.get(met.condition)?;
    let told = condition.message.as_deref().unwrap_or("the policy asks for it to be looked at");
    let (label, id) = (quoted(&met.package.label()), &condition.id);
    let message = match &met.undecided {
        None => format!("{label} meets the condition `{id}`: {told}"),
        Some(why) => format!("{label} may meet the condition `{id}`, which cannot be told ({why}): {told}"),
    };
    let new = of_package(&met.lockfile, &met.package, message, &met.location);
    let requests = if condition.needs_approval { new.of.iter().cloned().collect() } else { Vec::new() };
    Some(Found { finding: Finding { id: Some(id.clone()), ..new.finding }, level: Some(condition.level), requests, of: new.of })
}
