//! Where manifests and lockfile do not agree.
//!
//! Bun copies the sections of every manifest into `workspaces`, letter by letter, and the project's
//! overrides and catalogs beside them: a difference means that one was changed without the other.

use super::super::json::{Lenient, Text};
use super::super::members::Workspace;
use super::super::package_json::PackageJson;
use super::super::{Disagreement, Entry, npm};
use super::Reading;
use super::tree::{Member, Tree, What};
use crate::model::text::{quoted, visible};
use crate::model::{Ecosystem, Location, Scope, Version, range};
use hashbrown::{HashMap, HashSet};

pub fn compare<'t, 'a>(reading: &Reading<'t, 'a>, tree: &Tree<'t, 'a>, entries: &[Entry<'a>], found: &mut Vec<Disagreement>) {
    let settings = Settings::of(reading);
    for member in &tree.members {
        let Some(manifest) = member.manifest else { continue };
        let comparing = Comparing { reading, tree, entries, member, manifest, settings: &settings };
        comparing.sections(found);
        comparing.packages(found);
        comparing.name(found);
        if member.path.is_empty() {
            comparing.overrides(found);
            comparing.catalogs(found);
            comparing.settings_of_nobody(found);
            comparing.members(found);
        }
    }
}

/// What the lockfile says of requirements in general.
struct Settings<'t> {
    /// Every name that an override may concern.
    overridden: HashSet<&'t str>,
    /// The overrides that hold everywhere.
    overrides: HashMap<&'t str, &'t str>,
    /// By the catalog's name, empty for the one without, and the package's.
    catalogs: HashMap<(&'t str, &'t str), &'t str>,
}

impl<'t> Settings<'t> {
    fn of(reading: &Reading<'t, '_>) -> Self {
        let lock = reading.lock;
        let overridden = lock.overrides.iter().flat_map(|(key, value)| overridden_by(key, value)).collect();
        let everywhere = |value: &'t Lenient<'t>| match value {
            Lenient::Object(pairs) => pairs.get(".").and_then(Lenient::text),
            other => other.text(),
        };
        let overrides = lock.overrides.iter().filter_map(|(name, value)| Some((&**name, &**everywhere(value)?))).collect();
        let named = lock.catalogs.iter().flat_map(|(name, catalog)| catalog.iter().map(move |pair| (&**name, pair)));
        let catalogs = lock.catalog.iter().map(|pair| ("", pair)).chain(named);
        let catalogs = catalogs.map(|(catalog, (name, range))| ((catalog, &**name), &**range)).collect();
        Settings { overridden, overrides, catalogs }
    }

    /// The range behind `catalog:NAME`; any other as it is.
    fn of_catalog<'s>(&self, name: &str, spec: &'s str) -> Option<&'s str>
    where
        't: 's,
    {
        match spec.strip_prefix("catalog:") {
            Some(catalog) => self.catalogs.get(&(catalog.trim(), name)).copied(),
            None => Some(spec),
        }
    }
}

/// The names that an override may concern: its key, and the keys of one that holds for some dependants
/// alone (`"ant": {"bee": "1.0.0"}`), each perhaps with a range after it.
fn overridden_by<'o>(key: &'o str, value: &'o Lenient<'_>) -> Vec<&'o str> {
    let name = |key: &'o str| key.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(key, |(at, _)| &key[..at]);
    let within = match value {
        Lenient::Object(pairs) => pairs.iter().map(|(key, _)| name(key)).filter(|key| *key != ".").collect(),
        _ => Vec::new(),
    };
    within.into_iter().chain([name(key)]).collect()
}

/// One member with its manifest.
struct Comparing<'c, 't, 'a> {
    reading: &'c Reading<'t, 'a>,
    tree: &'c Tree<'t, 'a>,
    entries: &'c [Entry<'a>],
    member: &'c Member<'t, 'a>,
    manifest: &'c PackageJson<'a>,
    settings: &'c Settings<'t>,
}

