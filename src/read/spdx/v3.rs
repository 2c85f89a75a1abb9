//! SPDX 3.0 as JSON-LD: a flat list of elements that name each other by their ids. Read by its names,
//! as the specification's own context makes them; a document that adds a context of its own could
//! mean anything by them, and is refused.

use super::{ById, How, Package, PackageFile, Reading, Related, Texts, is_stated, kind, licence};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Lines, Location, Scope};
use crate::read::ReadError;
use crate::read::document::Document;
use crate::read::document::told::{self, Properties};
use crate::read::json::{self, Lenient, Text};
use hashbrown::{HashMap, HashSet};
use serde::Deserialize;
use serde_json::value::RawValue;

pub const CONTEXT: &str = "://spdx.org/rdf/3.";
/// The end of the address of the specification's context.
const CONTEXT_FILE: &str = "/spdx-context.jsonld";

#[derive(Deserialize)]
#[serde(expecting = "the object of an SPDX document")]
struct RawDocument<'a> {
    #[serde(borrow, rename = "@context")]
    context: Option<&'a RawValue>,
    #[serde(borrow, rename = "@graph")]
    graph: Option<Vec<RawElement<'a>>>,
}

/// Any element, with the fields of all kinds of which something is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of an element")]
struct RawElement<'a> {
    #[serde(borrow, rename = "type", alias = "@type")]
    kind: Text<'a>,
    #[serde(borrow, alias = "@id")]
    spdx_id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow, rename = "software_packageVersion")]
    version: Option<Text<'a>>,
    #[serde(borrow, rename = "software_packageUrl")]
    purl: Option<Text<'a>>,
    #[serde(borrow, rename = "software_downloadLocation")]
    download: Option<Text<'a>>,
    #[serde(borrow, rename = "software_primaryPurpose")]
    purpose: Option<Text<'a>>,
    #[serde(borrow, default)]
    verified_using: Vec<IntegrityMethod<'a>>,
    #[serde(borrow, default)]
    external_identifier: Vec<ExternalIdentifier<'a>>,
    #[serde(borrow, default)]
    root_element: Vec<Text<'a>>,
    #[serde(borrow)]
    from: Option<Text<'a>>,
    #[serde(borrow, default)]
    to: Vec<Text<'a>>,
    #[serde(borrow)]
    relationship_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    scope: Lenient<'a>,
    #[serde(borrow)]
    completeness: Option<Text<'a>>,
    #[serde(borrow, rename = "simplelicensing_licenseExpression")]
    licence: Option<Text<'a>>,
    #[serde(borrow, default, rename = "simplelicensing_customIdToUri")]
    custom_ids: Vec<Inline<DictionaryEntry<'a>>>,
    #[serde(borrow, rename = "simplelicensing_licenseText")]
    licence_text: Option<Text<'a>>,
    #[serde(borrow, default)]
    external_ref: Vec<Inline<ExternalRef<'a>>>,
    #[serde(borrow, default)]
    extension: Vec<Inline<Extension<'a>>>,
}

/// An object where it is used, or something else: the specification allows its identifier, and nothing that is read here
/// is lost with what another tool means by it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Inline<T> {
    Object(T),
    Other(serde::de::IgnoredAny),
}

impl<T> Inline<T> {
    fn object(&self) -> Option<&T> {
        match self {
            Inline::Object(object) => Some(object),
            Inline::Other(_) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a dictionary's entry")]
struct DictionaryEntry<'a> {
    #[serde(borrow)]
    key: Option<Text<'a>>,
    #[serde(borrow)]
    value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of an external reference")]
struct ExternalRef<'a> {
    #[serde(borrow, default)]
    locator: Vec<Text<'a>>,
}

/// An extension of any kind, with what CycloneDX's has.
#[derive(Deserialize)]
#[serde(expecting = "the object of an extension")]
struct Extension<'a> {
    #[serde(borrow, default, rename = "extension_cdxProperty")]
    properties: Vec<Property<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a property")]
struct Property<'a> {
    #[serde(borrow, rename = "extension_cdxPropName")]
    name: Option<Text<'a>>,
    #[serde(borrow, rename = "extension_cdxPropValue")]
    value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of a hash")]
struct IntegrityMethod<'a> {
    #[serde(borrow)]
    algorithm: Option<Text<'a>>,
    #[serde(borrow)]
    hash_value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "the object of an external identifier")]
struct ExternalIdentifier<'a> {
    #[serde(borrow)]
    external_identifier_type: Text<'a>,
    #[serde(borrow)]
    identifier: Text<'a>,
}

impl ExternalIdentifier<'_> {
    fn is_purl(&self) -> bool {
        matches!(&*self.external_identifier_type, "packageUrl" | "purl")
    }
}

