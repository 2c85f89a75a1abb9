//! SPDX 2.2 and 2.3. The wire structs are those of JSON; tag-value is turned into the same.

use super::{How, Package, PackageFile, Reading, Related, Texts, is_stated, kind, licence};
use crate::model::text::quoted;
use crate::model::{Algorithm, Scope};
use crate::read::ReadError;
use crate::read::document::Document;
use crate::read::document::told::Properties;
use crate::read::json::Text;
use hashbrown::HashSet;
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", expecting = "the object of an SPDX document")]
pub struct RawDocument<'a> {
    #[serde(borrow)]
    pub spdx_version: Option<Text<'a>>,
    #[serde(borrow, rename = "SPDXID")]
    pub id: Option<Text<'a>>,
    #[serde(borrow)]
    pub document_describes: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub packages: Option<Vec<RawPackage<'a>>>,
    #[serde(borrow)]
    pub files: Option<Vec<RawElement<'a>>>,
    #[serde(borrow)]
    pub snippets: Option<Vec<RawElement<'a>>>,
    #[serde(borrow)]
    pub relationships: Option<Vec<RawRelationship<'a>>>,
    #[serde(borrow)]
    pub annotations: Option<Vec<RawAnnotation<'a>>>,
    #[serde(borrow)]
    pub has_extracted_licensing_infos: Option<Vec<RawLicence<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a package")]
pub struct RawPackage<'a> {
    #[serde(skip)]
    pub line: Option<u32>,
    #[serde(borrow, rename = "SPDXID")]
    pub id: Option<Text<'a>>,
    #[serde(borrow)]
    pub name: Text<'a>,
    #[serde(borrow)]
    pub version_info: Option<Text<'a>>,
    #[serde(borrow)]
    pub download_location: Option<Text<'a>>,
    #[serde(borrow)]
    pub checksums: Option<Vec<RawChecksum<'a>>>,
    #[serde(borrow)]
    pub external_refs: Option<Vec<RawExternalRef<'a>>>,
    #[serde(borrow)]
    pub license_declared: Option<Text<'a>>,
    #[serde(borrow)]
    pub license_concluded: Option<Text<'a>>,
    #[serde(borrow)]
    pub primary_package_purpose: Option<Text<'a>>,
    #[serde(borrow)]
    pub annotations: Option<Vec<RawAnnotation<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of an annotation")]
pub struct RawAnnotation<'a> {
    #[serde(borrow)]
    pub comment: Option<Text<'a>>,
}

/// The text that a `LicenseRef-` stands for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a licence")]
pub struct RawLicence<'a> {
    #[serde(borrow)]
    pub license_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub extracted_text: Option<Text<'a>>,
}

/// A file or snippet: no package.
#[derive(Deserialize)]
#[serde(expecting = "the object of a file or snippet")]
pub struct RawElement<'a> {
    #[serde(borrow, rename = "SPDXID")]
    pub id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a checksum")]
pub struct RawChecksum<'a> {
    #[serde(borrow)]
    pub algorithm: Text<'a>,
    #[serde(borrow)]
    pub checksum_value: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of an external reference")]
pub struct RawExternalRef<'a> {
    #[serde(borrow)]
    pub reference_type: Text<'a>,
    #[serde(borrow)]
    pub reference_locator: Text<'a>,
    #[serde(borrow)]
    pub comment: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a relationship")]
pub struct RawRelationship<'a> {
    #[serde(skip)]
    pub line: Option<u32>,
    #[serde(borrow)]
    pub spdx_element_id: Text<'a>,
    #[serde(borrow)]
    pub relationship_type: Text<'a>,
    #[serde(borrow)]
    pub related_spdx_element: Text<'a>,
}

/// The document itself, as relationships name it.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

pub fn read<'a>(reading: &Reading<'a>, raw: RawDocument<'a>) -> Result<Document<'a>, ReadError> {
    let dialect = dialect(reading, &raw)?;
    let packages =
        raw.packages.ok_or_else(|| reading.malformed(1, "`packages` is missing: the document does not say what there is".to_owned()))?;
    let extracted = raw.has_extracted_licensing_infos.unwrap_or_default();
    let texts = extracted.iter().filter_map(|licence| Some((&**licence.license_id.as_ref()?, &**licence.extracted_text.as_ref()?)));
    let texts: Texts<'_> = texts.collect();
    let packages = packages.into_iter().map(|package| self::package(reading, package, &texts)).collect::<Result<Vec<_>, _>>()?;
    let relationships = raw.relationships.unwrap_or_default();
    let document_id = raw.id.as_deref().unwrap_or(DOCUMENT);
    let mut described: HashSet<&str> = raw.document_describes.iter().flatten().map(|id| &**id).collect();
    described.extend(relationships.iter().filter_map(|relationship| described_by(relationship, document_id)));
    let related = relationships.iter().filter_map(|relationship| related(reading, relationship)).collect();
    let mut document = reading.document(dialect, packages, &described, related)?;
    reading.told(&properties(raw.annotations), &mut document);
    let elements = raw.files.into_iter().chain(raw.snippets).flatten().filter_map(|element| element.id);
    document.others.extend(elements.map(|id| id.0).chain([Cow::Owned(document_id.to_owned())]));
    Ok(document)
}

fn dialect(reading: &Reading<'_>, raw: &RawDocument<'_>) -> Result<&'static str, ReadError> {
    let Some(version) = &raw.spdx_version else {
        return Err(reading.malformed(1, "`spdxVersion` is missing: this is no SPDX document".to_owned()));
    };
    match &**version {
        "SPDX-2.2" => Ok("2.2"),
        "SPDX-2.3" => Ok("2.3"),
        other => Err(reading.unknown_version(other, reading.line(version, 1))),
    }
}

