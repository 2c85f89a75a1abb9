//! One component of the view, in the words that both versions share.

use super::licences::Declared;
use crate::enrich::registry::PackageFacts;
use crate::judge::policy::Organisation;
use crate::model::{Artifact, Digest, Identity, Location, PackageSource, Scope, purl::Purl};
use crate::sbom::cyclonedx::{
    Property, component_properties, declared_licence, facts_of, patch_properties, purl_of_file, repository_of, told_of_registry,
};
use crate::sbom::view::{Component, ComponentId, Root, View};
use crate::sbom::{introduced, iri, properties};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A package as both versions tell it.
pub(super) struct Package<'v> {
    pub name: &'v str,
    pub version: Option<&'v str>,
    pub purl: Option<&'v str>,
    pub is_application: bool,
    /// A URL or a version control location (7.7 of 2.3).
    pub download: Option<Cow<'v, str>>,
    /// Of the package's one file.
    pub digests: Vec<&'v Digest>,
    /// Where files of it can be had beside `download`.
    pub files: Vec<File<'v>>,
    pub licence: Declared,
    /// Who supplies it, as the policy says of the product.
    pub supplier: Option<Agent<'v>>,
    /// Who makes it, as the policy says of the product, or who published it.
    pub originator: Option<Agent<'v>>,
    /// When it was published.
    pub released: Option<String>,
    /// The repository that it names.
    pub repository: Option<Cow<'v, str>>,
    /// Which lockfiles list it, on which lines.
    pub listed: Vec<&'v Location>,
    /// As docs/properties.md has them.
    pub properties: Vec<Property<'v>>,
}

/// A person or an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Agent<'v> {
    pub is_person: bool,
    pub name: &'v str,
    pub email: Option<&'v str>,
}

impl<'v> Agent<'v> {
    pub fn person(who: &'v Identity) -> Self {
        Agent { is_person: true, name: &who.name, email: Some(who.email.as_str()).filter(|email| !email.is_empty()) }
    }

    fn organisation(of: &'v Organisation) -> Self {
        let email = of.contact.as_ref().map(|contact| contact.email.as_str()).filter(|email| !email.is_empty());
        Agent { is_person: false, name: &of.name, email }
    }
}

/// Everybody whom the document names, sorted.
pub(super) fn agents<'v>(view: &'v View<'v>) -> BTreeSet<Agent<'v>> {
    let makers = view.inventory.makers.into_iter();
    let of_product = makers.flat_map(|makers| {
        let organisations = makers.supplier.iter().chain(&makers.manufacturer).map(Agent::organisation);
        makers.authors.iter().map(Agent::person).chain(organisations)
    });
    of_product.chain(view.ids().filter_map(|id| publisher(view, view.component(id)))).collect()
}

/// The person who published it; a workflow is none.
fn publisher<'v>(view: &'v View<'v>, seen: &Component<'v>) -> Option<Agent<'v>> {
    let publisher = facts_of(view, seen)?.publisher.fact.known().filter(|publisher| !publisher.is_workflow)?;
    let is_named = !publisher.name.trim().is_empty();
    is_named.then_some(Agent { is_person: true, name: publisher.name.as_str(), email: None })
}

/// One file of a package.
pub(super) struct File<'v> {
    /// An address, or where none is known the package's purl with the file's checksums.
    pub locator: Cow<'v, str>,
    /// None where they are the package's own.
    pub digests: &'v [Digest],
}

/// What the document describes, where it is no package.
pub(super) fn repository<'v>(view: &'v View<'v>) -> Package<'v> {
    Package {
        name: view.inventory.project.name,
        version: view.inventory.project.version,
        purl: None,
        is_application: true,
        download: None,
        digests: Vec::new(),
        files: Vec::new(),
        licence: Declared::Unknown,
        supplier: view.inventory.makers.and_then(|makers| makers.supplier.as_ref()).map(Agent::organisation),
        originator: view.inventory.makers.and_then(|makers| makers.manufacturer.as_ref()).map(Agent::organisation),
        released: None,
        repository: None,
        listed: Vec::new(),
        properties: Vec::new(),
    }
}

/// Everything that the document lists: the repository, where it is the subject, and every component.
pub(super) fn all<'v>(view: &'v View<'v>) -> impl Iterator<Item = (Option<ComponentId>, Package<'v>)> {
    let subject = matches!(view.root, Root::Repository { .. }).then(|| (None, repository(view)));
    subject.into_iter().chain(view.ids().map(|id| (Some(id), of(view, id))))
}

