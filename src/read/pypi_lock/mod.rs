//! What poetry.lock and pdm.lock have in common: packages with requirements by name and constraint,
//! forks of one name side by side, and a project of whose requirements the lockfile says nothing.
//!
//! A format reads its files into [`Lock`] and [`Project`]; [`Reading`] makes the entries, finds out in
//! which scope each extra is asked for, and says what does not agree.

mod ask;
mod comparison;
mod constraint;
mod reading;
mod spots;

pub(super) use ask::{Ask, Wanted, in_extras};
pub(super) use reading::Reading;
pub(super) use spots::key_of_set;

use super::requirements_txt::exclude_each_other;
use super::{Files, ReadError, ReadErrorKind, Unlocked};
use crate::model::digest::Algorithm;
use crate::model::text::{quoted, shortened, visible};
use crate::model::{Artifact, Digest, Gap, GapKind, PackageName, PackageSource, RelPath, Scope, SourceFile, Version};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;
use std::cell::RefCell;

pub(super) struct Lock<'a> {
    pub packages: Vec<Locked<'a>>,
    by_name: HashMap<PackageName, Vec<usize>>,
    /// Pairs of markers of which it is known whether they exclude each other.
    compared: RefCell<HashMap<(String, String), bool>>,
    /// Whether several extras that are asked for at once are one thing in the lockfile, not each its own.
    pub extras_are_sets: bool,
    /// The group of what the project needs to run.
    pub main_group: &'static str,
}

/// A package of the lockfile.
pub(super) struct Locked<'a> {
    pub name: PackageName,
    pub version: Option<Version>,
    pub source: PackageSource,
    /// Where it stands; further ones are those of its extras.
    pub lines: Vec<u32>,
    pub artifacts: Vec<Artifact>,
    pub asks: Vec<Ask<'a>>,
    /// By extra, the further extras of the same package that come with it.
    pub chains: Vec<(String, Vec<String>)>,
    pub marker: Option<Cow<'a, str>>,
    /// The groups with which it gets installed, where the lockfile says it.
    pub groups: Option<Vec<PackageName>>,
}

/// What the project itself asks for.
pub(super) struct Project<'a> {
    pub path: RelPath,
    pub name: Option<PackageName>,
    pub version: Option<Version>,
    pub asked: Vec<Asked<'a>>,
    /// What its settings put in the place of every requirement of a name.
    pub overrides: Vec<Ask<'a>>,
    /// The indexes it names.
    pub indexes: Vec<String>,
    /// What its build needs, and its tool.
    pub unlocked: Vec<Unlocked>,
    /// Whether its build asks for more than its manifest says.
    pub is_dynamic: bool,
    /// Whether it is a workspace, whose members' folders are its own without being asked for.
    pub is_workspace: bool,
}

/// A requirement that a person wrote.
pub(super) struct Asked<'a> {
    pub scope: Scope,
    /// The list it stands in, in words: `group: dev`.
    pub list: Option<String>,
    /// The group or extra that the list is.
    pub group: Option<PackageName>,
    /// Whether its list need not be locked.
    pub may_be_absent: bool,
    pub ask: Ask<'a>,
}

/// Versions of one name that are locked side by side: no project has more than a few, and every
/// requirement is held against each.
const MOST_OF_A_NAME: usize = 32;

/// Pairs of markers that are compared: the algebra is slow, and a real lockfile has a few.
const MOST_COMPARED: usize = 1_000;

impl<'a> Lock<'a> {
    /// Refuses a package that stands there twice.
    pub fn new(path: &RelPath, packages: Vec<Locked<'a>>, extras_are_sets: bool, main_group: &'static str) -> Result<Self, ReadError> {
        let mut lock = Lock { packages, by_name: HashMap::new(), compared: RefCell::default(), extras_are_sets, main_group };
        for (number, package) in lock.packages.iter().enumerate() {
            lock.by_name.entry(package.name.clone()).or_default().push(number);
        }
        for numbers in lock.by_name.values().filter(|numbers| numbers.len() > 1) {
            lock.refuse_duplicates(path, numbers)?;
        }
        Ok(lock)
    }

    fn refuse_duplicates(&self, path: &RelPath, numbers: &[usize]) -> Result<(), ReadError> {
        let packages = || numbers.iter().map(|&number| &self.packages[number]);
        if let Some(package) = packages().nth(MOST_OF_A_NAME) {
            let what = format!("there are {} packages of the name {}", numbers.len(), quoted(package.name.as_str()));
            return Err(ReadError::new(path, package.lines.first().copied(), ReadErrorKind::Limit { what, limit: MOST_OF_A_NAME }));
        }
        let mut seen = HashSet::new();
        match packages().find(|package| !seen.insert((&package.version, &package.source))) {
            Some(package) => Err(package.stands_twice(path)),
            None => Ok(()),
        }
    }

