//! Which package a component is.
//!
//! Its purl says it, and is what advisories, approvals and comparisons go by. A name or version
//! beside the purl that means another package is a contradiction: somebody would be misled by one of
//! the two, so nothing can stand on the entry. What has no identity, or one that is not read here, is
//! named once an ecosystem, with a digest of the list, so that a changed list is another gap.

use super::purl::{self, Purl, Said, is_git};
use super::{Component, Kind, Standing};
use crate::model::text::quoted;
use crate::model::{
    Algorithm, Artifact, Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Version, version,
};
use crate::read::npm;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a component is, after all that is said of it.
pub enum Identity {
    Package(Package),
    /// No package, or none that is known here: its dependencies are those of what requires it.
    None,
}

/// Components that are not read, by what they are of.
type Unread<'d> = BTreeMap<Reason, Vec<&'d Component<'d>>>;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Ecosystem(String),
    NoPurl,
}

pub fn of_all(components: &[Component<'_>], path: &RelPath, gaps: &mut Vec<Gap>) -> Vec<Identity> {
    // The ecosystem of what does not say its own: that of the document's first package.
    let main = components.iter().find_map(|component| component.purl.as_deref().and_then(|purl| Purl::parse(purl).ok()?.ecosystem()));
    let mut unread: Unread<'_> = BTreeMap::new();
    let identities = components.iter().map(|component| {
        let purl = component.purl.as_deref().map(Purl::parse);
        let mut blocked = |message| gaps.push(Gap::at(GapKind::UnknownRequirement, &Location::new(path, component.line), message));
        if component.standing != Standing::ThirdParty {
            return first_party(component, purl.as_ref().and_then(|purl| purl.as_ref().ok()), main);
        }
        match purl {
            Some(Ok(purl)) => match purl.ecosystem() {
                Some(ecosystem) => third_party(component, &purl, ecosystem, &mut blocked),
                None => {
                    unread.entry(Reason::Ecosystem(purl.kind.to_string())).or_default().push(component);
                    Identity::None
                }
            },
            Some(Err(what)) => {
                let purl = quoted(component.purl.as_deref().unwrap_or_default());
                blocked(format!("the package URL {purl} of {} cannot be read: {what}", quoted(&component.name)));
                Identity::None
            }
            None => {
                if component.is_unknown() {
                    unread.entry(Reason::NoPurl).or_default().push(component);
                }
                Identity::None
            }
        }
    });
    let identities: Vec<Identity> = identities.collect();
    // Our own document tells by its lockfile's gaps what is not pinned.
    let is_told = gaps.iter().any(|gap| gap.kind == GapKind::UnpinnedRequirement);
    gaps.extend(unread.iter().map(|(reason, components)| unread_gap(reason, components, path)));
    for (component, identity) in components.iter().zip(&identities) {
        if let Identity::Package(package) = identity {
            gaps.extend(unpinned(component, package, path).filter(|_| !is_told));
            gaps.extend(unread_digests(component, package, path));
        }
    }
    identities
}

impl Component<'_> {
    /// Whether it is a package of which nobody says which. A program without even a version is how
    /// tools write the group of what a lockfile or a project holds.
    fn is_unknown(&self) -> bool {
        let is_group = self.version.is_none() && self.artifacts.is_empty() && self.unread_digests.is_empty();
        self.kind == Kind::Package || self.kind == Kind::Application && !is_group
    }
}

