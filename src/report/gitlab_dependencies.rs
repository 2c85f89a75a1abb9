//! GitLab's Dependency Scanning report: the advisories of every package that the head locks, each with the road to it.
//! A merge request compares it with that of its target branch, so what the base had already is in it as well.
//!
//! Form 15 of security-report-schemas. GitLab drops a whole report that breaks it, so texts are cut to what it takes.

use super::json::Tool;
use super::roads::Roads;
use super::{Report, Reported, Style, escape, markdown};
use crate::graph::{DepGraph, NodeId};
use crate::judge::advisories::{Presence, Standing, standings};
use crate::judge::{Judgement, Subject};
use crate::model::text::{shortened, visible};
use crate::model::{Advisory, AdvisoryId, AdvisoryKind, Gap, Package, Rating, RelPath};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;

pub struct GitlabDependencies;

/// The version of the form.
const VERSION: &str = "15.1.4";
/// Entries, and messages, at most.
const MOST: usize = 10_000;
const MOST_MESSAGES: usize = 100;

impl Report for GitlabDependencies {
    fn id(&self) -> &'static str {
        "gitlab-dependency-scanning"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        escape::write_json(&Document::of(reported), out)
    }
}

#[derive(Serialize)]
struct Document {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
    dependency_files: Vec<File>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Program,
    scanner: Program,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The day of the run: the same judgement is the same report.
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Program {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    solution: Option<String>,
    identifiers: Vec<Identifier>,
    links: Vec<Link>,
    location: Place,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

#[derive(Serialize)]
struct Place {
    file: String,
    dependency: Dependency,
}

#[derive(Serialize)]
struct Dependency {
    iid: usize,
    package: Name,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<bool>,
    /// From the direct package to the one that requires this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependency_path: Vec<Step>,
}

#[derive(Clone, Serialize)]
struct Step {
    iid: usize,
}

#[derive(Serialize)]
struct Name {
    name: String,
}

#[derive(Serialize)]
struct File {
    path: String,
    package_manager: &'static str,
    dependencies: Vec<Dependency>,
}

impl Document {
    fn of(reported: &Reported<'_>) -> Self {
        let judgement = &reported.judgement;
        let lockfiles: HashMap<&RelPath, Lockfile<'_>> = lockfiles(&judgement.subject);
        let mut all: Vec<Standing<'_>> = standings(&judgement.subject);
        all.retain(|standing| standing.presence != Presence::Gone);
        let left = all.len().saturating_sub(MOST);
        let told = all.iter().take(MOST).filter_map(|standing| lockfiles.get(standing.lockfile)?.vulnerability(standing));
        let heads = judgement.subject.lockfiles.iter().map(|lockfile| &lockfile.head.lockfile);
        Document {
            version: VERSION,
            scan: Scan::of(judgement, left),
            vulnerabilities: told.collect(),
            dependency_files: heads.filter_map(|path| lockfiles.get(path)).map(Lockfile::file).collect(),
        }
    }
}

impl Scan {
    /// What is not known stands in the messages: a scan that left something out must not look whole.
    fn of(judgement: &Judgement<'_>, left: usize) -> Self {
        let program = || Program { id: "sbomgate", name: "sbomgate", version: Tool::VERSION, vendor: Vendor { name: "sbomgate" } };
        let day = format!("{}T00:00:00", judgement.subject.gate.today);
        let is_blocked = judgement.blocking().next().is_some();
        let message = |gap: &Gap| {
            let level = if judgement.is_blocking(gap.kind) { "fatal" } else { "warn" };
            Message { level, value: text(&format!("{}: {}: {}", gap.kind, gap.file, gap.message), 1_000) }
        };
        let mut messages: Vec<Message> = judgement.gaps.iter().take(MOST_MESSAGES).map(message).collect();
        let mut cut = |left: usize, what: &str| {
            if left > 0 {
                messages.push(Message { level: "warn", value: format!("{left} {what} are left out here; the JSON report holds all") });
            }
        };
        cut(judgement.gaps.len().saturating_sub(MOST_MESSAGES), "things that are not known");
        cut(left, "advisories");
        Scan {
            analyzer: program(),
            scanner: program(),
            kind: "dependency_scanning",
            start_time: day.clone(),
            end_time: day,
            status: if is_blocked { "failure" } else { "success" },
            messages,
        }
    }
}

/// A lockfile with the numbers of its packages and the roads to them.
struct Lockfile<'g> {
    roads: Roads<'g>,
    numbers: HashMap<NodeId, usize>,
}

fn lockfiles<'s>(subject: &'s Subject<'_>) -> HashMap<&'s RelPath, Lockfile<'s>> {
    let of = |head: &'s DepGraph| Lockfile {
        roads: Roads::of(head),
        numbers: head.packages().enumerate().map(|(at, (id, _))| (id, at + 1)).collect(),
    };
    subject.lockfiles.iter().map(|lockfile| (&lockfile.head.lockfile, of(lockfile.head))).collect()
}

