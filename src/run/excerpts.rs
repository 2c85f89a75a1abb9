//! The lines that a report for people shows below its findings, read again from the head. A file that cannot be
//! read has none: what is wrong with it is told elsewhere.

use super::diff::Sides;
use super::{Project, RunError, gate};
use crate::judge::Judgement;
use crate::model::SourceFile;
use crate::report::Excerpts;

/// The largest file that is read for a line of it, in bytes.
const LARGEST: u64 = 32 << 20;

pub fn of(project: &Project, sides: &Sides, judgement: &Judgement<'_>) -> Result<Excerpts, RunError> {
    let mut excerpts = Excerpts::default();
    let wanted = Excerpts::wanted(judgement);
    if wanted.is_empty() {
        return Ok(excerpts);
    }
    let head = gate::head(project, sides)?;
    for (path, lines) in wanted {
        let bytes = head.look_up(&path).ok().flatten().and_then(|found| head.read(&found, LARGEST).ok());
        if let Some(file) = bytes.and_then(|bytes| SourceFile::new(path.clone(), bytes).ok()) {
            excerpts.add(&path, file.text(), &lines);
        }
    }
    Ok(excerpts)
}
