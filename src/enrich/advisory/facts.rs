//! What is known of packages: the advisories that apply to each, or why that is not known.

use super::evaluate::{Answer, Wanted, of_wanted};
use super::fixes::Fixes;
use super::groups::{joined, preferred};
use super::record::Record;
use crate::enrich::Fact;
use crate::model::age::{MaxAge, rough};
use crate::model::{Address, Advisory, AdvisoryId, AdvisoryKind, Ecosystem, Package, PackageName, PackageSource};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What the store told of all packages in question.
#[derive(Clone, Debug)]
pub struct Advisories {
    /// Of each ecosystem that has packages in question: the store, or why nothing is known.
    pub stores: BTreeMap<Ecosystem, Fact<StoreNote>>,
    /// Packages to which at least one record applies or may apply.
    pub packages: HashMap<Package, PackageFacts>,
    /// Packages of which nobody was asked, for they are internal.
    pub unasked: HashSet<Package>,
    /// How old a store may be at most, where somebody said so.
    pub age: Option<AgeLimit>,
}

/// Older knowledge than this is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeLimit {
    pub most: MaxAge,
    /// The time of the run, in seconds since 1970.
    pub now: i64,
}

/// What a clock may be wrong by, in seconds: a store that is younger than the run by more has no age.
const SKEW: i64 = 86_400;

impl AgeLimit {
    /// Why knowledge of this time is of no use, as a clause for people.
    pub fn refuses(&self, as_of: i64) -> Option<String> {
        let age = self.now.saturating_sub(as_of);
        if age < -SKEW {
            return Some("it is dated in the future".into());
        }
        let age = u64::try_from(age).unwrap_or(0);
        (age > self.most.seconds()).then(|| format!("it is {} old, and {} is the most that is allowed", rough(age), self.most))
    }
}

/// Which store was asked, or which server in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreNote {
    /// The address of the server, where no store was asked.
    pub server: Option<Address>,
    /// SHA-256 of its content, hex; of what the server sent.
    pub digest: String,
    pub records: u64,
    /// Records, or parts of them, that were rejected when the store was filled.
    pub rejected: u64,
    /// Whether it holds single records alone, so that a package which none of them names is not clean.
    pub is_part: bool,
    /// When the newest of its records was changed, in seconds since 1970.
    pub newest: i64,
    /// When it was written, in seconds since 1970.
    pub imported: i64,
    /// From when its age counts, in seconds since 1970.
    pub as_of: i64,
}

/// What the records say of one package.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PackageFacts {
    /// Sorted, the most serious first.
    pub advisories: Vec<Advisory>,
    /// Records of which it cannot be told whether they apply, with the reason.
    pub undecided: Vec<(AdvisoryId, String)>,
}

impl Advisories {
    /// Nobody was asked: nothing is known.
    pub fn unknown(reason: &str) -> Self {
        let stores = Ecosystem::ALL.into_iter().map(|ecosystem| (ecosystem, Fact::Unknown(reason.to_owned())));
        Advisories { stores: stores.collect(), packages: HashMap::new(), unasked: HashSet::new(), age: None }
    }

    pub fn of(&self, package: &Package) -> &[Advisory] {
        self.packages.get(package).map_or(&[], |facts| &facts.advisories)
    }
}

/// Whether advisories are about packages of this kind of source: those of a registry. A mirror's or a
/// private registry's package is taken for its namesake on the public one; a git fork, a file at an
/// address and a folder are not.
pub fn is_in_question(package: &Package) -> bool {
    matches!(package.source, PackageSource::Registry { .. })
}

/// The facts of one package, from every record that the store has of its name.
pub fn of_package(ecosystem: Ecosystem, name: &PackageName, version: Option<&str>, records: &[Record]) -> PackageFacts {
    let wanted = Wanted::new(ecosystem, version);
    let mut applying: Vec<usize> = Vec::new();
    let mut undecided = Vec::new();
    for (number, record) in records.iter().enumerate() {
        match of_wanted(record, name, &wanted) {
            Answer::Affected => applying.push(number),
            Answer::NotAffected => {}
            Answer::Undecided(reason) => undecided.push((record.id.clone(), reason)),
        }
    }
    if applying.is_empty() {
        return PackageFacts { advisories: Vec::new(), undecided };
    }
    let fixes = Fixes::new(ecosystem, name, &wanted, records);
    let upgrade = fixes.upgrade();
    let groups = joined(&applying.iter().map(|&number| &records[number]).collect::<Vec<_>>());
    let mut advisories: Vec<Advisory> = groups
        .into_iter()
        .filter_map(|group| {
            let numbers: Vec<usize> = group.into_iter().map(|at| applying[at]).collect();
            let members: Vec<&Record> = numbers.iter().map(|&number| &records[number]).collect();
            Some(Advisory { fixed: fixes.of(&numbers), upgrade: upgrade.clone(), ..summed_up(&members)? })
        })
        .collect();
    advisories.sort_by(|a, b| (b.kind, &b.severity).cmp(&(a.kind, &a.severity)).then_with(|| a.id.cmp(&b.id)));
    PackageFacts { advisories, undecided }
}

/// One advisory of several records; the preferred one speaks where only one can.
fn summed_up(records: &[&Record]) -> Option<Advisory> {
    let id = preferred(records.iter().map(|record| &record.id))?;
    let spokesman = records.iter().find(|record| record.id == *id)?;
    let all = |part: fn(&Record) -> &[String]| -> Vec<String> {
        let texts: BTreeSet<&String> = records.iter().flat_map(|record| part(record)).collect();
        texts.into_iter().cloned().collect()
    };
    let names = records.iter().flat_map(|record| record.aliases.iter().chain([&record.id])).filter(|name| *name != id);
    let functions: BTreeSet<&String> =
        records.iter().flat_map(|record| &record.affected).flat_map(|affected| &affected.functions).collect();
    let with_summary = records.iter().map(|record| &record.summary).find(|summary| !summary.is_empty());
    Some(Advisory {
        id: id.clone(),
        aliases: names.collect::<BTreeSet<_>>().into_iter().cloned().collect(),
        records: records.iter().map(|record| &record.id).collect::<BTreeSet<_>>().into_iter().cloned().collect(),
        kind: records.iter().map(|record| record.kind).max().unwrap_or(AdvisoryKind::Vulnerability),
        summary: if spokesman.summary.is_empty() { with_summary.cloned().unwrap_or_default() } else { spokesman.summary.clone() },
        severity: records
            .iter()
            .filter_map(|record| Some((record.own_severity()?.clone(), record.id.clone())))
            .max_by(|a, b| a.0.cmp(&b.0)),
        published: records.iter().filter_map(|record| record.published).min(),
        modified: records.iter().map(|record| record.modified).max().unwrap_or_default(),
        fixed: Vec::new(),
        fix_known: super::fixes::known(records).map(str::to_owned),
        upgrade: None,
        through: Vec::new(),
        exploitation: None,
        cwes: all(|record| &record.cwes),
        functions: functions.into_iter().cloned().collect(),
        references: all(|record| &record.references),
        vex: None,
    })
}