fn package<'a>(reading: &Reading<'a>, raw: RawPackage<'a>, texts: &Texts<'_>) -> Result<Package<'a>, ReadError> {
    let named = reading.line(&raw.name, u32::MAX);
    let line = raw.id.as_ref().map_or(named, |id| reading.line(id, named).min(named));
    let line = raw.line.unwrap_or(if line == u32::MAX { 1 } else { line });
    let id = raw.id.ok_or_else(|| reading.malformed(line, format!("the package {} has no `SPDXID`", quoted(&raw.name))))?;
    let is_purl = |reference: &RawExternalRef<'_>| matches!(&*reference.reference_type, "purl" | "http://spdx.org/rdf/references/purl");
    let (purls, others): (Vec<_>, Vec<_>) = raw.external_refs.into_iter().flatten().partition(is_purl);
    let files = others.into_iter().filter(|reference| &*reference.reference_type == "distribution").map(file);
    Ok(Package {
        id,
        line,
        version: raw.version_info.map(|text| text.0).filter(|text| is_stated(text)),
        purls: purls.into_iter().map(|reference| reference.reference_locator).collect(),
        download: raw.download_location.filter(|text| is_stated(text)),
        checksums: raw.checksums.into_iter().flatten().map(|checksum| (checksum.algorithm, checksum.checksum_value)).collect(),
        licence: licence(raw.license_declared.as_deref(), raw.license_concluded.as_deref(), texts),
        files: files.collect(),
        told: properties(raw.annotations),
        kind: kind(raw.primary_package_purpose.as_deref()),
        name: raw.name,
    })
}

/// Where a file of the package lies: our own documents write its digests, `sha256:…`, into the comment.
fn file<'a>(reference: RawExternalRef<'a>) -> PackageFile<'a> {
    let digests = reference.comment.as_deref().unwrap_or_default().split(' ').filter_map(|part| {
        let (algorithm, digits) = part.split_once(':')?;
        let text = |part: &str| Text(Cow::Owned(part.to_owned()));
        Algorithm::from_prefix(algorithm).map(|_| (text(algorithm), text(digits)))
    });
    PackageFile { checksums: digests.collect(), locator: reference.reference_locator }
}

/// Annotations of the form `NAME=VALUE`, where the name is one of ours.
fn properties(annotations: Option<Vec<RawAnnotation<'_>>>) -> Properties<'_> {
    Properties(annotations.into_iter().flatten().filter_map(property).collect())
}

fn property<'a>(annotation: RawAnnotation<'a>) -> Option<(Cow<'a, str>, Text<'a>)> {
    let comment = annotation.comment?;
    let (name, value) = comment.split_once('=')?;
    let is_ours = ["sbomgate:", "cdx:"].iter().any(|start| name.starts_with(start));
    is_ours.then(|| (comment.part(name), Text(comment.part(value))))
}

fn described_by<'r>(relationship: &'r RawRelationship<'_>, document: &str) -> Option<&'r str> {
    let (from, to) = (&*relationship.spdx_element_id, &*relationship.related_spdx_element);
    match &*relationship.relationship_type {
        "DESCRIBES" if from == document => Some(to),
        "DESCRIBED_BY" if to == document => Some(from),
        _ => None,
    }
}

/// What the relationship says of dependencies, if it does. `NONE` and `NOASSERTION` are no elements.
fn related<'a>(reading: &Reading<'a>, raw: &RawRelationship<'a>) -> Option<Related<'a>> {
    let (how, is_turned) = how(&raw.relationship_type)?;
    let (left, right) = (&raw.spdx_element_id, &raw.related_spdx_element);
    if !is_stated(right) || !is_stated(left) {
        return None;
    }
    let (from, to) = if is_turned { (right, left) } else { (left, right) };
    let line = raw.line.unwrap_or_else(|| reading.line(left, reading.line(right, 1)));
    Some(Related { from: from.0.clone(), to: to.0.clone(), line, how })
}

/// How the first element requires the second, or, where it is turned, the second the first
/// (SPDX 2.3, clause 11.1). Relationships that tell of no dependency are left aside.
fn how(kind: &str) -> Option<(How, bool)> {
    let requires = |scope| (How::Requires(scope), false);
    let turned = |scope| (How::Requires(scope), true);
    Some(match kind {
        "DEPENDS_ON" | "STATIC_LINK" | "DYNAMIC_LINK" => requires(Scope::Runtime),
        "DEPENDENCY_OF" | "RUNTIME_DEPENDENCY_OF" => turned(Scope::Runtime),
        "DEV_DEPENDENCY_OF" | "DEV_TOOL_OF" | "TEST_DEPENDENCY_OF" | "TEST_TOOL_OF" | "TEST_OF" => turned(Scope::Development),
        "BUILD_DEPENDENCY_OF" | "BUILD_TOOL_OF" => turned(Scope::Build),
        "OPTIONAL_DEPENDENCY_OF" | "OPTIONAL_COMPONENT_OF" => turned(Scope::Optional),
        "HAS_PREREQUISITE" => requires(Scope::Peer),
        "PREREQUISITE_FOR" | "PROVIDED_DEPENDENCY_OF" => turned(Scope::Peer),
        "CONTAINS" => (How::Contains, false),
        "CONTAINED_BY" | "PACKAGE_OF" => (How::Contains, true),
        _ => return None,
    })
}
