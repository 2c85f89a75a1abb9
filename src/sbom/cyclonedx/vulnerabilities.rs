//! Flaws of components as CycloneDX's `vulnerability`. That a record applies is said, and what somebody decided or says
//! about it; whether it can be used here nobody else knows, so no `state` is claimed without them.

use super::model::{Affected, AffectedVersion, Analysis, Link, Property, Rating, Source, SourcedId, Vulnerability};
use super::version::Field;
use crate::enrich::advisory::dates;
use crate::model::stated::{Stated, StatedAnalysis, StatedFlaw, StatedRating, StatedSource, StatedVersion};
use crate::model::vex::Assessment;
use crate::model::{Advisory, AdvisoryId, AdvisoryKind, Moment, registry};
use crate::sbom::flaws::{self, Told, Weakness};
use crate::sbom::view::{ComponentId, View};
use crate::sbom::{CycloneDx, iri, properties};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) fn of<'v>(view: &'v View<'v>, version: CycloneDx) -> Vec<Vulnerability<'v>> {
    let all = flaws::of(view);
    let mut made: Vec<Vulnerability<'v>> = Vec::with_capacity(all.len());
    let mut same = 0;
    for weakness in &all {
        // One record can stand over two packages with two ratings, or be accepted of one alone.
        same = if made.last().is_some_and(|last| last.id == weakness.id()) { same + 1 } else { 0 };
        let suffix = if same == 0 { String::new() } else { format!("#{same}") };
        let bom_ref = format!("vulnerability:{}{suffix}", weakness.id().unwrap_or("without-id"));
        made.push(match &weakness.told {
            Told::Store(advisory, stated) => of_store(view, weakness, advisory, *stated, bom_ref, version),
            Told::Document(stated, versions) => of_document(view, &stated.flaw, versions, bom_ref, version),
        });
    }
    made
}

fn of_store<'v>(
    view: &'v View<'v>,
    weakness: &Weakness<'v>,
    advisory: &'v Advisory,
    stated: Option<&'v Stated>,
    bom_ref: String,
    version: CycloneDx,
) -> Vulnerability<'v> {
    Vulnerability {
        bom_ref,
        id: Some(advisory.id.as_str()),
        source: Some(source(&advisory.id)),
        references: advisory.aliases.iter().map(|alias| SourcedId { id: alias.as_str(), source: source(alias) }).collect(),
        ratings: rating(advisory, version).into_iter().collect(),
        cwes: advisory.cwes.iter().filter_map(|cwe| cwe.strip_prefix("CWE-")?.parse().ok()).filter(|&number| number > 0).collect(),
        description: Some(advisory.summary.as_str()).filter(|summary| !summary.is_empty()),
        detail: None,
        recommendation: weakness.remedy(view).map(Cow::Owned),
        workaround: None,
        advisories: advisory.references.iter().map(|url| Link { title: None, url: iri::reference(url) }).collect(),
        created: None,
        published: advisory.published.and_then(time).map(Cow::Owned),
        updated: time(advisory.modified).map(Cow::Owned),
        rejected: None,
        analysis: analysis(weakness, stated.and_then(|stated| stated.flaw.analysis.as_ref()), version),
        affects: weakness.of.iter().map(|(id, _)| affected(view, *id)).collect(),
        properties: properties_of(advisory, stated.map(|stated| &stated.flaw)),
    }
}

/// As the document states it.
fn of_document<'v>(
    view: &'v View<'v>,
    flaw: &'v StatedFlaw,
    versions: &BTreeMap<ComponentId, Vec<&'v StatedVersion>>,
    bom_ref: String,
    version: CycloneDx,
) -> Vulnerability<'v> {
    let newer = |text: &'v Option<String>| text.as_deref().filter(|_| version.has(Field::Workarounds));
    Vulnerability {
        bom_ref,
        id: flaw.id.as_deref(),
        source: flaw.source.as_ref().map(stated_source),
        references: flaw
            .references
            .iter()
            .map(|(id, of)| SourcedId { id, source: of.as_ref().map(stated_source).unwrap_or_default() })
            .collect(),
        ratings: flaw.ratings.iter().map(|rating| stated_rating(rating, version)).collect(),
        cwes: flaw.cwes.clone(),
        description: flaw.description.as_deref(),
        detail: flaw.detail.as_deref(),
        recommendation: flaw.recommendation.as_deref().map(Cow::Borrowed),
        workaround: newer(&flaw.workaround),
        advisories: flaw.advisories.iter().map(|(title, url)| Link { title: title.as_deref(), url: iri::reference(url) }).collect(),
        created: flaw.created.as_deref(),
        published: flaw.published.as_deref().map(Cow::Borrowed),
        updated: flaw.updated.as_deref().map(Cow::Borrowed),
        rejected: newer(&flaw.rejected),
        analysis: flaw.analysis.as_ref().and_then(|analysis| stated_analysis(analysis, version)),
        affects: versions.iter().map(|(id, versions)| stated_affected(view, *id, versions)).collect(),
        properties: flaw.properties.iter().map(|(name, value)| Property::new(name, value.as_str())).collect(),
    }
}

/// A time of our era and its calendar; others no encoding has in the same way.
fn time(seconds: i64) -> Option<String> {
    Moment { seconds, offset: 0 }.rfc3339().filter(|_| seconds > 0)
}

fn source<'v>(id: &'v AdvisoryId) -> Source<'v> {
    Source { name: Some(id.database()), url: Some(Cow::Owned(format!("{}{id}", registry::OSV_PAGES))) }
}

