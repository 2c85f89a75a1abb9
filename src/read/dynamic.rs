//! What pyproject.toml leaves to the build (`dynamic`, PEP 621): which files say what the project needs, as
//! far as setuptools' and hatch's tables name them, and of everything else whether it changed.
//!
//! Nothing is run here. What a build decides in a way that is not read is one text, [`state`]: whoever
//! compares it at two revisions knows that what the project needs may be another.

use super::toml_file::{Table, Value};
use crate::model::{Ecosystem, PackageName};

/// Who builds a project, as `build-system.build-backend` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    /// What pip takes where nothing is stated.
    Setuptools,
    Poetry,
    Other,
}

/// A file that holds requirements, one a line; its path counts from the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListFile {
    /// `None` for what is always needed.
    pub extra: Option<PackageName>,
    pub path: String,
}

/// Tables of tools that look at a project and do not build it: most changes of a pyproject.toml are there.
const BYSTANDERS: [&str; 22] = [
    "bandit",
    "basedpyright",
    "black",
    "bumpversion",
    "cibuildwheel",
    "codespell",
    "commitizen",
    "coverage",
    "deptry",
    "djlint",
    "flake8",
    "interrogate",
    "isort",
    "mypy",
    "pylint",
    "pyright",
    "pytest",
    "ruff",
    "towncrier",
    "tox",
    "typos",
    "uv",
];

pub(super) fn backend(root: &Table<'_, '_>) -> Backend {
    let build = root.get("build-system").and_then(|build| build.as_table());
    match build.and_then(|build| build.get("build-backend")) {
        None => Backend::Setuptools,
        Some(name) => match name.as_str().unwrap_or_default() {
            name if name.starts_with("setuptools.") && build.is_some_and(|build| build.get("backend-path").is_none()) => {
                Backend::Setuptools
            }
            name if name.starts_with("poetry") => Backend::Poetry,
            _ => Backend::Other,
        },
    }
}

/// The files of requirements that the tables of setuptools and of hatch's plugin hatch-requirements-txt name.
pub(super) fn list_files(root: &Table<'_, '_>) -> Vec<ListFile> {
    let mut found = Vec::new();
    if let Some(dynamic) = at(root, &["tool", "setuptools", "dynamic"]) {
        found.extend(dynamic.get("dependencies").iter().flat_map(|value| of_setuptools(value, None)));
        let extras = dynamic.get("optional-dependencies").and_then(|extras| extras.as_table());
        found.extend(extras.iter().flat_map(Table::pairs).flat_map(|(extra, _, value)| of_setuptools(&value, Some(extra))));
    }
    if let Some(hook) = at(root, &["tool", "hatch", "metadata", "hooks", "requirements_txt"]) {
        let files = ["files", "filename"].into_iter().filter_map(|key| hook.get(key));
        found.extend(files.flat_map(|value| named(&value, None)));
        let extras = hook.get("optional-dependencies").and_then(|extras| extras.as_table());
        found.extend(extras.iter().flat_map(Table::pairs).flat_map(|(extra, _, value)| named(&value, Some(extra))));
    }
    found
}

fn of_setuptools(value: &Value<'_, '_>, extra: Option<&str>) -> Vec<ListFile> {
    value.as_table().and_then(|table| table.get("file")).map(|files| named(&files, extra)).unwrap_or_default()
}

/// A path, or a list of them.
fn named(value: &Value<'_, '_>, extra: Option<&str>) -> Vec<ListFile> {
    // An extra under a name that is none counts as always asked for.
    let extra = extra.and_then(|extra| PackageName::new(Ecosystem::Pypi, extra).ok());
    let items = if value.is_array() { value.array().unwrap_or_default() } else { vec![*value] };
    items.iter().filter_map(|item| Some(ListFile { extra: extra.clone(), path: item.as_str()?.to_owned() })).collect()
}

/// Python of the project that the build runs: a backend that lies in the project (`backend-path`), hatch's
/// own hook.
pub(super) fn programs(root: &Table<'_, '_>) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(build) = at(root, &["build-system"]) {
        let backend = build.get("build-backend").and_then(|name| name.as_str()).unwrap_or_default();
        let module = backend.split(':').next().unwrap_or_default().replace('.', "/");
        for folder in build.array("backend-path").unwrap_or_default().iter().filter_map(Value::as_str) {
            found.extend([format!("{folder}/{module}.py"), format!("{folder}/{module}/__init__.py")]);
        }
    }
    if let Some(hook) = at(root, &["tool", "hatch", "metadata", "hooks", "custom"]) {
        found.push(hook.get("path").and_then(|path| path.as_str()).unwrap_or("hatch_build.py").to_owned());
    }
    found
}

/// All that may decide what the build says the project needs: which build it is, what it is told to decide,
/// and the settings of every tool that may have a part in it. `None` where the file is better taken whole.
pub(super) fn state(root: &Table<'_, '_>) -> Option<String> {
    let mut parts = Vec::new();
    let mut add = |name: String, value: Value<'_, '_>| value.python_json().map(|json| parts.push(format!("{name} = {json}\n")));
    if let Some(build) = root.get("build-system") {
        add("build-system".into(), build)?;
    }
    if let Some(dynamic) = at(root, &["project"]).and_then(|project| project.get("dynamic")) {
        add("dynamic".into(), dynamic)?;
    }
    let tools = at(root, &["tool"]);
    for (name, _, value) in tools.iter().flat_map(Table::pairs).filter(|(name, ..)| !BYSTANDERS.contains(name)) {
        add(format!("tool.{name}"), value)?;
    }
    Some(parts.concat())
}

/// A table below others.
pub(super) fn at<'t, 'a>(root: &Table<'t, 'a>, keys: &[&'static str]) -> Option<Table<'t, 'a>> {
    keys.iter().try_fold(*root, |table, key| table.get(key)?.as_table())
}
