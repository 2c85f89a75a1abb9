//! SSH signatures (OpenSSH's PROTOCOL.sshsig) by keys of RSA, ECDSA and Ed25519, and by security keys (PROTOCOL.u2f),
//! whose user has to have touched them, as sshd wants it. The key is in the signature; whose it is a list says.

use super::allowed::{AllowedSigners, NAMESPACE};
use super::armor;
use super::crypto::{Hash, PublicKey, Refused};
use crate::enrich::Fact;
use crate::model::text::quoted;
use crate::model::{Moment, Signature, SignatureState, Signed, SignedBytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

const MAGIC: &[u8] = b"SSHSIG";
/// The flag of a security key that its user was there.
const TOUCHED: u8 = 1;

/// Values one after the other, each text with its length in front (RFC 4251, section 5).
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let bytes = usize::try_from(self.number()?).ok()?;
        self.take(bytes)
    }

    /// That nothing follows.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A signature as it is written.
struct Blob<'a> {
    key: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    hash: &'a [u8],
    signature: &'a [u8],
}

/// A public key; of a security key the application that it signs for.
struct Key<'a> {
    public: PublicKey,
    application: Option<&'a [u8]>,
}

/// The kind of a key as it is written, such as `ssh-ed25519`.
pub(super) fn kind(key: &[u8]) -> Option<&[u8]> {
    Wire(key).text()
}

/// As `ssh-keygen -l` shows a key.
pub(super) fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Hash::Sha256.of(&[key])))
}

/// Whether a signature that stands for itself, without what OpenSSH writes around one, is of the message by an Ed25519
/// key; by keys of other kinds none is.
pub(super) fn signed_plainly(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match (kind(key), key_of(key)) {
        (Some(b"ssh-ed25519"), Ok(key)) => {
            parts(&key.public, signature).is_some_and(|parts| key.public.verify(Hash::Sha512, message, &parts).is_ok())
        }
        _ => false,
    }
}

/// Checks an SSH signature. `committed` is when the commit says that it was made.
pub(super) fn check(signed: &SignedBytes, committed: Moment, allowed: &Fact<AllowedSigners>) -> Signature {
    let not = |state, reason: &str| Signature::not(Signed::Ssh, state, reason);
    let blob = armor::one(&signed.signature, "SSH SIGNATURE", false);
    let Some(blob) = blob.as_deref().and_then(blob_of) else {
        return not(SignatureState::Bad, "the signature is in no form of OpenSSH");
    };
    let key = Some(fingerprint(blob.key));
    match verify(&blob, &signed.payload) {
        Ok(()) => {}
        Err(Refused::Wrong) => return Signature { key, ..not(SignatureState::Bad, "it is not of this commit, or not for git") },
        Err(Refused::NotChecked(reason)) => return Signature { key, ..not(SignatureState::NotChecked, &reason) },
    }
    let holder = match allowed {
        Fact::Known(allowed) => allowed.holder(blob.key, committed),
        Fact::Unknown(reason) => Err((SignatureState::UnknownKey, reason.as_str())),
    };
    match holder {
        Ok(holder) => Signature { key, ..Signature::good(Signed::Ssh, holder.name, holder.addresses) },
        Err((state, reason)) => Signature { key, ..not(state, reason) },
    }
}

fn blob_of(bytes: &[u8]) -> Option<Blob<'_>> {
    let mut wire = Wire(bytes.strip_prefix(MAGIC)?);
    let is_known = wire.number()? == 1;
    let (key, namespace, reserved) = (wire.text()?, wire.text()?, wire.text()?);
    let (hash, signature) = (wire.text()?, wire.text()?);
    wire.end()?;
    is_known.then_some(Blob { key, namespace, reserved, hash, signature })
}

fn verify(blob: &Blob<'_>, payload: &[u8]) -> Result<(), Refused> {
    if blob.namespace != NAMESPACE.as_bytes() {
        return Err(Refused::Wrong);
    }
    let hash = match blob.hash {
        b"sha256" => Hash::Sha256,
        b"sha512" => Hash::Sha512,
        other => return Err(not_checked("with the hash function", other)),
    };
    let key = key_of(blob.key)?;
    let digest = hash.of(&[payload]);
    let mut message = MAGIC.to_vec();
    for text in [blob.namespace, blob.reserved, blob.hash, &digest] {
        message.extend(u32::try_from(text.len()).map_err(|_| Refused::Wrong)?.to_be_bytes());
        message.extend(text);
    }
    by_key(&key, blob.signature, message)
}

