//! SPDX documents: JSON and tag-value of the versions 2.2 and 2.3, JSON-LD of 3.0.
//!
//! A package says which one it is by a package URL among its external references. What it requires
//! stands in relationships, which are told in either direction and in a dozen words.

mod tag_value;
mod v2;
mod v3;

use super::document::purl::{Purl, is_git};
use super::document::told::{self, Properties};
use super::document::{self, Component, Document, Kind, Relation, SaidOf, Standing};
use super::error::ReadErrorKind;
use super::json::Text;
use super::{Capabilities, Files, Format, FormatId, Parsed, Rare, RareFields, ReadError, Want};
use crate::model::licence::Licence;
use crate::model::text::{quoted, shortened, visible};
use crate::model::{Address, Algorithm, Artifact, Digest, Ecosystem, Gap, GapKind, Lines, Location, Patch, RelPath, Scope, SourceFile};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

pub struct Spdx;

const ID: FormatId = "spdx";
const KNOWN: &str = "2.2, 2.3 and 3.0";

impl Format for Spdx {
    fn id(&self) -> FormatId {
        ID
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        None
    }

    fn is_document(&self) -> bool {
        true
    }

    fn names(&self) -> &[&str] {
        &["*.spdx.json", "*.spdx", "*.spdx3.json"]
    }

    fn claims(&self, path: &RelPath) -> bool {
        [".spdx.json", ".spdx", ".spdx3.json"].iter().any(|ending| path.file_name().ends_with(ending))
    }

    fn is_form_of(&self, file: &SourceFile) -> bool {
        let text = file.text();
        let has = |mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
        if is_json(text) { has("\"spdxVersion\"") || has(v3::CONTEXT) } else { text.lines().take(100).any(tag_value::is_version) }
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[])
    }

    fn companions(&self, _files: &Files) -> Vec<Want> {
        Vec::new()
    }

    fn knows(&self) -> Capabilities {
        document::KNOWS
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let reading = Reading { file: &files.lockfile, lines: Lines::new(files.lockfile.text()) };
        let text = files.lockfile.text();
        let document = match is_json(text) {
            true if memchr::memmem::find(text.as_bytes(), v3::CONTEXT.as_bytes()).is_some() => v3::read(&reading)?,
            true => v2::read(&reading, super::json::parse(reading.file)?)?,
            false => v2::read(&reading, tag_value::read(&reading)?)?,
        };
        document.into_parsed(files.path())
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The file that is being read, for lines and errors.
struct Reading<'a> {
    file: &'a SourceFile,
    lines: Lines<'a>,
}

/// A package as all versions have it.
struct Package<'a> {
    id: Text<'a>,
    line: u32,
    name: Text<'a>,
    version: Option<Cow<'a, str>>,
    /// In the order of the document: those that an external reference names.
    purls: Vec<Text<'a>>,
    download: Option<Text<'a>>,
    /// Algorithm and digits.
    checksums: Vec<(Text<'a>, Text<'a>)>,
    licence: Option<Licence>,
    kind: Kind,
    /// Further files of it, or places where its one file lies.
    files: Vec<PackageFile<'a>>,
    told: Properties<'a>,
}

/// A file of a package: its address, or where none is known the package's purl with the file's checksums.
struct PackageFile<'a> {
    locator: Text<'a>,
    /// Algorithm and digits; none where they are the package's own.
    checksums: Vec<(Text<'a>, Text<'a>)>,
}

/// A relationship between elements.
struct Related<'a> {
    from: Cow<'a, str>,
    to: Cow<'a, str>,
    line: u32,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Requires(Scope),
    Contains,
}

impl<'a> Package<'a> {
    /// A part of the subject is first-party where it says so by a property of ours. What has a digest or an address was
    /// fetched, whatever it says of itself.
    fn standing(&self, subjects: &HashSet<Cow<'a, str>>, parts: &HashSet<Cow<'a, str>>) -> Standing<'a> {
        let folder = || self.told.said(&[told::FOLDER]);
        let is_fetched = !self.checksums.is_empty() || !self.files.is_empty() || self.download.is_some();
        match &self.id.0 {
            id if subjects.contains(id) => Standing::Subject { folder: folder() },
            id if parts.contains(id) && !is_fetched && self.told.is_first_party() => Standing::Part { folder: folder() },
            _ => Standing::ThirdParty,
        }
    }
}

impl<'a> Reading<'a> {
    fn line(&self, text: &Text<'_>, otherwise: u32) -> u32 {
        text.line(self.file.text(), &self.lines, otherwise)
    }

    fn malformed(&self, line: u32, message: String) -> ReadError {
        ReadError::malformed(self.file.path(), line, message)
    }

    fn unknown_version(&self, found: &str, line: u32) -> ReadError {
        let kind = ReadErrorKind::UnknownVersion { found: visible(&shortened(found, 40)).into_owned(), known: KNOWN };
        ReadError::new(self.file.path(), Some(line), kind)
    }

