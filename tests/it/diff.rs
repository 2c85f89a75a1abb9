//! The door of `diff`, `judge` and `report`: every case of `fixtures/diff`, two states of a
//! repository, through `run` and both reports to golden files. An about.md says what is right.

use crate::fixtures::{copy, folders, name, root};
use sbomgate::enrich::advisory::Advisories;
use sbomgate::judge;
use sbomgate::model::RelPath;
use sbomgate::report::{self, Reported, Side, Style};
use sbomgate::run::diff::{self, Sides};
use sbomgate::run::{Project, Selection};
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn cases() -> Vec<PathBuf> {
    let cases = folders(&root().join("diff"));
    assert!(cases.len() > 25, "only {} cases were found", cases.len());
    cases
}

/// A repository with the case's two states as two commits; the second is checked out and tagged
/// `head`, the first `base`.
pub fn repository(case: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    for side in ["base", "head"] {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        for path in entries.filter(|path| !path.ends_with(".git")) {
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        copy(&case.join(side), folder.path());
        git(folder.path(), &["add", "--all"]);
        git(folder.path(), &["commit", "--quiet", "--allow-empty", "--message", side]);
        git(folder.path(), &["tag", side]);
    }
    folder
}

pub fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "keeper").env(format!("GIT_{role}_EMAIL"), "keeper@zoo.example");
        git.env(format!("GIT_{role}_DATE"), "2025-01-01T00:00:00Z");
    }
    let output = git.arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Every lockfile counts. Documents are never looked for: a case that has some names them.
pub fn sides(repository: &Path, range: &str) -> Sides {
    let files = fs::read_dir(repository).unwrap().map(|entry| name(&entry.unwrap().path()));
    let documents: Vec<String> = files.filter(|name| name.ends_with(".cdx.json") || name.ends_with(".spdx.json")).collect();
    let selection = Selection::new(&RelPath::root(), &documents, &["**".to_owned()], &[]).unwrap();
    diff::read(&Project::open(repository).unwrap(), range, &selection).unwrap()
}

/// One report of a case; the sides are called by their names, since commit ids are noise.
pub fn written(sides: &Sides, form: &str) -> String {
    of_store(sides, None, form)
}

/// The same with a folder of records; without one the packages have none.
pub fn of_store(sides: &Sides, records: Option<&Path>, form: &str) -> String {
    let mut subject = sides.compare();
    subject.advisories = match records {
        Some(folder) => crate::advisories::learned(&subject, folder),
        None => Advisories { stores: Default::default(), packages: Default::default(), unasked: Default::default(), age: None },
    };
    let reported = Reported {
        judgement: judge::evaluate(subject),
        base: Some(Side("base".into())),
        head: Side("head".into()),
        introductions: None,
        skipped: sides.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.reason.clone())).collect(),
        excerpts: sbomgate::report::Excerpts::default(),
    };
    let mut bytes = Vec::new();
    report::named(form).unwrap().write(&reported, &Style::plain(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_case_reports_as_its_golden_files_say() {
    let failed: Vec<String> = cases().iter().filter(|case| panic::catch_unwind(|| check(case)).is_err()).map(|case| name(case)).collect();
    assert!(failed.is_empty(), "{} cases differ: {}", failed.len(), failed.join(", "));
}

fn check(case: &Path) {
    let repository = repository(case);
    let sides = sides(repository.path(), "base..head");
    for form in ["text", "json"] {
        let records = Some(case.join("advisories")).filter(|folder| folder.is_dir());
        let text = of_store(&sides, records.as_deref(), form);
        assert!(!text.contains("hunter2") && !text.chars().any(|c| c != '\n' && sbomgate::model::text::is_invisible(c)), "{}", name(case));
        insta::with_settings!({ snapshot_path => case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(form, text);
        });
    }
}

/// The other way round what was new is gone, and the same lockfile stays out of it.
#[test]
fn every_case_backwards_is_the_inverse() {
    for case in cases() {
        let repository = repository(&case);
        let (there, back) = (sides(repository.path(), "base..head"), sides(repository.path(), "head..base"));
        let count = |sides: &Sides, kind: sbomgate::diff::ChangeKind| {
            let subject = sides.compare();
            subject.lockfiles.iter().flat_map(|lockfile| &lockfile.changes).filter(|change| change.kind == kind).count()
        };
        use sbomgate::diff::ChangeKind::{Added, Downgraded, Modified, Removed, Upgraded};
        for (kind, inverse) in [(Added, Removed), (Removed, Added), (Upgraded, Downgraded), (Downgraded, Upgraded), (Modified, Modified)] {
            assert_eq!(count(&there, kind), count(&back, inverse), "{}: {kind:?}", name(&case));
        }
        let same = sides(repository.path(), "head..head");
        assert!(same.compare().lockfiles.iter().all(|lockfile| lockfile.changes.is_empty()), "{}", name(&case));
    }
}
