//! How components came in and who consented, in the fields that the specification has for it: tasks of a formulation for the
//! commits, citations for what git tells, annotations for approvals, declarations for the control.
//!
//! `pedigree.commits` means commits of the component itself, and says nothing of how it came in.

use super::model::{Contact, Property};
use super::version::Field;
use crate::enrich::attribution::Evidence;
use crate::model::Day;
use crate::sbom::introduced::{self, Approval, Commit};
use crate::sbom::view::{ComponentId, View};
use crate::sbom::{CycloneDx, properties};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a document tells beside its components; the fields are those of the document.
#[derive(Default)]
pub(super) struct Story<'a> {
    pub annotations: Vec<Annotation<'a>>,
    pub formulation: Option<[Formula<'a>; 1]>,
    pub declarations: Option<Declarations<'a>>,
    pub definitions: Option<Definitions>,
    pub citations: Vec<Citation<'a>>,
}

/// `definitions/annotations`
#[derive(Serialize)]
pub struct Annotation<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    subjects: Vec<&'a str>,
    annotator: Annotator<'a>,
    timestamp: String,
    text: String,
}

/// `definitions/annotations`, `annotator`
#[derive(Serialize)]
pub struct Annotator<'a> {
    individual: Contact<'a>,
}

/// `definitions/formula`
#[derive(Serialize)]
pub struct Formula<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: &'static str,
    workflows: [Workflow<'a>; 1],
}

/// `definitions/workflow`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workflow<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: &'static str,
    uid: &'static str,
    name: &'static str,
    tasks: Vec<Task<'a>>,
    task_types: [&'static str; 1],
}

/// `definitions/task`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    task_types: [&'static str; 1],
    outputs: Vec<Output<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_start: Option<String>,
    properties: Vec<Property<'a>>,
}

/// `definitions/outputType`
#[derive(Serialize)]
pub struct Output<'a> {
    resource: Resource<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `definitions/resourceReferenceChoice`
#[derive(Serialize)]
pub struct Resource<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
}

/// `definitions/citation`
#[derive(Serialize)]
pub struct Citation<'a> {
    pointers: Vec<String>,
    timestamp: &'a str,
    process: String,
    note: &'static str,
}

/// `declarations`
#[derive(Serialize)]
pub struct Declarations<'a> {
    attestations: [Attestation; 1],
    claims: Vec<Claim<'a>>,
    evidence: Vec<Record<'a>>,
}

/// `declarations`, `attestations`
#[derive(Serialize)]
pub struct Attestation {
    summary: &'static str,
    map: [Mapping; 1],
}

/// `declarations`, `attestations`, `map`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapping {
    requirement: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    claims: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counter_claims: Vec<&'static str>,
    conformance: Conformance,
}

/// `declarations`, `attestations`, `map`, `conformance`
#[derive(Serialize)]
pub struct Conformance {
    score: f64,
    rationale: String,
}

/// `declarations`, `claims`
#[derive(Serialize)]
pub struct Claim<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: &'static str,
    target: &'a str,
    predicate: String,
    reasoning: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
}

/// `declarations`, `evidence`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    property_name: &'static str,
    description: String,
    created: String,
    expires: String,
    author: Contact<'a>,
}

/// `definitions`
#[derive(Serialize)]
pub struct Definitions {
    standards: [Standard; 1],
}

/// `definitions/standard`
#[derive(Serialize)]
pub struct Standard {
    #[serde(rename = "bom-ref")]
    bom_ref: &'static str,
    name: &'static str,
    version: &'static str,
    description: &'static str,
    owner: &'static str,
    requirements: [Requirement; 1],
}

/// `definitions/standard`, `requirements`
#[derive(Serialize)]
pub struct Requirement {
    #[serde(rename = "bom-ref")]
    bom_ref: &'static str,
    identifier: &'static str,
    title: &'static str,
}

const CONSENTED: &str = "claim:consented";
const OPEN: &str = "claim:open";
const REQUIREMENT: &str = "requirement:CC8.1";

/// Everything that is known, as far as a version has a place for it; component properties say it in all. `timestamp` is the
/// document's.
pub(super) fn of<'v>(view: &'v View<'v>, timestamp: &'v str, version: CycloneDx) -> Story<'v> {
    let commits = introduced::commits(view);
    let approvals = introduced::approvals(view);
    let mut story = Story::default();
    if version.has(Field::Formulation) && !commits.is_empty() {
        story.formulation = Some([formula(view, &commits)]);
    }
    if version.has(Field::Annotations) {
        story.annotations = approvals.iter().map(|approval| annotation(view, approval)).collect();
    }
    if version.has(Field::Declarations) && view.inventory.consents.is_some() {
        story.declarations = Some(declarations(view, &approvals));
        story.definitions = Some(definitions());
    }
    if version.has(Field::Citations) {
        story.citations = citations(view, &commits, timestamp);
    }
    story
}

fn commit_reference(commit: &Commit<'_>) -> String {
    format!("commit:{}", commit.record.id)
}

fn formula<'v>(view: &'v View<'v>, commits: &[Commit<'v>]) -> Formula<'v> {
    let workflow = Workflow {
        bom_ref: "workflow:introductions",
        uid: "introductions",
        name: "commits that brought components in",
        tasks: commits.iter().map(|commit| task(view, commit)).collect(),
        task_types: ["other"],
    };
    Formula { bom_ref: "formula:introductions", workflows: [workflow] }
}

