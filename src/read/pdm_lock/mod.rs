//! pdm.lock, versions 4.0 to 4.5.
//!
//! A package that somebody asks for with extras has an entry of its own for them, beside that of the
//! package itself: both are the one package, and what an extra brings in counts where it is asked for.
//! The lockfile does not say what the project itself asks for, nor from which index a package comes:
//! pyproject.toml says both.
//!
//! In reading order: the manifest, the lockfile. What follows from them is in `pypi_lock`.

mod lock;
mod manifest;

use super::pypi_lock::{self, Reading};
use super::pyproject::FILE_NAME;
use super::{Capabilities, Files, Format, FormatId, Parsed, ReadError, Told, Want};
use crate::model::{Ecosystem, RelPath};
use lock::PdmFile;
use manifest::Manifest;

pub struct PdmLock;

const LOCKFILE: &str = "pdm.lock";

impl Format for PdmLock {
    fn id(&self) -> FormatId {
        "pdm-lock"
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
            installed: Told::No("pdm.lock holds every group that was locked, for every target: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let (mut manifest, mut gaps) = pypi_lock::manifest(files, LOCKFILE, Manifest::read);
        let read = PdmFile::read(files, manifest.as_ref())?;
        if let Some(manifest) = &mut manifest {
            gaps.append(&mut manifest.gaps);
            read.excuse(&mut manifest.project.asked);
        }
        gaps.extend(read.gaps);
        let reading = Reading::new(&read.lock, manifest.as_ref().map(|manifest| &manifest.project), files, &[]);
        Ok(Parsed {
            flaws: None,
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Pypi),
            dialect: read.dialect,
            knows: reading.known(self.knows(), &gaps),
            scopes: Vec::new(),
            entries: reading.entries(),
            disagreements: reading.disagreements(),
            gaps,
        })
    }
}
