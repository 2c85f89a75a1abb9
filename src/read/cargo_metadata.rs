//! What `cargo metadata` says gets built, to be told from what Cargo.lock only locks.
//!
//! A document that the user made and gives (`cargo metadata --format-version 1 > FILE`), never one
//! of a revision: it is about one machine's features and target. Its own resolution still holds
//! packages that nothing builds, because a weak feature (`d?/f`) locks the optional dependency that
//! it does not turn on (rust-lang/cargo#10801); so the roads are walked again here with the features
//! that each package has.

use super::cargo_lock;
use crate::model::{Ecosystem, Package, PackageName, PackageSource, Version};
use cargo_metadata::{Dependency, MetadataCommand, Node, PackageId};
use std::collections::{BTreeSet, HashMap};

/// The packages of one Cargo workspace, by whether they get built.
#[derive(Debug, Default)]
pub struct BuildPlan {
    /// Every package that the document lists; a folder of a first-party package is not told.
    pub listed: BTreeSet<Package>,
    /// Those that a workspace member's build, tests included, leads to.
    pub built: BTreeSet<Package>,
}

impl BuildPlan {
    /// Reads a document. Errors are one sentence; those of its syntax name line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document = text.strip_prefix('\u{feff}').unwrap_or(text);
        let metadata = MetadataCommand::parse(document).map_err(|error| match error {
            cargo_metadata::Error::Json(error) => format!("it is not what cargo metadata writes: {error}"),
            other => format!("it is not what cargo metadata writes: {other}"),
        })?;
        let resolve = metadata.resolve.as_ref().ok_or("it was made with --no-deps and does not say what gets built")?;
        let packages: HashMap<&PackageId, &cargo_metadata::Package> =
            metadata.packages.iter().map(|package| (&package.id, package)).collect();
        let nodes: HashMap<&PackageId, &Node> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
        let mut plan = BuildPlan::default();
        for package in &metadata.packages {
            plan.listed.insert(identity(package)?);
        }
        for id in reached(&metadata.workspace_members, &nodes, &packages) {
            let package = packages.get(id).ok_or_else(|| format!("it requires {id} and does not list it"))?;
            plan.built.insert(identity(package)?);
        }
        Ok(plan)
    }

    /// Whether a package of Cargo.lock gets built.
    pub fn builds(&self, package: &Package) -> bool {
        self.built.contains(&comparable(package))
    }

    /// The first package that the document lists and the lockfile's packages do not hold.
    pub fn not_locked<'p>(&self, locked: impl Iterator<Item = &'p Package>) -> Option<&Package> {
        let locked: BTreeSet<Package> = locked.map(comparable).collect();
        self.listed.iter().find(|package| !locked.contains(package))
    }
}

/// Cargo.lock does not say where a first-party package lies.
fn comparable(package: &Package) -> Package {
    match package.source {
        PackageSource::FirstParty { .. } => Package { source: PackageSource::FirstParty { folder: None }, ..package.clone() },
        _ => package.clone(),
    }
}

fn identity(package: &cargo_metadata::Package) -> Result<Package, String> {
    let source = match &package.source {
        None => PackageSource::FirstParty { folder: None },
        Some(source) => cargo_lock::source_named(&source.repr)?,
    };
    let name = PackageName::new(Ecosystem::Cargo, &package.name).map_err(|error| error.to_string())?;
    let version = Version::new(&package.version.to_string()).map_err(|error| error.to_string())?;
    Ok(Package { ecosystem: Ecosystem::Cargo, name, version: Some(version), source })
}

/// The packages on the roads from the members, along dependencies that are on.
fn reached<'m>(
    members: &'m [PackageId],
    nodes: &HashMap<&PackageId, &'m Node>,
    packages: &HashMap<&PackageId, &'m cargo_metadata::Package>,
) -> BTreeSet<&'m PackageId> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&PackageId> = members.iter().collect();
    while let Some(id) = waiting.pop() {
        if !reached.insert(id) {
            continue;
        }
        let Some((node, package)) = nodes.get(id).zip(packages.get(id)) else { continue };
        let is_on = |target: &PackageId| packages.get(target).is_none_or(|target| requires(package, node, target));
        waiting.extend(node.deps.iter().map(|dependency| &dependency.pkg).filter(|target| is_on(target)));
    }
    reached
}

/// Whether one of the declarations that can mean `target` is on. Where none is found, the document
/// knows more than we do, and the package counts as built.
fn requires(package: &cargo_metadata::Package, node: &Node, target: &cargo_metadata::Package) -> bool {
    let means = |declared: &&Dependency| *declared.name == *target.name && declared.req.matches(&target.version);
    let mut meant = package.dependencies.iter().filter(means).peekable();
    meant.peek().is_none() || meant.any(|declared| !declared.optional || turns_on(package, node, declared))
}

/// Whether a feature of the package turns the optional dependency on: `dep:d`, `d/f` or, before
/// Cargo 1.60, `d` itself; `d?/f` does not.
fn turns_on(package: &cargo_metadata::Package, node: &Node, declared: &Dependency) -> bool {
    let name = declared.rename.as_deref().unwrap_or(&declared.name);
    let means = |value: &str| {
        value == name || value.strip_prefix("dep:") == Some(name) || value.split_once('/').is_some_and(|(before, _)| before == name)
    };
    let active = node.features.iter().filter_map(|feature| package.features.get(feature.as_str()));
    active.flatten().any(|value| means(value))
}
