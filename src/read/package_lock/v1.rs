//! package-lock.json version 1: packages nested below the package that holds them, requirements
//! in `requires`, the project's own only in package.json.

use super::super::json::{self, Lenient, Pairs, Text};
use super::super::members::Workspace;
use super::super::node_modules::{Place, Places};
use super::super::package_json::{Declared, Manifests, PackageJson};
use super::super::{Disagreement, Entry, Files, Parsed, ReadError, Requires, ScopeId, Told, npm};
use super::requirement;
use crate::model::text::{quoted, visible};
use crate::model::{Ecosystem, Gap, GapKind, Lines, Location, Package, PackageName, PackageSource, RelPath, Scope, Version};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// An entry of `dependencies`.
#[derive(Deserialize)]
#[serde(expecting = "the object of a package")]
pub(super) struct RawEntry<'a> {
    #[serde(borrow)]
    pub(super) version: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) resolved: Lenient<'a>,
    #[serde(borrow, default)]
    pub(super) integrity: Lenient<'a>,
    #[serde(default)]
    bundled: bool,
    #[serde(borrow, default)]
    requires: Lenient<'a>,
    #[serde(borrow, default)]
    pub(super) dependencies: Pairs<'a, RawEntry<'a>>,
}

/// An entry with the path at which version 2 would list it.
struct Flat<'r, 'a> {
    path: String,
    line: u32,
    name: &'r Text<'a>,
    raw: &'r RawEntry<'a>,
}

pub(super) fn read<'a>(
    files: &'a Files,
    lines: &Lines<'_>,
    dependencies: Option<&'a RawValue>,
    manifests: &Manifests<'a>,
    parsed: &mut Parsed<'a>,
) -> Result<(), ReadError> {
    let tree = parse_tree(files, lines, dependencies)?;
    let flat = flatten(files, lines, &tree)?;
    let places = Places::new(flat.iter().map(|entry| entry.path.as_str()));
    parsed.scopes = places.parents();
    for entry in &flat {
        parsed.entries.push(read_entry(files, entry, &places)?);
    }
    let has_requires = flat.iter().any(|entry| matches!(entry.raw.requires, Lenient::Object(_)));
    let nested = flat.iter().any(|entry| !entry.raw.dependencies.is_empty());
    if !has_requires && (nested || flat.len() > 1) {
        parsed.knows.edges = Told::No("this lockfile was written by an npm that did not note what requires what");
    }
    let members = Members::of(files, manifests);
    members.compare(&flat, parsed);
    let project = project(files, manifests, &members, parsed);
    parsed.entries.push(project);
    Ok(())
}

pub(super) fn parse_tree<'a>(files: &'a Files, lines: &Lines<'_>, raw: Option<&'a RawValue>) -> Result<Pairs<'a, RawEntry<'a>>, ReadError> {
    let Some(raw) = raw else { return Ok(Pairs::default()) };
    let start = raw.get().as_ptr() as usize - files.lockfile.text().as_ptr() as usize;
    serde_json::from_str(raw.get()).map_err(|error| {
        let line = lines.line(start) + (error.line() as u32).max(1) - 1;
        ReadError::malformed(files.path(), line, json::without_place(&error))
    })
}

/// The nested tree as a list, without recursion; a name that stands twice in one folder is an error.
fn flatten<'r, 'a>(files: &Files, lines: &Lines<'_>, tree: &'r Pairs<'a, RawEntry<'a>>) -> Result<Vec<Flat<'r, 'a>>, ReadError> {
    let mut flat = Vec::new();
    let mut folders = vec![(String::new(), tree)];
    while let Some((holder, folder)) = folders.pop() {
        let mut seen = HashSet::new();
        for (name, raw) in folder.iter() {
            let line = name.line(files.lockfile.text(), lines, 1);
            if !seen.insert(&**name) {
                return Err(ReadError::malformed(files.path(), line, format!("{} stands twice in one folder", quoted(name))));
            }
            let path = if holder.is_empty() { format!("node_modules/{}", &**name) } else { format!("{holder}/node_modules/{}", &**name) };
            folders.push((path.clone(), &raw.dependencies));
            flat.push(Flat { path, line, name, raw });
        }
    }
    flat.sort_by_key(|entry| entry.line);
    Ok(flat)
}

