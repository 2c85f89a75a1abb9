//! What the manifests of Python projects ask for: the standard lists, those of Poetry, uv, PDM and hatch, of
//! Pipfile and of setuptools; what a build is told to read, and what it decides by itself.

use super::{From, Need, What, of_value};
use crate::model::{Ecosystem, PackageName, PackageSource, RelPath, SourceFile};
use crate::read::pyproject::{Pyproject, tool};
use crate::read::requirements_txt::{Pep508, listed as read_list, pep508, pep508_or_editable};
use crate::read::toml_file::{Table, TomlFile, Value};
use crate::read::{ReadError, dynamic, pipfile_lock, setup_cfg, setup_py};
use std::collections::BTreeSet;

pub(super) fn of_pyproject(file: &SourceFile) -> Result<BTreeSet<Need>, ReadError> {
    let toml = TomlFile::parse(file)?;
    let root = toml.root();
    let manifest = Pyproject::parse(file)?;
    let own = manifest.name.clone();
    let mut needs: BTreeSet<Need> = BTreeSet::new();
    needs.extend(
        manifest.asked.iter().filter(|asked| Some(&asked.requirement.name) != own.as_ref()).map(|asked| of_pep508(&asked.requirement)),
    );
    needs.extend(manifest.unlocked.iter().map(|need| {
        let (package, version) = (&need.package, need.package.version.as_ref());
        let from = if matches!(package.source, PackageSource::Registry { .. }) { From::Index(None) } else { From::Address };
        Need { from, ..Need::new(named(&package.name), format!("{} {}", version.map_or("", |version| version.as_str()), package.source)) }
    }));
    take_poetry(&mut needs, &root)?;
    take_tools(&mut needs, &root, &file.path().parent())?;
    take_dynamic(&mut needs, &root, &manifest, file);
    Ok(needs)
}

fn named(name: &PackageName) -> What {
    What::Package(name.as_str().to_owned())
}

fn of_pep508(requirement: &Pep508) -> Need {
    let extras: Vec<&str> = requirement.extras.iter().map(PackageName::as_str).collect();
    let (wanted, marker) = (&requirement.wanted, requirement.marker.as_deref().unwrap_or_default());
    let from = if requirement.is_versioned { From::Index(Some(wanted.clone())) } else { From::Address };
    Need { from, ..Need::new(named(&requirement.name), format!("[{}] {wanted}; {marker}", extras.join(","))) }
}

/// A name as packages are compared, or as it stands.
fn normal(name: &str) -> String {
    PackageName::new(Ecosystem::Pypi, name).map_or_else(|_| name.to_owned(), |name| name.as_str().to_owned())
}

fn take_poetry(needs: &mut BTreeSet<Need>, root: &Table<'_, '_>) -> Result<(), ReadError> {
    let Some(poetry) = tool(root, "poetry")? else { return Ok(()) };
    let groups = poetry.table("group")?;
    let groups = groups.iter().flat_map(Table::pairs).map(|(_, _, group)| group.table()?.table("dependencies"));
    let lists = [poetry.table("dependencies"), poetry.table("dev-dependencies")].into_iter().chain(groups);
    for list in lists {
        let packages = list?.into_iter().flat_map(|list| list.pairs());
        // The interpreter stands among them.
        let packages = packages.filter(|(name, ..)| !name.eq_ignore_ascii_case("python"));
        needs.extend(packages.map(|(name, _, value)| of_value(normal(name), &value)));
    }
    Ok(())
}

