//! Directness and scope, from the edges alone.

use super::{Dependency, Node};
use crate::model::Scope;
use petgraph::Direction;
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
    walk(graph, runtime(first_party.iter().copied().filter(|&id| graph[id].root)));
    // A first-party package that no root requires is a project of its own.
    let unreached: Vec<NodeIndex> = first_party.into_iter().filter(|&id| graph[id].scope.is_none()).collect();
    for &id in &unreached {
        graph[id].root = true;
    }
    walk(graph, runtime(unreached));
    walk(graph, stated(graph));
}

/// Nodes from which to walk, by the scope in which each is reached, strongest first.
type Waiting = Vec<Vec<NodeIndex>>;

fn runtime(starts: impl IntoIterator<Item = NodeIndex>) -> Waiting {
    let mut waiting = vec![Vec::new(); Scope::STRONGEST_FIRST.len()];
    waiting[0].extend(starts);
    waiting
}

/// What the lockfile says itself, where it does not hold the edges that would tell.
fn stated(graph: &DiGraph<Node, Dependency>) -> Waiting {
    let of = |scope| graph.node_indices().filter(|&id| graph[id].stated_scope == Some(scope)).collect();
    Scope::STRONGEST_FIRST.into_iter().map(of).collect()
}

/// Spreads scopes from the starts, strongest first, so that each node is reached once.
fn walk(graph: &mut DiGraph<Node, Dependency>, mut waiting: Waiting) {
    for (level, scope) in Scope::STRONGEST_FIRST.into_iter().enumerate() {
        while let Some(id) = waiting[level].pop() {
            if graph[id].scope.is_some_and(|reached| reached >= scope) {
                continue;
            }
            graph[id].scope = Some(scope);
            for edge in graph.edges_directed(id, Direction::Outgoing) {
                let road = scope.min(edge.weight().scope);
                if graph[edge.target()].scope.is_none_or(|reached| reached < road) {
                    let at = Scope::STRONGEST_FIRST.iter().position(|&other| other == road).unwrap_or(level);
                    waiting[at].push(edge.target());
                }
            }
        }
    }
}
