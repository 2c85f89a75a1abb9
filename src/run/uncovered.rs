//! Manifests that ask for packages while no lockfile says which: those that came or changed, and those whose
//! lockfile went.
//!
//! A lockfile of a package manager *covers* a manifest of its own kind in its folder, and one below it that it
//! lists as a member. A requirements file is nobody's lockfile in that way: people write it by hand, for
//! something else, or for half of a project. It *holds* what it lists (or says to be needed and not locked),
//! unless an address or another version is asked for, for the Python manifests in its folder, below it and
//! around it. So of each manifest it is asked
//! need by need: what it asks for that nothing covers or holds, and that did not stand so in the base, is
//! told. One that was not read covers only what is told to be unread anyway; it holds nothing.

use super::acquire::{self, Inventory};
use super::beside::{Both, Changed};
use super::progress::Progress;
use super::{RunError, Selection};
use crate::edge::{EntryKind, Found, Snapshot};
use crate::graph::DepGraph;
use crate::model::{Ecosystem, Gap, GapKind, Package, PackageName, PackageSource, RelPath, SourceFile};
use crate::read::unlocked::{self, Need, What};
use crate::read::{self, Format, ReadError};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a manifest asks for, or why that is not known.
type Needs = Result<BTreeSet<Need>, ReadError>;

/// Names that are told of one manifest; of further ones their number.
const MOST_NAMES: usize = 5;

/// Lists at most that are read for one manifest; further ones are told by their names.
const MOST_LISTS: usize = 100;

/// Two revisions with what was read of them.
pub struct Uncovered<'b> {
    both: &'b Both<'b>,
    changed: &'b [Changed],
    /// By folder, the lockfiles that lie there.
    old: BTreeMap<RelPath, Vec<Lockfile>>,
    new: BTreeMap<RelPath, Vec<Lockfile>>,
    old_held: Held,
    new_held: Held,
}

/// A package manager's lockfile.
struct Lockfile {
    path: RelPath,
    ecosystem: Option<Ecosystem>,
    reach: Reach,
}

/// Which manifests of its kind a lockfile covers.
enum Reach {
    /// Those in its folder and in these.
    Members(BTreeSet<RelPath>),
    /// Every one: it is told that it was not read, or somebody said to leave it out.
    All,
    /// None: it did not change, and cannot be read.
    Nothing,
}

/// What requirements files hold.
#[derive(Default)]
struct Held {
    /// By name, what is held under it, and for which folder.
    names: HashMap<PackageName, Vec<(RelPath, Package)>>,
    /// Files of projects that decide what is needed, each said to do so.
    deciding: BTreeSet<RelPath>,
}

impl<'b> Uncovered<'b> {
    /// Reads lockfiles near the manifests that changed and the lockfiles that went.
    pub fn of(
        both: &'b Both<'b>,
        (base, head): (&'b Inventory, &'b Inventory),
        wanted: &'b BTreeSet<RelPath>,
        changed: &'b [Changed],
        progress: &dyn Progress,
    ) -> Self {
        let gone = both.old.lockfiles.keys().filter(|path| !both.new.lockfiles.contains_key(*path));
        let of_changed = changed.iter().filter_map(|(path, ..)| Some((path.parent(), unlocked::ecosystem_of(path)?)));
        let of_gone = gone.filter_map(|path| Some((place(path), read::format_of(path)?.ecosystem()?)));
        let folders: BTreeSet<(RelPath, Ecosystem)> = of_changed.chain(of_gone).collect();
        let is_near = |path: &RelPath| {
            let place = place(path);
            let is_so = |(folder, ecosystem): &(RelPath, Ecosystem)| {
                folder.is_below(&place) && is_of(path, *ecosystem)
                    || is_pip(path) && *ecosystem == Ecosystem::Pypi && place.is_below(folder)
            };
            !wanted.contains(path) && folders.iter().any(is_so)
        };
        let near = acquire::read(both.head, both.new, &is_near, progress);
        let read = || head.graphs.iter().chain(&near.graphs);
        let graphs: BTreeMap<&RelPath, &DepGraph> = read().collect();
        let skipped = both.new.skipped.iter().map(|skipped| &skipped.path);
        let is_overruled = |path: &RelPath| read::overruled_by(path).is_some_and(|by| both.new.lockfiles.contains_key(&by));
        let left_out = skipped.filter(|path| !is_overruled(path)).map(|path| (path, Reach::All));
        let reach = |path: &RelPath| match graphs.get(path) {
            Some(graph) => Reach::Members(members(graph)),
            None if wanted.contains(path) => Reach::All,
            None => Reach::Nothing,
        };
        let new = both.new.lockfiles.keys().map(|path| (path, reach(path)));
        let old = base.graphs.iter().map(|(path, graph)| (path, Reach::Members(members(graph))));
        let (old, new) = (by_folder(old), by_folder(new.chain(left_out)));
        Uncovered { both, changed, old, new, old_held: Held::of(base.graphs.values()), new_held: Held::of(read().map(|(_, graph)| graph)) }
    }

