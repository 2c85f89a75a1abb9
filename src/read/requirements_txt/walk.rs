//! The files of a requirements file in pip's reading order: an included file's lines stand where
//! the `-r` stands. Each file is read once in each role, so circles end; depth and number are
//! bounded, nothing recurses.

use super::line::{BadLine, Line, LogicalLines};
use super::requirement::has_variable;
use super::statement::{Ignored, Role, Statement};
use crate::model::text::quoted;
use crate::model::{Address, Gap, GapKind, Location, RelPath, SourceFile};
use crate::read::{Files, ReadError, ReadErrorKind};
use std::collections::BTreeSet;

const MOST_FILES: usize = 1_000;
/// Each level of `-r` costs one more round of finding companions.
const DEEPEST: usize = 20;

pub(super) struct Walk<'a> {
    files: &'a Files,
    open: Vec<OpenFile<'a>>,
    seen: BTreeSet<(RelPath, Role)>,
    /// Files that are named and lie in the repository, whether they are there or not.
    pub named: BTreeSet<RelPath>,
    /// What was named and cannot be read, and what pip passes over.
    pub gaps: Vec<Gap>,
}

struct OpenFile<'a> {
    file: &'a SourceFile,
    role: Role,
    lines: LogicalLines<'a>,
}

/// A line with its file.
pub(super) struct Step<'a> {
    pub file: &'a SourceFile,
    pub role: Role,
    pub line: Line<'a>,
    pub statement: Statement,
}

impl Step<'_> {
    pub fn location(&self) -> Location {
        Location::new(self.file.path(), self.line.number)
    }
}

pub(super) fn error(path: &RelPath, bad: BadLine) -> ReadError {
    ReadError::new(path, Some(bad.number), bad.kind)
}

impl<'a> Walk<'a> {
    pub fn new(files: &'a Files) -> Self {
        let mut walk = Walk { files, open: Vec::new(), seen: BTreeSet::new(), named: BTreeSet::new(), gaps: Vec::new() };
        walk.enter(&files.lockfile, Role::Requirements);
        walk
    }

    fn enter(&mut self, file: &'a SourceFile, role: Role) {
        if self.seen.insert((file.path().clone(), role)) {
            self.open.push(OpenFile { file, role, lines: LogicalLines::new(file.text()) });
        }
    }

    fn step(&mut self) -> Result<Option<Step<'a>>, ReadError> {
        while let Some(open) = self.open.last_mut() {
            let (file, role) = (open.file, open.role);
            let Some(line) = open.lines.next() else {
                self.open.pop();
                continue;
            };
            let line = line.map_err(|bad| error(file.path(), bad))?;
            let (statement, ignored) = Statement::read(&line).map_err(|bad| error(file.path(), bad))?;
            let step = Step { file, role, line, statement };
            self.note_ignored(&step, ignored);
            self.follow(&step)?;
            return Ok(Some(step));
        }
        Ok(None)
    }

    /// In a constraints file, too, `-r` names a file to install from: pip reads it so.
    fn follow(&mut self, step: &Step<'a>) -> Result<(), ReadError> {
        let Statement::File { path, role } = &step.statement else { return Ok(()) };
        let location = step.location();
        if self.open.len() > DEEPEST {
            return Err(limit(&location, "levels of files that include files", DEEPEST));
        }
        let target = match target(path, step.file) {
            Ok(target) => target,
            Err(reason) => {
                self.missing(GapKind::UnknownRequirement, &location, path, reason);
                return Ok(());
            }
        };
        if self.named.len() >= MOST_FILES && !self.named.contains(&target) {
            return Err(limit(&location, "included files", MOST_FILES));
        }
        match (self.file(&target), self.files.unreadable.get(&target)) {
            (Some(file), _) => self.enter(file, *role),
            (None, Some(reason)) => self.missing(GapKind::UnknownRequirement, &location, path, reason),
            (None, None) if has_variable(path) => {
                self.missing(GapKind::UnknownRequirement, &location, path, "an environment variable names it")
            }
            // pip installs nothing at all then.
            (None, None) => self.missing(GapKind::MissingCompanion, &location, path, "it is not there"),
        }
        self.named.insert(target);
        Ok(())
    }

    fn file(&self, path: &RelPath) -> Option<&'a SourceFile> {
        if path == self.files.path() { Some(&self.files.lockfile) } else { self.files.companions.get(path) }
    }

    /// A file that pip would read and this does not may name any package; a constraint, too, may say
    /// from which address one comes.
    fn missing(&mut self, kind: GapKind, location: &Location, path: &str, reason: &str) {
        let named = quoted(Address::new(path).as_str());
        self.gaps.push(Gap::at(kind, location, format!("the file {named} is named here and was not read: {reason}")));
    }

    fn note_ignored(&mut self, step: &Step<'_>, ignored: Vec<Ignored>) {
        let location = step.location();
        self.gaps.extend(ignored.into_iter().map(|part| {
            let part = quoted(Address::new(&part).as_str());
            Gap::at(
                GapKind::UnresolvedDependency,
                &location,
                format!("pip passes over {part}, which stands behind an option or a requirement"),
            )
        }));
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<Step<'a>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

pub(super) fn limit(location: &Location, what: &str, limit: usize) -> ReadError {
    ReadError::new(&location.file, Some(location.line), ReadErrorKind::Limit { what: what.to_owned(), limit })
}

/// The file that a `-r` or `-c` names, relative to the file it stands in.
fn target(path: &str, from: &SourceFile) -> Result<RelPath, &'static str> {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("http" | "https" | "file")) {
        return Err("it is an address");
    }
    from.path().parent().join(path).map_err(|_| "it lies outside of the repository")
}
