//! The JSON report. Its form is `docs/report.schema.json`; a test holds the two together.
//!
//! `version` is 1. A field that is added does not change it; one that goes or changes its meaning
//! does. A reader passes over fields it does not know.

mod advisory;
mod change;
mod model;

pub use model::models;

use super::introduced_json::{HistoryOut, IntroducingOut};
use super::known::CameIn;
use super::licences::{self, LicencesOut};
use super::manifest::ApprovalOut;
use super::{Report, Reported, Style, escape, facts};
use crate::diff::{ChangeKind, LockfileDiff};
use crate::judge::approval::Met;
use crate::judge::{ApprovalRequest, Judgement};
use crate::model::{Ecosystem, Finding, Gap, Location, Package};
use advisory::{AdvisoriesOut, AdvisoryOut};
use change::ChangeOut;
use serde::Serialize;
use serde_json::Value;
use std::io;

pub struct JsonReport;

impl Report for JsonReport {
    fn id(&self) -> &'static str {
        "json"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        escape::write_json(&Document::of(reported), out)
    }
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    tool: Tool,
    /// A commit id; `null` where a whole project was judged.
    base: Option<&'r str>,
    head: &'r str,
    /// `null` where it could not be judged; `gaps` says why.
    verdict: Option<&'static str>,
    summary: Summary,
    lockfiles: Vec<LockfileOut<'r>>,
    changes: Vec<ChangeOut<'r>>,
    history: Option<HistoryOut>,
    commits: Vec<IntroducingOut<'r>>,
    findings: Vec<FindingOut<'r>>,
    approvals_needed: Vec<RequestOut<'r>>,
    approved: Vec<MetOut<'r>>,
    gaps: Vec<GapOut<'r>>,
    advisories: AdvisoriesOut<'r>,
    licences: LicencesOut,
    skipped: Vec<SkippedOut<'r>>,
}

#[derive(Serialize)]
pub(in crate::report) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(in crate::report) const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    pub(in crate::report) fn this() -> Self {
        Tool { name: "sbomgate", version: Tool::VERSION }
    }
}

#[derive(Serialize)]
struct Summary {
    added: usize,
    added_direct: usize,
    removed: usize,
    upgraded: usize,
    downgraded: usize,
    modified: usize,
}

#[derive(Serialize)]
struct LockfileOut<'r> {
    path: &'r str,
    /// The base's path, where it was another.
    moved_from: Option<&'r str>,
    format: &'static str,
    ecosystem: Option<&'static str>,
    /// The format's version; empty where the head has no such lockfile.
    dialect: &'static str,
    packages: Count,
    limits: Vec<Limit>,
}

#[derive(Serialize)]
struct Count {
    base: usize,
    head: usize,
}

/// Something that this lockfile cannot tell.
#[derive(Serialize)]
struct Limit {
    what: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
pub(in crate::report) struct LocationOut<'r> {
    file: &'r str,
    line: u32,
}

#[derive(Serialize)]
struct FindingOut<'r> {
    rule: &'static str,
    level: &'static str,
    message: &'r str,
    package: Option<&'r str>,
    location: Option<LocationOut<'r>>,
    advisory: Option<AdvisoryOut<'r>>,
    /// Of what the rule finds, what this is of: a condition of the policy, or a flaw that a document states.
    id: Option<&'r str>,
}

#[derive(Serialize)]
struct RequestOut<'r> {
    package: String,
    lockfile: &'r str,
    /// The code of the rule, of a condition with its id.
    rule: &'r str,
}

#[derive(Serialize)]
struct MetOut<'r> {
    #[serde(flatten)]
    request: RequestOut<'r>,
    approval: ApprovalOut<'r>,
    /// From the approved package down to the one that requires it; empty where the approval is of the package itself.
    inherited_by: Vec<String>,
}

#[derive(Serialize)]
struct GapOut<'r> {
    kind: &'static str,
    /// Whether nothing can be judged while this is not known.
    blocking: bool,
    message: &'r str,
    file: &'r str,
    line: Option<u32>,
}

#[derive(Serialize)]
struct SkippedOut<'r> {
    lockfile: &'r str,
    reason: &'r str,
}

