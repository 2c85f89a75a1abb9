//! Cargo.toml, as far as a lockfile's reading needs it: who is a member, and what each member
//! asks for under which name, for which purpose and target.

use super::ReadError;
use super::cargo_patches::Patches;
use super::cargo_place::Place;
use super::toml_file::{Table, TomlFile, Value};
use crate::model::{Ecosystem, RelPath, Scope, SourceFile, Version, range};
use hashbrown::HashMap;

/// One Cargo.toml.
pub struct CargoManifest {
    pub path: RelPath,
    /// `package.name`; `None` in a virtual workspace.
    pub name: Option<String>,
    /// Sorted by package once what is inherited is filled in.
    pub dependencies: Vec<Declared>,
    /// Whether a declaration inherits what the workspace does not say; it is left out.
    pub unexplained: bool,
    pub workspace: Option<Workspace>,
    /// Folders of path dependencies, as written.
    pub paths: Vec<String>,
    /// Cargo reads those of the root alone.
    pub(super) patches: Patches,
}

pub struct Workspace {
    pub members: Vec<String>,
    pub exclude: Vec<String>,
    pub dependencies: Vec<Declared>,
}

/// A dependency as a manifest declares it.
#[derive(Clone)]
pub struct Declared {
    /// The key, which is the name in the code: an alias where `package` says another name.
    pub key: String,
    /// The package's own name.
    pub package: String,
    pub scope: Scope,
    /// `cfg(windows)` or a triple.
    pub target: Option<String>,
    /// The version requirement as written; `None` where none is given.
    pub requirement: Option<String>,
    pub(super) place: Place,
    /// `workspace = true`: the rest stands in the workspace's own table.
    pub inherits: bool,
    pub line: u32,
}

impl Declared {
    /// Whether a version is one that is asked for; `None` where that cannot be judged.
    pub fn is_satisfied_by(&self, version: &str) -> Option<bool> {
        range::satisfies(Ecosystem::Cargo, self.requirement.as_deref()?, &Version::new(version).ok()?)
    }
}

/// The sections of a package or a target that ask for packages.
const SECTIONS: [(&str, Scope); 5] = [
    ("dependencies", Scope::Runtime),
    ("build-dependencies", Scope::Build),
    ("build_dependencies", Scope::Build),
    ("dev-dependencies", Scope::Development),
    ("dev_dependencies", Scope::Development),
];

/// Every table of a Cargo.toml of which each key asks for a package, or puts one into the place of another.
pub(super) fn lists<'t, 'a>(root: &Table<'t, 'a>) -> Result<Vec<Table<'t, 'a>>, ReadError> {
    let mut holders = vec![*root];
    for (_, _, target) in root.table("target")?.iter().flat_map(Table::pairs) {
        holders.push(target.table()?);
    }
    let mut lists = Vec::new();
    for holder in holders {
        for (section, _) in SECTIONS {
            lists.extend(holder.table(section)?);
        }
    }
    lists.extend(root.table("workspace")?.map(|workspace| workspace.table("dependencies")).transpose()?.flatten());
    lists.extend(root.table("replace")?);
    for (_, _, patches) in root.table("patch")?.iter().flat_map(Table::pairs) {
        lists.push(patches.table()?);
    }
    Ok(lists)
}

/// Declarations of one package that are told of; people have one, or a few for targets.
const MOST_OF_A_PACKAGE: usize = 64;