fn read_entry<'a>(files: &Files, flat: &Flat<'_, 'a>, places: &Places<'_>) -> Result<Entry<'a>, ReadError> {
    let malformed = |message: String| ReadError::malformed(files.path(), flat.line, message);
    let raw = flat.raw;
    let place = Place::of(&flat.path);
    let resolved = npm::resolved(&raw.resolved).map_err(malformed)?;
    let (name, version, source) = identity(files, flat, resolved).map_err(malformed)?;
    let digests = match raw.integrity.text() {
        Some(text) => npm::integrity(text).map_err(malformed)?,
        None => Vec::new(),
    };
    let mut entry = Entry::new(Package { ecosystem: Ecosystem::Npm, name, version, source }, Location::new(files.path(), flat.line));
    entry.bundled = raw.bundled && resolved.is_none() && digests.is_empty();
    entry.artifacts = npm::artifact(resolved, digests);
    entry.provides = vec![(places.scope(place.holder), flat.name.0.clone())];
    if let Lenient::Object(required) = &raw.requires {
        let from = places.nearest(place.path);
        let texts = required.iter().filter_map(|(name, spec)| Some((name, spec.text()?)));
        entry.requires = texts.map(|(name, spec)| Requires { from, ..requirement(name, spec, Scope::Runtime) }).collect();
    }
    Ok(entry)
}

/// The meaning of a version 1 `version`: a version, an alias, or an address.
fn identity(files: &Files, flat: &Flat<'_, '_>, resolved: Option<&str>) -> Result<(PackageName, Option<Version>, PackageSource), String> {
    let stated = flat.raw.version.as_deref().unwrap_or_default();
    let npm_name = |text: &str| PackageName::new(Ecosystem::Npm, text).map_err(|error| error.to_string());
    let parse = |text: &str| Version::new(text).map(Some).map_err(|error| error.to_string());
    if let Some((real, version)) = npm::alias(stated) {
        return Ok((npm_name(real)?, parse(version)?, npm::source(resolved, real, Some(version), false)));
    }
    let name = npm_name(flat.name)?;
    if npm::is_local(stated) {
        return Ok((name, None, local_source(files, stated)));
    }
    if !npm::asks_registry(stated) {
        return Ok((name, None, npm::git(stated).unwrap_or_else(|| npm::source(Some(stated), flat.name, None, true))));
    }
    let version = if stated.is_empty() { None } else { parse(stated)? };
    let source = npm::source(resolved, flat.name, version.as_ref().map(Version::as_str), false);
    Ok((name, version, source))
}

/// `file:` with a packed package is a file; a folder is first-party.
fn local_source(files: &Files, stated: &str) -> PackageSource {
    let path = stated.split_once(':').map_or(stated, |(_, path)| path);
    if npm::is_tarball(path) {
        PackageSource::Path { path: path.into() }
    } else {
        PackageSource::FirstParty { folder: files.folder().join(path).ok() }
    }
}

/// The project, with what its package.json asks for.
fn project<'a>(files: &'a Files, manifests: &Manifests<'a>, members: &Members<'_, 'a>, parsed: &mut Parsed<'a>) -> Entry<'a> {
    let folder = files.folder();
    let manifest = manifests.get(&folder);
    let name = manifest.and_then(|manifest| manifest.name()).map_or(folder.file_name(), |name| &**name).to_owned();
    let version = manifest.and_then(|manifest| Version::new(manifest.version()?).ok());
    let package = Package {
        ecosystem: Ecosystem::Npm,
        name: PackageName::of_root(Ecosystem::Npm, &name),
        version,
        source: PackageSource::FirstParty { folder: Some(folder) },
    };
    let mut entry = Entry::new(package, Location::new(files.path(), 1));
    entry.root = true;
    let Some(manifest) = manifest else {
        entry.requires = unrequired(parsed);
        let reason = "there is no package.json beside the lockfile, or it cannot be read";
        parsed.knows.directness = Told::No(reason);
        parsed.knows.scopes = Told::No(reason);
        if parsed.gaps.is_empty() {
            let message = "no package.json was found beside the lockfile: version 1 does not say what the project itself asks for";
            parsed.gaps.push(Gap::of_file(GapKind::MissingCompanion, files.path(), message));
        }
        return entry;
    };
    let held: HashMap<String, Package> = outermost(parsed).map(|(key, package)| (key.to_owned(), package.clone())).collect();
    let overridden = manifest.overridden_names();
    for declared in manifest.required() {
        let is_optional = declared.scope == Scope::Peer && manifest.has_peer_meta(declared.name);
        let requires = Requires {
            declared: Some(manifest.location(declared.line)),
            // npm 6 installs no peers, and later ones do: that one is not locked is a gap.
            may_be_absent: declared.scope != Scope::Peer || is_optional,
            ..requirement(declared.name, declared.spec, declared.scope)
        };
        if let Some(problem) = difference(&declared, held.get(&**declared.name), &overridden, members) {
            let message = format!("{} is asked for here, and the lockfile {problem}", wanted(&declared));
            parsed.disagreements.push(Disagreement { location: manifest.location(declared.line), message });
        }
        entry.requires.push(requires);
    }
    entry
}

