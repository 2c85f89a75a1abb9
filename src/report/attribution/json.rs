//! The JSON form: an array with an object for each commit, in the order that was asked for. A field that is
//! added does not break a reader; one that goes or changes its meaning would be another document.

use super::{Attributed, wording};
use crate::enrich::attribution::{Catalogue, Evidence, Place, Record, Role, Strength};
use crate::report::commit_json::{AttributionOut, CommitOut};
use crate::report::escape;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the commits as JSON.
pub fn write(shown: &[Attributed<'_>], catalogue: &Catalogue, out: &mut dyn Write) -> io::Result<()> {
    let entries: Vec<Entry<'_>> = shown.iter().map(|one| Entry::of(one, catalogue)).collect();
    escape::write_json(&entries, out)
}

#[derive(Serialize)]
struct Entry<'a> {
    commit: &'a str,
    #[serde(flatten)]
    attribution: AttributionOut<'a>,
    statement: String,
    #[serde(flatten)]
    claims: CommitOut<'a>,
    history: &'static str,
    evidence: Vec<EvidenceOut<'a>>,
}

#[derive(Serialize)]
struct EvidenceOut<'a> {
    kind: &'static str,
    marker: &'a str,
    strength: &'static str,
    role: &'static str,
    scope: &'static str,
    tool: Option<&'a str>,
    model: Option<&'a str>,
    /// The commit that carries it, where it is another.
    commit: Option<&'a str>,
    line: Option<u32>,
    in_trailer_block: Option<bool>,
    file: Option<&'a str>,
    record: Option<RecordOut<'a>>,
    text: &'a str,
}

#[derive(Serialize)]
struct RecordOut<'a> {
    source: &'a str,
    id: &'a str,
    commit: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(one: &Attributed<'a>, catalogue: &Catalogue) -> Self {
        let Attributed { commit, attribution, .. } = *one;
        Entry {
            commit: commit.id.as_str(),
            attribution: AttributionOut::of(attribution),
            statement: wording::statement(one, catalogue),
            claims: CommitOut::of(commit),
            history: if one.shallow { "shallow" } else { "complete" },
            evidence: attribution.evidence.iter().map(EvidenceOut::of).collect(),
        }
    }
}

impl<'a> EvidenceOut<'a> {
    fn of(found: &'a Evidence) -> Self {
        let (line, in_trailer_block) = match found.place {
            Place::Message { line, in_trailer_block } => (Some(line), Some(in_trailer_block)),
            Place::Added { line, .. } => (Some(line), None),
            _ => (None, None),
        };
        let (file, record) = match &found.place {
            Place::Added { file, record, .. } => (Some(file.as_str()), Some(RecordOut::of(record))),
            _ => (None, None),
        };
        EvidenceOut {
            kind: found.how.as_str(),
            marker: &found.marker,
            strength: strength(found.strength),
            role: role(found.role),
            scope: found.extent.as_str(),
            tool: found.tool.as_deref(),
            model: found.model.as_deref(),
            commit: found.commit.as_ref().map(|commit| commit.as_str()),
            line,
            in_trailer_block,
            file,
            record,
            text: &found.text,
        }
    }
}

impl<'a> RecordOut<'a> {
    fn of(record: &'a Record) -> Self {
        match record {
            Record::Note { reference, blob, commit } => RecordOut { source: reference, id: blob, commit: Some(commit) },
            Record::Trace { id, file } => RecordOut { source: file, id, commit: None },
        }
    }
}

fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Weak => "weak",
        Strength::Strong => "strong",
        Strength::Conclusive => "conclusive",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Author => "author",
        Role::Suggestion => "suggestion",
        Role::Reviewer => "reviewer",
    }
}
