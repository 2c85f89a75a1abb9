//! `attribution`: who or what wrote commits. Each is read with what stands around it: its note, the pull
//! request behind a squash, branches and merges, what a CI job is told. Evidence that is there and cannot be
//! read makes the answer unknown, never `undeclared`.

mod around;
mod pull;
mod records;

use super::signature::Signatures;
use super::{Project, RunError, UserKeys, gate};
use crate::edge::{Cut, Repository};
use crate::enrich::attribution::{self, Attribution, Catalogue, Context, declares_itself};
use crate::judge::policy::Policy;
use crate::model::{Commit, CommitId, CommitRecord, Mailmap};
use around::Around;
use pull::Pulls;
use records::Records;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Commits that one call answers for at most.
const MOST_COMMITS: usize = 100_000;
/// Bytes of all their messages together. Those of Linux are 1 KB each.
const MOST_BYTES: usize = 1 << 30;

/// What else to look at.
#[derive(Debug, Default)]
pub struct Options {
    /// Files of Agent Trace records, and folders that hold such.
    pub agent_traces: Vec<PathBuf>,
    /// Files of OpenPGP keys that the user knows.
    pub openpgp_keys: Vec<PathBuf>,
}

/// One commit with its answer.
#[derive(Debug)]
pub struct Answer {
    pub commit: CommitRecord,
    pub attribution: Attribution,
    /// Whether the repository's history is cut off.
    pub shallow: bool,
}

/// The answers for commits, with the policy whose marks were looked for.
#[derive(Debug)]
pub struct Answers {
    pub commits: Vec<Answer>,
    pub policy: Policy,
}

/// Answers for each commit that the revisions name, in their order; of a range `A..B` the newest first. The marks
/// are those of HEAD's policy, and signatures are checked by the user's keys and by those of a range's base.
///
/// People bear the names that the `.mailmap` of the range's base gives them: what the range itself brings
/// does not say who answers for it. Of a revision that is named alone it is that of HEAD.
pub fn read(project: &Project, revisions: &[String], options: &Options) -> Result<Answers, RunError> {
    let repository = project.repository("attribution")?;
    let head = repository.resolve("HEAD").ok();
    let policy = head.as_ref().map(|head| gate::policy_of(project, head)).transpose()?.unwrap_or_default();
    let user = UserKeys::read(&options.openpgp_keys)?;
    let (mut asked, mut bases) = (Vec::new(), Vec::new());
    for revision in revisions {
        if repository.is_range(revision) {
            let (base, walked) = repository.between(revision, MOST_COMMITS)?;
            if let Some(cut) = walked.cut {
                return Err(RunError::Range { range: revision.clone(), reason: cut.to_string() });
            }
            asked.extend(walked.commits.into_iter().map(|(id, _)| (id, Some(base.clone()))));
        } else {
            asked.push((repository.resolve(revision)?, head.clone()));
        }
        if asked.len() > MOST_COMMITS {
            return Err(RunError::Range { range: revisions.join(" "), reason: format!("more than {MOST_COMMITS} commits") });
        }
        let base = asked.last().and_then(|(_, base)| base.clone()).filter(|_| repository.is_range(revision));
        bases.resize(asked.len(), base);
    }
    let mut signatures: BTreeMap<&Option<CommitId>, Signatures<'_>> = BTreeMap::new();
    let answers = answers(repository, asked, options, policy.catalogue())?;
    let checked = answers.into_iter().zip(&bases).map(|(answer, base)| {
        let signatures = signatures.entry(base).or_insert_with(|| Signatures::new(repository, &user, base.clone()));
        Answer { commit: signatures.checked(answer.commit), ..answer }
    });
    Ok(Answers { commits: checked.collect(), policy })
}

/// Answers for commits under the names that the `.mailmap` of `base` gives.
pub fn of_commits(repository: &Repository, ids: Vec<CommitId>, base: &CommitId, catalogue: &Catalogue) -> Result<Vec<Answer>, RunError> {
    let asked = ids.into_iter().map(|id| (id, Some(base.clone()))).collect();
    answers(repository, asked, &Options::default(), catalogue)
}

