//! Flaws of components as CycloneDX's `vulnerability`. That a record applies is said, and what somebody decided
//! about it; whether it can be used here nobody knows, so no `state` is claimed.

use super::model::{Affected, AffectedVersion, Analysis, Link, Property, Rating, Source, SourcedId, Vulnerability};
use super::version::Field;
use crate::enrich::advisory::dates;
use crate::model::{Advisory, AdvisoryId, AdvisoryKind, Day, registry};
use crate::sbom::flaws::{self, Weakness};
use crate::sbom::view::View;
use crate::sbom::{CycloneDx, iri, properties};
use std::borrow::Cow;

pub(super) fn of<'v>(view: &'v View<'v>, version: CycloneDx) -> Vec<Vulnerability<'v>> {
    let all = flaws::of(view);
    let mut made: Vec<Vulnerability<'v>> = Vec::with_capacity(all.len());
    let mut same = 0;
    for weakness in &all {
        // One record can stand over two packages with two ratings, or be accepted of one alone.
        same = if made.last().is_some_and(|last| last.id == weakness.advisory.id.as_str()) { same + 1 } else { 0 };
        made.push(vulnerability(view, weakness, same, version));
    }
    made
}

fn vulnerability<'v>(view: &'v View<'v>, weakness: &Weakness<'v>, same: usize, version: CycloneDx) -> Vulnerability<'v> {
    let advisory = weakness.advisory;
    let suffix = if same == 0 { String::new() } else { format!("#{same}") };
    Vulnerability {
        bom_ref: format!("vulnerability:{}{suffix}", advisory.id),
        id: advisory.id.as_str(),
        source: source(&advisory.id),
        references: advisory.aliases.iter().map(|alias| SourcedId { id: alias.as_str(), source: source(alias) }).collect(),
        ratings: rating(advisory, version).into_iter().collect(),
        cwes: advisory.cwes.iter().filter_map(|cwe| cwe.strip_prefix("CWE-")?.parse().ok()).filter(|&number| number > 0).collect(),
        description: Some(advisory.summary.as_str()).filter(|summary| !summary.is_empty()),
        recommendation: weakness.remedy(view),
        advisories: advisory.references.iter().map(|url| Link { url: iri::reference(url) }).collect(),
        published: advisory.published.and_then(time),
        updated: time(advisory.modified),
        analysis: weakness.consent().map(|detail| analysis(detail, weakness.accepted.map(|accepted| accepted.on), version)),
        affects: weakness.of.iter().map(|(id, _)| affected(view, *id)).collect(),
        properties: kind_and_use(advisory),
    }
}

/// A time of our era; years before that no encoding has in the same way.
fn time(seconds: i64) -> Option<String> {
    (seconds > 0).then(|| dates::written(seconds))
}

fn source<'v>(id: &'v AdvisoryId) -> Source<'v> {
    Source { name: id.database(), url: Cow::Owned(format!("{}{id}", registry::OSV_PAGES)) }
}

fn rating<'v>(advisory: &'v Advisory, version: CycloneDx) -> Option<Rating<'v>> {
    let (severity, by) = advisory.severity.as_ref()?;
    let method = severity.vector.as_deref().map(|vector| match vector.split('/').next() {
        Some("CVSS:3.0") => "CVSSv3",
        Some("CVSS:3.1") => "CVSSv31",
        Some("CVSS:4.0") if version.has(Field::Cvss4) => "CVSSv4",
        Some(text) if text.starts_with("AV:") => "CVSSv2",
        _ => "other",
    });
    Some(Rating {
        source: source(by),
        score: severity.tenths.map(|tenths| f64::from(tenths) / 10.0),
        severity: severity.rating.as_str(),
        method,
        vector: severity.vector.as_deref(),
    })
}

/// The version that is there is affected, as the record has it; of others nothing is said.
fn affected<'v>(view: &'v View<'v>, id: crate::sbom::view::ComponentId) -> Affected<'v> {
    let version = view.component(id).package.version.as_ref().map(|version| version.as_str());
    let versions = version.into_iter().map(|version| AffectedVersion { version, status: "affected" }).collect();
    Affected { reference: view.reference(id), versions }
}

fn analysis(detail: String, on: Option<Day>, version: CycloneDx) -> Analysis {
    let issued = on.filter(|_| version.has(Field::AnalysisTimes)).map(|day| format!("{day}T00:00:00Z"));
    Analysis { detail, first_issued: issued }
}

fn kind_and_use(advisory: &Advisory) -> Vec<Property<'_>> {
    let kind = (advisory.kind != AdvisoryKind::Vulnerability).then(|| Property::new(properties::ADVISORY_KIND, advisory.kind.as_str()));
    let known = advisory.exploitation;
    let percent = |share: u32| format!("{}.{:05}", share / 100_000, share % 100_000);
    let epss = known.and_then(|known| known.epss).map(|epss| Property::new(properties::EPSS, percent(epss.score)));
    let seen = known.and_then(|known| known.seen).map(|seen| Property::new(properties::EXPLOITED, dates::day(seen.since)));
    kind.into_iter().chain(epss).chain(seen).collect()
}
