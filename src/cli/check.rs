//! `sbomgate check`

use super::args::Check;
use super::diff::{reported, selection, target};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::judge::Subject;
use sbomgate::run::{check, gate};

pub fn run(command: &Check, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let selection = selection(&project, &command.selected)?;
    let sides = check::read(&project, target(&project, command.target.as_ref(), command.file.as_ref())?, &selection)?;
    let gate = gate::of(&project, &sides, None, gate::today()?, selection.is_default())?;
    let subject = Subject { gate, ..sides.compare() };
    terminal.report(&reported(&sides, subject, None, &command.store)?, &command.reports)
}
