//! Consent that a new transitive package inherits from the direct package that brings it, within the limits
//! that the policy sets.
//!
//! It inherits where every road from the project to it begins at a direct package that an approval covers as
//! it is now, and where nothing else is said against it. What is not known stops it. A lockfile's word is not
//! enough for an edge that an unchanged package did not have before, nor for a version or a name that nobody of the road
//! asks for; a lockfile that is new has nothing to be compared with, and a document does not say what it leaves out.

use super::meet::{Consent, Desk, Met};
use crate::diff::{Change, LockfileDiff};
use crate::graph::{DepGraph, Dependency, NodeId};
use crate::judge::policy::{Entrance, Inherit};
use crate::judge::{ApprovalRequest, Raised, advisories, facts};
use crate::model::text::quoted;
use crate::model::{Code, GapKind, Level, Package, PackageSource, RelPath, range};
use crate::read::FORMATS;
use std::collections::{HashMap, HashSet, VecDeque};

/// A package that an approved one brings, and why it does not inherit that approval.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stopped {
    pub lockfile: RelPath,
    pub package: Package,
    /// The approved direct package.
    pub carrier: Package,
    /// A clause.
    pub why: String,
}

/// The rule whose requests can be met by inheritance. What any other rule asks needs an entry of the package itself.
pub const INHERITED: &str = "introduced-package";

/// The rule on scripts, which speaks of new versions alone: a package that is new with some inherits nothing either.
const SCRIPTS: &str = "install-script-new";

/// Takes the requests that inherited consent meets off the list of those that are open.
pub(super) fn inherit(desk: &Desk<'_>, consent: &mut Consent, raised: &[Raised]) {
    let Some(terms) = &desk.subject.gate.policy.approvals.inherit else { return };
    let (mut wanting, mut open): (Vec<ApprovalRequest>, Vec<ApprovalRequest>) =
        std::mem::take(&mut consent.open).into_iter().partition(|request| request.rule == INHERITED);
    let against = against(terms, &open, raised);
    for lockfile in &desk.subject.lockfiles {
        let (own, others): (Vec<_>, Vec<_>) = wanting.into_iter().partition(|request| request.lockfile == lockfile.head.lockfile);
        wanting = others;
        if own.is_empty() {
            continue;
        }
        let carried = Carried::of(desk, lockfile, terms);
        for request in own {
            match carried.judge(&request.package, &against) {
                None => open.push(request),
                Some((_, Ok((entry, road)))) => consent.met.push(Met { request, entry, road }),
                Some((carrier, Err(why))) => {
                    let (lockfile, package) = (request.lockfile.clone(), request.package.clone());
                    consent.stopped.push(Stopped { lockfile, package, carrier: carrier.clone(), why });
                    open.push(request);
                }
            }
        }
    }
    open.extend(wanting);
    consent.open = open;
}

/// The entry and the road by which a package inherits it, or why it does not.
type Inherited = Result<(usize, Vec<Package>), String>;

/// What else is said against packages: the code of a rule.
type Against = HashMap<(RelPath, Package), Code>;

fn against(terms: &Inherit, open: &[ApprovalRequest], raised: &[Raised]) -> Against {
    let counts = |raised: &&Raised| match raised.finding.level {
        Level::Note => false,
        Level::Warning => raised.finding.rule != INHERITED && !terms.despite.contains(raised.finding.rule),
        Level::Error => true,
    };
    let found = raised.iter().filter(counts).filter_map(|raised| Some((raised.of.clone()?, raised.finding.code())));
    let asked = open.iter().map(|request| ((request.lockfile.clone(), request.package.clone()), request.rule.clone()));
    found.chain(asked).collect()
}

/// How the nearest approved direct package leads to another.
struct Way {
    start: NodeId,
    before: NodeId,
    steps: u32,
}

