//! `why`: the roads to a package, in every lockfile that has it.

use super::{Inventory, Project, RunError, Selection, Target};
use crate::graph::{DepGraph, NodeId, Why};
use std::path::Path;

/// Reads every lockfile of a revision, or of the work tree; or one file.
/// `cargo_metadata` names a document that says what of a Cargo.lock gets built.
pub fn read(
    project: &Project,
    target: Option<Target<'_>>,
    selection: &Selection,
    cargo_metadata: Option<&Path>,
) -> Result<Inventory, RunError> {
    let (mut inventory, _) = project.read(target, selection)?;
    if inventory.graphs.is_empty() && inventory.gaps.is_empty() {
        return Err(RunError::NoLockfile);
    }
    cargo_metadata.map_or(Ok(()), |file| inventory.mark_built(file))?;
    Ok(inventory)
}

/// The roads to one package of one lockfile.
pub struct Answer<'g> {
    pub graph: &'g DepGraph,
    pub package: NodeId,
    pub why: Why,
}

/// At most `limit` roads for each package that the question names, lockfile by lockfile.
pub fn answer<'g>(inventory: &'g Inventory, question: &str, limit: usize) -> Result<Vec<Answer<'g>>, RunError> {
    let answers: Vec<Answer<'_>> = inventory
        .graphs
        .values()
        .flat_map(|graph| graph.named(question).into_iter().map(move |package| Answer { graph, package, why: graph.why(package, limit) }))
        .collect();
    if answers.is_empty() { Err(RunError::NoSuchPackage(question.to_owned())) } else { Ok(answers) }
}
