//! What is known to be wrong with the components of a view, a flaw once with all that it is of: by the advisory store, by
//! the documents that were read, or by both. Of one flaw in one component the store has the facts, and the document what
//! its maker says of it.

use super::view::{ComponentId, View};
use super::{CycloneDx, Format, Inventory};
use crate::judge::exposure::{Acceptance, Flaw};
use crate::model::stated::{Stated, StatedAnalysis, StatedFlaw, StatedVersion};
use crate::model::vex::Assessment;
use crate::model::{Advisory, AdvisoryKind, Package};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A flaw as it stands over some components: the same facts and the same words for each.
pub(super) struct Weakness<'v> {
    pub told: Told<'v>,
    pub accepted: Option<&'v Acceptance>,
    /// Sorted. With the oldest version that clears all that is known, where there is one.
    pub of: Vec<(ComponentId, Option<&'v str>)>,
}

/// Who tells of it.
pub(super) enum Told<'v> {
    Store(&'v Advisory, Option<&'v Stated>),
    /// With the versions that the document says are affected, by the component.
    Document(&'v Stated, BTreeMap<ComponentId, Vec<&'v StatedVersion>>),
}

/// Whether anybody looked for flaws.
pub(super) fn are_told(inventory: &Inventory<'_>) -> bool {
    inventory.exposure.is_some() || inventory.graphs.iter().any(|graph| graph.flaws.is_some())
}

fn stated<'v>(inventory: &Inventory<'v>) -> impl Iterator<Item = &'v Stated> + use<'v> {
    inventory.graphs.iter().flat_map(|graph| graph.flaws.iter().flatten())
}

/// What the documents that were read say of flaws and a format has no place for, a clause each.
pub fn left_out(inventory: &Inventory<'_>, format: Format) -> Vec<String> {
    let count = |is_it: &dyn Fn(&StatedFlaw) -> bool| stated(inventory).filter(|stated| is_it(&stated.flaw)).count();
    let has_newer = |flaw: &StatedFlaw| {
        let has_times = |analysis: &StatedAnalysis| analysis.first_issued.is_some() || analysis.last_updated.is_some();
        flaw.workaround.is_some() || flaw.rejected.is_some() || flaw.analysis.as_ref().is_some_and(has_times)
    };
    let (number, what) = match format {
        Format::SpdxJson(_) => (count(&|_| true), "the vulnerabilities of the documents that were read, for which it has no place"),
        Format::OpenVexJson(_) => (count(&|flaw| flaw.id.is_none()), "vulnerabilities without an id, which it asks for"),
        Format::CycloneDxJson(CycloneDx::V1_4) | Format::CycloneDxXml(CycloneDx::V1_4) => {
            (count(&has_newer), "`workaround`, `rejected` and the times of analyses, for which version 1.4 has no place")
        }
        Format::CycloneDxJson(_) | Format::CycloneDxXml(_) => (0, ""),
    };
    if number == 0 { Vec::new() } else { vec![format!("{} leaves out {what} ({number})", format.id())] }
}

/// Flaws that somebody can use or that harm; sorted by id, the accepted behind the others, the documents' own last.
pub(super) fn of<'v>(view: &'v View<'v>) -> Vec<Weakness<'v>> {
    let mut documents = Documents::of(view);
    let mut found: BTreeMap<_, Weakness<'v>> = BTreeMap::new();
    for id in view.ids() {
        for flaw in of_component(view, id).filter(|flaw| is_flaw(flaw.advisory.kind)) {
            let Flaw { advisory, accepted } = flaw;
            let same = documents.take(id, advisory);
            let key = (advisory.id.as_str(), accepted, &advisory.severity, &advisory.vex, same);
            let weakness = found.entry(key).or_insert_with(|| Weakness {
                told: Told::Store(advisory, same.map(|at| documents.all[at])),
                accepted: accepted.as_ref(),
                of: Vec::new(),
            });
            weakness.of.push((id, advisory.upgrade.as_deref()));
        }
    }
    let mut all: Vec<Weakness<'v>> = found.into_values().chain(documents.rest()).collect();
    all.sort_by(|a, b| a.id().cmp(&b.id()));
    all
}

/// What the documents state, and of which components it is not told yet.
struct Documents<'v> {
    all: Vec<&'v Stated>,
    ids: HashMap<&'v Package, ComponentId>,
    by_component: HashMap<ComponentId, Vec<usize>>,
    taken: HashSet<(usize, ComponentId)>,
}

impl<'v> Documents<'v> {
    fn of(view: &'v View<'v>) -> Self {
        let all: Vec<&Stated> = stated(view.inventory).collect();
        let (mut ids, mut by_component) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
        if !all.is_empty() {
            ids.extend(view.ids().map(|id| (view.component(id).package, id)));
        }
        for (at, stated) in all.iter().enumerate() {
            let of = stated.flaw.affects.iter().filter_map(|(package, _)| ids.get(package));
            of.for_each(|id| by_component.entry(*id).or_default().push(at));
        }
        Documents { all, ids, by_component, taken: HashSet::new() }
    }

