//! Files that are written: whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written: {source}", path.display())]
pub struct OutputError {
    pub path: PathBuf,
    pub source: io::Error,
}

impl OutputError {
    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match self.source.kind() {
            io::ErrorKind::NotFound => "make the folder first",
            io::ErrorKind::PermissionDenied => "choose a place that is writable",
            io::ErrorKind::IsADirectory => "name a file, not a folder",
            _ => "choose another place with --output",
        }
    }
}

/// Writes what `content` says to `path`, so that a reader sees the old file or the new one, never a
/// part: into a temporary file of the same folder, then renamed. A failure leaves the old file as it
/// was and the temporary file removed. A symlink at `path` is followed; a device or a FIFO
/// (`/dev/stdout`) is written to directly. An existing file keeps its permissions.
pub fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), OutputError> {
    write_to(path, content, false)
}

/// The same, and it is on the disk when this returns: for what takes long to be made again.
pub fn write_durably(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), OutputError> {
    write_to(path, content, true)
}

fn write_to(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>, durable: bool) -> Result<(), OutputError> {
    let write = || match place(path)? {
        Place::Device(mut file) => content(&mut file),
        Place::File { target, permissions } => {
            let file = filled(&target, content, permissions)?;
            if durable {
                file.as_file().sync_all()?;
            }
            Ok(file.persist(target).map(drop)?)
        }
    };
    write().map_err(|source| OutputError { path: path.into(), source })
}

/// A file that is written whole and not yet in its place: one of several, none of which is to be there
/// without the others.
pub struct Staged {
    path: PathBuf,
    target: PathBuf,
    file: tempfile::NamedTempFile,
}

/// As [`write`], up to the renaming. `None` for a device, which is written to at once.
pub fn stage(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Option<Staged>, OutputError> {
    let write = || match place(path)? {
        Place::Device(mut file) => content(&mut file).map(|()| None),
        Place::File { target, permissions } => {
            let file = filled(&target, content, permissions)?;
            Ok(Some(Staged { path: path.into(), target, file }))
        }
    };
    write().map_err(|source| OutputError { path: path.into(), source })
}

/// Makes the folder in which a file is to lie, with those around it.
pub fn make_folder_of(path: &Path) -> Result<(), OutputError> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|source| OutputError { path: path.into(), source })
}

impl Staged {
    /// Puts the file in its place. Only renaming can fail here.
    pub fn finish(self) -> Result<(), OutputError> {
        let Staged { path, target, file } = self;
        file.persist(target).map(drop).map_err(|error| OutputError { path, source: error.error })
    }
}

/// What is at a path.
enum Place {
    /// A device or a FIFO: nothing to put in its place.
    Device(std::fs::File),
    File {
        target: PathBuf,
        permissions: Option<std::fs::Permissions>,
    },
}

fn place(path: &Path) -> io::Result<Place> {
    match std::fs::metadata(path) {
        Ok(old) if old.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(old) if !old.is_file() => std::fs::OpenOptions::new().write(true).open(path).map(Place::Device),
        Ok(old) => Ok(Place::File { target: path.canonicalize()?, permissions: Some(old.permissions()) }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Place::File { target: path.into(), permissions: None }),
        Err(error) => Err(error),
    }
}

/// A temporary file beside `target` with the whole content.
fn filled(
    target: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    permissions: Option<std::fs::Permissions>,
) -> io::Result<tempfile::NamedTempFile> {
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = io::BufWriter::with_capacity(1 << 16, temporary(folder)?);
    content(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}

/// A new file gets what the umask leaves of 0666, as any program's output; tempfile alone says 0600.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sbomgate-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        write(&path, |out| out.write_all(b"one")).unwrap();
        write(&path, |out| out.write_all(b"two")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert!(write(folder.path(), |out| out.write_all(b"")).unwrap_err().hint().contains("file"));
        assert!(write(&folder.path().join("no/such/out"), |out| out.write_all(b"")).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_staged_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let staged = super::stage(&path, |out| out.write_all(b"one")).unwrap().unwrap();
        assert!(!path.exists());
        staged.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        drop(super::stage(&path, |out| out.write_all(b"two")).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_stays_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, |out| out.write_all(b"new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
