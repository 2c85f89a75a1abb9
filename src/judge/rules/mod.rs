//! The rules, one row each. A rule is a function from the subject to what it found.

mod advisories;
mod changed;
mod condition;
mod digests;
mod elsewhere;
mod governance;
mod integrity;
mod introduced;
mod licences;
mod lockfiles;
mod names;
mod outgrown;
mod owners;
mod registry;
mod sources;
mod stated;
mod unlocked;

pub(super) use registry::is_other as is_other_package;

use super::Subject;
use crate::diff::Change;
use crate::model::text::quoted;
use crate::model::{CONDITION, Finding, Level, Location, Package, RelPath, STATED};
use std::collections::BTreeSet;

/// A rule: what is checked, and how serious it is by default.
pub struct Rule {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// With which others it can be set at once. `None` is what nobody should switch off in passing: it is set by its own
    /// name alone.
    pub group: Option<&'static str>,
    pub of: Of,
    /// One sentence.
    pub summary: &'static str,
    pub level: Level,
    /// The page that `sbomgate explain` prints.
    pub page: &'static str,
    pub check: fn(&Subject<'_>) -> Vec<Found>,
}

/// What one finding of a rule is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// One package of a lockfile, to which somebody can consent.
    Package,
    /// One lockfile, or what belongs to it.
    Lockfile,
    /// The change or the repository as a whole: no path of it can excuse one.
    Change,
}

/// What a rule found; the rule's code and level are filled in by the judge.
pub struct Found {
    pub finding: Finding,
    /// The package that it is of, with the head's lockfile: what somebody can consent to.
    pub of: Option<(RelPath, Package)>,
    /// Another level than the rule's own.
    pub level: Option<Level>,
    /// The packages for which somebody has to consent, each with its lockfile.
    pub requests: Vec<(RelPath, Package)>,
}

