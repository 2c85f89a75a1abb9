//! A git repository, read through gix: revisions to commits, commits to snapshots. gix appears in
//! this folder (and, for the index, in `work_tree`) and nowhere else.
//!
//! Nothing that is read of commits and trees depends on the machine: no configuration but the repository's
//! own counts and no `GIT_*` variable (`identity` alone asks the machine, for who the user is), and
//! `refs/replace` and grafts are left aside, since a local replacement would
//! show other content than the commit id vouches for. Nothing of a configuration is ever run, so a
//! repository that another user owns (a container's mount) is opened without git's `safe.directory`.

mod commits;
mod error;
pub mod history;
mod identity;
mod notes;
mod revision;
mod suggest;
mod tree;

pub use commits::{BranchTip, Cut, Walked};
pub use error::GitError;
pub use history::History;
pub use notes::{Note, Notes};
use revision::commit_id;
pub use revision::{End, Range};
pub use tree::CommitSnapshot;
pub(super) use tree::read_blob;

use super::work_tree::WorkTree;
use crate::model::{CommitId, RelPath, text};
use gix::discover::upwards;
use gix::sec::Trust;
use std::path::{Path, PathBuf};

/// Commits and trees that were decoded once; history asks for the same ones again.
const OBJECT_CACHE_BYTES: usize = 16 << 20;

/// A repository on this machine: a work tree's, a linked work tree's, or a bare one.
pub struct Repository {
    git: gix::Repository,
    work_tree: Option<PathBuf>,
    folder: RelPath,
    shallow: bool,
}

impl Repository {
    /// The repository that holds `start` (a folder), here or above on the same file system; `None`
    /// when there is none. A folder or file named `.git` that is no repository is passed by, as git does.
    pub fn discover(start: &Path) -> Result<Option<Repository>, GitError> {
        let start = canonical_folder(start)?;
        let search = upwards::Options { trust: upwards::TrustPolicy::Assume(Trust::Full), ..Default::default() };
        let options = gix::sec::trust::Mapping { full: isolated(), reduced: isolated() };
        match gix::ThreadSafeRepository::discover_opts(&start, search, options) {
            Ok(found) => Repository::opened(found.to_thread_local(), &start).map(Some),
            Err(error) if error.downcast_any_ref::<upwards::Error>().is_some() => Ok(None),
            Err(error) => Err(GitError::Open { path: start, detail: error::detail(&error) }),
        }
    }

    fn opened(mut git: gix::Repository, start: &Path) -> Result<Repository, GitError> {
        let open_error = |detail: String| GitError::Open { path: start.into(), detail };
        if git.config_snapshot().string("extensions.refstorage").is_some_and(|kind| **kind != b"files"[..]) {
            return Err(GitError::Unsupported("a reference storage other than `files` (reftable)"));
        }
        git.object_cache_size(OBJECT_CACHE_BYTES);
        let shallow = git.is_shallow().map_err(|error| open_error(error::detail(&error)))?;
        let work_tree = git.workdir().map(Path::canonicalize).transpose().map_err(|error| open_error(error.to_string()))?;
        let folder = match work_tree.as_deref().and_then(|top| start.strip_prefix(top).ok()) {
            Some(below) if !start.starts_with(git.git_dir()) => rel_path(below).ok_or_else(|| GitError::FolderName(start.into()))?,
            _ => RelPath::root(),
        };
        Ok(Repository { git, work_tree, folder, shallow })
    }

    /// The top folder of the work tree, absolute and without symlinks; `None` for a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// Where `discover` started, as seen from the top of the work tree; the top itself where that
    /// does not lie in the work tree.
    pub fn folder(&self) -> &RelPath {
        &self.folder
    }

    /// Whether the history was cut off (`git clone --depth`).
    pub fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// The committer's time of a commit, in seconds since 1970-01-01 UTC.
    pub fn commit_time(&self, id: &CommitId) -> Result<i64, GitError> {
        let commit = self.commit(self.object_id(id)?, id.as_str())?;
        let time = commit.time().map_err(|error| GitError::corrupt(id.as_str(), &error))?;
        Ok(time.seconds)
    }

    /// The files of a commit.
    pub fn snapshot(&self, id: &CommitId) -> Result<CommitSnapshot<'_>, GitError> {
        let commit = self.commit(self.object_id(id)?, id.as_str())?;
        let tree = commit.tree_id().map_err(|error| GitError::corrupt(id.as_str(), &error))?;
        Ok(CommitSnapshot::new(&self.git, tree.detach()))
    }

    /// The files of the work tree, with the index as it is now; `None` for a bare repository.
    pub fn work_tree_snapshot(&self) -> Result<Option<WorkTree>, GitError> {
        let Some(top) = &self.work_tree else { return Ok(None) };
        let index = self.git.index_or_load_from_head_or_empty().map_err(|error| GitError::Index(error::detail(&error)))?;
        let entries: &gix::index::State = &index;
        if entries.is_sparse() {
            return Err(GitError::SparseIndex);
        }
        Ok(Some(WorkTree::of_repository(top, index, &self.git)))
    }

    fn object_id(&self, id: &CommitId) -> Result<gix::ObjectId, GitError> {
        // An id of the other hash function cannot be in this repository.
        let id = gix::ObjectId::from_hex(id.as_str().as_bytes()).ok().filter(|found| found.kind() == self.git.object_hash()).ok_or(id);
        id.map_err(|id| GitError::MissingCommit { text: text::quoted(id.as_str()), object: id.to_string() })
    }

    /// The commit that `id` is, tags peeled; `text` is what the user called it.
    fn commit(&self, id: gix::ObjectId, text: &str) -> Result<gix::Commit<'_>, GitError> {
        let missing = || match self.shallow {
            true => GitError::HistoryCut { text: text::quoted(text) },
            false => GitError::MissingCommit { text: text::quoted(text), object: id.to_string() },
        };
        let failed = |error: gix::Error| if error.is_not_found() { missing() } else { GitError::corrupt(text, &error) };
        let object = self.git.find_object(id).and_then(gix::Object::peel_tags_to_end).map_err(failed)?;
        let kind = object.kind;
        object.try_into_commit().map_err(|_| GitError::NotACommit { text: text::quoted(text), kind: kind.to_string() })
    }
}

fn isolated() -> gix::open::Options {
    let overrides = ["core.useReplaceRefs=false", "gitoxide.objects.allocLimit=1g"];
    gix::open::Options::isolated().filter_config_section(|_| true).config_overrides(overrides)
}

fn canonical_folder(start: &Path) -> Result<PathBuf, GitError> {
    let error = |source| GitError::Start { path: start.into(), source };
    let folder = start.canonicalize().map_err(error)?;
    if folder.is_dir() { Ok(folder) } else { Err(error(std::io::ErrorKind::NotADirectory.into())) }
}

fn rel_path(below: &Path) -> Option<RelPath> {
    let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
    RelPath::new(&names?.join("/")).ok()
}
