//! What is known to be wrong with what a project holds, and what of it somebody accepted: for documents,
//! which give no verdict.
//!
//! A flaw is accepted where an entry accepts it in every lockfile that holds the package, and VEX clears it where it does so
//! in each.

use super::approval::{Acceptances, Entry};
use super::vex::Held;
use super::{Subject, advisories, vex};
use crate::enrich::Fact;
use crate::enrich::advisory::dates;
use crate::model::vex::Assessment;
use crate::model::{Advisory, Day, Gap, Package};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stores tell of the packages of a project.
#[derive(Debug, Default)]
pub struct Exposure {
    /// Only packages with flaws; those of one in the advisories' order.
    pub flaws: BTreeMap<Package, Vec<Flaw>>,
    /// Which stores were asked, a sentence each.
    pub stores: Vec<String>,
    /// Whether there was a store for every ecosystem that has packages.
    pub is_asked: bool,
    /// What could not be told.
    pub gaps: Vec<Gap>,
}

/// An advisory of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub advisory: Advisory,
    pub accepted: Option<Acceptance>,
}

/// A recorded consent to live with a flaw.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acceptance {
    /// The last day on which it holds.
    pub until: Day,
    pub by: String,
    pub on: Day,
    pub reason: String,
}

/// The flaws of the heads of a subject.
pub fn of(subject: &Subject<'_>) -> Exposure {
    let acceptances = Acceptances::new(subject);
    let mut flaws: BTreeMap<Package, Vec<Flaw>> = BTreeMap::new();
    for head in subject.lockfiles.iter().map(|lockfile| lockfile.head) {
        for (id, node) in head.packages() {
            let advised = subject.advisories.of(&node.package);
            if advised.is_empty() {
                continue;
            }
            let accepted = |advisory: &Advisory| acceptances.of(&head.lockfile, &node.package, advisory).map(acceptance);
            let held = Held { package: &node.package, node: Some((head, id)), base: None };
            let said = |advisory: &Advisory| Advisory { vex: subject.gate.vex.of(held, advisory).counts, ..advisory.clone() };
            let here = advised.iter().map(|advisory| Flaw { advisory: said(advisory), accepted: accepted(advisory) });
            match flaws.get_mut(&node.package) {
                Some(others) => others.iter_mut().zip(here).for_each(|(other, here)| {
                    other.accepted = both(other.accepted.take(), here.accepted);
                    other.advisory.vex = worse(other.advisory.vex.take(), here.advisory.vex);
                }),
                None => drop(flaws.insert(node.package.clone(), here.collect())),
            }
        }
    }
    let is_asked = subject.advisories.stores.values().all(|note| note.known().is_some());
    Exposure { flaws, stores: stores(subject), is_asked, gaps: [advisories::gaps(subject), vex::gaps(subject)].concat() }
}

/// Of two consents the one that ends first.
fn both(one: Option<Acceptance>, other: Option<Acceptance>) -> Option<Acceptance> {
    one.zip(other).map(|(one, other)| one.min(other))
}

/// Of what is said of two places that which is worse; nothing, where nothing is said of one and no harm of the other.
fn worse(one: Option<Arc<Assessment>>, other: Option<Arc<Assessment>>) -> Option<Arc<Assessment>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one.status >= other.status { one } else { other }),
        (Some(only), None) | (None, Some(only)) => Some(only).filter(|only| !only.status.clears()),
        (None, None) => None,
    }
}

fn acceptance(entry: &Entry) -> Acceptance {
    Acceptance { until: entry.expires, by: entry.approved_by.to_string(), on: entry.on, reason: entry.reason.clone() }
}

fn stores(subject: &Subject<'_>) -> Vec<String> {
    let told = subject.advisories.stores.iter().map(|(ecosystem, note)| match note {
        Fact::Unknown(reason) => format!("{}: not known: {reason}", ecosystem.osv_name()),
        Fact::Known(note) => {
            let from = note.server.as_ref().map_or("a store".to_owned(), ToString::to_string);
            let (records, newest, digest) = (note.records, dates::written(note.newest), &note.digest);
            format!("{}: {from} with {records} records, the newest of {newest}, sha256:{digest}", ecosystem.osv_name())
        }
    });
    told.collect()
}
