//! Versions: text as the lockfile states it, compared by the ecosystem's own rules.

mod parsed;

pub use parsed::Parsed;

use super::Ecosystem;
use super::text::{is_invisible, quoted};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A version, letter by letter as the lockfile states it. `Ord` is the order of the letters, for
/// sorted output; which of two is newer says [`compare`]. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Arc<str>);

const LONGEST: usize = 256;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum VersionError {
    #[error("a version is empty")]
    Empty,
    #[error("a version has {0} bytes; 256 are the most")]
    TooLong(usize),
    #[error("{} is not a version: it holds {}", quoted(.0), quoted(.1))]
    Forbidden(String, String),
}

impl Version {
    /// Any text that could be a version in some registry: no white space, nothing invisible, no
    /// path. Whether the ecosystem's rules can order it is another question.
    pub fn new(text: &str) -> Result<Self, VersionError> {
        if text.is_empty() {
            return Err(VersionError::Empty);
        }
        if text.len() > LONGEST {
            return Err(VersionError::TooLong(text.len()));
        }
        // Nearly every version: what is in it needs no look at what its characters are.
        if text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+')) {
            return Ok(Version(text.into()));
        }
        match text.chars().find(|&c| c.is_whitespace() || is_invisible(c) || matches!(c, '/' | '\\' | '<' | '>' | '"' | '`')) {
            Some(c) => Err(VersionError::Forbidden(text.to_owned(), c.to_string())),
            None => Ok(Version(text.into())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which of two versions is newer by the ecosystem's rules; `None` when one of them is no version
/// by those rules. Build metadata does not count in Cargo and npm (SemVer 2.0, section 10).
pub fn compare(ecosystem: Ecosystem, a: &Version, b: &Version) -> Option<Ordering> {
    Parsed::of(ecosystem, a.as_str())?.compare(&Parsed::of(ecosystem, b.as_str())?)
}

/// The part of a version within which upgrades are meant to be compatible: `1` of 1.4.2, `0.3`
/// of 0.3.9 (Cargo's caret rule; npm's too). PyPI has no such rule: the first number.
pub fn compatible_line(ecosystem: Ecosystem, version: &Version) -> String {
    let text = version.as_str();
    let numbers: Vec<&str> = text.split(['.', '-', '+']).take(3).collect();
    match (ecosystem, numbers.as_slice()) {
        (Ecosystem::Cargo | Ecosystem::Npm, ["0", "0", patch, ..]) => format!("0.0.{patch}"),
        (Ecosystem::Cargo | Ecosystem::Npm, ["0", minor, ..]) => format!("0.{minor}"),
        (_, [first, ..]) => (*first).to_owned(),
        (_, []) => String::new(),
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
