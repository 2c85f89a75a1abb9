//! Patches of the project: code of its own inside of somebody else's package, as pnpm and Bun name them
//! (`patchedDependencies`).

use super::Entry;
use crate::model::text::quoted;
use crate::model::{Algorithm, Digest, Ecosystem, Package, Patch, SourceFile, range};
use hashbrown::HashMap;

/// Patches of one name at most: each is tried on each version of it, and a hostile lockfile has five
/// thousand of both.
const MOST: usize = 32;

/// The patches by package name, each for one version, a range or all of them.
#[derive(Default)]
pub struct Patches<'d>(HashMap<&'d str, Vec<(Option<&'d str>, Patch)>>);

impl<'d> Patches<'d> {
    /// Takes a patch of `name`, `name@version` or `name@range`; the error says what is too much.
    pub fn add(&mut self, key: &'d str, patch: Patch) -> Result<(), String> {
        let (name, range) = match key.char_indices().skip(1).find(|(_, c)| *c == '@') {
            Some((at, _)) => (&key[..at], Some(&key[at + 1..])),
            None => (key, None),
        };
        let of_name = self.0.entry(name).or_default();
        of_name.push((range, patch));
        if of_name.len() > MOST {
            return Err(format!("{} has more than {MOST} patches, which are the most that is read", quoted(name)));
        }
        Ok(())
    }

    /// Notes on each package which patches it is installed with.
    pub fn apply(&self, entries: &mut [Entry<'_>]) {
        if self.0.is_empty() {
            return;
        }
        for entry in entries.iter_mut().filter(|entry| !entry.package.is_first_party()) {
            let of_name = self.0.get(entry.package.name.as_str()).into_iter().flatten();
            let meant: Vec<Patch> =
                of_name.filter(|(range, _)| may_be_of(*range, &entry.package)).map(|(_, patch)| patch.clone()).collect();
            if !meant.is_empty() {
                entry.rare.patches.extend(meant);
                entry.rare.settle();
            }
        }
    }
}

/// Where it cannot be told, the patch is: silence would hide a change of it.
fn may_be_of(range: Option<&str>, package: &Package) -> bool {
    let (Some(range), Some(version)) = (range, &package.version) else { return true };
    range == version.as_str() || range::satisfies(Ecosystem::Npm, range, version) != Some(false)
}

/// The digest by which a changed patch is known.
pub fn digest(file: &SourceFile) -> Digest {
    use sha2::{Digest as _, Sha256};
    Digest::new(Algorithm::Sha256, &Sha256::digest(file.text())).expect("SHA-256 has as many bytes")
}
