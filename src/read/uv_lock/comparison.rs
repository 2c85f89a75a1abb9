//! What manifests and lockfile do not agree on, requirement by requirement.
//!
//! uv makes the lockfile again when its copy of what the manifests ask for is not what they say; then
//! other code may come in without anybody having looked at it. So the copy is held against the manifest
//! by name, list, extras and place, and what is locked by version and place.

use super::index::Index;
use super::lock::{Edge, Lock, Locked, Requirement};
use super::manifests::{Manifest, declaration};
use super::place::Place;
use super::settings::{Replaced, Settings};
use crate::model::text::quoted;
use crate::model::{Location, PackageName, RelPath, Version};
use crate::read::Disagreement;
use crate::read::pyproject::{Asked, Purpose};
use crate::read::requirements_txt::allows;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Edges and copies of one name in one list that are looked at: people write a handful.
const MOST_LOOKED_AT: usize = 64;

/// The lockfile beside manifests.
#[derive(Clone, Copy)]
pub(super) struct Comparison<'c, 'a> {
    pub lock: &'c Lock<'a>,
    pub index: &'c Index,
    pub lockfile: &'c RelPath,
    /// The settings of the workspace's root, which count for all of it.
    pub root: &'c Settings,
}

/// What the lockfile has for one requirement.
struct Beside<'c, 'a> {
    copies: &'c [&'c Requirement<'a>],
    edges: &'c [&'c Edge<'a>],
    /// The packages that are meant.
    meant: Vec<usize>,
}

impl<'c, 'a> Comparison<'c, 'a> {
    /// A first-party package beside its manifest.
    pub fn of_package(&self, package: &'c Locked<'a>, manifest: &'c Manifest) -> Vec<Disagreement> {
        let mut edges: HashMap<(&Purpose, &PackageName), Vec<&Edge<'_>>> = HashMap::new();
        for list in &package.lists {
            list.edges.iter().for_each(|edge| edges.entry((&list.purpose, &edge.name)).or_default().push(edge));
        }
        let mut copies: HashMap<(Option<&PackageName>, &PackageName), Vec<&Requirement<'_>>> = HashMap::new();
        for (group, copy) in &package.metadata {
            copies.entry((group.as_ref(), &copy.name)).or_default().push(copy);
        }
        let is_compared = |name: &PackageName| *name != package.name && !self.lock.overrides(name);
        let mut found = Vec::new();
        for asked in manifest.project.asked.iter().filter(|asked| is_compared(&asked.requirement.name)) {
            let name = &asked.requirement.name;
            let edges = edges.get(&(&asked.purpose, name)).map_or(&[][..], Vec::as_slice);
            let copies = copies.get(&(asked.purpose.group(), name)).map_or(&[][..], Vec::as_slice);
            if edges.is_empty() && copies.is_empty() {
                let (name, own) = (quoted(name.as_str()), quoted(package.name.as_str()));
                found.push(at(manifest, asked.line, format!("{name} is asked for here, and the lockfile does not hold it for {own}")));
                continue;
            }
            // What no environment of the project needs stands in uv's copy alone.
            let meant = edges.iter().take(16).flat_map(|edge| self.index.of(&edge.key)).copied().collect();
            let message = self.other(asked, manifest, &Beside { copies, edges, meant });
            found.extend(message.map(|message| at(manifest, asked.line, message)));
        }
        if !manifest.project.dynamic {
            found.extend(self.no_longer_asked_for(package, manifest, is_compared));
        }
        found
    }

    /// What the lockfile has for a package and its manifest does not ask for.
    fn no_longer_asked_for(
        &self,
        package: &Locked<'_>,
        manifest: &Manifest,
        is_compared: impl Fn(&PackageName) -> bool,
    ) -> Vec<Disagreement> {
        let mut found = Vec::new();
        for list in &package.lists {
            for edge in list.edges.iter().filter(|edge| is_compared(&edge.name)) {
                if declaration(&manifest.project, &list.purpose, edge).is_none() {
                    let (name, own) = (quoted(edge.name.as_str()), quoted(package.name.as_str()));
                    let message = format!("the lockfile has {name} for {own}, and {} does not ask for it", manifest.project.path);
                    found.push(Disagreement { location: Location::new(self.lockfile, edge.line), message });
                }
            }
        }
        found
    }

