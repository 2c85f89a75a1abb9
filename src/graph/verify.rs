//! The invariants of a graph, checked by the tests on every fixture and every real lockfile.

use super::{DepGraph, NodeId};
use crate::model::Scope;
use petgraph::visit::EdgeRef;
use std::collections::HashSet;

/// An invariant that does not hold, as a sentence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

/// Checks every invariant:
/// a package is one node; every node has a place in the lockfile, lines from 1; no edge leads from
/// a node to itself; direct is what a first-party package requires, and only third-party packages
/// are direct; a node's scope is the strongest that its dependants can pass on or the lockfile states.
pub fn verify(graph: &DepGraph) -> Result<(), Broken> {
    let mut seen = HashSet::new();
    for id in graph.ids() {
        let node = graph.node(id);
        let broken = |what: &str| Err(Broken(format!("{} ({}): {what}", node.package.purl(), graph.lockfile)));
        if !seen.insert(&node.package) {
            return broken("the package is two nodes");
        }
        if node.locations.is_empty() || node.locations.iter().any(|place| place.line == 0) {
            return broken("the package has no place in the lockfile");
        }
        if node.direct != is_direct(graph, id) {
            return broken("directness does not follow from the edges");
        }
        if !node.root && node.scope != strongest_road(graph, id).max(node.stated_scope) && !node.package.is_first_party() {
            return broken("the scope does not follow from the edges");
        }
    }
    match graph.graph.edge_references().find(|edge| edge.source() == edge.target()) {
        Some(edge) => Err(Broken(format!("{} requires itself", graph.graph[edge.source()].package.purl()))),
        None => Ok(()),
    }
}

fn is_direct(graph: &DepGraph, id: NodeId) -> bool {
    !graph.node(id).package.is_first_party()
        && graph.dependants(id).iter().any(|(dependant, _)| graph.node(*dependant).package.is_first_party())
}

fn strongest_road(graph: &DepGraph, id: NodeId) -> Option<Scope> {
    graph.dependants(id).iter().filter_map(|(dependant, edge)| Some(graph.node(*dependant).scope?.min(edge.scope))).max()
}
