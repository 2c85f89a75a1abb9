//! YAML as pnpm and yarn write it: mappings, lists and text, several documents, a line for each.
//!
//! What those tools never write is refused, because it is how a reviewer and a program come to
//! read two different files: anchors and aliases, tags, merge keys, keys that stand twice. The tree
//! is built without recursion; its depth and size are bounded.

mod lines;
mod tree;

use super::{ReadError, ReadErrorKind};
use crate::model::text::{quoted, visible};
use crate::model::{RelPath, SourceFile};
use saphyr_parser::Parser;
use std::borrow::Cow;
use tree::Tree;

/// Values of one file. A lockfile of ten thousand packages has two hundred thousand.
const MOST_NODES: usize = 4_000_000;

/// A value of a document.
#[derive(Debug, PartialEq, Eq)]
pub enum Node<'a> {
    Text(Text<'a>),
    List(List<'a>),
    Map(Map<'a>),
}

/// A scalar, letter by letter as it stands in the file, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    pub text: Cow<'a, str>,
    pub line: u32,
    /// Written without quotes: `null` is nothing, `'null'` is a word.
    plain: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct List<'a> {
    pub line: u32,
    pub items: Vec<Node<'a>>,
}

/// A mapping in the order of the file. No key stands twice.
#[derive(Debug, PartialEq, Eq)]
pub struct Map<'a> {
    pub line: u32,
    pub pairs: Vec<(Text<'a>, Node<'a>)>,
}

/// What is wrong with a file's content, before the file is named.
#[derive(Debug)]
pub struct Wrong {
    pub line: u32,
    pub message: String,
}

impl Wrong {
    pub fn new(line: u32, message: impl Into<String>) -> Self {
        Wrong { line, message: message.into() }
    }

    /// The error, of the file at `path`.
    pub fn of(self, path: &RelPath) -> ReadError {
        ReadError::malformed(path, self.line, self.message)
    }
}

impl Text<'_> {
    /// Whether YAML reads it as no value at all.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }
}

impl<'a> Node<'a> {
    pub fn line(&self) -> u32 {
        match self {
            Node::Text(text) => text.line,
            Node::List(list) => list.line,
            Node::Map(map) => map.line,
        }
    }

    /// The text, which `what` names in the error otherwise.
    pub fn text(&self, what: &str) -> Result<&Text<'a>, Wrong> {
        match self {
            Node::Text(text) if !text.is_null() => Ok(text),
            other => Err(other.is_no("a text", what)),
        }
    }

    pub fn map(&self, what: &str) -> Result<&Map<'a>, Wrong> {
        match self {
            Node::Map(map) => Ok(map),
            other => Err(other.is_no("a mapping", what)),
        }
    }

    pub fn list(&self, what: &str) -> Result<&List<'a>, Wrong> {
        match self {
            Node::List(list) => Ok(list),
            other => Err(other.is_no("a list", what)),
        }
    }

    fn is_no(&self, wanted: &str, what: &str) -> Wrong {
        let found = match self {
            Node::Text(text) if text.is_null() => "empty",
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Map(_) => "a mapping",
        };
        Wrong::new(self.line(), format!("{} is to be {wanted} and is {found}", quoted(what)))
    }
}

impl<'a> Map<'a> {
    /// The value of a key. Looks at every pair: not for mappings of a size that an author chooses.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.pairs.iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }

    pub fn text(&self, key: &str) -> Result<Option<&Text<'a>>, Wrong> {
        self.get(key).map(|node| node.text(key)).transpose()
    }

    pub fn map(&self, key: &str) -> Result<Option<&Map<'a>>, Wrong> {
        self.get(key).map(|node| node.map(key)).transpose()
    }

    pub fn list(&self, key: &str) -> Result<Option<&List<'a>>, Wrong> {
        self.get(key).map(|node| node.list(key)).transpose()
    }

    /// Whether the key is set to `true`.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Node::Text(text)) if text.text == "true")
    }
}

/// The documents of a file, in its order; one that holds nothing is left out.
pub fn parse(file: &SourceFile) -> Result<Vec<Node<'_>>, ReadError> {
    lines::parse(file.text()).map_or_else(|| parse_events(file), |document| Ok(vec![document]))
}

/// By the whole of YAML's rules.
fn parse_events(file: &SourceFile) -> Result<Vec<Node<'_>>, ReadError> {
    let path = file.path();
    if let Some(line) = lone_carriage_return(file.text()) {
        return Err(ReadError::syntax(path, line, "a line ends with a carriage return alone, which no tool writes"));
    }
    let mut tree = Tree::default();
    let mut parser = Parser::new_from_str(file.text());
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let message = format!("this is not YAML: {}", visible(error.info()));
            ReadError::syntax(path, line_of(error.marker().line()), message)
        })?;
        tree.take(event, span).map_err(|wrong| wrong.of(path))?;
        if tree.nodes > MOST_NODES {
            let kind = ReadErrorKind::Limit { what: "values in one YAML file".into(), limit: MOST_NODES };
            return Err(ReadError::new(path, Some(line_of(span.start.line())), kind));
        }
    }
    Ok(tree.documents)
}

fn line_of(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
}

/// YAML ends a line there and the line counter does not: lines would be counted differently.
fn lone_carriage_return(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let at = memchr::memchr_iter(b'\r', bytes).find(|&at| bytes.get(at + 1) != Some(&b'\n'))?;
    Some(crate::model::Lines::new(text).line(at))
}
