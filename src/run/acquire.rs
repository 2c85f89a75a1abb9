//! Lockfiles of one snapshot: found, read with their companions, made into graphs.

use super::progress::Progress;
use super::{RunError, Selection, Skipped};
use crate::edge::{EntryKind, Found, Query, Snapshot, SnapshotError};
use crate::graph::{self, DepGraph};
use crate::model::{Gap, GapKind, RelPath, SourceFile};
use crate::read::error::ReadErrorKind;
use crate::read::settings::ChangedSettings;
use crate::read::{self, Files, Format, ReadError, Want, members};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The largest file that is read, in bytes. A package-lock of 100,000 packages has 50 MB.
pub const SIZE_LIMIT: u64 = 256 << 20;

/// Companions of one lockfile at most; workspaces of this size exist, larger ones are an attack.
const MOST_COMPANIONS: usize = 20_000;

/// How often a pattern is tried on a folder, for one lockfile. A hundred patterns in a repository of ten
/// thousand folders need a third of it.
const MOST_TRIES: usize = 3_000_000;

/// What it costs to make a pattern ready, in tries.
const A_PATTERN: usize = 100;

/// What a snapshot holds, before anything is read.
#[derive(Default)]
pub struct Discovered {
    /// Lockfiles to look at, of known and of unsupported formats.
    pub lockfiles: BTreeMap<RelPath, Found>,
    pub skipped: Vec<Skipped>,
    pub submodules: Vec<Found>,
}

/// What was read of a snapshot.
#[derive(Debug, Default)]
pub struct Inventory {
    pub graphs: BTreeMap<RelPath, DepGraph>,
    /// Lockfiles that could not be read, with the error, and everything else that stays unknown.
    pub gaps: Vec<Gap>,
    pub skipped: Vec<Skipped>,
    /// Of a whole project, the settings beside its lockfiles, all of which came in.
    pub settings: Vec<ChangedSettings>,
}

/// Whether a folder is looked into at all: not where installed packages or git's own files lie.
pub fn enters(folder: &str) -> bool {
    !matches!(folder.rsplit('/').next(), Some("node_modules" | ".git"))
}

/// Finds the lockfiles.
pub fn discover(snapshot: &dyn Snapshot, selection: &Selection) -> Result<Discovered, RunError> {
    let mut discovered = Discovered::default();
    if !selection.lockfiles.is_empty() {
        for path in &selection.lockfiles {
            if let Some(found) = snapshot.look_up(path)? {
                discovered.lockfiles.insert(path.clone(), found);
            }
        }
        return Ok(discovered);
    }
    let is_lockfile =
        |path: &str| RelPath::new(path).is_ok_and(|path| read::format_of(&path).is_some() || read::unsupported(&path).is_some());
    for found in snapshot.find(&Query { wanted: &is_lockfile, enter: &enters })? {
        // A submodule is a folder: what holds for all in it holds for it.
        let within = (found.kind == EntryKind::Submodule).then(|| selection.skips(&format!("{}/-", found.path))).flatten();
        if let Some(reason) = selection.skips(found.path.as_str()).or(within) {
            let reason = if found.kind == EntryKind::Submodule { format!("a submodule; {reason}") } else { reason };
            discovered.skipped.push(Skipped { path: found.path, reason });
        } else if found.kind == EntryKind::Submodule {
            discovered.submodules.push(found);
        } else {
            discovered.lockfiles.insert(found.path.clone(), found);
        }
    }
    discovered.skip_overruled();
    Ok(discovered)
}

impl Discovered {
    /// Leaves out each lockfile that the package manager itself passes over for another.
    fn skip_overruled(&mut self) {
        let overruled = |path: &RelPath| read::overruled_by(path).filter(|by| self.lockfiles.contains_key(by));
        let left_out: Vec<Skipped> = self
            .lockfiles
            .keys()
            .filter_map(|path| Some(Skipped { reason: format!("{} beside it counts", overruled(path)?.file_name()), path: path.clone() }))
            .collect();
        for skipped in left_out {
            self.lockfiles.remove(&skipped.path);
            self.skipped.push(skipped);
        }
        self.skipped.sort();
    }
}

