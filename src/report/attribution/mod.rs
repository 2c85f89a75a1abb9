//! Who or what wrote commits, for people and as JSON (`docs/attribution.schema.json`). The sentences are
//! exact on purpose: a declaration is called one, its absence proves nothing, numbers are lower bounds.

mod json;
pub mod wording;

pub use json::write as write_json;

use super::style::{Paint, Style};
use super::wording::count;
use crate::enrich::Fact;
use crate::enrich::attribution::{Attribution, Catalogue, Category, Evidence, Place, Record};
use crate::model::text::{shortened, visible};
use crate::model::{CommitRecord, Person, Signature, SignatureState};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// One commit with its answer.
#[derive(Clone, Copy, Debug)]
pub struct Attributed<'a> {
    pub commit: &'a CommitRecord,
    pub attribution: &'a Attribution,
    /// Whether the repository's history is cut off.
    pub shallow: bool,
}

/// Characters of a subject that are shown.
const MOST_SUBJECT: usize = 100;
/// Limits that are shown.
const MOST_LIMITS: usize = 8;
/// Pieces of evidence that are shown of one commit, unless all are asked for.
const FEW: usize = 4;

/// The commits that are `shown`, then how many of `all` there are of each kind.
pub fn write_text(
    shown: &[Attributed<'_>],
    all: &[Attributed<'_>],
    catalogue: &Catalogue,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for one in shown {
        write_one(one, catalogue, style, out)?;
    }
    if all.len() > 1 || shown.is_empty() {
        writeln!(out, "{}", style.paint(Paint::Heading, summary(all)))?;
    }
    if style.brief {
        return Ok(());
    }
    let limits: BTreeSet<&String> = shown.iter().flat_map(|one| &one.attribution.limits).collect();
    for limit in limits.iter().take(MOST_LIMITS) {
        writeln!(out, "{}", style.paint(Paint::Faint, format!("note: {}", visible(limit))))?;
    }
    if let Some(more) = limits.len().checked_sub(MOST_LIMITS).filter(|more| *more > 0) {
        writeln!(out, "{}", style.paint(Paint::Faint, format!("note: and {more} more of this kind, which the JSON report has by commit")))?;
    }
    Ok(())
}

fn write_one(one: &Attributed<'_>, catalogue: &Catalogue, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Attributed { commit, attribution, .. } = one;
    let subject = visible(&shortened(&commit.subject, MOST_SUBJECT)).into_owned();
    writeln!(out, "{}  {subject}", style.paint(Paint::Heading, commit.id.short()))?;
    let paint = match attribution.category {
        Fact::Known(Category::AiDeclared | Category::AiIndicated) => Paint::Changed,
        Fact::Known(Category::Automation) => Paint::Added,
        Fact::Known(Category::Undeclared) => Paint::Faint,
        Fact::Unknown(_) => Paint::Warning,
    };
    writeln!(out, "  {}", style.paint(paint, wording::statement(one, catalogue)))?;
    if style.brief {
        return writeln!(out);
    }
    write_people(attribution, catalogue, out)?;
    write_signature(&commit.signature, style, out)?;
    let most = if style.all { usize::MAX } else { FEW };
    for found in attribution.evidence.iter().take(most) {
        writeln!(out, "  {}", style.paint(Paint::Faint, evidence(found)))?;
    }
    if let Some(more) = attribution.evidence.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  {}", style.paint(Paint::Faint, format!("and {more} more (--verbose shows them)")))?;
    }
    writeln!(out)
}

fn write_people(attribution: &Attribution, catalogue: &Catalogue, out: &mut dyn Write) -> io::Result<()> {
    let name = |who: &Person| visible(&shortened(&format!("{} <{}>", who.name, who.email), MOST_SUBJECT)).into_owned();
    match &attribution.person {
        Some(who) => writeln!(out, "  accountable: {}", name(who))?,
        None => writeln!(out, "  accountable: nobody is named")?,
    }
    if !attribution.people.is_empty() {
        let shown: Vec<String> = attribution.people.iter().take(FEW).map(name).collect();
        let more = attribution.people.len().saturating_sub(FEW);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "  with: {}{more}", shown.join(", "))?;
    }
    if !attribution.automation.is_empty() && attribution.category != Fact::Known(Category::Automation) {
        writeln!(out, "  automation: {}", wording::bots(attribution, catalogue))?;
    }
    Ok(())
}

/// `signature: good, ssh, by ada@shop.example, SHA256:…`; nothing of a commit without one.
fn write_signature(signature: &Signature, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let paint = match signature.state {
        SignatureState::None => return Ok(()),
        SignatureState::Bad | SignatureState::Revoked => Paint::Error,
        _ => Paint::Faint,
    };
    let signer = signature.signer.as_ref().map(|signer| format!(", by {}", shortened(signer, MOST_SUBJECT)));
    let key = signature.key.as_ref().map(|key| format!(", {key}"));
    let reason = signature.reason.as_ref().map(|reason| format!(": {reason}"));
    let more: String = [signer, key, reason].into_iter().flatten().collect();
    let text = format!("signature: {}, {}{more}", signature.state.as_str(), signature.kind.as_str());
    writeln!(out, "  {}", style.paint(paint, visible(&text)))
}

/// `evidence: co-author, message line 5, outside of the trailer block: Co-authored-by: …`.
fn evidence(found: &Evidence) -> String {
    let place = match &found.place {
        Place::Header => String::new(),
        Place::Message { line, in_trailer_block: true } => format!(", message line {line}"),
        Place::Message { line, in_trailer_block: false } => format!(", message line {line}, outside of the trailer block"),
        Place::Added { record: Record::Note { reference, blob, .. }, .. } => format!(", {reference} blob {}", shortened(blob, 12)),
        Place::Added { record: Record::Trace { file, .. }, .. } => format!(", {file}"),
        Place::Branch(_) | Place::Event => String::new(),
    };
    let commit = found.commit.as_ref().map(|commit| format!(", commit {}", commit.short())).unwrap_or_default();
    let worth = if found.declares() { "evidence" } else { "indication" };
    let worth = if found.counts() { worth } else { "review" };
    visible(&format!("{worth}: {}{place}{commit}: {}", found.how.as_str(), shortened(&found.text, MOST_SUBJECT))).into_owned()
}

/// How many commits are of which kind, as lower bounds where only marks can tell.
fn summary(all: &[Attributed<'_>]) -> String {
    let of = |category: Category| all.iter().filter(|one| one.attribution.category == Fact::Known(category)).count();
    let unknown = all.iter().filter(|one| one.attribution.category.known().is_none()).count();
    let mut text = format!("AI use declared in at least {} of {}", of(Category::AiDeclared), count(all.len(), "commit", "commits"));
    text += &format!(", indicated in at least {}", of(Category::AiIndicated));
    text += &format!("; {} automated; {} without a declaration", of(Category::Automation), of(Category::Undeclared));
    if unknown > 0 { format!("{text}; {unknown} not known") } else { text }
}
