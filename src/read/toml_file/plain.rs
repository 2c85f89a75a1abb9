//! TOML of the plainest kind: what a package manager writes is nearly always that, and reading it so
//! takes a third of the time.
//!
//! Tables and lists of tables one below the other, bare keys, texts in a line, whole numbers,
//! truth values, arrays and inline tables of these. At anything else the reader gives up and the text is
//! read by the rules of TOML; where it does not give up, the outcome is the same, which the tests hold
//! against that reader. It never says that a text is wrong.

use super::tree::{Item, Pairs, Spot};
use std::borrow::Cow;
use toml::value::Datetime;

/// Arrays and inline tables inside each other; each level is a call.
const DEEPEST: usize = 16;

/// Longer numbers are left to the whole rules.
const MOST_DIGITS: usize = 18;

/// The outermost table, if the whole text is of this kind. Its first line has the number `line`.
pub fn parse(text: &str, line: u32) -> Option<Pairs<'_>> {
    let mut document = Document::default();
    let mut cursor = Cursor { text, at: 0, line };
    while cursor.next_statement()? {
        if cursor.peek() == Some(b'[') {
            let header = cursor.header()?;
            document.open(header)?;
        } else {
            let pair = cursor.pair()?;
            document.current().push(pair);
        }
        cursor.end_of_line()?;
    }
    document.close_element()?;
    Pairs::new(document.root)
}

type Pair<'a> = (Cow<'a, str>, u32, Spot<'a>);

/// The text as far as it is read: the outermost table, the element that is open in it, and what is open
/// in that. Nothing that was closed is opened again.
#[derive(Default)]
struct Document<'a> {
    root: Vec<Pair<'a>>,
    element: Option<Open<'a>>,
    inner: Option<Open<'a>>,
    /// The lists that the last headers of each kind were of.
    lists: (Option<&'a str>, Option<&'a str>),
}

/// A table that a header began.
struct Open<'a> {
    header: Header<'a>,
    pairs: Vec<Pair<'a>>,
}

/// `[outer]`, `[[outer]]`, `[outer.inner]` or `[[outer.inner]]`.
struct Header<'a> {
    outer: &'a str,
    inner: Option<&'a str>,
    is_list: bool,
    line: u32,
}

impl<'a> Document<'a> {
    fn current(&mut self) -> &mut Vec<Pair<'a>> {
        match (&mut self.inner, &mut self.element) {
            (Some(open), _) | (None, Some(open)) => &mut open.pairs,
            (None, None) => &mut self.root,
        }
    }

    fn open(&mut self, header: Header<'a>) -> Option<()> {
        let open = Open { header, pairs: Vec::new() };
        match open.header.inner {
            None => {
                self.close_element()?;
                self.element = Some(open);
            }
            Some(_) => {
                self.element.as_ref().filter(|element| element.header.outer == open.header.outer)?;
                self.close_inner()?;
                self.inner = Some(open);
            }
        }
        Some(())
    }

    fn close_element(&mut self) -> Option<()> {
        self.close_inner()?;
        let Some(element) = self.element.take() else { return Some(()) };
        let key = element.header.outer;
        self.lists.0 = add(&mut self.root, key, element, self.lists.0)?;
        self.lists.1 = None;
        Some(())
    }

    fn close_inner(&mut self) -> Option<()> {
        let Some(inner) = self.inner.take() else { return Some(()) };
        let key = inner.header.inner?;
        self.lists.1 = add(&mut self.element.as_mut()?.pairs, key, inner, self.lists.1)?;
        Some(())
    }
}

