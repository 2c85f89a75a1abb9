//! Settings of package managers that lie in a repository beside its lockfiles. They say where packages
//! are fetched from, and what runs meanwhile; a lockfile can stay as it is while they change.
//!
//! Two revisions of a file are compared by what they say ([`said`]), not by their lines: each value is
//! of a source, read elsewhere, or of something that is not read ([`meaning`]). Nothing that changed is
//! passed over because something else in the file is told.

mod meaning;
mod said;

use crate::model::{Address, Ecosystem, PackageName, RelPath, SourceFile, registry};
use hashbrown::HashSet;
use meaning::Meaning;
use said::Said;

/// Where such settings lie, and the ecosystem whose package manager takes them from a folder around
/// the lockfile.
const FILES: [(&str, Ecosystem); 13] = [
    (".npmrc", Ecosystem::Npm),
    (".yarnrc", Ecosystem::Npm),
    (".yarnrc.yml", Ecosystem::Npm),
    ("bunfig.toml", Ecosystem::Npm),
    ("pnpm-workspace.yaml", Ecosystem::Npm),
    (".pnpmfile.cjs", Ecosystem::Npm),
    (".pnpmfile.mjs", Ecosystem::Npm),
    (".cargo/config.toml", Ecosystem::Cargo),
    (".cargo/config", Ecosystem::Cargo),
    ("uv.toml", Ecosystem::Pypi),
    ("pdm.toml", Ecosystem::Pypi),
    (".pdm.toml", Ecosystem::Pypi),
    ("poetry.toml", Ecosystem::Pypi),
];

/// Changed sources of one file that are kept one by one; of more, the first stands for all packages.
const MOST_SOURCES: usize = 10_000;

/// How the files are called, without their folders.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| path.rsplit('/').next().unwrap_or(path))
}

/// For which ecosystem a file sets something, and the folder for which it does.
pub fn of(path: &RelPath) -> Option<(Ecosystem, RelPath)> {
    let segments: Vec<&str> = path.segments().collect();
    FILES.iter().find_map(|(name, ecosystem)| {
        let length = name.split('/').count();
        let (folder, own) = segments.split_at_checked(segments.len().checked_sub(length)?)?;
        (own.join("/") == *name).then(|| Some((*ecosystem, RelPath::new(&folder.join("/")).ok()?)))?
    })
}

/// The lockfile together with which a file is read, and whether it can lie further in.
pub fn lockfile_of(path: &RelPath) -> Option<(&'static str, bool)> {
    match path.file_name() {
        ".yarnrc.yml" => Some(("yarn.lock", true)),
        "pnpm-workspace.yaml" => Some(("pnpm-lock.yaml", false)),
        _ => None,
    }
}

/// The other files that can say the same for a folder: those of the ecosystem in it and around it.
pub fn beside(path: &RelPath, ecosystem: Ecosystem, folder: &RelPath) -> Vec<RelPath> {
    let mut folders = vec![folder.clone()];
    while let Some(last) = folders.last().filter(|last| !last.is_root()) {
        folders.push(last.parent());
    }
    let names = || FILES.iter().filter(|(_, other)| *other == ecosystem).map(|(name, _)| name);
    let all = folders.iter().flat_map(|folder| names().filter_map(|name| folder.join(name).ok()));
    all.filter(|other| other != path).collect()
}

/// Settings that two revisions do not have alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSettings {
    pub path: RelPath,
    pub ecosystem: Ecosystem,
    /// The folder for which they hold, with all below it.
    pub folder: RelPath,
    /// The lockfiles around the folder that are used from there, where it has none of its own.
    pub around: Vec<RelPath>,
    /// What of them concerns where packages come from.
    pub sources: Vec<ChangedSource>,
    /// What else they set, if anything, which is not read.
    pub unread: Option<Unread>,
}

/// One value that only one of the revisions has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSource {
    pub line: u32,
    /// What is set, without the value, which may be a secret.
    pub what: String,
    /// The npm scope, `@zoo`, whose packages alone are meant.
    pub scope: Option<String>,
    /// The address of the registry that is named, where the value is one and nothing else.
    pub place: Option<Address>,
}

/// The first of the values that are not read, and how many more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// `None` where only the base has it.
    pub line: Option<u32>,
    pub what: String,
    pub more: usize,
}

/// What lies around a file and bears on what its values mean.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// No other file sets a registry for the same folder: the public one is the default.
    pub alone: bool,
    /// A lockfile is read together with the file ([`lockfile_of`]).
    pub locked: bool,
}

impl ChangedSettings {
    /// Whether the package manager uses the settings when it works with the lockfile.
    pub fn hold_for(&self, lockfile: &RelPath, ecosystem: Option<Ecosystem>) -> bool {
        ecosystem == Some(self.ecosystem) && (lockfile.is_below(&self.folder) || self.around.contains(lockfile))
    }

