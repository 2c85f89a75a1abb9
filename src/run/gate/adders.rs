//! Which commits of a range added which approvals. Every commit counts that has an entry which none of its
//! parents has; a version of the file that cannot be read leaves everything unknown, since it may have held
//! anything.

use super::super::attribution;
use super::super::signature::Signatures;
use super::LARGEST;
use crate::edge::git::history::Touched;
use crate::edge::{EntryKind, Found, GitError, Query, Repository};
use crate::enrich::attribution::Catalogue;
use crate::judge::approval::{self, Adder};
use crate::model::{CommitId, RelPath, SourceFile};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of all versions of the file together at most.
const MOST_BYTES: usize = 256 << 20;

/// The commits that added each entry, by the entry's text; or why that is not known.
pub(super) fn of(
    repository: &Repository,
    (base, judge): (&CommitId, &CommitId),
    tip: &CommitId,
    catalogue: &Catalogue,
) -> Result<BTreeMap<String, Vec<Adder>>, String> {
    let query = Query { wanted: &|path| path == approval::FILE, enter: &|folder| approval::FILE.starts_with(folder) };
    let history = repository.history(Some(base), tip, &query).map_err(|error| error.to_string())?;
    let mut versions = Versions { repository, bytes_left: MOST_BYTES };
    let mut added: BTreeMap<CommitId, BTreeSet<String>> = BTreeMap::new();
    for commit in &history.commits {
        let mut parents = Vec::new();
        for parent in &commit.parents {
            parents.push(parent.touched.as_ref().map_err(Clone::clone)?);
        }
        let new = versions.added(&commit.id, &parents)?;
        if !new.is_empty() {
            added.insert(commit.id.clone(), new);
        }
    }
    with_authors(repository, judge, added, catalogue)
}

fn with_authors(
    repository: &Repository,
    judge: &CommitId,
    added: BTreeMap<CommitId, BTreeSet<String>>,
    catalogue: &Catalogue,
) -> Result<BTreeMap<String, Vec<Adder>>, String> {
    let answers =
        attribution::of_commits(repository, added.keys().cloned().collect(), judge, catalogue).map_err(|error| error.to_string())?;
    let signatures = Signatures::of_base(repository, judge);
    let mut adders: BTreeMap<String, Vec<Adder>> = BTreeMap::new();
    for answer in answers {
        let commit = signatures.checked(answer.commit);
        let author = repository.read_commit(&commit.id).map_err(|error| error.to_string())?.author.who;
        let apart = repository.range(&format!("{judge}...{}", commit.id)).err().map(|error| match error {
            GitError::NoCommonAncestor { .. } => "it is of another history, which has no commit in common with this one".to_owned(),
            other => format!("whether it is of this history is not known: {other}"),
        });
        let is_forge = catalogue.is_forge(&commit.committer.name, &commit.committer.email);
        let adder = Adder {
            commit: commit.id.clone(),
            author,
            committer: Some(commit.committer).filter(|_| !is_forge),
            apart,
            by: answer.attribution.category,
            signature: commit.signature,
        };
        for text in added.get(&commit.id).into_iter().flatten() {
            adders.entry(text.clone()).or_default().push(adder.clone());
        }
    }
    Ok(adders)
}

struct Versions<'r> {
    repository: &'r Repository,
    bytes_left: usize,
}

impl Versions<'_> {
    /// The entries that a commit has and no parent of it.
    fn added(&mut self, id: &CommitId, parents: &[&Vec<Touched>]) -> Result<BTreeSet<String>, String> {
        let touched: Vec<Option<&Touched>> =
            parents.iter().map(|parent| parent.iter().find(|touched| touched.path.as_str() == approval::FILE)).collect();
        // What is as some parent has it came from there.
        let now = match touched.first() {
            None => return self.of_first(id),
            Some(_) if touched.iter().any(Option::is_none) => return Ok(BTreeSet::new()),
            Some(first) => first.and_then(|touched| touched.now.as_ref()),
        };
        let Some(now) = now else { return Ok(BTreeSet::new()) };
        let mut new = self.texts(id, now)?;
        for before in touched.into_iter().flatten().filter_map(|touched| touched.before.as_ref()) {
            let old = self.texts(id, before)?;
            new.retain(|text| !old.contains(text));
        }
        Ok(new)
    }

    /// Of a commit without parents everything is its own.
    fn of_first(&mut self, id: &CommitId) -> Result<BTreeSet<String>, String> {
        let path = RelPath::new(approval::FILE).map_err(|error| error.to_string())?;
        match self.repository.file(id, &path, LARGEST)? {
            None => Ok(BTreeSet::new()),
            Some(bytes) => self.parsed(id, bytes),
        }
    }

    fn texts(&mut self, id: &CommitId, found: &Found) -> Result<BTreeSet<String>, String> {
        if found.kind != EntryKind::File {
            return Ok(BTreeSet::new());
        }
        let bytes = self.repository.read(found, LARGEST).map_err(|error| error.to_string())?;
        self.parsed(id, bytes)
    }

    fn parsed(&mut self, id: &CommitId, bytes: Vec<u8>) -> Result<BTreeSet<String>, String> {
        self.bytes_left = self.bytes_left.checked_sub(bytes.len()).ok_or("the range has too many versions of the approvals")?;
        let unread = |error: String| format!("at {} or before it the approvals cannot be read: {error}", id.short());
        let path = RelPath::new(approval::FILE).map_err(|error| error.to_string())?;
        let file = SourceFile::new(path, bytes).map_err(|error| unread(error.to_string()))?;
        let entries = approval::read(&file).map_err(|error| unread(error.to_string()))?;
        Ok(entries.into_iter().map(|entry| entry.text).collect())
    }
}
