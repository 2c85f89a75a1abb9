//! The pull or merge request that a commit's message names as its own.

use super::message::subject;

/// The number that a merged pull request leaves in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PullRequest {
    /// `(#12)`, `Merge pull request #12 from …`: GitHub's form.
    Pull(u64),
    /// `See merge request group/project!12`: GitLab's.
    MergeRequest(u64),
    /// `Merged in … (pull request #12)`, `Merged PR 12: …`: Bitbucket's and Azure's, which keep no ref of its commits
    /// that can be told from the number.
    WithoutReference(u64),
}

impl PullRequest {
    /// The pull request that a message names as the one it came by; a number elsewhere is a mention. Of several
    /// numbers at the end of a subject the last one counts: a cherry-pick keeps the first.
    pub fn of(message: &str) -> Option<PullRequest> {
        let subject = subject(message);
        let at_end = |start: &str| number(subject.strip_suffix(')')?.rsplit_once(start)?.1);
        let behind = |start: &str| number(subject.strip_prefix(start)?.split([' ', ':']).next()?);
        behind("Merge pull request #")
            .map(PullRequest::Pull)
            .or_else(|| behind("Merged PR ").or_else(|| at_end("(pull request #")).map(PullRequest::WithoutReference))
            .or_else(|| at_end("(#").map(PullRequest::Pull))
            .or_else(|| merge_request(message))
    }

    pub fn number(self) -> u64 {
        match self {
            PullRequest::Pull(number) | PullRequest::MergeRequest(number) | PullRequest::WithoutReference(number) => number,
        }
    }

    /// The ref under which the forge keeps its head.
    pub fn reference(self) -> Option<String> {
        match self {
            PullRequest::Pull(number) => Some(format!("refs/pull/{number}/head")),
            PullRequest::MergeRequest(number) => Some(format!("refs/merge-requests/{number}/head")),
            PullRequest::WithoutReference(_) => None,
        }
    }

    /// The refs of all pull requests of that forge, as a refspec names them.
    pub fn all_references(self) -> Option<&'static str> {
        match self {
            PullRequest::Pull(_) => Some("refs/pull/*/head"),
            PullRequest::MergeRequest(_) => Some("refs/merge-requests/*/head"),
            PullRequest::WithoutReference(_) => None,
        }
    }
}

/// GitLab writes it below everything else.
fn merge_request(message: &str) -> Option<PullRequest> {
    let own = |line: &str| number(line.trim().strip_prefix("See merge request ")?.rsplit_once('!')?.1);
    message.lines().rev().find_map(own).map(PullRequest::MergeRequest)
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::PullRequest::{self, MergeRequest, Pull, WithoutReference};

    #[test]
    fn only_the_own_number_counts() {
        for (message, expected) in [
            ("Merge pull request #12 from zoo/fox\n\nadd fox", Some(Pull(12))),
            ("Merge pull request #12 from zoo/fox (#9)", Some(Pull(12))),
            ("add fox (#12)\n\n* wip (#9)", Some(Pull(12))),
            ("fix (#12) (#34)\n\nbody", Some(Pull(34))),
            ("Revert \"add fox (#12)\" (#15)", Some(Pull(15))),
            ("Revert \"add fox (#12)\"", None),
            ("Merge branch 'fox' into 'main'\n\nAdd fox\n\nSee merge request zoo/shop!12", Some(MergeRequest(12))),
            ("x\n\nSee merge request zoo/shop!1\n\nSee merge request zoo/shop!2", Some(MergeRequest(2))),
            ("Merged in fox (pull request #12)", Some(WithoutReference(12))),
            ("Merged PR 12: add fox", Some(WithoutReference(12))),
            ("fix #12", None),
            ("see (#12) for more", None),
            ("fix (#1x)", None),
            ("add fox (#99999999999999999999)", None),
            ("add fox (#)", None),
            ("(#é12)", None),
            ("", None),
        ] {
            assert_eq!(PullRequest::of(message), expected, "{message}");
        }
    }
}
