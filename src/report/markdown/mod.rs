//! Markdown for a comment on a pull request or the summary of a job: the verdict first, then what somebody has to
//! decide with the command for it, what was found, and what changed, folded.
//!
//! No text from outside is markup, a link, an image or a mention; see `escape`.

pub(super) mod escape;
mod page;

use super::needed::{command, listed, needed};
use super::remarks::{Remark, Weight, remarks};
use super::wording::{self, count};
use super::{Report, Reported, Style, facts, introduced_text, licences, summary};
use crate::diff::LockfileDiff;
use crate::judge::Verdict;
use escape::{code, prose, sentence};
use page::Page;
use std::io;

/// One size of page.
pub struct Markdown {
    id: &'static str,
    /// In bytes, of which a text has as many as characters or more.
    most: usize,
}

/// A comment on GitHub is 65,536 characters at most (on GitLab 1,000,000), a few of which mark it as the gate's own.
pub static COMMENT: Markdown = Markdown { id: "markdown", most: 65_400 };

/// The summary of one step of GitHub Actions is 1 MiB at most; one above that is not shown at all.
pub static SUMMARY: Markdown = Markdown { id: "step-summary", most: 1 << 20 };

impl Report for Markdown {
    fn id(&self) -> &'static str {
        self.id
    }

    fn draw(&self, reported: &Reported<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let remarks = remarks(reported);
        let mut page = Page::new(self.most);
        verdict(reported, &mut page);
        blocking(&remarks, &mut page);
        decisions(reported, &mut page);
        findings(&remarks, &mut page);
        let licences = licences::notes(reported);
        for lockfile in &reported.judgement.subject.lockfiles {
            changes(reported, lockfile, &licences, &mut page);
        }
        came_in(reported, &mut page);
        approved(reported, &mut page);
        gaps(&remarks, &mut page);
        if !style.brief {
            skipped(reported, &mut page);
        }
        out.write_all(page.whole().as_bytes())
    }
}

fn verdict(reported: &Reported<'_>, page: &mut Page) {
    let mark = match reported.judgement.verdict {
        Some(Verdict::Allow) => "✅",
        Some(Verdict::NeedsApproval) => "🟡",
        Some(Verdict::Deny) => "⛔",
        None => "❓",
    };
    let (verdict, told) = (summary::verdict(reported), summary::summary(reported));
    page.add(&format!("### {mark} sbomgate: {verdict}\n\n{told} ({})\n", code(&summary::compared(reported))));
    if let Some((only, all, left_out)) = reported.filter() {
        let (kinds, all) = (only.names().join(" or "), count(all, "change", "changes"));
        page.add(&format!("\nListed: what came in with {kinds}; {left_out} of {all} left out, the verdict is of all.\n"));
    }
}

