//! The objects of a CycloneDX document in their own spelling, with the fields that are read. The
//! schemas of versions 1.2 to 1.7 agree on all of these.

use crate::read::json::{Ignored, Text, few};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a CycloneDX document")]
pub struct Bom<'a> {
    #[serde(borrow)]
    pub bom_format: Option<Text<'a>>,
    #[serde(borrow)]
    pub spec_version: Option<Text<'a>>,
    #[serde(borrow)]
    pub metadata: Option<Metadata<'a>>,
    #[serde(borrow)]
    pub components: Option<Vec<Listed<'a>>>,
    #[serde(borrow)]
    pub services: Option<Vec<Service<'a>>>,
    #[serde(borrow)]
    pub dependencies: Option<Vec<Dependency<'a>>>,
    #[serde(borrow)]
    pub compositions: Option<Vec<Composition<'a>>>,
    #[serde(borrow)]
    pub serial_number: Option<Text<'a>>,
    #[serde(borrow)]
    pub vulnerabilities: Option<Vec<Vulnerability<'a>>>,
}

/// In a box: a component is large, and lists of them grow.
pub type Listed<'a> = Box<Component<'a>>;

#[derive(Deserialize, Default)]
#[serde(expecting = "the object of `metadata`")]
pub struct Metadata<'a> {
    #[serde(borrow)]
    pub component: Option<Listed<'a>>,
    #[serde(borrow)]
    pub properties: Option<Vec<Property<'a>>>,
    #[serde(borrow)]
    pub timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    pub authors: Option<Vec<Named<'a>>>,
    #[serde(borrow)]
    pub supplier: Option<Named<'a>>,
}

/// A person or an organisation.
#[derive(Deserialize)]
#[serde(expecting = "the object of a person or an organisation")]
pub struct Named<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a component")]
pub struct Component<'a> {
    /// Where it stands, for a document that has no text to borrow from.
    #[serde(skip)]
    pub line: Option<u32>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow, rename = "bom-ref")]
    pub bom_ref: Option<Text<'a>>,
    #[serde(borrow)]
    pub group: Option<Text<'a>>,
    #[serde(borrow)]
    pub name: Text<'a>,
    #[serde(borrow)]
    pub version: Option<Text<'a>>,
    #[serde(borrow)]
    pub scope: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "few")]
    pub hashes: Option<Vec<Hash<'a>>>,
    #[serde(borrow, default, deserialize_with = "few")]
    pub licenses: Option<Vec<LicenceChoice<'a>>>,
    #[serde(borrow)]
    pub purl: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "few")]
    pub external_references: Option<Vec<ExternalReference<'a>>>,
    #[serde(borrow)]
    pub properties: Option<Vec<Property<'a>>>,
    #[serde(borrow)]
    pub components: Option<Vec<Listed<'a>>>,
    /// Whether it is said to be another than what was published.
    pub modified: Option<bool>,
    pub pedigree: Option<Ignored>,
}

/// An online service: no package, though dependencies may lead to it.
#[derive(Deserialize)]
#[serde(expecting = "the object of a service")]
pub struct Service<'a> {
    #[serde(borrow, rename = "bom-ref")]
    pub bom_ref: Option<Text<'a>>,
    #[serde(borrow)]
    pub services: Option<Vec<Service<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a hash")]
pub struct Hash<'a> {
    #[serde(borrow)]
    pub alg: Text<'a>,
    #[serde(borrow)]
    pub content: Text<'a>,
}

/// A licence with its identifier or name, or an expression.
#[derive(Deserialize)]
#[serde(expecting = "the object of a licence")]
pub struct LicenceChoice<'a> {
    #[serde(borrow)]
    pub license: Option<Box<Licence<'a>>>,
    #[serde(borrow)]
    pub expression: Option<Text<'a>>,
    #[serde(borrow)]
    pub acknowledgement: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a licence")]
pub struct Licence<'a> {
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub acknowledgement: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of an external reference")]
pub struct ExternalReference<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub url: Text<'a>,
    #[serde(borrow, default, deserialize_with = "few")]
    pub hashes: Option<Vec<Hash<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a property")]
