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

/// The bytes of a file of at most `limit` of them. What the user names may be a symlink or a FIFO: they
/// chose it, unlike what a repository holds.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let error = |source| InputError { path: path.into(), source };
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(error)?.take(limit.saturating_add(1));
    file.read_to_end(&mut bytes).map_err(error)?;
    if bytes.len() as u64 > limit { Err(error(io::Error::other(format!("it has more than {limit} bytes")))) } else { Ok(bytes) }
}

/// The bytes of a file that nobody but its owner may read, as ssh wants it of private keys.
pub fn secret(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let error = |source| InputError { path: path.into(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(error)?.permissions().mode();
        if mode & 0o077 != 0 {
            let message = format!("others may read it (its mode is {:03o}); `chmod 600` it", mode & 0o777);
            return Err(error(io::Error::new(io::ErrorKind::PermissionDenied, message)));
        }
    }
    bytes(path, limit)
}

/// The text of such a file.
pub fn read(path: &Path, limit: u64) -> Result<String, InputError> {
    let error = |source| InputError { path: path.into(), source };
    String::from_utf8(bytes(path, limit)?).map_err(|_| error(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")))
}

/// A file itself, or the files of a folder whose names end in `.json` or `.jsonl`, sorted. A folder below it, no such
/// file at all, and more than `most` are errors: whoever names a folder wants all of it to count.
pub fn files(path: &Path, most: usize) -> Result<Vec<PathBuf>, InputError> {
    let error = |source| InputError { path: path.into(), source };
    let refused = |reason: String| error(io::Error::other(reason));
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(error)? {
        let file = entry.map_err(error)?.path();
        if file.is_dir() {
            return Err(refused(format!("it holds the folder {}, which is not entered", file.display())));
        }
        let is_record = |ending: &std::ffi::OsStr| ["json", "jsonl"].iter().any(|other| ending.eq_ignore_ascii_case(other));
        if file.extension().is_some_and(is_record) {
            files.push(file);
        }
        if files.len() > most {
            return Err(refused(format!("it holds more than {most} files")));
        }
    }
    if files.is_empty() {
        return Err(refused("no file in it ends in .json or .jsonl".into()));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::files;

    #[test]
    fn a_folder_is_taken_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let ask = || files(folder.path(), 3).map(|files| files.len()).map_err(|error| error.to_string());
        assert!(ask().unwrap_err().contains("no file in it"));
        for name in ["a.json", "B.JSON", "c.jsonl", "README"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(ask(), Ok(3));
        std::fs::write(folder.path().join("d.json"), "").unwrap();
        assert!(ask().unwrap_err().contains("more than 3"));
        std::fs::remove_file(folder.path().join("d.json")).unwrap();
        std::fs::create_dir(folder.path().join("more")).unwrap();
        assert!(ask().unwrap_err().contains("is not entered"));
    }
}
