//! Records that tell of one flaw: joined by ids and aliases, transitively.

use super::record::Record;
use crate::model::AdvisoryId;
use std::collections::HashMap;

/// The groups of records, each with its members' positions in ascending order; the groups in the
/// order of their first members. Two records belong together when they share an id or an alias,
/// directly or by way of others (union-find). `related` joins nothing.
pub fn joined(records: &[&Record]) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..records.len()).collect();
    let mut owners: HashMap<&AdvisoryId, usize> = HashMap::new();
    for (number, record) in records.iter().enumerate() {
        for id in record.aliases.iter().chain([&record.id]) {
            if let Some(&other) = owners.get(id) {
                let (a, b) = (root(&mut parents, number), root(&mut parents, other));
                parents[a.max(b)] = a.min(b);
            } else {
                owners.insert(id, number);
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); records.len()];
    for number in 0..records.len() {
        let root = root(&mut parents, number);
        groups[root].push(number);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The representative; the way there is halved as it is walked.
fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// The id that stands for a group: of the records that apply, malware reports first, then the
/// ecosystems' own databases, then GitHub's, then CVE, then others; the first by letters among equals.
pub fn preferred<'i>(ids: impl Iterator<Item = &'i AdvisoryId>) -> Option<&'i AdvisoryId> {
    const RANKS: [&str; 5] = ["MAL", "RUSTSEC", "PYSEC", "GHSA", "CVE"];
    let rank = |id: &AdvisoryId| RANKS.iter().position(|database| *database == id.database()).unwrap_or(RANKS.len());
    ids.min_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)))
}
