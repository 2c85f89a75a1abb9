//! `sbom`: what a revision or the work tree holds, as a document.

use super::facts::{self, Places};
use super::{Inventory, Project, RunError, Selection, Target, advisories, gate, introduction, manifests};
use crate::diff::{self, LockfileDiff};
use crate::edge::{Snapshot, clock};
use crate::enrich::introduction::Introductions;
use crate::enrich::licence::Claims;
use crate::enrich::registry::Dossiers;
use crate::graph::DepGraph;
use crate::judge::brought::Brought;
use crate::judge::consents::{self, Consents};
use crate::judge::exposure::{self, Exposure};
use crate::judge::internal::Internal;
use crate::judge::policy::{Makers, Policy};
use crate::judge::{self, Subject};
use crate::model::{CommitId, Day, Gap, GapKind, MaxAge};
use crate::sbom::{self, Lifecycle};
use std::path::Path;

/// What goes into the document. Lockfiles that could not be read are among the gaps.
pub struct Contents {
    project: String,
    graphs: Vec<DepGraph>,
    pub gaps: Vec<Gap>,
    revision: Option<CommitId>,
    timestamp: i64,
    facts: Option<Dossiers>,
    makers: Makers,
    exposure: Option<Exposure>,
    introductions: Option<Introductions>,
    consents: Option<Consents>,
    licences: Claims,
}

/// How registries are asked.
pub struct Asking<'a> {
    pub options: &'a facts::Options,
    /// The network, where it may be used; without it what is kept of earlier answers counts.
    pub online: Option<&'a facts::Network>,
    /// Names that no server is told, beside those of the policy.
    pub internal: &'a [String],
}

/// Reads every lockfile of a revision, or of the work tree; or one file. The document's time is
/// SOURCE_DATE_EPOCH's, else the revision's commit time, so that the same revision gives the same
/// bytes, else now.
/// `cargo_metadata` names a document that says what of a Cargo.lock gets built.
pub fn read(
    project: &Project,
    target: Option<Target<'_>>,
    selection: &Selection,
    cargo_metadata: Option<&Path>,
) -> Result<Contents, RunError> {
    let is_file = matches!(target, Some(Target::File(_)));
    let (mut inventory, revision) = project.read(target, selection)?;
    if inventory.graphs.is_empty() && inventory.gaps.is_empty() {
        return Err(RunError::NoLockfile);
    }
    cargo_metadata.map_or(Ok(()), |file| inventory.mark_built(file))?;
    let graphs: Vec<DepGraph> = inventory.graphs.into_values().collect();
    let (mut licences, mut makers) = (Claims::default(), Makers::default());
    // Another's document, or a file alone, has neither makers nor manifests of this project.
    if !is_file {
        let (policy, own) = around(project, revision.as_ref())?;
        manifests::add_licences(&graphs, own.as_ref(), &mut licences);
        makers = policy.makers;
    }
    Ok(Contents { licences, makers, ..contents(project, graphs, inventory.gaps, revision)? })
}

/// Reads several files, documents or lockfiles, as the parts of one whole.
pub fn read_files(project: &Project, files: &[String]) -> Result<Contents, RunError> {
    let mut whole = Inventory::default();
    for file in files {
        let part = project.read_file(file)?;
        if part.graphs.keys().any(|path| whole.graphs.contains_key(path)) {
            return Err(RunError::SameFile(file.clone()));
        }
        whole.graphs.extend(part.graphs);
        whole.gaps.extend(part.gaps);
    }
    whole.gaps.sort();
    contents(project, whole.graphs.into_values().collect(), whole.gaps, None)
}

/// What was read, and nothing beside it.
fn contents(project: &Project, graphs: Vec<DepGraph>, gaps: Vec<Gap>, revision: Option<CommitId>) -> Result<Contents, RunError> {
    let timestamp = match (clock::source_date_epoch()?, &revision) {
        (Some(timestamp), _) => timestamp,
        (None, Some(id)) => project.repository("sbom")?.commit_time(id)?,
        (None, None) => clock::now()?,
    };
    Ok(Contents {
        project: project.name(),
        graphs,
        gaps,
        revision,
        timestamp,
        facts: None,
        makers: Makers::default(),
        exposure: None,
        introductions: None,
        consents: None,
        licences: Claims::default(),
    })
}

/// What a whole project is compared with: an empty graph for each lockfile.
fn nothing(graphs: &[DepGraph]) -> Vec<DepGraph> {
    graphs.iter().map(|graph| DepGraph::empty(graph.lockfile.clone(), graph.format, graph.ecosystem)).collect()
}

fn against<'g>(nothing: &'g [DepGraph], graphs: &'g [DepGraph]) -> Vec<LockfileDiff<'g>> {
    nothing.iter().zip(graphs).map(|(nothing, graph)| diff::compare(nothing, graph)).collect()
}

/// The policy and the files of a revision, or of the work tree.
fn around<'p>(project: &'p Project, revision: Option<&CommitId>) -> Result<(Policy, Box<dyn Snapshot + 'p>), RunError> {
    Ok(match revision {
        Some(id) => (gate::policy_of(project, id)?, Box::new(project.commit(id)?)),
        None => (facts::policy(project)?, Box::new(project.around()?)),
    })
}

