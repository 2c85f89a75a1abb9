//! What a file of settings says: each value with its whole key, whatever the file's syntax.
//!
//! A key is unescaped before it is looked at, and a comment says nothing. Two texts that a package
//! manager reads differently never give the same values: the places of an array's items and of a key
//! that stands again are part of the key.

use super::meaning::{self, Meaning};
use crate::model::SourceFile;
use crate::model::text::{shortened, visible};
use crate::read::toml_file::{TomlFile, Value};
use crate::read::yaml::{self, Node};
use hashbrown::HashMap;
use std::borrow::Cow;

/// Larger files are not read, in bytes. The largest that people have are some thousand lines.
const MOST_BYTES: usize = 1 << 20;

/// The longest key with all around it, in bytes. Each value has one, so that this bounds the memory.
const LONGEST_KEY: usize = 500;

/// Between the parts of a key, and before the number of an item; no part has such a character.
const PART: char = '\u{1f}';
const ITEM: char = '\u{1e}';

/// One value that a file sets.
pub struct Said {
    /// Its parts from the outermost, between [`PART`] and [`ITEM`].
    pub key: String,
    pub value: String,
    pub line: u32,
    pub meaning: Meaning,
}

/// The line, and what is wrong there.
pub struct Problem(pub Option<u32>, pub String);

impl Said {
    /// The key for people, without the numbers of items and without what may be a credential.
    pub fn shown(&self) -> String {
        let items = self
            .key
            .split(ITEM)
            .enumerate()
            .map(|(at, part)| if at == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_digit()) });
        let parts: Vec<String> = items.flat_map(|part| part.split(PART)).filter(|part| !part.is_empty()).map(without_address).collect();
        shortened(&parts.join("."), 80).into_owned()
    }

    /// Whether it says where packages lie.
    pub fn is_place(&self) -> bool {
        matches!(self.meaning, Meaning::Source(_)) && meaning::is_place(&self.key)
    }
}

/// An address in a key can hold a password.
fn without_address(part: &str) -> String {
    match part.split_once("//") {
        Some((before, rest)) if rest.contains(['@', '?']) => format!("{before}//…"),
        _ => part.to_owned(),
    }
}

/// Reads a file by its name. `locked` says that a lockfile is read together with it.
pub fn read(file: &SourceFile, locked: bool) -> Result<Vec<Said>, Problem> {
    if file.text().len() > MOST_BYTES {
        return Err(Problem(None, format!("more than {MOST_BYTES} bytes of settings, which are not read")));
    }
    let mut reader =
        Reader { name: file.path().file_name().to_owned(), locked, key: String::new(), times: HashMap::new(), said: Vec::new() };
    match file.path().file_name() {
        ".npmrc" => reader.ini(file.text())?,
        ".yarnrc" => reader.yarnrc(file.text()),
        name if name.ends_with(".yml") || name.ends_with(".yaml") => {
            let documents = yaml::parse(file).map_err(|error| Problem(error.line, error.kind.to_string()))?;
            documents.iter().enumerate().try_for_each(|(at, node)| reader.within(ITEM, &at.to_string(), |reader| reader.node(node)))?;
        }
        _ => {
            let toml = TomlFile::parse(file).map_err(|error| Problem(error.line, error.kind.to_string()))?;
            let pairs = toml.root();
            pairs.pairs().try_for_each(|(key, line, value)| reader.within(PART, key, |reader| reader.value(line, &value)))?;
        }
    }
    Ok(reader.said)
}

struct Reader {
    name: String,
    locked: bool,
    /// Of what is open.
    key: String,
    times: HashMap<String, usize>,
    said: Vec<Said>,
}

impl Reader {
    fn within(&mut self, mark: char, part: &str, read: impl FnOnce(&mut Self) -> Result<(), Problem>) -> Result<(), Problem> {
        let end = self.key.len();
        self.key.push(mark);
        self.key.push_str(&visible(part));
        if self.key.len() > LONGEST_KEY {
            return Err(Problem(None, format!("a key of more than {LONGEST_KEY} bytes, which is not read")));
        }
        read(self)?;
        self.key.truncate(end);
        Ok(())
    }

