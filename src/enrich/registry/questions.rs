//! Which documents are worth asking for, and at which addresses.

use super::joined::find;
use super::{Document, Kept, Outcome, Question, Registry};
use crate::model::registry::{CRATES_IO_API, CRATES_IO_SPARSE_INDEX, NPM, NPM_DOWNLOADS, PYPI, PYPI_API};
use crate::model::request::Request;
use crate::model::{Ecosystem, PackageName, Version};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const MIB: u64 = 1 << 20;
/// npm keeps no packument above 100 MB; the largest of real packages have 30.
const LARGEST_PACKUMENT: u64 = 104 * MIB;
/// PyPI has projects of some ten thousand files, at a kilobyte each.
const LARGEST_PROJECT: u64 = 64 * MIB;
/// The largest crates have some thousand versions, at two kilobytes each.
const LARGEST_CRATE: u64 = 32 * MIB;
/// Names and numbers.
const LARGEST_DOWNLOADS: u64 = MIB;

/// npm's server of downloads takes so many names at once (github.com/npm/registry, docs/download-counts.md).
const MOST_AT_ONCE: usize = 128;
/// Bytes of such a list at most: servers refuse addresses of more than some kilobytes.
const LONGEST_LIST: usize = 4000;

const JSON: &str = "application/json";
/// PEP 691, in pip's order: a page where the index has nothing else.
const SIMPLE: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01";

/// The registry that an ecosystem's package managers ask without being told to.
pub fn default_registry(ecosystem: Ecosystem) -> Registry {
    let (base, api) = match ecosystem {
        Ecosystem::Cargo => (CRATES_IO_SPARSE_INDEX, CRATES_IO_API),
        Ecosystem::Npm => (NPM, NPM_DOWNLOADS),
        Ecosystem::Pypi => (PYPI, PYPI_API),
    };
    Registry { ecosystem, base: base.trim_end_matches('/').to_owned(), api: Some(api.to_owned()) }
}

/// Every document that tells of these names at this registry: sorted, each name once.
pub fn questions(registry: &Registry, names: &[PackageName]) -> Vec<Question> {
    let names = sorted(names);
    let main = names.iter().map(|name| of_registry(registry, name));
    let beside = registry.api.as_deref().map(|api| of_api(registry.ecosystem, api, &names)).unwrap_or_default();
    main.chain(beside).collect()
}

/// What deps.dev, at this address, knows of packages of the public registries: a question a name. It is behind
/// the registries by hours and more, so that what is absent there is not absent.
pub fn second_opinion(base: &str, ecosystem: Ecosystem, names: &[PackageName]) -> Vec<Question> {
    let question = |name: &PackageName| {
        let url = format!("{}/v3/systems/{}/packages/{}", plain(base), ecosystem.purl_type(), encoded(name.as_str()));
        of_one(Document::DepsDev, name, Request::get(url, LARGEST_CRATE).accepting(JSON))
    };
    sorted(names).iter().map(question).collect()
}

/// What is worth asking of single versions, once the documents of their name are there: PyPI's tells the licence of
/// the latest version alone.
pub fn of_versions(registry: &Registry, name: &PackageName, versions: &BTreeSet<Version>, kept: &[Kept]) -> Vec<Question> {
    let Some(api) = registry.api.as_deref().filter(|_| registry.ecosystem == Ecosystem::Pypi) else { return Vec::new() };
    let part = kept.iter().find_map(|kept| match (&kept.outcome, kept.document) {
        (Outcome::Said(part), Document::PypiJson) => part.releases.as_deref(),
        _ => None,
    });
    let is_silent = |version: &&Version| {
        let release = part.and_then(|releases| find(Ecosystem::Pypi, releases, version));
        release.is_some_and(|release| release.licence.is_none())
    };
    let question = |version: &Version| {
        let url = format!("{}/pypi/{}/{}/json", plain(api), encoded(name.as_str()), encoded(version.as_str()));
        let request = Request::get(url, LARGEST_PROJECT).accepting(JSON);
        Question { version: Some(version.clone()), ..of_one(Document::PypiVersion, name, request) }
    };
    versions.iter().filter(is_silent).map(question).collect()
}

/// What deps.dev, at this address, knows of single versions of packages of the public registries.
pub fn second_opinion_of_versions(base: &str, ecosystem: Ecosystem, name: &PackageName, versions: &BTreeSet<Version>) -> Vec<Question> {
    let question = |version: &Version| {
        let (system, package, version_part) = (ecosystem.purl_type(), encoded(name.as_str()), encoded(version.as_str()));
        let url = format!("{}/v3alpha/systems/{system}/packages/{package}/versions/{version_part}:dependents", plain(base));
        let request = Request::get(url, LARGEST_DOWNLOADS).accepting(JSON);
        Question { version: Some(version.clone()), ..of_one(Document::DepsDevDependents, name, request) }
    };
    versions.iter().map(question).collect()
}