/// All rules. A new rule is a row, its function, and its page in `docs/rules`.
pub static RULES: &[Rule] = &[
    Rule {
        code: "introduced-package",
        group: Some("introduction"),
        of: Of::Package,
        summary: "A package that was not there before needs an approval.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/introduced-package.md"),
        check: introduced::introduced_package,
    },
    Rule {
        code: "source-changed",
        group: Some("sources"),
        of: Of::Package,
        summary: "A package comes from another source than before.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/source-changed.md"),
        check: elsewhere::source_changed,
    },
    Rule {
        code: "version-unordered",
        group: Some("introduction"),
        of: Of::Package,
        summary: "A package has another version, and which of the two is newer is not known.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/version-unordered.md"),
        check: changed::version_unordered,
    },
    Rule {
        code: "install-script-allowed",
        group: Some("introduction"),
        of: Of::Lockfile,
        summary: "A package may run scripts when it is installed.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/install-script-allowed.md"),
        check: changed::install_script_allowed,
    },
    Rule {
        code: "digest-changed",
        group: Some("integrity"),
        of: Of::Lockfile,
        summary: "The same version of a package has other bytes than before.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/digest-changed.md"),
        check: digests::digest_changed,
    },
    Rule {
        code: "manifest-mismatch",
        group: Some("integrity"),
        of: Of::Lockfile,
        summary: "Manifest and lockfile do not agree.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/manifest-mismatch.md"),
        check: lockfiles::manifest_mismatch,
    },
    Rule {
        code: "lockfile-removed",
        group: Some("integrity"),
        of: Of::Lockfile,
        summary: "A lockfile went, or can no longer be read, and the manifest beside it stayed.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/lockfile-removed.md"),
        check: lockfiles::lockfile_removed,
    },
    Rule {
        code: "unlocked-requirement",
        group: Some("introduction"),
        of: Of::Lockfile,
        summary: "Something gets installed that no lockfile holds.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/unlocked-requirement.md"),
        check: unlocked::unlocked_requirement,
    },
    Rule {
        code: "address-mismatch",
        group: Some("integrity"),
        of: Of::Package,
        summary: "A package is fetched from an address that is not its own.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/address-mismatch.md"),
        check: integrity::address_mismatch,
    },
    Rule {
        code: "conflicting-digests",
        group: Some("integrity"),
        of: Of::Lockfile,
        summary: "A package has two digests for one file.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/conflicting-digests.md"),
        check: integrity::conflicting_digests,
    },
    Rule {
        code: "missing-digest",
        group: Some("integrity"),
        of: Of::Package,
        summary: "A package has no digest to check its files by.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/missing-digest.md"),
        check: integrity::missing_digest,
    },
    Rule {
        code: "weak-digest",
        group: Some("integrity"),
        of: Of::Package,
        summary: "A package has no digest of an algorithm that withstands forgery.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/weak-digest.md"),
        check: integrity::weak_digest,
    },
    Rule {
        code: "orphan-package",
        group: Some("integrity"),
        of: Of::Package,
        summary: "A package is locked that nothing asks for.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/orphan-package.md"),
        check: integrity::orphan_package,
    },
    Rule {
        code: "unlisted-registry",
        group: Some("sources"),
        of: Of::Lockfile,
        summary: "Packages come from a registry that is not the default one.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/unlisted-registry.md"),
        check: integrity::unlisted_registry,
    },
    Rule {
        code: "malware",
        group: None,
        of: Of::Lockfile,
        summary: "A package is reported to be malicious.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/malware.md"),
        check: advisories::malware,
    },
    Rule {
        code: "advisory",
        group: Some("advisories"),
        of: Of::Package,
        summary: "A package has a known vulnerability.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/advisory.md"),
        check: advisories::advisory,
    },
    Rule {
        code: STATED,
        group: Some("advisories"),
        of: Of::Package,
        summary: "The document itself says that a package has a vulnerability.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/stated-vulnerability.md"),
        check: stated::stated_vulnerability,
    },
    Rule {
        code: "unmaintained",
        group: Some("advisories"),
        of: Of::Package,
        summary: "A package is reported to be unmaintained.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/unmaintained.md"),
        check: advisories::unmaintained,
    },
    Rule {
        code: "informational-advisory",
        group: Some("advisories"),
        of: Of::Package,
        summary: "A record tells of something that one should know of a package.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/informational-advisory.md"),
        check: advisories::informational_advisory,
    },
    Rule {
        code: "ai-provider",
        group: Some("ai"),
        of: Of::Package,
        summary: "A new package talks to AI models, runs agents or runs models.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/ai-provider.md"),
        check: names::ai_provider,
    },
    Rule {
        code: "lookalike-name",
        group: Some("introduction"),
        of: Of::Package,
        summary: "A new package has a name that looks like a popular one's.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/lookalike-name.md"),
        check: names::lookalike_name,
    },
    Rule {
        code: "not-in-registry",
        group: Some("facts"),
        of: Of::Package,
        summary: "The registry does not have the package, or not this version of it.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/not-in-registry.md"),
        check: registry::not_in_registry,
    },
    Rule {
        code: "withheld-package",
        group: Some("facts"),
        of: Of::Package,
        summary: "The registry keeps people from getting the package.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/withheld-package.md"),
        check: registry::withheld_package,
    },
    Rule {
        code: "internal-name",
        group: Some("facts"),
        of: Of::Package,
        summary: "A package of an internal name comes from the default registry.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/internal-name.md"),
        check: registry::internal_name,
    },
    Rule {
        code: "young-package",
        group: Some("facts"),
        of: Of::Package,
        summary: "A package has a name that is new to the registry.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/young-package.md"),
        check: registry::young_package,
    },
    Rule {
        code: "young-version",
        group: Some("facts"),
        of: Of::Package,
        summary: "A version was published a short time before it came in.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/young-version.md"),
        check: registry::young_version,
    },
    Rule {
        code: "little-used",
        group: Some("facts"),
        of: Of::Package,
        summary: "A package that is not old is hardly used by anybody.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/little-used.md"),
        check: registry::little_used,
    },
    Rule {
        code: "deprecated-package",
        group: Some("facts"),
        of: Of::Package,
        summary: "The owners of a package say not to use it.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/deprecated-package.md"),
        check: registry::deprecated_package,
    },
    Rule {
        code: "yanked-version",
        group: Some("facts"),
        of: Of::Package,
        summary: "A version was yanked.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/yanked-version.md"),
        check: registry::yanked_version,
    },
    Rule {
        code: "install-script-new",
        group: Some("facts"),
        of: Of::Package,
        summary: "A version runs code when it is installed or built, and the one before did not.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/install-script-new.md"),
        check: registry::install_script_new,
    },
    Rule {
        code: "attestation-lost",
        group: Some("facts"),
        of: Of::Package,
        summary: "A version has no build attestation, and the one before has one.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/attestation-lost.md"),
        check: registry::attestation_lost,
    },
    Rule {
        code: "new-publisher",
        group: Some("facts"),
        of: Of::Package,
        summary: "A version was published by somebody who published none before.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/new-publisher.md"),
        check: registry::new_publisher,
    },
    Rule {
        code: "repository-mismatch",
        group: Some("facts"),
        of: Of::Package,
        summary: "A new package states no repository, or one that does not answer to its name.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/repository-mismatch.md"),
        check: registry::repository_mismatch,
    },
    Rule {
        code: "single-owner",
        group: Some("facts"),
        of: Of::Package,
        summary: "A new package has one owner.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/single-owner.md"),
        check: registry::single_owner,
    },
    Rule {
        code: "outdated-version",
        group: Some("facts"),
        of: Of::Package,
        summary: "A version was several major versions behind when it came in.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/outdated-version.md"),
        check: registry::outdated_version,
    },
    Rule {
        code: "source-not-allowed",
        group: Some("sources"),
        of: Of::Package,
        summary: "A package comes from a source that the policy does not allow.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/source-not-allowed.md"),
        check: sources::source_not_allowed,
    },
    Rule {
        code: "licence-denied",
        group: Some("licences"),
        of: Of::Package,
        summary: "A package is under a licence that the policy denies.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/licence-denied.md"),
        check: licences::licence_denied,
    },
    Rule {
        code: "licence-unreviewed",
        group: Some("licences"),
        of: Of::Package,
        summary: "A package is under a licence that needs an approval.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/licence-unreviewed.md"),
        check: licences::licence_unreviewed,
    },
    Rule {
        code: "licence-unknown",
        group: Some("licences"),
        of: Of::Package,
        summary: "The licence of a package is not known.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/licence-unknown.md"),
        check: licences::licence_unknown,
    },
    Rule {
        code: "licence-changed",
        group: Some("licences"),
        of: Of::Package,
        summary: "A package has a stricter licence than before, or another one in the same version.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/licence-changed.md"),
        check: licences::licence_changed,
    },
    Rule {
        code: "licence-clarification",
        group: Some("licences"),
        of: Of::Change,
        summary: "What the policy says of a package's licence is of other bytes, or of no package.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/licence-clarification.md"),
        check: licences::licence_clarification,
    },
    Rule {
        code: CONDITION,
        group: None,
        of: Of::Package,
        summary: "A package meets a condition that the policy sets.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/condition.md"),
        check: condition::condition,
    },
    Rule {
        code: "unsanctioned-ai-tool",
        group: Some("ai"),
        of: Of::Change,
        summary: "A package came in with a commit of an AI tool that the policy does not sanction.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/unsanctioned-ai-tool.md"),
        check: sources::unsanctioned_ai_tool,
    },
    Rule {
        code: "policy-changed",
        group: None,
        of: Of::Change,
        summary: "A change alters the policy by which changes are judged, or whose signatures count.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/policy-changed.md"),
        check: governance::policy_changed,
    },
    Rule {
        code: "policy-unused",
        group: Some("governance"),
        of: Of::Change,
        summary: "The policy sets something that has no effect on the project.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/policy-unused.md"),
        check: governance::policy_unused,
    },
    Rule {
        code: "self-approval",
        group: None,
        of: Of::Change,
        summary: "An approval cannot be shown to be somebody else's than the change's own.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/self-approval.md"),
        check: governance::self_approval,
    },
    Rule {
        code: "approval-void",
        group: Some("governance"),
        of: Of::Change,
        summary: "An approval does not count: it expired, holds too long, or is of nobody who may approve.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-void.md"),
        check: governance::approval_void,
    },
    Rule {
        code: "approval-expiring",
        group: Some("governance"),
        of: Of::Change,
        summary: "An approval is about to expire.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/approval-expiring.md"),
        check: governance::approval_expiring,
    },
    Rule {
        code: "approval-unused",
        group: Some("governance"),
        of: Of::Change,
        summary: "An approval is of no package that is locked.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-unused.md"),
        check: governance::approval_unused,
    },
    Rule {
        code: "approval-unowned",
        group: Some("governance"),
        of: Of::Change,
        summary: "An approval names nobody who answers for the package.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-unowned.md"),
        check: governance::approval_unowned,
    },
    Rule {
        code: "approval-outgrown",
        group: Some("governance"),
        of: Of::Package,
        summary: "A package is no longer what was approved of it.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-outgrown.md"),
        check: outgrown::approval_outgrown,
    },
    Rule {
        code: "inheritance-stopped",
        group: Some("governance"),
        of: Of::Lockfile,
        summary: "A package does not inherit the approval of the one that brings it.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/inheritance-stopped.md"),
        check: governance::inheritance_stopped,
    },
    Rule {
        code: "owner-missing",
        group: Some("governance"),
        of: Of::Package,
        summary: "Nobody answers for a new package.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/owner-missing.md"),
        check: owners::owner_missing,
    },
    Rule {
        code: "approval-uncommitted",
        group: Some("governance"),
        of: Of::Change,
        summary: "An approval is in the work tree alone.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-uncommitted.md"),
        check: governance::approval_uncommitted,
    },
];

