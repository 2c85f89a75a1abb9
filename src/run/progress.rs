//! How far a long run has come, for whoever watches.

use crate::model::RelPath;

/// Hears of each step before it begins. Nothing that is said here is part of a result.
pub trait Progress {
    /// Lockfile `number` of `total` of one revision is read; from 1.
    fn reading(&self, lockfile: &RelPath, number: usize, total: usize);

    /// They are all read; another revision may follow.
    fn read(&self);
}

/// Nobody watches.
pub struct Silent;

impl Progress for Silent {
    fn reading(&self, _: &RelPath, _: usize, _: usize) {}

    fn read(&self) {}
}
