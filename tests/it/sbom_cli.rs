//! `sbom` on the command line: which documents go where.

use crate::cli::{code, run, stderr, stdout};
use crate::fixtures::root;
use sbomgate::sbom::CycloneDx;
use std::fs;
use tempfile::TempDir;

/// A work tree with one Cargo.lock.
fn work_tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Cargo.lock"), "version = 4\n\n[[package]]\nname = \"zoo\"\nversion = \"1.0.0\"\n").unwrap();
    folder
}

/// What lies in the folder beside the lockfile, sorted.
fn made(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "Cargo.lock").collect();
    names.sort();
    names
}

#[test]
fn one_run_writes_several_documents() {
    let folder = work_tree();
    let output = run(folder.path(), &["sbom", "-o", "cyclonedx-json=a.json", "-o", "cyclonedx-json@1.6=b.json"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""), "{}", stderr(&output));
    assert_eq!(made(&folder), ["a.json", "b.json"]);
    let output = run(folder.path(), &["sbom", "-f", "cyclonedx-json", "-o", "cyclonedx-json=a.json"]);
    assert!(stdout(&output).contains("\"bomFormat\":\"CycloneDX\""), "{}", stdout(&output));
}

#[test]
fn no_document_takes_the_place_of_another() {
    let folder = work_tree();
    let output = run(folder.path(), &["sbom", "-o", "a.json", "-o", "cyclonedx-xml=a.json"]);
    assert_eq!((code(&output), made(&folder)), (2, Vec::new()));
    assert!(stderr(&output).contains("name a file for each"), "{}", stderr(&output));
}

/// One that cannot be written leaves no other behind.
#[test]
fn documents_are_written_all_or_none() {
    let folder = work_tree();
    let output = run(folder.path(), &["sbom", "-o", "cyclonedx-json=a.json", "-o", "cyclonedx-json=no/such/b.json"]);
    assert_eq!((code(&output), made(&folder)), (2, Vec::new()), "{}", stderr(&output));
    let output = run(folder.path(), &["sbom", "-f", "cyclonedx-json", "-o", "cyclonedx-json=no/such/b.json"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{}", stderr(&output));
}

#[test]
fn a_version_that_is_not_written_is_refused_with_what_there_is() {
    let folder = work_tree();
    for arguments in [["--spec-version", "0.9"], ["-o", "cyclonedx-json@0.9=a.json"], ["-o", "cyclonedx-json@=a.json"]] {
        let output = run(folder.path(), &[&["sbom"], &arguments[..]].concat());
        assert_eq!((code(&output), made(&folder)), (2, Vec::new()), "{arguments:?}");
        assert!(
            stderr(&output).contains("cyclonedx-json is not written in version") && stderr(&output).contains("1.6"),
            "{}",
            stderr(&output)
        );
    }
}

/// A document of each lockfile, and of those one of the whole again.
#[test]
fn documents_of_lockfiles_are_merged_to_one() {
    let folder = work_tree();
    fs::create_dir(folder.path().join("web")).unwrap();
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"name": "web", "dependencies": {"ant": "1"}}, "node_modules/ant": {"version": "1.0.0"}}}"#;
    fs::write(folder.path().join("web/package-lock.json"), lock).unwrap();
    let output = run(folder.path(), &["sbom", "--per-lockfile", "boms", "--spec-version", "1.5"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""), "{}", stderr(&output));
    let (one, other) = ("boms/Cargo.lock.cdx.json", "boms/web/package-lock.json.cdx.json");
    let text = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    assert!(text(one).contains("pkg:cargo/zoo@1.0.0") && !text(one).contains("pkg:npm"), "{}", text(one));
    assert!(text(other).contains("pkg:npm/ant@1.0.0") && !text(other).contains("pkg:cargo"), "{}", text(other));
    let merged = run(folder.path(), &["sbom", one, other, "-f", "cyclonedx-xml"]);
    assert_eq!(code(&merged), 0, "{}", stderr(&merged));
    let merged = stdout(&merged);
    assert!(merged.contains("pkg:npm/ant@1.0.0") && merged.contains("pkg:cargo/zoo@1.0.0") && merged.contains("root:"), "{merged}");
    let twice = run(folder.path(), &["sbom", one, one]);
    assert_eq!((code(&twice), stdout(&twice).as_str()), (2, ""));
    assert!(stderr(&twice).contains("name each file once"), "{}", stderr(&twice));
    let missing = run(folder.path(), &["sbom", one, "no-such.json"]);
    assert_eq!((code(&missing), stdout(&missing).as_str()), (2, ""));
}

