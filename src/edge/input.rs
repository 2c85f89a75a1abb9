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
