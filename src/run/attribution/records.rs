//! Records outside of commits that say which lines a tool wrote: git-ai notes and Agent Trace files, each
//! joined with the lines that the commit adds.

use super::RunError;
use crate::edge::{Notes, Query, Repository, input};
use crate::enrich::attribution::{
    self, AddedLines, Catalogue, Claim, Context, Joined, Record, Trace, Traces, of_claims, parse_agent_trace, parse_note,
};
use crate::model::{Commit, CommitId, RelPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The ref of git-ai's notes.
const NOTES: &str = "refs/notes/ai";
/// The largest note that is read.
const MOST_NOTE_BYTES: u64 = 8 << 20;
/// The largest file of records, and how many of them a folder may hold.
const MOST_TRACE_BYTES: u64 = 64 << 20;
const MOST_TRACE_FILES: usize = 10_000;
/// The largest file of a commit whose lines are compared.
pub(super) const MOST_FILE_BYTES: u64 = 32 << 20;
/// Files of one commit that are compared at most, manifests and lockfiles first.
pub(super) const MOST_FILES: usize = 500;
/// Changed files of one commit that are listed at most.
pub(super) const MOST_CHANGES: usize = 50_000;

/// Where records come from.
pub struct Records<'a> {
    repository: &'a Repository,
    /// `Err` says why they cannot be read.
    notes: Result<Option<Notes<'a>>, String>,
    traces: BTreeMap<CommitId, Vec<Claim>>,
    /// Records that name no commit of git.
    unnamed: usize,
}

impl<'a> Records<'a> {
    pub fn open(repository: &'a Repository, traces: &[PathBuf]) -> Result<Self, RunError> {
        let mut by_commit: BTreeMap<CommitId, Vec<Claim>> = BTreeMap::new();
        let mut unnamed = 0;
        for file in traces.iter().map(|path| input::files(path, MOST_TRACE_FILES)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            let name = file.display().to_string();
            let traces = parse_agent_trace(&input::read(&file, MOST_TRACE_BYTES)?, &name);
            let Traces { records, unnamed: of_file } = traces.map_err(|error| RunError::AgentTrace { file, message: error.to_string() })?;
            unnamed += of_file;
            for Trace { revision, claims } in records {
                by_commit.entry(revision).or_default().extend(claims);
            }
        }
        Ok(Records { repository, notes: repository.notes(NOTES), traces: by_commit, unnamed })
    }

    /// Adds what the records say of a commit, or why that is not known.
    pub fn add(&self, commit: &Commit, catalogue: &Catalogue, context: &mut Context<'_>) {
        let mut claims = self.traces.get(&commit.id).cloned().unwrap_or_default();
        match self.note(&commit.id) {
            Ok(of_note) => claims.extend(of_note),
            Err(reason) => context.cannot_read(reason),
        }
        if self.unnamed > 0 {
            context.cannot_read(format!("{} of the Agent Trace records name no commit of git, and may be about any", self.unnamed));
        }
        if claims.is_empty() {
            return;
        }
        match join(self.repository, commit, &claims, context) {
            Ok(joined) => context.evidence.extend(of_claims(&claims, &joined, catalogue)),
            Err(reason) => context.cannot_read(format!("the lines that this commit adds cannot be read: {reason}")),
        }
    }

    fn note(&self, commit: &CommitId) -> Result<Vec<Claim>, String> {
        let notes = self.notes.as_ref().map_err(|reason| format!("the notes of {NOTES} cannot be read: {reason}"))?;
        let unread = |reason: String| format!("the note of {NOTES} on this commit cannot be read: {reason}");
        let Some(notes) = notes else { return Ok(Vec::new()) };
        let Some(note) = notes.of(commit, MOST_NOTE_BYTES).map_err(unread)? else { return Ok(Vec::new()) };
        let record = Record::Note { reference: notes.reference.clone(), blob: note.blob, commit: notes.commit.to_string() };
        parse_note(&note.text, &record).map_err(|error| unread(error.to_string()))
    }
}

/// The lines that the commit adds to the files that the claims name.
fn join(repository: &Repository, commit: &Commit, claims: &[Claim], context: &mut Context<'_>) -> Result<Joined, String> {
    let changed = repository.changed_files(&commit.id, &commit.parents, &Query::EVERYTHING, MOST_CHANGES)?;
    let subject = attribution::subject(&changed);
    let named: BTreeSet<&RelPath> = claims.iter().map(|claim| &claim.file).filter(|file| changed.contains(*file)).collect();
    let (first, then): (Vec<&RelPath>, Vec<&RelPath>) = named.into_iter().partition(|file| subject.contains(*file));
    if first.len() + then.len() > MOST_FILES {
        context.cannot_read(format!("of the files that its records name, {MOST_FILES} are compared at most"));
    }
    let mut joined = Joined { subject, ..Joined::default() };
    for file in first.into_iter().chain(then).take(MOST_FILES) {
        let (_, added) = added(repository, commit, file)?;
        joined.added.insert(file.clone(), added);
    }
    Ok(joined)
}

/// A file's bytes in a commit, and the lines that the commit adds to it.
pub(super) fn added(repository: &Repository, commit: &Commit, file: &RelPath) -> Result<(Vec<u8>, AddedLines), String> {
    let bytes = |id: &CommitId| Ok::<_, String>(repository.file(id, file, MOST_FILE_BYTES)?.unwrap_or_default());
    let new = bytes(&commit.id)?;
    let old = commit.parents.iter().map(bytes).collect::<Result<Vec<_>, _>>()?;
    let old: Vec<&[u8]> = if old.is_empty() { vec![&[]] } else { old.iter().map(Vec::as_slice).collect() };
    let lines = AddedLines::between(&old, &new);
    Ok((new, lines))
}
