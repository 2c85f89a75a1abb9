//! What the policy and the approvals have in common as files: TOML of version 1, in which every key
//! and every word is a known one. What is not known is an error with its line, never passed over.

use crate::model::near::nearest;
use crate::model::text::quoted;
use crate::model::{Day, RelPath, SourceFile};
use crate::read::ReadError;
use crate::read::toml_file::{Table, TomlFile, Value};

/// Why a file of ours cannot be used. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct FormError {
    pub file: RelPath,
    /// From 1.
    pub line: Option<u32>,
    pub message: String,
    /// What mends it.
    pub hint: String,
    /// The line itself, where it is known.
    pub text: Option<String>,
}

/// What mends an error that says nothing more.
const HINT: &str = "docs/policy.md lists what can be written";

impl From<ReadError> for FormError {
    fn from(error: ReadError) -> Self {
        FormError { message: error.kind.to_string(), file: error.path, line: error.line, hint: HINT.into(), text: None }
    }
}

impl FormError {
    pub fn at(file: &RelPath, line: u32, message: impl Into<String>) -> Self {
        FormError { file: file.clone(), line: Some(line), message: message.into(), hint: HINT.into(), text: None }
    }

    /// With the line of the file that it is about.
    pub fn of(self, file: &SourceFile) -> Self {
        let at = self.line.and_then(|line| usize::try_from(line).ok()).filter(|_| self.file == *file.path());
        let text = at.and_then(|at| file.text().lines().nth(at.saturating_sub(1))).map(str::to_owned);
        FormError { text, ..self }
    }

    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        FormError { hint: hint.into(), ..self }
    }
}

/// Parses a file, and sees to it that its version is 1.
pub fn parse<'f>(file: &'f SourceFile) -> Result<TomlFile<'f>, FormError> {
    if let Some(at) = file.text().lines().position(|line| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark))) {
        let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let error = FormError::at(file.path(), line, "the file has merge-conflict markers");
        return Err(error.with_hint("resolve the conflict: of two approvals usually both are meant"));
    }
    let parsed = TomlFile::parse(file)?;
    let Some(version) = parsed.root().get("version") else {
        return Err(FormError::at(file.path(), 1, "`version` is missing").with_hint("begin the file with `version = 1`"));
    };
    match version.integer()? {
        "1" => Ok(parsed),
        other => {
            Err(FormError::at(file.path(), version.line(), format!("the version is {}; this sbomgate reads version 1", quoted(other)))
                .with_hint("a newer sbomgate may know it"))
        }
    }
}

/// An error for a word that is none of those that are known.
pub fn unknown(file: &RelPath, line: u32, what: &str, text: &str, known: &[&str]) -> FormError {
    let hint = match nearest(text, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let mut known: Vec<&str> = known.to_vec();
            known.sort_unstable();
            format!("known are {}", known.join(", "))
        }
    };
    FormError::at(file, line, format!("{} is no {what}", quoted(text))).with_hint(hint)
}

/// A table of one of the files, with its path.
#[derive(Clone, Copy)]
pub struct Part<'t, 'a> {
    pub file: &'t RelPath,
    pub table: Table<'t, 'a>,
}

impl<'t, 'a> Part<'t, 'a> {
    /// The table, all of whose keys must be among `known`.
    pub fn new(file: &'t RelPath, table: Table<'t, 'a>, known: &[&str]) -> Result<Self, FormError> {
        for (key, line, _) in table.pairs() {
            if !known.contains(&key) {
                return Err(unknown(file, line, "known key here", key, known));
            }
        }
        Ok(Part { file, table })
    }

    pub fn error(&self, line: u32, message: impl Into<String>) -> FormError {
        FormError::at(self.file, line, message)
    }

    /// A table in this one; `None` where it is not there.
    pub fn part(&self, key: &'t str, known: &[&str]) -> Result<Option<Part<'t, 'a>>, FormError> {
        let Some(table) = self.table.table(key)? else { return Ok(None) };
        Part::new(self.file, table, known).map(Some)
    }

    /// Tables of a list, each with the keys that it may have.
    pub fn parts(&self, key: &'t str, known: &[&str]) -> Result<Vec<Part<'t, 'a>>, FormError> {
        let tables = self.table.array(key)?;
        tables.into_iter().map(|value| Part::new(self.file, value.table()?, known)).collect()
    }

    /// A text that says something, with its line.
    pub fn text(&self, key: &'t str) -> Result<Option<(&'t str, u32)>, FormError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        self.filled(value).map(Some)
    }

    pub fn required(&self, key: &'t str) -> Result<(&'t str, u32), FormError> {
        self.text(key)?.ok_or_else(|| self.error(self.table.line(), format!("`{key}` is missing here")))
    }

    pub fn flag(&self, key: &'t str) -> Result<Option<bool>, FormError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let wrong = || self.error(value.line(), format!("`{key}` is true or false, and nothing else"));
        value.as_bool().ok_or_else(wrong).map(Some)
    }

    /// A whole number, written in tens.
    pub fn number<T: std::str::FromStr>(&self, key: &'t str) -> Result<Option<T>, FormError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let written = value.scalar();
        let number = written.as_deref().and_then(|text| text.strip_suffix(" (10)")?.parse().ok());
        number.map(Some).ok_or_else(|| self.error(value.line(), format!("`{key}` is a whole number, and not a very large one")))
    }

    /// Texts of a list, each with its line; none twice.
    pub fn texts(&self, key: &'t str) -> Result<Option<Vec<(&'t str, u32)>>, FormError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let mut texts: Vec<(&str, u32)> = Vec::new();
        for item in value.array()? {
            let (text, line) = self.filled(item)?;
            if texts.iter().any(|(other, _)| *other == text) {
                return Err(self.error(line, format!("{} is there twice", quoted(text))));
            }
            texts.push((text, line));
        }
        Ok(Some(texts))
    }

    /// A text that something can be made of.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&self, key: &'t str) -> Result<Option<(T, u32)>, FormError> {
        let Some((text, line)) = self.text(key)? else { return Ok(None) };
        text.parse().map(|value| Some((value, line))).map_err(|error: T::Err| self.error(line, format!("`{key}`: {error}")))
    }

    /// A day, in quotes or without.
    pub fn day(&self, key: &'t str) -> Result<Option<(Day, u32)>, FormError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let text = value.as_time().map_or_else(|| value.str(), Ok)?;
        text.parse().map(|day| Some((day, value.line()))).map_err(|error| self.error(value.line(), format!("`{key}`: {error}")))
    }

    /// One of some words.
    pub fn word<T: Copy>(&self, value: Value<'t, 'a>, what: &str, words: &[(&str, T)]) -> Result<T, FormError> {
        let (text, line) = self.filled(value)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        found.ok_or_else(|| unknown(self.file, line, what, text, &known))
    }

    fn filled(&self, value: Value<'t, 'a>) -> Result<(&'t str, u32), FormError> {
        let text = value.str()?;
        if text.trim().is_empty() || text.len() > MOST_TEXT {
            return Err(self.error(value.line(), format!("a text here has 1 to {MOST_TEXT} bytes")));
        }
        Ok((text, value.line()))
    }
}

/// Bytes of one text: reports quote it.
const MOST_TEXT: usize = 4096;
