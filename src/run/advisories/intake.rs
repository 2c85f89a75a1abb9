//! Records on their way into stores: what an import and an update share. Nothing of the old stores is
//! touched before everything was read, and each new one takes its place whole.

use super::{TemporarySpool, open};
use crate::edge::archive::{self, Content, Wanted};
use crate::edge::{clock, files, output};
use crate::enrich::advisory::exploitation::{self, Collected, Table};
use crate::enrich::advisory::store::{Builder, EXTENSION, FURTHER_SOURCES, Source, Store, StoreError, file_name};
use crate::enrich::advisory::{Imported, Parsed, Rejection, osv, rustsec};
use crate::model::{AdvisoryId, Ecosystem};
use crate::run::RunError;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Sources that a store names one by one at most; those beyond are one, [`FURTHER_SOURCES`].
const MOST_SOURCES: usize = 100;

/// Where records come from.
pub(super) struct Origin {
    /// As the store names it, on other machines too.
    pub source: String,
    /// As the user of this run knows it.
    pub shown: String,
    /// Whether a server was asked for it in this run.
    asked: bool,
}

impl Origin {
    /// How a rejection names an entry of it.
    fn listed(&self, name: &str) -> String {
        if name == self.shown { name.to_owned() } else { format!("{}: {name}", self.shown) }
    }

    /// An address, without its credentials.
    pub fn of_address(url: &str) -> Origin {
        let shown = crate::model::Address::new(url).as_str().to_owned();
        Origin { source: shown.clone(), shown, asked: true }
    }

    /// The file and the folder that holds it: `npm/all.zip`. The rest of the path concerns nobody else.
    pub fn of_file(path: &Path) -> Origin {
        let parts: Vec<_> = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
        let source = parts.into_iter().rev().collect::<Vec<_>>().join("/");
        Origin { source, shown: path.to_string_lossy().into_owned(), asked: false }
    }
}

pub(super) struct Intake {
    folder: PathBuf,
    /// Two at once would each drop what the other took.
    _lock: files::Lock,
    spool: TemporarySpool,
    builders: [(Ecosystem, Builder); 3],
    /// What stores that are taken over said of their sources; this run's own take their places.
    old_sources: BTreeMap<(Ecosystem, String), Source>,
    /// Records that a source had for an ecosystem, and up to when it tells: now where a server was asked, else
    /// when the newest of them was changed, since a file does not say when it was fetched.
    records: BTreeMap<(Ecosystem, String), (u64, i64)>,
    /// Rejections, by the source.
    rejections: BTreeMap<String, u64>,
    /// Sources of which more is known than was counted here.
    stated: BTreeMap<(Ecosystem, String), Source>,
    /// Ecosystems that some record tells of alone, or that had a store before.
    own: BTreeSet<Ecosystem>,
    /// Facts on exploitation with those that are there already; `None` while no file tells of any.
    exploitation: Option<Collected>,
    /// The time of the run, in seconds since 1970.
    pub now: i64,
    pub told: Imported,
}

