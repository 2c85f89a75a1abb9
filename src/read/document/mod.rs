//! What SBOM documents have in common, whatever their format: components that are told apart by a
//! reference of the document's own, and relations between those.
//!
//! A format turns its file into a [`Document`]; from there on one way leads to packages. `identity`
//! says which package a component is: its package URL is believed, and what stands beside it must
//! not contradict it. `relations` joins references to edges. A document says only what its maker
//! wrote down, so whatever it leaves open is a gap, and what is no package of an ecosystem that is
//! known is named in one.
//!
//! Only what the document describes is first-party: its subject, and the subject's parts that say so.

mod identity;
mod joining;
pub mod purl;
pub mod told;

use super::{Capabilities, Disagreement, Entry, FormatId, Parsed, Rare, ReadError, Told};
use crate::model::licence::{Licence, Licences};
use crate::model::stated::{Stated, StatedFlaw, StatedVersion};
use crate::model::text::quoted;
use crate::model::{Artifact, Ecosystem, Gap, GapKind, Location, Package, RelPath, Scope};
use hashbrown::HashMap;
use identity::Identity;
use joining::Joining;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// A document as read, in the order of its file.
pub(super) struct Document<'a> {
    pub format: FormatId,
    pub dialect: &'static str,
    pub components: Vec<Component<'a>>,
    pub relations: Vec<Relation<'a>>,
    /// References that name something other than a component (services): no relation is lost there.
    pub others: Vec<Cow<'a, str>>,
    pub gaps: Vec<Gap>,
    /// What the document says itself that it cannot tell: `edges`, `directness`, `scopes`.
    pub not_told: Vec<&'a str>,
    /// Whether scopes stand anywhere in it. Where none does, their absence says nothing.
    pub tells_scopes: bool,
    pub licences: Licences,
    /// `None` where the document says nothing of any.
    pub flaws: Option<Vec<FlawOf<'a>>>,
}

/// A flaw, with the references of what it is of.
pub(super) struct FlawOf<'a> {
    pub flaw: StatedFlaw,
    pub of: Vec<(Cow<'a, str>, Vec<StatedVersion>)>,
    pub location: Location,
}

pub(super) struct Component<'a> {
    /// What the document's relations call it.
    pub reference: Option<Cow<'a, str>>,
    pub line: u32,
    pub standing: Standing<'a>,
    pub kind: Kind,
    pub group: Option<Cow<'a, str>>,
    pub name: Cow<'a, str>,
    pub version: Option<Cow<'a, str>>,
    pub purl: Option<Cow<'a, str>>,
    /// In a box, since few components say anything here and a document has many of them.
    pub said: Option<Box<SaidOf<'a>>>,
    /// What it is there for, where the format says that of a component and not of a relation.
    pub scope: Option<Scope>,
    pub artifacts: Vec<Artifact>,
    /// Digests of algorithms that are not known, as written.
    pub unread_digests: Vec<String>,
    pub licence: Option<Licence>,
    pub rare: Rare,
    pub bundled: bool,
    pub install_script: bool,
}

/// What a component is to the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing<'a> {
    /// What the document is about.
    Subject {
        folder: Option<Cow<'a, str>>,
    },
    /// A part of the subject that is said to be first-party.
    Part {
        folder: Option<Cow<'a, str>>,
    },
    ThirdParty,
}

/// What sort of thing a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A library or framework: without an identity, something unknown is in.
    Package,
    /// A project, a lockfile, a program: without an identity it may stand for a group of packages.
    Application,
    /// A file, an operating system, a container, a device: no package unless a purl makes it one.
    Other,
}

/// As [`purl::Said`], with the texts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SaidOf<'a> {
    /// Of what has no purl, as purls call it.
    pub ecosystem: Option<Cow<'a, str>>,
    pub kind: Option<Cow<'a, str>>,
    pub commit: Option<Cow<'a, str>>,
    pub reference: Option<Cow<'a, str>>,
}

/// That one component requires another.
pub(super) struct Relation<'a> {
    pub from: Cow<'a, str>,
    pub to: Cow<'a, str>,
    /// `None` where the format gives scopes to components.
    pub scope: Option<Scope>,
    pub line: u32,
}

impl SaidOf<'_> {
    /// In the box of a component; none where nothing is said.
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != SaidOf::default()).then(|| Box::new(self))
    }
}

impl Component<'_> {
    fn said(&self) -> purl::Said<'_> {
        let said = self.said.as_deref();
        purl::Said {
            kind: said.and_then(|said| said.kind.as_deref()),
            commit: said.and_then(|said| said.commit.as_deref()),
            reference: said.and_then(|said| said.reference.as_deref()),
        }
    }
}

/// The reasons for what a document cannot tell.
const NO_RELATIONS: &str = "the document states no dependencies";
const NO_SUBJECT: &str = "the document does not state what its subject requires itself";
const NO_SCOPES: &str = "the document states no scopes";
const NO_DIGESTS: &str = "the document states no digests";
const NOT_TOLD: &str = "what the document was made from does not say it";

/// What any document can tell at best.
pub(super) const KNOWS: Capabilities = Capabilities {
    edges: Told::Yes,
    directness: Told::Yes,
    scopes: Told::Yes,
    digests: Told::Yes,
    installed: Told::No("an SBOM holds what its maker wrote down: not proven built or installed"),
};

impl<'a> Document<'a> {
    pub fn new(format: FormatId, dialect: &'static str) -> Self {
        Document {
            format,
            dialect,
            components: Vec::new(),
            relations: Vec::new(),
            others: Vec::new(),
            gaps: Vec::new(),
            not_told: Vec::new(),
            tells_scopes: false,
            licences: Licences::default(),
            flaws: None,
        }
    }

