//! What is known of one package at a time.

use super::Mark;
use crate::enrich::Fact;
use crate::model::Version;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A fact with the document that it stands in. What is not known comes from no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub fact: Fact<T>,
    pub from: Option<Arc<Origin>>,
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Without credentials.
    pub url: String,
    /// Seconds since 1970.
    pub fetched: i64,
    /// SHA-256 of its bytes, hex; empty for one that was absent.
    pub digest: String,
}

/// How a name stands in its registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Present,
    /// The registry has no such name, as far as it shows us.
    Absent,
    /// npm keeps the name so that nobody takes it: it was malicious (`0.0.1-security`).
    SecurityHolder,
    /// PyPI keeps people from installing it (PEP 792).
    Quarantined(String),
    /// Its owners take no further releases (PEP 792).
    Archived(String),
    /// Its owners say not to use it, whatever the version (PEP 792).
    Deprecated(String),
    /// All versions were taken away, at this time in seconds since 1970 where that is told.
    Unpublished(Option<i64>),
}

/// How often something was fetched, over how many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Downloads {
    pub count: u64,
    pub days: u32,
}

/// Who published a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Publisher {
    /// A user's name, or the repository of a trusted publisher.
    pub name: String,
    /// A workflow, and no person with a token.
    pub is_workflow: bool,
}

/// What is newer than a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    pub latest: Version,
    /// How many major versions lie between (the first number; of 0.x the second).
    pub majors: u32,
    /// How many days after the version in question the latest was published, where both times are known.
    pub days: Option<i64>,
}

/// What the registry says of one package, as of one time: later releases are left out of what is newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFacts {
    pub standing: Sourced<Standing>,
    /// Whether the registry has this version.
    pub has_version: Sourced<bool>,
    /// The first publication of the name, in seconds since 1970.
    pub first_published: Sourced<i64>,
    pub published: Sourced<i64>,
    pub yanked: Sourced<Mark>,
    pub deprecated: Sourced<Mark>,
    pub downloads: Sourced<Downloads>,
    pub dependents: Sourced<u64>,
    pub owners: Sourced<Vec<String>>,
    pub publisher: Sourced<Publisher>,
    /// Whether nobody of this name published a version before; not known of the first version.
    pub publisher_is_new: Sourced<bool>,
    pub install: Sourced<Vec<String>>,
    /// Whether the version before ran nothing at installation and this one does.
    pub install_is_new: Sourced<bool>,
    /// `None` where the package states no repository.
    pub repository: Sourced<Option<String>>,
    /// Whether the repository's address answers to the package's name or to its scope; not known where there is none.
    pub repository_fits: Sourced<bool>,
    pub attested: Sourced<bool>,
    /// Whether the version before had a build attestation and this one has none.
    pub attestation_lost: Sourced<bool>,
    /// The version before, by order and time, with which the last three compare.
    pub previous: Option<Version>,
    /// `None` where nothing is newer.
    pub newer: Sourced<Option<Newer>>,
    /// The licence as stated; `None` where none is.
    pub licence: Sourced<Option<String>>,
}
