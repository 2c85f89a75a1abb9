//! What a package URL says of a source: the way back from `model::purl`, and what other tools write.

pub use crate::model::purl::Purl;
use crate::model::{Address, Digest, Ecosystem, PackageSource, registry};
use crate::read::npm;
use std::borrow::Cow;

impl Purl<'_> {
    /// The digests of the qualifier `checksum`.
    pub fn checksums(&self) -> impl Iterator<Item = Result<Digest, String>> {
        let items = self.qualifier("checksum").unwrap_or_default().split(',').filter(|item| !item.is_empty());
        items.map(|item| Digest::from_prefixed_hex(item).map_err(|error| format!("the checksum of its purl is wrong: {error}")))
    }

    /// Where the package comes from, by the qualifiers. `said` is what our own properties say of it,
    /// which tells apart what one qualifier stands for in several cases.
    pub fn source(&self, ecosystem: Ecosystem, said: &Said<'_>) -> PackageSource {
        if let Some(url) = self.qualifier("vcs_url") {
            return git(url, said);
        }
        if let Some(url) = self.qualifier("download_url") {
            return match url.strip_prefix("file:") {
                Some(path) if said.kind != Some("archive") => PackageSource::Path { path: path.into() },
                // Some tools write the address of a registry's file here.
                _ if ecosystem == Ecosystem::Npm && said.kind.is_none() => {
                    npm::source(Some(url), &self.full_name(), self.version.as_deref(), true)
                }
                _ => PackageSource::Archive { url: Address::new(url) },
            };
        }
        let index = self.qualifier("repository_url").filter(|index| !is_default(ecosystem, index));
        PackageSource::Registry { index: index.map(Address::new) }
    }
}

/// What properties of our namespace say of a component's source.
#[derive(Debug, Default)]
pub struct Said<'d> {
    pub kind: Option<&'d str>,
    pub commit: Option<&'d str>,
    pub reference: Option<&'d str>,
}

/// The default registry of the ecosystem, which other tools name with a scheme or without.
fn is_default(ecosystem: Ecosystem, index: &str) -> bool {
    let with_scheme = if index.contains("://") { Cow::Borrowed(index) } else { Cow::Owned(format!("https://{index}")) };
    match ecosystem {
        Ecosystem::Cargo => registry::is_crates_io(with_scheme.trim_start_matches("registry+").trim_start_matches("sparse+")),
        Ecosystem::Npm => registry::is_public_npm(&with_scheme),
        Ecosystem::Pypi => registry::is_pypi(&with_scheme) || registry::is_pypi(&format!("{}/simple", with_scheme.trim_end_matches('/'))),
    }
}

/// `git+URL@COMMIT`, the form of SPDX's download locations, with a folder after `#`; a branch or tag
/// may stand in the commit's place. npm writes `#COMMIT`. `user@host:path` has become
/// `git+ssh://user@host:path`.
pub fn git(url: &str, said: &Said<'_>) -> PackageSource {
    let is_commit = |text: &&str| said.commit == Some(text) || matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (before, fragment) = url.split_once('#').map_or((url, None), |(before, fragment)| (before, Some(fragment)));
    let is_folder = fragment.is_some_and(|fragment| !is_commit(&fragment) && !fragment.contains(['=', '@']));
    let pinned_at = |text: &str| said.commit.and_then(|commit| Some((text.strip_suffix(commit)?.strip_suffix('@')?.len(), commit)));
    let (address, pinned) = match pinned_at(url).or_else(|| pinned_at(before).filter(|_| is_folder)) {
        Some((end, commit)) => (&url[..end], Some(commit)),
        None if fragment.is_some_and(|fragment| is_commit(&fragment)) => (before, fragment),
        None if is_folder && !before.contains('@') => (before, None),
        None => match before.rfind('@').filter(|&at| at > before.rfind('/').unwrap_or(0) && !before[at..].contains(':')) {
            Some(at) => (&before[..at], Some(&before[at + 1..])),
            None if said.kind.is_some() => (url, None),
            None => (before, None),
        },
    };
    let address = match address.strip_prefix("git+ssh://").filter(|rest| is_scp(rest)) {
        Some(scp) => scp,
        None => address.strip_prefix("git+").unwrap_or(address),
    };
    let commit = pinned.filter(is_commit);
    let reference = said.reference.or(pinned.filter(|text| !is_commit(text)));
    let folder = fragment.filter(|_| is_folder).map(|folder| format!("#subdirectory={folder}")).unwrap_or_default();
    let repository = Address::new(&format!("{address}{folder}"));
    PackageSource::Git { repository, commit: commit.map(Into::into), reference: reference.map(Into::into) }
}

/// Whether an address is a git repository's, at a commit or not.
pub fn is_git(address: &str) -> bool {
    ["git+", "git://", "git@", "ssh://"].iter().any(|start| address.starts_with(start))
}

/// `user@host:path`: what stands after the colon is no port.
fn is_scp(text: &str) -> bool {
    let Some((host, path)) = text.split_once(':') else { return false };
    let port = path.split('/').next().unwrap_or_default();
    host.contains('@') && !host.contains('/') && (port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{Purl, Said};
    use crate::model::{Ecosystem, PackageSource, registry};

    /// Default registries may not be named in fixtures, so what they mean in a purl is shown here.
    #[test]
    fn the_default_registries_are_no_other() {
        let source = |ecosystem: Ecosystem, index: &str| {
            let text = format!("pkg:{ecosystem}/ant@1.0.0?repository_url={index}");
            Purl::parse(&text).unwrap().source(ecosystem, &Said::default())
        };
        let without_scheme = |text: &'static str| text.split_once("://").unwrap().1;
        for (ecosystem, index) in [
            (Ecosystem::Npm, registry::NPM),
            (Ecosystem::Npm, without_scheme(registry::NPM)),
            (Ecosystem::Npm, registry::NPM_BY_YARN),
            (Ecosystem::Cargo, registry::CRATES_IO_GIT_INDEX),
            (Ecosystem::Cargo, registry::CRATES_IO_SPARSE_INDEX),
            (Ecosystem::Pypi, registry::PYPI),
            (Ecosystem::Pypi, registry::PYPI.trim_end_matches("/simple")),
            (Ecosystem::Pypi, without_scheme(registry::PYPI)),
        ] {
            assert_eq!(source(ecosystem, index), PackageSource::default_registry(), "{index}");
        }
        let lookalike = format!("{}.evil.example", registry::NPM);
        assert_ne!(source(Ecosystem::Npm, &lookalike), PackageSource::default_registry());
    }
}
