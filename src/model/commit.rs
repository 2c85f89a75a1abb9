//! Commit ids, as git writes them.

use super::message;
use super::moment::Moment;
use std::fmt;
use std::str::FromStr;

/// A full git object id of a commit: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(Box<str>);

impl CommitId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a commit id has 40 or 64 lower-case hex digits")]
pub struct CommitIdError;

impl FromStr for CommitId {
    type Err = CommitIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && matches!(text.len(), 40 | 64) { Ok(CommitId(text.into())) } else { Err(CommitIdError) }
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who, as a commit names them. Bytes that are not UTF-8 are U+FFFD; both may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    pub name: String,
    pub email: String,
}

impl Identity {
    /// `Name <address>`; what stands behind the address is left aside, a missing `>` is forgiven.
    pub fn parse(text: &str) -> Identity {
        let (name, rest) = text.split_once('<').unwrap_or((text, ""));
        let email = rest.split_once('>').map_or(rest, |(email, _)| email);
        Identity { name: name.trim().to_owned(), email: email.trim().to_owned() }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// An identity and when it signed a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub who: Identity,
    /// `None` where the commit does not say it in git's form.
    pub time: Option<Moment>,
}

/// Whether a commit carries a signature. Whether it is good is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signed {
    No,
    OpenPgp,
    Ssh,
    X509,
    /// In a form that is not known.
    Other,
}

impl Signed {
    pub fn as_str(self) -> &'static str {
        match self {
            Signed::No => "none",
            Signed::OpenPgp => "openpgp",
            Signed::Ssh => "ssh",
            Signed::X509 => "x509",
            Signed::Other => "other",
        }
    }
}

/// A commit as its object says it. Everything in it can be forged by whoever makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub id: CommitId,
    pub parents: Vec<CommitId>,
    pub author: Stamp,
    pub committer: Stamp,
    /// Bytes that are not UTF-8 are U+FFFD.
    pub message: String,
    pub signed: Signed,
}

impl Commit {
    /// Reads a commit object. What is missing or out of form stays empty: an unreadable author is an
    /// author without name, never an error.
    pub fn parse(id: CommitId, object: &[u8]) -> Commit {
        let head_end = object.windows(2).position(|two| two == b"\n\n").map_or(object.len(), |at| at + 1);
        let message = String::from_utf8_lossy(object.get(head_end + 1..).unwrap_or_default()).into_owned();
        let (mut author, mut committer) = (None, None);
        let (mut parents, mut signed) = (Vec::new(), Signed::No);
        for line in String::from_utf8_lossy(&object[..head_end]).lines() {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            match key {
                "parent" => parents.extend(value.parse()),
                // git reads the first where a forged commit has several.
                "author" => drop(author.get_or_insert_with(|| Stamp::parse(value))),
                "committer" => drop(committer.get_or_insert_with(|| Stamp::parse(value))),
                "gpgsig" | "gpgsig-sha256" => signed = Signed::parse(value),
                _ => {}
            }
        }
        let (author, committer) = (author.unwrap_or_default(), committer.unwrap_or_default());
        Commit { id, parents, author, committer, message, signed }
    }

    pub fn subject(&self) -> &str {
        message::subject(&self.message)
    }
}

impl Stamp {
    /// `Name <address> SECONDS ZONE`.
    fn parse(text: &str) -> Stamp {
        let (who, when) = text.rsplit_once('>').unwrap_or((text, ""));
        let mut parts = when.split_ascii_whitespace();
        let seconds = parts.next().and_then(|seconds| seconds.parse().ok());
        let offset = parts.next().and_then(offset).unwrap_or_default();
        Stamp { who: Identity::parse(who), time: seconds.map(|seconds| Moment { seconds, offset }) }
    }
}

/// Seconds of a zone such as `+0530`.
fn offset(zone: &str) -> Option<i32> {
    let (sign, digits) = (if zone.starts_with('-') { -1 } else { 1 }, zone.trim_start_matches(['+', '-']));
    let number: i32 = digits.parse().ok().filter(|number| *number < 10_000)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

impl Signed {
    fn parse(first_line: &str) -> Signed {
        match first_line {
            "-----BEGIN PGP SIGNATURE-----" | "-----BEGIN PGP MESSAGE-----" => Signed::OpenPgp,
            "-----BEGIN SSH SIGNATURE-----" => Signed::Ssh,
            "-----BEGIN SIGNED MESSAGE-----" => Signed::X509,
            _ => Signed::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Commit, Moment, Signed};

    fn parse(object: &[u8]) -> Commit {
        Commit::parse("0123456789012345678901234567890123456789".parse().unwrap(), object)
    }

    #[test]
    fn a_commit_object_is_read_as_it_is() {
        let commit = parse(
            b"tree 1\nparent 1111111111111111111111111111111111111111\nauthor A B <a@b.example> 1700000000 +0100\n\
              committer C <c@d.example> -5 +0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n author X <x> 1 +0000\n\nsubject\n\nbody\n",
        );
        assert_eq!((commit.parents.len(), commit.author.who.to_string()), (1, "A B <a@b.example>".into()));
        let time = |seconds, offset| Some(Moment { seconds, offset });
        assert_eq!((commit.author.time, commit.committer.time), (time(1_700_000_000, 3600), time(-5, 0)));
        assert_eq!((commit.signed, commit.subject()), (Signed::Ssh, "subject"));
    }

    #[test]
    fn a_forged_object_has_what_can_be_read() {
        for object in [&b""[..], b"\n\n", b"author\n\nx", b"author < 99999999999999999999 +0000\nparent zz", b"\xff\xfe \xff\n\n\xff"] {
            let commit = parse(object);
            assert!(commit.parents.is_empty() && commit.author.time.is_none(), "{object:?}");
        }
        assert_eq!(parse(b"author \xff <\xfe> 1 +0000\n\n\xff").author.who.name, "\u{fffd}");
    }
}
