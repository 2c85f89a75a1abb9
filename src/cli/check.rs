//! `sbomgate check`

use super::args::Check;
use super::diff::{reported, selection, target};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::run::check;

pub fn run(command: &Check, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let sides =
        check::read(&project, target(&project, command.target.as_ref(), command.file.as_ref())?, &selection(&project, &command.selected)?)?;
    terminal.report(&reported(&sides, sides.compare(), None, &command.store)?, &command.reports)
}
