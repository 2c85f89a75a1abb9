//! OpenVEX 0.2.0: what is known to be wrong with what the project holds, and what somebody decided about it.
//!
//! A record that applies is no judgement of whether the flaw can be used here. So what nobody decided about
//! is `under_investigation`, and only what somebody accepted is `affected`, with that consent as its action.
//! (openvex/spec, OPENVEX-SPEC.md)

use super::flaws::{self, Weakness};
use super::view::{ComponentId, Root, View};
use super::{Inventory, json_text, serial, timestamp};
use crate::model::registry;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'v> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: String,
    timestamp: String,
    version: u32,
    tooling: &'static str,
    statements: Vec<Statement<'v>>,
}

#[derive(Serialize)]
struct Statement<'v> {
    vulnerability: Vulnerability<'v>,
    products: [Product<'v>; 1],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<String>,
}

#[derive(Serialize)]
struct Vulnerability<'v> {
    #[serde(rename = "@id")]
    id: String,
    name: &'v str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'v str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<&'v str>,
}

#[derive(Serialize)]
struct Product<'v> {
    #[serde(rename = "@id")]
    id: String,
    subcomponents: Vec<Subcomponent<'v>>,
}

#[derive(Serialize)]
struct Subcomponent<'v> {
    #[serde(rename = "@id")]
    id: &'v str,
}

/// Fails with `InvalidInput` where nobody asked for advisories: a document without statements would say that
/// there are none.
pub(super) fn write(inventory: &Inventory<'_>, out: &mut dyn Write) -> io::Result<()> {
    if inventory.exposure.is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no advisory store was asked (--advisories)"));
    }
    let view = View::new(inventory);
    let document = Document {
        context: "https://openvex.dev/ns/v0.2.0",
        id: serial::number(&view),
        author: author(inventory),
        timestamp: timestamp(inventory)?,
        version: 1,
        tooling: concat!("sbomgate ", env!("CARGO_PKG_VERSION")),
        statements: flaws::of(&view).iter().map(|weakness| statement(&view, weakness)).collect(),
    };
    json_text::write(&document, out)
}

/// Who answers for the document, as the policy says; else nobody but the project.
fn author(inventory: &Inventory<'_>) -> String {
    let named = inventory.makers.and_then(|makers| makers.authors.first());
    named.map_or_else(|| inventory.project.name.to_owned(), ToString::to_string)
}

fn statement<'v>(view: &'v View<'v>, weakness: &Weakness<'v>) -> Statement<'v> {
    let advisory = weakness.advisory;
    let subcomponents = weakness.of.iter().map(|(id, _)| Subcomponent { id: &view.component(*id).purl }).collect();
    let consent = weakness.consent();
    Statement {
        vulnerability: Vulnerability {
            id: format!("{}{}", registry::OSV_PAGES, advisory.id),
            name: advisory.id.as_str(),
            description: &advisory.summary,
            aliases: advisory.aliases.iter().map(|alias| alias.as_str()).collect(),
        },
        products: [Product { id: product(view), subcomponents }],
        status: if consent.is_some() { "affected" } else { "under_investigation" },
        status_notes: weakness.remedy(view),
        action_statement: consent,
    }
}

/// The project's purl, or a reference into the BOM of the same content.
fn product(view: &View<'_>) -> String {
    let purl =
        |id: &ComponentId| Some(view.component(*id)).filter(|component| component.says_purl()).map(|component| component.purl.clone());
    let of_root = if let Root::Package(id) = &view.root { purl(id) } else { None };
    // BOM-Link: urn:cdx:UUID/VERSION.
    of_root.unwrap_or_else(|| serial::number(view).replace("urn:uuid:", "urn:cdx:") + "/1")
}