    /// The packages of a name.
    pub fn named(&self, name: &PackageName) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The packages that a requirement can mean, by name, source, constraint and marker: several
    /// where the lockfile has forks.
    pub fn meant(&self, ask: &Ask<'_>, marker: Option<&str>) -> Vec<usize> {
        let named = self.named(&ask.name).iter().copied();
        let mut meant: Vec<usize> = named.filter(|&number| ask.may_mean(&self.packages[number].source)).collect();
        let allowed = ask.allows(meant.iter().map(|&number| self.packages[number].version.as_ref()));
        let mut allowed = allowed.iter();
        meant.retain(|_| allowed.next() == Some(&true));
        if meant.len() > 1 {
            self.tell_apart(&mut meant, ask, marker);
        }
        meant
    }

    /// Of several, those at the very place that is asked for, and those whose markers leave an
    /// environment in which both are installed.
    fn tell_apart(&self, meant: &mut Vec<usize>, ask: &Ask<'_>, marker: Option<&str>) {
        let is_at = |number: &usize| ask.names_place(&self.packages[*number].source);
        if meant.iter().any(is_at) {
            meant.retain(is_at);
        }
        let may_be_both = |number: &usize| {
            let theirs = self.packages[*number].marker.as_deref();
            !self.exclude(ask.marker.as_deref(), theirs) && !self.exclude(marker, theirs)
        };
        if meant.iter().any(may_be_both) {
            meant.retain(may_be_both);
        }
    }

    /// Whether two markers are known to exclude each other.
    fn exclude(&self, a: Option<&str>, b: Option<&str>) -> bool {
        let (Some(a), Some(b)) = (a, b) else { return false };
        let mut compared = self.compared.borrow_mut();
        let key = (a.to_owned(), b.to_owned());
        if let Some(known) = compared.get(&key) {
            return *known;
        }
        let exclude = compared.len() < MOST_COMPARED && exclude_each_other(Some(a), Some(b));
        if compared.len() < MOST_COMPARED {
            compared.insert(key, exclude);
        }
        exclude
    }
}

impl Locked<'_> {
    /// For people: the source stands there where it is not the default registry.
    pub fn label(&self) -> String {
        let version = self.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        format!("{}{version}{}", self.name, self.from())
    }

    /// Where it comes from, in words; nothing for the default registry.
    pub fn from(&self) -> String {
        if self.source == PackageSource::default_registry() {
            return String::new();
        }
        format!(" from {}", visible(&shortened(&self.source.to_string(), 200)))
    }

    pub fn stands_twice(&self, path: &RelPath) -> ReadError {
        let line = self.lines.last().copied();
        ReadError::new(path, line, ReadErrorKind::Malformed(format!("the package {} stands twice in the lockfile", quoted(&self.label()))))
    }
}

/// The files of a package as a format collects them: one file has one digest of an algorithm.
#[derive(Default)]
pub(super) struct FileDigests<'a>(HashMap<(usize, Cow<'a, str>, Algorithm), Digest>);

impl<'a> FileDigests<'a> {
    /// Whether what is known of a package's file does not contradict a digest. Lists that name no file
    /// cannot.
    pub fn agree(&mut self, package: usize, file: Cow<'a, str>, digest: Digest) -> bool {
        file.is_empty() || *self.0.entry((package, file, digest.algorithm())).or_insert(digest) == digest
    }
}

impl Project<'_> {
    pub fn new(path: &RelPath) -> Self {
        Project {
            path: path.clone(),
            name: None,
            version: None,
            asked: Vec::new(),
            overrides: Vec::new(),
            indexes: Vec::new(),
            unlocked: Vec::new(),
            is_dynamic: false,
            is_workspace: false,
        }
    }
}

/// The manifest beside the lockfile, or the gap that its lack leaves.
pub(super) fn manifest<'a, M>(
    files: &'a Files,
    lockfile: &str,
    read: impl Fn(&'a SourceFile) -> Result<M, ReadError>,
) -> (Option<M>, Vec<Gap>) {
    let mut gaps = files.unread_manifests();
    match files.companions.values().next().map(read) {
        Some(Ok(manifest)) => return (Some(manifest), gaps),
        Some(Err(error)) => gaps.push(error.into_gap()),
        None if gaps.is_empty() => {
            let message =
                format!("no pyproject.toml was found beside the lockfile: {lockfile} does not say what the project itself asks for");
            gaps.push(Gap::of_file(GapKind::MissingCompanion, files.path(), message));
        }
        None => {}
    }
    (None, gaps)
}