pub(super) fn of<'v>(view: &'v View<'v>, id: ComponentId) -> Package<'v> {
    let seen = view.component(id);
    let artifacts = seen.artifacts();
    let own = seen.digests(&artifacts);
    let facts = facts_of(view, seen);
    let (download, files) = places(seen, &artifacts, own.is_some());
    let is_subject = matches!(view.root, Root::Package(root) if root == id);
    let makers = view.inventory.makers.filter(|_| is_subject);
    let maker = makers.and_then(|makers| makers.manufacturer.as_ref()).map(Agent::organisation);
    Package {
        name: seen.package.name.as_str(),
        version: seen.package.version.as_ref().map(|version| version.as_str()),
        purl: seen.says_purl().then_some(seen.purl.as_str()),
        is_application: view.is_project(id),
        download,
        digests: own.unwrap_or_default(),
        files,
        licence: Declared::of(view, seen),
        supplier: makers.and_then(|makers| makers.supplier.as_ref()).map(Agent::organisation),
        originator: maker.or_else(|| publisher(view, seen)),
        released: facts.and_then(released),
        repository: facts.and_then(repository_of).map(|reference| reference.url),
        listed: seen.locations(),
        properties: told(view, id, facts),
    }
}

fn released(facts: &PackageFacts) -> Option<String> {
    super::time(*facts.published.fact.known()?)
}

/// The properties of CycloneDX's component, the scope, which SPDX has of a dependency alone, and the ecosystem where
/// no purl says it: there it stands in the reference.
fn told<'v>(view: &'v View<'v>, id: ComponentId, facts: Option<&'v PackageFacts>) -> Vec<Property<'v>> {
    let seen = view.component(id);
    let mut beside = declared_licence(view, seen, None).1;
    beside.extend(facts.into_iter().flat_map(told_of_registry));
    beside.extend(patch_properties(seen));
    beside.extend(introduced::of_component(view, id).into_iter().map(|(name, value)| Property { name, value }));
    let mut found = component_properties(view, id, beside);
    let scope = seen.scope().filter(|scope| !matches!(scope, Scope::Build | Scope::Peer));
    found.extend(scope.map(|scope| Property { name: properties::SCOPE, value: scope.as_str().into() }));
    let is_unnamed = !seen.says_purl();
    found.extend(is_unnamed.then(|| Property { name: properties::ECOSYSTEM, value: seen.package.ecosystem.purl_type().into() }));
    found.sort();
    found
}

/// Where the package can be had, and where further files of it can.
fn places<'v>(seen: &'v Component<'v>, artifacts: &[&'v Artifact], is_one_file: bool) -> (Option<Cow<'v, str>>, Vec<File<'v>>) {
    let (mut download, mut files) = (own_place(seen), Vec::new());
    for artifact in artifacts {
        let place = artifact.url.as_ref().map(|url| iri::reference(url.as_str()));
        match place {
            Some(place) if is_one_file && download.is_none() && is_location(&place) => download = Some(place),
            Some(place) if is_one_file && download.as_ref() == Some(&place) => {}
            Some(locator) => files.push(File { locator, digests: if is_one_file { &[] } else { &artifact.digests } }),
            None if is_one_file || artifact.digests.is_empty() => {}
            None => {
                let locator = Cow::Owned(purl_of_file(&seen.purl, &artifact.digests));
                files.push(File { locator, digests: &artifact.digests });
            }
        }
    }
    (download, files)
}

/// Of what comes from no registry, the place where it comes from; of git `git+URL@COMMIT`, as its purl has it.
fn own_place<'v>(seen: &'v Component<'v>) -> Option<Cow<'v, str>> {
    let place = match &seen.package.source {
        PackageSource::Git { .. } => {
            let purl = Purl::parse(&seen.purl).ok()?;
            Cow::Owned(iri::reference(purl.qualifier("vcs_url")?).into_owned())
        }
        PackageSource::Archive { url } => iri::reference(url.as_str()),
        PackageSource::FirstParty { .. } | PackageSource::Registry { .. } | PackageSource::Path { .. } => return None,
    };
    Some(place).filter(|place| is_location(place))
}

/// Whether it has the form of a download location: a scheme, and a host.
fn is_location(place: &str) -> bool {
    let schemes = ["http", "https", "ftp", "git", "ssh", "git+http", "git+https", "git+ssh", "git+git"];
    let host = |rest: &str| {
        rest.split(['/', '?', '#']).next().is_some_and(|authority| !authority.rsplit('@').next().unwrap_or_default().is_empty())
    };
    place.split_once("://").is_some_and(|(scheme, rest)| schemes.contains(&scheme) && host(rest))
}

/// A sentence for people on where it was found.
pub(super) fn source_info(listed: &[&Location]) -> Option<String> {
    let places: Vec<String> = listed.iter().map(|place| format!("{}:{}", place.file, place.line)).collect();
    (!places.is_empty()).then(|| format!("listed in {}", places.join(", ")))
}
