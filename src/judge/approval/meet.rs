//! Requests and findings held against the approvals.

use super::inherit::{Stopped, inherit};
use super::{Accepted, Asked, Entry, Held, Origin};
use crate::graph::{DepGraph, Node};
use crate::judge::brought::People;
use crate::judge::{ApprovalRequest, Raised, Subject};
use crate::model::text::quoted;
use crate::model::{Advisory, AdvisoryId, AdvisoryKind, Ecosystem, Finding, Level, Location, Package, PackageName, Person, RelPath};
use std::collections::{BTreeSet, HashMap};

/// A request that an entry meets.
#[derive(Clone, Debug)]
pub struct Met {
    pub request: ApprovalRequest,
    /// Its place among [`crate::judge::Gate::approvals`].
    pub entry: usize,
    /// Of inherited consent the packages from the approved one down to the one that requires it; empty where the entry
    /// is of the package itself.
    pub road: Vec<Package>,
}

/// An entry that is of a package, and does not let it in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    pub location: Location,
    pub package: String,
    pub message: String,
    /// Whether it is known who brought the package in.
    pub is_known: bool,
}

/// What the approvals do to a judgement.
#[derive(Debug, Default)]
pub struct Consent {
    pub met: Vec<Met>,
    pub open: Vec<ApprovalRequest>,
    pub refusals: BTreeSet<Refusal>,
    /// What inherits nothing though something approved brings it.
    pub stopped: Vec<Stopped>,
}

/// Rules that ask for nothing but that somebody knows the package: an entry meets them as it is. The others
/// have to be named in its `findings`.
pub const BY_ENTRY: [&str; 3] = ["introduced-package", "version-unordered", "approval-outgrown"];

/// Takes the requests that an entry meets off the list, and the edge off the findings that one accepts.
pub fn meet(subject: &Subject<'_>, requests: Vec<ApprovalRequest>, raised: &mut [Raised]) -> Consent {
    let desk = Desk::new(subject);
    let mut consent = Consent::default();
    if desk.entries.is_empty() {
        consent.open = requests;
        return consent;
    }
    for request in requests {
        let is_named = |entry: &Entry| entry.findings.iter().any(|accepted| accepted.as_str() == request.rule);
        let is_meant = |entry: &Entry| BY_ENTRY.contains(&&*request.rule) || is_named(entry);
        match desk.covering(&request.lockfile, &request.package, &is_meant, &mut consent.refusals) {
            Some(entry) => consent.met.push(Met { request, entry, road: Vec::new() }),
            None => consent.open.push(request),
        }
    }
    inherit(&desk, &mut consent, raised);
    for Raised { finding, of } in raised.iter_mut().filter(|raised| raised.finding.level > Level::Note) {
        if let Some((lockfile, package)) = of {
            accept(&desk, finding, (lockfile, package), &mut consent.refusals);
        }
    }
    consent
}

/// Takes the edge off a finding that an entry accepts, or says why it no longer does.
fn accept(desk: &Desk<'_>, finding: &mut Finding, (lockfile, package): (&RelPath, &Package), refusals: &mut BTreeSet<Refusal>) {
    let fixed = |entry: &Entry| mended(desk.subject, entry, finding.advisory.as_ref()?);
    let in_force = desk.covering(lockfile, package, &|entry| accepts(entry, finding) && fixed(entry).is_none(), refusals);
    let ended = || desk.covering(lockfile, package, &|entry| accepts(entry, finding), &mut BTreeSet::new());
    let told = match in_force.or_else(ended).map(|at| &desk.subject.gate.approvals[at].entry) {
        None => return,
        Some(entry) => match fixed(entry) {
            Some(version) => {
                let is_upgrade = finding.advisory.as_ref().is_some_and(|advisory| advisory.fixed.contains(version));
                let fix = if is_upgrade { format!("{version} mends it") } else { format!("a record calls {version} fixed") };
                format!("; {} accepted it until it is fixed ({}), and {fix}", entry.approved_by, entry.location)
            }
            None => format!("; accepted by {} until {} ({})", entry.approved_by, entry.expires, entry.location),
        },
    };
    if in_force.is_some() {
        finding.level = Level::Note;
    }
    finding.message.push_str(&told);
}

