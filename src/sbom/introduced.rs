//! How packages came in, and who consented to them: what every format says of it.
//!
//! A package of several lockfiles may have come into each with another commit; all are told. What is not known is told
//! with the reason, and never left out.

use super::properties;
use super::view::{ComponentId, View};
use crate::enrich::attribution::{Attribution, Category};
use crate::enrich::introduction::{Introduction, Origin};
use crate::judge::approval::Entry;
use crate::model::{CommitId, CommitRecord, Package, Person, PullRequest};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A commit that brought packages in.
pub(super) struct Commit<'a> {
    pub record: &'a CommitRecord,
    /// Who or what wrote it; `None` where it was not asked.
    pub attribution: Option<&'a Attribution>,
    /// Sorted.
    pub brought: Vec<ComponentId>,
}

/// An approval with the packages that it lets in, sorted.
pub(super) struct Approval<'a> {
    pub entry: &'a Entry,
    pub of: Vec<ComponentId>,
}

/// A name of [`properties`] with its value.
pub(super) type Pair<'a> = (&'static str, Cow<'a, str>);

/// Every commit that brought a component in, the oldest first.
pub(super) fn commits<'v>(view: &'v View<'v>) -> Vec<Commit<'v>> {
    let Some(known) = view.inventory.introductions else { return Vec::new() };
    let mut brought: BTreeMap<&CommitId, Vec<ComponentId>> = BTreeMap::new();
    for id in view.third_party() {
        let commits: BTreeSet<&CommitId> = introductions(view, id).filter_map(|introduction| introduction.origin.commit()).collect();
        commits.into_iter().for_each(|commit| brought.entry(commit).or_default().push(id));
    }
    let commit = |(id, brought)| Some(Commit { record: known.commits.get(id)?, attribution: known.attributions.get(id), brought });
    let mut commits: Vec<Commit<'_>> = brought.into_iter().filter_map(commit).collect();
    commits.sort_by_key(|commit| (commit.record.committed.seconds, &commit.record.id));
    commits
}

/// Every approval that lets a component in, in the order of their file.
pub(super) fn approvals<'v>(view: &'v View<'v>) -> Vec<Approval<'v>> {
    let Some(consents) = view.inventory.consents else { return Vec::new() };
    let mut of: Vec<Vec<ComponentId>> = consents.entries.iter().map(|_| Vec::new()).collect();
    for id in view.third_party() {
        let entries = consents.of.get(view.component(id).package);
        entries.into_iter().flatten().for_each(|entry| of[*entry].push(id));
    }
    consents.entries.iter().zip(of).filter(|(_, of)| !of.is_empty()).map(|(entry, of)| Approval { entry, of }).collect()
}

/// Third-party components that wait for somebody's consent.
pub(super) fn open<'v>(view: &'v View<'v>) -> impl Iterator<Item = ComponentId> + 'v {
    let consents = view.inventory.consents;
    view.third_party().filter(move |id| consents.is_some_and(|consents| consents.open.contains(view.component(*id).package)))
}

fn introductions<'v>(view: &'v View<'v>, id: ComponentId) -> impl Iterator<Item = &'v Introduction> {
    let component = view.component(id);
    let known = view.inventory.introductions;
    component.lockfiles().filter_map(move |lockfile| known?.of(lockfile, component.package))
}

/// What is said of one component, sorted.
pub(super) fn of_component<'v>(view: &'v View<'v>, id: ComponentId) -> Vec<Pair<'v>> {
    let mut all: Vec<Pair<'v>> = introductions(view, id).flat_map(|introduction| of_introduction(view, introduction)).collect();
    if let Some(consents) = view.inventory.consents {
        let entries = consents.of.get(view.component(id).package).into_iter().flatten().map(|at| &consents.entries[*at]);
        all.extend(entries.map(|entry| (properties::APPROVAL, Cow::Owned(approved(entry)))));
        let inherited = consents.inherited.get(view.component(id).package);
        let told = |(at, road): &(usize, Vec<Package>)| {
            let labels: Vec<String> = road.iter().map(Package::label).collect();
            format!("inherited by way of {}: {}", labels.join(", "), approved(&consents.entries[*at]))
        };
        all.extend(inherited.map(|inherited| (properties::APPROVAL, Cow::Owned(told(inherited)))));
    }
    all.sort();
    all.dedup();
    all
}

