//! Why a package is there: the roads from the roots to it, shortest first.

use super::{DepGraph, NodeId};
use petgraph::Direction;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::rc::Rc;

/// A road: a root first, the package in question last. No node stands twice in it.
pub type Path = Vec<NodeId>;

/// The roads to one package.
#[derive(Debug, Default)]
pub struct Why {
    /// Shortest first; of equal length in the order of their packages.
    pub paths: Vec<Path>,
    /// Whether there are more roads than these.
    pub more: bool,
}

/// Partial roads that are looked at before the search gives up: dense graphs have more roads than
/// anyone could read.
const MOST_STEPS: usize = 200_000;

impl DepGraph {
    /// At most `limit` roads from the roots to `target`, shortest first.
    pub fn why(&self, target: NodeId, limit: usize) -> Why {
        let distance = self.distances_to(target);
        let rank = self.ranks(&distance);
        let mut heap = BinaryHeap::new();
        for id in self.ids().filter(|id| self.node(*id).root) {
            if let Some(&left) = distance.get(&id) {
                heap.push(Reverse(Road { length: left, ranks: vec![rank[&id]], last: Rc::new(Step { id, before: None }) }));
            }
        }
        let mut why = Why::default();
        for _ in 0..MOST_STEPS {
            let Some(Reverse(road)) = heap.pop() else { return why };
            if road.last.id == target {
                if why.paths.len() == limit {
                    why.more = true;
                    return why;
                }
                why.paths.push(road.last.nodes());
                continue;
            }
            for next in self.neighbours(road.last.id).filter(|next| !road.last.contains(*next)) {
                let Some(&left) = distance.get(&next) else { continue };
                let mut ranks = road.ranks.clone();
                ranks.push(rank[&next]);
                heap.push(Reverse(Road {
                    length: ranks.len() - 1 + left,
                    ranks,
                    last: Rc::new(Step { id: next, before: Some(road.last.clone()) }),
                }));
            }
        }
        why.more = true;
        why
    }

    fn neighbours(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut ids: Vec<NodeId> = self.graph.neighbors(id.0).map(NodeId).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
    }

    /// How many edges lie between each node and the target, for the nodes that lead to it.
    fn distances_to(&self, target: NodeId) -> HashMap<NodeId, usize> {
        let mut distance = HashMap::from([(target, 0)]);
        let mut queue = VecDeque::from([target]);
        while let Some(id) = queue.pop_front() {
            let next = distance[&id] + 1;
            for dependant in self.graph.neighbors_directed(id.0, Direction::Incoming).map(NodeId) {
                distance.entry(dependant).or_insert_with(|| {
                    queue.push_back(dependant);
                    next
                });
            }
        }
        distance
    }

    /// The nodes' places in the order of their packages, so that equal lengths come out sorted.
    fn ranks(&self, nodes: &HashMap<NodeId, usize>) -> HashMap<NodeId, usize> {
        let mut ids: Vec<NodeId> = nodes.keys().copied().collect();
        ids.sort_by(|a, b| self.node(*a).package.cmp(&self.node(*b).package));
        ids.into_iter().enumerate().map(|(rank, id)| (id, rank)).collect()
    }
}

/// A partial road, ordered by the length it will have at least, then by its packages.
struct Road {
    length: usize,
    ranks: Vec<usize>,
    last: Rc<Step>,
}

impl PartialEq for Road {
    fn eq(&self, other: &Self) -> bool {
        (self.length, &self.ranks) == (other.length, &other.ranks)
    }
}

impl Eq for Road {}

impl PartialOrd for Road {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Road {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.length, &self.ranks).cmp(&(other.length, &other.ranks))
    }
}

/// The last node of a road and the road before it, shared with other roads.
struct Step {
    id: NodeId,
    before: Option<Rc<Step>>,
}

impl Step {
    fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(self), |step| step.before.as_deref()).map(|step| step.id)
    }

    fn contains(&self, id: NodeId) -> bool {
        self.iter().any(|step| step == id)
    }

    fn nodes(&self) -> Path {
        let mut nodes: Path = self.iter().collect();
        nodes.reverse();
        nodes
    }
}
