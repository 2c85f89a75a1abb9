//! Events to documents: what no package manager writes is refused here, whoever found it.

use super::{List, Map, Node, Text, Wrong, line_of};
use crate::model::text::quoted;
use hashbrown::HashSet;
use saphyr_parser::{Event, ScalarStyle, Span};

/// Mappings and lists inside each other. pnpm needs nine.
const DEEPEST: usize = 64;

/// Mappings up to this size are searched for duplicate keys pair by pair.
const SMALL: usize = 8;

/// The documents as far as they are read.
#[derive(Default)]
pub struct Tree<'a> {
    pub documents: Vec<Node<'a>>,
    open: Vec<Open<'a>>,
    pub nodes: usize,
}

/// A mapping or list that has not ended.
pub enum Open<'a> {
    Map(Map<'a>, Option<Text<'a>>),
    List(List<'a>),
}

impl<'a> Tree<'a> {
    pub fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Wrong> {
        let line = line_of(span.start.line());
        match event {
            Event::Alias(_) => Err(Wrong::new(line, "a YAML alias stands here, which no package manager writes")),
            Event::Scalar(text, style, anchor, tag) => {
                refuse_extras(line, anchor, tag.is_some())?;
                self.add(Node::Text(Text { text, line, plain: style == ScalarStyle::Plain }))
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_extras(line, anchor, tag.is_some())?;
                self.open(Open::List(List { line, items: Vec::new() }), line)
            }
            Event::MappingStart(anchor, tag) => {
                refuse_extras(line, anchor, tag.is_some())?;
                self.open(Open::Map(Map { line, pairs: Vec::new() }, None), line)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => Ok(()),
        }
    }

    pub fn open(&mut self, open: Open<'a>, line: u32) -> Result<(), Wrong> {
        if self.open.len() >= DEEPEST {
            return Err(Wrong::new(line, format!("values are nested more than {DEEPEST} deep")));
        }
        if let Some(Open::Map(_, None)) = self.open.last() {
            return Err(Wrong::new(line, "a key is to be a text"));
        }
        self.open.push(open);
        Ok(())
    }

    pub fn close(&mut self) -> Result<(), Wrong> {
        match self.open.pop() {
            Some(Open::Map(map, _)) => {
                refuse_duplicates(&map)?;
                self.add(Node::Map(map))
            }
            Some(Open::List(list)) => self.add(Node::List(list)),
            None => Ok(()),
        }
    }

    pub fn add(&mut self, node: Node<'a>) -> Result<(), Wrong> {
        self.nodes += 1;
        match (self.open.last_mut(), node) {
            (None, Node::Text(text)) if text.is_null() => {}
            (None, node) => self.documents.push(node),
            (Some(Open::List(_)), Node::Text(text)) if text.is_null() => return Err(Wrong::new(text.line, "an item of a list is empty")),
            (Some(Open::List(list)), node) => list.items.push(node),
            (Some(Open::Map(_, None)), Node::Text(text)) if text.plain && text.text == "<<" => {
                return Err(Wrong::new(text.line, "a YAML merge key stands here, which no package manager writes"));
            }
            (Some(Open::Map(_, key @ None)), Node::Text(text)) => *key = Some(text),
            (Some(Open::Map(_, None)), node) => return Err(Wrong::new(node.line(), "a key is to be a text")),
            (Some(Open::Map(map, key)), node) => map.pairs.extend(key.take().map(|key| (key, node))),
        }
        Ok(())
    }
}

fn refuse_extras(line: u32, anchor: usize, tag: bool) -> Result<(), Wrong> {
    match (anchor, tag) {
        (0, false) => Ok(()),
        (0, true) => Err(Wrong::new(line, "a YAML tag stands here, which no package manager writes")),
        _ => Err(Wrong::new(line, "a YAML anchor stands here, which no package manager writes")),
    }
}

fn refuse_duplicates(map: &Map<'_>) -> Result<(), Wrong> {
    let keys = || map.pairs.iter().map(|(key, _)| key);
    let twice = if map.pairs.len() <= SMALL {
        keys().enumerate().find(|(at, key)| keys().take(*at).any(|other| other.text == key.text)).map(|(_, key)| key)
    } else {
        let mut seen = HashSet::with_capacity(map.pairs.len());
        keys().find(|key| !seen.insert(&*key.text))
    };
    match twice {
        Some(key) => Err(Wrong::new(key.line, format!("the key {} stands twice", quoted(&key.text)))),
        None => Ok(()),
    }
}
