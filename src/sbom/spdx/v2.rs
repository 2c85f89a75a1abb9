//! SPDX 2.3.

use super::edges::{self, Edge};
use super::licences::{self, Declared};
use super::package::{self, Agent, File};
use super::v2_model::{Annotation, Checksum, CreationInfo, ExternalRef, ExtractedLicence, Package, Relationship, SpdxDocument};
use super::{Document, TOOL};
use crate::model::{Algorithm, Digest, Scope};
use crate::sbom::completeness::Knowledge;
use crate::sbom::cyclonedx::{Each, Hex, Property, document_properties};
use crate::sbom::view::{ComponentId, Root};
use serde::Serialize;
use std::borrow::Cow;

/// The document's own identifier (6.3).
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const NOASSERTION: &str = "NOASSERTION";
const NONE: &str = "NONE";

pub(super) fn document<'d>(of: &'d Document<'d>) -> impl Serialize + 'd {
    SpdxDocument {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: of.name(),
        document_namespace: &of.namespace,
        creation_info: CreationInfo {
            created: &of.created,
            creators: creators(of),
            license_list_version: licences::list_version(),
            comment: of.sbom_type().1,
        },
        annotations: annotations(of, &document_properties(of.view.inventory)),
        has_extracted_licensing_infos: Extracted(licences::all(of.view)),
        packages: Each(move || package::all(of.view).map(move |(id, package)| self::package(of, id, package))),
        relationships: Each(move || relationships(of)),
    }
}

/// The tool, and whom the policy names as the document's authors.
fn creators(of: &Document<'_>) -> Vec<String> {
    let authors = of.view.inventory.makers.into_iter().flat_map(|makers| &makers.authors);
    std::iter::once(format!("Tool: {TOOL}")).chain(authors.map(|author| actor(&Agent::person(author)))).collect()
}

/// `Person: NAME (MAIL)` (6.8); what stands in parentheses is read as an address.
fn actor(who: &Agent<'_>) -> String {
    let kind = if who.is_person { "Person" } else { "Organization" };
    let name = who.name.replace('(', "[").replace(')', "]");
    let email = who.email.map(|email| format!(" ({})", email.replace(['(', ')'], ""))).unwrap_or_default();
    format!("{kind}: {name}{email}")
}

/// What is declared and is no expression, each text once.
struct Extracted(std::collections::BTreeMap<String, Declared>);

impl Serialize for Extracted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |(id, declared): (&'_ String, &'_ Declared)| match declared {
            Declared::Text(text) => Some((id.clone(), text.clone())),
            Declared::Unknown | Declared::None | Declared::Expression(_) => None,
        };
        let comment = "what the package's licence field holds";
        let texts: Vec<(String, String)> = self.0.iter().filter_map(text).collect();
        serializer.collect_seq(texts.iter().map(|(id, text)| ExtractedLicence { license_id: id, extracted_text: text, comment }))
    }
}

fn package<'d>(of: &'d Document<'d>, id: Option<ComponentId>, told: package::Package<'d>) -> Package<'d> {
    let purl = told.purl.map(|purl| reference("PACKAGE-MANAGER", "purl", Cow::Borrowed(purl), None));
    let files = told.files.iter().map(|file| reference("OTHER", "distribution", file.locator.clone(), digests(file)));
    let repository = told.repository.filter(|url| !url.is_empty()).map(|url| reference("OTHER", "vcs", url, None));
    Package {
        id: id.map_or(&of.root, |id| of.id(id)),
        name: told.name,
        version_info: told.version,
        supplier: told.supplier.map_or(Cow::Borrowed(NOASSERTION), |who| Cow::Owned(actor(&who))),
        originator: told.originator.map(|who| actor(&who)),
        download_location: told.download.unwrap_or(Cow::Borrowed(NOASSERTION)),
        files_analyzed: false,
        checksums: told.digests.iter().map(|digest| checksum(digest)).collect(),
        source_info: package::source_info(&told.listed),
        license_concluded: NOASSERTION,
        license_declared: match &told.licence {
            Declared::Unknown => Cow::Borrowed(NOASSERTION),
            Declared::None => Cow::Borrowed(NONE),
            stated => stated.expression().map_or(Cow::Borrowed(NOASSERTION), Cow::Owned),
        },
        copyright_text: NOASSERTION,
        external_refs: purl.into_iter().chain(files).chain(repository).collect(),
        primary_package_purpose: if told.is_application { "APPLICATION" } else { "LIBRARY" },
        release_date: told.released,
        annotations: annotations(of, &told.properties),
    }
}

fn reference<'d>(category: &'static str, kind: &'static str, locator: Cow<'d, str>, comment: Option<String>) -> ExternalRef<'d> {
    ExternalRef { reference_category: category, reference_type: kind, reference_locator: locator, comment }
}

