//! The gate: `check` of a project of 1,000 packages with a policy, 300 approvals and a store of advisories, as a process of
//! its own. Promised are 40 ms.
//!
//! `cargo bench --bench gate` prints how long it takes from start to end; the files are read by the program for the first
//! time in each run, and by the system in the first alone.

#![allow(clippy::disallowed_methods, reason = "a bench writes its own input")]

mod lockfiles;

use divan::{Bencher, black_box};
use lockfiles::{MADE, cargo_lock, package_lock};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const PACKAGES: usize = 1_000;
const APPROVALS: usize = 300;
const RECORDS: usize = 50_000;

fn main() {
    // The other benches need these.
    let _ = (MADE.len(), cargo_lock as fn(usize, usize) -> String);
    divan::main();
}

const POLICY: &str = "version = 1\n[sources]\nregistries = [\"default\", \"https://registry.npm.example\"]\n[gaps]\nacceptable = [\"unknown-facts\"]\n\
[licences]\nallow = [\"permissive\"]\n[approvals]\nlongest = \"365d\"\napprovers = [\"Ada Keeper <ada@zoo.example>\"]\n[approvals.inherit]\npackages = 2000\ndepth = 20\n";

/// The project, with the store beside it.
fn project() -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().join("project");
        fs::create_dir_all(top.join(".sbomgate")).expect("a folder");
        fs::write(top.join("package-lock.json"), package_lock(PACKAGES, 0)).expect("a file");
        let direct: Vec<String> = (0..40).map(|number| format!("\"package-{number}\":\"^{}.{}.0\"", 1 + number % 5, number % 17)).collect();
        let manifest = format!("{{\"name\":\"shop\",\"version\":\"1.0.0\",\"dependencies\":{{{}}}}}", direct.join(","));
        fs::write(top.join("package.json"), manifest).expect("a file");
        fs::write(top.join(".sbomgate/policy.toml"), POLICY).expect("a file");
        fs::write(top.join(".sbomgate/approvals.toml"), approvals()).expect("a file");
        for arguments in [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "--message", "all"]] {
            let who = ["-c", "user.name=Ada Keeper", "-c", "user.email=ada@zoo.example"];
            assert!(Command::new("git").arg("-C").arg(&top).args(who).args(arguments).status().expect("git").success());
        }
        store(folder.path());
        folder
    });
    folder.path()
}

fn approvals() -> String {
    let mut text = "version = 1\n".to_owned();
    for number in 0..APPROVALS {
        let _ = write!(
            text,
            "\n[[approval]]\npackage = \"pkg:npm/package-{number}?repository_url=https:%2F%2Fregistry.npm.example\"\nversions = \"^{}.0.0\"\nowner = \"team-web\"\n\
             approved-by = \"Ada Keeper <ada@zoo.example>\"\non = 2026-01-01\nexpires = 2027-01-01\nreason = \"the cart needs it\"\n",
            1 + number % 5
        );
    }
    text
}

/// Records, of which every second package of the project has one; few are of its version.
fn store(folder: &Path) {
    let mut lines = String::new();
    for number in 0..RECORDS {
        let name = if number % 100 == 0 { format!("package-{}", number / 50) } else { format!("other-{number}") };
        let _ = writeln!(
            lines,
            "{{\"id\":\"TEST-{number}\",\"modified\":\"2026-01-01T00:00:00Z\",\"published\":\"2026-01-01T00:00:00Z\",\"summary\":\"A made-up flaw\",\
             \"affected\":[{{\"package\":{{\"ecosystem\":\"npm\",\"name\":\"{name}\"}},\"ranges\":[{{\"type\":\"SEMVER\",\"events\":[{{\"introduced\":\"0\"}},{{\"fixed\":\"1.1.0\"}}]}}]}}]}}"
        );
    }
    let records = folder.join("records");
    fs::create_dir(&records).expect("a folder");
    for (number, line) in lines.lines().enumerate() {
        fs::write(records.join(format!("{number}.json")), line).expect("a file");
    }
    let store = folder.join("store");
    sbomgate::run::advisories::import(&[records], Some(&store), false).expect("sound records");
}

/// From start to end, with the report that is read least and the one that is longest.
#[divan::bench(args = ["text", "json", "approval-manifest"], sample_count = 50, sample_size = 1)]
fn check(bencher: Bencher<'_, '_>, format: &str) {
    let folder = project();
    bencher.bench_local(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
        command
            .current_dir(folder.join("project"))
            .args(["check", "HEAD", "-f", black_box(format)])
            .arg("--store")
            .arg(folder.join("store"));
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program");
        assert!(matches!(status.code(), Some(1 | 3)), "{status}");
    });
}
