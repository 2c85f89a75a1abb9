//! What VEX documents say, through the program: into SBOMs, judgements and back; and what an input document says of
//! vulnerabilities. How far a statement is believed has its cases in fixtures/policy (`vex-*`, `error-vex-*`).

use crate::cli::{code, run, stderr, stdout};
use crate::diff::git;
use crate::fixtures::{folders, name, root};
use crate::reports::assert_valid;
use crate::sbom_schema::is_valid;
use sbomgate::model::{RelPath, SourceFile};
use sbomgate::read::vex;
use sbomgate::sbom::CycloneDx;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Instant;

fn record(id: &str, cve: &str, package: &str) -> Value {
    let vector = json!([{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }]);
    let ranges = json!([{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.0.1" }] }]);
    json!({ "id": id, "modified": "2025-01-01T00:00:00Z", "published": "2024-12-01T00:00:00Z", "aliases": [cve], "summary": "it bites",
        "severity": vector, "references": [{ "type": "WEB", "url": "https://ant.example/1" }],
        "affected": [{ "package": { "ecosystem": "npm", "name": package }, "ranges": ranges }] })
}

/// A project with two packages of which the store knows a flaw each.
fn project(folder: &Path) {
    let packages = json!({ "": { "name": "zoo", "version": "1.0.0", "dependencies": { "ant": "1.0.0", "bee": "1.0.0" } },
        "node_modules/ant": { "version": "1.0.0" }, "node_modules/bee": { "version": "1.0.0" } });
    let lockfile = json!({ "name": "zoo", "version": "1.0.0", "lockfileVersion": 3, "packages": packages });
    fs::write(folder.join("package-lock.json"), lockfile.to_string()).unwrap();
    fs::create_dir(folder.join("osv")).unwrap();
    for (id, cve, package) in [("GHSA-anta-0000-0000", "CVE-2025-1", "ant"), ("GHSA-beeb-0000-0000", "CVE-2025-2", "bee")] {
        fs::write(folder.join("osv").join(format!("{id}.json")), record(id, cve, package).to_string()).unwrap();
    }
    assert_eq!(code(&run(folder, &["advisories", "import", "--store", "store", "osv"])), 0);
}

fn statements() -> Vec<Value> {
    vec![
        json!({ "vulnerability": { "name": "CVE-2025-1" }, "products": [{ "@id": "pkg:npm/ant@1.0.0" }], "status": "not_affected",
            "justification": "vulnerable_code_cannot_be_controlled_by_adversary", "impact_statement": "only \u{9b}constants" }),
        json!({ "vulnerability": { "name": "CVE-2025-2" }, "products": [{ "@id": "pkg:npm/zoo", "subcomponents": [{ "@id": "pkg:npm/bee" }] }],
            "status": "affected", "action_statement": "update next week" }),
    ]
}

fn openvex(statements: &[Value]) -> String {
    json!({ "@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:zoo", "author": "Ada", "timestamp": "2025-11-01T12:00:00Z",
        "version": 1, "statements": statements })
    .to_string()
}

fn json_of(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", stderr(&output)))
}

fn levels(report: &Value) -> Vec<(String, String, Value)> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "advisory");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings.map(|finding| (text(&finding["advisory"]["id"]), text(&finding["level"]), finding["advisory"]["vex"].clone())).collect()
}

const SBOM: [&str; 4] = ["sbom", "--advisories", "--store", "store"];

#[test]
fn the_operators_statements_stand_in_reports_and_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    project(path);
    fs::write(path.join("vex.json"), openvex(&statements())).unwrap();
    let report = run(path, &["check", "--store", "store", "--vex", "vex.json", "-f", "json"]);
    assert_valid(&stdout(&report), "check with VEX");
    let told = levels(&serde_json::from_slice(&report.stdout).unwrap());
    let of_ant = json!({ "status": "not_affected", "state": "not_affected",
        "justification": "vulnerable_code_cannot_be_controlled_by_adversary", "responses": [], "detail": "only \u{9b}constants",
        "action": null, "author": "Ada", "time": "2025-11-01T12:00:00Z", "file": "vex.json", "line": 1 });
    assert_eq!(told[1], ("GHSA-anta-0000-0000".into(), "note".into(), of_ant));
    assert_eq!((told[0].1.as_str(), &told[0].2["status"], &told[0].2["action"]), ("error", &json!("affected"), &json!("update next week")));
    for format in ["text", "markdown", "html", "sarif", "junit"] {
        let text = stdout(&run(path, &["check", "--store", "store", "--vex", "vex.json", "-f", format]));
        let plain = text.replace('\\', "");
        assert!(plain.contains("vex.json:1 (Ada, 2025-11-01) says not affected") || plain.contains("says affected"), "{format}: {text}");
    }
    let bom = json_of(path, &[&SBOM[..], &["--vex", "vex.json"]].concat());
    is_valid(&bom, CycloneDx::V1_6);
    let of = |at: usize| &bom["vulnerabilities"][at];
    let expected = json!({ "state": "not_affected", "detail": "vulnerable_code_cannot_be_controlled_by_adversary; only \u{9b}constants",
        "firstIssued": "2025-11-01T12:00:00Z" });
    assert_eq!(of(0)["analysis"], expected);
    assert_eq!(of(0)["properties"], json!([{ "name": "sbomgate:vex", "value": "vex.json:1 (Ada, 2025-11-01)" }]));
    assert_eq!((&of(1)["analysis"]["state"], &of(1)["analysis"]["detail"]), (&json!("exploitable"), &json!("update next week")));
    let vex = json_of(path, &[&SBOM[..], &["--vex", "vex.json", "-f", "openvex-json"]].concat());
    let statement = &vex["statements"][0];
    assert_eq!((&statement["status"], &statement["impact_statement"]), (&json!("not_affected"), &json!("only \u{9b}constants")));
    assert_eq!(statement["status_notes"], "update ant 1.0.0 to 1.0.1; by vex.json:1 (Ada, 2025-11-01)");
}