impl<'t, 'a> Comparing<'_, 't, 'a> {
    fn sections(&self, found: &mut Vec<Disagreement>) {
        let locked: HashMap<(Scope, &str), &Text<'t>> =
            self.member.raw.asked.iter().map(|(scope, name, spec)| ((*scope, &**name), spec)).collect();
        let declared = self.manifest.declared();
        let asked: HashSet<(Scope, &str)> = declared.iter().map(|one| (one.scope, &**one.name)).collect();
        let mut by_name: HashMap<&str, Vec<Scope>> = HashMap::new();
        for (scope, name) in locked.keys().filter(|key| !asked.contains(*key)) {
            by_name.entry(name).or_default().push(*scope);
        }
        let mut moved = HashSet::new();
        for one in &declared {
            let (name, spec, scope) = (&**one.name, &**one.spec, one.scope);
            let wanted = quoted(&format!("{name} {spec}"));
            let message = match locked.get(&(scope, name)) {
                // A name that is optional is copied from one section less.
                None if scope == Scope::Development && asked.contains(&(Scope::Optional, name)) => continue,
                Some(locked) if ***locked == *spec || self.is_linked(name, spec) => continue,
                Some(locked) => format!("{wanted} is asked for here, and the lockfile was made for {}", quoted(locked)),
                None => match by_name.get(name).and_then(|scopes| scopes.iter().max()) {
                    Some(&other) => {
                        moved.insert((other, name));
                        format!("{wanted} is a {scope} dependency here, and the lockfile was made with it as a {other} one")
                    }
                    None => format!("{wanted} is asked for here, and the lockfile was made without it"),
                },
            };
            found.push(Disagreement { location: self.manifest.location(one.line), message });
        }
        for &(scope, ref name, ref spec) in &self.member.raw.asked {
            if asked.contains(&(scope, &**name)) || moved.contains(&(scope, &**name)) || self.is_of_peers_meta(scope, name, spec) {
                continue;
            }
            let wanted = quoted(format!("{} {}", &**name, &**spec).trim_end());
            let message = format!("the lockfile was made for {wanted}, which package.json does not ask for");
            found.push(Disagreement { location: self.place(name), message });
        }
    }

    /// Whether what is asked for leads to the member that the lockfile has in its place: Bun then compares
    /// no further, and version 0 writes the member's folder.
    fn is_linked(&self, name: &str, spec: &str) -> bool {
        let Some(What::Member(at)) = self.target(name) else { return false };
        let member = &self.tree.members[at];
        let in_manifest = member.manifest.and_then(PackageJson::version).and_then(|version| Version::new(version).ok());
        let mut versions = in_manifest.iter().chain(&member.package.version);
        let fits = spec.starts_with("workspace:") || versions.any(|it| range::satisfies(Ecosystem::Npm, spec, it) == Some(true));
        member.name == name && fits
    }

    /// Bun 1.4 adds a peer of any version for each name that `peerDependenciesMeta` alone has.
    fn is_of_peers_meta(&self, scope: Scope, name: &Text<'_>, spec: &str) -> bool {
        scope == Scope::Peer && spec == "*" && self.member.raw.optional_peers().contains(name)
    }

    /// Each package that is none of those which the lockfile itself says were asked for.
    fn packages(&self, found: &mut Vec<Disagreement>) {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for (_, name, _) in self.member.raw.asked.iter().filter(|(scope, ..)| *scope != Scope::Peer) {
            *times.entry(name).or_default() += 1;
        }
        let lines: HashMap<(Scope, &str), u32> = self.manifest.declared().iter().map(|one| ((one.scope, &**one.name), one.line)).collect();
        for &(scope, ref name, ref spec) in &self.member.raw.asked {
            // Of several ranges for one name Bun takes one; a peer may be of any version.
            if scope == Scope::Peer || times.get(&**name) != Some(&1) {
                continue;
            }
            let (Some(What::Package { entry, .. }), Some(spec)) = (self.target(name), self.settings.of_catalog(name, spec)) else {
                continue;
            };
            let package = &self.entries[entry].package;
            let (real, range) = npm::alias(spec).unwrap_or((name, spec));
            let is_overridden = [name, real].iter().any(|name| self.settings.overridden.contains(name));
            if !is_overridden && !npm::is_as_asked(real, range.trim(), package) {
                let location = lines.get(&(scope, &**name)).map_or_else(|| self.place(name), |line| self.manifest.location(*line));
                let wanted = quoted(format!("{} {spec}", &**name).trim_end());
                let has = format!("{} from {}", quoted(&package.label()), visible(&package.source.to_string()));
                found.push(Disagreement { location, message: format!("{wanted} is asked for here, and the lockfile has {has}") });
            }
        }
    }

    fn target(&self, name: &str) -> Option<What<'t>> {
        Some(self.tree.placed[self.tree.places.find(self.member.name, name)?].what)
    }

    /// A member's packages lie below its name.
    fn name(&self, found: &mut Vec<Disagreement>) {
        let Some(name) = self.manifest.name().filter(|name| !self.member.path.is_empty() && ***name != *self.member.name) else { return };
        let message = format!("this member is named {}, and the lockfile has it as {}", quoted(name), quoted(self.member.name));
        found.push(Disagreement { location: self.manifest.location(self.manifest.line(name)), message });
    }

    /// The flat overrides of the manifest that Bun takes over as they are: not those of `resolutions`
    /// paths, nor `$name`, which stands for another requirement.
    fn overrides(&self, found: &mut Vec<Disagreement>) {
        for (name, range) in self.manifest.overrides() {
            let plain = !name.chars().skip(1).any(|c| matches!(c, '@' | '>' | '*' | ' ')) && !range.starts_with('$') && !range.is_empty();
            let message = match self.settings.overrides.get(&**name) {
                _ if !plain => continue,
                Some(locked) if **locked == **range => continue,
                Some(locked) => format!("and the lockfile was made with {}", quoted(locked)),
                None => "and the lockfile was made without it".to_owned(),
            };
            let message = format!("the override {} stands here, {message}", quoted(&format!("{} {}", &**name, &**range)));
            found.push(Disagreement { location: self.manifest.location(self.manifest.line(name)), message });
        }
    }

    /// The lockfile's overrides and catalogs for which nothing in the manifest stands.
    fn settings_of_nobody(&self, found: &mut Vec<Disagreement>) {
        let lock = self.reading.lock;
        let overridden = self.manifest.overridden_names();
        for (name, value) in lock.overrides.iter() {
            let known = overridden_by(name, value).into_iter().all(|name| overridden.contains(name));
            let message = format!("the lockfile was made with an override for {}, which package.json does not have", quoted(name));
            found.extend((!known).then(|| Disagreement { location: self.place(name), message }));
        }
        let declared: HashSet<&str> = self.manifest.catalogs().into_iter().map(|(_, name, _)| &**name).collect();
        let named = lock.catalogs.iter().flat_map(|(_, catalog)| catalog.iter());
        for (name, range) in lock.catalog.iter().chain(named).filter(|(name, _)| !declared.contains(&**name)) {
            let wanted = quoted(&format!("{} {}", &**name, &**range));
            let message = format!("the lockfile was made with {wanted} in a catalog, which package.json does not have");
            found.push(Disagreement { location: self.place(name), message });
        }
    }

    fn catalogs(&self, found: &mut Vec<Disagreement>) {
        let declared = self.manifest.catalogs();
        let mut times: HashMap<(&str, &str), usize> = HashMap::new();
        for (catalog, name, _) in &declared {
            *times.entry((catalog, name)).or_default() += 1;
        }
        for (catalog, name, range) in declared {
            let message = match self.settings.catalogs.get(&(catalog, &**name)) {
                // Of two places for one catalog Bun takes one.
                _ if times.get(&(catalog, &**name)) != Some(&1) => continue,
                Some(locked) if **locked == **range => continue,
                Some(locked) => format!("and the lockfile was made with {}", quoted(locked)),
                None => "and the lockfile was made without it".to_owned(),
            };
            let message = format!("the catalog has {} here, {message}", quoted(&format!("{} {}", &**name, &**range)));
            found.push(Disagreement { location: self.manifest.location(self.manifest.line(name)), message });
        }
    }

    /// Members that the project's manifest names and the lockfile does not know. Bun passes over folders
    /// that begin with a dot, and over manifests without a name.
    fn members(&self, found: &mut Vec<Disagreement>) {
        let root = self.reading.files.folder();
        let workspace = Workspace::new(&self.manifest.workspace_patterns());
        let known: HashSet<_> = self.tree.members.iter().filter_map(Member::folder).collect();
        for (folder, manifest) in self.reading.manifests.iter().filter(|(folder, _)| !known.contains(folder)) {
            let Some(below) = folder.below(&root).filter(|below| !below.is_empty()) else { continue };
            let is_named = manifest.name().is_some_and(|name| !name.is_empty());
            if is_named && !below.split('/').any(|part| part.starts_with('.')) && workspace.has(below) {
                let message = format!("the workspace member {} is not in the lockfile", quoted(below));
                found.push(Disagreement { location: manifest.location(1), message });
            }
        }
    }

    fn place(&self, name: &Text<'t>) -> Location {
        self.reading.location(self.reading.line(name))
    }
}
