//! What the owners of a package say of it, and what is otherwise about how a version was made.

use super::{Found, told};
use crate::diff::ChangeKind;
use crate::enrich::registry::{Mark, Standing};
use crate::judge::Subject;
use crate::model::Level;
use crate::model::text::quoted;

pub fn deprecated_package(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| {
        let facts = told.today();
        let with = |what: &str, reason: &str| if reason.is_empty() { what.to_owned() } else { format!("{what}: {}", quoted(reason)) };
        match (facts.standing.fact.known(), facts.deprecated.fact.known()) {
            (Some(Standing::Deprecated(reason)), _) => Some(told.review(&with("is deprecated", reason), &facts.standing)),
            (Some(Standing::Archived(reason)), _) => Some(told.review(&with("is archived", reason), &facts.standing)),
            (_, Some(Mark::Yes(reason))) => Some(told.review(&with("is deprecated", reason), &facts.deprecated)),
            _ => None,
        }
    });
    found.collect()
}

pub fn yanked_version(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| match &told.today().yanked {
        yanked if yanked.fact.known() == Some(&Mark::Yes(String::new())) => Some(told.review("was yanked", yanked)),
        yanked => match yanked.fact.known()? {
            Mark::Yes(reason) => Some(told.review(&format!("was yanked: {}", quoted(reason)), yanked)),
            Mark::No => None,
        },
    });
    found.collect()
}

/// Of a package that came in, what it runs is told; of one that was there, that it did not before.
pub fn install_script_new(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| {
        let facts = told.today();
        let scripts = facts.install.fact.known().filter(|scripts| !scripts.is_empty())?;
        let named = scripts.iter().map(|script| quoted(script)).collect::<Vec<_>>().join(", ");
        if told.change.kind == ChangeKind::Added {
            let message = format!("runs code of its own when it is installed or built ({named})");
            return Some(Found { level: Some(Level::Note), ..told.found(&message, &facts.install) });
        }
        let is_new = facts.install_is_new.fact.known() == Some(&true);
        let message = format!("runs code of its own when it is installed or built ({named}), and the version before did not");
        if is_new {
            return Some(told.review(&message, &facts.install_is_new));
        }
        // Between the two may be versions of whoever began it.
        let (before, facts_before) = told.before()?;
        let message = format!("runs code of its own when it is installed or built ({named}), and {} did not", quoted(&before.label()));
        facts_before.install.fact.known().is_some_and(Vec::is_empty).then(|| told.review(&message, &facts.install))
    });
    found.collect()
}

pub fn attestation_lost(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| {
        let (lost, attested) = (&told.today().attestation_lost, &told.today().attested);
        let before = told.today().previous.as_ref().map(|version| format!(" {}", quoted(version.as_str()))).unwrap_or_default();
        if lost.fact.known() == Some(&true) {
            return Some(told.review(&format!("has no build attestation, and the version before{before} has one"), lost));
        }
        // Between the two may be versions of whoever lost it.
        let (before, facts) = told.before().filter(|_| attested.fact.known() == Some(&false))?;
        let message = format!("has no build attestation, and {} has one", quoted(&before.label()));
        (facts.attested.fact.known() == Some(&true)).then(|| told.review(&message, attested))
    });
    found.collect()
}

pub fn new_publisher(subject: &Subject<'_>) -> Vec<Found> {
    let found = told(subject).filter_map(|told| {
        let facts = told.today();
        let publisher = facts.publisher.fact.known()?;
        let who = if publisher.is_workflow { "the workflow of " } else { "" };
        if facts.publisher_is_new.fact.known() == Some(&true) {
            let message = format!("is the first version that {who}{} published", quoted(&publisher.name));
            return Some(told.review(&message, &facts.publisher_is_new));
        }
        // Between the two may be versions of whoever came in.
        let (before, facts_before) = told.before()?;
        let is_known = facts_before.publishers.fact.known()?.contains(publisher);
        let message =
            format!("was published by {who}{}, who had published none up to {}", quoted(&publisher.name), quoted(&before.label()));
        (!is_known).then(|| told.review(&message, &facts.publisher))
    });
    found.collect()
}
