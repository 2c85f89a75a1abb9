//! Packages that are not there, that nobody should get, or that are a stranger's.

use super::{Found, told};
use crate::enrich::registry::Standing;
use crate::judge::Subject;
use crate::judge::rules::{changes, found, label};
use crate::model::text::quoted;
use crate::model::{Day, Ecosystem, Level, PackageSource};

pub fn not_in_registry(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| {
        let (facts, package) = (told.today(), &told.change.package);
        let registry = &told.dossier.registry.base;
        // What came since is not in an old answer: then somebody has to look, and nothing is denied.
        if told.is_outdated() && (facts.standing.fact.known() == Some(&Standing::Absent) || facts.has_version.fact.known() == Some(&false))
        {
            let message = format!("was not in its registry {} when it was asked last", quoted(registry));
            let found = if facts.has_version.fact.known().is_some() {
                told.review(&message, &facts.has_version)
            } else {
                told.review(&message, &facts.standing)
            };
            return Some(Found { level: Some(Level::Warning), ..found });
        }
        if let Some(Standing::Absent) = facts.standing.fact.known() {
            // npm shows a private package to nobody else, and says of it what it says of none.
            let may_be_private = package.ecosystem == Ecosystem::Npm && package.name.as_str().starts_with('@');
            return Some(if may_be_private {
                let message = format!("is not in its registry {}, or is shown to its owners alone", quoted(registry));
                Found { level: Some(Level::Warning), ..told.review(&message, &facts.standing) }
            } else {
                told.found(&format!("is not in its registry {}: nothing of that name is", quoted(registry)), &facts.standing)
            });
        }
        let is_absent = facts.has_version.fact.known() == Some(&false) && package.version.is_some();
        is_absent.then(|| told.found(&format!("is not in its registry {}, which has other versions", quoted(registry)), &facts.has_version))
    });
    found.collect()
}

pub fn withheld_package(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| {
        let standing = &told.today().standing;
        let message = match standing.fact.known()? {
            Standing::SecurityHolder => "was taken down as malicious: npm keeps the name so that nobody gets it".to_owned(),
            Standing::Quarantined(reason) if reason.is_empty() => "is in quarantine".to_owned(),
            Standing::Quarantined(reason) => format!("is in quarantine: {}", quoted(reason)),
            Standing::Unpublished(None) => "was taken back by its owners, with all versions".to_owned(),
            Standing::Unpublished(Some(time)) => {
                format!("was taken back by its owners on {}, with all versions", Day::of_seconds(*time))
            }
            Standing::Present | Standing::Absent | Standing::Archived(_) | Standing::Deprecated(_) => return None,
        };
        Some(told.found(&message, standing))
    });
    found.collect()
}

/// No fact is needed: a name of the house that comes from the default registry is a stranger's, or will be.
pub fn internal_name(subject: &Subject<'_>) -> Vec<Found> {
    let is_strange = |source: &PackageSource| matches!(source, PackageSource::Registry { index: None });
    let strangers = changes(subject).filter(|(_, change)| super::is_other(change) && is_strange(&change.package.source));
    let named = strangers.filter(|(_, change)| subject.internal.covers(&change.package.name));
    named
        .map(|(lockfile, change)| {
            let message =
                format!("{} has an internal name, and comes from the default registry as far as the lockfile says", label(change));
            found(lockfile, change, message)
        })
        .collect()
}
