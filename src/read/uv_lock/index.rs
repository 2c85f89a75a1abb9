//! Who an edge may mean, and in which scope each extra is asked for.

use super::lock::{Edge, List, Lock};
use crate::model::scope::{Road, spread};
use crate::model::{PackageName, Scope};
use crate::read::pyproject::Purpose;
use hashbrown::{HashMap, HashSet};

/// A text that means more packages than this is as ambiguous as it can be; more would make the edges
/// grow with the square of the file.
const MOST_MEANT: usize = 16;

/// Packages by the texts that name them. Numbers are places in the lockfile's list.
pub(super) struct Index {
    by_key: HashMap<String, Vec<usize>>,
    /// By package: the texts that name it.
    keys: Vec<Vec<String>>,
}

impl Index {
    pub fn new(lock: &Lock<'_>) -> Self {
        let edges = lock.packages.iter().flat_map(|package| &package.lists).flat_map(|list| &list.edges);
        let mut spelled_out: HashSet<&PackageName> = edges.filter(|edge| edge.is_spelled_out).map(|edge| &edge.name).collect();
        spelled_out.extend(lock.asked.iter().map(|(_, asked)| &asked.name));
        let mut index = Index { by_key: HashMap::with_capacity(lock.packages.len()), keys: Vec::with_capacity(lock.packages.len()) };
        for (number, package) in lock.packages.iter().enumerate() {
            let mut keys = vec![package.name.to_string()];
            if spelled_out.contains(&package.name) {
                keys.extend(package.long_keys());
            }
            keys.retain(|key| index.add(key, number));
            index.keys.push(keys);
        }
        index
    }

    /// Whether the text may still mean one package more.
    fn add(&mut self, key: &str, number: usize) -> bool {
        let Some(meant) = self.by_key.get_mut(key) else {
            self.by_key.insert(key.to_owned(), vec![number]);
            return true;
        };
        let has_room = meant.len() < MOST_MEANT;
        if has_room {
            meant.push(number);
        }
        has_room
    }

    pub fn of(&self, key: &str) -> &[usize] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// The texts by which a package may be meant.
    pub fn keys(&self, number: usize) -> &[String] {
        &self.keys[number]
    }
}

/// A package, or one of its extras.
type Spot<'l> = (usize, Option<&'l PackageName>);

/// What is asked for, found by walking from the roots as the graph does, with extras as places of
/// their own: `celery` may be needed to run and `celery[pytest]` for development alone.
pub(super) struct Asked<'l, 'a> {
    lock: &'l Lock<'a>,
    index: &'l Index,
    extras: HashMap<Spot<'l>, &'l List<'a>>,
    reached: HashMap<Spot<'l>, Option<Scope>>,
}

impl<'l, 'a> Asked<'l, 'a> {
    pub fn new(lock: &'l Lock<'a>, index: &'l Index, is_root: &[bool]) -> Self {
        let mut asked = Asked { lock, index, extras: HashMap::new(), reached: HashMap::new() };
        for (number, package) in lock.packages.iter().enumerate() {
            let named = package.lists.iter().filter_map(|list| Some(((number, Some(list.purpose.extra()?)), list)));
            asked.extras.extend(named);
        }
        // Without extras there is nothing to find out.
        if asked.extras.is_empty() {
            return asked;
        }
        let first_party: Vec<usize> = (0..lock.packages.len()).filter(|&number| lock.packages[number].source.is_first_party()).collect();
        asked.walk(first_party.iter().filter(|&&number| is_root[number]).map(|&number| (Scope::Runtime, (number, None))).collect());
        asked.walk(asked.by_manifest());
        let unreached = first_party.into_iter().filter(|&number| !asked.reached.contains_key(&(number, None)));
        asked.walk(unreached.map(|number| (Scope::Runtime, (number, None))).collect());
        asked
    }

    /// In which scope a list of a package's dependencies is asked for.
    pub fn scope(&self, number: usize, list: &'l List<'a>) -> Scope {
        let extra = match &list.purpose {
            Purpose::Runtime => return Scope::Runtime,
            Purpose::Group(_) => return Scope::Development,
            Purpose::Extra(extra) => extra,
        };
        let scope = self.reached.get(&(number, Some(extra))).copied().flatten().unwrap_or(Scope::Optional);
        // An extra of ours is there for others to ask for.
        if self.lock.packages[number].source.is_first_party() { scope.max(Scope::Optional) } else { scope }
    }

    /// What a script or a workspace without a root package asks for.
    fn by_manifest(&self) -> Vec<Road<Spot<'l>>> {
        let mut starts = Vec::new();
        for (purpose, requirement) in &self.lock.asked {
            for &number in self.index.of(requirement.name.as_str()) {
                starts.push((purpose.scope(), (number, None)));
                let extras = requirement.extras.iter().map(|extra| (number, Some(extra)));
                starts.extend(extras.filter(|spot| self.extras.contains_key(spot)).map(|spot| (purpose.scope(), spot)));
            }
        }
        starts
    }

    fn walk(&mut self, starts: Vec<Road<Spot<'l>>>) {
        let mut reached = std::mem::take(&mut self.reached);
        let reach = |&spot: &Spot<'l>, scope: Scope| scope.raise(reached.entry(spot).or_default());
        spread(starts, reach, |spot, roads| {
            for (scope, list) in self.lists(spot) {
                list.edges.iter().for_each(|edge| self.follow(edge, scope, roads));
            }
        });
        self.reached = reached;
    }

    /// The dependencies of a spot: an extra's own, or all that come with the package itself. The
    /// extras of a first-party package come with it, for whoever installs it may ask for them.
    fn lists(&self, spot: Spot<'l>) -> Vec<(Scope, &'l List<'a>)> {
        if let Some(list) = self.extras.get(&spot) {
            return vec![(Scope::Runtime, list)];
        }
        let package = &self.lock.packages[spot.0];
        let own = package.lists.iter().filter(|list| list.purpose.extra().is_none() || package.source.is_first_party());
        own.map(|list| (list.purpose.scope(), list)).collect()
    }

    fn follow(&self, edge: &'l Edge<'a>, scope: Scope, roads: &mut Vec<Road<Spot<'l>>>) {
        for &target in self.index.of(&edge.key) {
            roads.push((scope, (target, None)));
            let extras = edge.extras.iter().map(|extra| (target, Some(extra))).filter(|spot| self.extras.contains_key(spot));
            roads.extend(extras.map(|spot| (scope, spot)));
        }
    }
}

/// Names of the packages that the lockfile has as first-party.
pub(super) fn first_party<'l>(lock: &'l Lock<'_>) -> HashSet<&'l PackageName> {
    lock.packages.iter().filter(|package| package.source.is_first_party()).map(|package| &package.name).collect()
}
