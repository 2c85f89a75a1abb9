//! Package URLs, by the package-url specification.
//!
//! Written here and not by a library: the libraries follow the rule that npm names are lower case,
//! which would name `JSONStream` by its namesake `jsonstream`, another package of the registry.

use super::name::NameError;
use super::text::quoted;
use super::version::VersionError;
use super::{Address, Ecosystem, Package, PackageName, PackageSource, Version};
use std::borrow::Cow;
use std::fmt;

/// The canonical purl of a package. The source shows in the qualifier: `repository_url` for a
/// registry that is not the type's default, `vcs_url` (SPDX download-location syntax,
/// `git+URL@COMMIT`) for git, `download_url` for a file at an address.
pub fn of(package: &Package) -> String {
    let (namespace, name) = package.name.split_scope();
    let mut purl = String::with_capacity(96);
    purl.push_str("pkg:");
    purl.push_str(package.ecosystem.purl_type());
    for segment in namespace.into_iter().chain([name]) {
        purl.push('/');
        encode(segment, &mut purl);
    }
    if let Some(version) = &package.version {
        purl.push('@');
        encode(version.as_str(), &mut purl);
    }
    if let Some((key, value)) = qualifier(&package.source) {
        purl.push('?');
        purl.push_str(key);
        purl.push('=');
        encode(&value, &mut purl);
    }
    purl
}

fn qualifier(source: &PackageSource) -> Option<(&'static str, String)> {
    match source {
        PackageSource::FirstParty { .. } | PackageSource::Registry { index: None } => None,
        PackageSource::Registry { index: Some(index) } => Some(("repository_url", index.to_string())),
        PackageSource::Git { repository, commit, .. } => {
            let scheme = if repository.as_str().contains("://") { "git+" } else { "git+ssh://" };
            let at = commit.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
            // pip's way to name a folder of a repository, in SPDX's words.
            let (repository, folder) = repository.as_str().split_once("#subdirectory=").unwrap_or((repository.as_str(), ""));
            let folder = if folder.is_empty() { String::new() } else { format!("#{folder}") };
            Some(("vcs_url", format!("{scheme}{repository}{at}{folder}")))
        }
        PackageSource::Archive { url } => Some(("download_url", url.to_string())),
        PackageSource::Path { path } => Some(("download_url", format!("file:{path}"))),
    }
}

