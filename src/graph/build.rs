//! Entries to nodes, keys to edges.

use super::{DepGraph, Dependency, Node, NodeId, scopes};
use crate::model::{Gap, GapKind};
use crate::read::{Entry, Parsed, Requires, ScopeId};
use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};
use petgraph::graph::DiGraph;
use std::borrow::Cow;
use std::hash::BuildHasher;

/// Joins what was read. Nothing is lost: a requirement that nothing meets becomes a gap, and so
/// does one that several different packages meet.
pub fn build(parsed: Parsed<'_>) -> DepGraph {
    let mut graph = DiGraph::with_capacity(parsed.entries.len(), parsed.entries.iter().map(|entry| entry.requires.len()).sum());
    let (nodes, entries) = add_nodes(&mut graph, parsed.entries);
    let providers = Providers::new(&entries, &nodes, &parsed.scopes);
    let mut dep_graph = DepGraph {
        lockfile: parsed.lockfile,
        format: parsed.format,
        ecosystem: parsed.ecosystem,
        dialect: parsed.dialect,
        knows: parsed.knows,
        gaps: parsed.gaps,
        disagreements: parsed.disagreements,
        flaws: parsed.flaws,
        graph,
    };
    let mut seen = Repeatable::new();
    for (entry, &dependant) in entries.iter().zip(&nodes) {
        add_edges(&mut dep_graph, entry, dependant, &providers, &mut seen);
    }
    scopes::settle(&mut dep_graph.graph);
    dep_graph.gaps.sort();
    dep_graph.gaps.dedup();
    dep_graph.disagreements.sort();
    dep_graph.disagreements.dedup();
    dep_graph
}

/// What is left of an entry once its package is a node.
struct Ends<'a> {
    provides: Vec<(ScopeId, Cow<'a, str>)>,
    requires: Vec<Requires<'a>>,
}

/// One node for each package; entries of the same package share it.
fn add_nodes<'a>(graph: &mut DiGraph<Node, Dependency>, entries: Vec<Entry<'a>>) -> (Vec<NodeId>, Vec<Ends<'a>>) {
    let hasher = DefaultHashBuilder::default();
    // Only the ids are kept: the packages to compare with are the nodes'.
    let mut known: HashTable<NodeId> = HashTable::with_capacity(entries.len());
    let mut nodes = Vec::with_capacity(entries.len());
    let mut ends = Vec::with_capacity(entries.len());
    for mut entry in entries {
        ends.push(Ends { provides: std::mem::take(&mut entry.provides), requires: std::mem::take(&mut entry.requires) });
        let hash = hasher.hash_one(&entry.package);
        let same = known.find(hash, |id| graph[id.0].package == entry.package).copied();
        let id = match same {
            Some(id) => {
                merge(&mut graph[id.0], entry);
                id
            }
            None => {
                let id = NodeId(graph.add_node(node(entry)));
                known.insert_unique(hash, id, |id| hasher.hash_one(&graph[id.0].package));
                id
            }
        };
        nodes.push(id);
    }
    settle_artifacts(graph);
    (nodes, ends)
}

fn node(entry: Entry<'_>) -> Node {
    Node {
        unchecked: is_unchecked(&entry),
        package: entry.package,
        locations: vec![entry.location],
        root: entry.root,
        direct: false,
        scope: None,
        stated_scope: entry.scope,
        artifacts: entry.artifacts,
        licence: entry.licence,
        bundled: entry.bundled,
        install_script: entry.install_script,
        rare: entry.rare,
        built: None,
    }
}

/// Once for each node, not at each merge: a hostile lockfile lists one package fifty thousand times.
fn settle_artifacts(graph: &mut DiGraph<Node, Dependency>) {
    for node in graph.node_weights_mut().filter(|node| node.locations.len() > 1) {
        node.artifacts.sort();
        node.artifacts.dedup();
        node.rare.settle();
    }
}

fn is_unchecked(entry: &Entry<'_>) -> bool {
    !entry.bundled && (entry.artifacts.is_empty() || entry.artifacts.iter().any(|artifact| artifact.digests.is_empty()))
}

fn merge(node: &mut Node, entry: Entry<'_>) {
    node.unchecked |= is_unchecked(&entry);
    node.locations.push(entry.location);
    node.root |= entry.root;
    node.stated_scope = node.stated_scope.max(entry.scope);
    node.artifacts.extend(entry.artifacts);
    node.licence = node.licence.take().or(entry.licence);
    // One copy that came from outside of a bundle is enough for a package to be a registry's.
    node.bundled &= entry.bundled;
    node.install_script |= entry.install_script;
    node.rare.merge(entry.rare);
}

/// Who provides which key in which scope.
struct Providers<'e> {
    /// By the number of the entry.
    nodes: &'e [NodeId],
    by_key: HashMap<(ScopeId, &'e str), Met>,
    /// The scope around each scope but the outermost.
    parents: &'e [ScopeId],
}

