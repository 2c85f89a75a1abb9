//! `attribution`: who or what wrote commits. Each is read with what stands around it: its note, the pull
//! request behind a squash, branches and merges, what a CI job is told. Evidence that is there and cannot be
//! read makes the answer unknown, never `undeclared`.

mod around;
mod pull;
mod records;

use super::{Project, RunError};
use crate::edge::Repository;
use crate::enrich::attribution::{self, Attribution, Catalogue, Context, PullRequest, declares_itself};
use crate::model::{Commit, CommitId, Mailmap};
use around::Around;
use records::Records;
use std::path::PathBuf;

/// Commits that one call answers for at most.
const MOST_COMMITS: usize = 100_000;

/// What else to look at.
#[derive(Debug, Default)]
pub struct Options {
    /// Files of Agent Trace records, and folders that hold such.
    pub agent_traces: Vec<PathBuf>,
}

/// One commit with its answer.
#[derive(Debug)]
pub struct Answer {
    pub commit: Commit,
    pub attribution: Attribution,
    /// The pull request that its message names.
    pub pull_request: Option<PullRequest>,
    /// Whether the repository's history is cut off.
    pub shallow: bool,
}

/// Answers for each commit that the revisions name, in their order; of a range `A..B` the newest first.
pub fn read(project: &Project, revisions: &[String], options: &Options) -> Result<Vec<Answer>, RunError> {
    let repository = project.repository("attribution")?;
    let commits = commits(repository, revisions)?;
    let catalogue = Catalogue::shipped();
    // A declaration on the commit itself is nearer than anything that stands around it.
    let declared: Vec<bool> = commits.iter().map(|commit| declares_itself(commit, catalogue)).collect();
    let open: Vec<&Commit> = commits.iter().zip(&declared).filter(|(_, declared)| !**declared).map(|(commit, _)| commit).collect();
    let sources = Sources {
        repository,
        catalogue,
        mailmap: repository.resolve("HEAD").map(|head| repository.mailmap(&head)).unwrap_or_default(),
        records: Records::open(repository, &options.agent_traces)?,
        around: Around::of(repository, &open, catalogue),
    };
    Ok(commits.into_iter().zip(declared).map(|(commit, declared)| sources.answer(commit, declared)).collect())
}

fn commits(repository: &Repository, revisions: &[String]) -> Result<Vec<Commit>, RunError> {
    let mut ids: Vec<CommitId> = Vec::new();
    for revision in revisions {
        if repository.is_range(revision) {
            let walked = repository.between(revision, MOST_COMMITS)?;
            if let Some(reason) = walked.cut {
                return Err(RunError::Range { range: revision.clone(), reason });
            }
            ids.extend(walked.commits.into_iter().map(|(id, _)| id));
        } else {
            ids.push(repository.resolve(revision)?);
        }
    }
    if ids.len() > MOST_COMMITS {
        return Err(RunError::Range { range: revisions.join(" "), reason: format!("more than {MOST_COMMITS} commits") });
    }
    Ok(ids.iter().map(|id| repository.read_commit(id)).collect::<Result<_, _>>()?)
}

/// Where evidence comes from, opened once for all commits.
struct Sources<'a> {
    repository: &'a Repository,
    catalogue: &'a Catalogue,
    mailmap: Mailmap,
    records: Records<'a>,
    around: Around,
}

impl Sources<'_> {
    fn answer(&self, commit: Commit, declared: bool) -> Answer {
        let shallow = self.repository.is_shallow();
        let pull_request = PullRequest::of(&commit);
        let mut context = Context { mailmap: Some(&self.mailmap), ..Context::default() };
        self.records.add(&commit, self.catalogue, &mut context);
        if !declared {
            self.around.add(&commit, self.catalogue, &mut context);
            if let (Some(pull_request), 0..=1) = (pull_request, commit.parents.len()) {
                pull::add(self.repository, &commit, pull_request, self.catalogue, &mut context);
            }
        }
        if shallow {
            context.unknown.get_or_insert_with(|| SHALLOW.to_owned());
        }
        let attribution = attribution::attribute(&commit, context, self.catalogue);
        Answer { commit, attribution, pull_request, shallow }
    }
}

const SHALLOW: &str = "the history is cut off (a shallow clone): evidence may lie beyond the cut; `git fetch --unshallow` brings it";
