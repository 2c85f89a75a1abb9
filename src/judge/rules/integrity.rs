//! What a lockfile says of a package's files, held against itself: addresses, digests, registries,
//! and entries that nothing asks for.
//!
//! Only packages that came, or whose files may be others than before, are looked at. What the base
//! had already is for whoever checks the whole project.

use super::{Found, of_package, plain};
use crate::diff::{Aspect, Change, ChangeKind, LockfileDiff};
use crate::graph::{Node, NodeId};
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{
    Address, Algorithm, Artifact, Digest, Ecosystem, Level, Package, PackageName, PackageSource, Version, registry, version,
};
use crate::read::asks_registry;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A package of the head that is to be looked at.
struct Touched<'s> {
    lockfile: &'s LockfileDiff<'s>,
    id: NodeId,
    node: &'s Node,
    change: &'s Change,
}

impl Touched<'_> {
    fn found(&self, message: &str) -> Found {
        let package = &self.node.package;
        let message = format!("{} {message}", quoted(&package.label()));
        of_package(&self.lockfile.head.lockfile, package, message, &self.node.locations[0])
    }

    /// Whether somebody asks for the package by an address, or nobody tells what they ask for.
    fn asked_by_address(&self) -> bool {
        let requirements = self.lockfile.head.dependants(self.id).into_iter().map(|(_, edge)| edge.requirement.as_deref());
        // A word before a colon is a package manager's own (`runtime:`, `catalog:`), but for the alias.
        let of_registry = |asked: &str| asks_registry(asked) && (!asked.contains(':') || asked.starts_with("npm:"));
        requirements.into_iter().any(|requirement| requirement.is_none_or(|requirement| !of_registry(requirement)))
    }
}

fn touched<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = Touched<'s>> {
    subject.lockfiles.iter().flat_map(touched_in)
}

fn touched_in<'s>(lockfile: &'s LockfileDiff<'s>) -> impl Iterator<Item = Touched<'s>> {
    let other_files = |what: &[Aspect]| [Aspect::Source, Aspect::Digest, Aspect::Version].iter().any(|aspect| what.contains(aspect));
    let counts = |kind, what: &[Aspect]| kind != ChangeKind::Removed && (kind != ChangeKind::Modified || other_files(what));
    let changes = lockfile.changes.iter().filter(|change| counts(change.kind, &change.what));
    let changes: HashMap<&Package, &Change> = changes.map(|change| (&change.package, change)).collect();
    let nodes = lockfile.head.packages();
    nodes.filter_map(move |(id, node)| Some(Touched { lockfile, id, node, change: changes.get(&node.package)? }))
}

/// Installers fetch what the address says, whatever the entry is called.
pub(super) fn address_mismatch(subject: &Subject<'_>) -> Vec<Found> {
    touched(subject).filter_map(|touched| of_address(&touched)).collect()
}

fn of_address(touched: &Touched<'_>) -> Option<Found> {
    let package = &touched.node.package;
    match (package.ecosystem, &package.source) {
        (Ecosystem::Npm, PackageSource::Registry { .. }) => {
            let mut files = touched.node.artifacts.iter().filter_map(|artifact| artifact.url.as_ref());
            files.find(|url| names_another_in_npm(url, package)).map(|url| names_another(touched, url))
        }
        (Ecosystem::Npm, _) if touched.asked_by_address() => None,
        // Of a registry's file that is the package's own, the registry would be the source.
        (Ecosystem::Npm, PackageSource::Archive { url }) if url.as_str().contains("/-/") => Some(names_another(touched, url)),
        (Ecosystem::Npm, source) if touched.node.scope.is_some() => {
            // An override of the project may have put the address in a range's place: no error.
            let message = format!("comes from {}, and what requires it asks a registry", quoted(&source.to_string()));
            Some(Found { level: Some(Level::Warning), ..touched.found(&message) })
        }
        (Ecosystem::Pypi, PackageSource::Registry { index }) => of_release(touched, index.as_ref()),
        _ => None,
    }
}

