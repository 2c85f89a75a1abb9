//! What a folder needs where its pyproject.toml leaves that to the build: what setup.cfg and the lists say
//! that the build reads, and for all the rest one need that is another as soon as something changes that
//! may decide it. One of these always speaks: a project is never taken to need nothing because nobody
//! could tell.

use super::listed::listed;
use super::reading::manifest_of;
use super::unlocked::Beside;
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, PackageName, RelPath, SourceFile};
use crate::read::build_requires::Needed;
use crate::read::dynamic::{self, Backend, ListFile};
use crate::read::setup_cfg::{self, Purpose, What};
use crate::read::toml_file::{Table, TomlFile};
use crate::read::{Files, Unlocked, setup_py};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Files at most that a project's build is told to read; more than anybody has.
const MOST_FILES: usize = 300;

/// The files that a folder's pyproject.toml, setup.cfg and setup.py name, as far as they are read.
pub(super) fn files_of(folder: &RelPath, files: &Files) -> Vec<RelPath> {
    named(folder, files).iter().take(MOST_FILES).filter_map(|path| folder.join(path).ok()).collect()
}

fn named(folder: &RelPath, files: &Files) -> Vec<String> {
    let there = |path: Option<RelPath>| path.and_then(|path| files.companions.get(&path));
    let mut paths: Vec<String> = Vec::new();
    if let Some(toml) = there(manifest_of(folder)).and_then(|file| TomlFile::parse(file).ok()) {
        let root = toml.root();
        paths.extend(dynamic::list_files(&root).into_iter().map(|file| file.path));
        paths.extend(dynamic::programs(&root));
    }
    if let Some(file) = there(folder.join(setup_cfg::FILE_NAME).ok()) {
        let items = setup_cfg::lists(file).into_iter().flat_map(|list| list.items);
        paths.extend(items.filter_map(|item| if let What::File(path) = item.what { Some(path) } else { None }));
    }
    let texts = there(folder.join(setup_py::FILE_NAME).ok()).map(setup_py::texts).unwrap_or_default();
    paths.extend(texts.into_iter().filter(|text| setup_py::is_list(text)).map(str::to_owned));
    paths
}

