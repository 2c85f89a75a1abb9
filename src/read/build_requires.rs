//! What a Python project needs to be built, or its tool before it installs anything: packages that get
//! installed and run, and that no lockfile holds (PEP 518; uv's `extra-build-dependencies`; Poetry's
//! `requires-plugins`).

use super::requirements_txt::{Pep508, pep508, pinned, place_of};
use super::toml_file::{Table, Value};
use super::{ReadError, Unlocked};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Location, Package, PackageName, PackageSource, RelPath, Version};

/// Everything of that kind in a pyproject.toml.
pub(super) fn read(path: &RelPath, root: &Table<'_, '_>) -> Result<Vec<Unlocked>, ReadError> {
    let mut found = Vec::new();
    if let Some(build) = root.table("build-system")? {
        for item in build.array("requires")? {
            found.push(of_text(path, &item, "is needed to build the project")?);
        }
    }
    let Some(tools) = root.table("tool")? else { return Ok(found) };
    let of_tool = |tool: &'static str, key: &'static str| tools.get(tool).and_then(|tool| tool.as_table()?.get(key)?.as_table());
    for (name, _, list) in of_tool("uv", "extra-build-dependencies").iter().flat_map(Table::pairs) {
        let need = format!("is needed to build {}", quoted(name));
        for item in list.array()? {
            let text = item.as_table().and_then(|table| table.get("requirement")).unwrap_or(item);
            found.push(of_text(path, &text, &need)?);
        }
    }
    for (name, line, value) in of_tool("poetry", "requires-plugins").iter().flat_map(Table::pairs) {
        found.push(of_poetry(name, &value)?.unlocked(Location::new(path, line), "is a plugin that Poetry takes into itself"));
    }
    Ok(found)
}

fn of_text(path: &RelPath, item: &Value<'_, '_>, need: &str) -> Result<Unlocked, ReadError> {
    let requirement = pep508(item.str()?, &path.parent()).map_err(|message| item.error(message))?;
    Ok(Needed::of(requirement).unlocked(Location::new(path, item.line()), need))
}

/// A requirement that no lockfile answers.
pub(super) struct Needed(Package);

impl Needed {
    pub fn of(requirement: Pep508) -> Self {
        let version = if requirement.is_versioned { pinned(&requirement.wanted) } else { None };
        let source = requirement.source.unwrap_or_else(PackageSource::default_registry);
        Needed(Package { ecosystem: Ecosystem::Pypi, name: requirement.name, version, source })
    }

    /// A package of which nothing but the name is known.
    pub fn named(name: &PackageName) -> Self {
        Needed(Package { ecosystem: Ecosystem::Pypi, name: name.clone(), version: None, source: PackageSource::default_registry() })
    }

    /// The same, held at a version by something else, unless it names one itself.
    pub fn at(mut self, held: Option<Version>) -> Self {
        self.0.version = self.0.version.or(held);
        self
    }

    pub fn name(&self) -> &PackageName {
        &self.0.name
    }

    /// `need` goes on from the package's name.
    pub fn unlocked(self, location: Location, need: &str) -> Unlocked {
        let from = match &self.0.source {
            PackageSource::Registry { index: None } => String::new(),
            source => format!(" from {}", quoted(&source.to_string())),
        };
        let message = format!("{}{from} {need}, and no lockfile holds it", quoted(&self.0.label()));
        Unlocked { package: self.0, state: None, message, location }
    }
}

/// `name = ">=1"`, or a table that names a place (Poetry's own form). Of several forms the first counts.
pub(super) fn of_poetry(name: &str, value: &Value<'_, '_>) -> Result<Needed, ReadError> {
    let name = PackageName::new(Ecosystem::Pypi, name).map_err(|error| value.error(error.to_string()))?;
    let first = if value.is_array() { value.array()?.into_iter().next() } else { Some(*value) };
    let table = first.as_ref().and_then(Value::as_table);
    let constraint = match &table {
        Some(table) => table.str("version")?,
        None => first.as_ref().and_then(Value::as_str),
    };
    let source = match &table {
        Some(table) => source(table, &name).map_err(|message| value.error(message))?,
        None => PackageSource::default_registry(),
    };
    let version = constraint.map(str::trim).filter(|text| text.starts_with("==")).and_then(pinned);
    Ok(Needed(Package { ecosystem: Ecosystem::Pypi, name, version, source }))
}

fn source(table: &Table<'_, '_>, name: &PackageName) -> Result<PackageSource, String> {
    let text = |key: &'static str| table.get(key).and_then(|value| value.as_str().map(str::to_owned));
    if let Some(url) = text("git") {
        let reference = ["rev", "tag", "branch"].into_iter().find_map(text).map(|reference| format!("@{reference}"));
        return place_of(&format!("git+{url}{}", reference.unwrap_or_default()), name, &RelPath::root());
    }
    match text("url").or_else(|| text("path")) {
        Some(place) if place.contains("://") => place_of(&place, name, &RelPath::root()),
        Some(path) => Ok(PackageSource::Path { path: path.into() }),
        None => Ok(PackageSource::default_registry()),
    }
}
