//! Who brought packages in, as far as it matters to a verdict.

use crate::enrich::Fact;
use crate::enrich::attribution::{Attribution, Category};
use crate::enrich::introduction::{Basis, FirstSeen, Introduction, Introductions, Origin};
use crate::model::{CommitId, CommitRecord, Day, Package, Person, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// By lockfile (of the head) and package; empty where nobody asked.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    packages: BTreeMap<RelPath, BTreeMap<Package, Bringer>>,
    /// The commits that brought something in and are of an AI tool.
    pub by_tools: Vec<ToolCommit>,
    /// Of the range, for what no commit is known to have brought in; `None` where nobody asked.
    pub everybody: Option<People>,
}

/// Who brought one package in.
#[derive(Clone, Debug)]
pub struct Bringer {
    /// What is said of each commit that had a part in it.
    pub by: Vec<Fact<Category>>,
    pub people: People,
}

/// Who wrote the commits that brought something in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum People {
    Known(BTreeSet<Person>),
    /// Nobody committed it yet.
    Nobody,
    Unknown(String),
}

/// A commit of AI tools.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToolCommit {
    pub commit: CommitId,
    /// `None` where the time cannot be read.
    pub day: Option<Day>,
    /// Ids; none where only the use of some AI is declared.
    pub tools: Vec<String>,
    /// What it brought in, with the lockfile of the first.
    pub packages: Vec<(RelPath, Package)>,
}

impl Brought {
    pub fn of(introductions: &Introductions) -> Brought {
        let mut brought = Brought::default();
        let mut by_tools: BTreeMap<&CommitId, Vec<(RelPath, Package)>> = BTreeMap::new();
        for (lockfile, packages) in &introductions.changes {
            for (package, introduction) in packages {
                let bringer = Bringer { by: by(introduction, introductions), people: people(introduction, introductions) };
                brought.packages.entry(lockfile.clone()).or_default().insert(package.clone(), bringer);
                let commits = commits(introduction).into_iter().filter(|id| introductions.attributions.get(id).is_some_and(is_of_ai));
                commits.for_each(|id| by_tools.entry(id).or_default().push((lockfile.clone(), package.clone())));
            }
        }
        let of_commit = |(id, packages): (&CommitId, Vec<(RelPath, Package)>)| ToolCommit {
            commit: id.clone(),
            day: introductions.commits.get(id).map(|commit| commit.committed.seconds).filter(|at| *at != i64::MIN).map(Day::of_seconds),
            tools: introductions.attributions.get(id).map(|attribution| attribution.tools.clone()).unwrap_or_default(),
            packages,
        };
        brought.by_tools = by_tools.into_iter().map(of_commit).collect();
        brought
    }

    /// `None` where nobody asked.
    pub fn of_package(&self, lockfile: &RelPath, package: &Package) -> Option<&Bringer> {
        self.packages.get(lockfile)?.get(package)
    }
}

fn is_of_ai(attribution: &Attribution) -> bool {
    matches!(attribution.category, Fact::Known(Category::AiDeclared | Category::AiIndicated))
}

/// The commit that brought the package, that of the line that asks for it, that of what pulled it in, and of what
/// came back the one with which it was there first: whoever lets it in again did not choose it.
fn commits(introduction: &Introduction) -> BTreeSet<&CommitId> {
    let declared = introduction.declared.as_ref().and_then(|declared| declared.origin.commit());
    let through = introduction.through.as_ref().and_then(|(_, commit)| commit.as_ref());
    let first = match &introduction.first_seen {
        FirstSeen::Commit(id) => Some(id),
        _ => None,
    };
    introduction.origin.commit().into_iter().chain(declared).chain(through).chain(first).collect()
}

/// Why it is not known which commits had a part in it.
fn not_known(introduction: &Introduction) -> Option<String> {
    match &introduction.origin {
        Origin::Unknown(reason) => return Some(reason.text.clone()),
        Origin::Before(id) => return Some(format!("it was there before the range, in {}", id.short())),
        Origin::Commit(_) | Origin::Uncommitted => {}
    }
    if let Some(Origin::Unknown(reason)) = introduction.declared.as_ref().map(|declared| &declared.origin) {
        return Some(reason.text.clone());
    }
    let looked = introduction.basis == Basis::Lockfile && introduction.origin.commit().is_some();
    let reason = "whether it was there before, and went, cannot be told of every commit";
    (looked && introduction.first_seen == FirstSeen::Unknown).then(|| reason.to_owned())
}

/// The commits that had a part in its coming in, sorted; not known as long as one may be missing.
pub fn all_commits(introduction: &Introduction) -> Fact<BTreeSet<&CommitId>> {
    match not_known(introduction).or_else(|| not_committed(introduction)) {
        Some(reason) => Fact::Unknown(reason),
        None => Fact::Known(commits(introduction)),
    }
}

fn not_committed(introduction: &Introduction) -> Option<String> {
    (introduction.origin == Origin::Uncommitted).then(|| "it is not committed yet".to_owned())
}

/// One answer for each commit, and one for what is of no commit.
fn by(introduction: &Introduction, introductions: &Introductions) -> Vec<Fact<Category>> {
    let reason = not_known(introduction).or_else(|| not_committed(introduction));
    let mut told: Vec<Fact<Category>> = reason.map(Fact::Unknown).into_iter().collect();
    for id in commits(introduction) {
        let attribution = introductions.attributions.get(id).map(|attribution| attribution.category.clone());
        told.push(attribution.unwrap_or_else(|| Fact::Unknown(format!("{} was not looked at", id.short()))));
        // A bot that used an AI tool is a bot still.
        let is_automation = introductions.attributions.get(id).is_some_and(|attribution| !attribution.automation.is_empty());
        told.extend(is_automation.then_some(Fact::Known(Category::Automation)));
    }
    told
}

fn people(introduction: &Introduction, introductions: &Introductions) -> People {
    if introduction.origin == Origin::Uncommitted {
        return People::Nobody;
    }
    if let Some(reason) = not_known(introduction) {
        return People::Unknown(reason);
    }
    let mut people = BTreeSet::new();
    for id in commits(introduction) {
        let Some(commit) = introductions.commits.get(id) else {
            return People::Unknown(format!("{} cannot be read", id.short()));
        };
        people.extend(people_of(commit, introductions.attributions.get(id)));
    }
    People::Known(people)
}

/// Whoever wrote a commit, as it says itself and as its attribution does.
pub fn people_of<'c>(commit: &'c CommitRecord, attribution: Option<&'c Attribution>) -> impl Iterator<Item = Person> + 'c {
    let attributed = attribution.into_iter().flat_map(|attribution| attribution.person.iter().chain(&attribution.people));
    [&commit.author].into_iter().chain(&commit.co_authors).chain(attributed).cloned()
}
