//! The sentences that reports share. Everything returned is visible text of one line.

use crate::diff::{Aspect, Cause, Change, ChangeKind, Link};
use crate::model::licence::Licence;
use crate::model::text::{shortened, visible};
use crate::model::{Package, PackageSource};

/// Why a change came about, as a clause; empty where nothing is known.
pub fn cause(change: &Change) -> String {
    let gone = change.kind == ChangeKind::Removed;
    visible(&of_cause(&change.cause, gone)).into_owned()
}

fn of_cause(cause: &Cause, gone: bool) -> String {
    match cause {
        Cause::Declared { by, location, requirement, alias, before } => {
            let place = location.as_ref().map(|location| format!(" ({location})")).unwrap_or_default();
            let asked = requirement.as_deref().filter(|text| !text.is_empty()).unwrap_or("it");
            let asked = alias.as_ref().map_or(asked.to_owned(), |alias| format!("{asked} as {alias}"));
            match before.as_deref() {
                _ if gone => format!("{} no longer asks for it{place}", by.name),
                Some(before) if Some(before) != requirement.as_deref() => {
                    format!("{} asks for {asked}, before for {before}{place}", by.name)
                }
                _ => format!("{} asks for {asked}{place}", by.name),
            }
        }
        Cause::Required { declared: Some(_), chain } => format!("{} {}", if gone { "went with" } else { "pulled in by" }, roads(chain)),
        Cause::Required { declared: None, chain } => match chain.split_first() {
            Some((first, [])) => format!("because {}", what_happened(first)),
            Some((first, rest)) => format!("because {}; by way of {}", what_happened(first), roads(rest)),
            None => String::new(),
        },
        Cause::Lost(cause) => match cause.as_ref() {
            Cause::Required { declared: Some(_), chain } => format!("because {} went", roads(&chain[..1])),
            cause => of_cause(cause, true),
        },
        Cause::Resolved { by: Some(by), requirement } => {
            let asked = requirement.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
            match gone {
                true => format!("resolved anew: {} no longer needs it", label(by)),
                false => format!("resolved anew: {} still asks for{}", by.name, if asked.is_empty() { " it".to_owned() } else { asked }),
            }
        }
        Cause::Resolved { by: None, .. } => "resolved anew".to_owned(),
        Cause::Unknown => "nothing in the project is known to lead to it".to_owned(),
    }
}

/// What set off a change of which the cause is another package's: a heading for all it brought.
pub fn trigger(change: &Change) -> String {
    let text = match &change.cause {
        Cause::Required { chain, .. } => chain.first().map(|first| format!("because {}", what_happened(first))).unwrap_or_default(),
        Cause::Declared { .. } => "asked for by the project".to_owned(),
        Cause::Lost(_) => of_cause(&change.cause, true),
        Cause::Resolved { .. } => "resolved anew: nothing that requires them changed".to_owned(),
        Cause::Unknown => "nothing in the project is known to lead to them".to_owned(),
    };
    visible(&text).into_owned()
}

/// How a change came from its trigger: `by way of a 1.0 > b 2.0`; empty where it came directly.
pub fn way(change: &Change) -> String {
    let text = match &change.cause {
        Cause::Required { chain, .. } if chain.len() > 1 => format!("by way of {}", roads(&chain[1..])),
        Cause::Required { .. } | Cause::Unknown => String::new(),
        Cause::Resolved { by: Some(by), .. } => format!("required by {}", label(by)),
        other => of_cause(other, false),
    };
    visible(&text).into_owned()
}

fn roads(chain: &[Link]) -> String {
    chain.iter().map(|link| label(&link.package)).collect::<Vec<_>>().join(" > ")
}

/// `a went from 1.2 to 2.0`.
fn what_happened(link: &Link) -> String {
    match (&link.before.as_ref().and_then(|before| before.version.as_ref()), &link.package.version) {
        (Some(before), Some(after)) if *before != after => format!("{} went from {before} to {after}", link.package.name),
        _ if link.kind == ChangeKind::Removed => format!("{} went", label(&link.package)),
        _ if link.kind == ChangeKind::Added => format!("{} is new", label(&link.package)),
        _ => format!("{} changed", label(&link.package)),
    }
}

