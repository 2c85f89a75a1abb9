//! The importers of a lockfile: the project and the members of its workspace, each with its
//! manifest, and where the two do not agree.

use super::super::members::Workspace;
use super::super::package_json::{Declared, PackageJson};
use super::super::yaml::{Map, Node, Text, Wrong};
use super::super::{Disagreement, Entry, Parsed, Requires};
use super::{Known, Linked, Needed, Reading, needed};
use crate::model::text::quoted;
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope, Version};
use hashbrown::{HashMap, HashSet};

/// The sections of an importer. Those of an environment document are tools of the project: pnpm
/// itself, and packages that configure it.
const SECTIONS: [(&str, Scope); 5] = [
    ("dependencies", Scope::Runtime),
    ("devDependencies", Scope::Development),
    ("optionalDependencies", Scope::Optional),
    ("configDependencies", Scope::Development),
    ("packageManagerDependencies", Scope::Development),
];

/// The sections that package.json has too come first.
const IN_MANIFEST: usize = 3;

pub struct Importers<'d, 'a> {
    all: Vec<Importer<'d, 'a>>,
    by_folder: HashMap<RelPath, usize>,
}

struct Importer<'d, 'a> {
    package: Package,
    /// `None` for one outside of the repository.
    folder: Option<RelPath>,
    line: u32,
    raw: &'d Map<'a>,
    manifest: Option<&'d PackageJson<'a>>,
}

impl<'d, 'a> Importers<'d, 'a> {
    pub fn read(reading: &Reading<'d, 'a>) -> Result<Self, Wrong> {
        let mut all = Vec::new();
        match reading.document.map("importers")? {
            Some(importers) => {
                for (path, node) in &importers.pairs {
                    all.push(Importer::read(reading, &path.text, path.line, node.map(&path.text)?));
                }
            }
            // A project of its own stands at the top of the document, but not in version 9.
            None if reading.dialect == super::Dialect::V9 => {
                return Err(Wrong::new(reading.document.line, "`importers` is missing: the lockfile names no project"));
            }
            None => all.push(Importer::read(reading, ".", reading.document.line, reading.document)),
        }
        let folders = all.iter().enumerate().filter_map(|(at, importer)| Some((importer.folder.clone()?, at)));
        Ok(Importers { by_folder: folders.collect(), all })
    }

    /// The member in a folder.
    pub fn at(&self, folder: Option<&RelPath>) -> Option<&Package> {
        self.by_folder.get(folder?).map(|&at| &self.all[at].package)
    }

    pub fn add(
        &self,
        reading: &Reading<'d, 'a>,
        known: &Known<'_, 'd, 'a>,
        linked: &mut Linked<'a>,
        parsed: &mut Parsed<'a>,
    ) -> Result<(), Wrong> {
        let settings = Settings::read(reading.document)?;
        let unread: HashSet<RelPath> = parsed.gaps.iter().map(|gap| gap.file.parent()).collect();
        for importer in &self.all {
            let location = Location::new(reading.files.path(), importer.line);
            if let (true, None, Some(folder)) = (reading.is_project, importer.manifest, &importer.folder) {
                // One that is there and cannot be read has its gap.
                if !unread.contains(folder) {
                    let message = format!("no package.json was found in the folder {}", quoted(&folder.to_string()));
                    parsed.gaps.push(Gap::at(GapKind::MissingCompanion, &location, message));
                }
            }
            let asked = importer.asked(&SECTIONS)?;
            let entry = importer.entry(reading, known, linked, &asked, location.clone())?;
            parsed.entries.push(entry);
            if let (true, Some(manifest)) = (reading.is_project, importer.manifest) {
                parsed.disagreements.extend(settings.differences(manifest, &importer.asked(&SECTIONS[..IN_MANIFEST])?, &location));
            }
        }
        if reading.is_project {
            parsed.disagreements.extend(self.not_imported(reading, &settings));
            // Without the project's manifest half of the settings may be missing.
            if reading.manifests.contains_key(&reading.files.folder()) {
                parsed.disagreements.extend(reading.workspace.differences(reading.document, reading.files.path())?);
            }
        }
        Ok(())
    }