pub struct Property<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a dependency")]
pub struct Dependency<'a> {
    /// Where each of `depends_on` stands, for a document that has no text to borrow from.
    #[serde(skip)]
    pub lines: Vec<u32>,
    #[serde(borrow, rename = "ref")]
    pub reference: Text<'a>,
    #[serde(borrow, default, deserialize_with = "few")]
    pub depends_on: Option<Vec<Text<'a>>>,
    /// Since 1.6.
    #[serde(borrow)]
    pub provides: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a composition")]
pub struct Composition<'a> {
    #[serde(borrow)]
    pub aggregate: Text<'a>,
    #[serde(borrow)]
    pub assemblies: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub dependencies: Option<Vec<Text<'a>>>,
}

/// A flaw. It is written since 1.4.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, expecting = "the object of a vulnerability")]
pub struct Vulnerability<'a> {
    /// Where it stands, for a document that has no text to borrow from.
    #[serde(skip)]
    pub line: Option<u32>,
    #[serde(borrow, rename = "bom-ref")]
    pub bom_ref: Option<Text<'a>>,
    #[serde(borrow)]
    pub id: Option<Text<'a>>,
    #[serde(borrow)]
    pub source: Option<Source<'a>>,
    #[serde(borrow)]
    pub references: Option<Vec<SourcedId<'a>>>,
    #[serde(borrow)]
    pub ratings: Option<Vec<Rating<'a>>>,
    pub cwes: Option<Vec<u32>>,
    #[serde(borrow)]
    pub description: Option<Text<'a>>,
    #[serde(borrow)]
    pub detail: Option<Text<'a>>,
    #[serde(borrow)]
    pub recommendation: Option<Text<'a>>,
    #[serde(borrow)]
    pub workaround: Option<Text<'a>>,
    #[serde(borrow)]
    pub advisories: Option<Vec<Link<'a>>>,
    #[serde(borrow)]
    pub created: Option<Text<'a>>,
    #[serde(borrow)]
    pub published: Option<Text<'a>>,
    #[serde(borrow)]
    pub updated: Option<Text<'a>>,
    #[serde(borrow)]
    pub rejected: Option<Text<'a>>,
    #[serde(borrow)]
    pub analysis: Option<Analysis<'a>>,
    #[serde(borrow)]
    pub affects: Option<Vec<Affected<'a>>>,
    #[serde(borrow)]
    pub properties: Option<Vec<Property<'a>>>,
    // What is not carried on, and is told.
    pub credits: Option<Ignored>,
    pub tools: Option<Ignored>,
    pub proof_of_concept: Option<Ignored>,
}

#[derive(Deserialize, Default)]
#[serde(default, expecting = "the object of a vulnerability's source")]
pub struct Source<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub url: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a vulnerability's reference")]
pub struct SourcedId<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub source: Option<Source<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, expecting = "the object of a rating")]
pub struct Rating<'a> {
    #[serde(borrow)]
    pub source: Option<Source<'a>>,
    pub score: Option<f64>,
    #[serde(borrow)]
    pub severity: Option<Text<'a>>,
    #[serde(borrow)]
    pub method: Option<Text<'a>>,
    #[serde(borrow)]
    pub vector: Option<Text<'a>>,
    #[serde(borrow)]
    pub justification: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of an advisory")]
pub struct Link<'a> {
    #[serde(borrow)]
    pub title: Option<Text<'a>>,
    #[serde(borrow)]
    pub url: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, expecting = "the object of an analysis")]
pub struct Analysis<'a> {
    #[serde(borrow)]
    pub state: Option<Text<'a>>,
    #[serde(borrow)]
    pub justification: Option<Text<'a>>,
    #[serde(borrow)]
    pub response: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub detail: Option<Text<'a>>,
    #[serde(borrow)]
    pub first_issued: Option<Text<'a>>,
    #[serde(borrow)]
    pub last_updated: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of what a vulnerability affects")]
pub struct Affected<'a> {
    #[serde(borrow, rename = "ref")]
    pub reference: Text<'a>,
    #[serde(borrow)]
    pub versions: Option<Vec<AffectedVersion<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of an affected version")]
pub struct AffectedVersion<'a> {
    #[serde(borrow)]
    pub version: Option<Text<'a>>,
    #[serde(borrow)]
    pub range: Option<Text<'a>>,
    #[serde(borrow)]
    pub status: Option<Text<'a>>,
}
