//! yarn.lock of Yarn 2 and later ("berry"), versions 4 to 10, with the package.json files of the
//! project and its workspaces, and .yarnrc.yml.
//!
//! Each entry lists every descriptor (`name@npm:^1.0.0`) that it meets and the one locator to which
//! all were resolved, so that an edge is an exact text and never a guess. Workspaces have entries too.
//! From which registry a package comes stands in .yarnrc.yml. The checksums are of archives that Yarn
//! makes itself, and no digests of the package files. Peer dependencies are not resolved. What Yarn
//! itself adds to the dependencies of some packages ("package extensions") is not known here.

mod entries;
mod keys;
mod locator;
mod lock;
mod project;
mod settings;
mod source;

use super::package_lock::MANIFEST;
use super::yaml::{self, Map, Wrong};
use super::{Capabilities, Files, Format, FormatId, Parsed, ReadError, Told, Want};
use crate::model::{Ecosystem, Package, PackageName, PackageSource, RelPath, SourceFile, Version};
use entries::Reading;
use hashbrown::HashMap;
use keys::Keys;
use locator::quoted;
use lock::{Locked, Metadata};
use project::Project;
use settings::Settings;
use source::{Resolved, Resolver};

pub struct YarnBerry;

const LOCKFILE: &str = "yarn.lock";

/// Whether the text has the `__metadata` by which Yarn 2 and later know their own lockfiles. In a
/// spelling that no Yarn writes it is the classic form's, which refuses it.
pub fn has_metadata(text: &str) -> bool {
    let is_key = |line: &str| {
        let rest = [lock::METADATA, "\"__metadata\"", "'__metadata'"].iter().find_map(|key| line.strip_prefix(key));
        rest.is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(':'))
    };
    let starts_line = |at: usize| at == 0 || text.as_bytes()[at - 1] == b'\n';
    let places = memchr::memmem::find_iter(text.as_bytes(), lock::METADATA);
    let starts = places.map(|at| match text.as_bytes()[..at].last() {
        Some(b'"' | b'\'') => at - 1,
        _ => at,
    });
    starts.filter(|&at| starts_line(at)).any(|at| is_key(&text[at..]))
}

impl Format for YarnBerry {
    fn id(&self) -> FormatId {
        "yarn-berry"
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

    fn is_form_of(&self, file: &SourceFile) -> bool {
        has_metadata(file.text())
    }

    /// The lockfile can name any file as a patch.
    fn manifest_names(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn companions(&self, files: &Files) -> Vec<Want> {
        if !has_metadata(files.lockfile.text()) {
            return Vec::new();
        }
        let mut wanted = project::wanted(files);
        // All that the lockfile names is said at the first call.
        if files.companions.is_empty() && files.unreadable.is_empty() {
            wanted.extend(named_by_lockfile(files).unwrap_or_default().into_iter().map(Want::File));
        }
        wanted
    }

    fn knows(&self) -> Capabilities {
        Capabilities {
            edges: Told::Yes,
            directness: Told::Yes,
            scopes: Told::Yes,
            digests: Told::No("yarn.lock holds checksums of Yarn's own archives, and no digests of the package files"),
            installed: Told::No("yarn.lock holds the optional packages of every platform: locked, not proven installed"),
        }
    }

    fn parse<'a>(&self, files: &'a Files) -> Result<Parsed<'a>, ReadError> {
        refuse_classic_head(files)?;
        let documents = yaml::parse(&files.lockfile)?;
        let document = only_document(&documents, files)?;
        let metadata = Metadata::read(document, files.path())?;
        let wrong = |wrong: Wrong| wrong.of(files.path());
        let locked = lock::entries(document, &metadata).map_err(wrong)?;
        let (settings, unread) = Settings::read(files);
        let mut project = Project::read(files);
        project.gaps.extend(unread.into_iter().map(ReadError::into_gap));
        let keys = Keys::new(&locked, project.manifests.get(&files.folder()), &settings).map_err(wrong)?;
        let mut parsed = Parsed {
            lockfile: files.path().clone(),
            format: self.id(),
            ecosystem: Some(Ecosystem::Npm),
            dialect: metadata.dialect,
            knows: self.knows(),
            scopes: Vec::new(),
            entries: Vec::with_capacity(locked.len()),
            gaps: project.gaps.clone(),
            disagreements: Vec::new(),
            flaws: None,
        };
        let resolved = resolve(files, &locked, &settings).map_err(wrong)?;
        let packages = packages(&locked, &resolved, &project).map_err(wrong)?;
        let reading = Reading {
            files,
            settings: &settings,
            project: &project,
            keys: &keys,
            locked: &locked,
            resolved: &resolved,
            packages: &packages,
        };
        reading.add_entries(&mut parsed);
        reading.say_what_is_not_known(&mut parsed);
        Ok(parsed)
    }
}

