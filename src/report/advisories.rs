//! Records and stores of advisories for people and machines.

use super::Style;
use crate::enrich::advisory::exploitation::{Dated, Sources};
use crate::enrich::advisory::store::Meta;
use crate::enrich::advisory::{Affected, Affects, Event, Imported, RangeKind, Record, dates};
use crate::model::advisory::Exploitation;
use crate::model::text::visible;
use crate::model::{AdvisoryId, Ecosystem, Severity};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

/// The store of one ecosystem; `null` members where there is none.
pub fn store_status(ecosystem: Ecosystem, file: &Path, store: Option<(&Meta, &str)>) -> Value {
    let sources = |meta: &Meta| -> Vec<Value> {
        meta.sources.iter().map(|source| json!({ "name": source.name, "records": source.records, "rejected": source.rejected, "taken": dates::written(source.taken) })).collect()
    };
    json!({
        "ecosystem": ecosystem.osv_name(),
        "file": file.to_string_lossy(),
        "digest": store.map(|(_, digest)| format!("sha256:{digest}")),
        "records": store.map(|(meta, _)| meta.records),
        "packages": store.map(|(meta, _)| meta.packages),
        "malware": store.map(|(meta, _)| meta.malware),
        "informational": store.map(|(meta, _)| meta.informational),
        "withdrawn": store.map(|(meta, _)| meta.withdrawn),
        "rejected": store.map(|(meta, _)| meta.rejected()),
        "is_part": store.map(|(meta, _)| meta.is_part()),
        "newest": store.map(|(meta, _)| dates::written(meta.newest)),
        "imported": store.map(|(meta, _)| dates::written(meta.imported)),
        "as_of": store.map(|(meta, _)| dates::written(meta.as_of())),
        "sources": store.map(|(meta, _)| sources(meta)),
    })
}

pub fn write_store_status(ecosystem: Ecosystem, file: &Path, store: Option<(&Meta, &str)>, out: &mut dyn Write) -> io::Result<()> {
    let name = ecosystem.osv_name();
    let Some((meta, digest)) = store else {
        return writeln!(out, "{name}: no store at {}", visible(&file.to_string_lossy()));
    };
    writeln!(out, "{name}: {} records of {} packages", meta.records, meta.packages)?;
    writeln!(out, "  file      {}", visible(&file.to_string_lossy()))?;
    writeln!(out, "  digest    sha256:{digest}")?;
    writeln!(out, "  newest    {} (the last change of a record)", dates::written(meta.newest))?;
    writeln!(out, "  imported  {}", dates::written(meta.imported))?;
    writeln!(out, "  as of     {} (its age counts from then)", dates::written(meta.as_of()))?;
    writeln!(out, "  of these  {} malware, {} informational, {} withdrawn", meta.malware, meta.informational, meta.withdrawn)?;
    if meta.is_part() {
        writeln!(out, "  part      single records alone: of packages that they do not name nothing is known")?;
    }
    if meta.rejected() > 0 {
        writeln!(out, "  rejected  {} records or parts of records: whether they concern a package is not known", meta.rejected())?;
    }
    meta.sources.iter().try_for_each(|source| {
        let rejected = if source.rejected > 0 { format!(", {} rejected", source.rejected) } else { String::new() };
        writeln!(out, "  from      {} ({} records{rejected})", visible(&source.name), source.records)
    })
}

/// What is known of attacks on a flaw.
pub(super) fn exploitation(known: Exploitation) -> Value {
    let share = |hundred_thousandths: u32| f64::from(hundred_thousandths) / 100_000.0;
    json!({
        "epss": known.epss.map(|epss| json!({ "score": share(epss.score), "percentile": share(epss.percentile) })),
        "kev": known.seen.map(|seen| json!({ "added": dates::day(seen.since), "ransomware": seen.ransomware })),
    })
}

