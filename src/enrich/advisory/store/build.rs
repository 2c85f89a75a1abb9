//! Making a store: records come in any order, are kept outside of memory, and go out sorted.

use super::format::{HEAD, Hash, LARGEST, MAGIC, Meta, PAGE, Page, Source, VERSION, checksum};
use super::open::{Pages, Store, StoreError};
use crate::enrich::advisory::record::Record;
use crate::model::{AdvisoryId, AdvisoryKind, Ecosystem, PackageName};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Where bytes are kept until they are needed again: a temporary file.
pub trait Spool {
    /// Returns where the bytes begin.
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64>;

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// Uncompressed bytes of a page of records, about: a look-up reads one.
const NAMES_PAGE: u64 = 4 << 10;
/// Of a page of long texts: larger ones compress better, and only `show` reads them.
const TEXTS_PAGE: u64 = 64 << 10;
/// Bits of the filter for each name: 5 probes at 10 bits let one strange name in a hundred through.
const FILTER_BITS: usize = 10;
const LEVEL: i32 = 9;

/// The records of one ecosystem on their way into a store.
pub struct Builder {
    ecosystem: Ecosystem,
    held: BTreeMap<AdvisoryId, Held>,
}

struct Held {
    modified: i64,
    kind: AdvisoryKind,
    is_withdrawn: bool,
    /// The record by package: where it was put.
    packages: Vec<(PackageName, Piece)>,
    details: Piece,
}

#[derive(Clone, Copy, Default)]
struct Piece {
    offset: u64,
    length: u32,
}

impl Builder {
    pub fn new(ecosystem: Ecosystem) -> Self {
        Builder { ecosystem, held: BTreeMap::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes what a record says of this ecosystem. Of two records with one id the one that was changed
    /// last stays; of two of one time the one that came last.
    pub fn add(&mut self, record: &Record, details: &str, spool: &mut dyn Spool) -> io::Result<()> {
        if self.held.get(&record.id).is_some_and(|held| held.modified > record.modified) {
            return Ok(());
        }
        let mut packages = Vec::new();
        for (ecosystem, name) in record.packages() {
            if ecosystem == self.ecosystem {
                let bytes = postcard::to_stdvec(&record.of_package(ecosystem, &name)).map_err(io::Error::other)?;
                packages.push((name, keep(spool, &bytes)?));
            }
        }
        if packages.is_empty() {
            // What tells of others only now is no longer of this ecosystem.
            self.held.remove(&record.id);
            return Ok(());
        }
        let details = keep(spool, details.as_bytes())?;
        let held = Held { modified: record.modified, kind: record.kind, is_withdrawn: record.withdrawn.is_some(), packages, details };
        self.held.insert(record.id.clone(), held);
        Ok(())
    }

    /// When the record of this id was changed, in seconds since 1970; `None` where there is none.
    pub fn modified(&self, id: &AdvisoryId) -> Option<i64> {
        self.held.get(id).map(|held| held.modified)
    }

    /// Takes everything that an older store has.
    pub fn add_store<P: Pages>(&mut self, store: &Store<P>, spool: &mut dyn Spool) -> Result<(), StoreError> {
        let mut older: BTreeMap<AdvisoryId, Held> = BTreeMap::new();
        store.each(&mut |record| {
            let bytes = postcard::to_stdvec(&record).map_err(io::Error::other)?;
            let piece = keep(spool, &bytes)?;
            let held = older.entry(record.id.clone()).or_insert_with(|| Held {
                modified: record.modified,
                kind: record.kind,
                is_withdrawn: record.withdrawn.is_some(),
                packages: Vec::new(),
                details: Piece::default(),
            });
            held.packages.extend(record.packages().into_iter().map(|(_, name)| (name, piece)));
            Ok(())
        })?;
        store.each_text(&mut |id, text| {
            if let Some(held) = AdvisoryId::new(id).ok().and_then(|id| older.get_mut(&id)) {
                held.details = keep(spool, text)?;
            }
            Ok(())
        })?;
        for (id, held) in older {
            if self.held.get(&id).is_none_or(|newer| newer.modified <= held.modified) {
                self.held.insert(id, held);
            }
        }
        Ok(())
    }

    /// Writes the whole store.
    pub fn write(&self, sources: &[Source], imported: i64, spool: &dyn Spool, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = Writer { out, at: HEAD, hasher: Sha256::new(), pages: Vec::new() };
        writer.out.write_all(MAGIC)?;
        writer.out.write_all(&VERSION.to_le_bytes())?;
        let mut names: BTreeMap<&PackageName, Vec<Piece>> = BTreeMap::new();
        for held in self.held.values() {
            held.packages.iter().for_each(|(name, piece)| names.entry(name).or_default().push(*piece));
        }
        let filter = filter(names.keys().copied());
        let packages = names.len() as u64;
        let name_pages =
            writer.table(names.into_iter().map(|(name, pieces)| (name.as_str(), pieces)), NAMES_PAGE, &|pieces| records(pieces, spool))?;
        let texts = self.held.iter().filter(|(_, held)| held.details.length > 0).map(|(id, held)| (id.as_str(), vec![held.details]));
        let text_pages = writer.table(texts, TEXTS_PAGE, &|pieces| spool.read_at(pieces[0].offset, pieces[0].length as usize))?;
        let meta = Meta { sources: sources.to_vec(), packages, ..self.meta(imported) };
        writer.finish(name_pages, text_pages, &filter, &meta)
    }

    /// A record that was changed in the future says nothing of how old the store is.
    fn meta(&self, imported: i64) -> Meta {
        let count = |what: &dyn Fn(&Held) -> bool| self.held.values().filter(|held| what(held)).count() as u64;
        Meta {
            ecosystem: self.ecosystem,
            records: self.held.len() as u64,
            packages: 0,
            malware: count(&|held| held.kind == AdvisoryKind::Malware),
            informational: count(&|held| held.kind < AdvisoryKind::Vulnerability),
            withdrawn: count(&|held| held.is_withdrawn),
            newest: self.held.values().map(|held| held.modified).filter(|modified| *modified <= imported).max().unwrap_or(0),
            imported,
            sources: Vec::new(),
        }
    }
}

fn keep(spool: &mut dyn Spool, bytes: &[u8]) -> io::Result<Piece> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::other("a record is too long"))?;
    Ok(Piece { offset: spool.append(bytes)?, length })
}

/// The records of one package as the store has them: a list in postcard's form, which is their number
/// and then one after the other.
fn records(pieces: &[Piece], spool: &dyn Spool) -> io::Result<Vec<u8>> {
    let mut bytes = postcard::to_stdvec(&pieces.len()).map_err(io::Error::other)?;
    for piece in pieces {
        bytes.extend(spool.read_at(piece.offset, piece.length as usize)?);
    }
    Ok(bytes)
}

fn filter<'n>(names: impl Iterator<Item = &'n PackageName> + Clone) -> Vec<u8> {
    let mut filter = vec![0; (names.clone().count() * FILTER_BITS).div_ceil(8).max(8)];
    let size = filter.len();
    for name in names {
        Hash::of(name.as_str()).bits(size).for_each(|(byte, bit)| filter[byte] |= bit);
    }
    filter
}

