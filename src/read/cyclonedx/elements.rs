//! CycloneDX XML of the versions 1.6 and 1.7, which the crate does not know, into the same wire structs.
//!
//! The document is read entry by entry: one component with all that is in it is the most that is held as
//! elements. Only elements of CycloneDX's own namespace count; extensions of others say nothing here.
//! Depth, entities and elements that stand twice were looked at before, by [`super::xml`].

use super::wire::{
    Affected, AffectedVersion, Analysis, Bom, Component, Composition, Dependency, ExternalReference, Hash, Licence, LicenceChoice, Link,
    Metadata, Named, Property, Rating, Service, Source, SourcedId, Vulnerability,
};
use super::xml::NAMESPACE;
use crate::model::text::quoted;
use crate::read::json::Text;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use xml::common::Position;
use xml::reader::{EventReader, ParserConfig, XmlEvent};

/// What is wrong, and on which line.
pub type Wrong = (u32, String);

/// Reads a document of a version whose namespace is known.
pub fn read<'a>(text: &str, version: &'static str) -> Result<Bom<'a>, Wrong> {
    let (mut events, mut root) = Events::of(text, version)?;
    let mut bom = Bom {
        serial_number: root.attribute("serialNumber"),
        bom_format: Some(borrowed("CycloneDX")),
        spec_version: Some(borrowed(version)),
        metadata: None,
        components: None,
        services: None,
        dependencies: None,
        compositions: None,
        vulnerabilities: None,
    };
    while let Some(part) = events.child()? {
        match &*part.name {
            "metadata" => bom.metadata = Some(metadata(events.whole(part)?)?),
            "components" => bom.components = Some(events.each(|child| component(child).map(Box::new))?),
            "services" => bom.services = Some(events.each(|child| Ok(service(child)))?),
            "dependencies" => bom.dependencies = Some(events.each(dependency)?),
            "compositions" => bom.compositions = Some(events.each(composition)?),
            "vulnerabilities" => bom.vulnerabilities = Some(events.each(vulnerability)?),
            _ => drop(events.whole(part)?),
        }
    }
    events.end()?;
    Ok(bom)
}

/// What the crate for the older versions is not asked for: who made the document and when, and the flaws.
pub fn rest<'a>(text: &str, version: &'static str, bom: Bom<'a>) -> Result<Bom<'a>, Wrong> {
    let (mut events, mut root) = Events::of(text, version)?;
    let mut bom = Bom { serial_number: root.attribute("serialNumber"), ..bom };
    while let Some(part) = events.child()? {
        match &*part.name {
            "metadata" => {
                let Metadata { timestamp, authors, supplier, .. } = metadata(events.whole(part)?)?;
                bom.metadata = bom.metadata.map(|metadata| Metadata { timestamp, authors, supplier, ..metadata });
            }
            "vulnerabilities" => bom.vulnerabilities = Some(events.each(vulnerability)?),
            _ => drop(events.whole(part)?),
        }
    }
    Ok(bom)
}

/// An element with all that is in it; text that stands beside elements counts as text of the element.
struct Element {
    name: String,
    line: u32,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

struct Events<'t> {
    reader: EventReader<&'t [u8]>,
    namespace: String,
}

impl<'t> Events<'t> {
    /// Of a document, with its outermost element.
    fn of(text: &'t str, version: &'static str) -> Result<(Self, Element), Wrong> {
        let config = ParserConfig::new().cdata_to_characters(true).whitespace_to_characters(true).coalesce_characters(true);
        let reader = EventReader::new_with_config(text.as_bytes(), config);
        let mut events = Events { reader, namespace: format!("{NAMESPACE}{version}") };
        let root = events.root()?;
        if root.name == "bom" { Ok((events, root)) } else { Err((root.line, "the outermost element is not `bom`".to_owned())) }
    }

    fn next(&mut self) -> Result<XmlEvent, Wrong> {
        self.reader.next().map_err(|error| (line(error.position().row), error.msg().to_owned()))
    }

