//! `ai inventory`: which AI tools left marks in the history and among the files of a revision.

use super::{Project, RunError, Selection, Target, acquire, attribution, gate};
use crate::edge::{Cut, EntryKind, Found, Query, Repository, Snapshot};
use crate::enrich::Fact;
use crate::enrich::attribution::Catalogue;
use crate::enrich::attribution::inventory::{Inventory, Locked, Seen, is_of_a_tool};
use crate::judge::policy::Policy;
use crate::model::{CommitId, CommitRecord, Gap, RelPath};
use crate::read;

/// The largest file of a tool whose text is looked at, and how many of them are.
const MOST_BYTES: u64 = 1 << 20;
const MOST_FILES: usize = 5_000;
/// Lockfiles that one commit changes at most.
const MOST_CHANGES: usize = 50_000;

/// An inventory with the revision that it is of.
#[derive(Debug)]
pub struct Answer {
    pub revision: CommitId,
    pub inventory: Inventory,
    /// The revision's policy, whose marks were looked for.
    pub policy: Policy,
    /// Whether the repository's history is cut off.
    pub shallow: bool,
    /// Lockfiles that could not be read, and what else of them is not known.
    pub gaps: Vec<Gap>,
}

/// Looks at the commit that a revision names, and at everything before it.
pub fn read(project: &Project, revision: &str) -> Result<Answer, RunError> {
    let repository = project.repository("ai inventory")?;
    let head = repository.resolve(revision)?;
    let policy = gate::policy_of(project, &head)?;
    let mut inventory = of_history(repository, &head, policy.catalogue())?;
    let (lockfiles, _) = project.read(Some(Target::Revision(head.as_str())), &Selection::default())?;
    let mut locked = Locked::default();
    for node in lockfiles.graphs.values().flat_map(|graph| graph.ids().map(|id| graph.node(id))) {
        locked.add(node.package.ecosystem, &node.package.name);
    }
    add_files(&project.commit(&head)?, &locked, policy.catalogue(), &mut inventory)?;
    Ok(Answer { revision: head, inventory, policy, shallow: repository.is_shallow(), gaps: lockfiles.gaps })
}

fn of_history(repository: &Repository, head: &CommitId, catalogue: &Catalogue) -> Result<Inventory, RunError> {
    let (answers, cut) = attribution::of_history(repository, head, catalogue)?;
    let lockfile = |one: &attribution::Answer| is_of_a_tool(&one.attribution).then(|| changes_lockfile(repository, &one.commit));
    let lockfiles: Vec<Option<Fact<bool>>> = answers.iter().map(lockfile).collect();
    let seen = answers.iter().zip(&lockfiles).map(|(one, lockfile)| Seen {
        commit: &one.commit,
        attribution: &one.attribution,
        lockfile: lockfile.as_ref(),
    });
    let mut inventory = Inventory::of_history(seen);
    let not_all = |reason: String| format!("not all commits were looked at: {reason}");
    match cut {
        Some(Cut::Limit(reason)) => drop(inventory.limits.insert(not_all(reason))),
        Some(Cut::Unread(reason)) => inventory.add_unread(not_all(reason)),
        None => {}
    }
    Ok(inventory)
}

fn changes_lockfile(repository: &Repository, commit: &CommitRecord) -> Fact<bool> {
    let selection = Selection::default();
    let is_lockfile = |path: &str| RelPath::new(path).is_ok_and(|path| read::formats_of(&path).next().is_some());
    let wanted = |path: &str| is_lockfile(path) && selection.skips(path).is_none();
    let query = Query { wanted: &wanted, enter: &acquire::enters };
    match repository.changed_files(&commit.id, &commit.parents, &query, MOST_CHANGES) {
        Ok(files) => Fact::Known(!files.is_empty()),
        Err(reason) => Fact::Unknown(format!("whether {} changes a lockfile is not known: {reason}", commit.id.short())),
    }
}

fn add_files(snapshot: &dyn Snapshot, locked: &Locked, catalogue: &Catalogue, inventory: &mut Inventory) -> Result<(), RunError> {
    let selection = Selection::default();
    let row = |path: &str| RelPath::new(path).ok().and_then(|path| catalogue.own_file(&path));
    let query = Query { wanted: &|path| row(path).is_some() && selection.skips(path).is_none(), enter: &acquire::enters };
    let found = snapshot.find(&query)?.into_iter().filter(|found| found.kind != EntryKind::Folder);
    let mut number = 0;
    for found in found {
        number += 1;
        let Some(row) = row(found.path.as_str()).filter(|_| number <= MOST_FILES) else { continue };
        let text = text(snapshot, &found);
        inventory.limits.extend(text.as_ref().err().map(|reason| format!("the text of a file was not looked at: {reason}")));
        inventory.add_file(&found.path, row, text.as_deref().ok(), locked, catalogue);
    }
    if number > MOST_FILES {
        inventory.limits.insert(format!("of {number} files that belong to AI tools {MOST_FILES} were looked at"));
    }
    Ok(())
}

fn text(snapshot: &dyn Snapshot, found: &Found) -> Result<String, String> {
    if found.kind != EntryKind::File {
        return Err(format!("{} is no plain file", found.path));
    }
    let bytes = snapshot.read(found, MOST_BYTES).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| format!("{} is no text", found.path))
}
