//! A version read once, for where one of them meets many: by the parser of its ecosystem (`semver` for Cargo,
//! `nodejs-semver` for npm, `pep440_rs` for PyPI).

use crate::model::Ecosystem;
use std::cmp::Ordering;
use std::str::FromStr;

/// A version that its ecosystem's rules can order.
#[derive(Clone, Debug)]
pub enum Parsed {
    Cargo(semver::Version),
    Npm(nodejs_semver::Version),
    Pypi(pep440_rs::Version),
}

impl Parsed {
    /// `None` where the text is no version by the ecosystem's rules.
    pub fn of(ecosystem: Ecosystem, text: &str) -> Option<Parsed> {
        match ecosystem {
            Ecosystem::Cargo => semver::Version::parse(text).ok().map(Parsed::Cargo),
            Ecosystem::Npm => nodejs_semver::Version::parse(text).ok().map(Parsed::Npm),
            Ecosystem::Pypi => pep440_rs::Version::from_str(text).ok().map(Parsed::Pypi),
        }
    }

    /// `None` for two ecosystems. Build metadata does not count in Cargo and npm (SemVer 2.0, section 10).
    pub fn compare(&self, other: &Parsed) -> Option<Ordering> {
        match (self, other) {
            (Parsed::Cargo(a), Parsed::Cargo(b)) => Some(a.cmp_precedence(b)),
            (Parsed::Npm(a), Parsed::Npm(b)) => Some(a.cmp(b)),
            (Parsed::Pypi(a), Parsed::Pypi(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Whether it is a pre-release or (PyPI) a development release: nothing that one gets without asking for it.
    pub fn is_prerelease(&self) -> bool {
        match self {
            Parsed::Cargo(version) => !version.pre.is_empty(),
            Parsed::Npm(version) => version.is_prerelease(),
            Parsed::Pypi(version) => version.any_prerelease(),
        }
    }

    /// The first two numbers, those that are not there as 0; PyPI's epoch stands before them.
    pub fn line(&self) -> [u64; 3] {
        match self {
            Parsed::Cargo(version) => [0, version.major, version.minor],
            Parsed::Npm(version) => [0, version.major(), version.minor()],
            Parsed::Pypi(version) => {
                let number = |at: usize| version.release().get(at).copied().unwrap_or(0);
                [version.epoch(), number(0), number(1)]
            }
        }
    }
}
