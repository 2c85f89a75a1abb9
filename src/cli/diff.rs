//! `sbomgate diff`

use super::args::{AiKind, Diff, Selected};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::{Result, bail};
use sbomgate::run::diff::{self, Revision, Sides};
use sbomgate::run::{Project, RunError, Selection, Target, UserKeys, excerpts, files, judged};

pub fn run(command: &Diff, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let selection = selection(&project, &command.selected)?;
    let sides = match (&command.range, &command.new, command.files.as_slice()) {
        (None, _, [old, new]) => files(&project, old, new, &selection)?,
        (Some(old), Some(new), []) => match (project.target(old)?, project.target(new)?) {
            (Target::File(old), Target::File(new)) if !is_separated() => files(&project, old, new, &selection)?,
            _ => return Err(RunError::NotTwoFiles(old.clone(), new.clone()).into()),
        },
        (Some(range), None, []) if !is_separated() && project.target(range)? == Target::File(range) => {
            return Err(RunError::OneFile(range.clone()).into());
        }
        (range, None, []) => diff::read(&project, range.as_deref().unwrap_or("HEAD"), &selection)?,
        (range, ..) => return Err(RunError::OneFile(range.as_ref().unwrap_or(&command.files[0]).clone()).into()),
    };
    let only = AiKind::only(&command.ai);
    if only.is_some() && !matches!(sides.base, Revision::Commit(_)) {
        bail!("--ai needs a range of commits; files have none");
    }
    let user = UserKeys::read(&command.openpgp_keys)?;
    let mut reported = judged::comparison(&project, &sides, only, &command.store.sources(), &user)?;
    if terminal.shows_lines(&command.reports) {
        reported.excerpts = excerpts::of(&project, &sides, &reported.judgement)?;
    }
    terminal.report(&reported, &command.reports)
}

fn files(project: &Project, old: &str, new: &str, selection: &Selection) -> Result<Sides, RunError> {
    if selection.is_default() { files::compare(project, old, new) } else { Err(RunError::SelectionOfFile(new.to_owned())) }
}

/// What an argument that may be a revision or a file stands for: what stands behind `--` is a file,
/// and what stands before it a revision.
pub fn target<'t>(project: &Project, text: Option<&'t String>, file: Option<&'t String>) -> Result<Option<Target<'t>>, RunError> {
    match (text, file) {
        (_, Some(file)) => Ok(Some(Target::File(file))),
        (Some(text), None) if is_separated() => Ok(Some(Target::Revision(text))),
        (Some(text), None) => project.target(text).map(Some),
        (None, None) => Ok(None),
    }
}

fn is_separated() -> bool {
    std::env::args_os().any(|argument| argument == "--")
}

pub fn selection(project: &Project, selected: &Selected) -> Result<Selection, RunError> {
    Ok(Selection::new(&project.place(), &selected.lockfiles, &selected.include, &selected.exclude)?)
}
