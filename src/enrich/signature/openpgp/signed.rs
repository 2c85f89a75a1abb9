//! Signature packets of version 4 (RFC 9580, section 5.2). Only what is signed counts of one, but for hints that prove
//! themselves: which key to try, and the signature of a subkey that is held against that very subkey.

use super::packet::{Bytes, is_of, numbers};
use crate::enrich::signature::crypto::{Hash, PublicKey, Refused};
use std::fmt;

pub(super) const BINARY: u8 = 0x00;

/// Subpackets that are understood here, or change nothing of what a signature is worth (5.2.3.8).
const HARMLESS: [u8; 14] = [4, 7, 11, 12, 21, 22, 23, 24, 25, 26, 28, 30, 34, 39];
const CREATED: u8 = 2;
const SIGNATURE_ENDS: u8 = 3;
const KEY_ENDS: u8 = 9;
const ISSUER: u8 = 16;
const KEY_FLAGS: u8 = 27;
const EMBEDDED: u8 = 32;
const ISSUER_FINGERPRINT: u8 = 33;

/// The key that a signature says it is by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    Fingerprint([u8; 20]),
    /// The end of a fingerprint.
    Id([u8; 8]),
}

#[derive(Debug)]
pub(super) struct SignaturePacket<'a> {
    pub(super) kind: u8,
    pub(super) issuer: Option<Issuer>,
    /// Seconds since 1970-01-01 UTC.
    pub(super) created: Option<i64>,
    /// Seconds from the key's own making to its end.
    pub(super) key_lasts: Option<i64>,
    pub(super) key_flags: Option<u8>,
    /// A signature in the signature.
    pub(super) embedded: Option<&'a [u8]>,
    algorithm: u8,
    hash: u8,
    /// From the version to the last subpacket that is signed.
    signed: &'a [u8],
    numbers: &'a [u8],
    /// What of it is not understood.
    unclear: Option<&'static str>,
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: &[u8] = match self {
            Issuer::Fingerprint(bytes) => bytes,
            Issuer::Id(bytes) => bytes,
        };
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl Issuer {
    /// Whether it may mean the key with this fingerprint.
    pub(super) fn means(&self, fingerprint: &[u8; 20]) -> bool {
        match self {
            Issuer::Fingerprint(own) => own == fingerprint,
            Issuer::Id(id) => fingerprint[12..] == *id,
        }
    }
}

/// The kind of any signature, whatever else is known of it; `None` where its version is unheard of.
pub(super) fn kind_of(body: &[u8]) -> Option<u8> {
    match body {
        [2 | 3, _, kind, ..] | [4..=6, kind, ..] => Some(*kind),
        _ => None,
    }
}

impl<'a> SignaturePacket<'a> {
    /// Reads a packet's body. An error says why it is not read.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, String> {
        match body.first() {
            Some(4) => Self::of_4(body).ok_or_else(|| "the signature is in no form of OpenPGP that is known".into()),
            Some(version) => Err(format!("signatures of version {version} are not checked")),
            None => Err("the signature is empty".into()),
        }
    }

    fn of_4(body: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(body);
        let [_, kind, algorithm, hash] = bytes.take(4)?.try_into().ok()?;
        let length = bytes.number(2)?;
        let told = bytes.take(length)?;
        let signed = &body[..6 + length];
        let length = bytes.number(2)?;
        let hints = bytes.take(length)?;
        bytes.take(2)?;
        let empty = SignaturePacket {
            kind,
            issuer: None,
            created: None,
            key_lasts: None,
            key_flags: None,
            embedded: None,
            algorithm,
            hash,
            signed,
            numbers: bytes.0,
            unclear: None,
        };
        empty.with(told, true)?.with(hints, false)
    }

    /// Takes subpackets in; of those that nobody signed only what proves itself.
    fn with(mut self, subpackets: &'a [u8], is_signed: bool) -> Option<Self> {
        let mut bytes = Bytes(subpackets);
        while !bytes.0.is_empty() {
            let length = bytes.length(255)?;
            let (kind, value) = bytes.take(length)?.split_first()?;
            match (kind & 0x7f, is_signed) {
                (ISSUER_FINGERPRINT, _) if matches!(self.issuer, Some(Issuer::Fingerprint(_))) => {}
                (ISSUER_FINGERPRINT, _) => {
                    let fingerprint = value.strip_prefix(&[4]).and_then(|bytes| bytes.try_into().ok());
                    self.issuer = fingerprint.map(Issuer::Fingerprint).or(self.issuer);
                }
                (ISSUER, _) if self.issuer.is_none() => self.issuer = Some(Issuer::Id(value.try_into().ok()?)),
                (ISSUER, _) => {}
                (EMBEDDED, _) => self.embedded = Some(value),
                (CREATED, true) => self.created = once(self.created, seconds(value)?)?,
                (KEY_ENDS, true) => self.key_lasts = once(self.key_lasts, seconds(value)?)?,
                (KEY_FLAGS, true) => self.key_flags = once(self.key_flags, value.first().copied().unwrap_or(0))?,
                (SIGNATURE_ENDS, true) if seconds(value)? != 0 => {
                    self.unclear = Some("the signature has an end of its own, which is not judged")
                }
                (SIGNATURE_ENDS, true) => {}
                (known, true) if HARMLESS.contains(&known) => {}
                (_, true) if kind & 0x80 != 0 => self.unclear = Some("the signature has a part that must be understood and is not"),
                _ => {}
            }
        }
        Some(self)
    }

    /// Whether it is of these bytes, one after the other, by the key (5.2.4).
    pub(super) fn verify(&self, key: &Result<PublicKey, String>, of: &[&[u8]]) -> Result<(), Refused> {
        let key = key.as_ref().map_err(|reason| Refused::NotChecked(reason.clone()))?;
        if let Some(unclear) = self.unclear {
            return Err(Refused::NotChecked(unclear.into()));
        }
        let hash = match self.hash {
            8 => Hash::Sha256,
            9 => Hash::Sha384,
            10 => Hash::Sha512,
            1 => return Err(Refused::NotChecked("signatures with MD5 are not trusted".into())),
            2 => return Err(Refused::NotChecked("signatures with SHA-1 are not trusted".into())),
            other => return Err(Refused::NotChecked(format!("signatures with the hash function {other} are not checked"))),
        };
        if !is_of(self.algorithm, key) {
            return Err(Refused::Wrong);
        }
        let numbers = numbers(self.algorithm, self.numbers).ok_or(Refused::Wrong)?;
        let length = u32::try_from(self.signed.len()).map_err(|_| Refused::Wrong)?.to_be_bytes();
        let parts = [of, &[self.signed, &[4, 0xff], &length]].concat();
        match key {
            PublicKey::Ed25519(_) => key.verify(hash, &hash.of(&parts), &numbers),
            _ => key.verify(hash, &parts.concat(), &numbers),
        }
    }
}

fn seconds(value: &[u8]) -> Option<i64> {
    Some(i64::from(u32::from_be_bytes(value.try_into().ok()?)))
}

/// A value that may stand once only.
#[expect(clippy::option_option, reason = "the outer one says that the packet is in no form")]
fn once<T>(before: Option<T>, value: T) -> Option<Option<T>> {
    before.is_none().then_some(Some(value))
}
