//! Where a package of the lockfile comes from: its `resolution`, below what patches it.

use super::locator::{self, Range, quoted};
use super::settings::Settings;
use crate::model::{Address, PackageSource, RelPath};
use crate::read::npm;
use std::borrow::Cow;

/// Links that lead from one linked folder to another.
const DEEPEST: usize = 8;

/// A resolution as far as it tells.
#[derive(Debug)]
pub struct Resolved {
    /// The package's own name: of what was patched, and of what an alias stands for.
    pub name: String,
    /// What the registry's reference names; for all else the entry states the version.
    pub version: Option<String>,
    pub source: PackageSource,
    /// A member of the workspace: its folder's manifest says what it is called.
    pub is_workspace: bool,
    /// The protocol is none of Yarn's own, so what gets installed is not known.
    pub is_unknown: bool,
    pub patches: Vec<PatchFile>,
}

/// A patch of a person.
#[derive(Debug)]
pub struct PatchFile {
    pub written: String,
    /// `None` where it lies outside of the repository, or in a package.
    pub path: Option<RelPath>,
    /// Counts only where there is such a file: the Yarns do not have the same flags, and what is one
    /// for one of them is a part of the path for another.
    pub only_if_there: bool,
}

/// What resolutions of one lockfile are read with.
pub struct Resolver<'r> {
    pub root: RelPath,
    pub settings: &'r Settings,
    pub memo: npm::Memo,
}

enum Place {
    Folder(RelPath),
    Outside,
    InPackage,
}

impl Resolver<'_> {
    /// Reads a resolution; the error is a sentence.
    pub fn read(&mut self, resolution: &str, version: Option<&str>) -> Result<Resolved, String> {
        let patches = patch_files(resolution, &self.root)?;
        let base = locator::below_patches(resolution).ok_or_else(|| wrong(resolution))?;
        let (name, reference) = locator::split(&base).ok_or_else(|| wrong(resolution))?;
        let reference = without_virtual(reference);
        let mut resolved = Resolved {
            name: name.to_owned(),
            version: None,
            source: PackageSource::default_registry(),
            is_workspace: false,
            is_unknown: false,
            patches,
        };
        if let Some(git) = git(reference)? {
            resolved.source = git;
            return Ok(resolved);
        }
        let range = Range::parse(reference).ok_or_else(|| wrong(resolution))?;
        match range.protocol {
            "npm:" => self.of_registry(&range, resolution, &mut resolved)?,
            "workspace:" => {
                let folder = reference.split("::").next().unwrap_or_default().trim_start_matches("workspace:");
                resolved.source = PackageSource::FirstParty { folder: self.root.join(folder).ok() };
                resolved.is_workspace = true;
            }
            "link:" | "portal:" => resolved.source = self.folder(&range),
            "file:" if npm::is_tarball(&range.selector) => resolved.source = PackageSource::Path { path: (&*range.selector).into() },
            "file:" => resolved.source = self.folder(&range),
            "http:" | "https:" => resolved.source = self.address(reference, name, version),
            "exec:" => resolved.source = PackageSource::Path { path: format!("exec:{}", range.selector).into() },
            _ => {
                resolved.source = PackageSource::Path { path: Address::new(reference).as_str().into() };
                resolved.is_unknown = true;
            }
        }
        Ok(resolved)
    }

    /// Only a registry that does not name its files as npm's does has their address in the lockfile.
    fn of_registry(&mut self, range: &Range<'_>, resolution: &str, out: &mut Resolved) -> Result<(), String> {
        let version = &*range.selector;
        let is_version = version.starts_with(|c: char| c.is_ascii_digit())
            && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'));
        if !is_version || range.source.is_some() {
            return Err(wrong(resolution));
        }
        out.source = match range.bound("__archiveUrl") {
            Some(url) => self.memo.source(Some(&url), &out.name, Some(version), false),
            None => PackageSource::Registry { index: self.settings.registry_of(&out.name) },
        };
        out.version = Some(version.to_owned());
        Ok(())
    }

    fn folder(&self, range: &Range<'_>) -> PackageSource {
        match place(range, &self.root, DEEPEST) {
            Place::Folder(folder) => PackageSource::FirstParty { folder: Some(folder) },
            Place::Outside => PackageSource::FirstParty { folder: None },
            Place::InPackage => PackageSource::Path { path: (&*range.selector).into() },
        }
    }

    fn address(&mut self, reference: &str, name: &str, version: Option<&str>) -> PackageSource {
        let url = reference.split("::").next().unwrap_or(reference);
        let url = url.split('#').next().unwrap_or(url);
        npm::hosted_archive(url).unwrap_or_else(|| self.memo.source(Some(url), name, version, true))
    }
}

