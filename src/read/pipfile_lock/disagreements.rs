//! Where Pipfile and Pipfile.lock do not agree.

use super::lock::DEFAULT;
use super::pipfile::{Asked, Pipfile, Wanted};
use super::place::{Located, plain};
use super::{Item, Reading};
use crate::model::text::quoted;
use crate::model::{Location, PackageSource};
use crate::read::Disagreement;

/// Old versions of pipenv left these out.
const OFTEN_LEFT_OUT: [&str; 5] = ["setuptools", "distribute", "pip", "wheel", "pkg-resources"];

pub(super) fn all(reading: &Reading<'_>, pipfile: &Pipfile) -> Vec<Disagreement> {
    let mut found: Vec<Disagreement> = pipfile
        .asked
        .iter()
        .filter_map(|asked| Some((asked, unmet(reading, asked)?)))
        .map(|(asked, message)| at(pipfile, asked.line, message))
        .collect();
    if pipfile.is_locked == Some(false) {
        // Without the digests: a Pipfile that was not locked before and is not locked now is no news.
        let message = format!("{} was made from another {}, as the digest in it says", reading.lockfile, pipfile.path);
        found.push(at(pipfile, 1, message));
    }
    found
}

fn at(pipfile: &Pipfile, line: u32, message: String) -> Disagreement {
    Disagreement { location: Location::new(&pipfile.path, line), message }
}

/// Why a requirement is not met. One with a marker may be absent: old versions of pipenv locked for
/// one environment.
fn unmet(reading: &Reading<'_>, asked: &Asked) -> Option<String> {
    let shown = asked.shown();
    let held = reading.held(asked);
    if held.is_empty() {
        let excused = asked.marker.is_some() || asked.skips_resolver || OFTEN_LEFT_OUT.contains(&asked.name.as_str());
        return (!excused).then(|| format!("{shown} is asked for here and {} does not hold it", reading.lockfile));
    }
    let mut wrong = held.iter().map(|item| differs(asked, item)).collect::<Option<Vec<String>>>()?;
    Some(format!("{shown} is asked for here and {} locks {}", reading.lockfile, wrong.swap_remove(0)))
}

/// What of a locked package is not as asked for.
fn differs(asked: &Asked, item: &Item<'_>) -> Option<String> {
    let version = item.package.version.as_ref();
    if let Some(version) = version.filter(|version| !asked.allows(version)) {
        return Some(quoted(version.as_str()));
    }
    if let Wanted::Place(wanted, _) = &asked.wanted {
        let other = is_another_place(wanted, &item.package.source);
        return other.then(|| format!("the one from {}", quoted(&item.package.source.to_string())));
    }
    let index = item.locked.index.as_deref()?;
    let other = asked.index.as_deref().is_some_and(|wanted| wanted != index);
    other.then(|| format!("it from the index {}", quoted(index)))
}

/// Only what is sure: addresses have many spellings, and pipenv writes some anew.
fn is_another_place(wanted: &Located, locked: &PackageSource) -> bool {
    use PackageSource::{FirstParty, Git, Registry};
    match (&wanted.source, locked) {
        (_, Registry { .. }) => true,
        (Git { repository: wanted, commit, .. }, Git { repository, commit: locked, .. }) => {
            plain(wanted) != plain(repository) || commit.is_some() && locked.is_some() && commit != locked
        }
        (Git { .. }, _) | (_, Git { .. }) => true,
        (FirstParty { folder: Some(wanted) }, FirstParty { folder: Some(locked) }) => wanted != locked,
        _ => false,
    }
}

/// Whether two places are the same, where the names do not say it: pipenv names a package after its
/// metadata, and a person may have named it otherwise.
pub(super) fn is_same_place(wanted: &Located, locked: &PackageSource) -> bool {
    use PackageSource::{Git, Registry};
    match (&wanted.source, locked) {
        (Registry { .. }, _) => false,
        (Git { repository: wanted, .. }, Git { repository, .. }) => plain(wanted) == plain(repository),
        (wanted, locked) => wanted == locked,
    }
}

/// The category from which a requirement may be met beside its own: what `default` has is installed
/// with every other.
pub(super) fn also(category: &str) -> Option<&'static str> {
    (category != DEFAULT).then_some(DEFAULT)
}
