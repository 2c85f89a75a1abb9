//! Why each change came about: from the changed package upwards to the nearest thing that a person
//! or tool did, a line of a manifest or another package's change.

use super::pairs::Pairs;
use super::{Cause, Change, ChangeKind, Found, Link};
use crate::graph::{DepGraph, Dependency, NodeId};
use crate::model::{Ecosystem, Package, PackageName, Scope};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// Gives every change its cause. A removed package is explained in the base, where it was.
pub(super) fn explain(base: &DepGraph, head: &DepGraph, pairs: &Pairs, changes: &mut [Found]) {
    let kinds: HashMap<NodeId, ChangeKind> =
        changes.iter().filter(|(_, change)| change.kind != ChangeKind::Removed).map(|(id, change)| (*id, change.kind)).collect();
    let forward = Search {
        here: head,
        there: base,
        kinds: &kinds,
        partner: &pairs.before,
        declared_there: declared(base),
        appears: ChangeKind::Added,
        looked_at: Cell::new(0),
    };
    let gone: HashMap<NodeId, ChangeKind> = pairs
        .removed
        .iter()
        .map(|&id| (id, ChangeKind::Removed))
        .chain(pairs.kept.iter().filter_map(|(before, after)| Some((*before, *kinds.get(after)?))))
        .collect();
    let backward = Search {
        here: base,
        there: head,
        kinds: &gone,
        partner: &pairs.after,
        declared_there: declared(head),
        appears: ChangeKind::Removed,
        looked_at: Cell::new(0),
    };
    for (id, change) in changes {
        change.cause = if change.kind == ChangeKind::Removed { backward.cause(*id) } else { forward.cause(*id) };
        if is_weaker(change) && !change.cause.is_known() {
            let lost = Some(backward.cause(pairs.before[id])).filter(Cause::is_known);
            change.cause = lost.map_or(change.cause.clone(), |cause| Cause::Lost(Box::new(cause)));
        }
    }
}

/// Whether the package is no longer direct or is there for less than before: then the cause is
/// something that the base had.
fn is_weaker(change: &Change) -> bool {
    let lost_directness = change.was_direct == Some(true) && change.direct == Some(false);
    change.before.is_some() && (lost_directness || change.scope.is_some() && change.scope < change.was_scope)
}

/// What first-party packages ask for: ecosystem and name to scopes and requirements.
type Declarations<'g> = HashMap<(Ecosystem, &'g PackageName), HashSet<(Scope, Option<&'g str>)>>;

fn declared(graph: &DepGraph) -> Declarations<'_> {
    let mut declared: Declarations<'_> = HashMap::new();
    for id in graph.ids().filter(|id| graph.node(*id).package.is_first_party()) {
        for (target, edge) in graph.dependencies(id) {
            declared.entry(name_of(&graph.node(target).package)).or_default().insert((edge.scope, edge.requirement.as_deref()));
        }
    }
    declared
}

/// A document may hold packages of several ecosystems, and namesakes among them.
fn name_of(package: &Package) -> (Ecosystem, &PackageName) {
    (package.ecosystem, &package.name)
}

/// A search in the graph that has the package (`here`), with the other one for comparison.
struct Search<'g, 's> {
    here: &'g DepGraph,
    there: &'g DepGraph,
    /// What happened to the nodes of `here` that changed.
    kinds: &'s HashMap<NodeId, ChangeKind>,
    /// Nodes of `here` to the same package's node of `there`.
    partner: &'s HashMap<NodeId, NodeId>,
    declared_there: Declarations<'g>,
    /// The kind of a package that only `here` has.
    appears: ChangeKind,
    looked_at: Cell<usize>,
}

/// Most links of a chain. Real ones have ten; a hostile lockfile would make fifty thousand of each.
const LONGEST_CHAIN: usize = 20;
/// Most dependants that are looked at for all changes together; then the nearest have to do.
const MOST_DEPENDANTS: usize = 2_000_000;

/// A package on the way up.
struct Way<'g> {
    id: NodeId,
    /// Where among the ways the next one down is, and how this package asks for it.
    below: Option<(usize, &'g Dependency)>,
    links: usize,
}

