//! Why a lockfile could not be read: the file, the line, what was wrong, what to do.

use crate::model::{Gap, GapKind, RelPath};
use std::fmt;

/// A file that could not be read. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    pub path: RelPath,
    /// From 1, where one line is to blame.
    pub line: Option<u32>,
    pub kind: ReadErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadErrorKind {
    #[error("{0}")]
    NotText(String),
    #[error("the file has {size} bytes; {limit} are the most that is read")]
    TooLarge { size: u64, limit: u64 },
    #[error("it is {0}, not a file")]
    NotAFile(String),
    #[error("the file is empty")]
    Empty,
    #[error("the file has merge-conflict markers")]
    Conflict,
    #[error("{0}")]
    Syntax(String),
    #[error("the file's format version is {found}; the versions known are {known}")]
    UnknownVersion { found: String, known: &'static str },
    #[error("{0}")]
    Malformed(String),
    #[error("{what}: {limit} are the most that is read")]
    Limit { what: String, limit: usize },
    #[error("{message}")]
    Unavailable { message: String, hint: String },
}

impl ReadError {
    pub fn new(path: &RelPath, line: Option<u32>, kind: ReadErrorKind) -> Self {
        ReadError { path: path.clone(), line, kind }
    }

    pub fn syntax(path: &RelPath, line: u32, message: impl Into<String>) -> Self {
        ReadError::new(path, Some(line), ReadErrorKind::Syntax(message.into()))
    }

    pub fn malformed(path: &RelPath, line: u32, message: impl Into<String>) -> Self {
        ReadError::new(path, Some(line), ReadErrorKind::Malformed(message.into()))
    }

    /// The error of a manifest, as the gap that it leaves: reading goes on, judging does not.
    pub fn into_gap(self) -> Gap {
        Gap { kind: GapKind::UnreadManifest, file: self.path, line: self.line, message: self.kind.to_string() }
    }

    /// What mends it.
    pub fn hint(&self) -> &str {
        match &self.kind {
            ReadErrorKind::NotText(_) | ReadErrorKind::NotAFile(_) => {
                "restore the lockfile that the package manager wrote, or leave it out with --exclude"
            }
            ReadErrorKind::TooLarge { .. } | ReadErrorKind::Limit { .. } => "if the file is meant to be so, leave it out with --exclude",
            ReadErrorKind::Empty | ReadErrorKind::Syntax(_) | ReadErrorKind::Malformed(_) => {
                "let the package manager write the lockfile again"
            }
            ReadErrorKind::Conflict => "resolve the conflict, or let the package manager write the lockfile again",
            ReadErrorKind::UnknownVersion { .. } => "a newer sbomgate may know it",
            ReadErrorKind::Unavailable { hint, .. } => hint,
        }
    }

    /// The same for a document, which no package manager wrote.
    pub fn hint_for_document(&self) -> &str {
        match &self.kind {
            ReadErrorKind::Empty | ReadErrorKind::Syntax(_) | ReadErrorKind::Malformed(_) | ReadErrorKind::Conflict => {
                "let the tool that made the document write it again"
            }
            ReadErrorKind::NotText(_) | ReadErrorKind::NotAFile(_) | ReadErrorKind::TooLarge { .. } | ReadErrorKind::Limit { .. } => {
                "name another file"
            }
            ReadErrorKind::UnknownVersion { .. } | ReadErrorKind::Unavailable { .. } => self.hint(),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.kind),
            None => write!(f, "{}: {}", self.path, self.kind),
        }
    }
}

impl std::error::Error for ReadError {}
