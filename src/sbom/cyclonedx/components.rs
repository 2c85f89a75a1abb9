//! One component of the view to CycloneDX's `component`.

use super::model::{
    self, Component, Diff, Evidence, ExternalReference, Hash, Hex, Identity, IdentityEvidence, Method, Occurrence, Pedigree, Property,
};
use super::version::Field;
use super::{licences, registry};
use crate::model::{Advisory, Artifact, Digest, Ecosystem, Location, PackageSource, Patch, RelPath, Scope};
use crate::sbom::view::{self, ComponentId, Root, View};
use crate::sbom::{CycloneDx, flaws, introduced, iri, properties};
use std::borrow::Cow;

/// What the document describes, without what is nested in it.
pub(super) fn root_component<'v>(view: &'v View<'v>, version: CycloneDx) -> Component<'v> {
    match &view.root {
        Root::Package(id) => component(view, *id, version),
        Root::Repository { reference, .. } => {
            let project = &view.inventory.project;
            Component { bom_ref: Some(reference), version: project.version, ..Component::new("application", project.name) }
        }
    }
}

/// The first-party packages beside the root: parts of what the document describes.
pub(super) fn nested<'v>(view: &'v View<'v>, version: CycloneDx) -> Vec<Component<'v>> {
    view.members().map(|id| component(view, id, version)).collect()
}

pub(super) fn component<'v>(view: &'v View<'v>, id: ComponentId, version: CycloneDx) -> Component<'v> {
    let seen = view.component(id);
    let (group, name) = seen.package.name.split_scope();
    let artifacts = seen.artifacts();
    let digests = seen.digests(&artifacts);
    let (licenses, of_licence) = licences::declared(view, seen, version.acknowledgement());
    let facts = registry::facts(view, seen);
    let mut external_references = external_references(seen, &artifacts, digests.is_some(), version);
    external_references.extend(facts.and_then(registry::repository));
    let mut beside = of_licence;
    beside.extend(facts.into_iter().flat_map(registry::told));
    beside.extend(places(seen, version));
    beside.extend(introduced::of_component(view, id).into_iter().map(|(name, value)| Property { name, value }));
    beside.extend(patch_properties(seen));
    let notice = |advisory: &Advisory| format!("{}: {}: {}", advisory.id, advisory.kind.as_str(), advisory.summary);
    beside.extend(flaws::notices(view, id).map(|advisory| Property::new(properties::ADVISORY, notice(advisory))));
    Component {
        bom_ref: Some(seen.reference()),
        group,
        version: seen.package.version.as_ref().map(|version| version.as_str()),
        scope: if seen.is_not_built() { Some("excluded") } else { seen.scope().map(scope) },
        hashes: hashes(digests.iter().flatten().copied()),
        licenses,
        purl: seen.says_purl().then_some(seen.purl.as_str()),
        pedigree: pedigree(seen),
        external_references,
        publisher: facts.and_then(registry::publisher),
        properties: component_properties(view, id, beside),
        evidence: version.has(Field::Evidence).then(|| evidence(seen, version)),
        ..Component::new(kind(view, id), name)
    }
}

/// What a lockfile was made for is an application: it is what gets locked to be built and run. Of
/// another first-party package the lockfile does not say whether it has a program; for what is not
/// known the specification recommends `library`.
fn kind(view: &View<'_>, id: ComponentId) -> &'static str {
    if view.is_project(id) { "application" } else { "library" }
}

/// `excluded` is the specification's word for test and other use that is not of the runtime.
fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Runtime | Scope::Build | Scope::Peer => "required",
        Scope::Optional => "optional",
        Scope::Development => "excluded",
    }
}

/// The specification names no SHA-224; such a digest is left out.
fn hashes<'d>(digests: impl Iterator<Item = &'d Digest>) -> Vec<Hash<'d>> {
    digests.filter_map(|digest| Some(Hash { alg: digest.algorithm().cyclonedx()?, content: Hex(digest.bytes()) })).collect()
}

