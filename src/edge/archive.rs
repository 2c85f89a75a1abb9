//! Files that a user gives to be imported: single ones, folders, zip and tar.gz archives. Everything
//! in them is hostile: sizes are bounded as they are unpacked, whatever the archive says of them.

use super::files::Positioned;
use super::tar;
use flate2::read::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes of one file at most; the largest records in use have under one MB.
pub const LARGEST_FILE: u64 = 16 << 20;
/// Bytes that come out of a file that is compressed by itself; EPSS's scores have 10 MB.
const LARGEST_COMPRESSED: u64 = 128 << 20;
/// Bytes that come out of one archive or folder at most. All of npm's records have about 1 GB.
const LARGEST_TOTAL: u64 = 16 << 30;
/// Bytes of one file that goes to the disk.
const LARGEST_ON_DISK: u64 = 2 << 30;
const MOST_FILES: usize = 4_000_000;
const DEEPEST: usize = 32;

/// What one file holds.
pub enum Content {
    Bytes(Vec<u8>),
    /// A file with the ending that was asked for, of any size.
    Large(Positioned),
    /// Why it cannot be read.
    Unreadable(String),
}

#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct ArchiveError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// What is looked for.
pub struct Wanted<'w> {
    /// By the path in the archive or folder. A file that the user names is always wanted.
    pub file: &'w dyn Fn(&str) -> bool,
    /// Files with this ending are not read into memory.
    pub large: &'w str,
    /// Where those are put that lie in an archive.
    pub scratch: &'w Path,
}

type Visit<'v> = &'v mut dyn FnMut(&str, Content) -> io::Result<()>;

/// Calls `visit` with the name and content of each file that is wanted, in an order that depends on
/// the archive alone; those of a folder sorted. An archive that cannot be read at all is an error, one
/// file of it is [`Content::Unreadable`].
pub fn each(path: &Path, wanted: &Wanted<'_>, visit: Visit<'_>) -> Result<(), ArchiveError> {
    let result = fs::metadata(path).and_then(|metadata| {
        if metadata.is_dir() {
            let mut budget = Budget { bytes: LARGEST_TOTAL, files: MOST_FILES };
            return each_of_folder(path, path, wanted, &mut budget, 0, visit);
        }
        let mut file = File::open(path)?;
        let mut start = [0; 4];
        let read = file.read(&mut start)?;
        file.rewind()?;
        match &start[..read] {
            [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => each_of_zip(file, wanted, visit),
            [0x1f, 0x8b, ..] if is_tar(&mut file)? => each_of_tar(file, wanted, visit),
            [0x1f, 0x8b, ..] => compressed(path, file, visit),
            _ => one(path, file, wanted, visit),
        }
    });
    result.map_err(|source| ArchiveError { path: path.into(), source })
}

/// What may still come.
struct Budget {
    bytes: u64,
    files: usize,
}

impl Budget {
    fn new() -> Self {
        Budget { bytes: LARGEST_TOTAL, files: MOST_FILES }
    }

    fn file(&mut self) -> io::Result<()> {
        self.files = self.files.checked_sub(1).ok_or_else(|| io::Error::other(format!("it has more than {MOST_FILES} files")))?;
        Ok(())
    }

    fn bytes(&mut self, bytes: u64) -> io::Result<()> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| io::Error::other(format!("more than {LARGEST_TOTAL} bytes come out of it")))?;
        Ok(())
    }

    /// At most [`LARGEST_FILE`] bytes, or why there are none.
    fn content(&mut self, from: &mut dyn Read) -> io::Result<Content> {
        let mut bytes = Vec::new();
        let result = from.take(LARGEST_FILE + 1).read_to_end(&mut bytes);
        self.bytes(bytes.len() as u64)?;
        Ok(match result {
            Err(error) => Content::Unreadable(error.to_string()),
            Ok(_) if bytes.len() as u64 > LARGEST_FILE => Content::Unreadable(format!("it has more than {LARGEST_FILE} bytes")),
            Ok(_) => Content::Bytes(bytes),
        })
    }

    /// The same for a file that may be large, which goes to the disk.
    fn large(&mut self, from: &mut dyn Read, scratch: &Path) -> io::Result<Content> {
        let mut file = tempfile::tempfile_in(scratch)?;
        let copied = io::copy(&mut from.take(LARGEST_ON_DISK + 1), &mut file)?;
        self.bytes(copied)?;
        if copied > LARGEST_ON_DISK {
            return Ok(Content::Unreadable(format!("it has more than {LARGEST_ON_DISK} bytes")));
        }
        file.flush()?;
        Ok(Content::Large(Positioned::of(file)?))
    }
}

fn one(path: &Path, mut file: File, wanted: &Wanted<'_>, visit: Visit<'_>) -> io::Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_large = ends_with(&name, wanted.large) && file.metadata()?.is_file();
    let content = if is_large { Content::Large(Positioned::of(file)?) } else { Budget::new().content(&mut file)? };
    visit(&path.to_string_lossy(), content)
}

/// Whether a tar archive comes out of a compressed file.
fn is_tar(file: &mut File) -> io::Result<bool> {
    let mut block = Vec::new();
    MultiGzDecoder::new(BufReader::new(&mut *file)).take(tar::BLOCK as u64).read_to_end(&mut block)?;
    file.rewind()?;
    Ok(block.is_empty() || tar::begins(&block))
}

