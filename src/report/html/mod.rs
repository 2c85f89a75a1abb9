//! One page that holds everything: the verdict, what somebody has to decide, the changes as a list and as a picture,
//! who brought them in, what is not known.
//!
//! Nothing is fetched, and the page's own policy forbids it: one style and one script are allowed by their digests,
//! and nothing else at all. The script filters what stands in the page and makes nothing of any text; without it the
//! page is a plain list. The tags are those of XML too, so that a test reads the page as such.

mod entry;
mod picture;

use super::escape::markup;
use super::needed::{command, listed, needed};
use super::remarks::{Remark, Weight, remarks};
use super::roads::Roads;
use super::wording::count;
use super::{Report, Reported, Style, introduced_text, licences, summary};
use crate::diff::LockfileDiff;
use crate::judge::Verdict;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entry::{Entry, code, told};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;

pub struct Html;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Changes, and entries of any other list, at most.
const MOST: usize = 5_000;
/// Entries of a list that are not folded: what comes after it is to be found.
const MOST_OPEN: usize = 50;
/// Pictures of one page.
const MOST_PICTURES: usize = 10;

impl Report for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let remarks = remarks(reported);
        head(reported, out)?;
        let of = |weights: &[Weight]| {
            remarks.iter().filter(|remark| weights.contains(&remark.weight) && !remark.is_told_elsewhere()).map(told).collect::<Vec<_>>()
        };
        list("Could not be judged", &of(&[Weight::Blocking]), out)?;
        list("Needs a decision", &decisions(reported), out)?;
        list("Findings", &of(&[Weight::Error, Weight::Asked, Weight::Warning, Weight::Note]), out)?;
        changes(reported, &remarks, out)?;
        list("Came in with", &came_in(reported), out)?;
        list("Approved", &approved(reported), out)?;
        list("Not known", &of(&[Weight::Gap]), out)?;
        let skipped: Vec<String> =
            reported.skipped.iter().map(|(path, reason)| format!("{}: {}", code(path.as_str()), markup(reason))).collect();
        list("Lockfiles left out", &skipped, out)?;
        writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
    }
}

fn head(reported: &Reported<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let (style, script) = (digest(STYLE), digest(SCRIPT));
    let verdict = summary::verdict(reported);
    let class = reported.judgement.verdict.map_or("unjudged", Verdict::as_str);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         base-uri 'none'; form-action 'none'\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>sbomgate: {verdict}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1 class=\"{class}\">{verdict}</h1>\n<p>{} <span class=\"faint\">({})</span></p>",
        summary::summary(reported),
        markup(&summary::compared(reported))
    )?;
    match reported.filter() {
        Some((only, all, left_out)) => writeln!(
            out,
            "<p class=\"warning\">Listed: what came in with {}; {left_out} of {} left out, the verdict is of all.</p>",
            only.names().join(" or "),
            count(all, "change", "changes")
        ),
        None => Ok(()),
    }
}

/// A heading with entries that are HTML already; nothing where there are none.
fn list(heading: &str, entries: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>{heading} ({})</h2>\n<ul>", entries.len())?;
    let (open, folded) = entries[..entries.len().min(MOST)].split_at(entries.len().min(MOST_OPEN));
    for entry in open {
        writeln!(out, "<li>{entry}</li>")?;
    }
    if !folded.is_empty() {
        writeln!(out, "</ul>\n<details><summary>{} more</summary><ul>", folded.len())?;
        for entry in folded {
            writeln!(out, "<li>{entry}</li>")?;
        }
    }
    cut(entries.len().saturating_sub(MOST), out)?;
    writeln!(out, "</ul>{}\n</section>", if folded.is_empty() { "" } else { "</details>" })
}

fn cut(left: usize, out: &mut dyn io::Write) -> io::Result<()> {
    if left == 0 { Ok(()) } else { writeln!(out, "<li class=\"faint\">and {left} more, which the JSON report holds</li>") }
}

fn decisions(reported: &Reported<'_>) -> Vec<String> {
    let judgement = &reported.judgement;
    let policy = judgement.asks_for_policy().then(|| "the policy itself changes: whoever answers for it has to consent".to_owned());
    let packages = needed(judgement).into_iter().map(|((lockfile, package), rules)| {
        let (label, asking) = (markup(&package.label()), listed(&rules));
        let command = markup(&command(judgement, (lockfile, package), &rules));
        format!("<strong>{label}</strong> in {} ({asking})<pre>{command}</pre>", code(lockfile.as_str()))
    });
    policy.into_iter().chain(packages).collect()
}

fn changes(reported: &Reported<'_>, remarks: &[Remark<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let mut found: HashMap<(&str, &str), Vec<&Remark<'_>>> = HashMap::new();
    for remark in remarks {
        if let (Some(file), Some(package)) = (remark.file, remark.package) {
            found.entry((file.as_str(), package)).or_default().push(remark);
        }
    }
    let licences = licences::notes(reported);
    let shown = |lockfile: &&LockfileDiff<'_>| lockfile.changes.iter().any(|change| reported.shows(lockfile, change));
    let lockfiles: Vec<&LockfileDiff<'_>> = reported.judgement.subject.lockfiles.iter().filter(shown).collect();
    if lockfiles.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Changes</h2>\n{FILTER}")?;
    let mut room = MOST;
    for (number, lockfile) in lockfiles.iter().enumerate() {
        let page = OfLockfile { reported, lockfile, number, found: &found, licences: &licences };
        room -= page.write(room, out)?;
    }
    writeln!(out, "</section>")
}

