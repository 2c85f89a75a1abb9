//! Names that look like a popular package's: one letter away, other separators, other order of words, a scope that was
//! flattened, or the name by which a program imports a package that is called otherwise.
//!
//! A likeness by itself says little: of the names in public lockfiles that are not popular themselves about one in a
//! hundred is near to one that is, and nearly all of those are honest. It is told so that somebody looks, and decides nothing.
//! Lists of popular names come from packages of the registries (`data/popular-*.txt`); for Cargo there is none.

use crate::model::Ecosystem;
use hashbrown::{HashMap, HashSet};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

static NPM: LazyLock<Popular> = LazyLock::new(|| Popular::parse(include_str!("../../data/popular-npm.txt")));
static PYPI: LazyLock<Popular> = LazyLock::new(|| Popular::parse(include_str!("../../data/popular-pypi.txt")));
static IMPORTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let file: ImportNames = toml::from_str(include_str!("../../data/import-names.toml")).expect("a test parses the list that ships");
    file.import
});

/// So many of the most popular names are worth an imitation.
const IMITATED: usize = 2_000;
/// Shorter names are near to each other by chance.
const SHORTEST: usize = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportNames {
    #[serde(rename = "version")]
    _version: u32,
    import: BTreeMap<String, String>,
}

/// In what way two names are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// One letter is missing, added or another, or two neighbours changed places.
    Letter,
    /// They differ in hyphens, underscores and dots alone.
    Separators,
    /// The same words in another order.
    Words,
    /// The scope of the one stands as a word in the other.
    Scope,
    /// Programs import the other one by this name.
    ImportName,
    /// It is the name of a popular package of another ecosystem, by this name.
    Elsewhere(Ecosystem),
}

impl Likeness {
    /// A clause before the other name.
    pub fn words(self) -> &'static str {
        match self {
            Likeness::Elsewhere(Ecosystem::Npm) => "is of the name that on npm belongs to",
            Likeness::Elsewhere(Ecosystem::Pypi) => "is of the name that on PyPI belongs to",
            Likeness::Elsewhere(Ecosystem::Cargo) => "is of the name that on crates.io belongs to",
            Likeness::Letter => "is one mistyped letter away from",
            Likeness::Separators => "differs in its separators alone from",
            Likeness::Words => "has the words, in another order, of",
            Likeness::Scope => "has the scope as a word in its name of",
            Likeness::ImportName => "is how programs import",
        }
    }
}

/// A name that is like a popular one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookalike {
    pub other: &'static str,
    pub likeness: Likeness,
    /// When the list of popular names was made, `2026-09-23`; empty where no list is concerned.
    pub date: &'static str,
}

/// Whether the name of a package of the registry looks like a popular one's. A popular name looks like none.
pub fn of(ecosystem: Ecosystem, name: &str) -> Option<Lookalike> {
    let (popular, elsewhere, other): (&Popular, Ecosystem, &Popular) = match ecosystem {
        Ecosystem::Cargo => return None,
        Ecosystem::Npm => (&NPM, Ecosystem::Pypi, &PYPI),
        Ecosystem::Pypi => (&PYPI, Ecosystem::Npm, &NPM),
    };
    if popular.has(name) {
        return None;
    }
    let import = IMPORTS.get(name).filter(|_| ecosystem == Ecosystem::Pypi);
    let import = import.map(|other| Lookalike { other, likeness: Likeness::ImportName, date: "" });
    let elsewhere = || {
        let other_name = other.top.get(name)?;
        Some(Lookalike { other: other_name, likeness: Likeness::Elsewhere(elsewhere), date: other.date })
    };
    import.or_else(|| popular.like(name)).or_else(elsewhere)
}

/// A list of popular names.
struct Popular {
    text: &'static str,
    /// All of them, once somebody asks.
    names: OnceLock<HashSet<&'static str>>,
    /// The most popular, but for the short ones.
    top: HashSet<&'static str>,
    /// The same by their length in bytes.
    by_length: HashMap<usize, Vec<&'static str>>,
    /// The most popular by what is left of them.
    plain: HashMap<String, &'static str>,
    words: HashMap<String, &'static str>,
    flat: HashMap<String, &'static str>,
    date: &'static str,
}

