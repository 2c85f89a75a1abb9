//! Whether a version is in the range that a manifest asks for, by the ecosystem's own rules.

use super::{Ecosystem, Version};
use std::str::FromStr;

/// Whether `version` satisfies `range` as the ecosystem's tools read it; `None` when the range is
/// not one that can be judged (a tag, a URL, a spelling that the library here is known to misread).
pub fn satisfies(ecosystem: Ecosystem, range: &str, version: &Version) -> Option<bool> {
    match ecosystem {
        Ecosystem::Cargo => {
            let version = semver::Version::parse(version.as_str()).ok()?;
            Some(semver::VersionReq::parse(range).ok()?.matches(&version))
        }
        Ecosystem::Npm => npm_satisfies(range, version.as_str()),
        Ecosystem::Pypi => {
            let version = pep440_rs::Version::from_str(version.as_str()).ok()?;
            Some(pep440_rs::VersionSpecifiers::from_str(range).ok()?.contains(&version))
        }
    }
}

/// nodejs-semver misreads empty alternatives, `>*`, `<=x` and two versions side by side
/// (measured against node-semver 7.8): a range with such a part is not judged.
fn npm_satisfies(range: &str, version: &str) -> Option<bool> {
    let alternatives: Vec<&str> = range.split("||").map(str::trim).collect();
    let unsure = |part: &&str| part.starts_with([',']) || part.contains(['*', 'x', 'X']) && part.contains(['<', '>', '=', '^', '~']);
    if alternatives.len() > 1 && alternatives.iter().any(|a| a.is_empty()) || alternatives.iter().any(unsure) {
        return None;
    }
    let version = nodejs_semver::Version::parse(version).ok()?;
    Some(nodejs_semver::Range::parse(range).ok()?.satisfies(&version))
}
