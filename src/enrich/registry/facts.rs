//! What is known of one package at a time.

use super::joined::Joined;
use super::what::What;
use super::{Kept, Mark, Registry};
use crate::enrich::Fact;
use crate::model::{Package, Version};
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
    /// When the last of its files came, where the registry takes further ones for a version that is there.
    pub completed: Sourced<i64>,
    pub yanked: Sourced<Mark>,
    pub deprecated: Sourced<Mark>,
    pub downloads: Sourced<Downloads>,
    pub dependents: Sourced<u64>,
    pub owners: Sourced<Vec<String>>,
    pub publisher: Sourced<Publisher>,
    /// Whether nobody of this name published a version before; not known of the first version.
    pub publisher_is_new: Sourced<bool>,
    /// Everybody who published this version or one before it, sorted.
    pub publishers: Sourced<Vec<Publisher>>,
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

/// What is known of a package as of `at` (seconds since 1970; `None`: as of the newest of the documents).
///
/// `kept` are documents of the package's name; those of other registries and names are passed over, and of several
/// of one kind the newest counts. A release that came later than `at` is no newer version and nobody's publication
/// before. What registries keep no history of (downloads, owners, who depends on it, what is yanked, deprecated or
/// held back) is not known of a time more than a day before the document.
pub fn facts(package: &Package, registry: &Registry, kept: &[&Kept], at: Option<i64>) -> PackageFacts {
    let joined = Joined::new(package, registry, kept, at);
    if let Some(absent) = joined.absent() {
        return absent;
    }
    let previous = joined.previous();
    let repository = joined.repository();
    PackageFacts {
        standing: joined.standing(),
        has_version: joined.has_version(),
        first_published: joined.first_published(),
        published: joined.published(),
        completed: joined.completed(),
        yanked: joined.mark(What::Yanked, |release| release.yanked.clone()),
        deprecated: joined.mark(What::Deprecated, |release| release.deprecated.clone()),
        downloads: joined.of_name_today(What::Downloads, |part| part.downloads),
        dependents: joined.of_name_today(What::Dependents, |part| part.dependents),
        owners: joined.of_name_today(What::Owners, |part| part.owners.clone()),
        publisher: joined.of_release(What::Publisher, |release| release.publisher.clone()),
        publisher_is_new: joined.publisher_is_new(),
        publishers: joined.publishers(),
        install: joined.install(),
        install_is_new: joined.install_is_new(previous.as_ref()),
        repository_fits: joined.repository_fits(&repository),
        repository,
        attested: joined.of_release(What::Attested, |release| release.attested),
        attestation_lost: joined.attestation_lost(previous.as_ref()),
        newer: joined.newer(),
        licence: joined.licence(),
        previous,
    }
}

impl PackageFacts {
    /// Nothing is known, for this one reason.
    pub(super) fn unknown(reason: &str) -> PackageFacts {
        PackageFacts {
            standing: Sourced::unknown(reason),
            has_version: Sourced::unknown(reason),
            first_published: Sourced::unknown(reason),
            published: Sourced::unknown(reason),
            completed: Sourced::unknown(reason),
            yanked: Sourced::unknown(reason),
            deprecated: Sourced::unknown(reason),
            downloads: Sourced::unknown(reason),
            dependents: Sourced::unknown(reason),
            owners: Sourced::unknown(reason),
            publisher: Sourced::unknown(reason),
            publisher_is_new: Sourced::unknown(reason),
            publishers: Sourced::unknown(reason),
            install: Sourced::unknown(reason),
            install_is_new: Sourced::unknown(reason),
            repository: Sourced::unknown(reason),
            repository_fits: Sourced::unknown(reason),
            attested: Sourced::unknown(reason),
            attestation_lost: Sourced::unknown(reason),
            previous: None,
            newer: Sourced::unknown(reason),
            licence: Sourced::unknown(reason),
        }
    }
}

impl<T> Sourced<T> {
    pub(super) fn unknown(reason: impl Into<String>) -> Self {
        Sourced { fact: Fact::Unknown(reason.into()), from: None }
    }

    pub(super) fn known(value: T, from: &Arc<Origin>) -> Self {
        Sourced { fact: Fact::Known(value), from: Some(from.clone()) }
    }

    /// The same document, another form of the fact.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        let fact = match self.fact {
            Fact::Known(value) => Fact::Known(change(value)),
            Fact::Unknown(reason) => Fact::Unknown(reason),
        };
        Sourced { fact, from: self.from }
    }
}
