//! The first line of a report in words: for what somebody has to consent, and how much changed.

use super::Reported;
use super::needed;
use super::wording::count;
use crate::diff::ChangeKind;
use crate::judge::Verdict;
use crate::model::text::shortened;
use crate::model::{Gap, GapKind};

/// Characters of a revision's or a file's name.
const MOST: usize = 120;

/// The verdict in words: `allowed`, `needs approval for 2 packages`, `denied`, `could not judge`.
pub fn verdict(reported: &Reported<'_>) -> String {
    match reported.judgement.verdict {
        Some(Verdict::Allow) => "allowed".into(),
        Some(Verdict::NeedsApproval) => asked(reported, needed::number(reported)),
        Some(Verdict::Deny) => "denied".into(),
        None => "could not judge".into(),
    }
}

/// What was compared with what; it may hold the names of files.
pub fn compared(reported: &Reported<'_>) -> String {
    let head = shortened(reported.head.short(), MOST);
    match &reported.base {
        Some(base) => format!("{} to {head}", shortened(base.short(), MOST)),
        None => format!("everything in {head}"),
    }
}

/// For what somebody has to consent: packages, and another policy.
pub fn asked(reported: &Reported<'_>, packages: usize) -> String {
    let packages = count(packages, "package", "packages");
    match (reported.judgement.asks_for_policy(), reported.judgement.requests.is_empty()) {
        (false, _) => format!("needs approval for {packages}"),
        (true, true) => "needs approval for another policy".to_owned(),
        (true, false) => format!("needs approval for {packages} and another policy"),
    }
}

pub fn summary(reported: &Reported<'_>) -> String {
    let lockfiles = &reported.judgement.subject.lockfiles;
    let changes = || lockfiles.iter().flat_map(|lockfile| &lockfile.changes);
    let direct = changes().filter(|change| change.kind == ChangeKind::Added && change.direct == Some(true)).count();
    let number = |kind| changes().filter(|change| change.kind == kind).count();
    let parts = [
        (number(ChangeKind::Added), "new"),
        (number(ChangeKind::Upgraded), "upgraded"),
        (number(ChangeKind::Downgraded), "downgraded"),
        (number(ChangeKind::Modified), "modified"),
        (number(ChangeKind::Removed), "removed"),
    ];
    let texts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(
            |(number, word)| {
                if *word == "new" && direct > 0 { format!("{number} new ({direct} direct)") } else { format!("{number} {word}") }
            },
        )
        .collect();
    let known = match lockfiles.iter().filter(|lockfile| !lockfile.changes.is_empty()).count() {
        0 => "no package changed".to_owned(),
        number => format!("{} in {}", texts.join(", "), count(number, "lockfile", "lockfiles")),
    };
    let is_unread = |gap: &&Gap| matches!(gap.kind, GapKind::UnreadLockfile | GapKind::UnsupportedFormat);
    let unread = reported.judgement.gaps.iter().filter(is_unread).count();
    match reported.judgement.blocking().count() {
        0 if unread > 0 => format!("of what was read, {known}; {} not read", count(unread, "lockfile", "lockfiles")),
        0 => known,
        unread => format!("{}; of what was read, {known}", count(unread, "blocking gap", "blocking gaps")),
    }
}