    fn root(&mut self) -> Result<Element, Wrong> {
        loop {
            match self.next()? {
                XmlEvent::StartElement { name, attributes, .. } => return self.started(name, attributes),
                XmlEvent::EndDocument => return Err((1, "there is no element".to_owned())),
                _ => {}
            }
        }
    }

    /// The next element inside of the one that is open, without what is in it; `None` at its end.
    fn child(&mut self) -> Result<Option<Element>, Wrong> {
        loop {
            match self.next()? {
                XmlEvent::StartElement { name, attributes, .. } => return self.started(name, attributes).map(Some),
                XmlEvent::EndElement { .. } | XmlEvent::EndDocument => return Ok(None),
                _ => {}
            }
        }
    }

    /// An element with what is in it.
    fn whole(&mut self, mut element: Element) -> Result<Element, Wrong> {
        loop {
            match self.next()? {
                XmlEvent::StartElement { name, attributes, .. } => {
                    let child = self.started(name, attributes)?;
                    let child = self.whole(child)?;
                    element.children.push(child);
                }
                XmlEvent::Characters(text) => element.text.push_str(&text),
                XmlEvent::EndElement { .. } | XmlEvent::EndDocument => return Ok(element),
                _ => {}
            }
        }
    }

    /// Every element inside of the one that is open.
    fn each<T>(&mut self, mut of: impl FnMut(Element) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        let mut found = Vec::new();
        while let Some(child) = self.child()? {
            let is_ours = !child.name.is_empty();
            let child = self.whole(child)?;
            if is_ours {
                found.push(of(child)?);
            }
        }
        Ok(found)
    }

    /// What is behind the outermost element is well-formed too.
    fn end(&mut self) -> Result<(), Wrong> {
        while self.next()? != XmlEvent::EndDocument {}
        Ok(())
    }

    /// An element of another namespace has no name here. One of another version of CycloneDX would be read by
    /// some tools and not by others.
    fn started(&self, name: xml::name::OwnedName, attributes: Vec<xml::attribute::OwnedAttribute>) -> Result<Element, Wrong> {
        let line = line(self.reader.position().row);
        let is_ours = name.namespace.as_deref() == Some(&self.namespace);
        if let Some(other) = name.namespace.as_deref().filter(|other| !is_ours && other.starts_with(NAMESPACE)) {
            return Err((line, format!("{} is of {}, and the document of {}", quoted(&name.local_name), quoted(other), self.namespace)));
        }
        let own = attributes.into_iter().filter(|attribute| attribute.name.namespace.is_none());
        Ok(Element {
            name: if is_ours { name.local_name } else { String::new() },
            line,
            attributes: own.map(|attribute| (attribute.name.local_name, attribute.value)).collect(),
            children: Vec::new(),
            text: String::new(),
        })
    }
}

/// Rows are counted from 0.
fn line(row: u64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX).saturating_add(1)
}

impl Element {
    fn take(&mut self, name: &str) -> Option<Element> {
        let at = self.children.iter().position(|child| child.name == name)?;
        Some(self.children.remove(at))
    }

    /// The text of a child.
    fn text<'a>(&mut self, name: &str) -> Option<Text<'a>> {
        self.take(name).map(|child| owned(child.text))
    }

    /// The text of a child that is a word or an address: white space around it does not count.
    fn word<'a>(&mut self, name: &str) -> Option<Text<'a>> {
        self.take(name).map(|child| owned(child.text.trim().to_owned()))
    }

    fn attribute<'a>(&mut self, name: &str) -> Option<Text<'a>> {
        let at = self.attributes.iter().position(|(key, _)| key == name)?;
        Some(owned(self.attributes.swap_remove(at).1))
    }

    /// The children of a child, those of other namespaces left out.
    fn list<T>(&mut self, name: &str, of: impl FnMut(Element) -> Result<T, Wrong>) -> Result<Option<Vec<T>>, Wrong> {
        let list = self.take(name).map(|list| list.children.into_iter().filter(|child| !child.name.is_empty()).map(of).collect());
        list.transpose()
    }

