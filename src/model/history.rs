//! Commits as people read them: who, when, with which words. Everything in a commit can be forged;
//! these are its own claims.

use super::commit::{Commit, CommitId, Identity, Stamp};
use super::mailmap::Mailmap;
use super::message::{self, Message};
use super::moment::Moment;
use super::pull_request::PullRequest;
use super::signature::Signature;

/// What one commit says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRecord {
    pub id: CommitId,
    /// In the commit's own order; more than one for a merge.
    pub parents: Vec<CommitId>,
    pub author: Person,
    pub committer: Person,
    /// Whom `Co-authored-by:` lines name, tools and bots too; sorted, without repetition.
    pub co_authors: Vec<Person>,
    pub authored: Moment,
    pub committed: Moment,
    pub subject: String,
    /// The one that the message names as its own.
    pub pull_request: Option<PullRequest>,
    pub signature: Signature,
}

/// Bytes of a subject that are kept; messages of megabytes exist, in one line too.
const LONGEST_SUBJECT: usize = 4 << 10;
/// Co-authors of one commit at most.
const MOST_CO_AUTHORS: usize = 100;

impl CommitRecord {
    /// The commit with everybody under the name that the mailmap gives them.
    pub fn of(commit: &Commit, mailmap: &Mailmap) -> Self {
        let subject = message::subject(&commit.message);
        CommitRecord {
            id: commit.id.clone(),
            parents: commit.parents.clone(),
            author: Person::of(&commit.author.who, mailmap),
            committer: Person::of(&commit.committer.who, mailmap),
            co_authors: co_authors(&commit.message, mailmap),
            authored: moment(&commit.author),
            committed: moment(&commit.committer),
            subject: subject[..subject.floor_char_boundary(LONGEST_SUBJECT)].to_owned(),
            pull_request: PullRequest::of(&commit.message),
            signature: Signature::of(commit.signed),
        }
    }
}

/// A name and a mail address, as the mailmap writes them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    pub name: String,
    pub email: String,
    /// `Name <mail>` of the commit itself, where the mailmap says otherwise.
    pub recorded: Option<String>,
}

impl Person {
    pub fn of(who: &Identity, mailmap: &Mailmap) -> Self {
        let Identity { name, email } = mailmap.canonical(who);
        let recorded = (name != who.name || email != who.email).then(|| who.to_string());
        Person { name, email, recorded }
    }
}

/// A time that cannot be read is the farthest past, which no report writes as a date.
fn moment(stamp: &Stamp) -> Moment {
    stamp.time.unwrap_or(Moment { seconds: i64::MIN, offset: 0 })
}

fn co_authors(message: &str, mailmap: &Mailmap) -> Vec<Person> {
    let message = Message::new(message);
    let named = message.lines.iter().filter_map(|line| line.co_authors()).flatten();
    let mut people: Vec<Person> = named.take(MOST_CO_AUTHORS).map(|who| Person::of(&who, mailmap)).collect();
    people.sort();
    people.dedup();
    people
}
