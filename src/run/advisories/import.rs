//! `advisories import`: files to stores, each written whole or not at all.

use super::folder;
use super::intake::{Intake, Origin};
use crate::enrich::advisory::Imported;
use crate::run::RunError;
use std::path::{Path, PathBuf};

/// Reads the files and writes a store for each ecosystem that they tell of. What the stores hold
/// already stays, unless `replace`; of two records of one id the one that was changed last counts.
pub fn import(paths: &[PathBuf], named: Option<&Path>, replace: bool) -> Result<Imported, RunError> {
    let mut intake = Intake::new(folder(named)?)?;
    if !replace {
        intake.keep_old()?;
    }
    for path in paths {
        intake.take(path, &Origin::of_file(path))?;
    }
    if intake.told.taken.is_empty() && intake.told.exploitation.is_empty() {
        return Err(RunError::NothingImported { elsewhere: intake.told.elsewhere, rejected: intake.told.first_rejected() });
    }
    intake.write()
}