impl Intake {
    pub fn new(folder: PathBuf) -> Result<Self, RunError> {
        let cannot = |source| RunError::StoreFolder { folder: folder.clone(), source };
        files::make_folder(&folder).map_err(cannot)?;
        Ok(Intake {
            _lock: files::Lock::of(&folder).map_err(cannot)?,
            spool: TemporarySpool(files::Scratch::new(&folder).map_err(cannot)?),
            folder,
            builders: Ecosystem::ALL.map(|ecosystem| (ecosystem, Builder::new(ecosystem))),
            old_sources: BTreeMap::new(),
            records: BTreeMap::new(),
            rejections: BTreeMap::new(),
            stated: BTreeMap::new(),
            own: BTreeSet::new(),
            exploitation: None,
            now: clock::source_date_epoch()?.map_or_else(clock::now, Ok)?,
            told: Imported::default(),
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes over what the stores hold.
    pub fn keep_old(&mut self) -> Result<(), RunError> {
        for (ecosystem, builder) in &mut self.builders {
            if let Some(store) = open(&self.folder, *ecosystem)? {
                let error = |source| RunError::Store { file: self.folder.join(file_name(*ecosystem)), source };
                builder.add_store(&store, &mut self.spool).map_err(error)?;
                self.old_sources.extend(store.meta().sources.iter().map(|source| ((*ecosystem, source.name.clone()), source.clone())));
                self.own.insert(*ecosystem);
            }
        }
        Ok(())
    }

    /// The records of a file, a folder or an archive.
    pub fn take(&mut self, path: &Path, origin: &Origin) -> Result<(), RunError> {
        let folder = self.folder.clone();
        let wanted = Wanted { file: &is_record, large: EXTENSION, scratch: &folder };
        Ok(archive::each(path, &wanted, &mut |name, content| self.file(origin, name, content))?)
    }

    pub fn file(&mut self, origin: &Origin, name: &str, content: Content) -> io::Result<()> {
        match content {
            Content::Bytes(bytes) => match parse(&bytes) {
                Ok(parsed) => return self.record(origin, name, &parsed),
                Err(Rejection::Elsewhere) => self.told.elsewhere += 1,
                Err(Rejection::Broken(_)) if exploitation::looks_like(&bytes) => self.catalogue(origin, name, &bytes),
                Err(Rejection::Broken(reason)) => self.reject(origin, name, reason),
            },
            Content::Large(file) => {
                let is_table = file.size() >= 12 && Table::looks_like(&file.read_at(0, 12)?);
                let result = if is_table { self.table(&file) } else { self.store(file).map_err(|error| error.to_string()) };
                if let Err(reason) = result {
                    self.reject(origin, name, reason);
                }
            }
            Content::Unreadable(reason) => self.reject(origin, name, reason),
        }
        Ok(())
    }

    pub fn reject(&mut self, origin: &Origin, name: &str, reason: String) {
        *self.rejections.entry(origin.source.clone()).or_default() += 1;
        self.told.reject(origin.listed(name), reason);
    }

    fn record(&mut self, origin: &Origin, name: &str, parsed: &Parsed) -> io::Result<()> {
        for reason in &parsed.rejected {
            self.reject(origin, name, format!("in part: {reason}"));
        }
        let told: BTreeSet<Ecosystem> = parsed.record.packages().into_iter().map(|(ecosystem, _)| ecosystem).collect();
        for (ecosystem, builder) in &mut self.builders {
            builder.add(&parsed.record, &parsed.details, &mut self.spool)?;
            if told.contains(ecosystem) {
                *self.told.taken.entry(*ecosystem).or_default() += 1;
                let until = if origin.asked { self.now } else { parsed.record.modified.min(self.now) };
                let (records, newest) = self.records.entry((*ecosystem, origin.source.clone())).or_insert((0, until));
                (*records, *newest) = (*records + 1, until.max(*newest));
            }
        }
        if told.len() == 1 {
            self.own.extend(told);
        }
        Ok(())
    }

    /// A store that somebody exported. It is read whole before anything of it counts.
    fn store(&mut self, file: files::Positioned) -> Result<(), StoreError> {
        let store = Store::open(super::StoreFile(file))?;
        store.verify()?;
        let (ecosystem, records) = (store.meta().ecosystem, store.meta().records);
        for (own, builder) in &mut self.builders {
            if *own == ecosystem {
                builder.add_store(&store, &mut self.spool)?;
            }
        }
        *self.told.taken.entry(ecosystem).or_default() += records;
        self.old_sources.extend(store.meta().sources.iter().map(|source| ((ecosystem, source.name.clone()), source.clone())));
        self.own.insert(ecosystem);
        Ok(())
    }

    /// EPSS's scores or CISA's catalogue. Rows that cannot be read say nothing of records: they are
    /// listed, and no gap of a judgement.
    fn catalogue(&mut self, origin: &Origin, name: &str, bytes: &[u8]) {
        let result = exploitation::parse(bytes).and_then(|catalogue| {
            let (source, records) = (catalogue.name(), catalogue.records() as u64);
            for reason in catalogue.rejected() {
                self.told.reject(origin.listed(name), reason.clone());
            }
            let now = self.now;
            let is_taken = self.collected()?.take(catalogue, now);
            if is_taken { Ok((source, records)) } else { Err("it is older than what is here".into()) }
        });
        match result {
            Ok((source, records)) => *self.told.exploitation.entry(source).or_default() = records,
            Err(reason) => self.told.reject(origin.listed(name), reason),
        }
    }

    /// Facts on exploitation that somebody exported.
    fn table(&mut self, file: &files::Positioned) -> Result<(), String> {
        let table = super::exploitation::of_file(file)?;
        self.collected()?.take_table(&table);
        for (name, source) in [("EPSS", &table.sources().epss), ("KEV", &table.sources().kev)] {
            self.told.exploitation.extend(source.as_ref().map(|source| (name, source.records)));
        }
        Ok(())
    }

    fn collected(&mut self) -> Result<&mut Collected, String> {
        if self.exploitation.is_none() {
            let old = super::open_exploitation(&self.folder).map_err(|error| error.to_string())?;
            self.exploitation = Some(old.as_ref().map(Collected::of).unwrap_or_default());
        }
        self.exploitation.as_mut().ok_or_else(String::new)
    }

    /// When the record that is held of this id was changed, in seconds since 1970.
    pub fn modified(&self, ecosystem: Ecosystem, id: &AdvisoryId) -> Option<i64> {
        self.builders.iter().find(|(of, _)| *of == ecosystem)?.1.modified(id)
    }

    /// What the old store said of a source.
    pub fn old_source(&self, ecosystem: Ecosystem, name: &str) -> Option<&Source> {
        self.old_sources.get(&(ecosystem, name.to_owned()))
    }

    pub fn rejections(&self, origin: &Origin) -> u64 {
        self.rejections.get(&origin.source).copied().unwrap_or(0)
    }

    /// The names of the files of which something was rejected, as far as they are listed.
    pub fn rejected_files(&self) -> std::collections::HashSet<String> {
        let name = |file: &str| file.rsplit([' ', '/']).next().unwrap_or(file).to_owned();
        self.told.list.iter().map(|rejected| name(&rejected.file)).collect()
    }

    /// Says of a source what is known of it, and that the ecosystem's store is to be written.
    pub fn state(&mut self, ecosystem: Ecosystem, source: Source) {
        self.told.taken.entry(ecosystem).or_default();
        self.own.insert(ecosystem);
        self.stated.insert((ecosystem, source.name.clone()), source);
    }

    /// Where the records of an ecosystem are from. The rejections of a file that gave no record at all
    /// may concern any ecosystem.
    fn sources_of(&self, ecosystem: Ecosystem) -> Vec<Source> {
        let rejected = |name: &str| self.rejections.get(name).copied().unwrap_or(0);
        let counted = |name: &String, records, taken| Source { name: name.clone(), records, rejected: rejected(name), taken, etag: None };
        let is_silent = |name: &&String| !self.records.keys().chain(self.stated.keys()).any(|(_, other)| other == *name);
        let silent = self.rejections.keys().filter(is_silent).map(|name| counted(name, 0, self.now));
        let old = self.old_sources.iter().filter(|((of, _), _)| *of == ecosystem).map(|(_, source)| source.clone());
        let own = self.records.iter().filter(|((of, _), _)| *of == ecosystem);
        let own = own.map(|((_, name), (records, taken))| counted(name, *records, *taken));
        let stated = self.stated.iter().filter(|((of, _), _)| *of == ecosystem).map(|(_, source)| source.clone());
        let last = old.chain(silent).chain(own).chain(stated).map(|source| (source.name.clone(), source));
        few(last.collect::<BTreeMap<String, Source>>().into_values())
    }

    /// Writes a store for each ecosystem that was told of. A record of two ecosystems alone makes no
    /// store of its second one: that would look like knowledge of all its packages.
    pub fn write(mut self) -> Result<Imported, RunError> {
        if self.told.taken.keys().any(|ecosystem| self.own.contains(ecosystem)) {
            self.told.taken.retain(|ecosystem, _| self.own.contains(ecosystem));
        }
        for (ecosystem, builder) in self.builders.iter().filter(|(ecosystem, _)| self.told.taken.contains_key(ecosystem)) {
            let sources = self.sources_of(*ecosystem);
            output::write_durably(&self.folder.join(file_name(*ecosystem)), |out| builder.write(&sources, self.now, &self.spool, out))?;
        }
        if let Some(collected) = &self.exploitation {
            output::write_durably(&self.folder.join(exploitation::FILE_NAME), |out| out.write_all(&collected.to_bytes()))?;
        }
        Ok(self.told)
    }
}

/// The sources, those beyond [`MOST_SOURCES`] as one: nothing of their rejections is forgotten.
fn few(sources: impl Iterator<Item = Source>) -> Vec<Source> {
    let (further, mut named): (Vec<Source>, Vec<Source>) = sources.partition(|source| source.name == FURTHER_SOURCES);
    let beyond = named.split_off(named.len().min(MOST_SOURCES));
    let summed = further.into_iter().chain(beyond).reduce(|a, b| Source {
        name: String::new(),
        records: a.records.saturating_add(b.records),
        rejected: a.rejected.saturating_add(b.rejected),
        taken: a.taken.min(b.taken),
        etag: None,
    });
    named.extend(summed.map(|summed| Source { name: FURTHER_SOURCES.into(), ..summed }));
    named
}

fn is_record(name: &str) -> bool {
    let has = |ending: &str| name.to_ascii_lowercase().ends_with(ending);
    has(".json") || has(".csv") || rustsec::is_advisory(name)
}

/// OSV's JSON or RustSec's Markdown, told apart by how they begin.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, Rejection> {
    if rustsec::looks_like(bytes) { rustsec::parse(bytes) } else { osv::parse(bytes) }
}
