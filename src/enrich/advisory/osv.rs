//! Records in OSV's JSON (ossf.github.io/osv-schema), read forgivingly where the matching does not
//! depend on it and strictly where it does: a range or a list of versions that cannot be read becomes
//! one that decides nothing for its package, an odd `database_specific` does not matter.

use super::dates;
use super::record::{Affected, Event, Parsed, Range, RangeKind, Record, Rejection};
use super::severity;
use crate::model::text::{quoted, visible};
use crate::model::{AdvisoryId, AdvisoryKind, Ecosystem, PackageName};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Wire<'t> {
    #[serde(borrow)]
    id: Cow<'t, str>,
    #[serde(borrow)]
    modified: Option<Cow<'t, str>>,
    #[serde(borrow)]
    published: Option<Cow<'t, str>>,
    #[serde(borrow)]
    withdrawn: Option<Cow<'t, str>>,
    #[serde(borrow)]
    aliases: Option<Vec<Cow<'t, str>>>,
    #[serde(borrow)]
    summary: Option<Cow<'t, str>>,
    #[serde(borrow)]
    details: Option<Cow<'t, str>>,
    #[serde(borrow)]
    severity: Option<Vec<WireSeverity<'t>>>,
    #[serde(borrow)]
    affected: Option<Vec<&'t RawValue>>,
    #[serde(borrow)]
    references: Option<&'t RawValue>,
    #[serde(borrow)]
    database_specific: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct WireSeverity<'t> {
    #[serde(borrow)]
    score: Option<Cow<'t, str>>,
}

#[derive(Deserialize)]
struct WireAffected<'t> {
    #[serde(borrow)]
    package: Option<WirePackage<'t>>,
    #[serde(borrow)]
    ranges: Option<&'t RawValue>,
    #[serde(borrow)]
    versions: Option<&'t RawValue>,
    #[serde(borrow)]
    severity: Option<&'t RawValue>,
    #[serde(borrow)]
    ecosystem_specific: Option<&'t RawValue>,
    #[serde(borrow)]
    database_specific: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct WirePackage<'t> {
    #[serde(borrow)]
    ecosystem: Cow<'t, str>,
    #[serde(borrow)]
    name: Cow<'t, str>,
}

#[derive(Deserialize)]
struct WireRange<'t> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'t, str>,
    #[serde(borrow)]
    events: Option<Vec<WireEvent<'t>>>,
}

/// An event has exactly one of these; kinds that are not known make the range unreadable, for they may
/// end it or begin it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEvent<'t> {
    #[serde(borrow)]
    introduced: Option<Cow<'t, str>>,
    #[serde(borrow)]
    fixed: Option<Cow<'t, str>>,
    #[serde(borrow)]
    last_affected: Option<Cow<'t, str>>,
    #[serde(borrow)]
    limit: Option<Cow<'t, str>>,
}