    /// A document of what was read. `described` are the elements that it is about.
    fn document(
        &self,
        dialect: &'static str,
        packages: Vec<Package<'a>>,
        described: &HashSet<&str>,
        related: Vec<Related<'a>>,
    ) -> Result<Document<'a>, ReadError> {
        let mut document = Document::new(ID, dialect);
        // One is the subject. Of several, those that are packages of a registry are just that: a
        // document may call everything that it lists what it describes.
        let described: Vec<bool> = packages.iter().map(|package| described.contains(&*package.id)).collect();
        let is_alone = described.iter().filter(|is_described| **is_described).count() == 1;
        let is_subject = |package: &Package<'_>, is_described: bool| is_described && (is_alone || package.purls.is_empty());
        let subjects = packages.iter().zip(&described).filter(|(package, is_described)| is_subject(package, **is_described));
        let subjects: HashSet<Cow<'a, str>> = subjects.map(|(package, _)| package.id.0.clone()).collect();
        let parts: HashSet<Cow<'a, str>> = related
            .iter()
            .filter(|related| related.how == How::Contains && subjects.contains(&related.from))
            .map(|related| related.to.clone())
            .collect();
        for package in packages {
            let standing = package.standing(&subjects, &parts);
            document.gaps.extend(self.second_purl(&package));
            document.tells_scopes |= package.told.all(told::SCOPE).next().is_some();
            document.components.push(self.component(package, standing)?);
        }
        document.tells_scopes |= related.iter().any(|related| matches!(related.how, How::Requires(scope) if scope != Scope::Runtime));
        relate(&mut document, related);
        Ok(document)
    }

    fn component(&self, package: Package<'a>, standing: Standing<'a>) -> Result<Component<'a>, ReadError> {
        let mut unread_digests = Vec::new();
        let own = self.digests(&package.checksums, package.line, &mut unread_digests)?;
        let mut artifacts = Vec::with_capacity(1 + package.files.len());
        for file in &package.files {
            artifacts.extend(self.artifact(file, &own, package.line, &mut unread_digests)?);
        }
        let is_address = |url: &&Text<'_>| url.starts_with("http://") || url.starts_with("https://") || is_git(url);
        let url = package.download.as_ref().filter(is_address).map(|url| Address::new(url));
        // Of a place that is one of the files', the file knows more.
        let is_listed = own.is_empty() && artifacts.iter().any(|artifact| artifact.url == url);
        if url.is_some() && !is_listed || !own.is_empty() && !artifacts.iter().any(|artifact: &Artifact| artifact.digests == own) {
            artifacts.push(Artifact { url, digests: own });
        }
        artifacts.sort();
        artifacts.dedup();
        let patches = self.patches(&package)?;
        let said = |names: &[&str]| package.told.said(names);
        let deprecated = said(&[told::DEPRECATED]).map(|notice| (*notice).into());
        Ok(Component {
            reference: Some(package.id.0),
            line: package.line,
            standing,
            kind: package.kind,
            group: None,
            name: package.name.0,
            version: package.version,
            purl: package.purls.into_iter().next().map(|purl| purl.0),
            said: SaidOf {
                ecosystem: said(&[told::ECOSYSTEM]),
                kind: said(&[told::SOURCE]),
                commit: said(&told::COMMITS),
                reference: said(&told::REFERENCES),
            }
            .boxed(),
            scope: said(&[told::SCOPE]).and_then(|text| Scope::STRONGEST_FIRST.into_iter().find(|scope| scope.as_str() == text)),
            rare: Rare::of(RareFields { patches, deprecated, ..RareFields::default() }),
            bundled: package.told.is_true(told::BUNDLED),
            install_script: package.told.is_true(told::INSTALL_SCRIPT),
            artifacts,
            unread_digests,
            licence: package.licence,
        })
    }

    fn artifact(&self, file: &PackageFile<'a>, own: &[Digest], line: u32, unread: &mut Vec<String>) -> Result<Option<Artifact>, ReadError> {
        let mut digests = self.digests(&file.checksums, line, unread)?;
        if !file.locator.starts_with("pkg:") {
            let digests = if digests.is_empty() { own.to_vec() } else { digests };
            return Ok(Some(Artifact { url: Some(Address::new(&file.locator)), digests }));
        }
        for digest in Purl::parse(&file.locator).iter().flat_map(Purl::checksums) {
            digests.push(digest.map_err(|message| self.malformed(self.line(&file.locator, line), message))?);
        }
        digests.sort();
        digests.dedup();
        Ok((!digests.is_empty()).then_some(Artifact { url: None, digests }))
    }

    fn digests(&self, checksums: &[(Text<'a>, Text<'a>)], line: u32, unread: &mut Vec<String>) -> Result<Vec<Digest>, ReadError> {
        let mut digests = Vec::with_capacity(checksums.len());
        for (algorithm, digits) in checksums {
            match Algorithm::from_prefix(&algorithm.to_ascii_lowercase()) {
                None => unread.push(format!("{} {}", &**algorithm, &**digits)),
                Some(known) => digests.push(Digest::from_hex(known, digits).map_err(|error| {
                    let message = format!("the checksum {} is wrong: {error}", quoted(digits));
                    self.malformed(self.line(digits, line), message)
                })?),
            }
        }
        digests.sort();
        digests.dedup();
        Ok(digests)
    }

    fn patches(&self, package: &Package<'a>) -> Result<Vec<Patch>, ReadError> {
        let patch = |text: &Text<'_>| {
            let message = || format!("{} is no patch with its digest", quoted(text));
            told::patch(text).ok_or_else(|| self.malformed(self.line(text, package.line), message()))
        };
        let mut patches: Vec<Patch> = package.told.all(told::PATCH).map(patch).collect::<Result<_, _>>()?;
        patches.sort();
        Ok(patches)
    }

    /// What our own document says of itself.
    fn told(&self, properties: &Properties<'_>, document: &mut Document<'a>) {
        let gap = |text: &Text<'_>| told::gap(text, self.file.path(), self.line(text, 1));
        document.gaps.extend(properties.all(told::GAP).map(gap));
        document.not_told.extend(properties.all(told::NOT_TOLD).filter_map(|text| told::not_told(text)));
        // Each of its lockfiles told what packages are for, or it says which did not.
        document.tells_scopes |= properties.all(told::LOCKFILE).next().is_some();
    }

    /// A package of two identities: which of them is meant nobody says.
    fn second_purl(&self, package: &Package<'_>) -> Option<Gap> {
        let first = package.purls.first()?;
        let other = package.purls.iter().find(|purl| *purl != first)?;
        let message = format!("{} and {} are said to be one package", quoted(first), quoted(other));
        Some(Gap::at(GapKind::UnknownRequirement, &Location::new(self.file.path(), package.line), message))
    }
}

