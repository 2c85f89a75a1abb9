//! By what a subject is judged: the policy, the approvals, who brought things in, and the day. The default
//! is what holds where a repository has no files of ours and nobody asked for more.

use super::approval::Held;
use super::brought::Brought;
use super::owners::Owners;
use super::policy::Policy;
use super::vex::Statements;
use crate::enrich::Fact;
use crate::enrich::attribution::Category;
use crate::model::{Day, GapKind, Location, Package, RelPath};

#[derive(Clone, Debug, Default)]
pub struct Gate {
    pub policy: Policy,
    /// Where the head's policy, its list of those who may sign, or a VEX document that the policy names, is another than
    /// the one that judges.
    pub altered: Vec<Location>,
    pub approvals: Vec<Held>,
    /// Who answers for packages, by the files of the revision that judges.
    pub owners: Owners,
    pub brought: Brought,
    /// What is said of flaws, by those who may speak: the operator, and the files that the policy names, as they are in the
    /// revision that judges.
    pub vex: Statements,
    /// The day of the run.
    pub today: Day,
    /// Whether a whole project is judged, so that what meets nothing has no use.
    pub whole: bool,
    /// Whether a range of commits is judged, in which somebody brought each package in.
    pub ranged: bool,
}

impl Gate {
    /// Whether no verdict can stand on a gap of this kind, by the policy.
    pub fn is_blocking(&self, kind: GapKind) -> bool {
        self.policy.gaps.is_blocking(kind, super::is_blocking(kind))
    }

    /// What is said of each commit that had a part in a package's coming in; nothing where no range is judged. A
    /// package of a range of which nobody said anything is not known.
    pub fn told_of(&self, lockfile: &RelPath, package: &Package) -> Vec<Fact<Category>> {
        match self.brought.of_package(lockfile, package) {
            Some(bringer) => bringer.by.clone(),
            None if self.ranged => vec![Fact::Unknown("no commit of the range is known to bring it in".into())],
            None => Vec::new(),
        }
    }
}
