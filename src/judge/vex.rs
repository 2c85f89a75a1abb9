//! What VEX documents say of the flaws of packages, and how far it is believed.
//!
//! Who may speak is decided elsewhere: by the operator and by the policy that judges. Here a statement is held against a
//! package. One that clears counts where it is of exactly what is locked; one that does not counts where it may be. Of
//! two the later counts, and where none is later the worse. What would have been of a flaw here and did not count is told.

use super::Subject;
use super::advisories::standings;
use crate::graph::{DepGraph, Node, NodeId};
use crate::model::text::quoted;
use crate::model::vex::{Assessment, Statement, Target, Versions, Whole};
use crate::model::{Advisory, AdvisoryKind, Day, Ecosystem, Gap, GapKind, Package, PackageName, Version, vers, version};
use crate::read::vex::Vex;
use std::cell::{OnceCell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Every statement that may be believed.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    statements: Vec<Statement>,
    /// A statement and one of its targets, by the package.
    by_name: HashMap<(Ecosystem, PackageName), Vec<(usize, usize)>>,
    /// What is not held against any package, whatever there is.
    gaps: Vec<Gap>,
    /// The name of the project as a whole.
    project: Option<String>,
}

/// A package as one lockfile holds it; without a place in a graph where it went.
#[derive(Clone, Copy)]
pub struct Held<'g> {
    pub package: &'g Package,
    pub node: Option<(&'g DepGraph, NodeId)>,
    /// The base of a range: a change that renames the project makes it no other product.
    pub base: Option<&'g DepGraph>,
}

/// What counts of a flaw in a package, and what does not and why.
#[derive(Default)]
pub struct Said {
    pub counts: Option<Arc<Assessment>>,
    /// The first that does not, of how many.
    unapplied: Option<Gap>,
    number: usize,
    contradicted: Option<Gap>,
}

impl Said {
    fn gaps(self) -> impl Iterator<Item = Gap> {
        let more = if self.number > 1 { format!(" (and {} more)", self.number - 1) } else { String::new() };
        let first = self.unapplied.map(|gap| Gap { message: gap.message + &more, ..gap });
        first.into_iter().chain(self.contradicted)
    }
}

/// A package, and what it costs to find out about its place.
struct Around<'g> {
    held: Held<'g>,
    ways: OnceCell<Option<Vec<NodeId>>>,
    /// The first-party packages of the base.
    before: OnceCell<HashSet<(Ecosystem, PackageName)>>,
    /// By the place of a list of products, which many targets share: whether they are the project.
    products: RefCell<HashMap<*const Whole, bool>>,
}

impl Around<'_> {
    /// Whether a project is called as it was before the change, in whatever version.
    fn was_there(&self, project: &Package) -> bool {
        let Some(base) = self.held.base else { return true };
        let own = || base.ids().map(|id| &base.node(id).package).filter(|package| package.is_first_party());
        let before = self.before.get_or_init(|| own().map(|package| (package.ecosystem, package.name.clone())).collect());
        before.contains(&(project.ecosystem, project.name.clone()))
    }
}

/// How a target fits a package.
enum Fit {
    Exact,
    /// It may be of it. Why that is not sure, as a clause.
    Perhaps(String),
    /// It is of another, and looks alike.
    Elsewhere(String),
    No,
}

/// Packages that are looked at for the ways to one, at most.
const MOST_SEEN: usize = 20_000;

impl Statements {
    /// None yet, for a project of this name.
    pub fn of_project(project: &str) -> Self {
        Statements { project: Some(project.to_owned()), ..Statements::default() }
    }

    /// Takes in a document. What is dated after the day of the run cannot be known yet, and does not count.
    pub fn add(&mut self, vex: Vex, today: Day) {
        self.gaps.extend(vex.gaps);
        let mut later = Vec::new();
        for statement in vex.statements {
            let time = statement.assessment.time();
            if time.is_some_and(|time| Day::of_seconds(time) > today) {
                later.push(statement.assessment.location.line);
                continue;
            }
            for (at, target) in statement.targets.iter().enumerate() {
                let name = (target.package.ecosystem, target.package.name.clone());
                self.by_name.entry(name).or_default().push((self.statements.len(), at));
            }
            self.statements.push(statement);
        }
        self.gaps.extend(later.first().map(|first| {
            let many = if later.len() == 1 { "1 statement is".to_owned() } else { format!("{} statements are", later.len()) };
            let message = format!("{many} dated after today ({today}), and not believed");
            Gap { kind: GapKind::UnreadStatement, file: vex.file.clone(), line: Some(*first), message }
        }));
    }

