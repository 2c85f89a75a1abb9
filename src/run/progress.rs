//! How far a long run has come, for whoever watches.

use crate::model::RelPath;

/// Hears of each step before it begins. Nothing that is said here is part of a result.
pub trait Progress {
    /// Lockfile `number` of `total` of one revision is read; from 1.
    fn reading(&self, lockfile: &RelPath, number: usize, total: usize);

    /// So many bytes of an address came, of so many in all where that is known; without any, it is asked.
    fn fetching(&self, _address: &str, _bytes: u64, _total: Option<u64>) {}

    /// They are all read; another revision may follow.
    fn read(&self);
}

/// Nobody watches.
pub struct Silent;

impl Progress for Silent {
    fn reading(&self, _: &RelPath, _: usize, _: usize) {}

    fn read(&self) {}
}