/// One file that is compressed by itself, under its name.
fn compressed(path: &Path, file: File, visit: Visit<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let unpacked = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file));
    unpacked.take(LARGEST_COMPRESSED + 1).read_to_end(&mut bytes)?;
    let is_large = bytes.len() as u64 > LARGEST_COMPRESSED;
    let reason = || Content::Unreadable(format!("more than {LARGEST_COMPRESSED} bytes come out of it"));
    visit(&path.to_string_lossy(), if is_large { reason() } else { Content::Bytes(bytes) })
}

fn each_of_zip(file: File, wanted: &Wanted<'_>, visit: Visit<'_>) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(BufReader::with_capacity(1 << 16, file)).map_err(io::Error::other)?;
    let mut budget = Budget::new();
    for number in 0..archive.len() {
        budget.file()?;
        let name = match archive.name_for_index(number) {
            Some(Ok(name)) => name.into_owned(),
            _ => {
                visit(&format!("entry {}", number + 1), Content::Unreadable("its name cannot be read".into()))?;
                continue;
            }
        };
        if passes_over(&name, wanted) {
            continue;
        }
        let content = match archive.by_index(number) {
            _ if is_archive(&name) => nested(),
            Err(error) => Content::Unreadable(error.to_string()),
            Ok(entry) if entry.is_symlink() => linked(),
            Ok(mut entry) if ends_with(&name, wanted.large) => budget.large(&mut entry, wanted.scratch)?,
            Ok(mut entry) => budget.content(&mut entry)?,
        };
        visit(&name, content)?;
    }
    Ok(())
}

fn each_of_tar(file: File, wanted: &Wanted<'_>, visit: Visit<'_>) -> io::Result<()> {
    let mut budget = Budget::new();
    // What is passed over counts as well: it is unpacked all the same.
    let mut unpacked = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file)).take(LARGEST_TOTAL);
    let result = tar::each(&mut unpacked, &mut |name, content| {
        budget.file()?;
        if passes_over(name, wanted) {
            return Ok(());
        }
        let content = match content {
            None => linked(),
            Some(_) if is_archive(name) => nested(),
            Some(content) if ends_with(name, wanted.large) => budget.large(content, wanted.scratch)?,
            Some(content) => budget.content(content)?,
        };
        visit(name, content)
    });
    if unpacked.limit() == 0 { Err(io::Error::other(format!("more than {LARGEST_TOTAL} bytes come out of it"))) } else { result }
}

/// Whether nothing is lost by leaving a file out: its name is that of neither a record nor an archive.
fn passes_over(name: &str, wanted: &Wanted<'_>) -> bool {
    !(wanted.file)(name) && !ends_with(name, wanted.large) && !is_archive(name)
}

fn ends_with(name: &str, ending: &str) -> bool {
    let (name, ending) = (name.as_bytes(), ending.as_bytes());
    name.len() >= ending.len() && name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
}

/// By its name: it may hold records, and what is in it is not looked at.
fn is_archive(name: &str) -> bool {
    [".zip", ".gz", ".tgz", ".tar"].iter().any(|ending| ends_with(name, ending))
}

fn nested() -> Content {
    Content::Unreadable("an archive within is not looked into; name it by itself".into())
}

fn linked() -> Content {
    Content::Unreadable("it is a link or no plain file, and not followed; name what it leads to".into())
}

/// Symlinks are not followed and `.git` is not entered.
fn each_of_folder(top: &Path, folder: &Path, wanted: &Wanted<'_>, budget: &mut Budget, depth: usize, visit: Visit<'_>) -> io::Result<()> {
    if depth > DEEPEST {
        return Err(io::Error::other(format!("it has folders of more than {DEEPEST} levels")));
    }
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if kind.is_dir() {
            if entry.file_name() != ".git" {
                each_of_folder(top, &path, wanted, budget, depth + 1, visit)?;
            }
        } else if !passes_over(&name, wanted) || kind.is_symlink() && path.is_dir() {
            budget.file()?;
            // What is no plain file is not opened: a FIFO would wait for ever.
            let content = match kind.is_file() {
                false => linked(),
                true if is_archive(&name) => nested(),
                true => of_folder(&path, &name, wanted, budget)?,
            };
            visit(&name, content)?;
        }
    }
    Ok(())
}

fn of_folder(path: &Path, name: &str, wanted: &Wanted<'_>, budget: &mut Budget) -> io::Result<Content> {
    match File::open(path) {
        Err(error) => Ok(Content::Unreadable(error.to_string())),
        Ok(file) if ends_with(name, wanted.large) => Ok(Content::Large(Positioned::of(file)?)),
        Ok(mut file) => budget.content(&mut file),
    }
}

/// Writes a zip of files, each under a name, as they are: they are compressed already. The same files
/// give the same bytes.
pub fn pack(files: &[(String, &Path)], out: &mut dyn Write) -> io::Result<()> {
    let mut archive = zip::ZipWriter::new_stream(out);
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .large_file(true);
    for (name, path) in files {
        archive.start_file(name.as_str(), options).map_err(io::Error::other)?;
        io::copy(&mut File::open(path)?, &mut archive)?;
    }
    archive.finish().map_err(io::Error::other)?.flush()
}
