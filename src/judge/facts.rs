//! What is not known of packages that came in: of those that no registry told anything of, one gap a lockfile.

use super::Subject;
use super::rules::is_other_package;
use crate::diff::Change;
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Package, PackageSource, RelPath};
use std::collections::BTreeMap;

/// Names that a gap tells.
const NAMED: usize = 3;

pub fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let mut unknown: BTreeMap<(&RelPath, &str), Vec<(&Package, &str)>> = BTreeMap::new();
    for lockfile in &subject.lockfiles {
        for change in lockfile.changes.iter().filter(|change| is_other_package(change) && is_of_registry(&change.package)) {
            if let Some((what, reason)) = why(subject, change) {
                unknown.entry((&lockfile.head.lockfile, what)).or_default().push((&change.package, reason));
            }
        }
    }
    unknown.into_iter().map(|((path, what), of)| gap(path, what, &of)).collect()
}

/// Of several packages the first, and its reason, stand for all: each one's own is told where its facts are.
fn gap(lockfile: &RelPath, what: &str, of: &[(&Package, &str)]) -> Gap {
    let (first, reason) = of[0];
    let named: Vec<String> = of.iter().take(NAMED).map(|(package, _)| quoted(&package.label())).collect();
    let more = if of.len() > NAMED { format!(" and {} more", of.len() - NAMED) } else { String::new() };
    let is_one_reason = of.iter().all(|(_, other)| *other == reason);
    let first = if is_one_reason { String::new() } else { format!("; of {}", quoted(&first.label())) };
    let message = format!("{what} {}{more} is not known{first}: {reason}", named.join(", "));
    Gap { kind: GapKind::UnknownFacts, file: lockfile.clone(), line: None, message }
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
