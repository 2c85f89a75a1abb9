//! By what a comparison is judged: the policy and the approvals of its revisions, and who added which
//! approval. The base's policy judges a range, the revision's own a whole project.

mod adders;
mod people;

use super::diff::{Revision, Sides};
use super::{Project, RunError, vex};
use crate::edge::{EntryKind, Snapshot, clock};
use crate::enrich::introduction::Introductions;
use crate::enrich::signature::{Keyring, OPENPGP_FILE, SIGNERS_FILE};
use crate::judge::Gate;
use crate::judge::approval::{self, Entry, Origin};
use crate::judge::brought::Brought;
use crate::judge::form::FormError;
use crate::judge::owners::{self, Owners};
use crate::judge::policy::{self, Policy};
use crate::judge::vex::Statements;
use crate::model::{CommitId, Day, Identity, Location, Mailmap, RelPath, SourceFile};
use crate::read::vex::Vex;
use std::collections::BTreeSet;

/// The largest file of ours that is read, in bytes.
pub(super) const LARGEST: u64 = 4 << 20;

/// The day of the run, by the system's clock: SOURCE_DATE_EPOCH dates documents, and must not keep what
/// expired alive.
pub fn today() -> Result<Day, RunError> {
    Ok(Day::of_seconds(clock::now()?))
}

/// The policy that judges, and where the head's is another.
pub struct Judging {
    pub policy: Policy,
    owners: Owners,
    altered: Vec<Location>,
    vex: Vec<Vex>,
}

/// The policy of a comparison: of a range that of its left side, otherwise the head's own.
pub fn judging(project: &Project, sides: &Sides) -> Result<Judging, RunError> {
    let head = head(project, sides)?;
    let own = text(head.as_ref(), policy::FILE)?;
    // A change that breaks the policy would break every change after it.
    let own_policy = own.as_ref().map(policy::read).transpose()?.unwrap_or_default();
    let own_vex = vex::of_policy(head.as_ref(), &own_policy)?;
    let Revision::Commit(base) = &sides.base else {
        return Ok(Judging { policy: own_policy, owners: owners(head.as_ref())?, altered: Vec::new(), vex: own_vex });
    };
    let base_files = project.commit(base)?;
    let before = text(&base_files, policy::FILE)?;
    let mut all: Vec<Location> = altered(before.as_ref(), own.as_ref()).into_iter().collect();
    all.extend(altered_keys(&base_files, head.as_ref())?);
    let judge = project.commit(sides.judge.as_ref().unwrap_or(base))?;
    let is_base = sides.judge.as_ref().is_none_or(|judge| judge == base);
    let judging = if is_base { before } else { text(&judge, policy::FILE)? };
    let policy = judging.as_ref().map(policy::read).transpose()?.unwrap_or_default();
    all.extend(altered_vex(&base_files, head.as_ref(), &policy)?);
    let vex = vex::of_policy(&judge, &policy)?;
    Ok(Judging { policy, owners: owners(&judge)?, altered: all, vex })
}

/// Where the head has other VEX documents than the base, of those that the policy names: they would speak for the changes
/// after this one.
fn altered_vex(base: &dyn Snapshot, head: &dyn Snapshot, policy: &Policy) -> Result<Vec<Location>, RunError> {
    let mut all = Vec::new();
    for (path, _) in &policy.advisories.vex {
        let (before, after) = (text_within(base, path.as_str(), vex::LARGEST)?, text_within(head, path.as_str(), vex::LARGEST)?);
        all.extend(altered(before.as_ref(), after.as_ref()));
    }
    Ok(all)
}

/// Who answers for packages, by a revision's own file and the CODEOWNERS that a forge would take.
fn owners(snapshot: &dyn Snapshot) -> Result<Owners, RunError> {
    let own = text(snapshot, owners::FILE)?;
    for place in owners::CODEOWNERS {
        let path = RelPath::new(place).expect("a plain path");
        // Forges pass over what is no file there.
        let Some(found) = snapshot.look_up(&path)?.filter(|found| found.kind == EntryKind::File) else { continue };
        let file = SourceFile::new(path.clone(), snapshot.read(&found, LARGEST)?);
        let file = file.map_err(|error| RunError::Form(FormError::at(&path, error.line(), error.to_string())))?;
        return Ok(Owners::read(own.as_ref(), Some(&file))?);
    }
    Ok(Owners::read(own.as_ref(), None)?)
}

/// The policy of a commit, whose marks of AI tools count where nothing is judged.
pub fn policy_of(project: &Project, commit: &CommitId) -> Result<Policy, RunError> {
    Ok(text(&project.commit(commit)?, policy::FILE)?.as_ref().map(policy::read).transpose()?.unwrap_or_default())
}