    /// Manifests of the head that newly ask for something which no lockfile says.
    pub fn manifests(&self, gone: &BTreeSet<RelPath>, selection: &Selection) -> Result<Vec<Gap>, RunError> {
        let mut gaps = Vec::new();
        for path in self.candidates(gone).iter().filter(|path| selection.skips(path.as_str()).is_none()) {
            let Some(after) = needs_of(self.both.head, path)? else { continue };
            if self.is_covered(path) {
                continue;
            }
            let message = match after {
                Err(error) => {
                    let message =
                        || format!("this manifest changed and cannot be read, and no lockfile says what it asks for: {}", error.kind);
                    self.is_changed(path).then(message)
                }
                Ok(needs) => told(path, &self.new_of(path, needs)?),
            };
            gaps.extend(message.map(|message| Gap::of_file(GapKind::UnlockedManifest, path, message)));
        }
        Ok(gaps)
    }

    fn is_changed(&self, path: &RelPath) -> bool {
        self.changed.iter().any(|(changed, ..)| changed == path)
    }

    /// Manifests that changed; those that a lockfile of the base had as a member's and that of the head has
    /// not; those beside a requirements file that went.
    fn candidates(&self, gone: &BTreeSet<RelPath>) -> BTreeSet<RelPath> {
        let named = self.changed.iter().map(|(path, ..)| path).filter(|path| unlocked::ecosystem_of(path).is_some());
        let mut candidates: BTreeSet<RelPath> = named.cloned().collect();
        let mut add = |folder: &RelPath, ecosystem: Option<Ecosystem>| {
            let names = unlocked::MANIFESTS.iter().filter(|(_, of)| Some(*of) == ecosystem);
            candidates.extend(names.filter_map(|(name, _)| folder.join(name).ok()));
        };
        for old in self.old.values().flatten() {
            let new = self.new.get(&old.path.parent()).into_iter().flatten().find(|new| new.path == old.path);
            if let (Reach::Members(before), Some(Reach::Members(after))) = (&old.reach, new.map(|new| &new.reach)) {
                before.difference(after).for_each(|folder| add(folder, old.ecosystem));
            }
        }
        for path in gone.iter().filter(|path| is_pip(path)) {
            add(&place(path), Some(Ecosystem::Pypi));
        }
        candidates
    }

    /// What of a manifest's needs nothing holds in the head, and either did not stand in the base or was
    /// covered or held there.
    fn new_of(&self, path: &RelPath, needs: BTreeSet<Need>) -> Result<BTreeSet<Need>, RunError> {
        let before = match needs_of(self.both.base, path)? {
            Some(Ok(before)) => before,
            Some(Err(_)) | None => BTreeSet::new(),
        };
        let was_covered = is_covered(&self.old, path);
        let is_new = |need: &Need| {
            let was_held = || self.old_held.has(need, path) || is_a_lockfile(need, path, &self.both.old.lockfiles);
            !self.holds(need, path) && (!before.contains(need) || was_covered || was_held())
        };
        Ok(needs.into_iter().filter(is_new).collect())
    }

    /// Whether a requirements file of the head holds what is asked for, or is it.
    fn holds(&self, need: &Need, path: &RelPath) -> bool {
        self.new_held.has(need, path) || is_a_lockfile(need, path, &self.both.new.lockfiles)
    }

    /// Whether a lockfile of the head covers a manifest whole.
    fn is_covered(&self, manifest: &RelPath) -> bool {
        is_covered(&self.new, manifest)
    }

    /// Lockfiles that went, each with a manifest of theirs that nothing covers: one that stayed, or one that
    /// went as well and turned up elsewhere.
    pub fn abandoned(&self, gone: &BTreeSet<RelPath>) -> Result<Vec<(RelPath, RelPath)>, RunError> {
        let mut abandoned = Vec::new();
        for path in gone {
            let Some(format) = read::format_of(path) else { continue };
            for manifest in manifests_of(path, format) {
                let left = match self.both.head.look_up(&manifest)? {
                    Some(_) => Some(manifest).filter(|manifest| !self.is_covered(manifest)),
                    None => self.moved(&manifest)?,
                };
                if let Some(manifest) = left {
                    let is_held = self.is_held_whole(&manifest)?;
                    abandoned.extend((!is_held).then(|| (path.clone(), manifest)));
                }
            }
        }
        Ok(abandoned)
    }

