//! What one document of a registry says of one name, reduced to what is asked of it.

use serde::{Deserialize, Serialize};

/// The documents that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// A crate's lines in a sparse index (doc.rust-lang.org/cargo/reference/registry-index.html).
    CargoIndex,
    /// `/api/v1/crates/NAME` of crates.io.
    CratesIo,
    /// npm's full packument.
    Packument,
    /// npm's downloads of the last month, of up to 128 names.
    NpmDownloads,
    /// PyPI's `/pypi/NAME/json`.
    PypiJson,
    /// A project of a simple index, as JSON (PEP 691, 700, 740, 792).
    PypiSimple,
    /// A second opinion: deps.dev's version.
    DepsDev,
    /// PyPI's `/pypi/NAME/VERSION/json`: what the document of the name tells of its latest version alone.
    PypiVersion,
    /// deps.dev's count of the packages that depend on a version, directly or not.
    DepsDevDependents,
}

/// A document as it is kept, in a cache and in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub document: Document,
    /// The registry's base address, without credentials.
    pub registry: String,
    /// The name as the ecosystem compares it.
    pub name: String,
    /// Of a document that is of one version alone.
    #[serde(default)]
    pub version: Option<String>,
    /// Where it was asked for, without credentials.
    pub url: String,
    /// When, in seconds since 1970: that of the last answer that said it, "unchanged" included.
    pub fetched: i64,
    pub etag: Option<String>,
    /// SHA-256 of the answer's bytes, hex; empty where it was absent.
    pub digest: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Said(Part),
    /// The registry has no such name (404, 410, 451), as far as it shows us.
    Absent,
}

/// What a document says. What it does not say is `None`; that is never a "no".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// First publication of the name, in seconds since 1970.
    pub created: Option<i64>,
    /// What keeps the name from being used, where something does: see [`super::Standing`].
    pub standing: Option<super::Standing>,
    pub downloads: Option<super::Downloads>,
    pub dependents: Option<u64>,
    /// Who may publish, sorted.
    pub owners: Option<Vec<String>>,
    /// The link to the sources as stated; an empty one says that there is none.
    pub repository: Option<String>,
    /// Each version that the document names, in its order; `None` where it names none at all.
    pub releases: Option<Vec<Release>>,
    /// Why the times of this document are no times of publication, where that shows.
    pub unusable_times: Option<String>,
}

/// What a document says of one version. What it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    pub version: String,
    /// In seconds since 1970.
    pub published: Option<i64>,
    /// When the last of its files came, where they may come one by one (PyPI takes further ones for years).
    pub completed: Option<i64>,
    pub yanked: Option<Mark>,
    pub deprecated: Option<Mark>,
    /// Who published it, or the workflow that did.
    pub publisher: Option<super::Publisher>,
    /// What runs when it is installed: npm's scripts by name, `binding.gyp`, Python's source archive alone, a crate's
    /// `links`. An empty list says that nothing does.
    pub install: Option<Vec<String>>,
    /// The licence as stated; an empty text says that none is.
    pub licence: Option<String>,
    /// Whether a build attestation is there.
    pub attested: Option<bool>,
}

/// Whether something holds, with what its owners say to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    No,
    /// The text may be empty.
    Yes(String),
}
