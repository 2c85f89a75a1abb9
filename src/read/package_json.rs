//! package.json, as far as lockfiles of the npm family need it.

use super::json::{self, Lenient, Pairs, Text};
use super::{Files, ReadError};
use crate::model::{Gap, Lines, Location, RelPath, Scope, SourceFile};
use hashbrown::HashMap;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

/// The sections of a manifest (or of a lockfile's entry) that name dependencies.
pub const SECTIONS: [(&str, Scope); 4] = [
    ("dependencies", Scope::Runtime),
    ("devDependencies", Scope::Development),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Peer),
];

/// A package.json with the lines of its dependencies.
pub struct PackageJson<'a> {
    file: &'a SourceFile,
    lines: Lines<'a>,
    raw: Raw<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow, default)]
    name: Lenient<'a>,
    #[serde(borrow, default)]
    version: Lenient<'a>,
    #[serde(borrow, default)]
    dependencies: Lenient<'a>,
    #[serde(borrow, default)]
    dev_dependencies: Lenient<'a>,
    #[serde(borrow, default)]
    optional_dependencies: Lenient<'a>,
    #[serde(borrow, default)]
    peer_dependencies: Lenient<'a>,
    #[serde(borrow, default)]
    peer_dependencies_meta: Lenient<'a>,
    #[serde(borrow, default)]
    workspaces: Lenient<'a>,
    #[serde(borrow, default)]
    resolutions: Lenient<'a>,
    #[serde(borrow, default)]
    engines: Lenient<'a>,
    #[serde(borrow, default)]
    dev_engines: Lenient<'a>,
    #[serde(borrow, default)]
    overrides: Lenient<'a>,
    #[serde(borrow, default)]
    catalog: Lenient<'a>,
    #[serde(borrow, default)]
    catalogs: Lenient<'a>,
    #[serde(borrow, default)]
    trusted_dependencies: Lenient<'a>,
    #[serde(borrow, default)]
    patched_dependencies: Lenient<'a>,
    #[serde(borrow, default)]
    pnpm: Lenient<'a>,
}

pub type Manifests<'a> = BTreeMap<RelPath, PackageJson<'a>>;

/// The manifests by folder. One that cannot be read is a gap: the lockfile tells most without it.
pub fn manifests<'a>(files: &'a Files, gaps: &mut Vec<Gap>) -> Manifests<'a> {
    let mut manifests = BTreeMap::new();
    for file in files.companions.values().filter(|file| file.path().file_name() == super::package_lock::MANIFEST) {
        match PackageJson::parse(file) {
            Ok(manifest) => drop(manifests.insert(file.path().parent(), manifest)),
            Err(error) => gaps.push(error.into_gap()),
        }
    }
    manifests
}

/// A dependency as a manifest declares it.
pub struct Declared<'p, 'a> {
    pub name: &'p Text<'a>,
    /// The range, tag, URL or alias, as written.
    pub spec: &'p Text<'a>,
    pub scope: Scope,
    pub line: u32,
}

impl<'a> PackageJson<'a> {
    pub fn parse(file: &'a SourceFile) -> Result<Self, ReadError> {
        Ok(PackageJson { file, lines: Lines::new(file.text()), raw: json::parse(file)? })
    }

