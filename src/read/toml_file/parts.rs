//! TOML files that are one long list of tables, read table by table.
//!
//! A lockfile of twenty thousand packages as one parsed document takes twenty times its size in
//! memory, and most of the time goes into getting that memory. The tables of the list are parsed
//! one by one instead, each dropped before the next. What is read is what the whole document says:
//! wherever the text is laid out in a way that could be read differently in parts, it is parsed whole.

use super::{Table, TomlFile, Value};
use crate::model::{Lines, SourceFile};
use crate::read::ReadError;
use std::ops::Range;

/// A file, all of it parsed but for the tables of one list.
pub struct TomlParts<'a> {
    file: &'a SourceFile,
    lines: Lines<'a>,
    /// The list's name.
    list: &'static str,
    /// What stands before the list, and what behind it.
    rest: Vec<TomlFile<'a>>,
    /// The text of each table of the list; empty where the file is parsed whole.
    tables: Vec<Range<usize>>,
}

impl<'a> TomlParts<'a> {
    /// Reads a file whose `[[list]]` tables are to be read one by one.
    pub fn parse(file: &'a SourceFile, list: &'static str) -> Result<Self, ReadError> {
        let lines = Lines::new(file.text());
        if let Some(layout) = Layout::of(file.text(), list) {
            let rest: Result<Vec<_>, _> = layout.rest.into_iter().map(|range| TomlFile::parse_part(file, &lines, range)).collect();
            if let Some(rest) = rest.ok().filter(|rest| are_apart(rest, list)) {
                return Ok(TomlParts { file, lines, list, rest, tables: layout.tables });
            }
        }
        Ok(TomlParts { file, lines, list, rest: vec![TomlFile::parse(file)?], tables: Vec::new() })
    }

    /// A value of the outermost table, but for the list.
    pub fn get<'t>(&'t self, key: &'t str) -> Option<Value<'t, 'a>> {
        self.rest.iter().find_map(|part| part.root().get(key))
    }

    pub fn table<'t>(&'t self, key: &'t str) -> Result<Option<Table<'t, 'a>>, ReadError> {
        self.get(key).map(|value| value.table()).transpose()
    }

    /// Whether the file has the list, if only an empty one.
    pub fn has_list(&self) -> bool {
        !self.tables.is_empty() || self.get(self.list).is_some()
    }

    /// An error that is of the file as a whole; what is no TOML at all is told first.
    pub fn error(&self, message: impl Into<String>) -> ReadError {
        TomlFile::parse(self.file).err().unwrap_or_else(|| ReadError::malformed(self.file.path(), 1, message))
    }

    /// Every table of the list, in the order of the file.
    pub fn each(&self, mut read: impl FnMut(&Table<'_, 'a>) -> Result<(), ReadError>) -> Result<(), ReadError> {
        for (number, range) in self.tables.iter().enumerate() {
            let part = TomlFile::parse_part(self.file, &self.lines, range.clone());
            let Some(part) = part.ok().filter(|part| self.is_one_table(part)) else {
                // Either the file is none, or laid out in a way of its own; so far it was read rightly.
                return each_of(&TomlFile::parse(self.file)?, self.list, number, &mut read);
            };
            each_of(&part, self.list, 0, &mut read)?;
        }
        self.rest.iter().try_for_each(|part| each_of(part, self.list, 0, &mut read))
    }

    fn is_one_table(&self, part: &TomlFile<'a>) -> bool {
        let mut pairs = part.root().pairs();
        let is_list = pairs.next().is_some_and(|(key, _, value)| key == self.list && value.array().is_ok_and(|items| items.len() == 1));
        is_list && pairs.next().is_none()
    }
}

fn each_of<'a>(
    part: &TomlFile<'a>,
    list: &str,
    from: usize,
    read: &mut impl FnMut(&Table<'_, 'a>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    part.root().array(list)?.iter().skip(from).try_for_each(|item| read(&item.table()?))
}

/// Whether no key stands in two parts, which the whole would not allow.
fn are_apart(rest: &[TomlFile<'_>], list: &str) -> bool {
    let [first, others @ ..] = rest else { return true };
    first.root().get(list).is_none()
        && others.iter().all(|part| part.root().pairs().all(|(key, ..)| key != list && first.root().get(key).is_none()))
}

/// Where the tables of a list begin and end, by the headers at the start of lines.
struct Layout {
    rest: Vec<Range<usize>>,
    tables: Vec<Range<usize>>,
}

impl Layout {
    /// `None` where lines cannot be trusted to be headers, or tables of the list do not stand together.
    fn of(text: &str, list: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if ["\"\"\"", "'''"].iter().any(|quotes| memchr::memmem::find(bytes, quotes.as_bytes()).is_some()) {
            return None;
        }
        let (header, below, below_list) = (format!("[[{list}]]"), format!("[{list}."), format!("[[{list}."));
        let mut starts = Vec::new();
        let mut end = None;
        let heads = std::iter::once(0).chain(memchr::memmem::find_iter(bytes, "\n[").map(|at| at + 1));
        for at in heads.filter(|&at| bytes.get(at) == Some(&b'[')) {
            let line = &text[at..];
            if line.starts_with(&header) {
                starts.push(at);
            } else if line.starts_with(&below) || line.starts_with(&below_list) {
                starts.last()?;
            } else if !starts.is_empty() && end.is_none() {
                end = Some(at);
                continue;
            } else {
                continue;
            }
            if end.is_some() {
                return None;
            }
        }
        let (first, end) = (*starts.first()?, end.unwrap_or(text.len()));
        let ends = starts.iter().skip(1).copied().chain([end]);
        let tables = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
        Some(Layout { rest: vec![0..first, end..text.len()], tables })
    }
}
