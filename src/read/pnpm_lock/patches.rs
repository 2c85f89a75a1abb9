//! Patches of the project: code of its own inside of somebody else's package.
//!
//! pnpm keeps a hash of each patch's text and installs nothing where the two differ, so that the hash
//! tells a changed patch.

use super::super::Entry;
use super::super::yaml::{Map, Node, Wrong};
use crate::model::{Ecosystem, Package, Patch, range};
use hashbrown::HashMap;

/// One line of `patchedDependencies`: `name`, `name@version` or `name@range`.
struct Line<'d> {
    range: Option<&'d str>,
    patch: Patch,
}

/// The lines by package name.
pub struct Patches<'d>(HashMap<&'d str, Vec<Line<'d>>>);

impl<'d> Patches<'d> {
    pub fn read(document: &'d Map<'_>) -> Result<Self, Wrong> {
        let mut patches = Patches(HashMap::new());
        for (key, node) in document.map("patchedDependencies")?.into_iter().flat_map(|map| &map.pairs) {
            let (name, range) = match key.text.char_indices().skip(1).find(|(_, c)| *c == '@') {
                Some((at, _)) => (&key.text[..at], Some(&key.text[at + 1..])),
                None => (&*key.text, None),
            };
            let file = match node {
                Node::Map(both) => {
                    let text = |key: &str| both.text(key).map(|text| text.map_or("", |text| &*text.text));
                    format!("{} (hash {})", text("path")?, text("hash")?)
                }
                other => format!("(hash {})", other.text(&key.text)?.text),
            };
            patches.0.entry(name).or_default().push(Line { range, patch: Patch { file: file.trim_start().into(), digest: None } });
        }
        Ok(patches)
    }

    /// Notes on each package which patches it is installed with.
    pub fn apply(&self, entries: &mut [Entry<'_>]) {
        if self.0.is_empty() {
            return;
        }
        for entry in entries.iter_mut().filter(|entry| !entry.package.is_first_party()) {
            let lines = self.0.get(entry.package.name.as_str()).into_iter().flatten();
            entry.patches.extend(lines.filter(|line| line.is_of(&entry.package)).map(|line| line.patch.clone()));
            entry.patches.sort();
            entry.patches.dedup();
        }
    }
}

impl Line<'_> {
    /// Where it cannot be told, the patch is: silence would hide a change of it.
    fn is_of(&self, package: &Package) -> bool {
        let (Some(range), Some(version)) = (self.range, &package.version) else { return true };
        range == version.as_str() || range::satisfies(Ecosystem::Npm, range, version) != Some(false)
    }
}
