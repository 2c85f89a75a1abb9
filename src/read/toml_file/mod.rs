//! TOML with places: every value knows its line, every wrong type is an error that names it.

mod parts;
mod plain;
mod python_json;
mod tree;

use super::ReadError;
use crate::model::{Lines, RelPath, SourceFile};
pub use parts::TomlParts;
use std::borrow::Cow;
use std::ops::Range;
use toml::de::DeTable;
use tree::{Item, Pairs, Spot};

/// A parsed TOML file. Values are borrowed from the file's text where they can be.
pub struct TomlFile<'a> {
    path: &'a RelPath,
    root: Pairs<'a>,
    /// Where the parsed text begins.
    line: u32,
}

impl<'a> TomlFile<'a> {
    pub fn parse(file: &'a SourceFile) -> Result<Self, ReadError> {
        TomlFile::parse_part(file, &Lines::new(file.text()), 0..file.text().len())
    }

    /// A part of the file that is TOML by itself, beginning at the start of a line.
    fn parse_part(file: &'a SourceFile, lines: &Lines<'_>, part: Range<usize>) -> Result<Self, ReadError> {
        let line = lines.line(part.start);
        let root = match plain::parse(&file.text()[part.clone()], line) {
            Some(root) => root,
            None => parse_wholly(file, lines, part)?,
        };
        Ok(TomlFile { path: file.path(), root, line })
    }

    pub fn root<'t>(&'t self) -> Table<'t, 'a> {
        Table { path: self.path, pairs: &self.root, line: self.line }
    }
}

/// By the whole of TOML's rules.
fn parse_wholly<'a>(file: &'a SourceFile, lines: &Lines<'_>, part: Range<usize>) -> Result<Pairs<'a>, ReadError> {
    let base = part.start;
    match DeTable::parse(&file.text()[part]) {
        Ok(root) => Ok(tree::pairs(root.into_inner(), &|span| lines.line(base + span.start))),
        Err(error) => {
            let line = error.span().map_or(1, |span| lines.line(base + span.start));
            Err(ReadError::syntax(file.path(), line, format!("this is not TOML: {}", error.message())))
        }
    }
}

/// A table of a file.
#[derive(Clone, Copy)]
pub struct Table<'t, 'a> {
    path: &'t RelPath,
    pairs: &'t Pairs<'a>,
    line: u32,
}

/// A value with the line it stands in.
#[derive(Clone, Copy)]
pub struct Value<'t, 'a> {
    path: &'t RelPath,
    spot: &'t Spot<'a>,
    key: &'t str,
}

impl<'t, 'a> Table<'t, 'a> {
    pub fn line(&self) -> u32 {
        self.line
    }

    pub fn get(&self, key: &'t str) -> Option<Value<'t, 'a>> {
        self.pairs.get(key).map(|spot| Value { path: self.path, spot, key })
    }

    /// All pairs, in the order of the keys; the line is the key's.
    pub fn pairs(&self) -> impl Iterator<Item = (&'t str, u32, Value<'t, 'a>)> + use<'t, 'a> {
        let path = self.path;
        self.pairs.iter().map(move |(key, line, spot)| (&**key, *line, Value { path, spot, key }))
    }

    pub fn str(&self, key: &'t str) -> Result<Option<&'t str>, ReadError> {
        self.get(key).map(|value| value.str()).transpose()
    }

    pub fn text(&self, key: &'t str) -> Result<Option<Cow<'a, str>>, ReadError> {
        self.get(key).map(|value| value.text()).transpose()
    }

    pub fn required_text(&self, key: &'t str) -> Result<Cow<'a, str>, ReadError> {
        self.text(key)?.ok_or_else(|| self.error(format!("`{key}` is missing here")))
    }

    pub fn table(&self, key: &'t str) -> Result<Option<Table<'t, 'a>>, ReadError> {
        self.get(key).map(|value| value.table()).transpose()
    }

    pub fn array(&self, key: &'t str) -> Result<Vec<Value<'t, 'a>>, ReadError> {
        self.get(key).map_or(Ok(Vec::new()), |value| value.array())
    }

    pub fn error(&self, message: impl Into<String>) -> ReadError {
        ReadError::malformed(self.path, self.line(), message)
    }
}

impl<'t, 'a> Value<'t, 'a> {
    pub fn line(&self) -> u32 {
        self.spot.line
    }

    pub fn as_str(&self) -> Option<&'t str> {
        match &self.spot.item {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn str(&self) -> Result<&'t str, ReadError> {
        self.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// The string, borrowed from the file's text unless it was written with escapes.
    pub fn text(&self) -> Result<Cow<'a, str>, ReadError> {
        match &self.spot.item {
            Item::Text(text) => Ok(text.clone()),
            _ => Err(self.wrong("a string")),
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.spot.item {
            Item::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A date or time that stands without quotes, as it is written.
    pub fn as_time(&self) -> Option<&'t str> {
        match &self.spot.item {
            Item::Datetime(text) => Some(text),
            _ => None,
        }
    }

    /// The digits of an integer.
    pub fn integer(&self) -> Result<&'t str, ReadError> {
        match &self.spot.item {
            Item::Integer { digits, .. } => Ok(digits),
            _ => Err(self.wrong("an integer")),
        }
    }

    pub fn as_table(&self) -> Option<Table<'t, 'a>> {
        match &self.spot.item {
            Item::Table(pairs) => Some(Table { path: self.path, pairs, line: self.spot.line }),
            _ => None,
        }
    }

    /// What a value that holds no others says, in one way of writing; `None` of arrays and tables.
    pub fn scalar(&self) -> Option<Cow<'t, str>> {
        Some(match &self.spot.item {
            Item::Text(text) => Cow::Borrowed(text),
            Item::Integer { digits, radix } => Cow::Owned(format!("{digits} ({radix})")),
            Item::Bool(value) => Cow::Owned(value.to_string()),
            Item::Float(text) | Item::Datetime(text) => Cow::Borrowed(text),
            Item::Array(_) | Item::Table(_) => return None,
        })
    }

    pub fn table(&self) -> Result<Table<'t, 'a>, ReadError> {
        self.as_table().ok_or_else(|| self.wrong("a table"))
    }

    pub fn is_array(&self) -> bool {
        matches!(self.spot.item, Item::Array(_))
    }

    pub fn array(&self) -> Result<Vec<Value<'t, 'a>>, ReadError> {
        match &self.spot.item {
            Item::Array(items) => Ok(items.iter().map(|spot| Value { path: self.path, spot, key: self.key }).collect()),
            _ => Err(self.wrong("an array")),
        }
    }

    /// Whether two values say the same, wherever they stand.
    pub fn is_same(&self, other: &Value<'_, '_>) -> bool {
        self.spot.item.is_same(&other.spot.item)
    }

    /// The value as JSON, letter by letter as Python's `json.dumps(value, sort_keys=True)` writes it:
    /// lock files hold digests of that. `None` for what may be written in more than one way.
    pub fn python_json(&self) -> Option<String> {
        python_json::written(&self.spot.item)
    }

    pub fn error(&self, message: impl Into<String>) -> ReadError {
        ReadError::malformed(self.path, self.line(), message)
    }

    fn wrong(&self, expected: &str) -> ReadError {
        let found = self.spot.item.kind();
        let article = if found.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        self.error(format!("`{}` is {article} {found}, not {expected}", crate::model::text::visible(self.key)))
    }
}
