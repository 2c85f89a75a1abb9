//! What readers of reports take: sizes, numbers, and that a finding is known again.

use super::forms::{assert_code_quality, assert_sarif};
use super::hostile::{sides, written};
use sbomgate::judge;
use sbomgate::model::{Finding, Gap, GapKind, Level, Location, RelPath};
use sbomgate::report::{self, Reported, Side};
use sbomgate::run::diff::Sides;
use serde_json::Value;
use std::collections::BTreeSet;

/// `number` findings and gaps of each kind; everything stands `moved` lines further down.
fn many(sides: &Sides, number: u32, moved: u32) -> Reported<'_> {
    let mut judgement = judge::evaluate(sides.compare());
    for n in 0..number {
        let file = RelPath::new(&format!("folder-{}/package-lock.json", n % 7)).unwrap();
        let location = Some(Location::new(&file, n + 1 + moved));
        let level = [Level::Error, Level::Warning, Level::Note][n as usize % 3];
        let message = format!("`ant {n}` of [[a][list]] is asked for in package.json:{}", n + moved);
        let package = (n % 2 == 0).then(|| format!("pkg:npm/ant@{}", n / 4));
        judgement.findings.push(Finding { rule: "manifest-mismatch", level, package, message, location, advisory: None, id: None });
        let kind = if n % 2 == 0 { GapKind::UnreadManifest } else { GapKind::UnknownFacts };
        judgement.gaps.push(Gap { kind, file, line: Some(n + 1 + moved), message: format!("{n} is not known") });
    }
    judgement.verdict = None;
    Reported {
        judgement,
        base: Some(Side("base".into())),
        head: Side("head".into()),
        introductions: None,
        skipped: Vec::new(),
        excerpts: report::Excerpts::default(),
    }
}

#[test]
fn reports_have_the_sizes_that_their_readers_take() {
    let (_repository, sides) = sides();
    let reported = many(&sides, 26_000, 0);
    let out = |form: &str| written(report::named(form).unwrap(), &reported);
    let (comment, summary) = (out("markdown"), out("step-summary"));
    assert!(comment.len() <= 65_536 && comment.len() > 60_000, "{}", comment.len());
    assert!(summary.len() <= 1 << 20 && summary.len() > 900_000, "{}", summary.len());
    for text in [&comment, &summary] {
        assert!(text.starts_with("### ❓ sbomgate: could not judge") && text.contains("_Cut to ") && text.contains(" more\n"));
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
    let sarif = out("sarif");
    assert_sarif(&sarif, "many");
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["level"]), (25_000, &"error".into()));
    let told = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("further results are left out"), "what is left out is told");
    assert!(out("github").lines().count() <= 1 + 3 * 51);
    let entries = out("gitlab-code-quality");
    assert_code_quality(&entries, "many");
    assert!(serde_json::from_str::<Vec<Value>>(&entries).unwrap().len() <= 10_001);
    assert!(out("html").len() < 30 << 20);
}

#[test]
fn fingerprints_outlive_lines_that_move() {
    let (_repository, sides) = sides();
    let fingerprints = |moved: u32| {
        let entries = written(report::named("gitlab-code-quality").unwrap(), &many(&sides, 300, moved));
        let entries: Vec<Value> = serde_json::from_str(&entries).unwrap();
        let all: BTreeSet<String> = entries.iter().map(|entry| entry["fingerprint"].as_str().unwrap().to_owned()).collect();
        assert_eq!(all.len(), entries.len());
        all
    };
    assert_eq!(fingerprints(0), fingerprints(17));
    let one_less = many(&sides, 299, 0);
    let entries: Vec<Value> = serde_json::from_str(&written(report::named("gitlab-code-quality").unwrap(), &one_less)).unwrap();
    let before = fingerprints(0);
    assert!(entries.iter().all(|entry| before.contains(entry["fingerprint"].as_str().unwrap())), "what stays keeps its own");
}
