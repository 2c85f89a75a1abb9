//! What a BOM says, before any format: components, their references, their edges.
//!
//! A package that several lockfiles hold is one component with the places, dependencies and scopes
//! of all. References are unique, every edge leads to a component, and all lists are sorted.

use super::Inventory;
use super::completeness::{Completeness, Knowledge};
use crate::graph::{DepGraph, Dependency, Node, NodeId};
use crate::model::licence::Licence;
use crate::model::text::visible;
use crate::model::{Artifact, Digest, Ecosystem, Location, Package, PackageSource, Patch, RelPath, Scope};
use hashbrown::{HashMap, HashSet};

pub(super) struct View<'a> {
    pub inventory: &'a Inventory<'a>,
    pub root: Root,
    /// Sorted by reference.
    components: Vec<Component<'a>>,
    /// `(dependant, dependency)`, sorted and unique, never from a component to itself.
    edges: Vec<(ComponentId, ComponentId)>,
    aliases: Vec<(ComponentId, &'a str)>,
    /// Sorted: the packages that a lockfile was made for.
    projects: Vec<ComponentId>,
    pub completeness: Completeness,
}

/// An index into the sorted components, so that sorting ids sorts references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ComponentId(u32);

/// What the document describes.
pub(super) enum Root {
    /// The one package that the one lockfile was made for.
    Package(ComponentId),
    /// The repository as a whole; `requires` are the roots of its lockfiles.
    Repository { reference: String, requires: Vec<ComponentId> },
}

/// A package with every place where it was found; never empty.
pub(super) struct Component<'a> {
    pub package: &'a Package,
    pub purl: String,
    /// Where it is not the purl.
    pub own_reference: Option<String>,
    /// Whether a component that is not first-party has the same purl.
    pub has_namesake: bool,
    pub sightings: Vec<Sighting<'a>>,
}

/// A component as one lockfile has it.
pub(super) struct Sighting<'a> {
    pub graph: &'a DepGraph,
    pub id: NodeId,
    pub node: &'a Node,
}

/// Which component each node of each graph is part of, in the order of the graphs.
pub(super) type ComponentsOfNodes = Vec<HashMap<NodeId, ComponentId>>;

impl<'a> View<'a> {
    pub fn new(inventory: &'a Inventory<'a>) -> Self {
        let graphs = inventory.graphs;
        let components = components(graphs);
        let of_nodes = of_nodes(graphs, &components);
        let (edges, aliases) = edges(graphs, &of_nodes);
        let ids = |graph: usize, nodes: Vec<NodeId>| nodes.into_iter().map(|id| of_nodes[graph][&id]).collect::<Vec<_>>();
        let each_graph = || graphs.iter().enumerate();
        let projects = sorted(each_graph().flat_map(|(at, graph)| ids(at, graph.own_root().into_iter().collect())).collect());
        let root = match (graphs, projects.as_slice()) {
            ([_], [project]) => Root::Package(*project),
            _ => Root::Repository {
                // No purl begins so.
                reference: format!("root:{}", visible(inventory.project.name)),
                requires: sorted(each_graph().flat_map(|(at, graph)| ids(at, roots(graph))).collect()),
            },
        };
        let completeness = Completeness::new(inventory, &of_nodes, components.len(), &root);
        View { inventory, root, components, edges, aliases, projects, completeness }
    }

    /// Every component, sorted by reference; the root too where it is a package.
    pub fn ids(&self) -> impl Iterator<Item = ComponentId> + use<> {
        (0..self.components.len() as u32).map(ComponentId)
    }

    pub fn third_party(&self) -> impl Iterator<Item = ComponentId> + '_ {
        self.ids().filter(|&id| !self.component(id).package.is_first_party())
    }

    /// First-party components but the root.
    pub fn members(&self) -> impl Iterator<Item = ComponentId> + '_ {
        let is_root = |id| matches!(self.root, Root::Package(root) if root == id);
        self.ids().filter(move |&id| self.component(id).package.is_first_party() && !is_root(id))
    }

    pub fn component(&self, id: ComponentId) -> &Component<'a> {
        &self.components[id.index()]
    }

    pub fn reference(&self, id: ComponentId) -> &str {
        self.component(id).reference()
    }

    pub fn root_reference(&self) -> &str {
        match &self.root {
            Root::Package(id) => self.reference(*id),
            Root::Repository { reference, .. } => reference,
        }
    }

    /// What a component requires, sorted and unique.
    pub fn requires(&self, id: ComponentId) -> impl Iterator<Item = ComponentId> + '_ {
        of_key(&self.edges, id).map(|(_, target)| *target)
    }

    /// Who requires whom and for what, each lockfile for itself: `None` where it does not tell. In no order.
    pub fn scoped_edges(&self) -> Vec<(ComponentId, ComponentId, Option<Scope>)> {
        let graphs = self.inventory.graphs;
        let mut edges = Vec::with_capacity(graphs.iter().map(DepGraph::edge_count).sum());
        for (graph, of_node) in graphs.iter().zip(of_nodes(graphs, &self.components)) {
            let scope = |edge: &Dependency| graph.knows.scopes.is_yes().then_some(edge.scope);
            for from in graph.ids() {
                let found = graph.unsorted_dependencies(from).map(|(to, edge)| (of_node[&from], of_node[&to], scope(edge)));
                edges.extend(found.filter(|(from, to, _)| from != to));
            }
        }
        edges
    }

    /// Names under which others require a component, where they are not its own; sorted.
    pub fn aliases(&self, id: ComponentId) -> impl Iterator<Item = &'a str> + '_ {
        of_key(&self.aliases, id).map(|(_, alias)| *alias)
    }

    /// Whether a lockfile was made for this package, so that it lies in the lockfile's folder.
    pub fn is_project(&self, id: ComponentId) -> bool {
        self.projects.binary_search(&id).is_ok()
    }

    pub fn knowledge(&self, id: ComponentId) -> Knowledge {
        self.completeness.of(id)
    }
}

