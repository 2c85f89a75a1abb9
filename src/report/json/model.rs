//! What a condition of the policy sees of a change: the same values that the report shows, gathered by change.

use super::super::introduced_json::IntroducingOut;
use super::super::{facts, licences};
use super::advisory::AdvisoryOut;
use super::change::ChangeOut;
use crate::diff::{Change, ChangeKind};
use crate::enrich::Fact;
use crate::enrich::advisory::facts::is_in_question;
use crate::enrich::introduction::{Introduction, Introductions};
use crate::judge::Subject;
use crate::judge::advisories::{not_known, standings};
use crate::judge::brought;
use crate::judge::condition::Model;
use crate::model::vex::Assessment;
use crate::model::{AdvisoryId, Package, RelPath};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// What somebody who is believed says of an advisory of a package of a lockfile.
type Spoken<'s> = HashMap<(&'s RelPath, &'s Package, &'s AdvisoryId), Arc<Assessment>>;

/// Every change but of what went, with its model.
pub fn models<'s>(
    subject: &'s Subject<'_>,
    introductions: Option<&'s Introductions>,
) -> impl Iterator<Item = (&'s RelPath, &'s Change, Model)> {
    let all = subject.lockfiles.iter().flat_map(|lockfile| lockfile.changes.iter().map(move |change| (lockfile, change)));
    let all = all.zip(licences::of_changes(subject)).filter(|((_, change), _)| change.kind != ChangeKind::Removed);
    let spoken: Spoken<'s> =
        standings(subject).into_iter().filter_map(|one| Some(((one.lockfile, one.package, &one.advisory.id), one.vex?))).collect();
    all.map(move |((lockfile, change), licences)| {
        let path = &lockfile.head.lockfile;
        let introduction = introductions.and_then(|known| known.of(path, &change.package));
        let facts = subject.facts.packages.get(&change.package).map_or(Value::Null, facts::of_change);
        let model = Model::from([
            ("change", Fact::Known(json!(ChangeOut::of(lockfile, change, introduction, licences, facts)))),
            ("commits", commits(introductions, introduction)),
            ("advisories", advisories(subject, introductions, introduction, (path, change), &spoken)),
            ("today", Fact::Known(json!(subject.gate.today.to_string()))),
        ]);
        (path, change, model)
    })
}

/// The commits that had a part in its coming in; not known where one of them is not.
fn commits(introductions: Option<&Introductions>, introduction: Option<&Introduction>) -> Fact<Value> {
    let (Some(known), Some(introduction)) = (introductions, introduction) else {
        return Fact::Unknown("no commit is known to bring it in".into());
    };
    let ids = match brought::all_commits(introduction) {
        Fact::Known(ids) => ids,
        Fact::Unknown(reason) => return Fact::Unknown(reason),
    };
    let missing = ids.iter().find(|id| !known.commits.contains_key(**id));
    match missing {
        Some(id) => Fact::Unknown(format!("{} cannot be read", id.short())),
        None => Fact::Known(json!(IntroducingOut::of_commits(known, &ids))),
    }
}

fn advisories(
    subject: &Subject<'_>,
    introductions: Option<&Introductions>,
    introduction: Option<&Introduction>,
    (lockfile, change): (&RelPath, &Change),
    spoken: &Spoken<'_>,
) -> Fact<Value> {
    if !is_in_question(&change.package) {
        return Fact::Unknown("advisories are about packages of registries alone".into());
    }
    if let Some(reason) = not_known(subject, &change.package) {
        return Fact::Unknown(reason);
    }
    let commit = introduction.and_then(|introduction| introductions?.commits.get(introduction.origin.commit()?));
    let came = commit.map(|commit| commit.committed.seconds);
    let told = subject.advisories.of(&change.package).iter().map(|advisory| {
        let was_known = advisory.published.zip(came).map(|(published, came)| published <= came);
        let vex = spoken.get(&(lockfile, &change.package, &advisory.id));
        AdvisoryOut::with(advisory, was_known, vex.map(|vex| &**vex))
    });
    Fact::Known(json!(told.collect::<Vec<_>>()))
}
