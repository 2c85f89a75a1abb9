//! Pipfile: what a person asks for, in which category and on which line.

use super::digest;
use super::lock::{DEFAULT, DEVELOP, Lock, MARKERS, VARIABLES, joined};
use super::place::{self, KINDS, Located, Written};
use crate::model::text::quoted;
use crate::model::{Address, Ecosystem, PackageName, RelPath, SourceFile, Version};
use crate::read::ReadError;
use crate::read::requirements_txt::allows;
use crate::read::toml_file::{Table, TomlFile, Value};
use hashbrown::HashSet;

pub(super) const FILE_NAME: &str = "Pipfile";
/// What the Pipfile calls the lockfile's `default` and `develop`.
pub(super) const PACKAGES: &str = "packages";
pub(super) const DEV_PACKAGES: &str = "dev-packages";

/// Sections that hold no packages.
const NOT_CATEGORIES: [&str; 6] = ["source", "requires", "scripts", "pipfile", "pipenv", "build-system"];

/// A longer Pipfile than people write is not digested in every way that there was.
const LONGEST_DIGESTED: usize = 1 << 20;

pub(super) struct Pipfile {
    pub path: RelPath,
    pub asked: Vec<Asked>,
    /// The line that lets any package come from any source.
    pub searches_all: Option<u32>,
    /// Whether it is the one that was locked, by its digest; `None` where that cannot be told.
    pub is_locked: Option<bool>,
}

/// A requirement that a person wrote.
pub(super) struct Asked {
    /// As the lockfile calls it.
    pub category: String,
    pub name: PackageName,
    pub wanted: Wanted,
    pub extras: Vec<String>,
    pub marker: Option<String>,
    pub index: Option<String>,
    /// pipenv was told not to resolve it.
    pub skips_resolver: bool,
    pub line: u32,
}

pub(super) enum Wanted {
    /// Version specifiers as written, `*` for any.
    Version(String),
    /// A place with its text, without credentials.
    Place(Located, String),
}

impl Pipfile {
    /// Categories that the lockfile has not are passed over: before pipenv had custom ones, people
    /// kept other things in sections of their own.
    pub fn parse(file: &SourceFile, lock: &Lock<'_>) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let locked: HashSet<&str> = lock.categories.iter().map(|(name, _)| &**name).chain([DEFAULT, DEVELOP]).collect();
        let mut pipfile = Pipfile {
            path: file.path().clone(),
            asked: Vec::new(),
            searches_all: searches_all(&root)?,
            is_locked: Some(&root)
                .filter(|_| file.text().len() < LONGEST_DIGESTED)
                .and_then(|root| digest::is_the_locked_one(root, &lock.meta)),
        };
        for (section, packages) in categories(&root) {
            let category = match section {
                PACKAGES => DEFAULT,
                DEV_PACKAGES => DEVELOP,
                other => other,
            };
            if locked.contains(category) {
                pipfile.read_category(category, &packages.table()?)?;
            }
        }
        Ok(pipfile)
    }

    fn read_category(&mut self, category: &str, packages: &Table<'_, '_>) -> Result<(), ReadError> {
        let project = self.path.parent();
        for (key, line, value) in packages.pairs() {
            let name = PackageName::new(Ecosystem::Pypi, key).map_err(|error| value.error(error.to_string()))?;
            self.asked.push(Asked::read(category, name, line, &value, &project)?);
        }
        Ok(())
    }
}

/// Every section that may hold packages.
pub(in crate::read) fn categories<'t, 'a>(root: &Table<'t, 'a>) -> impl Iterator<Item = (&'t str, Value<'t, 'a>)> {
    root.pairs().filter(|(name, ..)| !NOT_CATEGORIES.contains(name)).map(|(name, _, value)| (name, value))
}

/// `[pipenv] install_search_all_sources`.
fn searches_all(root: &Table<'_, '_>) -> Result<Option<u32>, ReadError> {
    let setting = root.table("pipenv")?.and_then(|pipenv| pipenv.get("install_search_all_sources"));
    Ok(setting.filter(|setting| setting.as_bool() == Some(true)).map(|setting| setting.line()))
}

impl Asked {
    fn read(category: &str, name: PackageName, line: u32, value: &Value<'_, '_>, project: &RelPath) -> Result<Self, ReadError> {
        let mut asked = Asked {
            category: category.to_owned(),
            name,
            wanted: Wanted::Version("*".to_owned()),
            extras: Vec::new(),
            marker: None,
            index: None,
            skips_resolver: false,
            line,
        };
        match value.as_table() {
            Some(table) => asked.read_table(&table, project)?,
            None if value.as_bool().is_some() || value.array().is_ok() => drop(value.str()?),
            // A number is a version without quotes; which one Python makes of it is not sure.
            None => asked.wanted = Wanted::Version(value.as_str().unwrap_or("*").to_owned()),
        }
        Ok(asked)
    }

    fn read_table(&mut self, table: &Table<'_, '_>, project: &RelPath) -> Result<(), ReadError> {
        let mut places = KINDS.iter().filter_map(|kind| Some((*kind, table.get(kind)?)));
        if let Some((kind, text)) = places.next() {
            let (reference, subdirectory) = (table.str("ref")?, table.str("subdirectory")?);
            let written = Written { kind, text: text.str()?, reference, subdirectory };
            let located = place::read(written, &self.name, project).map_err(|message| text.error(message))?;
            self.wanted = Wanted::Place(located, Address::new(written.text).to_string());
        } else if let Some(version) = table.str("version")? {
            self.wanted = Wanted::Version(version.to_owned());
        }
        for extra in table.array("extras")? {
            self.extras.push(extra.str()?.to_owned());
        }
        let keys = MARKERS.iter().chain(&VARIABLES);
        let markers: Vec<(&str, &str)> = keys.filter_map(|key| Some((*key, table.get(key)?.as_str()?))).collect();
        self.marker = joined(markers.into_iter());
        self.index = table.str("index")?.map(str::to_owned);
        self.skips_resolver = table.get("skip_resolver").is_some();
        Ok(())
    }

    /// What is asked for, as written.
    pub fn text(&self) -> &str {
        match &self.wanted {
            Wanted::Version(specifiers) => specifiers,
            Wanted::Place(_, text) => text,
        }
    }

    pub fn shown(&self) -> String {
        match &self.wanted {
            Wanted::Version(specifiers) => quoted(&format!("{} {specifiers}", self.name)),
            Wanted::Place(_, text) => quoted(&format!("{} from {text}", self.name)),
        }
    }

    /// Whether a version is what was asked for; `true` where that cannot be judged. A version without
    /// an operator stands for `==`.
    pub fn allows(&self, version: &Version) -> bool {
        let Wanted::Version(specifiers) = &self.wanted else { return true };
        let specifiers = specifiers.trim();
        let has_operator = specifiers.starts_with(['<', '>', '=', '!', '~']);
        match specifiers {
            "*" | "" => true,
            _ if has_operator => allows(specifiers, version),
            _ => allows(&format!("=={specifiers}"), version),
        }
    }
}
