//! Package URLs, by the package-url specification.
//!
//! Written here and not by a library: the libraries follow the rule that npm names are lower case,
//! which would name `JSONStream` by its namesake `jsonstream`, another package of the registry.

use super::{Package, PackageSource};

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
