//! A requirements file as pip's lines: joined where they end with a backslash, comments apart
//! (pip, `_internal/req/req_file.py`: `preprocess`).
//!
//! What pip takes for a line end matters: a form feed or U+2028 looks like nothing in a review and
//! starts a new requirement. Line numbers are those of the editor (newlines), not pip's.

use crate::read::ReadErrorKind;
use std::borrow::Cow;

/// Longest physical line, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// Longest line after joining, in bytes. A package with 5,000 hashes has 400 KiB.
const LONGEST_JOINED: usize = 1024 * 1024;
/// Most physical lines in one joined line.
const MOST_JOINED: usize = 20_000;

/// A line that pip would refuse, or that is too long to be read.
#[derive(Debug)]
pub(super) struct BadLine {
    pub number: u32,
    pub kind: ReadErrorKind,
}

impl BadLine {
    pub fn syntax(number: u32, message: impl Into<String>) -> Self {
        BadLine { number, kind: ReadErrorKind::Syntax(message.into()) }
    }

    fn too_long(number: u32, what: &str, limit: usize) -> Self {
        BadLine { number, kind: ReadErrorKind::Limit { what: what.to_owned(), limit } }
    }
}

/// One line as pip reads it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// What is left without the comment, trimmed; may be empty.
    pub text: Cow<'a, str>,
    /// What follows the `#`, with the spaces before it.
    pub comment: Option<Cow<'a, str>>,
    /// Of the first physical line.
    pub number: u32,
    /// Where each further physical line starts in `text`, and its number.
    joins: Vec<(usize, u32)>,
}

impl Line<'_> {
    /// The number of the physical line that holds the byte at `offset` of the text.
    pub fn number_at(&self, offset: usize) -> u32 {
        let after = self.joins.partition_point(|&(start, _)| start <= offset);
        after.checked_sub(1).map_or(self.number, |join| self.joins[join].1)
    }
}

/// The lines of a file.
pub(super) struct LogicalLines<'a> {
    text: &'a str,
    at: usize,
    /// Of the line at `at`. Counted along, because the lines come in order; it is what
    /// [`crate::model::Lines`] would say.
    number: u32,
}

impl<'a> LogicalLines<'a> {
    pub fn new(text: &'a str) -> Self {
        LogicalLines { text, at: 0, number: 1 }
    }

    fn physical(&mut self) -> Option<Result<(u32, &'a str), BadLine>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let (end, next) = line_end(self.text.as_bytes(), start);
        let number = self.number;
        self.number += u32::from(self.text[end..next].ends_with('\n'));
        self.at = next;
        let fits = end - start <= LONGEST_LINE;
        Some(if fits { Ok((number, &self.text[start..end])) } else { Err(BadLine::too_long(number, "bytes in one line", LONGEST_LINE)) })
    }

    /// Joins on, until a line without a backslash or a comment; a comment always ends a line.
    fn joined(&mut self, number: u32, first: &'a str) -> Result<Line<'a>, BadLine> {
        let mut text = first.trim_matches('\\').to_owned();
        let mut joins = Vec::new();
        while let Some(physical) = self.physical() {
            let (number_here, piece) = physical?;
            joins.push((text.len(), number_here));
            let comment = is_comment(piece);
            let goes_on = piece.ends_with('\\') && !comment;
            if comment {
                text.push(' ');
            }
            text.push_str(if goes_on { piece.trim_matches('\\') } else { piece });
            if text.len() > LONGEST_JOINED {
                return Err(BadLine::too_long(number, "bytes in one line with its continuations", LONGEST_JOINED));
            }
            if joins.len() > MOST_JOINED {
                return Err(BadLine::too_long(number, "continuations of one line", MOST_JOINED));
            }
            if !goes_on {
                break;
            }
        }
        Ok(joined_line(text, number, joins))
    }
}

impl<'a> Iterator for LogicalLines<'a> {
    type Item = Result<Line<'a>, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, text) = match self.physical()? {
            Ok(line) => line,
            Err(bad) => return Some(Err(bad)),
        };
        if text.ends_with('\\') && !is_comment(text) {
            return Some(self.joined(number, text));
        }
        let (text, comment) = split_comment(text);
        Some(Ok(Line { text: trimmed(text).into(), comment: comment.map(Cow::from), number, joins: Vec::new() }))
    }
}

fn joined_line<'a>(mut text: String, number: u32, mut joins: Vec<(usize, u32)>) -> Line<'a> {
    let (statement, comment) = split_comment(&text);
    let comment = comment.map(|comment| Cow::from(comment.to_owned()));
    let end = statement.trim_end_matches(is_space).len();
    let indent = statement[..end].len() - trimmed(statement).len();
    text.truncate(end);
    text.drain(..indent);
    joins.iter_mut().for_each(|(start, _)| *start = start.saturating_sub(indent));
    Line { text: text.into(), comment, number, joins }
}

/// Where the line that starts at `from` ends, and where the next one starts: Python's
/// `str.splitlines`.
fn line_end(bytes: &[u8], from: usize) -> (usize, usize) {
    let mut at = from;
    while let Some(found) = bytes[at..].iter().position(|&b| b < b' ' || b == 0xc2 || b == 0xe2) {
        at += found;
        let length = match &bytes[at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e, ..] => 1,
            [0xc2, 0x85, ..] => 2,
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
            _ => 0,
        };
        if length > 0 {
            return (at, at + length);
        }
        at += 1;
    }
    (bytes.len(), bytes.len())
}

/// White space as Python's `\s` and `str.strip` know it.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn is_comment(line: &str) -> bool {
    line.trim_start_matches(is_space).starts_with('#')
}

/// A `#` opens a comment at the start of the line or after white space: `#egg=` is data.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let opens = |&at: &usize| line[..at].chars().next_back().is_none_or(is_space);
    match memchr::memchr_iter(b'#', line.as_bytes()).find(opens) {
        Some(at) => (&line[..at], Some(&line[at + 1..])),
        None => (line, None),
    }
}
