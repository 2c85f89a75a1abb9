//! What the use cases around a store answer with, as values that reports draw.

use crate::model::{AdvisoryId, Ecosystem, Package};
use std::collections::BTreeMap;

/// What an import or an update did.
#[derive(Debug, Default)]
pub struct Imported {
    /// Records that were taken, by ecosystem; one that tells of two counts for both.
    pub taken: BTreeMap<Ecosystem, u64>,
    /// CVEs of which facts on exploitation were taken, by their source.
    pub exploitation: BTreeMap<&'static str, u64>,
    /// Records of other ecosystems alone.
    pub elsewhere: u64,
    /// How many records, or parts of records, were rejected.
    pub rejected: u64,
    /// The first of them.
    pub list: Vec<Rejected>,
}

/// Something that should be a record and is not used, or not in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file, and the entry of it where it is an archive; an address.
    pub file: String,
    pub reason: String,
}

/// Rejections that are listed at most; more than that is one fault, not many.
const MOST_LISTED: usize = 1000;

impl Imported {
    pub fn reject(&mut self, file: String, reason: String) {
        self.rejected += 1;
        if self.list.len() < MOST_LISTED {
            self.list.push(Rejected { file, reason });
        }
    }

    pub fn first_rejected(&self) -> Option<String> {
        self.list.first().map(|rejected| format!("{}: {}", rejected.file, rejected.reason))
    }
}

/// One record held against one package, with what was asked.
#[derive(Debug)]
pub struct Affects {
    /// `None` where the record tells of none of our ecosystems.
    pub record: Option<AdvisoryId>,
    pub package: Package,
    /// `None` where it cannot be decided.
    pub affected: Option<bool>,
    pub reason: String,
}
