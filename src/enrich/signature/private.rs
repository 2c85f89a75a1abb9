//! Ed25519 private keys: OpenSSH's own form (PROTOCOL.key) without a passphrase, and PKCS #8 (RFC 8410). Nothing of
//! one is ever shown but its fingerprint.

use super::armor;
use super::ssh::{Wire, fingerprint};
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::fmt;

const MAGIC: &[u8] = b"openssh-key-v1\0";
const KIND: &[u8] = b"ssh-ed25519";

/// A key that signs.
pub struct PrivateKey(Ed25519KeyPair);

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum PrivateKeyError {
    #[error("the private key has a passphrase, and none is asked for")]
    Passphrase,
    #[error("the private key is of another kind than Ed25519")]
    Kind,
    #[error("it is no private key in OpenSSH's form or PKCS #8")]
    Form,
    #[error("the private key is damaged")]
    Damaged,
}

impl PrivateKeyError {
    /// What mends it.
    pub fn hint(self) -> &'static str {
        match self {
            PrivateKeyError::Passphrase => {
                "make a key for this use (`ssh-keygen -t ed25519 -N '' -f FILE`), or write --statement FILE and have it signed by a tool that asks"
            }
            _ => "name a file that `ssh-keygen -t ed25519 -N '' -f FILE` wrote",
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.fingerprint())
    }
}

impl PrivateKey {
    /// Reads the text of a key file.
    pub fn parse(text: &[u8]) -> Result<PrivateKey, PrivateKeyError> {
        if let Some(bytes) = armor::one(text, "PRIVATE KEY", false) {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes);
            return pair.map(PrivateKey).map_err(|_| PrivateKeyError::Kind);
        }
        let is_encrypted = armor::one(text, "ENCRYPTED PRIVATE KEY", false).is_some();
        let bytes = armor::one(text, "OPENSSH PRIVATE KEY", false);
        match bytes.as_deref().and_then(|bytes| bytes.strip_prefix(MAGIC)) {
            Some(bytes) => openssh(bytes),
            None if is_encrypted => Err(PrivateKeyError::Passphrase),
            None => Err(PrivateKeyError::Form),
        }
    }

    /// Of the bytes as they are (RFC 8032): 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    /// As `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> String {
        fingerprint(&public_blob(self.0.public_key().as_ref()))
    }
}

/// A public key as SSH writes it (RFC 8709, section 4).
fn public_blob(point: &[u8]) -> Vec<u8> {
    [&(KIND.len() as u32).to_be_bytes(), KIND, &(point.len() as u32).to_be_bytes(), point].concat()
}

fn openssh(bytes: &[u8]) -> Result<PrivateKey, PrivateKeyError> {
    let mut wire = Wire(bytes);
    let mut text = || wire.text().ok_or(PrivateKeyError::Damaged);
    let (cipher, function, options) = (text()?, text()?, text()?);
    if (cipher, function, options) != (b"none", b"none", b"") {
        return Err(PrivateKeyError::Passphrase);
    }
    let is_one = wire.number() == Some(1);
    let (public, private) = wire.text().zip(wire.text()).ok_or(PrivateKeyError::Damaged)?;
    wire.end().filter(|()| is_one).ok_or(PrivateKeyError::Damaged)?;
    if super::ssh::kind(public) != Some(KIND) {
        return Err(PrivateKeyError::Kind);
    }
    section(private, public).ok_or(PrivateKeyError::Damaged)
}

/// What would be encrypted: a number twice, the key once more in full, a comment, and bytes that count from one.
fn section(bytes: &[u8], public: &[u8]) -> Option<PrivateKey> {
    let mut wire = Wire(bytes);
    let is_whole = wire.number()? == wire.number()?;
    let (kind, point, secret, _comment) = (wire.text()?, wire.text()?, wire.text()?, wire.text()?);
    let (seed, again) = secret.split_at_checked(32)?;
    let is_padded = wire.0.len() < 8 && wire.0.iter().zip(1u8..).all(|(found, expected)| *found == expected);
    let agrees = kind == KIND && again == point && public_blob(point) == public;
    let pair = Ed25519KeyPair::from_seed_and_public_key(seed, point).ok()?;
    (is_whole && is_padded && agrees && bytes.len().is_multiple_of(8)).then_some(PrivateKey(pair))
}
