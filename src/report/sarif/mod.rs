//! SARIF 2.1.0 (OASIS), for code scanning: findings are results, gaps are notifications of the run, and the exit
//! code is the program's. Files are relative to `%SRCROOT%`, the top of the repository.
//!
//! GitHub knows a result again by `partialFingerprints`; those here outlive lines that move.

mod help;

use super::json::Tool;
use super::remarks::{Remark, Weight, remarks};
use super::{Report, Reported, Style, escape};
use crate::judge::{Rule, Verdict, rules};
use crate::model::text::visible;
use crate::model::{Level, RelPath};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

pub struct Sarif;

/// Results of one run at most: GitHub refuses more, and shows the first 5,000. The most serious stand first.
const MOST_RESULTS: usize = 25_000;
/// Notifications at most, the blocking ones first.
const MOST_NOTIFICATIONS: usize = 5_000;

impl Report for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        escape::write_json(&document(reported), out)
    }
}

fn document(reported: &Reported<'_>) -> Value {
    let remarks = remarks(reported);
    let (gaps, findings): (Vec<&Remark<'_>>, Vec<&Remark<'_>>) = remarks.iter().partition(|remark| remark.is_gap());
    let shown = &findings[..findings.len().min(MOST_RESULTS)];
    let rules = used(shown);
    let fallback = reported.judgement.subject.lockfiles.first().map(|lockfile| &lockfile.head.lockfile);
    let results: Vec<Value> = shown.iter().map(|remark| result(remark, &rules, fallback)).collect();
    let of_packages = |rule: &Rule| shown.iter().any(|remark| remark.code == rule.code && remark.package.is_some());
    let described = rules.keys().filter_map(|code| rules::named(code));
    let descriptors: Vec<Value> = described.map(|rule| descriptor(rule, of_packages(rule))).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "sbomgate", "semanticVersion": Tool::VERSION, "rules": descriptors } },
            "automationDetails": { "id": "sbomgate/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "The top of the repository." } } },
            "invocations": [invocation(reported, &gaps, findings.len() - shown.len())],
            "results": results,
            "properties": {
                "verdict": reported.judgement.verdict.map(Verdict::as_str),
                "base": reported.base.as_ref().map(|side| side.0.as_str()),
                "head": reported.head.0,
            },
        }],
    })
}

/// The rules of the results with their places among the descriptors.
fn used(findings: &[&Remark<'_>]) -> BTreeMap<&'static str, usize> {
    let mut rules: BTreeMap<&'static str, usize> = findings.iter().map(|remark| (remark.code, 0)).collect();
    rules.values_mut().enumerate().for_each(|(number, place)| *place = number);
    rules
}

fn descriptor(rule: &Rule, of_packages: bool) -> Value {
    let (text, markdown) = help::of(rule, of_packages);
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": help::why(rule).unwrap_or_else(|| rule.summary.to_owned()) },
        "help": { "text": text, "markdown": markdown },
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": ["supply-chain"] },
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn result(remark: &Remark<'_>, rules: &BTreeMap<&'static str, usize>, fallback: Option<&RelPath>) -> Value {
    let mut result = json!({
        "ruleId": remark.code,
        "ruleIndex": rules[remark.code],
        "level": remark.level.map_or("none", level),
        "message": { "text": message(&remark.text()) },
        // The first is the one that GitHub reads; it wants a number behind.
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{}:1", &remark.fingerprint[..16]),
            "sbomgate/v1": remark.fingerprint,
        },
        "properties": {
            "package": remark.package,
            "needsApproval": remark.weight == Weight::Asked || remark.command.is_some(),
            "approve": remark.command,
        },
    });
    // A result without a place is refused by GitHub.
    let place = remark.file.map(|file| (file, remark.line)).or(fallback.map(|file| (file, None)));
    if let Some((file, line)) = place {
        result["locations"] = json!([location(file, Some(line.unwrap_or(1)))]);
    }
    result
}

fn location(file: &RelPath, line: Option<u32>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(file), "uriBaseId": "%SRCROOT%" } });
    if let Some(line) = line {
        physical["region"] = json!({ "startLine": line.max(1) });
    }
    json!({ "physicalLocation": physical })
}

/// In a message `[text](1)` would be a link (section 3.11.6) and a brace a placeholder (3.11.5).
fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '[' | ']' | '\\' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            c => out.push(c),
        }
    }
    out
}

/// A relative reference (RFC 3986, section 4.2): a colon would begin a scheme.
fn uri(file: &RelPath) -> String {
    let mut uri = String::new();
    for byte in file.as_str().bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn invocation(reported: &Reported<'_>, gaps: &[&Remark<'_>], left_out: usize) -> Value {
    let verdict = reported.judgement.verdict;
    let mut notifications: Vec<Value> = gaps.iter().take(MOST_NOTIFICATIONS).map(|gap| notification(gap)).collect();
    let mut tell = |number: usize, what: &str| {
        if number > 0 {
            let text = format!("{number} {what} are left out here; the JSON report holds all");
            notifications.push(json!({ "level": "warning", "message": { "text": text } }));
        }
    };
    tell(left_out, "further results");
    tell(gaps.len().saturating_sub(MOST_NOTIFICATIONS), "further gaps");
    json!({
        "executionSuccessful": verdict.is_some(),
        "exitCode": Verdict::exit_code(verdict),
        "exitCodeDescription": verdict.map_or("could-not-judge", Verdict::as_str),
        "toolExecutionNotifications": notifications,
    })
}

fn notification(gap: &Remark<'_>) -> Value {
    let level = if gap.weight == Weight::Blocking { "error" } else { "warning" };
    let mut notification = json!({ "descriptor": { "id": gap.code }, "level": level, "message": { "text": message(gap.message) } });
    if let Some(file) = gap.file {
        notification["locations"] = json!([location(file, gap.line)]);
    }
    notification
}

#[cfg(test)]
mod tests {
    use super::{message, uri};
    use crate::model::RelPath;

    #[test]
    fn a_path_is_a_relative_reference() {
        for (path, expected) in [("a/b.json", "a/b.json"), ("c:/x y", "c%3A/x%20y"), ("ä#?%", "%C3%A4%23%3F%25")] {
            assert_eq!(uri(&RelPath::new(path).unwrap()), expected);
        }
    }

    #[test]
    fn a_message_has_no_links_and_no_placeholders() {
        assert_eq!(message("[a](1) {0} \\"), "\\[a\\](1) {{0}} \\\\");
    }
}
