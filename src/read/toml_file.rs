//! TOML with places: every value knows its line, every wrong type is an error that names it.

use super::ReadError;
use crate::model::{Lines, RelPath, SourceFile};
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A parsed TOML file. Values are borrowed from the file's text where they can be.
pub struct TomlFile<'a> {
    path: &'a RelPath,
    lines: Rc<Lines<'a>>,
    /// Where the parsed text begins in the file.
    base: usize,
    root: Spanned<DeTable<'a>>,
}

impl<'a> TomlFile<'a> {
    pub fn parse(file: &'a SourceFile) -> Result<Self, ReadError> {
        TomlFile::parse_part(file, Rc::new(Lines::new(file.text())), 0..file.text().len())
    }

    /// A part of the file that is TOML by itself.
    pub fn parse_part(file: &'a SourceFile, lines: Rc<Lines<'a>>, part: Range<usize>) -> Result<Self, ReadError> {
        let base = part.start;
        match DeTable::parse(&file.text()[part]) {
            Ok(root) => Ok(TomlFile { path: file.path(), lines, base, root }),
            Err(error) => {
                let line = error.span().map_or(1, |span| lines.line(base + span.start));
                Err(ReadError::syntax(file.path(), line, format!("this is not TOML: {}", error.message())))
            }
        }
    }

    pub fn root<'t>(&'t self) -> Table<'t, 'a> {
        Table { file: self, table: self.root.get_ref(), span: self.root.span() }
    }

    fn line(&self, span: &Range<usize>) -> u32 {
        self.lines.line(self.base + span.start)
    }
}

/// A table of a file.
#[derive(Clone)]
pub struct Table<'t, 'a> {
    file: &'t TomlFile<'a>,
    table: &'t DeTable<'a>,
    span: Range<usize>,
}

/// A value with the line it stands in.
#[derive(Clone)]
pub struct Value<'t, 'a> {
    file: &'t TomlFile<'a>,
    value: &'t DeValue<'a>,
    key: &'t str,
    span: Range<usize>,
}

impl<'t, 'a> Table<'t, 'a> {
    pub fn line(&self) -> u32 {
        self.file.line(&self.span)
    }

    pub fn get(&self, key: &'t str) -> Option<Value<'t, 'a>> {
        self.table.get(key).map(|value| Value { file: self.file, value: value.get_ref(), key, span: value.span() })
    }

    /// All pairs, in the order of the keys; the line is the key's.
    pub fn pairs(&self) -> impl Iterator<Item = (&'t str, u32, Value<'t, 'a>)> + use<'t, 'a> {
        let file = self.file;
        self.table.iter().map(move |(key, value)| {
            let name = key.get_ref().as_ref();
            (name, file.line(&key.span()), Value { file, value: value.get_ref(), key: name, span: value.span() })
        })
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
        ReadError::malformed(self.file.path, self.line(), message)
    }
}

impl<'t, 'a> Value<'t, 'a> {
    pub fn line(&self) -> u32 {
        self.file.line(&self.span)
    }

    pub fn as_str(&self) -> Option<&'t str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    pub fn str(&self) -> Result<&'t str, ReadError> {
        self.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// The string, borrowed from the file's text unless it was written with escapes.
    pub fn text(&self) -> Result<Cow<'a, str>, ReadError> {
        match self.value {
            DeValue::String(Cow::Borrowed(text)) => Ok(Cow::Borrowed(text)),
            DeValue::String(Cow::Owned(text)) => Ok(Cow::Owned(text.clone())),
            _ => Err(self.wrong("a string")),
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        self.value.as_bool()
    }

    /// The digits of an integer.
    pub fn integer(&self) -> Result<&'t str, ReadError> {
        match self.value {
            DeValue::Integer(number) => Ok(number.as_str()),
            _ => Err(self.wrong("an integer")),
        }
    }

    pub fn as_table(&self) -> Option<Table<'t, 'a>> {
        self.value.as_table().map(|table| Table { file: self.file, table, span: self.span.clone() })
    }

    pub fn table(&self) -> Result<Table<'t, 'a>, ReadError> {
        self.as_table().ok_or_else(|| self.wrong("a table"))
    }

    pub fn is_array(&self) -> bool {
        self.value.is_array()
    }

    pub fn array(&self) -> Result<Vec<Value<'t, 'a>>, ReadError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        Ok(items.iter().map(|item| Value { file: self.file, value: item.get_ref(), key: self.key, span: item.span() }).collect())
    }

    /// Whether two values say the same, wherever they stand.
    pub fn is_same(&self, other: &Value<'_, '_>) -> bool {
        is_same(self.value, other.value)
    }

    /// The value as JSON, letter by letter as Python's `json.dumps(value, sort_keys=True)` writes it:
    /// lock files hold digests of that. `None` for what may be written in more than one way.
    pub fn python_json(&self) -> Option<String> {
        let mut out = String::new();
        write_python_json(self.value, 0, &mut out).then_some(out)
    }

    pub fn error(&self, message: impl Into<String>) -> ReadError {
        ReadError::malformed(self.file.path, self.line(), message)
    }

    fn wrong(&self, expected: &str) -> ReadError {
        let found = self.value.type_str();
        let article = if found.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        self.error(format!("`{}` is {article} {found}, not {expected}", crate::model::text::visible(self.key)))
    }
}

fn is_same(a: &DeValue<'_>, b: &DeValue<'_>) -> bool {
    match (a, b) {
        (DeValue::String(a), DeValue::String(b)) => a == b,
        (DeValue::Integer(a), DeValue::Integer(b)) => a.to_string() == b.to_string(),
        (DeValue::Float(a), DeValue::Float(b)) => a.to_string() == b.to_string(),
        (DeValue::Boolean(a), DeValue::Boolean(b)) => a == b,
        (DeValue::Datetime(a), DeValue::Datetime(b)) => a == b,
        (DeValue::Array(a), DeValue::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a.get_ref(), b.get_ref()))
        }
        (DeValue::Table(a), DeValue::Table(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.all(|((a, own), (b, other))| a.get_ref() == b.get_ref() && is_same(own.get_ref(), other.get_ref()))
        }
        _ => false,
    }
}

/// Deeper than any manifest goes; each level is a call.
const DEEPEST: usize = 64;

fn write_python_json(value: &DeValue<'_>, depth: usize, out: &mut String) -> bool {
    match value {
        _ if depth > DEEPEST => return false,
        DeValue::String(text) => write_python_string(text, out),
        DeValue::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        DeValue::Integer(number) if number.as_str().parse::<i64>().is_ok_and(|value| value.to_string() == number.as_str()) => {
            out.push_str(number.as_str());
        }
        DeValue::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if !write_python_json(item.get_ref(), depth + 1, out) {
                    return false;
                }
            }
            out.push(']');
        }
        DeValue::Table(table) => {
            out.push('{');
            for (at, (key, item)) in table.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_python_string(key.get_ref(), out);
                out.push_str(": ");
                if !write_python_json(item.get_ref(), depth + 1, out) {
                    return false;
                }
            }
            out.push('}');
        }
        _ => return false,
    }
    true
}

/// ASCII alone: anything else becomes UTF-16 in escapes.
fn write_python_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7f}' => out.push(c),
            c => out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    out.push('"');
}
