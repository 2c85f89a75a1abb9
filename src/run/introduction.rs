//! Which commits brought the changes of a comparison in: fetches their history and hands it to
//! `enrich::introduction`. What goes wrong here leaves the comparison as it is, and a gap.

mod library;

use super::diff::{Revision, Sides};
use super::signature::Signatures;
use super::{Project, RunError, UserKeys, acquire, attribution};
use crate::diff::ChangeKind;
use crate::edge::{self, EntryKind, Found, Query, Repository, Snapshot};
use crate::enrich::attribution::Catalogue;
use crate::enrich::introduction::{
    self, Comparison, FileKind, History, Introductions, Parent, Questions, Reason, Start, Step, Touched, Way, answer, manifests_named,
};
use crate::judge::Subject;
use crate::model::{CommitId, Gap, GapKind, Mailmap, RelPath};
use crate::read;
use library::Library;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The largest manifest of which lines are looked for, in bytes.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// The introductions of the changes of a comparison; none where nothing came in, and of a whole
/// project, which has no range. `catalogue` holds the marks of AI tools and bots, and `user` the keys that signatures
/// are checked by beside the base's.
pub fn find(project: &Project, sides: &Sides, subject: &Subject<'_>, catalogue: &Catalogue, user: &UserKeys) -> Option<Introductions> {
    let Revision::Commit(base) = &sides.base else { return None };
    let mut changes = subject.lockfiles.iter().flat_map(|lockfile| &lockfile.changes);
    if changes.all(|change| change.kind == ChangeKind::Removed) {
        return None;
    }
    let head = if let Revision::Commit(id) = &sides.head { Some(id) } else { None };
    let range = Range { base: Some(base), head, judge: Some(sides.judge.as_ref().unwrap_or(base)) };
    Some(told(project, &range, subject, catalogue, user))
}

/// The introductions of everything that a project holds, by the whole history of a revision, of the work tree's without
/// one. People bear the names that the revision gives them.
pub fn of_project(project: &Project, revision: Option<&CommitId>, subject: &Subject<'_>, catalogue: &Catalogue) -> Introductions {
    told(project, &Range { base: None, head: revision, judge: revision }, subject, catalogue, &UserKeys::default())
}

/// Commits of which history is asked for.
struct Range<'r> {
    /// Those that it has are left out.
    base: Option<&'r CommitId>,
    /// The work tree without one.
    head: Option<&'r CommitId>,
    /// Whose names for people and whose keys count; those of HEAD without one.
    judge: Option<&'r CommitId>,
}

fn told(project: &Project, range: &Range<'_>, subject: &Subject<'_>, catalogue: &Catalogue, user: &UserKeys) -> Introductions {
    let found = look(project, range, subject, catalogue, user);
    found.unwrap_or_else(|error| introduction::unknown(&subject.lockfiles, &Reason::unread(error.to_string())))
}

fn look(
    project: &Project,
    range: &Range<'_>,
    subject: &Subject<'_>,
    catalogue: &Catalogue,
    user: &UserKeys,
) -> Result<Introductions, RunError> {
    let repository = project.repository("diff")?;
    let work_tree = range.head.is_none();
    let (tip, head): (CommitId, Box<dyn Snapshot + '_>) = match range.head {
        Some(id) => (id.clone(), Box::new(project.commit(id)?)),
        None => (repository.resolve("HEAD")?, Box::new(project.work_tree()?)),
    };
    let judge = range.judge.unwrap_or(&tip);
    let manifests = manifests(head.as_ref(), &manifests_named(&subject.lockfiles));
    let questions = Questions::of(&subject.lockfiles, &manifests);
    let mut library = Library::new(repository, &questions);
    let starts = starts(&project.commit(&tip)?, &questions, &mut library, work_tree)?;
    let (steps, cut) = repository_history(repository, range.base, &tip, &starts, &mut library)?;
    let history = History { steps, contents: library.contents };
    let comparison = Comparison { lockfiles: &subject.lockfiles, starts: &starts, tip: &tip, work_tree };
    let mut introductions = answer(&questions, &history, &comparison);
    introductions.complete &= !cut;
    let introductions = with_commits(repository, judge, user, introductions);
    Ok(attributed(repository, judge, introductions, catalogue))
}

