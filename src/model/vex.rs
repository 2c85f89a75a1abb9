//! VEX: what somebody says of a flaw in a package, beside the record that tells of the flaw.
//!
//! OpenVEX and CycloneDX have words of their own for the same; here each has one. What is said of a package is believed
//! where nothing speaks against it and no further: a statement keeps everything that narrows it.

use super::{Location, Moment, Package, Version};
use std::fmt;
use std::sync::Arc;

/// What is said. In this order the later is the worse for whoever has the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Fixed,
    FixedWithPedigree,
    FalsePositive,
    NotAffected,
    UnderInvestigation,
    Affected,
}

/// Each status as OpenVEX's `status` and CycloneDX's `analysis.state` (OPENVEX-SPEC.md, "Status Labels"; bom-1.6.schema.json,
/// `impactAnalysisState`). CycloneDX has two words where OpenVEX has one; which of them belong together is what other readers
/// of both take them for (aquasecurity/trivy pkg/vex/cyclonedx.go, `cdxStatus`). The first row of a word is its meaning.
const STATUSES: [(Status, &str, &str, &str); 6] = [
    (Status::NotAffected, "not_affected", "not_affected", "not affected"),
    (Status::Fixed, "fixed", "resolved", "fixed"),
    (Status::UnderInvestigation, "under_investigation", "in_triage", "under investigation"),
    (Status::Affected, "affected", "exploitable", "affected"),
    (Status::FixedWithPedigree, "fixed", "resolved_with_pedigree", "fixed"),
    (Status::FalsePositive, "not_affected", "false_positive", "false positive"),
];

impl Status {
    pub fn of_openvex(word: &str) -> Option<Self> {
        STATUSES.iter().find(|row| row.1 == word).map(|row| row.0)
    }

    pub fn of_cyclonedx(word: &str) -> Option<Self> {
        STATUSES.iter().find(|row| row.2 == word).map(|row| row.0)
    }

    fn row(self) -> &'static (Status, &'static str, &'static str, &'static str) {
        STATUSES.iter().find(|row| row.0 == self).expect("every status has a row")
    }

    pub fn openvex(self) -> &'static str {
        self.row().1
    }

    pub fn cyclonedx(self) -> &'static str {
        self.row().2
    }

    /// For people.
    pub fn words(self) -> &'static str {
        self.row().3
    }

    /// Whether the flaw does no harm where this is true.
    pub fn clears(self) -> bool {
        self < Status::UnderInvestigation
    }
}

/// Why a package is not affected: a word of OpenVEX, of CycloneDX, or of both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Justification(u8);

impl fmt::Debug for Justification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Each justification by its word in OpenVEX and in CycloneDX (OPENVEX-SPEC.md, "Status Justifications"; bom-1.6.schema.json,
/// `impactAnalysisJustification`). They stand side by side where the two texts say the same, and nowhere else.
const JUSTIFICATIONS: [(Option<&str>, Option<&str>); 11] = [
    (Some("vulnerable_code_not_present"), Some("code_not_present")),
    (Some("vulnerable_code_not_in_execute_path"), Some("code_not_reachable")),
    (Some("inline_mitigations_already_exist"), Some("protected_by_mitigating_control")),
    (Some("component_not_present"), None),
    (Some("vulnerable_code_cannot_be_controlled_by_adversary"), None),
    (None, Some("requires_configuration")),
    (None, Some("requires_dependency")),
    (None, Some("requires_environment")),
    (None, Some("protected_by_compiler")),
    (None, Some("protected_at_runtime")),
    (None, Some("protected_at_perimeter")),
];

impl Justification {
    fn find(is_it: impl Fn(&(Option<&str>, Option<&str>)) -> bool) -> Option<Self> {
        JUSTIFICATIONS.iter().position(is_it).map(|at| Justification(at as u8))
    }

    pub fn of_openvex(word: &str) -> Option<Self> {
        Self::find(|row| row.0 == Some(word))
    }

    pub fn of_cyclonedx(word: &str) -> Option<Self> {
        Self::find(|row| row.1 == Some(word))
    }

    pub fn openvex(self) -> Option<&'static str> {
        JUSTIFICATIONS[usize::from(self.0)].0
    }

    pub fn cyclonedx(self) -> Option<&'static str> {
        JUSTIFICATIONS[usize::from(self.0)].1
    }

    /// For people, and for programs that ask for one word: OpenVEX's where it has one.
    pub fn word(self) -> &'static str {
        self.openvex().or(self.cyclonedx()).unwrap_or_default()
    }
}

