//! One piece of evidence: what was found, where, and what it is worth.

use super::catalogue::{Role, Strength};
use crate::model::text::shortened;
use crate::model::{CommitId, RelPath};

/// Something that tells of a tool's part in a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    pub strength: Strength,
    pub extent: Extent,
    pub how: How,
    pub place: Place,
    /// The catalogue's row, or `git-ai-note`, `agent-trace`, `branch-name`, `event-…`.
    pub marker: String,
    pub role: Role,
    /// The tool's id; `None` where no tool is named that is known.
    pub tool: Option<String>,
    pub model: Option<String>,
    /// The commit that carries it, where it is another than the one in question.
    pub commit: Option<CommitId>,
    /// What stands there, cut to [`MOST_TEXT`] characters; it comes from outside.
    pub text: String,
}

/// Characters of a text that evidence keeps.
pub const MOST_TEXT: usize = 200;

/// How much of the change the evidence is about, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    Line,
    Commit,
    PullRequest,
}

impl Extent {
    pub fn as_str(self) -> &'static str {
        match self {
            Extent::Line => "line",
            Extent::Commit => "commit",
            Extent::PullRequest => "pull-request",
        }
    }
}

/// What kind of evidence it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    Note,
    AgentTrace,
    Author,
    Committer,
    CoAuthor,
    Trailer,
    SessionLink,
    Footer,
    Checkbox,
    Subject,
    Branch,
    MergedBranch,
    PullRequestAuthor,
    Label,
}

impl How {
    pub fn as_str(self) -> &'static str {
        match self {
            How::Note => "note",
            How::AgentTrace => "agent-trace",
            How::Author => "author",
            How::Committer => "committer",
            How::CoAuthor => "co-author",
            How::Trailer => "trailer",
            How::SessionLink => "session-link",
            How::Footer => "footer",
            How::Checkbox => "checkbox",
            How::Subject => "subject",
            How::Branch => "branch",
            How::MergedBranch => "merged-branch",
            How::PullRequestAuthor => "pull-request-author",
            How::Label => "label",
        }
    }
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The commit's author or committer.
    Header,
    /// A line of the message, from 1, and whether git counts it among the trailers.
    Message { line: u32, in_trailer_block: bool },
    /// A line of a file that the commit adds, and the record that claims it.
    Added { file: RelPath, line: u32, record: Record },
    /// A branch or the pull request's source, by name.
    Branch(String),
    /// What the forge says of the pull request.
    Event,
}

/// The record that says who wrote a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Record {
    /// A note: its ref, its blob and the commit of the ref. Notes can be changed and are not signed.
    Note { reference: String, blob: String, commit: String },
    /// An Agent Trace record's id and the file it was read from.
    Trace { id: String, file: String },
}

impl Evidence {
    /// Keeps what is needed of a text.
    pub fn text(text: &str) -> String {
        shortened(text, MOST_TEXT).into_owned()
    }

    /// Whether it bears on who wrote the change. A review does not.
    pub fn counts(&self) -> bool {
        self.role != Role::Reviewer
    }

    pub fn declares(&self) -> bool {
        self.counts() && self.strength >= Strength::Strong
    }
}
