//! From the ways of single things to the introduction of each change.

use super::questions::{declared_at, shows_in_lockfile};
use super::trace::{self, End, Traced};
use super::{
    Basis, Budget, Declared, FactNo, FirstSeen, History, Introduction, Introductions, MOST_LOOKS, Origin, Questions, Reason, Start,
    first_seen,
};
use crate::diff::{Cause, Change, ChangeKind, LockfileDiff};
use crate::model::{CommitId, CommitRecord, Gap, Package, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a comparison, beside its history.
pub struct Comparison<'c> {
    pub lockfiles: &'c [LockfileDiff<'c>],
    /// Where the commit `tip` has each file that is asked about.
    pub starts: &'c BTreeMap<RelPath, Start>,
    pub tip: &'c CommitId,
    /// Whether the head is the work tree above `tip`.
    pub work_tree: bool,
}

/// The introduction of everything that was asked about. The commits are not looked up yet:
/// [`Introductions::commits_named`] lists them, [`Introductions::with_commits`] puts them in.
pub fn answer(questions: &Questions, history: &History, comparison: &Comparison<'_>) -> Introductions {
    let ways = Ways::of(questions, history, comparison);
    let mut introductions = Introductions { range: history.steps.len(), complete: true, ..Introductions::default() };
    for lockfile in comparison.lockfiles {
        let mut changes = BTreeMap::new();
        for change in lockfile.changes.iter().filter(|change| came_in(change)) {
            changes.insert(change.package.clone(), ways.introduction(questions, change, comparison));
        }
        take_from_causes(&mut changes, &lockfile.changes);
        introductions.gaps.extend(gaps(&lockfile.head.lockfile, &changes));
        introductions.changes.insert(lockfile.head.lockfile.clone(), changes);
    }
    introductions
}

/// Whether anything came in by a change: not where a package went, or is there for less than before
/// and nothing else of it changed.
fn came_in(change: &Change) -> bool {
    shows_in_lockfile(change) || change.kind != ChangeKind::Removed && !matches!(change.cause, Cause::Lost(_))
}

/// No introduction is known, for one reason.
pub fn unknown(lockfiles: &[LockfileDiff<'_>], reason: &Reason) -> Introductions {
    let mut introductions = Introductions::default();
    for lockfile in lockfiles {
        let kept = lockfile.changes.iter().filter(|change| came_in(change));
        let changes = kept.map(|change| (change.package.clone(), Introduction::unknown(reason.clone()))).collect();
        introductions.gaps.extend(gaps(&lockfile.head.lockfile, &changes));
        introductions.changes.insert(lockfile.head.lockfile.clone(), changes);
    }
    introductions
}

impl Introduction {
    fn unknown(reason: Reason) -> Self {
        Introduction {
            basis: Basis::Lockfile,
            origin: Origin::Unknown(reason),
            first_seen: FirstSeen::Unknown,
            merges: Vec::new(),
            merge: None,
            pull_request: None,
            declared: None,
            through: None,
        }
    }
}

/// When each thing was seen first.
type Seen = BTreeMap<FactNo, FirstSeen>;

/// By file and thing, where its way led.
struct Ways<'h> {
    history: &'h History,
    traced: BTreeMap<RelPath, (BTreeMap<FactNo, Traced>, Seen)>,
}

impl<'h> Ways<'h> {
    fn of(questions: &Questions, history: &'h History, comparison: &Comparison<'_>) -> Self {
        let mut traced = BTreeMap::new();
        let mut budget = Budget(MOST_LOOKS);
        for (file, asked) in &questions.files {
            let Some(start) = comparison.starts.get(file) else { continue };
            let ways = trace::trace(history, comparison.tip, start, asked.facts.iter().copied(), &mut budget);
            let arrivals = ways.iter().filter_map(|(fact, way)| match way.end {
                End::At(step) => Some((*fact, step)),
                _ => None,
            });
            let seen = first_seen(history, &start.path, &arrivals.collect(), &mut budget);
            traced.insert(file.clone(), (ways, seen));
        }
        Ways { history, traced }
    }

    fn origin(&self, way: &Traced, comparison: &Comparison<'_>) -> Origin {
        match &way.end {
            End::At(step) => Origin::Commit(self.history.steps[*step].id.clone()),
            End::Out(id) => Origin::Before(id.clone()),
            End::NotThere if comparison.work_tree => Origin::Uncommitted,
            End::NotThere => Origin::Unknown(Reason::unread("the file by itself does not show it")),
            End::Unknown(reason) => Origin::Unknown(reason.clone()),
        }
    }

