//! What registries say of single packages, for people and machines: each fact with the document that it stands in and
//! the time of that, and what is not known with the reason.

use super::{Paint, Style, write_json as write_value};
use crate::diff::{Change, ChangeKind};
use crate::enrich::Fact;
use crate::enrich::advisory::dates;
use crate::enrich::registry::{Dossier, Downloads, Mark, Newer, Origin, PackageFacts, Publisher, Registry, Sourced, Standing};
use crate::model::age::rough;
use crate::model::text::visible;
use crate::model::url::Place;
use crate::model::{Address, Package};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One package with what is known of it.
#[derive(Clone, Copy)]
pub struct Told<'t> {
    pub package: &'t Package,
    pub registry: &'t Registry,
    pub facts: &'t PackageFacts,
}

/// One fact.
struct Row<'f> {
    key: &'static str,
    /// For machines and for people, or why it is not known.
    value: Result<(Value, String), &'f str>,
    from: Option<&'f Origin>,
}

/// Seconds.
const DAY: i64 = 86_400;
/// From this age on, in seconds, the age of a fact is told.
const OLD: u64 = 86_400;

/// The form of docs/facts.schema.json; `now` is the time of the run, in seconds since 1970.
pub fn write_json(told: &[Told<'_>], now: i64, out: &mut dyn Write) -> io::Result<()> {
    let packages = told.iter().map(|told| {
        let facts: Map<String, Value> = rows(told.facts).into_iter().map(|row| (row.key.to_owned(), row.json())).collect();
        json!({
            "package": told.package.purl(),
            "registry": Address::new(&told.registry.base).as_str(),
            "previous": told.facts.previous.as_ref().map(|version| version.as_str()),
            "facts": facts,
        })
    });
    write_value(&json!({ "version": 1, "now": dates::written(now), "packages": packages.collect::<Vec<_>>() }), out)
}

/// What a report of a change says of a package; nothing where nothing is known, which a gap tells.
pub(super) fn of_change(dossier: &Dossier) -> Value {
    let rows = rows(&dossier.today);
    if rows.iter().all(|row| row.value.is_err()) {
        return Value::Null;
    }
    let introduced = dossier.introduced.as_ref().map(|(time, facts)| {
        let age = |since: &Sourced<i64>| since.fact.known().map(|since| time.saturating_sub(*since).div_euclid(DAY));
        json!({
            "time": dates::written(*time),
            "package_age_days": age(&facts.first_published),
            "version_age_days": age(&facts.published),
            "newer": row("newer", &facts.newer, newer).json(),
        })
    });
    json!({
        "registry": Address::new(&dossier.registry.base).as_str(),
        "previous": dossier.today.previous.as_ref().map(|version| version.as_str()),
        "facts": rows.into_iter().map(|row| (row.key.to_owned(), row.json())).collect::<Map<String, Value>>(),
        "introduced": introduced,
    })
}

/// The most telling facts of a new package or version, for one line.
pub(super) fn note(change: &Change, dossier: &Dossier) -> Option<String> {
    let facts = &dossier.today;
    let of_name = change.kind == ChangeKind::Added;
    if change.kind == ChangeKind::Removed {
        return None;
    }
    let first = facts.first_published.fact.known().filter(|_| of_name).map(|time| format!("since {}", dates::day(*time)));
    let published = facts.published.fact.known().filter(|_| first.is_none()).map(|time| format!("of {}", dates::day(*time)));
    let used = facts.downloads.fact.known().filter(|_| of_name).map(|of| format!("{} downloads in {} days", of.count, of.days));
    let parts: Vec<String> = first.into_iter().chain(published).chain(used).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub fn write_text(told: &[Told<'_>], now: i64, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, told) in told.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let purl = told.package.purl();
        writeln!(out, "{}  {}", style.paint(Paint::Heading, visible(&told.package.label())), visible(&purl))?;
        let rows = rows(told.facts);
        for row in &rows {
            if let Ok((_, text)) = &row.value {
                let from = row.from.map(|from| style.paint(Paint::Faint, format!("  ({})", source(from, now)))).unwrap_or_default();
                writeln!(out, "  {:<17} {}{from}", row.label(), visible(text))?;
            }
        }
        let mut unknown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for row in &rows {
            if let Err(reason) = row.value {
                unknown.entry(reason).or_default().push(row.label());
            }
        }
        for (reason, labels) in unknown {
            writeln!(out, "  not known: {}: {}", labels.join(", "), visible(reason))?;
        }
    }
    Ok(())
}

/// `registry.example 2026-11-21`
fn source(from: &Origin, now: i64) -> String {
    let host = Place::parse(&from.url).map_or_else(|| from.url.clone(), |place| place.host);
    let age = u64::try_from(now.saturating_sub(from.fetched)).unwrap_or(0);
    let old = if age > OLD { format!(", {} old", rough(age)) } else { String::new() };
    visible(&format!("{host} {}{old}", dates::day(from.fetched))).into_owned()
}

impl Row<'_> {
    fn label(&self) -> String {
        self.key.replace('_', " ")
    }

    fn json(&self) -> Value {
        let source = self.from.map(|from| {
            let digest = Some(&from.digest).filter(|digest| !digest.is_empty()).map(|digest| format!("sha256:{digest}"));
            json!({ "url": from.url, "fetched": dates::written(from.fetched), "digest": digest })
        });
        match &self.value {
            Ok((value, _)) => json!({ "known": true, "value": value, "reason": null, "source": source }),
            Err(reason) => json!({ "known": false, "value": null, "reason": reason, "source": source }),
        }
    }
}

/// Every fact, in the order in which they are told.
fn rows(facts: &PackageFacts) -> Vec<Row<'_>> {
    let is = |yes: &bool| (json!(yes), if *yes { "yes".to_owned() } else { "no".into() });
    let time = |seconds: &i64| (json!(dates::written(*seconds)), dates::day(*seconds));
    let list = |texts: &Vec<String>| (json!(texts), if texts.is_empty() { "nothing".into() } else { texts.join(", ") });
    let text = |text: &Option<String>| (json!(text), text.clone().unwrap_or_else(|| "none stated".into()));
    vec![
        row("standing", &facts.standing, standing),
        row("has_version", &facts.has_version, is),
        row("first_published", &facts.first_published, time),
        row("published", &facts.published, time),
        row("completed", &facts.completed, time),
        row("yanked", &facts.yanked, mark),
        row("deprecated", &facts.deprecated, mark),
        row("downloads", &facts.downloads, downloads),
        row("dependents", &facts.dependents, |number| (json!(number), number.to_string())),
        row("owners", &facts.owners, list),
        row("publisher", &facts.publisher, publisher),
        row("publisher_is_new", &facts.publisher_is_new, is),
        row("publishers", &facts.publishers, |all: &Vec<Publisher>| publishers(all)),
        row("install", &facts.install, list),
        row("install_is_new", &facts.install_is_new, is),
        row("repository", &facts.repository, text),
        row("repository_fits", &facts.repository_fits, is),
        row("attested", &facts.attested, is),
        row("attestation_lost", &facts.attestation_lost, is),
        row("newer", &facts.newer, newer),
        row("licence", &facts.licence, text),
    ]
}

