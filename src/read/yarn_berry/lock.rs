//! The entries of the lockfile as they stand in it.

use super::locator::{self, quoted};
use crate::model::text::{shortened, visible};
use crate::model::{Algorithm, Checksum, Digest, RelPath};
use crate::read::yaml::{Map, Node, Text, Wrong};
use crate::read::{ReadError, ReadErrorKind};
use hashbrown::HashSet;
use std::sync::Arc;

pub const METADATA: &str = "__metadata";

/// What the version of a folder is in the lockfile: none.
const NO_VERSION: &str = "0.0.0-use.local";

/// A lockfile's own head.
pub struct Metadata {
    pub dialect: &'static str,
    /// How checksums were made that do not say it themselves.
    cache_key: Arc<str>,
}

/// One entry.
pub struct Locked<'d, 'a> {
    pub key: &'d Text<'a>,
    pub resolution: &'d Text<'a>,
    pub version: Option<&'d Text<'a>>,
    pub dependencies: &'d [(Text<'a>, Node<'a>)],
    /// Names of optional ones among the dependencies.
    pub optional: HashSet<&'d str>,
    /// For which platforms the package is.
    pub conditions: Option<&'d Text<'a>>,
    pub checksum: Option<Checksum>,
}

/// The versions of the lockfile's format. Yarn 2.0 wrote 4, Yarn 4.18 writes 10.
const VERSIONS: [(&str, &str); 7] = [("4", "v4"), ("5", "v5"), ("6", "v6"), ("7", "v7"), ("8", "v8"), ("9", "v9"), ("10", "v10")];

impl Metadata {
    pub fn read(document: &Map<'_>, path: &RelPath) -> Result<Self, ReadError> {
        let read = || -> Result<_, Wrong> {
            let Some(metadata) = document.map(METADATA)? else {
                return Err(Wrong::new(document.line, format!("`{METADATA}` is missing: this is no lockfile of Yarn 2 or later")));
            };
            let Some(version) = metadata.text("version")? else {
                return Err(Wrong::new(metadata.line, format!("`{METADATA}` states no `version`")));
            };
            Ok((version, metadata.text("cacheKey")?))
        };
        let (version, key) = read().map_err(|wrong| wrong.of(path))?;
        let Some((_, dialect)) = VERSIONS.iter().find(|(known, _)| *known == version.text) else {
            let found = visible(&shortened(&version.text, 40)).into_owned();
            return Err(ReadError::new(path, Some(version.line), ReadErrorKind::UnknownVersion { found, known: "4 to 10" }));
        };
        Ok(Metadata { dialect, cache_key: key.map_or("", |key| &*key.text).into() })
    }
}

/// Every entry, in the order of the file.
pub fn entries<'d, 'a>(document: &'d Map<'a>, metadata: &Metadata) -> Result<Vec<Locked<'d, 'a>>, Wrong> {
    let entries = document.pairs.iter().filter(|(key, _)| key.text != METADATA);
    entries.map(|(key, node)| Locked::read(key, node.map(&key.text)?, metadata)).collect()
}

impl<'d, 'a> Locked<'d, 'a> {
    fn read(key: &'d Text<'a>, raw: &'d Map<'a>, metadata: &Metadata) -> Result<Self, Wrong> {
        let (mut resolution, mut version, mut conditions, mut checksum) = (None, None, None, None);
        let mut dependencies: &'d [(Text<'a>, Node<'a>)] = &[];
        let mut optional = HashSet::new();
        for (field, node) in &raw.pairs {
            match &*field.text {
                "resolution" => resolution = Some(node.text(&field.text)?),
                "version" => version = Some(node.text(&field.text)?).filter(|version| version.text != NO_VERSION),
                "conditions" => conditions = Some(node.text(&field.text)?),
                "checksum" => checksum = Some(read_checksum(node.text(&field.text)?, metadata)?),
                "dependencies" => dependencies = &node.map(&field.text)?.pairs,
                "dependenciesMeta" => optional = optional_names(node.map(&field.text)?),
                "resolved" | "integrity" => {
                    let message = format!(
                        "{} is a field of Yarn 1, and the file is of a later one: which of them reads it is not told",
                        quoted(&field.text)
                    );
                    return Err(Wrong::new(field.line, message));
                }
                _ => {}
            }
        }
        for (name, range) in dependencies {
            range.text(&name.text)?;
        }
        let Some(resolution) = resolution else {
            return Err(Wrong::new(key.line, format!("the entry of {} has no `resolution`", quoted(&key.text))));
        };
        Ok(Locked { key, resolution, version, dependencies, optional, conditions, checksum })
    }

    /// The entry's dependencies with their ranges.
    pub fn asked(&self) -> impl Iterator<Item = (&'d Text<'a>, &'d Text<'a>)> + use<'d, 'a> {
        self.dependencies.iter().filter_map(|(name, range)| match range {
            Node::Text(range) => Some((name, range)),
            _ => None,
        })
    }
}

/// `HEX`, or `KEY/HEX`: SHA-512 of the archive in Yarn's cache.
fn read_checksum(text: &Text<'_>, metadata: &Metadata) -> Result<Checksum, Wrong> {
    let (key, hex) = match text.text.rsplit_once('/') {
        Some((key, hex)) => (key.into(), hex),
        None => (metadata.cache_key.clone(), &*text.text),
    };
    let wrong = |error| Wrong::new(text.line, format!("the checksum {} is none: {error}", quoted(&text.text)));
    let digest = Digest::from_hex(Algorithm::Sha512, hex).map_err(wrong)?;
    Ok(Checksum { key, digest, key_of_file: metadata.cache_key.clone() })
}

/// The names that a `dependenciesMeta` calls optional; a setting of one version says nothing of others.
fn optional_names<'d>(meta: &'d Map<'_>) -> HashSet<&'d str> {
    let optional = meta.pairs.iter().filter(|(_, node)| matches!(node, Node::Map(settings) if settings.flag("optional")));
    optional.map(|(name, _)| &*name.text).filter(|name| locator::split(name).is_none()).collect()
}
