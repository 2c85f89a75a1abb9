//! What else may be otherwise of a package: a version that is neither newer nor older, a script that may run.

use super::{Found, changes, found, label, of_package, request};
use crate::diff::{self, Aspect, Change, ChangeKind};
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::version;

/// A version that is written otherwise is the same release: then its digests tell.
pub(super) fn version_unordered(subject: &Subject<'_>) -> Vec<Found> {
    // No version any more is `unlocked-requirement`'s.
    let counts = |change: &Change| change.package.version.is_some() && !change.what.contains(&Aspect::Source) && !is_respelt(change);
    let is_other = |change: &Change| change.what.contains(&Aspect::Version) && counts(change);
    let others = changes(subject).filter(|(_, change)| is_other(change));
    others
        .map(|(lockfile, change)| {
            let before = change.before.as_ref().map(|before| quoted(&before.label())).unwrap_or_default();
            let message = format!("{} takes the place of {before}, and which of the two is newer is not known", label(change));
            Found { requests: vec![request(lockfile, change)], ..found(lockfile, change, message) }
        })
        .collect()
}

fn is_respelt(change: &Change) -> bool {
    let versions = (change.before.as_ref().and_then(|before| before.version.as_ref()), change.package.version.as_ref());
    let (Some(before), Some(after)) = versions else { return false };
    diff::is_respelt(change.package.ecosystem, version::compare(change.package.ecosystem, before, after))
}

/// Package managers that ask run no script of a package which the project does not name.
pub(super) fn install_script_allowed(subject: &Subject<'_>) -> Vec<Found> {
    let newly = |change: &Change| change.kind != ChangeKind::Removed && change.ran_scripts.is_none();
    let allowed = changes(subject).filter(|(_, change)| newly(change));
    allowed
        .filter_map(|(lockfile, change)| {
            let message = format!("{} may run scripts when it is installed", label(change));
            let place = change.runs_scripts.as_ref()?;
            Some(Found { requests: vec![request(lockfile, change)], ..of_package(lockfile, &change.package, message, place) })
        })
        .collect()
}
