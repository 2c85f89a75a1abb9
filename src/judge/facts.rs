//! What is not known of packages that came in: of those that no registry told anything of, one gap a reason
//! and lockfile.

use super::Subject;
use super::internal::Internal;
use super::rules::is_other_package;
use crate::diff::{Change, ChangeKind};
use crate::enrich::Fact;
use crate::enrich::registry::{Dossier, Dossiers};
use crate::graph::DepGraph;
use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Package, PackageSource, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// Of the packages that a change brought in.
pub fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let mut unknown = Unknown::default();
    for lockfile in &subject.lockfiles {
        for change in lockfile.changes.iter().filter(|change| is_other_package(change) && is_of_registry(&change.package)) {
            if let Some((what, reason)) = why(subject, change) {
                unknown.add(&lockfile.head.lockfile, what, reason, &change.package, &subject.facts);
            }
        }
    }
    unknown.gaps(" that came in")
}

/// What of a package that came in is not known of its registry, as a clause.
pub(super) fn not_known(subject: &Subject<'_>, change: &Change) -> Option<String> {
    let (what, reason) = why(subject, change).filter(|_| is_of_registry(&change.package))?;
    Some(format!("{what} it is not known: {}", of_all(&subject.facts, &change.package, reason)))
}

/// Of the packages of a whole graph that registries were asked about: those that none told anything of.
pub fn gaps_of_graph(graph: &DepGraph, facts: &Dossiers, internal: &Internal) -> Vec<Gap> {
    let mut unknown = Unknown::default();
    let packages = graph.packages().map(|(_, node)| &node.package);
    for package in packages.filter(|package| is_of_registry(package) && !is_of_the_house(package, internal)) {
        let told = facts.packages.get(package).map(|dossier| &dossier.today.standing.fact);
        if let Some(reason) = told.map_or(Some(&*facts.otherwise), Fact::reason) {
            unknown.add(&graph.lockfile, WHAT, reason, package, facts);
        }
    }
    unknown.gaps("")
}

/// What is told of nobody's package in particular.
const WHAT: &str = "what its registry tells of";

/// Packages by lockfile, what is not known of them, and why.
#[derive(Default)]
struct Unknown<'s>(BTreeMap<(&'s RelPath, &'s str, String), BTreeSet<String>>);

impl<'s> Unknown<'s> {
    fn add(&mut self, lockfile: &'s RelPath, what: &'s str, reason: &str, package: &Package, facts: &Dossiers) {
        let reason = of_all(facts, package, reason);
        self.0.entry((lockfile, what, reason)).or_default().insert(package.label());
    }

    /// One gap a lockfile, subject and reason.
    fn gaps(self, which: &str) -> Vec<Gap> {
        let gap = |((path, what, reason), labels): ((&RelPath, &str, String), BTreeSet<String>)| {
            let packages = if labels.len() == 1 { "1 package".to_owned() } else { format!("{} packages", labels.len()) };
            let mut named: Vec<String> = labels.iter().take(NAMED).map(|label| quoted(label)).collect();
            named.extend((labels.len() > NAMED).then(|| format!("{} more", labels.len() - NAMED)));
            let message = format!("{what} {packages}{which} is not known: {reason} ({})", named.join(", "));
            Gap { kind: GapKind::UnknownFacts, file: path.clone(), line: None, message }
        };
        self.0.into_iter().map(gap).collect()
    }
}

/// Packages of one gap that are named.
const NAMED: usize = 5;

/// A reason that holds for others as well: with the registry's addresses in place of those of its documents.
fn of_all(facts: &Dossiers, package: &Package, reason: &str) -> String {
    let Some(dossier) = facts.packages.get(package) else { return reason.to_owned() };
    let bases = || [Some(&dossier.registry.base), dossier.registry.api.as_ref()].into_iter().flatten();
    let plain = |word: &str| {
        let end = word.trim_end_matches([':', ';', ',', ')']).len();
        let base = bases().find(|base| word.strip_prefix(base.as_str()).is_some_and(|rest| rest.starts_with('/')));
        base.map_or_else(|| word.to_owned(), |base| format!("{base}{}", &word[end..]))
    };
    let words: Vec<String> = reason.split(' ').map(plain).collect();
    words.join(" ").replace(&format!(" asked about {};", package.name), " asked about it;")
}

/// Nobody is asked about what is internal; a name of the house from elsewhere is a rule's.
fn is_of_the_house(package: &Package, internal: &Internal) -> bool {
    internal.covers(&package.name) || internal.is_own(package)
}

fn is_of_registry(package: &Package) -> bool {
    matches!(package.source, PackageSource::Registry { .. })
}

/// What is not known of a package, and why; `None` where the registry told how it stands there, how old it is and (of a young
/// one that came in) how much it is used, or nobody is asked. An age that nobody can tell must not pass for a sound one:
/// whoever publishes may see to it.
fn why<'s>(subject: &'s Subject<'_>, change: &Change) -> Option<(&'static str, &'s str)> {
    let package = &change.package;
    if is_of_the_house(package, &subject.internal) {
        return None;
    }
    let Some(dossier) = subject.facts.packages.get(package) else { return Some((WHAT, &subject.facts.otherwise)) };
    let facts = dossier.introduced.as_ref().map_or(&dossier.today, |(_, facts)| facts);
    let standing = dossier.today.standing.fact.reason().map(|reason| (WHAT, reason));
    let is_there = dossier.today.has_version.fact.known() == Some(&true);
    let outdated = || Some(("what its registry tells today of", dossier.outdated.as_deref()?));
    let age = || facts.published.fact.reason().filter(|_| is_there).map(|reason| ("the age of", reason));
    let age_of_name = || facts.first_published.fact.reason().filter(|_| is_there && change.kind == ChangeKind::Added);
    standing
        .or_else(outdated)
        .or_else(age)
        .or_else(|| age_of_name().map(|reason| ("the age of the name of", reason)))
        .or_else(|| use_of(subject, change, dossier).map(|reason| ("how much anybody uses", reason)))
}

/// Why it is not known how much a young package is used, where its registry would tell.
fn use_of<'s>(subject: &Subject<'_>, change: &Change, dossier: &'s Dossier) -> Option<&'s str> {
    let established = i64::try_from(subject.gate.policy.facts.established.seconds()).unwrap_or(i64::MAX);
    let first = *dossier.today.first_published.fact.known()?;
    let is_young = dossier.now.saturating_sub(first) < established;
    let is_told = dossier.registry.api.is_some() && change.package.ecosystem != Ecosystem::Pypi;
    let is_known = dossier.today.dependents.fact.known().is_some();
    dossier.today.downloads.fact.reason().filter(|_| change.kind == ChangeKind::Added && is_young && is_told && !is_known)
}
