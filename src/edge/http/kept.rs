//! Where an answer's bytes go: into memory, or into a file in which a later run goes on.

use crate::edge::files::Positioned;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Takes the bytes of an answer.
pub trait Kept {
    /// What is there already: how many bytes, and of which state of the thing.
    fn held(&self) -> Option<(u64, &str)>;

    /// Bytes follow, from the first one or, where that is said, after those that are there.
    fn begin(&mut self, goes_on: bool, etag: Option<&str>) -> io::Result<()>;

    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;

    fn length(&self) -> u64;
}

impl Kept for Vec<u8> {
    fn held(&self) -> Option<(u64, &str)> {
        None
    }

    fn begin(&mut self, _: bool, _: Option<&str>) -> io::Result<()> {
        self.clear();
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn length(&self) -> u64 {
        self.len() as u64
    }
}

/// A file on its way. What came stays when a run breaks off, with the state that it is of (in a file
/// beside it); [`Partial::remove`] takes both away.
pub struct Partial {
    file: File,
    path: PathBuf,
    length: u64,
    etag: Option<String>,
}

const LONGEST_ETAG: u64 = 1024;

impl Partial {
    /// Nobody else may have it open: the caller holds a lock of the folder.
    pub fn open(path: &Path) -> io::Result<Partial> {
        let file = File::options().create(true).truncate(false).read(true).append(true).open(path)?;
        let mut text = String::new();
        let read = File::open(note(path)).and_then(|note| note.take(LONGEST_ETAG).read_to_string(&mut text));
        let etag = read.is_ok().then_some(text).filter(|etag| is_strong(etag));
        Ok(Partial { length: file.metadata()?.len(), file, path: path.into(), etag })
    }

    /// The whole of it, to be read.
    pub fn whole(&self) -> io::Result<Positioned> {
        Positioned::of(File::open(&self.path)?)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)?;
        match fs::remove_file(note(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn note(path: &Path) -> PathBuf {
    path.with_added_extension("etag")
}

/// One that says "the same bytes": only by such a one may an answer go on (RFC 9110, 13.1.5).
fn is_strong(etag: &str) -> bool {
    etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"') && etag.bytes().all(|b| b.is_ascii_graphic())
}

impl Kept for Partial {
    fn held(&self) -> Option<(u64, &str)> {
        self.etag.as_deref().filter(|_| self.length > 0).map(|etag| (self.length, etag))
    }

    fn begin(&mut self, goes_on: bool, etag: Option<&str>) -> io::Result<()> {
        if !goes_on {
            self.file.set_len(0)?;
            self.length = 0;
            self.etag = etag.filter(|etag| is_strong(etag)).map(str::to_owned);
            fs::write(note(&self.path), self.etag.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn length(&self) -> u64 {
        self.length
    }
}
