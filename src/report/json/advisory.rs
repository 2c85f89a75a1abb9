//! Advisories: of findings, and those that are none; and which stores were asked.

use super::super::advisories;
use super::LocationOut;
use crate::enrich::Fact;
use crate::enrich::advisory::{StoreNote, dates};
use crate::judge::Subject;
use crate::judge::advisories::{Presence, Standing, standings};
use crate::model::vex::{Assessment, Justification};
use crate::model::{Advisory, AdvisoryId, Ecosystem};
use serde::Serialize;

/// What is known of a flaw.
#[derive(Serialize)]
pub(super) struct AdvisoryOut<'r> {
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
    vex: Option<VexOut>,
}

/// What somebody who is believed says of a flaw in a package.
#[derive(Serialize)]
struct VexOut {
    status: &'static str,
    state: &'static str,
    justification: Option<&'static str>,
    responses: Vec<&'static str>,
    detail: Option<String>,
    action: Option<String>,
    author: Option<String>,
    time: Option<String>,
    file: String,
    line: u32,
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
pub(super) struct AdvisoriesOut<'r> {
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

impl<'r> AdvisoryOut<'r> {
    pub(super) fn of(advisory: &'r Advisory, known_when_introduced: Option<bool>) -> Self {
        AdvisoryOut::with(advisory, known_when_introduced, advisory.vex.as_deref())
    }

    /// With what is said of it.
    pub(super) fn with(advisory: &'r Advisory, known_when_introduced: Option<bool>, vex: Option<&Assessment>) -> Self {
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
            vex: vex.map(VexOut::of),
        }
    }
}

impl VexOut {
    fn of(vex: &Assessment) -> Self {
        VexOut {
            status: vex.status.openvex(),
            state: vex.status.cyclonedx(),
            justification: vex.justification.map(Justification::word),
            responses: vex.responses.clone(),
            detail: vex.detail.clone(),
            action: vex.action.clone(),
            author: vex.author.clone(),
            time: vex.time().map(dates::written),
            file: vex.location.file.to_string(),
            line: vex.location.line,
        }
    }
}

impl<'r> AdvisoriesOut<'r> {
    pub(super) fn of(subject: &'r Subject<'_>) -> Self {
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
            advisory: AdvisoryOut::with(standing.advisory, None, standing.vex.as_deref()),
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
