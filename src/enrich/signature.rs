//! Whether a commit's SSH signature is good: it is of the commit's bytes, for git, and by a key that the user's list of
//! allowed signers holds (ssh-keygen(1), ALLOWED SIGNERS). What is not understood of the list allows nothing, and
//! what is not checked is never called good.

use super::Fact;
use crate::model::{Moment, Signature, SignatureState, Signed, SignedBytes};
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};

/// What git signs for.
const NAMESPACE: &str = "git";
/// Bytes of a signature that are read; one of OpenSSH has some hundred.
const MOST_BYTES: usize = 64 << 10;
/// Entries of a list that are read.
const MOST_SIGNERS: usize = 100_000;
/// A time without a zone is one of the clock of whoever wrote it; no clock is further from UTC.
const ANY_ZONE: i64 = 14 * 3600;

/// The list of allowed signers.
#[derive(Debug, Default)]
pub struct AllowedSigners {
    signers: Vec<Signer>,
}

#[derive(Debug)]
struct Signer {
    principals: String,
    key: PublicKey,
    /// Seconds since 1970-01-01 UTC.
    valid_after: Option<i64>,
    valid_before: Option<i64>,
}

impl AllowedSigners {
    /// Reads a list. Certificate authorities, keys for another use and lines in no form are passed over.
    pub fn parse(text: &str) -> AllowedSigners {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        AllowedSigners { signers: lines.take(MOST_SIGNERS).filter_map(signer).collect() }
    }
}

/// `PRINCIPALS [OPTIONS] KEYTYPE KEY [COMMENT]`.
fn signer(line: &str) -> Option<Signer> {
    let mut words = words(line).into_iter().peekable();
    let principals = words.next()?.trim_matches('"').to_owned();
    let mut signer = Signer { principals, key: PublicKey::from_openssh(&key_of(line)?).ok()?, valid_after: None, valid_before: None };
    let options = words.next().filter(|word| !is_key_type(word));
    for option in options.map(|text| separated(text, ',')).unwrap_or_default() {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" if value.split(',').any(|allowed| allowed == NAMESPACE || allowed == "*") && !value.contains('!') => {}
            "valid-after" => signer.valid_after = Some(moment(value, ANY_ZONE)?),
            "valid-before" => signer.valid_before = Some(moment(value, -ANY_ZONE)?),
            _ => return None,
        }
    }
    Some(signer)
}

/// The type of the key and the key itself.
fn key_of(line: &str) -> Option<String> {
    let words = words(line);
    let at = words.iter().skip(1).take(2).position(|word| is_key_type(word))? + 1;
    Some(format!("{} {}", words[at], words.get(at + 1)?))
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start)) && !word.contains('=')
}

/// The words of a line; white space within quotes parts nothing.
fn words(line: &str) -> Vec<&str> {
    separated(line, ' ')
        .into_iter()
        .flat_map(|word| if word.contains('"') { vec![word] } else { word.split_whitespace().collect() })
        .collect()
}

