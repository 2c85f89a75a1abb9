//! CycloneDX vulnerabilities to flaws that a document states. What is not a word of the specification, and what has no
//! place in ours, is not carried on; one gap says what.

use super::Reading;
use super::wire::{Affected, Analysis, Rating, Source, Vulnerability};
use crate::model::stated::{AFFECTED, METHODS, SEVERITIES, StatedAnalysis, StatedFlaw, StatedRating, StatedSource, StatedVersion};
use crate::model::text::quoted;
use crate::model::vex::{Justification, RESPONSES, Status};
use crate::model::{Gap, GapKind, Location};
use crate::read::document::FlawOf;
use crate::read::document::told::OF_FLAWS;
use crate::read::json::Text;
use std::collections::BTreeMap;

/// Of both schemas, in characters; these are bytes.
const LONGEST_VERSION: usize = 1024;

/// Of what is not carried on, what is named.
const NAMED: usize = 12;

/// What is not carried on, with how often and the first line.
#[derive(Default)]
pub struct Lost(BTreeMap<String, (usize, u32)>);

impl Lost {
    fn add(&mut self, what: impl Into<String>, line: u32) {
        self.0.entry(what.into()).or_insert((0, line)).0 += 1;
    }

    /// A word that the specification lists.
    fn word(&mut self, field: &str, text: Option<&Text<'_>>, words: &[&'static str], line: u32) -> Option<&'static str> {
        let text = text?;
        let found = words.iter().copied().find(|word| *word == &**text);
        if found.is_none() {
            self.add(format!("the {field} {}", quoted(text)), line);
        }
        found
    }

    /// A time of RFC 3339 (`date-time` of both schemas).
    fn time(&mut self, field: &str, text: Option<Text<'_>>, line: u32) -> Option<String> {
        let text = text?;
        if let Some(time) = rfc3339(&text) {
            return Some(time);
        }
        self.add(format!("`{field}`, which is no time"), line);
        None
    }

    fn read<T>(&mut self, field: &str, text: Option<&Text<'_>>, read: fn(&str) -> Option<T>, line: u32) -> Option<T> {
        let text = text?;
        let found = read(text);
        if found.is_none() {
            self.add(format!("the {field} {}", quoted(text)), line);
        }
        found
    }
}

/// The text itself where both schemas take it, else the same time in UTC.
fn rfc3339(text: &str) -> Option<String> {
    let time = text.parse::<jiff::Timestamp>().ok()?;
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let zone = shape.strip_prefix("0000-00-00T00:00:00").map(|rest| rest.trim_start_matches(['.', '0']));
    let plain = if matches!(zone, Some("Z" | "+00:00" | "-00:00")) { text.to_owned() } else { time.to_string() };
    plain.starts_with(|c: char| c.is_ascii_digit()).then_some(plain)
}

fn owned(text: Option<Text<'_>>) -> Option<String> {
    text.map(|text| text.0.into_owned()).filter(|text| !text.is_empty())
}

fn source(raw: Option<Source<'_>>) -> Option<StatedSource> {
    raw.map(|raw| StatedSource { name: owned(raw.name), url: owned(raw.url) }).filter(|source| *source != StatedSource::default())
}

impl<'a> Reading<'a> {
    /// Every flaw of the document, with what the document calls what it is of.
    pub fn flaws(&self, raw: Vec<Vulnerability<'a>>) -> (Vec<FlawOf<'a>>, Option<Gap>) {
        let mut lost = Lost::default();
        let flaws = raw.into_iter().map(|raw| self.flaw(raw, &mut lost)).collect();
        let line = lost.0.values().map(|(_, line)| *line).min();
        let listed: Vec<String> = lost.0.iter().take(NAMED).map(|(what, (number, _))| format!("{what} ({number})")).collect();
        let more = if lost.0.len() > NAMED { format!(" and {} more", lost.0.len() - NAMED) } else { String::new() };
        let gap = line.map(|line| {
            let message = format!("not all that the document says of vulnerabilities is carried on: {}{more}", listed.join(", "));
            Gap { kind: GapKind::UnreadStatement, file: self.file.path().clone(), line: Some(line), message }
        });
        (flaws, gap)
    }

