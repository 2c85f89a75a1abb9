//! Settings of package managers that lie in a repository beside its lockfiles. They say where packages
//! are fetched from, and what runs meanwhile; a lockfile can stay as it is while they change.

use crate::model::{Ecosystem, PackageName, RelPath};
use hashbrown::HashSet;

/// Where such settings lie, and the ecosystem whose package manager takes them from a folder around
/// the lockfile.
const FILES: [(&str, Ecosystem); 12] = [
    (".npmrc", Ecosystem::Npm),
    (".yarnrc", Ecosystem::Npm),
    (".yarnrc.yml", Ecosystem::Npm),
    ("bunfig.toml", Ecosystem::Npm),
    (".pnpmfile.cjs", Ecosystem::Npm),
    (".pnpmfile.mjs", Ecosystem::Npm),
    (".cargo/config.toml", Ecosystem::Cargo),
    (".cargo/config", Ecosystem::Cargo),
    ("uv.toml", Ecosystem::Pypi),
    ("pdm.toml", Ecosystem::Pypi),
    (".pdm.toml", Ecosystem::Pypi),
    ("poetry.toml", Ecosystem::Pypi),
];

/// Parts of keys by which package managers name places that packages come from, what passes for them,
/// and how they are checked.
const OF_SOURCES: [&str; 14] = [
    "registry",
    "index",
    "source",
    "replace-with",
    "patch",
    "find-links",
    "proxy",
    "ssl",
    "cafile",
    "mirror",
    "insecure",
    "checksumbehavior",
    "url",
    "npmscopes",
];

/// The same of Yarn 2 and later, whose registries are read with the lockfile.
const OF_SOURCES_IN_YARNRC: [&str; 5] = ["checksumbehavior", "proxy", "ssl", "cafile", "unsafehttp"];

/// How the files are called, without their folders.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| path.rsplit('/').next().unwrap_or(path))
}

/// For which ecosystem a file sets something, and the folder for which it does.
pub fn of(path: &RelPath) -> Option<(Ecosystem, RelPath)> {
    let segments: Vec<&str> = path.segments().collect();
    FILES.iter().find_map(|(name, ecosystem)| {
        let length = name.split('/').count();
        let (folder, own) = segments.split_at_checked(segments.len().checked_sub(length)?)?;
        (own.join("/") == *name).then(|| Some((*ecosystem, RelPath::new(&folder.join("/")).ok()?)))?
    })
}

/// Settings that two revisions do not have alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSettings {
    pub path: RelPath,
    pub ecosystem: Ecosystem,
    /// The folder for which they hold, with all below it.
    pub folder: RelPath,
    /// What of them concerns where packages come from.
    pub sources: Vec<ChangedSource>,
}

/// One line that only one of the revisions has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSource {
    pub line: u32,
    /// What is set, without the value, which may be a secret.
    pub what: String,
    /// The npm scope, `@zoo`, whose packages alone are meant.
    pub scope: Option<String>,
}

impl ChangedSettings {
    /// Whether a lockfile's packages may come from elsewhere now.
    pub fn concerns(&self, lockfile: &RelPath, ecosystem: Option<Ecosystem>) -> bool {
        !self.sources.is_empty() && ecosystem == Some(self.ecosystem) && lockfile.is_below(&self.folder)
    }
}

impl ChangedSource {
    /// Whether a package of the registry is meant.
    pub fn concerns(&self, name: &PackageName) -> bool {
        let is_of = |scope: &str| name.as_str().strip_prefix(scope).is_some_and(|rest| rest.starts_with('/'));
        self.scope.as_deref().is_none_or(is_of)
    }
}

/// Lines that only one of two texts has and that concern where packages come from, with their numbers
/// in the text that has them; those of the newer one first. What runs as a program is one such line whole.
pub fn changed_sources(path: &RelPath, before: &str, after: &str) -> Vec<ChangedSource> {
    if path.file_name().starts_with(".pnpmfile.") {
        let program = ChangedSource { line: 1, what: "a program that changes what is resolved".to_owned(), scope: None };
        return if before == after { Vec::new() } else { vec![program] };
    }
    let of_sources: &[&str] = if path.file_name() == ".yarnrc.yml" { &OF_SOURCES_IN_YARNRC } else { &OF_SOURCES };
    let mut changed = only_in(after, before, of_sources);
    let gone = only_in(before, after, of_sources);
    changed.extend(gone.into_iter().map(|source| ChangedSource { what: format!("no longer {}", source.what), ..source }));
    changed
}

fn only_in(text: &str, other: &str, of_sources: &[&str]) -> Vec<ChangedSource> {
    let others: HashSet<&str> = other.lines().map(str::trim).collect();
    let numbered = (1..).zip(text.lines().map(str::trim));
    numbered.filter(|(_, line)| is_of_source(line, of_sources) && !others.contains(line)).map(|(at, line)| source(at, line)).collect()
}

fn is_of_source(line: &str, of_sources: &[&str]) -> bool {
    let line = line.to_ascii_lowercase();
    !line.starts_with(['#', ';']) && of_sources.iter().any(|part| line.contains(part))
}

fn source(line: u32, text: &str) -> ChangedSource {
    let what = text.split(['=', ' ']).next().unwrap_or_default().trim_end_matches(':').to_owned();
    let scope = what.strip_suffix(":registry").filter(|scope| scope.starts_with('@')).map(str::to_owned);
    ChangedSource { line, what, scope }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known_by_their_place() {
        for (path, folder) in [
            (".npmrc", Some("")),
            ("web/.npmrc", Some("web")),
            ("a/.cargo/config.toml", Some("a")),
            ("config.toml", None),
            ("x.npmrc", None),
        ] {
            assert_eq!(
                of(&RelPath::new(path).unwrap()).map(|(_, folder)| folder),
                folder.map(|folder| RelPath::new(folder).unwrap()),
                "{path}"
            );
        }
    }

    #[test]
    fn only_lines_of_sources_count() {
        let path = RelPath::new(".npmrc").unwrap();
        let changed = |before, after| -> Vec<(u32, String, Option<String>)> {
            changed_sources(&path, before, after).into_iter().map(|source| (source.line, source.what, source.scope)).collect()
        };
        assert_eq!(changed("save-exact=true\n", "save-exact=false\n"), []);
        let after = "save-exact=true\n//npm.example/:_authToken=x\n@zoo:registry=https://npm.example\n";
        assert_eq!(changed("", after), [(3, "@zoo:registry".to_owned(), Some("@zoo".to_owned()))]);
        let (before, after) = ("registry=https://npm.example\n", "# registry=https://npm.example\n");
        assert_eq!(changed(before, after), [(1, "no longer registry".to_owned(), None)]);
    }
}
