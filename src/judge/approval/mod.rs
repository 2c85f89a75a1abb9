//! Recorded consent: `.sbomgate/approvals.toml` as values, whether an entry counts, and which package it
//! lets in.
//!
//! An entry is a claim. It counts when nothing speaks against it, and one that a change brings along counts
//! only where the history shows that the change does not approve itself.

mod fit;
mod inherit;
mod meet;
mod read;
mod standing;

pub use fit::{Asked, used};
pub use inherit::{INHERITED, Stopped};
pub use meet::{Acceptances, BY_ENTRY, Consent, Met, Refusal, meet};
pub use read::{BY_ID, KEYS, NEVER, OF_ADVISORIES, OF_BYTES, approvals as read, is_malware};
pub use standing::{Adder, Held, Origin, SOON, Void, hold};

use crate::model::range::Range;
use crate::model::{AdvisoryId, Day, Digest, Ecosystem, Identity, Location, PackageName, Scope, Version};
use globset::GlobSet;
use std::collections::BTreeSet;

/// Where the approvals of a repository lie.
pub const FILE: &str = ".sbomgate/approvals.toml";

/// One `[[approval]]`.
#[derive(Clone, Debug)]
pub struct Entry {
    pub location: Location,
    /// The entry's own text, value by value: two entries of one text are one entry, wherever they stand.
    pub text: String,
    pub ecosystem: Ecosystem,
    pub name: PackageName,
    /// The qualifiers of the purl, which tell the source; sorted.
    pub source: Vec<(String, String)>,
    pub versions: Versions,
    /// Globs over paths of lockfiles; `None` for all.
    pub lockfiles: Option<GlobSet>,
    /// The strongest scope that it holds for; `None` for any.
    pub scope: Option<Scope>,
    pub owner: Option<String>,
    pub approved_by: Identity,
    pub on: Day,
    /// The last day on which it holds.
    pub expires: Day,
    pub reason: String,
    pub reviewed: Vec<String>,
    pub findings: BTreeSet<Accepted>,
    /// Whether it accepts an advisory only as long as no fixed version is known.
    pub until_fixed: bool,
}

/// Which versions an entry is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Any, of a package without a version too.
    Any,
    /// A range in the ecosystem's own syntax.
    Range(Range),
    /// One, and where a digest stands, these bytes alone.
    One(Version, Option<Digest>),
}

/// What of a package is accepted beside its coming in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Accepted {
    /// Everything that a rule finds, by its code.
    Rule(&'static str),
    /// One advisory, by its id or an alias.
    Advisory(AdvisoryId),
    /// One thing that a rule finds, as `condition:ID`.
    One(String),
}

impl Accepted {
    /// As an entry writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Accepted::Rule(code) => code,
            Accepted::Advisory(id) => id.as_str(),
            Accepted::One(code) => code,
        }
    }
}

impl Entry {
    /// `pkg:npm/fox`, for people.
    pub fn label(&self) -> String {
        self.name.to_string()
    }
}
