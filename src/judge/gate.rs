//! By what a subject is judged: the policy, the approvals, who brought things in, and the day. The default
//! is what holds where a repository has no files of ours and nobody asked for more.

use super::approval::Held;
use super::brought::Brought;
use super::policy::Policy;
use crate::model::{Day, Location};

#[derive(Clone, Debug, Default)]
pub struct Gate {
    pub policy: Policy,
    /// Where the head's policy is another than the one that judges.
    pub altered: Option<Location>,
    pub approvals: Vec<Held>,
    pub brought: Brought,
    /// The day of the run.
    pub today: Day,
    /// Whether a whole project is judged, so that what meets nothing has no use.
    pub whole: bool,
    /// Whether a range of commits is judged, in which somebody brought each package in.
    pub ranged: bool,
}
