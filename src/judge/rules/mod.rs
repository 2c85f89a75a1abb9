//! The rules, one row each. A rule is a function from the subject to what it found.

mod advisories;
mod governance;
mod integrity;
mod introduced;
mod names;
mod outgrown;
mod sources;
mod unlocked;

use super::{Subject, new_gaps};
use crate::diff::{self, Aspect, Change, ChangeKind, LockfileDiff};
use crate::graph::Node;
use crate::model::text::quoted;
use crate::model::{Checksum, Digest, Ecosystem, Finding, Gap, GapKind, Level, Location, Package, PackageSource, RelPath, Scope, version};
use crate::read::settings::{ChangedSettings, ChangedSource, Meant};
use std::collections::{HashMap, HashSet};

/// A rule: what is checked, and how serious it is by default.
pub struct Rule {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub level: Level,
    /// The page that `sbomgate explain` prints.
    pub page: &'static str,
    pub check: fn(&Subject<'_>) -> Vec<Found>,
}

/// What a rule found; the rule's code and level are filled in by the judge.
pub struct Found {
    pub finding: Finding,
    /// The package that it is of, with the head's lockfile: what somebody can consent to.
    pub of: Option<(RelPath, Package)>,
    /// Another level than the rule's own.
    pub level: Option<Level>,
    /// The packages for which somebody has to consent, each with its lockfile.
    pub requests: Vec<(RelPath, Package)>,
}

/// All rules. A new rule is a row, its function, and its page in `docs/rules`.
pub static RULES: &[Rule] = &[
    Rule {
        code: "introduced-package",
        summary: "A package that was not there before needs an approval.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/introduced-package.md"),
        check: introduced::introduced_package,
    },
    Rule {
        code: "source-changed",
        summary: "A package comes from another source than before.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/source-changed.md"),
        check: source_changed,
    },
    Rule {
        code: "version-unordered",
        summary: "A package has another version, and which of the two is newer is not known.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/version-unordered.md"),
        check: version_unordered,
    },
    Rule {
        code: "install-script-allowed",
        summary: "A package may run scripts when it is installed.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/install-script-allowed.md"),
        check: install_script_allowed,
    },
    Rule {
        code: "digest-changed",
        summary: "The same version of a package has other bytes than before.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/digest-changed.md"),
        check: digest_changed,
    },
    Rule {
        code: "manifest-mismatch",
        summary: "Manifest and lockfile do not agree.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/manifest-mismatch.md"),
        check: manifest_mismatch,
    },
    Rule {
        code: "lockfile-removed",
        summary: "A lockfile went, or can no longer be read, and the manifest beside it stayed.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/lockfile-removed.md"),
        check: lockfile_removed,
    },
    Rule {
        code: "unlocked-requirement",
        summary: "Something gets installed that no lockfile holds.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/unlocked-requirement.md"),
        check: unlocked::unlocked_requirement,
    },
    Rule {
        code: "address-mismatch",
        summary: "A package is fetched from an address that is not its own.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/address-mismatch.md"),
        check: integrity::address_mismatch,
    },
    Rule {
        code: "conflicting-digests",
        summary: "A package has two digests for one file.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/conflicting-digests.md"),
        check: integrity::conflicting_digests,
    },
    Rule {
        code: "missing-digest",
        summary: "A package has no digest to check its files by.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/missing-digest.md"),
        check: integrity::missing_digest,
    },
    Rule {
        code: "weak-digest",
        summary: "A package has no digest of an algorithm that withstands forgery.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/weak-digest.md"),
        check: integrity::weak_digest,
    },
    Rule {
        code: "orphan-package",
        summary: "A package is locked that nothing asks for.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/orphan-package.md"),
        check: integrity::orphan_package,
    },
    Rule {
        code: "unlisted-registry",
        summary: "Packages come from a registry that is not the default one.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/unlisted-registry.md"),
        check: integrity::unlisted_registry,
    },
    Rule {
        code: "malware",
        summary: "A package is reported to be malicious.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/malware.md"),
        check: advisories::malware,
    },
    Rule {
        code: "advisory",
        summary: "A package has a known vulnerability.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/advisory.md"),
        check: advisories::advisory,
    },
    Rule {
        code: "unmaintained",
        summary: "A package is reported to be unmaintained.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/unmaintained.md"),
        check: advisories::unmaintained,
    },
    Rule {
        code: "informational-advisory",
        summary: "A record tells of something that one should know of a package.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/informational-advisory.md"),
        check: advisories::informational_advisory,
    },
    Rule {
        code: "ai-provider",
        summary: "A new package talks to AI models, runs agents or runs models.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/ai-provider.md"),
        check: names::ai_provider,
    },
    Rule {
        code: "lookalike-name",
        summary: "A new package has a name that looks like a popular one's.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/lookalike-name.md"),
        check: names::lookalike_name,
    },
    Rule {
        code: "source-not-allowed",
        summary: "A package comes from a source that the policy does not allow.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/source-not-allowed.md"),
        check: sources::source_not_allowed,
    },
    Rule {
        code: "unsanctioned-ai-tool",
        summary: "A package came in with a commit of an AI tool that the policy does not sanction.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/unsanctioned-ai-tool.md"),
        check: sources::unsanctioned_ai_tool,
    },
    Rule {
        code: "policy-changed",
        summary: "A change alters the policy by which changes are judged, or whose signatures count.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/policy-changed.md"),
        check: governance::policy_changed,
    },
    Rule {
        code: "policy-unused",
        summary: "The policy sets something that has no effect on the project.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/policy-unused.md"),
        check: governance::policy_unused,
    },
    Rule {
        code: "self-approval",
        summary: "An approval cannot be shown to be somebody else's than the change's own.",
        level: Level::Error,
        page: include_str!("../../../docs/rules/self-approval.md"),
        check: governance::self_approval,
    },
    Rule {
        code: "approval-void",
        summary: "An approval does not count: it expired, holds too long, or is of nobody who may approve.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-void.md"),
        check: governance::approval_void,
    },
    Rule {
        code: "approval-expiring",
        summary: "An approval is about to expire.",
        level: Level::Note,
        page: include_str!("../../../docs/rules/approval-expiring.md"),
        check: governance::approval_expiring,
    },
    Rule {
        code: "approval-unused",
        summary: "An approval is of no package that is locked.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-unused.md"),
        check: governance::approval_unused,
    },
    Rule {
        code: "approval-unowned",
        summary: "An approval names nobody who answers for the package.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-unowned.md"),
        check: governance::approval_unowned,
    },
    Rule {
        code: "approval-outgrown",
        summary: "A package is no longer what was approved of it.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-outgrown.md"),
        check: outgrown::approval_outgrown,
    },
    Rule {
        code: "approval-uncommitted",
        summary: "An approval is in the work tree alone.",
        level: Level::Warning,
        page: include_str!("../../../docs/rules/approval-uncommitted.md"),
        check: governance::approval_uncommitted,
    },
];

