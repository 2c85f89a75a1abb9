//! CycloneDX components to the components of any document: sources, scopes, digests, licences, and
//! the properties that our own documents carry (docs/properties.md).

use super::Reading;
use super::wire::{Component, ExternalReference, Hash, LicenceChoice, Listed, Property};
use crate::model::digest::DigestError;
use crate::model::licence::{Licence, Licences};
use crate::model::text::quoted;
use crate::model::{Address, Algorithm, Artifact, Digest, Patch, Scope};
use crate::read::document::purl::{Purl, is_git};
use crate::read::document::told::{
    self, BUNDLED, COMMITS, DEPRECATED, DEVELOPMENT, FOLDER, INSTALL_SCRIPT, PATCH, REFERENCES, SCOPE, SOURCE,
};
use crate::read::document::{self, Document, Kind, SaidOf, Standing};
use crate::read::{Rare, RareFields, ReadError};
use std::borrow::Cow;

/// Where a component stands in the document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Subject,
    InSubject,
    Listed,
}

impl<'a> Reading<'a> {
    /// The subject, its parts and what is listed, parts of parts after what they are part of.
    pub fn components(&self, subject: Option<Listed<'a>>, listed: Vec<Listed<'a>>, document: &mut Document<'a>) -> Result<(), ReadError> {
        let is_subject = |component: &Component<'_>, subject: &Component<'_>| {
            component.bom_ref.is_some()
                && component.bom_ref == subject.bom_ref
                && component.purl == subject.purl
                && component.name == subject.name
        };
        // Some tools list the subject once more.
        let again = |component: &Component<'_>| subject.as_ref().is_some_and(|subject| is_subject(component, subject));
        let (again, listed): (Vec<_>, Vec<_>) = listed.into_iter().partition(|component| again(component));
        document.components.reserve(listed.len());
        if let Some(subject) = subject {
            self.component(subject, Place::Subject, 1, document)?;
        }
        for component in again.into_iter().flat_map(|again| again.components.unwrap_or_default()).chain(listed) {
            self.component(component, Place::Listed, 1, document)?;
        }
        Ok(())
    }

    fn component(&self, mut raw: Listed<'a>, place: Place, around: u32, document: &mut Document<'a>) -> Result<(), ReadError> {
        let line = self.line_of(&raw, around);
        let parts = raw.components.take().unwrap_or_default();
        let (artifacts, unread_digests) = self.artifacts(&raw, line)?;
        let scope = self.scope(&raw, line)?;
        document.tells_scopes |= raw.scope.is_some() || scope.is_some();
        let deprecated = said(&raw, &[DEPRECATED]).map(|notice| (*notice).into());
        let component = document::Component {
            line,
            standing: standing(&raw, place),
            kind: kind(&raw.kind),
            said: SaidOf { ecosystem: None, kind: said(&raw, &[SOURCE]), commit: said(&raw, &COMMITS), reference: said(&raw, &REFERENCES) }
                .boxed(),
            scope,
            artifacts,
            unread_digests,
            licence: licence(raw.licenses.as_deref().unwrap_or_default(), &mut document.licences),
            rare: Rare::of(RareFields { patches: self.patches(&raw, line)?, deprecated, ..RareFields::default() }),
            bundled: said(&raw, &[BUNDLED]).as_deref() == Some("true"),
            install_script: said(&raw, &[INSTALL_SCRIPT]).as_deref() == Some("true"),
            reference: raw.bom_ref.map(|text| text.0),
            group: raw.group.map(|text| text.0).filter(|text| !text.is_empty()),
            name: raw.name.0,
            version: raw.version.map(|text| text.0).filter(|text| !text.is_empty()),
            purl: raw.purl.map(|text| text.0),
        };
        document.components.push(component);
        let inside = if place == Place::Listed { Place::Listed } else { Place::InSubject };
        parts.into_iter().try_for_each(|part| self.component(part, inside, line, document))
    }