impl<'g> Search<'g, '_> {
    /// Breadth first through packages that only this graph has, up to the first that was asked for
    /// anew. Without one, the nearest dependant that did not change.
    fn cause(&self, id: NodeId) -> Cause {
        let mut fallback = None;
        let mut seen = HashSet::from([id]);
        let mut ways = vec![Way { id, below: None, links: 0 }];
        let mut next = 0;
        while let Some(&Way { id, links, .. }) = ways.get(next) {
            let dependants = self.here.dependants(id);
            self.looked_at.set(self.looked_at.get() + dependants.len());
            let declared = dependants.iter().filter(|(by, _)| self.is_first_party(*by)).find_map(|(by, edge)| self.declared(*by, edge, id));
            if let Some(cause) = declared {
                return cause.below(self.chain(&ways, next));
            }
            if let Some((by, edge)) = dependants.iter().find(|(by, edge)| self.is_changed(*by, edge, id)) {
                let chain = std::iter::once(self.link(*by, edge)).chain(self.chain(&ways, next)).collect();
                return Cause::Required { declared: None, chain };
            }
            if links >= LONGEST_CHAIN || self.looked_at.get() > MOST_DEPENDANTS && links > 0 {
                return Cause::Required { declared: None, chain: self.chain(&ways, next) };
            }
            for (by, edge) in dependants {
                if self.kinds.get(&by) != Some(&self.appears) || self.is_first_party(by) {
                    fallback.get_or_insert_with(|| self.resolved(by, edge));
                } else if seen.insert(by) {
                    ways.push(Way { id: by, below: Some((next, edge)), links: links + 1 });
                }
            }
            next += 1;
        }
        fallback.unwrap_or(Cause::Unknown)
    }

    /// From the package of a way down to the changed one, without it.
    fn chain(&self, ways: &[Way<'g>], from: usize) -> Vec<Link> {
        let mut chain = Vec::new();
        let mut at = from;
        while let Some((below, edge)) = ways[at].below {
            chain.push(self.link(ways[at].id, edge));
            at = below;
        }
        chain
    }

    fn is_first_party(&self, id: NodeId) -> bool {
        self.here.node(id).package.is_first_party()
    }

    /// A declaration that the other graph does not have in this form.
    fn declared(&self, by: NodeId, edge: &Dependency, target: NodeId) -> Option<Cause> {
        let there = self.declared_there.get(&name_of(&self.here.node(target).package));
        if there.is_some_and(|requirements| requirements.contains(&(edge.scope, edge.requirement.as_deref()))) {
            return None;
        }
        // Which of several earlier requirements this one followed is only clear where there was one.
        let before = there.filter(|requirements| requirements.len() == 1).and_then(|requirements| requirements.iter().next()?.1);
        Some(Cause::Declared {
            by: self.here.node(by).package.clone(),
            location: edge.declared.clone(),
            requirement: edge.requirement.as_deref().map(str::to_owned),
            alias: edge.alias.as_deref().map(str::to_owned),
            before: before.map(str::to_owned),
        })
    }

    /// Whether a dependant is one that both graphs have, that changed, and that did not require this
    /// so before.
    fn is_changed(&self, by: NodeId, edge: &Dependency, id: NodeId) -> bool {
        let Some(&there) = self.partner.get(&by).filter(|_| self.kinds.contains_key(&by)) else { return false };
        // A hostile package requires fifty thousand in both graphs; past the limit its change will do.
        if self.looked_at.get() > MOST_DEPENDANTS {
            return true;
        }
        let there = self.there.dependencies(there);
        self.looked_at.set(self.looked_at.get() + there.len());
        let name = name_of(&self.here.node(id).package);
        let same = |other: &Dependency| other.requirement.is_some() && other.requirement == edge.requirement;
        let asked_so = there.iter().any(|(target, other)| name_of(&self.there.node(*target).package) == name && same(other));
        let asked_at_all = there.iter().any(|(target, _)| name_of(&self.there.node(*target).package) == name);
        // A scope or a directness that changed is handed on by what requires the package.
        let both_modified = [by, id].iter().all(|id| self.kinds.get(id) == Some(&ChangeKind::Modified));
        both_modified || if edge.requirement.is_some() { !asked_so } else { !asked_at_all || self.kinds.contains_key(&id) }
    }

    /// The package with what happened to it from base to head, whichever of the two this search is in.
    fn link(&self, id: NodeId, edge: &Dependency) -> Link {
        let here = self.here.node(id).package.clone();
        let there = self.partner.get(&id).map(|&there| self.there.node(there).package.clone());
        let (package, before) = match there {
            Some(there) if self.appears == ChangeKind::Removed => (there, Some(here)),
            there => (here, there),
        };
        let kind = self.kinds.get(&id).copied().unwrap_or(ChangeKind::Modified);
        Link { package, before, kind, requirement: edge.requirement.as_deref().map(str::to_owned) }
    }

    fn resolved(&self, by: NodeId, edge: &Dependency) -> Cause {
        Cause::Resolved { by: Some(self.here.node(by).package.clone()), requirement: edge.requirement.as_deref().map(str::to_owned) }
    }
}

impl Cause {
    fn is_known(&self) -> bool {
        !matches!(self, Cause::Resolved { .. } | Cause::Unknown)
    }

    /// The cause of what hangs below `chain`, whose first package this is the cause of.
    fn below(self, chain: Vec<Link>) -> Cause {
        if chain.is_empty() { self } else { Cause::Required { declared: Some(Box::new(self)), chain } }
    }
}
