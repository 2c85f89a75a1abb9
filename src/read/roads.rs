//! In which scope each spot of a lockfile is asked for. A spot is a package, or one of its extras:
//! `celery` may be needed to run and `celery[pytest]` for development alone, and an extra that
//! nobody asks for makes no edge.

use crate::model::Scope;
use crate::model::scope::{self, spread};

/// Where a walk goes next, and how strong the road is.
pub(super) type Road = scope::Road<usize>;

/// Walks from the starts as the graph does. `follow` adds the roads out of a spot.
pub(super) fn reached(spots: usize, starts: Vec<Road>, follow: impl Fn(usize, &mut Vec<Road>)) -> Vec<Option<Scope>> {
    let mut reached = vec![None; spots];
    spread(starts, |&spot, scope| scope.raise(&mut reached[spot]), follow);
    reached
}
