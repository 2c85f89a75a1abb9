//! pnpm-lock.yaml, versions 5, 6 and 9, with the environment document that pnpm 11 puts before it.
//!
//! A lockfile lists importers (the project and the members of its workspace) and packages, and
//! every dependency names the exact key of the package it was resolved to. A key holds the peers
//! with which a package was instantiated; they are no part of what the package is, so instances
//! of one package are one node with the edges of all.

mod config;
mod dep_path;
mod importers;
mod patches;
mod resolution;
mod workspace;

use super::package_json::{Manifests, manifests};
use super::yaml::{self, Map, Node, Text, Wrong};
use super::{Capabilities, Entry, Files, Format, FormatId, Parsed, ReadError, ReadErrorKind, Requires, ScopeId, Told, Want, npm};
use crate::model::text::{quoted, shortened, visible};
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope, Version};
use dep_path::DepPath;
use hashbrown::{HashMap, HashSet};
use importers::Importers;
use resolution::Resolution;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use workspace::Workspace;

pub struct PnpmLock;

const LOCKFILE: &str = "pnpm-lock.yaml";
const MANIFEST: &str = "package.json";

/// pnpm writes the environment's document and the project's, never more.
const MOST_DOCUMENTS: usize = 2;

impl Format for PnpmLock {
    fn id(&self) -> FormatId {
        "pnpm-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Npm)
    }

    fn names(&self) -> &[&str] {
        &[LOCKFILE]
    }

    fn claims(&self, path: &RelPath) -> bool {
        path.file_name() == LOCKFILE
    }

    /// The manifests of the importers, and what the workspace tells pnpm.
    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[MANIFEST, workspace::FILE])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        let root = files.folder();
        // All but the members that the workspace names is wanted at the first call.
        if !files.companions.is_empty() || !files.unreadable.is_empty() {
            return workspace::wanted(files, &root);
        }
        let settings = root.join(workspace::FILE).ok().map(Want::File);
        // Only a lockfile with importers needs to be read for them.
        let text = files.lockfile.text().as_bytes();
        if [&b"importers"[..], b"\\"].iter().all(|part| memchr::memmem::find(text, part).is_none()) {
            return root.join(MANIFEST).ok().map(Want::File).into_iter().chain(settings).collect();
        }
        let Ok(documents) = yaml::parse(&files.lockfile) else { return settings.into_iter().collect() };
        let project = documents.last().and_then(|node| node.map("document").ok());
        let importers = project.and_then(|project| project.map("importers").ok().flatten());
        let folders = importers.into_iter().flat_map(|importers| importers.pairs.iter().map(|(path, _)| &*path.text));
        // The project's own, even where no importer stands for it: it asks for what it asks for.
        let folders: BTreeSet<RelPath> = folders.chain(["."]).filter_map(|folder| root.join(folder).ok()).collect();
        folders.into_iter().filter_map(|folder| folder.join(MANIFEST).ok()).map(Want::File).chain(settings).collect()
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("pnpm-lock.yaml holds the optional packages of every platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let documents = yaml::parse(&files.lockfile)?;
        let mut parsed = Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Npm),
            dialect: "",
            knows: self.knows(),
            scopes: Vec::new(),
            entries: Vec::new(),
            gaps: files.unread_manifests(),
            disagreements: Vec::new(),
            flaws: None,
        };
        let manifests = manifests(files, &mut parsed.gaps);
        let workspace = Workspace::read(files, &manifests, &mut parsed.gaps);
        if let Some(node) = documents.get(MOST_DOCUMENTS) {
            let message = format!("the file has more than {MOST_DOCUMENTS} YAML documents, and pnpm writes no more");
            return Err(ReadError::malformed(files.path(), node.line(), message));
        }
        if documents.is_empty() {
            return Err(ReadError::new(files.path(), Some(1), ReadErrorKind::Empty));
        }
        // The project's comes last in the file and first here, so that its places are named first.
        for (at, node) in documents.iter().rev().enumerate() {
            let document = node.map("document").map_err(|wrong| wrong.of(files.path()))?;
            let dialect = Dialect::of(document, files.path())?;
            if at == 0 {
                parsed.dialect = dialect.name();
            }
            parsed.scopes = vec![ScopeId::OUTERMOST; at];
            let scope = ScopeId(at as u32);
            let reading = Reading { files, document, dialect, scope, manifests: &manifests, workspace: &workspace, is_project: at == 0 };
            reading.read(&mut parsed).map_err(|wrong| wrong.of(files.path()))?;
        }
        config::add(files, &workspace, &mut parsed);
        workspace.scripts().apply(&mut parsed.entries);
        Ok(parsed)
    }
}

