//! Where the files contradict themselves, one another, or what a manifest asks for.

use super::entries::Packages;
use super::manifest::{Asked, Manifests, is_allowed};
use super::reading::{Reading, Written};
use super::requirement::{Wanted, shown};
use crate::model::text::quoted;
use crate::model::{PackageName, Version};
use crate::read::Disagreement;
use hashbrown::HashMap;

/// pip-compile leaves these out unless it is told otherwise (pip-tools, `UNSAFE_PACKAGES`).
const OFTEN_LEFT_OUT: [&str; 3] = ["setuptools", "distribute", "pip"];

pub(super) fn all(reading: &Reading, packages: &Packages<'_>, manifests: &Manifests) -> Vec<Disagreement> {
    let mut found = two_pins(reading);
    found.extend(reading.written.iter().enumerate().filter_map(|(line, written)| without_hash(reading, packages, line, written)));
    found.extend(reading.written.iter().filter_map(|written| against_constraint(reading, written)));
    found.extend(manifests.asked().iter().filter_map(|asked| unmet(reading, packages, asked)));
    found
}

fn at(location: &crate::model::Location, message: String) -> Disagreement {
    Disagreement { location: location.clone(), message }
}

/// Two pins of one name that hold everywhere: pip installs nothing.
fn two_pins(reading: &Reading) -> Vec<Disagreement> {
    let mut first: HashMap<&PackageName, (&Written, &Version)> = HashMap::new();
    let mut found = Vec::new();
    for written in reading.written.iter().filter(|written| written.requirement.marker.is_none()) {
        let Wanted::Version { pin: Some(version), .. } = &written.requirement.wanted else { continue };
        let name = &written.requirement.name;
        let (earlier, known) = first.entry(name).or_insert_with(|| (written, version));
        if *known != version {
            let (name, known, here) = (quoted(name.as_str()), quoted(known.as_str()), quoted(version.as_str()));
            found.push(at(&written.location, format!("{name} is pinned to {here} here and to {known} in {}", earlier.location)));
        }
    }
    found
}

fn without_hash(reading: &Reading, packages: &Packages<'_>, line: usize, written: &Written) -> Option<Disagreement> {
    let has_own = matches!(&written.requirement.wanted, Wanted::Place(place) if place.digest.is_some());
    let lacks = reading.settings.hashes_required && written.hashes.is_empty() && !has_own && packages.package(line).is_some();
    lacks.then(|| at(&written.location, format!("{} has no hash, and --require-hashes asks for one", shown(&written.text))))
}

fn against_constraint(reading: &Reading, written: &Written) -> Option<Disagreement> {
    let Wanted::Version { specifiers, .. } = &written.requirement.wanted else { return None };
    let held = reading.held.get(&written.requirement.name)?.as_ref()?;
    let message = || format!("{} does not allow {}, at which {} holds it", shown(&written.text), quoted(held.version.as_str()), held.by);
    (!is_allowed(specifiers, &held.version)).then(|| at(&written.location, message()))
}

/// A requirement of a manifest that the lockfile does not meet. One with a marker may be absent:
/// the lockfile was made for one environment.
fn unmet(reading: &Reading, packages: &Packages<'_>, asked: &Asked) -> Option<Disagreement> {
    let name = &asked.requirement.name;
    let versions = packages.versions(name);
    let shown = shown(&match &asked.requirement.wanted {
        Wanted::Version { specifiers, .. } => format!("{name}{specifiers}"),
        Wanted::Place(place) => place.text.clone(),
    });
    if versions.is_empty() {
        let excused = asked.requirement.marker.is_some()
            || reading.left_out.contains(name)
            || OFTEN_LEFT_OUT.contains(&name.as_str())
            || packages.is_project(name);
        return (!excused).then(|| at(&asked.location, format!("{shown} is asked for here and {} does not hold it", reading.lockfile)));
    }
    let met = versions.iter().any(|version| version.is_none_or(|version| asked.allows(version)));
    let locked = || versions.iter().flatten().map(|version| quoted(version.as_str())).collect::<Vec<_>>().join(", ");
    (!met).then(|| at(&asked.location, format!("{shown} is asked for here and {} locks {}", reading.lockfile, locked())))
}
