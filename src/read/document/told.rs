//! What our own documents say of themselves and of their components beside the fields of their format, by the names
//! of `docs/properties.md`. Any document may say it, and is believed no more than its other fields are.

use crate::model::text::quoted;
use crate::model::{Digest, Gap, GapKind, Patch, RelPath};
use crate::read::json::Text;
use std::borrow::Cow;

// The names of properties stand in `sbom::properties` for the writer, which is no stage before this
// one; the law that what we write comes back as it was holds the two together.
pub const GAP: &str = "sbomgate:gap";
pub const NOT_TOLD: &str = "sbomgate:not-told";
pub const LOCKFILE: &str = "sbomgate:lockfile";
pub const ECOSYSTEM: &str = "sbomgate:ecosystem";
pub const FOLDER: &str = "sbomgate:folder";
pub const SCOPE: &str = "sbomgate:scope";
pub const SOURCE: &str = "sbomgate:source";
pub const COMMITS: [&str; 2] = ["sbomgate:git:commit", "cdx:python:package:source:vcs:commit_id"];
pub const REFERENCES: [&str; 2] = ["sbomgate:git:reference", "cdx:python:package:source:vcs:requested_revision"];
pub const DEPRECATED: &str = "sbomgate:deprecated";
pub const PATCH: &str = "sbomgate:patch";
pub const INSTALL_SCRIPT: &str = "sbomgate:npm:install-script";
pub const BUNDLED: &str = "cdx:npm:package:bundled";
pub const DEVELOPMENT: &str = "cdx:npm:package:development";
/// Of flaws.
pub const OF_FLAWS: [&str; 4] = ["sbomgate:advisory:kind", "sbomgate:advisory:epss", "sbomgate:advisory:exploited-since", "sbomgate:vex"];

/// Names with their values, in the order of the document.
#[derive(Default)]
pub struct Properties<'a>(pub Vec<(Cow<'a, str>, Text<'a>)>);

impl<'a> Properties<'a> {
    /// The value of the first of the names that is there.
    pub fn said(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| self.all(name).next().map(|value| value.0.clone()))
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.said(&[name]).as_deref() == Some("true")
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &Text<'a>> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether it is called first-party.
    pub fn is_first_party(&self) -> bool {
        self.said(&[FOLDER]).is_some() || self.said(&[SOURCE]).as_deref() == Some("first-party")
    }
}

/// A patch: `ALGORITHM:HEX FILE`, or `unread FILE`.
pub fn patch(text: &str) -> Option<Patch> {
    let (digest, file) = text.split_once(' ')?;
    let digest = if digest == "unread" { None } else { Some(Digest::from_prefixed_hex(digest).ok()?) };
    Some(Patch { file: file.into(), digest })
}

/// A gap as it was when the document was written: `KIND: FILE[:LINE]: MESSAGE`. One that cannot be read is one of the
/// document itself, at `line`.
pub fn gap(text: &str, document: &RelPath, line: u32) -> Gap {
    let read = || {
        let (code, rest) = text.split_once(": ")?;
        let kind = GapKind::ALL.into_iter().find(|kind| kind.code() == code)?;
        let (place, message) = rest.split_once(": ")?;
        let with_line = place.rsplit_once(':').and_then(|(file, line)| Some((file, Some(line.parse().ok()?))));
        let (file, line) = with_line.unwrap_or((place, None));
        Some(Gap { kind, file: RelPath::new(file).ok()?, line, message: message.to_owned() })
    };
    read().unwrap_or_else(|| {
        let message = format!("the document names a gap that cannot be read: {}", quoted(text));
        Gap { kind: GapKind::UnknownRequirement, file: document.clone(), line: Some(line), message }
    })
}

/// What a lockfile cannot tell, of `PATH: WHAT: REASON`.
pub fn not_told(text: &str) -> Option<&'static str> {
    let what = text.split(": ").nth(1)?;
    ["edges", "directness", "scopes", "digests"].into_iter().find(|known| *known == what)
}
