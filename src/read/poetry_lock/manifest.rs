//! pyproject.toml as Poetry reads it: what the project asks for, for which purpose and on which line.
//!
//! Poetry 1 reads `[tool.poetry]` alone. Poetry 2 reads the standard tables first, and what
//! `[tool.poetry]` says of a name that stands there too only adds where it comes from
//! (poetry-core, `factory.py` and `packages/dependency_group.py`).

use super::content_hash;
use super::lock::{Dialect, PoetryFile};
use crate::model::{Ecosystem, PackageName, Scope, SourceFile, Version};
use crate::read::pypi_lock::{Ask, Asked, Project, Wanted, in_extras};
use crate::read::pyproject::{self, Purpose, Pyproject, normal, tool};
use crate::read::toml_file::{Table, TomlFile};
use crate::read::{ReadError, build_requires};
use hashbrown::HashMap;

pub(super) struct Manifest<'a> {
    pub project: Project<'a>,
    /// Whether the lockfile was made from this manifest.
    pub is_fresh: bool,
    /// Whether the Poetry that wrote the lockfile reads `[dependency-groups]`.
    reads_standard_groups: bool,
}

impl<'a> Manifest<'a> {
    pub fn read(file: &'a SourceFile, lock: &PoetryFile<'_>) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let poetry = tool(&root, "poetry")?;
        let by_poetry_1 = lock.dialect < Dialect::V2_1 && poetry.as_ref().is_some_and(|poetry| poetry.get("dependencies").is_some());
        let standard = if by_poetry_1 { None } else { Some(Pyproject::standard(file.path(), &root)?) };
        let mut manifest = Manifest {
            project: Project { unlocked: build_requires::read(file.path(), &root)?, ..Project::new(file.path()) },
            is_fresh: content_hash::is_fresh(lock, &root)?,
            reads_standard_groups: lock.dialect >= Dialect::V2_1 && lock.written_by.is_none_or(|version| version >= (2, 2)),
        };
        manifest.name_it(&root, poetry.as_ref())?;
        let own = poetry.as_ref().map_or(Ok(Vec::new()), main_list)?;
        match standard {
            Some(standard) => manifest.take_standard(standard, own),
            None => manifest.project.asked.extend(own),
        }
        if let Some(poetry) = &poetry {
            manifest.take_groups(poetry)?;
            manifest.take_indexes(poetry)?;
        }
        Ok(manifest)
    }

    fn take_indexes(&mut self, poetry: &Table<'_, 'a>) -> Result<(), ReadError> {
        for source in poetry.array("source")? {
            self.project.indexes.extend(source.table()?.str("url")?.map(str::to_owned));
        }
        Ok(())
    }

    /// Names are for people here; what could be none of a package is none of this one.
    fn name_it(&mut self, root: &Table<'_, '_>, poetry: Option<&Table<'_, '_>>) -> Result<(), ReadError> {
        for table in root.table("project")?.iter().chain(poetry) {
            if let Some(name) = table.str("name")?.filter(|_| self.project.name.is_none()) {
                self.project.name = Some(PackageName::of_root(Ecosystem::Pypi, name));
            }
            self.project.version = self.project.version.take().or(table.str("version")?.and_then(|version| Version::new(version).ok()));
        }
        Ok(())
    }

    /// The standard lists, and what Poetry's own table adds to them.
    fn take_standard(&mut self, standard: Pyproject, own: Vec<Asked<'a>>) {
        let is_main = |asked: &pyproject::Asked| asked.purpose.group().is_none();
        let has_main = standard.asked.iter().any(is_main);
        let has_runtime = standard.asked.iter().any(|asked| asked.purpose == Purpose::Runtime);
        let has_extras = standard.asked.iter().any(|asked| asked.purpose.extra().is_some());
        let mut places: HashMap<PackageName, Vec<Asked<'a>>> = HashMap::new();
        for asked in own {
            // With one of the two lists left to the build, Poetry's table holds the other.
            let is_other = standard.dynamic && (!has_runtime && !asked.ask.optional || !has_extras && asked.ask.optional);
            if !has_main || is_other {
                self.project.asked.push(asked);
            } else if matches!(asked.ask.wanted, Wanted::Place(..)) {
                places.entry(asked.ask.name.clone()).or_default().push(asked);
            }
        }
        for asked in standard.asked {
            let (purpose, line) = (asked.purpose, asked.line);
            let place = places.get_mut(&asked.requirement.name).and_then(Vec::pop).filter(|_| purpose.group().is_none());
            let mut ask = Ask::of_pep508(asked.requirement, line);
            if let Some(place) = place {
                ask.wanted = place.ask.wanted;
            }
            // In a project of an older Poetry such groups are another tool's.
            let may_be_absent = purpose.group().is_some() && !self.reads_standard_groups;
            self.project.asked.push(Asked { scope: purpose.scope(), list: purpose.list(), group: None, may_be_absent, ask });
        }
    }

    fn take_groups(&mut self, poetry: &Table<'_, 'a>) -> Result<(), ReadError> {
        if let Some(section) = poetry.table("dev-dependencies")? {
            self.take_group(&section, "dev")?;
        }
        let Some(groups) = poetry.table("group")? else { return Ok(()) };
        for (name, _, group) in groups.pairs() {
            if let Some(section) = group.table()?.table("dependencies")? {
                self.take_group(&section, name)?;
            }
        }
        Ok(())
    }

    fn take_group(&mut self, section: &Table<'_, 'a>, group: &str) -> Result<(), ReadError> {
        for ask in asks(section)? {
            let list = Some(format!("group: {group}"));
            self.project.asked.push(Asked { scope: Scope::Development, list, group: None, may_be_absent: false, ask });
        }
        Ok(())
    }
}

/// `[tool.poetry.dependencies]`; an optional one counts with the extras that name it.
fn main_list<'a>(poetry: &Table<'_, 'a>) -> Result<Vec<Asked<'a>>, ReadError> {
    let Some(section) = poetry.table("dependencies")? else { return Ok(Vec::new()) };
    let extras = extras(poetry)?;
    let asked = asks(&section)?.into_iter().map(|ask| {
        let named = extras.get(&ask.name).filter(|_| ask.optional);
        let scope = if ask.optional { Scope::Optional } else { Scope::Runtime };
        Asked { scope, list: named.map(|extras| in_extras(extras.iter().take(16).copied())), group: None, may_be_absent: false, ask }
    });
    Ok(asked.collect())
}

/// Everything but the Python that the project runs on.
fn asks<'a>(section: &Table<'_, 'a>) -> Result<Vec<Ask<'a>>, ReadError> {
    let mut asks = Vec::new();
    for (name, line, value) in section.pairs().filter(|(name, ..)| !name.eq_ignore_ascii_case("python")) {
        asks.extend(Ask::read_all(name, line, &value)?);
    }
    Ok(asks)
}

/// `[tool.poetry.extras]`: by package, the extras that name it.
fn extras<'t>(poetry: &Table<'t, '_>) -> Result<HashMap<PackageName, Vec<&'t str>>, ReadError> {
    let mut by_package: HashMap<PackageName, Vec<&str>> = HashMap::new();
    if let Some(section) = poetry.table("extras")? {
        for (extra, _, list) in section.pairs() {
            for item in list.array()? {
                by_package.entry(normal(&item, item.str()?)?).or_default().push(extra);
            }
        }
    }
    Ok(by_package)
}
