//! What lies beside the lockfiles of two revisions and can let packages in while no lockfile says so:
//! lockfiles that went out of sight, submodules that moved. Manifests that nothing locks are
//! [`super::uncovered`]'s, settings [`super::settings`]'s.

use super::acquire::{self, Discovered};
use super::{RunError, Skipped};
use crate::edge::{Found, Query, Snapshot};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, RelPath};
use crate::read::{self, settings, unlocked};
use std::collections::{BTreeMap, BTreeSet};

/// Two revisions and the lockfiles of each.
pub struct Both<'s> {
    pub base: &'s dyn Snapshot,
    pub head: &'s dyn Snapshot,
    pub old: &'s Discovered,
    pub new: &'s Discovered,
}

/// One file at the two revisions; at least one side has it, and they differ.
pub type Changed = (RelPath, Option<Found>, Option<Found>);

impl Both<'_> {
    /// Every manifest and every file of settings which one side has otherwise than the other.
    pub fn changed(&self) -> Result<Vec<Changed>, RunError> {
        let of_formats = read::FORMATS.iter().filter_map(|format| format.manifest_names()).flatten().copied();
        let names: BTreeSet<&str> = of_formats.chain(unlocked::MANIFESTS.map(|(name, _)| name)).chain(settings::file_names()).collect();
        let wanted: &dyn Fn(&str) -> bool = &|path| names.contains(path.rsplit('/').next().unwrap_or(path));
        let by_path = |snapshot: &dyn Snapshot| -> Result<BTreeMap<RelPath, Found>, RunError> {
            let found = snapshot.find(&Query { wanted, enter: &acquire::enters })?;
            Ok(found.into_iter().filter(|found| wanted(found.path.as_str())).map(|found| (found.path.clone(), found)).collect())
        };
        let (mut old, mut new) = (by_path(self.base)?, by_path(self.head)?);
        let paths: BTreeSet<RelPath> = old.keys().chain(new.keys()).cloned().collect();
        let both = paths.into_iter().map(|path| {
            let (before, after) = (old.remove(&path), new.remove(&path));
            (path, before, after)
        });
        Ok(both
            .filter(|(_, before, after)| match (before, after) {
                (Some(before), Some(after)) => !self.is_same(before, after),
                _ => true,
            })
            .collect())
    }

    /// Whether one side has a file otherwise than the other. What cannot be looked up differs.
    pub fn differs(&self, path: &RelPath) -> bool {
        match (self.base.look_up(path), self.head.look_up(path)) {
            (Ok(Some(before)), Ok(Some(after))) => !self.is_same(&before, &after),
            (Ok(None), Ok(None)) => false,
            _ => true,
        }
    }

    /// Compared by object id where both sides have one, else by the bytes. What cannot be read differs.
    pub fn is_same(&self, before: &Found, after: &Found) -> bool {
        match (before.content, after.content) {
            (Some(before), Some(after)) => before == after,
            _ => match (self.base.read(before, acquire::SIZE_LIMIT), self.head.read(after, acquire::SIZE_LIMIT)) {
                (Ok(before), Ok(after)) => before == after,
                _ => false,
            },
        }
    }

    /// Submodules of which the head has the base's commit: nothing in them is new.
    pub fn unmoved_submodules(&self) -> BTreeSet<RelPath> {
        let old: BTreeMap<&RelPath, &Found> = self.old.submodules.iter().map(|found| (&found.path, found)).collect();
        let is_unmoved =
            |found: &&Found| old.get(&found.path).is_some_and(|before| before.content.is_some() && before.content == found.content);
        self.new.submodules.iter().filter(is_unmoved).map(|found| found.path.clone()).collect()
    }

    /// Lockfiles that are left out of the head while one of their name went: nothing tells what they
    /// lock, and the base's did.
    pub fn moved_out_of_sight(&self, gone: &BTreeSet<RelPath>) -> Vec<Gap> {
        let is_new = |skipped: &&Skipped| !self.old.skipped.iter().any(|old| old.path == skipped.path);
        let with_gone = self.new.skipped.iter().filter(is_new).filter_map(|skipped| {
            let gone = gone.iter().find(|gone| gone.file_name() == skipped.path.file_name())?;
            let (reason, path) = (&skipped.reason, quoted(skipped.path.as_str()));
            let message =
                format!("{} went, and this one is new and left out ({reason}): `--include` with {path} takes it in", quoted(gone.as_str()));
            Some(Gap::of_file(GapKind::UnreadLockfile, &skipped.path, message))
        });
        with_gone.collect()
    }
}
