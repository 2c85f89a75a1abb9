//! The certificates of a file, armored or not, as keys that signatures are checked by.

use super::certificate;
use super::packet::{self, IDLE, PUBLIC_KEY, PUBLIC_SUBKEY, Packet, SIGNATURE, USER_ATTRIBUTE, USER_ID};
use super::signed::Issuer;
use crate::enrich::signature::armor;
use crate::enrich::signature::crypto::PublicKey;
use std::collections::BTreeSet;

const SECRET_KEYS: [u8; 2] = [5, 7];
const LABEL: &str = "PGP PUBLIC KEY BLOCK";
/// Keys, subkeys and user ids of one file: each costs a signature that is checked.
const MOST_PARTS: usize = 5_000;
/// The largest key and user id, in bytes: they are hashed again for each part.
const MOST_PART_BYTES: usize = 20 << 10;

/// The keys of certificates.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    keys: Vec<Key>,
    pub(super) holders: Vec<Holder>,
}

/// As whom a certificate is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) name: String,
    /// Mail addresses, in small letters.
    pub(super) addresses: BTreeSet<String>,
}

/// A key that may have signed.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) fingerprint: [u8; 20],
    /// Seconds since 1970-01-01 UTC.
    pub(super) created: i64,
    /// `Err` where signatures by it are not checked, with the reason.
    pub(super) public: Result<PublicKey, String>,
    pub(super) standing: Standing,
    /// Its place among the holders.
    pub(super) holder: usize,
}

/// What a key may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Usable {
        /// Seconds since 1970-01-01 UTC.
        expires: Option<i64>,
    },
    Revoked,
    /// It may not sign, for this reason.
    Unusable(&'static str),
}

/// A key or name of a certificate with the signatures that follow it.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
    pub(super) signatures: Vec<&'a [u8]>,
}

impl Keyring {
    /// Reads a file, armored (one block or several) or not. An error says why nothing of it counts.
    pub fn parse(bytes: &[u8]) -> Result<Keyring, String> {
        let is_binary = bytes.first().is_some_and(|first| first & 0x80 != 0);
        let blocks = if is_binary { vec![bytes.to_vec()] } else { armor::all(bytes, LABEL).ok_or(format!("it is no {LABEL}"))? };
        let mut keyring = Keyring::default();
        let mut parts_left = MOST_PARTS;
        for block in &blocks {
            let packets = packet::all(block).ok_or("its packets cannot be read")?;
            for certificate in certificates(&packets, &mut parts_left)? {
                let (holder, keys) = certificate::read(&certificate, keyring.holders.len());
                keyring.holders.push(holder);
                keyring.keys.extend(keys);
            }
        }
        if keyring.keys.is_empty() { Err("it holds no key of version 4".into()) } else { Ok(keyring) }
    }

    /// Takes in what another file holds.
    pub fn extend(&mut self, other: Keyring) {
        let before = self.holders.len();
        self.keys.extend(other.keys.into_iter().map(|key| Key { holder: key.holder + before, ..key }));
        self.holders.extend(other.holders);
    }

    /// The keys that a signature may be by.
    pub(super) fn named<'k>(&'k self, issuer: &'k Issuer) -> impl Iterator<Item = &'k Key> {
        self.keys.iter().filter(|key| issuer.means(&key.fingerprint))
    }
}

/// Packets as certificates: a primary key and all until the next.
fn certificates<'a>(packets: &[Packet<'a>], parts_left: &mut usize) -> Result<Vec<Vec<Part<'a>>>, String> {
    let mut certificates: Vec<Vec<Part<'a>>> = Vec::new();
    for packet in packets.iter().filter(|packet| !IDLE.contains(&packet.tag)) {
        let tag = packet.tag;
        if SECRET_KEYS.contains(&tag) {
            return Err("it holds a secret key; write public ones alone: gpg --armor --export".into());
        }
        if tag == PUBLIC_KEY {
            certificates.push(Vec::new());
        }
        let certificate = certificates.last_mut().ok_or("it does not begin with a public key")?;
        match tag {
            PUBLIC_KEY | PUBLIC_SUBKEY | USER_ID | USER_ATTRIBUTE => {
                *parts_left = parts_left.checked_sub(1).ok_or(format!("it has more than {MOST_PARTS} keys and names"))?;
                if packet.body.len() > MOST_PART_BYTES && tag != USER_ATTRIBUTE {
                    return Err(format!("it has a key or name of more than {MOST_PART_BYTES} bytes"));
                }
                certificate.push(Part { tag, body: packet.body, signatures: Vec::new() });
            }
            SIGNATURE => certificate.last_mut().into_iter().for_each(|part| part.signatures.push(packet.body)),
            _ => return Err(format!("it holds a packet of the kind {tag}, which is no part of a public key")),
        }
    }
    Ok(certificates)
}
