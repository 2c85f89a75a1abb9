//! Branches and merges whose names tools choose, and what the CI job is told. They are looked up once for
//! all commits in question.

use crate::edge::{Cut, GitError, Repository, ci};
use crate::enrich::attribution::{Catalogue, Context, Event, Merge, merged_branch, of_branch, of_event, of_merge};
use crate::model::{Commit, CommitId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Branches that are looked at; with more of them, none is.
const MOST_BRANCHES: usize = 50_000;
/// Commits that are on tools' branches alone, over all of these.
const MOST_ON_BRANCHES: usize = 50_000;
/// Commits of the history that are searched for merges.
const MOST_HISTORY: usize = 500_000;
/// Commits that one merge brought in.
const MOST_MERGED: usize = 5_000;
/// Commits of the pull request that a CI job builds.
const MOST_OF_EVENT: usize = 10_000;
/// A merge may be dated before what it merges, when clocks differ; a day is allowed for.
const CLOCKS_DIFFER: i64 = 86_400;

/// What stands around the commits in question.
#[derive(Debug, Default)]
pub struct Around {
    branches: HashMap<CommitId, BTreeSet<String>>,
    merges: HashMap<CommitId, Merge>,
    event: Option<Event>,
    of_event: HashSet<CommitId>,
    limits: Vec<String>,
    /// What is there and cannot be read: it may hold evidence on any commit.
    unread: Vec<String>,
}

impl Around {
    /// For the commits that do not declare anything themselves.
    pub fn of(repository: &Repository, open: &[&Commit], catalogue: &Catalogue) -> Around {
        let mut around = Around::default();
        if !open.is_empty() {
            around.look_at_branches(repository, catalogue);
            around.look_at_merges(repository, open, catalogue);
            around.look_at_event(repository);
        }
        around
    }

    /// Adds what stands around one commit.
    pub fn add(&self, commit: &Commit, catalogue: &Catalogue, context: &mut Context<'_>) {
        let names = self.branches.get(&commit.id).into_iter().flatten();
        context.evidence.extend(names.filter_map(|name| of_branch(name, catalogue)));
        context.evidence.extend(self.merges.get(&commit.id).and_then(|merge| of_merge(merge, false, catalogue)));
        if let Some(event) = self.event.as_ref().filter(|event| self.of_event.contains(&commit.id) || is_built(commit, event)) {
            context.evidence.extend(of_event(event, catalogue));
        }
        context.limits.extend(self.limits.iter().cloned());
        self.unread.iter().for_each(|reason| context.cannot_read(reason.clone()));
    }

    /// For what is bounded by the whole repository, where a limit is one of this program and nobody's choice.
    fn not_all(&mut self, what: &str, cut: Option<Cut>) {
        match cut {
            Some(Cut::Limit(reason)) => self.limits.push(format!("{what}: {reason}")),
            Some(Cut::Unread(reason)) => self.unread.push(format!("{what}: {reason}")),
            None => {}
        }
    }

    /// For what whoever wrote the commits chooses: they could hide one behind thousands of empty ones.
    fn not_whole(&mut self, what: &str, cut: Option<Cut>) {
        self.unread.extend(cut.map(|cut| format!("{what}: {cut}")));
    }

    /// Commits that are on a tool's branch and on no other.
    fn look_at_branches(&mut self, repository: &Repository, catalogue: &Catalogue) {
        let branches = match repository.branches(MOST_BRANCHES) {
            Ok(branches) => branches,
            Err(cut) => return self.not_all("branches were not looked at", Some(cut)),
        };
        let (tools, others): (Vec<_>, Vec<_>) = branches.into_iter().partition(|branch| catalogue.branch(&branch.name).is_some());
        if tools.is_empty() {
            return;
        }
        let tips: Vec<CommitId> = tools.iter().map(|branch| branch.tip.clone()).collect();
        let hidden: Vec<CommitId> = others.into_iter().map(|branch| branch.tip).collect();
        let walked = repository.ancestors(&tips, &hidden, None, MOST_ON_BRANCHES);
        self.not_whole("not all branches of tools were looked at", walked.cut);
        let parents: BTreeMap<CommitId, Vec<CommitId>> = walked.commits.into_iter().collect();
        for branch in tools {
            let mut open = vec![&branch.tip];
            while let Some(id) = open.pop() {
                let Some((id, parents)) = parents.get_key_value(id) else { continue };
                if self.branches.entry(id.clone()).or_default().insert(branch.name.clone()) {
                    open.extend(parents);
                }
            }
        }
    }

    /// Commits that a merge of a tool's branch brought into the history of HEAD.
    fn look_at_merges(&mut self, repository: &Repository, open: &[&Commit], catalogue: &Catalogue) {
        let head = match repository.resolve("HEAD") {
            Ok(head) => head,
            Err(GitError::NoCommit) => return,
            Err(error) => return self.unread.push(format!("merges were not looked at: {error}")),
        };
        let oldest = open.iter().map(|commit| commit.committer.time).min().flatten().map(|time| time.seconds);
        let since = oldest.map(|time| time.saturating_sub(CLOCKS_DIFFER));
        let history = repository.ancestors(&[head], &[], since, MOST_HISTORY);
        self.not_all("not all merges were looked at", history.cut);
        for (id, parents) in history.commits.into_iter().filter(|(_, parents)| parents.len() > 1) {
            let commit = match repository.read_commit(&id) {
                Ok(commit) => commit,
                Err(error) => {
                    self.unread.push(format!("a merge was not looked at: {error}"));
                    continue;
                }
            };
            if merged_branch(commit.subject()).and_then(|name| catalogue.branch(name)).is_none() {
                continue;
            }
            let merged = repository.ancestors(&parents[1..], &parents[..1], None, MOST_MERGED);
            self.not_whole(&format!("not all commits of the merge {} were looked at", id.short()), merged.cut);
            for (brought_in, _) in merged.commits {
                self.merges.entry(brought_in).or_insert_with(|| Merge { commit: id.clone(), subject: commit.subject().to_owned() });
            }
        }
    }

    fn look_at_event(&mut self, repository: &Repository) {
        let event = match ci::pull_request() {
            Ok(None) => return,
            Ok(Some(event)) => event,
            Err(reason) => return self.unread.push(format!("what the CI job is told cannot be read: {reason}")),
        };
        match (&event.base, &event.head) {
            (Some(base), Some(head)) => {
                let walked = repository.ancestors(std::slice::from_ref(head), std::slice::from_ref(base), None, MOST_OF_EVENT);
                self.of_event = walked.commits.into_iter().map(|(id, _)| id).collect();
                self.not_whole("not all commits of the CI job's pull request are known", walked.cut);
            }
            _ => self.unread.push("the CI job does not say which commits its pull request has".into()),
        }
        self.event =
            Some(Event { head_branch: event.head_branch, author: event.author, labels: event.labels, base: event.base, head: event.head });
    }
}

/// Whether this is the pull request's head, or the merge of it that the forge makes for the job.
fn is_built(commit: &Commit, event: &Event) -> bool {
    event.head.as_ref().is_some_and(|head| commit.id == *head || commit.parents.len() == 2 && commit.parents[1] == *head)
}
