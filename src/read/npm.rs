//! What the lockfiles of the npm family share: how they name sources, aliases and digests.

use super::json::Lenient;
use crate::model::digest::Digest;
use crate::model::licence::{Licence, Licences};
use crate::model::text::quoted;
use crate::model::{Address, Artifact, Ecosystem, Package, PackageSource, range, registry};
use hashbrown::HashMap;

/// The digests of an `integrity` field (W3C Subresource Integrity; several are separated by white
/// space). Items of algorithms that are not known are passed over as long as one is known.
pub fn integrity(text: &str) -> Result<Vec<Digest>, String> {
    // One digest without options is the rule.
    if let Ok(digest) = Digest::from_sri_alone(text) {
        return Ok(vec![digest]);
    }
    let mut digests = Vec::with_capacity(1);
    let mut unknown = None;
    for item in text.split_ascii_whitespace() {
        match Digest::from_sri(item) {
            Ok(digest) => digests.push(digest),
            Err(crate::model::digest::DigestError::Algorithm) => unknown = Some(item),
            Err(error) => return Err(format!("the integrity {} is not one: {error}", quoted(item))),
        }
    }
    match unknown {
        Some(item) if digests.is_empty() => Err(format!("the integrity {} is of no algorithm that is known", quoted(item))),
        _ => {
            // One digest is the rule.
            if digests.len() > 1 {
                digests.sort();
                digests.dedup();
            }
            Ok(digests)
        }
    }
}

/// The text of a `resolved`. Old npms wrote `false` for what comes in a bundle; of a list npm makes
/// a text again, and fetches that.
pub fn resolved<'r>(value: &'r Lenient<'_>) -> Result<Option<&'r str>, String> {
    match value {
        Lenient::Text(text) => Ok(Some(text)),
        Lenient::Other => Ok(None),
        Lenient::List(_) | Lenient::Object(_) => Err("`resolved` is no text".into()),
    }
}

/// The artifact behind `resolved` and `integrity`; none where the lockfile says neither.
pub fn artifact(url: Option<&str>, digests: Vec<Digest>) -> Vec<Artifact> {
    let url = url.filter(|url| is_http(url)).map(Address::new);
    if url.is_none() && digests.is_empty() { Vec::new() } else { vec![Artifact { url, digests }] }
}

/// `npm:NAME@RANGE` as `(NAME, RANGE)`; the range is empty where none is given.
pub fn alias(spec: &str) -> Option<(&str, &str)> {
    let rest = spec.strip_prefix("npm:")?;
    match rest.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => Some((&rest[..at], &rest[at + 1..])),
        None => Some((rest, "")),
    }
}

/// Whether a requirement asks a registry (a range, a tag, an alias), not an address or folder
/// (npm-package-arg).
pub fn asks_registry(spec: &str) -> bool {
    !(spec.contains("://") || spec.contains('/') && alias(spec).is_none() || is_local(spec) || git(spec).is_some())
}

/// Whether a requirement names a file or folder of the machine.
pub fn is_local(spec: &str) -> bool {
    ["file:", "link:", "portal:", "./", "../", "/", "~/"].iter().any(|prefix| spec.starts_with(prefix))
}

/// What the names of packed packages end in.
pub const TARBALLS: [&str; 3] = [".tgz", ".tar.gz", ".tar"];

/// Whether a local path is a packed package, not a folder.
pub fn is_tarball(path: &str) -> bool {
    TARBALLS.iter().any(|ending| path.ends_with(ending))
}

/// Git sources in every spelling of npm-package-arg and hosted-git-info.
pub fn git(text: &str) -> Option<PackageSource> {
    let (address, fragment) = match text.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (text, None),
    };
    let repository = if let Some(rest) = address.strip_prefix("git+") {
        rest.to_owned()
    } else if address.starts_with("git://") || address.starts_with("git@") || address.starts_with("ssh://") {
        address.to_owned()
    } else {
        hosted(address)?
    };
    let commit = fragment.filter(|text| is_commit(text));
    let reference = fragment.filter(|text| !is_commit(text)).map(|text| text.strip_prefix("semver:").unwrap_or(text));
    Some(PackageSource::Git { repository: Address::new(&repository), commit: commit.map(Into::into), reference: reference.map(Into::into) })
}