impl Beside<'_> {
    /// Why not all is known, where the build is told to read more files than are read.
    pub fn too_many_files(&self) -> Option<String> {
        let number = named(self.folder, self.files).len();
        let message = || format!("the build of {} reads {number} files, and {MOST_FILES} are read at most", quoted(self.name.as_str()));
        (number > MOST_FILES).then(message)
    }

    /// What the build decides. Poetry's own table, where there is one, is read by itself.
    pub fn of_build(
        &self,
        file: &SourceFile,
        root: &Table<'_, '_>,
        extras: &BTreeSet<PackageName>,
        by_poetry: bool,
        gaps: &mut Vec<Gap>,
    ) -> Vec<Unlocked> {
        let backend = dynamic::backend(root);
        if backend == Backend::Poetry && by_poetry {
            return Vec::new();
        }
        let mut needs = self.of_setuptools(extras, gaps);
        let lists = dynamic::list_files(root);
        let is_explained = by_poetry || !lists.is_empty() || self.has_setuptools() || root.get("project").is_none();
        let from = Location::new(file.path(), 1);
        for list in lists.into_iter().filter(|list| is_asked(&list.extra, extras)) {
            needs.extend(self.of_list(&list, &from, gaps));
        }
        if backend != Backend::Setuptools || !is_explained {
            let programs = dynamic::programs(root);
            let texts = programs.iter().filter_map(|path| Some(self.files.companions.get(&self.folder.join(path).ok()?)?.text()));
            let unread = programs.iter().filter_map(|path| self.unreadable(path));
            gaps.extend(unread.map(|(path, reason)| Gap::of_file(GapKind::UnreadManifest, path, reason.clone())));
            let state = dynamic::state(root).unwrap_or_else(|| file.text().to_owned());
            needs.push(self.undecided(file, &std::iter::once(state.as_str()).chain(texts).collect::<Vec<_>>()));
        }
        needs
    }

    fn companion(&self, name: &str) -> Option<&SourceFile> {
        self.files.companions.get(&self.folder.join(name).ok()?)
    }

    fn unreadable(&self, name: &str) -> Option<(&RelPath, &String)> {
        self.files.unreadable.get_key_value(&self.folder.join(name).ok()?)
    }

    /// Whether setuptools' own files say what is needed.
    fn has_setuptools(&self) -> bool {
        self.companion(setup_py::FILE_NAME).is_some()
            || self.companion(setup_cfg::FILE_NAME).is_some_and(|file| !setup_cfg::lists(file).is_empty())
    }

    /// What setup.cfg says, and of setup.py that it says something.
    pub fn of_setuptools(&self, extras: &BTreeSet<PackageName>, gaps: &mut Vec<Gap>) -> Vec<Unlocked> {
        let mut needs: Vec<Unlocked> = Vec::new();
        if let Some(file) = self.companion(setup_py::FILE_NAME) {
            needs.push(self.undecided(file, &[file.text()]));
            let from = Location::new(file.path(), 1);
            // It may name a file that it writes, or one that lies elsewhere.
            let is_there = |text: &str| self.companion(text).is_some() || self.unreadable(text).is_some();
            let paths = setup_py::texts(file).into_iter().filter(|text| setup_py::is_list(text) && is_there(text));
            for path in paths {
                needs.extend(self.of_list(&ListFile { extra: None, path: path.to_owned() }, &from, gaps));
            }
        }
        let Some(file) = self.companion(setup_cfg::FILE_NAME) else { return needs };
        for list in setup_cfg::lists(file) {
            let extra = if let Purpose::Extra(extra) = list.purpose { Some(extra) } else { None };
            for item in list.items.into_iter().filter(|_| is_asked(&extra, extras)) {
                let location = Location::new(file.path(), item.line);
                match item.what {
                    What::File(path) => needs.extend(self.of_list(&ListFile { extra: None, path }, &location, gaps)),
                    What::Requirement(text) => match super::pep508(&text, self.folder) {
                        Ok(requirement) => needs.push(self.need(Needed::of(requirement), location)),
                        Err(_) => needs.push(self.undecided(file, &[&text])),
                    },
                }
            }
        }
        needs
    }

    /// A list of requirements that the build reads, named at `from`.
    fn of_list(&self, list: &ListFile, from: &Location, gaps: &mut Vec<Gap>) -> Vec<Unlocked> {
        let unread = |kind: GapKind, reason: &str| {
            Gap::at(kind, from, format!("the build of {} reads {}: {reason}", quoted(self.name.as_str()), quoted(&list.path)))
        };
        let Ok(path) = self.folder.join(&list.path) else {
            gaps.push(unread(GapKind::UnknownRequirement, "it lies outside of the repository"));
            return Vec::new();
        };
        if !self.lists.borrow_mut().insert(path.clone()) {
            return Vec::new();
        }
        let is_lockfile = path == *self.files.path();
        let Some(file) = self.files.companions.get(&path).or(is_lockfile.then_some(&self.files.lockfile)) else {
            gaps.push(match self.files.unreadable.get(&path) {
                Some(reason) => unread(GapKind::UnknownRequirement, reason),
                None => unread(GapKind::MissingCompanion, "it is not there"),
            });
            return Vec::new();
        };
        let listed = listed(file);
        let needs = listed.requirements.into_iter();
        let mut needs: Vec<Unlocked> = needs.map(|(asked, line)| self.need(Needed::of(asked), Location::new(&path, line))).collect();
        // What pip installs by this very file stands in the graph.
        if listed.further.is_some() && !self.reading.installed.contains(&path) {
            needs.push(self.undecided(file, &[file.text()]));
        }
        needs
    }

    /// Something that is not read decides. The texts are all that it may decide by.
    fn undecided(&self, file: &SourceFile, texts: &[&str]) -> Unlocked {
        let mut hasher = Sha256::new();
        texts.iter().for_each(|text| hasher.update(text.as_bytes()));
        let state = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let message = format!("{} decides in its build what {} needs, and no lockfile holds that", file.path(), quoted(self.name.as_str()));
        let unlocked = Needed::named(self.name).unlocked(Location::new(file.path(), 1), "");
        Unlocked { state: Some(state.into()), message, ..unlocked }
    }
}

/// Whether a list counts: one of an extra only where the extra is asked for.
fn is_asked(extra: &Option<PackageName>, extras: &BTreeSet<PackageName>) -> bool {
    extra.as_ref().is_none_or(|extra| extras.contains(extra))
}
