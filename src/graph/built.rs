//! Which locked packages get built, where somebody said so.

use super::DepGraph;
use crate::model::{Ecosystem, Package};
use crate::read::{BuildPlan, Told};

impl DepGraph {
    /// Marks every package of a Cargo.lock with whether it gets built. A plan that lists a package
    /// which this lockfile does not hold is of another workspace or state: nothing is marked, and
    /// that package is returned.
    pub fn mark_built<'p>(&mut self, plan: &'p BuildPlan) -> Result<(), &'p Package> {
        if let Some(stranger) = plan.not_locked(self.graph.node_weights().map(|node| &node.package)) {
            return Err(stranger);
        }
        for node in self.graph.node_weights_mut().filter(|node| node.package.ecosystem == Ecosystem::Cargo) {
            node.built = Some(plan.builds(&node.package));
        }
        self.knows.installed = Told::No("what gets built is cargo metadata's word, for the features and target that it was run with");
        Ok(())
    }
}
