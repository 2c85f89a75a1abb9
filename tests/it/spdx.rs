//! SPDX documents against the official schemas, and what no schema can say of them.

use crate::fixtures::{cases, read_folder};
use jsonschema::Validator;
use sbomgate::graph::DepGraph;
use sbomgate::judge::policy::{Makers, Organisation};
use sbomgate::model::text::is_invisible;
use sbomgate::model::{Gap, Identity};
use sbomgate::sbom::{self, CycloneDx, Format, Inventory, Lifecycle, Project, Spdx, properties};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

const NOON: i64 = 1_795_197_600;
const VERSIONS: [Spdx; 2] = [Spdx::V2_3, Spdx::V3_0_1];

fn inventory<'a>(graphs: &'a [DepGraph], gaps: &'a [Gap]) -> Inventory<'a> {
    let project = Project { name: "the-repository", version: None };
    Inventory {
        project,
        graphs,
        gaps,
        licences: None,
        facts: None,
        makers: None,
        introductions: None,
        consents: None,
        exposure: None,
        revision: None,
        timestamp: NOON,
        lifecycle: Lifecycle::PreBuild,
    }
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

/// The graphs of files.
fn graphs(files: &[(&str, &str)]) -> Vec<DepGraph> {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, text)| fs::write(folder.path().join(path), text).unwrap());
    let graphs: Vec<DepGraph> = read_folder(folder.path()).graphs.into_values().collect();
    assert!(graphs.iter().any(|graph| graph.packages().next().is_some()), "no package was read");
    graphs
}

/// A package-lock.json of version 3 with the given entries below the project's.
fn npm(project: &Value, packages: &Value) -> String {
    let mut all = packages.clone();
    all[""] = project.clone();
    serde_json::to_string_pretty(&json!({"name": "app", "lockfileVersion": 3, "packages": all})).unwrap()
}

fn package<'d>(document: &'d Value, name: &str) -> &'d Value {
    list(&document["packages"]).iter().find(|package| package["name"] == name).unwrap()
}