/// How a document writes keys and importers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    V5,
    V6,
    V9,
}

impl Dialect {
    /// `lockfileVersion` is a number in version 5 and a text later; neither is a quantity here.
    fn of(document: &Map<'_>, path: &RelPath) -> Result<Self, ReadError> {
        let version = document.text("lockfileVersion").map_err(|wrong| wrong.of(path))?;
        let Some(version) = version else {
            return Err(ReadError::malformed(path, document.line, "`lockfileVersion` is missing: this is no lockfile of pnpm"));
        };
        match version.text.strip_suffix("-inlineSpecifiers").unwrap_or(&version.text) {
            "5" | "5.0" | "5.1" | "5.2" | "5.3" | "5.4" => Ok(Dialect::V5),
            "6" | "6.0" | "6.1" => Ok(Dialect::V6),
            "9" | "9.0" => Ok(Dialect::V9),
            other => {
                let found = visible(&shortened(other, 40)).into_owned();
                let kind = ReadErrorKind::UnknownVersion { found, known: "5.0 to 5.4, 6.0, 6.1 and 9.0" };
                Err(ReadError::new(path, Some(version.line), kind))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Dialect::V5 => "v5",
            Dialect::V6 => "v6",
            Dialect::V9 => "v9",
        }
    }
}

/// One document of a lockfile.
struct Reading<'d, 'a> {
    files: &'a Files,
    document: &'d Map<'a>,
    dialect: Dialect,
    /// Keys of two documents are not each other's.
    scope: ScopeId,
    manifests: &'d Manifests<'a>,
    workspace: &'d Workspace,
    /// The last document; the one before it is of pnpm itself and its configuration.
    is_project: bool,
}

/// An entry of `packages`, with all keys under which its instances go.
struct Locked<'d, 'a> {
    package: Package,
    resolution: Resolution,
    line: u32,
    raw: &'d Map<'a>,
    instances: Vec<(&'d Text<'a>, &'d Map<'a>)>,
}

/// Which package stands behind each key.
type Targets<'d> = HashMap<&'d str, usize>;

/// A dependency of `dependencies` or `optionalDependencies`, as both importers and packages have it.
struct Needed<'d, 'a> {
    name: &'d Text<'a>,
    reference: &'d Text<'a>,
    scope: Scope,
}

/// Folders that something links to and that are no importers, by key.
type Linked<'a> = BTreeMap<String, Entry<'a>>;

impl<'d, 'a> Reading<'d, 'a> {
    fn read(&self, parsed: &mut Parsed<'a>) -> Result<(), Wrong> {
        let importers = Importers::read(self)?;
        let locked = self.packages(&importers)?;
        let targets: Targets<'_> =
            locked.iter().enumerate().flat_map(|(at, locked)| locked.instances.iter().map(move |(key, _)| (&*key.text, at))).collect();
        let known = Known { locked: &locked, targets: &targets, importers: &importers };
        let mut linked = Linked::new();
        let start = parsed.entries.len();
        importers.add(self, &known, &mut linked, parsed)?;
        let mut packages = Vec::with_capacity(locked.len());
        for one in &locked {
            packages.push(self.entry(one, &known, &mut linked, &mut parsed.gaps)?);
        }
        patches::read(self.document)?.apply(&mut packages);
        parsed.entries.append(&mut packages);
        self.provide_folders(start, linked, parsed);
        Ok(())
    }

    fn packages(&self, importers: &Importers<'d, 'a>) -> Result<Vec<Locked<'d, 'a>>, Wrong> {
        let Some(packages) = self.document.map("packages")? else { return Ok(Vec::new()) };
        let mut memo = npm::Memo::default();
        let mut locked = Vec::with_capacity(packages.pairs.len());
        for (key, node) in &packages.pairs {
            let raw = node.map(&key.text)?;
            let mut one = self.locked(key, raw, importers, &mut memo)?;
            if self.dialect != Dialect::V9 {
                one.instances.push((key, raw));
            }
            locked.push(one);
        }
        if self.dialect == Dialect::V9 {
            self.add_snapshots(packages, &mut locked)?;
        }
        Ok(locked)
    }

