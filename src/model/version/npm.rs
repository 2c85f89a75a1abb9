//! npm's versions: SemVer 2.0 as node-semver reads it.

use nodejs_semver::Version;
use std::cmp::Ordering;

pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Version::parse(a).ok()?, Version::parse(b).ok()?);
    Some(a.cmp(&b))
}