fn blocking(remarks: &[Remark<'_>], page: &mut Page) {
    let lines: Vec<String> = remarks.iter().filter(|remark| remark.weight == Weight::Blocking).map(line).collect();
    page.section("\n#### Could not be judged\n\n", &lines, "");
}

/// What somebody has to consent to, each with the command.
fn decisions(reported: &Reported<'_>, page: &mut Page) {
    let judgement = &reported.judgement;
    let policy = judgement.asks_for_policy().then(|| "- the policy itself changes: whoever answers for it has to consent\n".to_owned());
    let packages = needed(judgement).into_iter().map(|((lockfile, package), rules)| {
        let (label, asking) = (code(&package.label()), listed(&rules));
        // A code block of its own, so that it can be copied; a purl holds no backtick.
        let command = command(judgement, (lockfile, package), &rules).replace('`', "%60");
        format!("- {label} in {} ({asking})\n\n  ```sh\n  {command}\n  ```\n\n", code(lockfile.as_str()))
    });
    page.section("\n#### Needs a decision\n\n", &policy.into_iter().chain(packages).collect::<Vec<_>>(), "");
}

/// Findings; that a package is new is told where the decision is asked for.
fn findings(remarks: &[Remark<'_>], page: &mut Page) {
    let of = |wanted: &[Weight]| {
        remarks.iter().filter(|remark| wanted.contains(&remark.weight) && !remark.is_told_elsewhere()).map(line).collect::<Vec<_>>()
    };
    page.section("\n#### Findings\n\n", &of(&[Weight::Error, Weight::Asked, Weight::Warning]), "");
    let notes = of(&[Weight::Note]);
    page.section(&folded(&count(notes.len(), "note", "notes")), &notes, CLOSE);
}

/// `- **error** advisory: … (package-lock.json:29)`
fn line(remark: &Remark<'_>) -> String {
    let number = remark.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = remark.file.map(|file| format!(" ({})", code(&format!("{file}{number}")))).unwrap_or_default();
    let word = if remark.is_gap() { String::new() } else { format!("**{}** ", remark.level.map_or("", |level| level.as_str())) };
    format!("- {word}{}: {}{place}\n", remark.code, sentence(remark.message))
}

fn changes(reported: &Reported<'_>, lockfile: &LockfileDiff<'_>, licences: &licences::Notes, page: &mut Page) {
    let listed = lockfile.changes.iter().filter(|change| reported.shows(lockfile, change));
    let lines = listed.map(|change| {
        let licence = licences.get(&std::ptr::from_ref(change)).cloned();
        let dossier = reported.judgement.subject.facts.packages.get(&change.package);
        let facts = dossier.and_then(|dossier| facts::note(change, dossier));
        let notes: Vec<String> = wording::notes(change).into_iter().chain(licence).chain(facts).map(|note| prose(&note)).collect();
        let notes = if notes.is_empty() { String::new() } else { format!(": {}", notes.join("; ")) };
        let place = code(&change.location.to_string());
        format!("- {} {}{notes} ({place})\n", wording::kind(change.kind), code(&wording::what(change)))
    });
    let lines: Vec<String> = lines.collect();
    let (path, number) = (super::escape::markup(lockfile.head.lockfile.as_str()), count(lines.len(), "change", "changes"));
    page.section(&folded(&format!("{number} in <code>{path}</code>")), &lines, CLOSE);
}

fn came_in(reported: &Reported<'_>, page: &mut Page) {
    let Some(introductions) = &reported.introductions else { return };
    let told = introduced_text::told(&reported.judgement.subject, introductions);
    let line = |(heading, packages): &(String, Vec<String>)| {
        let (shown, left) = (packages.len().min(20), packages.len().saturating_sub(20));
        let more = if left > 0 { format!(" and {left} more") } else { String::new() };
        let packages: Vec<String> = packages[..shown].iter().map(|package| code(package)).collect();
        format!("- {}: {}{more}\n", prose(heading), packages.join(", "))
    };
    let lines: Vec<String> = told.iter().map(line).collect();
    page.section(&folded("which commits brought it"), &lines, CLOSE);
}

fn approved(reported: &Reported<'_>, page: &mut Page) {
    let lines = reported.judgement.approved.iter().map(|met| {
        let entry = &reported.judgement.subject.gate.approvals[met.entry].entry;
        let (label, by) = (code(&met.request.package.label()), code(&entry.approved_by.to_string()));
        let inherited = wording::inherited(&met.road).map(|text| format!(" {}", code(&text))).unwrap_or_default();
        format!("- {label}{inherited} by {by} until {}: {} ({})\n", entry.expires, code(&entry.reason), code(&entry.location.to_string()))
    });
    let lines: Vec<String> = lines.collect();
    page.section(&folded(&format!("{} approved", lines.len())), &lines, CLOSE);
}

fn gaps(remarks: &[Remark<'_>], page: &mut Page) {
    let lines: Vec<String> = remarks.iter().filter(|remark| remark.weight == Weight::Gap).map(line).collect();
    page.section(&folded(&format!("{} not known", lines.len())), &lines, CLOSE);
}

fn skipped(reported: &Reported<'_>, page: &mut Page) {
    let lines: Vec<String> =
        reported.skipped.iter().map(|(path, reason)| format!("- {}: {}\n", code(path.as_str()), sentence(reason))).collect();
    page.section(&folded(&format!("{} left out", count(lines.len(), "lockfile", "lockfiles"))), &lines, CLOSE);
}

const CLOSE: &str = "\n</details>\n";

fn folded(summary: &str) -> String {
    format!("\n<details><summary>{summary}</summary>\n\n")
}
