//! pylock.toml as it stands in the file: its packages, and which of them a package says it needs.

use super::source::Source;
use crate::model::text::{quoted, visible};
use crate::model::{Ecosystem, Gap, GapKind, Location, PackageName, Scope, Version};
use crate::read::requirements_txt::{allows, marker_holds, pep508};
use crate::read::toml_file::{Table, TomlFile, Value};
use crate::read::{Files, ReadError, ReadErrorKind, pyproject};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

pub(super) struct Lock<'a> {
    pub dialect: &'static str,
    pub created_by: String,
    /// The extras and groups that can be asked for.
    pub extras: HashSet<PackageName>,
    pub groups: HashSet<PackageName>,
    /// Whether extras or groups decide what is installed.
    pub is_multi_use: bool,
    pub packages: Vec<Locked<'a>>,
    /// Whether any package says what it needs.
    pub has_edges: bool,
    pub gaps: Vec<Gap>,
    by_name: HashMap<PackageName, Vec<usize>>,
}

/// One `[[packages]]`.
pub(super) struct Locked<'a> {
    pub name: PackageName,
    pub version: Option<Version>,
    pub marker: Option<Cow<'a, str>>,
    pub source: Source,
    /// What it is for, as its marker says.
    pub scope: Scope,
    pub edges: Vec<Edge<'a>>,
    pub says_edges: bool,
    pub line: u32,
}

/// What a package needs.
pub(super) struct Edge<'a> {
    pub key: String,
    /// The package, where it is one.
    pub target: Option<usize>,
    pub requirement: Option<Cow<'a, str>>,
    pub condition: Option<String>,
    pub line: u32,
    pub may_be_absent: bool,
    pub every: bool,
}

/// More packages of one name are not told apart; they would take the square of the file.
const MOST_FORKS: usize = 16;

impl<'a> Lock<'a> {
    pub fn read(files: &'a Files) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(&files.lockfile)?;
        let root = toml.root();
        let mut lock = Lock::head(&root)?;
        let defaults = names(&root, "default-groups")?;
        let packages = root.get("packages").ok_or_else(|| root.error("`packages` is missing: this is not a pylock.toml"))?;
        let tables: Vec<Table<'_, 'a>> = packages.array()?.iter().map(Value::table).collect::<Result<_, _>>()?;
        for table in &tables {
            let locked = Locked::read(table, &defaults, files)?;
            let forks = lock.by_name.entry(locked.name.clone()).or_default();
            forks.push(lock.packages.len());
            lock.packages.push(locked);
        }
        lock.refuse_contradictions(files)?;
        for (number, table) in tables.iter().enumerate() {
            let edges = lock.edges(number, table, &tables, files)?;
            lock.has_edges |= edges.is_some();
            lock.packages[number].says_edges = edges.is_some();
            lock.packages[number].edges = edges.unwrap_or_default();
        }
        Ok(lock)
    }

    fn head(root: &Table<'_, 'a>) -> Result<Self, ReadError> {
        let dialect = dialect(root)?;
        let (extras, groups) = (names(root, "extras")?, names(root, "dependency-groups")?);
        let is_multi_use = !extras.is_empty() || !groups.is_empty() || !root.array("default-groups")?.is_empty();
        Ok(Lock {
            dialect,
            created_by: root.str("created-by")?.unwrap_or_default().to_owned(),
            extras,
            groups,
            is_multi_use,
            packages: Vec::new(),
            has_edges: false,
            gaps: Vec::new(),
            by_name: HashMap::new(),
        })
    }

    /// One package of one source twice, with other files: an installer stops where both markers hold.
    /// Under markers that differ, each has files for its own environments.
    fn refuse_contradictions(&self, files: &Files) -> Result<(), ReadError> {
        let mut seen: HashMap<_, &Locked<'a>> = HashMap::new();
        for locked in self.packages.iter().filter(|locked| self.by_name.get(&locked.name).is_some_and(|forks| forks.len() > 1)) {
            let key = (&locked.name, &locked.version, &locked.source.source, &locked.marker);
            let earlier = *seen.entry(key).or_insert(locked);
            if earlier.source.artifacts != locked.source.artifacts {
                let message = format!("the package {} stands twice in the lockfile, with other files", quoted(&locked.label()));
                return Err(ReadError::malformed(files.path(), locked.line, message));
            }
        }
        Ok(())
    }

