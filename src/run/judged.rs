//! One judgement: what changed, which commits brought it, by which policy, what is known of it.

use super::advisories::{Internal, Learning, Network, Online};
use super::diff::{Revision, Sides};
use super::facts::{self, Places};
use super::{Project, RunError, UserKeys, advisories, conditions, gate, introduction, vex};
use crate::edge::Snapshot;
use crate::enrich::attribution::Only;
use crate::enrich::introduction::Introductions;
use crate::judge::{self, Subject};
use crate::model::MaxAge;
use crate::model::text::visible;
use crate::report::{Excerpts, Reported, Side};
use std::path::PathBuf;

/// Where advisories and the facts of registries are learned from, as the user asks. It adds to the policy, and takes nothing away.
pub struct Sources {
    /// The folder of the store; without it the user's cache.
    pub store: Option<PathBuf>,
    pub max_age: Option<MaxAge>,
    /// The base address of OSV's API, where it is asked in place of the store.
    pub online: Option<String>,
    /// Names that no server is told.
    pub internal: Vec<String>,
    /// Root certificates beside the system's.
    pub ca: Option<PathBuf>,
    /// Whether registries are asked though advisories come from the store, and about a whole project too.
    pub registry_facts: bool,
    pub offline: bool,
    /// VEX documents of the operator.
    pub vex: Vec<String>,
    /// How the facts of registries are learned.
    pub facts: facts::Options,
}

/// Of two revisions, or of two files. `only` narrows what a report shows, and nothing of the verdict.
pub fn comparison<'s>(
    project: &Project,
    sides: &'s Sides,
    only: Option<Only>,
    sources: &Sources,
    user: &UserKeys,
) -> Result<Reported<'s>, RunError> {
    let mut subject = sides.compare();
    let judging = gate::judging(project, sides)?;
    let mut introductions = introduction::find(project, sides, &subject, judging.policy.catalogue(), user);
    if only.is_some() {
        introductions.get_or_insert_with(|| Introductions { complete: true, ..Introductions::default() }).only = only;
    }
    subject.gaps.extend(introductions.iter().flat_map(|known| known.gaps.iter().cloned()));
    subject.gate = gate::of(project, sides, judging, introductions.as_ref(), gate::today()?, false)?;
    judged(project, sides, subject, introductions, sources)
}

/// Of one revision or file, everything in which came in. `whole` says that every lockfile of a project is judged.
pub fn project<'s>(project: &Project, sides: &'s Sides, whole: bool, sources: &Sources) -> Result<Reported<'s>, RunError> {
    let gate = gate::of(project, sides, gate::judging(project, sides)?, None, gate::today()?, whole)?;
    judged(project, sides, Subject { gate, ..sides.compare() }, None, sources)
}

fn judged<'s>(
    project: &Project,
    sides: &'s Sides,
    mut subject: Subject<'s>,
    introductions: Option<Introductions>,
    sources: &Sources,
) -> Result<Reported<'s>, RunError> {
    let terms = &subject.gate.policy.advisories;
    let internal = Internal::new(&[&sources.internal[..], &terms.internal[..]].concat(), &terms.internal_registries)?;
    let max_age = sources.max_age.into_iter().chain(terms.max_age).min();
    let network = Network { ca: sources.ca.clone(), ..Network::default() };
    let online = sources.online.clone().map(|url| Online { url, network });
    let learning = Learning { store: sources.store.as_deref(), max_age, online: online.as_ref(), internal: Some(&internal) };
    subject.advisories = advisories::learn(&subject, &learning)?;
    subject.internal = internal;
    let today = subject.gate.today;
    vex::add(&mut subject.gate.vex, project, &sources.vex, Some(sides), today)?;
    learn_facts(project, sides, &mut subject, introductions.as_ref(), sources)?;
    subject.conditions = conditions::met(&subject, introductions.as_ref());
    Ok(Reported {
        judgement: judge::evaluate(subject),
        base: side(&sides.base),
        head: side(&sides.head).unwrap_or(Side("nothing".into())),
        introductions,
        skipped: sides.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.reason.clone())).collect(),
        excerpts: Excerpts::default(),
    })
}

/// What registries tell: of what a change brings in, and of a whole project where somebody asks for it.
fn learn_facts(
    project: &Project,
    sides: &Sides,
    subject: &mut Subject<'_>,
    introductions: Option<&Introductions>,
    sources: &Sources,
) -> Result<(), RunError> {
    if sides.base == Revision::Nothing && !sources.registry_facts {
        subject.facts.otherwise = "registries are asked about a whole project with --registry-facts alone".into();
        return Ok(());
    }
    let is_asked = sources.online.is_some() || sources.registry_facts && !sources.offline;
    let network = is_asked.then(|| facts::Network { ca: sources.ca.clone(), patience: facts::patience() });
    let places = Places::new(judging(project, sides)?, subject.gate.policy.sources.clone());
    let learning = facts::Learning { options: &sources.facts, online: network.as_ref(), internal: &subject.internal, places: &places };
    subject.facts = facts::learn(subject, introductions, &learning)?;
    for (package, dossier) in &subject.facts.packages {
        subject.licences.add_facts(package, &dossier.today);
    }
    Ok(())
}

/// The revision whose files say which registries there are: of a range the one that judges it, and never what it brings
/// along; of a whole project its own. Files that are compared have none.
fn judging<'p>(project: &'p Project, sides: &Sides) -> Result<Option<Box<dyn Snapshot + 'p>>, RunError> {
    let base = if let Revision::Commit(base) = &sides.base { Some(base) } else { None };
    Ok(match (sides.judge.as_ref().or(base), &sides.base, &sides.head) {
        (Some(judge), ..) => Some(Box::new(project.commit(judge)?)),
        (None, Revision::Nothing, Revision::Commit(id)) => Some(Box::new(project.commit(id)?)),
        (None, Revision::Nothing, Revision::WorkTree) => Some(Box::new(project.work_tree()?)),
        _ => None,
    })
}

fn side(revision: &Revision) -> Option<Side> {
    match revision {
        Revision::Nothing => None,
        Revision::Commit(id) => Some(Side(id.to_string())),
        Revision::WorkTree => Some(Side("worktree".into())),
        Revision::File(file) => Some(Side(visible(file).into_owned())),
    }
}
