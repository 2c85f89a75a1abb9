//! BASE..HEAD, or all of HEAD's, in an order in which no commit comes before its children.

use super::{GitError, MOST_COMMITS, commit_id, error};
use crate::model::text::quoted;
use gix::ObjectId;
use gix::objs::CommitRef;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// Commits that are looked at for one range at most, those that the base has among them.
const MOST_LOOKED_AT: usize = 1_000_000;
/// Commits of the base that are looked at beyond what seems needed, where clocks were wrong.
const SLOP: usize = 20_000;

/// A commit that the head has and the base has not.
pub(super) struct Step {
    pub id: ObjectId,
    pub tree: ObjectId,
    pub parents: Vec<Parent>,
    /// Whether a shallow clone ends here.
    pub cut: bool,
}

pub(super) struct Parent {
    pub id: ObjectId,
    pub place: Place,
}

#[derive(Clone, Copy)]
pub(super) enum Place {
    Within(usize),
    /// A commit of the base; its tree.
    Out(ObjectId),
    Missing,
}

/// What is known of one commit.
struct Seen {
    tree: ObjectId,
    parents: Vec<ObjectId>,
    seconds: i64,
    cut: bool,
    /// Whether the base holds it.
    hidden: bool,
    expanded: bool,
}

/// Both histories are painted, the youngest commits first, until nothing is left of the head's that
/// the base might still turn out to hold.
pub(super) fn range(git: &gix::Repository, base: Option<ObjectId>, head: ObjectId, shallow: &[ObjectId]) -> Result<Vec<Step>, GitError> {
    let mut walk = Walk {
        git,
        shallow: shallow.iter().copied().collect(),
        seen: HashMap::new(),
        heap: BinaryHeap::new(),
        open: 0,
        visible: 0,
        skewed: false,
    };
    base.map_or(Ok(()), |base| walk.paint(base, true))?;
    walk.paint(head, false)?;
    let mut slop = SLOP;
    while let Some((_, _, id)) = walk.heap.pop() {
        walk.expand(id)?;
        if walk.open == 0 {
            slop = if walk.skewed { slop.saturating_sub(1) } else { 0 };
            if slop == 0 {
                break;
            }
        }
    }
    Ok(walk.in_order())
}

struct Walk<'g> {
    git: &'g gix::Repository,
    shallow: HashSet<ObjectId>,
    /// `None` for a commit that is not there.
    seen: HashMap<ObjectId, Option<Seen>>,
    /// By time, of one time those of the base first.
    heap: BinaryHeap<(i64, bool, ObjectId)>,
    /// How many that the base does not hold, as far as is known, wait in the heap.
    open: usize,
    /// How many there are in all that the base does not hold, as far as is known.
    visible: usize,
    /// Whether a commit is older than its parent.
    skewed: bool,
}