fn external_references<'v>(
    seen: &'v view::Component<'v>,
    artifacts: &[&'v Artifact],
    one_file: bool,
    version: CycloneDx,
) -> Vec<ExternalReference<'v>> {
    let mut found = Vec::new();
    if let PackageSource::Git { repository, commit, .. } = &seen.package.source {
        let comment = commit.as_ref().map(|commit| format!("commit {commit}"));
        found.push(ExternalReference { kind: "vcs", url: iri::reference(repository.as_str()), comment, hashes: Vec::new() });
    }
    let of_file = |artifact: &&'v Artifact| {
        let kind = if version.has(Field::SourceDistribution) && is_source(seen, artifact) { "source-distribution" } else { "distribution" };
        Some(ExternalReference { kind, ..file_reference(seen, artifact, one_file)? })
    };
    found.extend(artifacts.iter().filter_map(of_file));
    if let (PackageSource::Archive { url }, true) = (&seen.package.source, artifacts.iter().all(|artifact| artifact.url.is_none())) {
        found.push(distribution(iri::reference(url.as_str()), Vec::new()));
    }
    found
}

/// Whether a file of PyPI is a source distribution, by the endings that those have.
fn is_source(seen: &view::Component<'_>, artifact: &Artifact) -> bool {
    let path = artifact.url.as_ref().map_or("", |url| url.as_str().split(['?', '#']).next().unwrap_or_default());
    seen.package.ecosystem == Ecosystem::Pypi && [".tar.gz", ".tgz", ".tar.bz2", ".zip"].iter().any(|ending| path.ends_with(ending))
}

/// Where one file can be had. Digests stand with the file unless the package is that file and the
/// component has them.
///
/// Some lockfiles (requirements.txt) give the digests of several files and no address. The schema
/// wants an address; a made-up file name would be a lie, and the index page's address would make the
/// digest the page's. What is known is the package and the file's digest, and exactly this says a
/// purl with the qualifier `checksum` (purl-spec, known qualifiers).
fn file_reference<'v>(seen: &view::Component<'v>, artifact: &'v Artifact, one_file: bool) -> Option<ExternalReference<'v>> {
    let own_hashes = || if one_file { Vec::new() } else { hashes(artifact.digests.iter()) };
    match &artifact.url {
        Some(url) => Some(distribution(iri::reference(url.as_str()), own_hashes())),
        None if one_file || artifact.digests.is_empty() => None,
        None => Some(distribution(Cow::Owned(purl_of_file(&seen.purl, &artifact.digests)), own_hashes())),
    }
}

fn distribution<'v>(url: Cow<'v, str>, hashes: Vec<Hash<'v>>) -> ExternalReference<'v> {
    ExternalReference { kind: "distribution", url, comment: None, hashes }
}

/// Qualifiers are sorted by their keys, and `checksum` comes before all that our purls have.
pub(in crate::sbom) fn purl_of_file(purl: &str, digests: &[Digest]) -> String {
    let checksums = digests.iter().map(Digest::to_string).collect::<Vec<_>>().join(",");
    match purl.split_once('?') {
        Some((package, qualifiers)) => format!("{package}?checksum={checksums}&{qualifiers}"),
        None => format!("{purl}?checksum={checksums}"),
    }
}

pub(in crate::sbom) fn component_properties<'v>(view: &'v View<'v>, id: ComponentId, beside: Vec<Property<'v>>) -> Vec<Property<'v>> {
    let seen = view.component(id);
    let is_npm = seen.package.ecosystem == Ecosystem::Npm;
    let scope = seen.scope();
    let flags = [
        (properties::DIRECT, seen.is_direct()),
        (properties::NOT_BUILT, seen.is_not_built()),
        (properties::INSTALL_SCRIPT, is_npm && seen.has_install_script()),
        (properties::NPM_BUNDLED, is_npm && seen.is_bundled()),
        (properties::NPM_DEVELOPMENT, is_npm && scope == Some(Scope::Development)),
    ];
    let flags = flags.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| Property::new(name, "true"));
    let scope = scope.filter(|scope| matches!(scope, Scope::Build | Scope::Peer));
    let scope = scope.map(|scope| Property::new(properties::SCOPE, scope.as_str()));
    let notice = seen.deprecated().map(|notice| Property::new(properties::DEPRECATED, notice));
    let aliases = view.aliases(id).map(|alias| Property::new(properties::ALIAS, alias));
    let mut found: Vec<Property<'_>> = flags.chain(scope).chain(notice).chain(aliases).chain(source_properties(seen)).collect();
    found.extend(beside);
    found.sort();
    found
}

