//! Flaws that a document which is judged states itself. No store needs to know of them.

use super::{Found, of_package};
use crate::judge::Subject;
use crate::model::stated::{Stated, StatedFlaw};
use crate::model::text::{quoted, shortened};
use crate::model::{Finding, Level, Package, Rating};
use std::collections::HashSet;

pub(super) fn stated_vulnerability(subject: &Subject<'_>) -> Vec<Found> {
    let old_counts = !subject.gate.policy.advisories.only_introduced;
    let mut all = Vec::new();
    for lockfile in &subject.lockfiles {
        let before = affected(lockfile.base.flaws.as_deref().unwrap_or_default());
        let old: HashSet<(&str, &Package)> =
            before.flat_map(|(stated, package)| stated.flaw.ids().map(move |id| (id, package))).filter(|_| !old_counts).collect();
        for (stated, package) in affected(lockfile.head.flaws.as_deref().unwrap_or_default()) {
            let is_told = subject.advisories.of(package).iter().any(|advisory| {
                let mut ids = advisory.aliases.iter().chain(&advisory.records).chain([&advisory.id]);
                ids.any(|id| stated.flaw.ids().any(|stated| stated == id.as_str()))
            });
            if is_told || stated.flaw.ids().any(|id| old.contains(&(id, package))) {
                continue;
            }
            let found = of_package(&lockfile.head.lockfile, package, message(&stated.flaw, package), &stated.location);
            let level = level(&stated.flaw, subject.gate.policy.advisories.deny);
            let id = stated.flaw.ids().next().map(|id| shortened(id, 200).into_owned());
            all.push(Found { finding: Finding { id, ..found.finding }, level: Some(level), ..found });
        }
    }
    all
}

/// Every flaw that was not taken back, with each package that it is of.
fn affected(flaws: &[Stated]) -> impl Iterator<Item = (&Stated, &Package)> {
    let standing = flaws.iter().filter(|stated| stated.flaw.rejected.is_none());
    standing.flat_map(|stated| {
        let of = stated.flaw.affects.iter().filter(|(package, versions)| {
            let own = package.version.as_ref().map(|version| version.as_str());
            !versions.iter().any(|one| !one.is_range && one.status == "unaffected" && own == Some(&*one.text))
        });
        of.map(move |(package, _)| (stated, package))
    })
}

fn is_cleared(flaw: &StatedFlaw) -> bool {
    flaw.analysis.as_ref().and_then(|analysis| analysis.state).is_some_and(|state| state.clears())
}

/// The worst rating that is stated.
fn rating(flaw: &StatedFlaw) -> Rating {
    let ratings = [Rating::Critical, Rating::High, Rating::Medium, Rating::Low];
    let stated = |rating: &Rating| flaw.ratings.iter().any(|stated| stated.severity == Some(rating.as_str()));
    ratings.into_iter().find(stated).unwrap_or(Rating::None)
}

fn level(flaw: &StatedFlaw, deny: Rating) -> Level {
    let is_malware = flaw.ids().any(|id| id.starts_with("MAL-"));
    match is_cleared(flaw) {
        _ if is_malware => Level::Error,
        true => Level::Note,
        false if rating(flaw) >= deny => Level::Error,
        false => Level::Warning,
    }
}

/// `ant 1.0.0: CVE-2026-1000, high, affected: what it is; the document states it`
fn message(flaw: &StatedFlaw, package: &Package) -> String {
    let id = flaw.ids().next().map_or("a flaw without an id".into(), quoted);
    let rated = match rating(flaw) {
        Rating::None => "not rated",
        rating => rating.as_str(),
    };
    let analysis = flaw.analysis.as_ref();
    let state = analysis.and_then(|analysis| analysis.state).map(|state| format!(", {}", state.words())).unwrap_or_default();
    let why = analysis.and_then(|analysis| analysis.justification).map(|why| format!(" ({})", why.word())).unwrap_or_default();
    let what = flaw.description.as_deref().map(|text| format!(": {}", shortened(text.trim(), 160))).unwrap_or_default();
    format!("{}: {id}, {rated}{state}{why}{what}; the document states it itself", quoted(&package.label()))
}