/// What the files of the repository say, for a comparison. `whole` says that every lockfile of a project is
/// judged.
pub fn of(
    project: &Project,
    sides: &Sides,
    judging: Judging,
    introductions: Option<&Introductions>,
    today: Day,
    whole: bool,
) -> Result<Gate, RunError> {
    let Judging { policy, owners, altered, vex } = judging;
    let ranged = matches!(sides.base, Revision::Commit(_));
    let approvals = approvals(project, sides, head(project, sides)?.as_ref(), &policy, today)?;
    let mut brought = introductions.map(Brought::of).unwrap_or_default();
    if approvals.iter().any(|held| held.void.is_none() && matches!(held.origin, Origin::Added(_))) {
        brought.everybody = Some(people::of_range(project, sides, policy.catalogue())?);
    }
    Ok(Gate {
        approvals,
        policy,
        altered,
        owners,
        brought,
        vex: statements(project, vex, today),
        today,
        whole: whole && sides.base == Revision::Nothing && !matches!(sides.head, Revision::File(_)),
        ranged,
    })
}

fn statements(project: &Project, documents: Vec<Vex>, today: Day) -> Statements {
    let mut statements = Statements::of_project(&project.name());
    documents.into_iter().for_each(|document| statements.add(document, today));
    statements
}

pub(super) fn head<'p>(project: &'p Project, sides: &Sides) -> Result<Box<dyn Snapshot + 'p>, RunError> {
    Ok(match &sides.head {
        Revision::Commit(id) => Box::new(project.commit(id)?),
        Revision::WorkTree | Revision::File(_) | Revision::Nothing => Box::new(project.around()?),
    })
}

/// Letter by letter: what a comment says of a policy is a part of it.
fn altered(before: Option<&SourceFile>, after: Option<&SourceFile>) -> Option<Location> {
    let (old, new) = (before.map(SourceFile::text), after.map(SourceFile::text));
    let differs_at = || {
        let (old, new) = (old.unwrap_or_default().lines(), new.unwrap_or_default().lines());
        old.zip(new).take_while(|(a, b)| a == b).count() + 1
    };
    let file = after.or(before)?.path();
    (old != new).then(|| Location::new(file, u32::try_from(differs_at()).unwrap_or(u32::MAX)))
}

/// Where the head has other keys than the base. Keys that cannot be read would leave the changes after this one
/// without any.
fn altered_keys(base: &dyn Snapshot, head: &dyn Snapshot) -> Result<Vec<Location>, RunError> {
    let mut all = Vec::new();
    for path in [SIGNERS_FILE, OPENPGP_FILE] {
        let (before, after) = (text(base, path)?, text(head, path)?);
        let Some(location) = altered(before.as_ref(), after.as_ref()) else { continue };
        if let Some(file) = after.filter(|_| path == OPENPGP_FILE) {
            let wrong =
                |message: String| FormError { file: location.file.clone(), line: None, message, hint: KEYS_HINT.into(), text: None };
            Keyring::parse(file.text().as_bytes()).map_err(wrong)?;
        }
        all.push(location);
    }
    Ok(all)
}

const KEYS_HINT: &str = "write it with `gpg --armor --export ADDRESS…`, or take it out";

/// A file of ours in a revision. What lies there and is no plain file is an error: it must not look as if
/// there were none.
pub(super) fn text(snapshot: &dyn Snapshot, path: &str) -> Result<Option<SourceFile>, RunError> {
    text_within(snapshot, path, LARGEST)
}

/// The same of at most `limit` bytes.
pub(super) fn text_within(snapshot: &dyn Snapshot, path: &str, limit: u64) -> Result<Option<SourceFile>, RunError> {
    let path = RelPath::new(path).expect("a plain path");
    let wrong = |path: &RelPath, message: String| {
        RunError::Form(FormError { file: path.clone(), line: None, message, hint: "put the file itself there".into(), text: None })
    };
    match snapshot.look_up(&path.parent())? {
        None => return Ok(None),
        Some(folder) if folder.kind != EntryKind::Folder => {
            return Err(wrong(&path.parent(), format!("it is {}, and the files in it are not read", folder.kind)));
        }
        Some(_) => {}
    }
    let Some(found) = snapshot.look_up(&path)? else { return Ok(None) };
    if found.kind != EntryKind::File {
        return Err(wrong(&path, format!("it is {}, not a file", found.kind)));
    }
    let bytes = snapshot.read(&found, limit)?;
    let file = SourceFile::new(path.clone(), bytes);
    file.map(Some).map_err(|error| RunError::Form(FormError::at(&path, error.line(), error.to_string())))
}

