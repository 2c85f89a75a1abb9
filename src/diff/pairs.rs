//! Which package of the base is which of the head.

use crate::graph::{DepGraph, NodeId};
use crate::model::{Ecosystem, Package, PackageName, version};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

/// Every third-party package of both graphs, in exactly one of the three lists.
#[derive(Debug, Default)]
pub struct Pairs {
    /// `(base, head)`: the same package, perhaps in another version or from another source.
    pub kept: Vec<(NodeId, NodeId)>,
    pub removed: Vec<NodeId>,
    pub added: Vec<NodeId>,
    /// Head to base, for the kept ones.
    pub before: HashMap<NodeId, NodeId>,
    /// Base to head, for the kept ones.
    pub after: HashMap<NodeId, NodeId>,
}

/// What base and head have of one name.
type Sides = (Vec<NodeId>, Vec<NodeId>);

/// Pairs by ecosystem and name, in this order: the same version from the same source; the same version from
/// another source; versions of the same compatible line; whatever is left, in the order of the
/// versions, when each side has one left. A version that has no partner was added or removed: a
/// second version beside one that stays is no upgrade.
pub fn pair(base: &DepGraph, head: &DepGraph) -> Pairs {
    let mut sides: BTreeMap<(Ecosystem, &PackageName), Sides> = BTreeMap::new();
    for (id, node) in base.packages() {
        sides.entry((node.package.ecosystem, &node.package.name)).or_default().0.push(id);
    }
    for (id, node) in head.packages() {
        sides.entry((node.package.ecosystem, &node.package.name)).or_default().1.push(id);
    }
    let mut pairs = Pairs::default();
    for (mut old, mut new) in sides.into_values() {
        old.sort_by(|a, b| order(&base.node(*a).package, &base.node(*b).package));
        new.sort_by(|a, b| order(&head.node(*a).package, &head.node(*b).package));
        let (before, after) = (|id: NodeId| &base.node(id).package, |id: NodeId| &head.node(id).package);
        pairs.take(&mut old, &mut new, before, after);
        pairs.take(&mut old, &mut new, |id| &before(id).version, |id| &after(id).version);
        pairs.take(&mut old, &mut new, |id| line(before(id)), |id| line(after(id)));
        if old.len() == 1 && new.len() == 1 {
            pairs.take(&mut old, &mut new, |_| (), |_| ());
        }
        pairs.removed.extend(old);
        pairs.added.extend(new);
    }
    pairs
}

impl Pairs {
    /// Pairs each of `old` with the first of `new` that has the same key, and takes both out. Looked
    /// up by key, not one by one: a hostile lockfile has fifty thousand versions of one name.
    fn take<K: Hash + Eq>(
        &mut self,
        old: &mut Vec<NodeId>,
        new: &mut Vec<NodeId>,
        old_key: impl Fn(NodeId) -> K,
        new_key: impl Fn(NodeId) -> K,
    ) {
        let mut waiting: HashMap<K, VecDeque<NodeId>> = HashMap::with_capacity(new.len());
        new.iter().for_each(|&after| waiting.entry(new_key(after)).or_default().push_back(after));
        old.retain(|&before| {
            let Some(after) = waiting.get_mut(&old_key(before)).and_then(VecDeque::pop_front) else { return true };
            self.kept.push((before, after));
            self.before.insert(after, before);
            self.after.insert(before, after);
            false
        });
        new.retain(|after| !self.before.contains_key(after));
    }
}

fn order(a: &Package, b: &Package) -> Ordering {
    let by_version = match (&a.version, &b.version) {
        (Some(x), Some(y)) => version::compare(a.ecosystem, x, y).unwrap_or(Ordering::Equal),
        _ => Ordering::Equal,
    };
    by_version.then_with(|| a.cmp(b))
}

fn line(package: &Package) -> Option<String> {
    package.version.as_ref().map(|version| version::compatible_line(package.ecosystem, version))
}
