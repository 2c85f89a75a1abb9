//! Licences in reports: what is stated of each changed package, by whom, what it reads and of which family that is.

use super::Reported;
use crate::diff::{Aspect, Change, ChangeKind};
use crate::enrich::licence::{self, Claim, Family, Reading};
use crate::judge::Subject;
use crate::judge::licences::{Standing, Told, standings};
use crate::model::text::{shortened, visible};
use serde::Serialize;
use std::collections::HashMap;

/// Short notes by the changes that they are of.
pub(super) type Notes = HashMap<*const Change, String>;

/// Characters of one licence in a note.
const MOST: usize = 60;

/// `licence MIT` of what is new; `licence AGPL-3.0-only, was MIT` of what has another one.
pub(super) fn notes(reported: &Reported<'_>) -> Notes {
    let noted = |standing: Standing<'_>| Some((std::ptr::from_ref(standing.change), note(&standing)?));
    standings(&reported.judgement.subject).into_iter().filter_map(noted).collect()
}

fn note(standing: &Standing<'_>) -> Option<String> {
    let text = |told: &Told<'_>| told.known.first().map(short);
    let note = match &standing.was {
        None if standing.change.kind == ChangeKind::Added => {
            let other = standing.is.known.other().map(|other| format!(" ({}: {})", other.origin.kind(), short(&other.reading)));
            format!("licence {}{}", text(&standing.is)?, other.unwrap_or_default())
        }
        // What the lockfile itself states otherwise is told with what else differs.
        Some(was) if !standing.change.what.contains(&Aspect::Licence) && !standing.is.known.is_same(&was.known) => {
            format!("licence {}, was {}", text(&standing.is)?, text(was)?)
        }
        _ => return None,
    };
    Some(visible(&note).into_owned())
}

fn short(reading: &Reading) -> String {
    let unclear = if reading.expression().is_some() { "" } else { " (unclear)" };
    format!("{}{unclear}", shortened(&reading.text(), MOST))
}

/// By which list identifiers are known.
#[derive(Serialize)]
pub(super) struct LicencesOut {
    spdx_list: &'static str,
}

/// What is known of one package's licence.
#[derive(Serialize)]
pub(super) struct LicenceOut {
    expression: Option<String>,
    family: Option<&'static str>,
    claims: Vec<ClaimOut>,
}

#[derive(Serialize)]
struct ClaimOut {
    origin: &'static str,
    place: String,
    stated: String,
    expression: Option<String>,
    family: Option<&'static str>,
}

impl LicencesOut {
    pub fn this() -> Self {
        LicencesOut { spdx_list: licence::list_version() }
    }
}

/// The licence of each change, and what it was, in the order of the lockfiles and their changes; `None` where nobody
/// states one.
pub(super) fn of_changes(subject: &Subject<'_>) -> Vec<[Option<LicenceOut>; 2]> {
    let both = |standing: Standing<'_>| [Some(&standing.is), standing.was.as_ref()].map(|told| LicenceOut::of(told?));
    standings(subject).into_iter().map(both).collect()
}

impl LicenceOut {
    fn of(told: &Told<'_>) -> Option<Self> {
        let first = told.known.first()?;
        Some(LicenceOut {
            expression: first.expression().map(ToString::to_string),
            family: told.known.family().map(Family::as_str),
            claims: told.known.claims.iter().map(ClaimOut::of).collect(),
        })
    }
}

impl ClaimOut {
    fn of(claim: &Claim) -> Self {
        ClaimOut {
            origin: claim.origin.kind(),
            place: claim.origin.to_string(),
            stated: claim.reading.stated.to_string(),
            expression: claim.reading.expression().map(ToString::to_string),
            family: claim.reading.family().map(Family::as_str),
        }
    }
}
