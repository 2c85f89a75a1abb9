//! Cargo.lock, versions 1 to 4, with the Cargo.toml files of its workspace.
//!
//! The lockfile alone knows packages and edges; what an edge is for (normal, build, development,
//! which target) and who is a member stands only in the manifests. The lockfile holds every
//! feature and target, so what it locks is not proven to be built.

use super::cargo_lock_file::{Lock, Locked};
use super::cargo_lock_names::Names;
use super::cargo_lock_scan;
use super::cargo_manifest::CargoManifest;
use super::cargo_workspace::Members;
use super::{Capabilities, Entry, Files, Format, FormatId, Key, Parsed, ReadError, Requires, ScopeId, Told, Want};
use crate::model::digest::{Algorithm, Digest};
use crate::model::text::quoted;
use crate::model::{
    Address, Artifact, Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope, Version, registry,
};
use hashbrown::HashMap;
use std::borrow::Cow;

pub struct CargoLock;

impl Format for CargoLock {
    fn id(&self) -> FormatId {
        "cargo-lock"
    }

    fn ecosystem(&self) -> Option<Ecosystem> {
        Some(Ecosystem::Cargo)
    }

    fn names(&self) -> &[&str] {
        &["Cargo.lock"]
    }

    fn claims(&self, path: &RelPath) -> bool {
        path.file_name() == "Cargo.lock"
    }

    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        Some(&["Cargo.toml"])
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        Members::wanted(files)
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::Yes,
            installed: Told::No("Cargo.lock holds every feature and target: locked, not proven built"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        let lock = lock(files)?;
        let members = Members::read(files);
        let names = if members.is_empty() { Names::new(&lock.packages) } else { Names::with_texts(&lock.packages) };
        let mut parsed = Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Cargo),
            dialect: lock.dialect,
            knows: self.knows(),
            scopes: Vec::new(),
            entries: entries(&lock, &names, files.path(), &members)?,
            gaps: members.gaps(files),
            disagreements: Vec::new(),
            flaws: None,
        };
        if members.is_empty() {
            parsed.knows.scopes = Told::No("there is no Cargo.toml beside the lockfile");
            return Ok(parsed);
        }
        check_members(&lock, &names, &members, &mut parsed);
        if parsed.gaps.iter().any(|gap| matches!(gap.kind, GapKind::MissingCompanion | GapKind::UnreadManifest)) {
            parsed.knows.scopes = Told::No("a Cargo.toml is missing or cannot be read");
        }
        Ok(parsed)
    }
}

/// The lockfile: line by line where Cargo wrote it so, else as TOML.
fn lock(files: &Files) -> Result<Lock<'_>, ReadError> {
    let lock = match cargo_lock_scan::scan(files.lockfile.text()) {
        Some(lock) => lock,
        None => Lock::from_toml(files)?,
    };
    lock.refuse_duplicates(files.path())?;
    Ok(lock)
}

fn entries<'a>(lock: &Lock<'a>, names: &Names<'_, 'a>, path: &RelPath, members: &Members) -> Result<Vec<Entry<'a>>, ReadError> {
    let replaced = replaced_keys(lock, members);
    let mut entries = Vec::with_capacity(lock.packages.len());
    for locked in lock.packages.iter().filter(|locked| !members.replaces(locked)) {
        let mut entry = entry(locked, path, members)?;
        entry.provides = names.provided_by(locked);
        entry.provides.extend(replaced.get(&locked.full_id()).into_iter().flatten().map(|key| (ScopeId::OUTERMOST, key.clone())));
        let member = members.of(&locked.name).filter(|_| locked.source.is_none());
        for dependency in &locked.dependencies {
            match member {
                Some(member) => entry.requires.extend(requires_of_member(names, dependency, member)),
                None => entry.requires.push(Requires::new(dependency.clone(), Scope::Runtime)),
            }
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// For the package that replaces another (`[replace]`): the keys of the one it stands for.
fn replaced_keys<'a>(lock: &Lock<'a>, members: &Members) -> HashMap<String, Vec<Key<'a>>> {
    let mut keys: HashMap<String, Vec<Key<'a>>> = HashMap::new();
    if lock.packages.iter().all(|locked| locked.replace.is_none()) {
        return keys;
    }
    let stand_ins = lock.packages.iter().filter(|locked| !members.replaces(locked));
    let by_text: HashMap<Key<'_>, String> =
        stand_ins.flat_map(|locked| locked.long_keys().into_iter().map(|key| (key, locked.full_id()))).collect();
    for locked in lock.packages.iter().filter(|locked| members.replaces(locked)) {
        if let Some(stand_in) = locked.replace.as_ref().and_then(|wanted| by_text.get(wanted)) {
            keys.entry(stand_in.clone()).or_default().extend(locked.long_keys());
        }
    }
    keys
}