/// Says of the commits that are named who or what wrote them. Where that is not known it is a gap, each
/// reason once.
fn attributed(repository: &Repository, base: &CommitId, mut introductions: Introductions, catalogue: &Catalogue) -> Introductions {
    let ids = introductions.commits.keys().cloned().collect();
    let kind = if repository.is_shallow() { GapKind::ShallowHistory } else { GapKind::UnreadHistory };
    let gap = |message: String| Gap::of_file(kind, &RelPath::root(), message);
    match attribution::of_commits(repository, ids, base, catalogue) {
        Ok(answers) => introductions.attributions = answers.into_iter().map(|one| (one.commit.id, one.attribution)).collect(),
        Err(error) => introductions.gaps.push(gap(format!("who or what wrote the commits is not known: {error}"))),
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in introductions.attributions.values().filter_map(|attribution| attribution.category.reason()) {
        *reasons.entry(reason).or_default() += 1;
    }
    let commits = |number: usize| if number == 1 { "a commit".to_owned() } else { format!("{number} commits") };
    let unknown = reasons.iter().map(|(reason, number)| gap(format!("who or what wrote {} is not known: {reason}", commits(*number))));
    introductions.gaps.extend(unknown.collect::<Vec<_>>());
    introductions
}

/// The texts of the head's manifests; one that cannot be read leaves its lines out.
fn manifests(head: &dyn Snapshot, named: &BTreeSet<RelPath>) -> BTreeMap<RelPath, String> {
    let text = |path: &RelPath| {
        let bytes = head.read(&head.look_up(path).ok()??, LARGEST_MANIFEST).ok()?;
        Some((path.clone(), String::from_utf8(bytes).ok()?))
    };
    named.iter().filter_map(text).collect()
}

/// Where the commit at the tip has each file. Under a work tree a file may lie where the base had it.
fn starts(
    tip: &dyn Snapshot,
    questions: &Questions,
    library: &mut Library<'_>,
    work_tree: bool,
) -> Result<BTreeMap<RelPath, Start>, RunError> {
    let mut starts = BTreeMap::new();
    for (file, asked) in &questions.files {
        let mut found = tip.look_up(file)?;
        if let (None, true, Some(before)) = (&found, work_tree, &asked.moved_from) {
            found = tip.look_up(before)?;
        }
        let path = found.as_ref().map_or(file, |found| &found.path).clone();
        let content = found.map(|found| library.content(&found, asked.kind));
        starts.insert(file.clone(), Start { path, content });
    }
    Ok(starts)
}

/// The commits of the range with what each did to the files, wherever those were before; and whether
/// a shallow clone ends among them.
fn repository_history(
    repository: &Repository,
    base: Option<&CommitId>,
    tip: &CommitId,
    starts: &BTreeMap<RelPath, Start>,
    library: &mut Library<'_>,
) -> Result<(Vec<Step>, bool), RunError> {
    let watch = Watch::new(library.questions, starts);
    let enter = |folder: &str| acquire::enters(folder) || watch.leads_on(folder);
    let history = repository.history(base, tip, &Query { wanted: &|path| watch.wants(path), enter: &enter })?;
    let mut followed: BTreeMap<RelPath, FileKind> =
        starts.iter().map(|(file, start)| (start.path.clone(), library.questions.files[file].kind)).collect();
    let steps = history.commits.into_iter().map(|commit| {
        let parents = commit.parents.into_iter().map(|parent| step_of(parent, &mut followed, library));
        Step { id: commit.id, parents: parents.collect() }
    });
    Ok((steps.collect(), history.cut))
}

fn step_of(parent: edge::git::history::Parent, followed: &mut BTreeMap<RelPath, FileKind>, library: &mut Library<'_>) -> Parent {
    use edge::git::history::Way as Edge;
    let way = match &parent.commit {
        Edge::Within(number) => Way::Within(*number),
        Edge::Out(id) => Way::Out(id.clone()),
        Edge::Cut(_) | Edge::Missing(_) => Way::Missing,
    };
    let (kind, hint) = match parent.commit {
        Edge::Cut(_) => (GapKind::ShallowHistory, "; `git fetch --unshallow` brings the rest"),
        _ => (GapKind::UnreadHistory, ""),
    };
    let touched = parent.touched.map_err(|text| Reason { kind, text: format!("{text}{hint}") });
    Parent { way, touched: touched.map(|touched| files_of(&touched, followed, library)) }
}

/// Of what a commit touched the files that are followed, each with where it was before.
fn files_of(
    touched: &[edge::git::history::Touched],
    followed: &mut BTreeMap<RelPath, FileKind>,
    library: &mut Library<'_>,
) -> Vec<Touched> {
    let mut files = Vec::new();
    for entry in touched {
        let Some(kind) = followed.get(&entry.path).copied() else { continue };
        let before = entry.before.as_ref().or_else(|| library.moved_from(entry.now.as_ref()?, kind, touched));
        if let Some(before) = before.filter(|before| before.path != entry.path) {
            followed.insert(before.path.clone(), kind);
        }
        let now = entry.now.as_ref().map(|found| library.content(found, kind));
        let before = before.map(|found| (found.path.clone(), library.content(found, kind)));
        files.push(Touched { path: entry.path.clone(), now, before });
    }
    files
}

/// What of each commit is looked at: the files in question, and all that they may have been before.
struct Watch<'q> {
    exact: HashSet<&'q str>,
    formats: BTreeSet<&'static str>,
    names: BTreeSet<&'q str>,
}

