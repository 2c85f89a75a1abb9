//! Everything that the files say, before it is joined: requirements with their notes, versions held
//! by constraints, settings that hold for all.

use super::line::{Line, trimmed};
use super::manifest;
use super::requirement::{self, Refusal, Requirement, Wanted};
use super::settings::Settings;
use super::statement::{Role, Stated, Statement};
use super::unlocked;
use super::via::{By, NoteReader};
use super::walk::{Step, Walk, limit};
use crate::model::{Digest, Ecosystem, Gap, GapKind, Location, PackageName, RelPath, SourceFile, Version};
use crate::read::toml_file::TomlFile;
use crate::read::{Files, ReadError};
use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Fifty times what the largest projects have; each costs three kilobytes until it is reported.
const MOST_REQUIREMENTS: usize = 100_000;
/// Most first-party folders whose manifest is looked for.
const MOST_FOLDERS: usize = 1_000;
/// Most files named in notes; each is looked for.
const MOST_NOTED: usize = 1_000;

pub(super) struct Reading {
    pub lockfile: RelPath,
    /// Where the project lies: local paths count from there.
    pub project: RelPath,
    pub written: Vec<Written>,
    /// Versions that constraints hold packages at; `None` where they name several.
    pub held: HashMap<PackageName, Option<Held>>,
    pub settings: Settings,
    /// Files named in notes, each with the file that the note stands in.
    pub noted: BTreeSet<(RelPath, String)>,
    /// The files whose requirements get installed.
    pub installed: BTreeSet<RelPath>,
    /// Packages that the tool says it left out (pip-compile's unsafe ones, `--no-emit-package`).
    pub left_out: HashSet<PackageName>,
    pub gaps: Vec<Gap>,
    /// The names that the manifests of folders state.
    own_names: RefCell<HashMap<RelPath, Option<PackageName>>>,
}

/// A requirement that gets installed, where it stands, and who asked for it.
pub(super) struct Written {
    pub location: Location,
    pub text: String,
    pub requirement: Requirement,
    pub hashes: Vec<Digest>,
    pub asked_by: Vec<By>,
}

/// A version that a constraint allows alone.
pub(super) struct Held {
    pub version: Version,
    pub by: RelPath,
}

/// Where pip is run: local paths in requirements count from there, not from the file. A lockfile
/// does not say where that is; it is taken to be the lockfile's folder, or the folder above for a
/// file in a folder named `requirements`.
pub(super) fn project_folder(lockfile: &RelPath) -> RelPath {
    let folder = lockfile.parent();
    if folder.file_name() == "requirements" { folder.parent() } else { folder }
}

impl Reading {
    pub fn of(files: &Files) -> Result<Self, ReadError> {
        let mut walk = Walk::new(files);
        let mut reader = Reader::new(files, false);
        while let Some(step) = walk.next().transpose()? {
            reader.take(step)?;
        }
        let mut reading = reader.reading;
        reading.gaps.append(&mut walk.gaps);
        reading.gaps.extend(reading.settings.further_sources());
        Ok(reading)
    }

    pub fn has_notes(&self) -> bool {
        self.written.iter().any(|written| !written.asked_by.is_empty())
    }

    /// The constraint that settles the version of a requirement from an index.
    pub fn holding(&self, requirement: &Requirement) -> Option<&Held> {
        match &requirement.wanted {
            Wanted::Version { pin: None, .. } => self.held.get(&requirement.name)?.as_ref(),
            _ => None,
        }
    }

    fn folders(&self) -> impl Iterator<Item = &RelPath> {
        self.written.iter().filter_map(|written| match &written.requirement.wanted {
            Wanted::Place(place) => place.folder(),
            Wanted::Version { .. } => None,
        })
    }

    /// Looked up once a folder: a hostile file names one on every line.
    fn own_name(&self, files: &Files, folder: &RelPath) -> Option<PackageName> {
        let mut names = self.own_names.borrow_mut();
        names.entry(folder.clone()).or_insert_with(|| own_name(files, folder)).clone()
    }

