//! Pipfile.lock as it stands in the file: `_meta`, and an object of packages for each category.

use crate::model::text::quoted;
use crate::model::{Address, Lines, Location, PackageSource, registry};
use crate::read::json::{self, Ignored, Lenient, Pairs, Text};
use crate::read::{Files, ReadError, ReadErrorKind};
use hashbrown::HashSet;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

use super::place::{KINDS, Written};

/// The categories that every Pipfile.lock has.
pub(super) const DEFAULT: &str = "default";
pub(super) const DEVELOP: &str = "develop";

/// The form of Pipfile.lock that there is.
const SPEC: &str = "6";

pub(super) struct Lock<'a> {
    pub meta: Meta<'a>,
    pub categories: Vec<(Text<'a>, Pairs<'a, Locked<'a>>)>,
    place: Place<'a>,
}

/// Where the file's texts stand.
struct Place<'a> {
    files: &'a Files,
    lines: Lines<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct Meta<'a> {
    #[serde(borrow, default)]
    hash: Option<Pairs<'a, Lenient<'a>>>,
    #[serde(borrow, default, rename = "pipfile-spec")]
    spec: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sources: Option<Vec<Source<'a>>>,
}

/// An index.
#[derive(Deserialize)]
pub(super) struct Source<'a> {
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    pub url: Text<'a>,
}

/// One package of a category.
#[derive(Default)]
pub(super) struct Locked<'a> {
    pub version: Option<Text<'a>>,
    pub hashes: Option<Vec<Text<'a>>>,
    pub index: Option<Text<'a>>,
    pub extras: Option<Vec<Text<'a>>>,
    reference: Option<Text<'a>>,
    subdirectory: Option<Text<'a>>,
    /// What stands under each key that names a place.
    places: [Option<Text<'a>>; KINDS.len()],
    /// `markers`, and conditions of one variable each: `sys_platform` to `== 'win32'`.
    markers: Vec<(Text<'a>, Text<'a>)>,
}

/// Marker variables that may be keys of their own.
pub(super) const VARIABLES: [&str; 11] = [
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];

/// Keys whose value is a whole marker.
pub(super) const MARKERS: [&str; 2] = ["markers", "os_markers"];

impl<'a> Lock<'a> {
    pub fn read(files: &'a Files) -> Result<Self, ReadError> {
        let raw: Raw<'a> = json::parse(&files.lockfile)?;
        let place = Place { files, lines: Lines::new(files.lockfile.text()) };
        let lock = Lock { meta: raw.meta.unwrap_or_default(), categories: raw.categories, place };
        if !raw.has_meta && lock.categories.is_empty() {
            return Err(ReadError::malformed(files.path(), 1, "there is neither `_meta` nor a category: this is not a Pipfile.lock"));
        }
        if let Some(spec) = lock.meta.spec.filter(|spec| spec.get() != SPEC) {
            let line = lock.line(&Text(Cow::Borrowed(spec.get())));
            let found = format!("pipfile-spec {}", crate::model::text::shortened(spec.get(), 40));
            let found = crate::model::text::visible(&found).into_owned();
            return Err(ReadError::new(files.path(), Some(line), ReadErrorKind::UnknownVersion { found, known: "pipfile-spec 6" }));
        }
        for (_, packages) in &lock.categories {
            lock.refuse_duplicates(packages)?;
        }
        Ok(lock)
    }

    fn refuse_duplicates(&self, packages: &Pairs<'a, Locked<'a>>) -> Result<(), ReadError> {
        let mut seen: HashSet<&str> = HashSet::with_capacity(packages.0.len());
        match packages.iter().find(|(name, _)| !seen.insert(name)) {
            Some((name, _)) => Err(self.error(name, format!("the package {} stands twice in its category", quoted(name)))),
            None => Ok(()),
        }
    }

    pub fn dialect(&self) -> &'static str {
        if self.meta.spec.is_some() { "pipfile-spec 6" } else { "without pipfile-spec" }
    }

    pub fn line(&self, text: &Text<'_>) -> u32 {
        text.line(self.place.files.lockfile.text(), &self.place.lines, 1)
    }

    pub fn location(&self, text: &Text<'_>) -> Location {
        Location::new(self.place.files.path(), self.line(text))
    }

    /// The text by which the place of an entry is known.
    pub fn anchor<'t>(&self, name: &'t Text<'a>, locked: &'t Locked<'a>) -> &'t Text<'a> {
        let has_place = matches!(name.0, Cow::Borrowed(_));
        locked.text().filter(|_| !has_place).unwrap_or(name)
    }

    pub fn error(&self, at: &Text<'_>, message: impl Into<String>) -> ReadError {
        ReadError::malformed(self.place.files.path(), self.line(at), message)
    }
}

impl<'a> Meta<'a> {
    /// The digest of the Pipfile that was locked.
    pub fn pipfile_digest(&self) -> Option<&str> {
        let digest: &str = self.hash.as_ref()?.get("sha256")?.text()?;
        Some(digest).filter(|digest| digest.len() == 64)
    }

    pub fn sources(&self) -> &[Source<'a>] {
        self.sources.as_deref().unwrap_or_default()
    }