    /// The first line of the component that is known: texts with escapes have no place.
    fn line_of(&self, raw: &Component<'_>, around: u32) -> u32 {
        let texts = [Some(&raw.kind), raw.bom_ref.as_ref(), Some(&raw.name), raw.purl.as_ref()];
        let first = || texts.into_iter().flatten().filter_map(|text| text.offset_in(self.file.text())).min();
        raw.line.or_else(|| first().map(|offset| self.lines.line(offset))).unwrap_or(around)
    }

    /// The specification assumes `required` where no scope stands; `excluded` is for what is not of
    /// the runtime. Our own documents say more.
    fn scope(&self, raw: &Component<'_>, line: u32) -> Result<Option<Scope>, ReadError> {
        let for_development = || said(raw, &[DEVELOPMENT]).as_deref() == Some("true");
        Ok(match (raw.scope.as_deref(), said(raw, &[SCOPE]).as_deref()) {
            (Some("required"), Some("build")) => Some(Scope::Build),
            (Some("required"), Some("peer")) => Some(Scope::Peer),
            (Some("required"), _) => Some(Scope::Runtime),
            (Some("excluded"), _) => Some(Scope::Development),
            (Some("optional") | None, _) if for_development() => Some(Scope::Development),
            (Some("optional"), _) => Some(Scope::Optional),
            (None, _) => None,
            (Some(other), _) => return Err(self.malformed(line, format!("the scope {} is none that CycloneDX knows", quoted(other)))),
        })
    }

    /// The files of a component. Digests of the component itself are those of its one file, wherever
    /// that can be had from; a reference with digests of its own is one file of several.
    fn artifacts(&self, raw: &Component<'_>, line: u32) -> Result<(Vec<Artifact>, Vec<String>), ReadError> {
        let mut unread = Vec::new();
        let mut own = self.digests(raw.hashes.as_deref().unwrap_or_default(), line, &mut unread)?;
        let purl = raw.purl.as_deref().filter(|text| text.contains('?')).and_then(|text| Purl::parse(text).ok());
        for digest in purl.iter().flat_map(Purl::checksums) {
            own.push(digest.map_err(|message| self.malformed(line, message))?);
        }
        own.sort();
        own.dedup();
        let mut artifacts = Vec::new();
        for reference in raw.external_references.iter().flatten().filter(|reference| is_distribution(reference)) {
            artifacts.extend(self.artifact(reference, &own, line, &mut unread)?);
        }
        if !own.is_empty() && !artifacts.iter().any(|artifact: &Artifact| artifact.digests == own) {
            artifacts.push(Artifact { url: None, digests: own });
        }
        artifacts.sort();
        artifacts.dedup();
        Ok((artifacts, unread))
    }

    fn artifact(
        &self,
        reference: &ExternalReference<'_>,
        own: &[Digest],
        line: u32,
        unread: &mut Vec<String>,
    ) -> Result<Option<Artifact>, ReadError> {
        let line = self.line(&reference.url, line);
        let mut digests = self.digests(reference.hashes.as_deref().unwrap_or_default(), line, unread)?;
        let url = &*reference.url;
        // A file without an address is named by the package's purl with the file's digests.
        if url.starts_with("pkg:") {
            for digest in Purl::parse(url).iter().flat_map(Purl::checksums) {
                digests.push(digest.map_err(|message| self.malformed(line, message))?);
            }
            digests.sort();
            digests.dedup();
            return Ok((!digests.is_empty()).then_some(Artifact { url: None, digests }));
        }
        if !url.starts_with("http://") && !url.starts_with("https://") && !is_git(url) && digests.is_empty() {
            return Ok(None);
        }
        let digests = if digests.is_empty() { own.to_vec() } else { digests };
        Ok(Some(Artifact { url: Some(Address::new(url)), digests }))
    }

    fn digests(&self, hashes: &[Hash<'_>], line: u32, unread: &mut Vec<String>) -> Result<Vec<Digest>, ReadError> {
        let mut digests = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.cyclonedx() == Some(&hash.alg));
            let Some(algorithm) = algorithm else {
                unread.push(format!("{} {}", &*hash.alg, &*hash.content));
                continue;
            };
            let wrong = |error: DigestError| {
                self.malformed(self.line(&hash.content, line), format!("the hash {} is wrong: {error}", quoted(&hash.content)))
            };
            digests.push(Digest::from_hex(algorithm, &hash.content).map_err(wrong)?);
        }
        digests.sort();
        digests.dedup();
        Ok(digests)
    }
}

