//! `sbomgate ai`

use super::args::{AiCommand, ReportFormat};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::report::Style;
use sbomgate::report::ai_inventory::{self as report, Inventoried};
use sbomgate::run::{self, ai_inventory, gate};
use std::io::{self, Write};

/// Not knowing is no answer: the exit code says so.
pub fn run(command: &AiCommand, terminal: &Terminal) -> Result<Exit> {
    let AiCommand::Inventory { revision, format, output } = command;
    let answer = ai_inventory::read(&terminal.project()?, revision)?;
    let shown = Inventoried {
        inventory: &answer.inventory,
        revision: &answer.revision,
        policy: &answer.policy,
        today: gate::today()?,
        shallow: answer.shallow,
        gaps: &answer.gaps,
    };
    let write = |style: &Style, out: &mut dyn Write| -> io::Result<()> {
        match format {
            ReportFormat::Json => report::write_json(shown, out),
            ReportFormat::Text => report::write_text(shown, style, out),
        }
    };
    match output {
        Some(file) => run::write_file(file, |out| write(&Style::plain(), out))?,
        None => terminal.print(|out| write(&terminal.style(), out))?,
    }
    let unread = terminal.unread(&answer.gaps);
    if let Some((number, reason)) = &answer.inventory.unknown {
        return Ok(terminal.fail(&anyhow::anyhow!(
            "for {number} of {} commits it is not known whether AI use was declared: {reason}",
            answer.inventory.commits
        )));
    }
    Ok(if unread { Exit::CouldNotJudge } else { Exit::Allowed })
}
