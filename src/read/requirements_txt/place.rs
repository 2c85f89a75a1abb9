//! Requirements that come from an address or a path instead of an index: which source that is, and
//! what package it says it is.

use super::line::{is_space, trimmed};
use super::requirement::{shown, split_extras, split_name};
use crate::model::url::in_folder;
use crate::model::{Address, Digest, Ecosystem, PackageName, PackageSource, RelPath, Version, registry};
use std::str::FromStr;

#[derive(Clone, Debug)]
pub(in crate::read) struct Place {
    pub source: PackageSource,
    /// From `#egg=`, or as the last part of the address or path says.
    pub name: Option<PackageName>,
    /// Whether a person wrote the name (`name @`, `#egg=`); a guess gives way to a manifest's word.
    pub name_is_stated: bool,
    pub extras: Vec<String>,
    /// From the name of a wheel or source archive.
    pub version: Option<Version>,
    /// From the address's fragment, `#sha256=`.
    pub digest: Option<Digest>,
    /// Without credentials.
    pub text: String,
}

/// What pip can fetch with the tools of version control.
const VERSION_CONTROL: [&str; 4] = ["git", "hg", "svn", "bzr"];

/// Whether pip takes the text for a URL.
pub(super) fn is_address(text: &str) -> bool {
    scheme(text).is_some_and(|scheme| matches!(scheme, "http" | "https" | "file" | "ftp") || version_control(scheme).is_some())
}

/// Whether pip looks for a file or folder. It also asks the file system, which is not there to be
/// asked: a path with white space in it is taken for a slip.
pub(super) fn looks_like_path(text: &str) -> bool {
    let plain = !text.contains(is_space) && !text.contains("://");
    plain && (text.contains(['/', '\\']) || text.starts_with('.') || archive_stem(text).is_some())
}

/// In lower case, as pip compares it; never more than a few letters.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let well_formed = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let known = ["http", "https", "file", "ftp"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
    well_formed.then(|| known.unwrap_or(scheme))
}

/// `git` of `git+https` and of `git`.
fn version_control(scheme: &str) -> Option<&'static str> {
    let tool = scheme.split('+').next()?;
    VERSION_CONTROL.into_iter().find(|known| known.eq_ignore_ascii_case(tool))
}

/// Reads an address or a path; paths count from `project`.
pub(in crate::read) fn read(text: &str, editable: bool, stated: Option<&PackageName>, project: &RelPath) -> Result<Place, String> {
    let fragment = Fragment::of(text);
    let mut place = match scheme(text) {
        Some("file") => local(text, project),
        Some("http" | "https" | "ftp") if editable => {
            return Err(format!("{} cannot be editable: it is neither a folder nor version control", shown(text)));
        }
        Some("http" | "https" | "ftp") => archive(text, stated),
        Some(scheme) => match version_control(scheme) {
            Some("git") => git(text),
            // No field for other version control: the whole address says what is fetched.
            Some(_) => Place { name: repository_name(text), ..Place::new(PackageSource::Archive { url: Address::new(text) }, text) },
            None if text.contains("://") => return Err(format!("pip knows no way to fetch {}", shown(text))),
            None => local(text, project),
        },
        None if editable || looks_like_path(text) => local(text, project),
        None => return Err(format!("{} is neither an address nor a path", shown(text))),
    };
    place.name_is_stated = stated.is_some() || fragment.egg.is_some();
    place.name = fragment.egg.or(place.name);
    place.extras.extend(fragment.extras);
    place.digest = fragment.digest;
    Ok(place)
}

impl Place {
    fn new(source: PackageSource, text: &str) -> Self {
        let text = Address::new(text).to_string();
        Place { source, name: None, name_is_stated: false, extras: Vec::new(), version: None, digest: None, text }
    }

    /// The folder of the repository that it is, if it is one.
    pub fn folder(&self) -> Option<&RelPath> {
        match &self.source {
            PackageSource::FirstParty { folder } => folder.as_ref(),
            _ => None,
        }
    }