    /// The packages of a name.
    pub fn forks(&self, name: &PackageName) -> &[usize] {
        self.by_name.get(name).map_or(&[], |forks| &forks[..forks.len().min(MOST_FORKS)])
    }

    /// The text by which one package is meant: its name, where no other has it.
    pub fn key(&self, number: usize) -> String {
        let locked = &self.packages[number];
        let is_fork = self.by_name.get(&locked.name).is_some_and(|forks| forks.len() > 1);
        if is_fork { format!("{} on line {} ({number})", locked.label(), locked.line) } else { locked.name.to_string() }
    }

    /// What a package says it needs; `None` where it does not say.
    fn edges(
        &mut self,
        number: usize,
        table: &Table<'_, 'a>,
        tables: &[Table<'_, 'a>],
        files: &Files,
    ) -> Result<Option<Vec<Edge<'a>>>, ReadError> {
        if table.get("dependencies").is_some() {
            let items = table.array("dependencies")?;
            return items.iter().map(|item| self.edge(&item.table()?, tables)).collect::<Result<_, _>>().map(Some);
        }
        let pdm = table.table("tool")?.and_then(|tool| tool.get("pdm")).and_then(|pdm| pdm.as_table());
        let Some(list) = pdm.and_then(|pdm| pdm.get("dependencies")) else { return Ok(None) };
        let mut edges = Vec::new();
        for item in list.array()? {
            edges.extend(self.by_requirement(number, &item, files)?);
        }
        Ok(Some(edges))
    }

    /// A dependency names another package by as many of its keys as tell it from all others.
    fn edge(&self, dependency: &Table<'_, 'a>, tables: &[Table<'_, 'a>]) -> Result<Edge<'a>, ReadError> {
        let named = dependency.get("name").ok_or_else(|| dependency.error("`name` is missing here"))?;
        let name = name(&named)?;
        let fits = |&&number: &&usize| {
            let mut others = dependency.pairs().filter(|(key, ..)| *key != "name");
            others.all(|(key, _, value)| tables[number].get(key).is_some_and(|own| own.is_same(&value)))
        };
        let forks = self.forks(&name);
        let meant: Vec<usize> = forks.iter().filter(fits).copied().collect();
        let key = match meant[..] {
            [only] => self.key(only),
            [] if forks.is_empty() => name.to_string(),
            [] => format!("{name} {}", dependency.str("version")?.unwrap_or("of another kind")),
            // The name, by which all of them are meant, is then as ambiguous as it is.
            _ => name.to_string(),
        };
        let target = meant.first().copied().filter(|_| meant.len() == 1);
        Ok(Edge { key, target, requirement: None, condition: None, line: named.line(), may_be_absent: false, every: false })
    }

    /// PDM keeps what a package requires as texts of its own.
    fn by_requirement(&mut self, number: usize, item: &Value<'_, 'a>, files: &Files) -> Result<Vec<Edge<'a>>, ReadError> {
        let asked = match pep508(item.str()?, &files.folder()) {
            Ok(asked) => asked,
            Err(message) => {
                self.gaps.push(Gap::at(GapKind::UnresolvedDependency, &Location::new(files.path(), item.line()), message));
                return Ok(Vec::new());
            }
        };
        let condition = pyproject::condition(None, &asked.extras, asked.marker.as_deref());
        let edge = |key: String, target: Option<usize>| Edge {
            key,
            target,
            requirement: Some(asked.wanted.clone().into()).filter(|_| !asked.wanted.is_empty()),
            condition: condition.clone(),
            line: item.line(),
            may_be_absent: asked.marker.is_some(),
            every: true,
        };
        let allowed = |&&number: &&usize| {
            let version = self.packages[number].version.as_ref();
            !asked.is_versioned || version.is_none_or(|version| allows(&asked.wanted, version))
        };
        let forks = self.forks(&asked.name);
        let meant: Vec<usize> = forks.iter().filter(allowed).filter(|&&other| other != number).copied().collect();
        // A package may ask for extras of its own.
        if meant.is_empty() && asked.name != self.packages[number].name {
            return Ok(vec![edge(asked.name.to_string(), None)]);
        }
        Ok(meant.into_iter().map(|other| edge(self.key(other), Some(other))).collect())
    }
}

