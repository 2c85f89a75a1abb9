//! A list of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). What is not understood of it allows nothing:
//! certificate authorities, keys for another use and lines in no form are passed over.

use super::ssh;
use crate::model::{Moment, SignatureState};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

/// What git signs for.
pub(super) const NAMESPACE: &str = "git";
/// What `ssh-keygen -Y sign` is told to sign files for.
const NAMESPACE_OF_FILES: &str = "file";
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
    /// As the signatures by it hold it.
    key: Vec<u8>,
    /// Seconds since 1970-01-01 UTC.
    valid_after: Option<i64>,
    valid_before: Option<i64>,
}

/// As whom a list knows a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) name: String,
    /// Mail addresses, in small letters.
    pub(super) addresses: BTreeSet<String>,
}

/// Who signed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// As the list has it.
    pub name: String,
    /// Of the key.
    pub fingerprint: String,
}

/// Why a signature counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSigned {
    /// It is by none of the keys.
    NoKey,
    /// It is by this key, which is not allowed at the time.
    NotNow(String),
}

impl AllowedSigners {
    /// Reads a list, for what git signs.
    pub fn parse(text: &str) -> AllowedSigners {
        AllowedSigners::parse_for(text, NAMESPACE)
    }

    /// Reads a list, for files.
    pub fn of_files(text: &str) -> AllowedSigners {
        AllowedSigners::parse_for(text, NAMESPACE_OF_FILES)
    }

    /// Takes a public key, as the line of a `.pub` file, for somebody of this name. `None` where there is none in it, and
    /// nothing else may stand there.
    pub fn of_public_key(text: &str, name: &str) -> Option<AllowedSigners> {
        let name: String = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | ',' | '#')).collect();
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let [line] = lines.as_slice() else { return None };
        let is_key = line.split_whitespace().next().is_some_and(is_key_type);
        let signer = signer(&format!("{name} {line}"), NAMESPACE_OF_FILES).filter(|_| is_key)?;
        Some(AllowedSigners { signers: vec![signer] })
    }

    /// Takes in another list.
    pub fn extend(&mut self, other: AllowedSigners) {
        self.signers.extend(other.signers);
    }

    pub fn is_empty(&self) -> bool {
        self.signers.is_empty()
    }

    /// Who signed the message, by an Ed25519 key that is allowed at the time.
    pub fn signatory(&self, message: &[u8], signature: &[u8], at: Moment) -> Result<Signatory, NotSigned> {
        let signer = self.signers.iter().find(|signer| ssh::signed_plainly(&signer.key, message, signature));
        let Some(signer) = signer else { return Err(NotSigned::NoKey) };
        let fingerprint = ssh::fingerprint(&signer.key);
        match self.holder(&signer.key, at) {
            Ok(holder) => Ok(Signatory { name: holder.name, fingerprint }),
            Err(_) => Err(NotSigned::NotNow(fingerprint)),
        }
    }

    fn parse_for(text: &str, namespace: &str) -> AllowedSigners {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        AllowedSigners { signers: lines.take(MOST_SIGNERS).filter_map(|line| signer(line, namespace)).collect() }
    }

    /// Who may sign with a key at a time; else the state of such a signature, and why.
    pub(super) fn holder(&self, key: &[u8], at: Moment) -> Result<Holder, (SignatureState, &'static str)> {
        let of_key: Vec<&Signer> = self.signers.iter().filter(|signer| signer.key == key).collect();
        let has_begun: Vec<&&Signer> = of_key.iter().filter(|signer| signer.valid_after.is_none_or(|after| at.seconds >= after)).collect();
        let mut valid = has_begun.iter().filter(|signer| signer.valid_before.is_none_or(|before| at.seconds < before)).peekable();
        let Some(first) = valid.peek() else {
            return Err(match (of_key.is_empty(), has_begun.is_empty()) {
                (true, _) => (SignatureState::UnknownKey, "the key is not among the allowed signers"),
                (_, true) => (SignatureState::UnknownKey, "the key was not allowed yet at the time of the commit"),
                _ => (SignatureState::Expired, "the key was no longer allowed at the time of the commit"),
            });
        };
        let name = first.principals.clone();
        Ok(Holder { name, addresses: valid.flat_map(|signer| addresses(&signer.principals)).collect() })
    }
}

