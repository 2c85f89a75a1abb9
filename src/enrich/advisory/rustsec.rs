//! Records of RustSec's advisory-db: TOML in Markdown, read by RustSec's own crate, whose intervals
//! of affected versions become the events of one range.

use super::dates;
use super::osv::informational;
use super::record::{Affected, Event, Parsed, Range, RangeKind, Record, Rejection};
use super::severity;
use crate::model::text::visible;
use crate::model::{AdvisoryId, AdvisoryKind, Ecosystem, PackageName};
use rustsec::Advisory;
use rustsec::osv::{OsvRange, ranges_for_advisory};

/// Whether a file of a folder or archive is an advisory: `…/crates/NAME/RUSTSEC-….md`. Those in
/// `rust/` are of the toolchain, not of crates of the registry, and others are no advisories.
pub fn is_advisory(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let segments: Vec<&str> = path.split(['/', '\\']).collect();
    let of_crates = segments.len() < 3 || segments[segments.len() - 3] == "crates";
    segments.last().is_some_and(|file| file.starts_with("rustsec-") && file.ends_with(".md") && !file.starts_with("rustsec-0000"))
        && of_crates
}

/// Whether bytes begin as such a file does.
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"```toml")
}

pub fn parse(bytes: &[u8]) -> Result<Parsed, Rejection> {
    let broken = |reason: String| Rejection::Broken(reason);
    let text = std::str::from_utf8(bytes).map_err(|_| broken("it is not UTF-8".into()))?;
    if has_absurd_number(text) {
        return Err(broken("a version in it has a number of more than 18 digits".into()));
    }
    let advisory: Advisory = text.parse().map_err(|error: rustsec::Error| broken(visible(&error.to_string()).into_owned()))?;
    let metadata = &advisory.metadata;
    if !metadata.id.is_rustsec() || metadata.source.as_ref().is_some_and(|source| !source.is_default_registry()) {
        return Err(Rejection::Elsewhere);
    }
    let name = PackageName::new(Ecosystem::Cargo, metadata.package.as_str()).map_err(|error| broken(error.to_string()))?;
    let vector = metadata.cvss.as_ref().map(ToString::to_string);
    let date = dates::parse(metadata.date.as_str());
    let ids = metadata.aliases.iter().filter_map(|id| AdvisoryId::new(id.as_str()).ok());
    let mut aliases: Vec<AdvisoryId> = ids.collect();
    aliases.sort();
    let record = Record {
        id: AdvisoryId::new(metadata.id.as_str()).map_err(|error| broken(error.to_string()))?,
        modified: metadata.withdrawn.as_ref().and_then(|date| dates::parse(date.as_str())).or(date).unwrap_or(0),
        published: date,
        withdrawn: metadata.withdrawn.as_ref().map(|date| dates::parse(date.as_str()).unwrap_or(0)),
        kind: metadata.informational.as_ref().map_or(AdvisoryKind::Vulnerability, |word| informational(word.as_str())),
        aliases,
        summary: metadata.title.clone(),
        severity: severity::of(&vector.iter().map(String::as_str).collect::<Vec<_>>(), None),
        cwes: Vec::new(),
        references: metadata.url.iter().chain(&metadata.references).map(ToString::to_string).collect(),
        affected: vec![affected(&advisory, &name)],
    };
    Ok(Parsed { record, details: metadata.description.clone(), rejected: Vec::new() })
}

fn affected(advisory: &Advisory, name: &PackageName) -> Affected {
    let functions = advisory.affected.iter().flat_map(|affected| affected.functions.keys()).map(ToString::to_string);
    Affected {
        ecosystem: Ecosystem::Cargo,
        name: name.as_str().to_owned(),
        ranges: vec![Range { kind: RangeKind::Semver, events: ranges_for_advisory(&advisory.versions).iter().flat_map(events).collect() }],
        versions: Vec::new(),
        severity: None,
        functions: functions.collect(),
    }
}

/// An interval without a start begins before every version.
fn events(range: &OsvRange) -> impl Iterator<Item = Event> {
    let introduced = range.introduced.as_ref().map_or("0".to_owned(), ToString::to_string);
    let fixed = range.fixed.as_ref().map(|version| Event::Fixed(version.to_string()));
    std::iter::once(Event::Introduced(introduced)).chain(fixed)
}

/// The crate counts up from a version, which must not overflow. A number in an address is no version.
fn has_absurd_number(text: &str) -> bool {
    let front = text.split("\n```").next().unwrap_or(text);
    let runs = front.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | '%'));
    let is_absurd = |run: &str| run.len() > 18 && run.bytes().all(|b| b.is_ascii_digit());
    runs.into_iter().any(|run| run.split('-').any(is_absurd))
}
