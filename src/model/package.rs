//! A package: what it is called, which version, and where it comes from.

use super::{Address, Digest, Ecosystem, PackageName, RelPath, Version, purl};
use std::fmt;
use std::sync::Arc;

/// A node of the graph. Two packages are the same when all four fields are: a git fork is not
/// its registry namesake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    pub ecosystem: Ecosystem,
    pub name: PackageName,
    /// `None` where the lockfile does not state one (an unpinned requirement, some git packages).
    pub version: Option<Version>,
    pub source: PackageSource,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageSource {
    /// First-party: a project or workspace member, or a folder that one links to. The folder is
    /// `None` where the lockfile does not say it.
    FirstParty { folder: Option<RelPath> },
    /// A registry of the ecosystem; `None` is the ecosystem's default one, or the lockfile does
    /// not say (npm leaves it out on demand).
    Registry { index: Option<Address> },
    /// A git repository. `commit` is the full id the lockfile pins, `reference` the branch, tag or
    /// revision that was asked for.
    Git { repository: Address, commit: Option<Arc<str>>, reference: Option<Arc<str>> },
    /// One file at an address outside of any registry.
    Archive { url: Address },
    /// A file or folder of the machine that is not first-party (`file:x.tgz`, `./vendor/x.whl`),
    /// as the lockfile writes it.
    Path { path: Arc<str> },
}

impl PackageSource {
    pub fn default_registry() -> Self {
        PackageSource::Registry { index: None }
    }

    pub fn is_first_party(&self) -> bool {
        matches!(self, PackageSource::FirstParty { .. })
    }

    /// A word for people.
    pub fn kind(&self) -> &'static str {
        match self {
            PackageSource::FirstParty { .. } => "first-party",
            PackageSource::Registry { .. } => "registry",
            PackageSource::Git { .. } => "git",
            PackageSource::Archive { .. } => "archive",
            PackageSource::Path { .. } => "path",
        }
    }
}

impl fmt::Display for PackageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PackageSource::FirstParty { folder: Some(folder) } => write!(f, "folder {folder}"),
            PackageSource::FirstParty { folder: None } => f.write_str("first-party folder"),
            PackageSource::Registry { index: None } => f.write_str("the default registry"),
            PackageSource::Registry { index: Some(index) } => write!(f, "registry {index}"),
            PackageSource::Git { repository, commit: Some(commit), .. } => write!(f, "git {repository}#{commit}"),
            PackageSource::Git { repository, commit: None, .. } => write!(f, "git {repository}"),
            PackageSource::Archive { url } => write!(f, "{url}"),
            PackageSource::Path { path } => write!(f, "path {path}"),
        }
    }
}

impl Package {
    /// The canonical package URL, with the qualifiers that tell the source.
    pub fn purl(&self) -> String {
        purl::of(self)
    }

    /// `name` or `name version`, for people.
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_string(),
        }
    }

    pub fn is_first_party(&self) -> bool {
        self.source.is_first_party()
    }
}

/// What a tool notes of the content that it installs where that is no digest of the package's file:
/// Yarn's checksum of the archive that it makes for its own cache.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum {
    /// How the archive is made. Checksums of the same content under two keys differ.
    pub key: Arc<str>,
    pub digest: Digest,
    /// The key of the lockfile as a whole. The tool passes over a checksum of another.
    pub key_of_file: Arc<str>,
}

/// A file of the repository that changes a package when it is installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Patch {
    /// As the lockfile writes it.
    pub file: Arc<str>,
    /// Of the patch's own text; `None` where it could not be read.
    pub digest: Option<Digest>,
}

/// One file that an installer may fetch for a package. Ecosystems with one file a version have
/// one artifact; PyPI has several, of which one gets installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Artifact {
    pub url: Option<Address>,
    /// Sorted; several are digests of the same file by different algorithms.
    pub digests: Vec<Digest>,
}