/// The subject and its parts. Their own purl is a claim to a name and no place to fetch from; some
/// tools use it as the reference alone.
fn first_party(component: &Component<'_>, purl: Option<&Purl<'_>>, main: Option<Ecosystem>) -> Identity {
    let (Standing::Subject { folder } | Standing::Part { folder }) = &component.standing else { return Identity::None };
    let by_reference = || Purl::parse(component.reference.as_deref()?).ok()?.ecosystem();
    let said = || Ecosystem::from_purl_type(component.said.as_ref()?.ecosystem.as_deref()?);
    let Some(ecosystem) = purl.and_then(Purl::ecosystem).or_else(by_reference).or_else(said).or(main) else { return Identity::None };
    let name = match (purl.filter(|purl| purl.ecosystem().is_some()), &component.group) {
        (Some(purl), _) => purl.full_name(),
        (None, Some(group)) if ecosystem == Ecosystem::Npm => Cow::Owned(format!("{group}/{}", component.name)),
        _ => Cow::Borrowed(&*component.name),
    };
    let folder = folder.as_deref().and_then(|folder| RelPath::new(folder).ok());
    Identity::Package(Package {
        ecosystem,
        name: PackageName::of_root(ecosystem, &name),
        version: component.version.as_deref().and_then(|text| Version::new(text).ok()),
        source: PackageSource::FirstParty { folder },
    })
}

fn third_party(component: &Component<'_>, purl: &Purl<'_>, ecosystem: Ecosystem, blocked: &mut dyn FnMut(String)) -> Identity {
    let shown = || quoted(component.purl.as_deref().unwrap_or_default());
    let name = match PackageName::new(ecosystem, &as_published(ecosystem, purl, component)) {
        Ok(name) => name,
        Err(error) => {
            blocked(format!("the package URL {} names no package: {error}", shown()));
            return Identity::None;
        }
    };
    if let Some(what) = contradiction(component, purl, ecosystem, &name) {
        blocked(format!("the package URL {} and {what} beside it are of two packages", shown()));
    }
    let version = purl.version.as_deref().or(component.version.as_deref()).and_then(|text| Version::new(text).ok());
    let source = source(component, purl, ecosystem, &name, version.as_ref());
    Identity::Package(Package { ecosystem, name, version, source })
}

/// The specification makes npm's names lower case, and so do the tools that follow it, though old
/// names have capitals: where the name beside the purl differs in nothing else, it is the name.
fn as_published<'p>(ecosystem: Ecosystem, purl: &'p Purl<'_>, component: &'p Component<'_>) -> Cow<'p, str> {
    let name = purl.full_name();
    if ecosystem != Ecosystem::Npm || name.bytes().any(|b| b.is_ascii_uppercase()) {
        return name;
    }
    spellings(component).find(|spelling| spelling.eq_ignore_ascii_case(&name)).unwrap_or(name)
}

