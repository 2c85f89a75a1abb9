//! What is asked of the history: for each change the thing whose coming is looked for, and the file
//! in which it shows.

use super::entry::{self, Entries, Entry};
use super::manifest::Line;
use super::{FactNo, Reason};
use crate::diff::{Aspect, Cause, Change, ChangeKind, LockfileDiff};
use crate::model::{Digest, Location, Package, RelPath};
use crate::read::Parsed;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everything that is looked for in the history of one comparison.
#[derive(Debug, Default)]
pub struct Questions {
    facts: Vec<Fact>,
    numbers: HashMap<Fact, FactNo>,
    packages: HashMap<Package, Vec<FactNo>>,
    /// What asks for a package in a manifest.
    declared: HashMap<Declaration, FactNo>,
    /// By file as the head has it: what is looked for there.
    pub files: BTreeMap<RelPath, Asked>,
}

/// What is looked for in one file.
#[derive(Debug)]
pub struct Asked {
    pub kind: FileKind,
    pub facts: BTreeSet<FactNo>,
    /// Where the base has the file, if that is another path.
    pub moved_from: Option<RelPath>,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// By the lockfile format of this id.
    Lockfile(&'static str),
    /// By the lines that are looked for in the manifest of this number.
    Manifest(usize),
}

/// A thing that a file can hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Fact {
    Package(Package),
    /// A package with exactly these digests.
    Bytes(Package, Vec<Digest>),
    Line(Line),
    Entry(Entry),
}

/// Which of the things one content holds: a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held(pub(super) Vec<u64>);

impl Held {
    pub fn has(&self, fact: FactNo) -> bool {
        self.0.get(fact / 64).is_some_and(|word| word >> (fact % 64) & 1 == 1)
    }

    fn set(&mut self, fact: FactNo) {
        if self.0.len() <= fact / 64 {
            self.0.resize(fact / 64 + 1, 0);
        }
        self.0[fact / 64] |= 1 << (fact % 64);
    }
}

