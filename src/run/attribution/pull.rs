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
use std::collections::{BTreeMap, BTreeSet};

/// Commits of one pull request that are read; GitHub itself shows 250.
const MOST_COMMITS: usize = 500;

/// Adds what the pull request's commits declare, or that they are not here.
pub fn add(repository: &Repository, squash: &Commit, pull_request: PullRequest, catalogue: &Catalogue, context: &mut Context<'_>) {
    let number = pull_request.number();
    let head = match head(repository, pull_request) {
        Ok(Some(head)) if head == squash.id => return,
        Ok(Some(head)) => head,
        Ok(None) => return context.limits.push(not_here(pull_request)),
        Err(reason) => return context.cannot_read(format!("the commits of pull request {number} cannot be read: {reason}")),
    };
    let walked = repository.ancestors(std::slice::from_ref(&head), &squash.parents, None, MOST_COMMITS);
    match walked.cut {
        Some(Cut::Unread(reason)) => context.cannot_read(format!("the commits of pull request {number} cannot be read: {reason}")),
        Some(Cut::Limit(reason)) => context.limits.push(format!("not all commits of a pull request were looked at: {reason}")),
        None => {}
    }
    let ids = walked.commits.iter().filter(|(id, parents)| *id != squash.id && parents.len() < 2);
    let (read, unread): (Vec<_>, Vec<_>) = ids.map(|(id, _)| repository.read_commit(id)).partition(Result::is_ok);
    unread.into_iter().filter_map(Result::err).for_each(|error| context.cannot_read(error.to_string()));
    let commits: Vec<Commit> = read.into_iter().flatten().filter(|commit| declares_itself(commit, catalogue)).collect();
    if commits.is_empty() {
        return;
    }
    match Squashed::read(repository, squash) {
        Ok(squashed) => {
            let shares = |commit: &Commit| {
                squashed.shares(repository, commit).unwrap_or_else(|reason| {
                    context.cannot_read(format!("the lines that commit {} adds cannot be read: {reason}", commit.id.short()));
                    false
                })
            };
            let shared: Vec<bool> = commits.iter().map(shares).collect();
            let joined = commits.into_iter().zip(shared).map(|(commit, shares_lines)| PullCommit { commit, shares_lines });
            context.evidence.extend(of_pull(&joined.collect::<Vec<_>>(), catalogue));
        }
        Err(reason) => context.cannot_read(format!("the lines that this commit adds cannot be read: {reason}")),
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
}

impl Squashed {
    fn read(repository: &Repository, squash: &Commit) -> Result<Self, String> {
        let changed = repository.changed_files(&squash.id, &squash.parents, &Query::EVERYTHING, MOST_CHANGES)?;
        let mut files = BTreeMap::new();
        for file in attribution::subject(&changed).into_iter().take(MOST_FILES) {
            let (new, lines) = added(repository, squash, &file)?;
            let telling = lines.telling(&new).into_iter().map(<[u8]>::to_vec).collect();
            files.insert(file, (new, telling));
        }
        Ok(Squashed { files })
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
