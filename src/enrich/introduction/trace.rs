//! The way back from the head, for everything that is looked for in one file at once.

use super::{Budget, Content, ContentNo, FactNo, History, Parent, Reason, Step, Way};
use crate::model::{CommitId, RelPath};
use std::collections::BTreeMap;

/// Where the head has a file.
#[derive(Clone, Debug)]
pub struct Start {
    pub path: RelPath,
    /// `None` where the head does not have it.
    pub content: Option<ContentNo>,
}

/// What the way of one thing led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Traced {
    pub end: End,
    /// The steps at which the way left the first parent, from the head on.
    pub merges: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// No parent of this step has it.
    At(usize),
    /// A commit of the base has it.
    Out(CommitId),
    /// The head does not have it.
    NotThere,
    Unknown(Reason),
}

/// Follows the way of each of `facts` from the head, which is the commit `tip`.
pub(super) fn trace(
    history: &History,
    tip: &CommitId,
    start: &Start,
    facts: impl Iterator<Item = FactNo>,
    budget: &mut Budget,
) -> BTreeMap<FactNo, Traced> {
    let mut tracing = Tracing { history, budget, waiting: BTreeMap::new(), crossings: Vec::new(), traced: BTreeMap::new() };
    let mut there = Vec::new();
    for fact in facts {
        match tracing.presence(Ok(start.content), fact) {
            Presence::Yes => there.push(fact),
            Presence::No => tracing.end(fact, None, End::NotThere),
            Presence::Unknown(reason) => tracing.end(fact, None, End::Unknown(reason.clone())),
        }
    }
    if history.steps.is_empty() {
        there.into_iter().for_each(|fact| tracing.end(fact, None, End::Out(tip.clone())));
    } else {
        let at = Place { step: 0, path: start.path.clone(), crossing: None, doubt: None };
        tracing.waiting.insert(at, (start.content, there));
    }
    while let Some((place, (content, facts))) = tracing.waiting.pop_first() {
        tracing.step(&place, content, facts);
    }
    tracing.traced
}

/// Where some things stand on their way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    step: usize,
    path: RelPath,
    /// The last merge at which the way left the first parent.
    crossing: Option<usize>,
    /// The step nearest to the head from which on the file could not be read.
    doubt: Option<usize>,
}

struct Tracing<'h, 'b> {
    history: &'h History,
    budget: &'b mut Budget,
    /// What the file holds there, and what is to be followed further.
    waiting: BTreeMap<Place, (Option<ContentNo>, Vec<FactNo>)>,
    /// `(step, the crossing before)`.
    crossings: Vec<(usize, Option<usize>)>,
    traced: BTreeMap<FactNo, Traced>,
}

/// A parent with what it has in place of the file.
struct View<'h> {
    way: &'h Way,
    path: RelPath,
    content: Result<Option<ContentNo>, &'h Reason>,
}

enum Presence<'h> {
    Yes,
    No,
    Unknown(&'h Reason),
}

/// What a step means for one thing.
enum Decision<'h> {
    /// This parent has it.
    Follow(usize),
    /// Whether this parent has it is not known, and no other has it.
    Doubt(usize, &'h Reason),
    Here,
}

