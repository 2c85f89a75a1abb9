//! Which commits brought the changes in, as text: one entry a commit, with what came in by it.

use super::style::{Paint, Style};
use super::wording::{count, label};
use crate::diff::{Change, ChangeKind, LockfileDiff};
use crate::enrich::Fact;
use crate::enrich::attribution::{Attribution, Catalogue, Category};
use crate::enrich::introduction::{FirstSeen, Introduction, Introductions, Origin};
use crate::judge::Subject;
use crate::model::text::{shortened, visible};
use crate::model::{CommitId, CommitRecord, SignatureState};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Commits before the list is cut, and packages named for each, unless everything is wanted.
const MOST_COMMITS: usize = 15;
const MOST_PACKAGES: usize = 6;
/// Notes on what was not looked at, likewise.
const MOST_LIMITS: usize = 4;
/// Columns that a list of packages takes before it goes on in the next line.
const LINE: usize = 100;

/// A change with its introduction.
type Introduced<'r> = (&'r Change, &'r Introduction);

/// Where a group of changes came in; in the order of the page.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Group<'r> {
    Uncommitted,
    /// The youngest first.
    Commit(std::cmp::Reverse<i64>, &'r CommitId),
    Before(&'r CommitId),
    Unknown(&'r str),
}

/// Writes the whole part; nothing where nothing changed that an introduction is known of.
pub(super) fn write(subject: &Subject<'_>, introductions: &Introductions, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let groups = groups(&subject.lockfiles, introductions);
    let catalogue = subject.gate.policy.catalogue();
    if groups.is_empty() {
        return Ok(());
    }
    let commits = groups.keys().filter(|group| matches!(group, Group::Commit(..))).count();
    let number = if commits == 0 { String::new() } else { format!(" ({})", count(commits, "commit", "commits")) };
    writeln!(out, "\n{}{number}", style.paint(Paint::Heading, "came in with"))?;
    let shown = if style.all { groups.len() } else { groups.len().min(MOST_COMMITS) };
    let alone = groups.len() == 1;
    for (group, changes) in groups.iter().take(shown) {
        writeln!(out, "  {}", heading(group, changes, introductions, catalogue, style))?;
        packages(changes, alone, introductions, style, out)?;
    }
    if groups.len() > shown {
        writeln!(out, "    {}", style.paint(Paint::Faint, format!("and {} more (-v shows all)", groups.len() - shown)))?;
    }
    let listed = groups.keys().filter_map(|group| match group {
        Group::Commit(_, id) => introductions.attributions.get(*id),
        _ => None,
    });
    let listed: Vec<&Attribution> = listed.collect();
    if let Some(text) = undeclared(&listed) {
        writeln!(out, "  {}", style.paint(Paint::Faint, text))?;
    }
    // What was not looked at: one sentence may be of many commits.
    let limits: BTreeSet<&String> = listed.iter().flat_map(|attribution| &attribution.limits).collect();
    for limit in limits.iter().take(if style.all { limits.len() } else { MOST_LIMITS }) {
        writeln!(out, "  {}", style.paint(Paint::Faint, format!("note: {}", visible(limit))))?;
    }
    match limits.len().checked_sub(MOST_LIMITS).filter(|more| *more > 0 && !style.all) {
        Some(more) => writeln!(out, "    {}", style.paint(Paint::Faint, format!("and {more} more (-v shows all)"))),
        None => Ok(()),
    }
}

/// What came in together: in which commit, in words, and which packages. The youngest commit first.
pub(super) fn told(subject: &Subject<'_>, introductions: &Introductions) -> Vec<(String, Vec<String>)> {
    let (catalogue, style) = (subject.gate.policy.catalogue(), Style::plain());
    let told = groups(&subject.lockfiles, introductions).into_iter().map(|(group, changes)| {
        let heading = heading(&group, &changes, introductions, catalogue, &style);
        (heading, changes.iter().map(|(change, _)| label(&change.package)).collect())
    });
    told.collect()
}

/// How one change came in, in words: the commit, and what is not said by the commit alone.
pub(super) fn of_change(change: &Change, introduction: &Introduction, introductions: &Introductions, catalogue: &Catalogue) -> String {
    let group = group(introduction, introductions);
    let heading = heading(&group, &[(change, introduction)], introductions, catalogue, &Style::plain());
    let remark = remark(change, introduction, introductions);
    if remark.is_empty() { heading } else { format!("{heading}; {remark}") }
}

fn groups<'r>(lockfiles: &'r [LockfileDiff<'_>], introductions: &'r Introductions) -> BTreeMap<Group<'r>, Vec<Introduced<'r>>> {
    let mut groups: BTreeMap<Group<'_>, Vec<Introduced<'_>>> = BTreeMap::new();
    for lockfile in lockfiles {
        let listed = |change: &&Change| change.kind != ChangeKind::Removed && introductions.shows(&lockfile.head.lockfile, change);
        for change in lockfile.changes.iter().filter(listed) {
            let Some(introduction) = introductions.of(&lockfile.head.lockfile, &change.package) else { continue };
            groups.entry(group(introduction, introductions)).or_default().push((change, introduction));
        }
    }
    groups
}

fn group<'r>(introduction: &'r Introduction, introductions: &Introductions) -> Group<'r> {
    match &introduction.origin {
        Origin::Uncommitted => Group::Uncommitted,
        Origin::Commit(id) => {
            let seconds = introductions.commits.get(id).map_or(i64::MIN, |commit| commit.committed.seconds);
            Group::Commit(std::cmp::Reverse(seconds), id)
        }
        Origin::Before(id) => Group::Before(id),
        Origin::Unknown(reason) => Group::Unknown(&reason.text),
    }
}