impl Lockfile<'_> {
    fn file(&self) -> File {
        let graph = self.roads.graph;
        File {
            path: visible(graph.lockfile.as_str()).into_owned(),
            package_manager: package_manager(graph.format),
            dependencies: graph.packages().map(|(id, _)| self.dependency(id, false)).collect(),
        }
    }

    fn dependency(&self, id: NodeId, with_path: bool) -> Dependency {
        let (graph, node) = (self.roads.graph, self.roads.graph.node(id));
        let is_told = with_path && graph.knows.edges.is_yes() && !node.direct;
        let mut road = if is_told { self.roads.road(id) } else { Vec::new() };
        road.pop();
        Dependency {
            iid: self.numbers.get(&id).copied().unwrap_or_default(),
            package: Name { name: text(node.package.name.as_str(), 255) },
            version: node.package.version.as_ref().map_or_else(|| "unknown".to_owned(), |version| text(version.as_str(), 255)),
            direct: graph.knows.directness.is_yes().then_some(node.direct),
            dependency_path: road.iter().filter_map(|id| Some(Step { iid: *self.numbers.get(id)? })).collect(),
        }
    }

    fn vulnerability(&self, standing: &Standing<'_>) -> Option<Vulnerability> {
        let (advisory, package) = (standing.advisory, standing.package);
        let summary = if advisory.summary.trim().is_empty() { advisory.id.as_str() } else { advisory.summary.trim() };
        Some(Vulnerability {
            id: fingerprint(standing.lockfile, package, &advisory.id),
            name: text(summary, 255),
            description: prose(&format!("{}: {}: {summary}", package.label(), advisory.kind.as_str())),
            severity: severity(advisory),
            solution: solution(advisory, standing),
            identifiers: identifiers(advisory),
            links: links(advisory),
            location: Place {
                file: visible(standing.lockfile.as_str()).into_owned(),
                dependency: self.dependency(self.roads.id(package)?, true),
            },
        })
    }
}

fn package_manager(format: &str) -> &str {
    match format {
        "cargo-lock" => "cargo",
        "package-lock" => "npm",
        "yarn-classic" | "yarn-berry" => "yarn",
        "pnpm-lock" => "pnpm",
        "bun-lock" => "bun",
        "requirements-txt" | "pylock-toml" => "pip",
        "pipfile-lock" => "pipenv",
        "poetry-lock" => "poetry",
        "pdm-lock" => "pdm",
        "uv-lock" => "uv",
        other => other,
    }
}

fn severity(advisory: &Advisory) -> &'static str {
    let rating = advisory.severity.as_ref().map(|(severity, _)| severity.rating);
    match (advisory.kind, rating) {
        (AdvisoryKind::Malware, _) | (_, Some(Rating::Critical)) => "Critical",
        (_, Some(Rating::High)) => "High",
        (_, Some(Rating::Medium)) => "Medium",
        (_, Some(Rating::Low)) => "Low",
        (AdvisoryKind::Unmaintained | AdvisoryKind::Notice, _) | (_, Some(Rating::None)) => "Info",
        (_, None) => "Unknown",
    }
}

fn solution(advisory: &Advisory, standing: &Standing<'_>) -> Option<String> {
    if advisory.kind == AdvisoryKind::Malware {
        return Some("Take the package out, and treat every machine that installed it as compromised.".into());
    }
    let version = advisory.upgrade.as_ref().or(advisory.fixed.first())?;
    let through: Vec<String> = standing.through().iter().map(|package| package.label()).collect();
    let by = if through.is_empty() { String::new() } else { format!("; it comes with {}", through.join(", ")) };
    Some(prose(&format!("Upgrade {} to {version} or later{by}.", standing.package.name)))
}

/// The preferred id first, since GitLab knows a finding again by it; then the other names, and the kinds of weakness.
fn identifiers(advisory: &Advisory) -> Vec<Identifier> {
    let of = |id: &AdvisoryId, url: Option<String>| Identifier {
        kind: id.database().to_lowercase(),
        name: id.to_string(),
        value: id.to_string(),
        url,
    };
    let others = advisory.aliases.iter().filter(|alias| **alias != advisory.id).map(|alias| of(alias, None));
    let weaknesses = advisory.cwes.iter().filter_map(|cwe| {
        let number = cwe.strip_prefix("CWE-").filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))?;
        Some(Identifier { kind: "cwe".into(), name: cwe.clone(), value: number.to_owned(), url: None })
    });
    [of(&advisory.id, Some(advisory.url()))].into_iter().chain(others).chain(weaknesses).take(20).collect()
}

fn links(advisory: &Advisory) -> Vec<Link> {
    let is_web =
        |url: &&String| (url.starts_with("https://") || url.starts_with("http://")) && url.len() < 2_000 && visible(url) == url.as_str();
    advisory.references.iter().filter(is_web).take(20).map(|url| Link { url: url.clone() }).collect()
}

fn fingerprint(lockfile: &RelPath, package: &Package, id: &AdvisoryId) -> String {
    let mut hash = Sha256::new();
    for part in ["sbomgate/1", lockfile.as_str(), &package.purl(), id.as_str()] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What GitLab shows as Markdown, a few thousand characters at most.
fn prose(text: &str) -> String {
    markdown::escape::prose(&shortened(text, 1_000))
}

/// At most so many characters, none of which is invisible.
fn text(text: &str, most: usize) -> String {
    shortened(&visible(text), most - 1).into_owned()
}
