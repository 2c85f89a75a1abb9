//! Where packages come from and which tools brought them, held against the lists of the policy.

use super::{Found, changes, found, label, plain, request};
use crate::diff::{Aspect, Change, ChangeKind};
use crate::enrich::Fact;
use crate::judge::Subject;
use crate::judge::brought::ToolCommit;
use crate::judge::policy::Sanction;
use crate::model::text::quoted;
use crate::model::{Day, Level, Location, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// What came in, or comes from another source than before.
pub(super) fn source_not_allowed(subject: &Subject<'_>) -> Vec<Found> {
    let came = |change: &Change| change.kind == ChangeKind::Added || change.what.contains(&Aspect::Source);
    let changed = changes(subject).filter(|(_, change)| change.kind != ChangeKind::Removed && came(change));
    let judged = changed.filter_map(|(lockfile, change)| Some((lockfile, change, subject.gate.policy.sources.judge(&change.package)?)));
    let refused = judged.filter(|(.., (_, entry))| entry.is_none());
    refused
        .map(|(lockfile, change, (list, _))| {
            let source = quoted(&change.package.source.to_string());
            found(lockfile, change, format!("{} comes from {source}, which is not among the policy's {list}", label(change)))
        })
        .collect()
}

/// Commits of AI tools that the policy does not name, or not for that day.
pub(super) fn unsanctioned_ai_tool(subject: &Subject<'_>) -> Vec<Found> {
    let commits = subject.gate.brought.by_tools.iter();
    let known = commits.flat_map(|commit| why_not(subject, commit).into_iter().filter_map(|why| of_commit(subject, commit, &why)));
    known.chain(of_unknown_tools(subject)).collect()
}

/// With a list, packages of which it is not known whether a tool brought them: somebody has to look. One finding
/// a reason.
fn of_unknown_tools(subject: &Subject<'_>) -> Vec<Found> {
    if subject.gate.policy.sanctioned.is_none() {
        return Vec::new();
    }
    let mut by_reason: BTreeMap<String, Vec<(&RelPath, &Change)>> = BTreeMap::new();
    for (lockfile, change) in changes(subject).filter(|(_, change)| change.kind != ChangeKind::Removed) {
        let told = subject.gate.told_of(lockfile, &change.package);
        let reasons: BTreeSet<&str> = told.iter().filter_map(Fact::reason).collect();
        reasons.into_iter().for_each(|reason| by_reason.entry(reason.to_owned()).or_default().push((lockfile, change)));
    }
    let found = |(reason, of): (String, Vec<(&RelPath, &Change)>)| {
        let (_, first) = of[0];
        let others = if of.len() > 1 { format!(" and {} more", of.len() - 1) } else { String::new() };
        let message = format!("whether a sanctioned tool brought {}{others} is not known: {reason}", label(first));
        let requests = of.iter().map(|(lockfile, change)| request(lockfile, change)).collect();
        Found { level: Some(Level::Warning), requests, ..plain(message, &first.location) }
    };
    by_reason.into_iter().map(found).collect()
}

/// A reason for each tool of the commit that may not be used.
fn why_not(subject: &Subject<'_>, commit: &ToolCommit) -> Vec<String> {
    let policy = &subject.gate.policy;
    if policy.sanctioned.is_none() {
        return Vec::new();
    }
    if commit.tools.is_empty() {
        return vec!["an AI tool that it does not name".into()];
    }
    // A commit without a day was made on none of a sanction that has a beginning or an end.
    let days = commit.day.map_or([Day::MIN, Day::MAX], |day| [day, subject.gate.today]);
    let why = |id: &String| {
        let name = policy.catalogue().tool_name(id);
        days.iter().find_map(|day| match policy.sanction(id, *day)? {
            Sanction::Holds(_) => None,
            Sanction::Missing => Some(format!("{name}, which the policy does not sanction")),
            Sanction::NotYet(row) => Some(format!("{name}, before the day from which it is sanctioned ({})", row.location)),
            Sanction::Expired(row) => Some(format!("{name}, the sanction of which has expired ({})", row.location)),
        })
    };
    commit.tools.iter().filter_map(why).collect()
}

fn of_commit(subject: &Subject<'_>, commit: &ToolCommit, why: &str) -> Option<Found> {
    let (lockfile, first) = commit.packages.first()?;
    let change = changes(subject).find(|(path, change)| *path == lockfile && change.package == *first).map(|(_, change)| change);
    let location = change.map_or(Location::new(lockfile, 1), |change| change.location.clone());
    let more = commit.packages.len() - 1;
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!("{}{others} came in with {}, by {why}", quoted(&first.label()), commit.commit.short());
    Some(plain(message, &location))
}
