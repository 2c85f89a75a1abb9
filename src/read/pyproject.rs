//! pyproject.toml, as far as a lockfile's reading needs it: what a project asks for, for which
//! purpose and on which line, and which folders belong to its workspace (PEP 621, PEP 735, uv).

use super::requirements_txt::{Pep508, allows, pep508};
use super::toml_file::{Table, TomlFile, Value};
use super::{ReadError, Unlocked, build_requires, members};
use crate::model::{Ecosystem, PackageName, RelPath, Scope, SourceFile, Version};
use hashbrown::{HashMap, HashSet};

pub(super) const FILE_NAME: &str = "pyproject.toml";

/// What a list of requirements is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    Runtime,
    Extra(PackageName),
    Group(PackageName),
}

impl Purpose {
    pub fn scope(&self) -> Scope {
        match self {
            Purpose::Runtime => Scope::Runtime,
            Purpose::Extra(_) => Scope::Optional,
            Purpose::Group(_) => Scope::Development,
        }
    }

    /// The list, in the words of conditions; nothing for what is always needed.
    pub fn list(&self) -> Option<String> {
        match self {
            Purpose::Runtime => None,
            Purpose::Extra(extra) => Some(format!("extra == '{extra}'")),
            Purpose::Group(group) => Some(format!("group: {group}")),
        }
    }

    pub fn extra(&self) -> Option<&PackageName> {
        match self {
            Purpose::Extra(extra) => Some(extra),
            _ => None,
        }
    }

    pub fn group(&self) -> Option<&PackageName> {
        match self {
            Purpose::Group(group) => Some(group),
            _ => None,
        }
    }
}

/// One pyproject.toml.
pub(super) struct Pyproject {
    pub path: RelPath,
    /// `project.name`; `None` in a file that only configures tools.
    pub name: Option<PackageName>,
    /// `project.version`, where it stands there and is one.
    pub version: Option<Version>,
    pub asked: Vec<Asked>,
    by_name: HashMap<PackageName, Vec<usize>>,
    /// Lists that include others: a group another group, or either the project with its extras.
    including: HashSet<Purpose>,
    /// Whether the build says what the project needs, so that this file does not.
    pub dynamic: bool,
    pub workspace: Option<Workspace>,
    /// What its build needs, and its tool.
    pub unlocked: Vec<Unlocked>,
    /// Names whose requirements a tool's settings replace or drop: uv's overrides and excludes, PDM's.
    pub replaced: HashSet<PackageName>,
}

/// uv's `[tool.uv.workspace]`.
pub(super) struct Workspace {
    pub members: Vec<String>,
    exclude: Vec<String>,
}

