//! `diff`: what changed between two revisions, and may it enter.

use super::acquire::{self, Discovered, Inventory};
use super::project::refuse_policy;
use super::{Project, RunError, Selection, Skipped};
use crate::diff::{self, moves};
use crate::edge::{End, EntryKind, Found, Query, Snapshot};
use crate::enrich::advisory::Advisories;
use crate::graph::DepGraph;
use crate::judge::Subject;
use crate::model::{CommitId, Gap, GapKind, RelPath};
use crate::read::{self, Format};
use std::collections::{BTreeMap, BTreeSet};

/// Both sides as they were read. The judgement borrows from it.
pub struct Sides {
    pub base: Revision,
    pub head: Revision,
    pub skipped: Vec<Skipped>,
    /// Gaps of either side that matter to the comparison.
    gaps: Vec<Gap>,
    base_graphs: BTreeMap<RelPath, DepGraph>,
    head_graphs: BTreeMap<RelPath, DepGraph>,
    /// An empty graph for each lockfile that the other side does not have, by path.
    empty: BTreeMap<RelPath, DepGraph>,
    unread: BTreeSet<RelPath>,
    /// Lockfiles that only the base has, though a manifest beside them is still there.
    abandoned: Vec<(RelPath, RelPath)>,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// Nothing: what a whole project is compared with.
    Nothing,
    Commit(CommitId),
    WorkTree,
    /// A file that was named, as it was written.
    File(String),
}

/// Reads both sides of a range. Only lockfiles that changed, alone or with their manifests, are read.
pub fn read(project: &Project, range: &str, selection: &Selection) -> Result<Sides, RunError> {
    let repository = project.repository("diff")?;
    let range = repository.range(range)?;
    let base = project.commit(&range.base)?;
    let (head, head_revision): (Box<dyn Snapshot + '_>, Revision) = match range.head {
        End::Commit(id) => (Box::new(project.commit(&id)?), Revision::Commit(id)),
        End::WorkTree => (Box::new(project.work_tree()?), Revision::WorkTree),
    };
    refuse_policy(head.as_ref())?;
    let old = acquire::discover(&base, selection)?;
    let new = acquire::discover(head.as_ref(), selection)?;
    if let Some(missing) = selection.lockfiles.iter().find(|path| !old.lockfiles.contains_key(*path) && !new.lockfiles.contains_key(*path))
    {
        return Err(RunError::NoSuchLockfile(missing.clone()));
    }
    let changed = changed(&base, head.as_ref(), &old, &new)?;
    let skipped = new.skipped.clone();
    let old_submodules: BTreeSet<RelPath> = old.submodules.iter().cloned().collect();
    let gone: BTreeSet<RelPath> = old.lockfiles.keys().filter(|path| !new.lockfiles.contains_key(*path)).cloned().collect();
    let mut base_read = acquire::read(&base, old, &|path| changed.contains(path), project.progress());
    // Nothing comes in by a lockfile that went, whether it could be read or not.
    base_read.gaps.retain(|gap| !gone.contains(&gap.file));
    let abandoned = abandoned(&gone, head.as_ref(), &new)?;
    let head_read = acquire::read(head.as_ref(), new, &|path| changed.contains(path), project.progress());
    let sides = Sides::new(Revision::Commit(range.base), head_revision, base_read, head_read, skipped, &old_submodules);
    Ok(Sides { abandoned, ..sides })
}

/// Lockfiles that went while a manifest of their kind stayed in the folder, and no lockfile of the
/// ecosystem is left there or in a folder around it.
fn abandoned(gone: &BTreeSet<RelPath>, head: &dyn Snapshot, new: &Discovered) -> Result<Vec<(RelPath, RelPath)>, RunError> {
    let mut abandoned = Vec::new();
    for path in gone {
        let folder = path.parent();
        let Some(format) = read::format_of(path) else { continue };
        let names = format.manifest_names().unwrap_or_default();
        // A lockfile that is not read keeps the verdict from being given anyway.
        let is_alike = |left: &RelPath| read::format_of(left).is_none_or(|other| other.ecosystem() == format.ecosystem());
        if new.lockfiles.keys().any(|left| folder.is_below(&left.parent()) && is_alike(left)) {
            continue;
        }
        for manifest in names.iter().filter_map(|name| folder.join(name).ok()) {
            if head.look_up(&manifest)?.is_some() {
                abandoned.push((path.clone(), manifest));
            }
        }
    }
    Ok(abandoned)
}

/// Lockfiles that can have changed a package: those whose own bytes differ, those of formats of
/// which some manifest differs, and those whose companions differ.
fn changed(base: &dyn Snapshot, head: &dyn Snapshot, old: &Discovered, new: &Discovered) -> Result<BTreeSet<RelPath>, RunError> {
    let manifests = changed_manifests(base, head)?;
    let mut changed = BTreeSet::new();
    for (path, found) in old.lockfiles.iter().chain(&new.lockfiles) {
        let (Some(a), Some(b)) = (old.lockfiles.get(path), new.lockfiles.get(path)) else {
            changed.insert(path.clone());
            continue;
        };
        let companions_differ = |format: &dyn Format| match format.manifest_names() {
            Some(names) => manifests.iter().any(|manifest| names.contains(&manifest.file_name())),
            None => acquire::companions(base, format, a) != acquire::companions(head, format, b),
        };
        let mut formats = read::formats_of(path).chain(read::guess(path));
        if found.kind != EntryKind::File || !same_content(base, a, head, b) || formats.any(companions_differ) {
            changed.insert(path.clone());
        }
    }
    Ok(changed)
}

