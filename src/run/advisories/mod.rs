//! The advisory store: where it lies, what it says of packages, and the use cases around it.

mod affects;
mod exploitation;
mod export;
mod import;
mod intake;
mod learn;
mod online;
mod show;
mod status;
mod update;

pub use crate::edge::http::{Patience, Settings as Network};
pub use crate::judge::internal::Internal;
pub use affects::affects;
pub use exploitation::open as open_exploitation;
pub use export::export;
pub use import::import;
pub use learn::{Learning, learn};
pub use online::Online;
pub use show::{Shown, show};
pub use status::{StoreStatus, status};
pub use update::{Update, update};

use super::RunError;
use crate::edge::files::{Positioned, Scratch, cache_folder};
use crate::enrich::advisory::store::{Pages, Spool, Store, StoreError, file_name};
use crate::model::Ecosystem;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the store: the one that is named, or the user's cache.
pub fn folder(named: Option<&Path>) -> Result<PathBuf, RunError> {
    let default = || cache_folder().map(|cache| cache.join("advisories"));
    named.map(Path::to_owned).or_else(default).ok_or(RunError::NoStoreFolder)
}

/// A store file on the disk.
pub struct StoreFile(Positioned);

impl Pages for StoreFile {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.0.read_at(offset, length)
    }
}

struct TemporarySpool(Scratch);

impl Spool for TemporarySpool {
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        self.0.append(bytes)
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.0.read_at(offset, length)
    }
}

/// The store of an ecosystem; `None` where there is none. One that cannot be used is an error, never
/// the same as none.
pub fn open(folder: &Path, ecosystem: Ecosystem) -> Result<Option<Store<StoreFile>>, RunError> {
    let file = folder.join(file_name(ecosystem));
    let error = |source: StoreError| RunError::Store { file: file.clone(), source };
    let Some(bytes) = Positioned::open(&file).map_err(|source| error(source.into()))? else { return Ok(None) };
    let store = Store::open(StoreFile(bytes)).map_err(error)?;
    if store.meta().ecosystem == ecosystem { Ok(Some(store)) } else { Err(error(StoreError::NoStore)) }
}
