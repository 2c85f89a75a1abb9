//! CycloneDX documents: JSON of the versions 1.2 to 1.7, XML of 1.3 to 1.7.
//!
//! What our own `sbom` writes is read back exactly. Read are the subject, the components with their
//! parts, dependencies and completeness, and vulnerabilities, which alone make no SBOM. Left aside on purpose, for
//! it says nothing of what ships: pedigree (what a component was made from), formulation (how), tools, annotations,
//! evidence.

mod components;
mod elements;
mod flaws;
mod vex;
mod wire;
mod xml;

pub(super) use vex::read as read_vex;

use super::document::told::{self, GAP, NOT_TOLD};
use super::document::{self, Document, Relation};
use super::error::ReadErrorKind;
use super::json::{self, Text};
use super::{Capabilities, Files, Format, FormatId, Parsed, ReadError, Want};
use crate::model::text::{quoted, shortened, visible};
use crate::model::{Ecosystem, Gap, GapKind, Lines, RelPath, SourceFile};
use wire::{Bom, Composition, Service};

pub struct CycloneDx;

const ID: FormatId = "cyclonedx";

impl Format for CycloneDx {
    fn id(&self) -> FormatId {
        ID
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        None
    }

    fn is_document(&self) -> bool {
        true
    }

    fn names(&self) -> &[&str] {
        &["bom.json", "bom.xml", "*.cdx.json", "*.cdx.xml"]
    }

    fn claims(&self, path: &RelPath) -> bool {
        let name = path.file_name();
        matches!(name, "bom.json" | "bom.xml") || name.ends_with(".cdx.json") || name.ends_with(".cdx.xml")
    }

    fn is_form_of(&self, file: &SourceFile) -> bool {
        let text = file.text();
        let marks = if is_xml(text) { [xml::NAMESPACE, xml::NAMESPACE] } else { ["\"bomFormat\"", "cyclonedx.org/schema/bom-"] };
        marks.iter().any(|mark| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[])
    }

    fn companions(&self, _files: &Files) -> Vec<Want> {
        Vec::new()
    }

    fn knows(&self) -> Capabilities {
        document::KNOWS
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let file = &files.lockfile;
        Reading::of(file).document(bom(file)?)?.into_parsed(file.path())
    }
}

fn bom(file: &SourceFile) -> Result<Bom<'_>, ReadError> {
    if is_xml(file.text()) { xml::read(file) } else { json::parse(file) }
}

fn is_xml(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// The file that is being read, for lines and errors.
struct Reading<'a> {
    file: &'a SourceFile,
    lines: Lines<'a>,
}

impl<'a> Reading<'a> {
    fn of(file: &'a SourceFile) -> Self {
        Reading { file, lines: Lines::new(file.text()) }
    }

    fn document(&self, bom: Bom<'a>) -> Result<Document<'a>, ReadError> {
        let mut document = Document::new(ID, self.dialect(&bom)?);
        self.refuse_statement_alone(&bom)?;
        let metadata = bom.metadata.unwrap_or_default();
        for property in metadata.properties.iter().flatten() {
            let (Some(name), Some(value)) = (&property.name, &property.value) else { continue };
            match &**name {
                GAP => document.gaps.push(told::gap(value, self.file.path(), self.line(value, 1))),
                NOT_TOLD => document.not_told.extend(told::not_told(value)),
                _ => {}
            }
        }
        document.gaps.extend(self.incomplete(bom.compositions.as_deref().unwrap_or_default(), document.gaps.is_empty()));
        self.components(metadata.component, bom.components.unwrap_or_default(), &mut document)?;
        services(bom.services.unwrap_or_default(), &mut document);
        if let Some(raw) = bom.vulnerabilities {
            let (flaws, lost) = self.flaws(raw);
            document.flaws = Some(flaws);
            document.gaps.extend(lost);
        }
        let dependencies = bom.dependencies.unwrap_or_default();
        document.relations.reserve(dependencies.len());
        for dependency in dependencies {
            let targets = [dependency.depends_on, dependency.provides].into_iter().flatten().flatten();
            let line_of = |to: &Text<'_>| to.offset_in(self.file.text()).map(|offset| self.lines.line(offset));
            document.relations.extend(targets.enumerate().map(|(number, to)| Relation {
                from: dependency.reference.0.clone(),
                line: dependency.lines.get(number).copied().or_else(|| line_of(&to)).unwrap_or_else(|| self.line(&dependency.reference, 1)),
                to: to.0,
                scope: None,
            }));
        }
        Ok(document)
    }

    fn dialect(&self, bom: &Bom<'_>) -> Result<&'static str, ReadError> {
        let missing = |what: &str| ReadError::malformed(self.file.path(), 1, format!("`{what}` is missing: this is no CycloneDX document"));
        let format = bom.bom_format.as_ref().ok_or_else(|| missing("bomFormat"))?;
        if &**format != "CycloneDX" {
            let message = format!("`bomFormat` is {}, not `CycloneDX`", quoted(format));
            return Err(ReadError::malformed(self.file.path(), self.line(format, 1), message));
        }
        let version = bom.spec_version.as_ref().ok_or_else(|| missing("specVersion"))?;
        let known = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"].into_iter().find(|known| *known == &**version);
        known.ok_or_else(|| {
            let kind = ReadErrorKind::UnknownVersion { found: visible(&shortened(version, 40)).into_owned(), known: "1.2 to 1.7" };
            ReadError::new(self.file.path(), Some(self.line(version, 1)), kind)
        })
    }

    /// A document without a list of components says nothing of them: a VEX document is about the
    /// vulnerabilities of what another one lists.
    fn refuse_statement_alone(&self, bom: &Bom<'_>) -> Result<(), ReadError> {
        if bom.components.is_some() {
            return Ok(());
        }
        let what = match bom.vulnerabilities {
            Some(_) => {
                "the document tells of vulnerabilities alone (VEX) and lists no components: give the SBOM that it speaks of, and this one by --vex"
            }
            None => "`components` is missing: the document does not say what there is",
        };
        Err(ReadError::malformed(self.file.path(), 1, what))
    }

    /// What the document itself calls incomplete. Our own says by its gaps what is missing.
    fn incomplete(&self, compositions: &[Composition<'_>], is_unexplained: bool) -> Vec<Gap> {
        let claims = compositions.iter().filter(|claim| claim.aggregate.starts_with("incomplete") && is_unexplained);
        let gap = |claim: &Composition<'_>| {
            let (what, of) = match (claim.assemblies.as_deref(), claim.dependencies.as_deref()) {
                (Some([of, ..]), _) => ("the parts", Some(of)),
                (_, Some([of, ..])) => ("the dependencies", Some(of)),
                _ => ("something", None),
            };
            let of = of.map(|of| format!(" of {}", quoted(of))).unwrap_or_default();
            let message = format!("the document calls {what}{of} {}", quoted(&claim.aggregate));
            let line = Some(self.line(&claim.aggregate, 1));
            Gap { kind: GapKind::UnknownRequirement, file: self.file.path().clone(), line, message }
        };
        claims.map(gap).collect()
    }

    fn line(&self, text: &Text<'_>, otherwise: u32) -> u32 {
        text.line(self.file.text(), &self.lines, otherwise)
    }

    fn malformed(&self, line: u32, message: String) -> ReadError {
        ReadError::malformed(self.file.path(), line, message)
    }
}

fn services<'a>(services: Vec<Service<'a>>, document: &mut Document<'a>) {
    for service in services {
        document.others.extend(service.bom_ref.map(|reference| reference.0));
        self::services(service.services.unwrap_or_default(), document);
    }
}
