//! The objects of a CycloneDX document in their own spelling, with the fields that are read. The
//! schemas of versions 1.2 to 1.7 agree on all of these.

use crate::read::json::{Ignored, Text};
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
    pub vulnerabilities: Option<Vec<Ignored>>,
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
    #[serde(borrow)]
    pub hashes: Option<Vec<Hash<'a>>>,
    #[serde(borrow)]
    pub licenses: Option<Vec<LicenceChoice<'a>>>,
    #[serde(borrow)]
    pub purl: Option<Text<'a>>,
    #[serde(borrow)]
    pub external_references: Option<Vec<ExternalReference<'a>>>,
    #[serde(borrow)]
    pub properties: Option<Vec<Property<'a>>>,
    #[serde(borrow)]
    pub components: Option<Vec<Listed<'a>>>,
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
    #[serde(borrow)]
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
    #[serde(borrow)]
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
