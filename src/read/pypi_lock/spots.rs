//! In which scope each package and each of its extras is asked for.

use super::ask::Ask;
use super::{Lock, Locked, Project};
use crate::model::{PackageName, Scope};
use crate::read::roads::{self, Road};
use hashbrown::HashMap;

/// Each package, and each of its extras by name.
pub(super) struct Spots<'l, 'a> {
    lock: &'l Lock<'a>,
    /// The spots of extras come behind those of the packages.
    extras: Vec<(usize, &'l str)>,
    numbers: HashMap<(usize, &'l str), usize>,
    /// By package and requirement: what is meant.
    pub meant: Vec<Vec<Vec<usize>>>,
}

impl<'l, 'a> Spots<'l, 'a> {
    pub fn new(lock: &'l Lock<'a>) -> Self {
        let meant = |package: &Locked<'_>| package.asks.iter().map(|ask| lock.meant(ask, package.marker.as_deref())).collect();
        let mut spots = Spots { lock, extras: Vec::new(), numbers: HashMap::new(), meant: lock.packages.iter().map(meant).collect() };
        for (package, locked) in lock.packages.iter().enumerate() {
            let extras = locked.asks.iter().flat_map(|ask| ask.with_extras.iter().flatten());
            extras.chain(locked.chains.iter().map(|(extra, _)| extra)).for_each(|extra| spots.add(package, extra));
        }
        spots
    }

    fn add(&mut self, package: usize, extra: &'l str) {
        let next = self.lock.packages.len() + self.extras.len();
        self.numbers.entry((package, extra)).or_insert_with(|| {
            self.extras.push((package, extra));
            next
        });
    }

    /// In which scope the project asks for each spot.
    pub fn by_project(&self, project: Option<&Project<'_>>) -> Vec<Option<Scope>> {
        let mut starts = Vec::new();
        for asked in project.iter().flat_map(|project| &project.asked) {
            self.ask_for(&self.lock.meant(&asked.ask, None), &asked.ask, asked.scope, &mut starts);
        }
        if project.is_some_and(|project| project.is_workspace) {
            let members = self.lock.packages.iter().enumerate().filter(|(_, package)| package.source.is_first_party());
            starts.extend(members.map(|(number, _)| (Scope::Runtime, number)));
        }
        self.reached(starts)
    }

    /// The same with what nobody asks for: it has its own requirements all the same.
    pub fn by_anyone(&self, by_project: &[Option<Scope>]) -> Vec<Option<Scope>> {
        let known = by_project.iter().enumerate().filter_map(|(spot, scope)| Some(((*scope)?, spot)));
        let unreached = (0..self.lock.packages.len()).filter(|&number| by_project[number].is_none());
        self.reached(known.chain(unreached.map(|number| (Scope::Runtime, number))).collect())
    }

    fn reached(&self, starts: Vec<Road>) -> Vec<Option<Scope>> {
        roads::reached(self.lock.packages.len() + self.extras.len(), starts, |spot, roads| self.follow(spot, roads))
    }

    /// The packages that no road leads to, without those that only such packages bring in.
    pub fn unasked(&self, by_project: &[Option<Scope>]) -> Vec<usize> {
        let unreached: Vec<usize> = (0..self.lock.packages.len()).filter(|&number| by_project[number].is_none()).collect();
        let mut brought_in = vec![false; self.lock.packages.len()];
        let targets = |number: usize| self.meant[number].iter().flatten().copied().filter(move |&target| target != number);
        unreached.iter().flat_map(|&number| targets(number)).for_each(|target| brought_in[target] = true);
        let alone: Vec<usize> = unreached.iter().copied().filter(|&number| !brought_in[number]).collect();
        // A ring of packages that ask for one another has no start: all of it is named.
        let from_alone = self.reached(alone.iter().map(|&number| (Scope::Runtime, number)).collect());
        unreached.into_iter().filter(|&number| !brought_in[number] || from_alone[number].is_none()).collect()
    }

    /// In which scope a requirement of a package counts; `None` where nobody asks for its extra.
    pub fn scope(&self, package: usize, ask: &Ask<'_>, reached: &[Option<Scope>]) -> Option<Scope> {
        let Some(extras) = &ask.with_extras else { return Some(Scope::Runtime) };
        extras.iter().filter_map(|extra| reached[*self.numbers.get(&(package, extra.as_str()))?]).max()
    }

    fn ask_for(&self, meant: &[usize], ask: &Ask<'_>, scope: Scope, roads: &mut Vec<Road>) {
        roads.extend(meant.iter().map(|&number| (scope, number)));
        if ask.extras.is_empty() {
            return;
        }
        if self.lock.extras_are_sets {
            self.ask_for_extra(meant, &key_of_set(&ask.extras), scope, roads);
        } else {
            ask.extras.iter().for_each(|extra| self.ask_for_extra(meant, extra.as_str(), scope, roads));
        }
    }

    fn ask_for_extra(&self, meant: &[usize], extra: &str, scope: Scope, roads: &mut Vec<Road>) {
        roads.extend(meant.iter().filter_map(|&number| Some((scope, *self.numbers.get(&(number, extra))?))));
    }

    fn follow(&self, spot: usize, roads: &mut Vec<Road>) {
        let extra = spot.checked_sub(self.lock.packages.len()).map(|at| self.extras[at]);
        let package = extra.map_or(spot, |(package, _)| package);
        let locked = &self.lock.packages[package];
        let counts = |ask: &Ask<'_>| match (&ask.with_extras, extra) {
            (None, None) => true,
            (Some(extras), Some((_, extra))) => extras.iter().any(|with| with == extra),
            _ => false,
        };
        for (ask, meant) in locked.asks.iter().zip(&self.meant[package]).filter(|(ask, _)| counts(ask)) {
            self.ask_for(meant, ask, Scope::Runtime, roads);
        }
        let further =
            locked.chains.iter().filter(|(from, _)| extra.is_some_and(|(_, extra)| from == extra)).flat_map(|(_, further)| further);
        further.for_each(|extra| self.ask_for_extra(&[package], extra, Scope::Runtime, roads));
    }
}

/// Several extras as one text.
pub(in crate::read) fn key_of_set(extras: &[PackageName]) -> String {
    let mut names: Vec<&str> = extras.iter().map(PackageName::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
