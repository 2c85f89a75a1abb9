//! Packages that configure pnpm (`configDependencies`). pnpm 10 installs them from pnpm-workspace.yaml
//! alone; pnpm 11 locks them in the document before the project's, and then they are there already.

use super::super::{Entry, Files, Parsed, Requires, ScopeId, npm};
use super::workspace::{Config, Workspace};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, Scope, Version};

/// Adds each of them as a package that the project asks for.
pub fn add(files: &Files, workspace: &Workspace, parsed: &mut Parsed<'_>) {
    let root = files.folder();
    for (config, place) in &workspace.config {
        let entry = match entry(config, files) {
            Ok(entry) => entry,
            Err(problem) => {
                let message = format!("{} configures pnpm, and {problem}: what is installed is not known", quoted(&config.name));
                parsed.gaps.push(Gap::at(GapKind::UnknownRequirement, place, message));
                continue;
            }
        };
        let is_same = |other: &&Entry<'_>| other.package.name == entry.package.name && other.package.version == entry.package.version;
        if entry.artifacts.is_empty() && parsed.entries.iter().any(|other| is_same(&other)) {
            continue;
        }
        let project = parsed.entries.iter_mut().find(|entry| {
            entry.root && matches!(&entry.package.source, PackageSource::FirstParty { folder: Some(folder) } if *folder == root)
        });
        if let Some(project) = project {
            let requires = Requires::new(key(config), Scope::Development);
            project.requires.push(Requires {
                requirement: entry.package.version.as_ref().map(|version| version.as_str().to_owned().into()),
                declared: Some(place.clone()),
                ..requires
            });
        }
        parsed.entries.push(entry);
    }
}

/// No key of a lockfile begins so.
fn key(config: &Config) -> String {
    format!("config:{}", config.name)
}

/// It lies at the head of the lockfile, which does not list it: where it is asked for says the rest.
fn entry(config: &Config, files: &Files) -> Result<Entry<'static>, String> {
    let (version, integrity) = config.text.split_once('+').unwrap_or((&config.text, ""));
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("{} is no version", quoted(version)));
    }
    let name = PackageName::new(Ecosystem::Npm, &config.name).map_err(|error| error.to_string())?;
    let digests = if integrity.is_empty() { Vec::new() } else { npm::integrity(integrity)? };
    let tarball = config.tarball.as_deref();
    let source = npm::source(tarball, &config.name, Some(version), false);
    let version = Some(Version::new(version).map_err(|error| error.to_string())?);
    let mut entry = Entry::new(Package { ecosystem: Ecosystem::Npm, name, version, source }, Location::new(files.path(), 1));
    entry.scope = Some(Scope::Development);
    entry.artifacts = npm::artifact(tarball, digests);
    entry.provides = vec![(ScopeId::OUTERMOST, key(config).into())];
    Ok(entry)
}