    /// Version 9 keeps what a package is in `packages` and what its instances need in `snapshots`.
    fn add_snapshots(&self, packages: &'d Map<'a>, locked: &mut [Locked<'d, 'a>]) -> Result<(), Wrong> {
        let Some(snapshots) = self.document.map("snapshots")? else {
            let message = "`snapshots` is missing, which says what each of `packages` needs";
            return if locked.is_empty() { Ok(()) } else { Err(Wrong::new(packages.line, message)) };
        };
        let at: HashMap<&str, usize> = packages.pairs.iter().enumerate().map(|(at, (key, _))| (&*key.text, at)).collect();
        for (key, node) in &snapshots.pairs {
            let base = dep_path::without_suffix(&key.text);
            let Some(&at) = at.get(&*key.text).or_else(|| at.get(base)) else {
                return Err(Wrong::new(key.line, format!("the snapshot {} has no entry in `packages`", quoted(&key.text))));
            };
            locked[at].instances.push((key, node.map(&key.text)?));
        }
        Ok(())
    }

    fn locked(
        &self,
        key: &'d Text<'a>,
        raw: &'d Map<'a>,
        importers: &Importers<'d, 'a>,
        memo: &mut npm::Memo,
    ) -> Result<Locked<'d, 'a>, Wrong> {
        let path = DepPath::parse(self.dialect, &key.text);
        let resolution = Resolution::read(raw, &path, &self.files.folder(), key.line, memo)?;
        let package = match &resolution.source {
            PackageSource::FirstParty { folder } => match importers.at(folder.as_ref()) {
                Some(member) => member.clone(),
                None => self.package(key, raw, &path, resolution.source.clone())?,
            },
            other => self.package(key, raw, &path, other.clone())?,
        };
        Ok(Locked { package, resolution, line: key.line, raw, instances: Vec::new() })
    }

    /// What a key names; where it holds an address, name and version stand inside the entry.
    fn package(&self, key: &Text<'a>, raw: &Map<'a>, path: &DepPath<'_>, source: PackageSource) -> Result<Package, Wrong> {
        let runtime = path.other.and_then(|other| other.strip_prefix("runtime:"));
        let name = told_once(key, "name", path.name, raw.text("name")?)?;
        let version = told_once(key, "version", path.version.or(runtime), raw.text("version")?)?;
        let Some(name) = name else {
            return Err(Wrong::new(key.line, format!("neither the key {} nor its entry names a package", quoted(&key.text))));
        };
        let name = PackageName::new(Ecosystem::Npm, name).map_err(|error| Wrong::new(key.line, error.to_string()))?;
        let version = version.map(Version::new).transpose().map_err(|error| Wrong::new(key.line, error.to_string()))?;
        Ok(Package { ecosystem: Ecosystem::Npm, name, version, source })
    }

    fn entry(
        &self,
        locked: &Locked<'d, 'a>,
        known: &Known<'_, 'd, 'a>,
        linked: &mut Linked<'a>,
        gaps: &mut Vec<Gap>,
    ) -> Result<Entry<'a>, Wrong> {
        let location = Location::new(self.files.path(), locked.line);
        if locked.instances.is_empty() {
            let message = format!("no snapshot says what {} requires", quoted(&locked.package.label()));
            gaps.push(Gap::at(GapKind::UnresolvedDependency, &location, message));
        }
        let mut entry = Entry::new(locked.package.clone(), location);
        entry.artifacts = locked.resolution.artifacts.clone();
        entry.install_script = locked.raw.flag("requiresBuild");
        if let Some(notice) = locked.raw.text("deprecated")? {
            entry.rare.deprecated = Some((*notice.text).into());
        }
        entry.provides = locked.instances.iter().map(|(key, _)| (self.scope, key.text.clone())).collect();
        let mut seen = HashSet::new();
        for (_, raw) in &locked.instances {
            for needed in needed(raw, &[("dependencies", Scope::Runtime), ("optionalDependencies", Scope::Optional)])? {
                let root = self.files.folder();
                let requires = known.requires(self, &needed, &root, linked);
                // Instances repeat each other's edges.
                let met = known.targets.get(&*requires.key).map_or(Err(requires.key.clone()), |at| Ok(&known.locked[*at].package));
                if seen.insert((met, needed.scope, &*needed.name.text)) {
                    entry.requires.push(requires);
                }
            }
        }
        Ok(entry)
    }