pub fn read<'a>(reading: &Reading<'a>) -> Result<Document<'a>, ReadError> {
    let raw: RawDocument<'a> = json::parse(reading.file)?;
    let dialect = dialect(reading, raw.context)?;
    let elements =
        raw.graph.ok_or_else(|| reading.malformed(1, "`@graph` is missing: the document does not say what there is".to_owned()))?;
    let licences = licences(&elements);
    let files = files(&elements);
    let described: HashSet<&str> = elements.iter().flat_map(|element| &element.root_element).map(|id| &**id).collect();
    let mut packages = Vec::new();
    for element in elements.iter().filter(|element| element.is_package()) {
        packages.push(package(reading, element, &licences, &files)?);
    }
    let related = elements.iter().flat_map(|element| related(reading, element)).collect();
    let mut document = reading.document(dialect, packages, &described, related)?;
    let ours: Vec<Properties<'_>> = elements.iter().filter(|element| &*element.kind == "SpdxDocument").map(RawElement::told).collect();
    ours.iter().for_each(|told| reading.told(told, &mut document));
    // Our own document says by its gaps what is missing.
    if ours.iter().all(|told| told.all(told::GAP).next().is_none()) {
        document.gaps.extend(elements.iter().filter_map(|element| incomplete(reading, element)));
    }
    let others = elements.iter().filter(|element| !element.is_package());
    document.others.extend(others.filter_map(|element| Some(element.spdx_id.as_ref()?.0.clone())));
    Ok(document)
}

impl<'a> RawElement<'a> {
    fn told(&self) -> Properties<'a> {
        let properties = self.extension.iter().filter_map(Inline::object).flat_map(|extension| &extension.properties);
        Properties(properties.filter_map(|property| Some((property.name.clone()?.0, property.value.clone()?))).collect())
    }

    fn checksums(&self) -> Vec<(Text<'a>, Text<'a>)> {
        let checksum = |method: &IntegrityMethod<'a>| Some((method.algorithm.clone()?, method.hash_value.clone()?));
        self.verified_using.iter().filter_map(checksum).collect()
    }

    /// Software, its relatives for models and data sets, and what calls itself otherwise and names a
    /// package all the same.
    fn is_package(&self) -> bool {
        self.kind.ends_with("Package") || self.purl.is_some() || self.external_identifier.iter().any(ExternalIdentifier::is_purl)
    }

    fn is_relationship(&self) -> bool {
        self.kind.ends_with("Relationship")
    }
}

/// The version that the one context names.
fn dialect(reading: &Reading<'_>, context: Option<&RawValue>) -> Result<&'static str, ReadError> {
    let text = context.map_or("", RawValue::get);
    let file = reading.file.text();
    let offset = (text.as_ptr() as usize).checked_sub(file.as_ptr() as usize).filter(|offset| *offset <= file.len());
    let line = offset.map_or(1, |offset| Lines::new(file).line(offset));
    let only: Option<String> = serde_json::from_str::<[String; 1]>(text).map(|[only]| only).or_else(|_| serde_json::from_str(text)).ok();
    let Some(only) = only else {
        return Err(
            reading.malformed(line, "`@context` is not SPDX's own alone: what the names in the document mean is not known".to_owned())
        );
    };
    let version = only.split_once("://spdx.org/rdf/").and_then(|(_, rest)| rest.strip_suffix(CONTEXT_FILE));
    match version {
        Some("3.0.0") => Ok("3.0.0"),
        Some("3.0.1") => Ok("3.0.1"),
        Some(other) => Err(reading.unknown_version(other, line)),
        None => Err(reading.malformed(line, format!("`@context` is {}, not SPDX's own", quoted(&only)))),
    }
}

fn package<'a>(
    reading: &Reading<'a>,
    element: &RawElement<'a>,
    licences: &ById<'_, Licences<'_>>,
    files: &ById<'_, Vec<&RawElement<'a>>>,
) -> Result<Package<'a>, ReadError> {
    let line = line_of(reading, element);
    let missing = |what: &str| reading.malformed(line, format!("a package has no `{what}`"));
    let id = element.spdx_id.clone().ok_or_else(|| missing("spdxId"))?;
    let identifiers = element.external_identifier.iter().filter(|identifier| identifier.is_purl()).map(|identifier| &identifier.identifier);
    let stated = licences.get(&*id);
    let file = |file: &&RawElement<'a>| {
        let locator = file.external_ref.iter().filter_map(Inline::object).flat_map(|reference| &reference.locator).next()?.clone();
        Some(PackageFile { locator, checksums: file.checksums() })
    };
    Ok(Package {
        line,
        name: element.name.clone().ok_or_else(|| missing("name"))?,
        version: element.version.as_ref().map(|text| text.0.clone()).filter(|text| is_stated(text)),
        purls: element.purl.iter().chain(identifiers).cloned().collect(),
        download: element.download.clone().filter(|text| is_stated(text)),
        checksums: element.checksums(),
        files: files.get(&*id).into_iter().flatten().filter_map(file).collect(),
        told: element.told(),
        licence: licence(stated.and_then(|stated| stated.declared), stated.and_then(|stated| stated.concluded), &Texts::default()),
        kind: kind(element.purpose.as_deref()),
        id,
    })
}