fn separated(text: &str, by: char) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|c: char| {
        quoted ^= c == '"';
        !quoted && (c == by || by == ' ' && c == '\t')
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with a `Z` in UTC; without one `zone` is added, so that it is
/// met in every zone.
fn moment(text: &str, zone: i64) -> Option<i64> {
    let digits = text.strip_suffix('Z').unwrap_or(text);
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |text| text.parse::<i8>().ok());
    let date = jiff::civil::Date::new(digits[..4].parse().ok()?, part(4, 6)?, part(6, 8)?).ok()?;
    let time = jiff::civil::Time::new(part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    let seconds = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    Some(if text.ends_with('Z') { seconds } else { seconds + zone })
}

/// Checks an SSH signature. `committed` is when the commit says that it was made: git holds a key's time against it.
pub fn check(signed: &SignedBytes, committed: Moment, allowed: &Fact<AllowedSigners>) -> Signature {
    let not = |state, reason: &str| Signature::not(Signed::Ssh, state, reason);
    if signed.signature.len() > MOST_BYTES {
        return not(SignatureState::NotChecked, "the signature is longer than is read");
    }
    let Ok(signature) = SshSig::from_pem(&signed.signature) else {
        return not(SignatureState::Bad, "the signature is in no form of OpenSSH");
    };
    let key = Some(signature.public_key().fingerprint(HashAlg::Sha256).to_string());
    if !matches!(signature.public_key().algorithm(), Algorithm::Ed25519 | Algorithm::SkEd25519) {
        let reason = format!("signatures by keys of the kind {} are not checked", signature.public_key().algorithm());
        return Signature { key, ..Signature::not(Signed::Ssh, SignatureState::NotChecked, reason) };
    }
    let public = PublicKey::new(signature.public_key().clone(), "");
    if public.verify(NAMESPACE, &signed.payload, &signature).is_err() {
        return Signature { key, ..not(SignatureState::Bad, "it is not of this commit, or not for git") };
    }
    match signer_of(&public, committed, allowed) {
        Ok(signer) => Signature { kind: Signed::Ssh, state: SignatureState::Good, signer: Some(signer), key, reason: None },
        Err(reason) => Signature { key, ..not(SignatureState::UnknownKey, &reason) },
    }
}

fn signer_of(key: &PublicKey, committed: Moment, allowed: &Fact<AllowedSigners>) -> Result<String, String> {
    let allowed = match allowed {
        Fact::Known(allowed) => allowed,
        Fact::Unknown(reason) => return Err(reason.clone()),
    };
    let mut of_key = allowed.signers.iter().filter(|signer| signer.key.key_data() == key.key_data()).peekable();
    if of_key.peek().is_none() {
        return Err("the key is not among the allowed signers".into());
    }
    let is_valid = |signer: &&Signer| {
        signer.valid_after.is_none_or(|after| committed.seconds >= after)
            && signer.valid_before.is_none_or(|before| committed.seconds < before)
    };
    let valid = of_key.find(is_valid);
    valid.map(|signer| signer.principals.clone()).ok_or_else(|| "the key was not allowed at the time of the commit".into())
}

#[cfg(test)]
mod tests {
    use super::{AllowedSigners, check, moment};
    use crate::enrich::Fact;
    use crate::model::{Moment, SignatureState, SignedBytes};
    use ssh_key::{HashAlg, LineEnding, PrivateKey, private::Ed25519Keypair};

    const PAYLOAD: &[u8] = b"tree 1\n\nsubject\n";

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
    }

    fn signed(namespace: &str) -> SignedBytes {
        let signature = key(7).sign(namespace, HashAlg::Sha512, PAYLOAD).unwrap().to_pem(LineEnding::LF).unwrap();
        SignedBytes { payload: PAYLOAD.into(), signature: signature.into_bytes() }
    }

    fn state(signed: &SignedBytes, list: &str) -> SignatureState {
        let list = list.replace("KEY", &key(7).public_key().to_openssh().unwrap());
        check(signed, Moment { seconds: 1_700_000_000, offset: 0 }, &Fact::Known(AllowedSigners::parse(&list))).state
    }

    #[test]
    fn only_a_key_of_the_list_is_good() {
        let signed = signed("git");
        for (list, expected) in [
            ("ada@shop.example KEY", SignatureState::Good),
            ("# x\n\nada@shop.example,\t namespaces=\"git\" KEY comment", SignatureState::Good),
            ("\"ada lovelace\" namespaces=\"file,git\",valid-after=\"20200101Z\" KEY", SignatureState::Good),
            ("a valid-before=\"20231114221321Z\" KEY", SignatureState::Good),
            ("a valid-before=\"20231114221320Z\" KEY", SignatureState::UnknownKey),
            ("a valid-after=\"20231114\" KEY", SignatureState::Good),
            ("a valid-after=\"202311141200\" KEY", SignatureState::UnknownKey),
            ("a valid-after=\"soon\" KEY", SignatureState::UnknownKey),
            ("a namespaces=\"file\" KEY", SignatureState::UnknownKey),
            ("a namespaces=\"*,!git\" KEY", SignatureState::UnknownKey),
            ("a cert-authority KEY", SignatureState::UnknownKey),
            ("a unheard-of KEY", SignatureState::UnknownKey),
            ("KEY", SignatureState::UnknownKey),
            ("", SignatureState::UnknownKey),
        ] {
            assert_eq!(state(&signed, list), expected, "{list}");
        }
        let other = key(8).public_key().to_openssh().unwrap();
        assert_eq!(state(&signed, &format!("a {other}\nb KEY")), SignatureState::Good);
        assert_eq!(state(&signed, &format!("a {other}")), SignatureState::UnknownKey);
        let none = check(&signed, Moment { seconds: 0, offset: 0 }, &Fact::Unknown("no list".into()));
        assert_eq!((none.state, none.reason.as_deref()), (SignatureState::UnknownKey, Some("no list")));
    }

    #[test]
    fn other_bytes_and_other_uses_are_bad() {
        let list = "ada@shop.example KEY";
        assert_eq!(state(&signed("file"), list), SignatureState::Bad);
        assert_eq!(state(&SignedBytes { payload: b"tree 2".into(), ..signed("git") }, list), SignatureState::Bad);
        let whole = signed("git").signature;
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            for signature in [flipped, whole[..at].to_vec()] {
                // A line break or the padding may stand otherwise; the key and what is signed may not.
                let found = state(&SignedBytes { payload: PAYLOAD.into(), signature }, "");
                assert_ne!(found, SignatureState::Good, "{at}");
            }
        }
        let long = SignedBytes { payload: PAYLOAD.into(), signature: vec![b'x'; 1 << 20] };
        assert_eq!(state(&long, list), SignatureState::NotChecked);
    }

    #[test]
    fn times_are_those_of_ssh_keygen() {
        assert_eq!(moment("19700102Z", 0), Some(86_400));
        assert_eq!(moment("197001020001Z", 7), Some(86_460));
        assert_eq!(moment("19700102000001", 7), Some(86_408));
        for text in ["", "1970", "19701302Z", "2020010Z", "99999999999999", "é9700102", "19700102ZZ"] {
            assert_eq!(moment(text, 0), None, "{text}");
        }
    }
}
