//! The documented exit codes. "Denied" is an answer, not an error.

use sbomgate::judge::Verdict;
use std::process::ExitCode;

/// 0 allowed, 1 denied, 2 could not judge, 3 needs approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Allowed,
    Denied,
    CouldNotJudge,
    NeedsApproval,
}

impl From<Option<Verdict>> for Exit {
    fn from(verdict: Option<Verdict>) -> Self {
        match verdict {
            Some(Verdict::Allow) => Exit::Allowed,
            Some(Verdict::Deny) => Exit::Denied,
            Some(Verdict::NeedsApproval) => Exit::NeedsApproval,
            None => Exit::CouldNotJudge,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Allowed => 0,
            Exit::Denied => 1,
            Exit::CouldNotJudge => 2,
            Exit::NeedsApproval => 3,
        })
    }
}