/// The addresses that a list of principals spells out. A pattern names nobody, and next to an exception nothing counts.
fn addresses(principals: &str) -> Vec<String> {
    let principals: Vec<&str> = principals.split(',').map(str::trim).collect();
    if principals.iter().any(|principal| principal.starts_with('!')) {
        return Vec::new();
    }
    let is_address = |text: &&&str| text.contains('@') && !text.contains(['*', '?']);
    principals.iter().filter(is_address).map(|text| text.to_lowercase()).collect()
}

/// `PRINCIPALS [OPTIONS] KEYTYPE KEY [COMMENT]`.
fn signer(line: &str, namespace: &str) -> Option<Signer> {
    let mut words = words(line).into_iter();
    let principals = words.next()?.trim_matches('"').to_owned();
    let mut signer = Signer { principals, key: key_of(line)?, valid_after: None, valid_before: None };
    let options = words.next().filter(|word| !is_key_type(word));
    for option in options.map(|text| separated(text, ',')).unwrap_or_default() {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" if value.split(',').any(|allowed| allowed == namespace || allowed == "*") && !value.contains('!') => {}
            "valid-after" => signer.valid_after = Some(moment(value, ANY_ZONE)?),
            "valid-before" => signer.valid_before = Some(moment(value, -ANY_ZONE)?),
            _ => return None,
        }
    }
    Some(signer)
}

/// The key, where it is of the type that stands before it.
fn key_of(line: &str) -> Option<Vec<u8>> {
    let words = words(line);
    let at = words.iter().skip(1).take(2).position(|word| is_key_type(word))? + 1;
    let key = STANDARD.decode(words.get(at + 1)?).ok()?;
    (ssh::kind(&key)? == words[at].as_bytes()).then_some(key)
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

#[cfg(test)]
mod tests {
    use super::{AllowedSigners, addresses, moment};
    use crate::model::{Moment, SignatureState};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn key(fill: u8) -> Vec<u8> {
        [&b"\0\0\0\x0bssh-ed25519\0\0\0\x20"[..], &[fill; 32]].concat()
    }

    #[test]
    fn only_a_key_of_the_list_is_somebody_s() {
        let [own, other] = [7, 8].map(|fill| format!("ssh-ed25519 {}", STANDARD.encode(key(fill))));
        for (list, expected) in [
            ("ada@shop.example KEY", None),
            ("# x\n\nada@shop.example,\t namespaces=\"git\" KEY comment", None),
            ("\"ada lovelace\" namespaces=\"file,git\",valid-after=\"20200101Z\" KEY", None),
            ("a valid-before=\"20231114221321Z\" KEY", None),
            ("a valid-before=\"20231114221320Z\" KEY", Some(SignatureState::Expired)),
            ("a valid-before=\"20231114221320Z\" KEY\nb KEY", None),
            ("a valid-after=\"20231114\" KEY", None),
            ("a valid-after=\"202311141200\" KEY", Some(SignatureState::UnknownKey)),
            ("a valid-after=\"soon\" KEY", Some(SignatureState::UnknownKey)),
            ("a namespaces=\"file\" KEY", Some(SignatureState::UnknownKey)),
            ("a namespaces=\"*,!git\" KEY", Some(SignatureState::UnknownKey)),
            ("a cert-authority KEY", Some(SignatureState::UnknownKey)),
            ("a unheard-of KEY", Some(SignatureState::UnknownKey)),
            ("KEY", Some(SignatureState::UnknownKey)),
            ("", Some(SignatureState::UnknownKey)),
            ("a OTHER\nb KEY", None),
            ("a OTHER", Some(SignatureState::UnknownKey)),
        ] {
            let signers = AllowedSigners::parse(&list.replace("KEY", &own).replace("OTHER", &other));
            let found = signers.holder(&key(7), Moment { seconds: 1_700_000_000, offset: 0 });
            assert_eq!(found.err().map(|(state, _)| state), expected, "{list}");
        }
    }

    #[test]
    fn only_addresses_that_are_spelt_out_are_somebody_s() {
        for (principals, expected) in [
            ("Ada@zoo.example", &["ada@zoo.example"][..]),
            ("ada@zoo.example,bob@zoo.example", &["ada@zoo.example", "bob@zoo.example"]),
            ("*@zoo.example,bob@zoo.example", &["bob@zoo.example"]),
            ("?da@zoo.example,ada", &[]),
            ("*,!eve@zoo.example,bob@zoo.example", &[]),
        ] {
            assert_eq!(addresses(principals), expected, "{principals}");
        }
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
