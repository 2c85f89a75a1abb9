//! Graphs to a bill of materials. A BOM is a pure function of an [`Inventory`]: the same value gives
//! the same bytes, the serial number included.
//!
//! `view` says once, for every output format, what the components are, how each is referred to, who
//! depends on whom and what of all this is known to be complete. A format writes the view down and
//! decides nothing. Documents are streamed: no format builds the whole text.

mod completeness;
mod cyclonedx;
mod flaws;
mod format;
mod introduced;
mod iri;
mod json_text;
mod openvex;
pub mod properties;
pub mod score;
mod serial;
mod spdx;
mod view;
mod wire;

pub use flaws::left_out;
pub use format::{CycloneDx, Format, NoSuchVersion, OpenVex, Spdx};

use crate::enrich::introduction::Introductions;
use crate::enrich::licence::Claims;
use crate::enrich::registry::Dossiers;
use crate::graph::DepGraph;
use crate::judge::consents::Consents;
use crate::judge::exposure::Exposure;
use crate::judge::policy::Makers;
use crate::model::{CommitId, Gap};
use std::io;

/// What a BOM is to be written of.
#[derive(Debug)]
pub struct Inventory<'a> {
    pub project: Project<'a>,
    /// Sorted by the lockfile's path.
    pub graphs: &'a [DepGraph],
    /// The repository's own, beside each graph's: lockfiles that could not be read, submodules.
    pub gaps: &'a [Gap],
    /// What is stated of licences beside the lockfiles; `None` where nobody was asked.
    pub licences: Option<&'a Claims>,
    /// What registries tell; `None` where nobody was asked.
    pub facts: Option<&'a Dossiers>,
    /// Who stands behind the product, as its policy says; `None` where nobody looked.
    pub makers: Option<&'a Makers>,
    /// Which commits brought the packages in; `None` where nobody asked.
    pub introductions: Option<&'a Introductions>,
    /// Who consented to them; `None` where nobody asked.
    pub consents: Option<&'a Consents>,
    /// What is known to be wrong with the packages; `None` where nobody asked.
    pub exposure: Option<&'a Exposure>,
    /// The revision that the lockfiles were read from; `None` for a working tree.
    pub revision: Option<&'a CommitId>,
    /// Seconds since the epoch, UTC.
    pub timestamp: i64,
    pub lifecycle: Lifecycle,
}

/// The repository or folder as a whole. It is what the BOM describes unless there is one lockfile
/// with one project beside it, which then stands for itself.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    pub name: &'a str,
    pub version: Option<&'a str>,
}

/// When in a product's life the inventory was taken (CycloneDX `metadata.lifecycles`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// From lockfiles, before anything is fetched or built.
    PreBuild,
    /// By the build itself, from the lockfiles that it builds with.
    Build,
}

/// Writes the document of an inventory.
///
/// Fails with `InvalidInput` for a timestamp that no calendar has, and for statements on flaws where nobody looked for
/// any; else only as `out` does.
pub fn write(inventory: &Inventory<'_>, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::SpdxJson(Spdx::V2_3) => spdx::write_v2(inventory, out),
        Format::SpdxJson(Spdx::V3_0_1) => spdx::write_v3(inventory, out),
        Format::CycloneDxJson(version) => cyclonedx::write_json(inventory, version, out),
        Format::CycloneDxXml(version) => cyclonedx::write_xml(inventory, version, out),
        Format::OpenVexJson(OpenVex::V0_2_0) => openvex::write(inventory, out),
    }
}

/// The time of a document, RFC 3339 in UTC.
fn timestamp(inventory: &Inventory<'_>) -> io::Result<String> {
    let timestamp = jiff::Timestamp::from_second(inventory.timestamp);
    Ok(timestamp.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?.to_string())
}
