//! What all answers have in common: bounds, forgiveness for members of another form, and the reasons for which an
//! answer says nothing.

use crate::enrich::advisory::dates;
use crate::enrich::licence_text::of_text;
use crate::model::text::{is_invisible, quoted, shortened, visible};
use crate::model::{Ecosystem, PackageName, Version};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// More than any name has versions or files: PyPI's largest project has some ten thousand files.
pub const MOST_ENTRIES: usize = 100_000;
/// Characters of a note (why something is deprecated) that are kept.
const LONGEST_NOTE: usize = 500;
/// Characters of a name of a person, a workflow or a script.
const LONGEST_WORD: usize = 100;
/// A licence expression may name a dozen; longer ones are texts of licences.
const LONGEST_LICENCE: usize = 300;
/// 2003-01-01: before the first of the registries. Mirrors write 1970 for what they do not know.
const FIRST_REGISTRY: i64 = 1_041_379_200;

/// Why an answer says nothing: a clause for people.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    #[error("the answer is not UTF-8")]
    NoText,
    #[error("the answer is empty")]
    Empty,
    #[error("the answer is a page for people (HTML or XML), not data: a login page or an index that has no JSON form")]
    Page,
    #[error("the answer was cut off or has another form: {0}")]
    Broken(String),
    #[error("the answer is about {} and not about {}", quoted(.found), quoted(.asked))]
    OtherName { asked: String, found: String },
    #[error("the answer does not say which package it is about")]
    NoName,
    #[error("the answer tells of version {} twice", quoted(.0))]
    Twice(String),
    #[error("a question for {0} names has another form")]
    Names(usize),
}

impl From<serde_json::Error> for Unusable {
    fn from(error: serde_json::Error) -> Self {
        Unusable::Broken(visible(&shortened(&error.to_string(), LONGEST_NOTE)).into_owned())
    }
}

/// The text of an answer, checked once.
pub fn text(bytes: &[u8]) -> Result<&str, Unusable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unusable::NoText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().chars().next() {
        None => Err(Unusable::Empty),
        Some('<') => Err(Unusable::Page),
        Some(_) => Ok(text),
    }
}

/// A text that is borrowed from the answer where it has no escapes.
#[derive(Deserialize)]
pub struct Text<'t>(#[serde(borrow)] pub Cow<'t, str>);

/// Bytes of a member that is read forgivingly: what is asked for of one is small.
const LARGEST_MEMBER: usize = 64 << 10;

/// A member whose form differs between registries; `None` where it has none that is known, or is too large.
pub struct Loose<T, const LARGEST: usize = LARGEST_MEMBER>(pub Option<T>);

// Not derived, which would want a default of `T`.
impl<T, const LARGEST: usize> Default for Loose<T, LARGEST> {
    fn default() -> Self {
        Loose(None)
    }
}

impl<'de, T: Deserialize<'de>, const LARGEST: usize> Deserialize<'de> for Loose<T, LARGEST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        Ok(Loose(if raw.len() > LARGEST { None } else { serde_json::from_str(raw).ok() }))
    }
}

/// The members of an object in their order; more than [`MOST_ENTRIES`] are an error.
pub struct Pairs<'t, T>(pub Vec<(Cow<'t, str>, T)>);

impl<'de: 't, 't, T: Deserialize<'de>> Deserialize<'de> for Pairs<'t, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<'t, T>(PhantomData<(&'t (), T)>);

        impl<'de: 't, 't, T: Deserialize<'de>> Visitor<'de> for Members<'t, T> {
            type Value = Pairs<'t, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    enough(pairs.len())?;
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// The items of a list in their order; more than [`MOST_ENTRIES`] are an error.
pub struct Items<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Items<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    enough(items.len())?;
                    items.push(item);
                }
                Ok(Items(items))
            }
        }

        deserializer.deserialize_seq(Entries(PhantomData))
    }
}

fn enough<E: serde::de::Error>(entries: usize) -> Result<(), E> {
    if entries < MOST_ENTRIES { Ok(()) } else { Err(E::custom(format!("there are more than {MOST_ENTRIES} entries in a list"))) }
}

/// Fails where the answer is about another name than was asked for, by the rules of the registry: crates.io takes
/// `-` and `_`, and capitals, for the same (a lockfile has the name as its dependants write it), npm takes nothing
/// for the same, PyPI normalises (PEP 503).
pub fn is_about(ecosystem: Ecosystem, asked: &PackageName, found: &str) -> Result<(), Unusable> {
    match PackageName::new(ecosystem, found) {
        Ok(name) if same_name(ecosystem, asked.as_str(), name.as_str()) => Ok(()),
        _ => Err(Unusable::OtherName { asked: asked.to_string(), found: shortened(found, LONGEST_WORD).into_owned() }),
    }
}

/// Whether the registry takes two names, in the form of [`PackageName`], for one.
pub fn same_name(ecosystem: Ecosystem, one: &str, other: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    match ecosystem {
        Ecosystem::Cargo => one.bytes().map(plain).eq(other.bytes().map(plain)),
        Ecosystem::Npm | Ecosystem::Pypi => one == other,
    }
}

/// A version as a lockfile could name it; no other is ever asked for.
pub fn version(text: &str) -> Option<String> {
    Version::new(text).ok().map(|_| text.to_owned())
}

/// Seconds since 1970, where a registry may have seen that time. One without a zone is meant in UTC.
pub fn time(text: &str) -> Option<i64> {
    let seconds = dates::parse(text).or_else(|| dates::parse(&format!("{}Z", text.get(..40).unwrap_or(text))))?;
    (seconds >= FIRST_REGISTRY).then_some(seconds)
}

/// A text that is told to people.
pub fn note(text: &str) -> String {
    shortened(text.trim(), LONGEST_NOTE).into_owned()
}

/// A name of a person, a team or a script; `None` where it is empty or longer than a name.
pub fn word(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().nth(LONGEST_WORD).is_none() && !text.chars().any(is_invisible);
    fits.then(|| text.to_owned())
}

/// A licence as stated; where it is a whole text, as people put into such a field, the licence of which it is the text.
pub fn licence(text: &str) -> Option<String> {
    let text = text.trim();
    let is_short = text.chars().nth(LONGEST_LICENCE).is_none() && !text.contains('\n');
    if is_short { Some(text.to_owned()) } else { of_text(text).map(str::to_owned) }
}

/// Names, sorted, each once; `None` where there is none, which no registry means.
pub fn sorted_words<'n>(names: impl Iterator<Item = &'n str>) -> Option<Vec<String>> {
    let mut names: Vec<String> = names.filter_map(word).collect();
    names.sort();
    names.dedup();
    Some(names).filter(|names| !names.is_empty())
}
