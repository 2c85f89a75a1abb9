//! Text that wants out of the report that holds it, in every place where text from outside can stand.

use super::forms::{assert_code_quality, assert_junit, assert_page, assert_sarif};
use super::{assert_valid_by, gitlab};
use crate::diff;
use crate::fixtures::root;
use sbomgate::enrich::introduction::{Basis, FirstSeen, Introduction, Introductions, Origin, Reason};
use sbomgate::judge::{self, Judgement};
use sbomgate::model::text::{is_invisible, visible};
use sbomgate::model::{Finding, Gap, GapKind, Level, Location, RelPath};
use sbomgate::report::{REPORTS, Report, Reported, Side, Style};
use sbomgate::run::diff::Sides;

const HOSTILE: [&str; 19] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>' onclick='alert(1)",
    "]]><x><!-- <?php ?>",
    "&lt;b&gt; &#60;script&#62; &nbsp;",
    "a\n::error::b",
    "\r\n##[error]c ##vso[task.complete]d ##teamcity[x]",
    "@everybody #12 GH-3 !4 ~5 $6 https://evil.example www.evil.example a@evil.example",
    "![a](https://evil.example/x.png) [b](javascript:alert(1)) [c]: https://evil.example",
    "`` ` ``` \n```\n# heading\n- item",
    "`a` <b>`</b>` @everybody",
    "</details></summary></code></pre></svg>",
    "| a | b |\n|--|--|\n| c | d |",
    "\u{202e}\u{200b}\u{feff}\u{1b}[31m\u{7f}\u{2028}",
    "{0} {{1}} [link](1) \\",
    "%0A%0D::stop-commands::x,line=1,title=y",
    "/close\n/merge",
    "\u{fffe}\u{ffff}\u{fdd0}",
    "$(reboot) `reboot` '; reboot; '",
];

pub fn sides() -> (tempfile::TempDir, Sides) {
    let repository = diff::repository(&root().join("diff/manifest-line-added"));
    let sides = diff::sides(repository.path(), "base..head");
    (repository, sides)
}

/// Everything that can hold text does.
fn everywhere<'s>(sides: &'s Sides, text: &str) -> Reported<'s> {
    let mut judgement = judge::evaluate(sides.compare());
    let path = RelPath::new(text).unwrap_or(RelPath::root());
    for (rule, level, package) in
        [("advisory", Level::Error, Some(text)), ("malware", Level::Warning, None), ("advisory", Level::Note, None)]
    {
        let location = Some(Location::new(&path, 3));
        let (package, message) = (package.map(str::to_owned), text.to_owned());
        judgement.findings.push(Finding { rule, level, package, message, location, advisory: None, id: None });
    }
    for kind in [GapKind::UnreadLockfile, GapKind::UnreadHistory] {
        judgement.gaps.push(Gap { kind, file: path.clone(), line: Some(7), message: text.to_owned() });
    }
    let introductions = Some(introductions(&judgement, text));
    // As `run` names sides, and says why a lockfile was skipped.
    let side = || Side(visible(text).into_owned());
    let skipped = vec![(path, "it is named so".to_owned())];
    Reported { judgement, base: Some(side()), head: side(), introductions, skipped, excerpts: sbomgate::report::Excerpts::default() }
}

fn introductions(judgement: &Judgement<'_>, text: &str) -> Introductions {
    let mut introductions = Introductions::default();
    let introduction = Introduction {
        basis: Basis::Lockfile,
        origin: Origin::Unknown(Reason::unread(text)),
        first_seen: FirstSeen::Unknown,
        merges: Vec::new(),
        merge: None,
        pull_request: None,
        declared: None,
        through: None,
    };
    for lockfile in &judgement.subject.lockfiles {
        let of_lockfile = lockfile.changes.iter().map(|change| (change.package.clone(), introduction.clone()));
        introductions.changes.insert(lockfile.head.lockfile.clone(), of_lockfile.collect());
    }
    introductions
}

