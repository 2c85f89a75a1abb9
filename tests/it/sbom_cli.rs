//! `sbom` on the command line: which documents go where.

use crate::cli::{code, run, stderr, stdout};
use crate::fixtures::root;
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
