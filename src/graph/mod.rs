//! The dependency graph of one lockfile: packages and who requires whom. Cycles are legal.
//!
//! What a format read (`read::Parsed`) is joined here, once for all formats: keys become edges,
//! entries of one package become one node, and directness and scope follow from the edges. What
//! does not join becomes a gap. `verify` holds the invariants.

mod build;
mod built;
mod query;
mod scopes;
mod verify;
mod why;

pub use build::build;
pub use query::is_named;
pub use verify::{Broken, verify};
pub use why::{Path, Why};

use crate::model::licence::Licence;
use crate::model::stated::Stated;
use crate::model::{Artifact, Ecosystem, Gap, Location, Package, RelPath, Scope};
use crate::read::{Capabilities, Disagreement, FormatId, Rare, Told};
use petgraph::graph::{DiGraph, NodeIndex};

/// The graph of one lockfile.
#[derive(Debug)]
pub struct DepGraph {
    pub lockfile: RelPath,
    pub format: FormatId,
    /// `None` where there are several: each package knows its own.
    pub ecosystem: Option<Ecosystem>,
    pub dialect: &'static str,
    /// What the lockfile could not tell, said again by every report.
    pub knows: Capabilities,
    pub gaps: Vec<Gap>,
    pub disagreements: Vec<Disagreement>,
    /// What a document says is wrong with packages of it; `None` where it says nothing of that.
    pub flaws: Option<Vec<Stated>>,
    graph: DiGraph<Node, Dependency>,
}

/// A package of one graph. Valid for the graph that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NodeIndex);

/// A package with what the lockfile says of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    pub package: Package,
    /// Where the lockfile lists it, in the order of the file; never empty.
    pub locations: Vec<Location>,
    /// Whether edges start here without anyone requiring it: a project or member, and a first-party
    /// package that none of those leads to.
    pub root: bool,
    /// Whether a first-party package requires it itself. Meaningful where `knows.directness`.
    pub direct: bool,
    /// The scope of the strongest road from a root, or the one that the lockfile states where that is
    /// stronger; `None` for a package that no road leads to and of which nothing is stated.
    pub scope: Option<Scope>,
    /// What the lockfile says itself that the package is for.
    pub stated_scope: Option<Scope>,
    /// Sorted, without repetition.
    pub artifacts: Vec<Artifact>,
    /// Whether some place that lists it has no digest for a file: what the others have protects none there.
    /// What comes inside of another package needs none.
    pub unchecked: bool,
    pub licence: Option<Licence>,
    pub bundled: bool,
    pub install_script: bool,
    /// Its lists sorted, without repetition.
    pub rare: Rare,
    /// Whether it gets built; `None` where nobody said ([`DepGraph::mark_built`]).
    pub built: Option<bool>,
}

/// An edge from a dependant to a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    pub scope: Scope,
    /// What was asked for, as written.
    pub requirement: Option<Box<str>>,
    /// The name under which the dependant knows the package.
    pub alias: Option<Box<str>>,
    /// When it applies: marker, target, extras.
    pub condition: Option<Box<str>>,
    /// Where a person or tool wrote the requirement.
    pub declared: Option<Location>,
}

impl DepGraph {
    /// The graph of a lockfile that is not there: what any lockfile is compared with when it appears.
    pub fn empty(lockfile: RelPath, format: FormatId, ecosystem: Option<Ecosystem>) -> Self {
        let knows = Capabilities { edges: Told::Yes, directness: Told::Yes, scopes: Told::Yes, digests: Told::Yes, installed: Told::Yes };
        let (gaps, disagreements, flaws) = (Vec::new(), Vec::new(), None);
        DepGraph { lockfile, format, ecosystem, dialect: "", knows, gaps, disagreements, flaws, graph: DiGraph::new() }
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.graph[id.0]
    }

    /// All nodes, first-party ones too, in the order of the lockfile.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.graph.node_indices().map(NodeId)
    }

    /// Third-party packages, in the order of the lockfile.
    pub fn packages(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.ids().map(|id| (id, self.node(id))).filter(|(_, node)| !node.package.is_first_party())
    }

    pub fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }
}
