//! Requirements to entries: one for each line, with the edges that the notes tell, and the project
//! at the root.

use super::manifest::Manifests;
use super::marker;
use super::reading::{Reading, Written};
use super::requirement::{Requirement, Wanted, shown};
use super::via::By;
use super::walk::limit;
use crate::model::text::quoted;
use crate::model::{Artifact, Ecosystem, Gap, GapKind, Location, Package, PackageName, PackageSource, Scope, Version};
use crate::read::{Entry, Rare, ReadError, Requires, ScopeId, Unlocked, pyproject};
use hashbrown::HashMap;
use std::cell::Cell;

/// Most edges. A note on a package with several versions by a package with several versions makes
/// an edge for each pair.
const MOST_EDGES: usize = 2_000_000;
/// Most pairs of markers that are compared; more edges are stated without.
const MOST_COMPARED: usize = 20_000;

/// The lines of one name, as packages: several versions of it are forks.
pub(super) struct Packages<'r> {
    reading: &'r Reading,
    root: Package,
    /// By line. `None`: the line is the project itself.
    packages: Vec<Option<Package>>,
    /// By line: the first line with the same package.
    first: Vec<usize>,
    /// By name: the first line of each package, in order.
    by_name: HashMap<&'r PackageName, Vec<usize>>,
    /// By first line: how many lines have the package.
    lines: Vec<u32>,
    /// By line: whether the name has several packages.
    is_fork: Vec<bool>,
    /// By line: what its package provides.
    keys: Vec<String>,
    compared: Cell<usize>,
}

impl<'r> Packages<'r> {
    pub fn of(reading: &'r Reading) -> Self {
        let root = root(reading);
        let registry = reading.settings.registry();
        let package = |written: &Written| Some(package(written, reading, &registry)).filter(|package| package.source != root.source);
        let packages: Vec<Option<Package>> = reading.written.iter().map(package).collect();
        let (first, lines) = ((0..packages.len()).collect(), vec![0; packages.len()]);
        let mut this = Packages {
            reading,
            root,
            packages,
            first,
            by_name: HashMap::new(),
            lines,
            is_fork: Vec::new(),
            keys: Vec::new(),
            compared: Cell::new(0),
        };
        this.find_forks();
        this.is_fork = reading.written.iter().map(|written| this.forks(&written.requirement.name).len() > 1).collect();
        this.keys = (0..this.packages.len()).map(|line| this.key(line)).collect();
        this
    }

    fn find_forks(&mut self) {
        let mut seen: HashMap<&Package, usize> = HashMap::with_capacity(self.packages.len());
        for (line, package) in self.packages.iter().enumerate() {
            let Some(package) = package else { continue };
            let first = *seen.entry(package).or_insert(line);
            self.first[line] = first;
            self.lines[first] += 1;
            if first == line {
                self.by_name.entry(&self.reading.written[line].requirement.name).or_default().push(line);
            }
        }
    }

    /// The name; for forks with the version, and with the source where that differs. Every edge
    /// starts from a note on one line, so it always knows which fork it means.
    fn key(&self, line: usize) -> String {
        let Some(package) = &self.packages[line] else { return String::new() };
        if self.is_fork[line] { format!("{} from {}", package.label(), package.source) } else { package.name.to_string() }
    }

    /// The first line of each package of this name.
    fn forks(&self, name: &PackageName) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn package(&self, line: usize) -> Option<&Package> {
        self.packages[line].as_ref()
    }

    pub fn is_project(&self, name: &PackageName) -> bool {
        *name == self.root.name
    }

    fn version(&self, line: usize) -> Option<&Version> {
        self.packages[line].as_ref()?.version.as_ref()
    }

    /// The versions of a name in the lockfile; a few, where a hostile file has a million.
    pub fn versions(&self, name: &PackageName) -> Vec<Option<&Version>> {
        self.forks(name).iter().take(16).map(|&line| self.version(line)).collect()
    }

