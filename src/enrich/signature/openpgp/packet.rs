//! Packets and the values in them (RFC 9580, sections 3 and 4). Lengths that are told piece by piece are for messages,
//! and not read.

use crate::enrich::signature::crypto::PublicKey;

pub(super) const SIGNATURE: u8 = 2;
pub(super) const PUBLIC_KEY: u8 = 6;
pub(super) const PUBLIC_SUBKEY: u8 = 14;
pub(super) const USER_ID: u8 = 13;
pub(super) const USER_ATTRIBUTE: u8 = 17;
/// A marker, a local trust value, padding: they say nothing.
pub(super) const IDLE: [u8; 3] = [10, 12, 21];

const RSA: [u8; 2] = [1, 3];
const ECDSA: u8 = 19;
const ED25519_LEGACY: u8 = 22;
const ED25519: u8 = 27;
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519_CURVE: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// Packets that are read of one file.
const MOST_PACKETS: usize = 200_000;

#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
}

/// Bytes that are taken from the front.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    /// A number of so many bytes, four at most.
    pub(super) fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte)))
    }

    /// A big number with the count of its bits in front (3.2).
    pub(super) fn big_number(&mut self) -> Option<&'a [u8]> {
        let bits = self.number(2)?;
        self.take(bits.div_ceil(8))
    }

    /// A length as packets of the newer form (4.2.1) and subpackets (5.2.3.7) have it; `partial` is the first byte
    /// from which on it is told piece by piece.
    pub(super) fn length(&mut self, partial: u8) -> Option<usize> {
        match self.byte()? {
            first @ ..192 => Some(usize::from(first)),
            255 => self.number(4),
            first if first < partial => Some(((usize::from(first) - 192) << 8) + usize::from(self.byte()?) + 192),
            _ => None,
        }
    }
}

/// All packets; `None` where the bytes are no packets, or too many.
pub(super) fn all(bytes: &[u8]) -> Option<Vec<Packet<'_>>> {
    let (mut bytes, mut packets) = (Bytes(bytes), Vec::new());
    while !bytes.0.is_empty() {
        let first = bytes.byte()?;
        let (tag, length) = match (first & 0x80 != 0, first & 0x40 != 0) {
            (false, _) => return None,
            (true, true) => (first & 0x3f, bytes.length(224)?),
            (true, false) if first & 3 == 3 => return None,
            (true, false) => (first >> 2 & 0xf, bytes.number(1 << (first & 3))?),
        };
        packets.push(Packet { tag, body: bytes.take(length)? });
        if packets.len() > MOST_PACKETS {
            return None;
        }
    }
    Some(packets)
}

/// Whether signatures by a key's algorithm may be of a signature's: RSA has two numbers for one thing.
pub(super) fn is_of(algorithm: u8, key: &PublicKey) -> bool {
    match key {
        PublicKey::Rsa { .. } => RSA.contains(&algorithm),
        PublicKey::P256(_) | PublicKey::P384(_) => algorithm == ECDSA,
        PublicKey::Ed25519(_) => [ED25519_LEGACY, ED25519].contains(&algorithm),
    }
}

/// The key of an algorithm's own part of a key packet (5.5.5); `None` where it is not checked by or in no form.
pub(super) fn public_key(algorithm: u8, material: &[u8]) -> Option<PublicKey> {
    let mut bytes = Bytes(material);
    let key = match algorithm {
        _ if RSA.contains(&algorithm) => PublicKey::Rsa { modulus: bytes.big_number()?.to_vec(), exponent: bytes.big_number()?.to_vec() },
        ED25519 => PublicKey::Ed25519(bytes.take(32)?.to_vec()),
        ECDSA | ED25519_LEGACY => {
            let length = usize::from(bytes.byte()?);
            let curve = bytes.take(length)?;
            let point = bytes.big_number()?;
            match (algorithm, curve) {
                (ECDSA, P256) => PublicKey::P256(point.to_vec()),
                (ECDSA, P384) => PublicKey::P384(point.to_vec()),
                // The prefix says that the point is in its curve's own form (RFC 9580, 11.2).
                (ED25519_LEGACY, ED25519_CURVE) if point.len() == 33 && point[0] == 0x40 => PublicKey::Ed25519(point[1..].to_vec()),
                _ => return None,
            }
        }
        _ => return None,
    };
    bytes.0.is_empty().then_some(key)
}

/// The numbers of a signature by such an algorithm (5.2.3).
pub(super) fn numbers(algorithm: u8, material: &[u8]) -> Option<Vec<&[u8]>> {
    let mut bytes = Bytes(material);
    let numbers = match algorithm {
        _ if RSA.contains(&algorithm) => vec![bytes.big_number()?],
        ECDSA | ED25519_LEGACY => vec![bytes.big_number()?, bytes.big_number()?],
        ED25519 => vec![bytes.take(32)?, bytes.take(32)?],
        _ => return None,
    };
    bytes.0.is_empty().then_some(numbers)
}