fn names_another(touched: &Touched<'_>, url: &Address) -> Found {
    touched.found(&format!("is fetched from {}, which names another package or version", quoted(url.as_str())))
}

/// `…/NAME/-/FILE` with another NAME.
fn names_another_in_npm(url: &Address, package: &Package) -> bool {
    let Some((before, _)) = url.as_str().split_once("/-/") else { return false };
    let decoded = before.replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
    decoded.strip_suffix(package.name.as_str()).is_none_or(|rest| !rest.ends_with('/'))
}

/// The files of a release on PyPI carry its name and version (PyPA, binary distribution format and
/// source distribution format), and PyPI keeps them in one place.
fn of_release(touched: &Touched<'_>, index: Option<&Address>) -> Option<Found> {
    let package = &touched.node.package;
    for url in touched.node.artifacts.iter().filter_map(|artifact| artifact.url.as_ref()) {
        if !is_file_of_release(url, package) {
            return Some(names_another(touched, url));
        }
        if index.is_none() && !registry::is_pypi_file(url.as_str()) {
            return Some(touched.found(&format!("is fetched from {}, which is not where its registry keeps files", quoted(url.as_str()))));
        }
    }
    None
}

fn file_name(url: &Address) -> &str {
    let path = url.as_str().split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// A name that no installer takes for an archive tells nothing. Of endings, capitals are small letters.
fn is_file_of_release(url: &Address, package: &Package) -> bool {
    let file = file_name(url).replace("%2B", "+").replace("%2b", "+").replace("%21", "!");
    let small = file.to_ascii_lowercase();
    let ending = registry::PYTHON_ARCHIVES.into_iter().find(|ending| small.ends_with(ending));
    let Some((ending, stem)) = ending.map(|ending| (ending, &file[..file.len() - ending.len()])) else { return true };
    if ending == ".whl" {
        let mut parts = stem.split('-');
        let (name, locked) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        return is_name(name, package) && is_version(&locked.replace('_', "-"), package);
    }
    let mut cuts = stem.match_indices('-').map(|(at, _)| (&stem[..at], &stem[at + 1..]));
    cuts.any(|(name, locked)| is_name(name, package) && is_version(locked, package))
}

fn is_name(text: &str, package: &Package) -> bool {
    PackageName::new(package.ecosystem, text).is_ok_and(|name| name == package.name)
}

/// By the ecosystem's rules; letter by letter where those cannot compare the two.
fn is_version(text: &str, package: &Package) -> bool {
    let (Some(locked), Ok(named)) = (&package.version, Version::new(text)) else { return package.version.is_none() };
    version::compare(package.ecosystem, locked, &named).map_or(*locked == named, Ordering::is_eq)
}

/// Whether the package is of a kind whose files have digests in this lockfile.
fn has_files(touched: &Touched<'_>) -> bool {
    let is_fetched = matches!(touched.node.package.source, PackageSource::Registry { .. } | PackageSource::Archive { .. });
    is_fetched && !touched.node.bundled && touched.lockfile.head.knows.digests.is_yes()
}

/// A digest that went while version and source stayed is `digest-changed`'s.
pub(super) fn missing_digest(subject: &Subject<'_>) -> Vec<Found> {
    let is_new = |change: &Change| change.kind != ChangeKind::Modified || change.what.contains(&Aspect::Source);
    let lacks = |artifacts: &[Artifact]| artifacts.is_empty() || artifacts.iter().any(|artifact| artifact.digests.is_empty());
    let found = touched(subject)
        .filter(|touched| has_files(touched) && is_new(touched.change) && (touched.change.unchecked || lacks(&touched.node.artifacts)));
    found.map(|touched| touched.found("has no digest, so nothing tells whether its files are those that were reviewed")).collect()
}

pub(super) fn weak_digest(subject: &Subject<'_>) -> Vec<Found> {
    let is_weak = |artifact: &&Artifact| artifact.digests.last().is_some_and(|strongest| strongest.algorithm().is_weak());
    let found = touched(subject).filter_map(|touched| {
        let algorithm = touched.node.artifacts.iter().find(is_weak)?.digests.last()?.algorithm();
        Some(touched.found(&format!("has no stronger digest than {}, with which two files can be made to agree", algorithm.as_str())))
    });
    found.collect()
}

/// A version that the base had already is `digest-changed`'s.
pub(super) fn conflicting_digests(subject: &Subject<'_>) -> Vec<Found> {
    let found = touched(subject).filter(|touched| touched.change.kind != ChangeKind::Modified && conflict(touched.node));
    found.map(|touched| touched.found("has two digests for one file, so either passes")).collect()
}

/// A file is known by its name. Without addresses a Cargo or npm version is one file, and a release
/// on PyPI is any number.
fn conflict(node: &Node) -> bool {
    let mut known: HashMap<(&str, Algorithm), &Digest> = HashMap::new();
    let named = node.artifacts.iter().filter_map(|artifact| match &artifact.url {
        Some(url) => Some((file_name(url), artifact)),
        None if node.package.ecosystem == Ecosystem::Pypi => None,
        None => Some(("", artifact)),
    });
    let mut digests = named.flat_map(|(file, artifact)| artifact.digests.iter().map(move |digest| (file, digest)));
    digests.any(|(file, digest)| known.insert((file, digest.algorithm()), digest).is_some_and(|other| other != digest))
}

pub(super) fn orphan_package(subject: &Subject<'_>) -> Vec<Found> {
    let is_known = |touched: &Touched<'_>| touched.lockfile.head.knows.edges.is_yes() && touched.lockfile.head.knows.directness.is_yes();
    let found = touched(subject).filter(|touched| touched.node.scope.is_none() && is_known(touched));
    found.map(|touched| touched.found("is locked, and no first-party package leads to it")).collect()
}

/// A package of a registry some file of which is fetched from a host that the base fetched none of that
/// registry's from: the registry's name does not say whose bytes these are. Those of npm have the host for
/// their registry, and PyPI's own files one place.
pub(super) fn from_other_hosts(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for lockfile in &subject.lockfiles {
        let mut used: HashMap<&Address, HashSet<&str>> = HashMap::new();
        for (index, url) in lockfile
            .base
            .packages()
            .flat_map(|(_, node)| files_of_index(node))
            .filter_map(|(index, artifact)| Some((index, artifact.url.as_ref()?)))
        {
            used.entry(index).or_insert_with(|| HashSet::from([index.origin()])).insert(url.origin());
        }
        // The first packages of an index have its other hosts beside them.
        let is_used = |touched: &Touched<'_>| files_of_index(touched.node).next().is_some_and(|(index, _)| used.contains_key(index));
        let meant = |touched: &Touched<'_>| touched.change.kind != ChangeKind::Added || is_used(touched);
        for touched in touched_in(lockfile).filter(|touched| meant(touched) && !touched.change.what.contains(&Aspect::Source)) {
            let is_new = |artifact: &Artifact| !artifact.digests.iter().any(|digest| touched.change.was_digests.contains(digest));
            let other = files_of_index(touched.node).filter(|(_, artifact)| is_new(artifact)).find_map(|(index, artifact)| {
                let url = artifact.url.as_ref()?;
                let is_known = index.origin() == url.origin() || used.get(index).is_some_and(|hosts| hosts.contains(url.origin()));
                (!is_known).then_some((index, url))
            });
            let Some((index, url)) = other else { continue };
            let message =
                format!("is fetched from {}, a host from which no file of {} came before", quoted(url.as_str()), quoted(index.as_str()));
            let requests = vec![(lockfile.head.lockfile.clone(), touched.node.package.clone())];
            found.push(Found { requests, ..touched.found(&message) });
        }
    }
    found
}

/// The files of a package of an index that is not the default one.
fn files_of_index(node: &Node) -> impl Iterator<Item = (&Address, &Artifact)> {
    let index = match &node.package.source {
        PackageSource::Registry { index: Some(index) } if node.package.ecosystem == Ecosystem::Pypi => Some(index),
        _ => None,
    };
    index.into_iter().flat_map(|index| node.artifacts.iter().map(move |artifact| (index, artifact)))
}

/// Each registry once: what matters is the registry, not how many packages came from it.
pub(super) fn unlisted_registry(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for lockfile in &subject.lockfiles {
        let used: HashSet<&PackageSource> = lockfile.base.packages().map(|(_, node)| &node.package.source).collect();
        let mut packages: BTreeMap<&Address, Vec<Touched<'_>>> = BTreeMap::new();
        for touched in touched_in(lockfile) {
            if let PackageSource::Registry { index: Some(index) } = &touched.node.package.source
                && !used.contains(&touched.node.package.source)
                && !subject.gate.policy.sources.names_registry(index.as_str())
            {
                packages.entry(index).or_default().push(touched);
            }
        }
        found.extend(packages.into_iter().map(|(index, packages)| {
            let first = &packages[0].node;
            let come = if packages.len() > 1 { format!(" and {} more come", packages.len() - 1) } else { " comes".to_owned() };
            let label = quoted(&first.package.label());
            let message = format!("{label}{come} from the registry {}, which is not the default one", quoted(index.as_str()));
            plain(message, &first.locations[0])
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{is_file_of_release, names_another_in_npm};
    use crate::model::{Address, Ecosystem, Package, PackageName, PackageSource, Version};

    fn package(ecosystem: Ecosystem, name: &str, version: &str) -> Package {
        let (name, version) = (PackageName::new(ecosystem, name).unwrap(), Some(Version::new(version).unwrap()));
        Package { ecosystem, name, version, source: PackageSource::default_registry() }
    }

    #[test]
    fn files_of_a_release() {
        for (name, version, file, is_its) in [
            ("zope-interface", "6.0", "zope.interface-6.0-cp312-cp312-manylinux1_x86_64.whl", true),
            ("zope-interface", "6.0", "zope_interface-6.0.tar.gz", true),
            ("torch", "2.1.0+cu118", "torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl", true),
            ("ant", "1.0.post1", "ant-1.0-1.tar.gz", true),
            ("ant", "1.0", "ant-1.0.0.zip", true),
            ("ant-farm", "1.0", "ant-farm-1.0.tar.gz", true),
            ("ant", "1.0", "ant-1.0.exe", true),
            ("ant", "1.0", "owl-1.0-py3-none-any.whl", false),
            ("ant", "1.0", "ant-1.1-py3-none-any.whl", false),
            ("ant", "1.0", "ant-farm-1.0.tar.gz", false),
            ("ant", "1.0", "ant-2.0.tar.gz", false),
            ("ant", "1.0", "ant-1.0.tgz", true),
            ("Ant", "1.0RC1", "Ant-1.0RC1.ZIP", true),
            ("ant", "1.0", "evil-6.6.6.tgz", false),
            ("ant", "1.0", "evil-6.6.6.tar.xz", false),
            ("ant", "1.0", "evil-6.6.6.TAR", false),
            ("ant", "1.0", "evil-6.6.6.tar.zst", false),
        ] {
            let url = Address::new(&format!("https://files.example/ab/{file}"));
            assert_eq!(is_file_of_release(&url, &package(Ecosystem::Pypi, name, version)), is_its, "{name} {version}: {file}");
        }
    }

    #[test]
    fn files_of_an_npm_registry() {
        for (name, path, is_anothers) in [
            ("ant", "ant/-/ant-1.0.0.tgz", false),
            ("@zoo/ant", "@zoo/ant/-/ant-1.0.0.tgz", false),
            ("@zoo/ant", "@zoo%2fant/-/ant-1.0.0.tgz", false),
            ("@zoo/ant", "%40zoo%2Fant/-/ant-1.0.0.tgz", false),
            ("ant", "download/ant/1.0.0/abcdef", false),
            ("ant", "@zoo/owl/-/owl-1.0.0.tgz", true),
            ("ant", "giant/-/giant-1.0.0.tgz", true),
        ] {
            let url = Address::new(&format!("https://npm.example/{path}"));
            assert_eq!(names_another_in_npm(&url, &package(Ecosystem::Npm, name, "1.0.0")), is_anothers, "{name}: {path}");
        }
    }
}
