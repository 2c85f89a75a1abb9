//! Who wrote a range of commits: whoever did may have brought in what no lockfile's history shows.

use super::super::diff::{Revision, Sides};
use super::super::{Project, RunError, attribution};
use crate::edge::{Query, Repository};
use crate::enrich::attribution::Catalogue;
use crate::judge::approval;
use crate::judge::brought::{People, people_of};
use crate::model::{CommitId, RelPath};
use std::collections::BTreeSet;

/// The people of every commit that touches more than the approvals.
pub(super) fn of_range(project: &Project, sides: &Sides, catalogue: &Catalogue) -> Result<People, RunError> {
    let (Revision::Commit(base), Some(judge)) = (&sides.base, &sides.judge) else { return Ok(People::Nobody) };
    let Revision::Commit(tip) = &sides.head else { return Ok(People::Unknown("not everything is committed yet".into())) };
    let repository = project.repository("diff")?;
    let answers = commits(repository, base, tip)
        .and_then(|ids| attribution::of_commits(repository, ids, judge, catalogue).map_err(|error| error.to_string()));
    Ok(match answers {
        Ok(answers) => People::Known(answers.iter().flat_map(|one| people_of(&one.commit, Some(&one.attribution))).collect()),
        Err(reason) => People::Unknown(reason),
    })
}

/// A merge counts where it changes what no parent has. So does a commit of which that cannot be told.
fn commits(repository: &Repository, base: &CommitId, tip: &CommitId) -> Result<Vec<CommitId>, String> {
    let everything = Query { wanted: &|_| true, enter: &|_| true };
    let history = repository.history(Some(base), tip, &everything).map_err(|error| error.to_string())?;
    let mut ids = Vec::new();
    for commit in history.commits {
        let touched = commit.parents.iter().map(|parent| {
            let paths = parent.touched.as_ref().ok()?.iter().map(|touched| &touched.path);
            Some(paths.collect::<BTreeSet<&RelPath>>())
        });
        let own = touched.reduce(|a, b| Some(&a? & &b?)).flatten();
        if own.is_none_or(|own| own.iter().any(|path| path.as_str() != approval::FILE)) {
            ids.push(commit.id);
        }
    }
    Ok(ids)
}