impl Contents {
    /// Takes in what registries say of the packages: their licences, publishers, repositories and times.
    pub fn learn(&mut self, project: &Project, asking: &Asking<'_>) -> Result<(), RunError> {
        let (policy, own) = around(project, self.revision.as_ref())?;
        let terms = &policy.advisories;
        let internal = Internal::new(&[asking.internal, &terms.internal[..]].concat(), &terms.internal_registries)?;
        let places = Places::new(Some(own), policy.sources.clone());
        let learning = facts::Learning { options: asking.options, online: asking.online, internal: &internal, places: &places };
        let dossiers = facts::learn_whole(&self.graphs, &learning)?;
        for (package, dossier) in &dossiers.packages {
            self.licences.add_facts(package, &dossier.today);
        }
        self.gaps.extend(self.graphs.iter().flat_map(|graph| judge::facts::gaps_of_graph(graph, &dossiers, &internal)));
        self.gaps.sort();
        self.facts = Some(dossiers);
        Ok(())
    }

    /// Takes in what the advisory store says of the packages, and which of it the revision's own approvals accept. What
    /// cannot be told is among the gaps.
    pub fn weigh(&mut self, project: &Project, store: Option<&Path>, max_age: Option<MaxAge>, vex: &[String]) -> Result<(), RunError> {
        let mut gate = gate::of_document(project, self.revision.as_ref(), gate::today()?)?;
        let today = gate.today;
        super::vex::add(&mut gate.vex, project, vex, None, today)?;
        let internal = Internal::new(&gate.policy.advisories.internal, &gate.policy.advisories.internal_registries)?;
        let max_age = max_age.into_iter().chain(gate.policy.advisories.max_age).min();
        let nothing = nothing(&self.graphs);
        let mut subject = Subject { gate, ..Subject::of(against(&nothing, &self.graphs)) };
        let learning = advisories::Learning { store, max_age, online: None, internal: Some(&internal) };
        subject.advisories = advisories::learn(&subject, &learning)?;
        let mut exposure = exposure::of(&subject);
        drop(subject);
        self.gaps.append(&mut exposure.gaps);
        self.gaps.sort();
        self.exposure = Some(exposure);
        Ok(())
    }

    /// What was asked for and is not known: advisories that are missing or too old, history that is not there. A document
    /// says so, and is no whole answer.
    pub fn untold(&self) -> impl Iterator<Item = &Gap> {
        let is_asked = self.exposure.as_ref().is_none_or(|exposure| exposure.is_asked);
        let is_asked_for = move |gap: &&Gap| match gap.kind {
            GapKind::StaleAdvisories => true,
            GapKind::UnknownAdvisories => !is_asked,
            GapKind::ShallowHistory | GapKind::UnreadHistory => true,
            _ => false,
        };
        self.gaps.iter().filter(is_asked_for)
    }

    /// Takes in which commits brought the packages in, by the whole history of the revision, and which of its own approvals
    /// let them in on the document's day. What cannot be told is among the gaps.
    pub fn trace(&mut self, project: &Project) -> Result<(), RunError> {
        let gate = gate::of_document(project, self.revision.as_ref(), Day::of_seconds(self.timestamp))?;
        let nothing = nothing(&self.graphs);
        let mut subject = Subject { gate, ..Subject::of(against(&nothing, &self.graphs)) };
        let catalogue = subject.gate.policy.catalogue();
        let introductions = introduction::of_project(project, self.revision.as_ref(), &subject, catalogue);
        // Nobody approves what they brought in.
        subject.gate.brought = Brought::of(&introductions);
        self.gaps.extend(introductions.gaps.iter().cloned());
        self.gaps.sort();
        let consents = consents::of(&judge::evaluate(subject));
        (self.introductions, self.consents) = (Some(introductions), Some(consents));
        Ok(())
    }

    /// Whether no lockfile could be read.
    pub fn is_empty(&self) -> bool {
        self.graphs.is_empty()
    }

    /// Whether a document that was read tells of flaws.
    pub fn states_flaws(&self) -> bool {
        self.graphs.iter().any(|graph| graph.flaws.is_some())
    }

    /// Each lockfile with what concerns it alone.
    pub fn by_lockfile(&self) -> Vec<(&DepGraph, Vec<Gap>)> {
        let gaps = |graph: &DepGraph| self.gaps.iter().filter(|gap| gap.file == graph.lockfile).cloned().collect();
        self.graphs.iter().map(|graph| (graph, gaps(graph))).collect()
    }

    /// The same as the value that formats write.
    pub fn inventory(&self) -> sbom::Inventory<'_> {
        sbom::Inventory {
            project: sbom::Project { name: &self.project, version: None },
            graphs: &self.graphs,
            gaps: &self.gaps,
            licences: Some(&self.licences),
            facts: self.facts.as_ref(),
            makers: Some(&self.makers),
            exposure: self.exposure.as_ref(),
            introductions: self.introductions.as_ref(),
            consents: self.consents.as_ref(),
            revision: self.revision.as_ref(),
            timestamp: self.timestamp,
            lifecycle: Lifecycle::PreBuild,
        }
    }
}