fn key_of(blob: &[u8]) -> Result<Key<'_>, Refused> {
    let kind = kind(blob).ok_or(Refused::Wrong)?;
    if !matches!(kind, b"ssh-rsa" | b"ssh-ed25519")
        && !matches!(kind, b"sk-ssh-ed25519@openssh.com" | b"sk-ecdsa-sha2-nistp256@openssh.com")
        && !matches!(kind, b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384")
    {
        return Err(not_checked("by keys of the kind", kind));
    }
    known_key(kind, blob).ok_or(Refused::Wrong)
}

fn known_key<'a>(kind: &[u8], blob: &'a [u8]) -> Option<Key<'a>> {
    let mut wire = Wire(blob);
    wire.text()?;
    let is_curve = |wire: &mut Wire<'a>, name: &[u8]| (wire.text()? == name).then_some(());
    let public = match kind {
        b"ssh-rsa" => {
            let exponent = wire.text()?.to_vec();
            PublicKey::Rsa { modulus: wire.text()?.to_vec(), exponent }
        }
        b"ecdsa-sha2-nistp384" => {
            is_curve(&mut wire, b"nistp384")?;
            PublicKey::P384(wire.text()?.to_vec())
        }
        b"ecdsa-sha2-nistp256" | b"sk-ecdsa-sha2-nistp256@openssh.com" => {
            is_curve(&mut wire, b"nistp256")?;
            PublicKey::P256(wire.text()?.to_vec())
        }
        _ => PublicKey::Ed25519(wire.text()?.to_vec()),
    };
    let application = if kind.starts_with(b"sk-") { Some(wire.text()?) } else { None };
    wire.end()?;
    Some(Key { public, application })
}

/// Checks what `ssh-keygen -Y sign` wrote: the algorithm, the signature, and of a security key flags and a counter.
fn by_key(key: &Key<'_>, signature: &[u8], mut message: Vec<u8>) -> Result<(), Refused> {
    let mut wire = Wire(signature);
    let (algorithm, numbers) = (wire.text().ok_or(Refused::Wrong)?, wire.text().ok_or(Refused::Wrong)?);
    let is_security_key = key.application.is_some();
    let hash = match (&key.public, algorithm, is_security_key) {
        (PublicKey::Rsa { .. }, b"rsa-sha2-256", _) => Hash::Sha256,
        (PublicKey::Rsa { .. }, b"rsa-sha2-512", _) => Hash::Sha512,
        (PublicKey::Rsa { .. }, b"ssh-rsa", _) => return Err(Refused::NotChecked("signatures with SHA-1 are not trusted".into())),
        (PublicKey::Ed25519(_), b"ssh-ed25519", false) | (PublicKey::Ed25519(_), b"sk-ssh-ed25519@openssh.com", true) => Hash::Sha512,
        (PublicKey::P256(_), b"ecdsa-sha2-nistp256", false) | (PublicKey::P256(_), b"sk-ecdsa-sha2-nistp256@openssh.com", true) => {
            Hash::Sha256
        }
        (PublicKey::P384(_), b"ecdsa-sha2-nistp384", false) => Hash::Sha384,
        _ => return Err(not_checked("of the kind", algorithm)),
    };
    let mut was_touched = true;
    if let Some(application) = key.application {
        let trailer = wire.take(5).ok_or(Refused::Wrong)?;
        was_touched = trailer[0] & TOUCHED != 0;
        message = [&Hash::Sha256.of(&[application])[..], trailer, &Hash::Sha256.of(&[&message])].concat();
    }
    wire.end().ok_or(Refused::Wrong)?;
    key.public.verify(hash, &message, &parts(&key.public, numbers).ok_or(Refused::Wrong)?)?;
    if was_touched { Ok(()) } else { Err(Refused::NotChecked("the security key signed without a touch".into())) }
}

/// The numbers of a signature: r and s stand side by side (RFC 8709), as two texts (RFC 5656), or there is one.
fn parts<'a>(key: &PublicKey, numbers: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    match key {
        PublicKey::Rsa { .. } => Some(vec![numbers]),
        PublicKey::Ed25519(_) => (numbers.len() == 64).then(|| vec![&numbers[..32], &numbers[32..]]),
        PublicKey::P256(_) | PublicKey::P384(_) => {
            let mut wire = Wire(numbers);
            let both = vec![wire.text()?, wire.text()?];
            wire.end().map(|()| both)
        }
    }
}

fn not_checked(what: &str, name: &[u8]) -> Refused {
    Refused::NotChecked(format!("signatures {what} {} are not checked", quoted(&String::from_utf8_lossy(name))))
}

#[cfg(test)]
mod tests {
    use super::{Hash, Key, MAGIC, PublicKey, Refused, Wire, blob_of, by_key, known_key, parts, verify};
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

