//! What is known of the packages that a comparison brings in: as of when they came, and as of now.

use super::ask::{Asking, Told, Wanted, gather};
use super::{Network, Options, Places, unknown};
use crate::diff::ChangeKind;
use crate::edge::clock;
use crate::edge::http::Http;
use crate::enrich::introduction::Introductions;
use crate::enrich::registry::{self, Dossier, Dossiers, Kept, PackageFacts, Registry, default_registry};
use crate::graph::DepGraph;
use crate::judge::Subject;
use crate::model::{Package, PackageName, PackageSource, RelPath};
use crate::run::RunError;
use crate::run::advisories::Internal;
use std::collections::{BTreeMap, HashMap};

/// How the facts of a subject are learned.
pub struct Learning<'l> {
    pub options: &'l Options,
    /// The network, where it may be used.
    pub online: Option<&'l Network>,
    /// What stays in the house.
    pub internal: &'l Internal,
    pub places: &'l Places<'l>,
}

/// Why nobody is asked about a package of the house.
pub(super) const INTERNAL: &str = "it is internal, and nobody is asked about it";
/// Why there is no dossier.
const NOT_LOOKED_UP: &str = "only packages of registries that a change brings in are looked up; `sbomgate facts PURL` tells of others";

/// A package in question, with a folder of a lockfile that has it, and when it came in.
type InQuestion<'s> = BTreeMap<&'s Package, (RelPath, Option<i64>)>;

/// Dossiers of all packages of registries that were added or changed, and of what stood in their place.
pub fn learn(subject: &Subject<'_>, introductions: Option<&Introductions>, asked: &Learning<'_>) -> Result<Dossiers, RunError> {
    let now = clock::now()?;
    of_packages(in_question(subject, introductions, now), now, asked)
}

/// Dossiers of all packages of registries that lockfiles hold.
pub fn learn_whole(graphs: &[DepGraph], asked: &Learning<'_>) -> Result<Dossiers, RunError> {
    let mut packages = InQuestion::new();
    for graph in graphs {
        for (_, node) in graph.packages().filter(|(_, node)| matches!(node.package.source, PackageSource::Registry { .. })) {
            packages.entry(&node.package).or_insert_with(|| (graph.lockfile.parent(), None));
        }
    }
    of_packages(packages, clock::now()?, asked)
}

fn of_packages(packages: InQuestion<'_>, now: i64, asked: &Learning<'_>) -> Result<Dossiers, RunError> {
    let mut dossiers = Dossiers { otherwise: NOT_LOOKED_UP.into(), ..Dossiers::default() };
    if packages.is_empty() {
        return Ok(dossiers);
    }
    let chosen: BTreeMap<&Package, Result<Registry, String>> =
        packages.iter().map(|(package, (folder, _))| (*package, choose(package, folder, asked.places, asked.internal))).collect();
    let mut wanted = Wanted::new();
    for (package, registry) in &chosen {
        if let Ok(registry) = registry {
            wanted.entry(registry.clone()).or_default().entry(package.name.clone()).or_default().extend(package.version.clone());
        }
    }
    let told = documents(&wanted, asked.options, asked.online, asked.places, now)?;
    let mut work = Work::default();
    for (package, (_, came_in)) in packages {
        let registry = &chosen[package];
        let is_too_much =
            registry.as_ref().is_ok_and(|registry| !work.allows(registry, &package.name, told.versions(registry, &package.name)));
        let facts = |at: Option<i64>| match is_too_much {
            true => unknown::all(package, &stated(package), TOO_MANY),
            false => of_package(package, registry, &told, at),
        };
        let shown = registry.clone().unwrap_or_else(|_| stated(package));
        let introduced = came_in.map(|time| (time, facts(Some(time))));
        let known = registry.as_ref().ok().and_then(|registry| told.of(registry, &package.name));
        let outdated = known.and_then(|known| known.outdated.clone());
        dossiers.packages.insert(package.clone(), Dossier { registry: shown, introduced, now, today: facts(None), outdated });
    }
    Ok(dossiers)
}

/// Why nothing is told of further versions of one name.
const TOO_MANY: &str = "more versions of one name came in than are looked up";

/// What is done for each name: every version that came in is held against all that there are, and whoever publishes ten
/// thousand versions may see ten thousand of them locked.
#[derive(Default)]
struct Work<'w>(HashMap<(&'w Registry, &'w PackageName), usize>);

impl<'w> Work<'w> {
    /// Comparisons for one name: two thousand locked versions of two thousand take some seconds.
    const MOST: usize = 4_000_000;