impl CargoManifest {
    pub fn parse(file: &SourceFile) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let mut manifest = CargoManifest {
            path: file.path().clone(),
            name: package_name(&root)?,
            dependencies: Vec::new(),
            unexplained: false,
            workspace: None,
            paths: Vec::new(),
            patches: Patches::read(&root)?,
        };
        manifest.read_dependencies(&root, None)?;
        if let Some(targets) = root.table("target")? {
            for (target, _, table) in targets.pairs() {
                manifest.read_dependencies(&table.table()?, Some(target))?;
            }
        }
        manifest.read_workspace(&root)?;
        Ok(manifest)
    }

    pub fn folder(&self) -> RelPath {
        self.path.parent()
    }

    /// Fills in what declarations inherit from the workspace, by key.
    pub fn inherit(&mut self, workspace: &HashMap<String, Declared>) {
        self.dependencies.retain_mut(|declared| {
            match workspace.get(&declared.key).filter(|_| declared.inherits) {
                Some(inherited) => {
                    (declared.package, declared.requirement) = (inherited.package.clone(), inherited.requirement.clone());
                    declared.place = inherited.place.clone();
                }
                None => self.unexplained |= declared.inherits,
            }
            !declared.inherits || workspace.contains_key(&declared.key)
        });
        self.dependencies.sort_by(|a, b| (&a.package, a.line).cmp(&(&b.package, b.line)));
    }

    /// The declarations that mean the package `name`. With several locked versions of the name,
    /// those whose requirement the version satisfies.
    pub fn declarations<'m>(&'m self, name: &str, version: Option<&str>) -> impl Iterator<Item = &'m Declared> {
        let from = self.dependencies.partition_point(|declared| *declared.package < *name);
        let to = self.dependencies.partition_point(|declared| *declared.package <= *name);
        let fits = move |declared: &&Declared| version.is_none_or(|version| declared.is_satisfied_by(version) != Some(false));
        self.dependencies[from..to].iter().filter(fits).take(MOST_OF_A_PACKAGE).collect::<Vec<_>>().into_iter()
    }

    fn read_dependencies(&mut self, table: &Table<'_, '_>, target: Option<&str>) -> Result<(), ReadError> {
        for (section, scope) in SECTIONS {
            if let Some(section) = table.table(section)? {
                let declared = self.read_section(&section, scope, target)?;
                self.dependencies.extend(declared);
            }
        }
        Ok(())
    }

    fn read_section(&mut self, section: &Table<'_, '_>, scope: Scope, target: Option<&str>) -> Result<Vec<Declared>, ReadError> {
        section.pairs().map(|(key, line, value)| self.read_dependency(key, line, &value, scope, target)).collect()
    }

    fn read_dependency(
        &mut self,
        key: &str,
        line: u32,
        value: &Value<'_, '_>,
        scope: Scope,
        target: Option<&str>,
    ) -> Result<Declared, ReadError> {
        let mut declared = Declared {
            key: key.to_owned(),
            package: key.to_owned(),
            scope,
            target: target.map(str::to_owned),
            requirement: value.as_str().map(str::to_owned),
            place: Place::of(value)?,
            inherits: false,
            line,
        };
        if value.as_str().is_some() {
            return Ok(declared);
        }
        let table = value.table()?;
        if let Some(package) = table.str("package")? {
            declared.package = package.to_owned();
        }
        declared.requirement = table.str("version")?.map(str::to_owned);
        declared.inherits = flag(&table, "workspace");
        if flag(&table, "optional") && scope == Scope::Runtime {
            declared.scope = Scope::Optional;
        }
        self.paths.extend(table.str("path")?.map(str::to_owned));
        Ok(declared)
    }

    fn read_workspace(&mut self, root: &Table<'_, '_>) -> Result<(), ReadError> {
        let Some(table) = root.table("workspace")? else { return Ok(()) };
        let texts =
            |key| -> Result<Vec<String>, ReadError> { table.array(key)?.iter().map(|item| item.str().map(str::to_owned)).collect() };
        let dependencies = match table.table("dependencies")? {
            Some(section) => self.read_section(&section, Scope::Runtime, None)?,
            None => Vec::new(),
        };
        self.workspace = Some(Workspace { members: texts("members")?, exclude: texts("exclude")?, dependencies });
        Ok(())
    }
}

fn package_name(root: &Table<'_, '_>) -> Result<Option<String>, ReadError> {
    let table = root.table("package")?.or(root.table("project")?);
    Ok(table.map(|package| package.str("name")).transpose()?.flatten().map(str::to_owned))
}

fn flag(table: &Table<'_, '_>, key: &'static str) -> bool {
    table.get(key).and_then(|value| value.as_bool()) == Some(true)
}
