//! Which of the files that a commit changes its attribution is about: the manifests and lockfiles, since a
//! package comes in through them; all of them where the commit changes none.

use crate::model::RelPath;
use crate::read;
use std::collections::BTreeSet;

/// Manifests and lockfiles by name, beside those that `read` knows. A mark on one of another ecosystem is
/// one as well: what is asked is who wrote the commit.
const NAMES: [&str; 31] = [
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "requirements.in",
    "environment.yml",
    "deno.json",
    "deno.lock",
    "go.mod",
    "go.sum",
    "Gemfile",
    "Gemfile.lock",
    "composer.json",
    "composer.lock",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gradle.lockfile",
    "libs.versions.toml",
    "packages.lock.json",
    "packages.config",
    "Directory.Packages.props",
    "mix.exs",
    "mix.lock",
    "pubspec.yaml",
    "pubspec.lock",
    "Package.swift",
    "Package.resolved",
    "pnpm-workspace.yaml",
];

/// The files that the attribution is about.
pub fn subject(changed: &BTreeSet<RelPath>) -> BTreeSet<RelPath> {
    let named: BTreeSet<RelPath> = changed.iter().filter(|path| is_manifest_or_lockfile(path)).cloned().collect();
    if named.is_empty() { changed.clone() } else { named }
}

fn is_manifest_or_lockfile(path: &RelPath) -> bool {
    let name = path.file_name();
    let project_file = [".csproj", ".fsproj", ".gemspec"].iter().any(|ending| name.ends_with(ending));
    NAMES.contains(&name) || project_file || read::format_of(path).is_some() || read::unsupported(path).is_some()
}