struct Writer<'o> {
    out: &'o mut dyn Write,
    at: u64,
    hasher: Sha256,
    pages: Vec<Page>,
}

impl Writer<'_> {
    /// Writes all pages of one table and returns their number. Keys come sorted; within a page they
    /// stay so.
    fn table<'k>(
        &mut self,
        entries: impl Iterator<Item = (&'k str, Vec<Piece>)>,
        page_size: u64,
        value: &dyn Fn(&[Piece]) -> io::Result<Vec<u8>>,
    ) -> io::Result<usize> {
        let entries: Vec<(&str, Vec<Piece>)> = entries.collect();
        let size: u64 = entries.iter().flat_map(|(_, pieces)| pieces).map(|piece| u64::from(piece.length)).sum();
        let number = usize::try_from(size.div_ceil(page_size)).unwrap_or(usize::MAX).max(1);
        let mut order: Vec<(usize, usize)> = entries.iter().enumerate().map(|(at, (key, _))| (Hash::of(key).page(number), at)).collect();
        order.sort_unstable();
        let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
        let mut rest = order.as_slice();
        for page in 0..number {
            let (own, others) = rest.split_at(rest.partition_point(|(of, _)| *of == page));
            let mut bytes = Vec::new();
            for (_, at) in own {
                let (key, pieces) = &entries[*at];
                let value = value(pieces)?;
                for part in [key.as_bytes(), &value] {
                    bytes.extend(u32::try_from(part.len()).map_err(io::Error::other)?.to_le_bytes());
                    bytes.extend(part);
                }
            }
            self.page(&bytes, &mut compressor)?;
            rest = others;
        }
        Ok(number)
    }

    fn page(&mut self, bytes: &[u8], compressor: &mut zstd::bulk::Compressor<'_>) -> io::Result<()> {
        if bytes.len() as u64 > LARGEST {
            return Err(io::Error::other("one package has more records than a store can hold"));
        }
        let mut page = (bytes.len() as u32).to_le_bytes().to_vec();
        page.extend(compressor.compress(bytes)?);
        self.out.write_all(&page)?;
        self.hasher.update(bytes);
        self.pages.push(Page { offset: self.at, length: page.len() as u32, checksum: checksum(&page) });
        self.at += page.len() as u64;
        Ok(())
    }

    fn finish(self, names: usize, texts: usize, filter: &[u8], meta: &Meta) -> io::Result<()> {
        let mut index = Vec::with_capacity(self.pages.len() * PAGE + filter.len() + 1024);
        for part in [names, texts, filter.len()] {
            index.extend(u32::try_from(part).map_err(io::Error::other)?.to_le_bytes());
        }
        self.pages.iter().for_each(|page| index.extend(page.to_bytes()));
        index.extend(filter);
        index.extend(postcard::to_stdvec(meta).map_err(io::Error::other)?);
        self.out.write_all(&index)?;
        let mut trailer = Vec::new();
        trailer.extend(self.at.to_le_bytes());
        trailer.extend((index.len() as u64).to_le_bytes());
        trailer.extend(checksum(&index).to_le_bytes());
        trailer.resize(32, 0);
        trailer.extend(self.hasher.finalize());
        trailer.resize(68, 0);
        trailer.extend(checksum(&trailer).to_le_bytes());
        trailer.extend(VERSION.to_le_bytes());
        trailer.extend(MAGIC);
        self.out.write_all(&trailer)
    }
}