impl<'r> Document<'r> {
    fn of(reported: &'r Reported<'_>) -> Self {
        let judgement = &reported.judgement;
        let lockfiles = &judgement.subject.lockfiles;
        let introductions = reported.introductions.as_ref();
        let came_in = CameIn::of(reported);
        let all = lockfiles.iter().flat_map(|lockfile| lockfile.changes.iter().map(move |change| (lockfile, change)));
        let shown = all.zip(licences::of_changes(&judgement.subject)).filter(|((lockfile, change), _)| reported.shows(lockfile, change));
        let changes = shown.map(|((lockfile, change), licences)| {
            let known = introductions.and_then(|known| known.of(&lockfile.head.lockfile, &change.package));
            let dossier = judgement.subject.facts.packages.get(&change.package).filter(|_| change.kind != ChangeKind::Removed);
            let facts = dossier.map_or(Value::Null, facts::of_change);
            ChangeOut::of(lockfile, change, known.filter(|_| change.kind != ChangeKind::Removed), licences, facts)
        });
        Document {
            version: 1,
            tool: Tool::this(),
            base: reported.base.as_ref().map(|side| side.0.as_str()),
            head: &reported.head.0,
            verdict: judgement.verdict.map(|verdict| verdict.as_str()),
            summary: Summary::of(lockfiles),
            lockfiles: lockfiles.iter().map(LockfileOut::of).collect(),
            changes: changes.collect(),
            history: introductions.map(|known| HistoryOut::of(known, reported)),
            commits: IntroducingOut::all(reported),
            findings: judgement.findings.iter().map(|finding| FindingOut::of(finding, came_in.was_known(finding))).collect(),
            approvals_needed: judgement.requests.iter().map(RequestOut::of).collect(),
            approved: judgement.approved.iter().map(|met| MetOut::of(met, judgement)).collect(),
            gaps: judgement.gaps.iter().map(|gap| GapOut::of(gap, judgement)).collect(),
            advisories: AdvisoriesOut::of(&judgement.subject),
            licences: LicencesOut::this(),
            skipped: reported.skipped.iter().map(|(path, reason)| SkippedOut { lockfile: path.as_str(), reason }).collect(),
        }
    }
}

impl Summary {
    fn of(lockfiles: &[LockfileDiff<'_>]) -> Self {
        let changes = || lockfiles.iter().flat_map(|lockfile| &lockfile.changes);
        let count = |kind| changes().filter(|change| change.kind == kind).count();
        Summary {
            added: count(ChangeKind::Added),
            added_direct: changes().filter(|change| change.kind == ChangeKind::Added && change.direct == Some(true)).count(),
            removed: count(ChangeKind::Removed),
            upgraded: count(ChangeKind::Upgraded),
            downgraded: count(ChangeKind::Downgraded),
            modified: count(ChangeKind::Modified),
        }
    }
}

impl<'r> LockfileOut<'r> {
    fn of(lockfile: &'r LockfileDiff<'_>) -> Self {
        let (base, head) = (lockfile.base, lockfile.head);
        LockfileOut {
            path: head.lockfile.as_str(),
            moved_from: (base.lockfile != head.lockfile).then(|| base.lockfile.as_str()),
            format: head.format,
            ecosystem: head.ecosystem.map(Ecosystem::purl_type),
            dialect: head.dialect,
            packages: Count { base: base.packages().count(), head: head.packages().count() },
            limits: head.knows.all().into_iter().filter_map(|(what, told)| Some(Limit { what, reason: told.reason()? })).collect(),
        }
    }
}

impl<'r> LocationOut<'r> {
    pub(in crate::report) fn of(location: &'r Location) -> Self {
        LocationOut { file: location.file.as_str(), line: location.line }
    }
}

impl<'r> FindingOut<'r> {
    fn of(finding: &'r Finding, was_known: Option<bool>) -> Self {
        FindingOut {
            rule: finding.rule,
            level: finding.level.as_str(),
            message: &finding.message,
            package: finding.package.as_deref(),
            location: finding.location.as_ref().map(LocationOut::of),
            advisory: finding.advisory.as_deref().map(|advisory| AdvisoryOut::of(advisory, was_known)),
            id: finding.id.as_deref(),
        }
    }
}

impl<'r> RequestOut<'r> {
    fn of(request: &'r ApprovalRequest) -> Self {
        RequestOut { package: request.package.purl(), lockfile: request.lockfile.as_str(), rule: &request.rule }
    }
}

impl<'r> MetOut<'r> {
    fn of(met: &'r Met, judgement: &'r Judgement<'_>) -> Self {
        let entry = &judgement.subject.gate.approvals[met.entry].entry;
        let inherited_by = met.road.iter().map(Package::purl).collect();
        MetOut { request: RequestOut::of(&met.request), approval: ApprovalOut::of(entry), inherited_by }
    }
}

impl<'r> GapOut<'r> {
    fn of(gap: &'r Gap, judgement: &Judgement<'_>) -> Self {
        GapOut {
            kind: gap.kind.code(),
            blocking: judgement.is_blocking(gap.kind),
            message: &gap.message,
            file: gap.file.as_str(),
            line: gap.line,
        }
    }
}
