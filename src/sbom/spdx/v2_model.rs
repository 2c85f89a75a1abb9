//! Wire structs of SPDX 2.3, each the mirror of an object of `spdx-schema.json`, in its spelling and with the fields that
//! we write. Numbers in brackets are clauses of the specification.

use crate::sbom::cyclonedx::Hex;
use serde::Serialize;
use std::borrow::Cow;

/// The document. `L`, `P` and `R` serialise as lists, made while they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpdxDocument<'a, L, P, R> {
    pub spdx_version: &'static str,
    pub data_license: &'static str,
    #[serde(rename = "SPDXID")]
    pub id: &'static str,
    pub name: &'a str,
    pub document_namespace: &'a str,
    pub creation_info: CreationInfo<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation<'a>>,
    pub has_extracted_licensing_infos: L,
    pub packages: P,
    pub relationships: R,
}

/// Clause 6
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationInfo<'a> {
    pub created: &'a str,
    pub creators: Vec<String>,
    pub license_list_version: String,
    pub comment: &'static str,
}

/// Clause 7
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Package<'a> {
    #[serde(rename = "SPDXID")]
    pub id: &'a str,
    pub name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_info: Option<&'a str>,
    pub supplier: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originator: Option<String>,
    pub download_location: Cow<'a, str>,
    pub files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checksums: Vec<Checksum<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_info: Option<String>,
    pub license_concluded: &'static str,
    pub license_declared: Cow<'static, str>,
    pub copyright_text: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_refs: Vec<ExternalRef<'a>>,
    pub primary_package_purpose: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_date: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation<'a>>,
}

/// 7.10
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checksum<'a> {
    pub algorithm: &'static str,
    pub checksum_value: Hex<'a>,
}

/// 7.21
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRef<'a> {
    pub reference_category: &'static str,
    pub reference_type: &'static str,
    pub reference_locator: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Clause 12
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation<'a> {
    pub annotation_date: &'a str,
    pub annotation_type: &'static str,
    pub annotator: String,
    pub comment: String,
}

/// Clause 10
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtractedLicence<'a> {
    pub license_id: &'a str,
    pub extracted_text: &'a str,
    pub comment: &'static str,
}

/// Clause 11
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship<'a> {
    pub spdx_element_id: &'a str,
    pub relationship_type: &'static str,
    pub related_spdx_element: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<&'static str>,
}