/// It shows where the script runs alone.
const FILTER: &str = "<form id=\"filter\" hidden=\"hidden\">\
    <label>Filter <input id=\"words\" type=\"search\" placeholder=\"name, path, rule, person\"/></label>\
    <label><input type=\"checkbox\" name=\"kind\" value=\"new\" checked=\"checked\"/> new</label>\
    <label><input type=\"checkbox\" name=\"kind\" value=\"upgraded\" checked=\"checked\"/> upgraded</label>\
    <label><input type=\"checkbox\" name=\"kind\" value=\"downgraded\" checked=\"checked\"/> downgraded</label>\
    <label><input type=\"checkbox\" name=\"kind\" value=\"changed\" checked=\"checked\"/> changed</label>\
    <label><input type=\"checkbox\" name=\"kind\" value=\"removed\" checked=\"checked\"/> removed</label>\
    <label><input id=\"found\" type=\"checkbox\"/> with findings only</label> <output id=\"count\"></output></form>";

struct OfLockfile<'p> {
    reported: &'p Reported<'p>,
    lockfile: &'p LockfileDiff<'p>,
    number: usize,
    found: &'p HashMap<(&'p str, &'p str), Vec<&'p Remark<'p>>>,
    licences: &'p licences::Notes,
}

impl OfLockfile<'_> {
    /// The picture and the list; at most `room` entries, of which it says how many it took.
    fn write(&self, room: usize, out: &mut dyn io::Write) -> io::Result<usize> {
        let path = self.lockfile.head.lockfile.as_str();
        let listed: Vec<picture::Named<'_>> = self
            .lockfile
            .changes
            .iter()
            .filter(|change| self.reported.shows(self.lockfile, change))
            .enumerate()
            .map(|(at, change)| (change, format!("c{}-{at}", self.number)))
            .collect();
        writeln!(out, "<h3>{} ({})</h3>", code(path), count(listed.len(), "change", "changes"))?;
        let shown = listed.len().min(room);
        let roads = Roads::of(self.lockfile.head);
        if self.number < MOST_PICTURES {
            self.picture(&roads, &listed[..shown], listed.len() - shown, out)?;
        }
        writeln!(out, "<ul>")?;
        for (change, name) in &listed[..shown] {
            let licence = self.licences.get(&std::ptr::from_ref(*change));
            let purl = change.package.purl();
            let remarks = self.found.get(&(path, purl.as_str())).map_or(&[][..], Vec::as_slice);
            let entry = Entry { reported: self.reported, lockfile: self.lockfile, change, licence, remarks, name };
            out.write_all(entry.html(&roads).as_bytes())?;
        }
        cut(listed.len() - shown, out)?;
        writeln!(out, "</ul>")?;
        Ok(shown)
    }

    fn picture(&self, roads: &Roads<'_>, listed: &[picture::Named<'_>], unlisted: usize, out: &mut dyn io::Write) -> io::Result<()> {
        let title = format!("The graph of {} around what changed", self.lockfile.head.lockfile);
        let Some((svg, left)) = picture::draw(roads, listed, &title) else { return Ok(()) };
        writeln!(out, "<details open=\"open\"><summary>Picture: new packages are marked +, changed ones ~</summary>")?;
        writeln!(out, "<div class=\"picture\" tabindex=\"0\">{svg}</div>")?;
        if left + unlisted > 0 {
            writeln!(
                out,
                "<p class=\"faint\">{} not in the picture.</p>",
                count(left + unlisted, "changed package is", "changed packages are")
            )?;
        }
        writeln!(out, "</details>")
    }
}

fn came_in(reported: &Reported<'_>) -> Vec<String> {
    let Some(introductions) = &reported.introductions else { return Vec::new() };
    let told = introduced_text::told(&reported.judgement.subject, introductions);
    let entry = |(heading, packages): &(String, Vec<String>)| {
        let shown = packages.iter().take(100).map(|package| markup(package)).collect::<Vec<_>>().join(", ");
        let more = if packages.len() > 100 { format!(" and {} more", packages.len() - 100) } else { String::new() };
        format!("{}<br/><span class=\"faint\">{shown}{more}</span>", markup(heading))
    };
    told.iter().map(entry).collect()
}

fn approved(reported: &Reported<'_>) -> Vec<String> {
    let entries = reported.judgement.approved.iter().map(|met| {
        let entry = &reported.judgement.subject.gate.approvals[met.entry].entry;
        let (label, by, reason) = (met.request.package.label(), entry.approved_by.to_string(), &entry.reason);
        let place = code(&entry.location.to_string());
        let inherited = super::wording::inherited(&met.road).map(|text| format!(" {}", markup(&text))).unwrap_or_default();
        format!("<strong>{}</strong>{inherited} by {} until {}: {} {place}", markup(&label), markup(&by), entry.expires, markup(reason))
    });
    entries.collect()
}
