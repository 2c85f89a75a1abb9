//! Two graphs to changes, each with its cause.
//!
//! `compare` takes one lockfile at two revisions; `moves` finds out which lockfile of the base is
//! which of the head. A lockfile that appeared is compared with the empty graph, so that a check
//! of a whole project is a diff as well.

mod causes;
pub mod moves;
mod pairs;

use crate::graph::{DepGraph, NodeId};
use crate::model::licence::Licence;
use crate::model::{Checksum, Digest, Ecosystem, Location, Package, Patch, Scope, version};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The changes of one lockfile.
#[derive(Debug)]
pub struct LockfileDiff<'g> {
    pub base: &'g DepGraph,
    pub head: &'g DepGraph,
    /// Sorted by package, then kind.
    pub changes: Vec<Change>,
}

/// What happened to one third-party package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: ChangeKind,
    /// As the head has it; for a removed package as the base had it.
    pub package: Package,
    /// As the base had it, where both have it.
    pub before: Option<Package>,
    /// What differs beside the version, sorted.
    pub what: Vec<Aspect>,
    /// Whether a first-party package requires it itself; `None` where the lockfile cannot tell.
    pub direct: Option<bool>,
    pub was_direct: Option<bool>,
    /// Its scope; `None` where the lockfile cannot tell or no road leads to the package.
    pub scope: Option<Scope>,
    pub was_scope: Option<Scope>,
    pub digests: Vec<Digest>,
    pub was_digests: Vec<Digest>,
    /// Whether a place that lists it has no digest though another has; always `false` where a version is
    /// several files (PyPI), and where the lockfile has no digests.
    pub unchecked: bool,
    pub was_unchecked: bool,
    pub checksums: Vec<Checksum>,
    pub was_checksums: Vec<Checksum>,
    pub patches: Vec<Patch>,
    pub was_patches: Vec<Patch>,
    /// As the lockfile states it.
    pub licence: Option<Licence>,
    pub was_licence: Option<Licence>,
    /// Where the project lets it run scripts when it is installed.
    pub runs_scripts: Option<Location>,
    pub ran_scripts: Option<Location>,
    /// Where the head's lockfile lists it (the base's, for a removed package).
    pub location: Location,
    /// Where the base's lists it, where both have it.
    pub was_location: Option<Location>,
    pub cause: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    Added,
    Removed,
    Upgraded,
    Downgraded,
    /// The same version with another scope, source, digest or directness; also versions that the
    /// ecosystem's rules cannot order.
    Modified,
}

impl ChangeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Upgraded => "upgraded",
            ChangeKind::Downgraded => "downgraded",
            ChangeKind::Modified => "modified",
        }
    }
}

/// What can differ of a package that both revisions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    Checksum,
    Digest,
    Directness,
    /// Both state one, and not the same.
    Licence,
    Patch,
    Scope,
    /// Whether it may run scripts when it is installed.
    Scripts,
    Source,
    /// The version, where neither of the two is known to be newer.
    Version,
}

impl Aspect {
    pub fn as_str(self) -> &'static str {
        match self {
            Aspect::Checksum => "checksum",
            Aspect::Digest => "digest",
            Aspect::Directness => "directness",
            Aspect::Licence => "licence",
            Aspect::Patch => "patch",
            Aspect::Scope => "scope",
            Aspect::Scripts => "scripts",
            Aspect::Source => "source",
            Aspect::Version => "version",
        }
    }
}

/// Why a change came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A first-party package asks for it, and did not ask so before (for a removed package: asked
    /// for it, and no longer does).
    Declared { by: Package, location: Option<Location>, requirement: Option<String>, alias: Option<String>, before: Option<String> },
    /// Another changed package requires it, and did not require it so before. The chain leads from
    /// the nearest manifest line or package that was there before down to this package, without it.
    Required { declared: Option<Box<Cause>>, chain: Vec<Link> },
    /// What made the package direct, or gave it a stronger scope, is gone: the cause of that, as of a
    /// removed package.
    Lost(Box<Cause>),
    /// Nothing that requires it changed: the lockfile was resolved anew. `by` requires it.
    Resolved { by: Option<Package>, requirement: Option<String> },
    /// No first-party package leads to it.
    Unknown,
}

/// One package of a chain of causes, and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub package: Package,
    pub before: Option<Package>,
    pub kind: ChangeKind,
    /// How it asks for the next one of the chain.
    pub requirement: Option<String>,
}

/// Compares one lockfile at two revisions. First-party packages are no changes.
pub fn compare<'g>(base: &'g DepGraph, head: &'g DepGraph) -> LockfileDiff<'g> {
    let pairs = pairs::pair(base, head);
    let mut changes = Vec::new();
    for &(before, after) in &pairs.kept {
        changes.extend(kept(base, head, before, after));
    }
    changes.extend(pairs.removed.iter().map(|&id| removed(base, id)));
    changes.extend(pairs.added.iter().map(|&id| added(head, id)));
    causes::explain(base, head, &pairs, &mut changes);
    let mut changes: Vec<Change> = changes.into_iter().map(|(_, change)| change).collect();
    changes.sort_by(|a, b| (&a.package, a.kind, &a.before).cmp(&(&b.package, b.kind, &b.before)));
    LockfileDiff { base, head, changes }
}

/// A change with its node: the head's, for a removed package the base's.
type Found = (NodeId, Change);

fn added(head: &DepGraph, id: NodeId) -> Found {
    (id, one_sided(head, id, ChangeKind::Added))
}

fn removed(base: &DepGraph, id: NodeId) -> Found {
    (id, one_sided(base, id, ChangeKind::Removed))
}