/// What we write with statements is VEX that we read, in every encoding, and says the same.
#[test]
fn our_own_documents_are_vex() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    project(path);
    fs::write(path.join("vex.json"), openvex(&statements())).unwrap();
    for (form, file) in [
        ("openvex-json", "own.json"),
        ("cyclonedx-json@1.5", "own.cdx.json"),
        ("cyclonedx-xml@1.4", "own4.cdx.xml"),
        ("cyclonedx-xml@1.7", "own7.cdx.xml"),
    ] {
        let output = run(path, &[&SBOM[..], &["--vex", "vex.json", "-o", &format!("{form}={file}")]].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let report = json_of(path, &["check", "--store", "store", "--vex", file, "-f", "json"]);
        let told: Vec<(String, Value)> = levels(&report).into_iter().map(|(_, level, vex)| (level, vex["state"].clone())).collect();
        assert_eq!(told, [("error".into(), json!("exploitable")), ("note".into(), json!("not_affected"))], "{form}");
    }
}

/// The checkout of a change is in its author's hands: a document that lies there counts where the base has the same.
#[test]
fn a_change_does_not_bring_the_operators_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let elsewhere = tempfile::tempdir().unwrap();
    git(path, &["init", "--quiet", "--initial-branch=main"]);
    fs::write(path.join("README"), "zoo").unwrap();
    fs::write(path.join("same.json"), openvex(&statements()[..1])).unwrap();
    fs::write(path.join("other.json"), openvex(&[])).unwrap();
    git(path, &["add", "README", "same.json", "other.json"]);
    git(path, &["commit", "--quiet", "--message", "base"]);
    project(path);
    fs::write(path.join("other.json"), openvex(&statements()[..1])).unwrap();
    fs::write(path.join("new.json"), openvex(&statements()[..1])).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("new.json", path.join("link.json")).unwrap();
    git(path, &["add", "package-lock.json", "other.json", "new.json", "link.json"]);
    git(path, &["commit", "--quiet", "--message", "head"]);
    fs::write(elsewhere.path().join("vex.json"), openvex(&statements()[..1])).unwrap();
    fs::write(path.join("untracked.json"), openvex(&statements()[..1])).unwrap();
    let outside = elsewhere.path().join("vex.json").display().to_string();
    for (file, level) in [
        (outside.as_str(), "note"),
        ("same.json", "note"),
        ("untracked.json", "note"),
        ("./same.json", "note"),
        ("other.json", "error"),
        ("new.json", "error"),
        ("./new.json", "error"),
        ("osv/../new.json", "error"),
        ("link.json", "error"),
        (&path.join("new.json").display().to_string(), "error"),
    ] {
        let report = json_of(path, &["diff", "HEAD~1..HEAD", "--store", "store", "--vex", file, "-f", "json"]);
        let of_ant = levels(&report).into_iter().find(|(id, ..)| id == "GHSA-anta-0000-0000").unwrap();
        assert_eq!(of_ant.1, level, "{file}");
        let refused = report["gaps"].as_array().unwrap().iter().filter(|gap| gap["kind"] == "unread-statement").count();
        assert_eq!(refused, usize::from(level == "error"), "{file}");
    }
}