fn sorted(names: &[PackageName]) -> Vec<PackageName> {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    names
}

fn plain(base: &str) -> &str {
    base.trim_end_matches('/')
}

fn of_one(document: Document, name: &PackageName, request: Request) -> Question {
    Question { document, names: vec![name.clone()], version: None, request }
}

/// What the ecosystem's package managers ask for themselves.
fn of_registry(registry: &Registry, name: &PackageName) -> Question {
    let base = plain(&registry.base);
    match registry.ecosystem {
        Ecosystem::Cargo => {
            of_one(Document::CargoIndex, name, Request::get(format!("{base}/{}", index_path(name.as_str())), LARGEST_CRATE))
        }
        // The short form (`application/vnd.npm.install-v1+json`) has no times.
        Ecosystem::Npm => {
            let url = format!("{base}/{}", encoded(name.as_str()));
            of_one(Document::Packument, name, Request::get(url, LARGEST_PACKUMENT).accepting(JSON))
        }
        Ecosystem::Pypi => {
            let url = format!("{base}/{}/", encoded(name.as_str()));
            of_one(Document::PypiSimple, name, Request { takes_page: true, ..Request::get(url, LARGEST_PROJECT).accepting(SIMPLE) })
        }
    }
}

fn of_api(ecosystem: Ecosystem, api: &str, names: &[PackageName]) -> Vec<Question> {
    let api = plain(api);
    let one_by_one = |document: Document, largest: u64, url: fn(&str, &str) -> String| {
        let question = |name: &PackageName| {
            let request = Request::get(url(api, &encoded(name.as_str())), largest).accepting(JSON);
            of_one(document, name, request)
        };
        names.iter().map(question).collect()
    };
    match ecosystem {
        Ecosystem::Cargo => one_by_one(Document::CratesIo, LARGEST_CRATE, |api, name| format!("{api}/api/v1/crates/{name}")),
        Ecosystem::Pypi => one_by_one(Document::PypiJson, LARGEST_PROJECT, |api, name| format!("{api}/pypi/{name}/json")),
        Ecosystem::Npm => lists(names).into_iter().map(|names| downloads(api, names)).collect(),
    }
}

fn downloads(api: &str, names: Vec<PackageName>) -> Question {
    let list: Vec<String> = names.iter().map(|name| encoded(name.as_str())).collect();
    let url = format!("{api}/downloads/point/last-month/{}", list.join(","));
    Question { document: Document::NpmDownloads, names, version: None, request: Request::get(url, LARGEST_DOWNLOADS).accepting(JSON) }
}

/// The names that go into one question. One with a scope goes alone, for the server takes no others, and so does
/// one with marks: a comma in it would make two of it.
fn lists(names: &[PackageName]) -> Vec<Vec<PackageName>> {
    let (together, alone): (Vec<&PackageName>, Vec<&PackageName>) = names.iter().partition(|name| name.as_str().bytes().all(is_unreserved));
    let mut lists: Vec<Vec<PackageName>> = Vec::new();
    let mut length = LONGEST_LIST;
    for name in together {
        length += name.as_str().len() + 1;
        match lists.last_mut() {
            Some(list) if list.len() < MOST_AT_ONCE && length <= LONGEST_LIST => list.push(name.clone()),
            _ => {
                length = name.as_str().len() + 1;
                lists.push(vec![name.clone()]);
            }
        }
    }
    lists.extend(alone.into_iter().map(|name| vec![name.clone()]));
    lists
}

/// Where a crate's lines stand (doc.rust-lang.org/cargo/reference/registry-index.html, "Index files"): in lower
/// case, below folders of its first letters.
fn index_path(name: &str) -> String {
    let name = name.to_lowercase();
    let letters: Vec<char> = name.chars().collect();
    let part = |from: usize, to: usize| encoded(&letters[from..to.min(letters.len())].iter().collect::<String>());
    match letters.len() {
        0..=2 => format!("{}/{}", letters.len(), encoded(&name)),
        3 => format!("3/{}/{}", part(0, 1), encoded(&name)),
        _ => format!("{}/{}/{}", part(0, 2), part(2, 4), encoded(&name)),
    }
}

/// One segment of a path: everything but the unreserved characters (RFC 3986, 2.3) is percent-encoded, and so is
/// the slash of a scope; its `@` stays, as npm itself asks (npm-package-arg, `escapedName`).
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, byte) in name.bytes().enumerate() {
        match is_unreserved(byte) || byte == b'@' && at == 0 {
            true => out.push(char::from(byte)),
            false => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
