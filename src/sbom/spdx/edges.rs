//! Who requires whom, and for what, each pair once for each scope in which some lockfile has it.

use crate::model::Scope;
use crate::sbom::view::{ComponentId, View};

/// That a component requires another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub from: ComponentId,
    /// `None` where the lockfile does not tell scopes.
    pub scope: Option<Scope>,
    pub to: ComponentId,
}

/// Sorted by the dependant, the scope and the dependency.
pub(super) fn of(view: &View<'_>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = view.scoped_edges().into_iter().map(|(from, to, scope)| Edge { from, scope, to }).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Those of one dependant.
pub(super) fn from(edges: &[Edge], from: ComponentId) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.from < from);
    let rest = &edges[start..];
    &rest[..rest.partition_point(|edge| edge.from == from)]
}
