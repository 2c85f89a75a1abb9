//! package-lock.json and npm-shrinkwrap.json, versions 1 to 3.
//!
//! Versions 2 and 3 are a picture of the `node_modules` tree: each entry's path says where it lies,
//! and what it requires is found as Node.js finds it, in its own `node_modules` folder, then in
//! those around it. Version 1 nests the same tree; `v1` turns it into paths.

mod copies;
mod maps;
mod raw;
mod v1;

use super::json::{self, Ignored, Pairs, Text};
use super::members::Workspace;
use super::node_modules::{Place, Places};
use super::package_json::{self, Manifests, PackageJson, manifests};
use super::{
    Capabilities, Disagreement, Entry, Files, Format, FormatId, Parsed, ReadError, ReadErrorKind, Requires, ScopeId, Told, Want, npm,
    npm_overrides,
};
use crate::model::text::{quoted, shortened, visible};
use crate::model::{Ecosystem, Gap, GapKind, Lines, Location, Package, PackageName, PackageSource, RelPath, Scope, SourceFile, Version};
use hashbrown::{HashMap, HashSet};
use raw::{BoxedEntry, RawEntry, names_asked_by_address};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

pub struct PackageLock;

pub(super) const LOCKFILE: &str = "package-lock.json";
/// The same form under the name with which it is published.
pub(super) const SHRINKWRAP: &str = "npm-shrinkwrap.json";
pub(super) const MANIFEST: &str = "package.json";

impl Format for PackageLock {
    fn id(&self) -> FormatId {
        "package-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Npm)
    }

    fn names(&self) -> &[&str] {
        &[LOCKFILE, SHRINKWRAP]
    }

    fn claims(&self, path: &RelPath) -> bool {
        self.names().contains(&path.file_name())
    }

    /// The manifests of the project and of every folder that the lockfile lists.
    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&[MANIFEST])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        let root = files.folder();
        // All but the members that the project's manifest names is wanted at the first call.
        if !files.companions.is_empty() || !files.unreadable.is_empty() {
            let manifest = root.join(MANIFEST).ok().and_then(|path| files.companions.get(&path));
            return manifest.map(|file| members_wanted(file, &root)).unwrap_or_default();
        }
        let manifest = |folder: &str| root.join(folder).ok()?.join(MANIFEST).ok();
        // A member has a link; without any there is no need to look for one.
        let text = files.lockfile.text().as_bytes();
        if [&b"\"link\""[..], b"\\u"].iter().all(|part| memchr::memmem::find(text, part).is_none()) {
            return manifest("").into_iter().map(Want::File).collect();
        }
        let Ok(lock) = json::parse::<Lock<Ignored>>(&files.lockfile) else { return Vec::new() };
        let members = lock.packages.iter().flat_map(Pairs::iter).map(|(path, _)| &**path).filter(|path| !path.contains("node_modules"));
        std::iter::once("").chain(members).filter_map(manifest).map(Want::File).collect()
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("package-lock.json holds the optional packages of every platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let lock: Lock<'a, BoxedEntry<'a>> = json::parse(&files.lockfile)?;
        let lines = Lines::new(files.lockfile.text());
        let mut parsed = Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Npm),
            dialect: dialect(&lock, files)?,
            knows: self.knows(),
            scopes: Vec::new(),
            entries: Vec::new(),
            gaps: files.unread_manifests(),
            disagreements: Vec::new(),
            flaws: None,
        };
        let manifests = manifests(files, &mut parsed.gaps);
        match lock.packages {
            Some(packages) => {
                if parsed.dialect == V2 {
                    parsed.gaps.extend(maps::differences(files, &lines, &packages, lock.dependencies)?);
                }
                let (paths, entries): (Vec<_>, Vec<_>) = packages.0.into_iter().unzip();
                Tree { files, lines, paths: &paths, manifests: &manifests }.read(entries, &mut parsed)?;
            }
            None => v1::read(files, &lines, lock.dependencies, &manifests, &mut parsed)?,
        }
        under_other_names(&mut parsed.entries);
        if let Some(manifest) = manifests.get(&files.folder()) {
            parsed.disagreements.extend(npm_overrides::differences(manifest, &parsed.entries, &parsed.scopes));
        }
        Ok(parsed)
    }
}