/// Every manifest with a name that formats know which one side has otherwise than the other.
fn changed_manifests(base: &dyn Snapshot, head: &dyn Snapshot) -> Result<Vec<RelPath>, RunError> {
    let names: BTreeSet<&str> = read::FORMATS.iter().filter_map(|format| format.manifest_names()).flatten().copied().collect();
    let wanted = |path: &str| names.contains(path.rsplit('/').next().unwrap_or(path));
    let by_path = |snapshot: &dyn Snapshot| -> Result<BTreeMap<RelPath, Found>, RunError> {
        let found = snapshot.find(&Query { wanted: &wanted, enter: &acquire::enters })?;
        Ok(found.into_iter().map(|found| (found.path.clone(), found)).collect())
    };
    let (old, new) = (by_path(base)?, by_path(head)?);
    let paths: BTreeSet<&RelPath> = old.keys().chain(new.keys()).collect();
    let differs = |path: &&RelPath| match (old.get(*path), new.get(*path)) {
        (Some(a), Some(b)) => !same_content(base, a, head, b),
        _ => true,
    };
    Ok(paths.into_iter().filter(differs).cloned().collect())
}

/// Compared by object id where both sides have one, else by the bytes. What cannot be read differs.
fn same_content(base: &dyn Snapshot, a: &Found, head: &dyn Snapshot, b: &Found) -> bool {
    match (a.content, b.content) {
        (Some(a), Some(b)) => a == b,
        _ => match (base.read(a, acquire::SIZE_LIMIT), head.read(b, acquire::SIZE_LIMIT)) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        },
    }
}

impl Sides {
    fn new(
        base: Revision,
        head: Revision,
        base_read: Inventory,
        head_read: Inventory,
        skipped: Vec<Skipped>,
        old_submodules: &BTreeSet<RelPath>,
    ) -> Sides {
        let is_old = |gap: &Gap| gap.kind == GapKind::Submodule && old_submodules.contains(&gap.file);
        let new_gaps = head_read.gaps.into_iter().filter(|gap| !is_old(gap));
        let old_gaps = base_read.gaps.into_iter().filter(|gap| gap.kind != GapKind::Submodule);
        let old_gaps = old_gaps.map(|gap| Gap { message: format!("in the base: {}", gap.message), ..gap });
        let gaps: Vec<Gap> = new_gaps.chain(old_gaps).collect();
        let unread = gaps.iter().map(|gap| gap.file.clone()).collect();
        let one_sided = |a: &BTreeMap<RelPath, DepGraph>, b: &BTreeMap<RelPath, DepGraph>| -> Vec<(RelPath, DepGraph)> {
            a.values()
                .filter(|graph| !b.contains_key(&graph.lockfile))
                .map(|graph| (graph.lockfile.clone(), DepGraph::empty(graph.lockfile.clone(), graph.format, graph.ecosystem)))
                .collect()
        };
        let mut empty = BTreeMap::new();
        empty.extend(one_sided(&base_read.graphs, &head_read.graphs));
        empty.extend(one_sided(&head_read.graphs, &base_read.graphs));
        Sides {
            base,
            head,
            skipped,
            gaps,
            base_graphs: base_read.graphs,
            head_graphs: head_read.graphs,
            empty,
            unread,
            abandoned: Vec::new(),
        }
    }

    /// A whole project: everything in it came in.
    pub fn whole(head: Revision, inventory: Inventory) -> Sides {
        let skipped = inventory.skipped.clone();
        Sides::new(Revision::Nothing, head, Inventory::default(), inventory, skipped, &BTreeSet::new())
    }

    /// Two files that are one thing at two times.
    pub(super) fn of_files(base: Revision, head: Revision, base_read: Inventory, head_read: Inventory) -> Sides {
        let is_whole = !base_read.graphs.is_empty() && !head_read.graphs.is_empty();
        let paths: Vec<RelPath> = base_read.graphs.keys().chain(head_read.graphs.keys()).cloned().collect();
        let mut sides = Sides::new(base, head, base_read, head_read, Vec::new(), &BTreeSet::new());
        // Beside a file that cannot be read, nothing appeared and nothing went.
        sides.unread.extend(paths.into_iter().filter(|_| !is_whole));
        sides
    }

    /// The changes. What is known of advisories is for whoever asks a store ([`super::advisories::learn`]).
    pub fn compare(&self) -> Subject<'_> {
        let pairs = moves::pair(&self.base_graphs, &self.head_graphs);
        // A lockfile that one side has and could not read is no appearance and no removal.
        let judged = pairs.into_iter().filter(|pair| pair.base.is_some() && pair.head.is_some() || !self.unread.contains(pair.path()));
        let lockfiles = judged.map(|pair| {
            let empty = || &self.empty[pair.path()];
            diff::compare(pair.base.unwrap_or_else(empty), pair.head.unwrap_or_else(empty))
        });
        Subject {
            lockfiles: lockfiles.collect(),
            abandoned: self.abandoned.clone(),
            gaps: self.gaps.clone(),
            advisories: Advisories::unknown("no store was asked"),
        }
    }
}