    fn introduction(&self, questions: &Questions, change: &Change, comparison: &Comparison<'_>) -> Introduction {
        let declared = self.declared(questions, change, comparison);
        let way = questions.in_lockfile(change).map(|fact| (fact, self.traced.get(&change.location.file)));
        let reason = Reason::unread("neither the lockfile nor a line of a manifest shows what changed");
        let unseen = || way.as_ref().and_then(|_| unseen(change));
        let declared_too = declared.as_ref().map(|(declared, _)| declared.clone()).or_else(unseen);
        let mut introduction = Introduction { declared: declared_too, ..Introduction::unknown(reason) };
        match (way, declared) {
            (Some((fact, traced)), _) => {
                if let Some((way, seen)) = traced.and_then(|(ways, seen)| Some((ways.get(&fact)?, seen))) {
                    introduction.origin = self.origin(way, comparison);
                    introduction.merges = self.ids(way);
                    introduction.first_seen = seen.get(&fact).cloned().unwrap_or(FirstSeen::Unknown);
                }
            }
            (None, Some((declared, way))) => {
                introduction.basis = Basis::Manifest;
                introduction.origin = declared.origin;
                introduction.merges = self.ids(way);
            }
            (None, None) => introduction.basis = Basis::Cause,
        }
        introduction
    }

    fn declared(&self, questions: &Questions, change: &Change, comparison: &Comparison<'_>) -> Option<(Declared, &Traced)> {
        let at = declared_at(change)?;
        let way = self.traced.get(&at.file)?.0.get(&questions.in_manifest(change)?)?;
        Some((Declared { location: at.clone(), origin: self.origin(way, comparison) }, way))
    }

    /// The merges that a thing came in by; of what did not come in with a commit there are none.
    fn ids(&self, way: &Traced) -> Vec<CommitId> {
        let merges = if matches!(way.end, End::At(_)) { &way.merges[..] } else { &[] };
        merges.iter().map(|step| self.history.steps[*step].id.clone()).collect()
    }
}

/// What asks for a change in a manifest where nothing of that can be followed: it cannot be told from what else the line
/// asks for, or the manifest cannot be read.
fn unseen(change: &Change) -> Option<Declared> {
    let reason = Reason::unread("what asks for it in the manifest cannot be followed");
    declared_at(change).map(|at| Declared { location: at.clone(), origin: Origin::Unknown(reason) })
}

/// Names the package that pulled each one in, and gives a change that no file shows by itself the
/// introduction of what caused it.
fn take_from_causes(introductions: &mut BTreeMap<Package, Introduction>, changes: &[Change]) {
    for change in changes.iter().filter(|change| came_in(change)) {
        let Cause::Required { chain, .. } = &change.cause else { continue };
        let Some(top) = chain.first().map(|link| &link.package) else { continue };
        let above = introductions.get(top).filter(|above| above.basis != Basis::Cause).cloned();
        let Some(introduction) = introductions.get_mut(&change.package) else { continue };
        introduction.through = Some((top.clone(), above.as_ref().and_then(|above| above.origin.commit().cloned())));
        if let Some(above) = above.filter(|_| introduction.basis == Basis::Cause) {
            introduction.origin = above.origin;
            introduction.merges = above.merges;
        }
    }
}

/// What is not known of a lockfile, each reason once.
fn gaps(lockfile: &RelPath, changes: &BTreeMap<Package, Introduction>) -> Vec<Gap> {
    let mut reasons: BTreeMap<&Reason, usize> = BTreeMap::new();
    // Of a change that no file shows by itself nothing was left unread.
    for introduction in changes.values().filter(|introduction| introduction.basis != Basis::Cause) {
        if let Origin::Unknown(reason) = &introduction.origin {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let message = |reason: &Reason, number: usize| {
        let packages = if number == 1 { "one package".to_owned() } else { format!("{number} packages") };
        format!("which commit brought {packages} in is not known: {}", reason.text)
    };
    reasons.into_iter().map(|(reason, number)| Gap::of_file(reason.kind, lockfile, message(reason, number))).collect()
}

impl Introductions {
    /// Every commit that an introduction names; sorted.
    pub fn commits_named(&self) -> BTreeSet<CommitId> {
        let mut named = BTreeSet::new();
        for introduction in self.changes.values().flat_map(BTreeMap::values) {
            named.extend(introduction.origin.commit().cloned());
            named.extend(introduction.declared.as_ref().and_then(|declared| declared.origin.commit().cloned()));
            named.extend(introduction.merges.iter().cloned());
            if let FirstSeen::Commit(id) = &introduction.first_seen {
                named.insert(id.clone());
            }
        }
        named
    }

    /// The same with what the commits say of themselves, from which the pull requests are known.
    pub fn with_commits(mut self, commits: BTreeMap<CommitId, CommitRecord>) -> Self {
        let number = |id: &CommitId| commits.get(id).and_then(|commit| commit.pull_request);
        for introduction in self.changes.values_mut().flat_map(BTreeMap::values_mut) {
            let named = introduction.merges.iter().rev().find(|merge| number(merge).is_some());
            introduction.merge = named.or(introduction.merges.first()).cloned();
            let own = || introduction.origin.commit().and_then(number);
            introduction.pull_request = introduction.merge.as_ref().and_then(number).or_else(own);
        }
        self.commits = commits;
        self
    }
}