/// What the approved direct packages of one lockfile bring.
struct Carried<'d> {
    desk: &'d Desk<'d>,
    lockfile: &'d LockfileDiff<'d>,
    terms: &'d Inherit,
    ids: HashMap<&'d Package, NodeId>,
    ids_before: HashMap<&'d Package, NodeId>,
    changes: HashMap<&'d Package, &'d Change>,
    /// Direct packages with the entries that cover them.
    carriers: HashMap<NodeId, Vec<usize>>,
    ways: HashMap<NodeId, Way>,
    /// Direct packages that bring more than the policy lets them carry.
    heavy: HashSet<NodeId>,
    /// What is there by a road that begins elsewhere as well, and the first package of that.
    elsewhere: HashMap<NodeId, NodeId>,
}

impl<'d> Carried<'d> {
    fn of(desk: &'d Desk<'d>, lockfile: &'d LockfileDiff<'d>, terms: &'d Inherit) -> Self {
        let head = lockfile.head;
        let is_document = FORMATS.iter().any(|format| format.id() == head.format && format.is_document());
        let subject = desk.subject;
        let is_compared = subject.gate.ranged || !subject.read_before.is_empty();
        let is_new = is_compared && !subject.read_before.contains(&lockfile.base.lockfile);
        let is_told = head.knows.edges.is_yes() && head.knows.directness.is_yes() && !is_document && !is_new;
        let direct = head.packages().filter(|(_, node)| node.direct && is_told);
        let covered = direct.map(|(id, node)| (id, desk.all_covering(&head.lockfile, &node.package)));
        let carriers: HashMap<NodeId, Vec<usize>> = covered.filter(|(_, entries)| !entries.is_empty()).collect();
        let ways = ways(head, &carriers);
        let starts: HashSet<NodeId> = ways.values().map(|way| way.start).collect();
        Carried {
            heavy: starts.into_iter().filter(|start| brings_more(head, *start, terms.packages)).collect(),
            ways,
            elsewhere: elsewhere(head, &carriers),
            ids: head.packages().map(|(id, node)| (&node.package, id)).collect(),
            ids_before: lockfile.base.packages().map(|(id, node)| (&node.package, id)).collect(),
            changes: lockfile.changes.iter().map(|change| (&change.package, change)).collect(),
            desk,
            lockfile,
            terms,
            carriers,
        }
    }

    /// The approved package that brings another, with the entry and the road by which that inherits, or why it does not.
    /// `None` where no approved one brings it.
    fn judge(&self, package: &Package, against: &Against) -> Option<(&'d Package, Inherited)> {
        let id = *self.ids.get(package)?;
        let way = self.ways.get(&id)?;
        let change = *self.changes.get(package)?;
        let stopped = self.said_against(id, package, against).or_else(|| self.beyond(id, way)).or_else(|| self.not_known(change));
        let result = match stopped {
            Some(why) => Err(why),
            None => self.by_road(id, way.start, package),
        };
        Some((self.package(way.start), result))
    }

    /// The entry and the road, where each edge of that can be believed. No longer than the policy lets it be.
    fn by_road(&self, id: NodeId, start: NodeId, package: &Package) -> Inherited {
        let road = self.road(id);
        match self.new_edge(&road, package).or_else(|| self.unasked(&road, package)) {
            Some(why) => Err(why),
            None => self.entry(start, id, package).map(|entry| (entry, road)),
        }
    }

