//! The parts of a store file, with their sizes and how a key finds its page.

use crate::model::Ecosystem;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(super) const MAGIC: &[u8; 12] = b"sbomgate-adv";
pub(super) const VERSION: u32 = 2;
pub(super) const HEAD: u64 = 16;
pub(super) const TRAILER: u64 = 88;

/// No page and no index is larger, compressed or not: a file that says so is damaged.
pub(super) const LARGEST: u64 = 64 << 20;

/// What a store is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub ecosystem: Ecosystem,
    pub records: u64,
    pub packages: u64,
    pub malware: u64,
    /// Unmaintained, unsound, notices.
    pub informational: u64,
    pub withdrawn: u64,
    /// When the newest record was changed, in seconds since 1970.
    pub newest: i64,
    /// When the store was written, in seconds since 1970.
    pub imported: i64,
    /// Where the records came from, each once, sorted.
    pub sources: Vec<Source>,
}

impl Meta {
    /// From when the store's age counts, in seconds since 1970: up to when the source that gave most of its
    /// records tells. A single record that is imported today does not make the others younger, nor does
    /// carrying a store to another machine.
    pub fn as_of(&self) -> i64 {
        let largest = self.sources.iter().max_by_key(|source| (source.records, std::cmp::Reverse(source.taken)));
        largest.map_or(self.imported, |source| source.taken)
    }

    /// Whether it holds single records alone: then it says nothing of packages that these do not name.
    pub fn is_part(&self) -> bool {
        self.sources.iter().filter(|source| source.records > 0).all(Source::is_part)
    }

    /// Records, or parts of them, that could not be read when they came in: whether they concern a
    /// package of this ecosystem is not known.
    pub fn rejected(&self) -> u64 {
        self.sources.iter().map(|source| source.rejected).sum()
    }
}

/// A file that was imported, or an address that was asked. The last time counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The file with the folder that holds it; an address without its credentials.
    pub name: String,
    /// Records that it had for this ecosystem.
    pub records: u64,
    /// Records and parts of records of it that were rejected.
    pub rejected: u64,
    /// Up to when it tells, in seconds since 1970: when a server was last asked; of a file, when the newest of its
    /// records was changed, as nothing says when it was fetched.
    pub taken: i64,
    /// What the server called the state that was taken in (HTTP's ETag).
    pub etag: Option<String>,
}

/// What a store calls the sources that it does not name one by one.
pub const FURTHER_SOURCES: &str = "further sources";

impl Source {
    /// Whether it is one record, by its name, or many of which it is no longer known what they were. A dump, a
    /// folder and an archive are taken for everything that there is of an ecosystem.
    fn is_part(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        name == FURTHER_SOURCES || !name.contains("://") && (name.ends_with(".json") || name.ends_with(".md"))
    }
}

/// Where a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub offset: u64,
    /// Compressed, in bytes.
    pub length: u32,
    /// CRC-32 of the compressed bytes.
    pub checksum: u32,
}

pub(super) const PAGE: usize = 16;

impl Page {
    pub fn to_bytes(self) -> [u8; PAGE] {
        let mut bytes = [0; PAGE];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..].copy_from_slice(&self.checksum.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Page> {
        Some(Page { offset: number(bytes, 0)?, length: small(bytes, 8)?, checksum: small(bytes, 12)? })
    }
}

/// The sizes of the parts of an index, at its head; the meta data is the rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub names: u32,
    pub texts: u32,
    pub filter: u32,
}

pub(super) const SHAPE: usize = 12;

pub(super) fn number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

pub(super) fn small(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The hash of a key: the start of its SHA-256, so that it is the same everywhere and for ever.
#[derive(Clone, Copy)]
pub(super) struct Hash(u64, u64);

impl Hash {
    pub fn of(key: &str) -> Hash {
        let digest = Sha256::digest(key.as_bytes());
        Hash(number(&digest, 0).unwrap_or(0), number(&digest, 8).unwrap_or(0))
    }

    /// The page of a key, among `pages`.
    pub fn page(self, pages: usize) -> usize {
        ((u128::from(self.0) * pages as u128) >> 64) as usize
    }

    /// The bits of a key in a filter of `bytes` bytes (Bloom, by double hashing).
    pub fn bits(self, bytes: usize) -> impl Iterator<Item = (usize, u8)> {
        const PROBES: u64 = 5;
        let size = (bytes as u64 * 8).max(1);
        (0..PROBES).map(move |probe| {
            let bit = self.1.wrapping_add(probe.wrapping_mul(self.0 | 1)) % size;
            ((bit / 8) as usize, 1 << (bit % 8))
        })
    }
}
