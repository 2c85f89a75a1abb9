//! A certificate: a primary key, names and subkeys, and who signed what of it (RFC 9580, sections 5.2.1, 5.2.4, 10.1).
//! Of each thing the newest signature by the primary key decides; where that is not understood, the thing does not
//! count. Anything that looks like a revocation is one: who can add it could have taken the key out as well.

use super::keyring::{Holder, Key, Part, Standing};
use super::packet::{Bytes, PUBLIC_SUBKEY, USER_ID, public_key};
use super::signed::{Issuer, SignaturePacket, kind_of};
use crate::enrich::signature::crypto::PublicKey;
use crate::model::Identity;
use crate::model::text::shortened;
use ring::digest;

const CERTIFICATIONS: [u8; 4] = [0x10, 0x11, 0x12, 0x13];
const SUBKEY_BINDING: u8 = 0x18;
const WAY_BACK: u8 = 0x19;
const DIRECT_KEY: u8 = 0x1f;
const KEY_REVOCATION: u8 = 0x20;
const SUBKEY_REVOCATION: u8 = 0x28;
const NAME_REVOCATION: u8 = 0x30;
/// The flag of a key that signs data (5.2.3.29).
const SIGNS: u8 = 0x02;
/// Characters of a name that are shown.
const MOST_NAME: usize = 200;

/// A key packet of version 4.
struct KeyPacket<'a> {
    body: &'a [u8],
    fingerprint: [u8; 20],
    created: i64,
    public: Result<PublicKey, String>,
}

impl<'a> KeyPacket<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(body);
        let (version, created, algorithm) = (bytes.byte()?, bytes.number(4)?, bytes.byte()?);
        if version != 4 {
            return None;
        }
        let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
        in_front(body).iter().for_each(|part| hash.update(part));
        let public =
            public_key(algorithm, bytes.0).ok_or_else(|| format!("signatures by such a key (algorithm {algorithm}) are not checked"));
        Some(KeyPacket { body, fingerprint: hash.finish().as_ref().try_into().ok()?, created: i64::try_from(created).ok()?, public })
    }

    fn key(self, standing: Standing, holder: usize) -> Key {
        Key { fingerprint: self.fingerprint, created: self.created, public: self.public, standing, holder }
    }
}

/// A key as it is hashed: with its length in front. The fingerprint is the SHA-1 of this: it finds a key, and proves
/// nothing.
fn in_front(body: &[u8]) -> [Vec<u8>; 2] {
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes();
    [[&[0x99][..], &length].concat(), body.to_vec()]
}

fn hashed(body: &[u8]) -> Vec<u8> {
    in_front(body).concat()
}

fn hashed_name(name: &[u8]) -> Vec<u8> {
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[0xb4][..], &length, name].concat()
}

