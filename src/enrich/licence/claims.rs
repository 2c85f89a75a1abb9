//! Who says what of a package's licence. Each claim keeps its text and its origin; where two do not read the same both
//! stay, and the stricter one counts, since the lockfile comes with the change that is judged.

use super::{Family, Lists, Outcome, Reading, Term, Unread};
use crate::enrich::registry::PackageFacts;
use crate::model::licence::Licence;
use crate::model::{Ecosystem, Location, Package};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Where a claim stands. The order is the one in which claims are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The lockfile, or a document, that lists the package.
    Lockfile(Location),
    /// A registry's answer, by its address.
    Registry(Arc<str>),
    /// The manifest of a first-party package, or the file in which its licence stands.
    Manifest(Location),
    /// The policy; told first, since it speaks for all the others.
    Clarification(Location),
}

impl Origin {
    /// A word for reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Origin::Lockfile(_) => "lockfile",
            Origin::Registry(_) => "registry",
            Origin::Manifest(_) => "manifest",
            Origin::Clarification(_) => "clarification",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Lockfile(place) | Origin::Manifest(place) | Origin::Clarification(place) => place.fmt(f),
            Origin::Registry(address) => f.write_str(address),
        }
    }
}

/// A licence as somebody states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub origin: Origin,
    pub reading: Arc<Reading>,
}

/// What is known of one package's licence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// In the order of their origins; empty where nobody states one.
    pub claims: Vec<Claim>,
}

/// SPDX's word for "there is no licence" (SPDX 2.3, 7.15).
const NONE: &str = "NONE";

/// A text, and the address where it stands.
type Stated = (Arc<str>, Arc<str>);

/// What is stated of packages beside their lockfiles.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    registry: HashMap<Package, Vec<Stated>>,
    /// Packages of which a registry says that no licence is stated, with the address of the document.
    unstated: HashMap<Package, Arc<str>>,
    /// Of first-party packages, with the place.
    manifest: HashMap<Package, (Arc<str>, Location)>,
}

/// Texts that were read: the packages of a lockfile state few different ones.
#[derive(Default)]
pub struct Reader(HashMap<(Ecosystem, Box<str>), Option<Arc<Reading>>>);

impl Reader {
    /// Different texts that are read: a project has some dozens.
    const MOST: usize = 10_000;

    /// As [`Reading::of`].
    pub fn read(&mut self, text: &str, ecosystem: Ecosystem) -> Option<Arc<Reading>> {
        if self.0.len() >= Reader::MOST && !self.0.contains_key(&(ecosystem, text.into())) {
            return Reading::unread(text, Unread::TooMany).map(Arc::new);
        }
        let key = (ecosystem, text.into());
        self.0.entry(key).or_insert_with(|| Reading::of(text, ecosystem).map(Arc::new)).clone()
    }
}

impl Claims {
    /// Takes what a registry states of a package: the text of its field, and the address of the document. An empty text
    /// states nothing.
    pub fn add_registry(&mut self, package: &Package, stated: &str, origin: &str) {
        let claims = self.registry.entry(package.clone()).or_default();
        if !stated.trim().is_empty() && !claims.iter().any(|(text, from)| &**text == stated && &**from == origin) {
            claims.push((stated.into(), origin.into()));
            claims.sort();
        }
    }

    /// Takes what the facts of a registry state, where they do, and that they state nothing.
    pub fn add_facts(&mut self, package: &Package, facts: &PackageFacts) {
        match (facts.licence.fact.known(), &facts.licence.from) {
            (Some(Some(stated)), Some(from)) => self.add_registry(package, stated, &from.url),
            (Some(None), Some(from)) => drop(self.unstated.insert(package.clone(), from.url.as_str().into())),
            _ => {}
        }
    }

    /// Takes what the manifest of a first-party package states.
    pub fn add_manifest(&mut self, package: &Package, stated: &str, place: Location) {
        if !stated.trim().is_empty() {
            self.manifest.entry(package.clone()).or_insert((stated.into(), place));
        }
    }

