//! Files that are read in pieces, a file of our own for what does not fit into memory, and the folder
//! where the system keeps what can be made again.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An open file that is read at any place. Somebody who puts another one in its place changes
/// nothing of it.
#[derive(Debug)]
pub struct Positioned {
    file: File,
    size: u64,
}

impl Positioned {
    /// `None` where there is no such file.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        match File::open(path) {
            Ok(file) if file.metadata()?.is_file() => Positioned::of(file).map(Some),
            Ok(_) => Err(io::Error::other("it is not a file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(in crate::edge) fn of(file: File) -> io::Result<Self> {
        Ok(Positioned { size: file.metadata()?.len(), file })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Exactly `length` bytes from `offset`. More than the file has is an error before anything is
    /// allocated.
    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        if offset.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        read_exact_at(&self.file, &mut bytes, offset)?;
        Ok(bytes)
    }
}

/// A temporary file that is written at its end and read anywhere; nobody else sees it, and it goes
/// with the process.
pub struct Scratch {
    file: File,
    written: u64,
    /// What comes after `written`, not yet in the file.
    buffer: Vec<u8>,
}

const BUFFER: usize = 1 << 20;

impl Scratch {
    pub fn new(folder: &Path) -> io::Result<Self> {
        Ok(Scratch { file: tempfile::tempfile_in(folder)?, written: 0, buffer: Vec::with_capacity(BUFFER) })
    }

    /// Returns where the bytes begin.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let start = self.written + self.buffer.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.file.write_all(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(start)
    }

    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        if let Some(start) = offset.checked_sub(self.written).and_then(|start| usize::try_from(start).ok()) {
            let range = start.checked_add(length).and_then(|end| self.buffer.get(start..end));
            return range.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        read_exact_at(&self.file, &mut bytes, offset)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Moves the file's own position, which nobody here relies on but the end of a scratch file: that is
/// written by `write_all` alone, so it is put back.
#[cfg(windows)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    use std::os::windows::fs::FileExt;
    let mut done = 0;
    while done < bytes.len() {
        match file.seek_read(&mut bytes[done..], offset + done as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => done += read,
        }
    }
    let mut position = file;
    position.seek(SeekFrom::End(0)).map(|_| ())
}

/// The user's folder for what can be made again: XDG_CACHE_HOME or ~/.cache (XDG base directories),
/// ~/Library/Caches on macOS, LOCALAPPDATA on Windows. `None` where the environment names none.
pub fn cache_folder() -> Option<PathBuf> {
    let folder = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return folder("LOCALAPPDATA").map(|path| path.join("sbomgate"));
    }
    let home = || folder("HOME").map(|home| home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }));
    folder("XDG_CACHE_HOME").or_else(home).map(|path| path.join("sbomgate"))
}

/// Held by whoever changes a folder's files; it goes with the process. Readers ask for none.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits while another process holds it.
    pub fn of(folder: &Path) -> io::Result<Lock> {
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(".lock"))?;
        match file.lock() {
            // Some network file systems know no locks: what is written there is whole all the same.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
            _ => Ok(Lock { _file: file }),
        }
    }
}

/// The files of a folder and of the folders in it, sorted; none where it is not there. No symlink is followed, and of
/// more than `most` the rest is an error.
pub fn below(folder: &Path, most: usize) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
            if files.len() + folders.len() > most {
                return Err(io::Error::other(format!("it holds more than {most} files")));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Makes a folder with everything above it.
pub fn make_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}