    /// What the project and members of the workspace ask for that have no importer: pnpm makes one of every
    /// project with a manifest, and holds its overrides and patches in the lockfile.
    fn not_imported(&self, reading: &Reading<'d, 'a>, settings: &Settings<'_>) -> Vec<Disagreement> {
        let root = reading.files.folder();
        let manifest = reading.manifests.get(&root).filter(|_| !self.by_folder.contains_key(&root));
        let own = manifest.map(|manifest| settings.differences(manifest, &[], &Location::new(reading.files.path(), 1)));
        let patterns: Vec<&str> = reading.workspace.members.iter().map(String::as_str).collect();
        let workspace = Workspace::new(&patterns);
        // A pattern finds a folder that begins with a dot where it names it.
        let is_hidden = |below: &str| below.split('/').any(|part| part.starts_with('.') && !patterns.iter().any(|it| it.contains(part)));
        let has_own = |folder: &RelPath| folder.join(super::LOCKFILE).is_ok_and(|path| reading.files.companions.contains_key(&path));
        let others = reading.manifests.iter().filter(|(folder, _)| !self.by_folder.contains_key(*folder) && !has_own(folder));
        let left = others.filter_map(|(folder, manifest)| {
            let below = folder.below(&root).filter(|below| !below.is_empty() && !is_hidden(below) && workspace.has(below))?;
            let message = format!("the workspace member {} is not in the lockfile", quoted(below));
            Some(Disagreement { location: manifest.location(1), message })
        });
        own.into_iter().flatten().chain(left).collect()
    }
}

/// A dependency of an importer with the specifier that it was resolved for.
struct Asked<'d, 'a> {
    needed: Needed<'d, 'a>,
    specifier: Option<&'d Text<'a>>,
}

impl<'d, 'a> Importer<'d, 'a> {
    fn read(reading: &Reading<'d, 'a>, path: &str, line: u32, raw: &'d Map<'a>) -> Self {
        let folder = reading.files.folder().join(path).ok();
        let manifest = folder.as_ref().and_then(|folder| reading.manifests.get(folder));
        let folder_name = folder.as_ref().map_or("", RelPath::file_name);
        let stated = manifest.and_then(PackageJson::name);
        let name = stated.map_or(folder_name, |name| name);
        // A name taken from a folder is for people; with a version it would look like a package.
        let version = manifest.filter(|_| stated.is_some()).and_then(PackageJson::version);
        let version = version.and_then(|version| Version::new(version).ok());
        let package = Package {
            ecosystem: Ecosystem::Npm,
            name: PackageName::of_root(Ecosystem::Npm, name),
            version,
            source: PackageSource::FirstParty { folder: folder.clone() },
        };
        Importer { package, folder, line, raw, manifest }
    }

    fn asked(&self, sections: &[(&str, Scope)]) -> Result<Vec<Asked<'d, 'a>>, Wrong> {
        let mut specifiers: HashMap<&str, &'d Text<'a>> = HashMap::new();
        for (name, node) in self.raw.map("specifiers")?.into_iter().flat_map(|map| &map.pairs) {
            specifiers.insert(&name.text, node.text(&name.text)?);
        }
        for (section, _) in sections {
            for (name, node) in self.raw.map(section)?.into_iter().flat_map(|map| &map.pairs) {
                let Node::Map(both) = node else { continue };
                specifiers.extend(both.text("specifier")?.map(|specifier| (&*name.text, specifier)));
            }
        }
        let all = needed(self.raw, sections)?;
        Ok(all.into_iter().map(|needed| Asked { specifier: specifiers.get(&*needed.name.text).copied(), needed }).collect())
    }

    fn entry(
        &self,
        reading: &Reading<'d, 'a>,
        known: &Known<'_, 'd, 'a>,
        linked: &mut Linked<'a>,
        asked: &[Asked<'d, 'a>],
        location: Location,
    ) -> Result<Entry<'a>, Wrong> {
        let lines: HashMap<&str, Location> = self
            .manifest
            .filter(|_| reading.is_project)
            .map(|manifest| effective(manifest).into_iter().map(|(name, one)| (name, manifest.location(one.line))).collect())
            .unwrap_or_default();
        let mut entry = Entry::new(self.package.clone(), location);
        entry.root = true;
        let outside = RelPath::root();
        for Asked { needed, specifier } in asked {
            let requires = known.requires(reading, needed, self.folder.as_ref().unwrap_or(&outside), linked);
            let in_lockfile = || Location::new(reading.files.path(), needed.name.line);
            entry.requires.push(Requires {
                requirement: specifier.map(|specifier| specifier.text.clone()),
                declared: Some(lines.get(&*needed.name.text).cloned().unwrap_or_else(in_lockfile)),
                ..requires
            });
        }
        Ok(entry)
    }
}

