//! Packages and versions that are too young to be known, and those that hardly anybody uses.

use super::{Found, Told, told};
use crate::judge::Subject;
use crate::judge::policy::Facts;
use crate::model::{Day, Version, version};
use std::cmp::Ordering;

pub fn young_package(subject: &Subject<'_>) -> Vec<Found> {
    let new = told(subject).filter(|told| told.is_new_name);
    new.filter_map(|told| {
        let (facts, _) = told.then();
        let first = *facts.first_published.fact.known()?;
        let limit = told.limits().package_age;
        let age = told.is_within(first, limit)?;
        let message = format!("is of a name that was first published on {}, {age}; {limit} is the limit", Day::of_seconds(first));
        Some(told.review(&message, &facts.first_published))
    })
    .collect()
}

/// A version that is the fix of an advisory is wanted as soon as it is there.
pub fn young_version(subject: &Subject<'_>) -> Vec<Found> {
    let others = told(subject).filter(|told| !mends(subject, told));
    others
        .filter_map(|told| {
            let (facts, _) = told.then();
            let published = *facts.published.fact.known()?;
            let limit = told.limits().version_age;
            if let Some(age) = told.is_within(published, limit) {
                let message = format!("was published on {}, {age}; {limit} is the limit", Day::of_seconds(published));
                return Some(told.review(&message, &facts.published));
            }
            let last = *facts.completed.fact.known()?;
            let age = told.is_within(last, limit)?;
            let message = format!("has a file that was added on {}, {age}; {limit} is the limit", Day::of_seconds(last));
            Some(told.review(&message, &facts.completed))
        })
        .collect()
}

/// Few downloads or dependants are what every new package has; they count together with its age.
pub fn little_used(subject: &Subject<'_>) -> Vec<Found> {
    let new = told(subject).filter(|told| told.is_new_name);
    new.filter_map(|told| {
        let (facts, _) = told.then();
        let limits = told.limits();
        told.is_within(*facts.first_published.fact.known()?, limits.established)?;
        let today = told.today();
        let (uses, on) = few_downloads(today, limits).or_else(|| few_dependents(today, limits))?;
        let message = format!("has {uses}, and its name is younger than {}", limits.established);
        Some(match on {
            Use::Downloads => told.review(&message, &today.downloads),
            Use::Dependents => told.review(&message, &today.dependents),
        })
    })
    .collect()
}

enum Use {
    Downloads,
    Dependents,
}

fn few_downloads(facts: &super::PackageFacts, limits: &Facts) -> Option<(String, Use)> {
    let downloads = facts.downloads.fact.known()?;
    let a_month = downloads.count.saturating_mul(30) / u64::from(downloads.days.max(1));
    let message = || format!("{a_month} downloads a month where {} is the limit", limits.downloads);
    (a_month < limits.downloads).then(|| (message(), Use::Downloads))
}

fn few_dependents(facts: &super::PackageFacts, limits: &Facts) -> Option<(String, Use)> {
    // Somebody who downloads it says more than nobody who builds on it.
    if facts.downloads.fact.known().is_some() {
        return None;
    }
    let dependents = *facts.dependents.fact.known()?;
    let message = || format!("{dependents} dependants where {} is the limit", limits.dependents);
    (dependents < limits.dependents).then(|| (message(), Use::Dependents))
}

/// Whether an advisory of the version before names this one as its fix, and nothing is held against it. That no record is
/// about a version shows no fix: of one that was published today none can be.
fn mends(subject: &Subject<'_>, told: &Told<'_>) -> bool {
    let package = &told.change.package;
    let Some((before, version)) = told.change.before.as_ref().zip(package.version.as_ref()) else { return false };
    let is_itself = |named: &str| {
        let named = Version::new(named).ok();
        named.is_some_and(|named| version::compare(package.ecosystem, &named, version) == Some(Ordering::Equal))
    };
    let own = subject.advisories.packages.get(package);
    let is_clear = own.is_none_or(|facts| facts.advisories.is_empty() && facts.undecided.is_empty());
    is_clear
        && before.source == package.source
        && subject.advisories.of(before).iter().any(|advisory| advisory.fixed.iter().any(|fixed| is_itself(fixed)))
}
