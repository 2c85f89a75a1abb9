//! Manifests for themselves: what each asks for, where no lockfile says which packages that brings. Two
//! readings of one manifest are compared: what the newer one asks for and the older did not is what came.
//!
//! Whatever asks for a package is a [`Need`], in every list and section that its tool installs from. What
//! cannot be read is an error, never "asks for nothing".

mod python;

use super::cargo_manifest;
use super::package_json::SECTIONS;
use super::requirements_txt::allows;
use super::toml_file::{Table, TomlFile, Value};
use super::{ReadError, ReadErrorKind, setup_cfg, setup_py};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Package, PackageSource, RelPath, SourceFile};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeSet;

pub use python::listed;

/// Manifests that ask for packages, and the ecosystem of each.
pub const MANIFESTS: [(&str, Ecosystem); 6] = [
    ("Cargo.toml", Ecosystem::Cargo),
    ("package.json", Ecosystem::Npm),
    ("pyproject.toml", Ecosystem::Pypi),
    ("Pipfile", Ecosystem::Pypi),
    (setup_py::FILE_NAME, Ecosystem::Pypi),
    (setup_cfg::FILE_NAME, Ecosystem::Pypi),
];

/// The largest manifest that is read, in bytes: a thousand times what people write.
const LONGEST: usize = 8 << 20;

/// One thing that a manifest asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    pub what: What,
    /// What is asked of it (version, place, features …), in a form in which equal texts ask for the same.
    pub asked: String,
    pub from: From,
}

/// From where a package is wanted, as far as the form of a list tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// An index; with the version specifiers of PEP 440 where those are what is written.
    Index(Option<String>),
    /// An address or a repository of its own.
    Address,
}

impl Need {
    fn new(what: What, asked: impl Into<String>) -> Self {
        Need { what, asked: asked.into(), from: From::Index(None) }
    }

    /// Whether a package of that name is what is asked for; `true` where that cannot be judged.
    pub fn is_met_by(&self, package: &Package) -> bool {
        match (&self.from, &package.version) {
            (From::Address, _) => !matches!(package.source, PackageSource::Registry { .. }),
            (From::Index(Some(specifiers)), Some(version)) => allows(specifiers, version),
            _ => true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A package, by its name as the ecosystem compares names.
    Package(String),
    /// A file of further requirements, as seen from the manifest's folder.
    File(String),
    /// Whatever the project's build decides.
    Build,
}

impl What {
    /// For people, in quotation marks where it quotes.
    pub fn label(&self) -> Cow<'static, str> {
        match self {
            What::Package(text) | What::File(text) => quoted(text).into(),
            What::Build => "what its build decides".into(),
        }
    }
}

/// The ecosystem of a manifest by its name.
pub fn ecosystem_of(path: &RelPath) -> Option<Ecosystem> {
    MANIFESTS.iter().find(|(name, _)| *name == path.file_name()).map(|(_, ecosystem)| *ecosystem)
}

/// Everything that a manifest of one of these names asks for.
pub fn needs(file: &SourceFile) -> Result<BTreeSet<Need>, ReadError> {
    if file.text().len() > LONGEST {
        let kind = ReadErrorKind::Limit { what: "bytes of a manifest".to_owned(), limit: LONGEST };
        return Err(ReadError::new(file.path(), None, kind));
    }
    match file.path().file_name() {
        "package.json" => of_npm(file),
        "Cargo.toml" => of_cargo(&TomlFile::parse(file)?.root()),
        "Pipfile" => python::of_pipfile(&TomlFile::parse(file)?.root()),
        setup_py::FILE_NAME => Ok(python::of_setup_py(file)),
        setup_cfg::FILE_NAME => Ok(python::of_setup_cfg(file)),
        _ => python::of_pyproject(file),
    }
}

/// What stands in a list of Cargo's, and what `[patch]` and `[replace]` put into the place of packages.
fn of_cargo(root: &Table<'_, '_>) -> Result<BTreeSet<Need>, ReadError> {
    let mut needs = BTreeSet::new();
    for list in cargo_manifest::lists(root)? {
        needs.extend(list.pairs().map(|(name, _, value)| of_value(name.to_owned(), &value)));
    }
    Ok(needs)
}

/// What npm and its kin install by. `overrides` and `resolutions` put others into the place of what is asked.
fn of_npm(file: &SourceFile) -> Result<BTreeSet<Need>, ReadError> {
    let manifest: Json = serde_json::from_str(file.text()).map_err(|error| {
        ReadError::syntax(file.path(), u32::try_from(error.line()).unwrap_or(u32::MAX).max(1), "this is not JSON that can be read")
    })?;
    let sections = SECTIONS.iter().map(|(name, _)| *name).chain(["overrides", "resolutions", "catalog", "catalogs"]);
    let pairs = sections.filter_map(|section| manifest[section].as_object()).flatten();
    Ok(pairs.map(|(name, asked)| Need::new(What::Package(name.clone()), asked.to_string())).collect())
}

/// A value in full: features and places are asked for as well. What has no one form is equal to itself
/// alone where its line is.
fn of_value(name: String, value: &Value<'_, '_>) -> Need {
    let asked = value.python_json().unwrap_or_else(|| format!("line {}", value.line()));
    let is_address = value.as_table().is_some_and(|table| ["git", "url", "file", "hg", "svn"].iter().any(|key| table.get(key).is_some()));
    let from = if is_address { From::Address } else { From::Index(None) };
    Need { from, ..Need::new(What::Package(name), asked) }
}
