//! The shortest road from a root to each package of a graph, found for all in one pass.

use crate::graph::{DepGraph, NodeId};
use crate::model::Package;
use std::collections::{HashMap, VecDeque};

/// Packages of a road that are told, at most.
pub const MOST: usize = 30;

pub struct Roads<'g> {
    pub graph: &'g DepGraph,
    /// By which package each is reached first, and how many lie before it.
    before: HashMap<NodeId, (Option<NodeId>, usize)>,
    ids: HashMap<&'g Package, NodeId>,
}

impl<'g> Roads<'g> {
    pub fn of(graph: &'g DepGraph) -> Self {
        let mut before: HashMap<NodeId, (Option<NodeId>, usize)> = HashMap::new();
        let mut queue: VecDeque<NodeId> = graph.ids().filter(|id| graph.node(*id).root).collect();
        before.extend(queue.iter().map(|id| (*id, (None, 0))));
        while let Some(id) = queue.pop_front() {
            let depth = before[&id].1 + 1;
            for (next, _) in graph.unsorted_dependencies(id) {
                before.entry(next).or_insert_with(|| {
                    queue.push_back(next);
                    (Some(id), depth)
                });
            }
        }
        Roads { graph, before, ids: graph.ids().map(|id| (&graph.node(id).package, id)).collect() }
    }

    pub fn id(&self, package: &Package) -> Option<NodeId> {
        self.ids.get(package).copied()
    }

    /// How many packages lie before it; `None` where no root leads to it.
    pub fn depth(&self, id: NodeId) -> Option<usize> {
        self.before.get(&id).map(|(_, depth)| *depth)
    }

    /// The road to a package, which is the last: a root first, or `MOST` packages of its end. Empty where no root
    /// leads to it.
    pub fn road(&self, id: NodeId) -> Vec<NodeId> {
        let mut road: Vec<NodeId> = Vec::new();
        let mut next = self.before.contains_key(&id).then_some(id);
        while let Some(at) = next.filter(|_| road.len() < MOST) {
            road.push(at);
            next = self.before[&at].0;
        }
        road.reverse();
        road
    }
}
