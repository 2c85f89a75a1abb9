//! Where a package of the lockfile comes from: its `resolution`, read together with its key.

use super::super::npm;
use super::super::yaml::{Map, Wrong};
use super::dep_path::DepPath;
use crate::model::digest::Digest;
use crate::model::text::quoted;
use crate::model::{Address, Artifact, PackageSource, RelPath, registry, url};

/// What a resolution says.
pub struct Resolution {
    pub source: PackageSource,
    pub artifacts: Vec<Artifact>,
}

impl Resolution {
    /// Reads the `resolution` of an entry at `line`. `root` is the lockfile's folder.
    pub fn read(raw: &Map<'_>, key: &DepPath<'_>, root: &RelPath, line: u32, memo: &mut npm::Memo) -> Result<Self, Wrong> {
        let Some(resolution) = raw.map("resolution")? else {
            return Err(Wrong::new(line, "a package has no `resolution`"));
        };
        let kind = resolution.text("type")?;
        match kind.map(|kind| &*kind.text) {
            None | Some("tarball") => Self::tarball(resolution, key, memo),
            Some("directory") => Self::directory(resolution, root),
            Some("git") => Self::git(resolution),
            Some("binary" | "variations") => Self::binary(resolution, key),
            Some(other) => Err(Wrong::new(resolution.line, format!("the resolution type {} is not known", quoted(other)))),
        }
        .and_then(|read| read.in_folder(resolution))
    }

    /// A `path` says which folder of an archive or repository is the package.
    fn in_folder(self, resolution: &Map<'_>) -> Result<Self, Wrong> {
        let Some(path) = resolution.text("path")? else { return Ok(self) };
        let within = |address: &Address| Address::new(&url::in_folder(address.as_str(), Some(&path.text)));
        let source = match self.source {
            PackageSource::Git { repository, commit, reference } => {
                PackageSource::Git { repository: within(&repository), commit, reference }
            }
            PackageSource::Archive { url } => PackageSource::Archive { url: within(&url) },
            // What lies in a folder of a registry's file is not that registry's package.
            PackageSource::Registry { .. } => match self.artifacts.iter().find_map(|artifact| artifact.url.as_ref()) {
                Some(file) => PackageSource::Archive { url: within(file) },
                None => return Err(Wrong::new(path.line, "a package of a registry is no folder inside of another")),
            },
            PackageSource::Path { path: file } => PackageSource::Path { path: (&*url::in_folder(&file, Some(&path.text))).into() },
            own @ PackageSource::FirstParty { .. } => own,
        };
        Ok(Resolution { source, ..self })
    }

    fn tarball(resolution: &Map<'_>, key: &DepPath<'_>, memo: &mut npm::Memo) -> Result<Self, Wrong> {
        let tarball = resolution.text("tarball")?.map(|text| &*text.text);
        let digests = digests(resolution)?;
        if tarball.is_none() && digests.is_empty() {
            return Err(Wrong::new(resolution.line, "a resolution has neither `integrity` nor `tarball`"));
        }
        let registry = resolution.text("registry")?.map(|text| &*text.text);
        let source = match (tarball, key.is_of_registry()) {
            (Some(tarball), true) => memo.source(Some(tarball), key.name.unwrap_or_default(), key.version, false),
            (Some(tarball), false) => of_address(tarball, key.name.unwrap_or_default(), memo),
            (None, _) => of_host(registry, key.host),
        };
        Ok(Resolution { source, artifacts: npm::artifact(tarball, digests) })
    }

    fn directory(resolution: &Map<'_>, root: &RelPath) -> Result<Self, Wrong> {
        let Some(directory) = resolution.text("directory")? else {
            return Err(Wrong::new(resolution.line, "a resolution of the type `directory` names none"));
        };
        let source = PackageSource::FirstParty { folder: root.join(&directory.text).ok() };
        Ok(Resolution { source, artifacts: Vec::new() })
    }