    /// The first that states this flaw of the component; those that state the same are taken with it.
    fn take(&mut self, id: ComponentId, advisory: &Advisory) -> Option<usize> {
        let names: HashSet<&str> = advisory.aliases.iter().chain(&advisory.records).chain([&advisory.id]).map(|id| id.as_str()).collect();
        let mut first: Option<usize> = None;
        for &at in self.by_component.get(&id)? {
            let is_same = self.all[at].flaw.ids().any(|id| names.contains(id));
            let is_taken_along = first.is_none_or(|first| self.all[first].flaw.analysis == self.all[at].flaw.analysis);
            if is_same && is_taken_along && self.taken.insert((at, id)) {
                first.get_or_insert(at);
            }
        }
        first
    }

    /// What no store tells: one entry for all that say the same in other words for nothing but the component.
    fn rest(self) -> Vec<Weakness<'v>> {
        let mut found: Vec<Weakness<'v>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (at, stated) in self.all.iter().enumerate() {
            let of = stated.flaw.affects.iter().filter_map(|(package, versions)| Some((*self.ids.get(package)?, versions)));
            let left: Vec<(ComponentId, &Vec<StatedVersion>)> = of.filter(|(id, _)| !self.taken.contains(&(at, *id))).collect();
            if left.is_empty() && !stated.flaw.affects.is_empty() {
                continue;
            }
            let key = format!("{:?}", StatedFlaw { affects: Vec::new(), ..stated.flaw.clone() });
            let place = *places.entry(key).or_insert_with(|| {
                found.push(Weakness { told: Told::Document(stated, BTreeMap::new()), accepted: None, of: Vec::new() });
                found.len() - 1
            });
            if let Told::Document(_, versions) = &mut found[place].told {
                left.iter().for_each(|(id, stated)| versions.entry(*id).or_default().extend(stated.iter()));
            }
        }
        found.iter_mut().for_each(Weakness::settle);
        found
    }
}

/// What one should know of a component and is no flaw: that nobody looks after it, say.
pub(super) fn notices<'v>(view: &'v View<'v>, id: ComponentId) -> impl Iterator<Item = &'v Advisory> {
    of_component(view, id).map(|flaw| &flaw.advisory).filter(|advisory| !is_flaw(advisory.kind))
}

fn of_component<'v>(view: &'v View<'v>, id: ComponentId) -> impl Iterator<Item = &'v Flaw> {
    view.inventory.exposure.and_then(|exposure| exposure.flaws.get(view.component(id).package)).into_iter().flatten()
}

fn is_flaw(kind: AdvisoryKind) -> bool {
    match kind {
        AdvisoryKind::Vulnerability | AdvisoryKind::Malware | AdvisoryKind::Unsound => true,
        AdvisoryKind::Unmaintained | AdvisoryKind::Notice => false,
    }
}

impl<'v> Weakness<'v> {
    /// Each version once, and a component for each.
    fn settle(&mut self) {
        let Told::Document(_, versions) = &mut self.told else { return };
        for versions in versions.values_mut() {
            let mut seen = HashSet::new();
            versions.retain(|version| seen.insert((version.is_range, &version.text, version.status)));
        }
        self.of = versions.keys().map(|id| (*id, None)).collect();
    }

    /// What it is called.
    pub fn id(&self) -> Option<&'v str> {
        match &self.told {
            Told::Store(advisory, _) => Some(advisory.id.as_str()),
            Told::Document(stated, _) => stated.flaw.id.as_deref(),
        }
    }

    /// What somebody who is believed says of it.
    pub fn vex(&self) -> Option<&'v Assessment> {
        if let Told::Store(advisory, _) = &self.told { advisory.vex.as_deref() } else { None }
    }

    /// What a document states of it.
    pub fn stated(&self) -> Option<&'v Stated> {
        match &self.told {
            Told::Store(_, stated) => *stated,
            Told::Document(stated, _) => Some(stated),
        }
    }

    /// What clears it, a clause for each component that has one.
    pub fn remedy(&self, view: &View<'_>) -> Option<String> {
        let clause = |(id, upgrade): &(ComponentId, Option<&str>)| {
            let package = view.component(*id).package;
            Some(format!("{} to {}", package.label(), (*upgrade)?))
        };
        let clauses: Vec<String> = self.of.iter().filter_map(clause).collect();
        (!clauses.is_empty()).then(|| format!("update {}", clauses.join(", ")))
    }

    /// Who lives with it, and until when.
    pub fn consent(&self) -> Option<String> {
        self.accepted.map(|accepted| format!("accepted by {} until {}: {}", accepted.by, accepted.until, accepted.reason))
    }
}
