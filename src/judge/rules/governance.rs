//! The policy and the approvals themselves: what changed of them, what does not count, what has no use.

use super::{Found, changes, plain};
use crate::judge::approval::{Held, Origin, SOON, Void, used};
use crate::judge::policy::Entrance;
use crate::judge::{Subject, policy};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Location, PackageName, RelPath};
use std::collections::HashSet;

/// The base's policy judges, so that a change never loosens its own judge; the next one is judged by this.
pub(super) fn policy_changed(subject: &Subject<'_>) -> Vec<Found> {
    let message = |location: &Location| match location.file.as_str() {
        policy::FILE => "this change alters the policy; it is judged by the policy of the base",
        _ if subject.gate.policy.advisories.vex.iter().any(|(path, _)| *path == location.file) => {
            "this change alters what is said of advisories (VEX); it is judged by what the base says"
        }
        _ => "this change alters whose signatures count; they are checked by the keys of the base",
    };
    subject.gate.altered.iter().map(|location| plain(message(location).into(), location)).collect()
}

/// Sources are told of a whole project alone: a change meets few of the entries.
pub(super) fn policy_unused(subject: &Subject<'_>) -> Vec<Found> {
    let gate = &subject.gate;
    let Ok(file) = RelPath::new(policy::FILE) else { return Vec::new() };
    let mut found = if gate.whole { unmet_sources(subject, &file) } else { Vec::new() };
    if !gate.ranged && gate.policy.introduced.ai.max(gate.policy.introduced.automation) > Entrance::Allow {
        let message = "`ai` and `automation` say nothing here: who brought packages in is asked of a range of commits, by `diff`";
        found.push(plain(message.into(), &Location::new(&file, 1)));
    }
    let idle = gate.policy.conditions.iter().filter(|condition| !gate.ranged && condition.when.is_of_history);
    found.extend(idle.map(|condition| {
        let what = "asks who brought packages in, and when, which is known of a range of commits alone, by `diff`";
        plain(format!("the condition `{}` {what}", condition.id), &Location::new(&file, condition.line))
    }));
    found
}

fn unmet_sources(subject: &Subject<'_>, file: &RelPath) -> Vec<Found> {
    let gate = &subject.gate;
    let packages = subject.lockfiles.iter().flat_map(|lockfile| lockfile.head.packages().map(|(_, node)| &node.package));
    let met: HashSet<(&str, &str)> = packages
        .filter_map(|package| gate.policy.sources.judge(package))
        .filter_map(|(list, entry)| Some((list, entry?.text.as_str())))
        .collect();
    let unmet = gate.policy.sources.entries().filter(|(list, entry)| !met.contains(&(*list, entry.text.as_str())));
    unmet
        .map(|(list, entry)| {
            let message = format!("no package comes from {}, which the policy allows ({list})", quoted(&entry.text));
            plain(message, &Location::new(file, entry.line))
        })
        .collect()
}

pub(super) fn self_approval(subject: &Subject<'_>) -> Vec<Found> {
    voids(subject).filter(|(_, void)| matches!(void, Void::ItsOwn(_))).map(|(held, void)| of_void(held, void)).collect()
}

pub(super) fn approval_void(subject: &Subject<'_>) -> Vec<Found> {
    let is_other = |void: &Void| !matches!(void, Void::ItsOwn(_) | Void::Uncommitted);
    voids(subject).filter(|(_, void)| is_other(void)).map(|(held, void)| of_void(held, void)).collect()
}

pub(super) fn approval_expiring(subject: &Subject<'_>) -> Vec<Found> {
    let today = subject.gate.today;
    let soon = concerned(subject).filter(|held| held.void.is_none() && today.until(held.entry.expires) <= SOON);
    soon.map(|held| found(held, format!("expires on {}", held.entry.expires))).collect()
}

pub(super) fn approval_unowned(subject: &Subject<'_>) -> Vec<Found> {
    concerned(subject)
        .filter(|held| held.entry.owner.is_none())
        .map(|held| found(held, "has no owner: nobody answers for it".into()))
        .collect()
}

pub(super) fn approval_uncommitted(subject: &Subject<'_>) -> Vec<Found> {
    let what = if subject.gate.whole { "is not committed yet" } else { "is not committed yet, and does not count" };
    subject.gate.approvals.iter().filter(|held| held.origin == Origin::WorkTree).map(|held| found(held, what.into())).collect()
}

/// What stops it is known once the requests were held against the approvals: `judge` tells it then.
pub(super) fn inheritance_stopped(_: &Subject<'_>) -> Vec<Found> {
    Vec::new()
}

/// Of a whole project: an entry that is of no package that is locked.
pub(super) fn approval_unused(subject: &Subject<'_>) -> Vec<Found> {
    let approvals = &subject.gate.approvals;
    if !subject.gate.whole || !subject.gaps.is_empty() || approvals.is_empty() {
        return Vec::new();
    }
    let used = used(approvals, subject.lockfiles.iter().map(|lockfile| lockfile.head));
    let unused = approvals.iter().enumerate().filter(|(at, held)| !used.contains(at) && held.void.is_none());
    unused.map(|(_, held)| found(held, "is of no package that is locked".into())).collect()
}

/// The entries that matter to what is judged: of a change those that it brings, and those of packages that
/// it changes.
fn concerned<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = &'s Held> {
    let changed: HashSet<(Ecosystem, &PackageName)> =
        changes(subject).map(|(_, change)| (change.package.ecosystem, &change.package.name)).collect();
    let gate = &subject.gate;
    let is_concerned =
        move |held: &&Held| gate.whole || held.origin != Origin::Before || changed.contains(&(held.entry.ecosystem, &held.entry.name));
    gate.approvals.iter().filter(is_concerned)
}

fn voids<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (&'s Held, &'s Void)> {
    concerned(subject).filter_map(|held| Some((held, held.void.as_ref()?)))
}

fn of_void(held: &Held, void: &Void) -> Found {
    found(held, void.reason(&held.entry))
}

fn found(held: &Held, what: String) -> Found {
    plain(format!("the approval of {} {what}", quoted(&held.entry.label())), &held.entry.location)
}
