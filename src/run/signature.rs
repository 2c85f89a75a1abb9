//! Whether the signatures of commits are good, by the user's own list of allowed signers.

use crate::edge::{Repository, signers};
use crate::enrich::Fact;
use crate::enrich::signature::{AllowedSigners, check};
use crate::model::{CommitRecord, Signature, SignatureState, Signed};
use std::cell::OnceCell;

/// Looks at signatures; the list is read when the first one asks for it.
pub struct Signatures<'r> {
    repository: &'r Repository,
    allowed: OnceCell<Fact<AllowedSigners>>,
}

impl<'r> Signatures<'r> {
    pub fn new(repository: &'r Repository) -> Self {
        Signatures { repository, allowed: OnceCell::new() }
    }

    /// The commit, with what its signature is worth. Of other kinds than SSH's it stays that nobody looked.
    pub fn checked(&self, commit: CommitRecord) -> CommitRecord {
        if commit.signature.kind != Signed::Ssh {
            return commit;
        }
        let not = |reason: String| Signature::not(Signed::Ssh, SignatureState::NotChecked, reason);
        let signature = match self.repository.signed_bytes(&commit.id) {
            Ok(Some(signed)) => check(&signed, commit.committed, self.allowed.get_or_init(|| self.read())),
            Ok(None) => not("it is of the other hash function".into()),
            Err(reason) => not(reason),
        };
        CommitRecord { signature, ..commit }
    }

    fn read(&self) -> Fact<AllowedSigners> {
        match signers::allowed(self.repository.work_tree()) {
            Ok(text) => Fact::Known(AllowedSigners::parse(&text)),
            Err(reason) => Fact::Unknown(reason),
        }
    }
}
