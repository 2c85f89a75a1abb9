//! SPDX documents against the official schemas, and what no schema can say of them.

use crate::fixtures::cases;
use jsonschema::Validator;
use sbomgate::graph::DepGraph;
use sbomgate::model::Gap;
use sbomgate::model::text::is_invisible;
use sbomgate::sbom::{self, CycloneDx, Format, Inventory, Lifecycle, Project, Spdx, properties};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const NOON: i64 = 1_795_197_600;
const VERSIONS: [Spdx; 2] = [Spdx::V2_3, Spdx::V3_0_1];

fn inventory<'a>(graphs: &'a [DepGraph], gaps: &'a [Gap]) -> Inventory<'a> {
    let project = Project { name: "the-repository", version: None };
    Inventory { project, graphs, gaps, licences: None, facts: None, revision: None, timestamp: NOON, lifecycle: Lifecycle::PreBuild }
}

fn written(inventory: &Inventory<'_>, format: Format) -> String {
    let mut out = Vec::new();
    sbom::write(inventory, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The document, after every law was seen to hold.
fn checked(inventory: &Inventory<'_>, version: Spdx) -> Value {
    let text = written(inventory, Format::SpdxJson(version));
    assert_eq!(text, written(inventory, Format::SpdxJson(version)), "written twice, two texts");
    assert!(!text.chars().any(|c| is_invisible(c) && c != '\n'), "an invisible character is not escaped");
    let document: Value = serde_json::from_str(&text).unwrap();
    let errors: Vec<String> =
        validator(version).iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let of_cyclonedx = serde_json::from_str(&written(inventory, Format::CycloneDxJson(CycloneDx::V1_6))).unwrap();
    let told = match version {
        Spdx::V2_3 => told_by_2(&document),
        Spdx::V3_0_1 => told_by_3(&document),
    };
    assert_eq!(told, told_by_cyclonedx(&of_cyclonedx), "SPDX and CycloneDX say different things");
    document
}

/// Packages by name, version and purl, and who requires whom.
#[derive(Debug, Default, PartialEq)]
struct Told {
    packages: Vec<[String; 3]>,
    edges: BTreeSet<[[String; 3]; 2]>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn told(packages: BTreeMap<String, [String; 3]>, edges: impl Iterator<Item = (String, String)>) -> Told {
    let edges = edges.map(|(from, to)| [from, to].map(|id| packages.get(&id).unwrap_or_else(|| panic!("{id} is not there")).clone()));
    let edges = edges.collect();
    let mut packages: Vec<[String; 3]> = packages.into_values().collect();
    packages.sort();
    Told { packages, edges }
}

fn told_by_cyclonedx(bom: &Value) -> Told {
    let root = &bom["metadata"]["component"];
    let components = std::iter::once(root).chain(list(&root["components"])).chain(list(&bom["components"]));
    let package = |component: &Value| {
        let name = match component["group"].as_str() {
            Some(group) => format!("{group}/{}", text(&component["name"])),
            None => text(&component["name"]),
        };
        (text(&component["bom-ref"]), [name, text(&component["version"]), text(&component["purl"])])
    };
    let edges =
        list(&bom["dependencies"]).iter().flat_map(|entry| list(&entry["dependsOn"]).iter().map(|to| (text(&entry["ref"]), text(to))));
    told(components.map(package).collect(), edges)
}

fn told_by_2(document: &Value) -> Told {
    let mut packages = BTreeMap::new();
    for package in list(&document["packages"]) {
        let is_purl = |reference: &&Value| reference["referenceType"] == "purl";
        let purl = list(&package["externalRefs"]).iter().find(is_purl).map(|reference| text(&reference["referenceLocator"]));
        let id = text(&package["SPDXID"]);
        let is_valid = |id: &str| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        assert!(id.strip_prefix("SPDXRef-").is_some_and(is_valid), "{id}");
        licence(document, &text(&package["licenseDeclared"]));
        let told = [text(&package["name"]), text(&package["versionInfo"]), purl.unwrap_or_default()];
        assert!(packages.insert(id, told).is_none(), "an identifier stands twice");
        known(list(&package["annotations"]).iter().map(|annotation| text(&annotation["comment"]).split('=').next().unwrap().to_owned()));
    }
    known(list(&document["annotations"]).iter().map(|annotation| text(&annotation["comment"]).split('=').next().unwrap().to_owned()));
    let ends = |relationship: &Value| {
        let (from, to) = (text(&relationship["spdxElementId"]), text(&relationship["relatedSpdxElement"]));
        match relationship["relationshipType"].as_str().unwrap() {
            "DEPENDS_ON" => Some((from, to)),
            "DEV_DEPENDENCY_OF" | "BUILD_DEPENDENCY_OF" | "OPTIONAL_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" => Some((to, from)),
            _ => None,
        }
    };
    let all: Vec<&Value> = list(&document["relationships"]).iter().collect();
    let distinct: BTreeSet<String> = all.iter().map(|relationship| relationship.to_string()).collect();
    assert_eq!(distinct.len(), all.len(), "a relationship stands twice");
    let edges: Vec<(String, String)> = all.into_iter().filter_map(ends).collect();
    every_package_has_dependencies(packages.keys(), edges.iter().map(|(from, _)| from));
    told(packages, edges.into_iter().filter(|(_, to)| to != "NONE" && to != "NOASSERTION"))
}

/// What a package requires is told, or that it is nothing, or that it is not known.
fn every_package_has_dependencies<'a>(packages: impl Iterator<Item = &'a String>, from: impl Iterator<Item = &'a String>) {
    let from: BTreeSet<&String> = from.collect();
    packages.for_each(|id| assert!(from.contains(id), "nothing is said of what {id} requires"));
}

fn known(names: impl Iterator<Item = String>) {
    names.for_each(|name| assert!(properties::ALL.contains(&&*name), "{name} is not documented"));
}

/// An expression of the list's identifiers, or a reference to a text that is there.
fn licence(document: &Value, declared: &str) {
    if declared == "NOASSERTION" || declared == "NONE" {
        return;
    }
    if declared.starts_with("LicenseRef-") {
        let texts = list(&document["hasExtractedLicensingInfos"]);
        assert_eq!(texts.iter().filter(|text| text["licenseId"] == declared).count(), 1, "{declared}");
        return;
    }
    let mode = sbomgate::model::licence::MODE;
    let expression = spdx::Expression::parse_mode(declared, mode).unwrap_or_else(|error| panic!("{declared}: {error}"));
    assert!(expression.requirements().all(|term| term.req.license.id().is_some()), "{declared}");
}

fn told_by_3(document: &Value) -> Told {
    let graph = list(&document["@graph"]);
    let ids: Vec<String> = graph.iter().filter_map(|element| element["spdxId"].as_str()).map(str::to_owned).collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "an IRI stands twice");
    assert!(ids.iter().all(|id| id.is_ascii() && !id.contains([' ', '<', '>', '"', '{', '}', '|', '\\', '^', '`', '%'])), "an IRI is none");
    let of = |kind: &str| graph.iter().filter(move |element| element["type"] == kind).collect::<Vec<_>>();
    let package = |element: &&Value| {
        let told = [&element["name"], &element["software_packageVersion"], &element["software_packageUrl"]].map(text);
        (text(&element["spdxId"]), told)
    };
    let packages: BTreeMap<String, [String; 3]> = of("software_Package").iter().map(package).collect();
    let mut edges = Vec::new();
    for relationship in of("Relationship").into_iter().chain(of("LifecycleScopedRelationship")) {
        assert!(distinct.contains(&text(&relationship["from"])));
        for to in list(&relationship["to"]) {
            assert!(distinct.contains(&text(to)) || to.as_str().unwrap().starts_with("https://spdx.org/rdf/3.0.1/terms/"), "{to}");
            let is_dependency =
                ["dependsOn", "hasOptionalDependency", "hasProvidedDependency"].contains(&&*text(&relationship["relationshipType"]));
            edges.extend(is_dependency.then(|| (text(&relationship["from"]), text(to))));
        }
    }
    let names =
        graph.iter().flat_map(|element| list(&element["extension"])).flat_map(|extension| list(&extension["extension_cdxProperty"]));
    known(names.map(|property| text(&property["extension_cdxPropName"])));
    every_package_has_dependencies(packages.keys(), edges.iter().map(|(from, _)| from));
    told(packages, edges.into_iter().filter(|(_, to)| !to.starts_with("https://spdx.org/")))
}

fn validator(version: Spdx) -> &'static Validator {
    static VALIDATORS: [OnceLock<Validator>; 2] = [OnceLock::new(), OnceLock::new()];
    let (at, schema) = match version {
        Spdx::V2_3 => (0, include_str!("../../fixtures/schema/spdx/spdx-2.3.schema.json")),
        Spdx::V3_0_1 => (1, include_str!("../../fixtures/schema/spdx/spdx-3.0.1.schema.json")),
    };
    VALIDATORS[at].get_or_init(|| {
        let schema = serde_json::from_str::<Value>(schema).unwrap();
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    })
}

#[test]
fn every_fixture_makes_valid_documents() {
    let mut documents = 0;
    for case in cases() {
        println!("{}", case.label());
        let read = case.read();
        let graphs: Vec<DepGraph> = read.graphs.into_values().collect();
        for version in VERSIONS {
            checked(&inventory(&graphs, &read.gaps), version);
            documents += 1;
        }
    }
    assert!(documents > 500, "only {documents} documents");
}
