//! The report for a person at a terminal or in a CI log: the verdict, then what is new and asked
//! for, what that pulled in, what changed, what went, and what is not known.

use super::excerpts::is_told_elsewhere;
use super::known::CameIn;
use super::style::{Paint, Style};
use super::summary;
use super::wording::{self, count};
use super::{Report, Reported, facts, introduced_text, licences};
use crate::diff::{Aspect, Cause, Change, ChangeKind, LockfileDiff};
use crate::enrich::registry::Dossier;
use crate::judge::advisories::{Presence, Standing, standings};
use crate::judge::{Verdict, policy};
use crate::model::text::{shortened, visible};
use crate::model::{Finding, Level, Package};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

pub struct TextReport;

/// Lines of one list before it is cut, unless everything is wanted.
const MOST_LINES: usize = 25;

impl Report for TextReport {
    fn id(&self) -> &'static str {
        "text"
    }

    fn draw(&self, reported: &Reported<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let facts = &reported.judgement.subject.facts.packages;
        let mut page = Page { style, out, licences: licences::notes(reported), facts };
        page.verdict(reported)?;
        page.filter(reported)?;
        for lockfile in &reported.judgement.subject.lockfiles {
            page.lockfile(lockfile, reported)?;
        }
        if let Some(introductions) = reported.introductions.as_ref().filter(|_| !style.brief) {
            introduced_text::write(&reported.judgement.subject, introductions, style, page.out)?;
        }
        page.approved(reported)?;
        page.findings(reported)?;
        page.other_advisories(reported)?;
        page.gaps(reported)?;
        if style.brief {
            return Ok(());
        }
        page.limits(reported)?;
        page.skipped(reported)
    }
}

struct Page<'p> {
    style: &'p Style,
    out: &'p mut dyn Write,
    /// What is told of the licences of packages, by their changes.
    licences: licences::Notes,
    facts: &'p HashMap<Package, Dossier>,
}

