//! The facts by name, for the reasons why one is not known: who could tell it, and what nobody does.

use crate::model::Ecosystem;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Standing,
    Versions,
    VersionsThen,
    FirstPublished,
    Published,
    PublishersBefore,
    Yanked,
    Deprecated,
    Downloads,
    Dependents,
    Owners,
    Publisher,
    Install,
    Repository,
    Attested,
    Licence,
}

impl What {
    /// A clause that goes before "is not said".
    pub fn words(self) -> &'static str {
        match self {
            What::Standing => "how the name stands",
            What::Versions => "which versions there are",
            What::VersionsThen => "which versions were there by then",
            What::FirstPublished => "when the name was first published",
            What::Published => "when it was published",
            What::PublishersBefore => "of each version before it who published it",
            What::Yanked => "whether it is yanked",
            What::Deprecated => "whether it is deprecated",
            What::Downloads => "how often it is fetched",
            What::Dependents => "how many depend on it",
            What::Owners => "who may publish it",
            What::Publisher => "who published it",
            What::Install => "whether its installation runs anything",
            What::Repository => "where its sources are",
            What::Attested => "whether it has a build attestation",
            What::Licence => "its licence",
        }
    }

    /// Whether the registry's own second document may tell it.
    pub fn is_told_by_api(self, ecosystem: Ecosystem) -> bool {
        use What::{
            Downloads, FirstPublished, Install, Licence, Owners, Published, Publisher, PublishersBefore, Repository, VersionsThen, Yanked,
        };
        match ecosystem {
            Ecosystem::Npm => self == Downloads,
            Ecosystem::Cargo => matches!(
                self,
                Downloads | FirstPublished | Licence | Published | Publisher | PublishersBefore | Repository | VersionsThen | Yanked
            ),
            Ecosystem::Pypi => matches!(self, FirstPublished | Install | Licence | Owners | Published | Repository | VersionsThen | Yanked),
        }
    }

    /// Why it cannot be known of a package that is there, where that is so whatever is asked.
    pub fn is_told_by_nobody(self, ecosystem: Ecosystem) -> Option<&'static str> {
        match (self, ecosystem) {
            (What::Install, Ecosystem::Cargo) => {
                Some("registries do not say whether a crate has a build script; `cargo metadata` says so of what was fetched")
            }
            (What::Attested, Ecosystem::Cargo) => Some("registries of crates keep no build attestations"),
            (What::Owners, Ecosystem::Cargo) => Some("neither the index nor a crate's page of the API names its owners"),
            (What::Publisher | What::PublishersBefore, Ecosystem::Pypi) => Some("indexes do not say who published a version"),
            (What::Downloads, Ecosystem::Pypi) => Some("indexes do not say how often a project is fetched"),
            (What::Dependents, _) => Some("deps.dev alone says how many depend on it, and did not (--deps-dev asks it)"),
            _ => None,
        }
    }

    /// Whether versions have it at all: npm takes them away instead of yanking them, and neither Cargo nor PyPI deprecates one.
    pub fn is_of_versions(self, ecosystem: Ecosystem) -> bool {
        !matches!((self, ecosystem), (What::Yanked, Ecosystem::Npm) | (What::Deprecated, Ecosystem::Cargo | Ecosystem::Pypi))
    }
}