    /// The registry that an entry's `index` names; without one it is the first source, which pipenv
    /// takes for all that say nothing. `None`: there is no source of that name.
    pub fn registry(&self, index: Option<&str>) -> Option<PackageSource> {
        let of = |url: &str| {
            let index = (!registry::is_pypi(url)).then(|| Address::new(url));
            PackageSource::Registry { index }
        };
        let Some(index) = index else {
            return Some(self.sources().first().map_or_else(PackageSource::default_registry, |first| of(&first.url)));
        };
        let named = self.sources().iter().find(|source| source.name.as_deref() == Some(index));
        // Old versions of pipenv wrote the address itself.
        named.map(|source| of(&source.url)).or_else(|| index.contains("://").then(|| of(index)))
    }
}

impl<'a> Locked<'a> {
    /// The place from which the package comes, if it is not an index. `Err` for two at once.
    pub fn place(&self) -> Result<Option<Written<'_>>, String> {
        let mut named = KINDS.iter().zip(&self.places).filter_map(|(kind, place)| Some((*kind, place.as_deref()?)));
        match (named.next(), named.next()) {
            (Some((first, _)), Some((second, _))) => Err(format!("a package comes from one place, and here are `{first}` and `{second}`")),
            (Some((kind, text)), None) => {
                Ok(Some(Written { kind, text, reference: self.reference.as_deref(), subdirectory: self.subdirectory.as_deref() }))
            }
            _ => Ok(None),
        }
    }

    /// When the package is installed, as one marker. Where there is a whole one, pipenv reads no
    /// other keys.
    pub fn marker(&self) -> Option<String> {
        let is_whole = |(key, _): &&(Text<'a>, Text<'a>)| MARKERS.contains(&&**key);
        let whole = self.markers.iter().find(is_whole).map(|(_, text)| text.to_string()).filter(|text| !text.is_empty());
        whole.or_else(|| joined(self.markers.iter().map(|(key, text)| (&**key, &**text))))
    }

    /// Some text of the entry, for the line of one whose name is written with escapes.
    pub fn text(&self) -> Option<&Text<'a>> {
        let places = self.places.iter().flatten();
        self.version.iter().chain(places).chain(self.hashes.iter().flatten()).find(|text| matches!(text.0, Cow::Borrowed(_)))
    }

    fn take<E: Error, A: MapAccess<'a, Error = E>>(&mut self, key: Text<'a>, map: &mut A) -> Result<(), E> {
        if let Some(at) = KINDS.iter().position(|kind| *kind == &*key) {
            return set(&mut self.places[at], &key, map.next_value()?);
        }
        match &*key {
            "version" => set(&mut self.version, &key, map.next_value()?),
            "hashes" => set(&mut self.hashes, &key, map.next_value()?),
            "index" => set(&mut self.index, &key, map.next_value()?),
            "extras" => set(&mut self.extras, &key, map.next_value()?),
            "ref" => set(&mut self.reference, &key, map.next_value()?),
            "subdirectory" => set(&mut self.subdirectory, &key, map.next_value()?),
            name if MARKERS.contains(&name) || VARIABLES.contains(&name) => {
                if self.markers.iter().any(|(earlier, _)| *earlier == key) {
                    return Err(twice(&key));
                }
                self.markers.extend(map.next_value::<Option<Text<'a>>>()?.map(|text| (key, text)));
                Ok(())
            }
            _ => map.next_value::<Ignored>().map(drop),
        }
    }
}

/// Markers and conditions of one variable as one marker.
pub(super) fn joined<'t>(parts: impl Iterator<Item = (&'t str, &'t str)>) -> Option<String> {
    let parts: Vec<String> = parts
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| if MARKERS.contains(&key) { text.to_owned() } else { format!("{key} {text}") })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

fn set<T, E: Error>(slot: &mut Option<T>, key: &str, value: Option<T>) -> Result<(), E> {
    if slot.is_some() {
        return Err(twice(key));
    }
    *slot = value;
    Ok(())
}

fn twice<E: Error>(key: &str) -> E {
    E::custom(format!("the key {} stands twice", quoted(key)))
}

impl<'de: 'a, 'a> Deserialize<'de> for Locked<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LockedVisitor;
        impl<'de> Visitor<'de> for LockedVisitor {
            type Value = Locked<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a package: an object or a string")
            }

            /// A version alone, as in a Pipfile.
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Locked { version: Some(Text(Cow::Borrowed(text))), ..Locked::default() })
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Locked { version: Some(Text(Cow::Owned(text.to_owned()))), ..Locked::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut locked = Locked::default();
                while let Some(key) = map.next_key()? {
                    locked.take(key, &mut map)?;
                }
                Ok(locked)
            }
        }
        deserializer.deserialize_any(LockedVisitor)
    }
}

struct Raw<'a> {
    has_meta: bool,
    meta: Option<Meta<'a>>,
    categories: Vec<(Text<'a>, Pairs<'a, Locked<'a>>)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut raw = Raw { has_meta: false, meta: None, categories: Vec::new() };
                let mut seen: HashSet<String> = HashSet::new();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if !seen.insert(key.to_string()) {
                        return Err(twice(&key));
                    }
                    if &*key == "_meta" {
                        (raw.has_meta, raw.meta) = (true, Some(map.next_value()?));
                    } else {
                        raw.categories.push((key, map.next_value()?));
                    }
                }
                Ok(raw)
            }
        }
        deserializer.deserialize_map(RawVisitor)
    }
}