fn line_of(reading: &Reading<'_>, element: &RawElement<'_>) -> u32 {
    let texts = [Some(&element.kind), element.spdx_id.as_ref(), element.from.as_ref()];
    texts.into_iter().flatten().map(|text| reading.line(text, u32::MAX)).min().filter(|line| *line != u32::MAX).unwrap_or(1)
}

/// The expressions that relationships give a package.
#[derive(Default)]
struct Licences<'d> {
    declared: Option<&'d str>,
    concluded: Option<&'d str>,
}

fn licences<'d>(elements: &'d [RawElement<'_>]) -> ById<'d, Licences<'d>> {
    let text = |element: &'d RawElement<'_>| Some((&**element.spdx_id.as_ref()?, &**element.licence_text.as_ref()?));
    let texts: ById<'_, &str> = elements.iter().filter_map(text).collect();
    // An expression that is nothing but a reference stands for the text that it leads to.
    let meant = |element: &'d RawElement<'_>| {
        let entry = element.custom_ids.iter().filter_map(Inline::object).find(|entry| entry.key == element.licence)?;
        texts.get(&**entry.value.as_ref()?).copied()
    };
    let expression =
        |element: &'d RawElement<'_>| Some((&**element.spdx_id.as_ref()?, meant(element).unwrap_or(element.licence.as_ref()?)));
    let expressions: ById<'_, &str> = elements.iter().filter_map(expression).collect();
    let mut licences: ById<'_, Licences<'_>> = HashMap::new();
    for element in elements.iter().filter(|element| element.is_relationship()) {
        let (Some(from), Some(kind)) = (&element.from, element.relationship_type.as_deref()) else { continue };
        let stated = element.to.iter().find_map(|to| expressions.get(&**to).copied());
        match kind {
            "hasDeclaredLicense" => licences.entry(from).or_default().declared = stated,
            "hasConcludedLicense" => licences.entry(from).or_default().concluded = stated,
            _ => {}
        }
    }
    licences
}

/// The files as which packages are distributed, by the package.
fn files<'d, 'a>(elements: &'d [RawElement<'a>]) -> ById<'d, Vec<&'d RawElement<'a>>> {
    let by_id: ById<'_, &RawElement<'a>> = elements
        .iter()
        .filter(|element| &*element.kind == "software_File")
        .filter_map(|file| Some((&**file.spdx_id.as_ref()?, file)))
        .collect();
    let mut files: ById<'_, Vec<&RawElement<'a>>> = HashMap::new();
    let relations = elements.iter().filter(|element| element.relationship_type.as_deref() == Some("hasDistributionArtifact"));
    for relation in relations.filter(|element| element.is_relationship()) {
        let Some(from) = &relation.from else { continue };
        files.entry(from).or_default().extend(relation.to.iter().filter_map(|to| by_id.get(&**to).copied()));
    }
    files
}

fn related<'a>(reading: &Reading<'a>, element: &RawElement<'a>) -> Vec<Related<'a>> {
    let scope = match element.scope.text().map(|text| &**text) {
        Some("development" | "test") => Scope::Development,
        Some("build") => Scope::Build,
        _ => Scope::Runtime,
    };
    let how = match element.relationship_type.as_deref() {
        Some("dependsOn" | "hasStaticLink" | "hasDynamicLink") => How::Requires(scope),
        Some("hasOptionalDependency" | "hasOptionalComponent") => How::Requires(scope.min(Scope::Optional)),
        Some("hasProvidedDependency" | "hasPrerequisite") => How::Requires(scope.min(Scope::Peer)),
        Some("usesTool") => How::Requires(Scope::Build.min(scope)),
        Some("contains") => How::Contains,
        _ => return Vec::new(),
    };
    let Some(from) = element.from.as_ref().filter(|_| element.is_relationship()) else { return Vec::new() };
    let line = line_of(reading, element);
    let is_element = |to: &&Text<'_>| !to.ends_with("/NoneElement") && !to.ends_with("/NoAssertionElement");
    element.to.iter().filter(is_element).map(|to| Related { from: from.0.clone(), to: to.0.clone(), line, how }).collect()
}

/// Where the document itself says that a package requires more.
fn incomplete(reading: &Reading<'_>, element: &RawElement<'_>) -> Option<Gap> {
    let is_of_packages = matches!(element.relationship_type.as_deref(), Some("dependsOn" | "contains"));
    let from = element.from.as_ref().filter(|_| is_of_packages && element.completeness.as_deref() == Some("incomplete"))?;
    let message = format!("the document calls what {} requires or contains incomplete", quoted(from));
    Some(Gap::at(GapKind::UnknownRequirement, &Location::new(reading.file.path(), line_of(reading, element)), message))
}