    /// Whether requirements files hold everything that a Python manifest asks for. A pyproject.toml may leave
    /// that to the files of setuptools beside it.
    fn is_held_whole(&self, manifest: &RelPath) -> Result<bool, RunError> {
        if unlocked::ecosystem_of(manifest).is_some_and(|ecosystem| ecosystem != Ecosystem::Pypi) {
            return Ok(false);
        }
        let further: &[&str] = if manifest.file_name() == "pyproject.toml" { &["setup.py", "setup.cfg"] } else { &[] };
        let beside = further.iter().filter_map(|name| manifest.parent().join(name).ok());
        for path in std::iter::once(manifest.clone()).chain(beside) {
            match needs_of(self.both.head, &path)? {
                None => {}
                Some(Ok(needs)) if needs.iter().all(|need| self.holds(need, &path)) => {}
                Some(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Where a manifest is now that went: a new one of its name that nothing covers and that asks for
    /// something which it asked for.
    fn moved(&self, manifest: &RelPath) -> Result<Option<RelPath>, RunError> {
        let Some(Ok(before)) = needs_of(self.both.base, manifest)? else { return Ok(None) };
        let before: BTreeSet<What> = before.into_iter().map(|need| need.what).collect();
        let came = self.changed.iter().filter(|(path, before, _)| before.is_none() && path.file_name() == manifest.file_name());
        for (path, ..) in came.filter(|(path, ..)| !self.is_covered(path)) {
            let Some(after) = needs_of(self.both.head, path)? else { continue };
            if after.is_ok_and(|after| after.iter().any(|need| before.contains(&need.what))) {
                return Ok(Some(path.clone()));
            }
        }
        Ok(None)
    }
}

/// What a manifest of a revision asks for, with what the lists say that it names; nothing where it is not there.
fn needs_of(snapshot: &dyn Snapshot, path: &RelPath) -> Result<Option<Needs>, RunError> {
    let read = if unlocked::ecosystem_of(path).is_some() { unlocked::needs } else { unlocked::listed };
    let Some(needs) = read_by(snapshot, path, read)? else { return Ok(None) };
    let Ok(needs) = needs else { return Ok(Some(needs)) };
    let mut all = BTreeSet::new();
    for (number, need) in needs.into_iter().enumerate() {
        let list = if let What::File(list) = &need.what { path.parent().join(list).ok() } else { None };
        let list = list.filter(|list| number < MOST_LISTS && read::format_of(list).is_none());
        match list.map(|list| read_by(snapshot, &list, unlocked::listed)).transpose()?.flatten() {
            Some(Ok(listed)) => all.extend(listed),
            _ => drop(all.insert(need)),
        }
    }
    Ok(Some(Ok(all)))
}

fn read_by(snapshot: &dyn Snapshot, path: &RelPath, read: fn(&SourceFile) -> Needs) -> Result<Option<Needs>, RunError> {
    let found = snapshot.look_up(path)?.filter(|found| found.kind != EntryKind::Folder);
    Ok(found.map(|found| acquire::source_file(snapshot, &found).and_then(|file| read(&file))))
}

fn told(manifest: &RelPath, new: &BTreeSet<Need>) -> Option<String> {
    let labels: BTreeSet<Cow<'_, str>> = new.iter().map(|need| need.what.label()).collect();
    let shown: Vec<&str> = labels.iter().take(MOST_NAMES).map(|label| &**label).collect();
    let more = labels.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let asks = if manifest.file_name() == "setup.py" { "this program names and may ask for" } else { "this manifest asks for" };
    (!labels.is_empty()).then(|| format!("no lockfile holds {}{more}, which {asks}", shown.join(", ")))
}

fn is_a_lockfile(need: &Need, manifest: &RelPath, lockfiles: &BTreeMap<RelPath, Found>) -> bool {
    matches!(&need.what, What::File(file) if manifest.parent().join(file).is_ok_and(|file| lockfiles.contains_key(&file)))
}

impl Held {
    /// Of requirements files alone. Roots are the projects themselves.
    fn of<'g>(graphs: impl Iterator<Item = &'g DepGraph>) -> Self {
        let mut held = Held::default();
        for graph in graphs.filter(|graph| is_pip(&graph.lockfile)) {
            let folder = place(&graph.lockfile);
            for node in graph.ids().map(|id| graph.node(id)) {
                let own = (!node.root).then_some(&node.package);
                for package in own.into_iter().chain(node.rare.unlocked.iter().map(|need| &need.package)) {
                    held.names.entry(package.name.clone()).or_default().push((folder.clone(), package.clone()));
                }
                held.deciding.extend(node.rare.unlocked.iter().filter(|need| need.state.is_some()).map(|need| need.location.file.clone()));
            }
        }
        held
    }

    /// Whether what is asked for is held for a manifest in the folder, or it is told already that the manifest decides.
    fn has(&self, need: &Need, manifest: &RelPath) -> bool {
        let decides = manifest.file_name() == "setup.py" || need.what == What::Build;
        if decides && self.deciding.contains(manifest) {
            return true;
        }
        let is_python = unlocked::ecosystem_of(manifest).is_none_or(|ecosystem| ecosystem == Ecosystem::Pypi);
        let What::Package(name) = &need.what else { return false };
        let folder = manifest.parent();
        let is_near = |held: &RelPath| folder.is_below(held) || held.is_below(&folder);
        let held = PackageName::new(Ecosystem::Pypi, name).ok().filter(|_| is_python).and_then(|name| self.names.get(&name));
        held.is_some_and(|held| held.iter().any(|(folder, package)| is_near(folder) && need.is_met_by(package)))
    }
}

fn by_folder<'l>(lockfiles: impl Iterator<Item = (&'l RelPath, Reach)>) -> BTreeMap<RelPath, Vec<Lockfile>> {
    let mut by_folder: BTreeMap<RelPath, Vec<Lockfile>> = BTreeMap::new();
    for (path, reach) in lockfiles.filter(|(path, _)| !is_pip(path)) {
        let ecosystem = read::format_of(path).and_then(Format::ecosystem);
        by_folder.entry(path.parent()).or_default().push(Lockfile { path: path.clone(), ecosystem, reach });
    }
    by_folder
}

/// Whether a lockfile in the manifest's folder, or in one around it, covers the manifest.
fn is_covered(lockfiles: &BTreeMap<RelPath, Vec<Lockfile>>, manifest: &RelPath) -> bool {
    let folder = manifest.parent();
    let mut place = folder.clone();
    loop {
        let covers = |lockfile: &Lockfile| match &lockfile.reach {
            Reach::Members(members) => place == folder || members.contains(&folder),
            Reach::All => true,
            Reach::Nothing => false,
        };
        let mut here = lockfiles.get(&place).into_iter().flatten();
        if here.any(|lockfile| covers(lockfile) && names_manifest(&lockfile.path, manifest)) {
            return true;
        }
        if place.is_root() {
            return false;
        }
        place = place.parent();
    }
}

/// Whether a lockfile is of the kind that a manifest has. A tool that locks a pyproject.toml builds a project
/// whose setup.py says what it needs.
fn names_manifest(lockfile: &RelPath, manifest: &RelPath) -> bool {
    let name = match manifest.file_name() {
        "setup.py" | "setup.cfg" => "pyproject.toml",
        "pnpm-workspace.yaml" => "package.json",
        name => name,
    };
    let is_its = |format: &dyn Format| format.manifest_names().is_some_and(|names| names.contains(&name));
    // bun.lockb is for what the bun.lock is for that overrules it.
    let kin = read::overruled_by(lockfile).into_iter().chain(read::in_other_case(lockfile).and_then(|_| small(lockfile)));
    std::iter::once(lockfile.clone()).chain(kin).any(|path| read::formats_of(&path).any(is_its))
}

fn small(path: &RelPath) -> Option<RelPath> {
    path.parent().join(&path.file_name().to_ascii_lowercase()).ok()
}

/// The first-party folders of a lockfile.
fn members(graph: &DepGraph) -> BTreeSet<RelPath> {
    let sources = graph.ids().map(|id| &graph.node(id).package.source);
    sources.filter_map(|source| if let PackageSource::FirstParty { folder } = source { folder.clone() } else { None }).collect()
}

/// The folder that a lockfile is for: a file in a folder named `requirements` is for the folder above.
fn place(lockfile: &RelPath) -> RelPath {
    let folder = lockfile.parent();
    if is_pip(lockfile) && folder.file_name() == "requirements" { folder.parent() } else { folder }
}

/// Whether a lockfile is a requirements file: of a format of Python's whose files name their companions
/// themselves.
fn is_pip(lockfile: &RelPath) -> bool {
    read::formats_of(lockfile).any(|format| format.ecosystem() == Some(Ecosystem::Pypi) && format.manifest_names().is_none())
}

fn is_of(lockfile: &RelPath, ecosystem: Ecosystem) -> bool {
    read::formats_of(lockfile).any(|format| format.ecosystem() == Some(ecosystem))
}

/// The manifests beside a lockfile: those that its format names, and what pip-compile makes it of.
fn manifests_of(lockfile: &RelPath, format: &dyn Format) -> Vec<RelPath> {
    let folder = lockfile.parent();
    let named = format.manifest_names().unwrap_or_default().iter().filter_map(|name| folder.join(name).ok());
    let source = lockfile.as_str().strip_suffix(".txt").and_then(|stem| RelPath::new(&format!("{stem}.in")).ok());
    named.chain(source).chain(format.named_after(lockfile)).collect()
}