/// The rule of a code.
pub fn named(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// The groups of rules, sorted.
pub fn groups() -> BTreeSet<&'static str> {
    RULES.iter().filter_map(|rule| rule.group).collect()
}

fn changes<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (&'s RelPath, &'s Change)> {
    subject.lockfiles.iter().flat_map(|lockfile| lockfile.changes.iter().map(|change| (&lockfile.head.lockfile, change)))
}

fn label(change: &Change) -> String {
    quoted(&change.package.label())
}

fn request(lockfile: &RelPath, change: &Change) -> (RelPath, Package) {
    (lockfile.clone(), change.package.clone())
}

fn found(lockfile: &RelPath, change: &Change, message: String) -> Found {
    of_package(lockfile, &change.package, message, &change.location)
}

fn of_package(lockfile: &RelPath, package: &Package, message: String, location: &Location) -> Found {
    let found = plain(message, location);
    let finding = Finding { package: Some(package.purl()), ..found.finding };
    Found { finding, of: Some((lockfile.clone(), package.clone())), ..found }
}

/// Of no one package.
fn plain(message: String, location: &Location) -> Found {
    let (location, rule, level) = (Some(location.clone()), "", Level::Note);
    let finding = Finding { rule, level, package: None, message, location, advisory: None, id: None };
    Found { finding, of: None, level: None, requests: Vec::new() }
}
