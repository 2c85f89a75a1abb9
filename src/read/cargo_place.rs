//! Where a Cargo.toml wants a package from, held against the source that Cargo.lock has.
//!
//! A declaration's version alone does not tell which code comes: `git`, `path`, `registry` and
//! `registry-index` do (The Cargo Book, "Specifying Dependencies"). Addresses are compared as cargo's
//! `CanonicalUrl` does.

use super::ReadError;
use super::cargo_lock::{percent_decoded, source_named};
use super::toml_file::{Table, Value};
use crate::model::text::quoted;
use crate::model::{Address, PackageSource, registry};

/// Where a declaration, a patch or a replacement wants its package from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    CratesIo,
    /// A registry to which the settings of cargo give an address (`registry = "corp"`).
    Named(String),
    /// A registry by the address of its index.
    Index(String),
    /// A repository, with the kind and name of what is taken of it: `("branch", "main")`.
    Git {
        url: String,
        reference: Option<(&'static str, String)>,
    },
    Folder,
}

const REFERENCES: [&str; 3] = ["branch", "tag", "rev"];

impl Place {
    /// The place of a dependency as it is declared: a version alone means crates.io.
    pub fn of(value: &Value<'_, '_>) -> Result<Self, ReadError> {
        value.as_table().map_or(Ok(Place::CratesIo), |table| Place::of_table(&table))
    }

    fn of_table(table: &Table<'_, '_>) -> Result<Self, ReadError> {
        if let Some(url) = table.str("git")? {
            let mut reference = None;
            for kind in REFERENCES {
                reference = table.str(kind)?.map(|name| (kind, name.to_owned())).or(reference);
            }
            return Ok(Place::Git { url: url.to_owned(), reference });
        }
        if table.get("path").is_some() {
            return Ok(Place::Folder);
        }
        if let Some(index) = table.str("registry-index")? {
            return Ok(Place::of_index(index));
        }
        Ok(table.str("registry")?.map_or(Place::CratesIo, Place::of_registry))
    }

    /// `crates-io`, another registry's name, or an address: what stands behind `[patch.`.
    pub fn patched(key: &str) -> Vec<Self> {
        if !key.contains("://") {
            return vec![Place::of_registry(key)];
        }
        vec![Place::of_index(key), Place::Git { url: key.to_owned(), reference: None }]
    }

    fn of_registry(name: &str) -> Self {
        if name == "crates-io" { Place::CratesIo } else { Place::Named(name.to_owned()) }
    }

    fn of_index(index: &str) -> Self {
        let bare = index.strip_prefix("sparse+").unwrap_or(index);
        if registry::is_crates_io(bare) { Place::CratesIo } else { Place::Index(index.to_owned()) }
    }

    /// Whether `source`, as Cargo.lock writes it, is this place. Whatever is not crates.io may be what
    /// the settings call by a name.
    pub fn is(&self, source: Option<&str>) -> bool {
        let Some(source) = source else { return *self == Place::Folder };
        let Some((kind, url)) = source.split_once('+') else { return false };
        let is_registry = matches!(kind, "registry" | "sparse");
        match self {
            Place::CratesIo => is_registry && registry::is_crates_io(url),
            Place::Named(_) => is_registry && !registry::is_crates_io(url),
            Place::Index(index) => is_registry && canonical(index.strip_prefix("sparse+").unwrap_or(index)) == canonical(url),
            Place::Git { url: asked, reference } => kind == "git" && is_git(asked, reference.as_ref(), url),
            Place::Folder => false,
        }
    }

    /// The same of a place that is patched: whatever is taken of a repository.
    pub fn holds(&self, source: Option<&str>) -> bool {
        match (self, source.and_then(|source| source.strip_prefix("git+"))) {
            (Place::Git { url, .. }, Some(locked)) => canonical(url) == canonical(locked.split(['?', '#']).next().unwrap_or(locked)),
            _ => self.is(source),
        }
    }

    /// Whether packages that are declared to come from `declared` come from this one, of a `[patch]`.
    /// A repository is patched whatever is taken of it; an address may be what a name stands for.
    pub fn covers(&self, declared: &Place) -> bool {
        match (self, declared) {
            (Place::Git { url, .. }, Place::Git { url: other, .. }) => canonical(url) == canonical(other),
            (Place::Index(_), Place::Named(_)) | (Place::Named(_), Place::Index(_)) => true,
            (Place::Index(index), Place::Index(other)) => canonical(index) == canonical(other),
            _ => self == declared,
        }
    }

