//! `sbomgate attribution`

use super::args::{AiKind, Attribution, ReportFormat};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::report::Style;
use sbomgate::report::attribution::{self as report, Attributed};
use sbomgate::run::{self, attribution};
use std::io::{self, Write};

/// Not knowing is no answer: the exit code says so, as for a lockfile that could not be read.
pub fn run(command: &Attribution, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let options = attribution::Options { agent_traces: command.agent_trace.clone(), openpgp_keys: command.openpgp_keys.clone() };
    let answers = attribution::read(&project, &command.revisions, &options)?;
    let all: Vec<Attributed<'_>> = answers.commits.iter().map(attributed).collect();
    let only = AiKind::only(&command.ai);
    let shows = |one: &&Attributed<'_>| only.as_ref().is_none_or(|only| only.takes(Some(one.attribution)));
    let shown: Vec<Attributed<'_>> = all.iter().filter(shows).copied().collect();
    let catalogue = answers.policy.catalogue();
    let write = |style: &Style, out: &mut dyn Write| -> io::Result<()> {
        match command.format {
            ReportFormat::Json => report::write_json(&shown, catalogue, out),
            ReportFormat::Text => report::write_text(&shown, &all, catalogue, style, out),
        }
    };
    match &command.output {
        Some(file) => run::write_file(file, |out| write(&Style::plain(), out))?,
        None => terminal.print(|out| write(&terminal.style(), out))?,
    }
    let reasons = all.iter().filter_map(|one| one.attribution.category.reason());
    let unknown = reasons.clone().count();
    if let Some(first) = reasons.min() {
        return Ok(
            terminal.fail(&anyhow::anyhow!("for {unknown} of {} commits it is not known whether AI use was declared: {first}", all.len()))
        );
    }
    Ok(Exit::Allowed)
}

fn attributed(answer: &attribution::Answer) -> Attributed<'_> {
    Attributed { commit: &answer.commit, attribution: &answer.attribution, shallow: answer.shallow }
}
