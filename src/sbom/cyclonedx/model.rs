//! Wire structs, each the mirror of an object of `bom-1.6.schema.json`, in its spelling and with the
//! fields that we write. What other versions of the specification lack or call otherwise is optional
//! or an enum here; `version` says which.
//!
//! Fields stand in the order of the XSD, those that are attributes in XML first.

use super::story::{Annotation, Citation, Declarations, Definitions, Formula};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The document. `C`, `D` and `P` serialise as lists, made while they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bom<'a, C, D, P> {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub bom_format: &'static str,
    pub spec_version: &'static str,
    pub serial_number: &'a str,
    pub version: u32,
    pub metadata: Metadata<'a>,
    pub components: C,
    pub dependencies: D,
    pub compositions: Vec<P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vulnerabilities: Option<Vec<Vulnerability<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formulation: Option<[Formula<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declarations: Option<Declarations<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definitions: Option<Definitions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation<'a>>,
}

/// A list whose items exist one at a time.
pub struct Each<F>(pub F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// `definitions/metadata`
#[derive(Serialize)]
pub struct Metadata<'a> {
    pub timestamp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycles: Option<[LifecyclePhase; 1]>,
    pub tools: Tools,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Contact<'a>>,
    pub component: Component<'a>,
    /// Of the component; since 1.6 the component says it itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacture: Option<Organization<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Organization<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property<'a>>,
}

/// `definitions/metadata`, `lifecycles`: a pre-defined phase
#[derive(Serialize)]
pub struct LifecyclePhase {
    pub phase: &'static str,
}

/// `definitions/metadata`, `tools`: as components since 1.5
#[derive(Serialize)]
#[serde(untagged)]
pub enum Tools {
    Components { components: Box<[Component<'static>; 1]> },
    List([Tool; 1]),
}

/// `definitions/tool`, deprecated since 1.5
#[derive(Serialize)]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

/// `definitions/component`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub bom_ref: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Organization<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Organization<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<&'a str>,
    pub name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses: Option<[LicenseChoice<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pedigree: Option<Pedigree<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence<'a>>,
}

impl<'a> Component<'a> {
    pub fn new(kind: &'static str, name: &'a str) -> Self {
        Component {
            kind,
            bom_ref: None,
            supplier: None,
            manufacturer: None,
            publisher: None,
            group: None,
            name,
            version: None,
            scope: None,
            hashes: Vec::new(),
            licenses: None,
            purl: None,
            pedigree: None,
            external_references: Vec::new(),
            properties: Vec::new(),
            components: Vec::new(),
            evidence: None,
        }
    }
}

/// `definitions/organizationalEntity`
#[derive(Serialize)]
pub struct Organization<'a> {
    pub name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub url: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contact: Vec<Contact<'a>>,
}

/// `definitions/organizationalContact`
#[derive(Serialize)]
pub struct Contact<'a> {
    pub name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub email: &'a str,
}

/// `definitions/hash`
#[derive(Serialize)]
pub struct Hash<'a> {
    pub alg: &'static str,
    pub content: Hex<'a>,
}

/// `definitions/hash-content`: bytes as lower-case hexadecimal digits, made without a `String`.
pub struct Hex<'a>(pub &'a [u8]);

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 128];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        let digits = text.get(..2 * self.0.len()).and_then(|digits| std::str::from_utf8(digits).ok());
        serializer.serialize_str(digits.ok_or_else(|| S::Error::custom("a digest longer than SHA-512's"))?)
    }
}

/// An item of `definitions/licenseChoice`
#[derive(Serialize)]
#[serde(untagged)]
pub enum LicenseChoice<'a> {
    License { license: License<'a> },
    Expression(Expression<'a>),
}

/// An item of `definitions/licenseChoice`: an expression
#[derive(Serialize)]
pub struct Expression<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<&'static str>,
    pub expression: Cow<'a, str>,
}

/// `definitions/license`: exactly one of `id` and `name`
#[derive(Serialize)]
pub struct License<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
}

/// `definitions/externalReference`
#[derive(Serialize)]
pub struct ExternalReference<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub url: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash<'a>>,
}

/// `definitions/component`, `pedigree`
#[derive(Serialize)]
pub struct Pedigree<'a> {
    pub patches: Vec<Patch<'a>>,
}

/// `definitions/patch`
#[derive(Serialize)]
pub struct Patch<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub diff: Diff<'a>,
}

/// `definitions/diff`
#[derive(Serialize)]
pub struct Diff<'a> {
    pub url: Cow<'a, str>,
}

/// `definitions/property`
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Property<'a> {
    pub name: &'static str,
    pub value: Cow<'a, str>,
}

/// `definitions/componentEvidence`
#[derive(Serialize)]
pub struct Evidence<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity<'a>>,
    pub occurrences: Vec<Occurrence<'a>>,
}

/// `definitions/componentEvidence`, `identity`: a list since 1.6
#[derive(Serialize)]
#[serde(untagged)]
pub enum Identity<'a> {
    One(IdentityEvidence<'a>),
    List([IdentityEvidence<'a>; 1]),
}

/// `definitions/componentIdentityEvidence`
#[derive(Serialize)]
pub struct IdentityEvidence<'a> {
    pub field: &'static str,
    pub confidence: u8,
    pub methods: Vec<Method<'a>>,
}

/// `definitions/componentIdentityEvidence`, `methods`
#[derive(Serialize)]
pub struct Method<'a> {
    pub technique: &'static str,
    pub confidence: u8,
    pub value: &'a str,
}

/// `definitions/componentEvidence`, `occurrences`
#[derive(Serialize)]
pub struct Occurrence<'a> {
    pub location: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// `definitions/dependency`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency<'a> {
    #[serde(rename = "ref")]
    pub reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<Vec<&'a str>>,
}

/// `definitions/compositions`
#[derive(Serialize)]
pub struct Composition<'a, D> {
    pub aggregate: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assemblies: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<D>,
}

/// `definitions/vulnerability`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Vulnerability<'a> {
    #[serde(rename = "bom-ref")]
    pub bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<SourcedId<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cwes: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workaround: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub affects: Vec<Affected<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property<'a>>,
}

/// `definitions/vulnerabilitySource`
#[derive(Serialize, Default)]
pub struct Source<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
}

/// `definitions/vulnerability`, `references`
#[derive(Serialize)]
pub struct SourcedId<'a> {
    pub id: &'a str,
    pub source: Source<'a>,
}

/// `definitions/rating`
#[derive(Serialize)]
pub struct Rating<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<&'a str>,
}

/// `definitions/advisory`
#[derive(Serialize)]
pub struct Link<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    pub url: Cow<'a, str>,
}

/// `definitions/vulnerability`, `analysis`
#[derive(Serialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_issued: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<String>,
}

/// `definitions/vulnerability`, `affects`
#[derive(Serialize)]
pub struct Affected<'a> {
    #[serde(rename = "ref")]
    pub reference: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<AffectedVersion<'a>>,
}

/// `definitions/vulnerability`, `affects`, `versions`
#[derive(Serialize)]
pub struct AffectedVersion<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<&'a str>,
    pub status: &'static str,
}
