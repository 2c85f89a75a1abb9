//! CycloneDX XML into the same wire structs as JSON: of the versions 1.3 to 1.5 by the crate
//! `cyclonedx-bom`, of 1.6 and 1.7 by [`super::elements`].
//!
//! The crate knows no lines, takes the last of two elements where there may be one, and follows
//! elements as deep as they go. So the text is looked through before: entities are refused, depth and
//! size are bounded, an element that stands twice is an error, and the lines are noted.

use super::elements;
use super::wire::{Bom, Component, Composition, Dependency, ExternalReference, Hash, Licence, LicenceChoice, Metadata, Property, Service};
use crate::model::text::{quoted, visible};
use crate::model::{Lines, RelPath, SourceFile};
use crate::read::ReadError;
use crate::read::error::ReadErrorKind;
use crate::read::json::Text;
use cyclonedx_bom::models;
use cyclonedx_bom::models::bom::SpecVersion;
use cyclonedx_bom::models::license::{LicenseChoice, LicenseIdentifier};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

pub const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// The crate holds the whole document several times over.
const MOST_BYTES: usize = 64 << 20;
const DEEPEST: usize = 100;

pub fn read(file: &SourceFile) -> Result<Bom<'_>, ReadError> {
    let (text, path) = (file.text(), file.path());
    if text.len() > MOST_BYTES {
        let kind = ReadErrorKind::TooLarge { size: text.len() as u64, limit: MOST_BYTES as u64 };
        return Err(ReadError::new(path, Some(1), kind));
    }
    let scan = Scan::read(file)?;
    let syntax = |line: u32, message: &str| {
        ReadError::syntax(path, line.min(scan.last_line), format!("this is not CycloneDX XML: {}", visible(message)))
    };
    let (reader, name) = version(text, path)?;
    let Some(version) = reader else {
        return elements::read(text, name).map_err(|(line, message)| syntax(line, &message));
    };
    let bom = models::bom::Bom::parse_from_xml_with_version(text.as_bytes(), version);
    let bom = bom.map_err(|error| {
        let message = error.to_string();
        syntax(place(&message).unwrap_or(scan.root_line), &without_place(&message))
    })?;
    elements::rest(text, name, converted(bom, name, &scan)).map_err(|(line, message)| syntax(line, &message))
}

/// The version that the namespace of the outermost element names; `None` for the crate's where that
/// does not know it.
fn version(text: &str, path: &RelPath) -> Result<(Option<SpecVersion>, &'static str), ReadError> {
    let at = memchr::memmem::find(text.as_bytes(), NAMESPACE.as_bytes());
    let line = at.map_or(1, |at| Lines::new(&text[..at]).line(at));
    let found = at.map_or("", |at| text[at + NAMESPACE.len()..].split(['"', '\'']).next().unwrap_or_default());
    match found {
        "1.3" => Ok((Some(SpecVersion::V1_3), "1.3")),
        "1.4" => Ok((Some(SpecVersion::V1_4), "1.4")),
        "1.5" => Ok((Some(SpecVersion::V1_5), "1.5")),
        "1.6" => Ok((None, "1.6")),
        "1.7" => Ok((None, "1.7")),
        other => {
            let found = format!("{} (XML)", quoted(other));
            Err(ReadError::new(path, Some(line), ReadErrorKind::UnknownVersion { found, known: "1.3 to 1.7 as XML, 1.2 to 1.7 as JSON" }))
        }
    }
}

/// `… at LINE:COLUMN …` or `LINE:COLUMN …`, as the parser below the crate says it.
fn place(message: &str) -> Option<u32> {
    let numbers = message.split([' ', '[', ']']).filter_map(|word| word.split_once(':'));
    let mut lines = numbers.filter_map(|(line, column)| column.parse::<u32>().ok().and(line.parse().ok()));
    lines.next().filter(|line| *line > 0)
}

