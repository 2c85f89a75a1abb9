//! Whether a flaw was known when its package came in: the record's first publication against the time of
//! the commit that brought the package. Both are what people state; neither is proof.

use super::Reported;
use crate::model::{Finding, RelPath};
use std::collections::HashMap;

/// When packages came in, by lockfile and package URL; in seconds since 1970.
pub(super) struct CameIn<'r> {
    times: HashMap<(&'r RelPath, String), i64>,
}

impl<'r> CameIn<'r> {
    pub fn of(reported: &'r Reported<'_>) -> Self {
        let mut times = HashMap::new();
        let wanted = reported.judgement.findings.iter().any(|finding| finding.advisory.is_some());
        let introductions = reported.introductions.as_ref().filter(|_| wanted);
        if let Some(known) = introductions {
            for (lockfile, packages) in &known.changes {
                for (package, introduction) in packages {
                    let commit = introduction.origin.commit().and_then(|id| known.commits.get(id));
                    times.extend(commit.map(|commit| ((lockfile, package.purl()), commit.committed.seconds)));
                }
            }
        }
        CameIn { times }
    }

    /// `None` where the commit or the publication is not known, or the finding is about no advisory.
    pub fn was_known(&self, finding: &'r Finding) -> Option<bool> {
        let published = finding.advisory.as_ref()?.published?;
        let key = (&finding.location.as_ref()?.file, finding.package.clone()?);
        self.times.get(&key).map(|came| published <= *came)
    }
}
