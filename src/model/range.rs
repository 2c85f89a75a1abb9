//! Whether a version is in the range that a manifest asks for, by the ecosystem's own rules.

use super::{Ecosystem, Version};
use std::str::FromStr;

/// A range that can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    Cargo(semver::VersionReq),
    Npm(nodejs_semver::Range),
    Pypi(pep440_rs::VersionSpecifiers),
}

impl Range {
    /// Reads a range as the ecosystem's tools do; `None` when it is not one that can be judged (a tag, a URL, a
    /// spelling that the library here is known to misread).
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Option<Range> {
        match ecosystem {
            Ecosystem::Cargo => semver::VersionReq::parse(text).ok().map(Range::Cargo),
            Ecosystem::Npm => npm_range(text).map(Range::Npm),
            Ecosystem::Pypi => pep440_rs::VersionSpecifiers::from_str(text).ok().map(Range::Pypi),
        }
    }

    /// Whether a version is in it; `None` when that is no version of the ecosystem.
    pub fn holds(&self, version: &Version) -> Option<bool> {
        let version = version.as_str();
        Some(match self {
            Range::Cargo(range) => range.matches(&semver::Version::parse(version).ok()?),
            Range::Npm(range) => range.satisfies(&nodejs_semver::Version::parse(version).ok()?),
            Range::Pypi(range) => range.contains(&pep440_rs::Version::from_str(version).ok()?),
        })
    }
}

/// Whether `version` satisfies `range`; `None` when one of the two cannot be judged.
pub fn satisfies(ecosystem: Ecosystem, range: &str, version: &Version) -> Option<bool> {
    Range::parse(ecosystem, range)?.holds(version)
}

/// nodejs-semver misreads empty alternatives, `>*`, `<=x` and two versions side by side
/// (measured against node-semver 7.8): a range with such a part is not judged.
fn npm_range(text: &str) -> Option<nodejs_semver::Range> {
    let alternatives: Vec<&str> = text.split("||").map(str::trim).collect();
    let unsure = |part: &&str| part.starts_with([',']) || part.contains(['*', 'x', 'X']) && part.contains(['<', '>', '=', '^', '~']);
    if alternatives.len() > 1 && alternatives.iter().any(|a| a.is_empty()) || alternatives.iter().any(unsure) {
        return None;
    }
    nodejs_semver::Range::parse(text).ok()
}