/// What the lockfile has in place of what the project asks for, as a clause.
fn difference(
    declared: &Declared<'_, '_>,
    held: Option<&Package>,
    overridden: &HashSet<&str>,
    members: &Members<'_, '_>,
) -> Option<String> {
    let (name, spec) = (&**declared.name, &**declared.spec);
    let Some(held) = held else {
        return (declared.scope != Scope::Peer).then(|| "does not hold it".to_owned());
    };
    let (real, range) = npm::alias(spec).unwrap_or((name, spec));
    let is_member = matches!(&held.source, PackageSource::FirstParty { folder: Some(folder) } if members.0.contains_key(folder));
    // What an override or a peer gets is not for the project's own range to say.
    let is_judged = declared.scope != Scope::Peer && ![name, real].iter().any(|name| overridden.contains(name)) && !is_member;
    let has = || format!("has {} from {}", quoted(&held.label()), visible(&held.source.to_string()));
    (is_judged && !npm::is_as_asked(real, range.trim(), held)).then(has)
}

fn wanted(declared: &Declared<'_, '_>) -> String {
    quoted(format!("{} {}", &**declared.name, &**declared.spec).trim_end())
}

/// The members of the project's workspace, by folder. npm 6 knows no workspaces; later ones lock each
/// member as a link.
struct Members<'m, 'a>(HashMap<&'m RelPath, &'m PackageJson<'a>>);

impl<'m, 'a> Members<'m, 'a> {
    fn of(files: &Files, manifests: &'m Manifests<'a>) -> Self {
        let root = files.folder();
        let workspace = Workspace::new(&manifests.get(&root).map(PackageJson::workspace_patterns).unwrap_or_default());
        let is_member = |folder: &RelPath| folder.below(&root).is_some_and(|below| !below.is_empty() && workspace.has(below));
        Members(manifests.iter().filter(|(folder, _)| is_member(folder)).collect())
    }

    /// Each member's manifest against what its link requires, which is what the member asked for.
    fn compare(&self, flat: &[Flat<'_, '_>], parsed: &mut Parsed<'_>) {
        let mut left = self.0.clone();
        for (flat, entry) in flat.iter().zip(&parsed.entries) {
            let PackageSource::FirstParty { folder: Some(folder) } = &entry.package.source else { continue };
            let Some(manifest) = left.remove(folder) else { continue };
            let made_for: HashMap<&str, &str> = match &flat.raw.requires {
                Lenient::Object(required) => required.iter().filter_map(|(name, spec)| Some((&**name, &**spec.text()?))).collect(),
                _ => HashMap::new(),
            };
            for declared in manifest.required().into_iter().filter(|declared| declared.scope != Scope::Peer) {
                let problem = match made_for.get(&**declared.name) {
                    Some(spec) if **spec == **declared.spec || npm::is_local(declared.spec) => continue,
                    Some(spec) => format!("was made for {}", quoted(spec)),
                    None => "was made without it".to_owned(),
                };
                let message = format!("{} is asked for here, and the lockfile {problem}", wanted(&declared));
                parsed.disagreements.push(Disagreement { location: manifest.location(declared.line), message });
            }
        }
        for (folder, manifest) in left {
            let message = format!("the workspace member {} is not in the lockfile", quoted(folder.as_str()));
            parsed.disagreements.push(Disagreement { location: manifest.location(1), message });
        }
    }
}

/// What lies outermost, with the names under which it does.
fn outermost<'p>(parsed: &'p Parsed<'_>) -> impl Iterator<Item = (&'p str, &'p Package)> {
    let provided = parsed.entries.iter().flat_map(|entry| entry.provides.iter().map(move |(scope, key)| (*scope, &**key, &entry.package)));
    provided.filter(|(scope, ..)| *scope == ScopeId::OUTERMOST).map(|(_, key, package)| (key, package))
}

/// Without a manifest: the outermost packages that no other requires.
fn unrequired<'a>(parsed: &Parsed<'a>) -> Vec<Requires<'a>> {
    let required: HashSet<&str> = parsed.entries.iter().flat_map(|entry| &entry.requires).map(|requires| &*requires.key).collect();
    let left = outermost(parsed).map(|(key, _)| key).filter(|key| !required.contains(key));
    left.map(|key| Requires::new(key.to_owned(), Scope::Runtime)).collect()
}
