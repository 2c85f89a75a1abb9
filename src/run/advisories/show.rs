//! `advisories show`: one record, or those that name an id as their alias.

use super::{folder, open};
use crate::enrich::advisory::Record;
use crate::enrich::advisory::store::file_name;
use crate::model::{AdvisoryId, Ecosystem};
use crate::run::RunError;
use std::collections::BTreeMap;
use std::path::Path;

/// A record with its long text; what it says of all packages of our ecosystems.
#[derive(Debug)]
pub struct Shown {
    pub record: Record,
    pub details: String,
}

/// The record of an id, or the records that have it as an alias, sorted. Every record of the store is
/// looked at: a store knows packages by name and nothing else.
pub fn show(id: &str, named: Option<&Path>) -> Result<Vec<Shown>, RunError> {
    let folder = folder(named)?;
    let wanted = AdvisoryId::new(id)?;
    let mut found: BTreeMap<AdvisoryId, Shown> = BTreeMap::new();
    let mut stores = 0;
    for ecosystem in Ecosystem::ALL {
        let Some(store) = open(&folder, ecosystem)? else { continue };
        stores += 1;
        let mut records = Vec::new();
        let collected = store.each(&mut |record| {
            if record.id == wanted || record.aliases.contains(&wanted) {
                records.push(record);
            }
            Ok(())
        });
        let error = |source| RunError::Store { file: folder.join(file_name(ecosystem)), source };
        collected.map_err(error)?;
        for record in records {
            let details = store.details(&record.id).map_err(error)?;
            join(&mut found, record, details);
        }
    }
    if found.contains_key(&wanted) {
        found.retain(|id, _| *id == wanted);
    }
    match (found.is_empty(), stores) {
        (true, 0) => Err(RunError::NoStore(folder)),
        (true, _) => Err(RunError::NoSuchAdvisory(wanted)),
        (false, _) => Ok(found.into_values().collect()),
    }
}

/// A record comes once for each package.
fn join(found: &mut BTreeMap<AdvisoryId, Shown>, record: Record, details: String) {
    match found.get_mut(&record.id) {
        None => drop(found.insert(record.id.clone(), Shown { record, details })),
        Some(shown) => {
            shown
                .record
                .affected
                .extend(record.affected.into_iter().filter(|affected| !shown.record.affected.contains(affected)).collect::<Vec<_>>());
            shown.record.affected.sort_by(|a, b| (a.ecosystem, &a.name).cmp(&(b.ecosystem, &b.name)));
        }
    }
}