    fn flaw(&self, raw: Vulnerability<'a>, lost: &mut Lost) -> FlawOf<'a> {
        let line = self.line_of_flaw(&raw);
        for (what, is_there) in
            [("credits", raw.credits.is_some()), ("tools", raw.tools.is_some()), ("proofOfConcept", raw.proof_of_concept.is_some())]
        {
            if is_there {
                lost.add(format!("`{what}`"), line);
            }
        }
        let of = raw.affects.into_iter().flatten().map(|affected| self.affected(affected, line, lost)).collect();
        let mut properties = Vec::new();
        for property in raw.properties.into_iter().flatten() {
            let name = OF_FLAWS.into_iter().find(|name| property.name.as_deref() == Some(name));
            match (name, owned(property.value)) {
                (Some(name), Some(value)) => properties.push((name, value)),
                _ => lost.add("properties of others", line),
            }
        }
        let ratings: Vec<StatedRating> = raw.ratings.into_iter().flatten().map(|raw| rating(raw, line, lost)).collect();
        let flaw = StatedFlaw {
            id: owned(raw.id),
            source: source(raw.source),
            references: raw.references.into_iter().flatten().map(|same| (same.id.0.into_owned(), source(same.source))).collect(),
            ratings: ratings.into_iter().filter(|rating| *rating != StatedRating::default()).collect(),
            cwes: raw.cwes.unwrap_or_default().into_iter().filter(|number| *number > 0).collect(),
            description: owned(raw.description),
            detail: owned(raw.detail),
            recommendation: owned(raw.recommendation),
            workaround: owned(raw.workaround),
            advisories: raw.advisories.into_iter().flatten().map(|link| (owned(link.title), link.url.0.into_owned())).collect(),
            created: lost.time("created", raw.created, line),
            published: lost.time("published", raw.published, line),
            updated: lost.time("updated", raw.updated, line),
            rejected: lost.time("rejected", raw.rejected, line),
            // What is empty says nothing.
            analysis: raw.analysis.map(|raw| analysis(raw, line, lost)).filter(|analysis| *analysis != StatedAnalysis::default()),
            affects: Vec::new(),
            properties,
        };
        FlawOf { flaw, of, location: Location::new(self.file.path(), line) }
    }

    pub(super) fn line_of_flaw(&self, raw: &Vulnerability<'_>) -> u32 {
        let state = raw.analysis.as_ref().and_then(|analysis| analysis.state.as_ref());
        let target = raw.affects.iter().flatten().next().map(|affected| &affected.reference);
        let texts = [raw.bom_ref.as_ref(), raw.id.as_ref(), state, target];
        let first = texts.into_iter().flatten().filter_map(|text| text.offset_in(self.file.text())).min();
        raw.line.or_else(|| first.map(|offset| self.lines.line(offset))).unwrap_or(1)
    }

    fn affected(&self, raw: Affected<'a>, line: u32, lost: &mut Lost) -> (std::borrow::Cow<'a, str>, Vec<StatedVersion>) {
        let mut versions = Vec::new();
        for raw in raw.versions.into_iter().flatten() {
            let status = lost.word("status", raw.status.as_ref(), &AFFECTED, line);
            let status = if raw.status.is_none() { Some(AFFECTED[0]) } else { status };
            let short = |text: &String| text.len() <= LONGEST_VERSION;
            match (owned(raw.version).filter(short), owned(raw.range).filter(short), status) {
                (Some(text), None, Some(status)) => versions.push(StatedVersion { is_range: false, text, status }),
                (None, Some(text), Some(status)) => versions.push(StatedVersion { is_range: true, text, status }),
                _ => lost.add("a version of what is affected", line),
            }
        }
        (raw.reference.0, versions)
    }
}

fn rating(raw: Rating<'_>, line: u32, lost: &mut Lost) -> StatedRating {
    StatedRating {
        source: source(raw.source),
        score: raw.score.filter(|score| score.is_finite()),
        severity: lost.word("severity", raw.severity.as_ref(), &SEVERITIES, line),
        method: lost.word("method", raw.method.as_ref(), &METHODS, line),
        vector: owned(raw.vector),
        justification: owned(raw.justification),
    }
}

fn analysis(raw: Analysis<'_>, line: u32, lost: &mut Lost) -> StatedAnalysis {
    let responses = raw.response.unwrap_or_default();
    let mut responses: Vec<&'static str> =
        responses.iter().filter_map(|text| lost.word("response", Some(text), &RESPONSES, line)).collect();
    responses.dedup();
    StatedAnalysis {
        state: lost.read("state", raw.state.as_ref(), Status::of_cyclonedx, line),
        justification: lost.read("justification", raw.justification.as_ref(), Justification::of_cyclonedx, line),
        responses,
        detail: owned(raw.detail),
        first_issued: lost.time("firstIssued", raw.first_issued, line),
        last_updated: lost.time("lastUpdated", raw.last_updated, line),
    }
}
