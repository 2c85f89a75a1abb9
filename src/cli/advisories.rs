//! `sbomgate advisories …`

use super::args::{AdvisoriesCommand, Asked, ReportFormat};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::model::text::visible;
use sbomgate::report;
use sbomgate::run::advisories::{self, Imported};
use serde_json::{Value, json};
use std::io::{self, Write};

pub fn run(command: &AdvisoriesCommand, terminal: &Terminal) -> Result<Exit> {
    match command {
        AdvisoriesCommand::Import { files, replace, asked } => {
            let imported = advisories::import(files, asked.store.as_deref(), *replace)?;
            answer(terminal, asked, of_import(&imported), |out| import_text(&imported, terminal, out))
        }
        AdvisoriesCommand::Status { asked } => {
            let stores = advisories::status(asked.store.as_deref())?;
            let values: Vec<Value> = stores.iter().map(|store| report::store_status(store.ecosystem, &store.file, store.held())).collect();
            answer(terminal, asked, json!({ "version": 1, "stores": values }), |out| {
                stores.iter().try_for_each(|store| report::write_store_status(store.ecosystem, &store.file, store.held(), out))
            })
        }
        AdvisoriesCommand::Show { id, asked } => {
            let shown = advisories::show(id, asked.store.as_deref())?;
            let values: Vec<Value> = shown.iter().map(|shown| report::record(&shown.record, &shown.details)).collect();
            answer(terminal, asked, json!({ "version": 1, "records": values }), |out| {
                shown.iter().try_for_each(|shown| report::write_record(&shown.record, &shown.details, out))
            })
        }
        AdvisoriesCommand::Affects { record, package, asked } => affects(record, package, asked, terminal),
        AdvisoriesCommand::Export { output, store } => {
            let ecosystems = advisories::export(output, store.as_deref())?;
            let names: Vec<&str> = ecosystems.iter().map(|ecosystem| ecosystem.osv_name()).collect();
            terminal.print(|out| writeln!(out, "{}: {}", visible(&output.to_string_lossy()), names.join(", ")))?;
            Ok(Exit::Allowed)
        }
    }
}

fn answer(terminal: &Terminal, asked: &Asked, value: Value, text: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit> {
    match asked.format {
        ReportFormat::Json => terminal.print(|out| report::write_json(&value, out))?,
        ReportFormat::Text => terminal.print(text)?,
    }
    Ok(Exit::Allowed)
}

/// An answer is exit code 0, whatever it is: nothing is judged.
fn affects(record: &str, package: &str, asked: &Asked, terminal: &Terminal) -> Result<Exit> {
    let told = advisories::affects(record, package, asked.store.as_deref())?;
    let id = told.record.as_ref().map(|id| id.as_str());
    let value = json!({ "version": 1, "record": id, "package": told.package.purl(), "affected": told.affected, "reason": told.reason });
    answer(terminal, asked, value, |out| {
        let word = match told.affected {
            Some(true) => "affected",
            Some(false) => "not affected",
            None => "not decided",
        };
        writeln!(out, "{word}: {} by {}: {}", visible(&told.package.purl()), id.unwrap_or("the record"), visible(&told.reason))
    })
}

fn of_import(imported: &Imported) -> Value {
    let taken: Vec<Value> =
        imported.taken.iter().map(|(ecosystem, records)| json!({ "ecosystem": ecosystem.osv_name(), "records": records })).collect();
    let list: Vec<Value> = imported.list.iter().map(|rejected| json!({ "file": rejected.file, "reason": rejected.reason })).collect();
    json!({ "version": 1, "taken": taken, "elsewhere": imported.elsewhere, "rejected": imported.rejected, "rejections": list })
}

/// Rejections shown without -v.
const MOST_SHOWN: usize = 20;

fn import_text(imported: &Imported, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    for (ecosystem, records) in &imported.taken {
        writeln!(out, "{:10} {records} records", ecosystem.osv_name())?;
    }
    if imported.elsewhere > 0 {
        writeln!(out, "passed over {} records of other ecosystems", imported.elsewhere)?;
    }
    if imported.rejected > 0 {
        writeln!(out, "rejected   {} records or parts of records:", imported.rejected)?;
        let shown = if terminal.style().all { imported.list.len() } else { imported.list.len().min(MOST_SHOWN) };
        for rejected in &imported.list[..shown] {
            writeln!(out, "  {}: {}", visible(&rejected.file), visible(&rejected.reason))?;
        }
        let left = imported.rejected - shown as u64;
        if left > 0 {
            writeln!(out, "  and {left} more")?;
        }
    }
    Ok(())
}