/// A document with every field that is carried on, and some that are not.
fn with_everything() -> Value {
    let flaw = json!({
        "bom-ref": "v1", "id": "CVE-2025-1", "source": { "name": "NVD", "url": "https://nvd.example/1" },
        "references": [{ "id": "GHSA-anta-0000-0000", "source": { "name": "GHSA", "url": "https://ghsa.example/1" } }],
        "ratings": [{ "source": { "name": "NVD" }, "score": 7.85, "severity": "high", "method": "CVSSv4", "vector": "CVSS:4.0/AV:N", "justification": "it is so" },
            { "severity": "info", "method": "SSVC" }],
        "cwes": [79, 502], "description": "it bites", "detail": "hard", "recommendation": "run", "workaround": "a net",
        "advisories": [{ "title": "the ant", "url": "https://ant.example/advisory" }, { "url": "https://ant.example/2" }],
        "created": "2025-01-01T00:00:00Z", "published": "2025-01-02T00:00:00Z", "updated": "2025-01-03T00:00:00.5Z", "rejected": "2025-01-04T00:00:00Z",
        "analysis": { "state": "not_affected", "justification": "protected_at_perimeter", "response": ["will_not_fix", "update"], "detail": "a fence",
            "firstIssued": "2025-01-05T00:00:00Z", "lastUpdated": "2025-01-06T00:00:00Z" },
        "affects": [{ "ref": "the-ant", "versions": [{ "version": "1.0.0", "status": "affected" }, { "range": "vers:npm/<1.0.0", "status": "unknown" }] },
            { "ref": "zoo" }],
    });
    let ant = json!({ "type": "library", "bom-ref": "the-ant", "name": "ant", "version": "1.0.0", "purl": "pkg:npm/ant@1.0.0" });
    let zoo = json!({ "type": "application", "bom-ref": "zoo", "name": "zoo", "version": "1.0.0", "purl": "pkg:npm/zoo@1.0.0" });
    json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": { "component": zoo }, "components": [ant],
        "dependencies": [{ "ref": "zoo", "dependsOn": ["the-ant"] }], "vulnerabilities": [flaw, { "affects": [{ "ref": "the-ant" }] }] })
}

#[test]
fn what_a_document_says_of_vulnerabilities_is_carried_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let document = with_everything();
    fs::write(path.join("in.cdx.json"), document.to_string()).unwrap();
    let made = json_of(path, &["sbom", "in.cdx.json"]);
    is_valid(&made, CycloneDx::V1_6);
    let mut expected = document["vulnerabilities"][0].clone();
    expected["bom-ref"] = json!("vulnerability:CVE-2025-1");
    expected["affects"][0]["ref"] = json!("pkg:npm/ant@1.0.0");
    expected["affects"][1]["ref"] = json!("pkg:npm/zoo@1.0.0");
    assert_eq!(made["vulnerabilities"][1], expected);
    assert_eq!(made["vulnerabilities"][0], json!({ "bom-ref": "vulnerability:without-id", "affects": [{ "ref": "pkg:npm/ant@1.0.0" }] }));
    for version in ["1.4", "1.5", "1.6", "1.7"] {
        let xml = format!("{version}.cdx.xml");
        run(path, &["sbom", "in.cdx.json", "-o", &format!("cyclonedx-xml@{version}={xml}")]);
        let again = json_of(path, &["sbom", &xml, "--spec-version", version]);
        assert_eq!(
            again["vulnerabilities"],
            json_of(path, &["sbom", "in.cdx.json", "--spec-version", version])["vulnerabilities"],
            "{version}"
        );
    }
    let vex = json_of(path, &["sbom", "in.cdx.json", "-f", "openvex-json"]);
    let statement = &vex["statements"][0];
    assert_eq!((&statement["status"], &statement["impact_statement"]), (&json!("not_affected"), &json!("protected_at_perimeter: a fence")));
    assert_eq!(statement["vulnerability"]["aliases"], json!(["GHSA-anta-0000-0000"]));
    for (form, what) in [("openvex-json", "without an id"), ("spdx-json", "no place (2)"), ("cyclonedx-json@1.4", "the times of analyses")]
    {
        let said = stderr(&run(path, &["sbom", "in.cdx.json", "-o", &format!("{form}=out")]));
        assert!(said.contains(what), "{form}: {said}");
    }
}