/// What a file of several is known by: a reference has no place for it but the comment.
fn digests(file: &File<'_>) -> Option<String> {
    (!file.digests.is_empty()).then(|| file.digests.iter().map(Digest::to_string).collect::<Vec<_>>().join(" "))
}

fn checksum<'d>(digest: &'d Digest) -> Checksum<'d> {
    let algorithm = match digest.algorithm() {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha1 => "SHA1",
        Algorithm::Sha224 => "SHA224",
        Algorithm::Sha256 => "SHA256",
        Algorithm::Sha384 => "SHA384",
        Algorithm::Sha512 => "SHA512",
    };
    Checksum { algorithm, checksum_value: Hex(digest.bytes()) }
}

fn annotations<'d>(of: &'d Document<'d>, properties: &[Property<'_>]) -> Vec<Annotation<'d>> {
    let annotation = |property: &Property<'_>| Annotation {
        annotation_date: &of.created,
        annotation_type: "OTHER",
        annotator: format!("Tool: {TOOL}"),
        comment: format!("{}={}", property.name, property.value),
    };
    properties.iter().map(annotation).collect()
}

fn relationships<'d>(of: &'d Document<'d>) -> impl Iterator<Item = Relationship<'d>> {
    let describes = relationship(DOCUMENT, "DESCRIBES", &of.root);
    let members = of.view.members().map(|id| relationship(&of.root, "CONTAINS", of.id(id)));
    let parts = remark(of.view.completeness.parts).map(|comment| unknown(&of.root, "CONTAINS", comment));
    let subject = match &of.view.root {
        Root::Package(_) => &[][..],
        Root::Repository { requires, .. } => requires,
    };
    let subject = subject.iter().map(|id| relationship(&of.root, "DEPENDS_ON", of.id(*id)));
    let is_repository = matches!(of.view.root, Root::Repository { .. });
    let rest = is_repository.then(|| rest(&of.root, subject.len() == 0, of.view.completeness.root)).flatten();
    std::iter::once(describes)
        .chain(members)
        .chain(parts)
        .chain(subject)
        .chain(rest)
        .chain(of.view.ids().flat_map(|id| dependencies(of, id)))
}

fn dependencies<'d>(of: &'d Document<'d>, id: ComponentId) -> impl Iterator<Item = Relationship<'d>> {
    let edges = edges::from(&of.edges, id);
    let all = edges.iter().filter(|edge| !is_said_twice(edges, edge)).map(|edge| dependency(of, edge));
    all.chain(rest(of.id(id), edges.is_empty(), of.view.knowledge(id)))
}

/// A dependency of which one lockfile tells that it is of the runtime and another tells nothing has one word.
fn is_said_twice(edges: &[Edge], edge: &Edge) -> bool {
    edge.scope.is_none() && edges.binary_search(&Edge { scope: Some(Scope::Runtime), ..*edge }).is_ok()
}

/// By the scope; where none is told, the general word, which readers take for a dependency of the runtime.
fn dependency<'d>(of: &'d Document<'d>, edge: &Edge) -> Relationship<'d> {
    let (from, to) = (of.id(edge.from), of.id(edge.to));
    match edge.scope {
        None | Some(Scope::Runtime) => relationship(from, "DEPENDS_ON", to),
        Some(Scope::Development) => relationship(to, "DEV_DEPENDENCY_OF", from),
        Some(Scope::Build) => relationship(to, "BUILD_DEPENDENCY_OF", from),
        Some(Scope::Optional) => relationship(to, "OPTIONAL_DEPENDENCY_OF", from),
        Some(Scope::Peer) => relationship(to, "PROVIDED_DEPENDENCY_OF", from),
    }
}

/// What there is to say beside the dependencies themselves: that there are none, or that there may be more (11.1).
fn rest<'d>(id: &'d str, is_empty: bool, knowledge: Knowledge) -> Option<Relationship<'d>> {
    match remark(knowledge) {
        Some(comment) => Some(unknown(id, "DEPENDS_ON", comment)),
        None => is_empty.then(|| relationship(id, "DEPENDS_ON", NONE)),
    }
}

fn remark(knowledge: Knowledge) -> Option<&'static str> {
    match knowledge {
        Knowledge::Complete => None,
        Knowledge::Unknown => Some("whether there are more is not known"),
        Knowledge::Incomplete => Some("incomplete: there is something that the document does not list"),
    }
}

fn unknown<'d>(id: &'d str, kind: &'static str, comment: &'static str) -> Relationship<'d> {
    Relationship { comment: Some(comment), ..relationship(id, kind, NOASSERTION) }
}

fn relationship<'d>(from: &'d str, kind: &'static str, to: &'d str) -> Relationship<'d> {
    Relationship { spdx_element_id: from, relationship_type: kind, related_spdx_element: to, comment: None }
}
