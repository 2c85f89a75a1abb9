//! Licences as lockfiles state them.

use hashbrown::HashMap;
use std::sync::Arc;

/// In full, with identifiers that are deprecated and the plus that they were written with.
pub const MODE: spdx::ParseMode = spdx::ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..spdx::ParseMode::STRICT };

/// What a package says of its licence: the text of the field, and whether it is an SPDX expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Licence {
    /// One identifier of the SPDX list, in the list's spelling.
    Id(Arc<str>),
    /// A valid SPDX expression of more than one identifier, or with a plus, as stated.
    Expression(Arc<str>),
    /// Anything else, as stated.
    Name(Arc<str>),
}

impl Licence {
    /// Reads a licence field; what is no SPDX expression is kept as a name, never guessed at.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        // The library's own look-up takes `MIT+` for `MIT`. `GPL-2.0+` is on the list, and `MIT+` is an expression.
        if spdx::identifiers::LICENSES.binary_search_by(|id| id.name.cmp(text)).is_ok() {
            return Some(Licence::Id(text.into()));
        }
        match spdx::Expression::parse_mode(text, MODE) {
            Ok(expression) => Some(Licence::Expression(expression.to_string().into())),
            Err(_) => Some(Licence::Name(text.into())),
        }
    }

    /// Whether both state the same, with or without parentheses that change nothing.
    pub fn is_same(&self, other: &Licence) -> bool {
        let read = |licence: &Licence| spdx::Expression::parse_mode(licence.text(), MODE).ok();
        self.text() == other.text() || matches!((read(self), read(other)), (Some(a), Some(b)) if a == b)
    }

    /// As stated.
    pub fn text(&self) -> &str {
        match self {
            Licence::Id(text) | Licence::Expression(text) | Licence::Name(text) => text,
        }
    }
}

/// Licence fields that were read: the packages of a lockfile have few different ones.
#[derive(Default)]
pub struct Licences(HashMap<Box<str>, Option<Licence>>);

impl Licences {
    /// As [`Licence::parse`].
    pub fn parse(&mut self, text: &str) -> Option<Licence> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        self.0.entry(text.into()).or_insert_with(|| Licence::parse(text)).clone()
    }
}