/// Of one flaw in one component the store has the facts and the document the analysis; each stands once.
#[test]
fn the_store_and_a_document_are_one_entry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    project(path);
    fs::write(path.join("in.cdx.json"), with_everything().to_string()).unwrap();
    let made = json_of(path, &["sbom", "in.cdx.json", "--advisories", "--store", "store"]);
    is_valid(&made, CycloneDx::V1_6);
    let told: Vec<(&Value, &Value, &Value)> = made["vulnerabilities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["id"], &one["analysis"]["state"], &one["affects"][0]["ref"]))
        .collect();
    let (ant, zoo, state) = (json!("pkg:npm/ant@1.0.0"), json!("pkg:npm/zoo@1.0.0"), json!("not_affected"));
    let (cve, ghsa) = (json!("CVE-2025-1"), json!("GHSA-anta-0000-0000"));
    assert_eq!(told, [(&Value::Null, &Value::Null, &ant), (&cve, &state, &zoo), (&ghsa, &state, &ant)]);
    assert_eq!(made["vulnerabilities"][2]["ratings"][0]["score"], 9.8);
}

/// Words that no schema knows, targets that are no package, and fields that are not carried on: the document stays valid, and says
/// that something is missing.
#[test]
fn what_is_not_carried_on_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut document = with_everything();
    let flaw = &mut document["vulnerabilities"][0];
    flaw["ratings"][0]["severity"] = json!("moderate");
    flaw["analysis"]["state"] = json!("harmless");
    flaw["published"] = json!("yesterday");
    flaw["updated"] = json!("2025-01-01T01:00+01:00");
    flaw["credits"] = json!({ "organizations": [] });
    flaw["properties"] = json!([{ "name": "theirs", "value": "1" }]);
    flaw["affects"][1]["ref"] = json!("nowhere");
    fs::write(path.join("in.cdx.json"), document.to_string()).unwrap();
    let made = json_of(path, &["sbom", "in.cdx.json"]);
    is_valid(&made, CycloneDx::V1_6);
    let gaps: Vec<&str> = made["metadata"]["properties"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["value"].as_str())
        .filter(|text| text.starts_with("unread-statement"))
        .collect();
    assert_eq!(
        gaps,
        [
            "unread-statement: in.cdx.json:1: not all that the document says of vulnerabilities is carried on: `credits` (1), `published`, which is no time (1), properties of others (1), the severity `moderate` (1), the state `harmless` (1)",
            "unread-statement: in.cdx.json:1: vulnerabilities are of 1 that are no package here, the first `nowhere`",
        ]
    );
    assert_eq!(made["vulnerabilities"][1]["updated"], "2025-01-01T00:00:00Z");
}

/// Documents of the cases, cut off anywhere or with a bit flipped, are read or refused with a line.
#[test]
fn damaged_documents_are_read_or_refused() {
    let mut tried = 0;
    for case in folders(&root().join("policy")).iter().filter(|case| name(case).contains("vex")) {
        let Ok(bytes) = fs::read(case.join("base/.sbomgate/vex.json")) else { continue };
        for at in 0..bytes.len() {
            let flipped = [&bytes[..at], &[bytes[at] ^ 4], &bytes[at + 1..]].concat();
            for spoilt in [bytes[..at].to_vec(), flipped] {
                let Ok(file) = SourceFile::new(RelPath::new("vex.json").unwrap(), spoilt) else { continue };
                tried += 1;
                assert!(vex::read(&file).err().is_none_or(|error| error.line.is_some()), "{} at {at}", case.display());
            }
        }
    }
    assert!(tried > 20_000, "{tried}");
}

/// A hundred thousand statements of one package and one flaw, each of another product.
#[test]
fn many_statements_take_no_long_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    project(path);
    let of = |number: usize| {
        json!({ "vulnerability": { "name": "CVE-2025-1" }, "status": "fixed",
            "products": [{ "@id": format!("pkg:npm/zoo@{number}.0.0"), "subcomponents": [{ "@id": "pkg:npm/ant@1.0.0" }] }] })
    };
    fs::write(path.join("vex.json"), openvex(&(2..100_002).map(of).collect::<Vec<_>>())).unwrap();
    let start = Instant::now();
    let report = json_of(path, &["check", "--store", "store", "--vex", "vex.json", "-f", "json"]);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    let gap = report["gaps"].as_array().unwrap().iter().find(|gap| gap["kind"] == "unread-statement").unwrap();
    assert!(gap["message"].as_str().unwrap().ends_with("(and 99999 more)"), "{gap}");
    assert_eq!(levels(&report)[0].1, "error");
}
