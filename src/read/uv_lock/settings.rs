//! `[tool.uv]` of a pyproject.toml or a script: from where packages are to come, and what is asked for
//! in place of what packages ask for.

use super::place::{Place, REFERENCES};
use crate::model::text::quoted;
use crate::model::{PackageName, RelPath};
use crate::read::ReadError;
use crate::read::pyproject::{Purpose, normal, tool};
use crate::read::requirements_txt::{Pep508, pep508};
use crate::read::toml_file::{Table, Value};
use hashbrown::HashMap;

/// More sources of one package than anybody writes; each is held against what the lockfile has.
const MOST_OF_A_PACKAGE: usize = 64;

#[derive(Default)]
pub(super) struct Settings {
    sources: HashMap<PackageName, Vec<Source>>,
    pub overrides: Vec<Replaced>,
    pub constraints: Vec<Replaced>,
    /// `exclude-dependencies`
    pub excludes: Vec<PackageName>,
    /// Addresses of `[[tool.uv.index]]`, by name.
    named: HashMap<String, Place>,
    /// All indexes, where one of them takes the place of PyPI: then no other is asked, unless settings
    /// outside of the repository say so.
    pub indexes: Option<(Vec<Place>, u32)>,
}

/// A requirement of the settings.
pub(super) struct Replaced {
    pub requirement: Pep508,
    pub line: u32,
}

/// One item of `[tool.uv.sources]`.
struct Source {
    place: Place,
    has_marker: bool,
    /// Of which list it is alone.
    list: Option<Purpose>,
}

impl Settings {
    /// Paths count from `folder`.
    pub fn read(root: &Table<'_, '_>, folder: &RelPath) -> Result<Self, ReadError> {
        let mut settings = Settings::default();
        let Some(uv) = tool(root, "uv")? else { return Ok(settings) };
        settings.read_indexes(&uv)?;
        if let Some(sources) = uv.table("sources")? {
            for (name, _, value) in sources.pairs() {
                let items = if value.is_array() { value.array()? } else { vec![value] };
                if items.len() > MOST_OF_A_PACKAGE {
                    return Err(value.error(format!("{} has more than {MOST_OF_A_PACKAGE} sources", quoted(name))));
                }
                let sources: Result<_, _> = items.iter().map(|item| Source::read(&item.table()?, folder)).collect();
                settings.sources.insert(normal(&value, name)?, sources?);
            }
        }
        settings.overrides = requirements(&uv, "override-dependencies", folder)?;
        settings.constraints = requirements(&uv, "constraint-dependencies", folder)?;
        for name in uv.array("exclude-dependencies")? {
            settings.excludes.push(normal(&name, name.str()?)?);
        }
        Ok(settings)
    }

    fn read_indexes(&mut self, uv: &Table<'_, '_>) -> Result<(), ReadError> {
        let (mut all, mut default) = (Vec::new(), None);
        for item in uv.array("index")? {
            let index = item.table()?;
            let Some(url) = index.str("url")? else { continue };
            all.push(Place::index(url));
            if let Some(name) = index.str("name")? {
                self.named.insert(name.to_owned(), Place::index(url));
            }
            let is_default = index.get("default").and_then(|value| value.as_bool()) == Some(true);
            default = default.or(is_default.then(|| item.line()));
        }
        self.indexes = default.map(|line| (all, line));
        Ok(())
    }

    /// Where a requirement of a list is to come from; what a project does not say, the root of its
    /// workspace does. The second tells whether it is always so: else it may come from an index as well.
    pub fn places(&self, root: &Settings, name: &PackageName, list: &Purpose) -> (Vec<Place>, bool) {
        let (settings, sources) = match (self.sources.get(name), root.sources.get(name)) {
            (Some(own), _) => (self, own),
            (None, Some(of_root)) => (root, of_root),
            (None, None) => return (Vec::new(), false),
        };
        let counts = |source: &&Source| source.list.as_ref().is_none_or(|own| own == list);
        let counting: Vec<&Source> = sources.iter().filter(counts).collect();
        let explained = |place: &Place| match place {
            Place::NamedIndex(name) => settings.named.get(name).or_else(|| root.named.get(name)).unwrap_or(place).clone(),
            other => other.clone(),
        };
        (counting.iter().map(|source| explained(&source.place)).collect(), counting.iter().any(|source| !source.has_marker))
    }
}

impl Source {
    fn read(table: &Table<'_, '_>, folder: &RelPath) -> Result<Self, ReadError> {
        let (extra, group) = (table.get("extra"), table.get("group"));
        let name = |value: &Value<'_, '_>| normal(value, value.str()?);
        let list = match (extra, group) {
            (Some(extra), _) => Some(Purpose::Extra(name(&extra)?)),
            (None, Some(group)) => Some(Purpose::Group(name(&group)?)),
            (None, None) => None,
        };
        Ok(Source { place: place(table, folder)?, has_marker: table.get("marker").is_some(), list })
    }
}

fn place(table: &Table<'_, '_>, folder: &RelPath) -> Result<Place, ReadError> {
    let within = table.str("subdirectory")?;
    if let Some(url) = table.str("git")? {
        let mut reference = None;
        for kind in REFERENCES {
            reference = table.str(kind)?.map(|name| (kind, name.to_owned())).or(reference);
        }
        return Ok(Place::git(url, reference, within));
    }
    if let Some(url) = table.str("url")? {
        return Ok(Place::archive(url, within));
    }
    if let Some(path) = table.str("path")? {
        return Ok(Place::Local(folder.join(path).ok()));
    }
    if let Some(index) = table.str("index")? {
        return Ok(Place::NamedIndex(index.to_owned()));
    }
    match table.get("workspace").and_then(|value| value.as_bool()) {
        Some(true) => Ok(Place::Workspace),
        Some(false) => Ok(Place::Index(None)),
        None => Err(table.error("the source is of no kind that is known: git, url, path, index or workspace")),
    }
}

fn requirements(uv: &Table<'_, '_>, key: &'static str, folder: &RelPath) -> Result<Vec<Replaced>, ReadError> {
    let read = |item: &Value<'_, '_>| {
        let requirement = pep508(item.str()?, folder).map_err(|message| item.error(message))?;
        Ok(Replaced { requirement, line: item.line() })
    };
    uv.array(key)?.iter().map(read).collect()
}
