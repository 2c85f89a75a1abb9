//! The fixtures of `read`, found by walking the folders: a new format or case is covered without
//! touching a test.

use sbomgate::model::{RelPath, SourceFile};
use sbomgate::read::{self, FORMATS, Files, Want, members};
use sbomgate::run::{Inventory, Project, Selection};
use std::fs;
use std::path::{Path, PathBuf};

/// One case: `fixtures/read/<format>/<case>`.
pub struct Case {
    pub format: String,
    pub name: String,
    pub folder: PathBuf,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

pub fn cases() -> Vec<Case> {
    let of_format = |format: PathBuf| {
        folders(&format).into_iter().map(move |folder| Case { format: name(&format), name: name(&folder), folder }).collect::<Vec<_>>()
    };
    let cases: Vec<Case> = folders(&root().join("read")).into_iter().flat_map(of_format).collect();
    assert!(cases.len() > 100, "only {} cases were found", cases.len());
    cases
}

impl Case {
    pub fn label(&self) -> String {
        format!("{}/{}", self.format, self.name)
    }

    /// The case's input as a folder outside of any repository, since the fixtures lie in ours.
    pub fn laid_out(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(&self.folder.join("input"), folder.path());
        folder
    }

    /// What `sbomgate::run` reads of it, with no folder left out. Documents are never looked for: every
    /// file of such a case is named.
    pub fn read(&self) -> Inventory {
        let folder = self.laid_out();
        match self.is_of_documents() {
            false => read_folder(folder.path()),
            true => {
                let named: Vec<String> = self.files().iter().map(|(path, _)| path.to_string()).collect();
                let selection = Selection::new(&RelPath::root(), &named, &[], &[]).unwrap();
                Project::open(folder.path()).unwrap().read(None, &selection).unwrap().0
            }
        }
    }

    pub fn is_of_documents(&self) -> bool {
        FORMATS.iter().any(|format| format.id() == self.format && format.is_document())
    }

    /// Whether a file of the input is read for itself, not as a companion.
    pub fn is_lockfile(&self, path: &RelPath) -> bool {
        self.is_of_documents() || read::format_of(path).is_some()
    }

    /// Every file of the input with its path.
    pub fn files(&self) -> Vec<(RelPath, Vec<u8>)> {
        let input = self.folder.join("input");
        let mut files = Vec::new();
        walk(&input, &mut |path| {
            let below = path.strip_prefix(&input).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((RelPath::new(&below).unwrap(), fs::read(path).unwrap()));
        });
        files
    }
}

pub fn read_folder(folder: &Path) -> Inventory {
    let everything = Selection::new(&RelPath::root(), &[], &["**".to_owned()], &[]).unwrap();
    Project::open(folder).unwrap().read(None, &everything).unwrap().0
}

/// A lockfile with the companions that its format asks for: what `run` would fetch, without a
/// disk; none where its text is of no format. `Err` where the lockfile is not text.
pub fn in_memory(lockfile: &RelPath, files: &[(RelPath, Vec<u8>)]) -> Result<Files, u32> {
    let source = |(path, bytes): &(RelPath, Vec<u8>)| SourceFile::new(path.clone(), bytes.clone()).map_err(|error| error.line());
    let mut read = Files::new(source(files.iter().find(|(path, _)| path == lockfile).unwrap())?);
    let Some(format) = read::format_for(&read.lockfile) else { return Ok(read) };
    loop {
        let wants = format.companions(&read);
        let is_wanted = |path: &RelPath| wants.iter().any(|want| fits(want, path));
        let is_known = |path: &RelPath| path == lockfile || read.companions.contains_key(path) || read.unreadable.contains_key(path);
        let new: Vec<_> = files.iter().filter(|(path, _)| !is_known(path) && is_wanted(path)).collect();
        if new.is_empty() {
            return Ok(read);
        }
        for file in new {
            match source(file) {
                Ok(companion) => drop(read.companions.insert(file.0.clone(), companion)),
                Err(line) => drop(read.unreadable.insert(file.0.clone(), format!("line {line} is not text"))),
            }
        }
    }
}

fn fits(want: &Want, path: &RelPath) -> bool {
    match want {
        Want::File(wanted) => wanted == path,
        Want::Members { folder, pattern, file_name } => {
            path.file_name() == *file_name
                && path.parent().below(folder).is_some_and(|below| members::Patterns::new([&**pattern]).fits(below))
        }
    }
}

pub fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap_or_else(|error| panic!("{}: {error}", of.display()));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Every file below a folder, sorted.
pub fn walk(folder: &Path, found: &mut dyn FnMut(&Path)) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { walk(&path, found) } else { found(&path) }
    }
}

pub fn copy(from: &Path, to: &Path) {
    walk(from, &mut |path| {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    });
}