/// Reads the lockfiles that `wanted` names. One that cannot be read becomes a gap.
pub fn read(snapshot: &dyn Snapshot, discovered: &Discovered, wanted: &dyn Fn(&RelPath) -> bool, progress: &dyn Progress) -> Inventory {
    let mut inventory = Inventory { skipped: discovered.skipped.clone(), ..Inventory::default() };
    for submodule in &discovered.submodules {
        let message = "this is another repository (a submodule); what it locks is not looked at";
        inventory.gaps.push(Gap::of_file(GapKind::Submodule, &submodule.path, message));
    }
    let lockfiles: Vec<(&RelPath, &Found)> = discovered.lockfiles.iter().filter(|(path, _)| wanted(path)).collect();
    let total = lockfiles.len();
    for (before, (path, found)) in lockfiles.into_iter().enumerate() {
        progress.reading(path, before + 1, total);
        match read_one(snapshot, path, found) {
            Ok(graph) => drop(inventory.graphs.insert(path.clone(), graph)),
            Err(gap) => inventory.gaps.push(gap),
        }
    }
    progress.read();
    inventory
}

/// Reads one file that was named. What cannot be read becomes a gap.
pub fn read_only(snapshot: &dyn Snapshot, found: &Found) -> Inventory {
    let mut inventory = Inventory::default();
    match read_one(snapshot, &found.path, found) {
        Ok(graph) => drop(inventory.graphs.insert(found.path.clone(), graph)),
        Err(gap) => inventory.gaps.push(gap),
    }
    inventory
}

fn read_one(snapshot: &dyn Snapshot, path: &RelPath, found: &Found) -> Result<DepGraph, Gap> {
    if read::format_of(path).is_none() && read::unsupported(path).is_some() {
        return Err(unsupported(path));
    }
    let lockfile = source_file(snapshot, found).map_err(|error| unread(path, &error, error.hint()))?;
    let format = read::format_for(&lockfile).or_else(|| read::guess(path)).ok_or_else(|| unsupported(path))?;
    let graph = files(snapshot, format, lockfile).and_then(|files| Ok(graph::build(read::parse(format, &files)?)));
    graph.map_err(|error| unread(path, &error, if format.is_document() { error.hint_for_document() } else { error.hint() }))
}

/// The error of a lockfile as a gap.
fn unread(lockfile: &RelPath, error: &ReadError, hint: &str) -> Gap {
    let kind = GapKind::UnreadLockfile;
    Gap { kind, file: error.path.clone(), line: error.line, message: error_text(lockfile, error, hint) }
}

/// A lockfile that is known by its name, and by its text where several forms share the name.
fn unsupported(path: &RelPath) -> Gap {
    let message = match read::unsupported(path) {
        Some(format) if read::in_other_case(path).is_some() => format!(
            "this is a lockfile ({format}) on a disk that does not tell small letters from capitals, and none elsewhere: give it its own name"
        ),
        Some(tool) => format!("this lockfile of {tool} is not read yet: nothing is known of what it locks"),
        None => "no lockfile of this name is known, and its text is no SBOM's".to_owned(),
    };
    Gap::of_file(GapKind::UnsupportedFormat, path, message)
}

/// The error, with the lockfile named where another file is to blame.
fn error_text(lockfile: &RelPath, error: &ReadError, hint: &str) -> String {
    let of = if error.path == *lockfile { String::new() } else { format!(" (needed for {lockfile})") };
    format!("{}{of}; {hint}", error.kind)
}

/// The lockfile with its companions, fetched until the format wants nothing new.
fn files(snapshot: &dyn Snapshot, format: &dyn Format, lockfile: SourceFile) -> Result<Files, ReadError> {
    let lockfile_path = lockfile.path().clone();
    let mut files = Files::new(lockfile);
    let mut asked: BTreeSet<Want> = BTreeSet::new();
    let mut folders = Folders::of(snapshot);
    loop {
        let new: Vec<Want> = format.companions(&files).into_iter().filter(|want| asked.insert(want.clone())).collect();
        if new.is_empty() {
            return Ok(files);
        }
        for want in new {
            for path in folders.wanted_paths(&lockfile_path, want)? {
                add_companion(snapshot, &mut files, path)?;
            }
        }
    }
}

/// Every companion of a lockfile by path: its text, or why it cannot be read. An error of the
/// lockfile itself is a text as well; what cannot be read is compared like that.
pub fn companions(snapshot: &dyn Snapshot, format: &dyn Format, found: &Found) -> BTreeMap<RelPath, String> {
    match source_file(snapshot, found).and_then(|lockfile| files(snapshot, format, lockfile)) {
        Err(error) => BTreeMap::from([(found.path.clone(), error.to_string())]),
        Ok(files) => {
            let texts = files.companions.into_iter().map(|(path, file)| (path, file.text().to_owned()));
            texts.chain(files.unreadable).collect()
        }
    }
}

