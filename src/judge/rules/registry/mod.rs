//! What registries tell of packages that came in or have another version, held against the policy's
//! thresholds: as of the commit that brought the package, where one is known, and of today.
//!
//! What is not known finds nothing here; that it is not known is told as a gap ([`crate::judge::facts`]).

mod age;
mod existence;
mod inform;
mod upkeep;

pub(super) use age::{little_used, young_package, young_version};
pub(super) use existence::{internal_name, not_in_registry, withheld_package};
pub(super) use inform::{outdated_version, repository_mismatch, single_owner};
pub(super) use upkeep::{attestation_lost, deprecated_package, install_script_new, new_publisher, yanked_version};

use super::{Found, changes, found, label, request};
use crate::diff::{Aspect, Change, ChangeKind};
use crate::enrich::Fact;
use crate::enrich::attribution::Category;
use crate::enrich::registry::{Dossier, PackageFacts, Sourced};
use crate::judge::Subject;
use crate::judge::policy::Facts;
use crate::model::text::visible;
use crate::model::{Day, Level, MaxAge, Package, RelPath};
use std::collections::HashSet;

const DAY: i64 = 86_400;

/// A package that came in or has another version, with what its registry tells of it.
pub(super) struct Told<'s> {
    subject: &'s Subject<'s>,
    lockfile: &'s RelPath,
    pub(super) change: &'s Change,
    dossier: &'s Dossier,
    /// Whether the base has no package of this name from this source: a fork, or another registry's, is another one's.
    pub(super) is_new_name: bool,
}

impl<'s> Told<'s> {
    pub(super) fn limits(&self) -> &'s Facts {
        &self.subject.gate.policy.facts
    }

    /// What is known as of the package's coming in, or of today where no commit is known to bring it; and that time.
    pub(super) fn then(&self) -> (&'s PackageFacts, i64) {
        self.dossier.introduced.as_ref().map_or((&self.dossier.today, self.dossier.now), |(time, facts)| (facts, *time))
    }

    /// How long before that something was, as a clause for people, where it is less than a limit. By a clock that is wrong it
    /// may be later.
    pub(super) fn is_within(&self, since: i64, limit: MaxAge) -> Option<String> {
        let age = self.then().1.saturating_sub(since);
        let came_in = self.dossier.introduced.is_some();
        (age < i64::try_from(limit.seconds()).unwrap_or(i64::MAX)).then(|| match (age < 0, came_in) {
            (true, true) => "after it came in".to_owned(),
            (true, false) => "in the future".to_owned(),
            (false, true) => format!("{} before it came in", days(age)),
            (false, false) => format!("{} ago", days(age)),
        })
    }

    /// What is known as of the run; for what keeps no history.
    pub(super) fn today(&self) -> &'s PackageFacts {
        &self.dossier.today
    }

    /// Whether what the registry told earlier is known alone.
    pub(super) fn is_outdated(&self) -> bool {
        self.dossier.outdated.is_some()
    }

    /// What is told today of the package in whose place it came, where that is one of the same registry.
    pub(super) fn before(&self) -> Option<(&'s Package, &'s PackageFacts)> {
        let before = self.change.before.as_ref()?;
        let dossier = self.subject.facts.packages.get(before).filter(|dossier| dossier.registry == self.dossier.registry)?;
        Some((before, &dossier.today))
    }

    /// A finding with the place and the day of the fact that it stands on.
    fn found<T>(&self, message: &str, on: &Sourced<T>) -> Found {
        let from = on.from.as_ref().map(|from| format!(" ({}, {})", visible(host(&from.url)), Day::of_seconds(from.fetched)));
        found(self.lockfile, self.change, format!("{} {message}{}", label(self.change), from.unwrap_or_default()))
    }

    /// One on which somebody has to consent to the package. With AI at work the policy may ask for more.
    fn review<T>(&self, message: &str, on: &Sourced<T>) -> Found {
        let level = (self.limits().deny_with_ai && self.is_by_ai()).then_some(Level::Error);
        Found { requests: vec![request(self.lockfile, self.change)], level, ..self.found(message, on) }
    }

    fn is_by_ai(&self) -> bool {
        let told = self.subject.gate.told_of(self.lockfile, &self.change.package);
        told.iter().any(|fact| matches!(fact, Fact::Known(Category::AiDeclared | Category::AiIndicated)))
    }
}

/// The packages of which something is told and which are others than before.
pub(super) fn told<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Told<'s>> {
    let key = |package: &'s Package| (package.ecosystem, &package.name, &package.source);
    let old: HashSet<(&RelPath, _)> = subject
        .lockfiles
        .iter()
        .flat_map(|lockfile| lockfile.base.packages().map(|(_, node)| (&lockfile.head.lockfile, key(&node.package))))
        .collect();
    changes(subject).filter(|(_, change)| is_other(change)).filter_map(move |(lockfile, change)| {
        let is_new_name = !old.contains(&(lockfile, key(&change.package)));
        Some(Told { subject, lockfile, change, dossier: subject.facts.packages.get(&change.package)?, is_new_name })
    })
}

/// Whether a change brings another package than the base has: by its version or its source.
pub(in crate::judge) fn is_other(change: &Change) -> bool {
    match change.kind {
        ChangeKind::Removed => false,
        ChangeKind::Modified => change.what.iter().any(|aspect| matches!(aspect, Aspect::Source | Aspect::Version)),
        ChangeKind::Added | ChangeKind::Upgraded | ChangeKind::Downgraded => true,
    }
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// A number of days for people.
fn days(seconds: i64) -> String {
    match seconds / DAY {
        1 => "1 day".into(),
        days => format!("{days} days"),
    }
}
