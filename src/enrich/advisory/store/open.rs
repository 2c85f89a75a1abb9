//! Opening a store and looking things up. Every byte that is used was checked first.

use super::format::{HEAD, Hash, LARGEST, MAGIC, Meta, PAGE, Page, SHAPE, Shape, TRAILER, VERSION, checksum, number, small};
use crate::enrich::advisory::record::Record;
use crate::model::{AdvisoryId, PackageName};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::io;
use zstd::bulk::Decompressor;

/// The bytes of a store file, wherever they lie. The file is never changed while it is open:
/// writers put a new one in its place.
pub trait Pages {
    fn size(&self) -> u64;

    /// Exactly `length` bytes from `offset`.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// Bytes in memory, for tests.
impl Pages for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let range = usize::try_from(offset).ok().and_then(|offset| self.get(offset..offset.checked_add(length)?));
        range.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("this is no advisory store")]
    NoStore,
    #[error("the advisory store is of format {found}, and this program reads format {VERSION}")]
    OtherVersion { found: u32 },
    #[error("the advisory store is damaged: {0}")]
    Damaged(&'static str),
    #[error("the advisory store cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl StoreError {
    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match self {
            StoreError::NoStore | StoreError::Damaged(_) => "remove the file and make it anew: sbomgate advisories import FILE…",
            StoreError::OtherVersion { .. } => "use the program that wrote it, or make it anew: sbomgate advisories import --replace FILE…",
            StoreError::Io(_) => "make it readable, or name another folder with --store",
        }
    }
}

/// An open store. Only its index is in memory.
pub struct Store<P> {
    pages: P,
    index: Vec<u8>,
    shape: Shape,
    meta: Meta,
    digest: [u8; 32],
    content_end: u64,
    /// Made once: making one costs more than a page.
    decompressor: RefCell<Decompressor<'static>>,
}

const DAMAGED_INDEX: StoreError = StoreError::Damaged("its index is cut off or altered");
const DAMAGED_PAGE: StoreError = StoreError::Damaged("a page of it is altered");

impl<P: Pages> Store<P> {
    pub fn open(pages: P) -> Result<Self, StoreError> {
        let size = pages.size();
        if size < HEAD + TRAILER || !pages.read_at(0, HEAD as usize)?.starts_with(MAGIC) {
            return Err(StoreError::NoStore);
        }
        let trailer = pages.read_at(size - TRAILER, TRAILER as usize)?;
        if !trailer.ends_with(MAGIC) {
            return Err(StoreError::Damaged("its end is missing"));
        }
        let found = small(&trailer, 72).ok_or(DAMAGED_INDEX)?;
        if found != VERSION {
            return Err(StoreError::OtherVersion { found });
        }
        if small(&trailer, 68) != Some(checksum(&trailer[..68])) {
            return Err(StoreError::Damaged("its trailer is altered"));
        }
        let (start, length) = (number(&trailer, 0).ok_or(DAMAGED_INDEX)?, number(&trailer, 8).ok_or(DAMAGED_INDEX)?);
        let fits = start.checked_add(length).is_some_and(|end| end == size - TRAILER) && start >= HEAD && length <= LARGEST;
        if !fits {
            return Err(DAMAGED_INDEX);
        }
        let index = pages.read_at(start, length as usize)?;
        if small(&trailer, 16) != Some(checksum(&index)) {
            return Err(DAMAGED_INDEX);
        }
        let digest = trailer[32..64].try_into().map_err(|_| DAMAGED_INDEX)?;
        Self::of_index(pages, index, digest, start)
    }

