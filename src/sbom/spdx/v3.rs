//! SPDX 3.0.1: a flat list of elements that name each other by their IRIs, which are the document's namespace with the
//! identifier that 2.3 has as the fragment.

use super::edges::{self, Edge};
use super::id::escaped;
use super::licences::{self, Declared};
use super::package::{self, Agent, File, Package};
use super::v3_model::{
    CreationInfo, DictionaryEntry, Element, Entry, ExternalIdentifier, ExternalRef, Hash, PropertiesExtension, PropertyEntry, Root,
};
use super::{Document, TOOL};
use crate::model::{Digest, Scope};
use crate::sbom::completeness::Knowledge;
use crate::sbom::cyclonedx::{Hex, Property, document_properties};
use crate::sbom::view::{self, ComponentId};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
const CREATION: &str = "_:creation";
/// Core's individuals: that there is none, and that nothing is said.
const NONE: &str = "https://spdx.org/rdf/3.0.1/terms/Core/NoneElement";
const NOASSERTION: &str = "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement";
/// The individual of ExpandedLicensing for what has no licence.
const NO_LICENCE: &str = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoneLicense";
const DATA_LICENCE: &str = "CC0-1.0";

/// What is gathered before the first entry is written, since several components share it.
struct Graph<'d> {
    of: &'d Document<'d>,
    /// The IRIs of the components, by their number.
    iris: Vec<String>,
    root: String,
    licences: BTreeMap<String, Declared>,
    agents: BTreeSet<Agent<'d>>,
}

pub(super) fn document<'d>(of: &'d Document<'d>) -> impl Serialize + 'd {
    let graph = Graph {
        of,
        iris: of.ids.iter().map(|id| format!("{}#{id}", of.namespace)).collect(),
        root: format!("{}#{}", of.namespace, of.root),
        licences: licences::all(of.view),
        agents: package::agents(of.view),
    };
    Root { context: CONTEXT, graph }
}

impl Serialize for Graph<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let head = self.head().into_iter().chain(self.licences.iter().flat_map(|(id, declared)| self.licence(id, declared)));
        let packages = package::all(self.of.view).flat_map(|(id, package)| self.package(id, package));
        let relationships = self.of_root().into_iter().chain(self.of.view.ids().flat_map(|id| self.dependencies(id)));
        serializer.collect_seq(head.chain(packages).chain(relationships))
    }
}

impl<'d> Graph<'d> {
    fn iri(&self, fragment: &str) -> String {
        format!("{}#{fragment}", self.of.namespace)
    }

    fn at(&self, id: Option<ComponentId>) -> &str {
        id.map_or(&self.root, |id| &self.iris[id.index()])
    }

    fn element<'g>(&self, kind: &'static str, iri: impl Into<Cow<'g, str>>) -> Element<'g> {
        Element { kind, spdx_id: iri.into(), creation_info: CREATION, ..Element::default() }
    }

