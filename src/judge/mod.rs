//! From changes to findings and one verdict.
//!
//! The verdict is computed here, once; reports and exit codes only say it. What could not be read
//! keeps the verdict from being given at all: partial data is never allowed.

pub mod advisories;
pub mod approval;
pub mod brought;
pub mod condition;
pub mod consents;
pub mod exposure;
pub mod facts;
pub mod form;
mod gate;
pub mod internal;
pub mod licences;
pub mod named;
pub mod owners;
mod pattern;
pub mod policy;
pub mod rules;
pub mod vex;

use approval::Met;
pub use gate::Gate;
use internal::Internal;
pub use rules::{Of, RULES, Rule, groups};

use crate::diff::LockfileDiff;
use crate::enrich::advisory::Advisories;
use crate::enrich::licence::Claims;
use crate::enrich::registry::Dossiers;
use crate::graph::DepGraph;
use crate::model::text::quoted;
use crate::model::{Code, Finding, Gap, GapKind, Level, Location, Package, RelPath};
use crate::read::settings::ChangedSettings;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is judged.
#[derive(Debug)]
pub struct Subject<'g> {
    /// The changes, by lockfile.
    pub lockfiles: Vec<LockfileDiff<'g>>,
    /// Lockfiles that went though a manifest beside them stayed: `(lockfile, manifest)`.
    pub abandoned: Vec<(RelPath, RelPath)>,
    /// Settings of package managers that are not the base's.
    pub settings: Vec<ChangedSettings>,
    /// Lockfiles that the base has and that could be read there.
    pub read_before: BTreeSet<RelPath>,
    /// Gaps outside of any graph that was read: lockfiles that could not be, submodules.
    pub gaps: Vec<Gap>,
    /// What the store tells of the packages of both sides.
    pub advisories: Advisories,
    /// What registries tell of packages that came in.
    pub facts: Dossiers,
    /// What stays in the house.
    pub internal: Internal,
    /// What is stated of licences beside the lockfiles.
    pub licences: Claims,
    /// The policy's conditions that changes meet.
    pub conditions: Vec<condition::Met>,
    /// By what it is judged.
    pub gate: Gate,
}

impl<'g> Subject<'g> {
    /// Changes of which nothing else is known: no policy, no advisories, nothing beside the lockfiles.
    pub fn of(lockfiles: Vec<LockfileDiff<'g>>) -> Self {
        Subject {
            lockfiles,
            abandoned: Vec::new(),
            settings: Vec::new(),
            read_before: BTreeSet::new(),
            gaps: Vec::new(),
            advisories: Advisories::unknown("no store was asked"),
            facts: Dossiers { otherwise: "no registry was asked".into(), ..Dossiers::default() },
            internal: Internal::default(),
            licences: Claims::default(),
            conditions: Vec::new(),
            gate: Gate::default(),
        }
    }
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

    /// What the program exits with: 0 allowed, 1 denied, 2 could not judge, 3 needs approval.
    pub fn exit_code(verdict: Option<Verdict>) -> u8 {
        match verdict {
            Some(Verdict::Allow) => 0,
            Some(Verdict::Deny) => 1,
            None => 2,
            Some(Verdict::NeedsApproval) => 3,
        }
    }
}

/// A package that may enter only with somebody's consent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApprovalRequest {
    pub lockfile: RelPath,
    pub package: Package,
    /// The rule that asks, or the condition.
    pub rule: Code,
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
    /// What an approval lets in.
    pub approved: Vec<Met>,
    /// Every gap that matters to the subject, sorted.
    pub gaps: Vec<Gap>,
}

impl Judgement<'_> {
    /// The gaps on which no verdict can stand.
    pub fn blocking(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| self.is_blocking(gap.kind))
    }

    /// Whether no verdict can stand on a gap of this kind, by the policy.
    pub fn is_blocking(&self, kind: GapKind) -> bool {
        self.subject.gate.is_blocking(kind)
    }

    /// Whether somebody has to consent to another policy.
    pub fn asks_for_policy(&self) -> bool {
        asks_for_policy(&self.subject.gate)
    }
}

/// Whether nothing can be allowed while this is not known, where no policy says otherwise. The other kinds are partial knowledge
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

