//! What deps.dev knows of a package (docs.deps.dev/api/v3, GetPackage): a second opinion on times, for where a proxy
//! replaced those of the registry; and how many packages depend on a version, which no registry tells.

use super::answer::{self, Items, Loose, Text, Unusable};
use super::{Mark, Part, Question, Release, versions};
use crate::model::{Ecosystem, PackageName};
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer<'t> {
    #[serde(borrow, rename = "packageKey")]
    key: Key<'t>,
    #[serde(borrow)]
    versions: Items<Version<'t>>,
}

#[derive(Deserialize)]
struct Key<'t> {
    #[serde(borrow)]
    system: Text<'t>,
    #[serde(borrow)]
    name: Text<'t>,
}

#[derive(Deserialize)]
struct Version<'t> {
    #[serde(borrow, rename = "versionKey")]
    key: VersionKey<'t>,
    #[serde(default, borrow, rename = "publishedAt")]
    published_at: Loose<Text<'t>>,
    #[serde(default, rename = "isDeprecated")]
    is_deprecated: Loose<bool>,
    #[serde(default, borrow, rename = "deprecatedReason")]
    reason: Loose<Text<'t>>,
}

#[derive(Deserialize)]
struct VersionKey<'t> {
    #[serde(borrow)]
    version: Text<'t>,
}

pub fn package(question: &Question, asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let wire: Answer<'_> = serde_json::from_str(text)?;
    let system = &wire.key.system.0;
    let ecosystem = Ecosystem::ALL.into_iter().find(|ecosystem| ecosystem.purl_type().eq_ignore_ascii_case(system));
    let of_question = |ecosystem: &Ecosystem| question.request.url.contains(&format!("/systems/{}/", ecosystem.purl_type()));
    let Some(ecosystem) = ecosystem.filter(of_question) else {
        return Err(Unusable::OtherName { asked: asked.to_string(), found: answer::note(&format!("{system} {}", wire.key.name.0)) });
    };
    answer::is_about(ecosystem, asked, &wire.key.name.0)?;
    versions::part(ecosystem, wire.versions.0.iter().filter_map(|version| release(ecosystem, version)).collect())
}

#[derive(Deserialize)]
struct Dependents {
    #[serde(rename = "dependentCount")]
    count: u64,
}

/// docs.deps.dev/api/v3alpha, GetDependents. The answer does not say what it is about.
pub fn dependents(text: &str) -> Result<Part, Unusable> {
    let wire: Dependents = serde_json::from_str(text)?;
    Ok(Part { dependents: Some(wire.count), ..Part::default() })
}

fn release(ecosystem: Ecosystem, wire: &Version<'_>) -> Option<Release> {
    // Of the others it is the word for what is yanked, which the registry itself says better.
    let said = wire.is_deprecated.0.filter(|_| ecosystem == Ecosystem::Npm);
    let reason = || wire.reason.0.as_ref().map(|reason| answer::note(&reason.0)).unwrap_or_default();
    Some(Release {
        published: wire.published_at.0.as_ref().and_then(|time| answer::time(&time.0)),
        deprecated: said.map(|said| if said { Mark::Yes(reason()) } else { Mark::No }),
        ..versions::release(&wire.key.version.0)?
    })
}
