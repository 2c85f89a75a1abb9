//! OpenPGP signatures, as `git commit -S` has GnuPG make them, and the certificates of a keyring (RFC 9580; RFC 4880
//! for what GnuPG still writes). Read here because the crates that do it bring some ninety others each, one of them
//! with an open advisory (RUSTSEC-2023-0071).
//!
//! Understood are version 4 signatures of bytes (type 0x00) with SHA-256, SHA-384 or SHA-512, by RSA, ECDSA on P-256
//! and P-384, and Ed25519 (22 of RFC 9580 9.1 with a prefixed point, and 27). A key counts with its certificate alone:
//! user ids, subkeys and their way back are signed by whom they say, nothing is revoked, its end is told. Whoever put
//! a certificate on the list vouches for the names in it; what others signed there says nothing.

mod certificate;
mod keyring;
mod packet;
mod signed;

pub use keyring::Keyring;

use super::armor;
use super::crypto::Refused;
use crate::enrich::Fact;
use crate::model::{Signature, SignatureState, Signed, SignedBytes};
use keyring::Standing;
use packet::{Packet, SIGNATURE};
use signed::{BINARY, Issuer, SignaturePacket};

/// Checks a detached signature.
pub(super) fn check(signed: &SignedBytes, keyring: &Fact<Keyring>) -> Signature {
    let not = |state, reason: &str| Signature::not(Signed::OpenPgp, state, reason);
    if signed.signature.starts_with(b"-----BEGIN PGP MESSAGE-----") {
        return not(SignatureState::NotChecked, "it is a signed message, not a signature alone");
    }
    let blob = armor::one(&signed.signature, "PGP SIGNATURE", true);
    let packets = blob.as_deref().and_then(packet::all);
    let body = match packets.as_deref() {
        Some([Packet { tag: SIGNATURE, body }]) => body,
        Some([_, _, ..]) => return not(SignatureState::NotChecked, "there are several signatures in one"),
        _ => return not(SignatureState::Bad, "the signature is in no form of OpenPGP"),
    };
    let packet = match SignaturePacket::read(body) {
        Ok(packet) => packet,
        Err(reason) => return not(SignatureState::NotChecked, &reason),
    };
    let issuer = packet.issuer.as_ref().map(ToString::to_string);
    let found = by_known_key(&packet, &signed.payload, keyring);
    Signature { key: found.key.clone().or(issuer), ..found }
}

fn by_known_key(packet: &SignaturePacket<'_>, payload: &[u8], keyring: &Fact<Keyring>) -> Signature {
    let not = |state, reason: &str| Signature::not(Signed::OpenPgp, state, reason);
    if packet.kind != BINARY {
        return not(SignatureState::NotChecked, "it is no signature of bytes as they are");
    }
    let (Some(issuer), Some(created)) = (&packet.issuer, packet.created) else {
        return not(SignatureState::NotChecked, "it does not say when and by which key it was made");
    };
    let keyring = match keyring {
        Fact::Known(keyring) => keyring,
        Fact::Unknown(reason) => return not(SignatureState::UnknownKey, reason),
    };
    let answers = keyring.named(issuer).map(|key| {
        let key_name = Some(Issuer::Fingerprint(key.fingerprint).to_string());
        let found = match packet.verify(&key.public, &[payload]) {
            Err(Refused::Wrong) => not(SignatureState::Bad, "it is not of this commit"),
            Err(Refused::NotChecked(reason)) => not(SignatureState::NotChecked, &reason),
            Ok(()) => match &key.standing {
                Standing::Revoked => not(SignatureState::Revoked, "the key was revoked"),
                Standing::Unusable(reason) => not(SignatureState::NotChecked, reason),
                Standing::Usable { .. } if created < key.created => not(SignatureState::NotChecked, "it is dated before its key was made"),
                Standing::Usable { expires } if expires.is_some_and(|end| created >= end) => {
                    not(SignatureState::Expired, "the key had expired when it signed")
                }
                Standing::Usable { .. } => {
                    let holder = &keyring.holders[key.holder];
                    Signature::good(Signed::OpenPgp, holder.name.clone(), holder.addresses.clone())
                }
            },
        };
        Signature { key: key_name, ..found }
    });
    // Of two copies of a certificate the one that says more against it counts.
    let rank = |signature: &Signature| match signature.state {
        SignatureState::Revoked => 0,
        SignatureState::Bad => 1,
        SignatureState::Expired => 2,
        SignatureState::NotChecked => 3,
        _ => 4,
    };
    let worst = answers.min_by_key(rank);
    worst.unwrap_or_else(|| not(SignatureState::UnknownKey, "the key is not among those that are known"))
}
