//! `facts`: everything that registries say of single packages.

use super::ask::{Told, Wanted};
use super::learn::{choose, documents, of_package, stated};
use super::{Network, Options, Places, unknown};
use crate::edge::clock;
use crate::enrich::registry::{Mark, Outcome, PackageFacts, Registry, Release};
use crate::judge::policy::{self, Policy};
use crate::model::{Ecosystem, Package, RelPath, Version, purl, version};
use crate::run::advisories::Internal;
use crate::run::{Project, RunError, gate};
use std::cmp::Ordering;

/// What is asked.
pub struct Question<'q> {
    /// Package URLs; one without a version is of the newest release.
    pub purls: &'q [String],
    /// Names that no server is told, beside those of the policy.
    pub internal: &'q [String],
    pub options: &'q Options,
    /// The network, where it may be used.
    pub online: Option<&'q Network>,
}

/// What is known of one package.
pub struct Answer {
    /// With the version that it was asked for, or the newest where it was asked for without.
    pub package: Package,
    pub registry: Registry,
    pub facts: PackageFacts,
}

/// Answers with the time of the run, in seconds since 1970.
pub struct Asked {
    pub answers: Vec<Answer>,
    pub now: i64,
}

impl Answer {
    /// Whether anything at all is known of it.
    pub fn is_known(&self) -> bool {
        unknown::is_anything_known(&self.facts)
    }
}

/// Of the repository around the command only what its policy calls internal counts: what lies in a work tree may be a
/// pull request's.
pub fn show(project: &Project, question: &Question<'_>) -> Result<Asked, RunError> {
    let packages = question.purls.iter().map(|text| purl::parse(text)).collect::<Result<Vec<_>, _>>().map_err(RunError::Purl)?;
    let policy = policy(project)?;
    let internal = [question.internal, &policy.advisories.internal].concat();
    let internal = Internal::new(&internal, &policy.advisories.internal_registries)?;
    let places = Places::new(None, policy::Sources::default());
    let now = clock::now()?;
    let chosen: Vec<Result<Registry, String>> =
        packages.iter().map(|package| choose(package, &RelPath::root(), &places, &internal)).collect();
    let mut wanted = Wanted::new();
    for (package, registry) in packages.iter().zip(&chosen) {
        if let Ok(registry) = registry {
            wanted.entry(registry.clone()).or_default().entry(package.name.clone()).or_default().extend(package.version.clone());
        }
    }
    let told = documents(&wanted, question.options, question.online, &places, now)?;
    let answers = packages.into_iter().zip(chosen).map(|(package, registry)| {
        let package = match &registry {
            Ok(registry) if package.version.is_none() => Package { version: newest(&package, registry, &told), ..package },
            _ => package,
        };
        let facts = of_package(&package, &registry, &told, None);
        Answer { registry: registry.unwrap_or_else(|_| stated(&package)), package, facts }
    });
    Ok(Asked { answers: answers.collect(), now })
}

pub(in crate::run) fn policy(project: &Project) -> Result<Policy, RunError> {
    let text = gate::text(&project.around()?, policy::FILE)?;
    Ok(text.as_ref().map(policy::read).transpose()?.unwrap_or_default())
}

/// The newest release that is not taken back; one that is no pre-release goes before.
fn newest(package: &Package, registry: &Registry, told: &Told) -> Option<Version> {
    let kept = &told.of(registry, &package.name)?.kept;
    let parts = kept.iter().filter_map(|kept| if let Outcome::Said(part) = &kept.outcome { Some(part) } else { None });
    let releases: Vec<&Release> = parts.filter_map(|part| part.releases.as_ref()).flatten().collect();
    let is_taken_back = |version: &str| releases.iter().any(|one| one.version == version && matches!(one.yanked, Some(Mark::Yes(_))));
    let versions = releases.iter().filter(|one| !is_taken_back(&one.version)).filter_map(|one| Version::new(&one.version).ok());
    let ecosystem = package.ecosystem;
    // What is no version by the ecosystem's rules is not the newest.
    let ordered: Vec<Version> = versions.filter(|version| version::compare(ecosystem, version, version).is_some()).collect();
    let order = |a: &&Version, b: &&Version| version::compare(ecosystem, a, b).unwrap_or(Ordering::Equal);
    let stable = ordered.iter().filter(|version| !is_pre_release(ecosystem, version)).max_by(order);
    stable.or_else(|| ordered.iter().max_by(order)).cloned()
}

fn is_pre_release(ecosystem: Ecosystem, version: &Version) -> bool {
    let text = version.as_str();
    match ecosystem {
        Ecosystem::Pypi => {
            text.split('+').next().unwrap_or_default().to_ascii_lowercase().replace("post", "").contains(|c: char| c.is_ascii_alphabetic())
        }
        Ecosystem::Cargo | Ecosystem::Npm => text.split('+').next().unwrap_or_default().contains('-'),
    }
}
