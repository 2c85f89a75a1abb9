//! What can go wrong between a revision's text and a commit, told for the person who wrote it.

use crate::model::text::{quoted, visible};
use std::path::PathBuf;

/// Fields named `text` are already quoted, `detail` already made visible: both come from outside.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("{}: {source}", path.display())]
    Start { path: PathBuf, source: std::io::Error },
    #[error("{}: the folder's name is not UTF-8", .0.display())]
    FolderName(PathBuf),
    #[error("{}: the git repository cannot be opened: {detail}", path.display())]
    Open { path: PathBuf, detail: String },
    #[error("the git repository uses {0}, which sbomgate does not read")]
    Unsupported(&'static str),
    #[error("the git index cannot be read: {0}")]
    Index(String),
    #[error("the git index is a sparse one, which names folders in place of their files")]
    SparseIndex,
    #[error("the revision {text} is not known")]
    UnknownRevision { text: String, suggestions: Vec<String>, shallow: bool },
    #[error("the revision {text} fits several objects: {}", candidates.join(", "))]
    Ambiguous { text: String, candidates: Vec<String> },
    #[error("the revision {text} does not lead to a commit: {detail}")]
    Unresolved { text: String, detail: String, hint: &'static str },
    #[error("the revision {text} names a {kind}, not a commit")]
    NotACommit { text: String, kind: String },
    #[error("{text} does not name one revision")]
    NotOneRevision { text: String },
    #[error("a revision is empty")]
    EmptyRevision,
    #[error("the revision {text} begins with a dash")]
    LeadingDash { text: String },
    #[error("the repository has no commit yet")]
    NoCommit,
    #[error("{text} lies beyond the history that this shallow clone has")]
    HistoryCut { text: String },
    #[error("{base} and {head} have no common ancestor")]
    NoCommonAncestor { base: String, head: String },
    #[error("the commit {object} of {text} is missing from the repository")]
    MissingCommit { text: String, object: String },
    #[error("the commit {text} is larger than the {limit} bytes that are read")]
    CommitTooLarge { text: String, limit: u64 },
    #[error("the history of {text} cannot be read: {detail}")]
    Corrupt { text: String, detail: String },
    #[error("the range has more than {limit} commits")]
    LongRange { limit: usize },
    #[error("{text} alone compares a revision with the work tree, and a bare repository has none")]
    NoWorkTree { text: String },
}

impl GitError {
    pub(super) fn corrupt(text: &str, error: &gix::Error) -> Self {
        GitError::Corrupt { text: quoted(text), detail: detail(error) }
    }

    /// What mends it.
    pub fn hint(&self) -> String {
        match self {
            GitError::UnknownRevision { suggestions, shallow, .. } => unknown_hint(suggestions, *shallow),
            GitError::Unresolved { hint, .. } => (*hint).into(),
            other => other.fixed_hint().into(),
        }
    }

    fn fixed_hint(&self) -> &'static str {
        match self {
            GitError::Start { .. } => "name a folder that exists and is readable",
            GitError::FolderName(_) => "start from the top of the work tree",
            GitError::Open { .. } => "see what `git status` says there",
            GitError::Unsupported(_) => "`git refs migrate --ref-format=files` changes it",
            GitError::Index(_) => "`rm .git/index && git reset` writes it anew",
            GitError::SparseIndex => "`git sparse-checkout reapply --no-sparse-index` writes every file into it",
            GitError::Ambiguous { .. } => "write more digits of the id, or a full name such as refs/heads/main",
            GitError::NotACommit { .. } => "name a commit, a tag or a branch",
            GitError::NotOneRevision { .. } | GitError::EmptyRevision => "write BASE..HEAD, BASE...HEAD or one revision",
            GitError::LeadingDash { .. } => "options stand before the revision; a ref of that name can be written refs/heads/-name",
            GitError::NoCommit => "commit first; `sbomgate check` judges the work tree as it is",
            GitError::HistoryCut { .. } => "run `git fetch --unshallow` (actions/checkout: `fetch-depth: 0`)",
            GitError::NoCommonAncestor { .. } => "write BASE..HEAD with two dots to compare the two as they are",
            GitError::CommitTooLarge { .. } => {
                "no tool writes such a commit: see what `git cat-file -s` says of it, and leave it out of the range"
            }
            GitError::LongRange { .. } => "name a base that is nearer to the head",
            GitError::NoWorkTree { .. } => "write BASE..HEAD",
            _ => "the repository is damaged: `git fsck` tells more; fetch again or clone it again",
        }
    }
}

fn unknown_hint(suggestions: &[String], shallow: bool) -> String {
    let meant = suggestions.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" or ");
    match (meant.as_str(), shallow) {
        ("", true) => "this is a shallow clone: run `git fetch --unshallow`, and fetch the branch that holds it".into(),
        ("", false) => "`git fetch` may bring it".into(),
        (meant, _) => format!("did you mean {meant}?"),
    }
}

/// The deepest message of a gix error, which is the one that says what was wrong.
pub(super) fn detail(error: &gix::Error) -> String {
    visible(&error.probable_cause().to_string()).into_owned()
}
