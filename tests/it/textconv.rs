//! What `git diff` shows of lockfiles with `sbomgate textconv`.

use crate::cli::sbomgate;
use crate::diff;
use crate::fixtures::root;
use std::fs;
use std::path::Path;
use std::process::Command;

fn shown(folder: &Path, file: &str) -> (Option<i32>, String) {
    let output = sbomgate(folder).args(["textconv", file]).output().unwrap();
    (output.status.code(), [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat())
}

/// git itself calls it, with copies that it names as it likes.
#[test]
fn git_diff_shows_packages() {
    let repository = diff::repository(&root().join("diff/because-another-was-upgraded"));
    let top = repository.path();
    fs::write(top.join(".git/info/attributes"), "package-lock.json diff=sbomgate\n").unwrap();
    let textconv = format!("diff.sbomgate.textconv={} textconv", env!("CARGO_BIN_EXE_sbomgate"));
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").current_dir(top);
    let output = git.args(["-c", &textconv, "diff", "--unified=0", "base", "head", "--", "*package-lock.json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let changed: Vec<&str> =
        text.lines().filter(|line| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---")).collect();
    assert!(changed.iter().any(|line| line.starts_with('-') && line.contains(" 1.0.0 ")), "{text}");
    assert!(changed.iter().all(|line| line.contains("sha512:") || line.contains("no digest")), "{text}");
}

#[test]
fn every_lockfile_is_shown_whatever_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    for case in crate::fixtures::cases() {
        for lockfile in case.read().graphs.keys() {
            let bytes = fs::read(case.folder.join("input").join(lockfile.as_str())).unwrap();
            let copy = folder.path().join(format!("AbC123_{}", lockfile.file_name()));
            fs::write(&copy, &bytes).unwrap();
            number += 1;
            if number % 7 == 0 {
                let (code, text) = shown(folder.path(), copy.to_str().unwrap());
                assert_eq!(code, Some(0), "{}: {text}", case.label());
                let (own, beside) = (case.folder.join("input").join(lockfile.parent().as_str()), lockfile.file_name());
                assert_eq!(shown(&own, beside), (code, text), "{}: the same with its manifests beside it", case.label());
            }
            fs::remove_file(copy).unwrap();
        }
    }
    assert!(number > 100, "{number}");
}

/// Two files that cannot be read differ still, and nothing of them acts on a terminal.
#[test]
fn what_cannot_be_read_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let show = |bytes: &[u8]| {
        fs::write(folder.path().join("package-lock.json"), bytes).unwrap();
        let (code, text) = shown(folder.path(), "package-lock.json");
        assert_eq!(code, Some(0), "{text}");
        assert!(text.starts_with("sbomgate could not read this as a lockfile: "), "{text}");
        text
    };
    assert!(show(b"{\n<<<<<<< ours\n=======\n>>>>>>> theirs\n").contains("\n<<<<<<< ours\n"));
    assert_ne!(show(b"{\xff"), show(b"{\xfe"));
    assert!(show("{ \u{1b}[31m\u{202e}\n::error::x".as_bytes()).contains("\\u{1b}[31m\\u{202e}"));
    assert!(!show(b"{\n::error::x").lines().any(|line| line.starts_with("::error")));
    assert_eq!(shown(folder.path(), "no-such.lock").0, Some(2));
}