/// One record of JSON text.
pub fn parse(bytes: &[u8]) -> Result<Parsed, Rejection> {
    let text = std::str::from_utf8(bytes).map_err(|_| Rejection::Broken("it is not UTF-8".into()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let wire: Wire<'_> = serde_json::from_str(text).map_err(|error| Rejection::Broken(visible(&error.to_string()).into_owned()))?;
    let id = AdvisoryId::new(&wire.id).map_err(|error| Rejection::Broken(error.to_string()))?;
    let specific = object(wire.database_specific);
    let mut rejected = Vec::new();
    let mut entries = Vec::new();
    let mut affected = Vec::new();
    for entry in wire.affected.iter().flatten() {
        match entry_of(entry).and_then(|entry| Ok((of_affected(&entry, &mut rejected)?, entry))) {
            Ok((of_ours, entry)) => {
                affected.extend(of_ours);
                entries.push(entry);
            }
            Err(reason) => rejected.push(reason),
        }
    }
    match (affected.is_empty(), rejected.is_empty()) {
        (true, true) => return Err(Rejection::Elsewhere),
        (true, false) => return Err(Rejection::Broken(rejected.join("; "))),
        (false, _) => {}
    }
    let record = Record {
        modified: date(wire.modified.as_deref()).unwrap_or(0),
        published: date(wire.published.as_deref()),
        withdrawn: withdrawn(wire.withdrawn.as_deref())?,
        kind: kind(&id, &wire, &entries),
        aliases: ids(wire.aliases.iter().flatten()),
        summary: wire.summary.as_deref().unwrap_or_default().to_owned(),
        severity: severity::of(&vectors(wire.severity.as_deref()), text_of(&specific, "severity")),
        cwes: cwes(&specific, &entries),
        references: references(wire.references),
        affected,
        id,
    };
    Ok(Parsed { record, details: wire.details.unwrap_or_default().into_owned(), rejected })
}

fn date(text: Option<&str>) -> Option<i64> {
    text.and_then(dates::parse)
}

/// A date that cannot be read must neither hide a record nor bring a withdrawn one back.
fn withdrawn(text: Option<&str>) -> Result<Option<i64>, Rejection> {
    let unreadable = |text: &str| Rejection::Broken(format!("it is withdrawn at {}, which is no date", quoted(text)));
    text.map(|text| dates::parse(text).ok_or_else(|| unreadable(text))).transpose()
}

/// One entry of `affected`. An entry that is no object with texts for its package tells of nothing that
/// could be looked up.
fn entry_of(raw: &RawValue) -> Result<WireAffected<'_>, String> {
    serde_json::from_str(raw.get()).map_err(|error| format!("an entry of `affected` cannot be read: {}", visible(&error.to_string())))
}

/// `None` for a package of an ecosystem that is not ours. What cannot be read of ranges and versions
/// stays in the record as a range that decides nothing, and is added to `rejected`.
fn of_affected(wire: &WireAffected<'_>, rejected: &mut Vec<String>) -> Result<Option<Affected>, String> {
    let Some(package) = &wire.package else { return Ok(None) };
    let Some(ecosystem) = Ecosystem::from_osv(&package.ecosystem) else { return Ok(None) };
    let name = PackageName::new(ecosystem, &package.name).map_err(|error| error.to_string())?;
    let mut ranges = Vec::new();
    let mut unread = |reason: String| {
        rejected.push(format!("{}: {reason}", name.as_str()));
        Range { kind: RangeKind::Unread(reason), events: Vec::new() }
    };
    match list::<&RawValue>(wire.ranges, "ranges") {
        Ok(read) => read.into_iter().for_each(|range| ranges.extend(of_range(range).unwrap_or_else(|reason| Some(unread(reason))))),
        Err(reason) => ranges.push(unread(reason)),
    }
    let versions = list::<String>(wire.versions, "versions").unwrap_or_else(|reason| {
        ranges.push(unread(reason));
        Vec::new()
    });
    let severity = list::<WireSeverity<'_>>(wire.severity, "severity").unwrap_or_default();
    let specific = object(wire.ecosystem_specific);
    Ok(Some(Affected {
        ecosystem,
        name: name.as_str().to_owned(),
        ranges,
        versions,
        severity: severity::of(&vectors(Some(&severity)), text_of(&specific, "severity")),
        functions: functions(&specific),
    }))
}

/// A member that is a list, or is not there or `null`.
fn list<'t, T: Deserialize<'t>>(raw: Option<&'t RawValue>, member: &str) -> Result<Vec<T>, String> {
    let read = raw.map(|raw| serde_json::from_str::<Option<Vec<T>>>(raw.get())).transpose();
    let unread = |error: serde_json::Error| format!("its `{member}` cannot be read: {}", visible(&error.to_string()));
    Ok(read.map_err(unread)?.flatten().unwrap_or_default())
}

/// `None` for a range over git commits.
fn of_range(raw: &RawValue) -> Result<Option<Range>, String> {
    #[derive(Deserialize)]
    struct Kind<'t> {
        #[serde(borrow, rename = "type")]
        kind: Option<Cow<'t, str>>,
    }
    // The events of such a range may have any form: they say nothing of versions.
    if serde_json::from_str::<Kind<'_>>(raw.get()).is_ok_and(|range| range.kind.as_deref() == Some("GIT")) {
        return Ok(None);
    }
    let unread = |error: serde_json::Error| format!("a range cannot be read: {}", visible(&error.to_string()));
    let wire: WireRange<'_> = serde_json::from_str(raw.get()).map_err(unread)?;
    let kind = match wire.kind.as_ref() {
        "SEMVER" => RangeKind::Semver,
        "ECOSYSTEM" => RangeKind::Ecosystem,
        other => RangeKind::Unknown(other.to_owned()),
    };
    let events = wire.events.iter().flatten().map(of_event).collect::<Result<Vec<_>, _>>()?;
    if events.is_empty() {
        return Err("a range has no events".into());
    }
    Ok(Some(Range { kind, events }))
}

