//! A requirement, and which packages it can mean. Poetry writes one in the lockfile and in
//! pyproject.toml alike: a constraint, a table, or an array of either (poetry-core, `factory.py`);
//! everyone else writes the text of PEP 508.

use super::constraint::Constraint;
use crate::model::url::in_folder;
use crate::model::{Address, PackageName, PackageSource, Version};
use crate::read::pyproject::normal;
use crate::read::requirements_txt::{Pep508, allows, is_commit};
use crate::read::toml_file::{Table, Value};
use crate::read::{ReadError, pyproject, toml_file};
use std::borrow::Cow;

pub(in crate::read) struct Ask<'a> {
    pub name: PackageName,
    pub wanted: Wanted<'a>,
    pub extras: Vec<PackageName>,
    /// Poetry's word for what counts only with an extra.
    pub optional: bool,
    /// The extras of the package with any of which it counts; `None`: it always does.
    pub with_extras: Option<Vec<String>>,
    /// Whether the project overrides it or leaves it out: any version from any place will do, or none.
    pub is_loose: bool,
    pub marker: Option<Cow<'a, str>>,
    /// `python` and `platform`, which Poetry's manifests have beside markers.
    pub limits: Option<String>,
    pub line: u32,
}

pub(in crate::read) enum Wanted<'a> {
    /// From an index, by Poetry's constraint.
    Constraint(Cow<'a, str>),
    /// From an index, by the specifiers of PEP 440.
    Specifiers(String),
    Place(Place<'a>),
}

/// Where else a package is to come from.
pub(in crate::read) struct Place<'a> {
    kind: Kind,
    /// The address or path alone.
    address: Cow<'a, str>,
    /// With the branch or tag that was asked for, where the file writes both as one text.
    written: Cow<'a, str>,
    /// Where exactly one commit is asked for.
    commit: Option<Cow<'a, str>>,
}

/// Parts of the names of all marker variables but `extra`.
const ENVIRONMENT: [&str; 5] = ["python", "platform", "os_name", "os.name", "implementation"];

/// What kind of place other than an index a requirement names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Git,
    Url,
    /// A file or a folder: which, only the disk says.
    Path,
}

impl<'a> Ask<'a> {
    /// All requirements that a key of a dependency table stands for.
    pub fn read_all(name: &str, line: u32, value: &Value<'_, 'a>) -> Result<Vec<Self>, ReadError> {
        let name = normal(value, name)?;
        if !value.is_array() {
            return Ok(vec![Ask::read(name, line, value)?]);
        }
        value.array()?.iter().map(|item| Ask::read(name.clone(), item.line(), item)).collect()
    }

    fn read(name: PackageName, line: u32, value: &Value<'_, 'a>) -> Result<Self, ReadError> {
        let Some(table) = value.as_table() else {
            let wanted = Wanted::Constraint(value.text()?);
            return Ok(Ask {
                name,
                wanted,
                extras: Vec::new(),
                optional: false,
                with_extras: None,
                is_loose: false,
                marker: None,
                limits: None,
                line,
            });
        };
        Ok(Ask {
            wanted: wanted(&table)?,
            extras: extras(&table)?,
            optional: table.get("optional").is_some_and(|optional| optional.as_bool() == Some(true)),
            with_extras: None,
            is_loose: false,
            marker: table.text("markers")?.filter(|marker| !marker.trim().is_empty()),
            limits: limits(&table)?,
            name,
            line,
        })
    }

    pub fn of_pep508(requirement: Pep508, line: u32) -> Self {
        let wanted = match requirement.source {
            None => Wanted::Specifiers(requirement.wanted),
            Some(source) => Wanted::Place(Place::of_source(source, requirement.wanted)),
        };
        Ask {
            name: requirement.name,
            wanted,
            extras: requirement.extras,
            optional: false,
            with_extras: None,
            is_loose: false,
            marker: requirement.marker.map(Cow::Owned),
            limits: None,
            line,
        }
    }

    /// Whether it can mean a package of a source. One that names no place takes any; one that does
    /// takes none of an index. The places themselves are compared only to tell two packages apart:
    /// their spellings differ.
    pub fn may_mean(&self, source: &PackageSource) -> bool {
        match (&self.wanted, source) {
            _ if self.is_loose => true,
            (Wanted::Constraint(_) | Wanted::Specifiers(_), _) => true,
            (Wanted::Place(Place { kind: Kind::Git, .. }), PackageSource::Git { .. }) => true,
            (Wanted::Place(Place { kind: Kind::Url, .. }), PackageSource::Archive { .. }) => true,
            (Wanted::Place(Place { kind: Kind::Path, .. }), PackageSource::Path { .. } | PackageSource::FirstParty { .. }) => true,
            (Wanted::Place(..), _) => false,
        }
    }

    /// Whether it names the very place of a source.
    pub fn names_place(&self, source: &PackageSource) -> bool {
        let Wanted::Place(place) = &self.wanted else { return false };
        let is_at = |other: &str| plain(other) == plain(&place.address);
        match source {
            PackageSource::Registry { .. } => false,
            PackageSource::Git { repository, commit, .. } => {
                let is_commit = place.commit.as_deref().is_none_or(|asked| commit.as_deref().is_some_and(|commit| commit == asked));
                is_at(repository.as_str()) && is_commit
            }
            PackageSource::Archive { url } => is_at(url.as_str()),
            PackageSource::Path { path } => path.trim_start_matches("./") == place.address.trim_start_matches("./"),
            PackageSource::FirstParty { folder } => {
                folder.as_ref().is_some_and(|folder| place.address.trim_end_matches('/').ends_with(folder.file_name()))
            }
        }
    }

