//! One instance of a rule, and how serious it is.

use super::advisory::Advisory;
use super::source::Location;
use std::borrow::Cow;
use std::fmt;

/// How serious a finding is. `Error` denies, `Warning` and `Note` inform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Note,
    Warning,
    Error,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a rule found. `rule` is the rule's stable code; `message` is one sentence without a full
/// stop and may quote text of the files read, so reports escape it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub rule: &'static str,
    pub level: Level,
    /// The package URL of the package in question, when there is one.
    pub package: Option<String>,
    pub message: String,
    pub location: Option<Location>,
    /// What is known of the flaw, for a finding that an advisory makes.
    pub advisory: Option<Box<Advisory>>,
    /// What somebody consents to where that is not all that the rule finds: the id of a condition of the policy, or of a flaw
    /// that a document states.
    pub id: Option<String>,
}

/// What somebody consents to: the code of a rule, of some with an id (`condition:no-agpl`).
pub type Code = Cow<'static, str>;

/// The rule of the policy's own conditions.
pub const CONDITION: &str = "condition";
/// The rule of flaws that a document states itself.
pub const STATED: &str = "stated-vulnerability";

impl Finding {
    /// By what somebody accepts it.
    pub fn code(&self) -> Code {
        match &self.id {
            Some(id) => Cow::Owned(format!("{}:{id}", self.rule)),
            None => Cow::Borrowed(self.rule),
        }
    }
}
