//! What the name of a package tells that the base does not have in any version.

use super::{Found, found, label, request};
use crate::diff::{Change, ChangeKind};
use crate::enrich::ai_provider::Providers;
use crate::enrich::lookalike;
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{Ecosystem, Level, Package, PackageName, PackageSource, RelPath};
use std::collections::HashSet;

pub(super) fn ai_provider(subject: &Subject<'_>) -> Vec<Found> {
    of_new_names(subject, |lockfile, change| {
        let provider = Providers::shipped().of(&change.package)?;
        Some(found(lockfile, change, format!("{} is {} ({})", label(change), provider.kind.words(), provider.vendor)))
    })
}

/// A fork or a folder is chosen by its address, not by its name. A likeness alone decides nothing; where the package is hardly
/// used as well, or its use is not known and it is young, somebody has to look.
pub(super) fn lookalike_name(subject: &Subject<'_>) -> Vec<Found> {
    of_new_names(subject, |lockfile, change| {
        let PackageSource::Registry { .. } = change.package.source else { return None };
        let alike = lookalike::of(change.package.ecosystem, change.package.name.as_str())?;
        let list = if alike.date.is_empty() { String::new() } else { format!(", a popular package ({})", alike.date) };
        let (name, likeness) = (label(change), alike.likeness.words());
        let note =
            found(lockfile, change, format!("{name} {likeness} {}{list}: see that it is the one that was meant", quoted(alike.other)));
        if !is_obscure(subject, &change.package) {
            return Some(note);
        }
        Some(Found { level: Some(Level::Warning), requests: vec![request(lockfile, change)], ..note })
    })
}

/// Whether the package is used a hundred times less than one that is popular, or is younger than a year and nobody knows.
fn is_obscure(subject: &Subject<'_>, package: &Package) -> bool {
    let Some(dossier) = subject.facts.packages.get(package) else { return false };
    let facts = &dossier.today;
    if let Some(downloads) = facts.downloads.fact.known() {
        return downloads.count.saturating_mul(30) / u64::from(downloads.days.max(1)) < subject.gate.policy.facts.lookalike_downloads;
    }
    let came = dossier.introduced.as_ref().map_or(dossier.now, |(time, _)| *time);
    let limit = i64::try_from(subject.gate.policy.facts.established.seconds()).unwrap_or(i64::MAX);
    facts.first_published.fact.known().is_some_and(|first| came.saturating_sub(*first) < limit)
}

/// Each package that came in under a name that the base does not have: a further version brings nothing new here.
fn of_new_names(subject: &Subject<'_>, check: impl Fn(&RelPath, &Change) -> Option<Found>) -> Vec<Found> {
    let mut all = Vec::new();
    for lockfile in &subject.lockfiles {
        let old: HashSet<(Ecosystem, &PackageName)> =
            lockfile.base.packages().map(|(_, node)| (node.package.ecosystem, &node.package.name)).collect();
        let is_new =
            |change: &&Change| change.kind == ChangeKind::Added && !old.contains(&(change.package.ecosystem, &change.package.name));
        all.extend(lockfile.changes.iter().filter(is_new).filter_map(|change| check(&lockfile.head.lockfile, change)));
    }
    all
}