    /// What cannot be taken in at all.
    pub fn refuse(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// What is said of a flaw in a package. Nothing said makes malware less.
    pub fn of(&self, held: Held<'_>, advisory: &Advisory) -> Said {
        let mut said = Said::default();
        let name = (held.package.ecosystem, held.package.name.clone());
        if self.statements.is_empty() || advisory.kind == AdvisoryKind::Malware {
            return said;
        }
        let places = self.by_name.get(&name).map(Vec::as_slice).unwrap_or_default();
        let around = Around { held, ways: OnceCell::new(), before: OnceCell::new(), products: RefCell::default() };
        let ids: Vec<&str> = advisory.aliases.iter().chain(&advisory.records).chain([&advisory.id]).map(|id| id.as_str()).collect();
        let mut counting: Vec<&Arc<Assessment>> = Vec::new();
        for (statement, target) in places.iter().map(|(statement, target)| (&self.statements[*statement], *target)) {
            if !is_of_any(statement, &ids) {
                continue;
            }
            let assessment = &statement.assessment;
            match (self.fit(&statement.targets[target], &around), assessment.status.clears()) {
                (Fit::Exact, _) | (Fit::Perhaps(_), false) => counting.push(assessment),
                (Fit::Perhaps(why) | Fit::Elsewhere(why), true) => {
                    said.number += 1;
                    said.unapplied.get_or_insert_with(|| unapplied(assessment, advisory, held.package, &why));
                }
                (Fit::Elsewhere(_), false) | (Fit::No, _) => {}
            }
        }
        self.of_project_alone(&around, advisory, &ids, &mut said);
        let newest = latest(&counting);
        said.counts =
            newest.iter().max_by_key(|assessment| (assessment.status, Reverse(&assessment.location))).map(|found| Arc::clone(found));
        said.contradicted = contradiction(&newest, said.counts.as_deref(), advisory, held.package);
        said
    }

    /// Who says of the project as a whole that a flaw does no harm names no package that could be told from others.
    fn of_project_alone(&self, around: &Around<'_>, advisory: &Advisory, ids: &[&str], said: &mut Said) {
        let Some((graph, root)) = around.held.node.and_then(|(graph, _)| Some((graph, graph.own_root()?))) else { return };
        let root = &graph.node(root).package;
        let name = (root.ecosystem, root.name.clone());
        for (statement, target) in self.by_name.get(&name).into_iter().flatten() {
            let (statement, target) = (&self.statements[*statement], &self.statements[*statement].targets[*target]);
            let is_meant = target.within.is_none() && is_same(&Whole::Package(target.package.clone()), root);
            if is_meant && statement.assessment.status.clears() && is_of_any(statement, ids) {
                let why = "it is of the project as a whole, and names no package in it";
                said.number += 1;
                said.unapplied.get_or_insert_with(|| unapplied(&statement.assessment, advisory, around.held.package, why));
            }
        }
    }

    fn fit(&self, target: &Target, around: &Around<'_>) -> Fit {
        let held = around.held;
        let versions = fits_version(target, held.package);
        if let Fit::No = versions {
            return Fit::No;
        }
        if target.package.source != held.package.source {
            return Fit::Elsewhere(format!(
                "the package is from {}, and the statement is of one from {}",
                held.package.source, target.package.source
            ));
        }
        let is_project = |wholes: &[Whole]| {
            let known = around.products.borrow().get(&wholes.as_ptr()).copied();
            known.unwrap_or_else(|| {
                let is_it = self.is_project(wholes, around);
                around.products.borrow_mut().insert(wholes.as_ptr(), is_it);
                is_it
            })
        };
        if let Some(whole) = target.within.as_deref().filter(|wholes| !is_project(wholes)) {
            let products: Vec<String> = whole.iter().take(2).map(|whole| quoted(&whole.label())).collect();
            let more = if whole.len() > 2 { " and others" } else { "" };
            return Fit::Elsewhere(format!(
                "it is of the package within {}{more}, which is not known to be this project",
                products.join(", ")
            ));
        }
        if let Some(narrowed) = target.narrowed {
            return Fit::Perhaps(format!("it is {narrowed}"));
        }
        if held.node.is_some_and(|(graph, id)| !graph.node(id).rare.patches.is_empty()) {
            return Fit::Perhaps("the project patches the package".into());
        }
        versions
    }

    /// Whether the products are what brings the package in: the project of the lockfile, or each member that does.
    fn is_project(&self, wholes: &[Whole], around: &Around<'_>) -> bool {
        let Some((graph, id)) = around.held.node else { return false };
        let is_meant = |node: &Node| around.was_there(&node.package) && wholes.iter().any(|whole| is_same(whole, &node.package));
        if wholes.iter().any(|whole| matches!(whole, Whole::Named { name, version: None } if self.project.as_deref() == Some(&**name))) {
            return true;
        }
        if graph.own_root().is_some_and(|root| is_meant(graph.node(root))) {
            return true;
        }
        let ways = around.ways.get_or_init(|| graph.first_party_ways(id, MOST_SEEN).filter(|_| graph.knows.edges.is_yes()));
        ways.as_ref().is_some_and(|ways| !ways.is_empty() && ways.iter().all(|way| is_meant(graph.node(*way))))
    }
}

/// Ids are few, and those of a statement are sorted.
fn is_of_any(statement: &Statement, ids: &[&str]) -> bool {
    ids.iter().any(|id| statement.ids.binary_search_by(|known| (**known).cmp(id)).is_ok())
}

/// A project by its package URL or name; one of another version is another.
fn is_same(whole: &Whole, package: &Package) -> bool {
    match whole {
        Whole::Package(product) => {
            product.ecosystem == package.ecosystem
                && product.name == package.name
                && product.version.as_ref().is_none_or(|version| package.version.as_ref() == Some(version))
        }
        Whole::Named { name, version } => {
            **name == *package.name.as_str()
                && version.as_deref().is_none_or(|version| package.version.as_ref().is_some_and(|own| own.as_str() == version))
        }
        Whole::Other(_) => false,
    }
}

fn fits_version(target: &Target, package: &Package) -> Fit {
    let is_same = |stated: &Version| package.version.as_ref().is_some_and(|own| is_same_version(package.ecosystem, stated, own));
    if target.package.version.as_ref().is_some_and(|version| !is_same(version)) {
        return Fit::No;
    }
    let mut unsure = None;
    for versions in &target.versions {
        match (versions, &package.version) {
            (Versions::One(version), _) if is_same(version) => return Fit::Exact,
            (Versions::Range(range), Some(own)) => match vers::holds(range, package.ecosystem, own) {
                Some(true) => return Fit::Exact,
                Some(false) => {}
                None => unsure = Some(range),
            },
            _ => {}
        }
    }
    match unsure {
        _ if target.versions.is_empty() => Fit::Exact,
        Some(range) => Fit::Perhaps(format!("whether the version is in {} cannot be told", quoted(range))),
        None => Fit::No,
    }
}

/// Letter by letter; PyPI has several spellings of one version.
fn is_same_version(ecosystem: Ecosystem, a: &Version, b: &Version) -> bool {
    a == b || ecosystem == Ecosystem::Pypi && version::compare(ecosystem, a, b) == Some(Ordering::Equal)
}

/// The newest, and with them all that have no date.
fn latest<'a>(all: &[&'a Arc<Assessment>]) -> Vec<&'a Arc<Assessment>> {
    let newest = all.iter().filter_map(|assessment| assessment.time()).max();
    all.iter().copied().filter(|assessment| assessment.time().is_none_or(|time| Some(time) == newest)).collect()
}

