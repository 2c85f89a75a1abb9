//! Public keys and the check of a signature by one, as `ring` does it: RSA of 2048 to 8192 bits (PKCS #1 v1.5), ECDSA
//! on P-256 with SHA-256 and on P-384 with SHA-384, Ed25519. Anything else is told from a signature that is wrong.

use ring::digest;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use std::fmt;

/// A hash function that a signature may rest on. SHA-1 and MD5 are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// A key that signatures are checked by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// Big-endian numbers.
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// 32 bytes (RFC 8032).
    Ed25519(Vec<u8>),
    /// A point, uncompressed (SEC 1, 2.3.3).
    P256(Vec<u8>),
    P384(Vec<u8>),
}

/// Why a signature is not by a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is of other bytes, or by another key.
    Wrong,
    /// It is not checked, for this reason.
    NotChecked(String),
}

const FEWEST_BITS: usize = 2048;
const MOST_BITS: usize = 8192;

impl Hash {
    pub(super) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(match self {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hash::Sha256 => "SHA-256",
            Hash::Sha384 => "SHA-384",
            Hash::Sha512 => "SHA-512",
        })
    }
}

impl PublicKey {
    /// Whether the numbers of a signature (one of RSA; r and s of the others) are of the message by this key. Ed25519
    /// hashes by itself, so `hash` says nothing to it.
    pub(super) fn verify(&self, hash: Hash, message: &[u8], numbers: &[&[u8]]) -> Result<(), Refused> {
        match (self, hash) {
            (PublicKey::Rsa { modulus, exponent }, _) => rsa(modulus, exponent, hash, message, numbers),
            (PublicKey::Ed25519(point), _) => by(&signature::ED25519, point, message, &joined(numbers, 2, 32)?),
            (PublicKey::P256(point), Hash::Sha256) => by(&signature::ECDSA_P256_SHA256_FIXED, point, message, &joined(numbers, 2, 32)?),
            (PublicKey::P384(point), Hash::Sha384) => by(&signature::ECDSA_P384_SHA384_FIXED, point, message, &joined(numbers, 2, 48)?),
            (PublicKey::P256(_), _) => Err(Refused::NotChecked(format!("signatures on P-256 with {hash} are not checked"))),
            (PublicKey::P384(_), _) => Err(Refused::NotChecked(format!("signatures on P-384 with {hash} are not checked"))),
        }
    }
}

fn by(algorithm: &'static dyn signature::VerificationAlgorithm, point: &[u8], message: &[u8], numbers: &[u8]) -> Result<(), Refused> {
    UnparsedPublicKey::new(algorithm, point).verify(message, numbers).map_err(|_| Refused::Wrong)
}

fn rsa(modulus: &[u8], exponent: &[u8], hash: Hash, message: &[u8], numbers: &[&[u8]]) -> Result<(), Refused> {
    let (modulus, exponent) = (stripped(modulus), stripped(exponent));
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if !(FEWEST_BITS..=MOST_BITS).contains(&bits) {
        return Err(Refused::NotChecked(format!("RSA keys of {bits} bits are not checked: {FEWEST_BITS} to {MOST_BITS} are")));
    }
    let algorithm = match hash {
        Hash::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Hash::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
    };
    let number = joined(numbers, 1, modulus.len())?;
    RsaPublicKeyComponents { n: modulus, e: exponent }.verify(algorithm, message, &number).map_err(|_| Refused::Wrong)
}

/// So many numbers, each in so many bytes: they are written without zeros in front, or with one.
fn joined(numbers: &[&[u8]], count: usize, width: usize) -> Result<Vec<u8>, Refused> {
    let mut joined = Vec::with_capacity(count * width);
    for number in numbers.iter().map(|number| stripped(number)) {
        joined.resize(joined.len() + width.checked_sub(number.len()).ok_or(Refused::Wrong)?, 0);
        joined.extend_from_slice(number);
    }
    if numbers.len() == count { Ok(joined) } else { Err(Refused::Wrong) }
}

fn stripped(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
