//! What is not known of packages that came in: of those that no registry told anything of, one gap a reason
//! and lockfile.

use super::Subject;
use super::rules::is_other_package;
use crate::diff::Change;
use crate::model::{Gap, GapKind, Location, Package, PackageSource, RelPath};
use std::collections::BTreeMap;

pub fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let mut unknown: BTreeMap<(&RelPath, &str, &str), u32> = BTreeMap::new();
    for lockfile in &subject.lockfiles {
        for change in lockfile.changes.iter().filter(|change| is_other_package(change) && is_of_registry(&change.package)) {
            if let Some((what, reason)) = why(subject, change) {
                *unknown.entry((&lockfile.head.lockfile, what, reason)).or_default() += 1;
            }
        }
    }
    let gap = |((path, what, reason), count): ((&RelPath, &str, &str), u32)| {
        let packages = if count == 1 { "1 package".to_owned() } else { format!("{count} packages") };
        Gap::at(GapKind::UnknownFacts, &Location::new(path, 1), format!("{what} {packages} that came in is not known: {reason}"))
    };
    unknown.into_iter().map(gap).collect()
}

fn is_of_registry(package: &Package) -> bool {
    matches!(package.source, PackageSource::Registry { .. })
}

/// What is not known of a package, and why; `None` where the registry told how it stands there and how old it is, or nobody
/// is asked. An age that nobody can tell must not pass for a sound one: whoever publishes may see to it.
fn why<'s>(subject: &'s Subject<'_>, change: &Change) -> Option<(&'static str, &'s str)> {
    const WORD: &str = "what its registry tells of";
    let package = &change.package;
    // Nobody is asked about what is internal; a name of the house from elsewhere is a rule's.
    if subject.internal.covers(&package.name) || subject.internal.is_own(package) {
        return None;
    }
    let Some(dossier) = subject.facts.packages.get(package) else { return Some((WORD, &subject.facts.otherwise)) };
    let facts = dossier.introduced.as_ref().map_or(&dossier.today, |(_, facts)| facts);
    let standing = dossier.today.standing.fact.reason().map(|reason| (WORD, reason));
    let is_there = dossier.today.has_version.fact.known() == Some(&true);
    standing.or_else(|| facts.published.fact.reason().filter(|_| is_there).map(|reason| ("the age of", reason)))
}