impl Popular {
    /// Lines of names, the most popular first, below lines of `# key: value`.
    fn parse(text: &'static str) -> Popular {
        let date = text.lines().find_map(|line| line.strip_prefix("# date: ")).unwrap_or_default();
        let names: Vec<&str> = lines(text).take(IMITATED).filter(|name| name.len() >= SHORTEST).collect();
        let top = || names.iter().copied();
        let mut by_length: HashMap<usize, Vec<&'static str>> = HashMap::new();
        top().for_each(|name| by_length.entry(name.len()).or_default().push(name));
        Popular {
            by_length,
            top: top().collect(),
            // Of two names that come to the same the more popular one is meant: it is put in last.
            plain: top().rev().map(|name| (plain(name), name)).collect(),
            words: top().rev().filter_map(|name| Some((words(name)?, name))).collect(),
            flat: top().rev().filter(|name| name.starts_with('@')).map(|name| (flat(name), name)).collect(),
            names: OnceLock::new(),
            text,
            date,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.get_or_init(|| lines(self.text).collect()).contains(name)
    }

    fn like(&'static self, name: &str) -> Option<Lookalike> {
        let told = |likeness| move |other: &&'static str| Lookalike { other, likeness, date: self.date };
        let near = || {
            let lengths = name.len().saturating_sub(1)..=name.len() + 1;
            lengths.filter_map(|length| self.by_length.get(&length)).flatten().find(|other| is_near(name, other))
        };
        if name.len() < SHORTEST {
            return None;
        }
        let separators = self.plain.get(&plain(name)).map(told(Likeness::Separators));
        let scope = || self.flat.get(&flat(name)).map(told(Likeness::Scope));
        let letter = || near().map(told(Likeness::Letter));
        let order = || self.words.get(&words(name)?).map(told(Likeness::Words));
        separators.or_else(scope).or_else(letter).or_else(order)
    }
}

/// The names of a list.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// Without separators.
fn plain(name: &str) -> String {
    name.replace(['-', '_', '.'], "")
}

/// The scope as a word: `@azure/core` and `azure-core` are one.
fn flat(name: &str) -> String {
    name.trim_start_matches('@').replace('/', "-")
}

/// The words in the order of the alphabet; `None` for a single one.
fn words(name: &str) -> Option<String> {
    let mut words: Vec<&str> = name.split(['-', '_', '.', '/', '@']).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join("-"))
}

/// Whether one change of a letter, or of two neighbours, makes the one name of the other. A digit behind the other name
/// is how successors are called (`boto3`, `httpx2`), and no slip.
fn is_near(name: &str, other: &str) -> bool {
    // One change leaves the first letter or the last as it is: nearly all names are told apart by that.
    if name.as_bytes().first() != other.as_bytes().first() && name.as_bytes().last() != other.as_bytes().last() {
        return false;
    }
    if name.strip_prefix(other).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    let (a, b) = (name.as_bytes(), other.as_bytes());
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([], []) => false,
        ([_] | [], [_] | []) => true,
        ([x, y], [z, w]) => x == w && y == z,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PackageName;

    #[test]
    fn names_are_alike_in_a_known_way() {
        for (ecosystem, name, expected) in [
            (Ecosystem::Npm, "expresss", Some(("express", Likeness::Letter))),
            (Ecosystem::Npm, "exprses", Some(("express", Likeness::Letter))),
            (Ecosystem::Npm, "expr", None),
            (Ecosystem::Npm, "express", None),
            (Ecosystem::Npm, "stringwidth", Some(("string-width", Likeness::Separators))),
            (Ecosystem::Npm, "types-node", Some(("@types/node", Likeness::Scope))),
            (Ecosystem::Npm, "width-string", Some(("string-width", Likeness::Words))),
            (Ecosystem::Npm, "express5", None),
            (Ecosystem::Pypi, "httpx2", None),
            (Ecosystem::Npm, "zoo-of-foxes", None),
            (Ecosystem::Pypi, "skimage", Some(("scikit-image", Likeness::ImportName))),
            (Ecosystem::Pypi, "reqeusts", Some(("requests", Likeness::Letter))),
            (Ecosystem::Pypi, "camel-case-of-zoo", None),
            (Ecosystem::Npm, "beautifulsoup4", Some(("beautifulsoup4", Likeness::Elsewhere(Ecosystem::Pypi)))),
            (Ecosystem::Pypi, "left-pad-of-zoo", None),
            (Ecosystem::Cargo, "serd", None),
        ] {
            assert_eq!(of(ecosystem, name).map(|found| (found.other, found.likeness)), expected, "{name}");
        }
    }

    /// Names stand as their registry has them, each once; no popular package is told to look like another.
    #[test]
    fn the_lists_that_ship_are_whole() {
        for (ecosystem, text, least) in [
            (Ecosystem::Npm, include_str!("../../data/popular-npm.txt"), 15_000),
            (Ecosystem::Pypi, include_str!("../../data/popular-pypi.txt"), 14_000),
        ] {
            let names: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(names.len() > least && names.iter().collect::<HashSet<_>>().len() == names.len());
            assert_eq!(text.lines().filter(|line| line.starts_with("# source: ") || line.starts_with("# date: 20")).count(), 2);
            for name in names {
                assert_eq!(PackageName::new(ecosystem, name).unwrap().as_str(), name);
                assert_eq!(of(ecosystem, name), None, "{name}");
            }
        }
        for (import, name) in IMPORTS.iter() {
            assert_eq!(PackageName::new(Ecosystem::Pypi, import).unwrap().as_str(), import);
            assert!(PYPI.has(name), "{name} is no popular package");
            assert!(of(Ecosystem::Pypi, import).is_some(), "{import} is popular itself");
        }
    }
}