    /// Whether two installations may get different code for lack of a commit or a version.
    pub fn is_loose(&self) -> bool {
        match &self.source {
            PackageSource::Git { commit, .. } => commit.is_none(),
            PackageSource::Path { .. } => self.version.is_none(),
            _ => false,
        }
    }
}

/// What stands behind the `#`: `egg=name[extras]`, `sha256=…`, `subdirectory=…`.
#[derive(Default)]
struct Fragment {
    egg: Option<PackageName>,
    extras: Vec<String>,
    digest: Option<Digest>,
}

impl Fragment {
    fn of(text: &str) -> Self {
        let mut fragment = Fragment::default();
        let Some((_, pairs)) = text.split_once('#') else { return fragment };
        for (key, value) in pairs.split(['&', '#']).filter_map(|pair| pair.split_once('=')) {
            match key {
                "egg" if fragment.egg.is_none() => fragment.take_egg(value),
                _ if fragment.digest.is_none() => fragment.digest = Digest::from_prefixed_hex(&format!("{key}:{value}")).ok(),
                _ => {}
            }
        }
        fragment
    }

    /// Old files write `egg=name-1.0` or `egg=name==1.0`; the name is what starts it, as far as it
    /// is one.
    fn take_egg(&mut self, value: &str) {
        let Some((name, rest)) = split_name(value) else { return };
        self.egg = PackageName::new(Ecosystem::Pypi, name).ok();
        self.extras = split_extras(rest).map(|(extras, _)| extras).unwrap_or_default();
    }
}

/// `git+https://host/path.git@reference#fragment`.
fn git(text: &str) -> Place {
    let address = text.split_once('#').map_or(text, |(address, _)| address);
    let address = address.get(..4).filter(|start| start.eq_ignore_ascii_case("git+")).map_or(address, |_| &address[4..]);
    let path_at = address.find("://").and_then(|at| address[at + 3..].find('/').map(|slash| at + 3 + slash));
    let reference_at = path_at.and_then(|path| address[path..].rfind('@').map(|at| path + at));
    let (repository, reference) = match reference_at {
        Some(at) => (&address[..at], Some(&address[at + 1..])),
        None => (address, None),
    };
    let (commit, reference) = match reference {
        Some(id) if is_commit(id) => (Some(id.into()), None),
        other => (None, other.map(Into::into)),
    };
    let source = PackageSource::Git { repository: Address::new(&in_folder(repository, subdirectory(text))), commit, reference };
    Place { name: repository_name(repository), ..Place::new(source, text) }
}

/// The folder inside of a repository or an archive that is the project (pip's `subdirectory=`).
fn subdirectory(text: &str) -> Option<&str> {
    let (_, pairs) = text.split_once('#')?;
    pairs.split(['&', '#']).find_map(|pair| pair.strip_prefix("subdirectory="))
}

pub(in crate::read) fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The last part of the path: what a person would call the project.
fn repository_name(address: &str) -> Option<PackageName> {
    let path = address.split(['#', '?']).next()?.split_once("://")?.1;
    let (_, path) = path.split_once('/')?;
    let last = path.split('@').next()?.trim_end_matches('/').rsplit('/').next()?;
    PackageName::new(Ecosystem::Pypi, last.strip_suffix(".git").unwrap_or(last)).ok()
}

fn archive(text: &str, stated: Option<&PackageName>) -> Place {
    let url = text.split_once('#').map_or(text, |(url, _)| url);
    let path = url.split('?').next().unwrap_or(url);
    let (name, version) = of_file_name(&decoded(path.rsplit('/').next().unwrap_or("")), stated);
    let name = forge_project(path).or(name);
    Place { name, version, ..Place::new(PackageSource::Archive { url: Address::new(&in_folder(url, subdirectory(text))) }, text) }
}

/// Forges name the archive of a revision after the revision: `owner/project/archive/v1.0.zip`.
fn forge_project(path: &str) -> Option<PackageName> {
    let (project, revision) = path.rsplit_once("/archive/")?;
    let project = project.trim_end_matches("/-").rsplit('/').next()?;
    let names_itself = revision.rsplit('/').next()?.starts_with(project);
    if names_itself { None } else { PackageName::new(Ecosystem::Pypi, project).ok() }
}

