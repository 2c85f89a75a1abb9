//! The order of versions, as records need it: more forgiving than the ecosystems' own parsers,
//! because records are written by people, and total over what it reads.
//!
//! Cargo and npm: SemVer 2.0 precedence (semver.org, section 11) with a leading `v` dropped, missing
//! numbers read as 0, numbers of any size, build metadata ignored. PyPI: PEP 440; a local version is
//! compared as its public one unless the other side has a local part too, so that `1.5+cu118` is 1.5.

use crate::model::Ecosystem;
use pep440_rs::Version as Pep440;
use std::cmp::Ordering;
use std::str::FromStr;

/// A version that can be ordered. Keys of one ecosystem compare with each other alone.
#[derive(Clone, Debug)]
pub enum Key {
    Semver(Semver),
    Pep440 { full: Pep440, public: Pep440 },
}

/// A SemVer version without its build metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Semver {
    core: [Number; 3],
    /// Empty for a release.
    pre: Vec<Identifier>,
}

/// Decimal digits without leading zeros: of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number(String);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Numeric(Number),
    Word(String),
}

/// Longer text is no version.
const LONGEST: usize = 256;

impl Key {
    /// `None` where the ecosystem's rules cannot order the text.
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Option<Key> {
        if text.len() > LONGEST {
            return None;
        }
        match ecosystem {
            Ecosystem::Cargo | Ecosystem::Npm => Semver::parse(text).map(Key::Semver),
            Ecosystem::Pypi => {
                let full = Pep440::from_str(text).ok()?;
                Some(Key::Pep440 { public: full.clone().without_local(), full })
            }
        }
    }

    /// Keys of two ecosystems are in no order; they count as equal and never meet.
    pub fn compare(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Semver(a), Key::Semver(b)) => a.compare(b),
            (Key::Pep440 { full: a, .. }, Key::Pep440 { full: b, .. }) if a.is_local() && b.is_local() => a.cmp(b),
            (Key::Pep440 { public: a, .. }, Key::Pep440 { public: b, .. }) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }

    /// Whether it is the lowest pre-release (`1.2.3-0`): a bound between releases, as RustSec writes it,
    /// that nobody published.
    pub fn is_bound(&self) -> bool {
        matches!(self, Key::Semver(version) if version.pre == [Identifier::Numeric(Number("0".into()))])
    }

    /// Whether it is a pre-release or a development release.
    pub fn is_pre_release(&self) -> bool {
        match self {
            Key::Semver(version) => !version.pre.is_empty(),
            Key::Pep440 { full, .. } => full.any_prerelease(),
        }
    }
}

impl Semver {
    fn parse(text: &str) -> Option<Semver> {
        let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text);
        let text = text.split_once('+').map_or(text, |(before, _)| before);
        let (core, pre) = match text.split_once('-') {
            Some((core, pre)) => (core, pre.split('.').map(Identifier::parse).collect::<Option<Vec<_>>>()?),
            None => (text, Vec::new()),
        };
        let mut numbers = core.split('.');
        let first = Number::parse(numbers.next()?)?;
        let mut next = || numbers.next().map_or(Some(Number("0".into())), Number::parse);
        let core = [first, next()?, next()?];
        if numbers.next().is_some() { None } else { Some(Semver { core, pre }) }
    }

    fn compare(&self, other: &Semver) -> Ordering {
        self.core.cmp(&other.core).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.pre.cmp(&other.pre),
        })
    }
}

impl Number {
    fn parse(text: &str) -> Option<Number> {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.trim_start_matches('0')).map(|digits| Number(if digits.is_empty() { "0".into() } else { digits.into() }))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl Identifier {
    fn parse(text: &str) -> Option<Identifier> {
        let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_word.then(|| Number::parse(text).map_or_else(|| Identifier::Word(text.into()), Identifier::Numeric))
    }
}
