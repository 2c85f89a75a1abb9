//! Files, of a folder or of a test, to the graphs of their lockfiles.

use sbomgate::graph::{self, DepGraph};
use sbomgate::model::{RelPath, SourceFile};
use sbomgate::read::{self, Files, Want, members};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[derive(Default)]
pub struct Repository(BTreeMap<RelPath, Vec<u8>>);

impl Repository {
    pub fn of(files: &[(&str, &str)]) -> Self {
        Repository(files.iter().map(|(path, text)| (RelPath::new(path).unwrap(), text.as_bytes().to_vec())).collect())
    }

    pub fn of_folder(folder: &Path) -> Self {
        let mut repository = Repository::default();
        repository.add_folder(folder, &RelPath::root());
        repository
    }

    fn add_folder(&mut self, folder: &Path, at: &RelPath) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = at.join(entry.file_name().to_str().unwrap()).unwrap();
            if entry.file_type().unwrap().is_dir() {
                self.add_folder(&entry.path(), &path);
            } else {
                self.0.insert(path, fs::read(entry.path()).unwrap());
            }
        }
    }

    /// The graph of every lockfile that can be read, sorted by path.
    pub fn graphs(&self) -> Vec<DepGraph> {
        self.0.keys().filter_map(|path| self.graph(path)).collect()
    }

    fn graph(&self, path: &RelPath) -> Option<DepGraph> {
        let mut files = Files::new(self.source(path)?);
        let format = read::format_for(&files.lockfile)?;
        loop {
            let wanted = format.companions(&files).into_iter().flat_map(|want| self.wanted(&want));
            let new: Vec<RelPath> = wanted.filter(|found| found != path && !files.companions.contains_key(found)).collect();
            let found: Vec<SourceFile> = new.iter().filter_map(|path| self.source(path)).collect();
            if found.is_empty() {
                break;
            }
            files.companions.extend(found.into_iter().map(|file| (file.path().clone(), file)));
        }
        read::parse(format, &files).ok().map(graph::build)
    }

    fn wanted(&self, want: &Want) -> Vec<RelPath> {
        match want {
            Want::File(path) => vec![path.clone()],
            Want::Members { folder, pattern, file_name } => {
                let fits = |path: &&RelPath| {
                    path.file_name() == *file_name
                        && path.parent().below(folder).is_some_and(|below| members::Patterns::new([&**pattern]).fits(below))
                };
                self.0.keys().filter(fits).cloned().collect()
            }
        }
    }

    fn source(&self, path: &RelPath) -> Option<SourceFile> {
        SourceFile::new(path.clone(), self.0.get(path)?.clone()).ok()
    }
}