impl Page<'_> {
    fn verdict(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        let paint = match reported.judgement.verdict {
            Some(Verdict::Allow) => Paint::Good,
            Some(Verdict::NeedsApproval) => Paint::Warning,
            Some(Verdict::Deny) | None => Paint::Error,
        };
        let (verdict, compared) = (self.style.paint(paint, summary::verdict(reported)), summary::compared(reported));
        writeln!(self.out, "{verdict}: {} ({compared})", summary::summary(reported))
    }

    /// A list that leaves something out says so above everything else.
    fn filter(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        let Some((only, all, left_out)) = reported.filter() else { return Ok(()) };
        let (kinds, all) = (only.names().join(" or "), count(all, "change", "changes"));
        let text = format!("listed: what came in with {kinds}; {left_out} of {all} left out, the verdict is of all");
        writeln!(self.out, "{}", self.style.paint(Paint::Warning, text))
    }

    fn lockfile(&mut self, lockfile: &LockfileDiff<'_>, reported: &Reported<'_>) -> io::Result<()> {
        let (base, head) = (lockfile.base, lockfile.head);
        let listed: Vec<&Change> = lockfile.changes.iter().filter(|change| reported.shows(lockfile, change)).collect();
        if listed.is_empty() && !lockfile.changes.is_empty() {
            return Ok(());
        }
        if lockfile.changes.is_empty() && base.lockfile == head.lockfile {
            return Ok(());
        }
        let moved =
            if base.lockfile == head.lockfile { String::new() } else { format!(", moved from {}", visible(base.lockfile.as_str())) };
        let title = self.style.paint(Paint::Heading, visible(head.lockfile.as_str()));
        let (before, after) = (base.packages().count(), head.packages().count());
        let size = if before == after {
            count(after, "package", "packages")
        } else {
            format!("{before} to {}", count(after, "package", "packages"))
        };
        writeln!(self.out, "\n{title} ({size}{moved})")?;
        let of = |kinds: &[ChangeKind]| listed.iter().copied().filter(|change| kinds.contains(&change.kind)).collect::<Vec<_>>();
        self.added(&of(&[ChangeKind::Added]))?;
        self.list("changed", &of(&[ChangeKind::Upgraded, ChangeKind::Downgraded, ChangeKind::Modified]))?;
        self.list("removed", &of(&[ChangeKind::Removed]))
    }

    /// What the project asks for itself first, each with what it pulled in below it; then what other
    /// changes brought, by the change that did.
    fn added(&mut self, added: &[&Change]) -> io::Result<()> {
        let direct: Vec<&Change> = added.iter().copied().filter(|change| change.direct != Some(false)).collect();
        let mut below: BTreeMap<&Package, Vec<&Change>> = BTreeMap::new();
        let mut others: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
        for change in added.iter().copied().filter(|change| change.direct == Some(false)) {
            match top(&change.cause) {
                Some(top) if direct.iter().any(|other| other.package == *top) => below.entry(top).or_default().push(change),
                _ => others.entry(wording::trigger(change)).or_default().push(change),
            }
        }
        if !direct.is_empty() {
            let asked_for = if direct.iter().all(|change| change.direct.is_some()) { "new, asked for by the project" } else { "new" };
            self.heading(asked_for, direct.len())?;
        }
        let shown = self.shown(direct.len());
        for change in &direct[..shown] {
            self.change(change, "  ", &wording::cause(change))?;
            self.brought(below.get(&change.package).map_or(&[][..], Vec::as_slice), "      ")?;
        }
        self.cut("  ", direct.len() - shown)?;
        for (trigger, changes) in &others {
            self.heading(&format!("new, {trigger}"), changes.len())?;
            self.brought(changes, "  ")?;
        }
        Ok(())
    }

    /// What one change brought: the heading or the line above says what that was.
    fn brought(&mut self, changes: &[&Change], indent: &str) -> io::Result<()> {
        let shown = self.shown(changes.len());
        for change in &changes[..shown] {
            self.change(change, indent, &wording::way(change))?;
        }
        self.cut(indent, changes.len() - shown)
    }

    fn list(&mut self, heading: &str, changes: &[&Change]) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.heading(heading, changes.len())?;
        let shown = self.shown(changes.len());
        for change in &changes[..shown] {
            self.change(change, "  ", &wording::cause(change))?;
        }
        self.cut("  ", changes.len() - shown)
    }

    fn heading(&mut self, text: &str, number: usize) -> io::Result<()> {
        writeln!(self.out, "  {}", self.style.paint(Paint::Faint, format!("{text} ({number})")))
    }

    fn shown(&self, number: usize) -> usize {
        if self.style.all || number <= MOST_LINES { number } else { MOST_LINES }
    }

    fn cut(&mut self, indent: &str, left: usize) -> io::Result<()> {
        if left == 0 {
            Ok(())
        } else {
            writeln!(self.out, "{indent}  {}", self.style.paint(Paint::Faint, format!("and {left} more (-v shows all)")))
        }
    }

    /// `  + fox 1.0.0  shop asks for ^1.0.0 (web/package.json:5)  [web/package-lock.json:14]`
    fn change(&mut self, change: &Change, indent: &str, cause: &str) -> io::Result<()> {
        let (sign, paint) = match change.kind {
            ChangeKind::Added => ("+", Paint::Added),
            ChangeKind::Removed => ("-", Paint::Removed),
            ChangeKind::Upgraded => ("^", Paint::Changed),
            ChangeKind::Downgraded => ("v", Paint::Changed),
            ChangeKind::Modified => ("~", Paint::Changed),
        };
        let what = wording::what(change);
        let mut notes: Vec<String> = Vec::new();
        let scope = change.scope.filter(|scope| *scope != crate::model::Scope::Runtime && !change.what.contains(&Aspect::Scope));
        notes.extend(scope.map(|scope| format!("[{scope}]")));
        notes.extend(wording::source(change));
        notes.extend(self.licences.get(&std::ptr::from_ref(change)).cloned());
        notes.extend(self.facts.get(&change.package).and_then(|dossier| facts::note(change, dossier)));
        notes.extend(Some(wording::aspects(change)).filter(|aspects| !aspects.is_empty()));
        notes.extend(Some(cause.to_owned()).filter(|cause| !cause.is_empty() && !only_bytes(change)));
        let place = visible(&change.location.to_string()).into_owned();
        let start = format!("{indent}  {sign} {what}");
        let notes = self.fitted(&notes.join("  "), start.chars().count() + place.chars().count() + 4);
        let end = self.style.paint(Paint::Faint, &place);
        writeln!(self.out, "{indent}  {} {what}  {notes}{}{end}", self.style.paint(paint, sign), if notes.is_empty() { "" } else { "  " })
    }

    /// The notes, cut so that the line fits the terminal; never to less than 30 characters.
    fn fitted(&self, notes: &str, taken: usize) -> String {
        match self.style.width {
            Some(width) if !self.style.all => shortened(notes, width.saturating_sub(taken).max(30)).into_owned(),
            _ => notes.to_owned(),
        }
    }

    /// What an approval lets in: by whom, until when, and where that stands.
    fn approved(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        let approved = &reported.judgement.approved;
        if approved.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\n{} ({})", self.style.paint(Paint::Heading, "approved"), approved.len())?;
        let shown = self.shown(approved.len());
        for met in &approved[..shown] {
            let entry = &reported.judgement.subject.gate.approvals[met.entry].entry;
            let inherited = wording::inherited(&met.road).map(|text| format!("{text}, ")).unwrap_or_default();
            let text = format!("{inherited}by {} until {}: {}", entry.approved_by, entry.expires, shortened(&entry.reason, 100));
            let place = self.style.paint(Paint::Faint, visible(&entry.location.to_string()));
            writeln!(self.out, "  {}  {}  {place}", wording::label(&met.request.package), visible(&text))?;
        }
        self.cut("", approved.len() - shown)
    }

    /// Findings that the lists above do not show already.
    fn findings(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        let findings: Vec<_> = reported.judgement.findings.iter().filter(|finding| !is_told_elsewhere(finding)).collect();
        if findings.is_empty() {
            return Ok(());
        }
        let came_in = CameIn::of(reported);
        writeln!(self.out)?;
        for of_rule in findings.chunk_by(|a, b| (a.level, a.rule) == (b.level, b.rule)) {
            let shown = self.shown(of_rule.len());
            for finding in &of_rule[..shown] {
                self.finding(finding, came_in.was_known(finding))?;
                if let Some(place) = &finding.location {
                    reported.excerpts.write(&place.file, place.line, finding.package.as_deref(), self.style, self.out)?;
                }
            }
            self.cut("", of_rule.len() - shown)?;
            self.decided(of_rule[0], reported)?;
        }
        Ok(())
    }

    /// The line of the policy by which a rule is as serious as it is. What a row of some paths says is told of lockfiles,
    /// by whose paths those are chosen.
    fn decided(&mut self, finding: &Finding, reported: &Reported<'_>) -> io::Result<()> {
        let (subject, file) = (&reported.judgement.subject, finding.location.as_ref().map(|place| &place.file));
        let policy = &subject.gate.policy;
        let is_told = policy.paths.is_empty() || subject.lockfiles.iter().any(|lockfile| Some(&lockfile.head.lockfile) == file);
        match policy.setting_at(finding.rule, file).line.filter(|_| is_told && !self.style.brief) {
            Some(line) => writeln!(self.out, "  {}", self.style.paint(Paint::Faint, format!("= set by {}:{line}", policy::FILE))),
            None => Ok(()),
        }
    }

    fn finding(&mut self, finding: &Finding, was_known: Option<bool>) -> io::Result<()> {
        let paint = match finding.level {
            Level::Error => Paint::Error,
            Level::Warning => Paint::Warning,
            Level::Note => Paint::Faint,
        };
        let head = self.style.paint(paint, format!("{}[{}]", finding.level, finding.rule));
        let place = finding.location.as_ref().map(|location| format!("{}: ", visible(&location.to_string()))).unwrap_or_default();
        let when = match was_known {
            Some(true) => "; known when the package came in",
            Some(false) => "; published after the package came in",
            None => "",
        };
        writeln!(self.out, "{head}: {place}{}{when}", visible(&finding.message))
    }

    /// Advisories that are no findings of this change: in numbers, one by one when everything is wanted.
    fn other_advisories(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        if self.style.brief {
            return Ok(());
        }
        let standings = standings(&reported.judgement.subject);
        for (presence, what) in [(Presence::Gone, "gone with this change"), (Presence::Stays, "there before, and still")] {
            let of: Vec<&Standing<'_>> = standings.iter().filter(|standing| standing.presence == presence).collect();
            if of.is_empty() {
                continue;
            }
            let number = count(of.len(), "advisory", "advisories");
            writeln!(self.out, "\n{}", self.style.paint(Paint::Heading, format!("{number} {what}")))?;
            let shown = self.shown(of.len());
            for standing in &of[..shown] {
                let (id, package) = (&standing.advisory.id, wording::label(standing.package));
                let rating = standing.advisory.severity.as_ref().map(|(severity, _)| severity.rating.as_str());
                let summary = visible(&shortened(standing.advisory.summary.trim(), 100)).into_owned();
                let place = self.style.paint(Paint::Faint, visible(&standing.location.to_string()));
                writeln!(self.out, "  {package}: {id}, {}: {summary}  {place}", rating.unwrap_or(standing.advisory.kind.as_str()))?;
            }
            self.cut("", of.len() - shown)?;
        }
        Ok(())
    }

    fn gaps(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        let gaps = &reported.judgement.gaps;
        if gaps.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\n{} ({})", self.style.paint(Paint::Heading, "not known"), gaps.len())?;
        let shown = self.shown(gaps.len());
        for gap in &gaps[..shown] {
            let line = gap.line.map(|line| format!(":{line}")).unwrap_or_default();
            // What is not known of the history is of no one file.
            let place = if gap.file.is_root() { String::new() } else { format!("{}{line}: ", visible(gap.file.as_str())) };
            let kind = self.style.paint(if reported.judgement.is_blocking(gap.kind) { Paint::Error } else { Paint::Warning }, gap.kind);
            writeln!(self.out, "  {kind}: {place}{}", visible(&gap.message))?;
            if let Some(line) = gap.line {
                reported.excerpts.write(&gap.file, line, None, self.style, self.out)?;
            }
        }
        self.cut("", gaps.len() - shown)
    }

    /// What the lockfiles in question cannot tell, each reason once.
    fn limits(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        let mut reasons: BTreeSet<&str> = BTreeSet::new();
        for lockfile in reported.judgement.subject.lockfiles.iter().filter(|lockfile| !lockfile.changes.is_empty()) {
            reasons.extend(lockfile.head.knows.all().iter().filter_map(|(_, told)| told.reason()));
        }
        for (number, reason) in reasons.iter().enumerate() {
            let above = if number == 0 { "\n" } else { "" };
            writeln!(self.out, "{above}{}", self.style.paint(Paint::Faint, format!("note: {reason}")))?;
        }
        Ok(())
    }

    fn skipped(&mut self, reported: &Reported<'_>) -> io::Result<()> {
        if reported.skipped.is_empty() {
            return Ok(());
        }
        let number = count(reported.skipped.len(), "lockfile was", "lockfiles were");
        writeln!(self.out, "\n{}", self.style.paint(Paint::Faint, format!("{number} left out (--include GLOB takes one in):")))?;
        let shown = if self.style.all { reported.skipped.len() } else { reported.skipped.len().min(5) };
        for (path, reason) in &reported.skipped[..shown] {
            writeln!(self.out, "{}", self.style.paint(Paint::Faint, format!("  {}: {reason}", visible(path.as_str()))))?;
        }
        self.cut("", reported.skipped.len() - shown)
    }
}

/// The package at the top of a chain that begins in a manifest.
fn top(cause: &Cause) -> Option<&Package> {
    match cause {
        Cause::Required { declared: Some(_), chain } => chain.first().map(|link| &link.package),
        _ => None,
    }
}

/// Only the bytes differ, or what is stated of them: nobody's requirement is the cause of that.
fn only_bytes(change: &Change) -> bool {
    change.kind == ChangeKind::Modified && matches!(change.what[..], [Aspect::Digest] | [Aspect::Checksum] | [Aspect::Licence])
}
