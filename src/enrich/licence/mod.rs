//! What is said of a package's licence, what it reads, and whether lists allow it.
//!
//! A claim is a text with its origin ([`Claims`]). It is read as an SPDX expression, or by a table of spellings where it
//! can mean one thing alone ([`Reading`]); what it asks for is its [`Family`]. What is not known stays not known: it has
//! no family, and no list that does not name it allows it.
//!
//! Deliberately absent: telling a licence's text by likeness, which takes 7 MB of texts and errs one time in eight
//! (measured). A text is one of a list in all its words, or it is none.

mod claims;
mod expression;
mod family;
mod lists;
mod reading;
mod spelling;

pub use claims::{Claim, Claims, Known, Origin, Reader};
pub use expression::{Expression, Term};
pub use family::Family;
pub use lists::{Effect, Entry, Lists, Outcome};
pub use reading::{Reading, Unread};

/// The version of the SPDX License List whose identifiers are known.
pub fn list_version() -> &'static str {
    spdx::license_version()
}

/// Everything that can stand in a list by name: families and identifiers, for who mistyped one.
pub fn names() -> impl Iterator<Item = &'static str> {
    Family::ALL.into_iter().map(Family::as_str).chain(spdx::identifiers::LICENSES.iter().map(|id| id.name))
}
