//! What a dependency is for.

use std::fmt;

/// The scope of a dependency, from the one that ships least to the one that always ships.
/// The order matters: a road from a root to a package is as strong as its weakest edge, and a
/// package has the scope of its strongest road (`graph`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Development,
    Optional,
    Build,
    Peer,
    Runtime,
}

impl Scope {
    /// All scopes, strongest first.
    pub const STRONGEST_FIRST: [Scope; 5] = [Scope::Runtime, Scope::Peer, Scope::Build, Scope::Optional, Scope::Development];

    /// The place in [`Scope::STRONGEST_FIRST`].
    const fn level(self) -> usize {
        Scope::STRONGEST_FIRST.len() - 1 - self as usize
    }

    /// Puts this scope where a weaker one or none stands; whether it did.
    pub fn raise(self, reached: &mut Option<Scope>) -> bool {
        let is_stronger = *reached < Some(self);
        if is_stronger {
            *reached = Some(self);
        }
        is_stronger
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Development => "development",
            Scope::Optional => "optional",
            Scope::Build => "build",
            Scope::Peer => "peer",
            Scope::Runtime => "runtime",
        }
    }
}

/// Where a road leads, and how strong it is.
pub type Road<P> = (Scope, P);

/// Spreads scopes along roads from the starts: a road is as strong as its weakest part, and a place has the scope of
/// its strongest road. `reach` is told of each place that is reached and answers whether no road as strong led there
/// before; `follow` adds the roads out of it.
pub fn spread<P>(
    starts: impl IntoIterator<Item = Road<P>>,
    mut reach: impl FnMut(&P, Scope) -> bool,
    mut follow: impl FnMut(P, &mut Vec<Road<P>>),
) {
    let mut waiting: [Vec<P>; Scope::STRONGEST_FIRST.len()] = Default::default();
    for (scope, place) in starts {
        waiting[scope.level()].push(place);
    }
    let mut roads = Vec::new();
    // Strongest first, so that the roads out of each place are looked at once.
    for scope in Scope::STRONGEST_FIRST {
        while let Some(place) = waiting[scope.level()].pop() {
            if !reach(&place, scope) {
                continue;
            }
            follow(place, &mut roads);
            for (road, target) in roads.drain(..) {
                waiting[road.min(scope).level()].push(target);
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
