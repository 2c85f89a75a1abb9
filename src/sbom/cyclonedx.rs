//! CycloneDX: a view to a document of the specification, in any of its versions, as JSON or XML.
//!
//! Both encodings are of one value. The document is never whole in memory: its lists are made entry by entry as they are written.

mod components;
mod licences;
mod model;
mod registry;
mod story;
mod version;
mod vulnerabilities;
mod xml_shape;
mod xml_text;

pub(super) use self::components::{component_properties, patch_properties, purl_of_file};
pub(super) use self::licences::declared as declared_licence;
pub(super) use self::model::{Each, Hex, LicenseChoice, Property};
pub(super) use self::registry::{facts as facts_of, repository as repository_of, told as told_of_registry};

use self::components::{component, nested, root_component};
use self::model::{Bom, Component, Composition, Contact, Dependency, LifecyclePhase, Metadata, Organization};
use self::version::Field;
use super::completeness::Knowledge;
use super::view::{ComponentId, Root, View};
use super::{CycloneDx, Inventory, Lifecycle, flaws, iri, json_text, properties, serial};
use crate::judge::policy::Organisation;
use crate::model::{Gap, Identity};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, Write};

/// What a document says about itself and not about its subject.
struct Stamp {
    serial: String,
    timestamp: String,
}

pub(super) fn write_json(inventory: &Inventory<'_>, version: CycloneDx, out: &mut dyn Write) -> io::Result<()> {
    let view = View::new(inventory);
    let stamp = Stamp::new(&view)?;
    json_text::write(&document(&view, &stamp, version, version.json_schema()), out)
}

pub(super) fn write_xml(inventory: &Inventory<'_>, version: CycloneDx, out: &mut dyn Write) -> io::Result<()> {
    let view = View::new(inventory);
    let stamp = Stamp::new(&view)?;
    xml_text::write("bom", &document(&view, &stamp, version, version.xml_namespace()), out)
}

impl Stamp {
    fn new(view: &View<'_>) -> io::Result<Stamp> {
        Ok(Stamp { serial: serial::number(view), timestamp: super::timestamp(view.inventory)? })
    }
}

fn document<'v>(view: &'v View<'v>, stamp: &'v Stamp, version: CycloneDx, schema: &'static str) -> impl Serialize + 'v {
    let story = story::of(view, &stamp.timestamp, version);
    Bom {
        schema,
        bom_format: "CycloneDX",
        spec_version: version.as_str(),
        serial_number: &stamp.serial,
        version: 1,
        metadata: metadata(view, stamp, version),
        components: Each(move || view.third_party().map(move |id| component(view, id, version))),
        dependencies: Each(|| dependencies(view)),
        compositions: compositions(view),
        vulnerabilities: flaws::are_told(view.inventory).then(|| vulnerabilities::of(view, version)),
        annotations: story.annotations,
        formulation: story.formulation,
        declarations: story.declarations,
        definitions: story.definitions,
        citations: story.citations,
    }
}

fn metadata<'v>(view: &'v View<'v>, stamp: &'v Stamp, version: CycloneDx) -> Metadata<'v> {
    let phase = phase(view.inventory.lifecycle);
    let has_lifecycles = version.has(Field::Lifecycles);
    let mut properties = document_properties(view.inventory);
    properties.extend((!has_lifecycles).then(|| Property::new(properties::LIFECYCLE, phase)));
    properties.sort();
    let (authors, supplier, manufacturer) = makers(view.inventory);
    let of_component = version.has(Field::Manufacturer);
    let described = Component {
        supplier: supplier.map(organization),
        manufacturer: manufacturer.filter(|_| of_component).map(organization),
        components: nested(view, version),
        ..root_component(view, version)
    };
    Metadata {
        timestamp: &stamp.timestamp,
        lifecycles: has_lifecycles.then_some([LifecyclePhase { phase }]),
        tools: version.tools(),
        authors: authors.iter().map(contact).collect(),
        component: described,
        manufacture: manufacturer.filter(|_| !of_component).map(organization),
        supplier: supplier.map(organization),
        properties,
    }
}

/// Authors, supplier, manufacturer, as the policy names them.
fn makers<'v>(inventory: &'v Inventory<'v>) -> (&'v [Identity], Option<&'v Organisation>, Option<&'v Organisation>) {
    inventory.makers.map_or((&[], None, None), |makers| (&makers.authors, makers.supplier.as_ref(), makers.manufacturer.as_ref()))
}

