//! The documents of one name, joined. Where two say different things the one counts that package managers follow: an
//! index that says "yanked" keeps Cargo from choosing a version, whatever the API says.
//!
//! The invariant: only the document that package managers ask can say that a name or a version is absent, and
//! nothing that a document leaves out is ever taken for "no".

use super::answer::same_name;
use super::list::Listed;
use super::what::What;
use super::{
    Document, Kept, Mark, Newer, Origin, Outcome, PackageFacts, Part, Publisher, Registry, Release, Sourced, Standing, repository,
};
use crate::enrich::Fact;
use crate::model::version::Parsed;
use crate::model::{Address, Ecosystem, Package, Version};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;
use std::sync::Arc;

const DAY: i64 = 86_400;

/// One document that is there.
pub struct Told<'k> {
    kept: &'k Kept,
    /// `None` where the name was absent.
    pub part: Option<&'k Part>,
    /// What it says of the version in question.
    own: Option<&'k Release>,
    origin: Arc<Origin>,
}

pub struct Joined<'k> {
    package: &'k Package,
    registry: &'k Registry,
    /// The one that package managers ask first.
    told: Vec<Told<'k>>,
    at: Option<i64>,
    versions: Listed<'k>,
}

/// The order in which documents count: package managers' own, what the registry says beside it, others.
fn rank(document: Document) -> u8 {
    match document {
        Document::CargoIndex | Document::Packument | Document::PypiSimple => 0,
        Document::CratesIo | Document::NpmDownloads | Document::PypiJson | Document::PypiVersion => 1,
        Document::DepsDev | Document::DepsDevDependents => 2,
    }
}

fn ecosystem(document: Document) -> Option<Ecosystem> {
    match document {
        Document::CargoIndex | Document::CratesIo => Some(Ecosystem::Cargo),
        Document::Packument | Document::NpmDownloads => Some(Ecosystem::Npm),
        Document::PypiJson | Document::PypiSimple | Document::PypiVersion => Some(Ecosystem::Pypi),
        Document::DepsDev | Document::DepsDevDependents => None,
    }
}