/// Percent-encodes everything but unreserved characters and the colon (purl-spec, "character
/// encoding").
fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(byte as char);
        } else {
            out.extend(['%', DIGITS[(byte >> 4) as usize] as char, DIGITS[(byte & 15) as usize] as char]);
        }
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PurlError {
    #[error("{} is no package URL: {}", quoted(.0), .1)]
    Form(String, &'static str),
    #[error("packages of the type {} are not known; cargo, npm and pypi are", quoted(.0))]
    Type(String),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Version(#[from] VersionError),
}

/// The package of a purl. A qualifier tells the source as [`of`] writes it; others are passed over.
pub fn parse(text: &str) -> Result<Package, PurlError> {
    let purl = Purl::parse(text).map_err(|what| PurlError::Form(text.to_owned(), what))?;
    let ecosystem = Ecosystem::from_purl_type(&purl.kind).ok_or_else(|| PurlError::Type(purl.kind.to_string()))?;
    Ok(Package {
        ecosystem,
        name: PackageName::new(ecosystem, &purl.full_name())?,
        version: purl.version.as_deref().map(Version::new).transpose()?,
        source: source(&purl),
    })
}

fn source(purl: &Purl<'_>) -> PackageSource {
    let value = |key| purl.qualifier(key).map(Address::new);
    match (value("vcs_url"), value("download_url")) {
        (Some(repository), _) => PackageSource::Git { repository, commit: None, reference: None },
        (None, Some(url)) => PackageSource::Archive { url },
        (None, None) => PackageSource::Registry { index: value("repository_url") },
    }
}

/// The parts of a package URL, decoded, in the form that the specification calls canonical; but for
/// npm's names, which stay letter by letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purl<'p> {
    /// The type, in small letters.
    pub kind: Cow<'p, str>,
    /// Segments joined by `/`.
    pub namespace: Option<Cow<'p, str>>,
    pub name: Cow<'p, str>,
    pub version: Option<Cow<'p, str>>,
    /// Sorted by their keys, which are in small letters; none twice, none without a value.
    pub qualifiers: Qualifiers<'p>,
    /// Segments joined by `/`, none of them empty, `.` or `..`.
    pub subpath: Option<Cow<'p, str>>,
}

pub type Qualifiers<'p> = Vec<(Cow<'p, str>, Cow<'p, str>)>;

/// Qualifiers of one purl at most; the specification knows a dozen.
const MOST_QUALIFIERS: usize = 50;

impl<'p> Purl<'p> {
    /// What is wrong with it, as a clause, where it is none (purl-spec, "how to parse a purl string").
    pub fn parse(text: &'p str) -> Result<Self, &'static str> {
        let rest = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:")).map(|_| &text[4..]);
        let rest = rest.ok_or("it does not begin with `pkg:`")?.trim_start_matches('/');
        let (rest, subpath) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, path) = path.split_once('/').ok_or("it has no name")?;
        let path = path.trim_matches('/');
        let (namespace, last) = path.rsplit_once('/').map_or((None, path), |(namespace, last)| (Some(namespace), last));
        let (name, version) = last.rfind('@').map_or((last, None), |at| (&last[..at], Some(&last[at + 1..])));
        let purl = Purl {
            kind: Cow::Borrowed(kind),
            namespace: namespace.filter(|text| !text.is_empty()).map(decoded).transpose()?,
            name: decoded(name)?,
            version: version.filter(|text| !text.is_empty()).map(decoded).transpose()?,
            qualifiers: read_qualifiers(qualifiers)?,
            subpath: Some(decoded(subpath)?),
        };
        purl.canonical()
    }

    /// The parts in their canonical form; what is wrong with them where they are none of a purl.
    pub fn canonical(mut self) -> Result<Self, &'static str> {
        let is_kind = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if !self.kind.starts_with(|c: char| c.is_ascii_alphabetic()) || !self.kind.chars().all(is_kind) {
            return Err("its type is none");
        }
        if self.name.is_empty() {
            return Err("it has no name");
        }
        if self.qualifiers.iter().any(|(key, _)| !is_key(key)) {
            return Err("the name of a qualifier is none");
        }
        self.kind = lower(self.kind);
        if self.kind == "pypi" {
            let name = PackageName::new(Ecosystem::Pypi, &self.name).ok().filter(|name| name.as_str() != self.name);
            self.name = name.map_or(self.name, |name| Cow::Owned(name.as_str().to_owned()));
        }
        self.qualifiers.sort();
        let segments = |text: &str| text.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect::<Vec<_>>().join("/");
        self.subpath = self.subpath.map(|text| Cow::Owned(segments(&text))).filter(|text: &Cow<'_, str>| !text.is_empty());
        Ok(self)
    }

    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == key).map(|(_, value)| &**value)
    }

    pub fn ecosystem(&self) -> Option<Ecosystem> {
        Ecosystem::from_purl_type(&self.kind)
    }

    /// `namespace/name`, as npm writes a scoped name.
    pub fn full_name(&self) -> Cow<'_, str> {
        match &self.namespace {
            Some(namespace) => Cow::Owned(format!("{namespace}/{}", self.name)),
            None => Cow::Borrowed(&self.name),
        }
    }
}

/// The canonical text (purl-spec, "how to build a purl string from its components").
impl fmt::Display for Purl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = format!("pkg:{}", self.kind);
        for segment in self.namespace.iter().flat_map(|namespace| namespace.split('/')).filter(|segment| !segment.is_empty()) {
            out.push('/');
            encode(segment, &mut out);
        }
        out.push('/');
        encode(&self.name, &mut out);
        if let Some(version) = &self.version {
            out.push('@');
            encode(version, &mut out);
        }
        for (number, (key, value)) in self.qualifiers.iter().enumerate() {
            out.push(if number == 0 { '?' } else { '&' });
            out.push_str(key);
            out.push('=');
            encode(value, &mut out);
        }
        for (number, segment) in self.subpath.iter().flat_map(|subpath| subpath.split('/')).enumerate() {
            out.push(if number == 0 { '#' } else { '/' });
            encode(segment, &mut out);
        }
        f.write_str(&out)
    }
}

fn read_qualifiers(text: &str) -> Result<Qualifiers<'_>, &'static str> {
    let mut qualifiers = Qualifiers::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or("a qualifier has no value")?;
        let key = lower(Cow::Borrowed(key));
        if !is_key(&key) {
            return Err("the name of a qualifier is none");
        }
        if qualifiers.iter().any(|(known, _)| *known == key) {
            return Err("a qualifier stands in it twice");
        }
        if qualifiers.len() == MOST_QUALIFIERS {
            return Err("it has too many qualifiers");
        }
        if !value.is_empty() {
            qualifiers.push((key, decoded(value)?));
        }
    }
    Ok(qualifiers)
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { text }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, &'static str> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit =
            |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).ok_or("a percent sign in it is not followed by two hex digits");
        bytes.push(if byte == b'%' { (digit(rest.next())? << 4 | digit(rest.next())?) as u8 } else { byte });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| "it is not UTF-8 when decoded")
}
