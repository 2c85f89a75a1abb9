//! What belongs to the user who runs the program: the environment, and the files in the home folder.

use std::io;
use std::path::{Path, PathBuf};

/// All variables of the environment whose name and value are text, sorted.
pub fn variables() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let mut variables: Vec<(String, String)> = std::env::vars_os().filter_map(text).collect();
    variables.sort();
    variables
}

/// The home folder: HOME, on Windows USERPROFILE; `None` where the environment names none.
pub fn home() -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The text of a file; `None` where there is none, and the reason where it cannot be read or has more than `limit` bytes.
pub fn text(path: &Path, limit: u64) -> Result<Option<String>, String> {
    match super::input::read(path, limit) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error.source.to_string()),
    }
}
