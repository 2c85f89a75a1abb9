//! Groups of rules, to be set at once.

/// What nobody should switch off in passing: these are set by their own names alone.
pub const BY_NAME: [&str; 3] = ["malware", "policy-changed", "self-approval"];

/// Every other rule is in one group.
pub const GROUPS: [(&str, &[&str]); 8] = [
    ("introduction", &["introduced-package", "version-unordered", "unlocked-requirement", "install-script-allowed", "lookalike-name"]),
    (
        "integrity",
        &[
            "digest-changed",
            "manifest-mismatch",
            "lockfile-removed",
            "address-mismatch",
            "conflicting-digests",
            "missing-digest",
            "weak-digest",
            "orphan-package",
        ],
    ),
    ("sources", &["source-changed", "unlisted-registry", "source-not-allowed"]),
    ("licences", &["licence-denied", "licence-unreviewed", "licence-unknown", "licence-changed", "licence-clarification"]),
    ("advisories", &["advisory", "unmaintained", "informational-advisory"]),
    (
        "facts",
        &[
            "not-in-registry",
            "withheld-package",
            "internal-name",
            "young-package",
            "young-version",
            "little-used",
            "deprecated-package",
            "yanked-version",
            "install-script-new",
            "attestation-lost",
            "new-publisher",
            "repository-mismatch",
            "single-owner",
            "outdated-version",
        ],
    ),
    ("ai", &["ai-provider", "unsanctioned-ai-tool"]),
    (
        "governance",
        &[
            "policy-unused",
            "approval-void",
            "approval-expiring",
            "approval-unused",
            "approval-unowned",
            "approval-outgrown",
            "approval-uncommitted",
            "owner-missing",
        ],
    ),
];

/// The rules of a group.
pub fn group(name: &str) -> Option<&'static [&'static str]> {
    GROUPS.iter().find(|(known, _)| *known == name).map(|(_, rules)| *rules)
}
