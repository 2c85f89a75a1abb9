//! Where a package comes from: `[package.source]`, which a package of PyPI does not have.

use crate::model::text::quoted;
use crate::model::url::in_folder;
use crate::model::{Address, PackageSource, RelPath, registry};
use crate::read::ReadError;
use crate::read::requirements_txt::is_commit;
use crate::read::toml_file::Table;

pub(super) fn read(package: &Table<'_, '_>, folder: &RelPath) -> Result<PackageSource, ReadError> {
    let Some(value) = package.get("source") else { return Ok(PackageSource::default_registry()) };
    let table = value.table()?;
    let (url, subdirectory) = (table.required_text("url")?, table.text("subdirectory")?);
    let kind = table.get("type").ok_or_else(|| value.error("`type` is missing here"))?;
    match kind.str()? {
        "legacy" if registry::is_pypi(&url) => Ok(PackageSource::default_registry()),
        "legacy" => Ok(PackageSource::Registry { index: Some(Address::new(&url)) }),
        "git" => git(&table, &in_folder(&url, subdirectory.as_deref())),
        "url" => Ok(PackageSource::Archive { url: Address::new(&in_folder(&url, subdirectory.as_deref())) }),
        "file" => Ok(PackageSource::Path { path: url.as_ref().into() }),
        "directory" => Ok(PackageSource::FirstParty { folder: folder.join(&url).ok() }),
        other => Err(kind.error(format!("{} is not a kind of package source that is known", quoted(other)))),
    }
}

/// Poetry 1.0 has the commit in `reference`, later ones what was asked for.
fn git(table: &Table<'_, '_>, url: &str) -> Result<PackageSource, ReadError> {
    let (reference, resolved) = (table.str("reference")?, table.str("resolved_reference")?);
    let (commit, reference) = match resolved {
        Some(commit) => (Some(commit), reference),
        None => (reference, None),
    };
    let shown = || quoted(Address::new(url).as_str());
    let commit = commit.filter(|commit| is_commit(commit));
    let commit = commit.ok_or_else(|| table.error(format!("the git source {} does not say which commit", shown())))?;
    Ok(PackageSource::Git { repository: Address::new(url), commit: Some(commit.into()), reference: reference.map(Into::into) })
}
