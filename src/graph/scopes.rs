//! Directness and scope, from the edges alone.

use super::{Dependency, Node};
use crate::model::scope::{Road, Scope, spread};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

/// Gives every node its directness and its scope.
///
/// A road is as strong as its weakest edge, and a package has the scope of its strongest road: it
/// is for development only if nothing but development roads lead to it. A scope that the lockfile states
/// counts as a road.
pub(super) fn settle(graph: &mut DiGraph<Node, Dependency>) {
    let first_party: Vec<NodeIndex> = graph.node_indices().filter(|&id| graph[id].package.is_first_party()).collect();
    for &id in &first_party {
        let targets: Vec<NodeIndex> = graph.neighbors(id).collect();
        for target in targets {
            graph[target].direct = !graph[target].package.is_first_party();
        }
    }
    let runtime = |id| (Scope::Runtime, id);
    let mut reached = vec![None; graph.node_count()];
    walk(graph, &mut reached, first_party.iter().copied().filter(|&id| graph[id].root).map(runtime));
    // A first-party package that no root requires is a project of its own.
    let unreached: Vec<NodeIndex> = first_party.into_iter().filter(|id| reached[id.index()].is_none()).collect();
    walk(graph, &mut reached, unreached.iter().copied().map(runtime));
    // What the lockfile says itself, where it does not hold the edges that would tell.
    walk(graph, &mut reached, graph.node_indices().filter_map(|id| Some((graph[id].stated_scope?, id))));
    unreached.into_iter().for_each(|id| graph[id].root = true);
    graph.node_weights_mut().zip(reached).for_each(|(node, scope)| node.scope = scope);
}

/// Nodes are large: their scopes are kept in a list of their own until all are known.
fn walk(graph: &DiGraph<Node, Dependency>, reached: &mut [Option<Scope>], starts: impl Iterator<Item = Road<NodeIndex>>) {
    let reach = |id: &NodeIndex, scope: Scope| scope.raise(&mut reached[id.index()]);
    spread(starts, reach, |id, roads| roads.extend(graph.edges(id).map(|edge| (edge.weight().scope, edge.target()))));
}
