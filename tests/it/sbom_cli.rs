//! `sbom` on the command line: which documents go where.

use crate::cli::{code, run, stderr, stdout};
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
