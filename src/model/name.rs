//! Package names in the form in which the ecosystem compares them.

use super::Ecosystem;
use super::text::{is_invisible, quoted};
use std::fmt;
use std::sync::Arc;

/// A package's name: for npm with its scope (`@scope/name`), for PyPI normalised (PEP 503), for
/// Cargo and npm letter by letter as the registry has it. Cheap to clone.
///
/// What no registry of the ecosystem could hold is refused, because a name from a hostile
/// lockfile ends in URLs, file names and terminals. The rules are wider than today's publishing
/// rules: old npm names have capitals and marks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(Arc<str>);

/// Longer names than any registry takes (npm 214, crates.io 64).
const LONGEST: usize = 256;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    #[error("a package name is empty")]
    Empty,
    #[error("a package name has {0} bytes; no registry takes more than 256")]
    TooLong(usize),
    #[error("{} is not a package name of {}: it holds {}", quoted(.name), .ecosystem, quoted(.part))]
    Forbidden { ecosystem: Ecosystem, name: String, part: String },
}

impl PackageName {
    pub fn new(ecosystem: Ecosystem, text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > LONGEST {
            return Err(NameError::TooLong(text.len()));
        }
        let forbidden = match ecosystem {
            Ecosystem::Pypi if is_normal(text) => return Ok(PackageName(text.into())),
            Ecosystem::Npm if text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') => None,
            Ecosystem::Cargo => forbidden_char(text, |c| c.is_alphanumeric() || matches!(c, '-' | '_')),
            Ecosystem::Npm => forbidden_in_npm(text),
            Ecosystem::Pypi => forbidden_char(text, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .or_else(|| text.starts_with(['-', '_', '.']).then(|| text[..1].to_owned())),
        };
        match forbidden {
            Some(part) => Err(NameError::Forbidden { ecosystem, name: text.to_owned(), part }),
            None if ecosystem == Ecosystem::Pypi => Ok(PackageName(pep503(text).into())),
            None => Ok(PackageName(text.into())),
        }
    }

    /// The name of a first-party package. People name their own projects as they like, and no
    /// registry ever hears it: what the ecosystem forbids becomes `-` instead of an error.
    pub fn of_root(ecosystem: Ecosystem, text: &str) -> Self {
        PackageName::new(ecosystem, text).unwrap_or_else(|_| {
            let plain: String = text.chars().take(LONGEST / 4).map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
            PackageName(if plain.is_empty() { "project".into() } else { plain.into() })
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `(namespace, name)`; the namespace is an npm scope with its `@`.
    pub fn split_scope(&self) -> (Option<&str>, &str) {
        match self.0.split_once('/') {
            Some((scope, name)) => (Some(scope), name),
            None => (None, &self.0),
        }
    }
}

fn forbidden_char(text: &str, allowed: impl Fn(char) -> bool) -> Option<String> {
    text.chars().find(|&c| !allowed(c)).map(String::from)
}

/// npm names: one optional scope, no segment that is a path, nothing that a URL or a terminal
/// would act upon (validate-npm-package-name, "old packages").
fn forbidden_in_npm(text: &str) -> Option<String> {
    let (scope, name) = match text.strip_prefix('@') {
        Some(scoped) => match scoped.split_once('/') {
            Some(parts) => parts,
            None => return Some("@".to_owned()),
        },
        None => ("scope", text),
    };
    for segment in [scope, name] {
        if segment.is_empty() || segment == "." || segment == ".." || segment == "node_modules" {
            return Some(if segment.is_empty() { "/".to_owned() } else { segment.to_owned() });
        }
    }
    text.chars()
        .enumerate()
        .find(|&(at, c)| {
            c.is_whitespace()
                || is_invisible(c)
                || matches!(c, '\\' | ':' | '?' | '#' | '%' | '<' | '>' | '"' | '`' | '|' | '^' | '{' | '}')
                || (c == '@' && at > 0)
                || (c == '/' && !(text.starts_with('@') && at == scope.chars().count() + 1))
        })
        .map(|(_, c)| c.to_string())
}

/// Whether the name is its own PEP 503 form already, as nearly all of a lockfile are.
fn is_normal(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(is_plain) && !text.starts_with('-') && !text.contains("--")
}

/// Runs of `-`, `_` and `.` become one `-`, letters lower case (PEP 503).
fn pep503(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

impl AsRef<str> for PackageName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
