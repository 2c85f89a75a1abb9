//! What the fuzz targets share. `cargo +nightly fuzz run package_lock fuzz/seeds/package_lock`
//! looks for inputs that panic, hang or break an invariant; `fuzz/seed.sh` takes the fixtures as a
//! beginning. The same way is walked by `tests/it/never_panics.rs` over spoilt fixtures.

use sbomgate::diff;
use sbomgate::graph::{self, DepGraph};
use sbomgate::judge::{self, Subject};
use sbomgate::model::text::is_invisible;
use sbomgate::model::{RelPath, SourceFile};
use sbomgate::read::{self, Files};
use sbomgate::report::{Excerpts, REPORTS, Reported, Side, Style};

/// One lockfile with one manifest: bytes before the first NUL, which no text file holds, and after it.
pub fn lockfile(lockfile: &str, manifest: &str, bytes: &[u8]) {
    let (own, beside) = split(bytes);
    if let Some(graph) = graph(lockfile, manifest, own, beside) {
        let empty = DepGraph::empty(graph.lockfile.clone(), graph.format, graph.ecosystem);
        compare(&empty, &graph);
    }
}

/// Two states of one lockfile.
pub fn change(lockfile: &str, manifest: &str, bytes: &[u8]) {
    let (base, head) = split(bytes);
    if let (Some(base), Some(head)) = (graph(lockfile, manifest, base, b""), graph(lockfile, manifest, head, b"")) {
        compare(&base, &head);
    }
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    (&bytes[..at], bytes.get(at + 1..).unwrap_or(b""))
}

fn graph(lockfile: &str, manifest: &str, own: &[u8], beside: &[u8]) -> Option<DepGraph> {
    let path = |text: &str| RelPath::new(text).expect("a plain path");
    let mut files = Files::new(SourceFile::new(path(lockfile), own.to_vec()).ok()?);
    if let (false, Ok(file)) = (beside.is_empty(), SourceFile::new(path(manifest), beside.to_vec())) {
        files.companions.insert(path(manifest), file);
    }
    let format = read::format_for(&files.lockfile)?;
    let _ = format.companions(&files);
    let graph = graph::build(read::parse(format, &files).ok()?);
    graph::verify(&graph).expect("the graph's invariants hold");
    Some(graph)
}

fn compare(base: &DepGraph, head: &DepGraph) {
    assert!(diff::compare(head, head).changes.is_empty(), "a graph does not differ from itself");
    assert_eq!(diff::compare(base, head).changes.len(), diff::compare(head, base).changes.len(), "a diff backwards is as long");
    let judgement = judge::evaluate(Subject::of(vec![diff::compare(base, head)]));
    let (head, excerpts) = (Side("worktree".into()), Excerpts::default());
    let reported = Reported { judgement, base: None, head, introductions: None, skipped: Vec::new(), excerpts };
    for report in REPORTS {
        let mut bytes = Vec::new();
        report.write(&reported, &Style::plain(), &mut bytes).expect("a vector takes everything");
        let text = String::from_utf8(bytes).expect("reports are UTF-8");
        assert!(!text.chars().any(|c| c != '\n' && is_invisible(c)), "{} holds a raw control character", report.id());
    }
}