impl<'q> Watch<'q> {
    fn new(questions: &'q Questions, starts: &'q BTreeMap<RelPath, Start>) -> Self {
        let mut watch = Watch { exact: HashSet::new(), formats: BTreeSet::new(), names: BTreeSet::new() };
        for (file, asked) in &questions.files {
            watch.exact.extend([file.as_str(), starts[file].path.as_str()]);
            match asked.kind {
                FileKind::Lockfile(id) => drop(watch.formats.insert(id)),
                FileKind::Manifest(_) => drop(watch.names.insert(file.file_name())),
            }
        }
        watch
    }

    fn wants(&self, path: &str) -> bool {
        let is_lockfile =
            |path: &str| RelPath::new(path).is_ok_and(|path| read::formats_of(&path).any(|format| self.formats.contains(format.id())));
        self.exact.contains(path) || self.names.contains(path.rsplit('/').next().unwrap_or(path)) || is_lockfile(path)
    }

    /// Whether a file in question lies below the folder.
    fn leads_on(&self, folder: &str) -> bool {
        self.exact.iter().any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// Looks the commits up that are named, and says what of the history is missing.
fn with_commits(repository: &Repository, base: &CommitId, user: &UserKeys, introductions: Introductions) -> Introductions {
    let signatures = Signatures::new(repository, user, Some(base.clone()));
    let mut commits = BTreeMap::new();
    let mut gaps = Vec::new();
    let unread = |reason: String| Gap::of_file(GapKind::UnreadHistory, &RelPath::root(), reason);
    let mailmap = repository.mailmap(base).unwrap_or_else(|reason| {
        gaps.push(unread(format!("people bear the names that their commits give them: {reason}")));
        Mailmap::default()
    });
    for id in introductions.commits_named() {
        match repository.record(&id, &mailmap) {
            Ok(record) => drop(commits.insert(id, signatures.checked(record))),
            Err(error) => gaps.push(unread(error.to_string())),
        }
    }
    let mut introductions = introductions.with_commits(commits);
    introductions.gaps.extend(gaps);
    introductions
}

/// Whether an entry is what the file was before it lay where it lies now: it went, and is of its kind.
fn may_be(found: &Found, kind: FileKind, now: &Found) -> bool {
    let alike = match kind {
        FileKind::Lockfile(id) => read::formats_of(&found.path).any(|format| format.id() == id),
        FileKind::Manifest(_) => found.path.file_name() == now.path.file_name(),
    };
    alike && found.kind == EntryKind::File
}