/// Applies every rule as the policy sets it, holds the outcome against the approvals, then computes the
/// verdict.
pub fn evaluate(subject: Subject<'_>) -> Judgement<'_> {
    let (mut raised, requests) = found(&subject);
    let consent = approval::meet(&subject, requests, &mut raised);
    let mut findings: Vec<Finding> = raised.into_iter().map(|raised| raised.finding).collect();
    findings.extend(refused(&subject, &consent));
    findings.extend(stopped(&subject, &consent));
    findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
    let (mut requests, approved) = (consent.open, consent.met);
    requests.sort();
    let gaps = gaps(&subject);
    let verdict = verdict(&subject.gate, &findings, &requests, &gaps);
    Judgement { subject, verdict, findings, requests, approved, gaps }
}

/// A finding with the package that it is of, and the lockfile of that.
pub struct Raised {
    pub finding: Finding,
    pub of: Option<(RelPath, Package)>,
}

/// What the rules find, and for which packages somebody has to consent.
fn found(subject: &Subject<'_>) -> (Vec<Raised>, Vec<ApprovalRequest>) {
    let (mut findings, mut requests) = (Vec::new(), Vec::new());
    for rule in RULES {
        let policy = &subject.gate.policy;
        if policy.is_off(rule.code) {
            continue;
        }
        for found in (rule.check)(subject) {
            let finding = Finding { rule: rule.code, ..found.finding };
            let lockfile = found.of.as_ref().map(|(lockfile, _)| lockfile);
            let setting = policy.setting_at(rule.code, lockfile.or(finding.location.as_ref().map(|place| &place.file)));
            let is_cleared = finding.advisory.as_ref().is_some_and(|advisory| advisory.is_cleared());
            let asks = setting.needs_approval == Some(true) && found.requests.is_empty() && !is_cleared;
            let of = found.of.iter().filter(|_| asks);
            let asked = of.chain(&found.requests).filter(|(lockfile, _)| policy.setting_at(rule.code, Some(lockfile)).lets_ask());
            let asked = asked.cloned().map(|(lockfile, package)| ApprovalRequest { lockfile, package, rule: finding.code() });
            requests.extend(asked.collect::<Vec<_>>());
            if let Some(level) = setting.level(rule.level, found.level) {
                findings.push(Raised { finding: Finding { level, ..finding }, of: found.of });
            }
        }
    }
    (findings, requests)
}

/// Approvals that would let a package in, and are its own.
fn refused(subject: &Subject<'_>, consent: &approval::Consent) -> Vec<Finding> {
    let Some(rule) = rules::named("self-approval") else { return Vec::new() };
    let setting = subject.gate.policy.setting(rule.code);
    let level = |refusal: &approval::Refusal| setting.level(rule.level, (!refusal.is_known).then_some(Level::Warning));
    let finding = |refusal: &approval::Refusal| {
        Some(Finding {
            rule: rule.code,
            level: level(refusal)?,
            package: Some(refusal.package.clone()),
            message: refusal.message.clone(),
            location: Some(refusal.location.clone()),
            advisory: None,
            id: None,
        })
    };
    consent.refusals.iter().filter_map(finding).collect()
}

/// Packages that do not inherit the approval of what brings them.
fn stopped(subject: &Subject<'_>, consent: &approval::Consent) -> Vec<Finding> {
    let Some(rule) = rules::named("inheritance-stopped") else { return Vec::new() };
    let mut places: HashMap<(&RelPath, &Package), &Location> = HashMap::new();
    for lockfile in subject.lockfiles.iter().filter(|_| !consent.stopped.is_empty()) {
        places.extend(lockfile.changes.iter().map(|change| ((&lockfile.head.lockfile, &change.package), &change.location)));
    }
    let finding = |stopped: &approval::Stopped| {
        let (label, carrier) = (quoted(&stopped.package.label()), quoted(&stopped.carrier.label()));
        Some(Finding {
            rule: rule.code,
            level: subject.gate.policy.setting_at(rule.code, Some(&stopped.lockfile)).level(rule.level, None)?,
            package: Some(stopped.package.purl()),
            message: format!("{label} does not inherit the approval of {carrier}: {}", stopped.why),
            location: places.get(&(&stopped.lockfile, &stopped.package)).map(|place| (*place).clone()),
            advisory: None,
            id: None,
        })
    };
    consent.stopped.iter().filter_map(finding).collect()
}

fn asks_for_policy(gate: &Gate) -> bool {
    let setting = gate.policy.setting("policy-changed");
    !gate.altered.is_empty() && setting.level != Some(policy::Wanted::Off) && setting.needs_approval != Some(false)
}

fn verdict(gate: &Gate, findings: &[Finding], requests: &[ApprovalRequest], gaps: &[Gap]) -> Option<Verdict> {
    if gaps.iter().any(|gap| gate.is_blocking(gap.kind)) {
        return None;
    }
    let denied = findings.iter().any(|finding| finding.level == Level::Error);
    Some(match (denied, requests.is_empty() && !asks_for_policy(gate)) {
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
    gaps.extend(facts::gaps(subject));
    gaps.extend(vex::gaps(subject));
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
