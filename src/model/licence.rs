//! Licences as lockfiles state them.

use hashbrown::HashMap;
use std::sync::Arc;

/// What a package says of its licence: the text of the field, and whether it is an SPDX expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Licence {
    /// One identifier of the SPDX list, in the list's spelling.
    Id(Arc<str>),
    /// A valid SPDX expression of more than one identifier, canonical.
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
        if let Some(id) = spdx::license_id(text) {
            return Some(Licence::Id(id.name.into()));
        }
        match spdx::Expression::parse_mode(text, spdx::ParseMode { allow_deprecated: true, ..spdx::ParseMode::STRICT }) {
            Ok(expression) => Some(Licence::Expression(expression.to_string().into())),
            Err(_) => Some(Licence::Name(text.into())),
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