fn without_place(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is known of the elements before they are read.
struct Scan {
    /// The line of each component, by its `bom-ref`.
    lines: HashMap<String, u32>,
    /// The lines of what is required, in the order of the document.
    required: Vec<u32>,
    root_line: u32,
    last_line: u32,
}

/// Elements that hold each of their children once (bom-1.5.xsd).
const OF_SINGLES: [&str; 6] = ["bom", "component", "metadata", "vulnerability", "analysis", "target"];

impl Scan {
    fn read(file: &SourceFile) -> Result<Scan, ReadError> {
        let text = file.text();
        let lines = Lines::new(text);
        let mut scan = Scan { lines: HashMap::new(), required: Vec::new(), root_line: 0, last_line: lines.line(text.len()) };
        let mut open: Vec<(&str, HashSet<&str>)> = Vec::new();
        for (at, tag) in Tags::of(text) {
            let error = |message: String| ReadError::syntax(file.path(), lines.line(at), message);
            let tag = tag.map_err(|message| error(message.into()))?;
            if let Tag::Close = tag {
                open.pop();
                continue;
            }
            let (Tag::Open { name, attributes, is_empty }, line) = (tag, lines.line(at)) else { continue };
            // The crate goes by names alone: a prefix would make no other element of one.
            let name = name.rsplit(':').next().unwrap_or(name);
            if scan.root_line == 0 {
                scan.root_line = line;
            }
            if let Some((parent, seen)) = open.last_mut().filter(|(parent, _)| OF_SINGLES.contains(parent))
                && !seen.insert(name)
            {
                return Err(error(format!("{} stands twice in one {}", quoted(name), quoted(parent))));
            }
            if name == "dependency" && open.last().is_some_and(|(parent, _)| *parent == name) {
                scan.required.push(line);
            }
            if name == "component" {
                scan.lines.extend(attribute(attributes, "bom-ref").map(|reference| (reference, line)));
            }
            if !is_empty {
                open.push((name, HashSet::new()));
            }
            if open.len() > DEEPEST {
                return Err(error(format!("the elements stand more than {DEEPEST} deep in one another")));
            }
        }
        Ok(scan)
    }
}

enum Tag<'t> {
    Open { name: &'t str, attributes: &'t str, is_empty: bool },
    Close,
}

/// The tags of a text, with where they begin. Nothing is checked that the parser checks.
struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tags<'t> {
    fn of(text: &'t str) -> Self {
        Tags { text, at: 0 }
    }

    /// Goes on behind `end`, or to the end of the text.
    fn skip_to(&mut self, end: &str) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at = memchr::memmem::find(rest, end.as_bytes()).map_or(self.text.len(), |at| self.at + at + end.len());
    }

    /// The text of the tag that begins here, up to its `>`: one inside of quotes does not count.
    fn tag(&mut self) -> &'t str {
        let start = self.at + 1;
        let mut quote = None;
        for (at, byte) in self.text.as_bytes().iter().enumerate().skip(start) {
            match (quote, byte) {
                (None, b'>') => {
                    self.at = at + 1;
                    return &self.text[start..at];
                }
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), byte) if open == byte => quote = None,
                _ => {}
            }
        }
        self.at = self.text.len();
        &self.text[start..]
    }
}

impl<'t> Iterator for Tags<'t> {
    type Item = (usize, Result<Tag<'t>, &'static str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.at += memchr::memchr(b'<', &self.text.as_bytes()[self.at..])?;
            let (start, rest) = (self.at, &self.text[self.at..]);
            if rest.starts_with("<!--") {
                self.at += 4;
                self.skip_to("-->");
            } else if rest.starts_with("<![CDATA[") {
                self.skip_to("]]>");
            } else if rest.starts_with("<?") {
                self.skip_to("?>");
            } else if rest.starts_with("<!") {
                self.at = self.text.len();
                return Some((start, Err("a document type with entities is not read: no SBOM needs one")));
            } else if rest.starts_with("</") {
                self.tag();
                return Some((start, Ok(Tag::Close)));
            } else {
                let tag = self.tag();
                let is_empty = tag.ends_with('/');
                let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag.trim_end_matches('/'), ""));
                return Some((start, Ok(Tag::Open { name, attributes, is_empty })));
            }
        }
    }
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        let (key, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = value[1..].split_once(quote)?;
        if key.trim() == name {
            return Some(unescaped(value));
        }
        rest = after;
    }
}