/// What stands in a tool's own table: PDM's groups, hatch's environments, what uv puts in the place of what
/// is asked for and where it takes a package from.
fn take_tools(needs: &mut BTreeSet<Need>, root: &Table<'_, '_>, folder: &RelPath) -> Result<(), ReadError> {
    let mut texts: Vec<Value<'_, '_>> = Vec::new();
    if let Some(pdm) = tool(root, "pdm")? {
        for (_, _, list) in pdm.table("dev-dependencies")?.iter().flat_map(Table::pairs) {
            texts.extend(list.array()?.into_iter().filter(|item| item.as_table().is_none()));
        }
        let overrides = pdm.table("resolution")?.map(|resolution| resolution.table("overrides")).transpose()?.flatten();
        needs.extend(overrides.iter().flat_map(Table::pairs).map(|(name, _, value)| of_value(normal(name), &value)));
    }
    if let Some(envs) = tool(root, "hatch")?.map(|hatch| hatch.table("envs")).transpose()?.flatten() {
        for (_, _, env) in envs.pairs() {
            for key in ["dependencies", "extra-dependencies"] {
                texts.extend(env.table()?.array(key)?);
            }
        }
    }
    if let Some(uv) = tool(root, "uv")? {
        texts.extend(uv.array("override-dependencies")?.into_iter().filter(|item| item.as_str().is_some()));
        let sources = uv.table("sources")?;
        needs.extend(sources.iter().flat_map(Table::pairs).map(|(name, _, value)| of_value(normal(name), &value)));
    }
    for item in texts {
        // hatch fills in what stands in braces.
        let text = item.str()?;
        let as_it_stands = || Need::new(What::Package(text.to_owned()), "");
        needs.insert(pep508_or_editable(text, folder).map_or_else(|_| as_it_stands(), |requirement| of_pep508(&requirement)));
    }
    Ok(())
}

/// What is left to the build: the lists that it reads, and where none says what the project needs, all that
/// it may decide by.
fn take_dynamic(needs: &mut BTreeSet<Need>, root: &Table<'_, '_>, manifest: &Pyproject, file: &SourceFile) {
    let lists = dynamic::list_files(root);
    // What setuptools reads otherwise are manifests of their own.
    let is_bare = manifest.dynamic && lists.is_empty() && dynamic::backend(root) != dynamic::Backend::Setuptools;
    let has_lists = |name| dynamic::at(root, &["tool", name]).is_some_and(|tool| tool.get("dependencies").is_some());
    needs.extend(lists.into_iter().map(|list| Need::new(What::File(list.path), "")));
    if is_bare && !has_lists("poetry") {
        let asked = dynamic::state(root).unwrap_or_else(|| file.text().to_owned());
        needs.insert(Need::new(What::Build, asked));
    }
}

/// Every category: pipenv installs from any that it is told to.
pub(super) fn of_pipfile(root: &Table<'_, '_>) -> Result<BTreeSet<Need>, ReadError> {
    let packages = pipfile_lock::categories(root).filter_map(|(_, value)| value.as_table()).flat_map(|table| table.pairs());
    Ok(packages.map(|(name, _, value)| of_value(normal(name), &value)).collect())
}

/// Texts that could be requirements; one that could be the path of a file counts as that.
pub(super) fn of_setup_py(file: &SourceFile) -> BTreeSet<Need> {
    let is_path = |text: &str| setup_py::is_list(text);
    let need = |text: &str| match pep508(text, &file.path().parent()) {
        _ if is_path(text) => Need::new(What::File(text.to_owned()), ""),
        Ok(requirement) => of_pep508(&requirement),
        Err(_) => Need::new(What::Package(text.to_owned()), ""),
    };
    setup_py::texts(file).into_iter().map(need).collect()
}

pub(super) fn of_setup_cfg(file: &SourceFile) -> BTreeSet<Need> {
    let items = setup_cfg::lists(file).into_iter().flat_map(|list| list.items);
    let need = |item: setup_cfg::Item| match item.what {
        setup_cfg::What::File(path) => Need::new(What::File(path), ""),
        setup_cfg::What::Requirement(text) => match pep508(&text, &file.path().parent()) {
            Ok(requirement) => of_pep508(&requirement),
            Err(_) => Need::new(What::Package(text), ""),
        },
    };
    items.map(need).collect()
}

/// What a file of requirements asks for; an error where it may ask for more than it says.
pub fn listed(file: &SourceFile) -> Result<BTreeSet<Need>, ReadError> {
    let listed = read_list(file);
    match listed.further {
        Some(line) => Err(ReadError::syntax(file.path(), line, "this line is not followed")),
        None => Ok(listed.requirements.iter().map(|(requirement, _)| of_pep508(requirement)).collect()),
    }
}