    /// What a package's manifest states, and where.
    pub fn of_manifest(&self, package: &Package) -> Option<(&str, &Location)> {
        self.manifest.get(package).map(|(text, place)| (&**text, place))
    }

    /// What is stated beside the lockfiles, in the order in which claims are told: the text, and where it stands.
    pub fn beside(&self, package: &Package) -> Vec<(&str, String)> {
        let registries = self.of_registries(package).map(|(text, from)| (text, from.to_owned()));
        registries.chain(self.of_manifest(package).map(|(text, place)| (text, place.to_string()))).collect()
    }

    /// What registries state of a package, sorted: the text, and the address of the document.
    pub fn of_registries(&self, package: &Package) -> impl Iterator<Item = (&str, &str)> {
        self.registry.get(package).into_iter().flatten().map(|(text, from)| (&**text, &**from))
    }

    /// Everything that is stated of a package, with what its lockfile says.
    pub fn of(&self, package: &Package, of_lockfile: Option<&Licence>, place: &Location, reader: &mut Reader) -> Known {
        let lockfile = of_lockfile.map(|licence| (licence.text(), Origin::Lockfile(place.clone())));
        let registry = self.of_registries(package).map(|(text, from)| (text, Origin::Registry(from.into())));
        // Against a lockfile that states one, the registry's word is that there is none.
        let is_alone = of_lockfile.is_some() && self.of_registries(package).next().is_none();
        let unstated = self.unstated.get(package).filter(|_| is_alone).map(|from| (NONE, Origin::Registry(from.clone())));
        let manifest = self.of_manifest(package).map(|(text, place)| (text, Origin::Manifest(place.clone())));
        let stated = lockfile.into_iter().chain(registry).chain(unstated).chain(manifest);
        let claims = stated.filter_map(|(text, origin)| Some(Claim { origin, reading: reader.read(text, package.ecosystem)? }));
        Known { claims: claims.collect() }
    }
}

impl Known {
    /// The claims that count: a clarification speaks for all.
    pub fn counting(&self) -> &[Claim] {
        let is_clarified = self.claims.first().is_some_and(|claim| matches!(claim.origin, Origin::Clarification(_)));
        if is_clarified { &self.claims[..1] } else { &self.claims }
    }

    /// What is told first; `None` where nobody states a licence.
    pub fn first(&self) -> Option<&Reading> {
        self.claims.first().map(|claim| &*claim.reading)
    }

    /// The first claim that counts and does not read as the one before all does.
    pub fn other(&self) -> Option<&Claim> {
        let first = self.first()?;
        self.counting().iter().find(|claim| !claim.reading.is_same(first))
    }

    /// The strictest family of the claims; `None` where one is not known.
    pub fn family(&self) -> Option<Family> {
        let families: Option<Vec<Family>> = self.counting().iter().map(|claim| claim.reading.family()).collect();
        families?.into_iter().max()
    }

    /// The strictest outcome of the claims, and whose it is; that of a licence that is not known where nobody states one.
    pub fn judged(&self, lists: &Lists, excepted: &[&Term]) -> (Outcome, Option<&Claim>) {
        let outcomes = self.counting().iter().map(|claim| (lists.of_reading(&claim.reading, excepted), Some(claim)));
        // Of equals the first.
        outcomes.reduce(|a, b| if b.0 > a.0 { b } else { a }).unwrap_or((lists.of_unknown(), None))
    }

    /// Whether every claim that counts of the one reads as one of the other, and the other way round.
    pub fn is_same(&self, other: &Known) -> bool {
        let all = |these: &Known, those: &Known| {
            these.counting().iter().all(|claim| those.counting().iter().any(|that| that.reading.is_same(&claim.reading)))
        };
        all(self, other) && all(other, self)
    }
}