    fn of_index(pages: P, index: Vec<u8>, digest: [u8; 32], content_end: u64) -> Result<Self, StoreError> {
        let part = |at| small(&index, at).ok_or(DAMAGED_INDEX);
        let shape = Shape { names: part(0)?, texts: part(4)?, filter: part(8)? };
        let tables = (shape.names as usize + shape.texts as usize) * PAGE + shape.filter as usize + SHAPE;
        let meta = index.get(tables..).and_then(|bytes| postcard::from_bytes(bytes).ok()).ok_or(DAMAGED_INDEX)?;
        Ok(Store { pages, index, shape, meta, digest, content_end, decompressor: RefCell::new(Decompressor::new()?) })
    }

    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// SHA-256 of the content, hex: of every record as it is before compression, whenever and from
    /// whichever files it was imported.
    pub fn digest(&self) -> String {
        self.digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Every record of a package, withdrawn ones too, sorted by id.
    pub fn records(&self, name: &PackageName) -> Result<Vec<Record>, StoreError> {
        let hash = Hash::of(name.as_str());
        if !self.may_have(hash) {
            return Ok(Vec::new());
        }
        let page = self.page(self.names_page(hash.page(self.shape.names as usize)))?;
        for (key, value) in entries(&page)? {
            if key == name.as_str() {
                return postcard::from_bytes(value).map_err(|_| DAMAGED_PAGE);
            }
        }
        Ok(Vec::new())
    }

    /// The long text of a record; empty where it has none.
    pub fn details(&self, id: &AdvisoryId) -> Result<String, StoreError> {
        let page = self.page(self.texts_page(Hash::of(id.as_str()).page(self.shape.texts as usize)))?;
        let found = entries(&page)?.into_iter().find(|(key, _)| *key == id.as_str());
        Ok(found.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).unwrap_or_default())
    }

    /// Every record of every package, page by page: a record of several packages comes once for each.
    pub fn each(&self, visit: &mut dyn FnMut(Record) -> io::Result<()>) -> Result<(), StoreError> {
        for number in 0..self.shape.names as usize {
            let page = self.page(self.names_page(number))?;
            for (_, value) in entries(&page)? {
                let records: Vec<Record> = postcard::from_bytes(value).map_err(|_| DAMAGED_PAGE)?;
                records.into_iter().try_for_each(&mut *visit)?;
            }
        }
        Ok(())
    }

    /// Every long text with its record's id.
    pub fn each_text(&self, visit: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>) -> Result<(), StoreError> {
        for number in 0..self.shape.texts as usize {
            let page = self.page(self.texts_page(number))?;
            for (key, value) in entries(&page)? {
                visit(key, value)?;
            }
        }
        Ok(())
    }

    /// Reads every page and compares the content with the digest.
    pub fn verify(&self) -> Result<(), StoreError> {
        let mut hasher = Sha256::new();
        for number in 0..self.shape.names as usize + self.shape.texts as usize {
            hasher.update(self.page(self.names_page(number))?);
        }
        if hasher.finalize()[..] == self.digest { Ok(()) } else { Err(StoreError::Damaged("its content is not what its digest says")) }
    }

    fn may_have(&self, hash: Hash) -> bool {
        let start = SHAPE + (self.shape.names as usize + self.shape.texts as usize) * PAGE;
        let filter = &self.index[start..start + self.shape.filter as usize];
        hash.bits(filter.len()).all(|(byte, bit)| filter.get(byte).is_some_and(|byte| byte & bit != 0))
    }

    fn names_page(&self, number: usize) -> usize {
        SHAPE + number * PAGE
    }

    fn texts_page(&self, number: usize) -> usize {
        SHAPE + (self.shape.names as usize + number) * PAGE
    }

    /// The uncompressed bytes of the page whose place stands at this offset of the index.
    fn page(&self, at: usize) -> Result<Vec<u8>, StoreError> {
        let place = self.index.get(at..at + PAGE).and_then(Page::from_bytes).ok_or(DAMAGED_INDEX)?;
        if place.offset.checked_add(u64::from(place.length)).is_none_or(|end| end > self.content_end) {
            return Err(DAMAGED_INDEX);
        }
        let bytes = self.pages.read_at(place.offset, place.length as usize)?;
        if checksum(&bytes) != place.checksum {
            return Err(DAMAGED_PAGE);
        }
        let size = small(&bytes, 0).filter(|size| u64::from(*size) <= LARGEST).ok_or(DAMAGED_PAGE)?;
        self.decompressor.borrow_mut().decompress(&bytes[4..], size as usize).map_err(|_| DAMAGED_PAGE)
    }
}

/// Keys and values of a page: lengths as u32, one after the other.
fn entries(page: &[u8]) -> Result<Vec<(&str, &[u8])>, StoreError> {
    let mut entries = Vec::new();
    let mut rest = page;
    while !rest.is_empty() {
        let (key, after) = piece(rest).ok_or(DAMAGED_PAGE)?;
        let (value, after) = piece(after).ok_or(DAMAGED_PAGE)?;
        entries.push((std::str::from_utf8(key).map_err(|_| DAMAGED_PAGE)?, value));
        rest = after;
    }
    Ok(entries)
}

fn piece(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = small(bytes, 0)? as usize;
    bytes[4..].split_at_checked(length)
}