    fn package(&self, id: NodeId) -> &'d Package {
        &self.lockfile.head.node(id).package
    }

    fn said_against(&self, id: NodeId, package: &Package, against: &Against) -> Option<String> {
        if let Some(by) = self.elsewhere.get(&id) {
            let by = self.package(*by);
            return Some(match by == package {
                true => "it is there without it as well".to_owned(),
                false => format!("{} brings it as well, and no approval that counts is of that", quoted(&by.label())),
            });
        }
        if let Some(rule) = against.get(&(self.lockfile.head.lockfile.clone(), package.clone())) {
            return Some(format!("`{rule}` speaks against it"));
        }
        if self.lockfile.head.node(id).bundled {
            return Some("it comes inside of another package".to_owned());
        }
        if self.lockfile.head.node(id).install_script && !self.terms.despite.contains(SCRIPTS) {
            return Some(format!("it runs scripts when it is installed, and `despite` does not name `{SCRIPTS}`"));
        }
        let is_plain = match &package.source {
            PackageSource::Registry { index: None } => true,
            PackageSource::Registry { index: Some(_) } => {
                self.desk.subject.gate.policy.sources.judge(package).is_some_and(|(_, entry)| entry.is_some())
            }
            _ => false,
        };
        let why = "it comes neither from the default registry nor from one that `[sources]` lists";
        let gate = &self.desk.subject.gate;
        let by_authors = gate.policy.introduced.of_authors(&gate.told_of(&self.lockfile.head.lockfile, package));
        let of_tools = "what AI tools and bots bring in needs an approval of its own here";
        (!is_plain).then(|| why.to_owned()).or_else(|| (by_authors > Entrance::Allow).then(|| of_tools.to_owned()))
    }

    /// Why it is beyond the limits of the policy.
    fn beyond(&self, id: NodeId, way: &Way) -> Option<String> {
        let terms = self.terms;
        let scope = self.lockfile.head.node(id).scope.filter(|_| self.lockfile.head.knows.scopes.is_yes());
        if terms.scopes.as_ref().is_some_and(|scopes| scope.is_none_or(|scope| !scopes.contains(&scope))) {
            let scope = scope.map_or("not known", |scope| scope.as_str());
            return Some(format!("its scope is {scope}, and `scopes` does not name that"));
        }
        if way.steps > terms.depth {
            return Some(format!("it is {} steps away, and `depth` is {}", way.steps, terms.depth));
        }
        self.heavy.contains(&way.start).then(|| format!("`packages` is {}, and that brings more in all", terms.packages))
    }

    /// What of it is not known, where the policy does not say that a verdict may stand on that.
    fn not_known(&self, change: &Change) -> Option<String> {
        let subject = self.desk.subject;
        let matters = |kind| !subject.gate.policy.gaps.acceptable.contains(&kind);
        let flaws = || advisories::not_known(subject, &change.package);
        let told = || facts::not_known(subject, change);
        let reason = matters(GapKind::UnknownAdvisories).then(flaws).flatten();
        let (kind, reason) = match reason {
            Some(reason) => (GapKind::UnknownAdvisories, reason),
            None => (GapKind::UnknownFacts, matters(GapKind::UnknownFacts).then(told).flatten()?),
        };
        Some(format!("{reason} (`{kind}` is not among the acceptable gaps)"))
    }

    /// The packages from the approved one to the one that requires it.
    fn road(&self, id: NodeId) -> Vec<Package> {
        let way = |id: &NodeId| self.ways.get(id).map(|way| way.before);
        let mut road: Vec<Package> = std::iter::successors(way(&id), way).map(|id| self.package(id).clone()).collect();
        road.reverse();
        road
    }

    /// A package that did not change requires what it did before: an edge that is new is the lockfile's word alone.
    fn new_edge(&self, road: &[Package], package: &Package) -> Option<String> {
        let base = self.lockfile.base;
        let is_new = |(by, of): &(&Package, &Package)| {
            let Some(&id) = self.ids_before.get(by) else { return false };
            let is_named = |id: NodeId| (base.node(id).package.ecosystem, &base.node(id).package.name) == (of.ecosystem, &of.name);
            !base.unsorted_dependencies(id).any(|(id, _)| is_named(id))
        };
        let (by, of) = road.iter().zip(road.iter().skip(1).chain([package])).find(is_new)?;
        Some(format!("{} did not require {} before, and is the same still", quoted(&by.label()), quoted(of.name.as_str())))
    }

    /// An edge to another name or version than its package asks for: it is the project that puts it there. Where a lockfile
    /// does not tell what is asked for, only a package that changed itself may lead to another one.
    fn unasked(&self, road: &[Package], package: &Package) -> Option<String> {
        let head = self.lockfile.head;
        let is_unasked = |(by, of): &(&Package, &Package)| {
            let (Some(&by_id), Some(&of_id)) = (self.ids.get(by), self.ids.get(of)) else { return true };
            let mut edges = head.unsorted_dependencies(by_id).filter(|(id, _)| *id == of_id).map(|(_, edge)| edge);
            let fits = |edge: &Dependency| match (&edge.requirement, &of.version) {
                (Some(asked), Some(version)) => range::satisfies(of.ecosystem, asked, version) == Some(true),
                (None, Some(_)) => !self.ids_before.contains_key(by),
                (_, None) => false,
            };
            !edges.any(|edge| edge.alias.is_none() && fits(edge))
        };
        let (by, of) = road.iter().zip(road.iter().skip(1).chain([package])).find(is_unasked)?;
        Some(format!("it is not known that {} asks for {} itself", quoted(&by.label()), quoted(&of.label())))
    }

    /// The first entry of the approved package that counts for this one too.
    fn entry(&self, start: NodeId, id: NodeId, package: &Package) -> Result<usize, String> {
        let head = self.lockfile.head;
        let scope = head.node(id).scope.filter(|_| head.knows.scopes.is_yes());
        let mut first = None;
        for &at in &self.carriers[&start] {
            let held = &self.desk.subject.gate.approvals[at];
            let is_narrower = held.entry.scope.is_some_and(|most| scope.is_none_or(|scope| scope > most));
            let why = match is_narrower {
                true => Some("the approval is of another scope than its own".to_owned()),
                false => self.desk.speaks_against(held, &head.lockfile, package).map(|(_, message)| message),
            };
            match why {
                None => return Ok(at),
                Some(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or_default())
    }
}

/// From every approved package the shortest ways down, through what is not direct.
fn ways(head: &DepGraph, carriers: &HashMap<NodeId, Vec<usize>>) -> HashMap<NodeId, Way> {
    let mut starts: Vec<NodeId> = carriers.keys().copied().collect();
    starts.sort_by(|a, b| head.node(*a).package.cmp(&head.node(*b).package));
    let mut ways: HashMap<NodeId, Way> = HashMap::new();
    let mut next: VecDeque<(NodeId, NodeId, u32)> = starts.into_iter().map(|start| (start, start, 0)).collect();
    while let Some((start, at, steps)) = next.pop_front() {
        for (id, _) in head.dependencies(at) {
            let node = head.node(id);
            if node.direct || node.package.is_first_party() || ways.contains_key(&id) {
                continue;
            }
            ways.insert(id, Way { start, before: at, steps: steps + 1 });
            next.push_back((start, id, steps + 1));
        }
    }
    ways
}

/// What the project, or what nobody asks for, leads to without passing an approved direct package.
fn elsewhere(head: &DepGraph, carriers: &HashMap<NodeId, Vec<usize>>) -> HashMap<NodeId, NodeId> {
    let mut found: HashMap<NodeId, NodeId> = HashMap::new();
    let mut next: Vec<NodeId> = Vec::new();
    let is_start = |id: &NodeId| {
        let node = head.node(*id);
        let is_asked_for = || head.unsorted_dependants(*id).any(|by| by != *id);
        !carriers.contains_key(id) && !node.package.is_first_party() && (node.direct || node.scope.is_none() || !is_asked_for())
    };
    for id in head.ids().filter(is_start) {
        found.insert(id, id);
        next.push(id);
    }
    while let Some(at) = next.pop() {
        for (id, _) in head.unsorted_dependencies(at) {
            if !carriers.contains_key(&id) && !head.node(id).package.is_first_party() && !found.contains_key(&id) {
                found.insert(id, found[&at]);
                next.push(id);
            }
        }
    }
    found
}

/// Whether more packages than `most` are below one.
fn brings_more(head: &DepGraph, start: NodeId, most: u32) -> bool {
    let mut seen = HashSet::from([start]);
    let mut next = vec![start];
    while let Some(at) = next.pop() {
        for (id, _) in head.unsorted_dependencies(at) {
            if !head.node(id).package.is_first_party() && seen.insert(id) {
                next.push(id);
            }
        }
        if seen.len() - 1 > most as usize {
            return true;
        }
    }
    false
}