fn of_introduction<'v>(view: &'v View<'v>, introduction: &'v Introduction) -> Vec<Pair<'v>> {
    let known = view.inventory.introductions;
    let own = |name, value: String| (name, Cow::Owned(value));
    let mut all = Vec::new();
    match &introduction.origin {
        Origin::Commit(id) => {
            all.push((properties::INTRO_COMMIT, Cow::Borrowed(id.as_str())));
            let record = known.and_then(|known| known.commits.get(id));
            all.extend(record.into_iter().flat_map(|record| of_commit(record, known.and_then(|known| known.attributions.get(id)))));
        }
        Origin::Uncommitted => all.push((properties::INTRO_UNKNOWN, Cow::Borrowed("it is not committed yet"))),
        Origin::Before(id) => all.push(own(properties::INTRO_UNKNOWN, format!("it was there in {id} already"))),
        Origin::Unknown(reason) => all.push((properties::INTRO_UNKNOWN, Cow::Borrowed(reason.text.as_str()))),
    }
    all.extend(introduction.merge.iter().map(|id| (properties::INTRO_MERGE, Cow::Borrowed(id.as_str()))));
    all.extend(introduction.pull_request.map(|number| own(properties::INTRO_PULL_REQUEST, PullRequest::number(number).to_string())));
    all.extend(introduction.through.iter().map(|(package, _)| own(properties::INTRO_THROUGH, package.purl())));
    all
}

/// What is said of a commit, wherever it is told of.
pub(super) fn of_commit<'v>(record: &'v CommitRecord, attribution: Option<&'v Attribution>) -> Vec<Pair<'v>> {
    let mut all: Vec<Pair<'v>> = vec![(properties::INTRO_AUTHOR, Cow::Owned(person(&record.author)))];
    all.extend(record.committed.rfc3339().map(|time| (properties::INTRO_DATE, Cow::Owned(time))));
    let Some(attribution) = attribution else { return all };
    let category = attribution.category.known().copied().map(Category::as_str);
    all.extend(category.map(|category| (properties::INTRO_ATTRIBUTION, Cow::Borrowed(category))));
    let unknown = attribution.category.reason().map(|reason| Cow::Owned(format!("who or what wrote it: {reason}")));
    all.extend(unknown.map(|reason| (properties::INTRO_UNKNOWN, reason)));
    let each = |name, texts: &'v [String]| texts.iter().map(move |text| (name, Cow::Borrowed(text.as_str())));
    all.extend(each(properties::INTRO_AI_TOOL, &attribution.tools));
    all.extend(each(properties::INTRO_AI_MODEL, &attribution.models));
    all.extend(each(properties::INTRO_AUTOMATION, &attribution.automation));
    all.extend(attribution.person.iter().map(|who| (properties::INTRO_ACCOUNTABLE, Cow::Owned(person(who)))));
    all
}

pub(super) fn person(who: &Person) -> String {
    format!("{} <{}>", who.name, who.email)
}

/// A sentence for people on an approval.
pub(super) fn approved(entry: &Entry) -> String {
    let owner = entry.owner.as_ref().map(|owner| format!("; {owner} answers for it")).unwrap_or_default();
    let reviewed = if entry.reviewed.is_empty() { String::new() } else { format!("; reviewed: {}", entry.reviewed.join(", ")) };
    let reason = if entry.reason.is_empty() { String::new() } else { format!(": {}", entry.reason) };
    format!("approved by {} on {} until {}{owner}{reviewed} ({}){reason}", entry.approved_by, entry.on, entry.expires, entry.location)
}