impl Walk<'_> {
    /// Notes that a side leads to the commit, and hands a change of mind on to its ancestors.
    fn paint(&mut self, id: ObjectId, hidden: bool) -> Result<(), GitError> {
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if !self.seen.contains_key(&id) {
                self.meet(id, hidden)?;
            } else if let Some(Some(seen)) = self.seen.get_mut(&id).filter(|_| hidden)
                && !seen.hidden
            {
                seen.hidden = true;
                self.visible -= 1;
                if seen.expanded {
                    waiting.extend(&seen.parents);
                } else {
                    self.open -= 1;
                }
            }
        }
        Ok(())
    }

    fn meet(&mut self, id: ObjectId, hidden: bool) -> Result<(), GitError> {
        if self.seen.len() >= MOST_LOOKED_AT || self.visible > MOST_COMMITS {
            return Err(GitError::LongRange { limit: MOST_COMMITS });
        }
        let seen = load(self.git, id, &self.shallow, hidden)?;
        if let Some(seen) = &seen {
            self.heap.push((seen.seconds, hidden, id));
            self.open += usize::from(!hidden);
            self.visible += usize::from(!hidden);
        }
        self.seen.insert(id, seen);
        Ok(())
    }

    fn expand(&mut self, id: ObjectId) -> Result<(), GitError> {
        let Some(Some(seen)) = self.seen.get_mut(&id) else { return Ok(()) };
        seen.expanded = true;
        let (hidden, seconds, parents) = (seen.hidden, seen.seconds, seen.parents.clone());
        self.open -= usize::from(!hidden);
        for parent in parents {
            self.paint(parent, hidden)?;
            let older = self.seen.get(&parent).and_then(Option::as_ref).is_some_and(|parent| parent.seconds > seconds);
            self.skewed |= older;
        }
        Ok(())
    }

    /// Each before its parents, of those that could come next the youngest first.
    fn in_order(self) -> Vec<Step> {
        let visible: HashMap<&ObjectId, &Seen> =
            self.seen.iter().filter_map(|(id, seen)| Some((id, seen.as_ref().filter(|seen| !seen.hidden)?))).collect();
        let mut children: HashMap<&ObjectId, usize> = HashMap::with_capacity(visible.len());
        for parent in visible.values().flat_map(|seen| &seen.parents).filter(|parent| visible.contains_key(parent)) {
            *children.entry(parent).or_default() += 1;
        }
        let starts = visible.iter().filter(|(id, _)| !children.contains_key(*id));
        let mut ready: BinaryHeap<(i64, &ObjectId)> = starts.map(|(id, seen)| (seen.seconds, *id)).collect();
        let mut order: Vec<&ObjectId> = Vec::with_capacity(visible.len());
        while let Some((_, id)) = ready.pop() {
            order.push(id);
            for parent in visible[id].parents.iter().filter(|parent| visible.contains_key(parent)) {
                let left = children.get_mut(parent).map_or(0, |left| {
                    *left -= 1;
                    *left
                });
                if left == 0 {
                    ready.push((visible[parent].seconds, parent));
                }
            }
        }
        let numbers: HashMap<&ObjectId, usize> = order.iter().enumerate().map(|(number, id)| (*id, number)).collect();
        let step = |id: &ObjectId| {
            let seen = visible[id];
            let parents = seen.parents.iter().map(|parent| Parent { id: *parent, place: self.place(parent, seen.cut, &numbers) });
            Step { id: *id, tree: seen.tree, parents: parents.collect(), cut: seen.cut }
        };
        order.iter().map(|id| step(id)).collect()
    }

    fn place(&self, id: &ObjectId, cut: bool, numbers: &HashMap<&ObjectId, usize>) -> Place {
        match self.seen.get(id) {
            _ if cut => Place::Missing,
            Some(Some(seen)) => numbers.get(id).map_or(Place::Out(seen.tree), |number| Place::Within(*number)),
            _ => Place::Missing,
        }
    }
}

/// A commit; `None` where this clone does not have it. The parents of one that a shallow clone ends
/// at are kept and not followed.
fn load(git: &gix::Repository, id: ObjectId, shallow: &HashSet<ObjectId>, hidden: bool) -> Result<Option<Seen>, GitError> {
    let text = || commit_id(&id).short().to_owned();
    let failed = |failed: gix::Error| GitError::corrupt(&text(), &failed);
    let Some(object) = git.try_find_object(id).map_err(failed)? else { return Ok(None) };
    if object.kind != gix::objs::Kind::Commit {
        return Err(GitError::NotACommit { text: quoted(&text()), kind: object.kind.to_string() });
    }
    let corrupt = |failed: gix::Error| GitError::Corrupt { text: quoted(&text()), detail: error::detail(&failed) };
    let commit = CommitRef::from_bytes(&object.data, id.kind()).map_err(corrupt)?;
    // A time that cannot be read is no reason to stop: the order only decides how much is looked at.
    let seconds = commit.time().map_or(0, |time| time.seconds);
    let mut parents: Vec<ObjectId> = Vec::new();
    for parent in commit.parents() {
        if !parents.contains(&parent) {
            parents.push(parent);
        }
    }
    Ok(Some(Seen { tree: commit.tree(), parents, seconds, cut: shallow.contains(&id), hidden, expanded: false }))
}