/// `1a2b3c4d5e6f  2025-01-03  Ada: add fox (#12), merged by 99aabbccddee`
fn heading(group: &Group<'_>, changes: &[Introduced<'_>], introductions: &Introductions, catalogue: &Catalogue, style: &Style) -> String {
    match group {
        Group::Uncommitted => style.paint(Paint::Warning, "not committed yet"),
        Group::Before(id) => format!("there before the range begins, in {}", id.short()),
        Group::Unknown(reason) => format!("{}: {}", style.paint(Paint::Warning, "not known"), visible(reason)),
        Group::Commit(_, id) => {
            let commit = introductions.commits.get(*id);
            let said = commit.map(said).unwrap_or_default();
            let is_merge = commit.is_some_and(|commit| commit.parents.len() > 1);
            let written = introductions.attributions.get(*id).map(|attribution| written(attribution, catalogue)).unwrap_or_default();
            let forged = match commit.map(|commit| commit.signature.state) {
                Some(SignatureState::Bad) => " [bad signature]",
                Some(SignatureState::Revoked) => " [signed by a revoked key]",
                _ => "",
            };
            format!("{}  {said}{}{written}{forged}", style.paint(Paint::Heading, id.short()), merged(&said, is_merge, changes))
        }
    }
}

fn said(commit: &CommitRecord) -> String {
    let day = commit.committed.day().unwrap_or_else(|| "no date".into());
    let name = if commit.author.name.is_empty() { &commit.author.email } else { &commit.author.name };
    visible(&format!("{day}  {}: {}", shortened(name, 40), shortened(&commit.subject, 72))).into_owned()
}

/// Who or what wrote the commit, where somebody said so. Nothing for the others: that nobody declared
/// anything is told once, below.
fn written(attribution: &Attribution, catalogue: &Catalogue) -> String {
    let tools = || attribution.tools.iter().map(|id| catalogue.tool_name(id)).collect::<Vec<_>>().join(", ");
    let bots = || attribution.automation.iter().map(|id| catalogue.automation_name(id)).collect::<Vec<_>>().join(", ");
    let (what, names) = match &attribution.category {
        Fact::Known(Category::AiDeclared) => ("AI use declared", tools()),
        Fact::Known(Category::AiIndicated) => ("AI use indicated", tools()),
        Fact::Known(Category::Automation) => ("automated", bots()),
        Fact::Known(Category::Undeclared) => return String::new(),
        Fact::Unknown(_) => ("whether AI was used is not known", String::new()),
    };
    let names = if names.is_empty() { names } else { format!(": {}", visible(&names)) };
    format!(" [{what}{names}]")
}

