//! The syntax of yarn.lock version 1, line by line: no YAML, though it looks like it.
//!
//! A header names every `name@range` that one package meets; fields stand two spaces in, the items
//! of a field's block four. Follows Yarn's own reader (`src/lockfile/parse.js` of yarnpkg/yarn), but
//! that a key standing twice is an error, where Yarn would take the last.

use crate::model::text::quoted;
use crate::model::{Scope, SourceFile};
use crate::read::json::Text;
use crate::read::{ReadError, ReadErrorKind};
use hashbrown::HashSet;
use std::borrow::Cow;

/// A text with the line it stands on.
pub struct Placed<'a> {
    pub text: Cow<'a, str>,
    pub line: u32,
}

/// One entry as it stands in the file.
#[derive(Default)]
pub struct Locked<'a> {
    /// Every `name@range` of the header; at least one.
    pub patterns: Vec<Cow<'a, str>>,
    pub line: u32,
    pub name: Option<Placed<'a>>,
    pub version: Option<Placed<'a>>,
    pub resolved: Option<Placed<'a>>,
    pub integrity: Option<Placed<'a>>,
    pub dependencies: Vec<Asked<'a>>,
}

/// A dependency of an entry.
pub struct Asked<'a> {
    pub name: Cow<'a, str>,
    pub range: Cow<'a, str>,
    pub scope: Scope,
    pub line: u32,
}

/// The one version that is known; the head comment states it.
const VERSION: &str = "1";

/// Reads the file's entries.
pub fn parse(file: &SourceFile) -> Result<Vec<Locked<'_>>, ReadError> {
    let mut reader = Reader { file, line: 0, entries: Vec::new(), block: Block::None, seen: HashSet::new() };
    for line in file.text().split('\n') {
        reader.line += 1;
        reader.take(line.strip_suffix('\r').unwrap_or(line))?;
    }
    if let Some(entry) = reader.entries.iter().find(|entry| entry.version.is_none()) {
        let message = format!("the entry of {} states no version", quoted(&entry.patterns[0]));
        return Err(ReadError::malformed(file.path(), entry.line, message));
    }
    Ok(reader.entries)
}

/// What the lines four spaces in belong to.
#[derive(Clone, Copy, PartialEq)]
enum Block {
    None,
    Dependencies(Scope),
    /// `permissions`, `prebuiltVariants` and whatever else says nothing of packages.
    Other,
}

enum Token<'a> {
    Text(Cow<'a, str>),
    Comma,
    Colon,
}

