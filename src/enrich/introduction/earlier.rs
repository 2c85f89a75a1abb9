//! Whether a thing had been there before, and gone, within the range.

use super::{Budget, Content, ContentNo, FactNo, FirstSeen, Held, History, Step};
use crate::model::RelPath;
use std::collections::{BTreeMap, BTreeSet};

/// Comings and goings that are kept for one file at most.
const MOST_EVENTS: usize = 5_000_000;

/// A thing came or went before it came to stay.
#[derive(Clone, Copy)]
struct Event {
    step: usize,
    came: bool,
}

/// For each thing of the file at `path`, with the step that brought it to stay, when it was seen first.
pub(super) fn first_seen(
    history: &History,
    path: &RelPath,
    arrivals: &BTreeMap<FactNo, usize>,
    budget: &mut Budget,
) -> BTreeMap<FactNo, FirstSeen> {
    let paths = lineage(history, path);
    if !budget.take(history.steps.len() * paths.len() / 4) {
        return BTreeMap::new();
    }
    let (events, whole) = events(history, &paths, arrivals);
    let mut ancestry = Ancestry { history, linear: history.steps.iter().all(|step| step.parents.len() < 2), of: None, budget };
    let mut by_arrival: Vec<(usize, FactNo)> = arrivals.iter().map(|(fact, step)| (*step, *fact)).collect();
    by_arrival.sort_unstable();
    let mut seen = BTreeMap::new();
    for (arrival, fact) in by_arrival {
        let oldest = match events.get(&fact) {
            None => Ok(None),
            Some(events) => ancestry.oldest(arrival, events),
        };
        let answer = match oldest {
            Ok(Some(event)) if event.came => FirstSeen::Commit(history.steps[event.step].id.clone()),
            Ok(Some(_)) => FirstSeen::BeforeRange,
            Ok(None) if whole => FirstSeen::Now,
            _ => FirstSeen::Unknown,
        };
        seen.insert(fact, answer);
    }
    seen
}

/// Every path that the file had.
fn lineage<'h>(history: &'h History, path: &'h RelPath) -> BTreeSet<&'h RelPath> {
    let mut paths = BTreeSet::from([path]);
    for touched in history.steps.iter().flat_map(|step| &step.parents).flat_map(|parent| parent.touched.iter().flatten()) {
        if let Some((from, _)) = touched.before.as_ref().filter(|_| paths.contains(&touched.path)) {
            paths.insert(from);
        }
    }
    paths
}

/// By thing, everything that happened to it beyond its arrival; and whether that is everything.
fn events(history: &History, paths: &BTreeSet<&RelPath>, arrivals: &BTreeMap<FactNo, usize>) -> (BTreeMap<FactNo, Vec<Event>>, bool) {
    let mut events: BTreeMap<FactNo, Vec<Event>> = BTreeMap::new();
    let (mut kept, mut whole) = (0, true);
    for (number, step) in history.steps.iter().enumerate() {
        for path in paths {
            let Some((came, went)) = comings_and_goings(history, step, path, &mut whole) else { continue };
            for (facts, came) in [(came, true), (went, false)] {
                for fact in facts.into_iter().filter(|fact| arrivals.get(fact).is_some_and(|arrival| *arrival < number)) {
                    kept += 1;
                    if kept > MOST_EVENTS {
                        return (events, false);
                    }
                    events.entry(fact).or_default().push(Event { step: number, came });
                }
            }
        }
    }
    (events, whole)
}

/// What a step brought that no parent has, and what it took that some parent has; `None` where it left
/// the file alone. `whole` becomes false where that cannot be told.
fn comings_and_goings(history: &History, step: &Step, path: &RelPath, whole: &mut bool) -> Option<(Vec<FactNo>, Vec<FactNo>)> {
    let mut now = None;
    let mut before = Held::default();
    let mut everywhere = true;
    for parent in &step.parents {
        let Ok(touched) = &parent.touched else {
            *whole = false;
            continue;
        };
        match touched.binary_search_by(|touched| touched.path.cmp(path)).map(|at| &touched[at]) {
            Err(_) => everywhere = false,
            Ok(touched) => {
                now = Some(held(history, touched.now, whole));
                before.add(&held(history, touched.before.as_ref().map(|(_, content)| *content), whole));
            }
        }
    }
    let now = now?;
    let came = if everywhere { now.without(&before) } else { Vec::new() };
    Some((came, before.without(&now)))
}

fn held(history: &History, content: Option<ContentNo>, whole: &mut bool) -> Held {
    match content.map(|number| &history.contents[number]) {
        None => Held::default(),
        Some(Content::Held(held)) => held.clone(),
        Some(Content::Unread(_)) => {
            *whole = false;
            Held::default()
        }
    }
}

impl Held {
    fn add(&mut self, other: &Held) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// The things that are held here and not there, in order.
    fn without(&self, other: &Held) -> Vec<FactNo> {
        let mut facts = Vec::new();
        for (at, word) in self.0.iter().enumerate() {
            let mut left = word & !other.0.get(at).copied().unwrap_or(0);
            while left != 0 {
                facts.push(at * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
        facts
    }
}

/// Which step is an ancestor of which. The answer for one step is kept, since many things share it.
struct Ancestry<'h, 'b> {
    history: &'h History,
    /// Whether there is no merge: then all that come later are ancestors.
    linear: bool,
    of: Option<(usize, Vec<bool>)>,
    budget: &'b mut Budget,
}

impl Ancestry<'_, '_> {
    /// The oldest of the events that happened in ancestors of `step`. An error where it would take
    /// too long to say.
    fn oldest(&mut self, step: usize, events: &[Event]) -> Result<Option<Event>, ()> {
        if self.linear {
            return Ok(events.last().copied());
        }
        if self.of.as_ref().is_none_or(|(of, _)| *of != step) {
            self.budget.take(self.history.steps.len() / 4).then_some(()).ok_or(())?;
            self.of = Some((step, ancestors(self.history, step)));
        }
        let is_ancestor = |event: &&Event| self.of.as_ref().is_some_and(|(_, ancestors)| ancestors[event.step]);
        Ok(events.iter().rev().find(is_ancestor).copied())
    }
}

fn ancestors(history: &History, step: usize) -> Vec<bool> {
    let mut reached = vec![false; history.steps.len()];
    reached[step] = true;
    // Parents come later in the order, so one pass reaches everything.
    for at in step..history.steps.len() {
        if reached[at] {
            for parent in &history.steps[at].parents {
                if let super::Way::Within(parent) = parent.way {
                    reached[parent] = true;
                }
            }
        }
    }
    reached
}
