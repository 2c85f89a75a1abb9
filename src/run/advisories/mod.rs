//! The advisory store: where it lies, what it says of packages, and the use cases around it.

mod affects;
mod export;
mod import;
mod show;
mod status;

pub use affects::{Affects, affects};
pub use export::export;
pub use import::{Imported, Rejected, import};
pub use show::{Shown, show};
pub use status::{StoreStatus, status};

use super::RunError;
use crate::edge::files::{Positioned, Scratch, cache_folder};
use crate::enrich::Fact;
use crate::enrich::advisory::store::{Pages, Spool, Store, StoreError, file_name};
use crate::enrich::advisory::{Advisories, StoreNote, facts};
use crate::judge::Subject;
use crate::model::{Ecosystem, Package, PackageName};
use std::collections::{BTreeMap, HashMap, HashSet};
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

/// Why nothing is known where there is no store.
const NO_STORE: &str = "there is no advisory store; `sbomgate advisories import FILE…` makes one of OSV's all.zip";

/// What the store tells of every package of both sides. Ecosystems without packages are not looked at.
pub fn learn(subject: &Subject<'_>, named: Option<&Path>) -> Result<Advisories, RunError> {
    let mut wanted: BTreeMap<Ecosystem, HashMap<&PackageName, HashSet<&Package>>> = BTreeMap::new();
    for lockfile in &subject.lockfiles {
        for (_, node) in lockfile.base.packages().chain(lockfile.head.packages()) {
            let package = &node.package;
            if facts::is_in_question(package) {
                wanted.entry(package.ecosystem).or_default().entry(&package.name).or_default().insert(package);
            }
        }
    }
    let mut advisories = Advisories { stores: BTreeMap::new(), packages: HashMap::new() };
    for (ecosystem, packages) in wanted {
        let note = match folder(named) {
            Err(_) => {
                Fact::Unknown("neither HOME nor XDG_CACHE_HOME is set, so there is no place for a store; name one with --store".into())
            }
            Ok(folder) => match open(&folder, ecosystem)? {
                None => Fact::Unknown(NO_STORE.into()),
                Some(store) => {
                    let error = |source| RunError::Store { file: folder.join(file_name(ecosystem)), source };
                    of_packages(&store, ecosystem, &packages, &mut advisories.packages).map_err(error)?;
                    Fact::Known(note(&store))
                }
            },
        };
        advisories.stores.insert(ecosystem, note);
    }
    Ok(advisories)
}

fn of_packages(
    store: &Store<StoreFile>,
    ecosystem: Ecosystem,
    wanted: &HashMap<&PackageName, HashSet<&Package>>,
    known: &mut HashMap<Package, facts::PackageFacts>,
) -> Result<(), StoreError> {
    for (name, packages) in wanted {
        let records = store.records(name)?;
        if records.is_empty() {
            continue;
        }
        for package in packages {
            let version = package.version.as_ref().map(|version| version.as_str());
            let facts = facts::of_package(ecosystem, name, version, &records);
            if facts != facts::PackageFacts::default() {
                known.insert((*package).clone(), facts);
            }
        }
    }
    Ok(())
}

fn note(store: &Store<StoreFile>) -> StoreNote {
    let meta = store.meta();
    StoreNote { digest: store.digest(), records: meta.records, newest: meta.newest, imported: meta.imported }
}