/// The keys of a certificate, and whose they are. `holder` is the place of the latter.
pub(super) fn read(parts: &[Part<'_>], holder: usize) -> (Holder, Vec<Key>) {
    let (mut known, mut keys) = (Holder::default(), Vec::new());
    let Some((primary, first)) = parts.first().and_then(|first| Some((KeyPacket::read(first.body)?, first))) else {
        return (known, keys);
    };
    let standing = standing(parts, first, &primary, &mut known);
    for part in parts.iter().filter(|part| part.tag == PUBLIC_SUBKEY) {
        let Some(subkey) = KeyPacket::read(part.body) else { continue };
        let of_subkey = of_subkey(part, &subkey, &primary, &standing.whole);
        keys.push(subkey.key(of_subkey, holder));
    }
    keys.push(primary.key(standing.primary, holder));
    (known, keys)
}

/// What a certificate's primary key may by itself, and what holds of the whole.
struct Standings {
    primary: Standing,
    whole: Standing,
}

fn standing(parts: &[Part<'_>], first: &Part<'_>, primary: &KeyPacket<'_>, known: &mut Holder) -> Standings {
    let all = |standing: Standing| Standings { primary: standing.clone(), whole: standing };
    if parts.iter().any(is_whole_revoked) {
        return all(Standing::Revoked);
    }
    let key = hashed(primary.body);
    let mut deciding = match newest(first, &[DIRECT_KEY], primary, &[&key]) {
        Newest::Good(direct) => vec![direct],
        Newest::None => Vec::new(),
        Newest::Bad => return all(Standing::Unusable("what the key's certificate says of it is not understood")),
    };
    for name in parts.iter().filter(|part| part.tag == USER_ID && !is_name_revoked(part, primary)) {
        if let Newest::Good(certification) = newest(name, &CERTIFICATIONS, primary, &[&key, &hashed_name(name.body)]) {
            deciding.push(certification);
            add(known, &String::from_utf8_lossy(name.body));
        }
    }
    if known.name.is_empty() {
        return all(Standing::Unusable("no name of the key's certificate is bound to it"));
    }
    let ends = deciding.iter().filter_map(|signature| end(primary.created, signature)).min();
    let flags = || deciding.iter().filter_map(|signature| signature.key_flags);
    let signs = flags().next().is_some() && flags().all(|flags| flags & SIGNS != 0);
    let whole = Standing::Usable { expires: ends };
    Standings { primary: if signs { whole.clone() } else { NO_SIGNING }, whole }
}

const NO_SIGNING: Standing = Standing::Unusable("the certificate does not say that the key signs");

fn of_subkey(part: &Part<'_>, subkey: &KeyPacket<'_>, primary: &KeyPacket<'_>, whole: &Standing) -> Standing {
    let Standing::Usable { expires } = whole else { return whole.clone() };
    if has(part, SUBKEY_REVOCATION) {
        return Standing::Revoked;
    }
    let both = [hashed(primary.body), hashed(subkey.body)];
    let both = [&both[0][..], &both[1]];
    let Newest::Good(binding) = newest(part, &[SUBKEY_BINDING], primary, &both) else {
        return Standing::Unusable("the subkey is not bound to its certificate");
    };
    if binding.key_flags.is_none_or(|flags| flags & SIGNS == 0) {
        return NO_SIGNING;
    }
    let back = binding.embedded.and_then(|body| SignaturePacket::read(body).ok());
    if !back.is_some_and(|back| back.kind == WAY_BACK && back.verify(&subkey.public, &both).is_ok()) {
        return Standing::Unusable("the subkey did not sign that it belongs to its certificate");
    }
    Standing::Usable { expires: end(subkey.created, &binding).into_iter().chain(*expires).min() }
}

/// A revocation of the key, or one that stands where it can be of nothing else.
fn is_whole_revoked(part: &Part<'_>) -> bool {
    part.signatures.iter().any(|body| match kind_of(body) {
        Some(KEY_REVOCATION) | None => true,
        Some(SUBKEY_REVOCATION) => part.tag != PUBLIC_SUBKEY,
        Some(NAME_REVOCATION) => part.tag == super::packet::PUBLIC_KEY,
        Some(_) => false,
    })
}

/// Whether the key took a name back. Somebody else who takes back what they said of it says nothing of the name; what
/// does not tell whose it is counts.
fn is_name_revoked(part: &Part<'_>, primary: &KeyPacket<'_>) -> bool {
    let is_anothers = |body: &[u8]| {
        let issuer = SignaturePacket::read(body).ok().and_then(|signature| signature.issuer);
        issuer.is_some_and(|issuer| !issuer.means(&primary.fingerprint))
    };
    part.signatures.iter().any(|body| kind_of(body) == Some(NAME_REVOCATION) && !is_anothers(body))
}

fn has(part: &Part<'_>, kind: u8) -> bool {
    part.signatures.iter().any(|body| kind_of(body) == Some(kind))
}

enum Newest<'a> {
    None,
    Good(SignaturePacket<'a>),
    /// There is one, and it is not good or not understood.
    Bad,
}

/// The newest signature of these kinds that the primary key made of a part. Those of other keys say nothing.
fn newest<'a>(part: &Part<'a>, kinds: &[u8], primary: &KeyPacket<'_>, of: &[&[u8]]) -> Newest<'a> {
    let mut newest: Option<SignaturePacket<'a>> = None;
    // Those of other versions cannot be by a key of version 4, but for those of version 3, which are older than all.
    for body in part.signatures.iter().filter(|body| body.first() == Some(&4) && kind_of(body).is_some_and(|kind| kinds.contains(&kind))) {
        let Ok(signature) = SignaturePacket::read(body) else { return Newest::Bad };
        let is_own = signature.issuer.as_ref().is_none_or(|issuer: &Issuer| issuer.means(&primary.fingerprint));
        if is_own && newest.as_ref().is_none_or(|newest| signature.created >= newest.created) {
            newest = Some(signature);
        }
    }
    match newest {
        None => Newest::None,
        Some(signature) if signature.created.is_some() && signature.verify(&primary.public, of).is_ok() => Newest::Good(signature),
        Some(_) => Newest::Bad,
    }
}

/// When a key ends that was made then, as a signature says of it; zero seconds are no end.
fn end(created: i64, signature: &SignaturePacket<'_>) -> Option<i64> {
    signature.key_lasts.filter(|seconds| *seconds > 0).map(|seconds| created + seconds)
}

fn add(known: &mut Holder, name: &str) {
    if known.name.is_empty() {
        known.name = shortened(if name.trim().is_empty() { "nobody" } else { name }, MOST_NAME).into_owned();
    }
    let Identity { name, email } = Identity::parse(name);
    let address = if email.is_empty() { name } else { email };
    if address.contains('@') {
        known.addresses.insert(address.to_lowercase());
    }
}
