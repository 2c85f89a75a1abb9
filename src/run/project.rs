//! The folder a command was called for: a git repository or a plain folder.

use super::acquire::Discovered;
use super::progress::{Progress, Silent};
use super::{Inventory, RunError, Selection, Target, acquire, settings};
use crate::edge::{CommitSnapshot, Repository, Snapshot, WorkTree};
use crate::model::{CommitId, RelPath};
use crate::read::settings::ChangedSettings;
use std::path::{Path, PathBuf};

/// What is read of the settings beside the lockfiles of a snapshot.
type OfSettings<'o> = dyn Fn(&dyn Snapshot, &Discovered) -> Result<Vec<ChangedSettings>, RunError> + 'o;

/// A repository, or a folder that is in none.
pub struct Project {
    repository: Option<Repository>,
    pub(super) folder: PathBuf,
    progress: Box<dyn Progress>,
}

impl Project {
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        Ok(Project { repository: Repository::discover(folder)?, folder: folder.into(), progress: Box::new(Silent) })
    }

    /// The same, with somebody who is told how far reading has come.
    pub fn watched_by(self, progress: Box<dyn Progress>) -> Self {
        Project { progress, ..self }
    }

    pub(super) fn progress(&self) -> &dyn Progress {
        &*self.progress
    }

    pub fn repository(&self, command: &'static str) -> Result<&Repository, RunError> {
        self.repository.as_ref().ok_or(RunError::NoRepository(command))
    }

    /// Where the command was called, as seen from the top.
    pub fn place(&self) -> RelPath {
        self.repository.as_ref().map_or_else(RelPath::root, |repository| repository.folder().clone())
    }

    /// The name of the top folder, for a document about the whole.
    pub fn name(&self) -> String {
        let top = self.repository.as_ref().and_then(Repository::work_tree).map(Path::to_owned);
        let top = top.or_else(|| self.folder.canonicalize().ok()).unwrap_or_else(|| self.folder.clone());
        let name = top.file_name().map(|name| name.to_string_lossy().trim_end_matches(".git").to_owned());
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| "repository".into())
    }

    /// Where the work tree begins on the disk, or the plain folder.
    pub(super) fn top(&self) -> PathBuf {
        let top = self.repository.as_ref().and_then(Repository::work_tree);
        top.map_or_else(|| self.folder.clone(), Path::to_owned)
    }

    /// The work tree, or the plain folder.
    pub fn work_tree(&self) -> Result<WorkTree, RunError> {
        match &self.repository {
            None => Ok(WorkTree::without_repository(&self.folder)),
            Some(repository) => repository.work_tree_snapshot()?.ok_or(RunError::NoRepository("a bare repository has no work tree")),
        }
    }

    pub fn commit(&self, id: &CommitId) -> Result<CommitSnapshot<'_>, RunError> {
        Ok(self.repository("a revision")?.snapshot(id)?)
    }

    /// Reads the lockfiles of a revision, of the work tree when none is named; of a bare
    /// repository HEAD; or one file. The commit is returned where there is one.
    pub fn read(&self, target: Option<Target<'_>>, selection: &Selection) -> Result<(Inventory, Option<CommitId>), RunError> {
        self.read_by(target, selection, &|_, _| Ok(Vec::new()))
    }

    /// The same, with the settings of package managers that lie beside the lockfiles.
    pub fn read_with_settings(&self, target: Option<Target<'_>>, selection: &Selection) -> Result<(Inventory, Option<CommitId>), RunError> {
        self.read_by(target, selection, &|snapshot, found| settings::of_project(snapshot, found, selection))
    }

    fn read_by(
        &self,
        target: Option<Target<'_>>,
        selection: &Selection,
        settings: &OfSettings<'_>,
    ) -> Result<(Inventory, Option<CommitId>), RunError> {
        let revision = match target {
            Some(Target::File(file)) if selection.is_default() => return Ok((self.read_file(file)?, None)),
            Some(Target::File(file)) => return Err(RunError::SelectionOfFile(file.to_owned())),
            Some(Target::Revision(revision)) => Some(revision),
            None => None,
        };
        let bare = self.repository.as_ref().is_some_and(|repository| repository.work_tree().is_none());
        match revision.or(bare.then_some("HEAD")) {
            None => Ok((self.all_of(&self.work_tree()?, selection, settings)?, None)),
            Some(revision) => {
                let id = self.repository("a revision")?.resolve(revision)?;
                Ok((self.all_of(&self.commit(&id)?, selection, settings)?, Some(id)))
            }
        }
    }

    fn all_of(&self, snapshot: &dyn Snapshot, selection: &Selection, settings: &OfSettings<'_>) -> Result<Inventory, RunError> {
        let found = acquire::discover(snapshot, selection)?;
        if let Some(missing) = selection.lockfiles.iter().find(|path| !found.lockfiles.contains_key(*path)) {
            return Err(RunError::NoSuchLockfile(missing.clone()));
        }
        let settings = settings(snapshot, &found)?;
        Ok(Inventory { settings, ..acquire::read(snapshot, &found, &|_| true, self.progress()) })
    }
}
