//! The JSON report. Its form is `docs/report.schema.json`; a test holds the two together.
//!
//! `version` is 1. A field that is added does not change it; one that goes or changes its meaning
//! does. A reader passes over fields it does not know.

use super::introduced_json::{HistoryOut, IntroducingOut, IntroductionOut};
use super::known::CameIn;
use super::manifest::ApprovalOut;
use super::{Report, Reported, Style, advisories, escape, wording};
use crate::diff::{Cause, Change, ChangeKind, Link, LockfileDiff};
use crate::enrich::Fact;
use crate::enrich::advisory::{StoreNote, dates};
use crate::enrich::introduction::Introduction;
use crate::judge::advisories::{Presence, Standing, standings};
use crate::judge::approval::Met;
use crate::judge::{ApprovalRequest, Judgement, Subject};
use crate::model::{Advisory, AdvisoryId, Ecosystem, Finding, Gap, Location, PackageSource};
use serde::Serialize;
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
    skipped: Vec<SkippedOut<'r>>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) fn this() -> Self {
        Tool { name: "sbomgate", version: env!("CARGO_PKG_VERSION") }
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
struct ChangeOut<'r> {
    change: &'static str,
    package: String,
    ecosystem: &'static str,
    name: &'r str,
    version: Option<&'r str>,
    /// The version before, of an upgraded or downgraded package.
    from: Option<&'r str>,
    lockfile: &'r str,
    location: LocationOut<'r>,
    direct: Option<bool>,
    was_direct: Option<bool>,
    scope: Option<&'static str>,
    was_scope: Option<&'static str>,
    what: Vec<&'static str>,
    source: SourceOut,
    was_source: Option<SourceOut>,
    digests: Vec<String>,
    was_digests: Vec<String>,
    cause: CauseOut<'r>,
    introduction: Option<IntroductionOut<'r>>,
}

#[derive(Serialize)]
struct SourceOut {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
pub(super) struct LocationOut<'r> {
    file: &'r str,
    line: u32,
}

#[derive(Serialize)]
struct CauseOut<'r> {
    kind: &'static str,
    text: String,
    /// The package that asks for it: the first-party one, or the one that still does.
    by: Option<String>,
    location: Option<LocationOut<'r>>,
    requirement: Option<&'r str>,
    requirement_before: Option<&'r str>,
    /// The name under which it is asked for, where that is another than its own.
    alias: Option<&'r str>,
    /// From the first cause down to the package that requires this one.
    chain: Vec<LinkOut<'r>>,
}

#[derive(Serialize)]
struct LinkOut<'r> {
    change: &'static str,
    package: String,
    from: Option<&'r str>,
    requirement: Option<&'r str>,
}

#[derive(Serialize)]
struct FindingOut<'r> {
    rule: &'static str,
    level: &'static str,
    message: &'r str,
    package: Option<&'r str>,
    location: Option<LocationOut<'r>>,
    advisory: Option<AdvisoryOut<'r>>,
}

/// What is known of a flaw.
#[derive(Serialize)]
struct AdvisoryOut<'r> {
    id: &'r str,
    aliases: Vec<&'r str>,
    records: Vec<&'r str>,
    kind: &'static str,
    summary: &'r str,
    severity: Option<SeverityOut<'r>>,
    published: Option<String>,
    /// Before the commit that brought the package in.
    known_when_introduced: Option<bool>,
    modified: String,
    fixed: &'r [String],
    upgrade: Option<&'r str>,
    through: &'r [String],
    exploitation: Option<serde_json::Value>,
    cwes: &'r [String],
    functions: &'r [String],
    references: &'r [String],
    url: String,
}

#[derive(Serialize)]
struct SeverityOut<'r> {
    rating: &'static str,
    score: Option<f64>,
    vector: Option<&'r str>,
    origin: String,
}

/// Which stores were asked, and the advisories that are no findings.
#[derive(Serialize)]
struct AdvisoriesOut<'r> {
    stores: Vec<StoreOut<'r>>,
    stay: Vec<StandingOut<'r>>,
    gone: Vec<StandingOut<'r>>,
}

