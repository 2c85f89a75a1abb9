//! Packages that come from an address or a folder instead of an index, as Pipfile and Pipfile.lock
//! both write them: one key that says the kind, and `ref` for version control.

use crate::model::text::quoted;
use crate::model::{Address, Digest, PackageName, PackageSource, RelPath, Version};
use crate::read::requirements_txt::{Place, is_commit, place};

/// The keys that name a place. pipenv looks for version control first.
pub(super) const KINDS: [&str; 6] = ["git", "hg", "svn", "bzr", "file", "path"];

/// A place as written.
#[derive(Clone, Copy)]
pub(super) struct Written<'t> {
    /// One of [`KINDS`].
    pub kind: &'static str,
    pub text: &'t str,
    pub reference: Option<&'t str>,
}

/// What a place is.
pub(super) struct Located {
    pub source: PackageSource,
    /// From the name of an archive.
    pub version: Option<Version>,
    /// From the address's fragment.
    pub digest: Option<Digest>,
    /// Whether two installations may get different code for lack of a commit or a version.
    pub is_loose: bool,
}

/// Reads a place; paths count from `project`.
pub(super) fn read(written: Written<'_>, name: &PackageName, project: &RelPath) -> Result<Located, String> {
    match written.kind {
        "git" => git(written, name, project),
        "file" | "path" => local_or_archive(written.text, name, project),
        tool => {
            let own = written.text.strip_prefix(tool).and_then(|rest| rest.strip_prefix('+')).unwrap_or(written.text);
            let reference = written.reference.map(|reference| format!("@{reference}")).unwrap_or_default();
            Ok(of_source(PackageSource::Archive { url: Address::new(&format!("{tool}+{own}{reference}")) }))
        }
    }
}

/// Without `ref`, the address may end in `@` and a reference itself.
fn git(written: Written<'_>, name: &PackageName, project: &RelPath) -> Result<Located, String> {
    let address = written.text.split_once('#').map_or(written.text, |(address, _)| address);
    let address = address.strip_prefix("git+").unwrap_or(address);
    let Some(reference) = written.reference.filter(|reference| !reference.is_empty()) else {
        if address.contains("://") {
            return Ok(of_place(place(&format!("git+{address}"), false, Some(name), project)?));
        }
        return Ok(of_git(address, None));
    };
    Ok(of_git(address.strip_suffix(reference).and_then(|rest| rest.strip_suffix('@')).unwrap_or(address), Some(reference)))
}

fn of_git(address: &str, reference: Option<&str>) -> Located {
    let (commit, reference) = match reference {
        Some(id) if is_commit(id) => (Some(id.into()), None),
        other => (None, other.map(Into::into)),
    };
    of_source(PackageSource::Git { repository: Address::new(address), commit, reference })
}

fn local_or_archive(text: &str, name: &PackageName, project: &RelPath) -> Result<Located, String> {
    if text.trim().is_empty() {
        return Err("a path is empty".to_owned());
    }
    let is_remote = ["http://", "https://", "ftp://"].iter().any(|scheme| text.starts_with(scheme));
    if !is_remote && text.contains("://") && !text.starts_with("file:") {
        return Err(format!("{} is neither a path nor the address of a file", quoted(Address::new(text).as_str())));
    }
    // As if editable: then any text is a path, one with spaces too.
    Ok(of_place(place(text, !is_remote, Some(name), project)?))
}

fn of_place(place: Place) -> Located {
    let is_loose = place.is_loose();
    Located { source: place.source, version: place.version, digest: place.digest, is_loose }
}

fn of_source(source: PackageSource) -> Located {
    let is_loose = matches!(source, PackageSource::Git { commit: None, .. });
    Located { source, version: None, digest: None, is_loose }
}

/// A repository's address for comparing: without the way to it (`git+`, scheme, user) and what is
/// written in several manners.
pub(super) fn plain(repository: &Address) -> String {
    let text = repository.as_str();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split_once('@').map_or(text, |(user, rest)| if user.contains('/') { text } else { rest });
    text.trim_end_matches('/').trim_end_matches(".git").replacen(':', "/", 1).to_ascii_lowercase()
}