    /// A requirement by its text. A folder's own manifest names it better than the folder does, and
    /// notes use that name.
    pub fn requirement(&self, stated: &Stated, files: &Files) -> Result<Requirement, Refusal> {
        let mut requirement = requirement::read(&stated.text, stated.editable, &self.project)?;
        if let Wanted::Place(place) = &requirement.wanted {
            let folder = place.folder().filter(|_| !place.name_is_stated);
            requirement.name = folder.and_then(|folder| self.own_name(files, folder)).unwrap_or(requirement.name);
        }
        Ok(requirement)
    }
}

/// The manifest that names a folder's project.
pub(super) fn manifest_of(folder: &RelPath) -> Option<RelPath> {
    folder.join("pyproject.toml").ok()
}

fn own_name(files: &Files, folder: &RelPath) -> Option<PackageName> {
    let toml = TomlFile::parse(files.companions.get(&manifest_of(folder)?)?).ok()?;
    let root = toml.root();
    let poetry = || root.table("tool").ok()??.table("poetry").ok()?;
    let name = root.table("project").ok().flatten().or_else(poetry)?.str("name").ok()??;
    Some(PackageName::of_root(Ecosystem::Pypi, name))
}

/// Takes the lines of all files, one after the other.
struct Reader<'a> {
    files: &'a Files,
    reading: Reading,
    notes: NoteReader,
    /// The file of the last line, and its last requirement: notes below belong to it.
    file: Option<&'a SourceFile>,
    last: Option<usize>,
    leaving_out: bool,
    /// Whether only the files are looked for that the lines name.
    seeks_files: bool,
}

impl<'a> Reader<'a> {
    fn new(files: &'a Files, seeks_files: bool) -> Self {
        let reading = Reading {
            lockfile: files.path().clone(),
            project: project_folder(files.path()),
            written: Vec::new(),
            held: HashMap::new(),
            settings: Settings::default(),
            noted: BTreeSet::new(),
            installed: BTreeSet::new(),
            left_out: HashSet::new(),
            gaps: Vec::new(),
            own_names: RefCell::new(HashMap::new()),
        };
        Reader { files, reading, notes: NoteReader::default(), file: None, last: None, leaving_out: false, seeks_files }
    }

    fn take(&mut self, step: Step<'a>) -> Result<(), ReadError> {
        let Step { file, role, line, statement } = step;
        self.enter(file, role);
        let location = || Location::new(file.path(), line.number);
        let is_requirement = matches!(statement, Statement::Requirement(_));
        match statement {
            Statement::Requirement(stated) if self.seeks_files && !may_be_folder(&stated) => self.last = None,
            Statement::Requirement(stated) if role == Role::Requirements => self.requirement(stated, location())?,
            Statement::Requirement(stated) => self.constraint(stated, location())?,
            Statement::Settings(settings) => self.reading.settings.take(settings, &location()),
            Statement::Nothing | Statement::File { .. } => {}
        }
        self.note_left_out(&line);
        self.note(file.path(), &line, is_requirement)
    }

    fn enter(&mut self, file: &'a SourceFile, role: Role) {
        if !self.file.is_some_and(|last| std::ptr::eq(last, file)) {
            self.file = Some(file);
            self.last = None;
            self.notes = NoteReader::default();
            if role == Role::Requirements {
                self.reading.installed.insert(file.path().clone());
            }
        }
    }

    fn requirement(&mut self, stated: Stated, location: Location) -> Result<(), ReadError> {
        self.last = None;
        let requirement = match self.reading.requirement(&stated, self.files) {
            Ok(requirement) => requirement,
            Err(refusal) => return self.refused(&stated, &location, refusal),
        };
        if self.reading.written.len() >= MOST_REQUIREMENTS {
            return Err(limit(&location, "requirements", MOST_REQUIREMENTS));
        }
        self.last = Some(self.reading.written.len());
        let Stated { text, hashes, .. } = stated;
        self.reading.written.push(Written { location, text, requirement, hashes, asked_by: Vec::new() });
        Ok(())
    }