fn stated_source(stated: &StatedSource) -> Source<'_> {
    Source { name: stated.name.as_deref(), url: stated.url.as_deref().map(iri::reference) }
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
        source: Some(source(by)),
        score: severity.tenths.map(|tenths| f64::from(tenths) / 10.0),
        severity: Some(severity.rating.as_str()),
        method,
        vector: severity.vector.as_deref(),
        justification: None,
    })
}

fn stated_rating(stated: &StatedRating, version: CycloneDx) -> Rating<'_> {
    let method = stated.method.map(|method| match method {
        "CVSSv4" if !version.has(Field::Cvss4) => "other",
        "SSVC" if !version.has(Field::Ssvc) => "other",
        known => known,
    });
    Rating {
        source: stated.source.as_ref().map(stated_source),
        score: stated.score,
        severity: stated.severity,
        method,
        vector: stated.vector.as_deref(),
        justification: stated.justification.as_deref(),
    }
}

/// The version that is there is affected, as the record has it; of others nothing is said.
fn affected<'v>(view: &'v View<'v>, id: ComponentId) -> Affected<'v> {
    let version = view.component(id).package.version.as_ref().map(|version| version.as_str());
    let versions = version.into_iter().map(|version| AffectedVersion { version: Some(version), range: None, status: "affected" }).collect();
    Affected { reference: view.reference(id), versions }
}

fn stated_affected<'v>(view: &'v View<'v>, id: ComponentId, versions: &[&'v StatedVersion]) -> Affected<'v> {
    let version = |stated: &&'v StatedVersion| {
        let text = |is_it: bool| Some(stated.text.as_str()).filter(|_| is_it);
        AffectedVersion { version: text(!stated.is_range), range: text(stated.is_range), status: stated.status }
    };
    Affected { reference: view.reference(id), versions: versions.iter().map(version).collect() }
}

/// What is said of the flaw, by the operator's VEX before the document that was read; and who lives with it.
fn analysis(weakness: &Weakness<'_>, stated: Option<&StatedAnalysis>, version: CycloneDx) -> Option<Analysis> {
    let consent = weakness.consent();
    let said = weakness.vex().map(|vex| of_vex(vex, version)).or_else(|| stated_analysis(stated?, version));
    let Some(accepted) = weakness.accepted else { return said };
    let day = || format!("{}T00:00:00Z", accepted.on);
    let mut analysis =
        said.unwrap_or_else(|| Analysis { first_issued: version.has(Field::AnalysisTimes).then(day), ..Analysis::default() });
    // A document of ours has told of the consent already.
    let is_told = analysis.detail.as_ref().zip(consent.as_ref()).is_some_and(|(detail, consent)| detail.contains(consent.as_str()));
    if !is_told {
        let texts: Vec<String> = analysis.detail.take().into_iter().chain(consent).collect();
        analysis.detail = Some(texts.join("; "));
    }
    Some(analysis)
}

fn of_vex(vex: &Assessment, version: CycloneDx) -> Analysis {
    let has_times = version.has(Field::AnalysisTimes);
    // What CycloneDX has no word for is said in words.
    let other = vex.justification.filter(|justification| justification.cyclonedx().is_none()).map(|justification| justification.word());
    let texts: Vec<&str> = [other, vex.detail.as_deref(), vex.action.as_deref()].into_iter().flatten().collect();
    Analysis {
        state: Some(vex.status.cyclonedx()),
        justification: vex.justification.and_then(|justification| justification.cyclonedx()),
        response: vex.responses.clone(),
        detail: (!texts.is_empty()).then(|| texts.join("; ")),
        first_issued: vex.issued.filter(|_| has_times).and_then(time),
        last_updated: vex.updated.filter(|_| has_times).and_then(time),
    }
}

/// `None` where nothing is left of it in this version.
fn stated_analysis(stated: &StatedAnalysis, version: CycloneDx) -> Option<Analysis> {
    let has_times = version.has(Field::AnalysisTimes);
    let analysis = Analysis {
        state: stated.state.map(|state| state.cyclonedx()),
        justification: stated.justification.and_then(|justification| justification.cyclonedx()),
        response: stated.responses.clone(),
        detail: stated.detail.clone(),
        first_issued: stated.first_issued.clone().filter(|_| has_times),
        last_updated: stated.last_updated.clone().filter(|_| has_times),
    };
    (analysis != Analysis::default()).then_some(analysis)
}

fn properties_of<'v>(advisory: &'v Advisory, stated: Option<&'v StatedFlaw>) -> Vec<Property<'v>> {
    let kind = (advisory.kind != AdvisoryKind::Vulnerability).then(|| Property::new(properties::ADVISORY_KIND, advisory.kind.as_str()));
    let known = advisory.exploitation;
    let percent = |share: u32| format!("{}.{:05}", share / 100_000, share % 100_000);
    let epss = known.and_then(|known| known.epss).map(|epss| Property::new(properties::EPSS, percent(epss.score)));
    let seen = known.and_then(|known| known.seen).map(|seen| Property::new(properties::EXPLOITED, dates::day(seen.since)));
    let of_document = || stated?.properties.iter().find(|(name, _)| *name == properties::VEX);
    let vex = match &advisory.vex {
        Some(vex) => Some(Property::new(properties::VEX, vex.source())),
        None => of_document().map(|(name, value)| Property::new(name, value.as_str())),
    };
    kind.into_iter().chain(epss).chain(seen).chain(vex).collect()
}