fn organization(organisation: &Organisation) -> Organization<'_> {
    Organization {
        name: &organisation.name,
        url: organisation.url.iter().map(|url| iri::reference(url)).collect(),
        contact: organisation.contact.iter().map(contact).collect(),
    }
}

fn contact(who: &Identity) -> Contact<'_> {
    Contact { name: &who.name, email: &who.email }
}

fn phase(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::PreBuild => "pre-build",
        Lifecycle::Build => "build",
    }
}

pub(super) fn document_properties<'v>(inventory: &'v Inventory<'v>) -> Vec<Property<'v>> {
    let mut found: Vec<Property<'_>> =
        inventory.revision.into_iter().map(|revision| Property::new(properties::REVISION, revision.as_str())).collect();
    for graph in inventory.graphs {
        found.push(Property::new(properties::LOCKFILE, format!("{} {}: {}", graph.format, graph.dialect, graph.lockfile)));
        let knows = &graph.knows;
        let told = [
            ("edges", &knows.edges),
            ("directness", &knows.directness),
            ("scopes", &knows.scopes),
            ("digests", &knows.digests),
            ("installed", &knows.installed),
        ];
        let reasons = told.into_iter().filter_map(|(what, told)| Some((what, told.reason()?)));
        found.extend(reasons.map(|(what, reason)| Property::new(properties::NOT_TOLD, format!("{}: {what}: {reason}", graph.lockfile))));
    }
    let stores = inventory.exposure.iter().flat_map(|exposure| &exposure.stores);
    found.extend(stores.map(|store| Property::new(properties::ADVISORIES, store.as_str())));
    let gaps = inventory.graphs.iter().flat_map(|graph| &graph.gaps).chain(inventory.gaps);
    found.extend(gaps.map(|gap| Property::new(properties::GAP, gap_text(gap))));
    found.sort();
    found.dedup();
    found
}

fn gap_text(gap: &Gap) -> String {
    let line = gap.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}: {}{line}: {}", gap.kind, gap.file, gap.message)
}

/// One entry for each reference, sorted. An empty list says that there are no dependencies (the
/// specification's own reading); where that is not known the list is absent.
fn dependencies<'v>(view: &'v View<'v>) -> impl Iterator<Item = Dependency<'v>> {
    let entry = |reference, on: Vec<&'v str>, knowledge| {
        let is_silent = on.is_empty() && knowledge != Knowledge::Complete;
        Dependency { reference, depends_on: (!is_silent).then_some(on) }
    };
    let references = |ids: &mut dyn Iterator<Item = ComponentId>| ids.map(|id| view.reference(id)).collect::<Vec<_>>();
    let packages = view.ids().map(move |id| entry(view.reference(id), references(&mut view.requires(id)), view.knowledge(id)));
    // `root:` sorts behind every purl.
    let repository = match &view.root {
        Root::Package(_) => None,
        Root::Repository { reference, requires } => {
            Some(entry(reference, references(&mut requires.iter().copied()), view.completeness.root))
        }
    };
    packages.chain(repository)
}

/// What is known to be complete: the root's parts, and every component's own dependencies.
/// References do not cascade, so each stands in the one list that is true of it.
fn compositions<'v>(view: &'v View<'v>) -> Vec<impl Serialize + 'v> {
    Knowledge::ALL.into_iter().filter_map(|knowledge| composition(view, knowledge)).collect()
}

fn composition<'v>(view: &'v View<'v>, knowledge: Knowledge) -> Option<Composition<'v, impl Serialize + 'v>> {
    let parts = (view.completeness.parts == knowledge).then(|| view.root_reference());
    let references = move || {
        let repository = matches!(view.root, Root::Repository { .. }).then_some((view.root_reference(), view.completeness.root));
        let all = view.ids().map(|id| (view.reference(id), view.knowledge(id))).chain(repository);
        all.filter(move |(_, known)| *known == knowledge).map(|(reference, _)| reference)
    };
    let is_empty = references().next().is_none();
    (parts.is_some() || !is_empty).then(|| Composition {
        aggregate: match knowledge {
            Knowledge::Complete => "complete",
            Knowledge::Unknown => "unknown",
            Knowledge::Incomplete => "incomplete",
        },
        assemblies: parts.into_iter().collect(),
        dependencies: (!is_empty).then_some(Each(references)),
    })
}

impl<'a> Property<'a> {
    fn new(name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        Property { name, value: value.into() }
    }
}