    fn text(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    fn texts(parts: &[&[u8]]) -> Vec<u8> {
        parts.iter().flat_map(|part| text(part)).collect()
    }

    /// What a security key signs (PROTOCOL.u2f): the application, the flags and a counter before the message.
    fn told(application: &[u8], flags: u8, message: &[u8]) -> Vec<u8> {
        [&Hash::Sha256.of(&[application])[..], &[flags, 0, 0, 0, 7], &Hash::Sha256.of(&[message])].concat()
    }

    /// No machine of a test has a security key: one is played.
    #[test]
    fn a_security_key_has_to_be_touched() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let kind = b"sk-ssh-ed25519@openssh.com";
        let blob = texts(&[kind, pair.public_key().as_ref(), b"ssh:"]);
        let key = known_key(kind, &blob).unwrap();
        let signed = |flags: u8, application: &[u8]| {
            let signature = pair.sign(&told(application, flags, b"message"));
            [texts(&[kind, signature.as_ref()]), vec![flags, 0, 0, 0, 7]].concat()
        };
        let check = |signature: &[u8], message: &[u8]| by_key(&key, signature, message.to_vec());
        assert_eq!(check(&signed(1, b"ssh:"), b"message"), Ok(()));
        assert_eq!(check(&signed(5, b"ssh:"), b"message"), Ok(()), "touched, and told who it is");
        assert!(matches!(check(&signed(0, b"ssh:"), b"message"), Err(Refused::NotChecked(_))));
        assert!(matches!(check(&signed(4, b"ssh:"), b"message"), Err(Refused::NotChecked(_))));
        assert_eq!(check(&signed(1, b"web:"), b"message"), Err(Refused::Wrong));
        assert_eq!(check(&signed(1, b"ssh:"), b"other"), Err(Refused::Wrong));
        let mut raised = signed(0, b"ssh:");
        *raised.iter_mut().rev().nth(4).unwrap() = 1;
        assert_eq!(check(&raised, b"message"), Err(Refused::Wrong), "a flag that nobody signed");
        let whole = signed(1, b"ssh:");
        for at in 0..whole.len() {
            assert_ne!(check(&whole[..at], b"message"), Ok(()), "{at}");
        }
    }

    #[test]
    fn a_security_key_of_ecdsa_is_checked_as_well() {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let kind = b"sk-ecdsa-sha2-nistp256@openssh.com";
        let blob = texts(&[kind, b"nistp256", pair.public_key().as_ref(), b"ssh:"]);
        let signature = pair.sign(&random, &told(b"ssh:", 1, b"message")).unwrap();
        let (r, s) = signature.as_ref().split_at(32);
        let numbers = texts(&[&[&[0], r].concat(), &[&[0], s].concat()]);
        let whole = [texts(&[kind, &numbers]), vec![1, 0, 0, 0, 7]].concat();
        let check = |key: &Key<'_>, message: &[u8]| by_key(key, &whole, message.to_vec());
        assert_eq!(check(&known_key(kind, &blob).unwrap(), b"message"), Ok(()));
        assert_eq!(check(&known_key(kind, &blob).unwrap(), b"other"), Err(Refused::Wrong));
        let plain = texts(&[b"ecdsa-sha2-nistp256", b"nistp256", pair.public_key().as_ref()]);
        let key = known_key(b"ecdsa-sha2-nistp256", &plain).unwrap();
        assert!(matches!(check(&key, b"message"), Err(Refused::NotChecked(_))), "one kind does not stand for another");
    }

    #[test]
    fn sha_1_is_never_good() {
        let key = Key { public: PublicKey::Rsa { modulus: vec![0xff; 256], exponent: vec![1, 0, 1] }, application: None };
        let found = by_key(&key, &texts(&[b"ssh-rsa", &[1; 256]]), b"message".to_vec());
        assert!(matches!(found, Err(Refused::NotChecked(reason)) if reason.contains("SHA-1")));
    }

    /// Every byte that stands in a signature counts, and so does its length.
    #[test]
    fn a_signature_that_is_damaged_is_not_good() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let digest = Hash::Sha512.of(&[b"payload"]);
        let signed = pair.sign(&[MAGIC, &texts(&[b"git", b"", b"sha512", &digest])].concat());
        let key = texts(&[b"ssh-ed25519", pair.public_key().as_ref()]);
        let whole = [MAGIC, &[0, 0, 0, 1], &texts(&[&key, b"git", b"", b"sha512", &texts(&[b"ssh-ed25519", signed.as_ref()])])].concat();
        let is_good = |bytes: &[u8]| blob_of(bytes).is_some_and(|blob| verify(&blob, b"payload").is_ok());
        assert!(is_good(&whole));
        for at in 0..whole.len() {
            assert!(!is_good(&whole[..at]), "{at}");
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                assert!(!is_good(&flipped), "bit {bit} of {at}");
            }
        }
        assert!(Wire(&[0xff; 8]).text().is_none() && parts(&PublicKey::P256(Vec::new()), &[0, 0, 0, 1]).is_none());
    }
}