    pub fn entries<'a>(&self, manifests: &Manifests, unlocked: Vec<Unlocked>, gaps: &mut Vec<Gap>) -> Result<Vec<Entry<'a>>, ReadError> {
        let mut requires = self.edges(gaps)?;
        let mut entries = vec![Entry { rare: Rare::unlocked(unlocked), ..self.root_entry(manifests) }];
        for (line, written) in self.reading.written.iter().enumerate() {
            let Some(package) = &self.packages[line] else { continue };
            gaps.extend(unpinned(written, package));
            entries.push(Entry {
                artifacts: artifacts(written, package),
                provides: vec![(ScopeId::OUTERMOST, self.keys[line].clone().into())],
                requires: std::mem::take(&mut requires[line]),
                ..Entry::new(package.clone(), written.location.clone())
            });
        }
        Ok(entries)
    }

    fn root_entry<'a>(&self, manifests: &Manifests) -> Entry<'a> {
        let direct = (0..self.packages.len()).filter(|&line| self.packages[line].is_some() && self.is_direct(line, manifests));
        // A file's first line stands for the project: nothing in it is nearer to it.
        let location = Location::new(&self.reading.lockfile, 1);
        Entry {
            root: true,
            requires: direct.map(|line| self.asked_for(line, manifests)).collect(),
            ..Entry::new(self.root.clone(), location)
        }
    }

    /// A line is direct when a person wrote it, a note says that a person did, or a manifest has it.
    fn is_direct(&self, line: usize, manifests: &Manifests) -> bool {
        let written = &self.reading.written[line];
        let by_person = |by: &By| match by {
            By::Project(_) => true,
            By::Package(name) => *name == self.root.name,
            By::Limit => false,
        };
        written.asked_by.is_empty() || written.asked_by.iter().any(by_person) || manifests.ask_for(&written.requirement.name)
    }

    /// What the project asks for: as the manifest has it if there is one, else as the line has it.
    fn asked_for<'a>(&self, line: usize, manifests: &Manifests) -> Requires<'a> {
        let written = &self.reading.written[line];
        let name = &written.requirement.name;
        let note = written.asked_by.iter().find_map(|by| match by {
            By::Project(path) => path.as_deref(),
            _ => None,
        });
        let asked = manifests.line_of(name, self.version(line), note.map(|path| (&written.location.file, path)));
        let own = || match &written.requirement.wanted {
            Wanted::Version { specifiers, .. } => specifiers.as_str(),
            Wanted::Place(place) => &place.text,
        };
        let specifiers = asked.map_or_else(own, |asked| asked.specifiers());
        let declared = asked.map_or(&written.location, |asked| &asked.location);
        Requires {
            requirement: self.requirement_text(written, specifiers).map(Into::into),
            condition: condition(&written.requirement, asked.map(|asked| &asked.requirement)).map(Into::into),
            declared: Some(declared.clone()),
            ..Requires::new(self.keys[line].clone(), Scope::Runtime)
        }
    }