    /// Who made the document and how, the document, and the bill of materials in it.
    fn head(&self) -> Vec<Entry<'_>> {
        let named = |kind, fragment: &str, name: &str| {
            entry(Element { name: Some(Cow::Owned(name.to_owned())), ..self.element(kind, self.iri(fragment)) })
        };
        let creation = CreationInfo {
            kind: "CreationInfo",
            id: CREATION,
            spec_version: "3.0.1",
            created: &self.of.created,
            created_by: self.created_by(),
            created_using: [self.iri("tool")],
            comment: self.of.sbom_type().1,
        };
        let agent = named("SoftwareAgent", "agent", env!("CARGO_PKG_NAME"));
        let tool = named("Tool", "tool", TOOL);
        let mut head = vec![Entry::CreationInfo(creation), agent, tool];
        head.extend(self.agents.iter().map(|agent| self.agent(agent)));
        head.extend([self.expression("data-licence", DATA_LICENCE.to_owned(), Vec::new()), self.document(), self.sbom()]);
        head
    }

    /// Whom the policy names; where it names nobody, the program.
    fn created_by(&self) -> Vec<String> {
        let authors = self.of.view.inventory.makers.into_iter().flat_map(|makers| &makers.authors);
        let mut authors: Vec<String> = authors.map(|author| self.iri(&agent_id(&Agent::person(author)))).collect();
        if authors.is_empty() {
            authors.push(self.iri("agent"));
        }
        authors
    }

    fn agent<'g>(&self, agent: &Agent<'g>) -> Entry<'g> {
        let email = |identifier| ExternalIdentifier { kind: "ExternalIdentifier", external_identifier_type: "email", identifier };
        entry(Element {
            name: Some(Cow::Borrowed(agent.name)),
            external_identifier: agent.email.map(email).into_iter().collect(),
            ..self.element(if agent.is_person { "Person" } else { "Organization" }, self.iri(&agent_id(agent)))
        })
    }

    fn document(&self) -> Entry<'_> {
        entry(Element {
            name: Some(Cow::Borrowed(self.of.name())),
            data_license: Some(self.iri("data-licence")),
            // Of `extension` too, but the official context takes that word here for the property of the same name.
            profile_conformance: vec!["core", "software", "simpleLicensing"],
            root_element: vec![self.iri("sbom")],
            extension: extension(document_properties(self.of.view.inventory)),
            ..self.element("SpdxDocument", self.iri("SPDXRef-DOCUMENT"))
        })
    }

    fn sbom(&self) -> Entry<'_> {
        let is_repository = matches!(self.of.view.root, view::Root::Repository { .. });
        let subject = is_repository.then_some(&*self.root);
        entry(Element {
            root_element: vec![self.root.clone()],
            element: subject.into_iter().chain(self.iris.iter().map(String::as_str)).collect(),
            sbom_type: vec![self.of.sbom_type().0],
            ..self.element("software_Sbom", self.iri("sbom"))
        })
    }

    /// The expression; for what is stated and is none, a reference with the text that it stands for.
    fn licence(&self, id: &str, declared: &Declared) -> Vec<Entry<'_>> {
        let Declared::Text(text) = declared else {
            return vec![self.expression(&licence_id(id), id.to_owned(), Vec::new())];
        };
        let fragment = format!("text-{}", escaped(id));
        let entries = vec![DictionaryEntry { kind: "DictionaryEntry", key: id.to_owned(), value: self.iri(&fragment) }];
        let comment = Some("what the package's licence field holds");
        let text = Element {
            licence_text: Some(text.clone()),
            comment,
            ..self.element("simplelicensing_SimpleLicensingText", self.iri(&fragment))
        };
        vec![entry(text), self.expression(&licence_id(id), id.to_owned(), entries)]
    }

    fn expression(&self, fragment: &str, text: String, custom_ids: Vec<DictionaryEntry>) -> Entry<'_> {
        let list_version = Some(licences::list_version_in_full());
        entry(Element {
            expression: Some(text),
            list_version,
            custom_ids,
            ..self.element("simplelicensing_LicenseExpression", self.iri(fragment))
        })
    }

    /// The package, its files, and the relationships that lead to those and to its licence.
    fn package<'g>(&'g self, id: Option<ComponentId>, told: Package<'g>) -> Vec<Entry<'g>> {
        let iri = self.at(id);
        let mut entries = Vec::with_capacity(2);
        let licence = match &told.licence {
            Declared::Unknown => None,
            Declared::None => Some(NO_LICENCE.to_owned()),
            stated => stated.expression().map(|text| self.iri(&licence_id(&text))),
        };
        let files: Vec<Element<'_>> = told.files.iter().enumerate().map(|(at, file)| self.file(iri, at, file)).collect();
        let to_files: Vec<String> = files.iter().map(|file| file.spdx_id.to_string()).collect();
        entries.push(entry(self.package_element(iri, told)));
        entries.extend(files.into_iter().map(entry));
        if !to_files.is_empty() {
            entries.push(self.relationship(iri, "hasDistributionArtifact", None, to_files.into_iter().map(Cow::Owned).collect(), None));
        }
        entries.extend(licence.map(|to| self.relationship(iri, "hasDeclaredLicense", None, vec![Cow::Owned(to)], None)));
        entries
    }

    fn package_element<'g>(&'g self, iri: &'g str, told: Package<'g>) -> Element<'g> {
        let identifier = |purl| ExternalIdentifier { kind: "ExternalIdentifier", external_identifier_type: "packageUrl", identifier: purl };
        let vcs = |url| ExternalRef { kind: "ExternalRef", external_ref_type: "vcs", locator: [url] };
        Element {
            name: Some(Cow::Borrowed(told.name)),
            version: told.version,
            purl: told.purl,
            download: told.download,
            purpose: Some(if told.is_application { "application" } else { "library" }),
            source_info: package::source_info(&told.listed),
            supplied_by: told.supplier.map(|who| self.iri(&agent_id(&who))),
            originated_by: told.originator.map(|who| self.iri(&agent_id(&who))).into_iter().collect(),
            release_time: told.released,
            external_identifier: told.purl.map(identifier).into_iter().collect(),
            external_ref: told.repository.filter(|url| !url.is_empty()).map(vcs).into_iter().collect(),
            verified_using: told.digests.into_iter().map(hash).collect(),
            extension: extension(told.properties),
            ..self.element("software_Package", iri)
        }
    }

    fn file<'g>(&self, package: &str, at: usize, file: &File<'g>) -> Element<'g> {
        let name = file.locator.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("file").to_owned();
        Element {
            name: Some(Cow::Owned(name)),
            external_ref: vec![ExternalRef { kind: "ExternalRef", external_ref_type: "binaryArtifact", locator: [file.locator.clone()] }],
            verified_using: file.digests.iter().map(hash).collect(),
            ..self.element("software_File", format!("{package}/file-{at}"))
        }
    }

    /// What the document describes: its parts and, where it is no package, what it requires.
    fn of_root(&self) -> Vec<Entry<'_>> {
        let iri = |id: ComponentId| Cow::Borrowed(self.at(Some(id)));
        let members: Vec<Cow<'_, str>> = self.of.view.members().map(iri).collect();
        let parts = self.of.view.completeness.parts;
        let mut entries = Vec::new();
        if !members.is_empty() || parts != Knowledge::Complete {
            entries.push(self.relationship(&self.root, "contains", None, or_individual(members, parts), Some(parts)));
        }
        if let view::Root::Repository { requires, .. } = &self.of.view.root {
            let to = requires.iter().copied().map(iri).collect();
            let known = self.of.view.completeness.root;
            entries.push(self.relationship(&self.root, "dependsOn", None, or_individual(to, known), Some(known)));
        }
        entries
    }

    /// One relationship for each scope; where there is none, that this is so, or that it is not known.
    fn dependencies(&self, id: ComponentId) -> Vec<Entry<'_>> {
        let known = self.of.view.knowledge(id);
        let from = self.at(Some(id));
        let of_scope = |edges: &[Edge]| {
            let to = edges.iter().map(|edge| Cow::Borrowed(self.at(Some(edge.to)))).collect();
            let (kind, scope) = words(edges.first().and_then(|edge| edge.scope));
            self.relationship(from, kind, scope, to, Some(known))
        };
        let edges = edges::from(&self.of.edges, id);
        if edges.is_empty() {
            return vec![self.relationship(from, "dependsOn", None, or_individual(Vec::new(), known), Some(known))];
        }
        edges.chunk_by(|a, b| a.scope == b.scope).map(of_scope).collect()
    }

    fn relationship<'g>(
        &self,
        from: &'g str,
        kind: &'static str,
        scope: Option<&'static str>,
        to: Vec<Cow<'g, str>>,
        known: Option<Knowledge>,
    ) -> Entry<'g> {
        let class = if scope.is_some() { "LifecycleScopedRelationship" } else { "Relationship" };
        let ending = scope.map(|scope| format!("-{scope}")).unwrap_or_default();
        let completeness = known.map(|known| match known {
            Knowledge::Complete => "complete",
            Knowledge::Unknown => "noAssertion",
            Knowledge::Incomplete => "incomplete",
        });
        let from = Some(Cow::Borrowed(from));
        let iri = format!("{}/{kind}{ending}", from.as_deref().unwrap_or_default());
        entry(Element { from, relationship_type: Some(kind), to, scope, completeness, ..self.element(class, iri) })
    }
}

