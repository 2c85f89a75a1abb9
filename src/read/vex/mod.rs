//! VEX documents: OpenVEX (JSON) and CycloneDX's vulnerabilities with their analysis (JSON of 1.4 to 1.7, XML too).
//!
//! A document is read whole or not at all. What it says in words that are not known is an error; what it says of things
//! that no lockfile holds is counted and told.

mod openvex;

use super::document::purl::{Purl, Said};
use super::error::ReadErrorKind;
use super::json::Lenient;
use super::{ReadError, conflict_marker, cyclonedx, json};
use crate::model::text::quoted;
use crate::model::vex::Statement;
use crate::model::{Gap, GapKind, Package, PackageName, RelPath, SourceFile, Version};
use serde::Deserialize;

/// What a document says.
#[derive(Clone, Debug)]
pub struct Vex {
    pub file: RelPath,
    pub statements: Vec<Statement>,
    /// What of it is held against nothing.
    pub gaps: Vec<Gap>,
}

/// What mends a document that cannot be read.
pub const HINT: &str = "let the tool that made the document write it again, or name another: OpenVEX, or CycloneDX with vulnerabilities";

#[derive(Deserialize)]
#[serde(expecting = "the object of a VEX document")]
struct Head<'a> {
    #[serde(borrow, rename = "@context")]
    context: Option<Lenient<'a>>,
    #[serde(borrow, rename = "bomFormat")]
    bom_format: Option<Lenient<'a>>,
    #[serde(borrow)]
    document: Option<Lenient<'a>>,
}

pub fn read(file: &SourceFile) -> Result<Vex, ReadError> {
    let at = |kind, line| Err(ReadError::new(file.path(), Some(line), kind));
    if let Some(line) = conflict_marker(file.text()) {
        return at(ReadErrorKind::Conflict, line);
    }
    if file.text().trim().is_empty() {
        return at(ReadErrorKind::Empty, 1);
    }
    if file.text().trim_start().starts_with('<') {
        return cyclonedx::read_vex(file);
    }
    let head: Head<'_> = json::parse(file)?;
    match head {
        Head { bom_format: Some(_), context: None, .. } => cyclonedx::read_vex(file),
        Head { bom_format: None, context: Some(_), .. } => openvex::read(file),
        Head { bom_format: Some(_), context: Some(_), .. } => {
            Err(ReadError::malformed(file.path(), 1, "the document calls itself both CycloneDX and OpenVEX"))
        }
        Head { document: Some(Lenient::Object(of)), .. } if of.get("csaf_version").is_some() => {
            Err(ReadError::malformed(file.path(), 1, "this is CSAF, which is not read"))
        }
        _ => Err(ReadError::malformed(
            file.path(),
            1,
            "this is no VEX document: it has neither OpenVEX's `@context` nor CycloneDX's `bomFormat`",
        )),
    }
}

/// A package URL as what a statement can be of, with what of it makes it less than the package.
pub(super) fn package(text: &str) -> Result<(Package, Option<&'static str>), String> {
    let purl = Purl::parse(text).map_err(|what| format!("{} is no package URL: {what}", quoted(text)))?;
    let ecosystem = purl.ecosystem().ok_or_else(|| format!("packages of the type {} are not known here", quoted(&purl.kind)))?;
    let name = PackageName::new(ecosystem, &purl.full_name()).map_err(|error| error.to_string())?;
    let version = purl.version.as_deref().map(Version::new).transpose().map_err(|error| error.to_string())?;
    let narrows = |key: &str| !["repository_url", "vcs_url", "download_url"].contains(&key);
    let narrowed = if purl.subpath.is_some() {
        Some("of one folder of the package alone")
    } else if purl.qualifiers.iter().any(|(key, _)| narrows(key)) {
        Some("of one file or build of the package alone")
    } else {
        None
    };
    let source = purl.source(ecosystem, &Said::default());
    Ok((Package { ecosystem, name, version, source }, narrowed))
}

/// What is held against nothing, in one gap: how many, and the first.
#[derive(Default)]
pub(super) struct Unheld {
    pub number: usize,
    pub first: Option<(u32, String)>,
}

impl Unheld {
    pub fn add(&mut self, line: u32, what: String) {
        self.number += 1;
        self.first.get_or_insert((line, what));
    }

    pub fn gap(self, file: &RelPath) -> Option<Gap> {
        let (line, what) = self.first?;
        let many = if self.number == 1 { "1 thing".to_owned() } else { format!("{} things", self.number) };
        let message = format!("statements are of {many} that no lockfile holds, and are not applied; the first: {what}");
        Some(Gap { kind: GapKind::UnreadStatement, file: file.clone(), line: Some(line), message })
    }
}
