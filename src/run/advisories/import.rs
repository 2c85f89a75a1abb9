//! `advisories import`: files to stores, each written whole or not at all.

use super::{TemporarySpool, folder, open};
use crate::edge::archive::{self, Content, Wanted};
use crate::edge::{clock, files, output};
use crate::enrich::advisory::store::{Builder, EXTENSION, Source, Store, file_name};
use crate::enrich::advisory::{Parsed, Rejection, osv, rustsec};
use crate::model::Ecosystem;
use crate::run::RunError;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    /// Records that were taken, by ecosystem; one that tells of two counts for both.
    pub taken: BTreeMap<Ecosystem, u64>,
    /// Records of other ecosystems alone.
    pub elsewhere: u64,
    /// How many records, or parts of records, were rejected.
    pub rejected: u64,
    /// The first of them.
    pub list: Vec<Rejected>,
}

/// Something that should be a record and is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file, and the entry of it where it is an archive.
    pub file: String,
    pub reason: String,
}

/// Rejections that are listed at most; more than that is one fault, not many.
const MOST_LISTED: usize = 1000;

/// Reads the files and writes a store for each ecosystem that they tell of. What the stores hold
/// already stays, unless `replace`; of two records of one id the one that was changed last counts.
pub fn import(paths: &[PathBuf], named: Option<&Path>, replace: bool) -> Result<Imported, RunError> {
    let folder = folder(named)?;
    let cannot = |source| RunError::StoreFolder { folder: folder.clone(), source };
    files::make_folder(&folder).map_err(cannot)?;
    // Two imports at once would each drop what the other took.
    let _lock = files::Lock::of(&folder).map_err(cannot)?;
    let mut import = Import {
        spool: TemporarySpool(files::Scratch::new(&folder).map_err(cannot)?),
        builders: Ecosystem::ALL.map(|ecosystem| (ecosystem, Builder::new(ecosystem))),
        sources: BTreeMap::new(),
        told: Imported::default(),
    };
    if !replace {
        import.keep_old(&folder)?;
    }
    for path in paths {
        let wanted = Wanted { file: &is_record, large: EXTENSION, scratch: &folder };
        archive::each(path, &wanted, &mut |name, content| import.file(path, name, content))?;
    }
    if import.told.taken.is_empty() {
        return Err(RunError::NothingImported { elsewhere: import.told.elsewhere, rejected: import.told.first_rejected() });
    }
    import.write(&folder)
}

fn is_record(name: &str) -> bool {
    name.ends_with(".json") || rustsec::is_advisory(name)
}

struct Import {
    spool: TemporarySpool,
    builders: [(Ecosystem, Builder); 3],
    /// Records that a file had for an ecosystem, by the file.
    sources: BTreeMap<(Ecosystem, String), u64>,
    told: Imported,
}

impl Import {
    fn keep_old(&mut self, folder: &Path) -> Result<(), RunError> {
        for (ecosystem, builder) in &mut self.builders {
            if let Some(store) = open(folder, *ecosystem)? {
                let error = |source| RunError::Store { file: folder.join(file_name(*ecosystem)), source };
                builder.add_store(&store, &mut self.spool).map_err(error)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: &str, content: Content) -> io::Result<()> {
        match content {
            Content::Bytes(bytes) => match parse(&bytes) {
                Ok(parsed) => self.record(path, name, &parsed),
                Err(Rejection::Elsewhere) => {
                    self.told.elsewhere += 1;
                    Ok(())
                }
                Err(Rejection::Broken(reason)) => {
                    self.told.reject(path, name, reason);
                    Ok(())
                }
            },
            Content::Large(file) => {
                if let Err(error) = self.store(path, file) {
                    self.told.reject(path, name, error.to_string());
                }
                Ok(())
            }
            Content::Unreadable(reason) => {
                self.told.reject(path, name, reason);
                Ok(())
            }
        }
    }

    fn record(&mut self, path: &Path, name: &str, parsed: &Parsed) -> io::Result<()> {
        for reason in &parsed.rejected {
            self.told.reject(path, name, format!("in part: {reason}"));
        }
        let told: Vec<Ecosystem> = parsed.record.packages().into_iter().map(|(ecosystem, _)| ecosystem).collect();
        for (ecosystem, builder) in &mut self.builders {
            builder.add(&parsed.record, &parsed.details, &mut self.spool)?;
            if told.contains(ecosystem) {
                *self.told.taken.entry(*ecosystem).or_default() += 1;
                *self.sources.entry((*ecosystem, source_name(path))).or_default() += 1;
            }
        }
        Ok(())
    }

    /// A store that somebody exported. It is read whole before anything of it counts.
    fn store(&mut self, path: &Path, file: files::Positioned) -> Result<(), crate::enrich::advisory::store::StoreError> {
        let store = Store::open(super::StoreFile(file))?;
        store.verify()?;
        let (ecosystem, records) = (store.meta().ecosystem, store.meta().records);
        for (own, builder) in &mut self.builders {
            if *own == ecosystem {
                builder.add_store(&store, &mut self.spool)?;
            }
        }
        *self.told.taken.entry(ecosystem).or_default() += records;
        *self.sources.entry((ecosystem, source_name(path))).or_default() += records;
        Ok(())
    }

    fn write(self, folder: &Path) -> Result<Imported, RunError> {
        let imported = clock::source_date_epoch()?.map_or_else(clock::now, Ok)?;
        for (ecosystem, builder) in self.builders.iter().filter(|(ecosystem, _)| self.told.taken.contains_key(ecosystem)) {
            let of_it = self.sources.iter().filter(|((of, _), _)| of == ecosystem);
            let sources: Vec<Source> = of_it.map(|((_, name), records)| Source { name: name.clone(), records: *records }).collect();
            output::write(&folder.join(file_name(*ecosystem)), |out| {
                builder.write(&sources, self.told.rejected, imported, &self.spool, out)
            })?;
        }
        Ok(self.told)
    }
}

/// The file and the folder that holds it: `npm/all.zip`. The store is carried to other machines, which
/// the rest of the path does not concern.
fn source_name(path: &Path) -> String {
    let parts: Vec<_> = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// OSV's JSON or RustSec's Markdown, told apart by how they begin.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, Rejection> {
    if rustsec::looks_like(bytes) { rustsec::parse(bytes) } else { osv::parse(bytes) }
}

impl Imported {
    fn reject(&mut self, path: &Path, name: &str, reason: String) {
        self.rejected += 1;
        if self.list.len() < MOST_LISTED {
            let path = path.to_string_lossy();
            let file = if name == path { name.to_owned() } else { format!("{path}: {name}") };
            self.list.push(Rejected { file, reason });
        }
    }

    fn first_rejected(&self) -> Option<String> {
        self.list.first().map(|rejected| format!("{}: {}", rejected.file, rejected.reason))
    }
}