    /// With the constraint that decided the version, where one did.
    fn requirement_text(&self, written: &Written, specifiers: &str) -> Option<String> {
        let held = self.reading.holding(&written.requirement).map(|held| format!("held at {} by {}", held.version, held.by));
        let parts: Vec<String> = [Some(specifiers.to_owned()).filter(|text| !text.is_empty()), held].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The edges that the notes tell, by the line that they start from.
    fn edges<'a>(&self, gaps: &mut Vec<Gap>) -> Result<Vec<Vec<Requires<'a>>>, ReadError> {
        let mut requires: Vec<Vec<Requires<'a>>> = Vec::new();
        requires.resize_with(self.packages.len(), Vec::new);
        let mut count = 0;
        for (line, written) in self.reading.written.iter().enumerate() {
            for name in written.asked_by.iter().filter_map(dependant) {
                let dependants = self.forks(name);
                if dependants.is_empty() && *name != self.root.name {
                    gaps.push(unknown_dependant(written, name));
                }
                count += dependants.len();
                if count > MOST_EDGES {
                    return Err(limit(&written.location, "edges", MOST_EDGES));
                }
                for &dependant in dependants.iter().filter(|&&dependant| self.may_need(dependant, line)) {
                    requires[dependant].push(self.edge(line));
                }
            }
        }
        Ok(requires)
    }

    fn edge<'a>(&self, to: usize) -> Requires<'a> {
        let written = &self.reading.written[to];
        Requires {
            condition: written.requirement.marker.clone().map(Into::into),
            declared: Some(written.location.clone()),
            ..Requires::new(self.keys[to].clone(), Scope::Runtime)
        }
    }

    /// Whether a package may need the one that a note on another line says it needs. Of forks, not
    /// those that are never installed together with it.
    fn may_need(&self, dependant: usize, line: usize) -> bool {
        if self.first[line] == dependant {
            return false;
        }
        let comparable = self.is_fork[dependant] && self.lines[dependant] == 1 && self.compared.get() < MOST_COMPARED;
        self.compared.set(self.compared.get() + usize::from(comparable));
        let marker = |line: usize| self.reading.written[line].requirement.marker.as_deref();
        !(comparable && marker::exclude_each_other(marker(dependant), marker(line)))
    }
}

/// The project. `-e .` gives it the name that its manifest or the line states.
fn root(reading: &Reading) -> Package {
    let folder = &reading.project;
    let by_folder = || PackageName::of_root(Ecosystem::Pypi, if folder.is_root() { "project" } else { folder.file_name() });
    let is_project = |written: &&Written| matches!(&written.requirement.wanted, Wanted::Place(place) if place.folder() == Some(folder));
    let stated = reading.written.iter().find(is_project).map(|written| written.requirement.name.clone());
    let source = PackageSource::FirstParty { folder: Some(folder.clone()) };
    Package { ecosystem: Ecosystem::Pypi, name: stated.unwrap_or_else(by_folder), version: None, source }
}

/// A version that a constraint holds is the one that pip installs, so it is the package's, although
/// the line itself is not pinned; the requirement's text says who decided.
fn package(written: &Written, reading: &Reading, registry: &PackageSource) -> Package {
    let requirement = &written.requirement;
    let held = || reading.holding(requirement).map(|held| held.version.clone());
    let (version, source) = match &requirement.wanted {
        Wanted::Version { pin, .. } => (pin.clone().or_else(held), registry.clone()),
        Wanted::Place(place) => (place.version.clone(), place.source.clone()),
    };
    Package { ecosystem: Ecosystem::Pypi, name: requirement.name.clone(), version, source }
}

fn unpinned(written: &Written, package: &Package) -> Option<Gap> {
    let message = match &written.requirement.wanted {
        Wanted::Version { .. } if package.version.is_none() => format!("{} is not pinned to one version", shown(&stated(written))),
        Wanted::Place(place) if place.is_loose() => match &place.source {
            PackageSource::Git { .. } => format!("{} is not pinned to one commit", shown(&place.text)),
            _ => format!("{} lies outside of the repository, and its version is not known", shown(&place.text)),
        },
        _ => return None,
    };
    Some(Gap::at(GapKind::UnpinnedRequirement, &written.location, message))
}

/// The requirement without its marker.
fn stated(written: &Written) -> String {
    written.text.split(';').next().unwrap_or("").trim_end().to_owned()
}

/// One artifact a hash: several hashes are those of the files of which one gets installed.
fn artifacts(written: &Written, package: &Package) -> Vec<Artifact> {
    let hashes = written.hashes.iter().map(|digest| Artifact { url: None, digests: vec![*digest] });
    let (url, own) = match (&package.source, &written.requirement.wanted) {
        (PackageSource::Archive { url }, Wanted::Place(place)) => (Some(url.clone()), place.digest),
        (_, Wanted::Place(place)) => (None, place.digest),
        _ => (None, None),
    };
    let named = (url.is_some() || own.is_some()).then(|| Artifact { url, digests: own.into_iter().collect() });
    named.into_iter().chain(hashes).collect()
}

/// Extras are a condition of what else gets installed, and the requirement's own place for them is the name, which is a key.
/// Tools strip extras from a lockfile and split markers up in it.
fn condition(locked: &Requirement, asked: Option<&Requirement>) -> Option<String> {
    let extras = asked.map_or(&locked.extras, |asked| &asked.extras);
    let marker = locked.marker.as_deref().or_else(|| asked?.marker.as_deref());
    pyproject::condition(None, extras, marker)
}

fn dependant(by: &By) -> Option<&PackageName> {
    match by {
        By::Package(name) => Some(name),
        By::Project(_) | By::Limit => None,
    }
}

fn unknown_dependant(written: &Written, name: &PackageName) -> Gap {
    let (needed, by) = (quoted(written.requirement.name.as_str()), quoted(name.as_str()));
    Gap::at(
        GapKind::UnresolvedDependency,
        &written.location,
        format!("{needed} is noted as needed by {by}, which the lockfile does not hold"),
    )
}
