//! Settings of package managers that two revisions do not have alike: which lockfiles they hold for, and
//! what of them nobody reads.

use super::acquire::{self, Discovered, Inventory};
use super::beside::{Both, Changed};
use super::{RunError, Selection};
use crate::edge::{Found, Nothing, Snapshot};
use crate::graph::DepGraph;
use crate::model::{Ecosystem, Gap, GapKind, PackageSource, RelPath, SourceFile};
use crate::read::settings::{self, Around, ChangedSettings, ChangedSource, Meant, Unread};
use crate::read::{self, ReadError, members};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The settings of a whole project, all of which came in.
pub fn of_project(head: &dyn Snapshot, new: &Discovered, selection: &Selection) -> Result<Vec<ChangedSettings>, RunError> {
    let old = Discovered::default();
    let both = Both { base: &Nothing, head, old: &old, new };
    Ok(both.settings(&both.changed()?, selection))
}

impl Both<'_> {
    /// Settings that differ, where they are not left out; of lockfiles that were named, those that hold
    /// for them.
    pub fn settings(&self, changed: &[Changed], selection: &Selection) -> Vec<ChangedSettings> {
        let places = Places::of(self.new);
        let mut known = HashMap::new();
        let mut all = Vec::new();
        for (path, before, after) in changed.iter().filter(|(path, ..)| selection.skips(path.as_str()).is_none()) {
            let Some((ecosystem, folder)) = settings::of(path) else { continue };
            let others = settings::beside(path, ecosystem, &folder);
            let alone = others.iter().all(|other| *known.entry(other.clone()).or_insert_with(|| self.names_no_place(other)));
            let around = Around { alone, locked: places.are_read_with(path, &folder) };
            let (sources, unread) = self.what_changed(path, before.as_ref(), after.as_ref(), around);
            all.push(ChangedSettings { path: path.clone(), ecosystem, around: places.around(ecosystem, &folder), folder, sources, unread });
        }
        let holds = |settings: &ChangedSettings| self.new.lockfiles.keys().any(|path| settings.hold_for(path, of_lockfile(path)));
        all.retain(|settings| selection.lockfiles.is_empty() || holds(settings));
        all
    }

    fn what_changed(
        &self,
        path: &RelPath,
        before: Option<&Found>,
        after: Option<&Found>,
        around: Around,
    ) -> (Vec<ChangedSource>, Option<Unread>) {
        let read = |snapshot: &dyn Snapshot, found: Option<&Found>| -> Result<Option<SourceFile>, ReadError> {
            found.map(|found| acquire::source_file(snapshot, found)).transpose()
        };
        match (read(self.base, before), read(self.head, after)) {
            (Ok(before), Ok(after)) => settings::changed(path, before.as_ref(), after.as_ref(), around),
            (Err(error), _) | (_, Err(error)) => {
                (vec![ChangedSource { line: 1, what: error.kind.to_string(), scope: None, place: None }], None)
            }
        }
    }

    /// Whether a file names a registry of its own at neither revision. One that cannot be read may.
    fn names_no_place(&self, path: &RelPath) -> bool {
        [self.base, self.head].into_iter().all(|snapshot| match snapshot.look_up(path) {
            Ok(None) => true,
            Ok(Some(found)) => acquire::source_file(snapshot, &found).is_ok_and(|file| !settings::names_another_place(&file)),
            Err(_) => false,
        })
    }

    /// Lockfiles of the head that settings or a lockfile that went concern: to be read though they did
    /// not change themselves.
    pub fn concerned(&self, changed: &[ChangedSettings], gone: &BTreeSet<RelPath>) -> BTreeSet<RelPath> {
        let around_gone = |path: &RelPath| gone.iter().any(|gone| gone.parent().is_below(&path.parent()));
        let is_concerned = |path: &RelPath| changed.iter().any(|settings| settings.concerns(path, of_lockfile(path)));
        self.new.lockfiles.keys().filter(|path| around_gone(path) || is_concerned(path)).cloned().collect()
    }
}

/// Where lockfiles lie.
struct Places {
    by_folder: HashMap<(Ecosystem, RelPath), Vec<RelPath>>,
    /// The folders of those of a name, and all around them.
    above: HashSet<(String, RelPath)>,
}

impl Places {
    fn of(discovered: &Discovered) -> Self {
        let mut places = Places { by_folder: HashMap::new(), above: HashSet::new() };
        for path in discovered.lockfiles.keys() {
            let Some(ecosystem) = of_lockfile(path) else { continue };
            places.by_folder.entry((ecosystem, path.parent())).or_default().push(path.clone());
            places.above.extend(members::around(&path.parent()).map(|folder| (path.file_name().to_owned(), folder)));
        }
        places
    }

    /// Whether a lockfile is read together with the settings of the folder.
    fn are_read_with(&self, path: &RelPath, folder: &RelPath) -> bool {
        let Some((name, further)) = settings::lockfile_of(path) else { return false };
        let is_here = || self.by_folder.values().flatten().any(|lockfile| lockfile.file_name() == name && lockfile.parent() == *folder);
        self.above.contains(&(name.to_owned(), folder.clone())) && (further || is_here())
    }

    /// Those that are used from the folder and lie around it.
    fn around(&self, ecosystem: Ecosystem, folder: &RelPath) -> Vec<RelPath> {
        let nearest = members::around(folder).find_map(|around| self.by_folder.get(&(ecosystem, around)));
        let is_around = |path: &&RelPath| path.parent() != *folder;
        nearest.into_iter().flatten().filter(is_around).cloned().collect()
    }
}

fn of_lockfile(lockfile: &RelPath) -> Option<Ecosystem> {
    read::format_of(lockfile).and_then(|format| format.ecosystem())
}

/// Gaps of settings that changed and are not read, and of sources for which no package is named.
pub fn unread(changed: &[ChangedSettings], head: &Inventory) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for settings in changed {
        let (line, what, more) = match (&settings.unread, settings.sources.first()) {
            (Some(unread), _) => (unread.line, &unread.what, unread.more),
            (None, Some(first)) if !is_told(settings, head) => (Some(first.line), &first.what, settings.sources.len() - 1),
            _ => continue,
        };
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let what = crate::model::text::quoted(what);
        let message = format!("this changed, and not all that it sets for the package manager is read ({what}{more})");
        gaps.push(Gap { kind: GapKind::UnreadSettings, file: settings.path.clone(), line, message });
    }
    gaps
}

/// Whether a package is there for which the sources are told.
fn is_told(settings: &ChangedSettings, head: &Inventory) -> bool {
    let meant = Meant::by(&settings.sources);
    let has = |graph: &DepGraph| {
        let mut packages = graph.packages().map(|(_, node)| &node.package);
        packages.any(|package| matches!(package.source, PackageSource::Registry { .. }) && meant.has(&package.name))
    };
    head.graphs.values().any(|graph| settings.concerns(&graph.lockfile, graph.ecosystem) && has(graph))
}
