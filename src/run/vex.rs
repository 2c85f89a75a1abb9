//! VEX documents: those that the policy names, of the revision that judges, and those that the operator gives.

use super::diff::{Revision, Sides};
use super::{Project, RunError, gate};
use crate::edge::{EntryKind, Snapshot, input};
use crate::judge::form::FormError;
use crate::judge::policy::{self, Policy};
use crate::judge::vex::Statements;
use crate::model::{Day, Gap, GapKind, RelPath, SourceFile};
use crate::read::vex::{self, Vex};
use crate::read::{ReadError, ReadErrorKind};
use std::path::Path;

/// The largest document that is read, in bytes: a hundred thousand statements have half of it.
pub(super) const LARGEST: u64 = 64 << 20;

/// Those that a policy names, as a snapshot has them. What is not there or cannot be read is an error, for somebody counts
/// on it.
pub(super) fn of_policy(snapshot: &dyn Snapshot, policy: &Policy) -> Result<Vec<Vex>, RunError> {
    let named = policy.advisories.vex.iter();
    named
        .map(|(path, line)| {
            let missing = || {
                let policy = RelPath::new(policy::FILE).expect("a plain path");
                let message = format!("the VEX document {path} is not there in the revision whose policy this is");
                FormError::at(&policy, *line, message).with_hint("put the document there, or take it out of `vex`")
            };
            let file = gate::text_within(snapshot, path.as_str(), LARGEST)?.ok_or_else(missing)?;
            vex::read(&file).map_err(RunError::Vex)
        })
        .collect()
}

/// Takes in the operator's own. One of the work tree that the change brings along or alters is the change's word for itself
/// and does not count.
pub(super) fn add(
    statements: &mut Statements,
    project: &Project,
    files: &[String],
    sides: Option<&Sides>,
    today: Day,
) -> Result<(), RunError> {
    for name in files {
        let file = source(project, name)?;
        if let Some(reason) = sides.map_or(Ok(None), |sides| brought(project, name, &file, sides))? {
            let message =
                format!("the VEX document does not count: {reason}; name one that lies outside of the repository, or in the base's policy");
            statements.refuse(Gap { kind: GapKind::UnreadStatement, file: file.path().clone(), line: None, message });
            continue;
        }
        statements.add(vex::read(&file).map_err(RunError::Vex)?, today);
    }
    Ok(())
}

fn source(project: &Project, name: &str) -> Result<SourceFile, RunError> {
    let bytes = input::bytes(&project.folder.join(name), LARGEST)?;
    let last = Path::new(name).file_name().and_then(|last| RelPath::new(last.to_str()?).ok());
    let path = RelPath::new(name).ok().filter(|_| !Path::new(name).is_absolute()).or(last);
    let path = path.unwrap_or_else(|| RelPath::new("vex.json").expect("a plain path"));
    let text = SourceFile::new(path.clone(), bytes);
    text.map_err(|error| RunError::Vex(ReadError::new(&path, Some(error.line()), ReadErrorKind::NotText(error.to_string()))))
}

/// Why a file is the change's own, where it is.
fn brought(project: &Project, name: &str, file: &SourceFile, sides: &Sides) -> Result<Option<&'static str>, RunError> {
    let Revision::Commit(base) = &sides.base else { return Ok(None) };
    let judge = project.commit(sides.judge.as_ref().unwrap_or(base))?;
    let head = gate::head(project, sides)?;
    for path in places(project, name) {
        let is_elsewhere = |path: &RelPath| -> Result<bool, RunError> {
            Ok(head.look_up(path)?.is_some_and(|found| matches!(found.kind, EntryKind::Submodule | EntryKind::Symlink)))
        };
        if around(&path).try_fold(false, |any, path| Ok::<_, RunError>(any || is_elsewhere(&path)?))? {
            return Ok(Some("it lies in a submodule, or behind a symlink of the repository"));
        }
        if head.look_up(&path)?.is_none() {
            continue;
        }
        let before = judge.look_up(&path)?.filter(|found| found.kind == EntryKind::File);
        let before = before.map(|found| judge.read(&found, LARGEST)).transpose()?;
        let before = before.and_then(|bytes| SourceFile::new(path.clone(), bytes).ok());
        if before.is_none_or(|before| before.text() != file.text()) {
            return Ok(Some("this change brings it along or alters it"));
        }
    }
    Ok(None)
}

/// Where in the repository a file lies: as it is named, and where that leads to.
fn places(project: &Project, name: &str) -> Vec<RelPath> {
    let Ok(top) = project.top().canonicalize() else { return Vec::new() };
    let given = project.folder.join(name);
    // The folder is real, the file's own name is as it was given.
    let named = given.parent().and_then(|folder| folder.canonicalize().ok()).zip(given.file_name()).map(|(folder, last)| folder.join(last));
    let below = |path: &Path| RelPath::new(path.strip_prefix(&top).ok()?.to_str()?).ok();
    let mut found: Vec<RelPath> = [named, given.canonicalize().ok()].into_iter().flatten().filter_map(|path| below(&path)).collect();
    // As git would have it, where the way there leads through a symlink.
    found.extend(RelPath::new(&format!("{}/{name}", project.place())).ok());
    found.extend(RelPath::new(name).ok().filter(|_| project.place() == RelPath::root()));
    // Of the work tree that it lies in, which can be another one of the same repository.
    let real = given.canonicalize().ok();
    let tops = real.iter().flat_map(|real| real.ancestors().skip(1)).filter(|folder| folder.join(".git").exists());
    let within = |top: &Path| RelPath::new(real.as_ref()?.strip_prefix(top).ok()?.to_str()?).ok();
    found.extend(tops.filter_map(within));
    found.sort();
    found.dedup();
    found
}

/// A path, and each folder that it lies in.
fn around(path: &RelPath) -> impl Iterator<Item = RelPath> + '_ {
    let ends = path.as_str().match_indices('/').map(|(at, _)| at).chain([path.as_str().len()]);
    ends.filter_map(|end| RelPath::new(&path.as_str()[..end]).ok())
}