fn add_companion(snapshot: &dyn Snapshot, files: &mut Files, path: RelPath) -> Result<(), ReadError> {
    if files.companions.len() >= MOST_COMPANIONS {
        let kind = ReadErrorKind::Limit { what: "the lockfile needs too many manifests".into(), limit: MOST_COMPANIONS };
        return Err(ReadError::new(files.path(), None, kind));
    }
    if path == *files.path() || files.companions.contains_key(&path) || files.unreadable.contains_key(&path) {
        return Ok(());
    }
    if let Some(found) = snapshot.look_up(&path).map_err(read_error)? {
        match source_file(snapshot, &found) {
            Ok(file) => drop(files.companions.insert(path, file)),
            Err(error) => drop(files.unreadable.insert(path, error.kind.to_string())),
        }
    }
    Ok(())
}

pub fn source_file(snapshot: &dyn Snapshot, found: &Found) -> Result<SourceFile, ReadError> {
    let bytes = snapshot.read(found, SIZE_LIMIT).map_err(read_error)?;
    SourceFile::new(found.path.clone(), bytes)
        .map_err(|error| ReadError::new(&found.path, Some(error.line()), ReadErrorKind::NotText(error.to_string())))
}

fn read_error(error: SnapshotError) -> ReadError {
    let path = error.path().clone();
    let kind = match &error {
        SnapshotError::TooLarge { size, limit, .. } => ReadErrorKind::TooLarge { size: *size, limit: *limit },
        SnapshotError::NotAFile { kind, .. } => ReadErrorKind::NotAFile(kind.to_string()),
        other => ReadErrorKind::Unavailable { message: other.to_string(), hint: other.hint() },
    };
    ReadError::new(&path, None, kind)
}

/// The folders of a snapshot, listed once for all patterns of a lockfile.
struct Folders<'s> {
    snapshot: &'s dyn Snapshot,
    within: HashMap<RelPath, Vec<RelPath>>,
    tries_left: usize,
}

impl<'s> Folders<'s> {
    fn of(snapshot: &'s dyn Snapshot) -> Self {
        Folders { snapshot, within: HashMap::new(), tries_left: MOST_TRIES }
    }

    /// The paths a want names. A pattern is followed folder by folder, as deep as it can fit.
    fn wanted_paths(&mut self, lockfile: &RelPath, want: Want) -> Result<Vec<RelPath>, ReadError> {
        let (folder, pattern, file_name) = match want {
            Want::File(path) => return Ok(vec![path]),
            Want::Members { folder, pattern, file_name } => (folder, pattern, file_name),
        };
        let Ok(start) = folder.join(&members::fixed_part(&pattern)) else { return Ok(Vec::new()) };
        self.spend(lockfile, A_PATTERN)?;
        let fitting = members::Patterns::new([&*pattern]);
        let mut paths = Vec::new();
        let mut level = vec![start];
        for depth in 0.. {
            self.spend(lockfile, level.len())?;
            for here in &level {
                if here.below(&folder).is_some_and(|below| fitting.fits(below)) {
                    paths.extend(here.join(file_name));
                }
            }
            if level.is_empty() || paths.len() > MOST_COMPANIONS || members::depth(&pattern).is_some_and(|most| depth >= most) {
                return Ok(paths);
            }
            level = self.within(&level).map_err(read_error)?;
        }
        Ok(paths)
    }

    fn spend(&mut self, lockfile: &RelPath, tries: usize) -> Result<(), ReadError> {
        let what = || "the patterns of the workspace's members are tried on too many folders".to_owned();
        let too_many = || ReadError::new(lockfile, None, ReadErrorKind::Limit { what: what(), limit: MOST_TRIES });
        self.tries_left = self.tries_left.checked_sub(tries).ok_or_else(too_many)?;
        Ok(())
    }

    fn within(&mut self, level: &[RelPath]) -> Result<Vec<RelPath>, SnapshotError> {
        let mut folders = Vec::new();
        for here in level {
            if !self.within.contains_key(here) {
                let children = self.snapshot.list(here)?.into_iter().filter(|child| child.kind == EntryKind::Folder);
                self.within.insert(here.clone(), children.map(|child| child.path).filter(|path| enters(path.as_str())).collect());
            }
            folders.extend(self.within[here].iter().cloned());
        }
        Ok(folders)
    }
}
