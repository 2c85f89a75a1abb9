//! The lockfile beside the project: the entries that they make.

use super::ask::Ask;
use super::comparison::Comparison;
use super::spots::Spots;
use super::{Asked, Lock, Project};
use crate::model::{Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, RelPath, Scope};
use crate::read::{Capabilities, Disagreement, Entry, Files, Rare, Requires, ScopeId, Told};

/// The lockfile with all that its entries are made from.
pub(in crate::read) struct Reading<'r, 'a> {
    pub(super) lock: &'r Lock<'a>,
    project: Option<&'r Project<'a>>,
    pub(super) lockfile: &'r RelPath,
    folder: RelPath,
    pub(super) spots: Spots<'r, 'a>,
    /// By spot: in which scope the project asks for it, and in which anyone does.
    pub(super) by_project: Vec<Option<Scope>>,
    by_anyone: Vec<Option<Scope>>,
    /// Names that the tool leaves out of its lockfile.
    left_out: &'static [&'static str],
    /// By package: the text that names it and no other.
    keys: Vec<String>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub fn new(lock: &'r Lock<'a>, project: Option<&'r Project<'a>>, files: &'r Files, left_out: &'static [&'static str]) -> Self {
        let spots = Spots::new(lock);
        let by_project = spots.by_project(project);
        let by_anyone = spots.by_anyone(&by_project);
        let keys = lock.packages.iter().enumerate().map(|(number, package)| format!("{} #{number}", package.name)).collect();
        Reading { lock, project, left_out, lockfile: files.path(), folder: files.folder(), spots, by_project, by_anyone, keys }
    }

    /// What can be told without a manifest, and what with one.
    pub fn known(&self, mut knows: Capabilities, gaps: &[Gap]) -> Capabilities {
        let reason = match self.project {
            Some(project) if !project.is_dynamic => return knows,
            Some(_) => "pyproject.toml leaves what the project asks for to its build",
            None if gaps.iter().any(|gap| gap.kind == GapKind::MissingCompanion) => "there is no pyproject.toml beside the lockfile",
            None => "pyproject.toml cannot be read",
        };
        knows.directness = Told::No(reason);
        knows.scopes = Told::No(reason);
        if self.has_unasked_extras() {
            knows.edges = Told::No("what extras the project asks for is not known");
        }
        knows
    }

    pub fn entries(&self) -> Vec<Entry<'a>> {
        let project = self.project.map(|project| self.project(project));
        let packages = (0..self.lock.packages.len()).flat_map(|number| self.entries_of(number));
        project.into_iter().chain(packages).collect()
    }

    /// The project itself, which the lockfile does not hold.
    fn project(&self, project: &Project<'a>) -> Entry<'a> {
        let package = Package {
            ecosystem: Ecosystem::Pypi,
            name: project.name.clone().unwrap_or_else(|| PackageName::of_root(Ecosystem::Pypi, "project")),
            version: project.version.clone(),
            source: PackageSource::FirstParty { folder: Some(self.folder.clone()) },
        };
        let requires = |asked: &Asked<'a>| {
            let declared = Location::new(&project.path, asked.ask.line);
            let condition = [asked.list.clone().map(Into::into), asked.ask.condition()];
            let condition: Vec<_> = condition.into_iter().flatten().collect();
            let condition = (!condition.is_empty()).then(|| condition.join("; ").into());
            let edge = move |number: usize| Requires {
                condition: condition.clone(),
                declared: Some(declared.clone()),
                ..self.requires(number, &asked.ask, asked.scope)
            };
            // One that nothing meets is a disagreement, not a question that the lockfile leaves open.
            self.lock.meant(&asked.ask, None).into_iter().map(edge).collect::<Vec<_>>()
        };
        // A plugin may ask for the very tool that is developed here; anything else of its name is locked.
        let name = package.name.clone();
        let is_meant = self.lock.named(&name).is_empty();
        Entry {
            root: true,
            provides: is_meant.then(|| (ScopeId::OUTERMOST, name.to_string().into())).into_iter().collect(),
            requires: project.asked.iter().flat_map(requires).collect(),
            rare: Rare::unlocked(project.unlocked.clone()),
            ..Entry::new(package, Location::new(&project.path, 1))
        }
    }

    /// One for each place where the package stands.
    fn entries_of(&self, number: usize) -> Vec<Entry<'a>> {
        let main = self.entry(number);
        let further = self.lock.packages[number].lines.iter().skip(1);
        let further: Vec<_> = further.map(|&line| Entry::new(main.package.clone(), Location::new(self.lockfile, line))).collect();
        std::iter::once(main).chain(further).collect()
    }

    fn entry(&self, number: usize) -> Entry<'a> {
        let locked = &self.lock.packages[number];
        let package = Package {
            ecosystem: Ecosystem::Pypi,
            name: locked.name.clone(),
            version: locked.version.clone(),
            source: locked.source.clone(),
        };
        let mut entry = Entry::new(package, Location::new(self.lockfile, locked.lines[0]));
        entry.provides = vec![(ScopeId::OUTERMOST, self.keys[number].clone().into())];
        // A folder is no file, whatever digests an entry lists.
        if !locked.source.is_first_party() {
            entry.artifacts = locked.artifacts.clone();
        }
        entry.artifacts.sort();
        entry.artifacts.dedup();
        for (ask, meant) in locked.asks.iter().zip(&self.spots.meant[number]) {
            let Some(scope) = self.spots.scope(number, ask, &self.by_anyone) else { continue };
            let declared = locked.source.is_first_party().then(|| Location::new(self.lockfile, ask.line));
            let with_line = |requires| Requires { declared: declared.clone(), ..requires };
            entry.requires.extend(meant.iter().map(|&target| with_line(self.requires(target, ask, scope))));
            entry.requires.extend(meant.is_empty().then(|| with_line(self.unmet(ask, scope))));
        }
        entry
    }

    fn requires(&self, target: usize, ask: &Ask<'a>, scope: Scope) -> Requires<'a> {
        Requires { requirement: ask.requirement(), condition: ask.condition(), ..Requires::new(self.keys[target].clone(), scope) }
    }

    /// Only the project is called by its bare name, so this is met by none else: a gap, unless the
    /// lockfile may well lack it.
    fn unmet(&self, ask: &Ask<'a>, scope: Scope) -> Requires<'a> {
        Requires {
            requirement: ask.requirement(),
            condition: ask.condition(),
            may_be_absent: self.may_lack(ask),
            ..Requires::new(ask.name.to_string(), scope)
        }
    }

    /// Whether the lockfile need not hold a requirement: no environment of the project needs it, or
    /// its tool leaves it out.
    pub(super) fn may_lack(&self, ask: &Ask<'_>) -> bool {
        let is_left_out = self.left_out.contains(&ask.name.as_str()) && self.lock.named(&ask.name).is_empty();
        is_left_out || ask.is_conditional()
    }

    /// Whether a requirement that the lockfile could meet counts for nobody that is known.
    fn has_unasked_extras(&self) -> bool {
        let mut asks =
            self.lock.packages.iter().enumerate().flat_map(|(number, package)| package.asks.iter().map(move |ask| (number, ask)));
        asks.any(|(number, ask)| self.spots.scope(number, ask, &self.by_anyone).is_none() && !self.lock.named(&ask.name).is_empty())
    }

    pub fn disagreements(&self) -> Vec<Disagreement> {
        self.project.map_or(Vec::new(), |project| Comparison { reading: self, project }.disagreements())
    }
}