struct Reader<'a> {
    file: &'a SourceFile,
    line: u32,
    entries: Vec<Locked<'a>>,
    block: Block,
    /// What stood already in the entry, as (block, key): a field has the empty block.
    seen: HashSet<(&'static str, Cow<'a, str>)>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, line: &'a str) -> Result<(), ReadError> {
        let rest = line.trim_start_matches(' ');
        if let Some(comment) = rest.strip_prefix('#') {
            return self.check_version(comment);
        }
        if rest.is_empty() {
            return Ok(());
        }
        match line.len() - rest.len() {
            0 => self.header(rest),
            2 if !self.entries.is_empty() => self.field(rest),
            4.. if self.block == Block::Other => Ok(()),
            4 if self.block != Block::None => self.item(rest),
            indent => Err(self.syntax(format!("a line indented by {indent} spaces cannot stand here"))),
        }
    }

    /// `yarn lockfile v1` is how the file says its version; without a word it is 1.
    fn check_version(&self, comment: &str) -> Result<(), ReadError> {
        match comment.trim().strip_prefix("yarn lockfile v") {
            Some(version) if version != VERSION => {
                let found = crate::model::text::visible(&crate::model::text::shortened(version, 40)).into_owned();
                Err(ReadError::new(self.file.path(), Some(self.line), ReadErrorKind::UnknownVersion { found, known: VERSION }))
            }
            _ => Ok(()),
        }
    }

    fn header(&mut self, text: &'a str) -> Result<(), ReadError> {
        let wrong =
            || format!("{} is not the head of an entry: `name@range`, several with commas between them, then a colon", quoted(text));
        let mut entry = Locked { line: self.line, ..Locked::default() };
        let mut tokens = self.tokens(text)?.into_iter();
        loop {
            match (tokens.next(), tokens.next()) {
                (Some(Token::Text(pattern)), Some(Token::Comma)) => entry.patterns.push(pattern),
                (Some(Token::Text(pattern)), Some(Token::Colon)) => {
                    entry.patterns.push(pattern);
                    break;
                }
                _ => return Err(self.syntax(wrong())),
            }
        }
        if tokens.next().is_some() {
            return Err(self.syntax(wrong()));
        }
        self.entries.push(entry);
        self.block = Block::None;
        self.seen.clear();
        Ok(())
    }

    fn field(&mut self, text: &'a str) -> Result<(), ReadError> {
        self.block = Block::None;
        let (key, value) = self.pair(text)?;
        if !self.seen.insert(("", key.clone())) {
            return Err(self.syntax(format!("{} stands twice in one entry", quoted(&key))));
        }
        let line = self.line;
        let Some(entry) = self.entries.last_mut() else { return Ok(()) };
        let slot = match &*key {
            "name" => &mut entry.name,
            "version" => &mut entry.version,
            "resolved" => &mut entry.resolved,
            "integrity" => &mut entry.integrity,
            "dependencies" | "optionalDependencies" if value.is_some() => {
                return Err(ReadError::malformed(self.file.path(), line, format!("{} is a text; a block is expected", quoted(&key))));
            }
            "dependencies" => return self.open(Block::Dependencies(Scope::Runtime)),
            "optionalDependencies" => return self.open(Block::Dependencies(Scope::Optional)),
            _ if value.is_some() => return Ok(()),
            _ => return self.open(Block::Other),
        };
        let missing = || ReadError::malformed(self.file.path(), line, format!("{} is a block; a text is expected", quoted(&key)));
        *slot = Some(Placed { text: value.ok_or_else(missing)?, line });
        Ok(())
    }

    fn open(&mut self, block: Block) -> Result<(), ReadError> {
        self.block = block;
        Ok(())
    }

    fn item(&mut self, text: &'a str) -> Result<(), ReadError> {
        let Block::Dependencies(scope) = self.block else { return Ok(()) };
        let (name, range) = self.pair(text)?;
        let Some(range) = range else {
            return Err(self.syntax(format!("the dependency {} has no range", quoted(&name))));
        };
        if !self.seen.insert((scope.as_str(), name.clone())) {
            return Err(self.syntax(format!("the dependency {} stands twice in one entry", quoted(&name))));
        }
        let line = self.line;
        if let Some(entry) = self.entries.last_mut() {
            entry.dependencies.push(Asked { name, range, scope, line });
        }
        Ok(())
    }

    /// `key value`, or `key:` before a block. Yarn lets a colon stand before a value too.
    fn pair(&self, text: &'a str) -> Result<(Cow<'a, str>, Option<Cow<'a, str>>), ReadError> {
        let mut tokens = self.tokens(text)?.into_iter();
        match (tokens.next(), tokens.next(), tokens.next(), tokens.next()) {
            (Some(Token::Text(key)), Some(Token::Text(value)), None, None)
            | (Some(Token::Text(key)), Some(Token::Colon), Some(Token::Text(value)), None) => Ok((key, Some(value))),
            (Some(Token::Text(key)), Some(Token::Colon), None, None) => Ok((key, None)),
            _ => Err(self.syntax(format!("{} is neither a key with a value nor the head of a block", quoted(text)))),
        }
    }

    fn tokens(&self, mut rest: &'a str) -> Result<Vec<Token<'a>>, ReadError> {
        let mut tokens = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            let length = match rest.bytes().next() {
                None | Some(b'#') => return Ok(tokens),
                Some(b',') => 1,
                Some(b':') => 1,
                Some(b'"') => self.quoted_length(rest)?,
                Some(b'/' | b'.' | b'-' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') => rest.find([' ', ',', ':']).unwrap_or(rest.len()),
                Some(_) => return Err(self.syntax(format!("{} has to stand in quotes", quoted(rest)))),
            };
            let (token, after) = rest.split_at(length);
            tokens.push(match token {
                "," => Token::Comma,
                ":" => Token::Colon,
                _ if token.starts_with('"') => Token::Text(self.unquoted(token)?),
                _ => Token::Text(Cow::Borrowed(token)),
            });
            rest = after;
        }
    }

    /// The length of a text in quotes, both counted.
    fn quoted_length(&self, text: &str) -> Result<usize, ReadError> {
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return Ok(at + 1),
                _ => {}
            }
        }
        Err(self.syntax(format!("the quote before {} is not closed", quoted(&text[1..]))))
    }

    /// Texts in quotes are JSON's.
    fn unquoted(&self, token: &'a str) -> Result<Cow<'a, str>, ReadError> {
        let text: Result<Text<'a>, _> = serde_json::from_str(token);
        text.map(|text| text.0).map_err(|_| self.syntax(format!("{} is not a text as JSON writes it", quoted(token))))
    }

    fn syntax(&self, message: String) -> ReadError {
        ReadError::syntax(self.file.path(), self.line, message)
    }
}
