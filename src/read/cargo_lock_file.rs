//! Cargo.lock as it stands in the file, read as TOML: any form that Cargo reads, of any version.

use super::toml_file::{Table, TomlFile};
use super::{Files, Key, ReadError, ReadErrorKind};
use crate::model::RelPath;
use crate::model::text::quoted;
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

/// The lockfile as it stands in the file.
#[derive(Debug, PartialEq)]
pub(super) struct Lock<'a> {
    pub dialect: &'static str,
    pub packages: Vec<Locked<'a>>,
    /// `[[patch.unused]]`: no packages of the graph.
    pub unused: Vec<Locked<'a>>,
}

/// One `[[package]]` (or the `[root]` of version 1).
#[derive(Debug, PartialEq)]
pub(super) struct Locked<'a> {
    pub name: Cow<'a, str>,
    pub version: Cow<'a, str>,
    pub source: Option<Cow<'a, str>>,
    pub checksum: Option<Cow<'a, str>>,
    pub replace: Option<Cow<'a, str>>,
    pub dependencies: Vec<Cow<'a, str>>,
    pub line: u32,
    pub source_line: u32,
    pub checksum_line: u32,
}

impl<'a> Lock<'a> {
    pub fn from_toml(files: &'a Files) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(&files.lockfile)?;
        let root = toml.root();
        let mut packages = Vec::new();
        if let Some(root_package) = root.table("root")? {
            packages.push(Locked::read(&root_package)?);
        }
        for package in root.array("package")? {
            packages.push(Locked::read(&package.table()?)?);
        }
        let has_metadata = add_old_checksums(&root, &mut packages)?;
        let has_root = root.get("root").is_some();
        let dialect = dialect(&root, has_metadata || has_root, &packages)?;
        let unused = root.table("patch")?.map_or(Ok(Vec::new()), |patch| patch.array("unused"))?;
        let unused = unused.iter().map(|unused| Locked::read(&unused.table()?)).collect::<Result<_, ReadError>>()?;
        Ok(Lock { dialect, packages, unused })
    }

    pub fn refuse_duplicates(&self, path: &RelPath) -> Result<(), ReadError> {
        let mut seen = HashSet::with_capacity(self.packages.len());
        for package in &self.packages {
            if !seen.insert((&package.name, &package.version, &package.source)) {
                let message =
                    format!("the package {} stands twice in the lockfile", quoted(&format!("{} {}", package.name, package.version)));
                return Err(ReadError::malformed(path, package.line, message));
            }
        }
        Ok(())
    }
}

/// `version = 3` and later name themselves; before that, version 1 keeps checksums in `[metadata]`.
fn dialect(root: &Table<'_, '_>, old: bool, packages: &[Locked<'_>]) -> Result<&'static str, ReadError> {
    let Some(version) = root.get("version") else {
        let inline = packages.iter().any(|package| package.checksum.is_some());
        return Ok(if old || !inline { "v1" } else { "v2" });
    };
    let number = version.integer()?;
    dialect_of(number).ok_or_else(|| {
        let kind = ReadErrorKind::UnknownVersion { found: number.to_owned(), known: "1 to 4" };
        ReadError { kind, ..version.error("") }
    })
}

/// The dialect that a `version = N` names.
pub(super) fn dialect_of(version: &str) -> Option<&'static str> {
    ["v1", "v2", "v3", "v4"].into_iter().find(|dialect| dialect[1..] == *version)
}

/// Version 1 keeps `"checksum NAME VERSION (SOURCE)" = "HEX"` in `[metadata]`.
fn add_old_checksums<'a>(root: &Table<'_, 'a>, packages: &mut [Locked<'a>]) -> Result<bool, ReadError> {
    let Some(metadata) = root.table("metadata")? else { return Ok(false) };
    let mut of = HashMap::new();
    for (key, _, value) in metadata.pairs() {
        if let (Some(id), Ok(checksum)) = (key.strip_prefix("checksum "), value.text()) {
            of.insert(id, checksum);
        }
    }
    for package in packages.iter_mut().filter(|package| package.checksum.is_none()) {
        package.checksum = of.get(package.full_id().as_str()).filter(|checksum| *checksum != "<none>").cloned();
    }
    Ok(!of.is_empty())
}

impl<'a> Locked<'a> {
    /// A package of which only the name, its line and the version are known.
    pub fn new(name: Cow<'a, str>, version: Cow<'a, str>, line: u32) -> Self {
        Locked {
            name,
            version,
            source: None,
            checksum: None,
            replace: None,
            dependencies: Vec::new(),
            line,
            source_line: line,
            checksum_line: line,
        }
    }

    fn read(table: &Table<'_, 'a>) -> Result<Self, ReadError> {
        let dependencies: Result<Vec<_>, _> = table.array("dependencies")?.iter().map(|item| item.text()).collect();
        let line = table.get("name").map_or(table.line(), |name| name.line());
        let line_of = |key| table.get(key).map_or(line, |value| value.line());
        Ok(Locked {
            name: table.required_text("name")?,
            version: table.required_text("version")?,
            source: table.text("source")?,
            checksum: table.text("checksum")?,
            replace: table.text("replace")?,
            dependencies: dependencies?,
            line,
            source_line: line_of("source"),
            checksum_line: line_of("checksum"),
        })
    }

    /// `NAME VERSION (SOURCE)`, as version 1 and disambiguated dependencies write it.
    pub fn full_id(&self) -> String {
        match &self.source {
            Some(source) => format!("{} {} ({source})", self.name, self.version),
            None => format!("{} {}", self.name, self.version),
        }
    }

    /// The texts by which others name this package beside its bare name. A git source is named
    /// with or without its commit, and an older lockfile without percent-encoding.
    pub fn long_keys(&self) -> Vec<Key<'a>> {
        let mut keys = vec![format!("{} {}", self.name, self.version)];
        if let Some(source) = &self.source {
            keys.push(self.full_id());
            if let Some((address, _)) = source.split_once('#') {
                keys.push(format!("{} {} ({address})", self.name, self.version));
            }
        }
        keys.into_iter().map(Cow::Owned).collect()
    }
}