fn one_sided(graph: &DepGraph, id: NodeId, kind: ChangeKind) -> Change {
    let node = graph.node(id);
    Change {
        kind,
        package: node.package.clone(),
        before: None,
        what: Vec::new(),
        direct: direct(graph, id),
        was_direct: None,
        scope: scope(graph, id),
        was_scope: None,
        digests: digests(graph, id),
        was_digests: Vec::new(),
        unchecked: unchecked(graph, id),
        was_unchecked: false,
        checksums: node.rare.checksums.clone(),
        was_checksums: Vec::new(),
        patches: node.rare.patches.clone(),
        was_patches: Vec::new(),
        licence: node.licence.clone(),
        was_licence: None,
        runs_scripts: node.rare.runs_scripts.clone(),
        ran_scripts: None,
        location: node.locations[0].clone(),
        was_location: None,
        cause: Cause::Unknown,
    }
}

/// The change of a package that both have; none when nothing differs.
fn kept(base: &DepGraph, head: &DepGraph, before: NodeId, after: NodeId) -> Option<Found> {
    let (old, new) = (&base.node(before).package, &head.node(after).package);
    let order = match (&old.version, &new.version) {
        (old, new) if old == new => Some(Ordering::Equal),
        (Some(a), Some(b)) => version::compare(new.ecosystem, a, b),
        _ => None,
    };
    let mut change = Change {
        before: Some(old.clone()),
        was_direct: direct(base, before),
        was_scope: scope(base, before),
        was_digests: digests(base, before),
        was_unchecked: unchecked(base, before),
        was_checksums: base.node(before).rare.checksums.clone(),
        was_patches: base.node(before).rare.patches.clone(),
        was_licence: base.node(before).licence.clone(),
        was_location: base.node(before).locations.first().cloned(),
        ran_scripts: base.node(before).rare.runs_scripts.clone(),
        ..one_sided(head, after, ChangeKind::Modified)
    };
    change.kind = match order {
        Some(Ordering::Less) => ChangeKind::Upgraded,
        Some(Ordering::Greater) => ChangeKind::Downgraded,
        Some(Ordering::Equal) | None => ChangeKind::Modified,
    };
    change.what = aspects(&change, old, new, order);
    (change.kind != ChangeKind::Modified || !change.what.is_empty()).then_some((after, change))
}

fn aspects(change: &Change, old: &Package, new: &Package, order: Option<Ordering>) -> Vec<Aspect> {
    let same_release = old.version == new.version || is_respelt(new.ecosystem, order);
    let differ = |a: Option<bool>, b: Option<bool>| a.is_some() && b.is_some() && a != b;
    let rows = [
        (Aspect::Checksum, same_release && checksums_differ(&change.was_checksums, &change.checksums)),
        (Aspect::Digest, same_release && (change.digests != change.was_digests || change.unchecked != change.was_unchecked)),
        (Aspect::Directness, differ(change.direct, change.was_direct)),
        (Aspect::Licence, licences_differ(change.was_licence.as_ref(), change.licence.as_ref())),
        (Aspect::Patch, change.patches != change.was_patches),
        (Aspect::Scope, change.scope.is_some() && change.was_scope.is_some() && change.scope != change.was_scope),
        (Aspect::Scripts, change.runs_scripts.is_some() != change.ran_scripts.is_some()),
        (Aspect::Source, old.source != new.source),
        (Aspect::Version, old.version != new.version && matches!(order, None | Some(Ordering::Equal))),
    ];
    rows.into_iter().filter(|(_, differs)| *differs).map(|(aspect, _)| aspect).collect()
}

/// Whether two versions that compare as equal are one release: npm passes over build metadata and a `v`,
/// PEP 440 over zeros at the end, when a package is fetched. To Cargo another build is another release.
pub fn is_respelt(ecosystem: Ecosystem, order: Option<Ordering>) -> bool {
    order == Some(Ordering::Equal) && ecosystem != Ecosystem::Cargo
}

/// Checksums of two keys say nothing of each other; one side alone without any is a difference.
fn checksums_differ(was: &[Checksum], is: &[Checksum]) -> bool {
    let keys = |these: &[Checksum]| -> BTreeSet<Arc<str>> { these.iter().map(|this| this.key.clone()).collect() };
    let (old_keys, new_keys) = (keys(was), keys(is));
    let old = was.iter().filter(|this| new_keys.contains(&this.key)).map(|this| (&this.key, this.digest));
    let new = is.iter().filter(|this| old_keys.contains(&this.key)).map(|this| (&this.key, this.digest));
    was.is_empty() != is.is_empty() || old.ne(new)
}

/// Of what is not stated nothing is known: old versions of npm left the field out.
fn licences_differ(was: Option<&Licence>, is: Option<&Licence>) -> bool {
    matches!((was, is), (Some(was), Some(is)) if !was.is_same(is))
}

fn direct(graph: &DepGraph, id: NodeId) -> Option<bool> {
    graph.knows.directness.is_yes().then(|| graph.node(id).direct)
}

fn scope(graph: &DepGraph, id: NodeId) -> Option<Scope> {
    graph.node(id).scope.filter(|_| graph.knows.scopes.is_yes())
}

fn unchecked(graph: &DepGraph, id: NodeId) -> bool {
    let node = graph.node(id);
    let is_one_file = graph.ecosystem.is_some_and(|ecosystem| ecosystem != Ecosystem::Pypi);
    is_one_file && node.unchecked && node.artifacts.iter().any(|artifact| !artifact.digests.is_empty())
}

fn digests(graph: &DepGraph, id: NodeId) -> Vec<Digest> {
    let all: BTreeSet<&Digest> = graph.node(id).artifacts.iter().flat_map(|artifact| &artifact.digests).collect();
    all.into_iter().cloned().collect()
}