fn row<'f, T>(key: &'static str, sourced: &'f Sourced<T>, told: impl Fn(&T) -> (Value, String)) -> Row<'f> {
    let value = match &sourced.fact {
        Fact::Known(value) => Ok(told(value)),
        Fact::Unknown(reason) => Err(reason.as_str()),
    };
    Row { key, value, from: sourced.from.as_deref() }
}

fn standing(standing: &Standing) -> (Value, String) {
    let (state, note, since, words) = match standing {
        Standing::Present => ("present", None, None, "the registry has it"),
        Standing::Absent => ("absent", None, None, "the registry has no such name"),
        Standing::SecurityHolder => ("security-holder", None, None, "held by the registry: it was malicious"),
        Standing::Quarantined(note) => ("quarantined", Some(note), None, "quarantined"),
        Standing::Archived(note) => ("archived", Some(note), None, "archived"),
        Standing::Deprecated(note) => ("deprecated", Some(note), None, "deprecated"),
        Standing::Unpublished(since) => ("unpublished", None, *since, "all versions were taken away"),
    };
    let note = note.filter(|note| !note.is_empty());
    let since_text = since.map(|since| format!(" on {}", dates::day(since))).unwrap_or_default();
    let note_text = note.map(|note| format!(": {note}")).unwrap_or_default();
    (json!({ "state": state, "note": note, "since": since.map(dates::written) }), format!("{words}{since_text}{note_text}"))
}

fn mark(mark: &Mark) -> (Value, String) {
    match mark {
        Mark::No => (json!({ "is": false, "note": null }), "no".into()),
        Mark::Yes(note) if note.is_empty() => (json!({ "is": true, "note": null }), "yes".into()),
        Mark::Yes(note) => (json!({ "is": true, "note": note }), format!("yes: {note}")),
    }
}

fn downloads(downloads: &Downloads) -> (Value, String) {
    (json!({ "count": downloads.count, "days": downloads.days }), format!("{} in {} days", downloads.count, downloads.days))
}

fn publisher(publisher: &Publisher) -> (Value, String) {
    let kind = if publisher.is_workflow { " (a workflow)" } else { "" };
    (json!({ "name": publisher.name, "is_workflow": publisher.is_workflow }), format!("{}{kind}", publisher.name))
}

fn publishers(all: &[Publisher]) -> (Value, String) {
    let (values, texts): (Vec<Value>, Vec<String>) = all.iter().map(publisher).unzip();
    (Value::Array(values), if texts.is_empty() { "nobody".into() } else { texts.join(", ") })
}

fn newer(newer: &Option<Newer>) -> (Value, String) {
    let Some(newer) = newer else { return (Value::Null, "nothing".into()) };
    let days = newer.days.map(|days| format!(", {days} days later")).unwrap_or_default();
    let majors = if newer.majors > 0 { format!(", {} major versions ahead", newer.majors) } else { String::new() };
    (json!({ "latest": newer.latest.as_str(), "majors": newer.majors, "days": newer.days }), format!("{}{days}{majors}", newer.latest))
}