#[derive(Serialize)]
struct StoreOut<'r> {
    ecosystem: &'static str,
    known: bool,
    reason: Option<&'r str>,
    server: Option<&'r str>,
    digest: Option<String>,
    records: Option<u64>,
    rejected: Option<u64>,
    newest: Option<String>,
    imported: Option<String>,
    as_of: Option<String>,
}

#[derive(Serialize)]
struct StandingOut<'r> {
    package: String,
    location: LocationOut<'r>,
    advisory: AdvisoryOut<'r>,
}

#[derive(Serialize)]
struct RequestOut<'r> {
    package: String,
    lockfile: &'r str,
    rule: &'static str,
}

#[derive(Serialize)]
struct MetOut<'r> {
    #[serde(flatten)]
    request: RequestOut<'r>,
    approval: ApprovalOut<'r>,
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
        let changes = lockfiles.iter().flat_map(|lockfile| {
            lockfile.changes.iter().filter(|change| reported.shows(lockfile, change)).map(move |change| {
                let known = introductions.and_then(|known| known.of(&lockfile.head.lockfile, &change.package));
                ChangeOut::of(lockfile, change, known.filter(|_| change.kind != ChangeKind::Removed))
            })
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

impl<'r> ChangeOut<'r> {
    fn of(lockfile: &'r LockfileDiff<'_>, change: &'r Change, introduction: Option<&'r Introduction>) -> Self {
        let package = &change.package;
        let moves = matches!(change.kind, ChangeKind::Upgraded | ChangeKind::Downgraded);
        let version_before = change.before.as_ref().and_then(|before| before.version.as_ref()).map(|version| version.as_str());
        ChangeOut {
            change: change.kind.as_str(),
            package: package.purl(),
            ecosystem: package.ecosystem.purl_type(),
            name: package.name.as_str(),
            version: package.version.as_ref().map(|version| version.as_str()),
            from: version_before.filter(|_| moves),
            lockfile: lockfile.head.lockfile.as_str(),
            location: LocationOut::of(&change.location),
            direct: change.direct,
            was_direct: change.was_direct,
            scope: change.scope.map(|scope| scope.as_str()),
            was_scope: change.was_scope.map(|scope| scope.as_str()),
            what: change.what.iter().map(|aspect| aspect.as_str()).collect(),
            source: SourceOut::of(&package.source),
            was_source: change.before.as_ref().map(|before| SourceOut::of(&before.source)),
            digests: change.digests.iter().map(ToString::to_string).collect(),
            was_digests: change.was_digests.iter().map(ToString::to_string).collect(),
            cause: CauseOut::of(change),
            introduction: introduction.map(IntroductionOut::of),
        }
    }
}

impl SourceOut {
    fn of(source: &PackageSource) -> Self {
        SourceOut { kind: source.kind(), text: source.to_string() }
    }
}

impl<'r> LocationOut<'r> {
    pub(super) fn of(location: &'r Location) -> Self {
        LocationOut { file: location.file.as_str(), line: location.line }
    }
}

impl<'r> CauseOut<'r> {
    fn of(change: &'r Change) -> Self {
        let out = CauseOut {
            kind: "unknown",
            text: wording::cause(change),
            by: None,
            location: None,
            requirement: None,
            requirement_before: None,
            alias: None,
            chain: Vec::new(),
        };
        let out = out.filled(&change.cause);
        if change.kind == ChangeKind::Removed { out.gone() } else { out }
    }

    /// The cause of something that went: the base had what it tells.
    fn gone(self) -> Self {
        let kind = match self.kind {
            "declared" => "undeclared",
            "required" => "unrequired",
            other => other,
        };
        CauseOut { kind, ..self }
    }

    fn filled(self, cause: &'r Cause) -> Self {
        match cause {
            Cause::Declared { by, location, requirement, alias, before } => CauseOut {
                kind: "declared",
                by: Some(by.purl()),
                location: location.as_ref().map(LocationOut::of),
                requirement: requirement.as_deref(),
                requirement_before: before.as_deref(),
                alias: alias.as_deref(),
                ..self
            },
            Cause::Required { declared, chain } => {
                let from = match declared {
                    Some(declared) => self.filled(declared),
                    None => self,
                };
                CauseOut { kind: "required", chain: chain.iter().map(LinkOut::of).collect(), ..from }
            }
            Cause::Resolved { by, requirement } => {
                CauseOut { kind: "resolved", by: by.as_ref().map(|by| by.purl()), requirement: requirement.as_deref(), ..self }
            }
            Cause::Lost(cause) => self.filled(cause).gone(),
            Cause::Unknown => self,
        }
    }
}

impl<'r> LinkOut<'r> {
    fn of(link: &'r Link) -> Self {
        LinkOut {
            change: link.kind.as_str(),
            package: link.package.purl(),
            from: link.before.as_ref().and_then(|before| before.version.as_ref()).map(|version| version.as_str()),
            requirement: link.requirement.as_deref(),
        }
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
        }
    }
}

impl<'r> AdvisoryOut<'r> {
    fn of(advisory: &'r Advisory, known_when_introduced: Option<bool>) -> Self {
        AdvisoryOut {
            id: advisory.id.as_str(),
            aliases: advisory.aliases.iter().map(AdvisoryId::as_str).collect(),
            records: advisory.records.iter().map(AdvisoryId::as_str).collect(),
            kind: advisory.kind.as_str(),
            summary: &advisory.summary,
            severity: advisory.severity.as_ref().map(|(severity, by)| SeverityOut {
                rating: severity.rating.as_str(),
                score: severity.tenths.map(|tenths| f64::from(tenths) / 10.0),
                vector: severity.vector.as_deref(),
                origin: format!("{} of {by}", if severity.vector.is_some() { "CVSS vector" } else { "the database's own word" }),
            }),
            published: advisory.published.map(dates::written),
            known_when_introduced,
            modified: dates::written(advisory.modified),
            fixed: &advisory.fixed,
            upgrade: advisory.upgrade.as_deref(),
            through: &advisory.through,
            exploitation: advisory.exploitation.map(advisories::exploitation),
            cwes: &advisory.cwes,
            functions: &advisory.functions,
            references: &advisory.references,
            url: advisory.url(),
        }
    }
}

impl<'r> AdvisoriesOut<'r> {
    fn of(subject: &'r Subject<'_>) -> Self {
        let (mut stay, mut gone) = (Vec::new(), Vec::new());
        for standing in standings(subject) {
            match standing.presence {
                Presence::BroughtIn => {}
                Presence::Stays => stay.push(StandingOut::of(&standing)),
                Presence::Gone => gone.push(StandingOut::of(&standing)),
            }
        }
        let stores = subject.advisories.stores.iter().map(|(ecosystem, store)| StoreOut::of(*ecosystem, store));
        AdvisoriesOut { stores: stores.collect(), stay, gone }
    }
}

impl<'r> StandingOut<'r> {
    fn of(standing: &Standing<'r>) -> Self {
        StandingOut {
            package: standing.package.purl(),
            location: LocationOut::of(standing.location),
            advisory: AdvisoryOut::of(standing.advisory, None),
        }
    }
}

impl<'r> StoreOut<'r> {
    fn of(ecosystem: Ecosystem, store: &'r Fact<StoreNote>) -> Self {
        let known = store.known();
        StoreOut {
            ecosystem: ecosystem.osv_name(),
            known: known.is_some(),
            reason: match store {
                Fact::Known(_) => None,
                Fact::Unknown(reason) => Some(reason),
            },
            server: known.and_then(|note| note.server.as_ref()).map(|server| server.as_str()),
            digest: known.map(|note| format!("sha256:{}", note.digest)),
            records: known.map(|note| note.records),
            rejected: known.map(|note| note.rejected),
            newest: known.map(|note| dates::written(note.newest)),
            imported: known.map(|note| dates::written(note.imported)),
            as_of: known.map(|note| dates::written(note.as_of)),
        }
    }
}

impl<'r> RequestOut<'r> {
    fn of(request: &'r ApprovalRequest) -> Self {
        RequestOut { package: request.package.purl(), lockfile: request.lockfile.as_str(), rule: request.rule }
    }
}

impl<'r> MetOut<'r> {
    fn of(met: &'r Met, judgement: &'r Judgement<'_>) -> Self {
        let entry = &judgement.subject.gate.approvals[met.entry].entry;
        MetOut { request: RequestOut::of(&met.request), approval: ApprovalOut::of(entry) }
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
