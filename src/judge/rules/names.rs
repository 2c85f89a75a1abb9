//! What the name of a package tells that the base does not have in any version.

use super::{Found, found, label};
use crate::diff::{Change, ChangeKind};
use crate::enrich::ai_provider::Providers;
use crate::enrich::lookalike;
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{Ecosystem, PackageName, PackageSource, RelPath};
use std::collections::HashSet;

pub(super) fn ai_provider(subject: &Subject<'_>) -> Vec<Found> {
    of_new_names(subject, |lockfile, change| {
        let provider = Providers::shipped().of(&change.package)?;
        Some(found(lockfile, change, format!("{} is {} ({})", label(change), provider.kind.words(), provider.vendor)))
    })
}

/// A fork or a folder is chosen by its address, not by its name.
pub(super) fn lookalike_name(subject: &Subject<'_>) -> Vec<Found> {
    of_new_names(subject, |lockfile, change| {
        let PackageSource::Registry { .. } = change.package.source else { return None };
        let alike = lookalike::of(change.package.ecosystem, change.package.name.as_str())?;
        let list = if alike.date.is_empty() { String::new() } else { format!(", a popular package ({})", alike.date) };
        let (name, likeness) = (label(change), alike.likeness.words());
        Some(found(lockfile, change, format!("{name} {likeness} {}{list}: see that it is the one that was meant", quoted(alike.other))))
    })
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
