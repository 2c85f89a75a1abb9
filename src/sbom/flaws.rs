//! What is known to be wrong with the components of a view, a flaw once with all that it is of.

use super::view::{ComponentId, View};
use crate::judge::exposure::{Acceptance, Flaw};
use crate::model::{Advisory, AdvisoryKind};
use std::collections::BTreeMap;

/// An advisory as it stands over some components: the same rating and the same consent for each.
pub(super) struct Weakness<'v> {
    pub advisory: &'v Advisory,
    pub accepted: Option<&'v Acceptance>,
    /// Never empty; sorted. With the oldest version that clears all that is known, where there is one.
    pub of: Vec<(ComponentId, Option<&'v str>)>,
}

/// Flaws that somebody can use or that harm; sorted by id, the accepted behind the others.
pub(super) fn of<'v>(view: &'v View<'v>) -> Vec<Weakness<'v>> {
    let mut found: BTreeMap<_, Weakness<'v>> = BTreeMap::new();
    for id in view.ids() {
        for flaw in of_component(view, id).filter(|flaw| is_flaw(flaw.advisory.kind)) {
            let Flaw { advisory, accepted } = flaw;
            let key = (advisory.id.as_str(), accepted, &advisory.severity);
            let weakness = found.entry(key).or_insert_with(|| Weakness { advisory, accepted: accepted.as_ref(), of: Vec::new() });
            weakness.of.push((id, advisory.upgrade.as_deref()));
        }
    }
    found.into_values().collect()
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

impl Weakness<'_> {
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
