//! What its registry tells of a component: who published it, where its sources are, and since when it is there.

use super::model::{ExternalReference, Property};
use crate::enrich::advisory::dates;
use crate::enrich::registry::{Mark, PackageFacts, Sourced};
use crate::sbom::view::{Component, View};
use crate::sbom::{iri, properties};

/// What is known, where registries were asked.
pub(in crate::sbom) fn facts<'v>(view: &'v View<'v>, seen: &Component<'v>) -> Option<&'v PackageFacts> {
    Some(&view.inventory.facts?.packages.get(seen.package)?.today)
}

/// Who published the version; of a workflow its repository.
pub(super) fn publisher(facts: &PackageFacts) -> Option<&str> {
    facts.publisher.fact.known().map(|publisher| publisher.name.as_str()).filter(|name| !name.trim().is_empty())
}

/// The repository that the package states.
pub(in crate::sbom) fn repository(facts: &PackageFacts) -> Option<ExternalReference<'_>> {
    let url = facts.repository.fact.known()?.as_deref().filter(|url| !url.is_empty())?;
    let comment = Some("as the package states it in its registry".to_owned());
    Some(ExternalReference { kind: "vcs", url: iri::reference(url), comment, hashes: Vec::new() })
}

pub(in crate::sbom) fn told(facts: &PackageFacts) -> Vec<Property<'_>> {
    let time = |name, fact: &Sourced<i64>| fact.fact.known().map(|time| Property::new(name, dates::written(*time)));
    let mark = |name, fact: &Sourced<Mark>| match fact.fact.known()? {
        Mark::No => None,
        Mark::Yes(text) => Some(Property::new(name, if text.is_empty() { "true".to_owned() } else { text.clone() })),
    };
    let fetched = facts.standing.from.as_ref().map(|from| Property::new(properties::FETCHED, dates::written(from.fetched)));
    let all = [
        time(properties::PUBLISHED, &facts.published),
        time(properties::FIRST_PUBLISHED, &facts.first_published),
        mark(properties::YANKED, &facts.yanked),
        mark(properties::DEPRECATED_THERE, &facts.deprecated),
        fetched,
    ];
    all.into_iter().flatten().collect()
}