/// `github:user/repo`, `gitlab:…`, `bitbucket:…`, and `user/repo`, which means GitHub.
fn hosted(address: &str) -> Option<String> {
    const HOSTS: [(&str, &str); 3] = [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")];
    let (host, path) = match HOSTS.iter().find_map(|(prefix, host)| Some((*host, address.strip_prefix(prefix)?))) {
        Some(found) => found,
        None if address.contains(':') || address.starts_with(['.', '/', '@', '~']) => return None,
        None => ("github.com", address),
    };
    let (user, repository) = path.split_once('/')?;
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let fits = plain(user) && (plain(repository) || host == "gitlab.com" && repository.split('/').all(plain));
    fits.then(|| format!("https://{host}/{path}"))
}

/// A commit that a git host packed: how the lockfiles of Yarn and pnpm note `user/repo`.
pub fn hosted_archive(url: &str) -> Option<PackageSource> {
    let segments: Vec<&str> = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?.splitn(6, '/').collect();
    let (host, user, repository, commit) = match segments[..] {
        ["codeload.github.com", user, repository, "tar.gz", commit] => ("github.com", user, repository, commit),
        ["gitlab.com", user, repository, "repository", archive] => {
            ("gitlab.com", user, repository, archive.strip_prefix("archive.tar.gz?ref=")?)
        }
        ["bitbucket.org", user, repository, "get", archive] => ("bitbucket.org", user, repository, archive.strip_suffix(".tar.gz")?),
        _ => return None,
    };
    let source = PackageSource::Git {
        repository: Address::new(&format!("https://{host}/{user}/{repository}")),
        commit: Some(commit.into()),
        reference: None,
    };
    is_commit(commit).then_some(source)
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a package may be what was asked for as `name` and `range`; yes where it cannot be told.
pub fn is_as_asked(name: &str, range: &str, package: &Package) -> bool {
    let asks_registry = !range.contains(['/', ':']);
    match &package.source {
        PackageSource::FirstParty { .. } | PackageSource::Path { .. } => !asks_registry,
        PackageSource::Git { repository, .. } => match git(range) {
            Some(PackageSource::Git { repository: asked, .. }) => are_one_repository(asked.as_str(), repository.as_str()),
            _ => !asks_registry,
        },
        // What was asked for by its address lies at that one.
        PackageSource::Archive { url } if is_http(range) && package.version.is_none() => *url == Address::new(without_fragment(range)),
        // A registry may keep its files at any address.
        PackageSource::Registry { .. } | PackageSource::Archive { .. } => match &package.version {
            Some(version) if asks_registry => {
                // A pre-release may come by a tag, as which `*` and others are taken where nothing else fits.
                let is_judged = !version.as_str().contains('-');
                package.name.as_str() == name && !(is_judged && range::satisfies(Ecosystem::Npm, range, version) == Some(false))
            }
            Some(_) => git(range).is_none() && !is_http(range) && !is_local(range),
            None => !asks_registry,
        },
    }
}

fn is_http(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// Whether two addresses are of one repository: same host, owner and name. The tools write
/// them in ways of their own, by https or ssh, and Bun `gitlab` for `gitlab.com`.
pub fn are_one_repository(one: &str, other: &str) -> bool {
    let parts = |address: &str| {
        let plain = address.trim_end_matches('/').to_ascii_lowercase();
        let rest = plain.trim_end_matches(".git").split_once("://").map_or(plain.as_str(), |(_, rest)| rest).trim_end_matches(".git");
        let host = rest.split('/').next().and_then(|authority| authority.rsplit('@').next()).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let host = ["github", "gitlab", "bitbucket"]
            .into_iter()
            .find(|short| host.strip_prefix(short).is_some_and(|rest| matches!(rest, "" | ".com" | ".org")))
            .unwrap_or(host);
        let path: Vec<String> = rest.rsplit(['/', ':']).take(2).map(str::to_owned).collect();
        (host.to_owned(), path)
    };
    parts(one) == parts(other)
}

/// Where a package comes from, by the address the lockfile resolved it to. An http address without
/// the registry's `/-/` is a registry's own way of naming files (JSR, GitHub Packages) unless some
/// requirement asks for an address. npm installs what lies there, whatever the entry calls it: an
/// address that does not name the package and its version is an address, not a registry's.
pub fn source(resolved: Option<&str>, name: &str, version: Option<&str>, asked_by_address: bool) -> PackageSource {
    Memo::default().source(resolved, name, version, asked_by_address)
}

/// What many entries of a lockfile have in common, read once.
#[derive(Default)]
pub struct Memo {
    registries: HashMap<String, PackageSource>,
    licences: Licences,
}

impl Memo {
    /// As [`source`].
    pub fn source(&mut self, resolved: Option<&str>, name: &str, version: Option<&str>, asked_by_address: bool) -> PackageSource {
        let Some(resolved) = resolved.filter(|text| !text.is_empty()) else { return PackageSource::default_registry() };
        if let Some(path) = resolved.strip_prefix("file:") {
            return PackageSource::Path { path: path.into() };
        }
        if !is_http(resolved) {
            return git(resolved).unwrap_or_else(|| PackageSource::Path { path: resolved.into() });
        }
        match registry_base(resolved, name, version) {
            Some(base) => self.registry(base),
            None if !asked_by_address && is_registrys_own(resolved, name) => self.registry(origin(resolved)),
            None => PackageSource::Archive { url: Address::new(without_fragment(resolved)) },
        }
    }

    fn registry(&mut self, base: &str) -> PackageSource {
        if let Some(source) = self.registries.get(base) {
            return source.clone();
        }
        let index = (!registry::is_public_npm(base)).then(|| Address::new(base));
        self.registries.entry(base.to_owned()).or_insert(PackageSource::Registry { index }).clone()
    }

    /// As [`licence`].
    pub fn licence(&mut self, value: &Lenient<'_>) -> Option<Licence> {
        match value {
            Lenient::Text(text) => self.licences.parse(text),
            _ => licence(value),
        }
    }
}

/// `https://HOST/PATH` of `https://HOST/PATH/NAME/-/FILE`, where NAME and FILE are the package's.
fn registry_base<'u>(url: &'u str, name: &str, version: Option<&str>) -> Option<&'u str> {
    let at = memchr::memmem::find(url.as_bytes(), b"/-/")?;
    let (before, file) = (&url[..at], url[at + 3..].split(['?', '#']).next()?);
    let base = without_name(before, name)?.strip_suffix('/')?;
    let has_host = base.split('/').nth(2).is_some_and(|host| !host.is_empty());
    (has_host && is_file_of(file, name, version)).then_some(base)
}

/// What stands before the name at the end; the `/` of a scoped one may be percent-encoded.
fn without_name<'u>(text: &'u str, name: &str) -> Option<&'u str> {
    let encoded = || ["%2f", "%2F"].iter().find_map(|slash| text.strip_suffix(&name.replace('/', slash)));
    text.strip_suffix(name).or_else(|| if name.contains('/') { encoded() } else { None })
}

