//! GitLab's dependency scanning report: what GitLab takes, and that the road to a package is told.

use super::assert_valid_by;
use crate::diff;
use crate::fixtures::{name, root};
use serde_json::{Value, json};

const FORM: &str = "gitlab-dependency-scanning";

pub fn schema() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/schema/gitlab/dependency-scanning.schema.json")).unwrap()
}

#[test]
fn every_report_is_one_that_gitlab_takes() {
    for case in diff::cases() {
        let repository = diff::repository(&case);
        let records = Some(case.join("advisories")).filter(|folder| folder.is_dir());
        for range in ["base..head", "head..base"] {
            let report = diff::of_store(&diff::sides(repository.path(), range), records.as_deref(), FORM);
            assert_valid_by(&schema(), &report, &name(&case));
            let report: Value = serde_json::from_str(&report).unwrap();
            let is_blocked = report["scan"]["messages"].as_array().unwrap().iter().any(|message| message["level"] == "fatal");
            assert_eq!(report["scan"]["status"], if is_blocked { "failure" } else { "success" }, "{}", name(&case));
        }
    }
}

#[test]
fn advisories_are_told_with_their_packages() {
    let case = root().join("diff/advisories-told-apart");
    let repository = diff::repository(&case);
    let report = diff::of_store(&diff::sides(repository.path(), "base..head"), Some(&case.join("advisories")), FORM);
    insta::with_settings!({ snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(FORM, report);
    });
}

/// A made-up flaw two steps below a direct package, with text that tries to be markup.
#[test]
fn the_road_is_told_and_text_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let (top, records) = (folder.path().join("repository"), folder.path().join("records"));
    std::fs::create_dir_all(&records).unwrap();
    std::fs::create_dir_all(&top).unwrap();
    diff::git(&top, &["init", "--quiet"]);
    diff::git(&top, &["commit", "--quiet", "--allow-empty", "--message", "base"]);
    let entry = |name: &str, needs: Value| json!({ "version": "1.0.0", "dependencies": needs, "resolved": format!("https://npm.example/{name}/-/{name}-1.0.0.tgz") });
    let lock = json!({ "lockfileVersion": 3, "packages": {
        "": { "dependencies": { "ant": "*" } },
        "node_modules/ant": entry("ant", json!({ "bee": "*" })),
        "node_modules/bee": entry("bee", json!({ "cow": "*" })),
        "node_modules/cow": entry("cow", json!({})),
    } });
    std::fs::write(top.join("package-lock.json"), lock.to_string()).unwrap();
    diff::git(&top, &["add", "--all"]);
    diff::git(&top, &["commit", "--quiet", "--message", "head"]);
    let affected = json!([{ "package": { "ecosystem": "npm", "name": "cow" }, "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.0.1" }] }] }]);
    let record = json!({ "id": "GHSA-cowc-0000-0000", "aliases": ["CVE-2026-0001"], "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z", "summary": "<img src=x> @everyone [a](https://evil.example)", "affected": affected, "database_specific": { "severity": "HIGH", "cwe_ids": ["CWE-79"] } });
    std::fs::write(records.join("cow.json"), record.to_string()).unwrap();
    let report = diff::of_store(&diff::sides(&top, "HEAD~1..HEAD"), Some(&records), FORM);
    assert_valid_by(&schema(), &report, "cow");
    let report: Value = serde_json::from_str(&report).unwrap();
    let found = &report["vulnerabilities"][0];
    let of = |name: &str| {
        let all = report["dependency_files"][0]["dependencies"].as_array().unwrap();
        all.iter().find(|one| one["package"]["name"] == name).unwrap()["iid"].clone()
    };
    assert_eq!(found["location"]["dependency"]["dependency_path"], json!([{ "iid": of("ant") }, { "iid": of("bee") }]));
    assert_eq!((&found["location"]["dependency"]["direct"], &found["severity"]), (&json!(false), &json!("High")));
    let kinds: Vec<&Value> = found["identifiers"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["ghsa", "cve", "cwe"]);
    assert_eq!(found["solution"], "Upgrade cow to 1.0.1 or later; it comes with ant 1.0.0.");
    let description = found["description"].as_str().unwrap();
    assert!(
        !description.contains("<img") && !description.contains("@everyone") && description.contains("\\[a\\](https:&#8203;//"),
        "{description}"
    );
}
