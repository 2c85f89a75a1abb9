//! Which lockfile of the base is which of the head: the same path, else one that was moved.

use crate::graph::DepGraph;
use crate::model::{Package, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// One lockfile at the two revisions; at least one side is there.
#[derive(Debug)]
pub struct LockfilePair<'g> {
    pub base: Option<&'g DepGraph>,
    pub head: Option<&'g DepGraph>,
}

/// Pairs lockfiles by path. Of those left, one that went and one that came, of the same format,
/// are a move when they share at least half of their packages; the most alike first.
pub fn pair<'g>(base: &'g BTreeMap<RelPath, DepGraph>, head: &'g BTreeMap<RelPath, DepGraph>) -> Vec<LockfilePair<'g>> {
    let mut pairs: Vec<LockfilePair<'_>> =
        head.iter().filter_map(|(path, graph)| Some(LockfilePair { base: Some(base.get(path)?), head: Some(graph) })).collect();
    let gone: Vec<&DepGraph> = base.iter().filter(|(path, _)| !head.contains_key(path)).map(|(_, graph)| graph).collect();
    let come: Vec<&DepGraph> = head.iter().filter(|(path, _)| !base.contains_key(path)).map(|(_, graph)| graph).collect();
    let moved = moves(&gone, &come);
    let taken = |path: &RelPath| moved.iter().any(|(from, to)| from.lockfile == *path || to.lockfile == *path);
    pairs.extend(gone.iter().filter(|graph| !taken(&graph.lockfile)).map(|graph| LockfilePair { base: Some(graph), head: None }));
    pairs.extend(come.iter().filter(|graph| !taken(&graph.lockfile)).map(|graph| LockfilePair { base: None, head: Some(graph) }));
    pairs.extend(moved.iter().map(|(from, to)| LockfilePair { base: Some(from), head: Some(to) }));
    pairs.sort_by(|a, b| a.path().cmp(b.path()));
    pairs
}

impl LockfilePair<'_> {
    /// The head's path; the base's where the head has none.
    pub fn path(&self) -> &RelPath {
        match (self.head, self.base) {
            (Some(graph), _) | (None, Some(graph)) => &graph.lockfile,
            (None, None) => unreachable!("a pair has a side"),
        }
    }
}

fn moves<'g>(gone: &[&'g DepGraph], come: &[&'g DepGraph]) -> Vec<(&'g DepGraph, &'g DepGraph)> {
    let packages: Vec<BTreeSet<&Package>> = come.iter().map(|graph| packages(graph)).collect();
    let mut candidates = Vec::new();
    for from in gone {
        let old = self::packages(from);
        for (to, new) in come.iter().zip(&packages).filter(|(to, _)| to.format == from.format) {
            let shared = old.intersection(new).count();
            let all = old.union(new).count();
            if shared > 0 && shared * 2 >= all {
                candidates.push((shared * 1000 / all, *from, *to));
            }
        }
    }
    candidates.sort_by(|a, b| (b.0, &a.1.lockfile, &a.2.lockfile).cmp(&(a.0, &b.1.lockfile, &b.2.lockfile)));
    let mut moved: Vec<(&DepGraph, &DepGraph)> = Vec::new();
    for (_, from, to) in candidates {
        if !moved.iter().any(|(a, b)| a.lockfile == from.lockfile || b.lockfile == to.lockfile) {
            moved.push((from, to));
        }
    }
    moved
}

fn packages(graph: &DepGraph) -> BTreeSet<&Package> {
    graph.packages().map(|(_, node)| &node.package).collect()
}
