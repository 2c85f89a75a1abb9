//! The speeds that we promise: reading and joining, comparing, writing, and the whole command.
//!
//! `cargo bench` runs them all; lockfiles are made up here, alike in shape to real ones.

mod history;
mod lockfiles;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use lockfiles::{MADE, cargo_lock, package_lock};
use sbomgate::diff;
use sbomgate::enrich::attribution::Catalogue;
use sbomgate::graph::{self, DepGraph};
use sbomgate::model::{RelPath, SourceFile};
use sbomgate::read::{self, Files};
use sbomgate::run::{Project, Selection, UserKeys, introduction};
use sbomgate::sbom::{self, Inventory, Lifecycle};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

fn files(name: &str, text: String) -> Files {
    let path = RelPath::new(name).expect("a plain path");
    Files::new(SourceFile::new(path, text.into_bytes()).expect("text"))
}

fn graph(files: &Files) -> DepGraph {
    let format = read::format_for(&files.lockfile).expect("a lockfile");
    graph::build(read::parse(format, files).expect("a sound lockfile"))
}

/// Reading and joining, format by format. Promised are 250 MB/s of JSON, 100 of TOML and of
/// requirements, 60 of YAML and Yarn's.
#[divan::bench(args = MADE.map(|(name, _)| name))]
fn read_1000(bencher: Bencher<'_, '_>, name: &str) {
    read(bencher, name, 1_000);
}

#[divan::bench(args = MADE.map(|(name, _)| name), sample_count = 20)]
fn read_20000(bencher: Bencher<'_, '_>, name: &str) {
    read(bencher, name, 20_000);
}

#[divan::bench(sample_count = 20)]
fn read_package_lock_of_100000(bencher: Bencher<'_, '_>) {
    read(bencher, "package-lock.json", 100_000);
}

fn read(bencher: Bencher<'_, '_>, name: &str, packages: usize) {
    let (_, made) = MADE.iter().find(|(known, _)| *known == name).expect("a row");
    let files = files(name, made(packages));
    bencher.counter(BytesCount::of_str(files.lockfile.text())).bench(|| graph(black_box(&files)));
}

#[divan::bench(args = [1_000, 100_000])]
fn compare(bencher: Bencher<'_, '_>, packages: usize) {
    let base = graph(&files("package-lock.json", package_lock(packages, 0)));
    let head = graph(&files("package-lock.json", package_lock(packages, 1)));
    bencher.bench(|| diff::compare(black_box(&base), black_box(&head)).changes.len());
}

/// The whole document, from the bytes of the lockfile.
#[divan::bench(args = [1_000, 100_000])]
fn package_lock_to_cyclonedx(bencher: Bencher<'_, '_>, packages: usize) {
    let files = files("package-lock.json", package_lock(packages, 0));
    let counter = BytesCount::of_str(files.lockfile.text());
    bencher.counter(counter).bench(|| written(&[graph(black_box(&files))], sbom::Format::ALL[0]));
}

/// After reading: 100,000 packages in at most 0.5 s as JSON and 0.8 s as XML are promised.
#[divan::bench(args = ["cyclonedx-json", "cyclonedx-xml"])]
fn hundred_thousand_packages_written(bencher: Bencher<'_, '_>, form: &str) {
    let graphs = [graph(&files("package-lock.json", package_lock(100_000, 0)))];
    let format = sbom::Format::named(form).expect("a format");
    bencher.bench(|| written(black_box(&graphs), format));
}

fn written(graphs: &[DepGraph], format: sbom::Format) {
    let inventory = Inventory {
        project: sbom::Project { name: "shop", version: None },
        graphs,
        gaps: &[],
        licences: None,
        facts: None,
        makers: None,
        introductions: None,
        consents: None,
        exposure: None,
        revision: None,
        timestamp: 0,
        lifecycle: Lifecycle::PreBuild,
    };
    sbom::write(&inventory, format, &mut std::io::sink()).expect("nothing can fail");
}

/// Which commit brought each package in, over a whole history: 10,000 commits, of which 2,000 change
/// the lockfile. Five seconds at most are promised.
#[divan::bench(sample_count = 3)]
fn introductions_of_ten_thousand_commits(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder");
    history::repository(folder.path(), 10_000, &|number| cargo_lock(100 + number / 100, number / 5));
    let project = Project::open(folder.path()).expect("a repository");
    bencher.bench_local(|| {
        let sides = sbomgate::run::diff::read(&project, "base..main", &Selection::default()).expect("two revisions");
        let (catalogue, user) = (Catalogue::shipped(), UserKeys::default());
        let found = introduction::find(&project, &sides, &sides.compare(), catalogue, &user).expect("changes");
        assert_eq!((found.range, found.gaps.len()), (9_999, 0));
        found.changes.len()
    });
}