impl<'k> Joined<'k> {
    pub fn new(package: &'k Package, registry: &'k Registry, kept: &[&'k Kept], at: Option<i64>) -> Joined<'k> {
        let mut kept: Vec<&Kept> = kept.iter().copied().filter(|kept| belongs(package, registry, kept)).collect();
        kept.sort_by_key(|kept| (rank(kept.document), kept.document, Reverse(kept.fetched)));
        kept.dedup_by_key(|kept| kept.document);
        let told: Vec<Told<'_>> = kept.into_iter().map(|kept| Told::of(kept, package)).collect();
        let versions = Listed::of(package, &told);
        Joined { package, registry, told, at, versions }
    }

    /// The document that says what is there.
    fn main(&self) -> Option<&Told<'k>> {
        self.told.first().filter(|told| rank(told.kept.document) == 0)
    }

    /// Everything that is known of a name that is absent.
    pub fn absent(&self) -> Option<PackageFacts> {
        let main = self.main().filter(|main| main.part.is_none())?;
        let reason = format!("{} has no {}", self.base(), self.package.name);
        Some(PackageFacts { standing: Sourced::known(Standing::Absent, &main.origin), ..PackageFacts::unknown(&reason) })
    }

    pub fn standing(&self) -> Sourced<Standing> {
        let Some((main, part)) = self.main().and_then(|main| Some((main, main.part?))) else {
            return Sourced::unknown(self.unasked());
        };
        match &part.standing {
            None => Sourced::known(Standing::Present, &main.origin),
            Some(_) if self.is_past(main) => Sourced::unknown(no_history(What::Standing)),
            Some(standing) => Sourced::known(standing.clone(), &main.origin),
        }
    }

    pub fn has_version(&self) -> Sourced<bool> {
        let Some(main) = self.main() else { return Sourced::unknown(self.unasked()) };
        if self.package.version.is_none() {
            return Sourced::unknown(NO_VERSION);
        }
        match main.part.and_then(|part| part.releases.as_deref()) {
            None => Sourced::unknown(self.silent(What::Versions)),
            Some(_) => Sourced::known(main.own.is_some(), &main.origin),
        }
    }

    pub fn first_published(&self) -> Sourced<i64> {
        match self.told.iter().find_map(|told| Some((told, told.first_time()?))) {
            Some((told, time)) => Sourced::known(time, &told.origin),
            None => Sourced::unknown(self.undated(What::FirstPublished)),
        }
    }

    pub fn published(&self) -> Sourced<i64> {
        let dated = self.of_version().find_map(|(told, release)| Some((told, told.time(release)?)));
        match dated {
            Some((told, time)) => Sourced::known(time, &told.origin),
            None => Sourced::unknown(self.undated(What::Published)),
        }
    }

    pub fn completed(&self) -> Sourced<i64> {
        let dated = self.of_version().find_map(|(told, release)| Some((told, told.believed(release.completed)?)));
        match dated {
            Some((told, time)) => Sourced::known(time, &told.origin),
            None => Sourced::unknown(self.undated(What::Published)),
        }
    }

    pub fn of_release<T>(&self, what: What, take: impl Fn(&Release) -> Option<T>) -> Sourced<T> {
        let said = self.of_version().find_map(|(told, release)| Some(Sourced::known(take(release)?, &told.origin)));
        said.unwrap_or_else(|| Sourced::unknown(self.silent_of_version(what)))
    }

    /// Marks come later than versions, and go.
    pub fn mark(&self, what: What, take: impl Fn(&Release) -> Option<Mark>) -> Sourced<Mark> {
        let said = self.of_version().find_map(|(told, release)| Some(self.today(told, what, take(release)?)));
        let impossible = self.of_version().next().filter(|_| !what.is_of_versions(self.package.ecosystem));
        match impossible {
            Some((told, _)) => Sourced::known(Mark::No, &told.origin),
            None => said.unwrap_or_else(|| Sourced::unknown(self.silent_of_version(what))),
        }
    }

    pub fn of_name_today<T>(&self, what: What, take: impl Fn(&Part) -> Option<T>) -> Sourced<T> {
        let said = self.told.iter().find_map(|told| Some(self.today(told, what, take(told.part?)?)));
        said.unwrap_or_else(|| Sourced::unknown(self.silent(what)))
    }

    fn today<T>(&self, told: &Told<'_>, what: What, value: T) -> Sourced<T> {
        if self.is_past(told) { Sourced::unknown(no_history(what)) } else { Sourced::known(value, &told.origin) }
    }

    pub fn install(&self) -> Sourced<Vec<String>> {
        let told = self.of_release(What::Install, |release| release.install.clone());
        match &told.fact {
            Fact::Unknown(_)
                if self.package.ecosystem == Ecosystem::Pypi && self.of_version().any(|(told, _)| told.versions().is_some()) =>
            {
                Sourced::unknown(
                    "its files do not settle what runs: there are wheels for some platforms, and a source archive that is built on the others; or none \
                 that pip takes",
                )
            }
            _ => told,
        }
    }

    pub fn install_is_new(&self, previous: Option<&Version>) -> Sourced<bool> {
        let own = self.install();
        self.compared(
            own,
            previous,
            What::Install,
            |release| release.install.clone(),
            |own, before| !own.is_empty() && before.is_none_or(|before| before.is_empty()),
        )
    }

    pub fn attestation_lost(&self, previous: Option<&Version>) -> Sourced<bool> {
        let own = self.of_release(What::Attested, |release| release.attested);
        self.compared(own, previous, What::Attested, |release| release.attested, |own, before| !own && before.is_none_or(|before| *before))
    }

    /// `differs` of this version and the one before; where it is "no" whatever the one before is, that one is not asked for.
    fn compared<T>(
        &self,
        own: Sourced<T>,
        previous: Option<&Version>,
        what: What,
        take: impl Fn(&Release) -> Option<T>,
        differs: impl Fn(&T, Option<&T>) -> bool,
    ) -> Sourced<bool> {
        let (value, from) = match (own.fact, own.from) {
            (Fact::Known(value), Some(from)) => (value, from),
            (Fact::Unknown(reason), _) => return Sourced::unknown(reason),
            (Fact::Known(_), None) => return Sourced::unknown(self.unasked()),
        };
        if !differs(&value, None) {
            return Sourced::known(false, &from);
        }
        let Some(previous) = previous else { return Sourced::unknown("there is no version before it to compare with") };
        match self.of(previous).find_map(|(_, release)| take(release)) {
            Some(before) => Sourced::known(differs(&value, Some(&before)), &from),
            None => Sourced::unknown(format!("of {previous}, the version before it, {}", self.silent(what))),
        }
    }

    /// Whether nobody of this name published a version before it.
    pub fn publisher_is_new(&self) -> Sourced<bool> {
        let own = self.of_release(What::Publisher, |release| release.publisher.clone());
        let (Fact::Known(own_publisher), Some(from)) = (&own.fact, &own.from) else {
            return Sourced::unknown(own.fact.reason().unwrap_or_default());
        };
        let (before, is_whole) = match self.publishers_before() {
            Ok(before) => before,
            Err(reason) => return Sourced::unknown(reason),
        };
        match (before.contains(&Some(own_publisher)), before.is_empty(), is_whole) {
            (true, ..) => Sourced::known(false, from),
            (false, true, true) => Sourced::unknown("it is the first version of its name"),
            (false, false, true) => Sourced::known(true, from),
            (false, _, false) => Sourced::unknown(self.silent(What::PublishersBefore)),
        }
    }

    pub fn publishers(&self) -> Sourced<Vec<Publisher>> {
        let own = self.of_release(What::Publisher, |release| release.publisher.clone());
        let (Fact::Known(own), Some(from)) = (own.fact, own.from) else { return Sourced::unknown(self.silent(What::PublishersBefore)) };
        match self.publishers_before() {
            Ok((before, true)) => {
                let all: BTreeSet<Publisher> = before.into_iter().flatten().cloned().chain([own]).collect();
                Sourced::known(all.into_iter().collect(), &from)
            }
            Ok((_, false)) => Sourced::unknown(self.silent(What::PublishersBefore)),
            Err(reason) => Sourced::unknown(reason),
        }
    }

    /// Who published the versions before it, by the times of publication; and whether of all of them both is known.
    fn publishers_before(&self) -> Result<(BTreeSet<Option<&'k Publisher>>, bool), String> {
        let Fact::Known(published) = self.published().fact else { return Err(self.undated(What::PublishersBefore)) };
        let others = || self.versions.all().iter().filter(|listed| !self.versions.is_own(listed));
        let before: BTreeSet<_> =
            others().filter(|listed| listed.time.is_some_and(|time| time < published)).map(|listed| listed.publisher).collect();
        let is_whole = !before.contains(&None) && others().all(|listed| listed.time.is_some());
        Ok((before, is_whole))
    }

    pub fn previous(&self) -> Option<Version> {
        self.versions.previous().and_then(|text| Version::new(text).ok())
    }

    pub fn newer(&self) -> Sourced<Option<Newer>> {
        let Some(told) = self.told.iter().find(|told| told.versions().is_some()) else {
            return Sourced::unknown(self.silent(What::Versions));
        };
        match self.versions.newer(self.at, self.is_past(told)) {
            Ok(newer) => Sourced::known(newer, &told.origin),
            Err(reason) if reason.is_empty() => Sourced::unknown(self.undated(What::VersionsThen)),
            Err(reason) => Sourced::unknown(reason),
        }
    }

    pub fn repository(&self) -> Sourced<Option<String>> {
        let said = self.told.iter().find_map(|told| Some(Sourced::known(told.part?.repository.clone()?, &told.origin)));
        let said = said.unwrap_or_else(|| Sourced::unknown(self.silent(What::Repository)));
        said.map(|url| Some(url).filter(|url| !url.is_empty()))
    }

    pub fn repository_fits(&self, stated: &Sourced<Option<String>>) -> Sourced<bool> {
        match (&stated.fact, &stated.from) {
            (Fact::Known(Some(url)), Some(from)) => Sourced::known(repository::fits(&self.package.name, url), from),
            (Fact::Unknown(reason), _) => Sourced::unknown(reason.as_str()),
            _ => Sourced::unknown("it states no repository"),
        }
    }

    pub fn licence(&self) -> Sourced<Option<String>> {
        let said = self.of_release(What::Licence, |release| release.licence.clone());
        let is_there = |document| self.told.iter().any(|told| told.kept.document == document && told.part.is_some());
        match said.fact {
            Fact::Unknown(_) if self.of_version().next().is_some() && is_there(Document::PypiVersion) => {
                Sourced::unknown("what PyPI tells of its licence is neither an expression nor a text of a few words")
            }
            Fact::Unknown(_) if self.of_version().next().is_some() && is_there(Document::PypiJson) => Sourced::unknown(
                "PyPI's document of the name tells the licence of the latest version alone, and only where it is a short text",
            ),
            _ => said.map(|licence| Some(licence).filter(|licence| !licence.is_empty())),
        }
    }

    fn of_version(&self) -> impl Iterator<Item = (&Told<'k>, &'k Release)> {
        self.told.iter().filter_map(|told| Some((told, told.own?)))
    }

    /// What each document says of a version.
    fn of(&self, version: &Version) -> impl Iterator<Item = (&Told<'k>, &'k Release)> {
        let releases = self.told.iter().filter_map(|told| Some((told, told.part?.releases.as_deref()?)));
        releases.filter_map(move |(told, releases)| Some((told, find(self.package.ecosystem, releases, version)?)))
    }

    /// Whether the time in question lies so far before the document that what is today says nothing of it.
    fn is_past(&self, told: &Told<'_>) -> bool {
        self.at.is_some_and(|at| at.saturating_add(DAY) < told.kept.fetched)
    }

    fn base(&self) -> Address {
        Address::new(&self.registry.base)
    }

    fn unasked(&self) -> String {
        format!("{} was not asked about {}; a run that may ask, or a snapshot that holds its answer, tells", self.base(), self.package.name)
    }

    /// Why a thing is not known: nobody was asked, or nobody says it.
    fn silent(&self, what: What) -> String {
        if self.told.is_empty() {
            return self.unasked();
        }
        if let Some(reason) = what.is_told_by_nobody(self.package.ecosystem) {
            return reason.to_owned();
        }
        let mut unasked: Vec<Address> = self.main().is_none().then(|| self.base()).into_iter().collect();
        let urls: Vec<&str> = self.told.iter().map(|told| told.kept.url.as_str()).collect();
        let was_asked = self.told.iter().any(|told| rank(told.kept.document) == 1);
        let api = self.registry.api.as_deref().filter(|_| !was_asked && what.is_told_by_api(self.package.ecosystem));
        unasked.extend(api.map(Address::new));
        let others: String = unasked.iter().map(|base| format!("; {base} was not asked, and may")).collect();
        format!("{} is not said by {}{others}", what.words(), urls.join(" nor by "))
    }

    fn silent_of_version(&self, what: What) -> String {
        match (&self.package.version, self.has_version().fact) {
            (None, _) => NO_VERSION.to_owned(),
            (Some(version), Fact::Known(false)) => format!("{} has no version {version} of {}", self.base(), self.package.name),
            _ => self.silent(what),
        }
    }

    fn undated(&self, what: What) -> String {
        let doubt = self.told.iter().find_map(|told| Some((told, told.part?.unusable_times.as_ref()?)));
        match doubt {
            Some((told, doubt)) => format!(
                "{} is not known, for the times of {} are not trusted: {doubt}; a registry that passes on the times of publication, or \
                 deps.dev, tells",
                what.words(),
                told.kept.url
            ),
            None if what == What::FirstPublished => self.silent(what),
            None => self.silent_of_version(what),
        }
    }
}

const NO_VERSION: &str = "the lockfile states no version of it";

fn no_history(what: What) -> String {
    format!("{} is known of today alone: the registry keeps no history of it", what.words())
}

/// Whether a document is of this package's name at this registry.
fn belongs(package: &Package, registry: &Registry, kept: &Kept) -> bool {
    let plain = |base: &str| Address::new(base.trim_end_matches('/'));
    let is_of_registry =
        || [Some(&registry.base), registry.api.as_ref()].into_iter().flatten().any(|base| plain(base) == plain(&kept.registry));
    let is_of_ecosystem = match ecosystem(kept.document) {
        Some(ecosystem) => ecosystem == package.ecosystem && is_of_registry(),
        None => true,
    };
    let is_of_version = kept.version.as_deref().is_none_or(|version| package.version.as_ref().map(Version::as_str) == Some(version));
    is_of_ecosystem
        && is_of_version
        && registry.ecosystem == package.ecosystem
        && same_name(package.ecosystem, package.name.as_str(), &kept.name)
}

/// A version in a list: in the same letters, or by the ecosystem's rules (`1.0` is `1.0.0` of PyPI). Cargo tells versions
/// apart that differ in their build metadata alone.
pub fn find<'r>(ecosystem: Ecosystem, releases: &'r [Release], version: &Version) -> Option<&'r Release> {
    let same = releases.iter().find(|release| release.version == version.as_str());
    same.or_else(|| {
        if ecosystem == Ecosystem::Cargo {
            return None;
        }
        let own = Parsed::of(ecosystem, version.as_str())?;
        let is_own = |release: &&Release| {
            let parsed = Parsed::of(ecosystem, &release.version);
            parsed.and_then(|parsed| parsed.compare(&own)) == Some(Ordering::Equal)
        };
        releases.iter().find(is_own)
    })
}