    /// The place as it was asked for, without credentials, where its spelling can be compared.
    pub fn address(&self) -> Option<String> {
        match &self.wanted {
            Wanted::Place(place) if place.kind != Kind::Path => Some(place.shown()),
            _ => None,
        }
    }

    /// Whether each of the versions is allowed; yes where that cannot be judged.
    pub fn allows<'v>(&self, versions: impl Iterator<Item = Option<&'v Version>>) -> Vec<bool> {
        let constraint = match &self.wanted {
            Wanted::Constraint(text) if !self.is_loose => Constraint::read(text),
            _ => None,
        };
        let allows = |version: Option<&Version>| match (&self.wanted, &constraint, version) {
            (_, Some(constraint), Some(version)) => constraint.allows(version) != Some(false),
            (Wanted::Specifiers(text), _, Some(version)) => self.is_loose || allows(text, version),
            _ => true,
        };
        versions.map(allows).collect()
    }

    /// What was asked for, as written; nothing for any version.
    pub fn requirement(&self) -> Option<Cow<'a, str>> {
        match &self.wanted {
            Wanted::Constraint(text) => (text != "*").then(|| text.clone()),
            Wanted::Specifiers(text) => (!text.is_empty()).then(|| text.clone().into()),
            Wanted::Place(place) => Some(place.shown().into()),
        }
    }

    /// Whether it may not hold everywhere, so that a lockfile may well lack it.
    pub fn is_conditional(&self) -> bool {
        let of_environment = |marker: &str| ENVIRONMENT.iter().any(|word| marker.contains(word));
        self.is_loose || self.limits.is_some() || self.marker.as_deref().is_some_and(of_environment)
    }

    /// When it applies, in the words of the files.
    pub fn condition(&self) -> Option<Cow<'a, str>> {
        let with = self.with_extras.as_deref().filter(|_| !self.optional);
        if self.extras.is_empty() && self.limits.is_none() && with.is_none() {
            return self.marker.clone();
        }
        let with = with.map(|extras| in_extras(extras.iter().flat_map(|set| set.split(','))));
        let parts = [pyproject::condition(with, &self.extras, self.marker.as_deref()), self.limits.clone()];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join("; ").into())
    }
}

impl Place<'_> {
    fn of_source(source: PackageSource, written: String) -> Self {
        let (kind, address, commit) = match source {
            PackageSource::Git { repository, commit, .. } => (Kind::Git, repository.to_string(), commit),
            PackageSource::Archive { url } => (Kind::Url, url.to_string(), None),
            _ => (Kind::Path, written.clone(), None),
        };
        Place { kind, address: address.into(), written: written.into(), commit: commit.map(|commit| commit.to_string().into()) }
    }

    fn shown(&self) -> String {
        let at = self.commit.as_ref().filter(|commit| !self.written.contains(&***commit)).map(|commit| format!("@{commit}"));
        format!("{}{}", Address::new(&self.written), at.unwrap_or_default())
    }
}

fn wanted<'a>(table: &Table<'_, 'a>) -> Result<Wanted<'a>, ReadError> {
    for (key, kind) in [("git", Kind::Git), ("file", Kind::Path), ("path", Kind::Path), ("url", Kind::Url)] {
        if let Some(address) = table.text(key)? {
            let commit = table.text("rev")?.filter(|rev| is_commit(rev));
            let folder = table.text("subdirectory")?;
            let place = Cow::Owned(in_folder(&address, folder.as_deref()).into_owned());
            return Ok(Wanted::Place(Place { kind, written: address, address: place, commit }));
        }
    }
    Ok(Wanted::Constraint(table.text("version")?.unwrap_or(Cow::Borrowed("*"))))
}

fn extras(table: &toml_file::Table<'_, '_>) -> Result<Vec<PackageName>, ReadError> {
    table.array("extras")?.iter().map(|extra| normal(extra, extra.str()?)).collect()
}

fn limits(table: &Table<'_, '_>) -> Result<Option<String>, ReadError> {
    let mut parts = Vec::new();
    for key in ["python", "platform"] {
        parts.extend(table.str(key)?.map(|limit| format!("{key} {limit}")));
    }
    Ok((!parts.is_empty()).then(|| parts.join("; ")))
}

/// An address without what its spellings differ in: scheme, user, `.git`, a slash at the end, and the
/// colon of `git@host:path`. The folder inside of it stays.
pub(super) fn plain(address: &str) -> String {
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let folder = fragment.split('&').find_map(|pair| pair.strip_prefix("subdirectory="));
    let address = address.trim_end_matches('/');
    let address = address.strip_suffix(".git").unwrap_or(address);
    let (has_scheme, rest) = address.split_once("://").map_or((false, address), |(_, rest)| (true, rest));
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..authority_end].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let rest = if has_scheme { rest.to_owned() } else { rest.replacen(':', "/", 1) };
    in_folder(&rest.to_ascii_lowercase(), folder).into_owned()
}

/// A list of extras, in the words of markers.
pub(in crate::read) fn in_extras<'e>(extras: impl IntoIterator<Item = &'e str>) -> String {
    extras.into_iter().map(|extra| format!("extra == '{extra}'")).collect::<Vec<_>>().join(" or ")
}
