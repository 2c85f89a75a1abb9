//! The versions of a name in relation to one of them: which is the one before it, and which is newer.

use super::joined::Told;
use super::{Mark, Newer, Publisher, Release};
use crate::model::version::Parsed;
use crate::model::{Ecosystem, Package, Version};
use std::cmp::Ordering;
use std::collections::HashMap;

/// One version of the list, with its time by the first document that is trusted with it.
pub struct Entry<'k> {
    pub text: &'k str,
    pub time: Option<i64>,
    pub publisher: Option<&'k Publisher>,
    parsed: Option<Parsed>,
    /// In relation to the version in question; `None` where the ecosystem's rules cannot tell.
    order: Option<Ordering>,
    /// Nothing that one is meant to upgrade to.
    is_withdrawn: bool,
}

/// The versions of the first document that lists any.
pub struct Listed<'k> {
    entries: Vec<Entry<'k>>,
    own: Option<Parsed>,
    own_text: Option<&'k str>,
}

impl<'k> Listed<'k> {
    pub fn of(package: &'k Package, told: &[Told<'k>]) -> Listed<'k> {
        let ecosystem = package.ecosystem;
        let own_text = package.version.as_ref().map(Version::as_str);
        let own = own_text.and_then(|text| Parsed::of(ecosystem, text));
        let first = told.iter().find_map(Told::versions).unwrap_or_default();
        let others = said(told);
        let entries = first.iter().map(|release| entry(ecosystem, release, &others, own.as_ref())).collect();
        Listed { entries, own, own_text }
    }

    pub fn all(&self) -> &[Entry<'k>] {
        &self.entries
    }

    pub fn is_own(&self, entry: &Entry<'_>) -> bool {
        self.own_text == Some(entry.text) || entry.order == Some(Ordering::Equal)
    }

    fn own_time(&self) -> Option<i64> {
        self.entries.iter().find(|entry| self.is_own(entry)).and_then(|entry| entry.time)
    }

    /// The highest version below, published before it where both times are known. A pre-release is not the one before a
    /// release, for hardly anybody has it: what is new in the release would not show; only where there is nothing else.
    pub fn previous(&self) -> Option<&'k str> {
        let own_time = self.own_time();
        let is_before = |entry: &&Entry<'_>| match (entry.time, own_time) {
            (Some(time), Some(own)) => time <= own,
            _ => true,
        };
        let is_below = |entry: &&Entry<'_>| entry.order == Some(Ordering::Less);
        let below = || self.entries.iter().filter(is_below).filter(is_before);
        let highest = highest(below().filter(|entry| self.is_alike(entry))).or_else(|| highest(below()));
        highest.map(|entry| entry.text)
    }

    /// Pre-releases are alternatives for a pre-release alone.
    fn is_alike(&self, entry: &Entry<'_>) -> bool {
        let is_prerelease = |parsed: &Option<Parsed>| parsed.as_ref().is_some_and(Parsed::is_prerelease);
        is_prerelease(&self.own) || !is_prerelease(&entry.parsed)
    }

    /// The highest version above, of those published by `at`; an empty reason where the times for that are not known.
    pub fn newer(&self, at: Option<i64>, is_past: bool) -> Result<Option<Newer>, String> {
        let Some(own) = &self.own else {
            return Err(match self.own_text {
                Some(text) => format!("{text} is in no order with other versions"),
                None => "the lockfile states no version of it".to_owned(),
            });
        };
        let above =
            self.entries.iter().filter(|entry| entry.order == Some(Ordering::Greater) && !entry.is_withdrawn && self.is_alike(entry));
        let mut known = Vec::new();
        for entry in above {
            match (at, entry.time) {
                (Some(_), None) if is_past => return Err(String::new()),
                (Some(at), Some(time)) if time > at => {}
                _ => known.push(entry),
            }
        }
        let Some((latest, parsed)) = highest(known.into_iter()).and_then(|entry| Some((entry, entry.parsed.as_ref()?))) else {
            return Ok(None);
        };
        let days = latest.time.zip(self.own_time()).map(|(latest, own)| latest.saturating_sub(own).div_euclid(86_400));
        let version = Version::new(latest.text).map_err(|error| error.to_string())?;
        Ok(Some(Newer { latest: version, majors: majors(own, parsed), days }))
    }
}

/// What the first document says that says it, of a version.
#[derive(Clone, Copy, Default)]
struct Said<'k> {
    time: Option<i64>,
    publisher: Option<&'k Publisher>,
}

fn said<'k>(told: &[Told<'k>]) -> HashMap<&'k str, Said<'k>> {
    let mut all: HashMap<&str, Said<'_>> = HashMap::new();
    for (told, releases) in told.iter().filter_map(|told| Some((told, told.part?.releases.as_deref()?))) {
        for release in releases {
            let said = all.entry(&release.version).or_default();
            said.time = said.time.or_else(|| told.time(release));
            said.publisher = said.publisher.or(release.publisher.as_ref());
        }
    }
    all
}

fn entry<'k>(ecosystem: Ecosystem, release: &'k Release, all: &HashMap<&str, Said<'k>>, own: Option<&Parsed>) -> Entry<'k> {
    let said = all.get(release.version.as_str()).copied().unwrap_or_default();
    let parsed = Parsed::of(ecosystem, &release.version);
    let is_marked = |mark: &Option<Mark>| matches!(mark, Some(Mark::Yes(_)));
    Entry {
        text: &release.version,
        time: said.time,
        publisher: said.publisher,
        order: parsed.as_ref().zip(own).and_then(|(parsed, own)| parsed.compare(own)),
        parsed,
        is_withdrawn: is_marked(&release.yanked) || is_marked(&release.deprecated),
    }
}

/// Of equal ones the last, as of `1.0.0+1` and `1.0.0+2`.
fn highest<'e, 'k>(entries: impl Iterator<Item = &'e Entry<'k>>) -> Option<&'e Entry<'k>>
where
    'k: 'e,
{
    entries.max_by(|a, b| match (&a.parsed, &b.parsed) {
        (Some(a), Some(b)) => a.compare(b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    })
}

/// By the first number, of 0.x by the second; a new epoch of PyPI is one more at least.
fn majors(own: &Parsed, latest: &Parsed) -> u32 {
    let ([epoch, major, minor], [later_epoch, later_major, later_minor]) = (own.line(), latest.line());
    let between = match (epoch == later_epoch, major, later_major) {
        (false, ..) => later_major.saturating_sub(major).max(1),
        (true, 0, 0) => later_minor.saturating_sub(minor),
        (true, ..) => later_major.saturating_sub(major),
    };
    u32::try_from(between).unwrap_or(u32::MAX)
}
