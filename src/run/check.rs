//! `check`: a whole project, judged as if everything in it had just come in.

use super::diff::{Revision, Sides};
use super::{Project, RunError, Selection, Target};

/// Reads every lockfile of a revision, or of the work tree; or one file.
pub fn read(project: &Project, target: Option<Target<'_>>, selection: &Selection) -> Result<Sides, RunError> {
    let file = if let Some(Target::File(file)) = target { Some(Revision::File(file.to_owned())) } else { None };
    let (inventory, id) = project.read_with_settings(target, selection)?;
    if inventory.graphs.is_empty() && inventory.gaps.is_empty() {
        return Err(RunError::NoLockfile);
    }
    Ok(Sides::whole(id.map(Revision::Commit).or(file).unwrap_or(Revision::WorkTree), inventory))
}
