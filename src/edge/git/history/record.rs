//! One commit as people read it.

use super::super::{GitError, Repository, commit_id, error, read_blob};
use crate::edge::snapshot::{Found, SnapshotError};
use crate::model::text::quoted;
use crate::model::{CommitId, CommitRecord, Identity, Mailmap, Moment, Person, Signature, SignatureKind};
use gix::actor::SignatureRef;
use gix::bstr::ByteSlice;
use gix::objs::CommitRef;

/// Bytes of a message that are looked at; messages of megabytes exist.
const LONGEST_MESSAGE: usize = 64 << 10;
/// Co-authors of one commit at most.
const MOST_CO_AUTHORS: usize = 100;

impl Repository {
    /// What a commit says of itself.
    pub fn record(&self, id: &CommitId, mailmap: &Mailmap) -> Result<CommitRecord, GitError> {
        let object = self.commit(self.object_id(id)?, id.as_str())?;
        let corrupt = |failed: gix::Error| GitError::Corrupt { text: quoted(id.short()), detail: error::detail(&failed) };
        let commit = CommitRef::from_bytes(&object.data, object.id.kind()).map_err(corrupt)?;
        let (author, committer) = (commit.author().map_err(corrupt)?, commit.committer().map_err(corrupt)?);
        let message = text(&commit.message[..commit.message.len().min(LONGEST_MESSAGE)]);
        Ok(CommitRecord {
            id: id.clone(),
            parents: commit.parents().map(|parent| commit_id(&parent)).collect(),
            author: person(author, mailmap),
            committer: person(committer, mailmap),
            co_authors: co_authors(&message, mailmap),
            authored: moment(author),
            committed: moment(committer),
            signature: signature(&object.data, object.id.kind()),
            message,
        })
    }

    /// The bytes of a file of some commit.
    pub fn read(&self, found: &Found, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        match found.content {
            Some(content) if found.kind == crate::edge::EntryKind::File => read_blob(&self.git, &found.path, content.0, limit),
            _ => Err(SnapshotError::NotAFile { path: found.path.clone(), kind: found.kind }),
        }
    }
}

fn person(actor: SignatureRef<'_>, mailmap: &Mailmap) -> Person {
    let who = Identity { name: text(actor.name), email: text(actor.email) };
    let Identity { name, email } = mailmap.canonical(&who);
    let recorded = (name != who.name || email != who.email).then(|| who.to_string());
    Person { name, email, recorded }
}

/// A time that cannot be read is the farthest past, which no report writes as a date.
fn moment(actor: SignatureRef<'_>) -> Moment {
    actor.time().map_or(Moment { seconds: i64::MIN, offset: 0 }, |time| Moment { seconds: time.seconds, offset: time.offset })
}

fn signature(commit: &[u8], kind: gix::hash::Kind) -> Signature {
    match gix::objs::CommitRefIter::signature(commit, kind) {
        Ok(Some((armour, _))) => Signature::NotChecked(SignatureKind::of(&text(&armour))),
        Ok(None) => Signature::None,
        Err(_) => Signature::NotChecked(SignatureKind::Other),
    }
}

/// The people of `Co-authored-by: Name <mail>` lines: wherever in the message they stand, since a
/// quarter of squash merges puts them outside of git's trailer block, and not where they are quoted,
/// indented or in a code block.
fn co_authors(message: &str, mailmap: &Mailmap) -> Vec<Person> {
    const KEY: &str = "co-authored-by:";
    let mut fenced = false;
    let mut people = Vec::new();
    for line in message.lines() {
        fenced ^= line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        let value = line.get(..KEY.len()).filter(|key| !fenced && key.eq_ignore_ascii_case(KEY)).map(|_| line[KEY.len()..].trim());
        let parts = value.and_then(|value| value.strip_suffix('>')?.rsplit_once('<'));
        if let Some((name, email)) = parts.filter(|_| people.len() < MOST_CO_AUTHORS) {
            let actor = SignatureRef { name: name.trim().as_bytes().as_bstr(), email: email.trim().as_bytes().as_bstr(), time: "0 +0000" };
            people.push(person(actor, mailmap));
        }
    }
    people.sort();
    people.dedup();
    people
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