/// Whose approval a package inherits, and by which road: `inherited from fox 1.0.0 by way of gnu 1.0.0`; `None` where the
/// approval is of the package itself.
pub fn inherited(road: &[Package]) -> Option<String> {
    let (carrier, rest) = road.split_first()?;
    let rest: Vec<String> = rest.iter().map(label).collect();
    let by_way = if rest.is_empty() { String::new() } else { format!(" by way of {}", rest.join(" > ")) };
    Some(format!("inherited from {}{by_way}", label(carrier)))
}

pub fn label(package: &Package) -> String {
    visible(&package.label()).into_owned()
}

/// What differs beside the version: `digest changed, now direct`.
pub fn aspects(change: &Change) -> String {
    let texts = change.what.iter().map(|aspect| match aspect {
        Aspect::Checksum if change.checksums.is_empty() => "checksum lost".to_owned(),
        Aspect::Checksum if change.was_checksums.is_empty() => "checksum added".to_owned(),
        Aspect::Checksum => "checksum changed".to_owned(),
        Aspect::Digest if change.digests.is_empty() => "digest lost".to_owned(),
        Aspect::Digest if change.was_digests.is_empty() => "digest added".to_owned(),
        Aspect::Digest if change.unchecked && !change.was_unchecked => "digest lost in one place".to_owned(),
        Aspect::Digest if change.digests == change.was_digests => "digest in each place".to_owned(),
        Aspect::Digest => "digest changed".to_owned(),
        Aspect::Directness if change.direct == Some(true) => "now direct".to_owned(),
        Aspect::Directness => "now only transitive".to_owned(),
        Aspect::Licence => {
            let text = |licence: &Option<Licence>| licence.as_ref().map(|licence| shortened(licence.text(), 60).into_owned());
            format!("licence {}, was {}", text(&change.licence).unwrap_or_default(), text(&change.was_licence).unwrap_or_default())
        }
        Aspect::Patch if change.patches.is_empty() => "no longer patched".to_owned(),
        Aspect::Patch if change.was_patches.is_empty() => "patched".to_owned(),
        Aspect::Patch => "patch changed".to_owned(),
        Aspect::Scope => format!("{}, was {}", word(change.scope), word(change.was_scope)),
        Aspect::Scripts if change.runs_scripts.is_some() => "may run install scripts".to_owned(),
        Aspect::Scripts => "no longer runs install scripts".to_owned(),
        Aspect::Source => {
            let before = change.before.as_ref().map(|before| before.source.to_string()).unwrap_or_default();
            format!("from {}, before from {before}", change.package.source)
        }
        Aspect::Version => "another version".to_owned(),
    });
    visible(&texts.collect::<Vec<_>>().join("; ")).into_owned()
}

fn word(scope: Option<crate::model::Scope>) -> &'static str {
    scope.map_or("unknown", |scope| scope.as_str())
}

/// `1 package`, `2 packages`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What a change is called in a list: `new`, `removed`, `upgraded`, `downgraded`, `changed`.
pub fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "new",
        ChangeKind::Removed => "removed",
        ChangeKind::Upgraded => "upgraded",
        ChangeKind::Downgraded => "downgraded",
        ChangeKind::Modified => "changed",
    }
}

/// `ant 1.0.0 -> 2.0.0`, or the package alone where its version is the same.
pub fn what(change: &Change) -> String {
    match change.before.as_ref().and_then(|before| before.version.as_ref()) {
        Some(before) if change.kind != ChangeKind::Modified || Some(before) != change.package.version.as_ref() => {
            let after = change.package.version.as_ref().map(ToString::to_string).unwrap_or_default();
            visible(&format!("{} {before} -> {after}", change.package.name)).into_owned()
        }
        _ => label(&change.package),
    }
}

/// Where a new package comes from, where that is not the default registry.
pub fn source(change: &Change) -> Option<String> {
    let is_elsewhere = change.kind == ChangeKind::Added && change.package.source != PackageSource::default_registry();
    is_elsewhere.then(|| visible(&format!("from {}", change.package.source)).into_owned())
}

/// What is told of a change beside its package and its place: scope, source, what differs, why.
pub fn notes(change: &Change) -> Vec<String> {
    let scope = change.scope.filter(|scope| *scope != crate::model::Scope::Runtime && !change.what.contains(&Aspect::Scope));
    let texts = [scope.map(|scope| scope.to_string()), source(change), Some(aspects(change)), Some(cause(change))];
    texts.into_iter().flatten().filter(|text| !text.is_empty()).collect()
}
