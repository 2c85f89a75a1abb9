//! A flaw as an SBOM document states it, with what its maker says of it.
//!
//! It is carried on as it is, and judged by the rule `stated-vulnerability`: what the advisory store knows of the
//! same flaw is a record of its own.

use super::vex::{Justification, Status};
use super::{Location, Package};

/// CycloneDX's `vulnerability`, as far as it is carried on. Words that the specification lists are one of its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatedFlaw {
    /// As written; a flaw may have none.
    pub id: Option<String>,
    pub source: Option<StatedSource>,
    /// The same flaw by other ids.
    pub references: Vec<(String, Option<StatedSource>)>,
    pub ratings: Vec<StatedRating>,
    pub cwes: Vec<u32>,
    pub description: Option<String>,
    pub detail: Option<String>,
    pub recommendation: Option<String>,
    pub workaround: Option<String>,
    /// Title and address of each.
    pub advisories: Vec<(Option<String>, String)>,
    /// RFC 3339, as written.
    pub created: Option<String>,
    pub published: Option<String>,
    pub updated: Option<String>,
    pub rejected: Option<String>,
    pub analysis: Option<StatedAnalysis>,
    /// Packages of the document, sorted; each once.
    pub affects: Vec<(Package, Vec<StatedVersion>)>,
    /// Names and values of properties of ours.
    pub properties: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedSource {
    pub name: Option<String>,
    pub url: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatedRating {
    pub source: Option<StatedSource>,
    pub score: Option<f64>,
    pub severity: Option<&'static str>,
    pub method: Option<&'static str>,
    pub vector: Option<String>,
    pub justification: Option<String>,
}

/// CycloneDX's `analysis`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedAnalysis {
    pub state: Option<Status>,
    pub justification: Option<Justification>,
    pub responses: Vec<&'static str>,
    pub detail: Option<String>,
    /// RFC 3339, as written.
    pub first_issued: Option<String>,
    pub last_updated: Option<String>,
}

/// One version, or a range of them, with CycloneDX's word for what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedVersion {
    pub is_range: bool,
    pub text: String,
    pub status: &'static str,
}

/// `affectedStatus` of CycloneDX; what stands first is meant where nothing is said.
pub const AFFECTED: [&str; 3] = ["affected", "unaffected", "unknown"];
/// `severity` of CycloneDX.
pub const SEVERITIES: [&str; 7] = ["critical", "high", "medium", "low", "info", "none", "unknown"];
/// `scoreMethod` of CycloneDX.
pub const METHODS: [&str; 7] = ["CVSSv2", "CVSSv3", "CVSSv31", "CVSSv4", "OWASP", "SSVC", "other"];

impl StatedFlaw {
    /// Its own id and those that it is called by elsewhere.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.id.as_deref().into_iter().chain(self.references.iter().map(|(id, _)| id.as_str()))
    }
}

/// A flaw that a document states, with where it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    pub flaw: StatedFlaw,
    pub location: Location,
}
