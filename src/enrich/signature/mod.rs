//! Whether a commit's signature is good: it is of the commit's bytes, and by a key that is known; and signatures of
//! bytes as they are, made and checked. Everything here works on bytes and lists that are handed in. What is not understood is never called good, and never bad either:
//! it is not checked, with its reason.

mod allowed;
mod armor;
mod crypto;
mod openpgp;
mod private;
mod ssh;

pub use allowed::{AllowedSigners, NotSigned, Signatory};
pub use openpgp::Keyring;
pub use private::{PrivateKey, PrivateKeyError};

use super::Fact;
use crate::model::{Moment, Signature, SignatureState, Signed, SignedBytes};

/// Where a repository keeps the keys of those whose signatures count there: OpenSSH's list of allowed signers, and
/// OpenPGP certificates, armored.
pub const SIGNERS_FILE: &str = ".sbomgate/allowed_signers";
pub const OPENPGP_FILE: &str = ".sbomgate/openpgp-keys.asc";

/// Bytes of a signature that are read; one of OpenSSH has some hundred.
const MOST_BYTES: usize = 64 << 10;

/// The keys that somebody knows, or why there are none.
#[derive(Debug)]
pub struct Keys {
    pub ssh: Fact<AllowedSigners>,
    pub openpgp: Fact<Keyring>,
}

/// Checks a signature of this kind. `committed` is when the commit says that it was made: git holds an SSH key's time
/// against it.
pub fn check(kind: Signed, signed: &SignedBytes, committed: Moment, keys: &Keys) -> Signature {
    match kind {
        _ if signed.signature.len() > MOST_BYTES => {
            Signature::not(kind, SignatureState::NotChecked, "the signature is longer than is read")
        }
        Signed::Ssh => ssh::check(signed, committed, &keys.ssh),
        Signed::OpenPgp => openpgp::check(signed, &keys.openpgp),
        other => Signature::of(other),
    }
}
