//! `sbomgate why`

use super::args::{ReportFormat, Why};
use super::diff::{selection, target};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::report;
use sbomgate::run::why;

pub fn run(command: &Why, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let inventory = why::read(
        &project,
        target(&project, command.target.as_ref(), command.file.as_ref())?,
        &selection(&project, &command.selected)?,
        command.cargo_metadata.as_deref(),
    )?;
    let unread = terminal.unread(&inventory.gaps);
    let answers = why::answer(&inventory, &command.package, command.limit.max(1))?;
    match command.format {
        ReportFormat::Json => {
            terminal.print(|out| report::write_why_json(answers.iter().map(|answer| (answer.graph, answer.package, &answer.why)), out))?
        }
        ReportFormat::Text => terminal.print(|out| {
            answers.iter().try_for_each(|answer| report::write_why(answer.graph, answer.package, &answer.why, &terminal.style(), out))
        })?,
    }
    Ok(if unread { Exit::CouldNotJudge } else { Exit::Allowed })
}
