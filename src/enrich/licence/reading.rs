//! A licence field as it is stated, and what it reads. What can mean two things is not guessed at: it stays a text, with
//! what it may mean.

use super::spelling::{Spellings, folded};
use super::{Expression, Family, Term};
use crate::model::Ecosystem;
use crate::model::licence::Licence;
use crate::model::text::quoted;
use std::sync::Arc;

/// What a text reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// As stated, without white space around it.
    pub stated: Arc<str>,
    pub read: Result<Expression, Unread>,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It says itself that it says nothing (`NOASSERTION`, `NONE`).
    Nothing,
    /// It names a file or an address where the licence stands.
    Elsewhere,
    /// It means one of these, or something else.
    Ambiguous(Vec<Expression>),
    /// A slash between licences that are not both permissive: either, or both.
    Slash,
    TooLong,
    /// One of more different texts than are read.
    TooMany,
    /// No row, and no expression.
    Unfamiliar,
}

impl Unread {
    /// A clause for people that follows the text.
    pub fn reason(&self) -> String {
        match self {
            Unread::Nothing => "says nothing".into(),
            Unread::Elsewhere => "stands in a file that is not read".into(),
            Unread::Ambiguous(may_be) => {
                let texts: Vec<String> = may_be.iter().map(ToString::to_string).collect();
                format!("may mean {}", texts.join(", "))
            }
            Unread::Slash => "may mean either, or both".into(),
            Unread::TooLong => format!("is longer than {} bytes", Reading::LONGEST),
            Unread::TooMany => "is one of too many different texts".into(),
            Unread::Unfamiliar => "is no SPDX expression".into(),
        }
    }
}

impl Reading {
    /// Bytes of a text that is read; a longer one is the text of a licence, or meant to take time.
    pub const LONGEST: usize = 1024;

    /// Reads a field of a package of this ecosystem; `None` of one that is empty.
    pub fn of(text: &str, ecosystem: Ecosystem) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Reading { stated: text.into(), read: read(text, ecosystem) })
    }

    /// One that was not looked at.
    pub(super) fn unread(text: &str, why: Unread) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Reading { stated: text.into(), read: Err(why) })
    }

    pub fn expression(&self) -> Option<&Expression> {
        self.read.as_ref().ok()
    }

    /// `None` where it is not known.
    pub fn family(&self) -> Option<Family> {
        self.expression()?.family()
    }

    /// What it reads, else the text as stated.
    pub fn text(&self) -> String {
        self.expression().map_or_else(|| self.stated.to_string(), ToString::to_string)
    }

    /// The same as an identifier or an expression of SPDX's, where it reads one without words that are none.
    pub fn licence(&self) -> Option<Licence> {
        let expression = self.expression().filter(|read| !read.terms().any(Term::is_word))?;
        Licence::parse(&expression.to_string())
    }

    /// For a message: the licence, and why it is not known where it is not.
    pub fn told(&self) -> String {
        match &self.read {
            Ok(expression) => quoted(&expression.to_string()),
            Err(unread) => format!("{}, which {}", quoted(&self.stated), unread.reason()),
        }
    }

    /// Whether both read the same, whatever the spelling.
    pub fn is_same(&self, other: &Reading) -> bool {
        match (self.expression(), other.expression()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.stated == other.stated,
            _ => false,
        }
    }
}

fn read(text: &str, ecosystem: Ecosystem) -> Result<Expression, Unread> {
    if text.len() > Reading::LONGEST {
        return Err(Unread::TooLong);
    }
    let bare = unwrapped(text);
    if ["NOASSERTION", "NONE"].contains(&bare) {
        return Err(Unread::Nothing);
    }
    // Nearly all; no row of the spellings is one. `any-OSI` and `NOASSERTION` are on the list, and are no licences; in an
    // expression they have no family.
    if let Some(read) = Expression::parse(text) {
        return Ok(read);
    }
    let spellings = Spellings::shipped();
    if let Some(family) = spellings.word(bare) {
        return Ok(Expression::word(bare, family));
    }
    if let Some(read) = spellings.reads(bare).and_then(Expression::parse) {
        return Ok(read);
    }
    if let Some(may_be) = spellings.may_be(bare) {
        return Err(Unread::Ambiguous(may_be.iter().filter_map(|text| Expression::parse(text)).collect()));
    }
    let small = folded(bare);
    if ["see license", "see file", "http://", "https://", "file:"].iter().any(|start| small.starts_with(start)) {
        return Err(Unread::Elsewhere);
    }
    spelt(text, spellings, ecosystem)
}

/// Without one pair of parentheses or quotes around the whole.
fn unwrapped(text: &str) -> &str {
    let inner = [('(', ')'), ('"', '"'), ('\'', '\'')]
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close).filter(|inner| !inner.contains([*open, *close])));
    inner.unwrap_or(text).trim()
}

/// An expression whose parts are spelt otherwise: `Apache 2.0 or mit`, `mit/apache-2.0`.
fn spelt(text: &str, spellings: &Spellings, ecosystem: Ecosystem) -> Result<Expression, Unread> {
    let mut canonical = String::new();
    let (mut part, mut has_slash, mut after_with) = (String::new(), false, false);
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " / ");
    let words = spaced.split_whitespace().map(Some).chain([None]);
    for word in words {
        let operator = match word.map(str::to_ascii_uppercase).as_deref() {
            Some("AND") => " AND ",
            Some("OR") => " OR ",
            Some("/") => " OR ",
            Some("WITH") => " WITH ",
            Some("(") => "(",
            Some(")") => ")",
            None => "",
            Some(_) => {
                part.push_str(if part.is_empty() { "" } else { " " });
                part.push_str(word.unwrap_or_default());
                continue;
            }
        };
        has_slash |= word == Some("/");
        if !part.is_empty() {
            canonical.push_str(&part_read(&part, after_with, spellings).ok_or(Unread::Unfamiliar)?);
            part.clear();
        }
        after_with = operator == " WITH ";
        canonical.push_str(operator);
    }
    let read = Expression::parse(&canonical).ok_or(Unread::Unfamiliar)?;
    // Cargo's manual says that a slash is an `OR`, but not how it binds beside an `AND`. Elsewhere it may be an `AND`
    // itself, which makes no difference where nothing is asked by either side.
    let is_lenient = |family: Option<Family>| matches!(family, Some(Family::PublicDomain | Family::Permissive));
    let is_plain = ecosystem == Ecosystem::Cargo && !canonical.contains(" AND ");
    let is_or = !has_slash || is_plain || read.terms().all(|term| is_lenient(term.family()));
    if is_or { Ok(read) } else { Err(Unread::Slash) }
}

fn part_read(part: &str, after_with: bool, spellings: &Spellings) -> Option<String> {
    if after_with {
        return spellings.exception(part).map(str::to_owned).or_else(|| part.starts_with("AdditionRef-").then(|| part.to_owned()));
    }
    let reference = || Some(part.to_owned()).filter(|part| part.starts_with("LicenseRef-") || part.starts_with("DocumentRef-"));
    spellings.term(part).or_else(reference)
}