/// One requirement for each declaration in the member's manifest that means this dependency; one of
/// unknown purpose where there is no such declaration.
fn requires_of_member<'a>(names: &Names<'_, 'a>, dependency: &Cow<'a, str>, member: &CargoManifest) -> Vec<Requires<'a>> {
    let name = dependency.split(' ').next().unwrap_or(dependency);
    let version = names.meant(dependency).filter(|_| names.is_shared(name)).map(|package| &*package.version);
    let requires = member.declarations(name, version).map(|declared| Requires {
        requirement: declared.requirement.clone().map(Cow::Owned),
        alias: (declared.key != declared.package).then(|| Cow::Owned(declared.key.clone())),
        condition: declared.target.clone().map(Cow::Owned),
        declared: Some(Location::new(&member.path, declared.line)),
        ..Requires::new(dependency.clone(), declared.scope)
    });
    let requires: Vec<Requires<'a>> = requires.collect();
    if requires.is_empty() { vec![Requires::new(dependency.clone(), Scope::Runtime)] } else { requires }
}

/// What manifests and lockfile do not agree on, and first-party packages without a manifest.
fn check_members(lock: &Lock<'_>, names: &Names<'_, '_>, members: &Members, parsed: &mut Parsed<'_>) {
    for locked in lock.packages.iter().filter(|locked| locked.source.is_none() && !members.replaces(locked)) {
        match members.of(&locked.name) {
            Some(manifest) => parsed.disagreements.extend(members.disagreements(manifest, locked, names, &parsed.lockfile)),
            None => parsed.gaps.push(Gap::at(
                GapKind::MissingCompanion,
                &Location::new(&parsed.lockfile, locked.line),
                format!(
                    "no Cargo.toml was found for the first-party package {}: what its dependencies are for is not known",
                    quoted(&locked.name)
                ),
            )),
        }
    }
    parsed.disagreements.extend(members.unlocked(names));
    parsed.disagreements.extend(members.replaced(lock, names, &parsed.lockfile));
}

fn entry<'a>(locked: &Locked<'_>, path: &RelPath, members: &Members) -> Result<Entry<'a>, ReadError> {
    let malformed = |line: u32, message: String| ReadError::malformed(path, line, message);
    let package = Package {
        ecosystem: Ecosystem::Cargo,
        name: PackageName::new(Ecosystem::Cargo, &locked.name).map_err(|error| malformed(locked.line, error.to_string()))?,
        version: Some(Version::new(&locked.version).map_err(|error| malformed(locked.line, error.to_string()))?),
        source: package_source(locked, members).map_err(|message| malformed(locked.source_line, message))?,
    };
    let mut entry = Entry::new(package, Location::new(path, locked.line));
    // The graph takes a first-party package that nobody requires for a root as well.
    entry.root = locked.source.is_none() && members.of(&locked.name).is_some_and(|manifest| members.has(manifest));
    if let Some(checksum) = &locked.checksum {
        let wrong = |error| malformed(locked.checksum_line, format!("the checksum of {} is not SHA-256: {error}", quoted(&locked.name)));
        let digest = Digest::from_hex(Algorithm::Sha256, checksum).map_err(wrong)?;
        entry.artifacts = vec![Artifact { url: None, digests: vec![digest] }];
    }
    Ok(entry)
}

fn package_source(locked: &Locked<'_>, members: &Members) -> Result<PackageSource, String> {
    match &locked.source {
        None => Ok(PackageSource::FirstParty { folder: members.of(&locked.name).map(CargoManifest::folder) }),
        Some(source) => source_named(source),
    }
}

/// cargo's `SourceId` syntax, `KIND+URL`.
pub(super) fn source_named(source: &str) -> Result<PackageSource, String> {
    let (kind, url) = source.split_once('+').ok_or_else(|| format!("{} is not a package source", quoted(source)))?;
    match kind {
        "registry" | "sparse" if registry::is_crates_io(url) => Ok(PackageSource::default_registry()),
        "registry" => Ok(PackageSource::Registry { index: Some(Address::new(url)) }),
        "sparse" => Ok(PackageSource::Registry { index: Some(Address::new(source)) }),
        "git" => Ok(git_source(url)),
        "path" | "directory" | "local-registry" => Ok(PackageSource::Path { path: url.into() }),
        _ => Err(format!("{} is not a kind of package source that is known", quoted(kind))),
    }
}

/// `URL?branch=B#COMMIT`; version 4 percent-encodes the query (cargo#12280).
pub(super) fn git_source(url: &str) -> PackageSource {
    let (address, commit) = match url.split_once('#') {
        Some((address, commit)) => (address, Some(commit)),
        None => (url, None),
    };
    let (repository, query) = address.split_once('?').unwrap_or((address, ""));
    let reference = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| matches!(*key, "branch" | "tag" | "rev"));
    PackageSource::Git {
        repository: Address::new(repository),
        commit: commit.map(Into::into),
        reference: reference.map(|(_, value)| percent_decoded(value).into()),
    }
}

/// The text with valid `%XX` decoded; anything else stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let decoded =
            (*first == b'%').then(|| tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())).flatten();
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
