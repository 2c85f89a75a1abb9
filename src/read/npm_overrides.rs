//! npm's `overrides` against what is locked. No package-lock.json repeats them, so that one which the
//! lockfile was not made with shows in the packages alone: of what an override concerns nothing is what it
//! says.

use super::json::{Lenient, Pairs, Text};
use super::package_json::PackageJson;
use super::{Disagreement, Entry, Requires, ScopeId, npm};
use crate::model::text::{quoted, visible};
use crate::model::{Ecosystem, range};
use hashbrown::{HashMap, HashSet};

/// Overrides that are read.
const MOST: usize = 2_000;

/// How often a range is tried on a version: of a name that has many of both, each is tried on each.
const MOST_TRIES: usize = 500_000;

/// A package with its selector, below which an override holds.
type Around<'m> = Option<(&'m str, Option<&'m str>)>;

/// An override: what takes the place of `name` (with its selector), below the nearest of `around`.
struct Override<'m, 'a> {
    key: &'m Text<'a>,
    name: &'m str,
    selector: Option<&'m str>,
    around: Around<'m>,
    spec: &'m str,
}

/// Where what is locked is not what the project's overrides say. `parents` are those of the scopes.
pub fn differences(manifest: &PackageJson<'_>, entries: &[Entry<'_>], parents: &[ScopeId]) -> Vec<Disagreement> {
    let overrides = overrides(manifest);
    if overrides.is_empty() {
        return Vec::new();
    }
    let locked = Locked::new(entries, parents);
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    overrides.iter().for_each(|one| by_name.entry(one.name).or_default().push(one.spec));
    let tries = |(name, specs): (&&str, &Vec<&str>)| specs.len().saturating_mul(specs.len() + 1).saturating_mul(locked.count(name));
    let around = overrides.iter().filter_map(|one| one.around).map(|(name, _)| locked.count(name));
    if overrides.len() >= MOST || by_name.iter().map(tries).chain(around).fold(0, usize::saturating_add) > MOST_TRIES {
        let message = "`overrides` are too many to be compared with the lockfile".to_owned();
        return vec![Disagreement { location: manifest.location(1), message }];
    }
    let mut found = Vec::new();
    for one in &overrides {
        let concerned = locked.concerned(one);
        // npm itself leaves places of a workspace out of an override that it has followed elsewhere.
        if concerned.iter().any(|entry| is_as_said(one.name, one.spec, entry)) {
            continue;
        }
        // Another override of the name may be nearer to who asks.
        let specs = &by_name[one.name];
        let is_other = |entry: &&&Entry<'_>| !specs.iter().any(|spec| is_as_said(one.name, spec, entry));
        if let Some(entry) = concerned.iter().find(is_other) {
            let has = format!("{} from {}", quoted(&entry.package.label()), visible(&entry.package.source.to_string()));
            let stated = quoted(&format!("{} {}", &**one.key, one.spec));
            let message = format!("the override {stated} stands here, and the lockfile has {has}");
            found.push(Disagreement { location: manifest.location(manifest.line(one.key)), message });
        }
    }
    found
}

fn is_as_said(name: &str, spec: &str, entry: &Entry<'_>) -> bool {
    let (real, range) = npm::alias(spec).unwrap_or((name, spec));
    npm::is_as_asked(real, range.trim(), &entry.package)
}

/// The overrides that say what is taken, those within others too.
fn overrides<'m, 'a>(manifest: &'m PackageJson<'a>) -> Vec<Override<'m, 'a>> {
    let declared: HashMap<&str, &str> = manifest.declared().into_iter().map(|one| (&**one.name, &**one.spec)).collect();
    let mut found = Vec::new();
    let mut waiting: Vec<(Around<'m>, &Pairs<'a, Lenient<'a>>)> = manifest.all_overrides().map(|all| (None, all)).into_iter().collect();
    while let Some((around, pairs)) = waiting.pop() {
        for (key, value) in pairs.iter().take(MOST.saturating_sub(found.len())) {
            // `.` is the package around it.
            let (name, selector) = match (&**key, around) {
                (".", Some(around)) => around,
                (key, _) => parts(key),
            };
            match value {
                Lenient::Object(within) => waiting.push((Some((name, selector)), within)),
                Lenient::Text(spec) => {
                    let spec = match spec.strip_prefix('$') {
                        Some(other) => declared.get(other).copied(),
                        None => Some(&**spec),
                    };
                    let around = around.filter(|_| &**key != ".");
                    found.extend(spec.filter(|spec| !spec.is_empty()).map(|spec| Override { key, name, selector, around, spec }));
                }
                _ => {}
            }
        }
    }
    found
}

/// `NAME@RANGE`.
fn parts(key: &str) -> (&str, Option<&str>) {
    match key.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (&key[..at], Some(&key[at + 1..])),
        None => (key, None),
    }
}

/// The packages by the names under which they lie.
struct Locked<'e, 'a> {
    by_name: HashMap<&'e str, Vec<&'e Entry<'a>>>,
    by_place: HashMap<(ScopeId, &'e str), &'e Entry<'a>>,
    parents: &'e [ScopeId],
}

impl<'e, 'a> Locked<'e, 'a> {
    fn new(entries: &'e [Entry<'a>], parents: &'e [ScopeId]) -> Self {
        let mut locked = Locked { by_name: HashMap::new(), by_place: HashMap::new(), parents };
        for entry in entries {
            for (scope, key) in &entry.provides {
                locked.by_name.entry(&**key).or_default().push(entry);
                locked.by_place.insert((*scope, &**key), entry);
            }
        }
        locked
    }

    fn count(&self, name: &str) -> usize {
        self.by_name.get(name).map_or(0, Vec::len)
    }

    /// What an override concerns. A bundle and the project's own folders keep what they have.
    fn concerned(&self, one: &Override<'_, '_>) -> Vec<&'e Entry<'a>> {
        let fits = |entry: &&&Entry<'_>, selector: Option<&str>| match (selector, &entry.package.version) {
            (Some(selector), Some(version)) => range::satisfies(Ecosystem::Npm, selector, version) == Some(true),
            (selector, _) => selector.is_none(),
        };
        let of_name = |name: &str| self.by_name.get(name).into_iter().flatten();
        let concerned: Vec<&Entry<'_>> = match one.around {
            None => of_name(one.name).copied().collect(),
            Some((name, selector)) => {
                let asking = of_name(name).filter(|entry| fits(entry, selector)).flat_map(|entry| &entry.requires);
                asking.filter(|requires| requires.key == one.name).filter_map(|requires| self.meet(requires)).collect()
            }
        };
        let may_be = |entry: &&Entry<'_>| !entry.package.is_first_party() && !entry.bundled && fits(&entry, one.selector);
        let mut seen = HashSet::new();
        concerned.into_iter().filter(may_be).filter(|entry| seen.insert(std::ptr::from_ref(*entry))).collect()
    }

    fn meet(&self, requires: &Requires<'_>) -> Option<&'e Entry<'a>> {
        let mut scope = requires.from;
        loop {
            if let Some(entry) = self.by_place.get(&(scope, &*requires.key)) {
                return Some(entry);
            }
            scope = *scope.0.checked_sub(1).and_then(|at| self.parents.get(at as usize)).filter(|parent| **parent < scope)?;
        }
    }
}