/// Absence proves nothing, and is said to.
fn undeclared(listed: &[&Attribution]) -> Option<String> {
    let number = listed.iter().filter(|attribution| attribution.category == Fact::Known(Category::Undeclared)).count();
    let of = count(listed.len(), "commit", "commits");
    (number > 0).then(|| format!("no AI use declared in {number} of {of}; this does not show that a person wrote them"))
}

/// How the commit came into the branch, where that is one way for all that it brought.
fn merged(said: &str, is_merge: bool, changes: &[Introduced<'_>]) -> String {
    let Some((_, first)) = changes.first() else { return String::new() };
    if changes.iter().any(|(_, other)| other.merge != first.merge) {
        return ", merged in several ways".into();
    }
    let number = first.pull_request.map(|pull| format!("#{}", pull.number())).filter(|number| !said.contains(&format!("({number})")));
    let merge = first.merge.as_ref().map(|merge| format!("merged by {}", merge.short()));
    match (number, merge) {
        (None, None) if is_merge => ", by the merge itself".into(),
        (None, None) => String::new(),
        (Some(number), None) => format!(", {number}"),
        (None, Some(merge)) => format!(", {merge}"),
        (Some(number), Some(merge)) => format!(", {number} {merge}"),
    }
}

/// What came in with one commit: those first of which there is more to say, each remark once, then
/// what the project asks for itself. Where one commit brought everything, only those with a remark.
fn packages(changes: &[Introduced<'_>], alone: bool, introductions: &Introductions, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut remarks: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
    for (change, introduction) in changes {
        let remark = remark(change, introduction, introductions);
        if !alone || !remark.is_empty() {
            remarks.entry(remark).or_default().push((change.direct == Some(false), label(&change.package)));
        }
    }
    let plain = remarks.remove("");
    for (remark, mut names) in remarks {
        names.sort();
        names.dedup();
        list(&format!("{remark}: "), &names, style, out)?;
    }
    let Some(mut names) = plain else { return Ok(()) };
    names.sort();
    names.dedup();
    list("", &names, style, out)
}

/// Names with commas between them, in lines that a terminal has room for.
fn list(start: &str, names: &[(bool, String)], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let shown = if style.all { names.len() } else { names.len().min(MOST_PACKAGES) };
    let left = names.len() - shown;
    let mut line = start.to_owned();
    for (number, (_, name)) in names[..shown].iter().enumerate() {
        if number > 0 && line.chars().count() + name.chars().count() > LINE {
            writeln!(out, "      {}", line.trim_end())?;
            line.clear();
        }
        line.push_str(name);
        line.push_str(if number + 1 < shown || left > 0 { ", " } else { "" });
    }
    if left > 0 {
        line.push_str(&style.paint(Paint::Faint, format!("and {left} more (-v shows all)")));
    }
    writeln!(out, "      {}", line.trim_end())
}

/// What is not said by the commit alone.
fn remark(change: &Change, introduction: &Introduction, introductions: &Introductions) -> String {
    let own = introduction.origin.commit();
    let seen = match &introduction.first_seen {
        FirstSeen::Commit(id) => Some(format!("came back, first seen in {}", dated(id, introductions))),
        FirstSeen::BeforeRange => Some("came back, first seen before the range".to_owned()),
        FirstSeen::Now | FirstSeen::Unknown => None,
    };
    let declared = introduction.declared.as_ref().and_then(|declared| match &declared.origin {
        Origin::Commit(id) if Some(id) != own => Some(format!("asked for since {}", dated(id, introductions))),
        Origin::Uncommitted if introduction.origin != Origin::Uncommitted => {
            Some("asked for by a line that is not committed yet".to_owned())
        }
        _ => None,
    });
    let through = introduction.through.as_ref().and_then(|(package, commit)| {
        let commit = commit.as_ref().filter(|commit| Some(*commit) != own && change.direct != Some(true))?;
        Some(format!("pulled in by {}, which came in with {}", package.label(), commit.short()))
    });
    let notes: Vec<String> = [seen, declared, through].into_iter().flatten().collect();
    visible(&notes.join("; ")).into_owned()
}

fn dated(id: &CommitId, introductions: &Introductions) -> String {
    match introductions.commits.get(id).and_then(|commit| commit.committed.day()) {
        Some(day) => format!("{} of {day}", id.short()),
        None => id.short().to_owned(),
    }
}