    pub fn name(&self) -> Option<&Text<'a>> {
        self.raw.name.text()
    }

    pub fn version(&self) -> Option<&Text<'a>> {
        self.raw.version.text()
    }

    /// The patterns that name the workspace's members; one after `!` takes folders out.
    pub fn workspace_patterns(&self) -> Vec<&str> {
        workspace_patterns(&self.raw.workspaces)
    }

    /// Yarn's `resolutions`: a path of names, and the range that takes the place of what those ask for.
    pub fn resolutions(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = object(&self.raw.resolutions).into_iter().flat_map(Pairs::iter);
        pairs.filter_map(|(path, range)| Some((&**path, &**range.text()?)))
    }

    /// Whether `engines.runtime` or `devEngines.runtime` asks for a program at a version, which pnpm
    /// fetches like a dependency.
    pub fn asks_for_runtime(&self, name: &str, version: &str) -> bool {
        let all = [&self.raw.engines, &self.raw.dev_engines].into_iter().filter_map(|engines| object(engines)?.get("runtime"));
        let mut each = all.flat_map(|runtime| match runtime {
            Lenient::List(items) => items.iter().collect(),
            one => vec![one],
        });
        let is = |pairs: &Pairs<'_, Lenient<'_>>, key: &str, wanted: &str| {
            pairs.get(key).and_then(Lenient::text).is_some_and(|text| &**text == wanted)
        };
        each.any(|runtime| object(runtime).is_some_and(|pairs| is(pairs, "name", name) && is(pairs, "version", version)))
    }

    /// npm's `overrides` at the outermost level, without those that hold for some dependants alone.
    pub fn overrides(&self) -> impl Iterator<Item = (&Text<'a>, &Text<'a>)> {
        texts(object(&self.raw.overrides))
    }

    /// npm's `overrides` with those that hold for some dependants alone.
    pub fn all_overrides(&self) -> Option<&Pairs<'a, Lenient<'a>>> {
        object(&self.raw.overrides)
    }

    /// Every name that `overrides` or `resolutions` may concern, at any depth and with whatever range.
    pub fn overridden_names(&self) -> HashSet<&str> {
        let mut names = HashSet::new();
        let mut waiting = vec![&self.raw.overrides, &self.raw.resolutions];
        while let Some(value) = waiting.pop() {
            for (key, within) in object(value).into_iter().flat_map(Pairs::iter) {
                names.extend(key.split(['>', '/', ' ']).map(without_range));
                // A scope begins where a name does, and takes one more segment.
                let scopes = key.match_indices('@').map(|(at, _)| at).filter(|&at| at == 0 || key[..at].ends_with(['>', '/', ' ']));
                names.extend(scopes.map(|at| {
                    let end = key[at..].match_indices(['>', '/', ' ']).nth(1).map_or(key.len(), |(end, _)| at + end);
                    without_range(&key[at..end])
                }));
                waiting.push(within);
            }
        }
        names
    }

    /// Bun's catalogs, the ranges that `catalog:NAME` stands for: `(NAME, package, range)`. They stand in
    /// `workspaces` or beside it.
    pub fn catalogs(&self) -> Vec<(&str, &Text<'a>, &Text<'a>)> {
        let within = object(&self.raw.workspaces);
        let unnamed = [within.and_then(|pairs| pairs.get("catalog")), Some(&self.raw.catalog)];
        let named = [within.and_then(|pairs| pairs.get("catalogs")), Some(&self.raw.catalogs)];
        let unnamed = unnamed.into_iter().flatten().map(|catalog| ("", catalog));
        let named = named.into_iter().flatten().filter_map(object).flat_map(Pairs::iter).map(|(name, catalog)| (&**name, catalog));
        let catalogs = unnamed.chain(named);
        catalogs.flat_map(|(name, catalog)| texts(object(catalog)).map(move |(package, range)| (name, package, range))).collect()
    }

    /// The settings of `pnpm`.
    pub fn of_pnpm(&self) -> impl Iterator<Item = &(Text<'a>, Lenient<'a>)> {
        object(&self.raw.pnpm).into_iter().flat_map(Pairs::iter)
    }

    /// Bun's list of the packages that may run scripts.
    pub fn trusted(&self) -> impl Iterator<Item = &Text<'a>> {
        let list = if let Lenient::List(items) = &self.raw.trusted_dependencies { &items[..] } else { &[] };
        list.iter().filter_map(Lenient::text)
    }

    /// Bun's patches: the package, perhaps with `@VERSION`, and the patch's file.
    pub fn patched(&self) -> impl Iterator<Item = (&Text<'a>, &Text<'a>)> {
        texts(object(&self.raw.patched_dependencies))
    }

    /// Whether something is said of a peer, which is nearly always that it is optional.
    pub fn has_peer_meta(&self, name: &str) -> bool {
        object(&self.raw.peer_dependencies_meta).is_some_and(|pairs| pairs.get(name).is_some())
    }

    /// The line of a key or value of the manifest.
    pub fn line(&self, text: &Text<'a>) -> u32 {
        text.line(self.file.text(), &self.lines, 1)
    }

    pub fn location(&self, line: u32) -> Location {
        Location::new(self.file.path(), line)
    }

    /// Every declaration. A name that is optional and also listed as a plain dependency is
    /// optional (npm's own rule).
    pub fn declared(&self) -> Vec<Declared<'_, 'a>> {
        let optional: HashSet<&str> = self.section("optionalDependencies").map(|(name, _)| &**name).collect();
        SECTIONS
            .into_iter()
            .flat_map(|(section, scope)| self.section(section).map(move |(name, spec)| (scope, name, spec)))
            .filter(|(scope, name, _)| *scope != Scope::Runtime || !optional.contains(&***name))
            .filter_map(|(scope, name, spec)| {
                let line = name.line(self.file.text(), &self.lines, 1);
                Some(Declared { name, spec: spec.text()?, scope, line })
            })
            .collect()
    }

    /// The declarations that count, each name once.
    pub fn required(&self) -> Vec<Declared<'_, 'a>> {
        let declared = self.declared();
        let counting = counting(declared.iter().map(|one| (one.scope, &**one.name)));
        let counts: Vec<bool> = declared.iter().map(|one| counting.get(&**one.name) == Some(&one.scope)).collect();
        declared.into_iter().zip(counts).filter(|(_, counts)| *counts).map(|(one, _)| one).collect()
    }

    fn section(&self, name: &str) -> impl Iterator<Item = (&Text<'a>, &Lenient<'a>)> {
        let section = match name {
            "dependencies" => &self.raw.dependencies,
            "devDependencies" => &self.raw.dev_dependencies,
            "optionalDependencies" => &self.raw.optional_dependencies,
            _ => &self.raw.peer_dependencies,
        };
        object(section).into_iter().flat_map(Pairs::iter).map(|(name, spec)| (name, spec))
    }
}