fn wrong(resolution: &str) -> String {
    format!("the resolution {} is not one", quoted(resolution))
}

/// Instances of one package with different peers; Yarn does not write them down.
fn without_virtual(reference: &str) -> &str {
    match reference.strip_prefix("virtual:").and_then(|rest| rest.split_once('#')) {
        Some((_, reference)) => reference,
        None => reference,
    }
}

/// The folder that a `link:`, `portal:` or `file:` means; it counts from the package that asks.
fn place(range: &Range<'_>, root: &RelPath, deepest: usize) -> Place {
    let Some(parent) = range.bound("locator") else {
        return root.join(&range.selector).map_or(Place::Outside, Place::Folder);
    };
    match place_of(&parent, root, deepest) {
        Place::Folder(parent) => parent.join(&range.selector).map_or(Place::Outside, Place::Folder),
        other => other,
    }
}

/// The folder of a package that is one.
fn place_of(locator: &str, root: &RelPath, deepest: usize) -> Place {
    let Some((_, reference)) = locator::split(locator) else { return Place::InPackage };
    if let Some(folder) = reference.strip_prefix("workspace:") {
        return root.join(folder).map_or(Place::Outside, Place::Folder);
    }
    match Range::parse(reference) {
        Some(range) if deepest > 0 && matches!(range.protocol, "link:" | "portal:" | "file:") => place(&range, root, deepest - 1),
        _ => Place::InPackage,
    }
}

/// The patches of a locator that are not Yarn's own, the last one first.
fn patch_files(resolution: &str, root: &RelPath) -> Result<Vec<PatchFile>, String> {
    let mut files = Vec::new();
    let mut text = Cow::Borrowed(resolution);
    // As deep as `below_patches` goes, which is asked next.
    for _ in 0..DEEPEST {
        let Some((_, reference)) = locator::split(&text) else { break };
        let Some(patched) = locator::patched(reference) else { break };
        let parent = Range::parse(reference).and_then(|range| range.bound("locator"));
        let folder = parent.map_or(Place::Folder(root.clone()), |parent| place_of(&parent, root, DEEPEST));
        let file = |written: &str, only_if_there: bool| {
            let path = match (written.strip_prefix("~/"), &folder) {
                (Some(path), _) => root.join(path).ok(),
                (None, Place::Folder(folder)) => folder.join(written).ok(),
                (None, _) => None,
            };
            PatchFile { written: written.to_owned(), path, only_if_there }
        };
        for written in &patched.files {
            let plain = locator::without_flags(written);
            files.extend((!locator::is_builtin(written)).then(|| file(plain, false)));
            files.extend((plain != written).then(|| file(written, true)));
        }
        text = Cow::Owned(patched.source);
    }
    Ok(files)
}

/// A git source. Yarn notes the commit behind the repository, and beside it which part of that it took.
fn git(reference: &str) -> Result<Option<PackageSource>, String> {
    let plain = reference.split("::").next().unwrap_or(reference);
    let (repository, fragment) = plain.split_once('#').unwrap_or((plain, ""));
    let is_http = repository.starts_with("http://") || repository.starts_with("https://");
    let is_git = ["git@", "git:", "git+", "ssh:"].iter().any(|start| repository.starts_with(start));
    if !(is_git || is_http && (repository.ends_with(".git") || names_commit(fragment))) {
        return Ok(None);
    }
    let commit = locator::pair(fragment, "commit").or_else(|| fragment.strip_prefix("commit:").map(Cow::Borrowed));
    let Some(commit) = commit.filter(|commit| !commit.is_empty()) else {
        return Err(format!("the resolution names no commit of {}", quoted(repository)));
    };
    let is_other = |part: &&str| !names_commit(part) && !part.is_empty();
    let others = fragment.split('&').filter(is_other).collect::<Vec<_>>().join("&");
    Ok(Some(PackageSource::Git {
        repository: Address::new(repository.strip_prefix("git+").unwrap_or(repository)),
        commit: Some((&*commit).into()),
        reference: (!others.is_empty()).then(|| others.as_str().into()),
    }))
}

fn names_commit(fragment: &str) -> bool {
    locator::pair(fragment, "commit").is_some() || fragment.starts_with("commit:")
}