fn task<'v>(view: &'v View<'v>, commit: &Commit<'v>) -> Task<'v> {
    let output = |id: &ComponentId| Output { resource: Resource { reference: view.reference(*id) }, kind: "artifact" };
    let told = introduced::of_commit(commit.record, commit.attribution);
    let mut properties: Vec<Property<'_>> = told.into_iter().map(|(name, value)| Property { name, value }).collect();
    let evidence = commit.attribution.into_iter().flat_map(|attribution| &attribution.evidence);
    properties.extend(evidence.map(|evidence| Property::new(properties::INTRO_EVIDENCE, found(evidence))));
    properties.sort();
    Task {
        bom_ref: commit_reference(commit),
        uid: commit.record.id.as_str(),
        name: Some(commit.record.subject.as_str()).filter(|subject| !subject.is_empty()),
        task_types: ["other"],
        outputs: commit.brought.iter().map(output).collect(),
        time_start: commit.record.committed.rfc3339(),
        properties,
    }
}

fn found(evidence: &Evidence) -> String {
    let tool = evidence.tool.as_deref().map(|tool| format!(" {tool}")).unwrap_or_default();
    format!("{}{tool}: {}", evidence.marker, evidence.text)
}

/// What git tells of each component, by the commit that tells it.
fn citations<'v>(view: &'v View<'v>, commits: &[Commit<'v>], timestamp: &'v str) -> Vec<Citation<'v>> {
    let places: BTreeMap<ComponentId, usize> = view.third_party().enumerate().map(|(at, id)| (id, at)).collect();
    let pointer = |id: &ComponentId| format!("/components/{}/properties", places[id]);
    let citation = |commit: &Commit<'v>| Citation {
        pointers: commit.brought.iter().map(pointer).collect(),
        timestamp,
        process: commit_reference(commit),
        note: "the properties `sbomgate:intro:` are read from git",
    };
    commits.iter().map(citation).collect()
}

fn annotation<'v>(view: &'v View<'v>, approval: &Approval<'v>) -> Annotation<'v> {
    Annotation {
        bom_ref: format!("approval:{}", approval.entry.location),
        subjects: approval.of.iter().map(|id| view.reference(*id)).collect(),
        annotator: Annotator { individual: approver(approval) },
        timestamp: midnight(approval.entry.on),
        text: introduced::approved(approval.entry),
    }
}

fn approver<'v>(approval: &Approval<'v>) -> Contact<'v> {
    Contact { name: &approval.entry.approved_by.name, email: &approval.entry.approved_by.email }
}

fn midnight(day: Day) -> String {
    format!("{day}T00:00:00Z")
}

/// The control that packages enter by somebody's consent, as far as the recorded approvals carry it.
fn declarations<'v>(view: &'v View<'v>, approvals: &[Approval<'v>]) -> Declarations<'v> {
    let open = introduced::open(view).count();
    let all = view.third_party().count();
    let consents = view.inventory.consents;
    let let_in = view.third_party().filter(|id| {
        consents.is_some_and(|consents| {
            let package = view.component(*id).package;
            consents.of.contains_key(package) || consents.inherited.contains_key(package)
        })
    });
    let let_in = let_in.count();
    let claim = |bom_ref, predicate, evidence| Claim {
        bom_ref,
        target: view.root_reference(),
        predicate,
        reasoning: "each approval is an entry of .sbomgate/approvals.toml that counts by the revision's own policy",
        evidence,
    };
    let references = approvals.iter().map(|approval| format!("evidence:{}", approval.entry.location)).collect();
    let mut claims =
        vec![claim(CONSENTED, format!("{let_in} of {all} third-party components have a recorded approval in force"), references)];
    claims.extend((open > 0).then(|| claim(OPEN, format!("{open} of {all} third-party components wait for an approval"), Vec::new())));
    let asked = all.max(1);
    let map = Mapping {
        requirement: REQUIREMENT,
        claims: vec![CONSENTED],
        counter_claims: if open > 0 { vec![OPEN] } else { Vec::new() },
        conformance: Conformance {
            score: (all - open) as f64 / asked as f64,
            rationale: format!(
                "the share of third-party components of which the policy asks for no consent that is not there: {} of {all}",
                all - open
            ),
        },
    };
    Declarations {
        attestations: [Attestation { summary: "Third-party components enter by recorded consent", map: [map] }],
        claims,
        evidence: approvals.iter().map(record).collect(),
    }
}

fn record<'v>(approval: &Approval<'v>) -> Record<'v> {
    Record {
        bom_ref: format!("evidence:{}", approval.entry.location),
        property_name: properties::APPROVAL,
        description: introduced::approved(approval.entry),
        created: midnight(approval.entry.on),
        expires: format!("{}T23:59:59Z", approval.entry.expires),
        author: approver(approval),
    }
}

fn definitions() -> Definitions {
    let requirement = Requirement {
        bom_ref: REQUIREMENT,
        identifier: "CC8.1",
        title: "Changes are authorized, documented, tested, approved and implemented",
    };
    let standard = Standard {
        bom_ref: "standard:soc2",
        name: "SOC 2 Trust Services Criteria",
        version: "2017",
        description: "Criteria for security, availability, processing integrity, confidentiality and privacy",
        owner: "AICPA",
        requirements: [requirement],
    };
    Definitions { standards: [standard] }
}
