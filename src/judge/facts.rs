//! What is not known of packages that came in: of those that no registry told anything of, one gap a reason
//! and lockfile.

use super::Subject;
use super::rules::is_other_package;
use crate::model::{Gap, GapKind, Location, Package, PackageSource, RelPath};
use std::collections::BTreeMap;

pub fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let mut unknown: BTreeMap<(&RelPath, &str), u32> = BTreeMap::new();
    for lockfile in &subject.lockfiles {
        for change in lockfile.changes.iter().filter(|change| is_other_package(change) && is_of_registry(&change.package)) {
            if let Some(reason) = why(subject, &change.package) {
                *unknown.entry((&lockfile.head.lockfile, reason)).or_default() += 1;
            }
        }
    }
    let gap = |((path, reason), count): ((&RelPath, &str), u32)| {
        let packages = if count == 1 { "1 package".to_owned() } else { format!("{count} packages") };
        Gap::at(
            GapKind::UnknownFacts,
            &Location::new(path, 1),
            format!("what its registry tells of {packages} that came in is not known: {reason}"),
        )
    };
    unknown.into_iter().map(gap).collect()
}

fn is_of_registry(package: &Package) -> bool {
    matches!(package.source, PackageSource::Registry { .. })
}

/// Why nothing is known of a package; `None` where the registry told how it stands there, or nobody is asked.
fn why<'s>(subject: &'s Subject<'_>, package: &Package) -> Option<&'s str> {
    match subject.facts.packages.get(package) {
        Some(dossier) => dossier.today.standing.fact.reason(),
        None if subject.internal.is_own(package) => None,
        None => Some(&subject.facts.otherwise),
    }
}