    /// What pip would refuse is an error; what pip may take once it knows more is a gap.
    fn refused(&mut self, stated: &Stated, location: &Location, refusal: Refusal) -> Result<(), ReadError> {
        let message = match refusal {
            Refusal::Nameless(message) => message,
            Refusal::Syntax(_) if requirement::has_variable(&stated.text) => {
                format!("{} is known only once an environment variable is put in", requirement::shown(&stated.text))
            }
            Refusal::Syntax(message) => return Err(ReadError::syntax(&location.file, location.line, message)),
        };
        self.reading.gaps.push(Gap::at(GapKind::UnknownRequirement, location, message));
        Ok(())
    }

    /// Constraints install nothing. One with a marker holds only in some environments, so it settles
    /// nothing here.
    fn constraint(&mut self, stated: Stated, location: Location) -> Result<(), ReadError> {
        self.last = None;
        let requirement = match self.reading.requirement(&stated, self.files) {
            Ok(requirement) => requirement,
            Err(refusal) => return self.refused(&stated, &location, refusal),
        };
        if let Wanted::Place(place) = &requirement.wanted {
            let message =
                format!("the constraint {} puts this source in the place of the stated one, for pip", requirement::shown(&place.text));
            self.reading.gaps.push(Gap::at(GapKind::UnknownRequirement, &location, message));
        }
        let Wanted::Version { pin: Some(version), .. } = requirement.wanted else { return Ok(()) };
        if requirement.marker.is_some() {
            return Ok(());
        }
        let held = Held { version, by: location.file };
        match self.reading.held.entry(requirement.name) {
            Entry::Vacant(place) => {
                place.insert(Some(held));
            }
            Entry::Occupied(mut known) if known.get().as_ref().is_some_and(|known| known.version != held.version) => {
                known.insert(None);
            }
            Entry::Occupied(_) => {}
        }
        Ok(())
    }

    fn note(&mut self, file: &RelPath, line: &Line<'_>, is_requirement: bool) -> Result<(), ReadError> {
        let mut unheard = Vec::new();
        let notes = self.last.map_or(&mut unheard, |last| &mut self.reading.written[last].asked_by);
        let known = notes.len();
        self.notes.read(line, is_requirement, notes);
        // Notes belong to a requirement; where files are sought, to one that was passed over as well.
        if self.last.is_none() && !self.seeks_files {
            return Ok(());
        }
        for by in &notes[known..] {
            if let By::Project(Some(path)) = by {
                self.reading.noted.insert((file.clone(), path.clone()));
            }
        }
        if self.reading.noted.len() > MOST_NOTED {
            return Err(limit(&Location::new(file, line.number), "files named in notes", MOST_NOTED));
        }
        Ok(())
    }

    /// `# The following packages …`, then `# name` lines.
    fn note_left_out(&mut self, line: &Line<'_>) {
        let Some(comment) = line.comment.as_deref().filter(|_| line.text.is_empty()) else {
            self.leaving_out = false;
            return;
        };
        let comment = trimmed(comment);
        if comment.starts_with("The following packages ") {
            self.leaving_out = true;
        } else if self.leaving_out {
            let name = comment.split(['=', ' ']).next().unwrap_or("");
            self.reading.left_out.extend(PackageName::new(Ecosystem::Pypi, name));
        }
    }
}

/// Whether a requirement can name a folder: without any of this it is a name, and what is asked of it.
fn may_be_folder(stated: &Stated) -> bool {
    stated.editable || stated.text.starts_with('.') || stated.text.contains(['/', '\\', '@', ':'])
}

/// The files that could say more, as far as those that are there tell: included ones, manifests,
/// and those that name first-party folders. An error ends the search; parsing will report it.
pub(super) fn wanted(files: &Files) -> BTreeSet<RelPath> {
    let mut walk = Walk::new(files);
    let mut reader = Reader::new(files, true);
    while let Some(Ok(step)) = walk.next() {
        if reader.take(step).is_err() {
            break;
        }
    }
    let mut wanted = std::mem::take(&mut walk.named);
    wanted.extend(manifest::candidates(&reader.reading));
    let folders: BTreeSet<&RelPath> = reader.reading.folders().take(MOST_FOLDERS).collect();
    wanted.extend(folders.into_iter().flat_map(|folder| unlocked::files_of(folder, files, &reader.reading.project)));
    wanted.remove(files.path());
    wanted
}
