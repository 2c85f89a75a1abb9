//! The reports that forges and CI systems read: a golden file each for one case of every verdict and one of hostile
//! text, and what the formats themselves ask for.

use crate::cli::sbomgate;
use crate::diff;
use crate::fixtures::{name, root};
use sbomgate::report::REPORTS;
use serde_json::Value;
use std::collections::BTreeSet;
use xml::reader::{EventReader, XmlEvent};

/// Allowed, waiting, denied, not judged, hostile.
const CASES: [&str; 5] = ["requirement-raised", "because-another-was-upgraded", "digest-changed", "head-unreadable", "hostile-text"];

/// Reports whose golden files stand elsewhere: these two with every case of `diff`, the manifest with the policies, and
/// the summary of a step is the comment in a larger size.
const ELSEWHERE: [&str; 4] = ["text", "json", "approval-manifest", "step-summary"];

#[test]
fn every_form_reports_as_its_golden_files_say() {
    let mut failed = Vec::new();
    for case in CASES {
        let repository = diff::repository(&root().join("diff").join(case));
        let sides = diff::sides(repository.path(), "base..head");
        for form in REPORTS.iter().map(|report| report.id()).filter(|id| !ELSEWHERE.contains(id)) {
            let text = without_constants(form, diff::written(&sides, form));
            let folder = root().join("report").join(case);
            let check = || {
                insta::with_settings!({ snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true }, {
                    insta::assert_snapshot!(form, text);
                })
            };
            if std::panic::catch_unwind(check).is_err() {
                failed.push(format!("{case}/{form}"));
            }
        }
        assert_eq!(diff::written(&sides, "step-summary"), diff::written(&sides, "markdown"), "what fits is the same");
    }
    assert!(failed.is_empty(), "{}", failed.join(", "));
}

/// The style and the script of the page, and the pages of the rules, would be in every golden file.
fn without_constants(form: &str, text: String) -> String {
    match form {
        "html" => text.split("<body>").nth(1).unwrap().split("<script>").next().unwrap().to_owned(),
        "sarif" => {
            let mut document: Value = serde_json::from_str(&text).unwrap();
            for rule in document["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
                let help = rule["help"]["markdown"].as_str().unwrap();
                assert!(help.starts_with("# ") && (help.contains("[[approval]]") || rule["id"] == "lockfile-removed"), "{help}");
                rule.as_object_mut().unwrap().remove("help");
            }
            serde_json::to_string_pretty(&document).unwrap()
        }
        _ => text,
    }
}

pub fn assert_sarif(text: &str, what: &str) {
    let schema: Value = serde_json::from_str(include_str!("../../../fixtures/schema/sarif/sarif-2.1.0.schema.json")).unwrap();
    let validator = jsonschema::draft4::new(&schema).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"], "{what}");
        assert_eq!(result["locations"].as_array().map(Vec::len), Some(1), "{what}: GitHub refuses a result without a place");
    }
}

/// The names of the elements, and of their attributes with the values; it is a test that they can be told.
pub fn elements(text: &str, what: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut elements = Vec::new();
    for event in EventReader::new(text.as_bytes()) {
        match event.unwrap_or_else(|error| panic!("{what} is not well-formed: {error}\n{text}")) {
            XmlEvent::StartElement { name, attributes, .. } => {
                let attributes = attributes.into_iter().map(|one| (one.name.local_name, one.value));
                elements.push((name.local_name, attributes.collect()));
            }
            XmlEvent::ProcessingInstruction { .. } => panic!("{what} has an instruction"),
            _ => {}
        }
    }
    elements
}

/// Both ways, so that everything that can be told comes by.
#[test]
fn every_case_is_valid_in_every_form() {
    for case in diff::cases() {
        let repository = diff::repository(&case);
        for range in ["base..head", "head..base"] {
            let sides = diff::sides(repository.path(), range);
            let what = format!("{} {range}", name(&case));
            assert_sarif(&diff::written(&sides, "sarif"), &what);
            assert_code_quality(&diff::written(&sides, "gitlab-code-quality"), &what);
            assert_junit(&diff::written(&sides, "junit"), &what);
            assert_page(&diff::written(&sides, "html"), &what);
        }
    }
}

/// What GitLab's documentation asks for: every field is there, and a fingerprint is of one entry.
pub fn assert_code_quality(text: &str, what: &str) {
    let entries: Value = serde_json::from_str(text).unwrap();
    let mut fingerprints = BTreeSet::new();
    for entry in entries.as_array().unwrap() {
        for field in ["description", "check_name", "fingerprint"] {
            assert!(entry[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
        }
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&entry["severity"].as_str().unwrap()), "{what}");
        assert!(
            !entry["location"]["path"].as_str().unwrap().is_empty() && entry["location"]["lines"]["begin"].as_u64() > Some(0),
            "{what}"
        );
        assert!(fingerprints.insert(entry["fingerprint"].as_str().unwrap().to_owned()), "{what}: {entry} is there twice");
    }
}

