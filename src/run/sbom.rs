//! `sbom`: what a revision or the work tree holds, as a document.

use super::{Project, RunError, Selection, Target};
use crate::edge::clock;
use crate::graph::DepGraph;
use crate::model::{CommitId, Gap};
use crate::sbom::{self, Lifecycle};
use std::path::Path;

/// What goes into the document. Lockfiles that could not be read are among the gaps.
pub struct Contents {
    project: String,
    graphs: Vec<DepGraph>,
    pub gaps: Vec<Gap>,
    revision: Option<CommitId>,
    timestamp: i64,
}

/// Reads every lockfile of a revision, or of the work tree; or one file. The document's time is
/// SOURCE_DATE_EPOCH's, else the revision's commit time, so that the same revision gives the same
/// bytes, else now.
/// `cargo_metadata` names a document that says what of a Cargo.lock gets built.
pub fn read(
    project: &Project,
    target: Option<Target<'_>>,
    selection: &Selection,
    cargo_metadata: Option<&Path>,
) -> Result<Contents, RunError> {
    let (mut inventory, revision) = project.read(target, selection)?;
    if inventory.graphs.is_empty() && inventory.gaps.is_empty() {
        return Err(RunError::NoLockfile);
    }
    cargo_metadata.map_or(Ok(()), |file| inventory.mark_built(file))?;
    let timestamp = match (clock::source_date_epoch()?, &revision) {
        (Some(timestamp), _) => timestamp,
        (None, Some(id)) => project.repository("sbom")?.commit_time(id)?,
        (None, None) => clock::now()?,
    };
    let graphs = inventory.graphs.into_values().collect();
    Ok(Contents { project: project.name(), graphs, gaps: inventory.gaps, revision, timestamp })
}

impl Contents {
    /// Whether no lockfile could be read.
    pub fn is_empty(&self) -> bool {
        self.graphs.is_empty()
    }

    /// The same as the value that formats write.
    pub fn inventory(&self) -> sbom::Inventory<'_> {
        sbom::Inventory {
            project: sbom::Project { name: &self.project, version: None },
            graphs: &self.graphs,
            gaps: &self.gaps,
            licences: None,
            revision: self.revision.as_ref(),
            timestamp: self.timestamp,
            lifecycle: Lifecycle::PreBuild,
        }
    }
}
