//! The licence of a component, by the claims in the order in which they are told: the lockfiles', the registries', its manifest's.
//!
//! The first is the component's; what the others state otherwise is told in properties, since CycloneDX would take two
//! licences for one that is under both.

use super::model::{Expression, License, LicenseChoice, Property};
use crate::enrich::licence::Reading;
use crate::model::Ecosystem;
use crate::model::licence::Licence;
use crate::sbom::properties;
use crate::sbom::view::{Component, View};
use std::borrow::Cow;

/// Identifiers that our SPDX list has and the list that CycloneDX 1.6 is validated against has not
/// (`spdx.schema.json`; a test compares the lists). A single identifier is an expression as well,
/// and the text of an expression is free.
const NOT_LISTED: [&str; 19] = [
    "BSD-2-Clause-pos-unchanged",
    "BSD-3-Clause-OpenWebUI",
    "BSD-Source-Code-no-disclaimer",
    "BSD-Source-alt-GPL",
    "BSD-ask-to-endorse",
    "Brian-Gladman-3-Clause-no-conversion",
    "Bugroff",
    "CC-BY-NC-3.0-IGO",
    "FDK-MPEG-H",
    "GFDL-1.1-invariants",
    "GFDL-1.1-no-invariants",
    "GFDL-1.2-invariants",
    "GFDL-1.2-no-invariants",
    "GFDL-1.3-invariants",
    "GFDL-1.3-no-invariants",
    "Hippocratic-3.0-core",
    "Informatica",
    "MVT-1.1",
    "atc-game",
];

/// What is declared of a component's licence, and what there is to say beside.
pub(in crate::sbom) fn declared<'v>(
    view: &'v View<'v>,
    seen: &'v Component<'v>,
    acknowledgement: Option<&'static str>,
) -> (Option<[LicenseChoice<'v>; 1]>, Vec<Property<'v>>) {
    let of_lockfiles = seen.licences().into_iter().map(|licence| ("lockfile", Cow::Borrowed(licence)));
    let beside = view.inventory.licences.map(|claims| claims.beside(seen.package)).unwrap_or_default();
    let of_others = beside.iter().filter_map(|(text, from)| Some((from.as_str(), Cow::Owned(Licence::parse(text)?))));
    let mut claims = of_lockfiles.chain(of_others);
    let Some((_, first)) = claims.next() else { return (None, Vec::new()) };
    let ecosystem = seen.package.ecosystem;
    let mut beside: Vec<Property<'_>> = Vec::new();
    for (origin, other) in claims.filter(|(_, other)| !is_same(&first, other, ecosystem)) {
        beside.push(Property::new(properties::LICENCE_CLAIM, format!("{origin}: {}", other.text())));
    }
    let read = match &*first {
        Licence::Name(text) => Reading::of(text, ecosystem).and_then(|reading| reading.licence()),
        Licence::Id(_) | Licence::Expression(_) => None,
    };
    beside.extend(read.is_some().then(|| Property::new(properties::LICENCE_STATED, first.text().to_owned())));
    (Some([choice(read.map_or(first, Cow::Owned), acknowledgement)]), beside)
}

fn is_same(a: &Licence, b: &Licence, ecosystem: Ecosystem) -> bool {
    let read = |licence: &Licence| Reading::of(licence.text(), ecosystem);
    a.text() == b.text() || matches!((read(a), read(b)), (Some(a), Some(b)) if a.is_same(&b))
}

fn choice<'v>(licence: Cow<'v, Licence>, acknowledgement: Option<&'static str>) -> LicenseChoice<'v> {
    let text = match &licence {
        Cow::Borrowed(licence) => Cow::Borrowed(licence.text()),
        Cow::Owned(licence) => Cow::Owned(licence.text().to_owned()),
    };
    let expression = |expression| LicenseChoice::Expression(Expression { acknowledgement, expression });
    let (id, name) = match &*licence {
        Licence::Expression(_) => return expression(text),
        Licence::Id(id) if NOT_LISTED.contains(&&**id) => return expression(text),
        // It says that nothing is said: neither an identifier nor an expression.
        Licence::Id(id) if &**id == "NOASSERTION" => (None, Some(text)),
        Licence::Id(_) => (Some(text), None),
        Licence::Name(_) => (None, Some(text)),
    };
    LicenseChoice::License { license: License { acknowledgement, id, name } }
}
