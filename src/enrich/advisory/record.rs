//! A record of an advisory database, in the one form that everything after reading works on.

use crate::model::{AdvisoryId, AdvisoryKind, Ecosystem, PackageName, Severity};
use serde::{Deserialize, Serialize};

/// One record. In a store it holds only what it says of one package; as read, everything that it
/// says of the ecosystems that we know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub id: AdvisoryId,
    /// Seconds since 1970; 0 where the record does not say.
    pub modified: i64,
    pub published: Option<i64>,
    /// A withdrawn record applies to nothing and is kept to be shown.
    pub withdrawn: Option<i64>,
    pub kind: AdvisoryKind,
    /// Sorted. Those that are no ids are left out: they could join nothing.
    pub aliases: Vec<AdvisoryId>,
    pub summary: String,
    /// Of the record as a whole.
    pub severity: Option<Severity>,
    pub cwes: Vec<String>,
    pub references: Vec<String>,
    pub affected: Vec<Affected>,
}

/// What a record says of one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    pub ecosystem: Ecosystem,
    /// In the form in which the ecosystem compares names.
    pub name: String,
    pub ranges: Vec<Range>,
    pub versions: Vec<String>,
    /// Of this package alone; it takes the place of the record's.
    pub severity: Option<Severity>,
    pub functions: Vec<String>,
}

/// Events along one order of versions, in the record's own sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    pub kind: RangeKind,
    pub events: Vec<Event>,
}

/// Which order a range is about. GIT ranges are not kept: they say nothing of versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RangeKind {
    Semver,
    Ecosystem,
    /// A type that the schema did not have when this was written.
    Unknown(String),
    /// A part of the record that cannot be read, with the reason: whatever it says, it may concern every version.
    Unread(String),
}

/// One event of a range (OSV schema, `affected[].ranges[].events`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
    Limit(String),
}

impl Event {
    pub fn version(&self) -> &str {
        match self {
            Event::Introduced(version) | Event::Fixed(version) | Event::LastAffected(version) | Event::Limit(version) => version,
        }
    }
}

/// What one file gave.
#[derive(Debug)]
pub struct Parsed {
    pub record: Record,
    /// The long text, which only `show` needs.
    pub details: String,
    /// Parts that could not be kept, though the rest is.
    pub rejected: Vec<String>,
}

/// Why a file gave no record.
#[derive(Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A record about other ecosystems alone, or about no package of a registry: passed over.
    Elsewhere,
    /// Something that should be a record and cannot be read: counted and listed.
    Broken(String),
}

impl Record {
    /// The packages that the record tells of, each once, sorted.
    pub fn packages(&self) -> Vec<(Ecosystem, PackageName)> {
        let named = |affected: &Affected| Some((affected.ecosystem, PackageName::new(affected.ecosystem, &affected.name).ok()?));
        let mut packages: Vec<_> = self.affected.iter().filter_map(named).collect();
        packages.sort();
        packages.dedup();
        packages
    }

    /// The record with what it says of one package alone.
    pub fn of_package(&self, ecosystem: Ecosystem, name: &PackageName) -> Record {
        let is_its = |affected: &&Affected| affected.ecosystem == ecosystem && affected.name == name.as_str();
        Record { affected: self.affected.iter().filter(is_its).cloned().collect(), ..self.clone() }
    }

    /// The severity as it applies to the packages that the record still holds: the most serious one.
    pub fn own_severity(&self) -> Option<&Severity> {
        self.affected.iter().filter_map(|affected| affected.severity.as_ref()).max().or(self.severity.as_ref())
    }
}