pub fn written(report: &dyn Report, reported: &Reported<'_>) -> String {
    let mut bytes = Vec::new();
    report.write(reported, &Style::plain(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Every row of the table says here what keeps text in its place.
#[test]
fn no_text_leaves_its_place() {
    let (_repository, sides) = sides();
    let long = "a`<@".repeat(30_000);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        let reported = everywhere(&sides, text);
        for report in REPORTS {
            let out = written(*report, &reported);
            assert!(!out.chars().any(|c| c != '\n' && is_invisible(c)), "{} of {text:?}: {out}", report.id());
            match report.id() {
                "text" => {}
                "json" | "approval-manifest" => drop(serde_json::from_str::<serde_json::Value>(&out).unwrap()),
                "markdown" | "step-summary" => assert_markdown(&out),
                "sarif" => assert_sarif(&out, text),
                "github" => assert_annotations(&out),
                "gitlab-code-quality" => assert_code_quality(&out, text),
                "gitlab-dependency-scanning" => assert_valid_by(&gitlab::schema(), &out, text),
                "junit" => assert_junit(&out, text),
                "html" => assert_page(&out, text),
                other => panic!("nothing says how {other} holds hostile text"),
            }
            let lines: Vec<&str> =
                if report.id() == "github" { out.lines().map(|line| &line[2..]).collect() } else { out.lines().collect() };
            assert!(!lines.iter().any(|line| line.trim().starts_with("::") || line.contains("##[") || line.contains("##vso[")), "{out}");
        }
    }
}

/// Each line is one annotation, with properties of three names.
fn assert_annotations(out: &str) {
    for line in out.lines() {
        let (head, _) = line[2..].split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        assert!(properties.split(',').all(|one| ["file", "line", "title"].contains(&one.split('=').next().unwrap())), "{line}");
    }
}

/// Outside of code nothing has a meaning that we did not give it.
fn assert_markdown(out: &str) {
    let bare = without_code(out);
    let live = [
        "<script", "<img", "<svg", "<b>", "<x>", "<!--", "</code", "</pre", "](", "![", "@every", "@evil", "#12", "GH-3", "!4", "~5", "$6",
        "://", "www.evil", "[c]:", "| a", "&nbsp;", "**a",
    ];
    for word in live {
        assert!(!bare.contains(word), "{word} is live in {bare}\n== of\n{out}");
    }
    for line in out.lines() {
        let ours = ["", "#", "-", "<details>", "</details>", "```", "sbomgate", "_Cut", "Listed:", "0", "1", "2"];
        let start = line.trim_start();
        assert!(start.is_empty() || ours[1..].iter().any(|one| start.starts_with(one)) || start.contains(" in 1 lockfile"), "{line}");
    }
    assert_eq!(out.matches("<details>").count(), bare.matches("</details>").count(), "{bare}");
}

/// The text without code spans, fenced code and the paths of summaries; a fence that is not closed leaves the rest.
fn without_code(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '\\', '<']) {
        bare.push_str(&rest[..at]);
        rest = &rest[at..];
        let run = rest.len() - rest.trim_start_matches('`').len();
        let skipped = if let Some(escaped) = rest.strip_prefix('\\') {
            1 + escaped.chars().next().map_or(0, char::len_utf8)
        } else if run > 0 {
            closing(&rest[run..], run).map_or(run, |end| run + end + run)
        } else if let Some(end) = rest.strip_prefix("<code>").and_then(|rest| rest.find("</code>")) {
            end + "<code></code>".len()
        } else {
            bare.push('<');
            1
        };
        rest = &rest[skipped..];
    }
    bare + rest
}

/// Where a run of as many backticks begins.
fn closing(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = text[start..].len() - text[start..].trim_start_matches('`').len();
        if length == run {
            return Some(start);
        }
        at = start + length;
    }
    None
}
