//! The commits of the pull request behind a squash merge. A quarter of squash merges lose the marks of the
//! commits that they put together; the forge keeps these commits under a ref of their own.
//!
//! A number in a subject may be of another repository's pull request, and a pull request may stand on
//! another one. So a commit declares for the squash only when it adds a line that the squash adds.

use super::records::{MOST_CHANGES, MOST_FILES, added};
use crate::edge::Cut;
use crate::edge::{Query, Repository};
use crate::enrich::attribution::{self, Catalogue, Context, PullCommit, declares_itself, of_pull};
use crate::model::{Commit, CommitId, PullRequest, RelPath};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Commits of one pull request that are read; GitHub itself shows 250.
const MOST_COMMITS: usize = 5_000;
/// Commits that are read of all pull requests together: each squash may name a long one.
const MOST_TOGETHER: usize = 200_000;

/// The pull requests of a repository, for the commits of one call.
pub struct Pulls<'a> {
    repository: &'a Repository,
    catalogue: &'a Catalogue,
    commits_left: Cell<usize>,
}

impl<'a> Pulls<'a> {
    pub fn new(repository: &'a Repository, catalogue: &'a Catalogue) -> Self {
        Pulls { repository, catalogue, commits_left: Cell::new(MOST_TOGETHER) }
    }

    /// Adds what the pull request's commits declare, or that they are not here. Where some are here and are not
    /// read, the answer is not known: whoever opens the pull request chooses how many there are.
    pub fn add(&self, squash: &Commit, pull_request: PullRequest, context: &mut Context<'_>) {
        let number = pull_request.number();
        let head = match head(self.repository, pull_request) {
            Ok(Some(head)) if head == squash.id => return,
            Ok(Some(head)) => head,
            Ok(None) => return context.limits.push(not_here(pull_request)),
            Err(reason) => return context.cannot_read(format!("the commits of pull request {number} cannot be read: {reason}")),
        };
        let commits = self.declaring(&head, squash, number, context);
        if commits.is_empty() {
            return;
        }
        match Squashed::read(self.repository, squash) {
            Ok(squashed) => {
                if squashed.cut {
                    context
                        .cannot_read(format!("of the manifests and lockfiles that this commit changes, {MOST_FILES} are compared at most"));
                }
                let joined: Vec<PullCommit> = commits.into_iter().map(|commit| self.joined(commit, &squashed, context)).collect();
                context.evidence.extend(of_pull(&joined, self.catalogue));
            }
            Err(reason) => context.cannot_read(format!("the lines that this commit adds cannot be read: {reason}")),
        }
    }

    /// The commits of the pull request that declare something.
    fn declaring(&self, head: &CommitId, squash: &Commit, number: u64, context: &mut Context<'_>) -> Vec<Commit> {
        let most = MOST_COMMITS.min(self.commits_left.get());
        let walked = self.repository.ancestors(std::slice::from_ref(head), &squash.parents, None, most);
        self.commits_left.set(self.commits_left.get().saturating_sub(walked.commits.len()));
        match walked.cut {
            Some(Cut::Unread(reason)) => context.cannot_read(format!("the commits of pull request {number} cannot be read: {reason}")),
            Some(Cut::Limit(reason)) => {
                context.cannot_read(format!("not all commits of pull request {number} were looked at: {reason}"));
            }
            None => {}
        }
        let ids = walked.commits.iter().filter(|(id, parents)| *id != squash.id && parents.len() < 2);
        let (read, unread): (Vec<_>, Vec<_>) = ids.map(|(id, _)| self.repository.read_commit(id)).partition(Result::is_ok);
        unread.into_iter().filter_map(Result::err).for_each(|error| context.cannot_read(error.to_string()));
        read.into_iter().flatten().filter(|commit| declares_itself(commit, self.catalogue)).collect()
    }

    fn joined(&self, commit: Commit, squashed: &Squashed, context: &mut Context<'_>) -> PullCommit {
        let shares_lines = squashed.shares(self.repository, &commit).unwrap_or_else(|reason| {
            context.cannot_read(format!("the lines that commit {} adds cannot be read: {reason}", commit.id.short()));
            false
        });
        PullCommit { commit, shares_lines }
    }
}

/// One sentence for all pull requests of a forge, so that a report can say it once.
fn not_here(pull_request: PullRequest) -> String {
    let missing =
        "the commits of a pull request that a message names are not in this repository, and a squash merge may have dropped their marks";
    match pull_request.all_references() {
        Some(all) => format!("{missing}: `git fetch origin '{all}:{all}'` brings those of all"),
        None => format!("{missing}: the forge keeps no ref of them that is known"),
    }
}

/// The head of the pull request, under the forge's ref or where a fetch of all pull requests puts it.
fn head(repository: &Repository, pull_request: PullRequest) -> Result<Option<CommitId>, String> {
    let Some(own) = pull_request.reference() else { return Ok(None) };
    let below = own.trim_start_matches("refs/");
    let number = pull_request.number();
    let places = [
        own.clone(),
        format!("refs/remotes/origin/{below}"),
        format!("refs/remotes/origin/pr/{number}"),
        format!("refs/remotes/origin/pull/{number}"),
    ];
    for name in &places {
        if let Some(head) = repository.reference(name)? {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// What a squash commit adds to the files that the question is about.
struct Squashed {
    files: BTreeMap<RelPath, (Vec<u8>, BTreeSet<Vec<u8>>)>,
    /// Whether there are more than are compared.
    cut: bool,
}

impl Squashed {
    fn read(repository: &Repository, squash: &Commit) -> Result<Self, String> {
        let changed = repository.changed_files(&squash.id, &squash.parents, &Query::EVERYTHING, MOST_CHANGES)?;
        let mut files = BTreeMap::new();
        let subject = attribution::subject(&changed);
        let cut = subject.len() > MOST_FILES;
        for file in subject.into_iter().take(MOST_FILES) {
            let (new, lines) = added(repository, squash, &file)?;
            let telling = lines.telling(&new).into_iter().map(<[u8]>::to_vec).collect();
            files.insert(file, (new, telling));
        }
        Ok(Squashed { files, cut })
    }

    /// Whether a commit adds a line that the squash adds, or leaves a file exactly as the squash does.
    fn shares(&self, repository: &Repository, commit: &Commit) -> Result<bool, String> {
        let changed = repository.changed_files(&commit.id, &commit.parents, &Query::EVERYTHING, MOST_CHANGES)?;
        for (file, (bytes, telling)) in self.files.iter().filter(|(file, _)| changed.contains(*file)) {
            let (new, lines) = added(repository, commit, file)?;
            if *bytes == new || lines.telling(&new).iter().any(|line| telling.contains(*line)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
