//! The versions that a document lists.

use super::answer::{self, Unusable};
use super::{Part, Release, times};
use crate::model::Ecosystem;
use std::collections::HashSet;

/// One of these versions, as a lockfile could name it: one that none could name is asked for by nobody.
pub fn release(version: &str) -> Option<Release> {
    Some(Release { version: answer::version(version)?, ..Release::default() })
}

/// Each version stands once: of two that contradict each other neither counts.
pub fn once(releases: &[Release]) -> Result<(), Unusable> {
    let mut seen = HashSet::with_capacity(releases.len());
    match releases.iter().find(|release| !seen.insert(release.version.as_str())) {
        Some(release) => Err(Unusable::Twice(release.version.clone())),
        None => Ok(()),
    }
}

/// A part of these versions. The first publication is the earliest of them, where each has its time.
pub fn part(ecosystem: Ecosystem, releases: Vec<Release>) -> Result<Part, Unusable> {
    once(&releases)?;
    let first = releases.iter().map(|release| release.published).collect::<Option<Vec<i64>>>();
    let unusable_times = times::doubt(ecosystem, &releases);
    Ok(Part { created: first.and_then(|times| times.into_iter().min()), unusable_times, releases: Some(releases), ..Part::default() })
}