/// The manifests whose lines are the causes of changes.
pub fn manifests_named(lockfiles: &[LockfileDiff<'_>]) -> BTreeSet<RelPath> {
    let of = |lockfile: &LockfileDiff<'_>| lockfile.changes.iter().filter_map(declared_at).map(|at| at.file.clone()).collect::<Vec<_>>();
    lockfiles.iter().flat_map(of).collect()
}

impl Questions {
    /// `manifests` are the texts of the head's manifests, those that could be read.
    pub fn of(lockfiles: &[LockfileDiff<'_>], manifests: &BTreeMap<RelPath, String>) -> Questions {
        let mut questions = Questions::default();
        let mut declared: BTreeMap<RelPath, Vec<Declaration>> = BTreeMap::new();
        for lockfile in lockfiles {
            for change in &lockfile.changes {
                questions.add_lockfile(lockfile, change);
                let declaration = declaration(change);
                declaration.into_iter().for_each(|one| declared.entry(one.0.file.clone()).or_default().push(one));
            }
        }
        for (file, declarations) in declared {
            if let Some(text) = manifests.get(&file) {
                questions.add_manifest(&file, text, declarations);
            }
        }
        questions
    }

    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// How many things are looked for.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    fn add_lockfile(&mut self, lockfile: &LockfileDiff<'_>, change: &Change) {
        let Some(fact) = in_lockfile(change) else { return };
        // An included file lists the package where the lockfile itself does not.
        let moved = lockfile.base.lockfile != lockfile.head.lockfile && change.location.file == lockfile.head.lockfile;
        let moved_from = moved.then(|| lockfile.base.lockfile.clone());
        self.ask(&change.location.file, FileKind::Lockfile(lockfile.head.format), fact, moved_from);
    }

    /// The lines that ask for changes, and where a line says nothing of one requirement the entries.
    fn add_manifest(&mut self, file: &RelPath, text: &str, declarations: Vec<Declaration>) {
        let tree = OnceCell::new();
        let entries = OnceCell::new();
        for declaration in declarations {
            if self.declared.contains_key(&declaration) {
                continue;
            }
            let (at, name, requirement) = &declaration;
            let requirement = requirement.as_deref();
            let entry = || {
                let tree = tree.get_or_init(|| entry::tree(file.file_name(), text)).as_ref()?;
                entries.get_or_init(|| Entries::of(tree)).entry(name, requirement?)
            };
            let fact = Line::at(text, at.line, name, requirement).map(Fact::Line).or_else(|| entry().map(Fact::Entry));
            let Some(fact) = fact else { continue };
            let number = self.files.len();
            if let Some(fact) = self.ask(file, FileKind::Manifest(number), fact, None) {
                self.declared.insert(declaration, fact);
            }
        }
    }

    /// The number of what is looked for in the file.
    fn ask(&mut self, file: &RelPath, kind: FileKind, fact: Fact, moved_from: Option<RelPath>) -> Option<FactNo> {
        let number = match self.numbers.get(&fact) {
            Some(number) => *number,
            None => {
                let number = self.facts.len();
                if let Fact::Package(package) | Fact::Bytes(package, _) = &fact {
                    self.packages.entry(package.clone()).or_default().push(number);
                }
                self.numbers.insert(fact.clone(), number);
                self.facts.push(fact);
                number
            }
        };
        let asked = self.files.entry(file.clone()).or_insert_with(|| Asked { kind, facts: BTreeSet::new(), moved_from });
        // A manifest of requirements can be the lockfile too: then it is read as the lockfile.
        let is_alike = matches!(asked.kind, FileKind::Manifest(_)) == matches!(kind, FileKind::Manifest(_));
        is_alike.then(|| {
            asked.facts.insert(number);
            number
        })
    }

    /// The thing that came into the lockfile with a change.
    pub(super) fn in_lockfile(&self, change: &Change) -> Option<FactNo> {
        self.numbers.get(&in_lockfile(change)?).copied()
    }

    /// The line or entry of a manifest that asks for a change.
    pub(super) fn in_manifest(&self, change: &Change) -> Option<FactNo> {
        self.declared.get(&declaration(change)?).copied()
    }

    /// What of all that is looked for a lockfile holds.
    pub fn held_by(&self, parsed: &Parsed<'_>) -> Held {
        let mut held = Held::default();
        let mut digests: HashMap<&Package, BTreeSet<&Digest>> = HashMap::new();
        for entry in &parsed.entries {
            let Some(facts) = self.packages.get(&entry.package) else { continue };
            digests.entry(&entry.package).or_default().extend(entry.artifacts.iter().flat_map(|artifact| &artifact.digests));
            facts.iter().filter(|fact| matches!(self.facts[**fact], Fact::Package(_))).for_each(|fact| held.set(*fact));
        }
        for (package, digests) in digests {
            let is_held =
                |fact: &&FactNo| matches!(&self.facts[**fact], Fact::Bytes(_, wanted) if wanted.iter().eq(digests.iter().copied()));
            self.packages[package].iter().filter(is_held).for_each(|fact| held.set(*fact));
        }
        held
    }

    /// Which of the lines and entries that are looked for in a manifest one state of it holds. `file_name` is that of
    /// the state.
    pub fn held_by_manifest(&self, facts: &BTreeSet<FactNo>, file_name: &str, text: &str) -> Result<Held, Reason> {
        let mut held = Held::default();
        if text.lines().nth(MOST_LINES).is_some() {
            return Err(Reason::unread("the manifest has too many lines"));
        }
        let tree = OnceCell::new();
        for &number in facts {
            let is_held = match &self.facts[number] {
                Fact::Line(line) => line.is_in(text).ok_or_else(|| Reason::unread("too many lines of the manifest are alike"))?,
                Fact::Entry(entry) => {
                    let tree = tree.get_or_init(|| entry::tree(file_name, text)).as_ref();
                    entry.is_in(tree.ok_or_else(|| Reason::unread("the manifest cannot be read"))?)
                }
                Fact::Package(_) | Fact::Bytes(..) => false,
            };
            if is_held {
                held.set(number);
            }
        }
        Ok(held)
    }
}

/// Lines of a manifest that is compared by lines.
const MOST_LINES: usize = 20_000;

/// Whether the lockfile itself shows what changed.
pub(super) fn shows_in_lockfile(change: &Change) -> bool {
    in_lockfile(change).is_some()
}

/// What shows in the lockfile itself: a package, or its bytes. Directness and scope do not.
fn in_lockfile(change: &Change) -> Option<Fact> {
    let is = |aspect| change.what.contains(&aspect);
    match change.kind {
        ChangeKind::Removed => None,
        ChangeKind::Modified if is(Aspect::Source) || is(Aspect::Version) => Some(Fact::Package(change.package.clone())),
        ChangeKind::Modified if is(Aspect::Digest) => Some(Fact::Bytes(change.package.clone(), change.digests.clone())),
        ChangeKind::Modified => None,
        ChangeKind::Added | ChangeKind::Upgraded | ChangeKind::Downgraded => Some(Fact::Package(change.package.clone())),
    }
}

/// Where a manifest asks for a package, under which name, and with which requirement.
type Declaration = (Location, String, Option<String>);

fn declaration(change: &Change) -> Option<Declaration> {
    let at = declared_at(change)?;
    let Cause::Declared { requirement, alias, .. } = &change.cause else { return None };
    Some((at.clone(), alias.as_deref().unwrap_or(change.package.name.as_str()).to_owned(), requirement.clone()))
}

/// The line of a manifest that asks for the package, and did not so before. Lines of the lockfile
/// itself (where an old form has no manifest beside it) tell nothing more than the lockfile does.
pub fn declared_at(change: &Change) -> Option<&Location> {
    match &change.cause {
        Cause::Declared { location: Some(at), .. } if change.kind != ChangeKind::Removed && at.file != change.location.file => Some(at),
        _ => None,
    }
}