/// What the one who speaks does about it: CycloneDX's words.
pub const RESPONSES: [&str; 5] = ["can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"];

/// What one statement says, without what it says it of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assessment {
    pub status: Status,
    pub justification: Option<Justification>,
    /// Of [`RESPONSES`].
    pub responses: Vec<&'static str>,
    /// Why it is so.
    pub detail: Option<String>,
    /// What to do about it.
    pub action: Option<String>,
    /// Who says so.
    pub author: Option<String>,
    /// When it was said first, in seconds since 1970.
    pub issued: Option<i64>,
    /// When it was said last.
    pub updated: Option<i64>,
    pub location: Location,
}

impl Assessment {
    /// The time from which it supersedes what was said earlier.
    pub fn time(&self) -> Option<i64> {
        self.updated.max(self.issued)
    }

    /// As a clause: `says not affected (code_not_reachable: nobody calls it)`.
    pub fn told(&self) -> String {
        let texts = [self.justification.map(Justification::word), self.detail.as_deref(), self.action.as_deref()];
        let texts: Vec<String> = texts.into_iter().flatten().map(|text| super::text::shortened(text.trim(), 160).into_owned()).collect();
        let why = if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(": ")) };
        format!("{} says {}{why}", self.source(), self.status.words())
    }

    /// Where it comes from: `vex.json:12 (Ada, 2026-11-20)`.
    pub fn source(&self) -> String {
        let day = self.time().and_then(|seconds| Moment { seconds, offset: 0 }.day());
        let by: Vec<&str> = [self.author.as_deref(), day.as_deref()].into_iter().flatten().collect();
        if by.is_empty() { self.location.to_string() } else { format!("{} ({})", self.location, by.join(", ")) }
    }
}

/// A statement with everything that it is of.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The flaw's id and its aliases, as written; sorted.
    pub ids: Vec<Box<str>>,
    pub targets: Vec<Target>,
    pub assessment: Arc<Assessment>,
}

/// A package that a statement is of.
#[derive(Clone, Debug)]
pub struct Target {
    /// Without a version it is of every one.
    pub package: Package,
    /// The versions that are meant, where a document lists them beside the package; empty for all.
    pub versions: Vec<Versions>,
    /// Why it is of a part of the package alone, as a clause.
    pub narrowed: Option<&'static str>,
    /// Of the package as it is in one of these; of the package wherever it is without.
    pub within: Option<Arc<[Whole]>>,
}

/// Versions that are meant.
#[derive(Clone, Debug)]
pub enum Versions {
    One(Version),
    /// A range in the package-url project's form (`vers:npm/>=1.0.0|<2.0.0`).
    Range(Box<str>),
}

/// A product, as a statement names it.
#[derive(Clone, Debug)]
pub enum Whole {
    Package(Package),
    /// What has no package URL.
    Named {
        name: Box<str>,
        version: Option<Box<str>>,
    },
    /// What no project can be told to be: an address, a hash, a CPE.
    Other(Box<str>),
}

impl Whole {
    pub fn label(&self) -> String {
        match self {
            Whole::Package(package) => package.purl(),
            Whole::Named { name, version: Some(version) } => format!("{name} {version}"),
            Whole::Named { name: text, version: None } | Whole::Other(text) => text.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{JUSTIFICATIONS, Justification, STATUSES, Status};

    /// Every word of both formats is read, and written it is the same word again or the one that stands beside it.
    #[test]
    fn words_are_read_as_they_are_written() {
        for (status, openvex, cyclonedx, _) in STATUSES {
            assert_eq!((status.openvex(), status.cyclonedx()), (openvex, cyclonedx));
            assert_eq!(Status::of_cyclonedx(cyclonedx), Some(status));
            assert_eq!(Status::of_openvex(openvex).map(Status::openvex), Some(openvex));
            assert_eq!(Status::of_openvex(openvex).map(Status::clears), Some(status.clears()), "{openvex}");
        }
        for (openvex, cyclonedx) in JUSTIFICATIONS {
            let read = [openvex.and_then(Justification::of_openvex), cyclonedx.and_then(Justification::of_cyclonedx)];
            for justification in read.into_iter().flatten() {
                assert_eq!((justification.openvex(), justification.cyclonedx()), (openvex, cyclonedx));
            }
        }
        let clear: Vec<&str> = STATUSES.iter().filter(|row| row.0.clears()).map(|row| row.2).collect();
        assert_eq!(clear, ["not_affected", "resolved", "resolved_with_pedigree", "false_positive"]);
        assert_eq!((Status::of_openvex("exploitable"), Status::of_cyclonedx("fixed")), (None, None));
    }
}
