//! Where a package comes from, as uv writes it: a table with one key that says the kind.

use crate::model::text::quoted;
use crate::model::url::in_folder;
use crate::model::{Address, PackageSource, RelPath, registry};
use crate::read::ReadError;
use crate::read::cargo_lock::git_source;
use crate::read::toml_file::{Table, Value};
use std::borrow::Cow;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Registry,
    Git,
    Url,
    Path,
    Directory,
    Editable,
    Virtual,
}

const KINDS: [(&str, Kind); 7] = [
    ("registry", Kind::Registry),
    ("git", Kind::Git),
    ("url", Kind::Url),
    ("path", Kind::Path),
    ("directory", Kind::Directory),
    ("editable", Kind::Editable),
    ("virtual", Kind::Virtual),
];

pub(super) struct Source<'a> {
    pub kind: Kind,
    /// What kind of word the file uses.
    word: &'static str,
    pub place: Cow<'a, str>,
    pub subdirectory: Option<Cow<'a, str>>,
}

impl<'a> Source<'a> {
    pub fn read(value: &Value<'_, 'a>) -> Result<Self, ReadError> {
        let source = Source::of_table(&value.table()?)?;
        let source = source.ok_or_else(|| value.error("`source` does not have one kind of package source that is known"))?;
        if source.kind == Kind::Git && !source.place.contains('#') {
            let shown = quoted(Address::new(&source.place).as_str());
            return Err(value.error(format!("the git source {shown} does not say which commit")));
        }
        Ok(source)
    }

    /// The source that a table names by one of its keys; `None` where it names none, or several.
    pub fn of_table(table: &Table<'_, 'a>) -> Result<Option<Self>, ReadError> {
        let mut kinds = KINDS.iter().filter(|(word, _)| table.get(word).is_some());
        let (Some(&(word, kind)), None) = (kinds.next(), kinds.next()) else { return Ok(None) };
        let place = table.required_text(word)?;
        Ok(Some(Source { kind, word, place, subdirectory: table.text("subdirectory")? }))
    }

    /// Only a project on this machine may leave its version to its build.
    pub fn needs_version(&self) -> bool {
        matches!(self.kind, Kind::Registry)
    }

    pub fn is_first_party(&self) -> bool {
        matches!(self.kind, Kind::Directory | Kind::Editable | Kind::Virtual)
    }

    /// Whether it is the project that the lockfile lies beside.
    pub fn is_project(&self) -> bool {
        self.is_first_party() && matches!(self.place.as_ref(), "." | "./" | "")
    }

    pub fn is_of_index(&self) -> bool {
        self.kind == Kind::Registry
    }

    /// The folder of a first-party package, where it lies in the repository.
    pub fn folder(&self, project: &RelPath) -> Option<RelPath> {
        project.join(&self.place).ok().filter(|_| self.is_first_party())
    }

    pub fn package_source(&self, project: &RelPath) -> PackageSource {
        match self.kind {
            Kind::Registry if registry::is_pypi(&self.place) => PackageSource::default_registry(),
            Kind::Registry => PackageSource::Registry { index: Some(Address::new(&self.place)) },
            Kind::Git => self.git(),
            Kind::Url => PackageSource::Archive { url: Address::new(&in_folder(&self.place, self.subdirectory.as_deref())) },
            Kind::Path => PackageSource::Path { path: self.place.as_ref().into() },
            Kind::Directory | Kind::Editable | Kind::Virtual => PackageSource::FirstParty { folder: self.folder(project) },
        }
    }

    /// uv writes the folder among the query's pairs: `URL?subdirectory=den&rev=v1#COMMIT`.
    fn git(&self) -> PackageSource {
        let query = self.place.split('#').next().and_then(|address| address.split_once('?')).map_or("", |(_, query)| query);
        let folder = query.split('&').find_map(|pair| pair.strip_prefix("subdirectory=")).or(self.subdirectory.as_deref());
        match git_source(&self.place) {
            PackageSource::Git { repository, commit, reference } => {
                PackageSource::Git { repository: Address::new(&in_folder(repository.as_str(), folder)), commit, reference }
            }
            other => other,
        }
    }

    /// The address of the one file that the source is, if it is one.
    pub fn file(&self) -> Option<Address> {
        (self.kind == Kind::Url).then(|| Address::new(&self.place))
    }

    /// For people and as a key: the kind and the place without credentials.
    pub fn shown(&self) -> String {
        let place = Address::new(&self.place);
        match &self.subdirectory {
            Some(folder) => format!("{} {place} in {folder}", self.word),
            None => format!("{} {place}", self.word),
        }
    }
}
