//! Questions to a graph.

use super::{DepGraph, Dependency, NodeId};
use crate::model::{Package, PackageSource, RelPath};
use crate::read::Unlocked;
use petgraph::Direction;
use petgraph::visit::EdgeRef;
use std::collections::HashSet;

impl DepGraph {
    /// What a package requires, sorted by package.
    pub fn dependencies(&self, id: NodeId) -> Vec<(NodeId, &Dependency)> {
        let mut edges: Vec<_> =
            self.graph.edges_directed(id.0, Direction::Outgoing).map(|edge| (NodeId(edge.target()), edge.weight())).collect();
        self.sort(&mut edges);
        edges
    }

    /// What a package requires, in the order in which the graph holds it.
    pub fn unsorted_dependencies(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Dependency)> {
        self.graph.edges_directed(id.0, Direction::Outgoing).map(|edge| (NodeId(edge.target()), edge.weight()))
    }

    /// Who requires a package, in the order in which the graph holds it.
    pub fn unsorted_dependants(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.graph.neighbors_directed(id.0, Direction::Incoming).map(NodeId)
    }

    /// Who requires a package, sorted by package.
    pub fn dependants(&self, id: NodeId) -> Vec<(NodeId, &Dependency)> {
        let mut edges: Vec<_> =
            self.graph.edges_directed(id.0, Direction::Incoming).map(|edge| (NodeId(edge.source()), edge.weight())).collect();
        self.sort(&mut edges);
        edges
    }

    /// The direct packages by way of which a package is there, sorted; the package itself where it is
    /// direct. `None` when more than `limit` packages would have to be looked at.
    pub fn direct_ways(&self, id: NodeId, limit: usize) -> Option<Vec<&Package>> {
        let mut seen = HashSet::from([id]);
        let mut next = vec![id];
        let mut ways = Vec::new();
        while let Some(at) = next.pop() {
            if self.node(at).direct {
                ways.push(&self.node(at).package);
            }
            let dependants = self.graph.neighbors_directed(at.0, Direction::Incoming).map(NodeId);
            next.extend(dependants.filter(|by| !self.node(*by).package.is_first_party() && seen.insert(*by)));
            if seen.len() > limit {
                return None;
            }
        }
        ways.sort();
        Some(ways)
    }

    /// The first-party packages that bring a package in, each by way of third-party ones alone or none. `None` when more
    /// than `limit` packages would have to be looked at.
    pub fn first_party_ways(&self, id: NodeId, limit: usize) -> Option<Vec<NodeId>> {
        let mut seen = HashSet::from([id]);
        let mut next = vec![id];
        let mut ways = Vec::new();
        while let Some(at) = next.pop() {
            for by in self.unsorted_dependants(at).filter(|by| seen.insert(*by)) {
                if self.node(by).package.is_first_party() { ways.push(by) } else { next.push(by) }
            }
            if seen.len() > limit {
                return None;
            }
        }
        Some(ways)
    }

    /// Projects and members that nobody has to require.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.ids().filter(|&id| self.node(id).root)
    }

    /// The project that the lockfile lies beside, where there is exactly one. A Cargo.lock without its
    /// manifests does not say folders; its only root is meant.
    pub fn own_root(&self) -> Option<NodeId> {
        let folder = self.lockfile.parent();
        let roots: Vec<NodeId> = self.roots().collect();
        let lies_in = |id: &&NodeId, wanted: Option<&RelPath>| matches!(&self.node(**id).package.source, PackageSource::FirstParty { folder } if folder.as_ref() == wanted);
        let beside: Vec<&NodeId> = roots.iter().filter(|id| lies_in(id, Some(&folder))).collect();
        match (beside.as_slice(), roots.as_slice()) {
            ([only], _) => Some(**only),
            ([], [only]) if lies_in(&only, None) => Some(*only),
            _ => None,
        }
    }

    fn sort(&self, edges: &mut [(NodeId, &Dependency)]) {
        edges.sort_by(|(a, x), (b, y)| self.node(*a).package.cmp(&self.node(*b).package).then_with(|| x.cmp(y)));
    }

    /// Packages a question names: a purl, `name`, or `name@version`; sorted. An alias finds the
    /// package that is behind it.
    pub fn named(&self, question: &str) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = self.ids().filter(|&id| is_named(&self.node(id).package, question)).collect();
        if found.is_empty() {
            let aliased = self.graph.edge_references().filter(|edge| edge.weight().alias.as_deref() == Some(question));
            found.extend(aliased.map(|edge| NodeId(edge.target())));
        }
        found.sort_by(|a, b| self.node(*a).package.cmp(&self.node(*b).package));
        found.dedup();
        found
    }

    /// What first-party packages need and no lockfile holds.
    pub fn unlocked(&self) -> impl Iterator<Item = &Unlocked> {
        self.ids().flat_map(|id| &self.node(id).rare.unlocked)
    }

    /// Packages that no root leads to.
    pub fn orphans(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.packages().filter(|(_, node)| node.scope.is_none()).map(|(id, _)| id)
    }
}

/// Whether somebody means this package: by its name, `NAME@VERSION`, or a purl with or without what follows the name.
pub fn is_named(package: &Package, question: &str) -> bool {
    use crate::model::PackageName;
    if question.starts_with("pkg:") {
        let purl = package.purl();
        return purl == question || purl.split(['?', '#']).next() == Some(question) || unversioned(&purl) == question;
    }
    let matches = |name: &str, version: Option<&str>| {
        let name = PackageName::new(package.ecosystem, name);
        name.is_ok_and(|name| name == package.name)
            && version.is_none_or(|version| package.version.as_ref().is_some_and(|v| v.as_str() == version))
    };
    let split = question.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| (&question[..at], &question[at + 1..]));
    matches(question, None) || split.is_some_and(|(name, version)| matches(name, Some(version)))
}

fn unversioned(purl: &str) -> &str {
    let base = purl.split(['?', '#']).next().unwrap_or(purl);
    base.rsplit_once('@').map_or(base, |(name, _)| name)
}