    fn say(&mut self, line: u32, value: Cow<'_, str>) {
        let meaning = meaning::of(&self.name, &self.key, self.locked);
        self.said.push(Said { key: self.key.clone(), value: value.into_owned(), line, meaning });
    }

    /// `line` is the key's, of an item its own.
    fn value(&mut self, line: u32, value: &Value<'_, '_>) -> Result<(), Problem> {
        if let Some(table) = value.as_table() {
            if table.pairs().next().is_none() {
                self.say(line, "{}".into());
            }
            return table.pairs().try_for_each(|(key, line, value)| self.within(PART, key, |reader| reader.value(line, &value)));
        }
        let Some(scalar) = value.scalar() else {
            let items = value.array().unwrap_or_default();
            if items.is_empty() {
                self.say(line, "[]".into());
            }
            let mut items = items.iter().enumerate();
            return items.try_for_each(|(at, item)| self.within(ITEM, &at.to_string(), |reader| reader.value(item.line(), item)));
        };
        // `true` is not "true".
        self.say(line, if value.as_str().is_some() { scalar } else { format!("{PART}{scalar}").into() });
        Ok(())
    }

    fn node(&mut self, node: &Node<'_>) -> Result<(), Problem> {
        match node {
            Node::Text(text) => self.say(text.line, if text.is_null() { PART.to_string().into() } else { Cow::Borrowed(&*text.text) }),
            Node::Map(map) if map.pairs.is_empty() => self.say(map.line, "{}".into()),
            Node::List(list) if list.items.is_empty() => self.say(list.line, "[]".into()),
            Node::Map(map) => return map.pairs.iter().try_for_each(|(key, node)| self.within(PART, &key.text, |reader| reader.node(node))),
            Node::List(list) => {
                let mut items = list.items.iter().enumerate();
                return items.try_for_each(|(at, item)| self.within(ITEM, &at.to_string(), |reader| reader.node(item)));
            }
        }
        Ok(())
    }

    /// As the `ini` package of npm reads it: a lone carriage return ends a line, keys can be quoted. The
    /// last of a key that stands twice counts for npm, and the first for others.
    fn ini(&mut self, text: &str) -> Result<(), Problem> {
        let mut section = String::new();
        for (line, text) in lines(text).filter(|(_, text)| !text.starts_with([';', '#'])) {
            if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = visible(&unquoted(name)).into_owned();
                if section.len() > LONGEST_KEY {
                    return Err(Problem(Some(line), format!("a section's name of more than {LONGEST_KEY} bytes, which is not read")));
                }
                continue;
            }
            let (key, value) = text.split_once('=').unwrap_or((text, ""));
            let (key, value) = (unquoted(key), unquoted(value));
            let meaning = meaning::of_ini(&key);
            self.say_again(format!("{section}{PART}{}", visible(&key)), value, line, meaning);
        }
        Ok(())
    }

    /// What can stand several times is numbered: which of them counts is the package manager's to say.
    fn say_again(&mut self, key: String, value: String, line: u32, meaning: Meaning) {
        let time = self.times.entry(key.clone()).or_default();
        *time += 1;
        self.said.push(Said { key: format!("{key}{ITEM}{time}"), value, line, meaning });
    }

    /// Yarn 1's own form, `key "value"`; it knows escapes, lists of keys and what stands further in.
    fn yarnrc(&mut self, text: &str) {
        for (line, text) in lines(text).filter(|(_, text)| !text.starts_with('#')) {
            let (key, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let (key, value) = (unquoted(key.trim_end_matches(':')), unquoted(value));
            let meaning = meaning::of_yarnrc(&key, text);
            self.say_again(format!("{PART}{}", visible(&key)), value, line, meaning);
        }
    }
}

/// Lines that are not empty, without what is around them. What ends none for the line counter has the
/// number of the line it stands in.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let numbered = (1..).zip(text.split('\n'));
    numbered.flat_map(|(at, line)| line.split('\r').map(move |part| (at, part.trim()))).filter(|(_, line)| !line.is_empty())
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(text);
    serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
}
