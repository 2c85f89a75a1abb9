//! What of a BOM is known to be complete. A claim of completeness is made only where no gap and no
//! silence of a lockfile stands against it.

use super::Inventory;
use super::view::{self, ComponentId, ComponentsOfNodes, Root};
use crate::graph::{DepGraph, NodeId};
use crate::model::{Gap, GapKind, PackageSource, RelPath};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// How much is known of a relationship, the claim that holds most against it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Knowledge {
    Complete,
    /// It may be complete or not.
    Unknown,
    /// Something is missing.
    Incomplete,
}

impl Knowledge {
    pub const ALL: [Knowledge; 3] = [Knowledge::Complete, Knowledge::Incomplete, Knowledge::Unknown];

    fn lower_to(&mut self, other: Knowledge) {
        *self = (*self).max(other);
    }
}

pub(super) struct Completeness {
    /// Whether the root's parts are all there.
    pub parts: Knowledge,
    /// What is known of the root's dependencies.
    pub root: Knowledge,
    dependencies: Vec<Knowledge>,
}

impl Completeness {
    pub fn new(inventory: &Inventory<'_>, of_nodes: &ComponentsOfNodes, components: usize, root: &Root) -> Self {
        let dependencies = vec![Knowledge::Complete; components];
        let mut this = Completeness { parts: Knowledge::Complete, root: Knowledge::Complete, dependencies };
        for (graph, of_node) in inventory.graphs.iter().zip(of_nodes) {
            this.read_graph(graph, of_node);
        }
        if inventory.gaps.iter().any(|gap| hides_packages(gap, None)) {
            this.parts = Knowledge::Incomplete;
        }
        this.root.lower_to(this.parts);
        if let Root::Package(id) = root {
            this.dependencies[id.index()].lower_to(this.root);
            this.root = this.dependencies[id.index()];
        }
        this
    }

    pub fn of(&self, id: ComponentId) -> Knowledge {
        self.dependencies[id.index()]
    }

    fn read_graph(&mut self, graph: &DepGraph, of_node: &HashMap<NodeId, ComponentId>) {
        let roots = view::roots(graph);
        if roots.is_empty() {
            self.root.lower_to(Knowledge::Unknown);
        }
        for id in graph.ids() {
            let told = if graph.node(id).package.is_first_party() { &graph.knows.directness } else { &graph.knows.edges };
            if !told.is_yes() {
                self.lower(of_node[&id], Knowledge::Unknown);
            }
        }
        if graph.gaps.iter().any(|gap| hides_packages(gap, Some(graph))) {
            self.parts = Knowledge::Incomplete;
            roots.iter().for_each(|root| self.lower(of_node[root], Knowledge::Incomplete));
        }
        self.read_dependency_gaps(graph, of_node, &roots);
    }

    /// Gaps that concern what one package requires.
    fn read_dependency_gaps(&mut self, graph: &DepGraph, of_node: &HashMap<NodeId, ComponentId>, roots: &[NodeId]) {
        let concerns = graph.gaps.iter().filter_map(|gap| match gap.kind {
            GapKind::UnresolvedDependency => Some((gap, Knowledge::Incomplete)),
            // Every candidate has an edge: too many rather than too few.
            GapKind::AmbiguousDependency => Some((gap, Knowledge::Unknown)),
            _ => None,
        });
        let mut concerns = concerns.peekable();
        if concerns.peek().is_none() {
            return;
        }
        let places = Places::new(graph);
        for (gap, knowledge) in concerns {
            let dependants = places.dependants(gap);
            let dependants = if dependants.is_empty() { roots } else { dependants };
            dependants.iter().for_each(|id| self.lower(of_node[id], knowledge));
        }
    }

    fn lower(&mut self, id: ComponentId, knowledge: Knowledge) {
        self.dependencies[id.index()].lower_to(knowledge);
    }
}

/// Whether there may be packages that the BOM does not name, or not by their version. A missing
/// companion hides packages only where a format spreads them over several files; elsewhere it hides
/// what they are for.
fn hides_packages(gap: &Gap, graph: Option<&DepGraph>) -> bool {
    match gap.kind {
        GapKind::UnreadLockfile | GapKind::UnsupportedFormat | GapKind::UnpinnedRequirement | GapKind::Submodule => true,
        GapKind::UnknownRequirement => true,
        GapKind::MissingCompanion | GapKind::UnreadManifest => graph.is_some_and(|graph| graph.format == "requirements-txt"),
        GapKind::UnresolvedDependency
        | GapKind::AmbiguousDependency
        | GapKind::FurtherSource
        | GapKind::UnlockedManifest
        | GapKind::UnreadSettings
        | GapKind::ShallowHistory
        | GapKind::UnreadHistory
        | GapKind::StaleAdvisories
        | GapKind::UnknownAdvisories
        | GapKind::UnknownFacts
        | GapKind::UnreadStatement => false,
    }
}

/// Which package a gap's place belongs to: a gap carries where a requirement stands, not whose it is.
struct Places<'g> {
    /// Packages by the lines that list them.
    listed: HashMap<(&'g RelPath, u32), Vec<NodeId>>,
    /// First-party packages by the lines where their entries begin.
    first_party: BTreeMap<(&'g RelPath, u32), Vec<NodeId>>,
    by_folder: HashMap<&'g RelPath, Vec<NodeId>>,
}

impl<'g> Places<'g> {
    fn new(graph: &'g DepGraph) -> Self {
        let mut places = Places { listed: HashMap::new(), first_party: BTreeMap::new(), by_folder: HashMap::new() };
        for id in graph.ids() {
            let node = graph.node(id);
            for place in &node.locations {
                places.listed.entry((&place.file, place.line)).or_default().push(id);
                if node.package.is_first_party() {
                    places.first_party.entry((&place.file, place.line)).or_default().push(id);
                }
            }
            if let PackageSource::FirstParty { folder: Some(folder) } = &node.package.source {
                places.by_folder.entry(folder).or_default().push(id);
            }
        }
        places
    }

    /// The package listed at the line; else, as only first-party packages have requirements with a
    /// line of their own, the first-party entry around the line or the one whose manifest it is.
    fn dependants(&self, gap: &'g Gap) -> &[NodeId] {
        let Some(line) = gap.line else { return self.of_manifest(gap) };
        if let Some(listed) = self.listed.get(&(&gap.file, line)) {
            return listed;
        }
        let above = self.first_party.range((&gap.file, 0)..=(&gap.file, line)).next_back();
        above.map_or_else(|| self.of_manifest(gap), |(_, ids)| ids)
    }

    fn of_manifest(&self, gap: &'g Gap) -> &[NodeId] {
        self.by_folder.get(&gap.file.parent()).map_or(&[], Vec::as_slice)
    }
}