impl<'h> Tracing<'h, '_> {
    fn step(&mut self, place: &Place, content: Option<ContentNo>, facts: Vec<FactNo>) {
        let history = self.history;
        if !self.budget.take(1) {
            let end = End::Unknown(Reason::unread("there is too much history to follow"));
            facts.into_iter().for_each(|fact| self.end(fact, None, end.clone()));
            return;
        }
        let step: &'h Step = &history.steps[place.step];
        let views: Vec<View<'h>> = step.parents.iter().map(|parent| view(parent, &place.path, content)).collect();
        if let Some(View { way: Way::Within(next), path, content: Ok(same) }) = views.first()
            && *same == content
        {
            // A file that was moved as it is lay elsewhere before.
            self.go_on(Place { step: *next, path: path.clone(), ..place.clone() }, content, facts);
            return;
        }
        self.budget.take(facts.len() * views.len());
        let mut crossings: Vec<Option<Option<usize>>> = vec![None; views.len()];
        for fact in facts {
            let decision = self.decide(&views, fact);
            match decision {
                Decision::Here => self.arrive(place, content, fact),
                Decision::Follow(number) | Decision::Doubt(number, _) => {
                    let crossing = *crossings[number].get_or_insert_with(|| self.cross(place, number));
                    self.follow(place, crossing, &views[number], fact, &decision);
                }
            }
        }
    }

    /// The crossing on the way to a parent: another one where the way leaves the first.
    fn cross(&mut self, place: &Place, parent: usize) -> Option<usize> {
        if parent == 0 {
            return place.crossing;
        }
        self.crossings.push((place.step, place.crossing));
        Some(self.crossings.len() - 1)
    }

    fn decide(&mut self, views: &[View<'h>], fact: FactNo) -> Decision<'h> {
        let mut doubt = None;
        for (number, view) in views.iter().enumerate() {
            match self.presence(view.content, fact) {
                Presence::Yes => return Decision::Follow(number),
                Presence::No => {}
                Presence::Unknown(reason) => drop(doubt.get_or_insert((number, reason))),
            }
        }
        doubt.map_or(Decision::Here, |(number, reason)| Decision::Doubt(number, reason))
    }

    fn presence(&self, content: Result<Option<ContentNo>, &'h Reason>, fact: FactNo) -> Presence<'h> {
        match content.map(|number| number.map(|number| &self.history.contents[number])) {
            Ok(None) => Presence::No,
            Ok(Some(Content::Held(held))) if held.has(fact) => Presence::Yes,
            Ok(Some(Content::Held(_))) => Presence::No,
            Ok(Some(Content::Unread(reason))) | Err(reason) => Presence::Unknown(reason),
        }
    }

    fn follow(&mut self, place: &Place, crossing: Option<usize>, view: &View<'h>, fact: FactNo, decision: &Decision<'h>) {
        let doubt = match decision {
            Decision::Doubt(..) => place.doubt.or(Some(place.step)),
            _ => None,
        };
        match (view.way, view.content, decision) {
            (Way::Within(next), Ok(content), _) => {
                let place = Place { step: *next, path: view.path.clone(), crossing, doubt };
                self.go_on(place, content, vec![fact]);
            }
            (Way::Out(id), _, Decision::Follow(_)) => self.end(fact, crossing, End::Out(id.clone())),
            (_, _, Decision::Doubt(_, reason)) => self.end(fact, crossing, End::Unknown((*reason).clone())),
            // A parent that is missing is never known to have anything.
            _ => self.end(fact, crossing, End::Unknown(Reason::unread("a commit is missing"))),
        }
    }

    fn go_on(&mut self, place: Place, content: Option<ContentNo>, facts: Vec<FactNo>) {
        let waiting = self.waiting.entry(place).or_insert_with(|| (content, Vec::new()));
        if waiting.1.is_empty() {
            waiting.1 = facts;
        } else {
            waiting.1.extend(facts);
        }
    }

    /// No parent has it. Where the file could not be read on the way here, any of those commits may
    /// have brought it.
    fn arrive(&mut self, place: &Place, content: Option<ContentNo>, fact: FactNo) {
        let id = |step: usize| self.history.steps[step].id.short();
        let end = match (place.doubt, content.map(|number| &self.history.contents[number])) {
            (None, _) => End::At(place.step),
            (Some(readable), Some(Content::Unread(reason))) => {
                let text = format!("it came in with {} or a commit after it, up to {}; {}", id(place.step), id(readable), reason.text);
                End::Unknown(Reason { kind: reason.kind, text })
            }
            (Some(readable), _) => End::Unknown(Reason::unread(format!("it came in before {}", id(readable)))),
        };
        self.end(fact, place.crossing, end);
    }

    fn end(&mut self, fact: FactNo, crossing: Option<usize>, end: End) {
        let mut merges = Vec::new();
        let mut at = crossing;
        while let Some((step, before)) = at.map(|number| self.crossings[number]) {
            merges.push(step);
            at = before;
        }
        merges.reverse();
        self.traced.insert(fact, Traced { end, merges });
    }
}

/// What a parent has in place of the file at `path` that the commit has with `content`.
fn view<'h>(parent: &'h Parent, path: &RelPath, content: Option<ContentNo>) -> View<'h> {
    let same = || path.clone();
    match &parent.touched {
        Err(reason) => View { way: &parent.way, path: same(), content: Err(reason) },
        Ok(touched) => match touched.binary_search_by(|touched| touched.path.cmp(path)).map(|at| &touched[at]) {
            Err(_) => View { way: &parent.way, path: same(), content: Ok(content) },
            Ok(touched) => match &touched.before {
                Some((path, content)) => View { way: &parent.way, path: path.clone(), content: Ok(Some(*content)) },
                None => View { way: &parent.way, path: same(), content: Ok(None) },
            },
        },
    }
}
