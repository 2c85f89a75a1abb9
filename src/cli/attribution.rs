//! `sbomgate attribution`

use super::args::{Attribution, ReportFormat};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::enrich::attribution::{Catalogue, Category};
use sbomgate::report::Style;
use sbomgate::report::attribution::{self as report, Attributed};
use sbomgate::run::{self, attribution};
use std::io::{self, Write};

/// Not knowing is no answer: the exit code says so, as for a lockfile that could not be read.
pub fn run(command: &Attribution, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let options = attribution::Options { agent_traces: command.agent_trace.clone() };
    let answers = attribution::read(&project, &command.revisions, &options)?;
    let all: Vec<Attributed<'_>> = answers.iter().map(attributed).collect();
    let is_ai = |one: &Attributed<'_>| one.attribution.category.as_ref().is_ok_and(|category: &Category| category.is_ai());
    let shown: Vec<Attributed<'_>> = all.iter().filter(|one| !command.ai || is_ai(one)).copied().collect();
    let catalogue = Catalogue::shipped();
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
    let reasons = all.iter().filter_map(|one| one.attribution.category.as_ref().err());
    let unknown = reasons.clone().count();
    if let Some(first) = reasons.min() {
        return Ok(
            terminal.fail(&anyhow::anyhow!("for {unknown} of {} commits it is not known whether AI use was declared: {first}", all.len()))
        );
    }
    Ok(Exit::Allowed)
}

fn attributed(answer: &attribution::Answer) -> Attributed<'_> {
    let pull_request = answer.pull_request.map(|pull_request| pull_request.number());
    Attributed { commit: &answer.commit, attribution: &answer.attribution, pull_request, shallow: answer.shallow }
}
