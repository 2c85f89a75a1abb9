//! Who consented to what a project holds: for documents, which give no verdict.

use super::Judgement;
use super::approval::Entry;
use crate::model::Package;
use std::collections::{BTreeMap, BTreeSet};

/// The approvals that let packages in, and what waits for one.
#[derive(Debug, Default)]
pub struct Consents {
    /// In the order of the file.
    pub entries: Vec<Entry>,
    /// By package the places among the entries.
    pub of: BTreeMap<Package, BTreeSet<usize>>,
    /// What inherits an approval: its place, and the packages from the approved one down.
    pub inherited: BTreeMap<Package, (usize, Vec<Package>)>,
    /// Packages of which some rule still asks for consent.
    pub open: BTreeSet<Package>,
}

/// Of everything that was judged.
pub fn of(judgement: &Judgement<'_>) -> Consents {
    let used: BTreeSet<usize> = judgement.approved.iter().map(|met| met.entry).collect();
    let place: BTreeMap<usize, usize> = used.iter().enumerate().map(|(at, entry)| (*entry, at)).collect();
    let entries = used.iter().map(|at| judgement.subject.gate.approvals[*at].entry.clone()).collect();
    let mut of: BTreeMap<Package, BTreeSet<usize>> = BTreeMap::new();
    let open: BTreeSet<Package> = judgement.requests.iter().map(|request| request.package.clone()).collect();
    // What waits in one lockfile is not let in by the approval of another; what inherits has no approval of its own.
    for met in judgement.approved.iter().filter(|met| met.road.is_empty() && !open.contains(&met.request.package)) {
        of.entry(met.request.package.clone()).or_default().insert(place[&met.entry]);
    }
    let inherited = judgement.approved.iter().filter(|met| !met.road.is_empty() && !open.contains(&met.request.package));
    let inherited = inherited.map(|met| (met.request.package.clone(), (place[&met.entry], met.road.clone()))).collect();
    Consents { entries, of, inherited, open }
}
