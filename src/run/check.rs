//! `check`: a whole project, judged as if everything in it had just come in.

use super::diff::{Revision, Sides};
use super::{Project, RunError, Selection};

/// Reads every lockfile of a revision, or of the work tree.
pub fn read(project: &Project, revision: Option<&str>, selection: &Selection) -> Result<Sides, RunError> {
    let (inventory, id) = project.read(revision, selection)?;
    if inventory.graphs.is_empty() && inventory.gaps.is_empty() {
        return Err(RunError::NoLockfile);
    }
    Ok(Sides::whole(id.map_or(Revision::WorkTree, Revision::Commit), inventory))
}