/// `lock-version` is major and minor: another major is refused, a later minor only adds (PEP 751).
fn dialect(root: &Table<'_, '_>) -> Result<&'static str, ReadError> {
    let version = root.get("lock-version").ok_or_else(|| root.error("`lock-version` is missing: this is not a pylock.toml"))?;
    let text = version.str()?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        None if text == "1" => Ok("lock-version 1.0"),
        Some(("1", "0")) => Ok("lock-version 1.0"),
        Some(("1", minor)) if is_number(minor) => Ok("lock-version 1, a later minor"),
        _ => {
            let found = visible(&crate::model::text::shortened(text, 40)).into_owned();
            Err(ReadError { kind: ReadErrorKind::UnknownVersion { found, known: "1.0" }, ..version.error("") })
        }
    }
}

/// Names of extras or groups.
fn names(table: &Table<'_, '_>, key: &'static str) -> Result<HashSet<PackageName>, ReadError> {
    table.array(key)?.iter().map(name).collect()
}

fn name(value: &Value<'_, '_>) -> Result<PackageName, ReadError> {
    PackageName::new(Ecosystem::Pypi, value.str()?).map_err(|error| value.error(error.to_string()))
}

impl<'a> Locked<'a> {
    fn read(table: &Table<'_, 'a>, default_groups: &HashSet<PackageName>, files: &Files) -> Result<Self, ReadError> {
        let named = table.get("name").ok_or_else(|| table.error("`name` is missing here"))?;
        let name = name(&named)?;
        let stated =
            table.get("version").map(|value| Version::new(value.str()?).map_err(|error| value.error(error.to_string()))).transpose()?;
        let source = Source::read(table, &name, stated.as_ref(), &files.folder())?;
        let version = stated.or_else(|| source.version.clone());
        let marker = table.text("marker")?;
        let scope = match &marker {
            Some(text) => scope(text, default_groups).ok_or_else(|| {
                table.get("marker").map_or_else(|| table.error(""), |at| at.error(format!("{} is not a marker", quoted(text))))
            })?,
            None => Scope::Runtime,
        };
        Ok(Locked { version, marker, source, scope, edges: Vec::new(), says_edges: false, line: named.line(), name })
    }

    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// Who asks for what beside the default.
#[derive(Clone, Copy, PartialEq)]
enum AskedFor {
    Nothing,
    Extras,
    Everything,
}

/// What a package is for: to run what is installed when nobody names extras or groups; an extra; a
/// group. What a marker says of environments is taken for true, since some environment is such.
/// `None` for what is no marker.
fn scope(marker: &str, default_groups: &HashSet<PackageName>) -> Option<Scope> {
    let may_hold = |asked| marker_holds(marker, |left, operator, right| holds(left, operator, right, asked, default_groups));
    Some(match () {
        () if may_hold(AskedFor::Nothing)? => Scope::Runtime,
        () if may_hold(AskedFor::Extras)? => Scope::Optional,
        () => Scope::Development,
    })
}

fn holds(left: &str, operator: &str, right: &str, asked: AskedFor, default_groups: &HashSet<PackageName>) -> bool {
    let is_negated = operator.starts_with("not") || operator == "!=";
    match (left, right) {
        ("extra" | "extras", _) | (_, "extra" | "extras") => asked != AskedFor::Nothing || is_negated,
        (group, "dependency_groups") if asked != AskedFor::Everything => {
            let group = PackageName::new(Ecosystem::Pypi, group.trim_matches(['"', '\'']));
            group.is_ok_and(|group| default_groups.contains(&group)) != is_negated
        }
        _ => true,
    }
}