fn unescaped(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.into_iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

fn text<'a>(text: impl Into<String>) -> Text<'a> {
    Text(Cow::Owned(text.into()))
}

fn converted<'a>(bom: models::bom::Bom, version: &'static str, scan: &Scan) -> Bom<'a> {
    let metadata = bom.metadata.unwrap_or_default();
    let mut required = scan.required.iter().copied();
    Bom {
        bom_format: Some(text("CycloneDX")),
        spec_version: Some(text(version)),
        metadata: Some(Metadata {
            component: metadata.component.map(|component| Box::new(self::component(component, scan))),
            properties: metadata.properties.map(properties),
            ..Metadata::default()
        }),
        components: bom.components.map(|list| list.0.into_iter().map(|item| Box::new(component(item, scan))).collect()),
        services: bom.services.map(|list| list.0.into_iter().map(service).collect()),
        dependencies: bom.dependencies.map(|list| list.0.into_iter().map(|item| dependency(item, &mut required)).collect()),
        compositions: bom.compositions.map(|list| list.0.into_iter().map(composition).collect()),
        serial_number: None,
        vulnerabilities: None,
    }
}

fn component<'a>(component: models::component::Component, scan: &Scan) -> Component<'a> {
    let line = component.bom_ref.as_ref().and_then(|reference| scan.lines.get(reference)).copied();
    Component {
        line: Some(line.unwrap_or(scan.root_line)),
        kind: text(component.component_type.to_string()),
        bom_ref: component.bom_ref.map(text),
        group: component.group.map(text),
        name: text(component.name),
        version: component.version.map(text),
        scope: component.scope.map(|scope| text(scope.to_string())),
        hashes: component.hashes.map(hashes),
        licenses: component.licenses.map(|list| list.0.into_iter().map(licence).collect()),
        purl: component.purl.map(|purl| text(purl.as_ref())),
        external_references: component.external_references.map(|list| list.0.into_iter().map(reference).collect()),
        properties: component.properties.map(properties),
        components: component.components.map(|list| list.0.into_iter().map(|part| Box::new(self::component(part, scan))).collect()),
        modified: component.modified,
        pedigree: component.pedigree.map(|_| serde::de::IgnoredAny),
    }
}

fn hashes<'a>(hashes: models::hash::Hashes) -> Vec<Hash<'a>> {
    hashes.0.into_iter().map(|hash| Hash { alg: text(hash.alg.to_string()), content: text(hash.content.0) }).collect()
}

fn licence<'a>(choice: LicenseChoice) -> LicenceChoice<'a> {
    match choice {
        LicenseChoice::Expression(expression) => {
            LicenceChoice { license: None, expression: Some(text(expression.to_string())), acknowledgement: None }
        }
        LicenseChoice::License(licence) => {
            let (id, name) = match licence.license_identifier {
                LicenseIdentifier::SpdxId(id) => (Some(text(id.to_string())), None),
                LicenseIdentifier::Name(name) => (None, Some(text(name))),
            };
            LicenceChoice { license: Some(Box::new(Licence { id, name, acknowledgement: None })), expression: None, acknowledgement: None }
        }
    }
}

fn reference<'a>(reference: models::external_reference::ExternalReference) -> ExternalReference<'a> {
    ExternalReference {
        kind: text(reference.external_reference_type.to_string()),
        url: text(reference.url.to_string()),
        hashes: reference.hashes.map(hashes),
    }
}

fn properties<'a>(properties: models::property::Properties) -> Vec<Property<'a>> {
    properties.0.into_iter().map(|property| Property { name: Some(text(property.name)), value: Some(text(property.value)) }).collect()
}

fn service<'a>(service: models::service::Service) -> Service<'a> {
    Service { bom_ref: service.bom_ref.map(text), services: service.services.map(|list| list.0.into_iter().map(self::service).collect()) }
}

fn dependency<'a>(dependency: models::dependency::Dependency, lines: &mut impl Iterator<Item = u32>) -> Dependency<'a> {
    Dependency {
        lines: lines.take(dependency.dependencies.len()).collect(),
        reference: text(dependency.dependency_ref),
        depends_on: Some(dependency.dependencies.into_iter().map(text).collect()),
        provides: None,
    }
}

fn composition<'a>(composition: models::composition::Composition) -> Composition<'a> {
    let references = |list: Option<Vec<models::bom::BomReference>>| list.map(|list| list.into_iter().map(|item| text(item.0)).collect());
    Composition {
        aggregate: text(composition.aggregate.to_string()),
        assemblies: references(composition.assemblies),
        dependencies: references(composition.dependencies),
    }
}