/// Answers for a commit and all its ancestors, the newest first, of which there may be more than are answered for.
pub fn of_history(repository: &Repository, head: &CommitId, catalogue: &Catalogue) -> Result<(Vec<Answer>, Option<Cut>), RunError> {
    let walked = repository.ancestors(std::slice::from_ref(head), &[], None, MOST_COMMITS);
    let ids = walked.commits.into_iter().map(|(id, _)| id).collect();
    Ok((of_commits(repository, ids, head, catalogue)?, walked.cut))
}

/// Each commit comes with the one whose `.mailmap` counts.
fn answers(
    repository: &Repository,
    asked: Vec<(CommitId, Option<CommitId>)>,
    options: &Options,
    catalogue: &Catalogue,
) -> Result<Vec<Answer>, RunError> {
    let commits = commits(repository, &asked)?;
    let mut mailmaps: BTreeMap<Option<CommitId>, Result<Mailmap, String>> = BTreeMap::new();
    for (_, base) in &asked {
        let read = || base.as_ref().map_or_else(|| Ok(Mailmap::default()), |base| repository.mailmap(base));
        mailmaps.entry(base.clone()).or_insert_with(read);
    }
    // A declaration on the commit itself is nearer than anything that stands around it.
    let declared: Vec<bool> = commits.iter().map(|commit| declares_itself(commit, catalogue)).collect();
    let open: Vec<&Commit> = commits.iter().zip(&declared).filter(|(_, declared)| !**declared).map(|(commit, _)| commit).collect();
    let sources = Sources {
        repository,
        catalogue,
        records: Records::open(repository, &options.agent_traces)?,
        around: Around::of(repository, &open, catalogue),
        pulls: Pulls::new(repository, catalogue),
    };
    let named = commits.iter().zip(&declared).zip(&asked);
    Ok(named.map(|((commit, declared), (_, base))| sources.answer(commit, *declared, &mailmaps[base])).collect())
}

/// Their messages are in memory together, so there is a bound on all of them.
fn commits(repository: &Repository, asked: &[(CommitId, Option<CommitId>)]) -> Result<Vec<Commit>, RunError> {
    let mut commits = Vec::with_capacity(asked.len());
    let mut bytes = 0;
    for (id, _) in asked {
        let commit = repository.read_commit(id)?;
        bytes += commit.message.len();
        if bytes > MOST_BYTES {
            let reason = format!("the messages of the {} commits up to it have more than {MOST_BYTES} bytes together", commits.len());
            return Err(RunError::Range { range: id.to_string(), reason });
        }
        commits.push(commit);
    }
    Ok(commits)
}

/// Where evidence comes from, opened once for all commits.
struct Sources<'a> {
    repository: &'a Repository,
    catalogue: &'a Catalogue,
    records: Records<'a>,
    around: Around,
    pulls: Pulls<'a>,
}

impl Sources<'_> {
    fn answer(&self, commit: &Commit, declared: bool, mailmap: &Result<Mailmap, String>) -> Answer {
        let nobodys = Mailmap::default();
        let (mailmap, unread) = mailmap.as_ref().map_or_else(|reason| (&nobodys, Some(reason.clone())), |mailmap| (mailmap, None));
        let record = CommitRecord::of(commit, mailmap);
        let shallow = self.repository.is_shallow();
        let mut context = Context { mailmap: Some(mailmap), unknown: unread, ..Context::default() };
        self.records.add(commit, self.catalogue, &mut context);
        if !declared {
            self.around.add(commit, self.catalogue, &mut context);
            if let (Some(pull_request), 0..=1) = (record.pull_request, commit.parents.len()) {
                self.pulls.add(commit, pull_request, &mut context);
            }
        }
        if shallow {
            context.cannot_read(SHALLOW.to_owned());
        }
        let attribution = attribution::attribute(commit, context, self.catalogue);
        Answer { commit: record, attribution, shallow }
    }
}

const SHALLOW: &str = "the history is cut off (a shallow clone): evidence may lie beyond the cut; `git fetch --unshallow` brings it";
