//! Package URLs, by the package-url specification.
//!
//! Written here and not by a library: the libraries follow the rule that npm names are lower case,
//! which would name `JSONStream` by its namesake `jsonstream`, another package of the registry.

use super::name::NameError;
use super::text::quoted;
use super::version::VersionError;
use super::{Address, Ecosystem, Package, PackageName, PackageSource, Version};

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
    #[error("{} is no package URL: it has the form pkg:TYPE/NAME@VERSION", quoted(.0))]
    Form(String),
    #[error("packages of the type {} are not known; cargo, npm and pypi are", quoted(.0))]
    Type(String),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Version(#[from] VersionError),
}

/// The package of a purl, whose name stays letter by letter (npm's namesakes in other case are other
/// packages). A qualifier tells the source as [`of`] writes it; others are passed over.
pub fn parse(text: &str) -> Result<Package, PurlError> {
    let form = || PurlError::Form(text.to_owned());
    let rest = text.strip_prefix("pkg:").ok_or_else(form)?.trim_start_matches('/');
    let rest = rest.split('#').next().unwrap_or(rest);
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = path.split_once('/').ok_or_else(form)?;
    let ecosystem = Ecosystem::from_purl_type(kind).ok_or_else(|| PurlError::Type(kind.to_owned()))?;
    // An @ right after a slash, or at the start, begins an npm scope.
    let at = path.rfind('@').filter(|at| *at > 0 && path.as_bytes()[at - 1] != b'/');
    let (name, version) = at.map_or((path, ""), |at| (&path[..at], &path[at + 1..]));
    let name = decode(name.trim_end_matches('/')).ok_or_else(form)?;
    let version = decode(version).ok_or_else(form)?;
    Ok(Package {
        ecosystem,
        name: PackageName::new(ecosystem, &name)?,
        version: if version.is_empty() { None } else { Some(Version::new(&version)?) },
        source: source(qualifiers),
    })
}

fn source(qualifiers: &str) -> PackageSource {
    let value = |wanted: &str| {
        let pair = qualifiers.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == wanted);
        pair.and_then(|(_, value)| decode(value)).map(|text| Address::new(&text))
    };
    if let Some(repository) = value("vcs_url") {
        return PackageSource::Git { repository, commit: None, reference: None };
    }
    match value("download_url") {
        Some(url) => PackageSource::Archive { url },
        None => PackageSource::Registry { index: value("repository_url") },
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}
