//! poetry.lock, versions 1.0 to 2.1.
//!
//! The lockfile tells the packages and what each requires, by name and constraint; several versions
//! of one name stand side by side (forks). What the project itself asks for stands in pyproject.toml
//! alone. A requirement that is optional counts only where somebody asks for an extra that names it.
//! `category` and `groups` are not taken for what a package is for: the roads from the project say it,
//! and where `groups` has more installed than they do, that is a disagreement.
//!
//! In reading order: sources, the lockfile, the manifest, whether the one was made from the other.
//! What follows from them is in `pypi_lock`.

mod content_hash;
mod lock;
mod manifest;
mod source;

use super::pypi_lock::{self, Reading};
use super::pyproject::FILE_NAME;
use super::{Capabilities, Disagreement, Files, Format, FormatId, Parsed, ReadError, Told, Want};
use crate::model::{Ecosystem, Location, RelPath};
use lock::{Dialect, PoetryFile};
use manifest::Manifest;

pub struct PoetryLock;

const LOCKFILE: &str = "poetry.lock";

/// What Poetry 1.1 and older leave out of the lockfile (`Provider.UNSAFE_PACKAGES`).
const LEFT_OUT: &[&str] = &["setuptools", "distribute", "pip", "wheel"];

impl Format for PoetryLock {
    fn id(&self) -> FormatId {
        "poetry-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Pypi)
    }

    fn names(&self) -> &[&str] {
        &[LOCKFILE]
    }

    fn claims(&self, path: &RelPath) -> bool {
        path.file_name() == LOCKFILE
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[FILE_NAME])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        files.folder().join(FILE_NAME).ok().map(Want::File).into_iter().collect()
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("poetry.lock holds every extra, group and platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let read = PoetryFile::read(files)?;
        let (manifest, gaps) = pypi_lock::manifest(files, "poetry.lock", |file| Manifest::read(file, &read));
        let project = manifest.as_ref().map(|manifest| &manifest.project);
        let left_out = if read.dialect < Dialect::V2_0 { LEFT_OUT } else { &[] };
        let reading = Reading::new(&read.lock, project, files, left_out);
        let mut disagreements = reading.disagreements();
        disagreements.extend(manifest.as_ref().and_then(|manifest| stale(&read, manifest, files)));
        Ok(Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Pypi),
            dialect: read.dialect.shown(),
            knows: reading.known(self.knows(), &gaps),
            scopes: Vec::new(),
            entries: reading.entries(),
            gaps,
            disagreements,
            flaws: None,
        })
    }
}

/// Poetry itself refuses to install from a lockfile that was made from another pyproject.toml.
fn stale(read: &PoetryFile<'_>, manifest: &Manifest<'_>, files: &Files) -> Option<Disagreement> {
    let (_, line) = read.content_hash.as_ref().filter(|_| !manifest.is_fresh)?;
    let message = format!("the content-hash is not that of {}: the lockfile was not made from it as it is now", manifest.project.path);
    Some(Disagreement { location: Location::new(files.path(), *line), message })
}
