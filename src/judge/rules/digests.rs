//! Whether the bytes of a package are those that they were.

use super::{Found, changes, found, label, of_package, plain};
use crate::diff::{Aspect, Change, LockfileDiff};
use crate::graph::Node;
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{Checksum, Digest, Ecosystem, Level, Package, Scope};
use std::collections::{HashMap, HashSet};

/// Another source has other bytes by nature; that is `source-changed`. Files that were added to a
/// release (PyPI's wheels) leave the others as they were.
pub(super) fn digest_changed(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = other_digests(subject);
    found.extend(other_checksums(subject));
    found.extend(subject.lockfiles.iter().flat_map(checksums_of_other_keys));
    found
}

fn other_digests(subject: &Subject<'_>) -> Vec<Found> {
    let changed = changes(subject).filter(|(_, change)| change.what.contains(&Aspect::Digest) && !change.what.contains(&Aspect::Source));
    changed
        .map(|(lockfile, change)| {
            let (was, is) = (&change.was_digests, &change.digests);
            let contains_all = |all: &[Digest], part: &[Digest]| part.iter().all(|digest| all.binary_search(digest).is_ok());
            let (level, what) = match () {
                () if is.is_empty() => (Level::Error, "has lost its digest"),
                () if change.unchecked && !change.was_unchecked && !was.is_empty() => {
                    (Level::Error, "has no digest in one of its places, so any bytes pass there")
                }
                () if was.is_empty() => (Level::Note, "has a digest now"),
                () if was == is => (Level::Note, "has a digest in each of its places now"),
                () if contains_all(is, was) && !takes_other_bytes(change) => (Level::Note, "has further digests"),
                () if contains_all(is, was) => (Level::Error, "has a second digest, so other bytes pass as well"),
                () if contains_all(was, is) => (Level::Warning, "has lost some of its digests"),
                () => (Level::Error, "has another digest at the same version"),
            };
            Found { level: Some(level), ..found(lockfile, change, format!("{} {what}", label(change))) }
        })
        .collect()
}

/// As with digests. Of optional packages for other platforms Yarn keeps a checksum in some of its
/// versions, and none in others.
fn other_checksums(subject: &Subject<'_>) -> Vec<Found> {
    let changed = changes(subject).filter(|(_, change)| change.what.contains(&Aspect::Checksum) && !change.what.contains(&Aspect::Source));
    changed
        .map(|(lockfile, change)| {
            let (level, what) = match (change.was_checksums.is_empty(), change.checksums.is_empty()) {
                (false, true) if change.scope == Some(Scope::Optional) => (Level::Warning, "has lost its checksum"),
                (false, true) => (Level::Error, "has lost its checksum"),
                (true, _) => (Level::Note, "has a checksum now"),
                (false, false) => (Level::Error, "has another checksum at the same version"),
            };
            Found { level: Some(level), ..found(lockfile, change, format!("{} {what}", label(change))) }
        })
        .collect()
}

/// Packages that both revisions have, all of whose checksums were made under other keys: whether they
/// are the same bytes cannot be told. A newer Yarn makes every checksum anew, under the lockfile's own
/// key: one finding for all. Yarn passes over a checksum of any other key, and makes none anew while the
/// lockfile's key stays: then somebody took the protection away, and each package is named.
fn checksums_of_other_keys(lockfile: &LockfileDiff<'_>) -> Vec<Found> {
    let old: HashMap<&Package, &[Checksum]> = lockfile.base.packages().map(|(_, node)| (&node.package, &node.rare.checksums[..])).collect();
    let is_of_other_keys = |was: &[Checksum], is: &[Checksum]| {
        let keys: HashSet<&str> = was.iter().map(|before| &*before.key).collect();
        !was.is_empty() && !is.is_empty() && !is.iter().any(|checksum| keys.contains(&*checksum.key))
    };
    let nodes = lockfile.head.packages().map(|(_, node)| node);
    let others =
        nodes.filter_map(|node| Some((node, *old.get(&node.package)?))).filter(|(node, was)| is_of_other_keys(was, &node.rare.checksums));
    let is_anew = |was: &Checksum, is: &Checksum| is.key == is.key_of_file && was.key_of_file != is.key_of_file;
    let (anew, taken): (Vec<_>, Vec<_>) = others.partition(|(node, was)| node.rare.checksums.iter().all(|is| is_anew(&was[0], is)));
    let message = |node: &Node, was: &[Checksum], more: &str| {
        format!(
            "the checksum of {}{more} cannot be compared with the one before: it was made under the cache key {}, now {}",
            quoted(&node.package.label()),
            quoted(&was[0].key),
            quoted(&node.rare.checksums[0].key)
        )
    };
    let mut found: Vec<Found> = Vec::new();
    for (node, was) in taken {
        let why = format!("{}, and the lockfile's own key is {}", message(node, was, ""), quoted(&node.rare.checksums[0].key_of_file));
        let of = of_package(&lockfile.head.lockfile, &node.package, why, &node.locations[0]);
        found.push(Found { level: Some(Level::Error), ..of });
    }
    if let Some((node, was)) = anew.first() {
        let more = if anew.len() > 1 { format!(" and of {} more", anew.len() - 1) } else { String::new() };
        found.push(Found { level: Some(Level::Warning), ..plain(message(node, was, &more), &node.locations[0]) });
    }
    found
}

/// Whether further digests let other bytes in: a second one of an algorithm, where a version is one
/// file. A release on PyPI is several.
fn takes_other_bytes(change: &Change) -> bool {
    let is_added = |digest: &Digest| change.was_digests.binary_search(digest).is_err();
    // Sorted, so those of one algorithm are neighbours.
    let is_beside = |pair: &[Digest]| pair[0].algorithm() == pair[1].algorithm() && pair.iter().any(is_added);
    change.package.ecosystem != Ecosystem::Pypi && change.digests.windows(2).any(is_beside)
}