    fn git(resolution: &Map<'_>) -> Result<Self, Wrong> {
        let (Some(repository), Some(commit)) = (resolution.text("repo")?, resolution.text("commit")?) else {
            return Err(Wrong::new(resolution.line, "a resolution of the type `git` is to have `repo` and `commit`"));
        };
        let address = repository.text.strip_prefix("git+").unwrap_or(&repository.text);
        let source = PackageSource::Git { repository: Address::new(address), commit: Some((*commit.text).into()), reference: None };
        Ok(Resolution { source, artifacts: npm::artifact(None, digests(resolution)?) })
    }

    /// A program that pnpm fetches as it is (`node@runtime:22.0.0`): one file for each platform.
    fn binary(resolution: &Map<'_>, key: &DepPath<'_>) -> Result<Self, Wrong> {
        let variants = resolution.list("variants")?.map_or(&[][..], |list| &list.items);
        let mut files = Vec::with_capacity(variants.len().max(1));
        for variant in variants {
            files.extend(variant.map("variants")?.map("resolution")?);
        }
        if resolution.get("url").is_some() {
            files.push(resolution);
        }
        let mut artifacts = Vec::with_capacity(files.len());
        for file in files {
            let url = file.text("url")?.map(|text| &*text.text);
            artifacts.extend(npm::artifact(url, digests(file)?));
        }
        let first = artifacts.iter().find_map(|artifact| artifact.url.clone());
        let url = first.unwrap_or_else(|| Address::new(key.other.unwrap_or("binary")));
        artifacts.sort();
        artifacts.dedup();
        Ok(Resolution { source: PackageSource::Archive { url }, artifacts })
    }
}

fn digests(resolution: &Map<'_>) -> Result<Vec<Digest>, Wrong> {
    match resolution.text("integrity")? {
        Some(text) => npm::integrity(&text.text).map_err(|message| Wrong::new(text.line, message)),
        None => Ok(Vec::new()),
    }
}

/// A registry named by its address, or by the host that stands before the name in version 5.
fn of_host(registry: Option<&str>, host: Option<&str>) -> PackageSource {
    let base = match (registry, host) {
        (Some(registry), _) => registry.trim_end_matches('/').to_owned(),
        (None, Some(host)) => format!("https://{host}"),
        (None, None) => return PackageSource::default_registry(),
    };
    PackageSource::Registry { index: (!registry::is_public_npm(&base)).then(|| Address::new(&base)) }
}

/// A tarball that was asked for by its address. An address of the public registry is the
/// registry's; a forge's archive of one commit is git.
fn of_address(tarball: &str, name: &str, memo: &mut npm::Memo) -> PackageSource {
    if let Some(git) = forge_archive(tarball) {
        return git;
    }
    match memo.source(Some(tarball), name, None, true) {
        PackageSource::Registry { index: Some(_) } => {
            PackageSource::Archive { url: Address::new(tarball.split('#').next().unwrap_or(tarball)) }
        }
        other => other,
    }
}

/// The archives of one commit that pnpm fetches from forges instead of cloning.
fn forge_archive(url: &str) -> Option<PackageSource> {
    let rest = url.strip_prefix("https://")?;
    let rest = rest.split('#').next().unwrap_or(rest);
    let (repository, commit) = if let Some(path) = rest.strip_prefix("codeload.github.com/") {
        let (repository, commit) = path.split_once("/tar.gz/")?;
        (format!("https://github.com/{repository}"), commit)
    } else if let Some(path) = rest.strip_prefix("bitbucket.org/") {
        let (repository, commit) = path.split_once("/get/")?;
        (format!("https://bitbucket.org/{repository}"), commit.strip_suffix(".tar.gz")?)
    } else {
        let (project, commit) = rest.strip_prefix("gitlab.com/api/v4/projects/")?.split_once("/repository/archive.tar.gz?ref=")?;
        (format!("https://gitlab.com/{}", project.replace("%2F", "/").replace("%2f", "/")), commit)
    };
    let is_commit = commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let names_repository = repository.split('/').filter(|part| !part.is_empty()).count() >= 4;
    (is_commit && names_repository).then(|| PackageSource::Git {
        repository: Address::new(&repository),
        commit: Some(commit.into()),
        reference: None,
    })
}
