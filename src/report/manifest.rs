//! The approval manifest: who has to consent to what, and who has. Its form is
//! `docs/approval-manifest.schema.json`; a test holds the two together. `version` is 1, as for the JSON report.

use super::introduced_json::{IntroducingOut, IntroductionOut};
use super::json::{LocationOut, Tool};
use super::needed::{self, Key, Rules, command, key, owners};
use super::{Report, Reported, Style, escape, facts};
use crate::judge::approval::{Accepted, Entry};
use crate::judge::owners::Owned;
use crate::model::{Finding, Package, RelPath};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;

pub struct ApprovalManifest;

impl Report for ApprovalManifest {
    fn id(&self) -> &'static str {
        "approval-manifest"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        escape::write_json(&Document::of(reported), out)
    }
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    tool: Tool,
    base: Option<&'r str>,
    head: &'r str,
    verdict: Option<&'static str>,
    policy_changed: bool,
    needed: Vec<NeededOut<'r>>,
    approved: Vec<ApprovedOut<'r>>,
    commits: Vec<IntroducingOut<'r>>,
}

/// A package that waits for somebody.
#[derive(Serialize)]
struct NeededOut<'r> {
    package: String,
    lockfile: &'r str,
    rules: Rules,
    findings: Vec<FindingOut<'r>>,
    introduction: Option<IntroductionOut<'r>>,
    /// `null` where no entry for a package of this name says it.
    owner: Option<&'r str>,
    /// Who has to consent, by the owners' file or the forge's.
    owners: Vec<OwnedOut<'r>>,
    /// What its registry tells.
    facts: Value,
    command: String,
}

#[derive(Serialize)]
struct OwnedOut<'r> {
    names: &'r [String],
    location: OwnLocation,
}

#[derive(Serialize)]
struct OwnLocation {
    file: String,
    line: u32,
}

#[derive(Serialize)]
struct FindingOut<'r> {
    rule: &'static str,
    level: &'static str,
    message: &'r str,
}

#[derive(Serialize)]
struct ApprovedOut<'r> {
    package: String,
    lockfile: &'r str,
    rules: Rules,
    introduction: Option<IntroductionOut<'r>>,
    approval: ApprovalOut<'r>,
    /// From the approved package down to the one that requires it; empty where the approval is of the package itself.
    inherited_by: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct ApprovalOut<'r> {
    location: LocationOut<'r>,
    owner: Option<&'r str>,
    approved_by: String,
    on: String,
    expires: String,
    reason: &'r str,
    reviewed: &'r [String],
    /// Codes of rules and ids of advisories.
    accepted: Vec<&'r str>,
    until_fixed: bool,
}

impl<'r> Document<'r> {
    fn of(reported: &'r Reported<'_>) -> Self {
        let judgement = &reported.judgement;
        let mut approved: BTreeMap<(Key<'r>, usize, &[Package]), Rules> = BTreeMap::new();
        for met in &judgement.approved {
            approved.entry((key(&met.request), met.entry, &met.road)).or_default().insert(met.request.rule.clone());
        }
        let mut findings: BTreeMap<(&RelPath, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in &judgement.findings {
            if let (Some(package), Some(location)) = (&finding.package, &finding.location) {
                findings.entry((&location.file, package)).or_default().push(finding);
            }
        }
        Document {
            version: 1,
            tool: Tool::this(),
            base: reported.base.as_ref().map(|side| side.0.as_str()),
            head: &reported.head.0,
            verdict: judgement.verdict.map(|verdict| verdict.as_str()),
            policy_changed: judgement.asks_for_policy(),
            needed: needed::needed(judgement).into_iter().map(|(key, rules)| NeededOut::of(reported, key, rules, &findings)).collect(),
            approved: approved.into_iter().map(|(consent, rules)| ApprovedOut::of(reported, consent, rules)).collect(),
            commits: IntroducingOut::all(reported),
        }
    }
}

fn introduction<'r>(reported: &'r Reported<'_>, (lockfile, package): Key<'r>) -> Option<IntroductionOut<'r>> {
    reported.introductions.as_ref()?.of(lockfile, package).map(IntroductionOut::of)
}

impl<'r> NeededOut<'r> {
    fn of(reported: &'r Reported<'_>, key: Key<'r>, rules: Rules, findings: &BTreeMap<(&'r RelPath, &'r str), Vec<&'r Finding>>) -> Self {
        let (lockfile, package) = key;
        let purl = package.purl();
        let entries = reported.judgement.subject.gate.approvals.iter().map(|held| &held.entry);
        let mut of_name = entries.filter(|entry| entry.ecosystem == package.ecosystem && entry.name == package.name);
        let found = findings.get(&(lockfile, purl.as_str())).into_iter().flatten();
        NeededOut {
            lockfile: lockfile.as_str(),
            findings: found
                .map(|finding| FindingOut { rule: finding.rule, level: finding.level.as_str(), message: &finding.message })
                .collect(),
            introduction: introduction(reported, key),
            owner: of_name.find_map(|entry| entry.owner.as_deref()),
            facts: reported.judgement.subject.facts.packages.get(package).map_or(Value::Null, facts::of_change),
            command: command(&reported.judgement, key, &rules),
            owners: owners(&reported.judgement, key).into_iter().map(OwnedOut::of).collect(),
            package: purl,
            rules,
        }
    }
}

impl<'r> OwnedOut<'r> {
    fn of(owned: Owned<'r>) -> Self {
        OwnedOut { names: owned.owners, location: OwnLocation { file: owned.location.file.to_string(), line: owned.location.line } }
    }
}

impl<'r> ApprovedOut<'r> {
    fn of(reported: &'r Reported<'_>, (key, entry, road): (Key<'r>, usize, &[Package]), rules: Rules) -> Self {
        let approval = ApprovalOut::of(&reported.judgement.subject.gate.approvals[entry].entry);
        ApprovedOut {
            package: key.1.purl(),
            lockfile: key.0.as_str(),
            rules,
            introduction: introduction(reported, key),
            approval,
            inherited_by: road.iter().map(Package::purl).collect(),
        }
    }
}

impl<'r> ApprovalOut<'r> {
    pub(super) fn of(entry: &'r Entry) -> Self {
        ApprovalOut {
            location: LocationOut::of(&entry.location),
            owner: entry.owner.as_deref(),
            approved_by: entry.approved_by.to_string(),
            on: entry.on.to_string(),
            expires: entry.expires.to_string(),
            reason: &entry.reason,
            reviewed: &entry.reviewed,
            accepted: entry.findings.iter().map(Accepted::as_str).collect(),
            until_fixed: entry.until_fixed,
        }
    }
}
