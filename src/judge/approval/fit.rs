//! Which package an entry is of.

use super::{Entry, Held, Versions};
use crate::graph::{DepGraph, Node};
use crate::judge::named::{is_from, is_of_these_bytes};
use crate::model::{Digest, Ecosystem, Package, PackageName, RelPath, Scope};
use std::collections::{HashMap, HashSet};

/// What has to be known of a package to tell which entry is of it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub lockfile: &'a RelPath,
    pub package: &'a Package,
    /// `None` where it is not known.
    pub scope: Option<Scope>,
    /// None where they do not tell the bytes.
    pub digests: Vec<Digest>,
}

impl<'a> Asked<'a> {
    /// A package of a graph.
    pub fn of(lockfile: &'a RelPath, package: &'a Package, graph: &DepGraph, node: &Node) -> Self {
        // Where one of its places has no digest, any bytes pass there.
        let is_bare = node.unchecked || node.artifacts.iter().any(|artifact| artifact.digests.is_empty());
        let all = node.artifacts.iter().flat_map(|artifact| artifact.digests.iter().copied());
        let digests = if is_bare { Vec::new() } else { all.collect() };
        Asked { lockfile, package, scope: node.scope.filter(|_| graph.knows.scopes.is_yes()), digests }
    }

    /// What no lockfile holds.
    pub fn of_need(lockfile: &'a RelPath, package: &'a Package) -> Self {
        Asked { lockfile, package, scope: None, digests: Vec::new() }
    }
}

/// The places of the entries that are of something in these graphs: a package, or a need that no lockfile holds.
pub fn used<'g>(approvals: &[Held], graphs: impl Iterator<Item = &'g DepGraph>) -> HashSet<usize> {
    let mut by_name: HashMap<(Ecosystem, &PackageName), Vec<usize>> = HashMap::new();
    for (at, held) in approvals.iter().enumerate() {
        by_name.entry((held.entry.ecosystem, &held.entry.name)).or_default().push(at);
    }
    let mut used = HashSet::new();
    let mut look = |asked: &Asked<'_>| {
        let named = by_name.get(&(asked.package.ecosystem, &asked.package.name)).into_iter().flatten();
        used.extend(named.filter(|&&at| approvals[at].entry.fits(asked)).copied());
    };
    for graph in graphs {
        graph.packages().for_each(|(_, node)| look(&Asked::of(&graph.lockfile, &node.package, graph, node)));
        graph.unlocked().for_each(|need| look(&Asked::of_need(&graph.lockfile, &need.package)));
    }
    used
}

impl Entry {
    /// Whether it is of this package: ecosystem, name, source, version, lockfile and scope.
    pub fn fits(&self, asked: &Asked<'_>) -> bool {
        let package = asked.package;
        self.ecosystem == package.ecosystem
            && self.name == package.name
            && self.fits_version(asked)
            && self.lockfiles.as_ref().is_none_or(|globs| globs.is_match(asked.lockfile.as_str()))
            && self.scope.is_none_or(|most| asked.scope.is_some_and(|scope| scope <= most))
            && is_from(package, &self.source)
    }

    fn fits_version(&self, asked: &Asked<'_>) -> bool {
        let version = asked.package.version.as_ref();
        match &self.versions {
            Versions::Any => true,
            Versions::Range(range) => version.is_some_and(|version| range.holds(version) == Some(true)),
            Versions::One(one, digest) => {
                version == Some(one) && digest.as_ref().is_none_or(|digest| is_of_these_bytes(std::slice::from_ref(digest), &asked.digests))
            }
        }
    }
}