/// The rule of a code.
pub fn named(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

/// A version that is written otherwise is the same release: then its digests tell.
fn version_unordered(subject: &Subject<'_>) -> Vec<Found> {
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

fn source_changed(subject: &Subject<'_>) -> Vec<Found> {
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

fn by_settings(subject: &Subject<'_>, lockfile: &LockfileDiff<'_>, packages: &[&Package]) -> Option<Found> {
    let concerns = |settings: &&ChangedSettings| settings.concerns(&lockfile.head.lockfile, lockfile.head.ecosystem);
    let all: Vec<&ChangedSettings> = subject.settings.iter().filter(concerns).collect();
    let meant = Meant::by(all.iter().flat_map(|settings| &settings.sources));
    let packages: Vec<&Package> = packages.iter().copied().filter(|package| meant.has(&package.name)).collect();
    let name = &packages.first()?.name;
    let is_of = |source: &&ChangedSource| Meant::by([*source]).has(name);
    let (settings, first) = all.iter().find_map(|settings| Some((settings, settings.sources.iter().find(is_of)?)))?;
    let more = |count: usize, what: &str| if count > 1 { format!(" and {} more{what}", count - 1) } else { String::new() };
    let (values, files) = (more(settings.sources.len(), ""), more(all.len(), " files with settings"));
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

/// Package managers that ask run no script of a package which the project does not name.
fn install_script_allowed(subject: &Subject<'_>) -> Vec<Found> {
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

/// Another source has other bytes by nature; that is `source-changed`. Files that were added to a
/// release (PyPI's wheels) leave the others as they were.
fn digest_changed(subject: &Subject<'_>) -> Vec<Found> {
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
    let old: HashMap<&Package, &[Checksum]> = lockfile.base.packages().map(|(_, node)| (&node.package, &node.checksums[..])).collect();
    let is_of_other_keys = |was: &[Checksum], is: &[Checksum]| {
        let keys: HashSet<&str> = was.iter().map(|before| &*before.key).collect();
        !was.is_empty() && !is.is_empty() && !is.iter().any(|checksum| keys.contains(&*checksum.key))
    };
    let nodes = lockfile.head.packages().map(|(_, node)| node);
    let others =
        nodes.filter_map(|node| Some((node, *old.get(&node.package)?))).filter(|(node, was)| is_of_other_keys(was, &node.checksums));
    let is_anew = |was: &Checksum, is: &Checksum| is.key == is.key_of_file && was.key_of_file != is.key_of_file;
    let (anew, taken): (Vec<_>, Vec<_>) = others.partition(|(node, was)| node.checksums.iter().all(|is| is_anew(&was[0], is)));
    let message = |node: &Node, was: &[Checksum], more: &str| {
        format!(
            "the checksum of {}{more} cannot be compared with the one before: it was made under the cache key {}, now {}",
            quoted(&node.package.label()),
            quoted(&was[0].key),
            quoted(&node.checksums[0].key)
        )
    };
    let mut found: Vec<Found> = Vec::new();
    for (node, was) in taken {
        let why = format!("{}, and the lockfile's own key is {}", message(node, was, ""), quoted(&node.checksums[0].key_of_file));
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

/// Only what the base did not have already. Several lockfiles may share a manifest, so the message
/// names the one in question.
fn manifest_mismatch(subject: &Subject<'_>) -> Vec<Found> {
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
fn lockfile_removed(subject: &Subject<'_>) -> Vec<Found> {
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

fn changes<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = (&'s RelPath, &'s Change)> {
    subject.lockfiles.iter().flat_map(|lockfile| lockfile.changes.iter().map(|change| (&lockfile.head.lockfile, change)))
}

fn label(change: &Change) -> String {
    quoted(&change.package.label())
}

fn request(lockfile: &RelPath, change: &Change) -> (RelPath, Package) {
    (lockfile.clone(), change.package.clone())
}

fn found(lockfile: &RelPath, change: &Change, message: String) -> Found {
    of_package(lockfile, &change.package, message, &change.location)
}

fn of_package(lockfile: &RelPath, package: &Package, message: String, location: &Location) -> Found {
    let found = plain(message, location);
    let finding = Finding { package: Some(package.purl()), ..found.finding };
    Found { finding, of: Some((lockfile.clone(), package.clone())), ..found }
}

/// Of no one package.
fn plain(message: String, location: &Location) -> Found {
    let finding = Finding { rule: "", level: Level::Note, package: None, message, location: Some(location.clone()), advisory: None };
    Found { finding, of: None, level: None, requests: Vec::new() }
}
