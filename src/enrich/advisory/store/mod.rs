//! The store: one immutable file an ecosystem.
//!
//! ```text
//! head     16 bytes: MAGIC, format version
//! pages    of records by package name, then of long texts by record id; each compressed by zstd
//! index    the pages' places and checksums, a filter of the names, what the store is (postcard)
//! trailer  88 bytes: where the index is, its checksum, SHA-256 of the uncompressed pages, format version, MAGIC
//! ```
//!
//! A key belongs to the page that its hash says, so opening reads the index alone and a look-up one
//! page, whatever the size of the file; a name that the store does not have is told by the filter,
//! mostly without reading. The same records give the same pages, index and digest. Version 2 is read
//! by this program; another version is refused with what mends it, and nothing is ever changed in place.

mod build;
mod format;
mod open;

pub use build::{Builder, Spool};
pub use format::{FURTHER_SOURCES, Meta, Source};
pub use open::{Pages, Store, StoreError};

use crate::model::Ecosystem;

/// What the file of an ecosystem is called.
pub fn file_name(ecosystem: Ecosystem) -> String {
    format!("{}{EXTENSION}", ecosystem.osv_name())
}

/// The end of the name of such a file, in an export too.
pub const EXTENSION: &str = ".advisories";