fn of_event(wire: &WireEvent<'_>) -> Result<Event, String> {
    let owned = |text: &Cow<'_, str>| text.as_ref().to_owned();
    match (&wire.introduced, &wire.fixed, &wire.last_affected, &wire.limit) {
        (Some(version), None, None, None) => Ok(Event::Introduced(owned(version))),
        (None, Some(version), None, None) => Ok(Event::Fixed(owned(version))),
        (None, None, Some(version), None) => Ok(Event::LastAffected(owned(version))),
        (None, None, None, Some(version)) => Ok(Event::Limit(owned(version))),
        _ => Err("an event of a range has not exactly one of introduced, fixed, last_affected and limit".into()),
    }
}

fn vectors<'w>(severity: Option<&'w [WireSeverity<'_>]>) -> Vec<&'w str> {
    severity.unwrap_or_default().iter().filter_map(|severity| severity.score.as_deref()).collect()
}

fn ids<'w>(texts: impl Iterator<Item = &'w Cow<'w, str>>) -> Vec<AdvisoryId> {
    let mut ids: Vec<AdvisoryId> = texts.filter_map(|text| AdvisoryId::new(text).ok()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Malware by the id of OSSF's malicious packages or their origins; informational by RustSec's word.
fn kind(id: &AdvisoryId, wire: &Wire<'_>, entries: &[WireAffected<'_>]) -> AdvisoryKind {
    if id.database() == "MAL" || wire.database_specific.is_some_and(|specific| specific.get().contains("\"malicious-packages-origins\"")) {
        return AdvisoryKind::Malware;
    }
    let specific = |affected: &WireAffected<'_>| object(affected.database_specific);
    let words = entries.iter().filter_map(|affected| text_of(&specific(affected), "informational").map(str::to_owned));
    words.map(|word| informational(&word)).next().unwrap_or(AdvisoryKind::Vulnerability)
}

/// RustSec's kinds of informational advisories; it leaves room for more.
pub(super) fn informational(word: &str) -> AdvisoryKind {
    match word {
        "unmaintained" => AdvisoryKind::Unmaintained,
        "unsound" => AdvisoryKind::Unsound,
        _ => AdvisoryKind::Notice,
    }
}

/// `null` where it is none.
fn object(raw: Option<&RawValue>) -> Value {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or(Value::Null)
}

fn text_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

/// Of GHSA in the record's own part (`cwe_ids`), of others in the affected ones (`cwes`).
fn cwes(specific: &Value, entries: &[WireAffected<'_>]) -> Vec<String> {
    let mut cwes: Vec<String> = strings(specific.get("cwe_ids"));
    for affected in entries.iter().filter_map(|affected| affected.database_specific) {
        if affected.get().contains("\"cwes\"") {
            let of_affected = object(Some(affected));
            let listed = of_affected.get("cwes").and_then(Value::as_array).into_iter().flatten();
            cwes.extend(listed.filter_map(|cwe| text_of(cwe, "cweId").map(str::to_owned)));
        }
    }
    cwes.retain(|cwe| cwe.strip_prefix("CWE-").is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit())));
    cwes.sort();
    cwes.dedup();
    cwes
}

/// RustSec has a list or a map of paths to requirements; others a list, `affected_functions` or
/// `affects.functions`.
fn functions(specific: &Value) -> Vec<String> {
    let nested = specific.get("affects").and_then(|affects| affects.get("functions"));
    let mut functions = strings(specific.get("affected_functions"));
    functions.extend(strings(nested));
    functions.extend(nested.and_then(Value::as_object).into_iter().flatten().map(|(path, _)| path.clone()));
    functions.sort();
    functions.dedup();
    functions
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn references(raw: Option<&RawValue>) -> Vec<String> {
    let value = object(raw);
    let mut urls: Vec<String> = value.as_array().into_iter().flatten().filter_map(|item| text_of(item, "url").map(str::to_owned)).collect();
    urls.retain(|url| url.starts_with("https://") || url.starts_with("http://"));
    urls.sort();
    urls.dedup();
    urls
}