    /// Whether a further version of a name may be held against so many. The first always may.
    fn allows(&mut self, registry: &'w Registry, name: &'w PackageName, versions: usize) -> bool {
        let done = self.0.entry((registry, name)).or_default();
        let is_first = *done == 0;
        *done = done.saturating_add(versions.max(1));
        is_first || *done <= Self::MOST
    }
}

/// A commit has the date that its author gave it: nothing came in later than `now`, or it would be older than it is.
fn in_question<'s>(subject: &'s Subject<'_>, introductions: Option<&Introductions>, now: i64) -> InQuestion<'s> {
    let mut packages = InQuestion::new();
    for lockfile in &subject.lockfiles {
        let path = &lockfile.head.lockfile;
        let changes = lockfile.changes.iter().filter(|change| change.kind != ChangeKind::Removed);
        for change in changes.filter(|change| matches!(change.package.source, PackageSource::Registry { .. })) {
            let commit = introductions.and_then(|known| known.commits.get(known.of(path, &change.package)?.origin.commit()?));
            let time = commit.map(|commit| commit.committed.seconds.min(now));
            let entry = packages.entry(&change.package).or_insert_with(|| (path.parent(), time));
            entry.1 = entry.1.into_iter().chain(time).min();
            // The version before is told of by the same documents.
            let before = change.before.as_ref().filter(|before| matches!(before.source, PackageSource::Registry { .. }));
            before.map(|before| packages.entry(before).or_insert_with(|| (path.parent(), None)));
        }
    }
    packages
}

/// Where a package is asked for. Nobody is asked about what is internal, whoever has it.
pub(super) fn choose(package: &Package, folder: &RelPath, places: &Places<'_>, internal: &Internal) -> Result<Registry, String> {
    if internal.covers(&package.name) || internal.is_own(package) {
        return Err(INTERNAL.into());
    }
    let registry = places.of(package, folder)?;
    // A registry that stands in for the default one may be the house's own.
    let there = Package { source: PackageSource::Registry { index: Some(crate::model::Address::new(&registry.base)) }, ..package.clone() };
    if internal.is_own(&there) { Err(INTERNAL.into()) } else { Ok(registry) }
}

/// The documents of all names, from wherever they may come.
pub(super) fn documents(
    wanted: &Wanted,
    options: &Options,
    online: Option<&Network>,
    places: &Places<'_>,
    now: i64,
) -> Result<Told, RunError> {
    let http = online.map(Http::new).transpose()?;
    let cache = options.cache(http.is_some())?;
    let let_in = |registry: &Registry, url: &str| places.let_in(registry, url);
    let asking = Asking {
        cache: &cache,
        http: http.as_ref(),
        terms: options.terms(),
        now,
        fresh: options.fresh(),
        let_in: &let_in,
        second: options.second.as_deref(),
    };
    Ok(gather(wanted, &asking))
}

/// The facts of a package as of a time, each unknown one with all that is known of why.
pub(super) fn of_package(package: &Package, registry: &Result<Registry, String>, told: &Told, at: Option<i64>) -> PackageFacts {
    let registry = match registry {
        Ok(registry) => registry,
        Err(reason) => return unknown::all(package, &stated(package), reason),
    };
    let Some(known) = told.of(registry, &package.name) else {
        return unknown::all(package, registry, "the registry has no document for such a name");
    };
    if known.kept.is_empty() {
        return unknown::all(package, registry, &known.missing.join("; "));
    }
    let kept: Vec<&Kept> = known.kept.iter().collect();
    let mut facts = registry::facts(package, registry, &kept, at);
    unknown::with(&mut facts, registry, &known.missing);
    facts
}

/// The registry that a lockfile states, for a package that is not asked about.
pub(super) fn stated(package: &Package) -> Registry {
    match &package.source {
        PackageSource::Registry { index: Some(index) } => {
            Registry { ecosystem: package.ecosystem, base: index.as_str().trim_end_matches('/').to_owned(), api: None }
        }
        _ => default_registry(package.ecosystem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ecosystem;

    #[test]
    fn work_is_bounded_name_by_name() {
        let registry = default_registry(Ecosystem::Npm);
        let [ant, bee] = ["ant", "bee"].map(|name| PackageName::new(Ecosystem::Npm, name).unwrap());
        let mut work = Work::default();
        let allowed = (0..10_000).filter(|_| work.allows(&registry, &ant, 10_000)).count();
        assert_eq!(allowed, 400);
        assert!(work.allows(&registry, &bee, usize::MAX), "a name of its own, and the first");
        assert!(!work.allows(&registry, &bee, 1));
    }
}
