//! Packages that come from elsewhere than before, or may: another source, a further place, other settings, a patch.

use super::super::new_gaps;
use super::{Found, changes, found, integrity, label, plain, request};
use crate::diff::{Aspect, Change, ChangeKind, LockfileDiff};
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{Address, Gap, GapKind, Location, Package, PackageSource};
use crate::read::settings::{ChangedSettings, ChangedSource, Meant};
use std::collections::HashSet;

pub(super) fn source_changed(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = moved(subject);
    found.extend(integrity::from_other_hosts(subject));
    found.extend(patched(subject));
    found.extend(subject.lockfiles.iter().flat_map(|lockfile| may_come_from_elsewhere(subject, lockfile)));
    found
}

/// A further index or place with files is one for every package of the registry, and so are other
/// settings of the package manager: new packages are meant as well, whatever else lets them in. One
/// finding for all places, and one for all settings.
fn may_come_from_elsewhere<'s>(subject: &'s Subject<'_>, lockfile: &'s LockfileDiff<'_>) -> Vec<Found> {
    let moved = lockfile.changes.iter().filter(|change| change.what.contains(&Aspect::Source));
    let moved: HashSet<&Package> = moved.map(|change| &change.package).collect();
    let from_registry = |package: &&Package| matches!(package.source, PackageSource::Registry { .. }) && !moved.contains(package);
    let packages: Vec<&Package> = lockfile.head.packages().map(|(_, node)| &node.package).filter(from_registry).collect();
    by_place(lockfile, &packages).into_iter().chain(by_settings(subject, lockfile, &packages)).collect()
}

fn by_place(lockfile: &LockfileDiff<'_>, packages: &[&Package]) -> Option<Found> {
    let places: Vec<&Gap> = new_gaps(lockfile).filter(|gap| gap.kind == GapKind::FurtherSource).collect();
    let place = places.first()?;
    let others = if places.len() > 1 { format!(", and from {} more", places.len() - 1) } else { String::new() };
    let location = Location { file: place.file.clone(), line: place.line.unwrap_or(1) };
    from_elsewhere(lockfile, packages, &format!("{}{others}", place.message), &location)
}

/// A registry that the policy lists may be where packages come from, whichever settings say so.
fn by_settings(subject: &Subject<'_>, lockfile: &LockfileDiff<'_>, packages: &[&Package]) -> Option<Found> {
    let listed = |address: &Address| subject.gate.policy.sources.names_registry(address.as_str());
    let is_open = |source: &&ChangedSource| !source.place.as_ref().is_some_and(listed);
    let concerns = |settings: &&ChangedSettings| settings.concerns(&lockfile.head.lockfile, lockfile.head.ecosystem);
    let all = subject.settings.iter().filter(concerns).map(|settings| (settings, settings.sources.iter().filter(is_open).collect()));
    let all: Vec<(&ChangedSettings, Vec<&ChangedSource>)> = all.filter(|(_, sources): &(_, Vec<_>)| !sources.is_empty()).collect();
    let meant = Meant::by(all.iter().flat_map(|(_, sources)| sources.iter().copied()));
    let packages: Vec<&Package> = packages.iter().copied().filter(|package| meant.has(&package.name)).collect();
    let name = &packages.first()?.name;
    let is_of = |source: &&&ChangedSource| Meant::by([**source]).has(name);
    let (settings, sources, first) = all.iter().find_map(|(settings, sources)| Some((settings, sources, sources.iter().find(is_of)?)))?;
    let more = |count: usize, what: &str| if count > 1 { format!(" and {} more{what}", count - 1) } else { String::new() };
    let (values, files) = (more(sources.len(), ""), more(all.len(), " files with settings"));
    let why = format!("see {} ({}{values}){files}", quoted(settings.path.as_str()), quoted(&first.what));
    from_elsewhere(lockfile, &packages, &why, &Location { file: settings.path.clone(), line: first.line })
}

fn from_elsewhere(lockfile: &LockfileDiff<'_>, packages: &[&Package], why: &str, location: &Location) -> Option<Found> {
    let path = &lockfile.head.lockfile;
    let (first, more) = (packages.first()?, packages.len() - 1);
    let others = if more > 0 { format!(" and {more} more of {}", quoted(path.as_str())) } else { String::new() };
    let message = format!("{}{others} may come from another source: {why}", quoted(&first.label()));
    let requests = packages.iter().map(|package| (path.clone(), (*package).clone())).collect();
    Some(Found { requests, ..plain(message, location) })
}

fn moved(subject: &Subject<'_>) -> Vec<Found> {
    let moved = changes(subject).filter(|(_, change)| change.what.contains(&Aspect::Source));
    moved
        .map(|(lockfile, change)| {
            let before = change.before.as_ref().map(|before| quoted(&before.source.to_string())).unwrap_or_default();
            let message = format!("{} comes from {}, no longer from {before}", label(change), quoted(&change.package.source.to_string()));
            Found { requests: vec![request(lockfile, change)], ..found(lockfile, change, message) }
        })
        .collect()
}

/// A patch is code of the repository inside of somebody else's package. That of a new package is told
/// here as well: the name and the version do not say that it is not the registry's.
fn patched(subject: &Subject<'_>) -> Vec<Found> {
    let by_patch = |change: &Change| match change.kind {
        ChangeKind::Added => !change.patches.is_empty(),
        _ => change.what.contains(&Aspect::Patch),
    };
    let patched = changes(subject).filter(|(_, change)| by_patch(change));
    patched
        .map(|(lockfile, change)| {
            let files: Vec<String> = change.patches.iter().map(|patch| quoted(&patch.file)).collect();
            let files = files.join(", ");
            let what = match (change.patches.is_empty(), change.kind == ChangeKind::Added || change.was_patches.is_empty()) {
                (true, _) => "is no longer patched".to_owned(),
                (false, true) => format!("is patched with {files}"),
                (false, false) => format!("is patched with {files}, otherwise than before"),
            };
            Found { requests: vec![request(lockfile, change)], ..found(lockfile, change, format!("{} {what}", label(change))) }
        })
        .collect()
}
