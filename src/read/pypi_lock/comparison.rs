//! Where pyproject.toml and the lockfile do not agree.

use super::ask::{Ask, Wanted, plain};
use super::{Asked, Locked, Project, Reading};
use crate::model::text::quoted;
use crate::model::{Location, PackageName, PackageSource, Scope};
use crate::read::Disagreement;
use hashbrown::HashSet;

pub(super) struct Comparison<'c, 'r, 'a> {
    pub reading: &'c Reading<'r, 'a>,
    pub project: &'c Project<'a>,
}

impl Comparison<'_, '_, '_> {
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let mut found: Vec<Disagreement> = self.project.asked.iter().filter_map(|asked| self.about_asked(asked)).collect();
        found.extend(self.project.overrides.iter().filter_map(|ask| self.about_override(ask)));
        found.extend(self.about_sources());
        found.extend(self.about_unasked());
        found.extend(self.about_groups());
        found
    }

    fn about_asked(&self, asked: &Asked<'_>) -> Option<Disagreement> {
        let ask = &asked.ask;
        let at = |message| Disagreement { location: Location::new(&self.project.path, ask.line), message };
        let packages = || self.reading.lock.named(&ask.name).iter().map(|&number| &self.reading.lock.packages[number]);
        let meant = self.reading.lock.meant(ask, None);
        if !meant.is_empty() {
            return self.at_another_place(ask, &meant).map(at);
        }
        if self.project.name.as_ref() == Some(&ask.name) || self.reading.may_lack(ask) {
            return None;
        }
        let wanted = quoted(&format!("{}{}", ask.name, ask.requirement().map_or(String::new(), |wanted| format!(" {wanted}"))));
        if packages().next().is_none() {
            return (!asked.may_be_absent).then(|| at(format!("{wanted} is asked for here, and the lockfile does not hold it")));
        }
        let locked: Vec<String> = packages().map(|package| quoted(&package.label())).collect();
        Some(at(format!("{wanted} is asked for here, and the lockfile has {}", locked.join(", "))))
    }

    /// An override takes the place of what everyone asks for, so all that is locked of its name must be as
    /// it says. What nobody asks for is not locked.
    fn about_override(&self, ask: &Ask<'_>) -> Option<Disagreement> {
        let lock = self.reading.lock;
        let at = |message| Some(Disagreement { location: Location::new(&self.project.path, ask.line), message });
        let numbers = lock.named(&ask.name);
        let first = &lock.packages[*numbers.first()?];
        let (name, wanted) = (quoted(ask.name.as_str()), quoted(&ask.requirement().unwrap_or_default()));
        if lock.meant(ask, None).is_empty() {
            return at(format!("{name} is overridden by {wanted} here, and the lockfile has {}", quoted(&first.label())));
        }
        let is_there = |source: &PackageSource| match ask.wanted {
            Wanted::Place(..) => ask.address().is_none() || ask.names_place(source),
            _ => matches!(source, PackageSource::Registry { .. }),
        };
        let other = numbers.iter().map(|&number| &lock.packages[number]).find(|package| !is_there(&package.source))?;
        at(format!("{name} is overridden by {wanted} here, and the lockfile has it{}", other.from()))
    }

    /// A repository or file at another address, or another commit, than the one asked for.
    fn at_another_place(&self, ask: &Ask<'_>, meant: &[usize]) -> Option<String> {
        let wanted = quoted(&ask.address()?);
        let packages = || meant.iter().map(|&number| &self.reading.lock.packages[number]);
        let other = packages().next().filter(|_| !ask.is_loose && !packages().any(|package| ask.names_place(&package.source)))?;
        Some(format!("{} is asked for here from {wanted}, and the lockfile has it{}", quoted(ask.name.as_str()), other.from()))
    }

    /// Places that nobody asks for: a package comes from anywhere but an index only where a requirement
    /// names the place, and from another index than PyPI only where the project does.
    fn about_sources(&self) -> Vec<Disagreement> {
        let lock = self.reading.lock;
        let asks = lock.packages.iter().flat_map(|package| &package.asks).chain(self.project.asked.iter().map(|asked| &asked.ask));
        let placed: HashSet<&PackageName> =
            asks.filter(|ask| ask.is_loose || matches!(ask.wanted, Wanted::Place(..))).map(|ask| &ask.name).collect();
        let indexes: HashSet<String> = self.project.indexes.iter().map(|index| plain(index)).collect();
        let is_unasked = |package: &&Locked<'_>| match &package.source {
            PackageSource::Registry { index: None } => false,
            PackageSource::Registry { index: Some(url) } => !indexes.contains(&plain(url.as_str())),
            PackageSource::FirstParty { .. } if self.project.is_workspace => false,
            _ => !placed.contains(&package.name),
        };
        let message = |package: &Locked<'_>| {
            format!("the lockfile has {}{}, and nothing asks for it from there", quoted(package.name.as_str()), package.from())
        };
        lock.packages.iter().filter(is_unasked).map(|package| self.at_package(package, message(package))).collect()
    }

    /// Packages that nothing asks for; not those that only such packages bring in.
    fn about_unasked(&self) -> Vec<Disagreement> {
        let lock = self.reading.lock;
        if self.project.is_dynamic {
            return Vec::new();
        }
        let message = |package: &Locked<'_>| format!("the lockfile has {}, and nothing asks for it", quoted(&package.label()));
        let asked: HashSet<&PackageName> = self.project.asked.iter().map(|asked| &asked.ask.name).collect();
        let is_met = |name: &PackageName| lock.named(name).iter().any(|&number| self.reading.by_project[number].is_some());
        // Of one that is asked for in another version it is said already.
        let is_new = |package: &&Locked<'_>| !asked.contains(&package.name) || is_met(&package.name);
        let unasked = self.reading.spots.unasked(&self.reading.by_project).into_iter().map(|number| &lock.packages[number]);
        unasked.filter(is_new).map(|package| self.at_package(package, message(package))).collect()
    }

    /// Where a lockfile has groups, its tool installs by them and does not ask again who needs what.
    fn about_groups(&self) -> Vec<Disagreement> {
        let lock = self.reading.lock;
        let is_main = |package: &Locked<'_>| {
            package.groups.as_ref().is_some_and(|groups| groups.iter().any(|group| group.as_str() == lock.main_group))
        };
        let for_development = |number: &usize| self.reading.by_project[*number] == Some(Scope::Development);
        let wrong =
            (0..lock.packages.len()).filter(for_development).map(|number| &lock.packages[number]).filter(|package| is_main(package));
        let message = |package: &Locked<'_>| {
            format!("the lockfile has {} in the group `{}`, and only other groups ask for it", quoted(&package.label()), lock.main_group)
        };
        wrong.map(|package| self.at_package(package, message(package))).collect()
    }

    fn at_package(&self, package: &Locked<'_>, message: String) -> Disagreement {
        Disagreement { location: Location::new(self.reading.lockfile, package.lines[0]), message }
    }
}
