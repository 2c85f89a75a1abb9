//! `sbomgate facts …`

use super::args::{Facts, FactsAnswer, FactsCommand, ReportFormat};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::model::text::visible;
use sbomgate::report::facts::{self as report, Told};
use sbomgate::run::facts::{self, Network, Options, Question};

pub fn run(command: &Facts, terminal: &Terminal) -> Result<Exit> {
    let of = |folder: &Option<std::path::PathBuf>| Options { folder: folder.clone(), ..Options::default() };
    match &command.command {
        None => show(&command.purls, &command.answer, terminal),
        Some(FactsCommand::Export { output, purls, lockfiles, facts: folder }) => {
            let carried = facts::export(&terminal.project()?, output, purls, lockfiles, &of(folder))?;
            terminal.print(|out| writeln!(out, "{}: {} facts", visible(&output.to_string_lossy()), carried.facts))?;
            Ok(Exit::Allowed)
        }
        Some(FactsCommand::Import { files, facts: folder }) => {
            let carried = facts::import(files, &of(folder))?;
            let younger = carried.facts - carried.taken;
            terminal.print(|out| writeln!(out, "{} facts are kept; of {younger} there are younger ones", carried.taken))?;
            Ok(Exit::Allowed)
        }
    }
}

/// Not knowing is no answer: the exit code says so.
fn show(purls: &[String], asked: &FactsAnswer, terminal: &Terminal) -> Result<Exit> {
    let network = (!asked.offline).then(|| Network { ca: asked.ca.clone(), patience: facts::patience() });
    let options = asked.facts.options();
    let question = Question { purls, internal: &asked.internal, options: &options, online: network.as_ref() };
    let answer = facts::show(&terminal.project()?, &question)?;
    let told: Vec<Told<'_>> =
        answer.answers.iter().map(|one| Told { package: &one.package, registry: &one.registry, facts: &one.facts }).collect();
    match asked.format {
        ReportFormat::Json => terminal.print(|out| report::write_json(&told, answer.now, out))?,
        ReportFormat::Text => terminal.print(|out| report::write_text(&told, answer.now, &terminal.style(), out))?,
    }
    Ok(if answer.answers.iter().all(facts::Answer::is_known) { Exit::Allowed } else { Exit::CouldNotJudge })
}
