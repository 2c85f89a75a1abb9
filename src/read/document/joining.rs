//! References to requirements. What is no package stands for what it requires itself: an image
//! holds a project's file, and that file's packages are what the image requires.

use super::{Document, Identity, Relation, Standing};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, RelPath, Scope};
use crate::read::error::ReadErrorKind;
use crate::read::{ReadError, Requires};
use hashbrown::{HashMap, HashSet};

/// Steps through components that are no packages, at most, for the whole document: a hostile one
/// would have every package require ten thousand files that require each other.
const MOST_STEPS: usize = 2_000_000;

pub struct Joining<'d, 'a> {
    document: &'d Document<'a>,
    at: &'d HashMap<&'d str, usize>,
    identities: &'d [Identity],
    /// For each component, what it requires.
    relations: Vec<Vec<Required<'d, 'a>>>,
}

/// A component, in which scope it is required, and what says so.
type Required<'d, 'a> = (usize, Scope, &'d Relation<'a>);

impl<'d, 'a> Joining<'d, 'a> {
    pub fn new(document: &'d Document<'a>, at: &'d HashMap<&'d str, usize>, identities: &'d [Identity]) -> Self {
        let mut relations = vec![Vec::new(); document.components.len()];
        for relation in &document.relations {
            if let (Some(&from), Some(&to)) = (at.get(&*relation.from), at.get(&*relation.to)) {
                let scope = relation.scope.or(document.components[to].scope).unwrap_or(Scope::Runtime);
                relations[from].push((to, scope, relation));
            }
        }
        Joining { document, at, identities, relations }
    }

    /// Whether what the document describes, or a part of it, has dependencies of its own.
    pub fn subject_requires(&self) -> bool {
        let mut components = self.document.components.iter().zip(&self.relations);
        components.any(|(component, relations)| component.standing != Standing::ThirdParty && !relations.is_empty())
    }

    /// For each component, the packages that it requires.
    pub fn requires(&self, path: &RelPath, gaps: &mut Vec<Gap>) -> Result<Vec<Vec<Requires<'a>>>, ReadError> {
        gaps.extend(self.dangling(path));
        let mut steps = 0;
        let mut all = Vec::with_capacity(self.relations.len());
        for (from, identity) in self.identities.iter().enumerate() {
            let found = if matches!(identity, Identity::Package(_)) { self.packages_below(from, path, &mut steps)? } else { Vec::new() };
            let mut requires = Vec::with_capacity(found.len());
            requires.extend(found.into_iter().filter_map(|(to, scope, relation)| self.requirement(from, to, scope, relation, path)));
            all.push(requires);
        }
        Ok(all)
    }

    /// What a component requires, itself or through what is no package; each package once a scope.
    fn packages_below(&self, from: usize, path: &RelPath, steps: &mut usize) -> Result<Vec<Required<'d, 'a>>, ReadError> {
        let is_package = |at: usize| matches!(self.identities[at], Identity::Package(_));
        if self.relations[from].iter().all(|(to, ..)| is_package(*to)) {
            return Ok(once(self.relations[from].clone()));
        }
        let (found, mut through): (Vec<_>, Vec<_>) = self.relations[from].iter().copied().partition(|(to, ..)| is_package(*to));
        let mut found = found;
        let mut seen: HashSet<(usize, Scope)> = HashSet::new();
        while let Some((at, scope, relation)) = through.pop() {
            if !seen.insert((at, scope)) {
                continue;
            }
            *steps += 1 + self.relations[at].len();
            if *steps > MOST_STEPS {
                let what = "the components that are no packages require too much".to_owned();
                return Err(ReadError::new(path, Some(relation.line), ReadErrorKind::Limit { what, limit: MOST_STEPS }));
            }
            for &(to, below, _) in &self.relations[at] {
                if is_package(to) { &mut found } else { &mut through }.push((to, scope.min(below), relation));
            }
        }
        Ok(once(found))
    }

    fn requirement(&self, from: usize, to: usize, scope: Scope, relation: &Relation<'a>, path: &RelPath) -> Option<Requires<'a>> {
        let key = self.document.components[to].reference.clone()?;
        let asks = self.document.components[from].standing != Standing::ThirdParty;
        Some(Requires { declared: asks.then(|| Location::new(path, relation.line)), ..Requires::new(key, scope) })
    }

    /// Relations with an end that is not in the document, each reference once. Something that is
    /// required and not there is something that comes in and that nobody sees.
    fn dangling(&self, path: &RelPath) -> Vec<Gap> {
        let others: HashSet<&str> = self.document.others.iter().map(|other| &**other).collect();
        let is_known = |reference: &str| self.at.contains_key(reference) || others.contains(reference);
        let mut seen = HashSet::new();
        let mut gaps = Vec::new();
        for relation in &self.document.relations {
            let here = Location::new(path, relation.line);
            if !is_known(&relation.to) && seen.insert((true, &*relation.to)) {
                let message = format!("{} is required, and the document does not hold it", quoted(&relation.to));
                gaps.push(Gap::at(GapKind::UnknownRequirement, &here, message));
            }
            if !is_known(&relation.from) && seen.insert((false, &*relation.from)) {
                let message = format!("dependencies are stated of {}, which the document does not hold", quoted(&relation.from));
                gaps.push(Gap::at(GapKind::UnresolvedDependency, &here, message));
            }
        }
        gaps
    }
}

/// The first of those that lead to one component in one scope.
fn once<'d, 'a>(mut found: Vec<Required<'d, 'a>>) -> Vec<Required<'d, 'a>> {
    if found.len() > 1 {
        let mut seen = HashSet::with_capacity(found.len());
        found.retain(|(to, scope, _)| seen.insert((*to, *scope)));
    }
    found
}