/// With this comment at its head every Yarn reads the file by the rules of Yarn 1, and those from 2 on
/// take it for their own nevertheless.
fn refuse_classic_head(files: &Files) -> Result<(), ReadError> {
    let comments = files.lockfile.text().lines().take_while(|line| line.starts_with('#'));
    // A byte-order mark is white space in JavaScript.
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    let words = |line: &str| {
        let words = line.trim_start_matches('#').split(is_space).filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    match comments.enumerate().find(|(_, line)| words(line) == ["yarn", "lockfile", "v1"]) {
        Some((at, _)) => {
            let message = "the file calls itself a lockfile of Yarn 1, and has the `__metadata` of a later one";
            Err(ReadError::malformed(files.path(), at as u32 + 1, message))
        }
        None => Ok(()),
    }
}

fn only_document<'d, 'a>(documents: &'d [yaml::Node<'a>], files: &Files) -> Result<&'d Map<'a>, ReadError> {
    match documents {
        [document] => document.map("the file").map_err(|wrong| wrong.of(files.path())),
        [] => Err(ReadError::new(files.path(), Some(1), super::ReadErrorKind::Empty)),
        [_, second, ..] => {
            Err(ReadError::malformed(files.path(), second.line(), "the file has several YAML documents, and Yarn writes one"))
        }
    }
}

/// The manifests of folders that have entries, and the patches.
fn named_by_lockfile(files: &Files) -> Option<Vec<RelPath>> {
    let documents = yaml::parse(&files.lockfile).ok()?;
    let document = documents.first()?.map("the file").ok()?;
    let metadata = Metadata::read(document, files.path()).ok()?;
    let locked = lock::entries(document, &metadata).ok()?;
    let resolved = resolve(files, &locked, &Settings::default()).ok()?;
    let mut named = Vec::new();
    for one in resolved {
        if let PackageSource::FirstParty { folder: Some(folder) } = &one.source {
            named.extend(folder.join(MANIFEST));
        }
        named.extend(one.patches.into_iter().filter_map(|patch| patch.path));
    }
    Some(named)
}

fn resolve(files: &Files, locked: &[Locked<'_, '_>], settings: &Settings) -> Result<Vec<Resolved>, Wrong> {
    let mut resolver = Resolver { root: files.folder(), settings, memo: super::npm::Memo::default() };
    let read = |entry: &Locked<'_, '_>| {
        let version = entry.version.map(|version| &*version.text);
        let resolved = resolver.read(&entry.resolution.text, version).map_err(|message| Wrong::new(entry.resolution.line, message))?;
        match (version, &resolved.version) {
            (Some(stated), Some(locked)) if without_build(stated) != without_build(locked) => {
                let message = format!("the entry states version {} and is resolved to {}", quoted(stated), quoted(locked));
                Err(Wrong::new(entry.key.line, message))
            }
            _ => Ok(resolved),
        }
    };
    locked.iter().map(read).collect()
}

/// Yarn leaves build metadata out of `version` (`semver.clean`).
fn without_build(version: &str) -> &str {
    version.split('+').next().unwrap_or(version)
}

/// What each entry is. A link to a workspace's folder means that workspace.
fn packages(locked: &[Locked<'_, '_>], resolved: &[Resolved], project: &Project<'_>) -> Result<Vec<Package>, Wrong> {
    let mut workspaces: HashMap<&RelPath, Package> = HashMap::new();
    for one in resolved.iter().filter(|one| one.is_workspace) {
        let PackageSource::FirstParty { folder: Some(folder) } = &one.source else { continue };
        workspaces.insert(folder, workspace(one, folder, project));
    }
    let package = |(entry, one): (&Locked<'_, '_>, &Resolved)| {
        if let PackageSource::FirstParty { folder } = &one.source {
            let known = folder.as_ref().and_then(|folder| workspaces.get(folder)).cloned();
            return Ok(known.unwrap_or_else(|| Package {
                ecosystem: Ecosystem::Npm,
                name: PackageName::of_root(Ecosystem::Npm, &one.name),
                version: entry.version.and_then(|version| Version::new(&version.text).ok()),
                source: one.source.clone(),
            }));
        }
        let wrong = |message: String| Wrong::new(entry.key.line, message);
        let stated = one.version.as_deref().or(entry.version.map(|version| &*version.text));
        Ok(Package {
            ecosystem: Ecosystem::Npm,
            name: PackageName::new(Ecosystem::Npm, &one.name).map_err(|error| wrong(error.to_string()))?,
            version: stated.map(Version::new).transpose().map_err(|error| wrong(error.to_string()))?,
            source: one.source.clone(),
        })
    };
    locked.iter().zip(resolved).map(package).collect()
}

/// A workspace by its manifest; one that states no name is called after its folder.
fn workspace(resolved: &Resolved, folder: &RelPath, project: &Project<'_>) -> Package {
    let manifest = project.manifests.get(folder);
    let stated = manifest.and_then(|manifest| manifest.name());
    let name = match (manifest, stated) {
        (None, _) => &*resolved.name,
        (Some(_), Some(name)) => name,
        (Some(_), None) => folder.file_name(),
    };
    let version = manifest.filter(|_| stated.is_some()).and_then(|manifest| Version::new(manifest.version()?).ok());
    let source = PackageSource::FirstParty { folder: Some(folder.clone()) };
    Package { ecosystem: Ecosystem::Npm, name: PackageName::of_root(Ecosystem::Npm, name), version, source }
}