/// The declarations that count: optional before plain, plain before development, anything before peer.
fn effective<'m, 'a>(manifest: &'m PackageJson<'a>) -> HashMap<&'m str, Declared<'m, 'a>> {
    let rank = |scope: Scope| match scope {
        Scope::Optional => 3,
        Scope::Runtime => 2,
        Scope::Development => 1,
        _ => 0,
    };
    let mut all: HashMap<&str, Declared<'_, 'a>> = HashMap::new();
    for declared in manifest.declared() {
        match all.get(&**declared.name) {
            Some(other) if rank(other.scope) >= rank(declared.scope) => {}
            _ => drop(all.insert(declared.name, declared)),
        }
    }
    all
}

/// What of a document's settings makes importers differ from their manifests.
struct Settings<'d> {
    /// pnpm installs the peers of importers too, as plain dependencies.
    auto_install_peers: bool,
    /// `link:` dependencies are not written down.
    excludes_links: bool,
    /// Names whose specifiers `overrides` replace.
    overridden: HashSet<&'d str>,
    /// Some optional dependencies are left out by name.
    ignores_optional: bool,
}

impl<'d> Settings<'d> {
    fn read<'a>(document: &'d Map<'a>) -> Result<Self, Wrong> {
        let settings = document.map("settings")?;
        let flag = |name: &str| settings.is_some_and(|settings| settings.flag(name));
        let overrides = document.map("overrides")?.map_or(&[][..], |map| &map.pairs);
        Ok(Settings {
            auto_install_peers: flag("autoInstallPeers"),
            excludes_links: flag("excludeLinksFromLockfile"),
            overridden: overrides.iter().map(|(selector, _)| overridden_name(&selector.text)).collect(),
            ignores_optional: document.get("ignoredOptionalDependencies").is_some(),
        })
    }

    /// Each declaration against what the lockfile was made for, and the other way round.
    fn differences(&self, manifest: &PackageJson<'_>, asked: &[Asked<'_, '_>], importer: &Location) -> Vec<Disagreement> {
        let locked: HashMap<&str, &Asked<'_, '_>> = asked.iter().map(|one| (&*one.needed.name.text, one)).collect();
        let declared = effective(manifest);
        let mut found = Vec::new();
        for (name, one) in &declared {
            let message = self.difference(name, one, locked.get(name).copied());
            found.extend(message.map(|message| Disagreement { location: manifest.location(one.line), message }));
        }
        for one in asked.iter().filter(|one| !declared.contains_key(&*one.needed.name.text)) {
            let specifier = one.specifier.map_or("", |specifier| &*specifier.text);
            if specifier.strip_prefix("runtime:").is_some_and(|version| manifest.asks_for_runtime(&one.needed.name.text, version)) {
                continue;
            }
            let wanted = quoted(format!("{} {specifier}", one.needed.name.text).trim_end());
            let location = Location::new(&importer.file, one.needed.name.line);
            let message = format!("the lockfile was made for {wanted}, which package.json does not ask for");
            found.push(Disagreement { location, message });
        }
        found
    }

    fn difference(&self, name: &str, declared: &Declared<'_, '_>, locked: Option<&Asked<'_, '_>>) -> Option<String> {
        let (spec, scope) = (&**declared.spec, declared.scope);
        let wanted = quoted(&format!("{name} {spec}"));
        let Some(locked) = locked else {
            let left_out = scope == Scope::Peer && !self.auto_install_peers
                || scope == Scope::Optional && self.ignores_optional
                || self.excludes_links && spec.starts_with("link:")
                || self.overridden.contains(name);
            return (!left_out).then(|| format!("{wanted} is asked for here, and the lockfile was made without it"));
        };
        // A peer of an importer stands among its plain dependencies.
        let expected = if scope == Scope::Peer { locked.needed.scope } else { scope };
        if locked.needed.scope != expected {
            let other = locked.needed.scope;
            return Some(format!("{wanted} is a {scope} dependency here, and the lockfile was made with it as a {other} one"));
        }
        let specifier = locked.specifier.filter(|specifier| specifier.text != spec && !self.overridden.contains(name))?;
        Some(format!("{wanted} is asked for here, and the lockfile was made for {}", quoted(&specifier.text)))
    }
}

/// The name in an override's selector: `qux` of `bar@^2>qux@1`.
fn overridden_name(selector: &str) -> &str {
    // A `>` of a range stands after `@`, a space or `|`.
    let mut parents = selector.char_indices().filter(|&(at, c)| c == '>' && !selector[..at].ends_with(['@', ' ', '|']) && at > 0);
    let last = parents.next_back().map_or(selector, |(at, _)| &selector[at + 1..]);
    match last.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => &last[..at],
        None => last,
    }
}
