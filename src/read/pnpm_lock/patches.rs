//! `patchedDependencies` of the lockfile.

use super::super::npm_patches::Patches;
use super::super::yaml::{Map, Node, Wrong};
use crate::model::Patch;

/// pnpm keeps a hash of each patch's text and installs nothing where the two differ, so that the hash
/// tells a changed patch.
pub fn read<'d>(document: &'d Map<'_>) -> Result<Patches<'d>, Wrong> {
    let mut patches = Patches::default();
    for (key, node) in document.map("patchedDependencies")?.into_iter().flat_map(|map| &map.pairs) {
        let file = match node {
            Node::Map(both) => {
                let text = |key: &str| both.text(key).map(|text| text.map_or("", |text| &*text.text));
                format!("{} (hash {})", text("path")?, text("hash")?)
            }
            other => format!("(hash {})", other.text(&key.text)?.text),
        };
        let patch = Patch { file: file.trim_start().into(), digest: None };
        patches.add(&key.text, patch).map_err(|message| Wrong::new(key.line, message))?;
    }
    Ok(patches)
}
