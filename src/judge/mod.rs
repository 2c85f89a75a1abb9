//! From changes to findings and one verdict.
//!
//! The verdict is computed here, once; reports and exit codes only say it. What could not be read
//! keeps the verdict from being given at all: partial data is never allowed.

pub mod advisories;
pub mod rules;

pub use rules::{RULES, Rule};

use crate::diff::LockfileDiff;
use crate::enrich::advisory::Advisories;
use crate::graph::DepGraph;
use crate::model::{Finding, Gap, GapKind, Level, Package, RelPath};
use crate::read::settings::ChangedSettings;
use std::collections::HashSet;

/// What is judged.
#[derive(Debug)]
pub struct Subject<'g> {
    /// The changes, by lockfile.
    pub lockfiles: Vec<LockfileDiff<'g>>,
    /// Lockfiles that went though a manifest beside them stayed: `(lockfile, manifest)`.
    pub abandoned: Vec<(RelPath, RelPath)>,
    /// Settings of package managers that are not the base's.
    pub settings: Vec<ChangedSettings>,
    /// Gaps outside of any graph that was read: lockfiles that could not be, submodules.
    pub gaps: Vec<Gap>,
    /// What the store tells of the packages of both sides.
    pub advisories: Advisories,
}

/// May it enter?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Allow,
    NeedsApproval,
    Deny,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::NeedsApproval => "needs-approval",
            Verdict::Deny => "deny",
        }
    }
}

/// A package that may enter only with somebody's consent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApprovalRequest {
    pub lockfile: RelPath,
    pub package: Package,
    /// The code of the rule that asks.
    pub rule: &'static str,
}

/// What the judges say.
#[derive(Debug)]
pub struct Judgement<'g> {
    pub subject: Subject<'g>,
    /// `None` when it could not be judged: then `blocking` says why.
    pub verdict: Option<Verdict>,
    /// Most serious first.
    pub findings: Vec<Finding>,
    pub requests: Vec<ApprovalRequest>,
    /// Every gap that matters to the subject, sorted.
    pub gaps: Vec<Gap>,
}

impl Judgement<'_> {
    /// The gaps on which no verdict can stand.
    pub fn blocking(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| is_blocking(gap.kind))
    }
}

/// Whether nothing can be allowed while this is not known. The other kinds are partial knowledge
/// of something that was read: they are findings.
pub fn is_blocking(kind: GapKind) -> bool {
    matches!(
        kind,
        GapKind::UnreadLockfile
            | GapKind::UnsupportedFormat
            | GapKind::UnreadManifest
            | GapKind::UnknownRequirement
            | GapKind::StaleAdvisories
    )
}

/// Applies every rule, then computes the verdict.
pub fn evaluate(subject: Subject<'_>) -> Judgement<'_> {
    let mut findings = Vec::new();
    let mut requests = Vec::new();
    for rule in RULES {
        for found in (rule.check)(&subject) {
            requests.extend(found.requests.into_iter().map(|(lockfile, package)| ApprovalRequest { lockfile, package, rule: rule.code }));
            findings.push(Finding { rule: rule.code, level: found.level.unwrap_or(rule.level), ..found.finding });
        }
    }
    findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
    requests.sort();
    let gaps = gaps(&subject);
    let verdict = verdict(&findings, &requests, &gaps);
    Judgement { subject, verdict, findings, requests, gaps }
}

fn verdict(findings: &[Finding], requests: &[ApprovalRequest], gaps: &[Gap]) -> Option<Verdict> {
    if gaps.iter().any(|gap| is_blocking(gap.kind)) {
        return None;
    }
    let denied = findings.iter().any(|finding| finding.level == Level::Error);
    Some(match (denied, requests.is_empty()) {
        (true, _) => Verdict::Deny,
        (false, false) => Verdict::NeedsApproval,
        (false, true) => Verdict::Allow,
    })
}

/// The subject's own gaps, and those of each head that its base did not have already.
fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let mut gaps = subject.gaps.clone();
    for lockfile in &subject.lockfiles {
        gaps.extend(new_gaps(lockfile).cloned());
    }
    gaps.extend(advisories::gaps(subject));
    gaps.sort();
    gaps.dedup();
    gaps
}

/// The gaps of a head that its base did not have, wherever in the file.
fn new_gaps<'d>(lockfile: &LockfileDiff<'d>) -> impl Iterator<Item = &'d Gap> {
    // A moved lockfile takes its manifests along.
    let place = |graph: &'d DepGraph, gap: &'d Gap| gap.file.below(&graph.lockfile.parent()).unwrap_or(gap.file.as_str());
    let old: HashSet<(GapKind, &str, &str)> =
        lockfile.base.gaps.iter().map(|gap| (gap.kind, place(lockfile.base, gap), gap.message.as_str())).collect();
    let (head, is_old) = (lockfile.head, move |key: &(GapKind, &str, &str)| old.contains(key));
    head.gaps.iter().filter(move |gap| !is_old(&(gap.kind, place(head, gap), gap.message.as_str())))
}
