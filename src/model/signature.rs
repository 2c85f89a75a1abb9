//! The signature of a commit, and what it covers. It says who made the commit object, not who wrote the change.

use super::commit::{CommitId, Signed};
use std::collections::BTreeSet;

/// What is known of a commit's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub kind: Signed,
    pub state: SignatureState,
    /// As whom the list of keys knows the key.
    pub signer: Option<String>,
    /// Mail addresses, in small letters, of those whose key it is; none where it is not good.
    pub addresses: BTreeSet<String>,
    /// The key's fingerprint, as OpenSSH or GnuPG prints it.
    pub key: Option<String>,
    /// Why it is not good.
    pub reason: Option<String>,
}

/// Whether a signature is good. `Good` takes both: the bytes are those that were signed, and the key is one
/// that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureState {
    None,
    Good,
    Bad,
    /// The key is nobody's that is known.
    UnknownKey,
    /// It is of these bytes, and the key was no longer valid.
    Expired,
    /// Its key was revoked, whenever it signed.
    Revoked,
    /// There is one, and it is not of a kind that is checked.
    NotChecked,
}

impl SignatureState {
    pub fn as_str(self) -> &'static str {
        match self {
            SignatureState::None => "none",
            SignatureState::Good => "good",
            SignatureState::Bad => "bad",
            SignatureState::UnknownKey => "unknown-key",
            SignatureState::Expired => "expired",
            SignatureState::Revoked => "revoked",
            SignatureState::NotChecked => "not-checked",
        }
    }
}

impl Signature {
    /// That of a commit at which nobody has looked closer.
    pub fn of(kind: Signed) -> Signature {
        let reason = match kind {
            Signed::No => return Signature { reason: None, ..Signature::not(kind, SignatureState::None, "") },
            Signed::OpenPgp | Signed::Ssh => "nobody asked",
            Signed::X509 => "X.509 signatures are not checked: no certificate store is read",
            Signed::Other => "it is in a form that is not known",
        };
        Signature::not(kind, SignatureState::NotChecked, reason)
    }

    /// One that is not good, for this reason.
    pub fn not(kind: Signed, state: SignatureState, reason: impl Into<String>) -> Signature {
        Signature { kind, state, signer: None, addresses: BTreeSet::new(), key: None, reason: Some(reason.into()) }
    }

    /// One that is good, by a key that is known under this name and is of these people.
    pub fn good(kind: Signed, signer: String, addresses: BTreeSet<String>) -> Signature {
        Signature { kind, state: SignatureState::Good, signer: Some(signer), addresses, key: None, reason: None }
    }
}

/// A signature with the bytes that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBytes {
    pub payload: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Takes a commit object apart as git does (`parse_buffer_signed_by_header` of commit.c): what is signed is the object
/// without its signatures. `None` where it has none for the hash function of the repository; `Err` where it has several.
pub fn parts(id: &CommitId, object: &[u8]) -> Result<Option<SignedBytes>, &'static str> {
    let own = if id.as_str().len() == 64 { &b"gpgsig-sha256"[..] } else { b"gpgsig" };
    let (mut payload, mut signature): (Vec<u8>, Option<Vec<u8>>) = (Vec::with_capacity(object.len()), None);
    let mut inside = None;
    let mut rest = object;
    while !rest.is_empty() && rest[0] != b'\n' {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let (line, below) = rest.split_at(end);
        rest = below;
        let key = line.split(|byte| *byte == b' ').next().unwrap_or_default();
        let value = match (line.strip_prefix(b" "), inside) {
            (Some(more), Some(is_own)) => Some((is_own, more)),
            (Some(_), None) => None,
            (None, _) if key == b"gpgsig" || key == b"gpgsig-sha256" => {
                if key == own && signature.is_some() {
                    return Err("the commit has several signatures");
                }
                Some((key == own, line.get(key.len() + 1..).unwrap_or_default()))
            }
            (None, _) => None,
        };
        inside = value.map(|(is_own, _)| is_own);
        match value {
            Some((true, text)) => signature.get_or_insert_default().extend_from_slice(text),
            Some((false, _)) => {}
            None => payload.extend_from_slice(line),
        }
    }
    payload.extend_from_slice(rest);
    Ok(signature.map(|signature| SignedBytes { payload, signature }))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn what_is_signed_is_the_object_without_its_signatures() {
        let id = "0123456789012345678901234567890123456789".parse().unwrap();
        let object = b"tree 1\nauthor A\ngpgsig -----BEGIN\n x\n  y\ngpgsig-sha256 z\n z\nencoding e\n f\n\ngpgsig no\n more\n";
        let found = parts(&id, object).unwrap().unwrap();
        assert_eq!(found.signature, b"-----BEGIN\nx\n y\n");
        assert_eq!(found.payload, b"tree 1\nauthor A\nencoding e\n f\n\ngpgsig no\n more\n");
        let of_sha256 = "0123456789012345678901234567890123456789012345678901234567890123".parse().unwrap();
        assert_eq!(parts(&of_sha256, object).unwrap().unwrap().signature, b"z\nz\n");
        assert_eq!(parts(&id, b"tree 1\n\ngpgsig x\n"), Ok(None));
        assert!(parts(&id, b"gpgsig a\ntree 1\ngpgsig b\n\n").is_err());
        for object in [&b""[..], b"\n", b" ", b"gpgsig", b"gpgsig ", b" x\ngpgsig\n y"] {
            let _ = parts(&id, object);
        }
    }
}
