//! `[patch]` and `[replace]` of the root's Cargo.toml: whose code comes in place of a package's own.
//!
//! Cargo.lock shows what they did: a patch is a package of its place, or stands in `[[patch.unused]]`;
//! a replaced package says `replace`. One that only one of the two files knows is a disagreement.

use super::cargo_lock_file::{Lock, Locked};
use super::cargo_lock_names::Names;
use super::cargo_place::{Place, shown_source};
use super::toml_file::{Table, Value};
use super::{Disagreement, ReadError};
use crate::model::text::quoted;
use crate::model::{Location, RelPath};
use std::collections::{BTreeMap, HashMap, HashSet};

/// More of one package than anybody has; each is held against every version of it that is locked.
const MOST_OF_A_PACKAGE: usize = 16;

#[derive(Default)]
pub(super) struct Patches {
    /// By package.
    patches: BTreeMap<String, Vec<Patch>>,
    replacements: BTreeMap<String, Vec<Replacement>>,
    /// Folders of both, as written. Those are no members.
    pub folders: Vec<String>,
}

struct Patch {
    /// What it stands in for may be called in more than one way.
    patched: Vec<Place>,
    place: Place,
    line: u32,
}

/// `"ant:1.0.0" = { git = "…" }`
struct Replacement {
    version: String,
    place: Place,
    line: u32,
}

impl Patches {
    pub fn read(root: &Table<'_, '_>) -> Result<Self, ReadError> {
        let mut read = Patches::default();
        for (registry, _, patches) in pairs(root.get("patch"))? {
            let patched = Place::patched(registry);
            for (key, line, value) in pairs(Some(patches))? {
                let package = read.package(key, &value)?;
                let patch = Patch { patched: patched.clone(), place: Place::of(&value)?, line };
                add(&mut read.patches, package, patch, &value)?;
            }
        }
        for (spec, line, value) in pairs(root.get("replace"))? {
            read.package(spec, &value)?;
            let place = Place::of(&value)?;
            let (package, version) = spec_of(spec).ok_or_else(|| value.error(format!("{} names no package and version", quoted(spec))))?;
            add(&mut read.replacements, package, Replacement { version, place, line }, &value)?;
        }
        Ok(read)
    }

    /// The package that a value means; its folder is kept.
    fn package(&mut self, key: &str, value: &Value<'_, '_>) -> Result<String, ReadError> {
        let table = value.as_table();
        let text = |key: &'static str| table.as_ref().map_or(Ok(None), |table| table.str(key).map(|text| text.map(str::to_owned)));
        self.folders.extend(text("path")?);
        Ok(text("package")?.unwrap_or_else(|| key.to_owned()))
    }

    /// Whether a package that is declared to come from `declared` and is locked with `source` is one
    /// that a patch brought.
    pub fn bring(&self, package: &str, declared: &Place, source: Option<&str>) -> bool {
        let covers = |patch: &&Patch| patch.patched.iter().any(|patched| patched.covers(declared));
        self.patches.get(package).into_iter().flatten().filter(covers).any(|patch| patch.place.is(source))
    }

    /// Whether `[replace]` names a package: then what the lockfile says of it counts.
    pub fn replace(&self, locked: &Locked<'_>) -> bool {
        let mut replacements = self.replacements.get(&*locked.name).into_iter().flatten();
        replacements.any(|replacement| replacement.version == locked.version)
    }

    /// What the lockfile was made without.
    pub fn disagreements(&self, lock: &Lock<'_>, names: &Names<'_, '_>, manifest: &RelPath) -> Vec<Disagreement> {
        let at = |line: u32, message: String| Disagreement { location: Location::new(manifest, line), message };
        let mut unused: HashMap<&str, Vec<&Locked<'_>>> = HashMap::new();
        lock.unused.iter().for_each(|locked| unused.entry(&locked.name).or_default().push(locked));
        let patches = self.patches.iter().flat_map(|(package, patches)| {
            let (locked, unused) = (names.named(package), unused.get(&**package).map_or(&[][..], Vec::as_slice));
            patches.iter().filter(|patch| !patch.is_locked(locked, unused)).map(move |patch| (package, patch))
        });
        let patches = patches.map(|(package, patch)| {
            let (package, place) = (quoted(package), patch.place.shown());
            at(patch.line, format!("{package} is patched here to come from {place}, and the lockfile was made without that"))
        });
        let replacements = self.replacements.iter().flat_map(|(package, all)| all.iter().map(move |one| (package, one)));
        let replacements = replacements.filter_map(|(package, replacement)| {
            let locked = replacement.overlooked(package, names)?;
            let (package, place) = (quoted(&format!("{} {}", locked.name, locked.version)), replacement.place.shown());
            let has = shown_source(locked.source.as_deref());
            Some(at(replacement.line, format!("{package} is replaced here by that of {place}, and the lockfile has it from {has}")))
        });
        patches.chain(replacements).collect()
    }
}

impl Patch {
    /// Whether the lockfile knows of it: among the packages of its name, or among the patches that no
    /// requirement fits. One of a version that is locked from what is patched is none of those: cargo
    /// would take it.
    fn is_locked(&self, locked: &[&Locked<'_>], unused: &[&Locked<'_>]) -> bool {
        if locked.iter().any(|locked| self.place.is(locked.source.as_deref())) {
            return true;
        }
        let is_patched = |locked: &&&Locked<'_>| self.patched.iter().any(|patched| patched.holds(locked.source.as_deref()));
        let versions: HashSet<&str> = locked.iter().filter(is_patched).map(|locked| &*locked.version).collect();
        unused.iter().any(|unused| self.place.is(unused.source.as_deref()) && !versions.contains(&*unused.version))
    }
}

impl Replacement {
    /// The package that it is about, where the lockfile has it from another place. Cargo says nothing
    /// in the lockfile of a replacement that no package needs.
    fn overlooked<'l, 'a>(&self, package: &str, names: &Names<'l, 'a>) -> Option<&'l Locked<'a>> {
        let is_there = |locked: &Locked<'_>| self.place.is(locked.source.as_deref());
        let is_replaced = |locked: &Locked<'_>| locked.replace.as_ref().and_then(|text| names.meant(text)).is_some_and(is_there);
        let mut own = names.named(package).iter().filter(|locked| locked.version == self.version && !is_there(locked));
        own.find(|locked| !is_replaced(locked)).copied()
    }
}

/// `ant:1.0.0` or `ant@1.0.0`, perhaps behind `REGISTRY#` (The Cargo Book, "Package ID Specifications").
fn spec_of(spec: &str) -> Option<(String, String)> {
    let spec = spec.rsplit('#').next().unwrap_or(spec);
    let (package, version) = spec.split_once([':', '@'])?;
    Some((package.to_owned(), version.to_owned()))
}

fn add<T>(all: &mut BTreeMap<String, Vec<T>>, package: String, one: T, value: &Value<'_, '_>) -> Result<(), ReadError> {
    let of_package = all.entry(package).or_default();
    if of_package.len() >= MOST_OF_A_PACKAGE {
        return Err(value.error(format!("more than {MOST_OF_A_PACKAGE} patches or replacements are of one package")));
    }
    of_package.push(one);
    Ok(())
}

fn pairs<'t, 'a>(value: Option<Value<'t, 'a>>) -> Result<Vec<(&'t str, u32, Value<'t, 'a>)>, ReadError> {
    value.map_or(Ok(Vec::new()), |value| Ok(value.table()?.pairs().collect()))
}
