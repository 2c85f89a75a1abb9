//! Documents that were asked for, on the disk: a file for each, named by a digest of what it is of, so that no name
//! leads out of the folder. A file is written whole or not at all, and never over a younger one.

use super::cell;
use crate::edge::files::{self, Lock, Positioned};
use crate::edge::output;
use crate::enrich::registry::{Document, Kept, Outcome, Part};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::PathBuf;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 32 << 20;
/// Files of one cache at most, where all of them are read.
const MOST: usize = 1_000_000;

/// The folder; `None` where there is no place for one.
pub struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    pub fn at(folder: PathBuf) -> Cache {
        Cache { folder: Some(folder) }
    }

    /// Nothing is there, and nothing stays.
    pub fn none() -> Cache {
        Cache { folder: None }
    }

    /// What is kept of a document; a file that cannot be read, or is of something else, is as if it were not there.
    pub fn get(&self, registry: &str, document: Document, name: &str, version: Option<&str>) -> Option<Kept> {
        let file = Positioned::open(&self.path(registry, document, name, version)?).ok()??;
        let size = usize::try_from(file.size()).ok().filter(|_| file.size() <= LARGEST)?;
        let kept = cell::read(&file.read_at(0, size).ok()?)?;
        let is_it = kept.registry == registry && kept.document == document && kept.name == name && kept.version.as_deref() == version;
        is_it.then_some(kept)
    }

    /// Keeps documents, but for those of which a younger state is there. Returns how many.
    pub fn put(&self, all: &[Kept]) -> io::Result<usize> {
        let Some(folder) = self.folder.as_ref().filter(|_| !all.is_empty()) else { return Ok(0) };
        files::make_folder(folder)?;
        let _lock = Lock::of(folder)?;
        let mut number = 0;
        for kept in all {
            let (Some(path), Some(bytes)) = (self.path_of(kept), cell::write(kept)) else { continue };
            if self.get(&kept.registry, kept.document, &kept.name, kept.version.as_deref()).is_some_and(|old| old.fetched > kept.fetched) {
                continue;
            }
            path.parent().map_or(Ok(()), files::make_folder)?;
            output::write(&path, |out| out.write_all(&bytes)).map_err(|error| error.source)?;
            number += 1;
        }
        Ok(number)
    }

    /// When a registry was last seen to have a document of some name; the mark is a cell without a name.
    pub fn answered(&self, registry: &str, document: Document) -> Option<i64> {
        self.get(registry, document, "", None).map(|mark| mark.fetched)
    }

    /// The mark of that.
    pub fn mark(registry: &str, document: Document, now: i64) -> Kept {
        let outcome = Outcome::Said(Part::default());
        Kept {
            document,
            registry: registry.to_owned(),
            name: String::new(),
            version: None,
            url: String::new(),
            fetched: now,
            etag: None,
            digest: String::new(),
            outcome,
        }
    }

    /// Everything that is kept, sorted.
    pub fn all(&self) -> io::Result<Vec<Kept>> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let read = |path: PathBuf| {
            let file = Positioned::open(&path).ok()??;
            let size = usize::try_from(file.size()).ok().filter(|_| file.size() <= LARGEST)?;
            let kept = cell::read(&file.read_at(0, size).ok()?)?;
            // A file under another's name is nobody's.
            (!kept.name.is_empty() && self.path_of(&kept)? == path).then_some(kept)
        };
        let mut all: Vec<Kept> = files::below(folder, MOST)?.into_iter().filter_map(read).collect();
        all.sort_by(|a, b| (&a.registry, a.document, &a.name, &a.version).cmp(&(&b.registry, b.document, &b.name, &b.version)));
        Ok(all)
    }

    fn path_of(&self, kept: &Kept) -> Option<PathBuf> {
        self.path(&kept.registry, kept.document, &kept.name, kept.version.as_deref())
    }

    fn path(&self, registry: &str, document: Document, name: &str, version: Option<&str>) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        let key = format!("{registry}\0{document:?}\0{name}\0{}", version.unwrap_or_default());
        let hex: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
        Some(folder.join(&hex[..2]).join(&hex[2..]))
    }
}
