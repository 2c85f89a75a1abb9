//! `advisories export`: every store in one file, to be carried to a machine without a network.

use super::{folder, open};
use crate::edge::{archive, output};
use crate::enrich::advisory::exploitation::FILE_NAME;
use crate::enrich::advisory::store::file_name;
use crate::model::Ecosystem;
use crate::run::RunError;
use std::path::{Path, PathBuf};

/// Writes a zip with the stores and the facts on exploitation as they are; `import` reads it. Each is held against its digest
/// before. Returns the ecosystems in it.
pub fn export(file: &Path, named: Option<&Path>) -> Result<Vec<Ecosystem>, RunError> {
    let folder = folder(named)?;
    let mut stores: Vec<(Ecosystem, PathBuf)> = Vec::new();
    for ecosystem in Ecosystem::ALL {
        let path = folder.join(file_name(ecosystem));
        if let Some(store) = open(&folder, ecosystem)? {
            store.verify().map_err(|source| RunError::Store { file: path.clone(), source })?;
            stores.push((ecosystem, path));
        }
    }
    if stores.is_empty() {
        return Err(RunError::NoStore(folder));
    }
    let facts = folder.join(FILE_NAME);
    let has_facts = super::open_exploitation(&folder)?.is_some();
    let mut files: Vec<(String, &Path)> = stores.iter().map(|(ecosystem, path)| (file_name(*ecosystem), path.as_path())).collect();
    files.extend(has_facts.then_some((FILE_NAME.to_owned(), facts.as_path())));
    output::write_durably(file, |out| archive::pack(&files, out))?;
    Ok(stores.into_iter().map(|(ecosystem, _)| ecosystem).collect())
}
