//! `facts export` and `facts import`: documents in one file, for a machine without a network, or to be judged by the same
//! facts once more.
//!
//! The file is JSON: `version` (1), `digest` (SHA-256 of the facts as they stand in it) and `facts`, sorted, one a line.
//! A reader of this version refuses newer ones, what is damaged, and what claims to be of the future.

use super::{Cache, Options};
use crate::edge::{clock, input, output};
use crate::enrich::registry::{Document, Kept, Outcome};
use crate::model::url::Place;
use crate::model::{Address, Ecosystem, Package, PackageName, PackageSource, purl};
use crate::run::{Project, RunError, Selection};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 << 20;
/// Seconds by which two machines' clocks may differ.
const SKEW: i64 = 300;

/// What was carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Documents in the files.
    pub facts: usize,
    /// Of these such that are kept now, for no younger one was there.
    pub taken: usize,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot<'s> {
    #[serde(rename = "version")]
    _version: u64,
    digest: String,
    #[serde(borrow)]
    facts: Vec<&'s RawValue>,
}

/// Writes what the cache holds: of the packages that are named, or that the lockfiles hold; of all where neither is.
pub fn export(project: &Project, file: &Path, purls: &[String], lockfiles: &[String], options: &Options) -> Result<Carried, RunError> {
    let wanted = wanted(project, purls, lockfiles)?;
    let cache = options.cache(false)?;
    let error = |source| RunError::FactsFolder { folder: super::folder(options.folder.as_deref()).unwrap_or_default(), source };
    let is_wanted = |kept: &Kept| match &wanted {
        None => true,
        Some(names) => ecosystems(kept.document).iter().any(|of| names.contains(&(*of, kept.name.clone()))),
    };
    let lines: Vec<String> = cache.all().map_err(error)?.iter().filter(|kept| is_wanted(kept)).map(line).collect();
    if lines.is_empty() {
        return Err(RunError::NoFacts);
    }
    output::write_durably(file, |out| {
        writeln!(out, "{{\n\"version\": 1,\n\"digest\": \"{}\",\n\"facts\": [", digest(lines.iter().map(String::as_str)))?;
        lines.iter().enumerate().try_for_each(|(at, line)| writeln!(out, "{line}{}", if at + 1 < lines.len() { "," } else { "" }))?;
        writeln!(out, "]\n}}")
    })?;
    Ok(Carried { facts: lines.len(), taken: 0 })
}

/// Takes files in: all of them, or nothing where one cannot be used.
pub fn import(files: &[PathBuf], options: &Options) -> Result<Carried, RunError> {
    let now = clock::now()?;
    let mut all = Vec::new();
    for file in files {
        let text = input::read(file, LARGEST)?;
        all.extend(read(&text, now).map_err(|reason| RunError::FactsFile { file: file.clone(), reason })?);
    }
    let Some(folder) = super::folder(options.folder.as_deref()) else { return Err(RunError::NoFactsFolder) };
    let taken = Cache::at(folder.clone()).put(&all).map_err(|source| RunError::FactsFolder { folder, source })?;
    Ok(Carried { facts: all.len(), taken })
}

fn line(kept: &Kept) -> String {
    serde_json::to_string(kept).unwrap_or_default()
}

fn digest<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let mut hasher = Sha256::new();
    lines.for_each(|line| {
        hasher.update(line);
        hasher.update("\n");
    });
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The documents of a file, or what is wrong with it.
fn read(text: &str, now: i64) -> Result<Vec<Kept>, String> {
    let json = |error: serde_json::Error| crate::model::text::visible(&error.to_string()).into_owned();
    let Version { version } = serde_json::from_str(text).map_err(json)?;
    if version != 1 {
        return Err(format!("it is of version {version}, and this program knows version 1"));
    }
    let snapshot: Snapshot<'_> = serde_json::from_str(text).map_err(json)?;
    if digest(snapshot.facts.iter().map(|fact| fact.get())) != snapshot.digest {
        return Err("it was changed or damaged: its digest is another".into());
    }
    let mut all = Vec::with_capacity(snapshot.facts.len());
    for (at, fact) in snapshot.facts.iter().enumerate() {
        let kept: Kept = serde_json::from_str(fact.get()).map_err(|error| format!("fact {}: {}", at + 1, json(error)))?;
        let wrong = wrong(&kept, now);
        all.push(wrong.map_or(Ok(kept), |what| Err(format!("fact {}: {what}", at + 1)))?);
    }
    Ok(all)
}

/// What no cache of ours could have held.
fn wrong(kept: &Kept, now: i64) -> Option<&'static str> {
    let is_name = |ecosystem: &Ecosystem| PackageName::new(*ecosystem, &kept.name).is_ok_and(|name| name.as_str() == kept.name);
    let is_version = |text: &str| crate::model::Version::new(text).is_ok();
    let is_address = |text: &str| Place::parse(text).is_some() && Address::new(text).as_str() == text;
    let is_etag = |etag: &String| etag.len() <= super::LONGEST_ETAG && etag.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_digest = kept.digest.len() == 64 && kept.digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if kept.fetched > now.saturating_add(SKEW) {
        Some("it claims to be of the future")
    } else if kept.fetched < 0 {
        Some("it claims to be from before 1970")
    } else if !ecosystems(kept.document).iter().any(is_name) {
        Some("its name is none")
    } else if kept.version.is_some() != matches!(kept.document, Document::PypiVersion | Document::DepsDevDependents)
        || !kept.version.as_deref().is_none_or(is_version)
    {
        Some("its version is none")
    } else if !is_address(&kept.registry) || !is_address(&kept.url) {
        Some("its address is none of a server, or holds credentials")
    } else if !(is_digest || kept.digest.is_empty() && kept.outcome == Outcome::Absent) {
        Some("its digest is none")
    } else if !kept.etag.as_ref().is_none_or(is_etag) {
        Some("the name of its state is none")
    } else {
        None
    }
}

/// Those that a document can be of.
fn ecosystems(document: Document) -> &'static [Ecosystem] {
    match document {
        Document::CargoIndex | Document::CratesIo => &[Ecosystem::Cargo],
        Document::Packument | Document::NpmDownloads => &[Ecosystem::Npm],
        Document::PypiJson | Document::PypiSimple | Document::PypiVersion => &[Ecosystem::Pypi],
        Document::DepsDev | Document::DepsDevDependents => &Ecosystem::ALL,
    }
}

/// `None` where everything is.
fn wanted(project: &Project, purls: &[String], lockfiles: &[String]) -> Result<Option<BTreeSet<(Ecosystem, String)>>, RunError> {
    if purls.is_empty() && lockfiles.is_empty() {
        return Ok(None);
    }
    let mut packages: Vec<Package> = purls.iter().map(|text| purl::parse(text)).collect::<Result<_, _>>().map_err(RunError::Purl)?;
    if !lockfiles.is_empty() {
        let selection = Selection::new(&project.place(), lockfiles, &[], &[])?;
        let (inventory, _) = project.read(None, &selection)?;
        if let Some(gap) = inventory.gaps.iter().find(|gap| crate::judge::is_blocking(gap.kind)) {
            return Err(RunError::UnreadLockfile { file: gap.file.clone(), reason: gap.message.clone() });
        }
        packages.extend(inventory.graphs.values().flat_map(|graph| graph.packages().map(|(_, node)| node.package.clone())));
    }
    let of_registry = packages.into_iter().filter(|package| matches!(package.source, PackageSource::Registry { .. }));
    Ok(Some(of_registry.map(|package| (package.ecosystem, package.name.to_string())).collect()))
}
