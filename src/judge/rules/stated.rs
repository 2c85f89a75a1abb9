//! Flaws that a document which is judged states itself. No store needs to know of them.

use super::{Found, of_package};
use crate::judge::{Subject, approval};
use crate::model::moment::of_rfc3339;
use crate::model::stated::{Stated, StatedFlaw, StatedRating};
use crate::model::text::{quoted, shortened};
use crate::model::{Day, Finding, Level, Package, Rating};
use std::collections::HashMap;

pub(super) fn stated_vulnerability(subject: &Subject<'_>) -> Vec<Found> {
    let terms = &subject.gate.policy.advisories;
    let today = subject.gate.today;
    let mut all = Vec::new();
    for lockfile in &subject.lockfiles {
        let mut before: HashMap<&Package, Vec<&StatedFlaw>> = HashMap::new();
        let base = lockfile.base.flaws.as_deref().filter(|_| terms.only_introduced).unwrap_or_default();
        affected(base, today).for_each(|(stated, package)| before.entry(package).or_default().push(&stated.flaw));
        for (stated, package) in affected(lockfile.head.flaws.as_deref().unwrap_or_default(), today) {
            let (flaw, own) = (&stated.flaw, level(&stated.flaw, terms.deny));
            // By the ids of the store, of which there are few.
            let is_told = subject.advisories.of(package).iter().any(|advisory| {
                let mut ids = advisory.aliases.iter().chain(&advisory.records).chain([&advisory.id]);
                ids.any(|id| flaw.id.as_deref() == Some(id.as_str()))
            });
            // The same flaw, and no worse: what the base calls so by another name, or cleared, is none that it had.
            let was_there = |old: &&StatedFlaw| old.id.is_some() && old.id == flaw.id && level(old, terms.deny) >= own;
            if !is_malware(flaw) && (is_told || before.get(package).is_some_and(|old| old.iter().any(was_there))) {
                continue;
            }
            let found = of_package(&lockfile.head.lockfile, package, message(flaw, package), &stated.location);
            // A longer one is nobody's id, and nobody can name it in an approval.
            let id = flaw.id.clone().filter(|id| id.len() <= LONGEST && !is_malware(flaw));
            all.push(Found { finding: Finding { id, ..found.finding }, level: Some(own), ..found });
        }
    }
    all
}

/// Bytes of an id.
const LONGEST: usize = 200;

/// Every flaw that was not taken back, with each package that it is of.
fn affected(flaws: &[Stated], today: Day) -> impl Iterator<Item = (&Stated, &Package)> {
    let is_rejected =
        move |flaw: &StatedFlaw| flaw.rejected.as_deref().and_then(of_rfc3339).is_some_and(|time| Day::of_seconds(time) <= today);
    let standing = flaws.iter().filter(move |stated| !is_rejected(&stated.flaw));
    standing.flat_map(|stated| {
        let of = stated.flaw.affects.iter().filter(|(package, versions)| {
            let own = package.version.as_ref().map(|version| version.as_str());
            let is_own = |status: &str| versions.iter().any(|one| one.status == status && own == Some(&*one.text) && !one.is_range);
            !is_own("unaffected") || versions.iter().any(|one| one.status != "unaffected")
        });
        of.map(move |(package, _)| (stated, package))
    })
}

fn is_malware(flaw: &StatedFlaw) -> bool {
    flaw.ids().any(approval::is_malware)
}

fn is_cleared(flaw: &StatedFlaw) -> bool {
    flaw.analysis.as_ref().and_then(|analysis| analysis.state).is_some_and(|state| state.clears())
}

/// The worst rating that is stated: in a word, or as a score by the bands of CVSS.
fn rating(flaw: &StatedFlaw) -> Rating {
    let of_word = |word: &str| {
        let ratings = [Rating::Critical, Rating::High, Rating::Medium, Rating::Low];
        ratings.into_iter().find(|rating| rating.as_str() == word)
    };
    let of_cvss = |stated: &&StatedRating| stated.method.is_none_or(|method| method.starts_with("CVSS"));
    // Rounded up: a flaw is never rated lower than its score says.
    let of_score = |stated: &StatedRating| {
        let tenths = (stated.score? * 10.0).ceil().clamp(0.0, 100.0) as u8;
        Some(Rating::of_cvss(tenths, stated.method == Some("CVSSv2")))
    };
    let scores = flaw.ratings.iter().filter(of_cvss).filter_map(of_score);
    let words = flaw.ratings.iter().filter_map(|stated| of_word(stated.severity?));
    words.chain(scores).max().unwrap_or(Rating::None)
}

fn level(flaw: &StatedFlaw, deny: Rating) -> Level {
    match is_cleared(flaw) {
        _ if is_malware(flaw) => Level::Error,
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
