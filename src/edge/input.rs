//! Files that the user names on the command line, wherever they lie.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be read: {source}", path.display())]
pub struct InputError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// The text of a file of at most `limit` bytes. What the user names may be a symlink or a FIFO: they
/// chose it, unlike what a repository holds.
pub fn read(path: &Path, limit: u64) -> Result<String, InputError> {
    let error = |source| InputError { path: path.into(), source };
    let mut text = String::new();
    let mut file = File::open(path).map_err(error)?.take(limit.saturating_add(1));
    file.read_to_string(&mut text).map_err(error)?;
    if text.len() as u64 > limit { Err(error(io::Error::other(format!("it has more than {limit} bytes")))) } else { Ok(text) }
}

/// A file itself, or the files of a folder whose names end in `.json` or `.jsonl`, sorted; folders below it
/// are not entered. More than `most` is an error.
pub fn files(path: &Path, most: usize) -> Result<Vec<PathBuf>, InputError> {
    let error = |source| InputError { path: path.into(), source };
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(error)? {
        let file = entry.map_err(error)?.path();
        let is_record = file.extension().is_some_and(|ending| ending == "json" || ending == "jsonl");
        if is_record && file.is_file() {
            files.push(file);
        }
        if files.len() > most {
            return Err(error(io::Error::other(format!("it holds more than {most} files"))));
        }
    }
    files.sort();
    Ok(files)
}