    /// A link leads to a folder: an importer's, that of a package which is a folder, or one of which
    /// the lockfile says nothing more.
    fn provide_folders(&self, start: usize, linked: Linked<'a>, parsed: &mut Parsed<'a>) {
        let mut provided = HashSet::new();
        for entry in &mut parsed.entries[start..] {
            let PackageSource::FirstParty { folder: Some(folder) } = &entry.package.source else { continue };
            let key = folder_key(folder);
            provided.insert(key.clone());
            entry.provides.push((self.scope, key.into()));
        }
        parsed.entries.extend(linked.into_iter().filter(|(key, _)| !provided.contains(key)).map(|(_, entry)| entry));
    }
}

/// What both the key and the entry may say. pnpm installs what the key names under whatever name the
/// entry has, so that two that differ would hide one of them; pnpm itself never writes that.
fn told_once<'t>(key: &Text<'_>, what: &str, in_key: Option<&'t str>, stated: Option<&'t Text<'_>>) -> Result<Option<&'t str>, Wrong> {
    match (in_key, stated) {
        (Some(in_key), Some(stated)) if stated.text != in_key => {
            let message = format!("the key {} and the `{what}` {} below it name two packages", quoted(&key.text), quoted(&stated.text));
            Err(Wrong::new(stated.line, message))
        }
        (in_key, stated) => Ok(in_key.or(stated.map(|stated| &*stated.text))),
    }
}

/// The pairs of some sections of an importer or a package.
fn needed<'d, 'a>(raw: &'d Map<'a>, sections: &[(&str, Scope)]) -> Result<Vec<Needed<'d, 'a>>, Wrong> {
    let mut all = Vec::new();
    for &(section, scope) in sections {
        for (name, node) in raw.map(section)?.into_iter().flat_map(|map| &map.pairs) {
            // Importers of version 6 and later: `{specifier, version}`.
            let reference = match node {
                Node::Map(both) => {
                    both.get("version").ok_or_else(|| Wrong::new(name.line, format!("{} has no `version`", quoted(&name.text))))?
                }
                other => other,
            };
            all.push(Needed { name, reference: reference.text(&name.text)?, scope });
        }
    }
    Ok(all)
}

/// What a reference can lead to.
struct Known<'k, 'd, 'a> {
    locked: &'k [Locked<'d, 'a>],
    targets: &'k Targets<'k>,
    importers: &'k Importers<'d, 'a>,
}

impl<'d, 'a> Known<'_, 'd, 'a> {
    /// A requirement of an importer or package; `folder` is where its links begin.
    fn requires(&self, reading: &Reading<'_, 'a>, needed: &Needed<'d, 'a>, folder: &RelPath, linked: &mut Linked<'a>) -> Requires<'a> {
        let name = &needed.name.text;
        let Some(key) = dep_path::target(reading.dialect, name, &needed.reference.text) else {
            return self.link(reading, needed, folder, linked);
        };
        let package = self.targets.get(&*key).map(|&at| &self.locked[at].package);
        let alias = package.is_some_and(|package| package.name.as_str() != &**name);
        Requires { from: reading.scope, alias: alias.then(|| name.clone()), ..Requires::new(key, needed.scope) }
    }

    fn link(&self, reading: &Reading<'_, 'a>, needed: &Needed<'d, 'a>, folder: &RelPath, linked: &mut Linked<'a>) -> Requires<'a> {
        let name = &needed.name.text;
        let path = needed.reference.text.strip_prefix("link:").unwrap_or_default();
        let target = folder.join(path).ok();
        let key = target.as_ref().map_or_else(|| format!("link:{path}"), folder_key);
        let member = self.importers.at(target.as_ref());
        if member.is_none() && !linked.contains_key(&key) {
            let source = PackageSource::FirstParty { folder: target };
            let package = Package { ecosystem: Ecosystem::Npm, name: PackageName::of_root(Ecosystem::Npm, name), version: None, source };
            let mut entry = Entry::new(package, Location::new(reading.files.path(), needed.name.line));
            entry.provides.push((reading.scope, key.clone().into()));
            linked.insert(key.clone(), entry);
        }
        let alias = member.is_some_and(|member| member.name.as_str() != &**name);
        Requires { from: reading.scope, alias: alias.then(|| name.clone()), ..Requires::new(Cow::Owned(key), needed.scope) }
    }
}

fn folder_key(folder: &RelPath) -> String {
    format!("link:{folder}")
}
