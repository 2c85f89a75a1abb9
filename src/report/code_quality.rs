//! GitLab's Code Quality report: a list of findings and gaps that a merge request shows beside its lines.

use super::remarks::{Remark, Weight, remarks};
use super::{Report, Reported, Style, escape};
use crate::model::RelPath;
use crate::model::text::{shortened, visible};
use serde::Serialize;
use std::io;

pub struct CodeQuality;

/// Entries at most, the weightiest first: a merge request shows few, and an artifact has a limit.
const MOST: usize = 10_000;

impl Report for CodeQuality {
    fn id(&self) -> &'static str {
        "gitlab-code-quality"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let fallback = reported.judgement.subject.lockfiles.first().map(|lockfile| &lockfile.head.lockfile);
        let remarks = remarks(reported);
        let mut entries: Vec<Entry<'_>> = remarks.iter().take(MOST).map(|remark| Entry::of(remark, fallback)).collect();
        entries.extend(remarks.len().checked_sub(MOST).filter(|left| *left > 0).map(|left| Entry::cut(left, fallback)));
        escape::write_json(&entries, out)
    }
}

#[derive(Serialize)]
struct Entry<'r> {
    description: String,
    check_name: &'static str,
    /// GitLab tells what is new and what is solved by it alone, and shows one of several that are the same.
    fingerprint: String,
    severity: &'static str,
    location: Place<'r>,
}

#[derive(Serialize)]
struct Place<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

impl<'r> Entry<'r> {
    fn of(remark: &Remark<'r>, fallback: Option<&'r RelPath>) -> Self {
        Entry {
            description: visible(&shortened(&format!("{}: {}", remark.weight.word(), remark.text()), 2_000)).into_owned(),
            check_name: remark.code,
            fingerprint: remark.fingerprint.clone(),
            severity: severity(remark.weight),
            location: Place::of(remark.file.or(fallback), remark.line),
        }
    }

    fn cut(left: usize, fallback: Option<&'r RelPath>) -> Self {
        Entry {
            description: format!("{left} more are left out here; the JSON report holds all"),
            check_name: "sbomgate",
            fingerprint: "sbomgate-cut".into(),
            severity: "info",
            location: Place::of(fallback, None),
        }
    }
}

impl<'r> Place<'r> {
    /// GitLab drops an entry that has no path.
    fn of(file: Option<&'r RelPath>, line: Option<u32>) -> Self {
        Place { path: file.map_or(".", |file| file.as_str()), lines: Lines { begin: line.unwrap_or(1).max(1) } }
    }
}

fn severity(weight: Weight) -> &'static str {
    match weight {
        Weight::Blocking => "blocker",
        Weight::Error => "critical",
        Weight::Asked => "major",
        Weight::Warning => "minor",
        Weight::Note | Weight::Gap => "info",
    }
}
