//! Licences that the policy does not allow, of what a change brings in; those that got stricter; and what the policy
//! says of single packages and has no use.

use super::{Found, found, label, plain};
use crate::diff::ChangeKind;
use crate::enrich::licence::{Claim, Effect, Family, Outcome};
use crate::judge::Subject;
use crate::judge::licences::{Standing, Told, standings};
use crate::judge::policy::{self, Licences};
use crate::model::text::{quoted, shortened};
use crate::model::{Level, Location};
use std::collections::BTreeSet;

pub(super) fn licence_denied(subject: &Subject<'_>) -> Vec<Found> {
    of_outcome(subject, |outcome| outcome == Outcome::DENIED)
}

pub(super) fn licence_unreviewed(subject: &Subject<'_>) -> Vec<Found> {
    let is_it = |outcome: Outcome| outcome.effect == Effect::NeedsApproval && !outcome.is_unknown;
    of_outcome(subject, is_it).into_iter().map(asking).collect()
}

pub(super) fn licence_unknown(subject: &Subject<'_>) -> Vec<Found> {
    let Some(policy) = &subject.gate.policy.licences else { return Vec::new() };
    if !policy.tells_unknown {
        return Vec::new();
    }
    let all = of_outcome(subject, |outcome| outcome.is_unknown).into_iter();
    match policy.lists.unknown {
        Effect::Allow => all.map(|found| Found { level: Some(Level::Note), ..found }).collect(),
        Effect::NeedsApproval => all.map(asking).collect(),
        Effect::Deny => all.map(|found| Found { level: Some(Level::Error), ..found }).collect(),
    }
}

/// Somebody has to consent.
fn asking(found: Found) -> Found {
    Found { requests: found.of.iter().cloned().collect(), ..found }
}

fn of_outcome(subject: &Subject<'_>, is_it: impl Fn(Outcome) -> bool) -> Vec<Found> {
    let Some(policy) = &subject.gate.policy.licences else { return Vec::new() };
    let standings = standings(subject).into_iter().filter(|standing| standing.change.kind != ChangeKind::Removed);
    let judged = standings.filter(|standing| is_it(standing.is.judged(policy).0) && standing.brings(policy));
    judged.map(|standing| found(standing.lockfile, standing.change, message(&standing, policy))).collect()
}

/// `fox 1.0.0` is under `MIT AND GPL-3.0-only`, of which …
fn message(standing: &Standing<'_>, policy: &Licences) -> String {
    let name = label(standing.change);
    let (outcome, claim) = standing.is.judged(policy);
    let Some(claim) = claim else { return format!("the licence of {name} is not known: nothing that was read states one") };
    let others = beside(&standing.is, claim);
    let excepted = standing.is.excepted();
    let decided = claim.reading.expression().and_then(|read| Some((read, policy.lists.deciding(read, &excepted)?)));
    let Some((read, (term, line))) = decided else {
        let denied = if outcome == Outcome::DENIED { "; the policy denies them all" } else { "" };
        return format!("the licence of {name} is not known: it is stated as {}{denied}{others}", claim.reading.told());
    };
    let what = if read.single().is_some() { "which".to_owned() } else { format!("of which {}", quoted(&term.to_string())) };
    let family = term.family().map_or("of no known family", Family::as_str);
    let place = line.map(|line| format!(", {}:{line}", policy::FILE)).unwrap_or_default();
    let is = match (outcome.is_unknown, outcome.effect, line) {
        (true, ..) => "is no licence that is known here",
        (_, Effect::Deny, _) => "the policy denies",
        (_, _, Some(_)) => "needs an approval",
        (_, _, None) => "is not in the policy's list",
    };
    format!("{name} is under {}, {what} {is} ({family}{place}){others}", claim.reading.told())
}

/// What is claimed otherwise.
fn beside(told: &Told<'_>, deciding: &Claim) -> String {
    let other = told.known.counting().iter().find(|claim| !claim.reading.is_same(&deciding.reading));
    other.map_or_else(String::new, |other| {
        format!("; {} ({}) states {}", other.origin.kind(), quoted(&other.origin.to_string()), quoted(&other.reading.stated))
    })
}

/// Without a policy of licences it is told, and turns nothing.
pub(super) fn licence_changed(subject: &Subject<'_>) -> Vec<Found> {
    let level = subject.gate.policy.licences.is_none().then_some(Level::Note);
    let changed = |standing: Standing<'_>| {
        let text = |told: &Told<'_>| told.known.first().map(|reading| quoted(&shortened(&reading.text(), 80))).unwrap_or_default();
        let (label, now, was) = (label(standing.change), text(&standing.is), standing.was.as_ref().map(text).unwrap_or_default());
        let message = match standing.stricter() {
            _ if standing.is_restated() => {
                format!("{label} is stated to be under {now}, and the same version was stated to be under {was}")
            }
            Some((before, family)) => {
                let family = family.map_or("of no known family", Family::as_str);
                format!("{label} is under {now} ({family}), and was under {was} ({})", before.as_str())
            }
            None => return None,
        };
        Some(Found { level, ..found(standing.lockfile, standing.change, message) })
    };
    standings(subject).into_iter().filter_map(changed).collect()
}

/// What is pinned to other bytes is told of every change; what meets nothing, of a whole project alone.
pub(super) fn licence_clarification(subject: &Subject<'_>) -> Vec<Found> {
    let Some(policy) = &subject.gate.policy.licences else { return Vec::new() };
    if policy.clarifications.is_empty() && policy.exceptions.is_empty() {
        return Vec::new();
    }
    let standings = standings(subject);
    let mut stale: BTreeSet<(&Location, String)> = BTreeSet::new();
    let mut used: BTreeSet<&Location> = BTreeSet::new();
    for standing in standings.iter().filter(|standing| standing.change.kind != ChangeKind::Removed) {
        used.extend(standing.is.clarified.map(|one| &one.location));
        used.extend(standing.is.used().map(|one| &one.location));
        for one in &standing.is.stale {
            used.insert(&one.location);
            stale.insert((&one.location, standing.change.package.label()));
        }
    }
    let of_stale = stale.into_iter().map(|(place, label)| {
        let message =
            format!("the clarification does not count for {}, which is not shown to be of the bytes that it is pinned to", quoted(&label));
        plain(message, place)
    });
    let is_whole = subject.gate.whole && subject.gaps.is_empty();
    of_stale.chain(is_whole.then(|| unused(policy, &used)).into_iter().flatten()).collect()
}

fn unused(policy: &Licences, used: &BTreeSet<&Location>) -> Vec<Found> {
    let clarifications = policy.clarifications.iter().map(|one| (&one.location, &one.of.name, "clarification", "that is locked"));
    let exceptions =
        policy.exceptions.iter().map(|one| (&one.location, &one.of.name, "exception", "that is locked and states that licence"));
    let unused = clarifications.chain(exceptions).filter(|(place, ..)| !used.contains(place));
    unused.map(|(place, name, what, is)| plain(format!("the {what} of {} is of no package {is}", quoted(name.as_str())), place)).collect()
}
