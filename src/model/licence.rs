//! Licences as lockfiles state them.

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
