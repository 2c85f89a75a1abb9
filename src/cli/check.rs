//! `sbomgate check`

use super::args::{Check, Global};
use super::diff::{reported, selection};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::run::{Project, check};

pub fn run(global: &Global, command: &Check, terminal: &Terminal) -> Result<Exit> {
    let project = Project::open(&global.folder)?;
    let sides = check::read(&project, command.revision.as_deref(), &selection(&project, &command.selected)?)?;
    terminal.report(&reported(&sides), &command.reports)
}