/// The version that ends an entry's consent to an advisory, where that holds until there is one.
fn mended<'a>(subject: &Subject<'_>, entry: &Entry, advisory: &'a Advisory) -> Option<&'a String> {
    let holds_until_then = subject.gate.policy.advisories.until_fixed || entry.until_fixed;
    advisory.fixed.first().or(advisory.fix_known.as_ref()).filter(|_| holds_until_then)
}

fn accepts(entry: &Entry, finding: &Finding) -> bool {
    let code = finding.code();
    let is_named = finding.rule != "introduced-package" && entry.findings.iter().any(|accepted| accepted.as_str() == code);
    is_named || finding.advisory.as_ref().is_some_and(|advisory| accepts_advisory(entry, advisory))
}

/// Whether an entry names the advisory. Nothing accepts malware.
fn accepts_advisory(entry: &Entry, advisory: &Advisory) -> bool {
    let is_it = |id: &AdvisoryId| advisory.id == *id || advisory.aliases.contains(id) || advisory.records.contains(id);
    advisory.kind != AdvisoryKind::Malware && entry.findings.iter().any(|accepted| matches!(accepted, Accepted::Advisory(id) if is_it(id)))
}

/// Which entries accept an advisory of a package.
pub struct Acceptances<'s>(Desk<'s>);

impl<'s> Acceptances<'s> {
    pub fn new(subject: &'s Subject<'_>) -> Self {
        Acceptances(Desk::new(subject))
    }

    /// The entry that accepts it in this lockfile.
    pub fn of(&self, lockfile: &RelPath, package: &Package, advisory: &Advisory) -> Option<&'s Entry> {
        let is_meant = |entry: &Entry| accepts_advisory(entry, advisory) && mended(self.0.subject, entry, advisory).is_none();
        let at = self.0.covering(lockfile, package, &is_meant, &mut BTreeSet::new())?;
        Some(&self.0.subject.gate.approvals[at].entry)
    }
}

/// The entries by the packages that they are of, and the graphs of the heads.
pub(super) struct Desk<'s> {
    pub(super) subject: &'s Subject<'s>,
    entries: HashMap<(Ecosystem, &'s PackageName), Vec<usize>>,
    /// The packages that some entry names.
    nodes: HashMap<(&'s RelPath, &'s Package), (&'s DepGraph, &'s Node)>,
}

impl<'s> Desk<'s> {
    fn new(subject: &'s Subject<'_>) -> Self {
        let mut entries: HashMap<(Ecosystem, &PackageName), Vec<usize>> = HashMap::new();
        for (at, held) in subject.gate.approvals.iter().enumerate() {
            entries.entry((held.entry.ecosystem, &held.entry.name)).or_default().push(at);
        }
        let mut nodes = HashMap::new();
        for head in subject.lockfiles.iter().map(|lockfile| lockfile.head) {
            let named = head.packages().filter(|(_, node)| entries.contains_key(&(node.package.ecosystem, &node.package.name)));
            nodes.extend(named.map(|(_, node)| ((&head.lockfile, &node.package), (head, node))));
        }
        Desk { subject, entries, nodes }
    }

    /// The first entry that is of the package and counts for it.
    fn covering(
        &self,
        lockfile: &RelPath,
        package: &Package,
        is_meant: &dyn Fn(&Entry) -> bool,
        refusals: &mut BTreeSet<Refusal>,
    ) -> Option<usize> {
        let named = self.entries.get(&(package.ecosystem, &package.name))?;
        let asked = self.asked(lockfile, package);
        let mut against = Vec::new();
        for &at in named {
            let held = &self.subject.gate.approvals[at];
            if held.void.is_some() || !is_meant(&held.entry) || !held.entry.fits(&asked) {
                continue;
            }
            match self.speaks_against(held, lockfile, package) {
                None => return Some(at),
                Some((is_known, message)) => {
                    let location = held.entry.location.clone();
                    against.push(Refusal { location, package: package.purl(), message, is_known });
                }
            }
        }
        refusals.extend(against);
        None
    }

