//! What could not be read or learned. A gap is a value: it makes an SBOM incomplete, it shows in
//! every report, and policy decides whether a verdict may stand on it.

use super::source::{Location, RelPath};
use std::fmt;

/// The kinds of gaps. The code of each is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// A lockfile could not be read: nothing is known of what it locks.
    UnreadLockfile,
    /// A lockfile's format is known by name, but not read.
    UnsupportedFormat,
    /// A manifest or an included file that the lockfile needs is missing or unreadable.
    MissingCompanion,
    /// A manifest is there and could not be read, though the package manager may read it: what it
    /// asks for is not known.
    UnreadManifest,
    /// A package requires something that the lockfile does not hold.
    UnresolvedDependency,
    /// A requirement fits several packages of the lockfile, and the lockfile does not say which.
    AmbiguousDependency,
    /// A requirement without an exact version: what will be installed is not known.
    UnpinnedRequirement,
    /// Something gets installed, and the file does not say what: an address that names no package, an
    /// included file that is not of the repository.
    UnknownRequirement,
    /// A further place from which any package may come, beside the one that is stated for all.
    FurtherSource,
    /// A manifest asks for packages, and no lockfile says which.
    UnlockedManifest,
    /// Settings of a package manager changed, and what they set is not read.
    UnreadSettings,
    /// A submodule: its content is another repository's.
    Submodule,
    /// The history was cut off (shallow clone).
    ShallowHistory,
    /// Whether advisories apply: there is no store, or a version cannot be ordered.
    UnknownAdvisories,
    /// The advisory store is older than was asked for, or there is none.
    StaleAdvisories,
    /// What a registry tells of a package that came in.
    UnknownFacts,
    /// A part of the history could not be read: which commit brought a package in is not known.
    UnreadHistory,
    /// A statement on a flaw (VEX) that is not held against a package, or is carried on in part alone.
    UnreadStatement,
}

impl GapKind {
    pub const ALL: [GapKind; 18] = [
        GapKind::UnreadLockfile,
        GapKind::UnsupportedFormat,
        GapKind::MissingCompanion,
        GapKind::UnreadManifest,
        GapKind::UnresolvedDependency,
        GapKind::AmbiguousDependency,
        GapKind::UnpinnedRequirement,
        GapKind::UnknownRequirement,
        GapKind::FurtherSource,
        GapKind::UnlockedManifest,
        GapKind::UnreadSettings,
        GapKind::Submodule,
        GapKind::ShallowHistory,
        GapKind::UnknownAdvisories,
        GapKind::StaleAdvisories,
        GapKind::UnknownFacts,
        GapKind::UnreadHistory,
        GapKind::UnreadStatement,
    ];

    pub fn code(self) -> &'static str {
        match self {
            GapKind::UnreadLockfile => "unread-lockfile",
            GapKind::UnsupportedFormat => "unsupported-format",
            GapKind::MissingCompanion => "missing-companion",
            GapKind::UnreadManifest => "unread-manifest",
            GapKind::UnresolvedDependency => "unresolved-dependency",
            GapKind::AmbiguousDependency => "ambiguous-dependency",
            GapKind::UnpinnedRequirement => "unpinned-requirement",
            GapKind::UnknownRequirement => "unknown-requirement",
            GapKind::FurtherSource => "further-source",
            GapKind::UnlockedManifest => "unlocked-manifest",
            GapKind::UnreadSettings => "unread-settings",
            GapKind::Submodule => "submodule",
            GapKind::ShallowHistory => "shallow-history",
            GapKind::UnknownAdvisories => "unknown-advisories",
            GapKind::StaleAdvisories => "stale-advisories",
            GapKind::UnknownFacts => "unknown-facts",
            GapKind::UnreadHistory => "unread-history",
            GapKind::UnreadStatement => "unread-statement",
        }
    }
}

impl fmt::Display for GapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One thing that is not known, and where. `message` is a sentence without a full stop; it may
/// quote text of the file, so reports escape it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap {
    pub kind: GapKind,
    pub file: RelPath,
    /// The line in `file`, from 1, where one is to blame.
    pub line: Option<u32>,
    pub message: String,
}

impl Gap {
    pub fn at(kind: GapKind, location: &Location, message: impl Into<String>) -> Self {
        Gap { kind, file: location.file.clone(), line: Some(location.line), message: message.into() }
    }

    pub fn of_file(kind: GapKind, file: &RelPath, message: impl Into<String>) -> Self {
        Gap { kind, file: file.clone(), line: None, message: message.into() }
    }
}
