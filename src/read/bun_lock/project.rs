//! What the project does to packages that it installs: patches, and leave to run scripts.
//!
//! Bun copies both from package.json into the lockfile. What stands in one of the two alone counts as
//! well: which of them an install goes by depends on how it is called.

use super::super::json::Text;
use super::super::npm_patches::{Patches, digest};
use super::super::npm_scripts::Scripts;
use super::super::{Parsed, ReadError};
use super::Reading;
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, Patch};
use hashbrown::HashSet;

pub fn apply(reading: &Reading<'_, '_>, parsed: &mut Parsed<'_>) -> Result<(), ReadError> {
    let manifest = reading.manifests.get(&reading.files.folder());
    let in_lockfile = |text: &Text<'_>| reading.location(text.line(reading.text, &reading.lines, 1));
    let mut scripts = Scripts::default();
    let mut patches = Patches::default();
    let mut seen = HashSet::new();
    // The manifest first, since that is where a person wrote it.
    if let Some(manifest) = manifest {
        let place = |text: &Text<'_>| manifest.location(manifest.line(text));
        manifest.trusted().for_each(|name| scripts.allow(name, place(name)));
        for (key, file) in manifest.patched().filter(|pair| seen.insert(*pair)) {
            add(reading, &mut patches, (key, file), place(key), &mut parsed.gaps)?;
        }
    }
    reading.lock.trusted_dependencies.iter().for_each(|name| scripts.allow(name, in_lockfile(name)));
    for pair @ (key, _) in reading.lock.patched_dependencies.iter() {
        if seen.insert((key, &pair.1)) {
            add(reading, &mut patches, (key, &pair.1), in_lockfile(key), &mut parsed.gaps)?;
        }
    }
    patches.apply(&mut parsed.entries);
    scripts.apply(&mut parsed.entries);
    Ok(())
}

fn add<'d>(
    reading: &Reading<'_, '_>,
    patches: &mut Patches<'d>,
    (key, written): (&'d Text<'_>, &'d Text<'_>),
    place: Location,
    gaps: &mut Vec<Gap>,
) -> Result<(), ReadError> {
    let path = reading.files.folder().join(written).ok();
    let file = path.as_ref().and_then(|path| reading.files.companions.get(path));
    // One that is there and cannot be read has its gap.
    if file.is_none() && !path.is_some_and(|path| reading.files.unreadable.contains_key(&path)) {
        let message = format!("the patch {} was not found in the repository", quoted(written));
        gaps.push(Gap::at(GapKind::MissingCompanion, &place, message));
    }
    let patch = Patch { file: (**written).into(), digest: file.map(digest) };
    patches.add(key, patch).map_err(|message| ReadError::malformed(&place.file, place.line, message))
}
