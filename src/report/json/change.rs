//! A change, with what it was before and what caused it.

use super::super::introduced_json::IntroductionOut;
use super::super::licences::LicenceOut;
use super::super::wording;
use super::LocationOut;
use crate::diff::{Cause, Change, ChangeKind, Link, LockfileDiff};
use crate::enrich::introduction::Introduction;
use crate::model::PackageSource;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct ChangeOut<'r> {
    change: &'static str,
    package: String,
    ecosystem: &'static str,
    name: &'r str,
    version: Option<&'r str>,
    /// The version before, of an upgraded or downgraded package.
    from: Option<&'r str>,
    lockfile: &'r str,
    location: LocationOut<'r>,
    direct: Option<bool>,
    was_direct: Option<bool>,
    scope: Option<&'static str>,
    was_scope: Option<&'static str>,
    what: Vec<&'static str>,
    source: SourceOut,
    was_source: Option<SourceOut>,
    digests: Vec<String>,
    was_digests: Vec<String>,
    licence: Option<LicenceOut>,
    was_licence: Option<LicenceOut>,
    /// What its registry tells.
    facts: Value,
    cause: CauseOut<'r>,
    introduction: Option<IntroductionOut<'r>>,
}

#[derive(Serialize)]
struct SourceOut {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
struct CauseOut<'r> {
    kind: &'static str,
    text: String,
    /// The package that asks for it: the first-party one, or the one that still does.
    by: Option<String>,
    location: Option<LocationOut<'r>>,
    requirement: Option<&'r str>,
    requirement_before: Option<&'r str>,
    /// The name under which it is asked for, where that is another than its own.
    alias: Option<&'r str>,
    /// From the first cause down to the package that requires this one.
    chain: Vec<LinkOut<'r>>,
}

#[derive(Serialize)]
struct LinkOut<'r> {
    change: &'static str,
    package: String,
    from: Option<&'r str>,
    requirement: Option<&'r str>,
}

impl<'r> ChangeOut<'r> {
    pub(super) fn of(
        lockfile: &'r LockfileDiff<'_>,
        change: &'r Change,
        introduction: Option<&'r Introduction>,
        [licence, was_licence]: [Option<LicenceOut>; 2],
        facts: Value,
    ) -> Self {
        let package = &change.package;
        let moves = matches!(change.kind, ChangeKind::Upgraded | ChangeKind::Downgraded);
        let version_before = change.before.as_ref().and_then(|before| before.version.as_ref()).map(|version| version.as_str());
        ChangeOut {
            change: change.kind.as_str(),
            package: package.purl(),
            ecosystem: package.ecosystem.purl_type(),
            name: package.name.as_str(),
            version: package.version.as_ref().map(|version| version.as_str()),
            from: version_before.filter(|_| moves),
            lockfile: lockfile.head.lockfile.as_str(),
            location: LocationOut::of(&change.location),
            direct: change.direct,
            was_direct: change.was_direct,
            scope: change.scope.map(|scope| scope.as_str()),
            was_scope: change.was_scope.map(|scope| scope.as_str()),
            what: change.what.iter().map(|aspect| aspect.as_str()).collect(),
            source: SourceOut::of(&package.source),
            was_source: change.before.as_ref().map(|before| SourceOut::of(&before.source)),
            digests: change.digests.iter().map(ToString::to_string).collect(),
            was_digests: change.was_digests.iter().map(ToString::to_string).collect(),
            licence,
            was_licence,
            facts,
            cause: CauseOut::of(change),
            introduction: introduction.map(IntroductionOut::of),
        }
    }
}

impl SourceOut {
    fn of(source: &PackageSource) -> Self {
        SourceOut { kind: source.kind(), text: source.to_string() }
    }
}

impl<'r> CauseOut<'r> {
    fn of(change: &'r Change) -> Self {
        let out = CauseOut {
            kind: "unknown",
            text: wording::cause(change),
            by: None,
            location: None,
            requirement: None,
            requirement_before: None,
            alias: None,
            chain: Vec::new(),
        };
        let out = out.filled(&change.cause);
        if change.kind == ChangeKind::Removed { out.gone() } else { out }
    }

    /// The cause of something that went: the base had what it tells.
    fn gone(self) -> Self {
        let kind = match self.kind {
            "declared" => "undeclared",
            "required" => "unrequired",
            other => other,
        };
        CauseOut { kind, ..self }
    }

    fn filled(self, cause: &'r Cause) -> Self {
        match cause {
            Cause::Declared { by, location, requirement, alias, before } => CauseOut {
                kind: "declared",
                by: Some(by.purl()),
                location: location.as_ref().map(LocationOut::of),
                requirement: requirement.as_deref(),
                requirement_before: before.as_deref(),
                alias: alias.as_deref(),
                ..self
            },
            Cause::Required { declared, chain } => {
                let from = match declared {
                    Some(declared) => self.filled(declared),
                    None => self,
                };
                CauseOut { kind: "required", chain: chain.iter().map(LinkOut::of).collect(), ..from }
            }
            Cause::Resolved { by, requirement } => {
                CauseOut { kind: "resolved", by: by.as_ref().map(|by| by.purl()), requirement: requirement.as_deref(), ..self }
            }
            Cause::Lost(cause) => self.filled(cause).gone(),
            Cause::Unknown => self,
        }
    }
}

impl<'r> LinkOut<'r> {
    fn of(link: &'r Link) -> Self {
        LinkOut {
            change: link.kind.as_str(),
            package: link.package.purl(),
            from: link.before.as_ref().and_then(|before| before.version.as_ref()).map(|version| version.as_str()),
            requirement: link.requirement.as_deref(),
        }
    }
}
