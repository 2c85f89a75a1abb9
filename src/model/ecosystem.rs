//! The ecosystems, each with the names that other standards give it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A package ecosystem: one registry convention, one version order, one purl type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ecosystem {
    Cargo,
    Npm,
    Pypi,
}

impl Ecosystem {
    pub const ALL: [Ecosystem; 3] = [Ecosystem::Cargo, Ecosystem::Npm, Ecosystem::Pypi];

    /// The package URL type (purl-spec, types).
    pub fn purl_type(self) -> &'static str {
        match self {
            Ecosystem::Cargo => "cargo",
            Ecosystem::Npm => "npm",
            Ecosystem::Pypi => "pypi",
        }
    }

    /// The `ecosystem` string of OSV records (OSV schema, defined ecosystems).
    pub fn osv_name(self) -> &'static str {
        match self {
            Ecosystem::Cargo => "crates.io",
            Ecosystem::Npm => "npm",
            Ecosystem::Pypi => "PyPI",
        }
    }

    /// The ecosystem that an OSV record names. One with a suffix (`Debian:11`) is another one, and so
    /// is one in other letters.
    pub fn from_osv(name: &str) -> Option<Self> {
        Ecosystem::ALL.into_iter().find(|ecosystem| ecosystem.osv_name() == name)
    }

    pub fn from_purl_type(name: &str) -> Option<Self> {
        Ecosystem::ALL.into_iter().find(|ecosystem| ecosystem.purl_type().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.purl_type())
    }
}