    fn must<'a>(&self, what: &str, found: Option<Text<'a>>) -> Result<Text<'a>, Wrong> {
        found.ok_or_else(|| (self.line, format!("`{what}` of this {} is missing", self.name)))
    }
}

fn owned<'a>(text: String) -> Text<'a> {
    Text(Cow::Owned(text))
}

fn borrowed(text: &'static str) -> Text<'static> {
    Text(Cow::Borrowed(text))
}

fn metadata<'a>(mut element: Element) -> Result<Metadata<'a>, Wrong> {
    Ok(Metadata {
        component: element.take("component").map(component).transpose()?.map(Box::new),
        properties: element.list("properties", |child| Ok(property(child)))?,
        timestamp: element.word("timestamp"),
        authors: element.list("authors", |child| Ok(named(child)))?,
        supplier: element.take("supplier").map(named),
    })
}

fn named<'a>(mut element: Element) -> Named<'a> {
    Named { name: element.text("name") }
}

fn component<'a>(mut element: Element) -> Result<Component<'a>, Wrong> {
    let (kind, name) = (element.attribute("type"), element.text("name"));
    Ok(Component {
        line: Some(element.line),
        kind: element.must("type", kind)?,
        bom_ref: element.attribute("bom-ref"),
        group: element.text("group"),
        name: element.must("name", name)?,
        version: element.text("version"),
        scope: element.word("scope"),
        hashes: element.list("hashes", hash)?,
        licenses: element.list("licenses", |child| Ok(licence(child)))?,
        purl: element.word("purl"),
        external_references: element.list("externalReferences", reference)?,
        properties: element.list("properties", |child| Ok(property(child)))?,
        components: element.list("components", |child| component(child).map(Box::new))?,
        modified: element.text("modified").map(|text| text.trim() == "true"),
        pedigree: element.take("pedigree").map(|_| serde::de::IgnoredAny),
    })
}

fn service<'a>(mut element: Element) -> Service<'a> {
    let inner = element.take("services").map(|list| list.children.into_iter().map(service).collect());
    Service { bom_ref: element.attribute("bom-ref"), services: inner }
}

fn hash<'a>(mut element: Element) -> Result<Hash<'a>, Wrong> {
    let algorithm = element.attribute("alg");
    Ok(Hash { alg: element.must("alg", algorithm)?, content: owned(element.text.trim().to_owned()) })
}

fn licence<'a>(mut element: Element) -> LicenceChoice<'a> {
    let acknowledgement = element.attribute("acknowledgement");
    let expression = match &*element.name {
        "expression" => Some(owned(std::mem::take(&mut element.text))),
        "expression-detailed" => element.attribute("expression"),
        _ => None,
    };
    let licence = (expression.is_none()).then(|| Licence { id: element.word("id"), name: element.text("name"), acknowledgement: None });
    LicenceChoice { license: licence.map(Box::new), expression, acknowledgement }
}

fn reference<'a>(mut element: Element) -> Result<ExternalReference<'a>, Wrong> {
    let (kind, url) = (element.attribute("type"), element.word("url"));
    Ok(ExternalReference { kind: element.must("type", kind)?, url: element.must("url", url)?, hashes: element.list("hashes", hash)? })
}

fn property<'a>(mut element: Element) -> Property<'a> {
    Property { name: element.attribute("name"), value: Some(owned(element.text)) }
}

fn dependency<'a>(mut element: Element) -> Result<Dependency<'a>, Wrong> {
    let own = element.attribute("ref");
    let reference = element.must("ref", own)?;
    let (mut lines, mut depends_on, mut provides) = (Vec::new(), Vec::new(), Vec::new());
    for mut child in std::mem::take(&mut element.children) {
        let list = match &*child.name {
            "dependency" => &mut depends_on,
            "provides" => &mut provides,
            _ => continue,
        };
        let target = child.attribute("ref");
        list.push((child.line, child.must("ref", target)?));
    }
    let mut texts = |list: Vec<(u32, Text<'a>)>| {
        list.into_iter()
            .map(|(line, text)| {
                lines.push(line);
                text
            })
            .collect::<Vec<_>>()
    };
    let (depends_on, provides) = (texts(depends_on), texts(provides));
    Ok(Dependency { lines, reference, depends_on: Some(depends_on), provides: Some(provides) })
}

fn composition<'a>(mut element: Element) -> Result<Composition<'a>, Wrong> {
    let aggregate = element.word("aggregate");
    let aggregate = element.must("aggregate", aggregate)?;
    let of = |mut child: Element| {
        let reference = child.attribute("ref");
        child.must("ref", reference)
    };
    Ok(Composition { aggregate, assemblies: element.list("assemblies", of)?, dependencies: element.list("dependencies", of)? })
}

fn vulnerability<'a>(mut element: Element) -> Result<Vulnerability<'a>, Wrong> {
    let untold = |element: &mut Element, name| element.take(name).map(|_| IgnoredAny);
    Ok(Vulnerability {
        line: Some(element.line),
        bom_ref: element.attribute("bom-ref"),
        id: element.word("id"),
        source: element.take("source").map(source),
        references: element.list("references", sourced_id)?,
        ratings: element.list("ratings", rating)?,
        cwes: element.list("cwes", number)?,
        description: element.text("description"),
        detail: element.text("detail"),
        recommendation: element.text("recommendation"),
        workaround: element.text("workaround"),
        advisories: element.list("advisories", link)?,
        created: element.word("created"),
        published: element.word("published"),
        updated: element.word("updated"),
        rejected: element.word("rejected"),
        analysis: element.take("analysis").map(analysis).transpose()?,
        affects: element.list("affects", affected)?,
        properties: element.list("properties", |child| Ok(property(child)))?,
        credits: untold(&mut element, "credits"),
        tools: untold(&mut element, "tools"),
        proof_of_concept: untold(&mut element, "proofOfConcept"),
    })
}

fn source<'a>(mut element: Element) -> Source<'a> {
    Source { name: element.text("name"), url: element.word("url") }
}

fn sourced_id<'a>(mut element: Element) -> Result<SourcedId<'a>, Wrong> {
    let id = element.word("id");
    Ok(SourcedId { id: element.must("id", id)?, source: element.take("source").map(source) })
}

fn number<T: std::str::FromStr>(element: Element) -> Result<T, Wrong> {
    element.text.trim().parse().map_err(|_| (element.line, format!("{} is no number", quoted(element.text.trim()))))
}

fn rating<'a>(mut element: Element) -> Result<Rating<'a>, Wrong> {
    Ok(Rating {
        source: element.take("source").map(source),
        score: element.take("score").map(number).transpose()?,
        severity: element.word("severity"),
        method: element.word("method"),
        vector: element.text("vector"),
        justification: element.text("justification"),
    })
}

fn link<'a>(mut element: Element) -> Result<Link<'a>, Wrong> {
    let url = element.word("url");
    Ok(Link { title: element.text("title"), url: element.must("url", url)? })
}

fn analysis<'a>(mut element: Element) -> Result<Analysis<'a>, Wrong> {
    Ok(Analysis {
        state: element.word("state"),
        justification: element.word("justification"),
        response: element.list("responses", |child| Ok(owned(child.text.trim().to_owned())))?,
        detail: element.text("detail"),
        first_issued: element.word("firstIssued"),
        last_updated: element.word("lastUpdated"),
    })
}

fn affected<'a>(mut element: Element) -> Result<Affected<'a>, Wrong> {
    let reference = element.word("ref");
    let version = |mut child: Element| {
        Ok(AffectedVersion { version: child.word("version"), range: child.word("range"), status: child.word("status") })
    };
    Ok(Affected { reference: element.must("ref", reference)?, versions: element.list("versions", version)? })
}
