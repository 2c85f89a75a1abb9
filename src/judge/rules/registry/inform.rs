//! What somebody who decides may want to know, and what decides nothing.

use super::{Found, told};
use crate::judge::Subject;
use crate::model::text::quoted;

pub fn repository_mismatch(subject: &Subject<'_>) -> Vec<Found> {
    let new = told(subject).filter(|told| told.is_new_name);
    new.filter_map(|told| {
        let facts = told.today();
        match (facts.repository.fact.known()?, facts.repository_fits.fact.known()) {
            (None, _) => Some(told.found("states no repository", &facts.repository)),
            (Some(url), Some(false)) => {
                Some(told.found(&format!("states a repository that does not answer to its name: {}", quoted(url)), &facts.repository_fits))
            }
            _ => None,
        }
    })
    .collect()
}

pub fn single_owner(subject: &Subject<'_>) -> Vec<Found> {
    let new = told(subject).filter(|told| told.is_new_name);
    new.filter_map(|told| {
        let owners = &told.today().owners;
        let [owner] = &owners.fact.known()?[..] else { return None };
        Some(told.found(&format!("has one owner, {}", quoted(owner)), owners))
    })
    .collect()
}

pub fn outdated_version(subject: &Subject<'_>) -> Vec<Found> {
    told(subject)
        .filter_map(|told| {
            let (facts, _) = told.then();
            let when = if told.dossier.introduced.is_some() { "was" } else { "is" };
            let newer = facts.newer.fact.known()?.as_ref().filter(|newer| newer.majors > told.limits().majors)?;
            let days = newer.days.filter(|days| *days > 0).map(|days| format!(", published {days} days after it")).unwrap_or_default();
            let latest = quoted(newer.latest.as_str());
            Some(told.found(&format!("{when} {} major versions behind: the newest {when} {latest}{days}", newer.majors), &facts.newer))
        })
        .collect()
}
