//! OpenVEX 0.2.0: what is known to be wrong with what the project holds, and what somebody decided about it.
//!
//! A record that applies is no judgement of whether the flaw can be used here. So what nobody decided about
//! is `under_investigation`, and only what somebody accepted is `affected`, with that consent as its action. What a VEX
//! statement or a document that was read says of it comes first.
//! (openvex/spec, OPENVEX-SPEC.md)

use super::flaws::{self, Told, Weakness};
use super::view::{ComponentId, Root, View};
use super::{Inventory, json_text, serial, timestamp};
use crate::model::stated::Stated;
use crate::model::vex::{Assessment, Justification, Status};
use crate::model::{Moment, registry};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<String>,
    products: [Product<'v>; 1],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<String>,
}

#[derive(Serialize)]
struct Vulnerability<'v> {
    #[serde(rename = "@id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
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
    if !flaws::are_told(inventory) {
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
        statements: flaws::of(&view).iter().filter_map(|weakness| statement(&view, weakness)).collect(),
    };
    json_text::write(&document, out)
}

/// Who answers for the document, as the policy says; else nobody but the project.
fn author(inventory: &Inventory<'_>) -> String {
    let named = inventory.makers.and_then(|makers| makers.authors.first());
    named.map_or_else(|| inventory.project.name.to_owned(), ToString::to_string)
}

/// `None` for a flaw without a name.
fn statement<'v>(view: &'v View<'v>, weakness: &Weakness<'v>) -> Option<Statement<'v>> {
    let vulnerability = vulnerability(weakness)?;
    let subcomponents = weakness.of.iter().map(|(id, _)| Subcomponent { id: &view.component(*id).purl }).collect();
    let said = Saying::of(weakness);
    let remedy = weakness.remedy(view);
    let is_affected = said.status == "affected";
    let action = said.action.or_else(|| is_affected.then(|| remedy.clone().unwrap_or_else(|| "no action is stated".to_owned())));
    let notes: Vec<String> = remedy.into_iter().chain(said.source).collect();
    Some(Statement {
        vulnerability,
        timestamp: said.issued,
        last_updated: said.updated,
        products: [Product { id: product(view), subcomponents }],
        status: said.status,
        status_notes: (!notes.is_empty()).then(|| notes.join("; ")),
        justification: said.justification.and_then(Justification::openvex),
        impact_statement: said.impact,
        action_statement: action,
    })
}

fn vulnerability<'v>(weakness: &Weakness<'v>) -> Option<Vulnerability<'v>> {
    Some(match &weakness.told {
        Told::Store(advisory, _) => Vulnerability {
            id: Some(format!("{}{}", registry::OSV_PAGES, advisory.id)),
            name: advisory.id.as_str(),
            description: &advisory.summary,
            aliases: advisory.aliases.iter().map(|alias| alias.as_str()).collect(),
        },
        Told::Document(stated, _) => Vulnerability {
            id: None,
            name: stated.flaw.id.as_deref()?,
            description: stated.flaw.description.as_deref().unwrap_or_default(),
            aliases: stated.flaw.references.iter().map(|(id, _)| id.as_str()).collect(),
        },
    })
}

/// What is said of a flaw, in OpenVEX's words.
#[derive(Default)]
struct Saying {
    status: &'static str,
    justification: Option<Justification>,
    impact: Option<String>,
    action: Option<String>,
    issued: Option<String>,
    updated: Option<String>,
    source: Option<String>,
}

impl Saying {
    fn of(weakness: &Weakness<'_>) -> Saying {
        let consent = weakness.consent();
        let stated = || weakness.stated().filter(|stated| stated.flaw.analysis.as_ref().is_some_and(|analysis| analysis.state.is_some()));
        let said = match weakness.vex() {
            Some(vex) => Saying::of_vex(vex),
            None => stated().map(Saying::of_document).unwrap_or_default(),
        };
        let joined: Vec<String> = said.action.into_iter().chain(consent.clone()).collect();
        let own = if consent.is_some() { Status::Affected } else { Status::UnderInvestigation };
        let status = if said.status.is_empty() { own.openvex() } else { said.status };
        Saying { status, action: (!joined.is_empty()).then(|| joined.join("; ")), ..said }
    }

    fn of_vex(vex: &Assessment) -> Saying {
        let time = |seconds: Option<i64>| seconds.and_then(|seconds| Moment { seconds, offset: 0 }.rfc3339());
        let (issued, updated) = (time(vex.issued.or(vex.updated)), time(vex.updated.filter(|_| vex.issued.is_some())));
        let said = Saying::with(vex.status, vex.justification, vex.detail.as_deref());
        Saying { action: vex.action.clone(), issued, updated, source: Some(format!("by {}", vex.source())), ..said }
    }

    fn of_document(stated: &Stated) -> Saying {
        let Some((analysis, status)) = stated.flaw.analysis.as_ref().and_then(|analysis| Some((analysis, analysis.state?))) else {
            return Saying::default();
        };
        let source = Some(format!("by {}", stated.location));
        let is_bare = status.openvex() == "not_affected" && analysis.justification.is_none() && analysis.detail.is_none();
        if is_bare {
            // OpenVEX asks for a reason, and takes nobody's word without.
            let notes = format!("{} says {} and gives no reason", stated.location, status.words());
            return Saying { status: Status::UnderInvestigation.openvex(), source: Some(notes), ..Saying::default() };
        }
        let issued = analysis.first_issued.clone().or_else(|| analysis.last_updated.clone());
        let updated = analysis.last_updated.clone().filter(|_| analysis.first_issued.is_some());
        let action = (!analysis.responses.is_empty()).then(|| analysis.responses.join(", "));
        Saying { issued, updated, source, action, ..Saying::with(status, analysis.justification, analysis.detail.as_deref()) }
    }

    /// The justification belongs to `not_affected` alone; one that OpenVEX has no word for is said in words, and so is that
    /// the one who speaks calls it a false positive.
    fn with(status: Status, justification: Option<Justification>, detail: Option<&str>) -> Saying {
        let own = status.openvex();
        let is_clear = own == "not_affected";
        let other = justification.filter(|word| word.openvex().is_none() || !is_clear).map(Justification::word);
        let words = [(status == Status::FalsePositive).then_some("false_positive"), other, detail];
        let texts: Vec<&str> = words.into_iter().flatten().collect();
        let impact = (!texts.is_empty()).then(|| texts.join(": "));
        Saying { status: own, justification: justification.filter(|_| is_clear), impact, ..Saying::default() }
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