fn source_properties<'v>(seen: &view::Component<'v>) -> impl Iterator<Item = Property<'v>> + use<'v> {
    let (commit_name, reference_name) = match seen.package.ecosystem {
        Ecosystem::Pypi => (properties::PYTHON_COMMIT, properties::PYTHON_REFERENCE),
        Ecosystem::Cargo | Ecosystem::Npm => (properties::GIT_COMMIT, properties::GIT_REFERENCE),
    };
    let source = &seen.package.source;
    let kind = || Some(Property::new(properties::SOURCE, source.kind()));
    let named = |name, text: Option<&'v str>| text.map(|text| Property::new(name, text));
    let found = match source {
        PackageSource::Registry { .. } => [None, None, None],
        PackageSource::FirstParty { folder: Some(folder) } => [Some(Property::new(properties::FOLDER, folder.to_string())), None, None],
        PackageSource::FirstParty { folder: None } => [kind(), None, None],
        PackageSource::Git { commit, reference, .. } => {
            [kind(), named(commit_name, commit.as_deref()), named(reference_name, reference.as_deref())]
        }
        PackageSource::Archive { .. } | PackageSource::Path { .. } => [kind(), None, None],
    };
    found.into_iter().flatten()
}

/// The patches, by the files that hold them.
fn pedigree<'v>(seen: &view::Component<'v>) -> Option<Pedigree<'v>> {
    let patch = |patch: &'v Patch| model::Patch { kind: "unofficial", diff: Diff { url: iri::reference(&patch.file) } };
    let patches: Vec<_> = seen.patches().into_iter().map(patch).collect();
    (!patches.is_empty()).then_some(Pedigree { patches })
}

/// The same with the digests of their texts, for which a patch has no field.
pub(in crate::sbom) fn patch_properties<'v>(seen: &view::Component<'v>) -> impl Iterator<Item = Property<'v>> + use<'v> {
    let text = |patch: &Patch| patch.digest.map_or_else(|| format!("unread {}", patch.file), |digest| format!("{digest} {}", patch.file));
    seen.patches().into_iter().map(move |patch| Property::new(properties::PATCH, text(patch)))
}

/// The places with their lines, where a version has no field for them.
fn places<'v>(seen: &view::Component<'v>, version: CycloneDx) -> Vec<Property<'v>> {
    if version.has(Field::OccurrenceLines) {
        return Vec::new();
    }
    let place = |place: &Location| Property::new(properties::OCCURRENCE, format!("{}:{}", place.file, place.line));
    seen.locations().into_iter().map(place).collect()
}

/// How we know: which lockfiles say so, on which lines. A lockfile that states a name and no version
/// is evidence of the name alone.
fn evidence<'v>(seen: &view::Component<'v>, version: CycloneDx) -> Evidence<'v> {
    let field = if seen.is_exact() { "purl" } else { "name" };
    let method = |lockfile: &'v RelPath| Method { technique: "manifest-analysis", confidence: 1, value: lockfile.as_str() };
    let identity = || {
        let identity = IdentityEvidence { field, confidence: 1, methods: seen.lockfiles().map(method).collect() };
        if version.has(Field::IdentityList) { Identity::List([identity]) } else { Identity::One(identity) }
    };
    let line = |place: &Location| version.has(Field::OccurrenceLines).then_some(place.line);
    let occurrence = |place: &'v Location| Occurrence { location: place.file.as_str(), line: line(place) };
    Evidence {
        identity: (!seen.package.is_first_party()).then(identity),
        occurrences: seen.locations().into_iter().map(occurrence).collect(),
    }
}