impl<'k> Told<'k> {
    fn of(kept: &'k Kept, package: &Package) -> Told<'k> {
        let part = match &kept.outcome {
            Outcome::Said(part) => Some(part),
            Outcome::Absent => None,
        };
        let origin = Origin { url: kept.url.clone(), fetched: kept.fetched, digest: kept.digest.clone() };
        let releases = part.and_then(|part| part.releases.as_deref());
        let own = releases.zip(package.version.as_ref()).and_then(|(releases, version)| find(package.ecosystem, releases, version));
        Told { kept, part, own, origin: Arc::new(origin) }
    }

    /// All versions of the name, of a document that lists them.
    pub fn versions(&self) -> Option<&'k [Release]> {
        self.part.filter(|_| self.kept.version.is_none())?.releases.as_deref()
    }

    pub fn has_times(&self) -> bool {
        self.part.is_some_and(|part| part.unusable_times.is_none())
    }

    /// A document knows of no time after its own.
    fn is_believable(&self, time: i64) -> bool {
        time <= self.kept.fetched.saturating_add(DAY)
    }

    /// The earliest time of the versions that are there. `created` counts where there is none of each: it is older where
    /// somebody gave a name up and somebody else took it, and would lend a new package the age of another.
    fn first_time(&self) -> Option<i64> {
        let part = self.part.filter(|_| self.has_times())?;
        let of_each: Option<Vec<i64>> = part.releases.iter().flatten().map(|release| self.time(release)).collect();
        let created = part.created.filter(|time| self.is_believable(*time));
        of_each.and_then(|times| times.into_iter().min()).or(created)
    }

    /// When a version was published, where this document is to be trusted with it.
    pub fn time(&self, release: &Release) -> Option<i64> {
        self.believed(release.published)
    }

    fn believed(&self, time: Option<i64>) -> Option<i64> {
        time.filter(|time| self.has_times() && self.is_believable(*time))
    }
}
