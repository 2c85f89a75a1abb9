//! What holds of every BOM: the official schema, and what no schema can say.

use super::repository::Repository;
use super::xml;
use jsonschema::{Registry, Validator};
use sbomgate::graph::DepGraph;
use sbomgate::model::Gap;
use sbomgate::model::text::is_invisible;
use sbomgate::sbom::{self, CycloneDx, Format, Inventory, Lifecycle, Project, properties};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::OnceLock;

pub const NOON: i64 = 1_795_197_600;

pub fn inventory<'a>(graphs: &'a [DepGraph], gaps: &'a [Gap]) -> Inventory<'a> {
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

pub fn text(inventory: &Inventory<'_>) -> String {
    text_as(inventory, Format::CycloneDxJson(CycloneDx::V1_6))
}

fn text_as(inventory: &Inventory<'_>, format: Format) -> String {
    let mut out = Vec::new();
    sbom::write(inventory, format, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.chars().any(|c| is_invisible(c) && c != '\n'), "an invisible character is not escaped");
    text
}

/// The BOM of all lockfiles, checked.
pub fn bom(files: &[(&str, &str)]) -> Value {
    let graphs = Repository::of(files).graphs();
    assert!(!graphs.is_empty(), "no lockfile could be read");
    checked(&inventory(&graphs, &[]))
}

/// The BOM, after every law was seen to hold in every format and version.
pub fn checked(inventory: &Inventory<'_>) -> Value {
    let text = text(inventory);
    assert_eq!(text, self::text(inventory), "written twice, two texts");
    let bom = valid_json(inventory, CycloneDx::V1_6);
    for version in [CycloneDx::V1_4, CycloneDx::V1_5, CycloneDx::V1_7] {
        let other = valid_json(inventory, version);
        for part in ["serialNumber", "dependencies", "compositions"] {
            assert_eq!(other[part], bom[part], "{part} of {}", version.as_str());
        }
    }
    for format in Format::ALL {
        if let Format::CycloneDxXml(version) = format {
            xml::is_the_same(&text_as(inventory, format), &valid_json(inventory, version), version);
        }
    }
    bom
}

/// A document that its version's schema accepts and whose parts fit together.
/// By the official schema.
pub fn is_valid(bom: &Value, version: CycloneDx) {
    let errors: Vec<String> = validator(version).iter_errors(bom).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}: {}", version.as_str(), errors.join("\n"));
}

fn valid_json(inventory: &Inventory<'_>, version: CycloneDx) -> Value {
    let bom: Value = serde_json::from_str(&text_as(inventory, Format::CycloneDxJson(version))).unwrap();
    is_valid(&bom, version);
    references(&bom);
    for component in components(&bom) {
        hashes(component);
        known_properties(component);
    }
    known_properties(&bom["metadata"]);
    list(&bom["vulnerabilities"]).iter().for_each(known_properties);
    bom
}

/// References are unique, each has one entry in `dependencies`, all lists are sorted, and what is
/// pointed at is there.
fn references(bom: &Value) {
    let refs: Vec<&str> = components(bom).iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    let known: BTreeSet<&str> = refs.iter().copied().collect();
    assert_eq!(known.len(), refs.len(), "a bom-ref stands twice");
    let entries: Vec<&str> = list(&bom["dependencies"]).iter().map(|entry| entry["ref"].as_str().unwrap()).collect();
    assert_eq!(entries, known.iter().copied().collect::<Vec<_>>(), "dependencies are not one sorted entry for each bom-ref");
    for entry in list(&bom["dependencies"]) {
        let on = strings(&entry["dependsOn"]);
        assert!(on.is_sorted_by(|a, b| a < b), "{entry}: not sorted and unique");
        assert!(on.iter().all(|target| known.contains(target)), "{entry}: leads nowhere");
        assert!(!on.contains(&entry["ref"].as_str().unwrap()), "{entry}: requires itself");
    }
    let claimed: Vec<&str> = list(&bom["compositions"]).iter().flat_map(|claim| strings(&claim["dependencies"])).collect();
    assert_eq!(claimed.iter().copied().collect::<BTreeSet<_>>(), known, "not every component's dependencies have a claim");
    assert_eq!(claimed.len(), known.len(), "two claims of one component's dependencies");
    let parts: Vec<&str> = list(&bom["compositions"]).iter().flat_map(|claim| strings(&claim["assemblies"])).collect();
    assert_eq!(parts, [bom["metadata"]["component"]["bom-ref"].as_str().unwrap()]);
}

