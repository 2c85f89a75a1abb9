//! The declared licence of a component as an expression that SPDX takes (Annex D of 2.3): identifiers of the list that
//! we know, or a `LicenseRef-` for what is stated and is no such expression.

use crate::enrich::licence;
use crate::model::licence::MODE;
use crate::sbom::cyclonedx::{LicenseChoice, declared_licence};
use crate::sbom::view::{Component, View};
use sha2::{Digest as _, Sha256};
use spdx::LicenseItem;
use std::collections::BTreeMap;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Declared {
    /// Nobody states anything, or that nothing is said.
    Unknown,
    /// It is stated that there is none.
    None,
    /// A valid expression.
    Expression(String),
    /// Anything else, as stated.
    Text(String),
}

impl Declared {
    pub fn of(view: &View<'_>, seen: &Component<'_>) -> Declared {
        let text = match declared_licence(view, seen, None).0 {
            None => return Declared::Unknown,
            Some([LicenseChoice::Expression(stated)]) => stated.expression.into_owned(),
            Some([LicenseChoice::License { license }]) => license.id.or(license.name).unwrap_or_default().into_owned(),
        };
        match text.trim() {
            "" | "NOASSERTION" => Declared::Unknown,
            "NONE" => Declared::None,
            _ if is_closed_expression(&text) => Declared::Expression(text),
            _ => Declared::Text(text),
        }
    }

    /// The expression that stands for it, if one does.
    pub fn expression(&self) -> Option<String> {
        match self {
            Declared::Unknown | Declared::None => None,
            Declared::Expression(text) => Some(text.clone()),
            Declared::Text(text) => Some(reference(text)),
        }
    }
}

/// Whether it is an expression of nothing but the list's identifiers. A reference leads to a text that is not here.
fn is_closed_expression(text: &str) -> bool {
    let Ok(expression) = spdx::Expression::parse_mode(text, MODE) else { return false };
    expression.requirements().all(|term| {
        let is_listed = matches!(&term.req.license, LicenseItem::Spdx { id, .. } if id.name != "NOASSERTION");
        is_listed && term.req.addition.as_ref().is_none_or(|addition| addition.id().is_some())
    })
}

/// `LicenseRef-` and the first half of the text's SHA-256.
pub(super) fn reference(text: &str) -> String {
    let hex: String = Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("LicenseRef-{hex}")
}

/// Every licence that some component declares, by the expression that stands for it.
pub(super) fn all(view: &View<'_>) -> BTreeMap<String, Declared> {
    let declared = view.ids().map(|id| Declared::of(view, view.component(id)));
    declared.filter_map(|declared| Some((declared.expression()?, declared))).collect()
}

/// The list's version with its two numbers, as 2.3 wants it (6.7).
pub(super) fn list_version() -> String {
    licence::list_version().split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The list's version as a semantic version, as 3.0.1 wants it.
pub(super) fn list_version_in_full() -> String {
    let parts: Vec<&str> = licence::list_version().split('.').chain(["0", "0"]).take(3).collect();
    parts.join(".")
}
