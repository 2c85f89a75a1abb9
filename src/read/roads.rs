//! In which scope each spot of a lockfile is asked for. A spot is a package, or one of its extras:
//! `celery` may be needed to run and `celery[pytest]` for development alone, and an extra that
//! nobody asks for makes no edge.

use crate::model::Scope;

/// Where a walk goes next, and how strong the road is.
pub(super) type Road = (Scope, usize);

/// Walks from the starts as the graph does. `follow` adds the roads out of a spot; a road is as
/// strong as its weakest part, and a spot has the scope of its strongest road.
pub(super) fn reached(spots: usize, starts: Vec<Road>, follow: impl Fn(usize, &mut Vec<Road>)) -> Vec<Option<Scope>> {
    let mut reached: Vec<Option<Scope>> = vec![None; spots];
    let mut waiting: [Vec<usize>; Scope::STRONGEST_FIRST.len()] = Default::default();
    for (scope, spot) in starts {
        waiting[level(scope)].push(spot);
    }
    let mut roads = Vec::new();
    // Strongest first, so that the roads out of each spot are looked at once.
    for scope in Scope::STRONGEST_FIRST {
        while let Some(spot) = waiting[level(scope)].pop() {
            if reached[spot].is_some() {
                continue;
            }
            reached[spot] = Some(scope);
            follow(spot, &mut roads);
            for (road, target) in roads.drain(..) {
                waiting[level(road.min(scope))].push(target);
            }
        }
    }
    reached
}

fn level(scope: Scope) -> usize {
    Scope::STRONGEST_FIRST.iter().position(|&other| other == scope).unwrap_or(0)
}
