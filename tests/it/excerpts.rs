//! The lines that the text report and errors show below what they say.

use crate::cli::sbomgate;
use crate::diff::git;
use std::fs;
use std::path::Path;

fn committed(top: &Path, message: &str) {
    git(top, &["add", "--all"]);
    git(top, &["commit", "--quiet", "--message", message]);
}

fn lock(fox: &str) -> String {
    format!(
        "{{\n\"lockfileVersion\": 3, \"packages\": {{\n\"\": {{\"dependencies\": {{\"fox\": \"*\"}}}},\n{fox}\n\"resolved\": \
         \"https://registry.npm.example/fox/-/fox-1.0.0.tgz\"}}}}}}\n"
    )
}

/// A repository whose second commit brings a package in without a digest.
fn repository(fox: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    git(top, &["init", "--quiet", "--initial-branch=main"]);
    fs::write(top.join("package.json"), "{\"dependencies\": {\"fox\": \"*\"}}\n").unwrap();
    committed(top, "base");
    fs::write(top.join("package-lock.json"), lock(fox)).unwrap();
    committed(top, "fox");
    folder
}

fn text(top: &Path, arguments: &[&str]) -> String {
    let output = sbomgate(top).args(arguments).output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

#[test]
fn a_finding_shows_its_line() {
    let folder = repository("\"node_modules/fox\": {\"version\": \"1.0.0\",");
    let told = text(folder.path(), &["diff", "HEAD~1..HEAD"]);
    let lines = "has no digest, so nothing tells whether its files are those that were reviewed\n      4 | \"node_modules/fox\": \
                 {\"version\": \"1.0.0\",\n        |               ^^^\n";
    assert!(told.contains(lines), "{told}");
    assert!(!told.contains("is new\n"), "what the list tells is not told twice: {told}");
    assert!(!text(folder.path(), &["-q", "diff", "HEAD~1..HEAD"]).contains(" | "));
    assert!(!text(folder.path(), &["diff", "HEAD~1..HEAD", "-f", "markdown"]).contains(" | \"node"));
}

/// A line is a stranger's: it is cut, and nothing in it acts on a terminal, ends the line or is a command of a CI runner.
#[test]
fn a_line_cannot_break_out() {
    let hostile = "\"node_modules/fox\": {\"version\": \"1.0.0\", \"x\u{202e}\u{9b}31m\": \"::error::https://ada:secret@npm.example\",";
    let folder = repository(hostile);
    let told = text(folder.path(), &["diff", "HEAD~1..HEAD"]);
    let line = told.lines().find(|line| line.starts_with("      4 | ")).unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains("\\u{202e}\\u{9b}31m") && line.contains("https://…@npm.example"), "{line}");
    assert!(!told.contains("secret") && !told.contains('\u{9b}') && !told.lines().any(|line| line.starts_with("::")), "{told}");
    let long = repository(&format!("\"node_modules/fox\": {{\"version\": \"1.0.0\", \"x\": \"{}\",", "y".repeat(5000)));
    let told = text(long.path(), &["diff", "HEAD~1..HEAD"]);
    assert!(told.lines().all(|line| line.chars().count() < 400), "{told}");
}

/// Settings hold what lets people in.
#[test]
fn no_line_of_settings_is_shown() {
    let folder = repository("\"node_modules/fox\": {\"version\": \"1.0.0\",");
    fs::write(folder.path().join(".npmrc"), "registry=https://ada:secret@npm.example/\n//npm.example/:_authToken=secret\n").unwrap();
    committed(folder.path(), "settings");
    for range in ["HEAD~1..HEAD", "HEAD~2..HEAD"] {
        let told = text(folder.path(), &["diff", range]);
        assert!(told.contains(".npmrc") && !told.contains("secret"), "{told}");
    }
}

#[test]
fn errors_of_our_files_and_of_lockfiles_show_their_line() {
    let folder = repository("\"node_modules/fox\": {\"version\": \"1.0.0\",");
    let top = folder.path();
    fs::create_dir(top.join(".sbomgate")).unwrap();
    fs::write(top.join(".sbomgate/policy.toml"), "version = 1\n\n[introducd]\n").unwrap();
    let told = text(top, &["check"]);
    assert!(told.contains("policy.toml:3: `introducd` is no known key here\n      3 | [introducd]\nhint: "), "{told}");
    assert!(!text(top, &["-q", "check"]).contains(" | "));
    fs::write(top.join(".sbomgate/policy.toml"), "version = 1\n[rules]\nmissing-digest = \"error\"\n").unwrap();
    let told = text(top, &["check"]);
    assert!(told.contains("\nerror[missing-digest]: ") && told.contains("\n  = set by .sbomgate/policy.toml:3\n"), "{told}");
    fs::write(top.join(".sbomgate/policy.toml"), "version = 1\n").unwrap();
    fs::write(top.join("package-lock.json"), lock("\"node_modules/fox\": [\"version\": \"1.0.0\",")).unwrap();
    let told = text(top, &["check"]);
    assert!(told.contains("\n      4 | \"node_modules/fox\": [\"version\""), "{told}");
}

/// Of many findings of one rule the first few show their lines.
#[test]
fn many_findings_show_few_lines() {
    let many: String = (0..60).map(|number| format!("\"node_modules/fox{number}\": {{\"version\": \"1.0.0\"}},\n")).collect();
    let folder = repository(&format!("{many}\"node_modules/fox\": {{\"version\": \"1.0.0\","));
    let told = text(folder.path(), &["diff", "HEAD~1..HEAD"]);
    let shown = told.lines().filter(|line| line.contains(" | \"node_modules")).count();
    assert!((1..=20).contains(&shown), "{shown}: {told}");
}