/// `workspaces` is a list, or an object with one (Yarn's form, which npm takes too).
pub fn workspace_patterns<'w>(workspaces: &'w Lenient<'_>) -> Vec<&'w str> {
    let list = match workspaces {
        Lenient::Object(pairs) => pairs.get("packages"),
        other => Some(other),
    };
    match list {
        Some(Lenient::List(items)) => items.iter().filter_map(Lenient::text).map(|text| &**text).collect(),
        _ => Vec::new(),
    }
}

/// For each name the section that counts: npm reads peers, plain, optional and development
/// dependencies in this order, and a later one replaces an earlier (arborist's `_loadDeps`).
pub fn counting<'n>(names: impl Iterator<Item = (Scope, &'n str)>) -> HashMap<&'n str, Scope> {
    let rank = |scope: Scope| [Scope::Peer, Scope::Runtime, Scope::Optional, Scope::Development].iter().position(|other| *other == scope);
    let mut counting = HashMap::new();
    for (scope, name) in names {
        let counts = counting.entry(name).or_insert(scope);
        if rank(scope) > rank(*counts) {
            *counts = scope;
        }
    }
    counting
}

/// `NAME@RANGE` without the range.
fn without_range(text: &str) -> &str {
    text.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(text, |(at, _)| &text[..at])
}

fn texts<'p, 'a>(pairs: Option<&'p Pairs<'a, Lenient<'a>>>) -> impl Iterator<Item = (&'p Text<'a>, &'p Text<'a>)> {
    pairs.into_iter().flat_map(Pairs::iter).filter_map(|(key, value)| Some((key, value.text()?)))
}

fn object<'p, 'a>(value: &'p Lenient<'a>) -> Option<&'p Pairs<'a, Lenient<'a>>> {
    match value {
        Lenient::Object(pairs) => Some(pairs),
        _ => None,
    }
}