/// A package that lies under another's name was put there by an alias, of whoever asks for it or of the project's `overrides`.
fn under_other_names(entries: &mut [Entry<'_>]) {
    let third_party = entries.iter().filter(|entry| !entry.package.is_first_party());
    let names = third_party.flat_map(|entry| entry.provides.iter().map(move |(_, key)| (key, &entry.package.name)));
    let renamed: HashSet<String> = names.filter(|(key, name)| **key != name.as_str()).map(|(key, _)| key.to_string()).collect();
    if renamed.is_empty() {
        return;
    }
    for requires in entries.iter_mut().flat_map(|entry| &mut entry.requires) {
        if requires.alias.is_none() && renamed.contains(&*requires.key) {
            requires.alias = Some(Cow::Owned(requires.key.to_string()));
        }
    }
}

/// The manifests of the members that the project's own names, whether the lockfile knows them or not.
pub(super) fn members_wanted(manifest: &SourceFile, root: &RelPath) -> Vec<Want> {
    let Ok(manifest) = PackageJson::parse(manifest) else { return Vec::new() };
    let patterns = manifest.workspace_patterns().into_iter().filter(|pattern| !pattern.starts_with('!'));
    let from = patterns.filter_map(|pattern| super::members::from(root, pattern));
    from.map(|(folder, pattern)| Want::Members { folder, pattern: pattern.into(), file_name: MANIFEST }).collect()
}

/// The version that says everything twice.
const V2: &str = "v2";

/// The file's outermost object. `dependencies` of version 2 repeats `packages`; that of version 3 no npm
/// reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "E: Deserialize<'de>"), expecting = "the object of a lockfile")]
struct Lock<'a, E> {
    #[serde(borrow)]
    lockfile_version: Option<&'a RawValue>,
    #[serde(borrow)]
    packages: Option<Pairs<'a, E>>,
    #[serde(borrow)]
    dependencies: Option<&'a RawValue>,
}

fn dialect<E>(lock: &Lock<'_, E>, files: &Files) -> Result<&'static str, ReadError> {
    let missing = |what: &str| Err(ReadError::malformed(files.path(), 1, format!("`{what}` is missing: this is no lockfile of npm")));
    match lock.lockfile_version.map(RawValue::get) {
        None if lock.packages.is_none() && lock.dependencies.is_none() => missing("lockfileVersion"),
        Some("2" | "3") if lock.packages.is_none() => missing("packages"),
        // npm 6 reads `dependencies` of such a file and npm 7 `packages`; no npm writes one.
        None | Some("1") if lock.packages.is_some() => Err(ReadError::malformed(
            files.path(),
            1,
            "`packages` stands in a lockfile of version 1: which npm reads it decides what it holds",
        )),
        None | Some("1") => Ok("v1"),
        Some("2") => Ok(V2),
        Some("3") => Ok("v3"),
        Some(other) => {
            let text = files.lockfile.text();
            let line = Lines::new(text).line(other.as_ptr() as usize - text.as_ptr() as usize);
            let kind = ReadErrorKind::UnknownVersion { found: visible(&shortened(other, 40)).into_owned(), known: "1 to 3" };
            Err(ReadError::new(files.path(), Some(line), kind))
        }
    }
}

/// Versions 2 and 3: the picture of the tree.
struct Tree<'t, 'a> {
    files: &'a Files,
    lines: Lines<'a>,
    /// The keys of `packages`, in the order of the file.
    paths: &'t [Text<'a>],
    manifests: &'t Manifests<'a>,
}

