//! The objects of the lockfile that say what a package or a member of the workspace asks for.

use super::super::json::{Ignored, Text};
use super::super::package_json::SECTIONS;
use crate::model::Scope;
use hashbrown::HashSet;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// What is said of a package or of a member of the workspace. Small, since every package has one.
#[derive(Debug, Default)]
pub struct Described<'t> {
    /// Every requirement with its range, in the order of the file: Bun keeps what a name asks for in each of its sections.
    pub asked: Vec<(Scope, Text<'t>, Text<'t>)>,
    rest: Option<Box<Rest<'t>>>,
}

/// What most packages do not have.
#[derive(Debug, Default)]
pub(super) struct Rest<'t> {
    pub name: Option<Text<'t>>,
    pub version: Option<Text<'t>>,
    pub optional_peers: Vec<Text<'t>>,
    pub bundled: bool,
}

/// A key that says something of a package.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Section(Scope),
    Name,
    Version,
    OptionalPeers,
    Bundled,
}

/// The keys beside the sections.
const FIELDS: [(&str, Known); 4] =
    [("name", Known::Name), ("version", Known::Version), ("optionalPeers", Known::OptionalPeers), ("bundled", Known::Bundled)];

/// The known keys that an object had so far, each a bit.
#[derive(Default)]
pub(super) struct Seen(u16);

impl Seen {
    /// What a key is; `Err` for a known one that was there before.
    pub fn known(&mut self, key: &str) -> Result<Option<Known>, &'static str> {
        let sections = SECTIONS.iter().map(|(section, scope)| (*section, Known::Section(*scope)));
        let Some((at, (name, known))) = sections.chain(FIELDS).enumerate().find(|(_, (name, _))| *name == key) else { return Ok(None) };
        let is_new = self.0 & 1 << at == 0;
        self.0 |= 1 << at;
        if is_new { Ok(Some(known)) } else { Err(name) }
    }
}

impl<'t> Described<'t> {
    pub fn name(&self) -> Option<&Text<'t>> {
        self.rest.as_ref()?.name.as_ref()
    }

    pub fn version(&self) -> Option<&Text<'t>> {
        self.rest.as_ref()?.version.as_ref()
    }

    pub fn optional_peers(&self) -> &[Text<'t>] {
        self.rest.as_ref().map_or(&[], |rest| &rest.optional_peers)
    }

    pub(super) fn rest(&mut self) -> &mut Rest<'t> {
        self.rest.get_or_insert_default()
    }

    pub fn is_bundled(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.bundled)
    }

    /// A name that stands twice in one section, of which it depends on the reader which counts.
    pub fn repeated(&self) -> Option<&Text<'t>> {
        let keys = || self.asked.iter().map(|(scope, name, _)| (*scope, name));
        // Most packages ask for little, and comparing is cheaper than hashing there.
        if self.asked.len() <= 8 {
            return keys().enumerate().find(|(at, key)| keys().take(*at).any(|other| other == *key)).map(|(_, (_, name))| name);
        }
        let mut seen = HashSet::with_capacity(self.asked.len());
        keys().find(|(scope, name)| !seen.insert((*scope, &***name))).map(|(_, name)| name)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Described<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DescribedVisitor)
    }
}

pub(super) struct DescribedVisitor;

impl<'de> Visitor<'de> for DescribedVisitor {
    type Value = Described<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object of a package")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut described = Described::default();
        let mut seen = Seen::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match seen.known(&key).map_err(A::Error::duplicate_field)? {
                None => {
                    map.next_value::<Ignored>()?;
                }
                Some(Known::Section(scope)) => map.next_value_seed(Section { scope, asked: &mut described.asked })?,
                Some(Known::Name) => described.rest().name = map.next_value()?,
                Some(Known::Version) => described.rest().version = map.next_value()?,
                Some(Known::OptionalPeers) => described.rest().optional_peers = map.next_value()?,
                Some(Known::Bundled) => described.rest().bundled = map.next_value()?,
            }
        }
        Ok(described)
    }
}

/// A section's names with their ranges, added to those of the others.
struct Section<'s, 't> {
    scope: Scope,
    asked: &'s mut Vec<(Scope, Text<'t>, Text<'t>)>,
}

impl<'de: 't, 't> DeserializeSeed<'de> for Section<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de: 't, 't> Visitor<'de> for Section<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, range)) = map.next_entry()? {
            self.asked.push((self.scope, name, range));
        }
        Ok(())
    }
}
