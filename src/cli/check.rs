//! `sbomgate check`

use super::args::Check;
use super::diff::{selection, target};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::run::{check, excerpts, judged};

pub fn run(command: &Check, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let selection = selection(&project, &command.selected)?;
    let sides = check::read(&project, target(&project, command.target.as_ref(), command.file.as_ref())?, &selection)?;
    let mut reported = judged::project(&project, &sides, selection.is_default(), &command.store.sources())?;
    if terminal.shows_lines(&command.reports) {
        reported.excerpts = excerpts::of(&project, &sides, &reported.judgement)?;
    }
    terminal.report(&reported, &command.reports)
}
