//! Where a requirement wants its package from, in one form for manifests, uv's copies of them and the
//! packages that are locked.

use super::source::{Kind, Source};
use crate::model::text::quoted;
use crate::model::{Address, PackageSource, RelPath, registry};
use crate::read::ReadError;
use crate::read::requirements_txt::decoded;
use crate::read::toml_file::Table;
use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An index that is named for this requirement; `None`: whichever the settings have.
    Index(Option<String>),
    /// An index by a name that the manifests do not explain.
    NamedIndex(String),
    /// `reference` is the kind and the name of what is taken of it: `("branch", "main")`.
    Git {
        repository: String,
        reference: Option<(&'static str, String)>,
        folder: String,
    },
    Archive {
        url: String,
        folder: String,
    },
    /// A file or folder; `None`: outside of the repository.
    Local(Option<RelPath>),
    /// `workspace = true`
    Workspace,
}

pub(super) const REFERENCES: [&str; 3] = ["branch", "tag", "rev"];

impl Place {
    pub fn git(url: &str, reference: Option<(&'static str, String)>, folder: Option<&str>) -> Self {
        let url = url.strip_prefix("git+").unwrap_or(url);
        Place::Git { repository: plain(url.split(['?', '#']).next().unwrap_or(url)), reference, folder: plain_folder(folder) }
    }

    pub fn archive(url: &str, folder: Option<&str>) -> Self {
        Place::Archive { url: plain(url.split('#').next().unwrap_or(url)), folder: plain_folder(folder) }
    }

    pub fn index(url: &str) -> Self {
        Place::Index(Some(if registry::is_pypi(url) { registry::PYPI.to_owned() } else { plain(url) }))
    }

    /// Of `name @ PLACE`; paths count from `folder`.
    pub fn of_requirement(source: &PackageSource, folder: &RelPath) -> Self {
        let split = |url: &Address| match url.as_str().split_once("#subdirectory=") {
            Some((url, folder)) => (url.to_owned(), Some(folder.to_owned())),
            None => (url.to_string(), None),
        };
        match source {
            PackageSource::FirstParty { folder } => Place::Local(folder.clone()),
            PackageSource::Registry { index: None } => Place::Index(None),
            PackageSource::Registry { index: Some(index) } => Place::index(index.as_str()),
            PackageSource::Git { repository, commit, reference } => {
                let (url, folder) = split(repository);
                let reference = commit.as_ref().or(reference.as_ref()).map(|name| ("rev", name.to_string()));
                Place::git(&url, reference, folder.as_deref())
            }
            PackageSource::Archive { url } => {
                let (url, folder) = split(url);
                Place::archive(&url, folder.as_deref())
            }
            PackageSource::Path { path } => Place::Local(folder.join(path).ok()),
        }
    }

    /// Of a package, or of a requirement that uv copied and that names its source.
    pub fn of_source(source: &Source<'_>, project: &RelPath) -> Self {
        match source.kind {
            Kind::Registry => Place::index(&source.place),
            Kind::Url => Place::archive(&source.place, source.subdirectory.as_deref()),
            Kind::Git => of_git(source),
            Kind::Path | Kind::Directory | Kind::Editable | Kind::Virtual => Place::Local(project.join(&source.place).ok()),
        }
    }

    /// Of an item of uv's copy of what a manifest asks for.
    pub fn of_copy<'a>(table: &Table<'_, 'a>, source: Option<&Source<'a>>, project: &RelPath) -> Result<Self, ReadError> {
        let index = match table.get("index") {
            Some(index) if index.as_table().is_some() => index.table()?.text("url")?,
            Some(index) => Some(index.text()?),
            None => None,
        };
        Ok(source
            .map_or_else(|| index.map_or(Place::Index(None), |index| Place::index(&index)), |source| Place::of_source(source, project)))
    }

    /// Whether uv's copy of a requirement says this: it names an index where the manifest does. Of the
    /// workspace's root it names no folder.
    pub fn is_copied_as(&self, copy: &Place) -> bool {
        match (self, copy) {
            (Place::NamedIndex(_), Place::Index(Some(_))) | (Place::Workspace, Place::Local(_) | Place::Index(None)) => true,
            _ => self == copy,
        }
    }

    /// Whether a package that is locked with a source can be meant.
    pub fn is_locked_as(&self, locked: &Place) -> bool {
        match (self, locked) {
            (Place::Index(None) | Place::NamedIndex(_), Place::Index(_)) | (Place::Workspace, Place::Local(_)) => true,
            _ => self == locked,
        }
    }

    /// For people.
    pub fn shown(&self) -> String {
        let within = |folder: &str| if folder.is_empty() { String::new() } else { format!(" in {}", quoted(folder)) };
        match self {
            Place::Index(None) => "an index".to_owned(),
            Place::Index(Some(url)) => format!("the index {}", quoted(url)),
            Place::NamedIndex(name) => format!("the index {}", quoted(name)),
            Place::Git { repository, reference: None, folder } => format!("git {}{}", quoted(repository), within(folder)),
            Place::Git { repository, reference: Some((kind, name)), folder } => {
                format!("git {}, {kind} {}{}", quoted(repository), quoted(name), within(folder))
            }
            Place::Archive { url, folder } => format!("{}{}", quoted(url), within(folder)),
            Place::Local(Some(path)) => format!("the path {}", quoted(&path.to_string())),
            Place::Local(None) => "a path outside of the repository".to_owned(),
            Place::Workspace => "the workspace".to_owned(),
        }
    }
}

/// `URL?subdirectory=den&rev=v1#COMMIT`
fn of_git(source: &Source<'_>) -> Place {
    let address = source.place.split('#').next().unwrap_or_default();
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
    let value = |wanted: &str| pairs().find(|(key, _)| *key == wanted).map(|(_, value)| decoded(value));
    let reference = REFERENCES.into_iter().find_map(|kind| Some((kind, value(kind)?)));
    let folder = value("subdirectory").map(Cow::Owned).or_else(|| source.subdirectory.clone());
    Place::git(address, reference, folder.as_deref())
}

/// An address for comparison: without credentials, `.git` and slashes at the end; hosts in small letters.
fn plain(url: &str) -> String {
    let address = Address::new(url);
    let url = address.as_str().trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else { return url.trim_start_matches("./").to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{}://{}{path}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
}

fn plain_folder(folder: Option<&str>) -> String {
    folder.map(|folder| folder.trim_start_matches("./").trim_matches('/').to_owned()).unwrap_or_default()
}