/// What is contained in the subject is not what the subject asks for: such an edge stands only where
/// nothing else leads to a package, and does not tell what is direct.
fn relate<'a>(document: &mut Document<'a>, related: Vec<Related<'a>>) {
    let subjects: HashSet<Cow<'a, str>> = document
        .components
        .iter()
        .filter(|component| matches!(component.standing, Standing::Subject { .. }))
        .filter_map(|component| component.reference.clone())
        .collect();
    let required: HashSet<Cow<'a, str>> =
        related.iter().filter(|related| related.how != How::Contains).map(|related| related.to.clone()).collect();
    let is_part = |component: &&Component<'_>| matches!(component.standing, Standing::Part { .. });
    let parts: HashSet<Cow<'a, str>> = document.components.iter().filter(is_part).filter_map(|part| part.reference.clone()).collect();
    let asks = |related: &Related<'_>| related.how != How::Contains && (subjects.contains(&related.from) || parts.contains(&related.from));
    if !related.iter().any(asks) {
        document.not_told.push("directness");
    }
    let counts = |related: &Related<'_>| {
        let of_subject = subjects.contains(&related.from);
        related.how != How::Contains || !of_subject || !required.contains(&related.to) && !parts.contains(&related.to)
    };
    document.relations.extend(related.into_iter().filter(counts).map(|related| Relation {
        scope: Some(if let How::Requires(scope) = related.how { scope } else { Scope::Runtime }),
        from: related.from,
        to: related.to,
        line: related.line,
    }));
}

/// A licence field; `NOASSERTION` and `NONE` state none. A reference that stands alone means the text that it leads to.
fn licence<'t>(declared: Option<&'t str>, concluded: Option<&'t str>, texts: &Texts<'t>) -> Option<Licence> {
    let stated = [declared, concluded].into_iter().flatten().find(|text| is_stated(text))?;
    Licence::parse(texts.get(stated).copied().unwrap_or(stated))
}

/// The texts of licences by their `LicenseRef-`.
type Texts<'d> = ById<'d, &'d str>;

fn is_stated(text: &str) -> bool {
    !matches!(text.trim(), "" | "NOASSERTION" | "NONE")
}

/// By name in the spelling of version 2; version 3 has fewer, in camel case.
fn kind(purpose: Option<&str>) -> Kind {
    match purpose.map(|purpose| purpose.to_ascii_lowercase().replace(['_', '-'], "")).as_deref() {
        Some("application") => Kind::Application,
        Some("container" | "device" | "devicedriver" | "firmware" | "operatingsystem" | "file" | "platform" | "diskimage") => Kind::Other,
        _ => Kind::Package,
    }
}

/// Elements by their ids, for what refers to one.
type ById<'d, T> = HashMap<&'d str, T>;