enum Met {
    One(NodeId),
    Several(Vec<NodeId>),
}

impl Met {
    fn nodes(&self) -> &[NodeId] {
        match self {
            Met::One(id) => std::slice::from_ref(id),
            Met::Several(ids) => ids,
        }
    }

    fn add(&mut self, id: NodeId) {
        match self {
            Met::One(first) if *first == id => {}
            Met::One(first) => *self = Met::Several(vec![*first, id]),
            Met::Several(ids) => ids.push(id),
        }
    }

    /// Entries of one package provide the same key more than once.
    fn settle(&mut self) {
        if let Met::Several(ids) = self {
            ids.sort_unstable();
            ids.dedup();
        }
    }
}

impl<'e> Providers<'e> {
    fn new(entries: &'e [Ends<'_>], nodes: &'e [NodeId], parents: &'e [ScopeId]) -> Self {
        let mut by_key: HashMap<(ScopeId, &str), Met> = HashMap::with_capacity(entries.iter().map(|entry| entry.provides.len()).sum());
        for (entry, &id) in entries.iter().zip(nodes) {
            for (scope, key) in &entry.provides {
                by_key.entry((*scope, key)).and_modify(|met| met.add(id)).or_insert(Met::One(id));
            }
        }
        by_key.values_mut().for_each(Met::settle);
        Providers { nodes, by_key, parents }
    }

    /// Those who meet a requirement: the providers in the innermost scope that has any.
    fn meet<'s>(&'s self, requires: &'s Requires<'s>) -> &'s [NodeId] {
        if let Some(number) = requires.met_by {
            return std::slice::from_ref(&self.nodes[number]);
        }
        let mut scope = requires.from;
        loop {
            if let Some(met) = self.by_key.get(&(scope, &*requires.key)) {
                return met.nodes();
            }
            // A parent comes before its scope, so this ends.
            match scope.0.checked_sub(1).and_then(|index| self.parents.get(index as usize)) {
                Some(&parent) if parent < scope => scope = parent,
                _ => return &[],
            }
        }
    }
}

/// Edges from one requirement at most: a hostile lockfile could ask fifty thousand times for any of
/// fifty thousand packages. The gap tells that there are more.
const MOST_CANDIDATES: usize = 64;

/// The edges of packages with several entries, which repeat them: one of each is added.
type Repeatable = HashSet<(NodeId, NodeId, Dependency)>;

fn add_edges(graph: &mut DepGraph, entry: &Ends<'_>, dependant: NodeId, providers: &Providers<'_>, seen: &mut Repeatable) {
    let repeatable = graph.node(dependant).locations.len() > 1;
    for requires in &entry.requires {
        let met = providers.meet(requires);
        if met.is_empty() && !requires.may_be_absent || met.len() > 1 && !requires.every {
            let gap = gap(graph, dependant, requires, met);
            graph.gaps.push(gap);
        }
        for &target in met.iter().filter(|&&target| target != dependant).take(MOST_CANDIDATES) {
            let dependency = dependency(requires, || graph.node(target).package.name.as_str());
            if !repeatable || seen.insert((dependant, target, dependency.clone())) {
                graph.graph.add_edge(dependant.0, target.0, dependency);
            }
        }
    }
}

/// A name that is the package's own is no alias. Nodes are large: it is looked up where an alias is stated alone.
fn dependency<'n>(requires: &Requires<'_>, name: impl Fn() -> &'n str) -> Dependency {
    let own = |text: &Option<Cow<'_, str>>| text.as_deref().map(Box::from);
    Dependency {
        scope: requires.scope,
        requirement: own(&requires.requirement),
        alias: requires.alias.as_deref().filter(|alias| *alias != name()).map(Box::from),
        condition: own(&requires.condition),
        declared: requires.declared.clone(),
    }
}

fn gap(graph: &DepGraph, dependant: NodeId, requires: &Requires<'_>, met: &[NodeId]) -> Gap {
    use crate::model::text::quoted;
    let node = graph.node(dependant);
    // It is the lockfile that leaves the question open, not the manifest that asks it.
    let declared = requires.declared.as_ref().filter(|place| place.file == graph.lockfile);
    let place = declared.unwrap_or(&node.locations[0]);
    let wanted = match &requires.requirement {
        Some(requirement) => quoted(&format!("{} {requirement}", requires.key)),
        None => quoted(&requires.key),
    };
    let who = quoted(&node.package.label());
    if met.is_empty() {
        Gap::at(GapKind::UnresolvedDependency, place, format!("{who} requires {wanted}, which the lockfile does not hold"))
    } else {
        let candidates: Vec<String> = met.iter().map(|&id| quoted(&graph.node(id).package.label())).collect();
        let message = format!("{who} requires {wanted}, and the lockfile does not say which of {} is meant", candidates.join(", "));
        Gap::at(GapKind::AmbiguousDependency, place, message)
    }
}