fn approvals(project: &Project, sides: &Sides, head: &dyn Snapshot, policy: &Policy, today: Day) -> Result<Vec<approval::Held>, RunError> {
    let Some(file) = text(head, approval::FILE)? else { return Ok(Vec::new()) };
    let entries = approval::read(&file)?;
    let origins = match (&sides.base, &sides.head) {
        (Revision::Commit(_), _) => of_range(project, sides, &entries, policy)?,
        (_, Revision::WorkTree | Revision::File(_)) => of_work_tree(project, &entries)?,
        _ => vec![Origin::Before; entries.len()],
    };
    let mailmap = match &sides.judge {
        // Under two names one person would approve what they brought in.
        Some(judge) if !entries.is_empty() => project.repository("diff")?.mailmap(judge).map_err(RunError::Mailmap)?,
        _ => Mailmap::default(),
    };
    let ranged = matches!(sides.base, Revision::Commit(_));
    let held = approval::hold(entries.into_iter().zip(origins), policy, today, ranged);
    let held = held.into_iter().map(|held| {
        let Identity { name, email } = mailmap.canonical(&held.entry.approved_by);
        approval::Held { approver: Identity { name, email }, ..held }
    });
    Ok(held.collect())
}

/// What a revision's own files say of all that it holds, the work tree's without one: the policy and the approvals of a
/// document, as of a whole project that is judged on this day.
pub fn of_document(project: &Project, revision: Option<&CommitId>, today: Day) -> Result<Gate, RunError> {
    let snapshot: Box<dyn Snapshot + '_> = match revision {
        Some(id) => Box::new(project.commit(id)?),
        None => Box::new(project.around()?),
    };
    let policy = text(snapshot.as_ref(), policy::FILE)?.as_ref().map(policy::read).transpose()?.unwrap_or_default();
    let entries = text(snapshot.as_ref(), approval::FILE)?.as_ref().map(approval::read).transpose()?.unwrap_or_default();
    let origins = match revision {
        Some(_) => vec![Origin::Before; entries.len()],
        None => of_work_tree(project, &entries)?,
    };
    let approvals = approval::hold(entries.into_iter().zip(origins), &policy, today, false);
    let vex = statements(project, vex::of_policy(snapshot.as_ref(), &policy)?, today);
    Ok(Gate { approvals, policy, vex, today, whole: true, ..Gate::default() })
}

/// The texts of the entries that a commit has; none where its file cannot be read, so that all are new.
fn texts_of(project: &Project, id: &CommitId) -> Result<BTreeSet<String>, RunError> {
    let file = text(&project.commit(id)?, approval::FILE)?;
    let entries = file.as_ref().and_then(|file| approval::read(file).ok()).unwrap_or_default();
    Ok(entries.into_iter().map(|entry| entry.text).collect())
}

fn of_range(project: &Project, sides: &Sides, entries: &[Entry], policy: &Policy) -> Result<Vec<Origin>, RunError> {
    let (Revision::Commit(base), Some(judge)) = (&sides.base, &sides.judge) else { return Ok(Vec::new()) };
    let before = texts_of(project, judge)?;
    if entries.iter().all(|entry| before.contains(&entry.text)) {
        return Ok(vec![Origin::Before; entries.len()]);
    }
    let repository = project.repository("diff")?;
    let withdrawn = if judge == base { BTreeSet::new() } else { texts_of(project, base)? };
    let (tip, committed) = match &sides.head {
        Revision::Commit(tip) => (tip.clone(), None),
        _ => {
            let tip = repository.resolve("HEAD")?;
            let committed = texts_of(project, &tip)?;
            (tip, Some(committed))
        }
    };
    let added = adders::of(repository, (base, judge), &tip, policy.catalogue());
    let origin = |entry: &Entry| match &committed {
        _ if before.contains(&entry.text) => Origin::Before,
        _ if withdrawn.contains(&entry.text) => Origin::Withdrawn(judge.clone()),
        Some(committed) if !committed.contains(&entry.text) => Origin::WorkTree,
        _ => match &added {
            Err(reason) => Origin::Unknown(reason.clone()),
            Ok(added) => Origin::Added(added.get(&entry.text).cloned().unwrap_or_default()),
        },
    };
    Ok(entries.iter().map(origin).collect())
}

fn of_work_tree(project: &Project, entries: &[Entry]) -> Result<Vec<Origin>, RunError> {
    let head = project.repository("").ok().map(|repository| repository.resolve("HEAD"));
    let committed = match head {
        None => return Ok(vec![Origin::Before; entries.len()]),
        Some(Ok(head)) => texts_of(project, &head)?,
        // A repository without a commit has nothing committed.
        Some(Err(_)) => BTreeSet::new(),
    };
    Ok(entries.iter().map(|entry| if committed.contains(&entry.text) { Origin::Before } else { Origin::WorkTree }).collect())
}
