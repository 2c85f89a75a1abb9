//! Which versions are fixed, and which upgrade clears a package.

use super::evaluate::{Answer, Wanted, of_wanted};
use super::order::Key;
use super::record::{Event, Record};
use crate::model::{Ecosystem, PackageName};

/// Versions that the records name, oldest first, each once by order.
pub struct Fixes<'r> {
    ecosystem: Ecosystem,
    name: &'r PackageName,
    /// Fixed events after the version in question, with the records that name them.
    after: Vec<(Key, &'r str, usize)>,
    records: &'r [Record],
}

/// The first version that any of these records calls fixed, of any range.
pub fn known<'r>(records: &[&'r Record]) -> Option<&'r str> {
    let events = records.iter().flat_map(|record| &record.affected).flat_map(|affected| &affected.ranges).flat_map(|range| &range.events);
    events.filter_map(|event| if let Event::Fixed(version) = event { Some(version.as_str()) } else { None }).next()
}

impl<'r> Fixes<'r> {
    /// `records` are all of the package; without an order of the version nothing comes after it.
    pub fn new(ecosystem: Ecosystem, name: &'r PackageName, wanted: &Wanted<'_>, records: &'r [Record]) -> Self {
        let mut after = Vec::new();
        for (number, record) in records.iter().enumerate().filter(|(_, record)| record.withdrawn.is_none()) {
            for event in record.affected.iter().flat_map(|affected| &affected.ranges).flat_map(|range| &range.events) {
                let Event::Fixed(version) = event else { continue };
                let is_after = |key: &Key| !key.is_bound() && wanted.key().is_some_and(|wanted| wanted.compare(key).is_lt());
                let key = Key::parse(ecosystem, version).filter(is_after);
                after.extend(key.map(|key| (key, version.as_str(), number)));
            }
        }
        after.sort_by(|(a, x, m), (b, y, n)| a.compare(b).then_with(|| (x, m).cmp(&(y, n))));
        after.dedup_by(|(_, x, m), (_, y, n)| (x, m) == (y, n));
        Fixes { ecosystem, name, after, records }
    }

    /// Fixed versions that these records name and none of them affects.
    pub fn of(&self, numbers: &[usize]) -> Vec<String> {
        let mut fixed: Vec<String> = Vec::new();
        for (_, version, number) in &self.after {
            let is_clear = |number: &usize| !self.affects(&self.records[*number], version);
            if numbers.contains(number) && fixed.last().is_none_or(|last| last != version) && numbers.iter().all(is_clear) {
                fixed.push((*version).to_owned());
            }
        }
        fixed
    }

    /// The oldest fixed version that no record of the package affects; a release, where there is one.
    pub fn upgrade(&self) -> Option<String> {
        let is_clear = |version: &str| self.records.iter().all(|record| !self.affects(record, version));
        let mut versions: Vec<&(Key, &str, usize)> = self.after.iter().collect();
        versions.dedup_by(|(_, x, _), (_, y, _)| x == y);
        let mut clear = versions.into_iter().filter(|(_, version, _)| is_clear(version)).peekable();
        let first = clear.peek().map(|(_, version, _)| *version);
        clear.find(|(key, ..)| !key.is_pre_release()).map(|(_, version, _)| *version).or(first).map(str::to_owned)
    }

    /// What cannot be decided counts as affected: an upgrade is only worth naming when it helps.
    fn affects(&self, record: &Record, version: &str) -> bool {
        of_wanted(record, self.name, &Wanted::new(self.ecosystem, Some(version))) != Answer::NotAffected
    }
}
