//! Whether the lockfile was made from this pyproject.toml, by Poetry's own rule: a digest of what in
//! it bears upon the locking, as JSON (poetry, `packages/locker.py`, `_get_content_hash`).

use super::lock::{Dialect, PoetryFile};
use crate::read::ReadError;
use crate::read::pyproject::tool;
use crate::read::toml_file::{Table, Value};
use sha2::{Digest as _, Sha256};
use std::fmt::Write;

/// What counts even where it is not there, in the order of JSON's keys; `group` counts where it is.
const KEYS: [&str; 5] = ["dependencies", "dev-dependencies", "extras", "group", "source"];
const PROJECT_KEYS: [&str; 3] = ["dependencies", "optional-dependencies", "requires-python"];

/// Whether the content hash is that of the manifest by the rule of any Poetry that can have written the
/// lockfile; yes where there is none or the manifest cannot be written as JSON in one way alone.
pub(super) fn is_fresh(lock: &PoetryFile<'_>, manifest: &Table<'_, '_>) -> Result<bool, ReadError> {
    let Some((hash, _)) = &lock.content_hash else { return Ok(true) };
    let poetry = tool(manifest, "poetry")?;
    let project = manifest.table("project")?;
    let groups = manifest.get("dependency-groups").filter(|groups| groups.as_table().is_some_and(|groups| groups.pairs().next().is_some()));
    let mut rules = vec![modern(poetry.as_ref(), project.as_ref(), groups.as_ref())];
    // Poetry 2.3 was the first to count `[dependency-groups]`.
    if lock.dialect < Dialect::V2_1 || lock.written_by.is_some_and(|version| version < (2, 3)) {
        rules.push(modern(poetry.as_ref(), project.as_ref(), None));
    }
    if lock.dialect < Dialect::V2_1 {
        rules.push(legacy(poetry.as_ref(), true));
        // Poetry 1.1 knew no groups.
        rules.push(legacy(poetry.as_ref(), false));
    }
    Ok(rules.iter().any(|text| text.as_ref().is_none_or(|text| *hash == hex_digest(text))))
}

/// The rule of Poetry 1.
fn legacy(poetry: Option<&Table<'_, '_>>, with_groups: bool) -> Option<String> {
    let keys = KEYS.into_iter().filter(|key| with_groups || *key != "group");
    object(keys.filter_map(|key| {
        let value = poetry.and_then(|poetry| poetry.get(key));
        (value.is_some() || key != "group").then_some((key, value))
    }))
}

/// The rule of Poetry 2: that of Poetry 1 where the standard tables have nothing to say.
fn modern(poetry: Option<&Table<'_, '_>>, project: Option<&Table<'_, '_>>, groups: Option<&Value<'_, '_>>) -> Option<String> {
    let of_project = PROJECT_KEYS.into_iter().filter_map(|key| Some((key, Some(project?.get(key)?)))).collect::<Vec<_>>();
    if of_project.is_empty() && groups.is_none() {
        return legacy(poetry, true);
    }
    let of_poetry = object(KEYS.into_iter().filter_map(|key| Some((key, Some(poetry?.get(key)?)))))?;
    let mut text = String::from("{");
    if let Some(groups) = groups {
        let _ = write!(text, "\"dependency-groups\": {}, ", groups.python_json()?);
    }
    if !of_project.is_empty() {
        let _ = write!(text, "\"project\": {}, ", object(of_project.into_iter())?);
    }
    let _ = write!(text, "\"tool\": {{\"poetry\": {of_poetry}}}}}");
    Some(text)
}

fn object<'v>(pairs: impl Iterator<Item = (&'static str, Option<Value<'v, 'v>>)>) -> Option<String> {
    let pair = |(key, value): (&str, Option<Value<'_, '_>>)| {
        let value = value.map_or(Some("null".to_owned()), |value| value.python_json())?;
        Some(format!("\"{key}\": {value}"))
    };
    Some(format!("{{{}}}", pairs.map(pair).collect::<Option<Vec<_>>>()?.join(", ")))
}

fn hex_digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
