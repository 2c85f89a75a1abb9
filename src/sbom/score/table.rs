//! `data/sbom-elements.toml`: the guides and what they ask for.

use serde::Deserialize;
use std::sync::OnceLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "version")]
    _version: One,
    guide: Vec<Guide>,
}

/// The one version of the table.
#[derive(Deserialize)]
#[serde(try_from = "u32")]
struct One;

impl TryFrom<u32> for One {
    type Error = String;

    fn try_from(version: u32) -> Result<Self, String> {
        if version == 1 { Ok(One) } else { Err(format!("version {version} is not known")) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guide {
    pub id: String,
    pub title: String,
    pub elements: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub section: String,
    pub name: String,
    pub level: Level,
    pub measure: Measure,
}

/// How much a guide wants an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Required,
    /// To be told where it exists.
    Additional,
    Recommended,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Required => "required",
            Level::Additional => "additional",
            Level::Recommended => "recommended",
        }
    }
}

/// How an element is counted (`measure`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Measure {
    // Of the document.
    Author,
    AuthorAddress,
    CreatorOrganization,
    NoFlaws,
    Timestamp,
    Tool,
    Context,
    Format,
    FormatBsi,
    FormatTelco,
    SpdxDocument,
    DocumentId,
    Parts,
    KnownUnknowns,
    Contains,
    // Of every component.
    Supplier,
    Name,
    Version,
    Identifier,
    Dependencies,
    Completeness,
    Hash,
    HashSha512,
    Licence,
    LicenceExpression,
    LicenceConcluded,
    CreatorAddress,
    Filename,
    FormOfFile,
    SourceUri,
    FileUri,
    Copyright,
}

impl Measure {
    pub fn is_of_components(self) -> bool {
        self >= Measure::Supplier
    }
}

pub(super) fn guides() -> &'static [Guide] {
    static GUIDES: OnceLock<Vec<Guide>> = OnceLock::new();
    GUIDES.get_or_init(|| read(include_str!("../../../data/sbom-elements.toml")).unwrap_or_default())
}

fn read(text: &str) -> Result<Vec<Guide>, toml::de::Error> {
    toml::from_str::<Table>(text).map(|table| table.guide)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_in_order() {
        let guides = super::read(include_str!("../../../data/sbom-elements.toml")).unwrap();
        assert_eq!(guides.iter().map(|guide| guide.elements.len()).collect::<Vec<_>>(), [13, 14, 19, 17]);
        for guide in &guides {
            let names: std::collections::BTreeSet<&str> = guide.elements.iter().map(|row| &*row.name).collect();
            assert_eq!(names.len(), guide.elements.len(), "{}", guide.id);
        }
    }
}
