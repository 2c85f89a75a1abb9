//! Wire structs of SPDX 3.0.1, each the mirror of a class of the model, in the spelling that its JSON-LD context gives
//! and with the fields that we write.

use crate::sbom::cyclonedx::Hex;
use serde::Serialize;
use std::borrow::Cow;

/// The document. `G` serialises as a list, made while it is written.
#[derive(Serialize)]
pub struct Root<G> {
    #[serde(rename = "@context")]
    pub context: &'static str,
    #[serde(rename = "@graph")]
    pub graph: G,
}

/// An entry of `@graph`.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Entry<'a> {
    CreationInfo(CreationInfo<'a>),
    Element(Box<Element<'a>>),
}

/// Core/CreationInfo
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationInfo<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(rename = "@id")]
    pub id: &'static str,
    pub spec_version: &'static str,
    pub created: &'a str,
    pub created_by: Vec<String>,
    pub created_using: [String; 1],
    pub comment: &'static str,
}

/// Core/Element with the fields of its subclasses: Agent, Tool, SpdxDocument, Software/Sbom, Software/Package,
/// Software/File, Relationship, LifecycleScopedRelationship, SimpleLicensing/LicenseExpression and SimpleLicensingText.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Element<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub spdx_id: Cow<'a, str>,
    pub creation_info: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_license: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profile_conformance: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub root_element: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub element: Vec<&'a str>,
    #[serde(rename = "software_sbomType", skip_serializing_if = "Vec::is_empty")]
    pub sbom_type: Vec<&'static str>,
    #[serde(rename = "software_packageVersion", skip_serializing_if = "Option::is_none")]
    pub version: Option<&'a str>,
    #[serde(rename = "software_packageUrl", skip_serializing_if = "Option::is_none")]
    pub purl: Option<&'a str>,
    #[serde(rename = "software_downloadLocation", skip_serializing_if = "Option::is_none")]
    pub download: Option<Cow<'a, str>>,
    #[serde(rename = "software_primaryPurpose", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<&'static str>,
    #[serde(rename = "software_sourceInfo", skip_serializing_if = "Option::is_none")]
    pub source_info: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplied_by: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub originated_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_time: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_identifier: Vec<ExternalIdentifier<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_ref: Vec<ExternalRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verified_using: Vec<Hash<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extension: Vec<PropertiesExtension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<&'static str>,
    #[serde(rename = "simplelicensing_licenseExpression", skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(rename = "simplelicensing_licenseListVersion", skip_serializing_if = "Option::is_none")]
    pub list_version: Option<String>,
    #[serde(rename = "simplelicensing_customIdToUri", skip_serializing_if = "Vec::is_empty")]
    pub custom_ids: Vec<DictionaryEntry>,
    #[serde(rename = "simplelicensing_licenseText", skip_serializing_if = "Option::is_none")]
    pub licence_text: Option<String>,
}

/// Core/ExternalIdentifier
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalIdentifier<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub external_identifier_type: &'static str,
    pub identifier: &'a str,
}

/// Core/ExternalRef
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRef<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub external_ref_type: &'static str,
    pub locator: [Cow<'a, str>; 1],
}

/// Core/Hash
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hash<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub algorithm: &'static str,
    pub hash_value: Hex<'a>,
}

/// Core/DictionaryEntry
#[derive(Serialize)]
pub struct DictionaryEntry {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub key: String,
    pub value: String,
}

/// Extension/CdxPropertiesExtension
#[derive(Serialize)]
pub struct PropertiesExtension<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(rename = "extension_cdxProperty")]
    pub properties: Vec<PropertyEntry<'a>>,
}

/// Extension/CdxPropertyEntry
#[derive(Serialize)]
pub struct PropertyEntry<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(rename = "extension_cdxPropName")]
    pub name: &'static str,
    #[serde(rename = "extension_cdxPropValue")]
    pub value: Cow<'a, str>,
}
