//! SPDX: a view to documents of the versions 2.3 (JSON) and 3.0.1 (JSON-LD).
//!
//! Both say the same of a component, in other words: `package` gathers it once, `v2` and `v3` write it down. What a
//! field of SPDX has no place for stands in the properties of `docs/properties.md`: as annotations (`NAME=VALUE`) in
//! 2.3, as properties of the extension that 3.0.1 has for them. Our own reader takes all of it back.
//!
//! The documents are never whole in memory: their lists are made entry by entry as they are written.

mod edges;
mod id;
mod licences;
mod package;
mod v2;
mod v2_model;
mod v3;
mod v3_model;

use super::view::View;
use super::{Inventory, Lifecycle, json_text, serial};
use std::io::{self, Write};

/// SPDX 2.3 as JSON.
pub(super) fn write_v2(inventory: &Inventory<'_>, out: &mut dyn Write) -> io::Result<()> {
    let view = View::new(inventory);
    let document = Document::new(&view)?;
    json_text::write(&v2::document(&document), out)
}

/// SPDX 3.0.1 as JSON-LD.
pub(super) fn write_v3(inventory: &Inventory<'_>, out: &mut dyn Write) -> io::Result<()> {
    let view = View::new(inventory);
    let document = Document::new(&view)?;
    json_text::write(&v3::document(&document), out)
}

/// What both versions go by.
struct Document<'v> {
    view: &'v View<'v>,
    /// An absolute URI without a fragment: the serial number, so that the same content has the same name.
    namespace: String,
    /// In UTC to the second, as both versions want it.
    created: String,
    /// The identifiers of the components, by their number.
    ids: Vec<String>,
    /// That of what the document describes.
    root: String,
    edges: Vec<edges::Edge>,
}

/// The tool, as it names itself in creation information.
const TOOL: &str = concat!(env!("CARGO_PKG_NAME"), "-", env!("CARGO_PKG_VERSION"));

impl<'v> Document<'v> {
    fn new(view: &'v View<'v>) -> io::Result<Self> {
        let created = time(view.inventory.timestamp).ok_or_else(|| {
            let message = format!("no SPDX document can bear the time {}: its year has not four digits", view.inventory.timestamp);
            io::Error::new(io::ErrorKind::InvalidInput, message)
        })?;
        Ok(Document {
            view,
            namespace: serial::number(view),
            created,
            ids: view.ids().map(|id| id::of(view.reference(id))).collect(),
            root: id::of(view.root_reference()),
            edges: edges::of(view),
        })
    }

    fn id(&self, component: super::view::ComponentId) -> &str {
        &self.ids[component.index()]
    }

    /// What the document is called.
    fn name(&self) -> &str {
        match &self.view.root {
            super::view::Root::Package(id) => self.view.component(*id).package.name.as_str(),
            super::view::Root::Repository { .. } => self.view.inventory.project.name,
        }
    }

    /// Which of CISA's types of SBOM it is ("Types of Software Bill of Materials", 2023): lockfiles are of the source.
    fn sbom_type(&self) -> (&'static str, &'static str) {
        match self.view.inventory.lifecycle {
            Lifecycle::PreBuild => ("source", "SBOM Type: Source"),
            Lifecycle::Build => ("build", "SBOM Type: Build"),
        }
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`; `None` where the year has not four digits.
fn time(seconds: i64) -> Option<String> {
    let text = jiff::Timestamp::from_second(seconds).ok()?.to_string();
    (text.len() == 20).then_some(text)
}