/// Whether a registry's file is the package's: `NAME-VERSION.tgz`, with the scope before it at
/// GitLab. Old registries wrote `1.0.0beta` for `1.0.0-beta`, and none writes build metadata.
fn is_file_of(file: &str, name: &str, version: Option<&str>) -> bool {
    let short = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".tgz").unwrap_or(file);
    let rest = stem.strip_prefix(name).or_else(|| stem.strip_prefix(short)).and_then(|rest| rest.strip_prefix('-'));
    let plain = |text: &str| text.split('+').next().unwrap_or(text).trim_start_matches(['v', '=']).replace('-', "");
    rest.is_some_and(|rest| !rest.contains(['/', '\\']) && version.is_none_or(|version| plain(rest) == plain(version)))
}

/// Whether an address without `/-/` is a registry's own way of naming the package's files. The
/// public registry has no such way.
fn is_registrys_own(url: &str, name: &str) -> bool {
    let climbs = |part: &str| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let names_it = path.match_indices(name).any(|(at, _)| path[..at].ends_with('/') && path[at + name.len()..].starts_with('/'));
    !registry::is_public_npm(origin(url)) && names_it && !path.split(['/', '\\']).any(climbs) && !path.contains("/-/")
}

/// `https://HOST` of a URL.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}

/// A licence field: a string, `{type}`, or a list of either (all of them, as alternatives).
pub fn licence(value: &Lenient<'_>) -> Option<Licence> {
    let one = |value: &Lenient<'_>| match value {
        Lenient::Text(text) => Some(text.to_string()),
        Lenient::Object(pairs) => pairs.get("type").and_then(Lenient::text).map(|text| text.to_string()),
        _ => None,
    };
    match value {
        Lenient::List(items) => {
            let texts: Vec<String> = items.iter().filter_map(one).collect();
            Licence::parse(&if texts.len() > 1 { format!("({})", texts.join(" OR ")) } else { texts.concat() })
        }
        other => Licence::parse(&one(other)?),
    }
}

#[cfg(test)]
mod tests {
    use super::{are_one_repository, hosted_archive};

    /// Hosts may not be named in fixtures, so what their archives mean is shown here.
    #[test]
    fn a_packed_commit_is_git_at_that_commit() {
        let commit = "ab".repeat(20);
        let of = |url: &str| hosted_archive(&url.replace("COMMIT", &commit)).map(|source| source.to_string());
        let fox = |host: &str| Some(format!("git https://{host}/zoo/fox#{commit}"));
        assert_eq!(of("https://codeload.github.com/zoo/fox/tar.gz/COMMIT"), fox("github.com"));
        assert_eq!(of("https://gitlab.com/zoo/fox/repository/archive.tar.gz?ref=COMMIT"), fox("gitlab.com"));
        assert_eq!(of("https://bitbucket.org/zoo/fox/get/COMMIT.tar.gz"), fox("bitbucket.org"));
        for other in ["https://codeload.github.com/zoo/fox/tar.gz/v1.0.0", "https://codeload.github.com.evil.example/zoo/fox/tar.gz/COMMIT"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn one_repository_in_several_spellings() {
        for (one, other) in [
            ("https://github.com/farm/ant", "ssh://git@github.com/Farm/ant.git"),
            ("git@git.example:farm/ant.git", "https://git.example/farm/ant"),
            ("https://gitlab.com/farm/ant", "ssh://gitlab:farm/ant"),
            ("ssh://git@git.example:2222/farm/ant.git", "ssh://git@git.example:2222/farm/ant.git"),
        ] {
            assert!(are_one_repository(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("https://github.com/farm/ant", "https://github.com/evil/ant"),
            ("https://git.example/farm/ant", "https://evil.example/farm/ant"),
            ("https://git.example/farm/ant", "https://git.example/farm/bee"),
        ] {
            assert!(!are_one_repository(one, other), "{one} {other}");
        }
    }
}
