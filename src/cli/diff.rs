//! `sbomgate diff`

use super::args::{Diff, Selected};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::judge;
use sbomgate::report::{Reported, Side};
use sbomgate::run::diff::{self, Revision, Sides};
use sbomgate::run::{Project, RunError, Selection};

pub fn run(command: &Diff, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let sides = diff::read(&project, &command.range, &selection(&project, &command.selected)?)?;
    terminal.report(&reported(&sides), &command.reports)
}

pub fn selection(project: &Project, selected: &Selected) -> Result<Selection, RunError> {
    Ok(Selection::new(&project.place(), &selected.lockfiles, &selected.include, &selected.exclude)?)
}

pub fn reported(sides: &Sides) -> Reported<'_> {
    let side = |revision: &Revision| match revision {
        Revision::Nothing => None,
        Revision::Commit(id) => Some(Side(id.to_string())),
        Revision::WorkTree => Some(Side("worktree".into())),
    };
    Reported {
        judgement: judge::evaluate(sides.compare()),
        base: side(&sides.base),
        head: side(&sides.head).unwrap_or(Side("nothing".into())),
        skipped: sides.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.reason.clone())).collect(),
    }
}