/// When a Python dependency applies, in the words of the files: to which list it belongs, which extras
/// are asked for, under which marker. `extra == 'x'; extras: a,b; python_version < "3.9"`.
pub(super) fn condition(list: Option<String>, extras: &[impl AsRef<str>], marker: Option<&str>) -> Option<String> {
    let names: Vec<&str> = extras.iter().map(AsRef::as_ref).collect();
    let asked = (!names.is_empty()).then(|| format!("extras: {}", names.join(",")));
    let parts: Vec<String> = [list, asked, marker.map(str::to_owned)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A requirement that a person wrote.
pub(super) struct Asked {
    pub purpose: Purpose,
    pub requirement: Pep508,
    pub line: u32,
}

impl Pyproject {
    /// The manifest of a uv project.
    pub fn parse(file: &SourceFile) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let mut manifest = Pyproject::standard(file.path(), &root)?;
        if let Some(uv) = tool(&root, "uv")? {
            manifest.read_uv(&uv)?;
        }
        manifest.replaced.extend(root.table("tool")?.iter().flat_map(replaced));
        Ok(manifest.indexed())
    }

    /// What a script asks for: `dependencies` stands at the top of its own table (PEP 723).
    pub fn of_script(path: &RelPath, root: &Table<'_, '_>) -> Result<Self, ReadError> {
        let mut script = Pyproject::standard(path, root)?;
        script.read_list(Purpose::Runtime, &root.array("dependencies")?)?;
        Ok(script.indexed())
    }

    /// What the standards put into the file, without any tool's own table, and not yet [`indexed`](Self::indexed).
    pub fn standard(path: &RelPath, root: &Table<'_, '_>) -> Result<Self, ReadError> {
        let mut manifest = Pyproject {
            path: path.clone(),
            name: None,
            version: None,
            asked: Vec::new(),
            by_name: HashMap::new(),
            including: HashSet::new(),
            dynamic: false,
            workspace: None,
            replaced: HashSet::new(),
            unlocked: build_requires::read(path, root)?,
        };
        if let Some(project) = root.table("project")? {
            manifest.read_project(&project)?;
        }
        if let Some(groups) = root.table("dependency-groups")? {
            manifest.read_lists(&groups, Purpose::Group)?;
        }
        Ok(manifest)
    }

    /// Ready to be asked for the lines of a name.
    pub fn indexed(mut self) -> Self {
        for (number, asked) in self.asked.iter().enumerate() {
            self.by_name.entry(asked.requirement.name.clone()).or_default().push(number);
        }
        self
    }

    fn read_project(&mut self, project: &Table<'_, '_>) -> Result<(), ReadError> {
        self.name = project.get("name").map(|name| normal(&name, name.str()?)).transpose()?;
        self.version = project.str("version")?.and_then(|version| Version::new(version).ok());
        for field in project.array("dynamic")? {
            self.dynamic |= matches!(field.str()?, "dependencies" | "optional-dependencies");
        }
        self.read_list(Purpose::Runtime, &project.array("dependencies")?)?;
        if let Some(extras) = project.table("optional-dependencies")? {
            self.read_lists(&extras, Purpose::Extra)?;
        }
        Ok(())
    }

    fn read_uv(&mut self, uv: &Table<'_, '_>) -> Result<(), ReadError> {
        // What uv had before PEP 735; it counts as the group `dev`.
        if let Some(list) = uv.get("dev-dependencies") {
            let group = normal(&list, "dev")?;
            self.read_list(Purpose::Group(group), &list.array()?)?;
        }
        if let Some(workspace) = uv.table("workspace")? {
            let texts = |key| -> Result<Vec<String>, ReadError> {
                workspace.array(key)?.iter().map(|item| item.str().map(str::to_owned)).collect()
            };
            self.workspace = Some(Workspace { members: texts("members")?, exclude: texts("exclude")? });
        }
        Ok(())
    }

    pub fn read_lists(&mut self, lists: &Table<'_, '_>, purpose: fn(PackageName) -> Purpose) -> Result<(), ReadError> {
        for (key, _, value) in lists.pairs() {
            self.read_list(purpose(normal(&value, key)?), &value.array()?)?;
        }
        Ok(())
    }

    /// A table among the requirements of a group includes another group, which is read where it stands.
    fn read_list(&mut self, purpose: Purpose, list: &[Value<'_, '_>]) -> Result<(), ReadError> {
        for item in list {
            if item.as_table().is_some() {
                self.including.insert(purpose.clone());
                continue;
            }
            let requirement = pep508(item.str()?, &self.folder()).map_err(|message| item.error(message))?;
            if self.name.as_ref() == Some(&requirement.name) {
                self.including.insert(purpose.clone());
            }
            self.asked.push(Asked { purpose: purpose.clone(), requirement, line: item.line() });
        }
        Ok(())
    }

    pub fn folder(&self) -> RelPath {
        self.path.parent()
    }
}

impl Pyproject {
    /// The line on which a person asked for a name: in the same list if it stands there, else in one
    /// that the list may include; one that allows the version if several ask for it.
    pub fn declaration(&self, purpose: &Purpose, name: &PackageName, version: Option<&Version>) -> Option<&Asked> {
        let fits = |asked: &&Asked| version.is_none_or(|version| asked.allows(version));
        let own = || self.lines_of(name).filter(|asked| asked.purpose == *purpose);
        let included = || self.lines_of(name).filter(|asked| self.may_include(purpose, &asked.purpose));
        own().find(fits).or_else(|| own().next()).or_else(|| included().find(fits)).or_else(|| included().next())
    }

    fn may_include(&self, purpose: &Purpose, asked: &Purpose) -> bool {
        let fits = match purpose {
            Purpose::Runtime => false,
            Purpose::Extra(_) => asked.extra().is_some(),
            Purpose::Group(_) => *asked != Purpose::Runtime,
        };
        fits && self.including.contains(purpose)
    }

    /// Where a name is asked for: a handful of lines is what people write.
    fn lines_of(&self, name: &PackageName) -> impl Iterator<Item = &Asked> {
        self.by_name.get(name).into_iter().flatten().take(16).map(|&number| &self.asked[number])
    }
}

impl Asked {
    /// Whether a version is what was asked for; `true` where that cannot be judged.
    pub fn allows(&self, version: &Version) -> bool {
        !self.requirement.is_versioned || allows(&self.requirement.wanted, version)
    }
}

impl Workspace {
    /// The folders of its members, as seen from the workspace's own.
    pub fn folders(&self) -> members::Workspace {
        members::Workspace::of(self.members.iter().map(String::as_str), self.exclude.iter().map(String::as_str))
    }
}

/// Names whose requirements stand otherwise in a tool's settings. What cannot be read there is the
/// tool's to refuse.
fn replaced(tools: &Table<'_, '_>) -> HashSet<PackageName> {
    let (uv, pdm) = (tools.get("uv"), tools.get("pdm"));
    let mut texts: Vec<&str> = Vec::new();
    if let Some(uv) = uv.and_then(|uv| uv.as_table()) {
        for key in ["override-dependencies", "exclude-dependencies"] {
            texts.extend(uv.array(key).unwrap_or_default().iter().filter_map(Value::as_str));
        }
    }
    if let Some(resolution) = pdm.and_then(|pdm| pdm.as_table()?.get("resolution")?.as_table()) {
        texts.extend(resolution.array("excludes").unwrap_or_default().iter().filter_map(Value::as_str));
        texts.extend(
            resolution.get("overrides").and_then(|overrides| overrides.as_table()).iter().flat_map(Table::pairs).map(|(name, ..)| name),
        );
    }
    let name = |text: &&str| pep508(text, &RelPath::root()).map(|requirement| requirement.name).ok();
    texts.iter().filter_map(name).collect()
}

/// A tool's own table, `[tool.NAME]`.
pub(super) fn tool<'t, 'a>(root: &Table<'t, 'a>, name: &'static str) -> Result<Option<Table<'t, 'a>>, ReadError> {
    root.table("tool")?.and_then(|tool| tool.table(name).transpose()).transpose()
}

pub(super) fn normal(value: &Value<'_, '_>, text: &str) -> Result<PackageName, ReadError> {
    PackageName::new(Ecosystem::Pypi, text).map_err(|error| value.error(error.to_string()))
}
