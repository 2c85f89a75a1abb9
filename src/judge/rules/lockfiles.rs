//! Lockfiles as wholes: whether their manifests agree with them, and whether they are still there.

use super::{Found, plain};
use crate::judge::Subject;
use crate::model::text::quoted;
use crate::model::{Gap, GapKind, Location, RelPath};
use std::collections::HashSet;

/// Only what the base did not have already. Several lockfiles may share a manifest, so the message
/// names the one in question.
pub(super) fn manifest_mismatch(subject: &Subject<'_>) -> Vec<Found> {
    let mut findings = Vec::new();
    for lockfile in &subject.lockfiles {
        let path = &lockfile.head.lockfile;
        let old: HashSet<&str> = lockfile.base.disagreements.iter().map(|old| old.message.as_str()).collect();
        for disagreement in lockfile.head.disagreements.iter().filter(|disagreement| !old.contains(disagreement.message.as_str())) {
            let of = if disagreement.location.file == *path { String::new() } else { format!(" ({path})") };
            findings.push(plain(format!("{}{of}", disagreement.message), &disagreement.location));
        }
    }
    findings
}

/// A lockfile that went, and one that could be read before and no longer can: where a gap of that kind is acceptable,
/// nothing else would tell.
pub(super) fn lockfile_removed(subject: &Subject<'_>) -> Vec<Found> {
    let message =
        |lockfile: &RelPath| format!("{} went, and nothing locks any more what this manifest asks for", quoted(lockfile.as_str()));
    let gone = subject.abandoned.iter().map(|(lockfile, manifest)| plain(message(lockfile), &Location::new(manifest, 1)));
    let is_lost = |gap: &&Gap| {
        matches!(gap.kind, GapKind::UnreadLockfile | GapKind::UnsupportedFormat)
            && !subject.gate.is_blocking(gap.kind)
            && subject.read_before.contains(&gap.file)
    };
    let lost = subject.gaps.iter().filter(is_lost).map(|gap| {
        let message = format!("this lockfile could be read before, and what it holds now is not known: {}", gap.message);
        plain(message, &Location::new(&gap.file, gap.line.unwrap_or(1)))
    });
    gone.chain(lost).collect()
}
