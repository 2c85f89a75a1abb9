//! The tag-value form of SPDX 2: `Tag: value` a line, `<text>` around what spans several. Packages
//! and relationships are read, and what stands of a file or snippet is passed over.

use super::Reading;
use super::v2::{RawChecksum, RawDocument, RawElement, RawExternalRef, RawPackage, RawRelationship};
use crate::model::text::quoted;
use crate::read::ReadError;
use crate::read::json::Text;
use std::borrow::Cow;

pub fn is_version(line: &str) -> bool {
    line.trim_start().starts_with("SPDXVersion:")
}

/// The tags that are read, beside those that open a section.
const READ: [&str; 12] = [
    "SPDXVersion",
    "SPDXID",
    "Relationship",
    "PackageName",
    "PackageVersion",
    "PackageDownloadLocation",
    "PackageLicenseDeclared",
    "PackageLicenseConcluded",
    "PrimaryPackagePurpose",
    "PackageChecksum",
    "ExternalRef",
    "FileName",
];

/// What the following tags are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Document,
    Package,
    /// A file or snippet.
    Element,
    /// An annotation, a review, an extracted licence: none of their tags is read.
    Other,
}

pub fn read<'a>(reading: &Reading<'a>) -> Result<RawDocument<'a>, ReadError> {
    let mut document = RawDocument { packages: Some(Vec::new()), files: Some(Vec::new()), ..RawDocument::default() };
    let mut section = Section::Document;
    let mut lines = reading.file.text().lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (tag, value) = line.split_once(':').ok_or_else(|| reading.malformed(number, format!("{} is no `Tag: value`", quoted(line))))?;
        let tag = tag.trim_end();
        // What another reader would take for a tag or a line of its own must not be passed over.
        if line.contains('\r') || !READ.contains(&tag) && READ.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            return Err(
                reading.malformed(number, format!("{} is not clear: a line ends or a tag is spelled in an unusual way", quoted(line)))
            );
        }
        let value = match value.trim().strip_prefix("<text>") {
            None => value.trim(),
            Some(opened) => match opened.split_once("</text>") {
                Some((text, _)) => text.trim(),
                // Comments and licence texts: nothing that is read spans lines.
                None if READ.contains(&tag) => return Err(reading.malformed(number, format!("`{tag}` spans several lines"))),
                None if lines.any(|(line, _)| line.contains("</text>")) => continue,
                None => return Err(reading.malformed(number, "`<text>` is not closed".to_owned())),
            },
        };
        section = section_of(tag).unwrap_or(section);
        take(reading, &mut document, section, (tag, value), number)?;
    }
    Ok(document)
}

/// The section that a tag opens.
fn section_of(tag: &str) -> Option<Section> {
    Some(match tag {
        "PackageName" => Section::Package,
        "FileName" | "SnippetSPDXID" => Section::Element,
        "LicenseID" | "Annotator" | "Reviewer" => Section::Other,
        _ => return None,
    })
}

fn take<'a>(
    reading: &Reading<'a>,
    document: &mut RawDocument<'a>,
    section: Section,
    (tag, value): (&'a str, &'a str),
    line: u32,
) -> Result<(), ReadError> {
    let text = || Text(Cow::Borrowed(value));
    match (tag, section) {
        ("SPDXVersion", _) => once(reading, &mut document.spdx_version, text(), tag, line),
        ("Relationship", _) => {
            let parts: Vec<&str> = value.split_whitespace().collect();
            let [from, kind, to] = parts[..] else {
                return Err(reading.malformed(line, format!("the relationship {} is not `ID TYPE ID`", quoted(value))));
            };
            let [spdx_element_id, relationship_type, related_spdx_element] = [from, kind, to].map(|part| Text(Cow::Borrowed(part)));
            let related = RawRelationship { line: Some(line), spdx_element_id, relationship_type, related_spdx_element };
            document.relationships.get_or_insert_default().push(related);
            Ok(())
        }
        ("SPDXID", Section::Document) => once(reading, &mut document.id, text(), tag, line),
        ("PackageName", _) => {
            document.packages.get_or_insert_default().push(empty_package(text(), line));
            Ok(())
        }
        ("SPDXID" | "SnippetSPDXID", Section::Element) => {
            document.files.get_or_insert_default().push(RawElement { id: Some(text()) });
            Ok(())
        }
        (_, Section::Package) => match document.packages.as_mut().and_then(|packages| packages.last_mut()) {
            Some(package) => take_of_package(reading, package, (tag, value), line),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn take_of_package<'a>(
    reading: &Reading<'a>,
    package: &mut RawPackage<'a>,
    (tag, value): (&'a str, &'a str),
    line: u32,
) -> Result<(), ReadError> {
    let text = || Text(Cow::Borrowed(value));
    let field = match tag {
        "SPDXID" => &mut package.id,
        "PackageVersion" => &mut package.version_info,
        "PackageDownloadLocation" => &mut package.download_location,
        "PackageLicenseDeclared" => &mut package.license_declared,
        "PackageLicenseConcluded" => &mut package.license_concluded,
        "PrimaryPackagePurpose" => &mut package.primary_package_purpose,
        "PackageChecksum" => {
            let (algorithm, digits) = value
                .split_once(':')
                .ok_or_else(|| reading.malformed(line, format!("the checksum {} is not `ALGORITHM: DIGITS`", quoted(value))))?;
            let [algorithm, checksum_value] = [algorithm.trim(), digits.trim()].map(|part| Text(Cow::Borrowed(part)));
            package.checksums.get_or_insert_default().push(RawChecksum { algorithm, checksum_value });
            return Ok(());
        }
        "ExternalRef" => {
            let mut parts = value.split_whitespace().skip(1).map(|part| Text(Cow::Borrowed(part)));
            let (Some(reference_type), Some(reference_locator)) = (parts.next(), parts.next()) else {
                return Err(reading.malformed(line, format!("the external reference {} is not `CATEGORY TYPE LOCATOR`", quoted(value))));
            };
            package.external_refs.get_or_insert_default().push(RawExternalRef { reference_type, reference_locator, comment: None });
            return Ok(());
        }
        _ => return Ok(()),
    };
    once(reading, field, text(), tag, line)
}

/// A tag that stands once: of two, each reader would take another.
fn once<'a>(reading: &Reading<'a>, field: &mut Option<Text<'a>>, text: Text<'a>, tag: &str, line: u32) -> Result<(), ReadError> {
    match field.replace(text) {
        None => Ok(()),
        Some(_) => Err(reading.malformed(line, format!("`{tag}` stands twice"))),
    }
}

fn empty_package(name: Text<'_>, line: u32) -> RawPackage<'_> {
    RawPackage {
        line: Some(line),
        id: None,
        name,
        version_info: None,
        download_location: None,
        checksums: None,
        external_refs: None,
        license_declared: None,
        license_concluded: None,
        primary_package_purpose: None,
        annotations: None,
    }
}