fn entry(element: Element<'_>) -> Entry<'_> {
    Entry::Element(Box::new(element))
}

fn or_individual(to: Vec<Cow<'_, str>>, known: Knowledge) -> Vec<Cow<'_, str>> {
    match (to.is_empty(), known) {
        (false, _) => to,
        (true, Knowledge::Complete) => vec![Cow::Borrowed(NONE)],
        (true, _) => vec![Cow::Borrowed(NOASSERTION)],
    }
}

/// The kind of a relationship, and its scope where one is told.
fn words(scope: Option<Scope>) -> (&'static str, Option<&'static str>) {
    match scope {
        None => ("dependsOn", None),
        Some(Scope::Runtime) => ("dependsOn", Some("runtime")),
        Some(Scope::Development) => ("dependsOn", Some("development")),
        Some(Scope::Build) => ("dependsOn", Some("build")),
        Some(Scope::Optional) => ("hasOptionalDependency", None),
        Some(Scope::Peer) => ("hasProvidedDependency", None),
    }
}

fn hash(digest: &Digest) -> Hash<'_> {
    Hash { kind: "Hash", algorithm: digest.algorithm().as_str(), hash_value: Hex(digest.bytes()) }
}

fn extension(properties: Vec<Property<'_>>) -> Vec<PropertiesExtension<'_>> {
    if properties.is_empty() {
        return Vec::new();
    }
    let entries = properties.into_iter().map(|Property { name, value }| PropertyEntry { kind: "extension_CdxPropertyEntry", name, value });
    vec![PropertiesExtension { kind: "extension_CdxPropertiesExtension", properties: entries.collect() }]
}

fn licence_id(expression: &str) -> String {
    format!("licence-{}", escaped(expression))
}

fn agent_id(who: &Agent<'_>) -> String {
    let kind = if who.is_person { "person" } else { "organization" };
    // A slash stands in no escaped text.
    format!("{kind}-{}/{}", escaped(who.name), escaped(who.email.unwrap_or_default()))
}
