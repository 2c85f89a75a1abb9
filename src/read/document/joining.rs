//! References to requirements. What is no package stands for what it requires itself: an image
//! holds a project's file, and that file's packages are what the image requires.

use super::{Document, Identity, Relation, Standing};
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, RelPath, Scope};
use crate::read::error::ReadErrorKind;
use crate::read::{ReadError, Requires};
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

/// Steps through components that are no packages, at most, for the whole document: a hostile one
/// would have every package require ten thousand files that require each other.
const MOST_STEPS: usize = 2_000_000;

pub struct Joining<'d, 'a> {
    document: &'d Document<'a>,
    at: &'d HashMap<&'d str, usize>,
    identities: &'d [Identity],
    /// For each component, what it requires.
    relations: Vec<Vec<Required<'d, 'a>>>,
    /// Relations with an end that is no component.
    loose: Vec<&'d Relation<'a>>,
}

/// A component, in which scope it is required, and what says so.
type Required<'d, 'a> = (usize, Scope, &'d Relation<'a>);

impl<'d, 'a> Joining<'d, 'a> {
    pub fn new(document: &'d Document<'a>, at: &'d HashMap<&'d str, usize>, identities: &'d [Identity]) -> Self {
        let mut relations = vec![Vec::new(); document.components.len()];
        let mut loose = Vec::new();
        for relation in &document.relations {
            let (Some(&from), Some(&to)) = (at.get(&*relation.from), at.get(&*relation.to)) else {
                loose.push(relation);
                continue;
            };
            let scope = relation.scope.or(document.components[to].scope).unwrap_or(Scope::Runtime);
            relations[from].push((to, scope, relation));
        }
        Joining { document, at, identities, relations, loose }
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
        let numbers = self.numbers();
        for (from, identity) in self.identities.iter().enumerate() {
            let is_package = matches!(identity, Identity::Package(_));
            let found = if is_package { self.packages_below(from, path, &mut steps)? } else { Cow::default() };
            let mut requires = Vec::with_capacity(found.len());
            requires.extend(found.iter().filter_map(|required| self.requirement(from, *required, numbers[required.0], path)));
            all.push(requires);
        }
        Ok(all)
    }

    /// What a component requires, itself or through what is no package; each package once a scope.
    fn packages_below(&self, from: usize, path: &RelPath, steps: &mut usize) -> Result<Cow<'_, [Required<'d, 'a>]>, ReadError> {
        let is_package = |at: usize| matches!(self.identities[at], Identity::Package(_));
        if self.relations[from].iter().all(|(to, ..)| is_package(*to)) {
            return Ok(match &self.relations[from][..] {
                // Nearly every one.
                few @ ([] | [_]) => Cow::Borrowed(few),
                many => Cow::Owned(once(many.to_vec())),
            });
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
        Ok(Cow::Owned(once(found)))
    }

    /// For each component, the number of its entry: what is no package has none.
    fn numbers(&self) -> Vec<usize> {
        let mut packages = 0;
        let before = self.identities.iter().map(|identity| {
            let number = packages;
            packages += usize::from(matches!(identity, Identity::Package(_)));
            number
        });
        before.collect()
    }

    fn requirement(&self, from: usize, (to, scope, relation): Required<'d, 'a>, number: usize, path: &RelPath) -> Option<Requires<'a>> {
        let key = self.document.components[to].reference.clone()?;
        let asks = self.document.components[from].standing != Standing::ThirdParty;
        let declared = asks.then(|| Location::new(path, relation.line));
        Some(Requires { declared, met_by: Some(number), ..Requires::new(key, scope) })
    }

    /// Relations with an end that is not in the document, each reference once. Something that is
    /// required and not there is something that comes in and that nobody sees.
    fn dangling(&self, path: &RelPath) -> Vec<Gap> {
        let others: HashSet<&str> = self.document.others.iter().map(|other| &**other).collect();
        let is_known = |reference: &str| self.at.contains_key(reference) || others.contains(reference);
        let mut seen = HashSet::new();
        let mut gaps = Vec::new();
        for relation in &self.loose {
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
    let mut seen = HashSet::with_capacity(found.len());
    found.retain(|(to, scope, _)| seen.insert((*to, *scope)));
    found
}