/// How a component may write its package's name: whole, in two fields, the scope with its `@` or
/// without, the ecosystem before it.
fn spellings<'c>(component: &'c Component<'_>) -> impl Iterator<Item = Cow<'c, str>> {
    let name = &*component.name;
    let plain = ["npm:", "pip:", "pypi:", "cargo:", "rust:"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let group = component.group.as_deref().filter(|group| !group.is_empty());
    let in_group = group.into_iter().flat_map(move |group| {
        let scope = group.trim_start_matches('@');
        [format!("@{scope}/{plain}"), format!("{group}/{plain}")].map(Cow::Owned)
    });
    let whole = group.is_none_or(|group| plain.starts_with(group)).then_some(Cow::Borrowed(plain));
    in_group.chain(whole)
}

/// A name or version that is not the purl's.
fn contradiction(component: &Component<'_>, purl: &Purl<'_>, ecosystem: Ecosystem, name: &PackageName) -> Option<String> {
    let is_it = |spelling: &str| spelling == name.as_str() || PackageName::new(ecosystem, spelling).is_ok_and(|other| other == *name);
    let named = spellings(component).any(|spelling| is_it(&spelling)) || ecosystem != Ecosystem::Npm && is_it(&component.name);
    if !named {
        return Some(format!("the name {}", quoted(&component.name)));
    }
    let (stated, of_purl) = (component.version.as_deref()?, purl.version.as_deref()?);
    let same = stated == of_purl || stated.trim_start_matches('v') == of_purl.trim_start_matches('v');
    let alike = || {
        let versions = Version::new(stated).ok().zip(Version::new(of_purl).ok());
        ecosystem == Ecosystem::Pypi
            && versions.is_some_and(|(a, b)| version::compare(ecosystem, &a, &b).is_some_and(|order| order.is_eq()))
    };
    let commit = component.said().commit;
    if !same && !alike() {
        return Some(format!("the version {}", quoted(stated)));
    }
    commit
        .filter(|commit| !purl.qualifier("vcs_url").is_some_and(|url| url.contains(commit)))
        .map(|commit| format!("the commit {}", quoted(commit)))
}

/// Where the package comes from. What npm gets from an address is what lies there, whatever the
/// purl calls it, so an address that leads elsewhere than the purl is the source; so is a repository
/// that a document gives as the place to get a package from.
fn source(
    component: &Component<'_>,
    purl: &Purl<'_>,
    ecosystem: Ecosystem,
    name: &PackageName,
    version: Option<&Version>,
) -> PackageSource {
    let source = purl.source(ecosystem, &component.said());
    if !matches!(source, PackageSource::Registry { .. }) {
        return source;
    }
    let urls = component.artifacts.iter().filter_map(|artifact: &Artifact| artifact.url.as_ref());
    let mut fetched = urls.filter_map(|url| match url.as_str() {
        url if is_git(url) => Some(purl::git(url, &Said::default())),
        url if ecosystem == Ecosystem::Npm => Some(npm::source(Some(url), name.as_str(), version.map(Version::as_str), false)),
        _ => None,
    });
    fetched.find(|fetched| *fetched != source).unwrap_or(source)
}

fn unpinned(component: &Component<'_>, package: &Package, path: &RelPath) -> Option<Gap> {
    let is_open = package.version.is_none() && matches!(package.source, PackageSource::Registry { .. });
    let stated = component.version.as_deref().map(|text| format!(": {} is none", quoted(text))).unwrap_or_default();
    let message = || format!("{} has no version{stated}", quoted(package.name.as_str()));
    is_open.then(|| Gap::at(GapKind::UnpinnedRequirement, &Location::new(path, component.line), message()))
}

/// Digests that nothing here can compare are no protection, and a change of one would not be seen.
fn unread_digests(component: &Component<'_>, package: &Package, path: &RelPath) -> Option<Gap> {
    let has_digest = component.artifacts.iter().any(|artifact| !artifact.digests.is_empty());
    let first = component.unread_digests.first().filter(|_| !has_digest && !package.is_first_party())?;
    // The list's own digest tells a change of what is too long to be shown.
    let (digest, list) = (quoted(first), fingerprint(&[component]));
    let message = format!("the digests of {} are of no algorithm that is known: {digest} (list {list})", quoted(&package.label()));
    Some(Gap::at(GapKind::UnknownRequirement, &Location::new(path, component.line), message))
}

fn unread_gap(reason: &Reason, components: &[&Component<'_>], path: &RelPath) -> Gap {
    let first = components[0];
    let example = quoted(first.purl.as_deref().unwrap_or(&first.name));
    let what = match reason {
        Reason::Ecosystem(kind) => format!("of the ecosystem {}, which sbomgate does not read", quoted(kind)),
        Reason::NoPurl => "without a package URL".to_owned(),
    };
    let message = format!("{} {what}; the first is {example} (list {})", counted(components.len()), fingerprint(components));
    Gap::at(GapKind::UnknownRequirement, &Location::new(path, first.line), message)
}

fn counted(number: usize) -> String {
    if number == 1 { "there is a component".to_owned() } else { format!("there are {number} components") }
}

/// What tells one list from another, whatever the order.
fn fingerprint(components: &[&Component<'_>]) -> String {
    let line = |component: &&Component<'_>| {
        let digests: Vec<String> = component.artifacts.iter().flat_map(|artifact| &artifact.digests).map(ToString::to_string).collect();
        let texts = [component.purl.as_deref(), component.group.as_deref(), Some(&*component.name), component.version.as_deref()];
        format!("{texts:?} {digests:?} {:?}\n", component.unread_digests)
    };
    let mut lines: Vec<String> = components.iter().map(line).collect();
    lines.sort();
    let digest = Sha256::digest(lines.concat());
    let digest = crate::model::Digest::new(Algorithm::Sha256, &digest).map(|digest| digest.hex());
    digest.map(|hex| hex[..16].to_owned()).unwrap_or_default()
}
