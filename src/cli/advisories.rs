//! `sbomgate advisories …`

use super::args::{AdvisoriesCommand, Asked, Network, ReportFormat};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::model::Ecosystem;
use sbomgate::model::text::visible;
use sbomgate::report;
use sbomgate::run::RunError;
use sbomgate::run::advisories::{self, Update};
use serde_json::{Value, json};
use std::io::{self, Write};

pub fn run(command: &AdvisoriesCommand, terminal: &Terminal) -> Result<Exit> {
    match command {
        AdvisoriesCommand::Import { files, replace, asked } => {
            let imported = advisories::import(files, asked.store.as_deref(), *replace)?;
            answer(terminal, asked, report::imported(&imported), |out| report::write_imported(&imported, &terminal.style(), out))
        }
        AdvisoriesCommand::Update { ecosystem, from, rustsec, replace, network, asked } => {
            let settings = settings(network, "`advisories update`")?;
            let ecosystems: &[Ecosystem] = if ecosystem.is_empty() { &Ecosystem::ALL } else { ecosystem };
            let update = Update { ecosystems, from, rustsec: rustsec.as_deref(), replace: *replace };
            let updated = advisories::update(&update, asked.store.as_deref(), &settings, &terminal.progress())?;
            answer(terminal, asked, report::imported(&updated), |out| report::write_imported(&updated, &terminal.style(), out))
        }
        AdvisoriesCommand::Status { asked } => {
            let stores = advisories::status(asked.store.as_deref())?;
            let facts = advisories::open_exploitation(&advisories::folder(asked.store.as_deref())?)?;
            let sources = facts.as_ref().map(|facts| facts.sources());
            let values: Vec<Value> = stores.iter().map(|store| report::store_status(store.ecosystem, &store.file, store.held())).collect();
            let value = json!({ "version": 1, "stores": values, "exploitation": report::exploitation_status(sources) });
            answer(terminal, asked, value, |out| {
                stores.iter().try_for_each(|store| report::write_store_status(store.ecosystem, &store.file, store.held(), out))?;
                report::write_exploitation_status(sources, out)
            })
        }
        AdvisoriesCommand::Show { id, asked } => {
            let shown = advisories::show(id, asked.store.as_deref())?;
            let values: Vec<Value> = shown.iter().map(|shown| report::record(&shown.record, &shown.details)).collect();
            answer(terminal, asked, json!({ "version": 1, "records": values }), |out| {
                shown.iter().try_for_each(|shown| report::write_record(&shown.record, &shown.details, out))
            })
        }
        // An answer is exit code 0, whatever it is: nothing is judged.
        AdvisoriesCommand::Affects { record, package, asked } => {
            let told = advisories::affects(record, package, asked.store.as_deref())?;
            answer(terminal, asked, report::affects(&told), |out| report::write_affects(&told, out))
        }
        AdvisoriesCommand::Export { output, store } => {
            let ecosystems = advisories::export(output, store.as_deref())?;
            let names: Vec<&str> = ecosystems.iter().map(|ecosystem| ecosystem.osv_name()).collect();
            terminal.print(|out| writeln!(out, "{}: {}", visible(&output.to_string_lossy()), names.join(", ")))?;
            Ok(Exit::Allowed)
        }
    }
}

/// The network, where it may be used.
pub fn settings(network: &Network, what: &'static str) -> Result<advisories::Network, RunError> {
    if network.offline {
        return Err(RunError::Offline(what));
    }
    Ok(advisories::Network { ca: network.ca.clone(), ..advisories::Network::default() })
}

fn answer(terminal: &Terminal, asked: &Asked, value: Value, text: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit> {
    match asked.format {
        ReportFormat::Json => terminal.print(|out| report::write_json(&value, out))?,
        ReportFormat::Text => terminal.print(text)?,
    }
    Ok(Exit::Allowed)
}