    /// Whether a lockfile's packages may come from elsewhere now.
    pub fn concerns(&self, lockfile: &RelPath, ecosystem: Option<Ecosystem>) -> bool {
        !self.sources.is_empty() && self.hold_for(lockfile, ecosystem)
    }
}

/// The packages of a registry that some changed sources are of. Made once: a hostile file has thousands
/// of scopes for thousands of packages.
pub struct Meant<'s> {
    all: bool,
    scopes: HashSet<&'s str>,
}

impl<'s> Meant<'s> {
    pub fn by(sources: impl IntoIterator<Item = &'s ChangedSource>) -> Self {
        let mut meant = Meant { all: false, scopes: HashSet::new() };
        for source in sources {
            match &source.scope {
                Some(scope) => drop(meant.scopes.insert(scope)),
                None => meant.all = true,
            }
        }
        meant
    }

    pub fn has(&self, name: &PackageName) -> bool {
        self.all || name.as_str().split_once('/').is_some_and(|(scope, _)| self.scopes.contains(scope))
    }
}

/// What two texts of a file do not say alike; what the newer one says comes first. Of a program any
/// change is one source. `None` where the other side has no such file.
pub fn changed(
    path: &RelPath,
    before: Option<&SourceFile>,
    after: Option<&SourceFile>,
    around: Around,
) -> (Vec<ChangedSource>, Option<Unread>) {
    let source = |line: u32, what: String| ChangedSource { line, what, scope: None, place: None };
    if path.file_name().starts_with(".pnpmfile.") {
        return (vec![source(1, "a program that changes what is resolved".to_owned())], None);
    }
    let said = |file: Option<&SourceFile>| file.map_or(Ok(Vec::new()), |file| said::read(file, around.locked));
    let (before, after) = match (said(before), said(after)) {
        (Ok(before), Ok(after)) => (before, after),
        // What cannot be read can say anything.
        (Err(problem), _) | (_, Err(problem)) => return (vec![source(problem.0.unwrap_or(1), problem.1)], None),
    };
    let (mut sources, mut others) = (Vec::new(), Vec::new());
    let (new, mut gone) = (only_in(&after, &before, around.alone), only_in(&before, &after, around.alone));
    // Another value is told once.
    let told = |said: &Said| (said.key.clone(), matches!(said.meaning, Meaning::Source(_)));
    let keys: HashSet<(String, bool)> = new.iter().map(|said| told(said)).collect();
    gone.retain(|said| !keys.contains(&told(said)));
    for (said, is_new) in new.into_iter().map(|said| (said, true)).chain(gone.into_iter().map(|said| (said, false))) {
        let what = if is_new { said.shown() } else { format!("no longer {}", said.shown()) };
        match &said.meaning {
            Meaning::Source(scope) => {
                let place =
                    Some(&said.value).filter(|value| is_new && said.is_place() && value.contains("://")).map(|value| Address::new(value));
                sources.push(ChangedSource { line: said.line, what, scope: scope.clone(), place });
            }
            Meaning::Other => others.push((is_new.then_some(said.line), what)),
            Meaning::Passed => {}
        }
    }
    if sources.len() > MOST_SOURCES {
        sources.truncate(1);
        (sources[0].scope, sources[0].place) = (None, None);
    }
    let more = others.len().saturating_sub(1);
    (sources, others.into_iter().next().map(|(line, what)| Unread { line, what, more }))
}

/// What one side says and the other does not. That packages come from the public registry goes without
/// saying where no other is named.
fn only_in<'s>(own: &'s [Said], other: &[Said], alone: bool) -> Vec<&'s Said> {
    let others: HashSet<(&str, &str)> = other.iter().map(|said| (&*said.key, &*said.value)).collect();
    let is_public = |said: &Said| registry::is_default(&said.value);
    let is_default = alone && own.iter().filter(|said| said.is_place()).all(is_public);
    let new = own.iter().filter(|said| !others.contains(&(&*said.key, &*said.value)));
    let mut new: Vec<&Said> = new.filter(|said| !(is_default && said.is_place())).collect();
    new.sort_by_key(|said| said.line);
    new
}

/// Whether a file names a place for packages that is not the public registry; one that cannot be read may.
pub fn names_another_place(file: &SourceFile) -> bool {
    let is_program = file.path().file_name().starts_with(".pnpmfile.");
    let other = |said: &Said| said.is_place() && !registry::is_default(&said.value);
    !is_program && said::read(file, false).map_or(true, |said| said.iter().any(other))
}

#[cfg(test)]
mod tests;
