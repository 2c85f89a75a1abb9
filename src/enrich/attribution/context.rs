//! What stands around a commit: branches, the merge that brought it in, the pull request behind a squash,
//! what the forge says of the pull request that is being built.

use super::catalogue::{Catalogue, Role, Strength};
use super::evidence::{Evidence, Extent, How, Place};
use super::markers::{self, Found};
use crate::model::{Commit, CommitId};

/// A commit of the pull request that was squashed.
#[derive(Debug)]
pub struct PullCommit {
    pub commit: Commit,
    /// Whether it adds a line that the squash commit adds too, in a manifest or lockfile where there is one.
    pub shares_lines: bool,
}

/// What the pull request's commits declare. One that shares a line with the squash commit declares for it;
/// another one indicates that a tool was at work on the pull request.
pub fn of_pull(commits: &[PullCommit], catalogue: &Catalogue) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = Vec::new();
    for PullCommit { commit, shares_lines } in commits {
        let Found { evidence: found, .. } = markers::found_on(commit, catalogue);
        let declares = found.into_iter().filter(Evidence::declares);
        let strength = |found: &Evidence| if *shares_lines { found.strength } else { Strength::Weak };
        evidence.extend(declares.map(|found| Evidence {
            strength: strength(&found),
            extent: Extent::PullRequest,
            commit: Some(commit.id.clone()),
            ..found
        }));
    }
    evidence
}

/// The merge that brought a commit in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    pub commit: CommitId,
    pub subject: String,
}

/// A branch name that a merge's subject says was merged: `Merge pull request #1 from owner/codex/fix`,
/// `Merge branch 'codex/fix' into main`.
pub fn merged_branch(subject: &str) -> Option<&str> {
    if let Some(rest) = subject.strip_prefix("Merge pull request #") {
        let from = rest.split_once(" from ")?.1.split_whitespace().next()?;
        return from.split_once('/').map(|(_, branch)| branch);
    }
    let rest = subject.strip_prefix("Merge branch '").or_else(|| subject.strip_prefix("Merge remote-tracking branch '"))?;
    let name = rest.split('\'').next()?;
    Some(name.strip_prefix("origin/").unwrap_or(name))
}

/// What a merge's subject tells of the commits that it brought in.
pub fn of_merge(merge: &Merge, own: bool, catalogue: &Catalogue) -> Option<Evidence> {
    let branch = merged_branch(&merge.subject)?;
    let commit = (!own).then(|| merge.commit.clone());
    Some(Evidence { how: How::MergedBranch, commit, text: Evidence::text(&merge.subject), ..of_branch(branch, catalogue)? })
}

/// What a branch's name tells of the commits that are on no other.
pub fn of_branch(name: &str, catalogue: &Catalogue) -> Option<Evidence> {
    let row = catalogue.branch(name)?;
    let place = Place::Branch(Evidence::text(name));
    Some(weak(How::Branch, place, "branch-name", Some(row.tool.clone()), name))
}

/// What the forge tells a CI job of the pull request that it builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub head_branch: Option<String>,
    pub author: Option<String>,
    pub labels: Vec<String>,
    /// The commits from here,
    pub base: Option<CommitId>,
    /// to here are the pull request's.
    pub head: Option<CommitId>,
}

/// What it tells of the pull request's commits. Nothing of it is in git, so nothing of it declares.
pub fn of_event(event: &Event, catalogue: &Catalogue) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if let Some(branch) = event.head_branch.as_deref().and_then(|branch| of_branch(branch, catalogue)) {
        evidence.push(Evidence { marker: "event-branch".into(), extent: Extent::PullRequest, ..branch });
    }
    if let Some((author, tool)) = event.author.as_deref().and_then(|author| Some((author, login_of_tool(author, catalogue)?))) {
        evidence.push(weak(How::PullRequestAuthor, Place::Event, "event-author", Some(tool), author));
    }
    for label in event.labels.iter().filter(|label| catalogue.labels.contains(&label.to_lowercase())).take(5) {
        evidence.push(weak(How::Label, Place::Event, "event-label", None, label));
    }
    evidence
}

/// The tool whose mark is an identity with this login at the forge.
fn login_of_tool(login: &str, catalogue: &Catalogue) -> Option<String> {
    let login = if login.eq_ignore_ascii_case("copilot-swe-agent[bot]") { "Copilot" } else { login };
    catalogue.login(login).map(str::to_owned)
}

fn weak(how: How, place: Place, marker: &str, tool: Option<String>, text: &str) -> Evidence {
    let extent = if matches!(place, Place::Event) { Extent::PullRequest } else { Extent::Commit };
    let (marker, text) = (marker.to_owned(), Evidence::text(text));
    Evidence { strength: Strength::Weak, extent, how, place, marker, role: Role::Author, tool, model: None, commit: None, text }
}

#[cfg(test)]
mod tests {
    use super::merged_branch;

    #[test]
    fn a_merge_names_its_branch() {
        assert_eq!(merged_branch("Merge pull request #1 from owner/codex/fix-x"), Some("codex/fix-x"));
        assert_eq!(merged_branch("Merge branch 'claude/y' into main"), Some("claude/y"));
        assert_eq!(merged_branch("Merge remote-tracking branch 'origin/jules/z'"), Some("jules/z"));
        assert_eq!(merged_branch("Merge the codex/fix branch"), None);
    }
}
