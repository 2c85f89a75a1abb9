//! `textconv`: what a lockfile holds, a package a line, for `git diff`.
//!
//! git hands over copies of the two sides, each alone in a folder of its own. So nothing beside the file is
//! looked at, on either side: a manifest that lies beside one of them would be a difference that is none.

use super::{Project, RunError, SIZE_LIMIT};
use crate::edge::{EntryKind, Snapshot, WorkTree};
use crate::graph::{self, DepGraph};
use crate::model::{GapKind, RelPath, SourceFile};
use crate::read::{self, Files, ReadError, ReadErrorKind};

/// What is shown of a file.
#[derive(Debug)]
pub enum Shown {
    /// What the lockfile says by itself.
    Packages(Box<DepGraph>),
    /// The file as it is, and why nothing else can be said of it.
    AsItIs(Vec<u8>, String),
}

/// Reads the file. One that cannot be read is shown as it is; one that is not there is an error.
pub fn read(project: &Project, text: &str) -> Result<Shown, RunError> {
    for (folder, path) in project.places(text) {
        let snapshot = WorkTree::without_repository(&folder);
        let Some(found) = snapshot.look_up(&path)?.filter(|found| found.kind == EntryKind::File) else { continue };
        let bytes = snapshot.read(&found, SIZE_LIMIT)?;
        return Ok(match SourceFile::new(path, bytes.clone()) {
            Ok(file) => shown(file),
            Err(error) => Shown::AsItIs(bytes, error.to_string()),
        });
    }
    Err(RunError::NoSuchFile(text.to_owned()))
}

fn shown(file: SourceFile) -> Shown {
    let text = file.text().to_owned();
    match of_one(file) {
        Ok(graph) => Shown::Packages(Box::new(graph)),
        Err(error) => Shown::AsItIs(text.into_bytes(), error.kind.to_string()),
    }
}

fn of_one(file: SourceFile) -> Result<DepGraph, ReadError> {
    let file = named(file);
    let unknown = || ReadError::new(file.path(), None, ReadErrorKind::Malformed("no lockfile of this name is read".to_owned()));
    let format = read::format_for(&file).or_else(|| read::guess(file.path())).ok_or_else(unknown)?;
    Ok(graph::build(read::parse(format, &Files::new(file))?))
}

/// The file under its own name, where git put `AbC123_` before it.
fn named(file: SourceFile) -> SourceFile {
    let name = file.path().file_name();
    let own = name.split_once('_').filter(|(mark, _)| mark.len() == 6 && mark.bytes().all(|b| b.is_ascii_alphanumeric()));
    let own = own.and_then(|(_, own)| RelPath::new(own).ok()).filter(|own| read::format_of(own).is_some());
    let renamed = own.filter(|_| read::format_of(file.path()).is_none_or(|format| !format.names().contains(&name)));
    match renamed.and_then(|path| SourceFile::new(path, file.text().as_bytes().to_vec()).ok()) {
        Some(renamed) => renamed,
        None => file,
    }
}

/// Whether a gap is of what lies beside the file, which nobody looked at.
pub fn is_of_other_files(kind: GapKind) -> bool {
    matches!(kind, GapKind::MissingCompanion | GapKind::UnreadManifest)
}
