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
        ExitCode::from(Verdict::exit_code(match exit {
            Exit::Allowed => Some(Verdict::Allow),
            Exit::Denied => Some(Verdict::Deny),
            Exit::CouldNotJudge => None,
            Exit::NeedsApproval => Some(Verdict::NeedsApproval),
        }))
    }
}
