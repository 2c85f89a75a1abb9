//! What is asked of the history: for each change the thing whose coming is looked for, and the file
//! in which it shows.

use super::manifest::Line;
use super::{FactNo, Reason};
use crate::diff::{Aspect, Cause, Change, ChangeKind, LockfileDiff};
use crate::model::{Digest, Location, Package, RelPath};
use crate::read::Parsed;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everything that is looked for in the history of one comparison.
#[derive(Debug, Default)]
pub struct Questions {
    facts: Vec<Fact>,
    numbers: HashMap<Fact, FactNo>,
    packages: HashMap<Package, Vec<FactNo>>,
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
        for lockfile in lockfiles {
            for change in &lockfile.changes {
                questions.add(lockfile, change, manifests);
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

    fn add(&mut self, lockfile: &LockfileDiff<'_>, change: &Change, manifests: &BTreeMap<RelPath, String>) {
        if let Some(fact) = in_lockfile(change) {
            // An included file lists the package where the lockfile itself does not.
            let moved = lockfile.base.lockfile != lockfile.head.lockfile && change.location.file == lockfile.head.lockfile;
            let moved_from = moved.then(|| lockfile.base.lockfile.clone());
            self.ask(&change.location.file, FileKind::Lockfile(lockfile.head.format), fact, moved_from);
        }
        if let Some((at, line)) = in_manifest(change, manifests) {
            let number = self.files.len();
            self.ask(&at.file, FileKind::Manifest(number), Fact::Line(line), None);
        }
    }

    fn ask(&mut self, file: &RelPath, kind: FileKind, fact: Fact, moved_from: Option<RelPath>) {
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
        if matches!(asked.kind, FileKind::Manifest(_)) == matches!(kind, FileKind::Manifest(_)) {
            asked.facts.insert(number);
        }
    }

    /// The thing that came into the lockfile with a change.
    pub(super) fn in_lockfile(&self, change: &Change) -> Option<FactNo> {
        self.numbers.get(&in_lockfile(change)?).copied()
    }

    /// The line of a manifest that asks for a change.
    pub(super) fn in_manifest<'c>(&self, change: &'c Change, manifests: &BTreeMap<RelPath, String>) -> Option<(&'c Location, FactNo)> {
        let (at, line) = in_manifest(change, manifests)?;
        let number = *self.numbers.get(&Fact::Line(line))?;
        let asked = self.files.get(&at.file)?;
        (matches!(asked.kind, FileKind::Manifest(_)) && asked.facts.contains(&number)).then_some((at, number))
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

    /// Which of the lines that are looked for in a manifest one state of it holds.
    pub fn held_by_manifest(&self, facts: &BTreeSet<FactNo>, text: &str) -> Result<Held, Reason> {
        let mut held = Held::default();
        if text.lines().nth(MOST_LINES).is_some() {
            return Err(Reason::unread("the manifest has too many lines"));
        }
        for &number in facts {
            let Fact::Line(line) = &self.facts[number] else { continue };
            match line.is_in(text) {
                Some(true) => held.set(number),
                Some(false) => {}
                None => return Err(Reason::unread("too many lines of the manifest are alike")),
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

fn in_manifest<'c>(change: &'c Change, manifests: &BTreeMap<RelPath, String>) -> Option<(&'c Location, Line)> {
    let at = declared_at(change)?;
    let Cause::Declared { requirement, alias, .. } = &change.cause else { return None };
    let name = alias.as_deref().unwrap_or(change.package.name.as_str());
    Some((at, Line::at(manifests.get(&at.file)?, at.line, name, requirement.as_deref())?))
}

/// The line of a manifest that asks for the package, and did not so before. Lines of the lockfile
/// itself (where an old form has no manifest beside it) tell nothing more than the lockfile does.
pub fn declared_at(change: &Change) -> Option<&Location> {
    match &change.cause {
        Cause::Declared { location: Some(at), .. } if change.kind != ChangeKind::Removed && at.file != change.location.file => Some(at),
        _ => None,
    }
}