/// Where facts on exploitation are from; `null` members where there are none.
pub fn exploitation_status(sources: Option<&Sources>) -> Value {
    let dated = |dated: &Option<Dated>| {
        dated.as_ref().map(|dated| {
            json!({ "date": dates::written(dated.date), "imported": dates::written(dated.imported), "records": dated.records, "rejected": dated.rejected })
        })
    };
    json!({ "epss": sources.map(|sources| dated(&sources.epss)), "kev": sources.map(|sources| dated(&sources.kev)) })
}

/// Nothing where there are none: they are optional.
pub fn write_exploitation_status(sources: Option<&Sources>, out: &mut dyn Write) -> io::Result<()> {
    let Some(sources) = sources else { return Ok(()) };
    for (name, dated) in [("EPSS", &sources.epss), ("CISA KEV", &sources.kev)] {
        let Some(dated) = dated else { continue };
        let (date, imported) = (dates::written(dated.date), dates::written(dated.imported));
        writeln!(out, "{name}: {} CVEs of {date}, imported {imported}", dated.records)?;
        if dated.rejected > 0 {
            writeln!(out, "  rejected  {} rows", dated.rejected)?;
        }
    }
    Ok(())
}

/// A record in OSV's words.
pub fn record(record: &Record, details: &str) -> Value {
    json!({
        "id": record.id.as_str(),
        "modified": dates::written(record.modified),
        "published": record.published.map(dates::written),
        "withdrawn": record.withdrawn.map(dates::written),
        "kind": record.kind.as_str(),
        "aliases": record.aliases.iter().map(AdvisoryId::as_str).collect::<Vec<_>>(),
        "summary": record.summary,
        "details": details,
        "severity": record.own_severity().map(severity),
        "cwes": record.cwes,
        "references": record.references,
        "affected": record.affected.iter().map(affected).collect::<Vec<_>>(),
    })
}

fn severity(severity: &Severity) -> Value {
    json!({ "rating": severity.rating.as_str(), "score": severity.tenths.map(|tenths| f64::from(tenths) / 10.0), "vector": severity.vector })
}

fn affected(affected: &Affected) -> Value {
    let ranges = affected.ranges.iter().map(|range| {
        let kind = match &range.kind {
            RangeKind::Semver => "SEMVER",
            RangeKind::Ecosystem => "ECOSYSTEM",
            RangeKind::Unknown(other) => other,
            RangeKind::Unread(_) => "unread",
        };
        if let RangeKind::Unread(reason) = &range.kind {
            return json!({ "type": kind, "reason": reason, "events": [] });
        }
        json!({ "type": kind, "events": range.events.iter().map(|event| json!({ event_name(event): event.version() })).collect::<Vec<_>>() })
    });
    json!({
        "package": { "ecosystem": affected.ecosystem.osv_name(), "name": affected.name },
        "ranges": ranges.collect::<Vec<_>>(),
        "versions": affected.versions,
        "functions": affected.functions,
    })
}

fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Introduced(_) => "introduced",
        Event::Fixed(_) => "fixed",
        Event::LastAffected(_) => "last_affected",
        Event::Limit(_) => "limit",
    }
}

pub fn write_record(record: &Record, details: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}  {}", record.id, visible(&record.summary))?;
    let aliases: Vec<&str> = record.aliases.iter().map(AdvisoryId::as_str).collect();
    let rating = record.own_severity().map(|severity| {
        let score = severity.tenths.map(|tenths| format!(" {}.{}", tenths / 10, tenths % 10)).unwrap_or_default();
        format!("{}{score} {}", severity.rating.as_str(), visible(severity.vector.as_deref().unwrap_or("(the database's own word)")))
    });
    let rows = [
        ("kind", Some(record.kind.as_str().to_owned())),
        ("severity", rating),
        ("aliases", Some(aliases.join(" ")).filter(|text| !text.is_empty())),
        ("cwes", Some(visible(&record.cwes.join(" ")).into_owned()).filter(|text| !text.is_empty())),
        ("published", record.published.map(dates::written)),
        ("modified", Some(dates::written(record.modified))),
        ("withdrawn", record.withdrawn.map(dates::written)),
    ];
    for (name, text) in rows {
        text.map_or(Ok(()), |text| writeln!(out, "  {name:10} {text}"))?;
    }
    record.affected.iter().try_for_each(|affected| write_affected(affected, out))?;
    record.references.iter().try_for_each(|url| writeln!(out, "  see        {}", visible(url)))?;
    for line in details.trim().lines() {
        // A CI job acts on lines that begin with `::`, whatever blanks come before.
        writeln!(out, "{}", format!("  | {}", visible(line)).trim_end())?;
    }
    Ok(())
}

