//! Whether the signatures of commits are good: by the user's own keys, and by those of a range's base.
//!
//! What a revision itself brings never vouches for it, so a commit that is named alone is checked by the user's own
//! keys. The gate counts the base's alone: a verdict is the same on every machine.

use super::RunError;
use super::gate;
use crate::edge::{Repository, input, signers};
use crate::enrich::Fact;
use crate::enrich::signature::{AllowedSigners, Keyring, Keys, OPENPGP_FILE, SIGNERS_FILE, check};
use crate::model::{CommitId, CommitRecord, Signature, SignatureState, Signed};
use std::cell::OnceCell;
use std::path::PathBuf;

/// Keys that the user names, beside the list of allowed signers of their git configuration.
#[derive(Debug, Default)]
pub struct UserKeys {
    openpgp: Option<Keyring>,
}

impl UserKeys {
    /// Reads files of OpenPGP keys, armored or not.
    pub fn read(files: &[PathBuf]) -> Result<UserKeys, RunError> {
        let mut keys = UserKeys::default();
        for file in files {
            let ring = Keyring::parse(&input::bytes(file, gate::LARGEST)?);
            let ring = ring.map_err(|message| RunError::OpenPgpKeys { file: file.clone(), message })?;
            keys.openpgp.get_or_insert_default().extend(ring);
        }
        Ok(keys)
    }
}

/// Looks at signatures; lists are read when the first one asks for them.
pub struct Signatures<'r> {
    repository: &'r Repository,
    user: Option<&'r UserKeys>,
    base: Option<CommitId>,
    /// The user's, and the base's.
    keys: OnceCell<Vec<Keys>>,
}

impl<'r> Signatures<'r> {
    /// By the keys of the user and, of a range, of its base.
    pub fn new(repository: &'r Repository, user: &'r UserKeys, base: Option<CommitId>) -> Self {
        Signatures { repository, user: Some(user), base, keys: OnceCell::new() }
    }

    /// By the keys of a base alone.
    pub fn of_base(repository: &'r Repository, base: &CommitId) -> Self {
        Signatures { repository, user: None, base: Some(base.clone()), keys: OnceCell::new() }
    }

    /// The commit, with what its signature is worth. Of other kinds than SSH's and OpenPGP's it stays that nobody looked.
    pub fn checked(&self, commit: CommitRecord) -> CommitRecord {
        let kind = commit.signature.kind;
        if !matches!(kind, Signed::Ssh | Signed::OpenPgp) {
            return commit;
        }
        let not = |reason: String| Signature::not(kind, SignatureState::NotChecked, reason);
        let signature = match self.repository.signed_bytes(&commit.id) {
            Ok(Some(signed)) => {
                let keys = self.keys.get_or_init(|| self.read());
                let found = keys.iter().map(|keys| check(kind, &signed, commit.committed, keys));
                found.min_by_key(|signature| rank(signature.state)).unwrap_or_else(|| not("nobody's keys are known".into()))
            }
            Ok(None) => not("it is of the other hash function".into()),
            Err(reason) => not(reason),
        };
        CommitRecord { signature, ..commit }
    }

    fn read(&self) -> Vec<Keys> {
        let list = self.user.map(|user| (user, signers::allowed(self.repository.work_tree())));
        let unfollowed = list.as_ref().and_then(|(_, list)| list.as_ref().err().cloned());
        // The base's come first: of two reasons why a signature is not checked theirs is told.
        let of_base = self.base.as_ref().map(|base| self.of_revision(base));
        // Who keeps a list of revoked keys, or one that cannot be read, is not told that an SSH key is good.
        let of_base = of_base.map(|of_base| Keys { ssh: unfollowed.map_or(of_base.ssh, Fact::Unknown), openpgp: of_base.openpgp });
        of_base.into_iter().chain(list.map(|(user, list)| of_user(user, list))).collect()
    }

    fn of_revision(&self, revision: &CommitId) -> Keys {
        let snapshot = self.repository.snapshot(revision).map_err(|error| error.to_string());
        let text = |path: &str| {
            let snapshot = snapshot.as_ref().map_err(Clone::clone)?;
            let file = gate::text(snapshot, path).map_err(|error| error.to_string())?;
            file.ok_or_else(|| format!("{} has no {path}", revision.short()))
        };
        let keyring = |path: &str| Keyring::parse(text(path)?.text().as_bytes()).map_err(|error| format!("{path}: {error}"));
        Keys { ssh: fact(text(SIGNERS_FILE).map(|file| AllowedSigners::parse(file.text()))), openpgp: fact(keyring(OPENPGP_FILE)) }
    }
}

fn of_user(user: &UserKeys, list: Result<Option<String>, String>) -> Keys {
    let none = "the user's git configuration has no gpg.ssh.allowedSignersFile";
    let ssh = list.and_then(|text| text.map(|text| AllowedSigners::parse(&text)).ok_or_else(|| none.to_owned()));
    let openpgp = user.openpgp.clone().ok_or_else(|| "no file of OpenPGP keys is named (--openpgp-keys)".to_owned());
    Keys { ssh: fact(ssh), openpgp: fact(openpgp) }
}

fn fact<T>(result: Result<T, String>) -> Fact<T> {
    result.map_or_else(Fact::Unknown, Fact::Known)
}

/// Which answer counts of several people's: what speaks against a signature first, then what speaks for it, then the
/// reason that says most.
fn rank(state: SignatureState) -> u8 {
    match state {
        SignatureState::Bad => 0,
        SignatureState::Revoked => 1,
        SignatureState::Good => 2,
        SignatureState::Expired => 3,
        SignatureState::NotChecked => 4,
        SignatureState::UnknownKey | SignatureState::None => 5,
    }
}
