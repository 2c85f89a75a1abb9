//! Which documents can be written: a specification in an encoding and a version.
//!
//! A further format is a variant here, its rows in [`Format::ALL`] and its arm in [`super::write`].

use crate::model::text::quoted;

/// A document's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    CycloneDxJson(CycloneDx),
    CycloneDxXml(CycloneDx),
    OpenVexJson(OpenVex),
    /// JSON; of version 3 JSON-LD.
    SpdxJson(Spdx),
}

/// The versions of CycloneDX that are written, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CycloneDx {
    V1_4,
    V1_5,
    V1_6,
    V1_7,
}

/// The versions of OpenVEX that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenVex {
    V0_2_0,
}

/// The versions of SPDX that are written, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spdx {
    V2_3,
    V3_0_1,
}

#[derive(Debug, thiserror::Error)]
#[error("{id} is not written in version {}; there is {known}", quoted(version))]
pub struct NoSuchVersion {
    id: &'static str,
    version: String,
    known: String,
}

impl Format {
    /// Every format in every version, those of one format together and its default first.
    pub const ALL: [Format; 11] = [
        Format::CycloneDxJson(CycloneDx::V1_6),
        Format::CycloneDxJson(CycloneDx::V1_4),
        Format::CycloneDxJson(CycloneDx::V1_5),
        Format::CycloneDxJson(CycloneDx::V1_7),
        Format::CycloneDxXml(CycloneDx::V1_6),
        Format::CycloneDxXml(CycloneDx::V1_4),
        Format::CycloneDxXml(CycloneDx::V1_5),
        Format::CycloneDxXml(CycloneDx::V1_7),
        Format::OpenVexJson(OpenVex::V0_2_0),
        Format::SpdxJson(Spdx::V2_3),
        Format::SpdxJson(Spdx::V3_0_1),
    ];

    /// What the command line calls it, whatever the version.
    pub fn id(self) -> &'static str {
        match self {
            Format::CycloneDxJson(_) => "cyclonedx-json",
            Format::CycloneDxXml(_) => "cyclonedx-xml",
            Format::OpenVexJson(_) => "openvex-json",
            Format::SpdxJson(_) => "spdx-json",
        }
    }

    /// The version of the specification, as that writes it.
    pub fn version(self) -> &'static str {
        match self {
            Format::CycloneDxJson(version) | Format::CycloneDxXml(version) => version.as_str(),
            Format::OpenVexJson(OpenVex::V0_2_0) => "0.2.0",
            Format::SpdxJson(version) => version.as_str(),
        }
    }

    /// How the names of such files end, so that tools of the field (and we) know them.
    pub fn ending(self) -> &'static str {
        match self {
            Format::CycloneDxJson(_) => "cdx.json",
            Format::CycloneDxXml(_) => "cdx.xml",
            Format::OpenVexJson(_) => "openvex.json",
            Format::SpdxJson(Spdx::V2_3) => "spdx.json",
            Format::SpdxJson(Spdx::V3_0_1) => "spdx3.json",
        }
    }

    /// Whether the document tells of flaws, where somebody looked for them.
    pub fn tells_flaws(self) -> bool {
        !matches!(self, Format::SpdxJson(_))
    }

    /// Whether the document tells of flaws and of nothing else, and not of what there is.
    pub fn is_of_flaws(self) -> bool {
        matches!(self, Format::OpenVexJson(_))
    }

    /// The type of an in-toto predicate that holds such a document, as cosign writes it; there is none for XML.
    pub fn predicate_type(self) -> Option<&'static str> {
        match self {
            Format::CycloneDxJson(_) => Some("https://cyclonedx.org/bom"),
            Format::SpdxJson(_) => Some("https://spdx.dev/Document"),
            Format::OpenVexJson(_) => Some("https://openvex.dev/ns"),
            Format::CycloneDxXml(_) => None,
        }
    }

    /// Each format once, in its default version.
    pub fn defaults() -> impl Iterator<Item = Format> {
        let is_first = |(at, format): &(usize, Format)| Self::ALL[..*at].iter().all(|before| before.id() != format.id());
        Self::ALL.into_iter().enumerate().filter(is_first).map(|(_, format)| format)
    }

    /// The format of this name in its default version.
    pub fn named(id: &str) -> Option<Format> {
        Self::defaults().find(|format| format.id() == id)
    }

    /// The same format in another version.
    pub fn in_version(self, version: &str) -> Result<Format, NoSuchVersion> {
        let same = || Self::ALL.into_iter().filter(|format| format.id() == self.id());
        same().find(|format| format.version() == version).ok_or_else(|| {
            let mut known: Vec<&str> = same().map(Format::version).collect();
            known.sort_unstable();
            NoSuchVersion { id: self.id(), version: version.to_owned(), known: known.join(", ") }
        })
    }
}

impl CycloneDx {
    pub fn as_str(self) -> &'static str {
        match self {
            CycloneDx::V1_4 => "1.4",
            CycloneDx::V1_5 => "1.5",
            CycloneDx::V1_6 => "1.6",
            CycloneDx::V1_7 => "1.7",
        }
    }
}

impl Spdx {
    pub fn as_str(self) -> &'static str {
        match self {
            Spdx::V2_3 => "2.3",
            Spdx::V3_0_1 => "3.0.1",
        }
    }
}