fn write_affected(affected: &Affected, out: &mut dyn Write) -> io::Result<()> {
    let mut texts: Vec<String> = Vec::new();
    for range in &affected.ranges {
        if let RangeKind::Unread(reason) = &range.kind {
            texts.push(format!("not known ({reason})"));
            continue;
        }
        texts.push(range.events.iter().map(|event| format!("{} {}", event_name(event), event.version())).collect::<Vec<_>>().join(", "));
    }
    if !affected.versions.is_empty() {
        texts.push(format!("listed {}", affected.versions.join(" ")));
    }
    let text = format!("{} {}: {}", affected.ecosystem.osv_name(), affected.name, texts.join("; "));
    writeln!(out, "  affects    {}", visible(&text))?;
    affected.functions.iter().try_for_each(|function| writeln!(out, "  function   {}", visible(function)))
}

/// What an import did; every rejection that is kept is listed.
pub fn imported(imported: &Imported) -> Value {
    let taken: Vec<Value> =
        imported.taken.iter().map(|(ecosystem, records)| json!({ "ecosystem": ecosystem.osv_name(), "records": records })).collect();
    let list: Vec<Value> = imported.list.iter().map(|rejected| json!({ "file": rejected.file, "reason": rejected.reason })).collect();
    json!({ "version": 1, "taken": taken, "exploitation": imported.exploitation, "elsewhere": imported.elsewhere, "rejected": imported.rejected, "rejections": list })
}

/// Rejections shown where not all lines are wanted.
const MOST_SHOWN: usize = 20;

pub fn write_imported(imported: &Imported, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (ecosystem, records) in &imported.taken {
        let number = if *records == 0 { "nothing new".to_owned() } else { format!("{records} records") };
        writeln!(out, "{:10} {number}", ecosystem.osv_name())?;
    }
    for (source, cves) in &imported.exploitation {
        writeln!(out, "{source:10} {cves} CVEs")?;
    }
    if imported.elsewhere > 0 {
        writeln!(out, "passed over {} records of other ecosystems", imported.elsewhere)?;
    }
    if imported.rejected > 0 {
        writeln!(out, "rejected   {} records or parts of records; whether they concern a package is not known:", imported.rejected)?;
        let shown = if style.all { imported.list.len() } else { imported.list.len().min(MOST_SHOWN) };
        for rejected in &imported.list[..shown] {
            writeln!(out, "  in {}: {}", visible(&rejected.file), visible(&rejected.reason))?;
        }
        let left = imported.rejected - shown as u64;
        if left > 0 {
            writeln!(out, "  and {left} more")?;
        }
    }
    Ok(())
}

/// One record against one package; `affected` is `null` where it cannot be decided.
pub fn affects(told: &Affects) -> Value {
    let id = told.record.as_ref().map(AdvisoryId::as_str);
    json!({ "version": 1, "record": id, "package": told.package.purl(), "affected": told.affected, "reason": told.reason })
}

pub fn write_affects(told: &Affects, out: &mut dyn Write) -> io::Result<()> {
    let word = match told.affected {
        Some(true) => "affected",
        Some(false) => "not affected",
        None => "not decided",
    };
    let id = told.record.as_ref().map_or("the record", AdvisoryId::as_str);
    writeln!(out, "{word}: {} by {id}: {}", visible(&told.package.purl()), visible(&told.reason))
}