/// Name and version from the name of a wheel (binary distribution format specification) or a source
/// archive; the stem alone where there is no version.
pub(crate) fn of_file_name(file: &str, stated: Option<&PackageName>) -> (Option<PackageName>, Option<Version>) {
    let Some(stem) = archive_stem(file) else { return (None, None) };
    let name = |text: &str| PackageName::new(Ecosystem::Pypi, text).ok();
    if file.to_ascii_lowercase().ends_with(".whl") {
        let parts: Vec<&str> = stem.split('-').collect();
        let is_wheel = matches!(parts.len(), 5 | 6);
        return if is_wheel { (name(parts[0]), Version::new(&parts[1].replace('_', "-")).ok()) } else { (None, None) };
    }
    let dashes = stem.match_indices('-').map(|(at, _)| (&stem[..at], &stem[at + 1..]));
    let fits = |(before, after): &(&str, &str)| {
        let known = stated.is_none_or(|stated| name(before).is_some_and(|name| name == *stated));
        known && after.len() <= 64 && pep440_rs::Version::from_str(after).is_ok()
    };
    // File names are short; a longer one names no version.
    match dashes.take(16).find(fits) {
        Some((before, after)) => (name(before), Version::new(after).ok()),
        None => (name(stem), None),
    }
}

/// The file name without the ending that makes it an archive.
fn archive_stem(file: &str) -> Option<&str> {
    let ending = |end: &&&str| {
        file.len() > end.len() && file.is_char_boundary(file.len() - end.len()) && {
            file[file.len() - end.len()..].eq_ignore_ascii_case(end)
        }
    };
    registry::PYTHON_ARCHIVES.iter().filter(ending).map(|end| &file[..file.len() - end.len()]).min_by_key(|stem| stem.len())
}

/// A path, or a `file:` address. A folder inside the repository is first-party; everything else is a
/// file or folder of the machine.
fn local(text: &str, project: &RelPath) -> Place {
    let (path, extras) = split_path_extras(text);
    let path = decoded_path(path).replace('\\', "/");
    let inside = project.join(&path).ok();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned();
    let place = match inside {
        Some(folder) if archive_stem(&last).is_none() => {
            let name = PackageName::of_root(Ecosystem::Pypi, if folder.is_root() { "project" } else { folder.file_name() });
            Place { name: Some(name), ..Place::new(PackageSource::FirstParty { folder: Some(folder) }, text) }
        }
        _ => {
            let (name, version) = of_file_name(&last, None);
            let name = name.or_else(|| PackageName::new(Ecosystem::Pypi, &last).ok());
            let folder = subdirectory(text).filter(|_| scheme(text) == Some("file"));
            Place { name, version, ..Place::new(PackageSource::Path { path: in_folder(&path, folder).into() }, text) }
        }
    };
    Place { extras, ..place }
}

/// `path[extras]`.
fn split_path_extras(text: &str) -> (&str, Vec<String>) {
    let at = text.rfind('[').filter(|&at| at > 0 && text.ends_with(']'));
    let extras = at.and_then(|at| split_extras(&text[at..]));
    match (at, extras) {
        (Some(at), Some((extras, _))) => (trimmed(&text[..at]), extras),
        _ => (text, Vec::new()),
    }
}

/// The path of a `file:` address without its fragment, or the text. PDM and uv write
/// `file:///${PROJECT_ROOT}/…` for a path that counts from the project.
fn decoded_path(text: &str) -> String {
    if scheme(text) != Some("file") {
        return text.to_owned();
    }
    let rest = text[5..].split('#').next().unwrap_or("");
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    match path.trim_start_matches('/').strip_prefix("${PROJECT_ROOT}") {
        Some(below) => format!("./{}", decoded(below.trim_start_matches('/'))),
        None => decoded(path),
    }
}

/// Percent-encoding undone; what is none stays.
pub(in crate::read) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|&b| (b as char).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