/// An entry with its path.
type Placed<'t, 'a> = (&'t Text<'a>, BoxedEntry<'a>);

impl<'t, 'a> Tree<'t, 'a> {
    /// `raws` are the entries, one a path. Each is dropped as soon as it is read, so that what is made of
    /// the next takes its room.
    fn read(&self, raws: Vec<BoxedEntry<'a>>, parsed: &mut Parsed<'a>) -> Result<(), ReadError> {
        let at_path = self.index(&raws)?;
        let places = Places::new(self.paths.iter().map(|path| &**path));
        parsed.scopes = places.parents();
        let asked_by_address = names_asked_by_address(&raws);
        let project = self.paths.iter().zip(&raws).find(|(path, _)| path.is_empty());
        let patterns = project.map(|(_, raw)| package_json::workspace_patterns(&raw.workspaces)).unwrap_or_default();
        let workspace = Workspace::new(&patterns);
        parsed.entries.reserve(raws.len());
        let mut memo = npm::Memo::default();
        let mut line = 1;
        let (mut links, mut folders) = (Vec::new(), Vec::new());
        for (path, raw) in self.paths.iter().zip(raws) {
            line = path.line(self.files.lockfile.text(), &self.lines, line);
            if raw.link {
                links.push((path, raw));
                continue;
            }
            let place = Place::of(path);
            if path.contains('\\') {
                return Err(self
                    .malformed(line, format!("the path {} holds a backslash: npm on Windows takes it for a folder's end", quoted(path))));
            }
            let mut entry = self.entry(&place, &raw, line, &asked_by_address, &mut memo)?;
            entry.root = place.path.is_empty() || place.is_outside() && workspace.has(place.path);
            entry.requires = self.requires(&place, &raw, &places);
            entry.provides = place.name.map(|name| vec![(places.scope(place.holder), path.part(name))]).unwrap_or_default();
            parsed.entries.push(entry);
            if place.is_outside() {
                folders.push((path, raw));
            }
        }
        self.join_links(&links, &places, &at_path, parsed)?;
        self.compare_manifests(&folders, parsed);
        self.check_members(&at_path, parsed);
        Ok(())
    }

    /// Every path with the index that its entry will have; a link has none.
    fn index(&self, raws: &[BoxedEntry<'a>]) -> Result<HashMap<&'t str, Option<usize>>, ReadError> {
        let mut paths = HashMap::with_capacity(raws.len());
        let mut entries = 0..;
        for (path, raw) in self.paths.iter().zip(raws) {
            let index = if raw.link { None } else { entries.next() };
            if paths.insert(&**path, index).is_some() {
                let line = path.line(self.files.lockfile.text(), &self.lines, 1);
                return Err(self.malformed(line, format!("the path {} stands twice in `packages`", quoted(path))));
            }
        }
        Ok(paths)
    }

    fn entry(
        &self,
        place: &Place<'_>,
        raw: &RawEntry<'a>,
        line: u32,
        asked_by_address: &HashSet<Cow<'a, str>>,
        memo: &mut npm::Memo,
    ) -> Result<Entry<'a>, ReadError> {
        let malformed = |message: String| self.malformed(line, message);
        let digests = match raw.integrity.as_deref() {
            Some(text) => npm::integrity(text).map_err(malformed)?,
            None => Vec::new(),
        };
        let resolved = npm::resolved(&raw.resolved).map_err(malformed)?;
        let (name, source) = match place.name {
            Some(name) => {
                let real = raw.name.as_deref().unwrap_or(name);
                let source = memo.source(resolved, real, raw.version.as_deref(), asked_by_address.contains(name));
                (PackageName::new(Ecosystem::Npm, real).map_err(|error| malformed(error.to_string()))?, source)
            }
            None => self.first_party(place, raw),
        };
        let version = raw.version.as_deref().filter(|text| !text.is_empty()).map(Version::new).transpose();
        let version = version.map_err(|error| malformed(error.to_string()))?;
        let mut entry = Entry::new(Package { ecosystem: Ecosystem::Npm, name, version, source }, Location::new(self.files.path(), line));
        entry.artifacts = npm::artifact(resolved, digests);
        entry.licence = memo.licence(&raw.license);
        // What the project itself bundles comes from the registry all the same.
        entry.bundled = raw.in_bundle && resolved.is_none() && raw.integrity.is_none();
        entry.install_script = raw.has_install_script;
        if let Some(notice) = raw.deprecated.text() {
            entry.rare.deprecated = Some((**notice).into());
        }
        Ok(entry)
    }

    /// The project itself, a workspace member or a folder that is linked to.
    fn first_party(&self, place: &Place<'_>, raw: &RawEntry<'_>) -> (PackageName, PackageSource) {
        let folder = self.files.folder().join(place.path).ok();
        let manifest = folder.as_ref().and_then(|folder| self.manifests.get(folder)).and_then(PackageJson::name);
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let folder_name = if place.path.is_empty() { self.files.folder().file_name().to_owned() } else { last(place.path) };
        let name = raw.name.as_deref().or(manifest.map(|name| &**name)).unwrap_or(&folder_name);
        (PackageName::of_root(Ecosystem::Npm, name), PackageSource::FirstParty { folder })
    }

    fn requires(&self, place: &Place<'_>, raw: &RawEntry<'a>, places: &Places<'_>) -> Vec<Requires<'a>> {
        let own = places.nearest(place.path);
        // A peer is looked for beside the package, not inside it.
        let around = if place.name.is_some() { places.nearest(place.holder) } else { own };
        let from = |scope: Scope| if scope == Scope::Peer { around } else { own };
        let folder = if place.is_outside() { self.files.folder().join(place.path).ok() } else { None };
        let manifest = folder.and_then(|folder| self.manifests.get(&folder));
        if let Some(manifest) = manifest.filter(|_| place.path.is_empty()) {
            return self.requires_of_project(manifest, raw, own);
        }
        let declared: HashMap<(Scope, &str), u32> =
            manifest.map(|manifest| manifest.declared().iter().map(|d| ((d.scope, &**d.name), d.line)).collect()).unwrap_or_default();
        let mut all = Vec::with_capacity(raw.asked());
        all.extend(raw.required().map(|(scope, (name, spec))| Requires {
            from: from(scope),
            declared: place.is_outside().then(|| match (manifest, declared.get(&(scope, &**name))) {
                (Some(manifest), Some(&line)) => manifest.location(line),
                _ => Location::new(self.files.path(), name.line(self.files.lockfile.text(), &self.lines, 1)),
            }),
            may_be_absent: matches!(scope, Scope::Peer | Scope::Optional),
            ..requirement(name, spec, scope)
        }));
        all
    }

    /// The project's own manifest counts, not the lockfile's copy of it, as npm has it (arborist's
    /// `loadVirtual`). What the copy does not have either is a disagreement, told elsewhere.
    fn requires_of_project(&self, manifest: &PackageJson<'a>, raw: &RawEntry<'a>, own: ScopeId) -> Vec<Requires<'a>> {
        let copied: HashSet<&str> = raw.copied().into_iter().map(|(_, (name, _))| &**name).collect();
        let required = manifest.required().into_iter().map(|declared| Requires {
            from: own,
            declared: Some(manifest.location(declared.line)),
            may_be_absent: matches!(declared.scope, Scope::Peer | Scope::Optional) || !copied.contains(&**declared.name),
            ..requirement(declared.name, declared.spec, declared.scope)
        });
        required.collect()
    }

    /// A link stands for the folder it leads to.
    fn join_links(
        &self,
        links: &[Placed<'t, 'a>],
        places: &Places<'_>,
        at_path: &HashMap<&str, Option<usize>>,
        parsed: &mut Parsed<'a>,
    ) -> Result<(), ReadError> {
        let project = at_path.get("").copied().flatten();
        let requires = project.map(|project| &parsed.entries[project].requires);
        let mut asked: HashSet<String> = requires.into_iter().flatten().map(|requires| requires.key.to_string()).collect();
        for (path, raw) in links {
            let line = path.line(self.files.lockfile.text(), &self.lines, 1);
            let place = Place::of(path);
            let Some(name) = place.name else {
                return Err(self.malformed(line, format!("the link {} is not in a `node_modules` folder", quoted(path))));
            };
            let target = raw.resolved.text().map(|text| plain_path(text)).unwrap_or_default();
            // Only a link of the project's own name means the project itself by an empty path.
            let is_self = |index: &usize| !target.is_empty() || parsed.entries[*index].package.name.as_str() == name;
            let Some(index) = at_path.get(target).copied().flatten().filter(is_self) else {
                let where_to = if target.is_empty() {
                    "nowhere".to_owned()
                } else {
                    format!("to {}, which the lockfile does not hold", quoted(target))
                };
                let message = format!("the link {} leads {where_to}", quoted(path));
                parsed.gaps.push(Gap::at(GapKind::UnresolvedDependency, &Location::new(self.files.path(), line), message));
                continue;
            };
            let scope = places.scope(place.holder);
            parsed.entries[index].provides.push((scope, Cow::Owned(name.to_owned())));
            // npm's workspace edge: the project requires each member that nothing else asks for.
            let is_member = scope == ScopeId::OUTERMOST && parsed.entries[index].root && project != Some(index);
            if let Some(project) = project.filter(|_| is_member && asked.insert(name.to_owned())) {
                parsed.entries[project].requires.push(Requires::new(name.to_owned(), Scope::Runtime));
            }
        }
        Ok(())
    }

    /// Members that the project's manifest names and the lockfile does not know.
    fn check_members(&self, known: &HashMap<&str, Option<usize>>, parsed: &mut Parsed<'a>) {
        let root = self.files.folder();
        let workspace = Workspace::new(&self.manifests.get(&root).map(PackageJson::workspace_patterns).unwrap_or_default());
        for (folder, manifest) in self.manifests {
            let Some(below) = folder.below(&root).filter(|below| !below.is_empty() && !known.contains_key(below)) else { continue };
            if workspace.has(below) {
                let message = format!("the workspace member {} is not in the lockfile", quoted(below));
                parsed.disagreements.push(Disagreement { location: manifest.location(1), message });
            }
        }
    }

    /// npm copies each manifest's sections into the lockfile: a difference means that one of the
    /// two was changed without the other.
    fn compare_manifests(&self, folders: &[Placed<'t, 'a>], parsed: &mut Parsed<'a>) {
        for (path, raw) in folders.iter().filter(|(path, _)| !path.contains("node_modules")) {
            let Some(manifest) = self.files.folder().join(path).ok().and_then(|folder| self.manifests.get(&folder)) else { continue };
            let line = path.line(self.files.lockfile.text(), &self.lines, 1);
            parsed.disagreements.extend(copies::differences(manifest, raw, &Location::new(self.files.path(), line)));
        }
        // npm leaves the entry of a project out that has nothing to say: then it asks for nothing.
        if let Some(manifest) = self.manifests.get(&self.files.folder()).filter(|_| !folders.iter().any(|(path, _)| path.is_empty())) {
            parsed.disagreements.extend(copies::differences(manifest, &RawEntry::default(), &Location::new(self.files.path(), 1)));
        }
    }

    fn malformed(&self, line: u32, message: String) -> ReadError {
        ReadError::malformed(self.files.path(), line, message)
    }
}

/// A requirement with its alias taken apart: `"hawk": "npm:kite@^1"` is kite under the name hawk.
pub(super) fn requirement<'a>(name: &Text<'a>, spec: &Text<'a>, scope: Scope) -> Requires<'a> {
    let aliased = npm::alias(spec).is_some();
    Requires { requirement: Some(spec.0.clone()), alias: aliased.then(|| name.0.clone()), ..Requires::new(name.0.clone(), scope) }
}

pub(super) fn plain_path(path: &str) -> &str {
    let path = path.strip_prefix("file:").unwrap_or(path);
    path.trim_start_matches("./").trim_end_matches('/')
}