    /// For people: `crates.io`, `git https://…, branch main`.
    pub fn shown(&self) -> String {
        match self {
            Place::CratesIo => "crates.io".to_owned(),
            Place::Named(name) => format!("the registry {}", quoted(name)),
            Place::Index(index) => format!("the registry {}", quoted(Address::new(index).as_str())),
            Place::Git { url, reference: None } => format!("git {}", quoted(Address::new(url).as_str())),
            Place::Git { url, reference: Some((kind, name)) } => {
                format!("git {}, {kind} {}", quoted(Address::new(url).as_str()), quoted(name))
            }
            Place::Folder => "a folder".to_owned(),
        }
    }
}

/// For people: the source of a locked package.
pub(super) fn shown_source(source: Option<&str>) -> String {
    match source.map(source_named) {
        None => "a folder".to_owned(),
        Some(Ok(PackageSource::Registry { index: None })) => "crates.io".to_owned(),
        Some(Ok(PackageSource::Git { repository, reference: Some(reference), .. })) => {
            format!("git {}, {}", quoted(repository.as_str()), quoted(&reference))
        }
        Some(Ok(PackageSource::Git { repository, .. })) => format!("git {}", quoted(repository.as_str())),
        Some(Ok(source)) => quoted(&source.to_string()),
        Some(Err(message)) => message,
    }
}

/// `URL?branch=B#COMMIT` of the lockfile. Before version 3 a branch `master` was what is taken when
/// nothing is said.
fn is_git(asked: &str, reference: Option<&(&'static str, String)>, locked: &str) -> bool {
    let (address, _) = locked.split_once('#').unwrap_or((locked, ""));
    let (repository, query) = address.split_once('?').unwrap_or((address, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let locked: Option<(&str, String)> =
        pairs.map(|(kind, name)| (kind, percent_decoded(name))).find(|(kind, _)| REFERENCES.contains(kind));
    let is_same = match (reference, &locked) {
        (Some((kind, name)), Some((other_kind, other))) => kind == other_kind && (name == other || percent_decoded(name) == *other),
        (Some(("branch", name)), None) => name == "master",
        (None, Some((kind, name))) => *kind == "branch" && name == "master",
        (None, None) => true,
        _ => false,
    };
    is_same && canonical(asked) == canonical(repository)
}

/// As cargo's `CanonicalUrl`: without a slash or `.git` at the end; hosts are in small letters, and of
/// GitHub the rest as well.
fn canonical(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.trim_end_matches('/');
    let rest = rest.strip_suffix(".git").unwrap_or(rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let path = if authority == "github.com" { path.to_ascii_lowercase() } else { path.to_owned() };
    format!("{}://{authority}{path}", scheme.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::Place;

    fn git(url: &str, reference: Option<(&'static str, &str)>) -> Place {
        Place::Git { url: url.to_owned(), reference: reference.map(|(kind, name)| (kind, name.to_owned())) }
    }

    #[test]
    fn a_locked_source_is_the_place_that_was_asked_for() {
        let zoo = "https://git.example/zoo";
        for (place, source, is_same) in [
            (git(zoo, None), Some("git+https://git.example/zoo#abc"), true),
            (git("https://GIT.example/zoo.git/", None), Some("git+https://git.example/zoo#abc"), true),
            (git("https://github.com/Zoo/Ant", None), Some("git+https://github.com/zoo/ant.git#abc"), true),
            (git(zoo, Some(("branch", "a/b"))), Some("git+https://git.example/zoo?branch=a%2Fb#abc"), true),
            (git(zoo, Some(("branch", "master"))), Some("git+https://git.example/zoo#abc"), true),
            (git(zoo, Some(("tag", "a"))), Some("git+https://git.example/zoo?branch=a#abc"), false),
            (git(zoo, Some(("rev", "abc"))), Some("git+https://git.example/zoo#abc"), false),
            (git(zoo, None), Some("git+https://git.example/zoo?rev=abc#abc"), false),
            (git(zoo, None), Some("git+https://git.example/Zoo#abc"), false),
            (git(zoo, None), Some("registry+https://git.example/zoo"), false),
            (git(zoo, None), None, false),
            (Place::Folder, None, true),
            (Place::Folder, Some("git+https://git.example/zoo#abc"), false),
            (Place::Named("corp".into()), Some("sparse+https://corp.example/index/"), true),
            (Place::Index("sparse+https://corp.example/index/".into()), Some("sparse+https://corp.example/index/"), true),
            (Place::Index("https://corp.example/index".into()), Some("registry+https://other.example/index"), false),
            (Place::CratesIo, Some("sparse+https://corp.example/index/"), false),
            (Place::CratesIo, None, false),
        ] {
            assert_eq!(place.is(source), is_same, "{place:?} and {source:?}");
        }
    }
}