impl ComponentId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl<'a> Component<'a> {
    pub fn reference(&self) -> &str {
        self.own_reference.as_deref().unwrap_or(&self.purl)
    }

    /// Whether the purl is said of the component: a first-party package without a version has
    /// never been published, and its purl would be some other package's; so it would where a
    /// workspace uses the release of one of its own members.
    pub fn says_purl(&self) -> bool {
        !self.package.is_first_party() || self.package.version.is_some() && !self.has_namesake
    }

    /// Whether the purl means one content: a version, a commit, a file.
    pub fn is_exact(&self) -> bool {
        let pinned = matches!(&self.package.source, PackageSource::Git { commit: Some(_), .. } | PackageSource::Archive { .. });
        self.package.version.is_some() || pinned
    }

    fn nodes(&self) -> impl Iterator<Item = &'a Node> + '_ {
        self.sightings.iter().map(|sighting| sighting.node)
    }

    pub fn lockfiles(&self) -> impl Iterator<Item = &'a RelPath> + '_ {
        self.sightings.iter().map(|sighting| &sighting.graph.lockfile)
    }

    /// Sorted and unique.
    pub fn locations(&self) -> Vec<&'a Location> {
        sorted(self.nodes().flat_map(|node| &node.locations).collect())
    }

    /// The strongest scope, of a third-party package; `None` where it is not known. A lockfile that
    /// does not tell scopes could make any but the strongest stronger.
    pub fn scope(&self) -> Option<Scope> {
        if self.package.is_first_party() {
            return None;
        }
        let tells = |sighting: &&Sighting<'_>| sighting.graph.knows.scopes.is_yes();
        let strongest = self.sightings.iter().filter(tells).filter_map(|sighting| sighting.node.scope).max();
        strongest.filter(|&scope| scope == Scope::Runtime || self.sightings.iter().all(|sighting| tells(&sighting)))
    }

    pub fn is_direct(&self) -> bool {
        self.sightings.iter().any(|sighting| sighting.node.direct && sighting.graph.knows.directness.is_yes())
    }

    pub fn is_bundled(&self) -> bool {
        self.nodes().all(|node| node.bundled)
    }

    pub fn has_install_script(&self) -> bool {
        self.nodes().any(|node| node.install_script)
    }

    /// Whether somebody said of every place that the package is locked and not built.
    pub fn is_not_built(&self) -> bool {
        self.nodes().all(|node| node.built == Some(false))
    }

    pub fn deprecated(&self) -> Option<&'a str> {
        self.nodes().find_map(|node| node.rare.deprecated.as_deref())
    }

    /// What the package is changed by when it is installed; sorted and unique.
    pub fn patches(&self) -> Vec<&'a Patch> {
        sorted(self.nodes().flat_map(|node| &node.rare.patches).collect())
    }

    /// What the lockfiles state of the licence, in their order; each text once.
    pub fn licences(&self) -> Vec<&'a Licence> {
        let mut stated: Vec<&Licence> = Vec::new();
        for licence in self.nodes().filter_map(|node| node.licence.as_ref()) {
            if !stated.contains(&licence) {
                stated.push(licence);
            }
        }
        stated
    }

    /// Sorted and unique.
    pub fn artifacts(&self) -> Vec<&'a Artifact> {
        sorted(self.nodes().flat_map(|node| &node.artifacts).collect())
    }

    /// The digests of the package's one file; `None` where there are several files of which one gets
    /// installed, or where lockfiles do not agree. A Cargo or npm version is one file, whatever
    /// number of mirrors has it.
    pub fn digests(&self, artifacts: &[&'a Artifact]) -> Option<Vec<&'a Digest>> {
        if let [artifact] = artifacts {
            return Some(artifact.digests.iter().collect());
        }
        let digests: Vec<&Digest> = sorted(artifacts.iter().flat_map(|artifact| &artifact.digests).collect());
        let agree = digests.windows(2).all(|pair| pair[0].algorithm() != pair[1].algorithm());
        (self.package.ecosystem != Ecosystem::Pypi && agree).then_some(digests)
    }
}

/// One component for each package of any graph, sorted by reference.
fn components(graphs: &[DepGraph]) -> Vec<Component<'_>> {
    let sight = |graph| move |id| Sighting { graph, id, node: graph.node(id) };
    let sightings = graphs.iter().flat_map(|graph| graph.ids().map(sight(graph)));
    let mut named: Vec<(String, Sighting<'_>)> = sightings.map(|sighting| (sighting.node.package.purl(), sighting)).collect();
    // Stable, so that the sightings of a package stay in the order of the graphs. Of namesakes, a
    // registry's package comes before a first-party folder.
    named.sort_by(|(purl, a), (other, b)| {
        let rank = |sighting: &Sighting<'_>| sighting.node.package.is_first_party();
        purl.cmp(other).then_with(|| rank(a).cmp(&rank(b))).then_with(|| a.node.package.cmp(&b.node.package))
    });
    let mut components: Vec<Component<'_>> = Vec::with_capacity(named.len());
    for (purl, sighting) in named {
        let package = &sighting.node.package;
        match components.last_mut().filter(|last| last.package == package) {
            Some(last) => last.sightings.push(sighting),
            None => components.push(Component { package, purl, own_reference: None, has_namesake: false, sightings: vec![sighting] }),
        }
    }
    tell_apart(&mut components);
    components.sort_by(|a, b| a.reference().cmp(b.reference()));
    components
}

/// Packages can differ and have one purl: a first-party folder and its published namesake, two
/// branches at one commit. Of those, all but the first get a suffix; no purl of ours holds a `#`, so
/// that no other reference is met. What not every encoding holds is an escape already, so that two
/// references stay two in each.
fn tell_apart(components: &mut [Component<'_>]) {
    for namesakes in components.chunk_by_mut(|a, b| a.purl == b.purl).filter(|group| group.len() > 1) {
        let mut taken = HashSet::new();
        let is_of_others = namesakes.iter().any(|component| !component.package.is_first_party());
        namesakes.iter_mut().for_each(|component| component.has_namesake = is_of_others);
        for component in &mut namesakes[1..] {
            let mut reference = format!("{}#{}", component.purl, visible(&distinction(&component.package.source)));
            while !taken.insert(reference.clone()) {
                reference.push('~');
            }
            component.own_reference = Some(reference);
        }
    }
}

fn distinction(source: &PackageSource) -> String {
    match source {
        PackageSource::FirstParty { folder: Some(folder) } => folder.to_string(),
        PackageSource::Git { reference: Some(reference), .. } => reference.to_string(),
        other => other.kind().to_owned(),
    }
}

fn of_nodes(graphs: &[DepGraph], components: &[Component<'_>]) -> ComponentsOfNodes {
    let mut of_nodes: ComponentsOfNodes = graphs.iter().map(|graph| HashMap::with_capacity(graph.ids().count())).collect();
    let index: HashMap<*const DepGraph, usize> = graphs.iter().enumerate().map(|(at, graph)| (std::ptr::from_ref(graph), at)).collect();
    for (at, component) in components.iter().enumerate() {
        for sighting in &component.sightings {
            of_nodes[index[&std::ptr::from_ref(sighting.graph)]].insert(sighting.id, ComponentId(at as u32));
        }
    }
    of_nodes
}

type Edges<'a> = (Vec<(ComponentId, ComponentId)>, Vec<(ComponentId, &'a str)>);

fn edges<'a>(graphs: &'a [DepGraph], of_nodes: &ComponentsOfNodes) -> Edges<'a> {
    let mut edges = Vec::with_capacity(graphs.iter().map(DepGraph::edge_count).sum());
    let mut aliases = Vec::new();
    for (graph, of_node) in graphs.iter().zip(of_nodes) {
        for dependant in graph.ids() {
            for (dependency, edge) in graph.unsorted_dependencies(dependant) {
                edges.push((of_node[&dependant], of_node[&dependency]));
                aliases.extend(edge.alias.as_deref().map(|alias| (of_node[&dependency], alias)));
            }
        }
    }
    edges.retain(|(dependant, dependency)| dependant != dependency);
    (sorted(edges), sorted(aliases))
}

/// The project beside the lockfile; in a workspace without one, every root.
pub(super) fn roots(graph: &DepGraph) -> Vec<NodeId> {
    graph.own_root().map_or_else(|| graph.roots().collect(), |root| vec![root])
}

fn of_key<T>(pairs: &[(ComponentId, T)], key: ComponentId) -> impl Iterator<Item = &(ComponentId, T)> {
    let start = pairs.partition_point(|(id, _)| *id < key);
    pairs[start..].iter().take_while(move |(id, _)| *id == key)
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items.dedup();
    items
}