    /// Components to entries, relations to requirements.
    pub fn into_parsed(mut self, path: &RelPath) -> Result<Parsed<'a>, ReadError> {
        let mut gaps = std::mem::take(&mut self.gaps);
        let identities = identity::of_all(&self.components, path, &mut gaps);
        let (requires, knows, flaws) = {
            let at = index(&self.components, path)?;
            let flaws = self.flaws.as_ref().map(|flaws| stated(flaws, &at, &identities, path, &mut gaps));
            let joining = Joining::new(&self, &at, &identities);
            (joining.requires(path, &mut gaps)?, self.knows(&joining, &identities), flaws)
        };
        let mut entries = Vec::with_capacity(self.components.len());
        for ((component, identity), requires) in self.components.into_iter().zip(identities).zip(requires) {
            let Identity::Package(package) = identity else { continue };
            let mut entry = Entry::new(package, Location::new(path, component.line));
            entry.root = matches!(component.standing, Standing::Subject { .. });
            // A document may say what a package is for without the relations that would tell.
            entry.scope = component.scope.filter(|_| !entry.package.is_first_party());
            entry.artifacts = component.artifacts;
            entry.licence = component.licence;
            entry.rare = component.rare;
            entry.bundled = component.bundled;
            entry.install_script = component.install_script;
            entry.requires = requires;
            entries.push(entry);
        }
        Ok(Parsed {
            lockfile: path.clone(),
            format: self.format,
            ecosystem: only_ecosystem(&entries),
            dialect: self.dialect,
            knows,
            scopes: Vec::new(),
            entries,
            gaps,
            disagreements: Vec::<Disagreement>::new(),
            flaws,
        })
    }

    fn knows(&self, joining: &Joining<'_, '_>, identities: &[Identity]) -> Capabilities {
        let third_party = |(component, identity): &(&Component<'_>, &Identity)| {
            matches!(identity, Identity::Package(package) if !package.is_first_party()) && component.standing == Standing::ThirdParty
        };
        let packages = self.components.iter().zip(identities).filter(third_party).count();
        let has_digests = self.components.iter().any(|component| component.artifacts.iter().any(|artifact| !artifact.digests.is_empty()));
        let told = |what: &str, holds: bool, reason| match holds || packages == 0 {
            _ if self.not_told.contains(&what) => Told::No(NOT_TOLD),
            true => Told::Yes,
            false => Told::No(reason),
        };
        Capabilities {
            edges: told("edges", !self.relations.is_empty(), NO_RELATIONS),
            directness: told("directness", joining.subject_requires(), NO_SUBJECT),
            scopes: told("scopes", self.tells_scopes, NO_SCOPES),
            digests: told("digests", has_digests, NO_DIGESTS),
            ..KNOWS
        }
    }
}

/// Flaws of the packages that their references lead to. What leads to none is told, and the flaw stays.
fn stated(flaws: &[FlawOf<'_>], at: &HashMap<&str, usize>, identities: &[Identity], path: &RelPath, gaps: &mut Vec<Gap>) -> Vec<Stated> {
    let (mut stated, mut strays) = (Vec::with_capacity(flaws.len()), Vec::new());
    let by_purl: OnceCell<HashMap<String, usize>> = OnceCell::new();
    for FlawOf { flaw, of, location } in flaws {
        let mut affects: BTreeMap<Package, Vec<StatedVersion>> = BTreeMap::new();
        for (reference, versions) in of {
            // As CycloneDX has it by reference; some write the package URL in its place.
            let of_purl = || by_purl.get_or_init(|| purls(identities)).get(&**reference).copied();
            let number = at.get(&**reference).copied().or_else(|| of_purl().filter(|_| reference.starts_with("pkg:")));
            match number.map(|number| &identities[number]) {
                Some(Identity::Package(package)) => affects.entry(package.clone()).or_default().extend_from_slice(versions),
                Some(Identity::None) | None => strays.push((location.line, quoted(reference))),
            }
        }
        if of.is_empty() {
            strays.push((location.line, "nothing: it has no `affects`".to_owned()));
        }
        stated.push(Stated { flaw: StatedFlaw { affects: affects.into_iter().collect(), ..flaw.clone() }, location: location.clone() });
    }
    gaps.extend(strays.first().map(|(line, first)| {
        let number = strays.len();
        let message = format!("vulnerabilities are of {number} that are no package here, the first {first}");
        Gap { kind: GapKind::UnreadStatement, file: path.clone(), line: Some(*line), message }
    }));
    stated
}

fn purls(identities: &[Identity]) -> HashMap<String, usize> {
    let packages = identities.iter().enumerate().filter_map(|(number, identity)| match identity {
        Identity::Package(package) => Some((package.purl(), number)),
        Identity::None => None,
    });
    packages.collect()
}

/// Components by reference. One reference for two of them would leave open which is meant.
fn index<'d>(components: &'d [Component<'_>], path: &RelPath) -> Result<HashMap<&'d str, usize>, ReadError> {
    let mut at: HashMap<&str, usize> = HashMap::with_capacity(components.len());
    for (number, component) in components.iter().enumerate() {
        let Some(reference) = component.reference.as_deref() else { continue };
        if let Some(first) = at.insert(reference, number) {
            let message = format!("the reference {} stands twice, on line {} as well", quoted(reference), components[first].line);
            return Err(ReadError::malformed(path, component.line, message));
        }
    }
    Ok(at)
}

fn only_ecosystem(entries: &[Entry<'_>]) -> Option<Ecosystem> {
    let mut ecosystems = entries.iter().map(|entry| entry.package.ecosystem);
    let first = ecosystems.next()?;
    ecosystems.all(|other| other == first).then_some(first)
}
