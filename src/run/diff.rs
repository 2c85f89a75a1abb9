//! `diff`: what changed between two revisions, and may it enter.

use super::acquire::{self, Inventory};
use super::beside::{Both, Changed};
use super::uncovered::Uncovered;
use super::{Project, RunError, Selection, Skipped, settings};
use crate::diff::{self, moves};
use crate::edge::{End, EntryKind, Snapshot};
use crate::graph::DepGraph;
use crate::judge::Subject;
use crate::model::{CommitId, Gap, GapKind, RelPath};
use crate::read::settings::ChangedSettings;
use crate::read::{self, Format};
use std::collections::{BTreeMap, BTreeSet};

/// Both sides as they were read. The judgement borrows from it.
pub struct Sides {
    pub base: Revision,
    pub head: Revision,
    /// The commit whose policy, approvals and names judge: the left side of a range as it was written, since a branch
    /// must not choose its judge by the commit that it begins at. `None` where no range is compared.
    pub judge: Option<CommitId>,
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
    /// Settings of package managers that the head has otherwise.
    settings: Vec<ChangedSettings>,
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
    let old = acquire::discover(&base, selection)?;
    let new = acquire::discover(head.as_ref(), selection)?;
    if let Some(missing) = selection.lockfiles.iter().find(|path| !old.lockfiles.contains_key(*path) && !new.lockfiles.contains_key(*path))
    {
        return Err(RunError::NoSuchLockfile(missing.clone()));
    }
    let both = Both { base: &base, head: head.as_ref(), old: &old, new: &new };
    let gone: BTreeSet<RelPath> = old.lockfiles.keys().filter(|path| !new.lockfiles.contains_key(*path)).cloned().collect();
    let beside = both.changed()?;
    let settings = both.settings(&beside, selection);
    let manifests: BTreeSet<RelPath> = beside.iter().map(|(path, ..)| path.clone()).collect();
    let mut wanted = changed(&both, &manifests);
    wanted.extend(both.concerned(&settings, &gone));
    let mut base_read = acquire::read(both.base, &old, &|path| wanted.contains(path), project.progress());
    // Nothing comes in by a lockfile that went, whether it could be read or not.
    base_read.gaps.retain(|gap| !gone.contains(&gap.file));
    let mut head_read = acquire::read(both.head, &new, &|path| wanted.contains(path), project.progress());
    head_read.gaps.extend(both.moved_out_of_sight(&gone));
    let of_settings = settings::unread(&settings, &head_read);
    let again = unread_again(&head_read, &manifests);
    head_read.gaps.extend(of_settings.into_iter().chain(again));
    let seen: Vec<Changed> = beside.into_iter().filter(|(path, ..)| selection.skips(path.as_str()).is_none()).collect();
    let uncovered = Uncovered::of(&both, (&base_read, &head_read), &wanted, &seen, project.progress());
    let abandoned = uncovered.abandoned(&gone)?;
    if selection.lockfiles.is_empty() {
        let gaps = uncovered.manifests(&gone, selection)?;
        head_read.gaps.extend(gaps);
    }
    let unmoved = both.unmoved_submodules();
    let sides = Sides::new(Revision::Commit(range.base), head_revision, base_read, head_read, &unmoved);
    Ok(Sides { judge: Some(range.left), abandoned, settings, ..sides })
}

/// Gaps of manifests that changed and could be read at neither revision: what is not known now is not
/// what was not known before.
fn unread_again(head: &Inventory, manifests: &BTreeSet<RelPath>) -> Vec<Gap> {
    let gaps = head.graphs.values().flat_map(|graph| &graph.gaps);
    gaps.filter(|gap| gap.kind == GapKind::UnreadManifest && manifests.contains(&gap.file)).cloned().collect()
}

/// Lockfiles that can have changed a package: those whose own bytes differ, those of formats of
/// which some manifest differs, and those whose companions differ.
fn changed(both: &Both<'_>, manifests: &BTreeSet<RelPath>) -> BTreeSet<RelPath> {
    let mut changed = BTreeSet::new();
    for (path, found) in both.old.lockfiles.iter().chain(&both.new.lockfiles) {
        let (Some(a), Some(b)) = (both.old.lockfiles.get(path), both.new.lockfiles.get(path)) else {
            changed.insert(path.clone());
            continue;
        };
        let companions_differ = |format: &dyn Format| match format.manifest_names() {
            Some(_) if format.named_after(path).is_some_and(|own| both.differs(&own)) => true,
            Some(names) if manifests.iter().any(|manifest| names.contains(&manifest.file_name())) => true,
            Some(_) if !format.names_files() => false,
            _ => acquire::companions(both.base, format, a) != acquire::companions(both.head, format, b),
        };
        let mut formats = read::formats_of(path).chain(read::guess(path));
        if found.kind != EntryKind::File || !both.is_same(a, b) || formats.any(companions_differ) {
            changed.insert(path.clone());
        }
    }
    changed
}

impl Sides {
    fn new(base: Revision, head: Revision, base_read: Inventory, head_read: Inventory, unmoved_submodules: &BTreeSet<RelPath>) -> Sides {
        let is_old = |gap: &Gap| gap.kind == GapKind::Submodule && unmoved_submodules.contains(&gap.file);
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
            judge: None,
            skipped: head_read.skipped,
            gaps,
            base_graphs: base_read.graphs,
            head_graphs: head_read.graphs,
            empty,
            unread,
            abandoned: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// A whole project: everything in it came in.
    pub fn whole(head: Revision, mut inventory: Inventory) -> Sides {
        let settings = std::mem::take(&mut inventory.settings);
        inventory.gaps.extend(settings::unread(&settings, &inventory));
        Sides { settings, ..Sides::new(Revision::Nothing, head, Inventory::default(), inventory, &BTreeSet::new()) }
    }

    /// Two files that are one thing at two times.
    pub(super) fn of_files(base: Revision, head: Revision, base_read: Inventory, head_read: Inventory) -> Sides {
        let is_whole = !base_read.graphs.is_empty() && !head_read.graphs.is_empty();
        let paths: Vec<RelPath> = base_read.graphs.keys().chain(head_read.graphs.keys()).cloned().collect();
        let mut sides = Sides::new(base, head, base_read, head_read, &BTreeSet::new());
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
            abandoned: self.abandoned.clone(),
            settings: self.settings.clone(),
            read_before: self.base_graphs.keys().cloned().collect(),
            gaps: self.gaps.clone(),
            ..Subject::of(lockfiles.collect())
        }
    }
}
