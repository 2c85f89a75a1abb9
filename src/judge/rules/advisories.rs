//! What is known against a package: advisories of the store that a change brings in. Those that the
//! base had already are told beside the findings and deny nothing, unless the policy says otherwise.

use super::{Found, of_package};
use crate::enrich::advisory::dates;
use crate::judge::Subject;
use crate::judge::advisories::{Presence, Standing, standings};
use crate::model::text::{quoted, shortened};
use crate::model::{Advisory, AdvisoryKind, Finding, Level, Package, Rating};

/// From the rating that the policy says (high, where it says nothing) they are errors; less, and what
/// nobody rated, are warnings; what VEX clears is a note.
pub(super) fn advisory(subject: &Subject<'_>) -> Vec<Found> {
    let rating = |advisory: &Advisory| advisory.severity.as_ref().map_or(Rating::None, |(severity, _)| severity.rating);
    let level = |advisory: &Advisory| match rating(advisory) >= subject.gate.policy.advisories.deny {
        true => Level::Error,
        false => Level::Warning,
    };
    let level = |advisory: &Advisory| if advisory.is_cleared() { Level::Note } else { level(advisory) };
    of_kinds(subject, &[AdvisoryKind::Vulnerability], level)
}

pub(super) fn malware(subject: &Subject<'_>) -> Vec<Found> {
    of_kinds(subject, &[AdvisoryKind::Malware], |_| Level::Error)
}

pub(super) fn unmaintained(subject: &Subject<'_>) -> Vec<Found> {
    of_kinds(subject, &[AdvisoryKind::Unmaintained], |_| Level::Warning)
}

/// Unsound code is a warning; anything else that one should know is a note.
pub(super) fn informational_advisory(subject: &Subject<'_>) -> Vec<Found> {
    let level = |advisory: &Advisory| if advisory.kind == AdvisoryKind::Unsound { Level::Warning } else { Level::Note };
    of_kinds(subject, &[AdvisoryKind::Unsound, AdvisoryKind::Notice], level)
}

fn of_kinds(subject: &Subject<'_>, kinds: &[AdvisoryKind], level: impl Fn(&Advisory) -> Level) -> Vec<Found> {
    let old_counts = !subject.gate.policy.advisories.only_introduced;
    let counts = |presence| presence == Presence::BroughtIn || old_counts && presence == Presence::Stays;
    let is_meant = |standing: &Standing<'_>| counts(standing.presence) && kinds.contains(&standing.advisory.kind);
    let standings = standings(subject).into_iter().filter(is_meant);
    standings
        .map(|standing| {
            let through: Vec<&Package> = standing.through();
            let found = of_package(standing.lockfile, standing.package, message(&standing, &through), standing.location);
            let through = through.iter().map(|package| package.purl()).collect();
            let advisory = Advisory { through, vex: standing.vex.clone(), ..standing.advisory.clone() };
            let own = level(&advisory);
            let finding = Finding { advisory: Some(Box::new(advisory)), ..found.finding.clone() };
            Found { finding, level: Some(own), ..found }
        })
        .collect()
}

/// `ant 1.0.0: GHSA-… (CVE-…), high 7.5: what it is; fixed in 1.0.1, 1.2.0 clears all that is known;
/// brought by bee 1.0.0`
fn message(standing: &Standing<'_>, through: &[&Package]) -> String {
    let advisory = standing.advisory;
    let mut text = format!("{}: {}", quoted(&standing.package.label()), advisory.id);
    let cves: Vec<&str> = advisory.aliases.iter().filter(|alias| alias.database() == "CVE").map(|alias| alias.as_str()).take(3).collect();
    if !cves.is_empty() {
        text.push_str(&format!(" ({})", cves.join(", ")));
    }
    match &advisory.severity {
        _ if advisory.kind == AdvisoryKind::Malware => text.push_str(", malware"),
        Some((severity, _)) => {
            text.push_str(&format!(", {}", severity.rating.as_str()));
            text.extend(severity.tenths.map(|tenths| format!(" {}.{}", tenths / 10, tenths % 10)));
        }
        None if advisory.kind == AdvisoryKind::Vulnerability => text.push_str(", not rated"),
        None => text.push_str(&format!(", {}", advisory.kind.as_str())),
    }
    text.push_str(&attacks(advisory));
    if !advisory.summary.is_empty() {
        text.push_str(&format!(": {}", shortened(advisory.summary.trim(), 160)));
    }
    text.push_str(&way_out(advisory));
    if let Some((first, others)) = through.split_first() {
        text.push_str(&format!("; brought by {}", first.label()));
        text.extend((!others.is_empty()).then(|| format!(" and {} more", others.len())));
    }
    text.extend(standing.vex.as_ref().map(|vex| format!("; {}", vex.told())));
    text
}

/// `, attacks seen (CISA, 2021-12-10), EPSS 94.4 %`
fn attacks(advisory: &Advisory) -> String {
    let known = advisory.exploitation.unwrap_or_default();
    let seen = known.seen.map(|seen| {
        let by = if seen.ransomware { ", ransomware" } else { "" };
        format!(", attacks seen (CISA, {}{by})", dates::day(seen.since))
    });
    // Tenths of a percent are what one can make use of.
    let epss = known.epss.map(|epss| format!(", EPSS {}.{} %", epss.score / 1000, epss.score % 1000 / 100));
    seen.into_iter().chain(epss).collect()
}

fn way_out(advisory: &Advisory) -> String {
    match (advisory.fixed.first(), &advisory.upgrade) {
        (None, _) if advisory.kind != AdvisoryKind::Vulnerability => String::new(),
        (None, _) => "; no fixed version is known".to_owned(),
        (Some(fixed), Some(upgrade)) if fixed == upgrade => format!("; fixed in {fixed}"),
        (Some(fixed), Some(upgrade)) => format!("; fixed in {fixed}, {upgrade} clears all that is known"),
        (Some(fixed), None) => format!("; fixed in {fixed}, and no version is known that clears all"),
    }
}