fn hashes(component: &Value) {
    let of_references = list(&component["externalReferences"]).iter().flat_map(|reference| list(&reference["hashes"]));
    for hash in list(&component["hashes"]).iter().chain(of_references) {
        let digits = match hash["alg"].as_str().unwrap() {
            "MD5" => 32,
            "SHA-1" => 40,
            "SHA-256" => 64,
            "SHA-384" => 96,
            "SHA-512" => 128,
            other => panic!("{other} is no algorithm of the specification"),
        };
        let content = hash["content"].as_str().unwrap();
        assert_eq!(content.len(), digits, "{hash}");
        assert!(content.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{hash}");
    }
}

fn known_properties(of: &Value) {
    for property in list(&of["properties"]) {
        let name = property["name"].as_str().unwrap();
        assert!(properties::ALL.contains(&name), "{name} is not documented");
    }
}

/// The root, what is nested in it, and the rest.
pub fn components(bom: &Value) -> Vec<&Value> {
    let root = &bom["metadata"]["component"];
    std::iter::once(root).chain(list(&root["components"])).chain(list(&bom["components"])).collect()
}

pub fn named<'b>(bom: &'b Value, name: &str) -> &'b Value {
    let found: Vec<&Value> = components(bom).into_iter().filter(|component| component["name"] == name).collect();
    assert_eq!(found.len(), 1, "{name}");
    found[0]
}

pub fn property<'b>(of: &'b Value, name: &str) -> Vec<&'b str> {
    list(&of["properties"]).iter().filter(|property| property["name"] == name).map(|property| property["value"].as_str().unwrap()).collect()
}

pub fn depends_on<'b>(bom: &'b Value, reference: &str) -> Vec<&'b str> {
    list(&bom["dependencies"]).iter().filter(|entry| entry["ref"] == reference).flat_map(|entry| strings(&entry["dependsOn"])).collect()
}

/// What is claimed of a reference: `("assemblies" or "dependencies", aggregate)`.
pub fn claim<'b>(bom: &'b Value, of: &str, reference: &str) -> Option<&'b str> {
    let claims = list(&bom["compositions"]);
    claims.iter().find(|claim| strings(&claim[of]).contains(&reference)).and_then(|claim| claim["aggregate"].as_str())
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn strings(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

/// The official schema of a version; what it refers to lies beside it, and nothing is fetched.
fn validator(version: CycloneDx) -> &'static Validator {
    static VALIDATORS: [OnceLock<Validator>; 4] = [const { OnceLock::new() }; 4];
    let text = match version {
        CycloneDx::V1_4 => include_str!("../../../fixtures/schema/cyclonedx/bom-1.4.schema.json"),
        CycloneDx::V1_5 => include_str!("../../../fixtures/schema/cyclonedx/bom-1.5.schema.json"),
        CycloneDx::V1_6 => include_str!("../../../fixtures/schema/cyclonedx/bom-1.6.schema.json"),
        CycloneDx::V1_7 => include_str!("../../../fixtures/schema/cyclonedx/bom-1.7.schema.json"),
    };
    VALIDATORS[version as usize].get_or_init(|| {
        let schema = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let referred = [
            ("spdx", include_str!("../../../fixtures/schema/cyclonedx/spdx.schema.json")),
            ("jsf-0.82", include_str!("../../../fixtures/schema/cyclonedx/jsf-0.82.schema.json")),
            ("cryptography-defs", include_str!("../../../fixtures/schema/cyclonedx/cryptography-defs.schema.json")),
        ];
        let referred = referred.map(|(name, text)| (format!("http://cyclonedx.org/schema/{name}.schema.json"), schema(text)));
        let registry = Registry::new().extend(referred).and_then(|registry| registry.prepare()).unwrap();
        jsonschema::options().should_validate_formats(true).with_registry(&registry).build(&schema(text)).unwrap()
    })
}
