//! Packages that come from an address or a folder instead of an index, as Pipfile and Pipfile.lock
//! both write them: one key that says the kind, and `ref` for version control.

use crate::model::text::quoted;
use crate::model::url::in_folder;
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
    /// The folder inside of a repository or an archive.
    pub subdirectory: Option<&'t str>,
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
    let located = match written.kind {
        "git" => git(written, name, project)?,
        "file" | "path" => local_or_archive(written.text, name, project)?,
        tool => {
            let own = written.text.strip_prefix(tool).and_then(|rest| rest.strip_prefix('+')).unwrap_or(written.text);
            let reference = written.reference.map(|reference| format!("@{reference}")).unwrap_or_default();
            of_source(PackageSource::Archive { url: Address::new(&format!("{tool}+{own}{reference}")) })
        }
    };
    Ok(Located { source: within(located.source, written.subdirectory), ..located })
}

/// The source with the folder that the key `subdirectory` names; an address may name one itself.
fn within(source: PackageSource, folder: Option<&str>) -> PackageSource {
    let address = |url: Address| if url.as_str().contains('#') { url } else { Address::new(&in_folder(url.as_str(), folder)) };
    match source {
        PackageSource::Git { repository, commit, reference } => PackageSource::Git { repository: address(repository), commit, reference },
        PackageSource::Archive { url } => PackageSource::Archive { url: address(url) },
        other => other,
    }
}

/// Without `ref`, the address may end in `@` and a reference itself.
fn git(written: Written<'_>, name: &PackageName, project: &RelPath) -> Result<Located, String> {
    let (address, fragment) = written.text.split_once('#').unwrap_or((written.text, ""));
    let address = address.strip_prefix("git+").unwrap_or(address);
    let folder = fragment.split('&').find_map(|pair| pair.strip_prefix("subdirectory="));
    let Some(reference) = written.reference.filter(|reference| !reference.is_empty()) else {
        if address.contains("://") {
            let located = of_place(place(&format!("git+{address}"), false, Some(name), project)?);
            return Ok(Located { source: within(located.source, folder), ..located });
        }
        return Ok(of_git(&in_folder(address, folder), None));
    };
    let address = address.strip_suffix(reference).and_then(|rest| rest.strip_suffix('@')).unwrap_or(address);
    Ok(of_git(&in_folder(address, folder), Some(reference)))
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
/// written in several manners. The folder inside of it stays.
pub(super) fn plain(repository: &Address) -> String {
    let (text, folder) = repository.as_str().split_once('#').unwrap_or((repository.as_str(), ""));
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split_once('@').map_or(text, |(user, rest)| if user.contains('/') { text } else { rest });
    format!("{}#{folder}", text.trim_end_matches('/').trim_end_matches(".git").replacen(':', "/", 1).to_ascii_lowercase())
}
