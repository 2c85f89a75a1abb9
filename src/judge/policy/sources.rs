//! What a policy says of where packages may come from.

use crate::model::{Package, PackageSource};

/// What stands in a list of registries for those that an ecosystem has by default.
pub const DEFAULT: &str = "default";

/// An entry of a list, and its line in the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub text: String,
    pub line: u32,
}

/// Lists of what is allowed; `None` where nobody made one, and then everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Addresses, or [`DEFAULT`].
    pub registries: Option<Vec<Listed>>,
    /// Hosts, or the beginning of a path at one: `git.corp.example/team`.
    pub git: Option<Vec<Listed>>,
    /// As for git.
    pub archives: Option<Vec<Listed>>,
}

impl Listed {
    /// Whether a package of the registry comes from this one, which is not the default.
    pub fn has(&self, source: &PackageSource) -> bool {
        matches!(source, PackageSource::Registry { index: Some(index) } if covers(&self.text, index.as_str()))
    }
}

impl Sources {
    /// The list that says of this kind of source what is allowed, by its name, and the entry that allows it.
    pub fn judge<'s>(&'s self, package: &Package) -> Option<(&'static str, Option<&'s Listed>)> {
        let (name, list, of_place) = match &package.source {
            PackageSource::Registry { index: None } => ("registries", &self.registries, None),
            PackageSource::Registry { index: Some(index) } => ("registries", &self.registries, Some(index)),
            PackageSource::Git { repository, .. } => ("git", &self.git, Some(repository)),
            PackageSource::Archive { url } => ("archives", &self.archives, Some(url)),
            PackageSource::Path { .. } | PackageSource::FirstParty { .. } => return None,
        };
        let list = list.as_ref()?;
        let allows = |entry: &&Listed| match of_place {
            None => entry.text == DEFAULT,
            Some(address) => entry.text != DEFAULT && covers(&entry.text, address.as_str()),
        };
        Some((name, list.iter().find(allows)))
    }

    /// Whether the registry at this address is one that a list names.
    pub fn names_registry(&self, address: &str) -> bool {
        self.registries.iter().flatten().any(|entry| entry.text != DEFAULT && covers(&entry.text, address))
    }

    /// Every entry with the name of its list.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, &Listed)> {
        let lists = [("registries", &self.registries), ("git", &self.git), ("archives", &self.archives)];
        lists.into_iter().flat_map(|(name, list)| list.iter().flatten().map(move |entry| (name, entry)))
    }
}

/// Whether an address is the entry's, or lies below it. The host counts whole, and so does each segment of
/// a path: `corp.example` is neither `corp.example.org` nor `corp.example@other.example`.
fn covers(entry: &str, address: &str) -> bool {
    let Some((scheme, place)) = parts(address) else { return false };
    let (wanted, entry) = match entry.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, entry),
    };
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&scheme)) {
        return false;
    }
    let entry = entry.trim_end_matches('/');
    let (host, path) = place.split_once('/').unwrap_or((&place, ""));
    let (wanted_host, wanted_path) = entry.split_once('/').unwrap_or((entry, ""));
    // A way up in a path leads to what the entry does not name.
    let is_plain = !path.split('/').any(|segment| matches!(segment, "." | "..") || segment.contains('\\') || segment.contains('%'));
    let below = path.strip_prefix(wanted_path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    host.eq_ignore_ascii_case(wanted_host) && (wanted_path.is_empty() || is_plain && below)
}

/// The scheme, and host and path, of a URL or of git's `user@host:path`.
fn parts(address: &str) -> Option<(String, String)> {
    let address = address.split(['?', '#']).next()?;
    if let Some((scheme, rest)) = address.split_once("://") {
        let scheme = scheme.rsplit('+').next()?.to_owned();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit('@').next()?;
        return (!authority.contains('\\')).then(|| (scheme, format!("{host}/{}", path.trim_end_matches('/').trim_end_matches(".git"))));
    }
    let (authority, path) = address.split_once(':')?;
    let host = authority.rsplit('@').next()?;
    (!host.contains(['/', '\\'])).then(|| ("ssh".to_owned(), format!("{host}/{}", path.trim_end_matches(".git"))))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_host_counts_whole() {
        for (entry, address, is_covered) in [
            ("https://npm.example/", "https://npm.example/", true),
            ("https://npm.example", "https://npm.example/simple", true),
            ("https://npm.example", "http://npm.example/", false),
            ("npm.example", "https://npm.example.evil.example/", false),
            ("npm.example", "https://npm.example@evil.example/", false),
            ("npm.example", "https://evil.example/npm.example/", false),
            ("npm.example", "https://npm.example\\@evil.example/", false),
            ("npm.example", "https://npm.example:8443/", false),
            ("npm.example:8443", "https://npm.example:8443/x", true),
            ("git.example/team", "https://git.example/team/fox.git", true),
            ("git.example/team", "https://git.example/teamster/fox", false),
            ("git.example/team", "https://git.example/team/../evil/fox", false),
            ("git.example/team", "https://git.example/team/%2e%2e/evil", false),
            ("git.example/team", "git@git.example:team/fox.git", true),
            ("git.example/team", "git@git.example:evil/fox.git", false),
            ("git.example", "git+ssh://git@GIT.example/evil/fox.git", true),
        ] {
            assert_eq!(covers(entry, address), is_covered, "{entry} {address}");
        }
    }
}