impl Reading<'_> {
    /// Patches of our own documents.
    fn patches(&self, raw: &Component<'_>, line: u32) -> Result<Vec<Patch>, ReadError> {
        let named = raw.properties.iter().flatten().filter(|property| property.name.as_deref() == Some(PATCH));
        let patch =
            |text: &str| told::patch(text).ok_or_else(|| self.malformed(line, format!("{} is no patch with its digest", quoted(text))));
        let mut patches: Vec<Patch> = named.filter_map(|property| property.value.as_deref()).map(patch).collect::<Result<_, _>>()?;
        patches.sort();
        Ok(patches)
    }
}

fn is_distribution(reference: &ExternalReference<'_>) -> bool {
    matches!(&*reference.kind, "distribution" | "source-distribution")
}

fn kind(text: &str) -> Kind {
    match text {
        "application" => Kind::Application,
        "container" | "platform" | "operating-system" | "device" | "device-driver" | "firmware" | "file" => Kind::Other,
        "machine-learning-model" | "data" | "cryptographic-asset" => Kind::Other,
        // `library`, `framework`, and whatever a later version may call one.
        _ => Kind::Package,
    }
}

/// A part of the subject is first-party when it says so by a property of ours, or when it claims to
/// be no package of any registry; a package that is put there is one all the same. What has a digest
/// or an address was fetched, whatever it says of itself.
fn standing<'a>(raw: &Component<'a>, place: Place) -> Standing<'a> {
    let folder = said(raw, &[FOLDER]);
    let says_so = || folder.is_some() || said(raw, &[SOURCE]).as_deref() == Some("first-party");
    let is_fetched =
        raw.hashes.as_ref().is_some_and(|hashes| !hashes.is_empty()) || raw.external_references.iter().flatten().any(is_distribution);
    match place {
        Place::Subject => Standing::Subject { folder },
        Place::InSubject if !is_fetched && (says_so() || raw.purl.is_none()) => Standing::Part { folder },
        Place::InSubject | Place::Listed => Standing::ThirdParty,
    }
}

fn property<'r, 'a>(raw: &'r Component<'a>, name: &str) -> Option<&'r Property<'a>> {
    raw.properties.iter().flatten().find(|property| property.name.as_deref() == Some(name))
}

/// The value of the first of the properties that is there.
fn said<'a>(raw: &Component<'a>, names: &[&str]) -> Option<Cow<'a, str>> {
    let value = |name: &&str| property(raw, name)?.value.as_ref().map(|text| text.0.clone());
    names.iter().find_map(value)
}

/// What the author declared counts before what somebody concluded. How several licences belong
/// together the specification leaves open, so they are kept as they are named.
fn licence(choices: &[LicenceChoice<'_>], licences: &mut Licences) -> Option<Licence> {
    let acknowledged = |choice: &LicenceChoice<'_>| {
        let inner = choice.license.as_ref().and_then(|licence| licence.acknowledgement.as_deref());
        choice.acknowledgement.as_deref().or(inner) == Some("concluded")
    };
    fn text<'c>(choice: &'c LicenceChoice<'_>) -> Option<&'c str> {
        let licence = choice.license.as_ref();
        let stated = licence.and_then(|licence| licence.id.as_ref().or(licence.name.as_ref())).or(choice.expression.as_ref());
        stated.map(|text| &**text).filter(|text| *text != "NOASSERTION")
    }
    let texts = |concluded: bool| choices.iter().filter(|choice| acknowledged(choice) == concluded).filter_map(text).collect::<Vec<_>>();
    let declared = texts(false);
    let stated = if declared.is_empty() { texts(true) } else { declared };
    match stated.as_slice() {
        [] => None,
        [only] => licences.parse(only),
        several => Some(Licence::Name(several.join(", ").into())),
    }
}