/// The numbers are those of what is there, and only a run that is allowed is without a failure.
pub fn assert_junit(text: &str, what: &str) {
    let elements = elements(text, what);
    let count = |name: &str| elements.iter().filter(|(element, _)| element == name).count();
    let told = |attribute: &str| {
        let (_, attributes) = elements.first().unwrap();
        attributes.iter().find(|(name, _)| name == attribute).unwrap().1.parse::<usize>().unwrap()
    };
    for (attribute, element) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
        assert_eq!(told(attribute), count(element), "{what}: {attribute}");
    }
    let known = ["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"];
    assert!(elements.iter().all(|(name, _)| known.contains(&name.as_str())), "{what}");
}

/// Nothing but what the page is made of, nothing that is fetched, and no code beside the one script.
pub fn assert_page(text: &str, what: &str) {
    let known = [
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "span", "section", "ul", "li", "strong", "code",
        "pre", "form", "label", "input", "output", "details", "summary", "div", "svg", "path", "a", "g", "rect", "text", "dl", "dt", "dd",
        "br", "script",
    ];
    let elements = elements(text, what);
    for (name, attributes) in &elements {
        assert!(known.contains(&name.as_str()), "{what}: {name}");
        for (attribute, value) in attributes {
            assert!(
                !attribute.starts_with("on") && !["src", "style", "srcset", "action"].contains(&attribute.as_str()),
                "{what}: {attribute}"
            );
            assert!(attribute != "href" || value.starts_with("#c"), "{what}: {value}");
        }
    }
    for once in ["script", "style", "main"] {
        assert_eq!(elements.iter().filter(|(name, _)| name == once).count(), 1, "{what}: {once}");
    }
    let ids: Vec<&String> = elements.iter().flat_map(|(_, all)| all).filter(|(name, _)| name == "id").map(|(_, id)| id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{what}: an id is there twice");
}

/// The digests of the policy are those of what was written, whatever was escaped on the way.
#[test]
fn the_policy_of_the_page_allows_its_own_script_alone() {
    use base64::Engine;
    let repository = diff::repository(&root().join("diff/hostile-text"));
    let page = diff::written(&diff::sides(repository.path(), "base..head"), "html");
    for element in ["style", "script"] {
        let content = page.split(&format!("<{element}>")).nth(1).unwrap().split(&format!("</{element}>")).next().unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
        let digest = base64::engine::general_purpose::STANDARD.encode(digest);
        assert!(page.contains(&format!("{element}-src 'sha256-{digest}';")), "{element}");
        assert!(!["innerHTML", "eval", "document.write", "http", "url(", "@import"].iter().any(|word| content.contains(word)), "{element}");
    }
    assert!(page.contains("default-src 'none';"));
}

/// Several at once, each whole; the commands of annotations come through, and the exit code is the one that is told.
#[test]
fn one_run_writes_every_form() {
    for (case, expected) in [("requirement-raised", 0), ("digest-changed", 1), ("head-unreadable", 2), ("hostile-text", 3)] {
        let repository = diff::repository(&root().join("diff").join(case));
        let mut command = sbomgate(repository.path());
        command.args(["diff", "base..head", "-f", "github"]);
        for id in REPORTS.iter().map(|report| report.id()) {
            command.args(["-o", &format!("{id}=out.{id}")]);
        }
        let output = command.output().unwrap();
        let written = |id: &str| std::fs::read_to_string(repository.path().join(format!("out.{id}"))).unwrap();
        assert_eq!(output.status.code(), Some(expected), "{case}: {}", String::from_utf8_lossy(&output.stderr));
        let sarif: Value = serde_json::from_str(&written("sarif")).unwrap();
        assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], expected, "{case}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed, written("github"), "{case}");
        let is_annotation = |line: &str| ["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command));
        assert!(printed.lines().all(is_annotation) && printed.lines().count() > 0, "{case}: {printed}");
        assert!(REPORTS.iter().all(|report| !written(report.id()).is_empty()), "{case}");
    }
}

#[test]
fn the_documentation_names_every_form() {
    let page = include_str!("../../../docs/reports.md");
    for report in REPORTS {
        assert!(page.contains(&format!("`{}`", report.id())), "docs/reports.md does not tell of {}", report.id());
    }
}
