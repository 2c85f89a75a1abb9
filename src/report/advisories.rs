//! Records and stores of advisories for people and machines.

use crate::enrich::advisory::store::Meta;
use crate::enrich::advisory::{Affected, Event, RangeKind, Record, dates};
use crate::model::text::visible;
use crate::model::{AdvisoryId, Ecosystem, Severity};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

/// The store of one ecosystem; `null` members where there is none.
pub fn store_status(ecosystem: Ecosystem, file: &Path, store: Option<(&Meta, &str)>) -> Value {
    let sources = |meta: &Meta| -> Vec<Value> {
        meta.sources.iter().map(|source| json!({ "name": source.name, "records": source.records })).collect()
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
        "rejected": store.map(|(meta, _)| meta.rejected),
        "newest": store.map(|(meta, _)| dates::written(meta.newest)),
        "imported": store.map(|(meta, _)| dates::written(meta.imported)),
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
    writeln!(out, "  of these  {} malware, {} informational, {} withdrawn", meta.malware, meta.informational, meta.withdrawn)?;
    if meta.rejected > 0 {
        writeln!(out, "  rejected  {} records or parts of records at the last import", meta.rejected)?;
    }
    meta.sources.iter().try_for_each(|source| writeln!(out, "  from      {} ({} records)", visible(&source.name), source.records))
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
        };
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
        writeln!(out, "{}", format!("    {}", visible(line)).trim_end())?;
    }
    Ok(())
}

fn write_affected(affected: &Affected, out: &mut dyn Write) -> io::Result<()> {
    let mut texts: Vec<String> = Vec::new();
    for range in &affected.ranges {
        texts.push(range.events.iter().map(|event| format!("{} {}", event_name(event), event.version())).collect::<Vec<_>>().join(", "));
    }
    if !affected.versions.is_empty() {
        texts.push(format!("listed {}", affected.versions.join(" ")));
    }
    let text = format!("{} {}: {}", affected.ecosystem.osv_name(), affected.name, texts.join("; "));
    writeln!(out, "  affects    {}", visible(&text))?;
    affected.functions.iter().try_for_each(|function| writeln!(out, "  function   {}", visible(function)))
}
