//! `--cargo-metadata FILE`: which packages of Cargo.lock get built.

use super::{Inventory, RunError, SIZE_LIMIT};
use crate::edge::input;
use crate::graph::DepGraph;
use crate::model::Ecosystem;
use crate::read::BuildPlan;
use std::path::Path;

impl Inventory {
    /// Marks the packages of the Cargo.lock that the document is about: the one that holds everything
    /// which the document lists. Where there is none, nothing is marked and the error says why.
    pub fn mark_built(&mut self, file: &Path) -> Result<(), RunError> {
        let error = |message: String| RunError::CargoMetadata { file: file.into(), message };
        let plan = BuildPlan::parse(&input::read(file, SIZE_LIMIT)?).map_err(error)?;
        let mut marked = false;
        let mut stranger = None;
        for graph in self.graphs.values_mut().filter(|graph| graph.ecosystem == Some(Ecosystem::Cargo)) {
            match graph.mark_built(&plan) {
                Ok(()) => marked = true,
                Err(package) => stranger = Some((package, &*graph)),
            }
        }
        match stranger.filter(|_| !marked) {
            None if marked => Ok(()),
            None => Err(error("no Cargo.lock was read that it could be about".into())),
            Some((package, graph)) => Err(error(of_another_state(&package.label(), graph))),
        }
    }
}

fn of_another_state(package: &str, graph: &DepGraph) -> String {
    format!("it lists {}, which {} does not hold: it is of another workspace or state", crate::model::text::quoted(package), graph.lockfile)
}
