//! What `sbom --score` says, and that the documents hold what it says.

use crate::fixtures::{cases, root};
use sbomgate::graph::DepGraph;
use sbomgate::model::Gap;
use sbomgate::sbom::score::{self, Score};
use sbomgate::sbom::{self, CycloneDx, Format, Inventory, Lifecycle, Project, Spdx};
use serde_json::Value;

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
        timestamp: 0,
        lifecycle: Lifecycle::PreBuild,
    }
}

fn document(inventory: &Inventory<'_>, format: Format) -> Value {
    let mut out = Vec::new();
    sbom::write(inventory, format, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Of how many components an element is there.
fn present(score: &Score, guide: &str, name: &str) -> usize {
    let guide = score.guides.iter().find(|of| of.id == guide).unwrap();
    guide.elements.iter().find(|element| element.name == name).unwrap_or_else(|| panic!("{name}")).counts.present
}

#[test]
fn scores_are_golden() {
    for case in ["package-lock/licence-forms", "requirements-txt/trap-52-hashes", "cargo-lock/git-references"] {
        let Some(case) = cases().into_iter().find(|found| found.label() == case) else { panic!("{case} is gone") };
        let read = case.read();
        let graphs: Vec<DepGraph> = read.graphs.into_values().collect();
        let mut told = Vec::new();
        for format in [Format::CycloneDxJson(CycloneDx::V1_6), Format::SpdxJson(Spdx::V2_3), Format::SpdxJson(Spdx::V3_0_1)] {
            score::text(&score::score(&inventory(&graphs, &read.gaps), format), &mut told).unwrap();
            told.push(b'\n');
        }
        insta::with_settings!({ snapshot_path => root().join("score"), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(case.label().replace('/', "-"), String::from_utf8(told).unwrap());
        });
    }
}

/// Every element of components adds up to all of them, in every format.
#[test]
fn counts_add_up_and_are_those_of_the_documents() {
    for case in cases() {
        let read = case.read();
        let graphs: Vec<DepGraph> = read.graphs.into_values().collect();
        let inventory = inventory(&graphs, &read.gaps);
        for format in Format::ALL.into_iter().filter(|format| !format.is_of_flaws()) {
            let score = score::score(&inventory, format);
            for element in score.guides.iter().flat_map(|guide| &guide.elements) {
                let all = if element.of_components { score.components } else { 1 };
                assert_eq!(element.counts.all(), all, "{}: {}", case.label(), element.name);
            }
        }
        by_cyclonedx(&inventory, &case.label());
        by_spdx(&inventory, &case.label());
    }
}

fn by_cyclonedx(inventory: &Inventory<'_>, case: &str) {
    let format = Format::CycloneDxJson(CycloneDx::V1_6);
    let (score, bom) = (score::score(inventory, format), document(inventory, format));
    let subject = &bom["metadata"]["component"];
    let components: Vec<&Value> = std::iter::once(subject).chain(list(&subject["components"])).chain(list(&bom["components"])).collect();
    let count = |holds: &dyn Fn(&Value) -> bool| components.iter().filter(|component| holds(component)).count();
    assert_eq!(score.components, components.len(), "{case}");
    let ntia = |name| present(&score, "ntia-2021", name);
    assert_eq!(ntia("Version of the Component"), count(&|component| component["version"].is_string()), "{case}");
    assert_eq!(ntia("Other Unique Identifiers"), count(&|component| component["purl"].is_string()), "{case}");
    let is_stated = |component: &Value| list(&component["licenses"]).iter().any(|licence| licence["license"]["name"] != "NOASSERTION");
    assert_eq!(ntia("License Information"), count(&is_stated), "{case}");
    let complete = list(&bom["compositions"]).iter().filter(|claim| claim["aggregate"] == "complete");
    assert_eq!(ntia("Dependency Relationship"), complete.flat_map(|claim| list(&claim["dependencies"])).count(), "{case}");
    let of_sha512 = |hashes: &Value| list(hashes).iter().any(|hash| hash["alg"] == "SHA-512");
    let has = |component: &Value| {
        let references = list(&component["externalReferences"]).iter().filter(|reference| reference["type"] == "distribution");
        let mut references = references.peekable();
        of_sha512(&component["hashes"]) || references.peek().is_some() && references.all(|reference| of_sha512(&reference["hashes"]))
    };
    assert_eq!(present(&score, "bsi-tr-03183-2", "Hash value of the deployable component, SHA-512"), count(&has), "{case}");
}

fn by_spdx(inventory: &Inventory<'_>, case: &str) {
    let format = Format::SpdxJson(Spdx::V2_3);
    let (score, document) = (score::score(inventory, format), document(inventory, format));
    let count = |holds: &dyn Fn(&Value) -> bool| list(&document["packages"]).iter().filter(|package| holds(package)).count();
    let telco = |name| present(&score, "openchain-telco", name);
    assert_eq!(telco("PackageVersion"), count(&|package| package["versionInfo"].is_string()), "{case}");
    assert_eq!(telco("PackageLicenseDeclared"), count(&|package| package["licenseDeclared"] != "NOASSERTION"), "{case}");
    let is_purl = |package: &Value| list(&package["externalRefs"]).iter().any(|reference| reference["referenceType"] == "purl");
    assert_eq!(telco("Package URL"), count(&is_purl), "{case}");
    let words: Vec<&Value> = list(&document["relationships"]).iter().map(|relationship| &relationship["relationshipType"]).collect();
    assert_eq!(telco("Relationship: DESCRIBES and CONTAINS") == 1, words.iter().any(|word| **word == "CONTAINS"), "{case}");
}
