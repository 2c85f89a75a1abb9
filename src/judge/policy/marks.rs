//! What a policy adds to the marks of AI tools and bots: rows in the form of `data/ai-tools.toml`, below
//! `ai.catalogue`.

use crate::enrich::attribution::{Catalogue, CatalogueError, Rows};
use crate::judge::form::{FormError, Part};
use crate::model::SourceFile;
use serde::Deserialize;
use std::sync::Arc;

/// The one part of a policy that is read here; what else it may hold is seen to elsewhere.
#[derive(Deserialize)]
struct File {
    ai: Ai,
}

#[derive(Deserialize)]
struct Ai {
    catalogue: Rows,
}

const HINT: &str = "docs/policy.md shows rows, and data/ai-tools.toml of sbomgate says what each key means";

/// The catalogue of a policy; `None` where it is the one that ships.
pub(super) fn read(file: &SourceFile, ai: &Part<'_, '_>) -> Result<Option<Arc<Catalogue>>, FormError> {
    let Some(place) = ai.table.get("catalogue") else { return Ok(None) };
    let parsed: File = toml::from_str(file.text()).map_err(|error| {
        let line = error.span().map_or(place.line(), |span| line_at(file.text(), span.start));
        FormError::at(file.path(), line, error.message()).with_hint(HINT)
    })?;
    match Catalogue::extended(parsed.ai.catalogue) {
        Ok(catalogue) => Ok(Some(Arc::new(catalogue))),
        Err(error) => Err(FormError::at(file.path(), line_of(ai, &error)?.unwrap_or(place.line()), error.to_string()).with_hint(HINT)),
    }
}

/// From 1.
fn line_at(text: &str, byte: usize) -> u32 {
    let before = text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

/// Where the row stands that is wrong.
fn line_of(ai: &Part<'_, '_>, error: &CatalogueError) -> Result<Option<u32>, FormError> {
    let (Some(row), Some(catalogue)) = (error.row(), ai.table.table("catalogue")?) else { return Ok(None) };
    let mut found = None;
    for list in ["tool", "marker", "automation", "branch", "file"] {
        for value in catalogue.array(list)? {
            let table = value.table()?;
            let keys = ["id", "prefix", "path"].iter().filter_map(|key| table.get(key));
            if keys.filter_map(|value| value.text().ok()).any(|id| id == row) {
                found = Some(table.line());
            }
        }
    }
    Ok(found)
}