fn related<'d>(document: &'d Value, from: &str) -> Vec<(&'d str, &'d str)> {
    let of = |relationship: &&Value| relationship["spdxElementId"] == from;
    let word = |relationship: &'d Value| {
        (relationship["relationshipType"].as_str().unwrap(), relationship["relatedSpdxElement"].as_str().unwrap())
    };
    list(&document["relationships"]).iter().filter(of).map(word).collect()
}

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn a_cargo_project_is_told_in_full() {
    let lock = format!(
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"cc\", \"forked\", \"serde\"]\n\
         [[package]]\nname = \"cc\"\nversion = \"1.0.0\"\nsource = \"registry+https://crates.example/index\"\nchecksum = \"{}\"\n\
         [[package]]\nname = \"forked\"\nversion = \"2.0.0\"\nsource = \"git+https://git.example/a b?branch=dev#{COMMIT}\"\n\
         [[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry+https://crates.example/index\"\ndependencies = [\"cc\"]\n",
        "ab".repeat(32)
    );
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nforked = { git = \"https://git.example/a b\", branch = \"dev\" }\n\
        [build-dependencies]\ncc = \"1\"\n[dev-dependencies]\nserde = \"1\"\n";
    let graphs = graphs(&[("Cargo.lock", &lock), ("Cargo.toml", manifest)]);
    let document = checked(&inventory(&graphs, &[]), Spdx::V2_3);
    assert_eq!(document["creationInfo"]["created"], "2026-11-20T18:00:00Z");
    assert!(text(&document["documentNamespace"]).starts_with("urn:uuid:"));
    let forked = package(&document, "forked");
    assert_eq!(forked["downloadLocation"], format!("git+https://git.example/a%20b@{COMMIT}"));
    let cc = package(&document, "cc");
    assert_eq!(cc["checksums"], json!([{"algorithm": "SHA256", "checksumValue": "ab".repeat(32)}]));
    assert_eq!(
        (&cc["downloadLocation"], &cc["licenseDeclared"], &cc["filesAnalyzed"]),
        (&json!("NOASSERTION"), &json!("NOASSERTION"), &json!(false))
    );
    let app = "SPDXRef-cargo--2Fapp--400.1.0";
    assert_eq!(related(&document, "SPDXRef-DOCUMENT"), [("DESCRIBES", app)]);
    let id = |name| text(&package(&document, name)["SPDXID"]);
    assert_eq!(related(&document, app), [("DEPENDS_ON", &*id("forked"))]);
    assert!(related(&document, &id("cc")).contains(&("BUILD_DEPENDENCY_OF", app)));
    assert!(related(&document, &id("serde")).contains(&("DEV_DEPENDENCY_OF", app)));
    assert!(related(&document, &id("cc")).contains(&("DEPENDS_ON", "NONE")));
    let document = checked(&inventory(&graphs, &[]), Spdx::V3_0_1);
    let scopes = list(&document["@graph"]).iter().filter_map(|element| element["scope"].as_str()).collect::<BTreeSet<_>>();
    assert_eq!(scopes, BTreeSet::from(["build", "development", "runtime"]));
}

#[test]
fn licences_are_expressions_or_references_to_their_text() {
    let licences = [
        ("ant", "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("bee", "Apache 2.0", "Apache-2.0"),
        ("cat", "SEE LICENSE IN <b>\u{202e}", "LicenseRef-"),
        ("dog", "LicenseRef-theirs", "LicenseRef-"),
        ("elk", "DocumentRef-x:LicenseRef-y OR MIT", "LicenseRef-"),
        ("fox", "NOASSERTION", "NOASSERTION"),
        ("gnu", "NONE", "NONE"),
        ("hen", "GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("ibex", "NOASSERTION OR MIT", "LicenseRef-"),
        ("jay", "GPL-2.0+", "GPL-2.0+"),
    ];
    let packages: serde_json::Map<String, Value> = licences
        .iter()
        .map(|(name, licence, _)| (format!("node_modules/{name}"), json!({"version": "1.0.0", "license": licence})))
        .collect();
    let graphs = graphs(&[("package-lock.json", &npm(&json!({"name": "app"}), &Value::Object(packages)))]);
    let document = checked(&inventory(&graphs, &[]), Spdx::V2_3);
    for (name, stated, expected) in licences {
        let declared = text(&package(&document, name)["licenseDeclared"]);
        assert!(declared == expected || expected == "LicenseRef-" && declared.starts_with(expected), "{name}: {declared}");
        if expected == "LicenseRef-" {
            let texts = list(&document["hasExtractedLicensingInfos"]);
            let of = texts.iter().find(|text| text["licenseId"] == *declared).unwrap();
            assert_eq!(of["extractedText"], stated, "{name}");
        }
    }
    let document = checked(&inventory(&graphs, &[]), Spdx::V3_0_1);
    let texts = list(&document["@graph"]).iter().filter(|element| element["type"] == "simplelicensing_SimpleLicensingText").count();
    assert_eq!(texts, 4);
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let graphs = graphs(&[("requirements.txt", "open>=1\n")]);
    let document = checked(&inventory(&graphs, &[]), Spdx::V2_3);
    let open = package(&document, "open");
    assert_eq!(open["versionInfo"], Value::Null);
    assert_eq!(related(&document, &text(&open["SPDXID"])), [("DEPENDS_ON", "NOASSERTION")]);
    let root = &related(&document, "SPDXRef-DOCUMENT")[0].1;
    assert!(
        related(&document, root).contains(&("CONTAINS", "NOASSERTION"))
            && related(&document, root).contains(&("DEPENDS_ON", "NOASSERTION"))
    );
    let document = checked(&inventory(&graphs, &[]), Spdx::V3_0_1);
    let said = |completeness: &str| list(&document["@graph"]).iter().filter(|element| element["completeness"] == completeness).count();
    assert_eq!((said("complete"), said("incomplete"), said("noAssertion")), (0, 2, 1));
}

/// Names that are no identifier and no IRI, texts for a terminal; cycles; a package that a hundred thousand require.
#[test]
fn hostile_lockfiles_make_valid_documents() {
    let names = ["a--b", "a-", "-a", "A.b_c~d", "a+b", "!x", "(y)", "a'b", "a*b", "é"];
    let licences = ["\u{202e}", "<script>", "a\nb", "\u{9b}2J", "LicenseRef-", "MIT AND", "(", "\"", "{}", "MIT/"];
    let entry = |(name, licence): (&&str, &str)| {
        let fields = json!({"version": "1.0.0", "resolved": "https://[::bad/x y\"", "license": licence, "deprecated": licence});
        (format!("node_modules/{name}"), fields)
    };
    let mut packages: serde_json::Map<String, Value> = names.iter().zip(licences).map(entry).collect();
    packages.insert("node_modules/round".into(), json!({"version": "1.0.0", "dependencies": {"trip": "*"}}));
    packages.insert("node_modules/trip".into(), json!({"version": "1.0.0", "dependencies": {"round": "*", "trip": "*"}}));
    let lock = npm(&json!({"name": "app", "dependencies": {"round": "1"}}), &Value::Object(packages));
    let graphs = graphs(&[("package-lock.json", &lock)]);
    let project = Project { name: "the \u{202e}\"<repository>\n#%zz", version: Some("\u{7f}") };
    for version in VERSIONS {
        checked(&inventory(&graphs, &[]), version);
        checked(&Inventory { project, ..inventory(&[], &[]) }, version);
    }
}

#[test]
fn a_hundred_thousand_edges_are_written_and_read() {
    let packages: serde_json::Map<String, Value> =
        (0..100_000).map(|at| (format!("node_modules/p{at}"), json!({"version": "1.0.0", "dependencies": {"p0": "*"}}))).collect();
    let graphs = graphs(&[("package-lock.json", &npm(&json!({"name": "app"}), &Value::Object(packages)))]);
    for version in VERSIONS {
        let document: Value = serde_json::from_str(&written(&inventory(&graphs, &[]), Format::SpdxJson(version))).unwrap();
        assert_eq!(
            match version {
                Spdx::V2_3 => told_by_2(&document),
                Spdx::V3_0_1 => told_by_3(&document),
            }
            .edges
            .len(),
            99_999
        );
    }
}

#[test]
fn a_year_of_more_than_four_digits_is_an_error() {
    for timestamp in [i64::MAX, -99_999_999_999] {
        for version in VERSIONS {
            let far = Inventory { timestamp, ..inventory(&[], &[]) };
            let error = sbom::write(&far, Format::SpdxJson(version), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        }
    }
}

/// What a person approves is the same in two documents that were made at two times.
#[test]
fn the_namespace_is_the_contents() {
    let graphs = graphs(&[("requirements.txt", "ant==1.0\n")]);
    let namespace = |inventory: &Inventory<'_>| text(&checked(inventory, Spdx::V2_3)["documentNamespace"]);
    let now = inventory(&graphs, &[]);
    assert_eq!(namespace(&now), namespace(&Inventory { timestamp: 0, ..inventory(&graphs, &[]) }));
    assert_ne!(namespace(&now), namespace(&Inventory { lifecycle: Lifecycle::Build, ..inventory(&graphs, &[]) }));
}

/// Whom the policy names stands where the versions have a place for it, whatever the name is.
#[test]
fn who_stands_behind_the_product_is_told() {
    let graphs = graphs(&[(
        "package-lock.json",
        &npm(&json!({"name": "app", "version": "1.0.0"}), &json!({"node_modules/ant": {"version": "1.0.0"}})),
    )]);
    let person = |name: &str, email: &str| Identity { name: name.into(), email: email.into() };
    let makers = Makers {
        authors: vec![person("Ada (the first) \u{202e}", "ada@shop.example"), person("bob", "")],
        supplier: Some(Organisation { name: "Shop <Ltd>".into(), url: Vec::new(), contact: Some(person("desk", "desk@shop.example")) }),
        manufacturer: Some(Organisation { name: "Works".into(), url: vec!["https://works.example/".into()], contact: None }),
    };
    let named = Inventory { makers: Some(&makers), ..inventory(&graphs, &[]) };
    let document = checked(&named, Spdx::V2_3);
    let creators = list(&document["creationInfo"]["creators"]);
    assert_eq!(creators[1..], [json!("Person: Ada [the first] \u{202e} (ada@shop.example)"), json!("Person: bob")]);
    let app = package(&document, "app");
    assert_eq!(
        (&app["supplier"], &app["originator"]),
        (&json!("Organization: Shop <Ltd> (desk@shop.example)"), &json!("Organization: Works"))
    );
    assert_eq!(package(&document, "ant")["supplier"], "NOASSERTION");
    let document = checked(&named, Spdx::V3_0_1);
    let graph = list(&document["@graph"]);
    let of = |kind: &str| graph.iter().filter(|element| element["type"] == kind).collect::<Vec<_>>();
    assert_eq!((of("Person").len(), of("Organization").len()), (2, 2));
    let app = of("software_Package").into_iter().find(|element| element["name"] == "app").unwrap();
    let ids: Vec<&Value> = of("Organization").iter().map(|element| &element["spdxId"]).collect();
    assert!(ids.contains(&&app["suppliedBy"]) && ids.contains(&&app["originatedBy"][0]));
    assert_eq!(list(&graph[0]["createdBy"]).len(), 2);
    // One of the repository as a whole too.
    VERSIONS.into_iter().for_each(|version| drop(checked(&Inventory { makers: Some(&makers), ..inventory(&[], &[]) }, version)));
}
