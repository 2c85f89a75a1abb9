//! The world outside: git objects, the work tree, the clock, files that are written. Everything
//! that this program reads from a repository goes through [`Snapshot`]; nothing here runs git, a
//! hook or a command from a configuration, and nothing here needs a checkout. Imported by `run` alone.

#![allow(clippy::disallowed_methods, reason = "this is where effects have their place")]

pub mod archive;
pub mod ci;
pub mod clock;
pub mod files;
pub mod git;
pub mod http;
pub mod input;
pub mod output;
mod path_buffer;
pub mod signers;
pub mod snapshot;
mod tar;
pub mod user;
pub mod work_tree;

pub use git::{BranchTip, CommitSnapshot, Cut, End, GitError, History, Note, Notes, Range, Repository, Walked};
pub use snapshot::{ContentId, EntryKind, Found, Nothing, Query, Snapshot, SnapshotError};
pub use work_tree::WorkTree;