    /// The entries that are of the package and count for it.
    pub(super) fn all_covering(&self, lockfile: &RelPath, package: &Package) -> Vec<usize> {
        let Some(named) = self.entries.get(&(package.ecosystem, &package.name)) else { return Vec::new() };
        let asked = self.asked(lockfile, package);
        let counts = |at: &usize| {
            let held = &self.subject.gate.approvals[*at];
            held.void.is_none() && held.entry.fits(&asked) && self.speaks_against(held, lockfile, package).is_none()
        };
        named.iter().copied().filter(counts).collect()
    }

    fn asked<'a>(&self, lockfile: &'a RelPath, package: &'a Package) -> Asked<'a> {
        match self.nodes.get(&(lockfile, package)) {
            Some((head, node)) => Asked::of(lockfile, package, head, node),
            None => Asked::of_need(lockfile, package),
        }
    }

    /// Whether it is known, and why an entry that counts elsewhere does not count for this package: its approver, or whoever
    /// committed it, brought the package in.
    pub(super) fn speaks_against(&self, held: &Held, lockfile: &RelPath, package: &Package) -> Option<(bool, String)> {
        let is_new = matches!(held.origin, Origin::Added(_));
        if !is_new && !self.subject.gate.policy.approvals.four_eyes {
            return None;
        }
        let brought = &self.subject.gate.brought;
        let people = brought.of_package(lockfile, package).map(|bringer| &bringer.people);
        let label = quoted(&package.label());
        let unknown = |reason: &str| {
            let message = format!("the approval of {label} does not count: who brought the package in is not known ({reason})");
            Some((false, message))
        };
        // What no commit of the range brought in was there: settings, say, that changed around it. An approval from before
        // is older than they are; one of the range is held against everybody in it.
        let deed = if people.is_some() { "brought it in" } else { "wrote a part of this change" };
        let people = if is_new { people.or(brought.everybody.as_ref()) } else { people };
        match people {
            None if !is_new => None,
            None => unknown("nobody looked"),
            Some(People::Unknown(reason)) => unknown(reason),
            // Whoever commits it will be held against the entry then.
            Some(People::Nobody) if !is_new => None,
            Some(People::Nobody) => unknown("it is not committed yet"),
            Some(People::Known(people)) => {
                let entry = &held.entry;
                let names = [&entry.approved_by, &held.approver];
                let is_own = people.iter().any(|one| names.iter().any(|who| is_same(one, &who.name, &who.email)));
                let by_bringer = committers(held).find(|who| people.iter().any(|one| is_same(one, &who.name, &who.email)));
                match (is_own, by_bringer) {
                    (true, _) => Some((true, format!("{} approved {label} and {deed}", entry.approved_by))),
                    (false, Some(who)) => {
                        Some((true, format!("{} <{}> {deed} and committed the approval of {label}", who.name, who.email)))
                    }
                    (false, None) => None,
                }
            }
        }
    }
}

fn committers(held: &Held) -> impl Iterator<Item = &Person> {
    let adders = match &held.origin {
        Origin::Added(adders) => adders.as_slice(),
        _ => &[],
    };
    adders.iter().filter_map(|adder| adder.committer.as_ref())
}

/// One address is one person, and so is one name: whoever has two addresses is still one.
fn is_same(person: &Person, name: &str, email: &str) -> bool {
    let is_alike = |a: &str, b: &str| !a.trim().is_empty() && a.trim().to_lowercase() == b.trim().to_lowercase();
    is_alike(&person.email, email) || is_alike(&person.name, name)
}