    /// What a script, or a manifest without a package, asks for itself.
    pub fn of_no_package(&self, manifest: &Manifest) -> Vec<Disagreement> {
        let mut copied: HashMap<(&Purpose, &PackageName), Vec<&Requirement<'_>>> = HashMap::new();
        self.lock.asked.iter().for_each(|(purpose, copy)| copied.entry((purpose, &copy.name)).or_default().push(copy));
        let mut found = Vec::new();
        for asked in manifest.project.asked.iter().filter(|asked| !self.lock.overrides(&asked.requirement.name)) {
            let name = &asked.requirement.name;
            let message = match copied.get(&(&asked.purpose, name)) {
                Some(copies) => self.other(asked, manifest, &Beside { copies, edges: &[], meant: self.index.of(name.as_str()).to_vec() }),
                None => Some(format!("{} is asked for here, and the lockfile does not hold it for this folder", quoted(name.as_str()))),
            };
            found.extend(message.map(|message| at(manifest, asked.line, message)));
        }
        let gone = |(purpose, copy): &&(Purpose, Requirement<'_>)| manifest.project.declaration(purpose, &copy.name, None).is_none();
        found.extend(self.lock.asked.iter().filter(gone).map(|(_, copy)| Disagreement {
            location: Location::new(self.lockfile, copy.line),
            message: format!("the lockfile has {}, and {} does not ask for it", quoted(copy.name.as_str()), manifest.project.path),
        }));
        found
    }

    /// How what the lockfile has differs from what is asked for.
    fn other(&self, asked: &Asked, manifest: &Manifest, beside: &Beside<'_, '_>) -> Option<String> {
        let requirement = &asked.requirement;
        let (places, is_always) = match &requirement.source {
            Some(source) => (vec![Place::of_requirement(source, &manifest.project.folder())], true),
            None => manifest.settings.places(self.root, &requirement.name, &asked.purpose),
        };
        self.other_place(asked, &places, is_always, beside)
            .or_else(|| other_extras(asked, beside))
            .or_else(|| self.other_version(&requirement.name, &requirement.wanted, &|version| asked.allows(version), &beside.meant))
    }

    fn other_place(&self, asked: &Asked, places: &[Place], is_always: bool, beside: &Beside<'_, '_>) -> Option<String> {
        let name = quoted(asked.requirement.name.as_str());
        let index = [Place::Index(None)];
        let stated = if places.is_empty() { &index[..] } else { places };
        let copies = || beside.copies.iter().take(MOST_LOOKED_AT);
        let is_lost = |place: &&Place| !beside.copies.is_empty() && !copies().any(|copy| place.is_copied_as(&copy.place));
        if let Some(lost) = stated.iter().find(is_lost) {
            let has = copies().next().map(|copy| copy.place.shown()).unwrap_or_default();
            return Some(format!("{name} is asked for from {} here, and the lockfile was made for it from {has}", lost.shown()));
        }
        let mut allowed = stated.iter().chain(index.iter().filter(|_| !is_always));
        let locked: Vec<Place> = beside.meant.iter().take(MOST_LOOKED_AT).map(|&number| self.place(number)).collect();
        let fits = allowed.any(|place| locked.iter().any(|locked| place.is_locked_as(locked)));
        (!fits && !locked.is_empty())
            .then(|| format!("{name} is asked for from {} here, and the lockfile has it from {}", stated[0].shown(), locked[0].shown()))
    }

    fn place(&self, number: usize) -> Place {
        Place::of_source(&self.lock.packages[number].source, &self.lockfile.parent())
    }

    /// That none of the locked packages has a version that was asked for.
    fn other_version(&self, name: &PackageName, wanted: &str, allows: &dyn Fn(&Version) -> bool, meant: &[usize]) -> Option<String> {
        let versions: BTreeSet<&Version> = meant.iter().filter_map(|&number| self.lock.packages[number].version.as_ref()).collect();
        if versions.is_empty() || versions.iter().any(|version| allows(version)) {
            return None;
        }
        let wanted = quoted(&format!("{name}{wanted}"));
        let locked: Vec<String> = versions.iter().map(|version| quoted(version.as_str())).collect();
        Some(format!("{wanted} is asked for here, and the lockfile has {}", locked.join(", ")))
    }

    /// What the root's settings put in place of what is asked for. What the lockfile alone has of that
    /// would hide what the manifests ask for.
    pub fn of_settings(&self, manifest: &Manifest) -> Vec<Disagreement> {
        let settings = &manifest.settings;
        let mut found = Vec::new();
        for replaced in &settings.overrides {
            let name = &replaced.requirement.name;
            let message = match self.lock.overrides.get(name) {
                Some(copies) => self.other_replaced(replaced, copies, settings),
                None => Some(format!("{} is overridden here, and the lockfile was made without that", quoted(name.as_str()))),
            };
            found.extend(message.map(|message| at(manifest, replaced.line, message)));
        }
        for replaced in &settings.constraints {
            let copies = self.lock.constraints.get(&replaced.requirement.name).map_or(&[][..], Vec::as_slice);
            found.extend(self.other_replaced(replaced, copies, settings).map(|message| at(manifest, replaced.line, message)));
        }
        found.extend(self.unasked_overrides(manifest));
        found.extend(self.other_indexes(manifest));
        found
    }

    fn unasked_overrides(&self, manifest: &Manifest) -> Vec<Disagreement> {
        let own: HashSet<&PackageName> = manifest.settings.overrides.iter().map(|replaced| &replaced.requirement.name).collect();
        let excludes: HashSet<&PackageName> = manifest.settings.excludes.iter().collect();
        let overrides = self.lock.overrides.iter().filter(|(name, _)| !own.contains(name)).map(|(name, copies)| (name, copies[0].line));
        let excluded = self.lock.excludes.iter().filter(|(name, _)| !excludes.contains(name)).map(|(name, line)| (name, *line));
        let unasked = overrides.chain(excluded);
        unasked
            .map(|(name, line)| Disagreement {
                location: Location::new(self.lockfile, line),
                message: format!(
                    "the lockfile overrides what is asked for of {}, and {} does not",
                    quoted(name.as_str()),
                    manifest.project.path
                ),
            })
            .collect()
    }

    /// An override or a constraint that uv's copy does not have: then what is locked must fit it.
    fn other_replaced(&self, replaced: &Replaced, copies: &[Requirement<'_>], settings: &Settings) -> Option<String> {
        let requirement = &replaced.requirement;
        let place = match &requirement.source {
            Some(source) => Some(Place::of_requirement(source, &self.lockfile.parent())),
            None => settings.places(settings, &requirement.name, &Purpose::Runtime).0.into_iter().next(),
        };
        let copies = || copies.iter().take(MOST_LOOKED_AT);
        let meant = self.index.of(requirement.name.as_str());
        let is_there = |place: &Place| {
            copies().any(|copy| place.is_copied_as(&copy.place)) || meant.iter().any(|&number| place.is_locked_as(&self.place(number)))
        };
        if let Some(place) = place.filter(|place| !is_there(place)) {
            return Some(format!(
                "{} is asked for from {} here, and the lockfile was made without that",
                quoted(requirement.name.as_str()),
                place.shown()
            ));
        }
        let is_copied = copies().any(|copy| clauses(copy.specifier.as_deref().unwrap_or_default()) == clauses(&requirement.wanted));
        if !requirement.is_versioned || is_copied {
            return None;
        }
        self.other_version(&requirement.name, &requirement.wanted, &|version| allows(&requirement.wanted, version), meant)
    }

    /// A project that names its default index asks no other than those that it names.
    fn other_indexes(&self, manifest: &Manifest) -> Vec<Disagreement> {
        let Some((indexes, line)) = &manifest.settings.indexes else { return Vec::new() };
        let from_index = (0..self.lock.packages.len()).filter(|&number| self.lock.packages[number].source.is_of_index());
        let others: BTreeSet<String> =
            from_index.map(|number| self.place(number)).filter(|place| !indexes.contains(place)).map(|place| place.shown()).collect();
        let message = |other: String| format!("the lockfile has packages from {other}, which is not among the indexes that are named here");
        others.into_iter().map(|other| at(manifest, *line, message(other))).collect()
    }
}

/// Extras that are asked for and that the lockfile was made without.
fn other_extras(asked: &Asked, beside: &Beside<'_, '_>) -> Option<String> {
    let copied = beside.copies.iter().take(MOST_LOOKED_AT).flat_map(|copy| &copy.extras);
    let edges = beside.edges.iter().take(MOST_LOOKED_AT).filter(|_| beside.copies.is_empty()).flat_map(|edge| &edge.extras);
    let known: HashSet<&PackageName> = copied.chain(edges).collect();
    let missing = asked.requirement.extras.iter().find(|extra| !known.contains(extra))?;
    let wanted = quoted(&format!("{}[{missing}]", asked.requirement.name));
    Some(format!("{wanted} is asked for here, and the lockfile was made without that extra"))
}

/// The parts of version specifiers, whatever their order and spaces.
fn clauses(specifiers: &str) -> BTreeSet<String> {
    let parts = specifiers.split(',').map(|part| part.split_whitespace().collect::<String>());
    parts.filter(|part| !part.is_empty()).collect()
}

fn at(manifest: &Manifest, line: u32, message: String) -> Disagreement {
    Disagreement { location: Location::new(&manifest.project.path, line), message }
}