/// Flaws come from the store that is named; one that is not there is said, and no document passes for clean.
#[test]
fn flaws_come_from_the_store() {
    let folder = work_tree();
    let case = root().join("diff/advisories-told-apart");
    fs::copy(case.join("head/package-lock.json"), folder.path().join("package-lock.json")).unwrap();
    let records = case.join("advisories");
    let import = run(folder.path(), &["advisories", "import", "--store", "store", records.to_str().unwrap()]);
    assert_eq!(code(&import), 0, "{}", stderr(&import));
    let sbom = |arguments: &[&str]| run(folder.path(), &[&["sbom", "--lockfile", "package-lock.json"], arguments].concat());
    let told = sbom(&["--advisories", "--store", "store"]);
    assert_eq!(code(&told), 0, "{}", stderr(&told));
    assert!(stdout(&told).contains(r#""vulnerabilities":["#) && stdout(&told).contains("GHSA-ant-2"), "{}", stdout(&told));
    let vex = sbom(&["--advisories", "--store", "store", "-f", "openvex-json"]);
    assert!(code(&vex) == 0 && stdout(&vex).contains("under_investigation"), "{}", stderr(&vex));
    let missing = sbom(&["--advisories", "--store", "elsewhere"]);
    assert_eq!(code(&missing), 2);
    assert!(stderr(&missing).contains("there is no advisory store") && stdout(&missing).contains("sbomgate:gap"), "{}", stderr(&missing));
    let unasked = sbom(&["-f", "openvex-json"]);
    assert_eq!((code(&unasked), stdout(&unasked).as_str()), (2, ""));
    assert!(stderr(&unasked).contains("--advisories"));
    assert!(!stdout(&sbom(&[])).contains("vulnerabilities"));
}

/// A history that starts with `ant`, to which a tool adds `bee`, and in which Bob approves `ant`; `cat` is not committed yet.
fn introduced() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| crate::diff::git(folder.path(), arguments);
    let lock = |packages: &[&str]| {
        let listed: String = packages
            .iter()
            .map(|name| {
                format!(",\n\"node_modules/{name}\": {{\"version\": \"1.0.0\", \"integrity\": \"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}")
            })
            .collect();
        let asked: Vec<String> = packages.iter().map(|name| format!("\"{name}\": \"^1.0.0\"")).collect();
        let asked = asked.join(", ");
        let text = format!(
            "{{\"name\": \"zoo\", \"lockfileVersion\": 3, \"packages\": {{\n\"\": {{\"name\": \"zoo\", \"dependencies\": {{{asked}}}}}{listed}\n}}}}\n"
        );
        fs::write(folder.path().join("package-lock.json"), text).unwrap();
        fs::write(folder.path().join("package.json"), format!("{{\"name\": \"zoo\", \"dependencies\": {{{asked}}}}}\n")).unwrap();
    };
    git(&["init", "-q"]);
    lock(&["ant"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "Start <with> ant & co"]);
    lock(&["ant", "bee"]);
    git(&["commit", "-qam", "Add bee\n\nCo-authored-by: Claude <noreply@anthropic.com>"]);
    fs::create_dir(folder.path().join(".sbomgate")).unwrap();
    let entry = "version = 1\n\n[[approval]]\npackage = \"pkg:npm/ant\"\nversions = \"^1.0.0\"\nowner = \"zoo\"\napproved-by = \"Bob <bob@zoo.example>\"\non = 2024-12-01\nexpires = 2025-06-01\nreason = \"ants\"\n";
    fs::write(folder.path().join(".sbomgate/approvals.toml"), entry).unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-qm", "Approve ant"]);
    lock(&["ant", "bee", "cat"]);
    folder
}

/// Who brought what in and who consented stands in the standard fields of each version that has them, and in properties.
#[test]
fn introductions_stand_in_the_fields_of_the_specification() {
    let folder = introduced();
    for version in [CycloneDx::V1_4, CycloneDx::V1_5, CycloneDx::V1_6, CycloneDx::V1_7] {
        let arguments = ["sbom", "HEAD", "--introductions", "--spec-version", version.as_str()];
        let output = run(folder.path(), &arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert_eq!(stdout(&output), stdout(&run(folder.path(), &arguments)), "the same twice");
        let bom: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        crate::sbom_schema::laws::is_valid(&bom, version);
        let xml = run(folder.path(), &[&arguments[..], &["-f", "cyclonedx-xml"]].concat());
        crate::sbom_schema::xml::is_the_same(&stdout(&xml), &bom, version);
        let has = |field: &str| !bom[field].is_null();
        let fields = ["annotations", "formulation", "declarations", "citations"].map(has);
        let expected = match version {
            CycloneDx::V1_4 => [false; 4],
            CycloneDx::V1_5 => [true, true, false, false],
            CycloneDx::V1_6 => [true, true, true, false],
            CycloneDx::V1_7 => [true; 4],
        };
        assert_eq!(fields, expected, "{}", version.as_str());
        let property = |at: usize, name: &str| {
            let all = bom["components"][at]["properties"].as_array().unwrap();
            all.iter().find(|property| property["name"] == name).map(|property| property["value"].as_str().unwrap().to_owned())
        };
        assert_eq!(property(0, "sbomgate:intro:attribution").as_deref(), Some("undeclared"));
        assert!(
            property(0, "sbomgate:approval")
                .unwrap()
                .starts_with("approved by Bob <bob@zoo.example> on 2024-12-01 until 2025-06-01; zoo answers")
        );
        assert_eq!(property(1, "sbomgate:intro:ai:tool").as_deref(), Some("claude-code"));
        assert_eq!(property(1, "sbomgate:intro:accountable").as_deref(), Some("keeper <keeper@zoo.example>"));
        assert_eq!(property(1, "sbomgate:approval"), None);
        if version == CycloneDx::V1_7 {
            let tasks = &bom["formulation"][0]["workflows"][0]["tasks"];
            let outputs = |at: usize| tasks[at]["outputs"][0]["resource"]["ref"].clone();
            let mut names = [0, 1].map(|at| (tasks[at]["name"].as_str().unwrap().to_owned(), outputs(at)));
            names.sort_by(|a, b| a.0.cmp(&b.0));
            assert_eq!(names[0], ("Add bee".to_owned(), "pkg:npm/bee@1.0.0".into()));
            assert_eq!(names[1], ("Start <with> ant & co".to_owned(), "pkg:npm/ant@1.0.0".into()));
            for citation in bom["citations"].as_array().unwrap() {
                let process = citation["process"].as_str().unwrap();
                assert!(tasks.as_array().unwrap().iter().any(|task| task["bom-ref"] == process));
                assert!(bom.pointer(citation["pointers"][0].as_str().unwrap()).unwrap().is_array());
            }
            assert_eq!(bom["annotations"][0]["subjects"], serde_json::json!(["pkg:npm/ant@1.0.0"]));
            let map = &bom["declarations"]["attestations"][0]["map"][0];
            assert_eq!((&map["conformance"]["score"], map["counterClaims"][0].as_str()), (&serde_json::json!(0.5), Some("claim:open")));
            assert_eq!(bom["declarations"]["evidence"][0]["expires"], "2025-06-01T23:59:59Z");
        }
    }
    let work_tree = stdout(&run(folder.path(), &["sbom", "--introductions"]));
    assert!(work_tree.contains("it is not committed yet"), "{work_tree}");
}

/// A clone that was cut off does not know who began: the document says so, and the exit code.
#[test]
fn introductions_that_are_not_known_are_told() {
    let folder = introduced();
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", folder.path().display());
    crate::diff::git(clone.path(), &["clone", "-q", "--depth", "1", &from, "shallow"]);
    let output = run(&clone.path().join("shallow"), &["sbom", "HEAD", "--introductions"]);
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(stderr(&output).contains("unshallow"), "{}", stderr(&output));
    assert!(stdout(&output).contains("sbomgate:intro:unknown"), "{}", stdout(&output));
}

/// A lockfile that is moved as it is was brought in by nobody new: the way goes on where it lay before.
#[test]
fn a_moved_lockfile_keeps_its_history() {
    let folder = introduced();
    let git = |arguments: &[&str]| crate::diff::git(folder.path(), arguments);
    git(&["checkout", "-q", "--", "."]);
    fs::create_dir(folder.path().join("web")).unwrap();
    git(&["mv", "package.json", "package-lock.json", "web"]);
    git(&["commit", "-qm", "Move"]);
    let output = run(folder.path(), &["sbom", "HEAD", "--introductions"]);
    let bom: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let text = bom["components"][1].to_string();
    assert!(text.contains("ai-declared") && text.contains("claude-code"), "{text}");
    assert!(bom["components"][0].to_string().contains("undeclared"));
}