/// Adds a table, or one more of the list that headers began just before. The list that the next may
/// belong to.
fn add<'a>(parent: &mut Vec<Pair<'a>>, key: &'a str, open: Open<'a>, list: Option<&'a str>) -> Option<Option<&'a str>> {
    let Header { line, is_list, .. } = open.header;
    let table = Spot { line, item: Item::Table(Pairs::new(open.pairs)?) };
    match parent.last_mut() {
        Some((_, _, Spot { item: Item::Array(items), .. })) if is_list && list == Some(key) => items.push(table),
        _ if is_list => parent.push((Cow::Borrowed(key), line, Spot { line, item: Item::Array(vec![table]) })),
        _ => parent.push((Cow::Borrowed(key), line, table)),
    }
    Some(is_list.then_some(key))
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Past empty lines and lines of comments; whether there is anything behind them.
    fn next_statement(&mut self) -> Option<bool> {
        loop {
            match self.peek() {
                None => return Some(false),
                Some(b'\n') => self.newline(),
                Some(b'#') => {
                    let rest = &self.text.as_bytes()[self.at..];
                    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    rest[..end].iter().all(|byte| matches!(byte, b' '..=b'~')).then_some(())?;
                    self.at += end;
                }
                Some(_) => return Some(true),
            }
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line += 1;
    }

    fn end_of_line(&mut self) -> Option<()> {
        matches!(self.peek(), None | Some(b'\n')).then_some(())
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn header(&mut self) -> Option<Header<'a>> {
        let line = self.line;
        self.take(b'[')?;
        let is_list = self.take(b'[').is_some();
        let outer = self.key()?;
        let inner = if self.take(b'.').is_some() { Some(self.key()?) } else { None };
        self.take(b']')?;
        if is_list {
            self.take(b']')?;
        }
        Some(Header { outer, inner, is_list, line })
    }

    /// A bare key.
    fn key(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let length = rest.as_bytes().iter().take_while(|byte| is_key(byte)).count();
        self.at += length;
        (length > 0).then_some(&rest[..length])
    }

    fn pair(&mut self) -> Option<Pair<'a>> {
        let line = self.line;
        let key = self.key()?;
        self.spaces();
        self.take(b'=')?;
        self.spaces();
        Some((Cow::Borrowed(key), line, self.value(0)?))
    }

    fn value(&mut self, depth: usize) -> Option<Spot<'a>> {
        let line = self.line;
        let item = match self.peek()? {
            b'"' | b'\'' => Item::Text(self.quoted()?),
            b'[' if depth < DEEPEST => Item::Array(self.array(depth)?),
            b'{' if depth < DEEPEST => Item::Table(self.inline_table(depth)?),
            b'0'..=b'9' | b't' | b'f' => self.word()?,
            _ => return None,
        };
        Some(Spot { line, item })
    }

    /// A text within a line. Of the escapes those of the quote and of the backslash are known.
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let bytes = self.text.as_bytes();
        let quote = bytes[self.at];
        let mut text = Cow::Borrowed("");
        let mut start = self.at + 1;
        loop {
            let escape = if quote == b'"' { b'\\' } else { quote };
            let end = start + memchr::memchr2(quote, escape, &bytes[start..])?;
            // Without an end at the first of them, so that many are looked at together.
            let has_control = bytes[start..end].iter().fold(false, |has, byte| has | (*byte < b' ') | (*byte == 0x7f));
            if has_control {
                return None;
            }
            text += &self.text[start..end];
            match bytes[end] {
                // Two quotes and a third begin a text of several lines.
                byte if byte == quote && bytes.get(end + 1) != Some(&quote) => {
                    self.at = end + 1;
                    return Some(text);
                }
                b'\\' => {
                    let escaped = *bytes.get(end + 1).filter(|byte| matches!(byte, b'"' | b'\\'))?;
                    text.to_mut().push(escaped.into());
                    start = end + 2;
                }
                _ => return None,
            }
        }
    }

    /// A whole number, a truth value or a time.
    fn word(&mut self) -> Option<Item<'a>> {
        let rest = &self.text[self.at..];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'.');
        let word = &rest[..rest.as_bytes().iter().take_while(|byte| is_word(byte)).count()];
        self.at += word.len();
        match word {
            "true" => return Some(Item::Bool(true)),
            "false" => return Some(Item::Bool(false)),
            _ => {}
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let is_plain = word.len() <= MOST_DIGITS && (word == "0" || !word.starts_with('0'));
            return is_plain.then_some(Item::Integer { digits: Cow::Borrowed(word), radix: 10 });
        }
        let is_time = word.len() == "2025-09-18T10:20:30Z".len() && word.ends_with('Z');
        is_time.then(|| word.parse::<Datetime>().ok()).flatten().map(|time| Item::Datetime(time.to_string()))
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Spot<'a>>> {
        let mut items = Vec::new();
        self.take(b'[')?;
        loop {
            self.blanks();
            if self.take(b']').is_some() {
                return Some(items);
            }
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(items);
            }
        }
    }

    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ') => self.at += 1,
                Some(b'\n') => self.newline(),
                _ => return,
            }
        }
    }

    fn inline_table(&mut self, depth: usize) -> Option<Pairs<'a>> {
        let mut pairs = Vec::new();
        self.take(b'{')?;
        self.spaces();
        if self.take(b'}').is_some() {
            return Pairs::new(pairs);
        }
        loop {
            let line = self.line;
            let key = self.key()?;
            self.spaces();
            self.take(b'=')?;
            self.spaces();
            pairs.push((Cow::Borrowed(key), line, self.value(depth + 1)?));
            self.spaces();
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return Pairs::new(pairs);
            }
            self.spaces();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse_wholly;
    use super::parse;
    use crate::model::{Lines, RelPath, SourceFile};
    use proptest::prelude::*;

    /// Where this reader does not give up, the whole rules say the same. Whether it gave up.
    fn agrees(text: &str) -> bool {
        let file = SourceFile::new(RelPath::new("uv.lock").unwrap(), text.as_bytes().to_vec()).unwrap();
        let Some(root) = parse(file.text(), 1) else { return true };
        let wholly = parse_wholly(&file, &Lines::new(file.text()), 0..file.text().len());
        assert_eq!(Ok(root), wholly.map_err(|error| error.to_string()), "{text}");
        false
    }

    #[test]
    fn lockfiles_are_read_plainly() {
        let uv = include_str!("../../../fixtures/read/uv-lock/trap-52-files/input/uv.lock");
        let poetry = include_str!("../../../fixtures/read/poetry-lock/trap-47-version-2.1/input/poetry.lock");
        let pdm = include_str!("../../../fixtures/read/pdm-lock/version-4.5/input/pdm.lock");
        for text in [uv, poetry, pdm] {
            assert!(!agrees(text.rsplit_once("[[package]]").unwrap().0), "{text}");
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at) && text.is_char_boundary(at + 1)) {
                agrees(&text[..at]);
                for other in ["", " ", "\n", "'", "\"", "=", "#", "[", "]", "{", "}", ",", ".", "\\", "\t", "0", "-", "a"] {
                    agrees(&format!("{}{other}{}", &text[..at], &text[at + 1..]));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn any_text_is_read_alike(
            text in r#"((\[[ab]\]|\[\[[ab]\]\]|\[[ab]\.[ab]\]|\[\[[ab]\.[ab]\]\]|[ab]|[abc] ?= ?("[a,\]]?"|"a\\["\\n]"|''|[0-9]{1,3}|true|2025-02-(29|28)T10:20:30Z|\[\n?(1, ?)?("a")?,?\n?\]|\{ ?(a = 1)?(, b = \[\])?,? ?\}|[0-9a.T:-]{1,4})) ?(#a)?\n?\n){0,7}"#
        ) {
            agrees(&text);
        }
    }
}