fn gap(assessment: &Assessment, message: String) -> Gap {
    Gap::at(GapKind::UnreadStatement, &assessment.location, message)
}

fn unapplied(assessment: &Assessment, advisory: &Advisory, package: &Package, why: &str) -> Gap {
    let label = quoted(&package.label());
    gap(assessment, format!("what is said of {} in {label} ({}) does not count: {why}", advisory.id, assessment.status.words()))
}

/// That the one that counts is contradicted by one of the same time, or of none.
fn contradiction(newest: &[&Arc<Assessment>], counts: Option<&Assessment>, advisory: &Advisory, package: &Package) -> Option<Gap> {
    let counts = counts.filter(|counts| !counts.status.clears())?;
    let other = newest.iter().find(|other| other.status.clears())?;
    let (label, place) = (quoted(&package.label()), &counts.location);
    let message = format!(
        "what is said of {} in {label} ({}) does not count: {place} says {}, and neither is the later",
        advisory.id,
        other.status.words(),
        counts.status.words()
    );
    Some(gap(other, message))
}

/// What of the statements does not count, or is of nothing here.
pub fn gaps(subject: &Subject<'_>) -> Vec<Gap> {
    let statements = &subject.gate.vex;
    let mut gaps = statements.gaps.clone();
    if statements.statements.is_empty() {
        return gaps;
    }
    for standing in standings(subject) {
        gaps.extend(statements.of(standing.held(), standing.advisory).gaps());
    }
    gaps
}
