//! What a CI job is told of the pull request that it builds: GitHub's event file, GitLab's variables. It is
//! the forge's word for this run and not in git.

use super::input;
use crate::model::CommitId;
use serde::Deserialize;
use std::path::Path;

/// The largest event file that is read; GitHub's are below 100 KB.
const MOST_BYTES: u64 = 16 << 20;

/// A pull request as the job knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullRequestEvent {
    pub head_branch: Option<String>,
    pub author: Option<String>,
    pub labels: Vec<String>,
    pub number: Option<u64>,
    /// The commits of the pull request, from the base to the head; `None` where the job does not say, or
    /// says it in no form that is read: then which commits the event is about is not known.
    pub base: Option<CommitId>,
    pub head: Option<CommitId>,
}

/// The pull request of this job; `None` outside of CI and in a job that builds none. `Err` where the job has
/// an event file that cannot be read.
pub fn pull_request() -> Result<Option<PullRequestEvent>, String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(path) = variable("GITHUB_EVENT_PATH").filter(|_| variable("GITHUB_ACTIONS").is_some()) {
        let text = input::read(Path::new(&path), MOST_BYTES).map_err(|error| error.to_string())?;
        return github(&text).map_err(|error| format!("{path}: {error}"));
    }
    // A container that was given a part of the job's variables.
    if variable("GITHUB_ACTIONS").is_some() && variable("GITHUB_EVENT_NAME").is_some_and(|name| name.starts_with("pull_request")) {
        return Err("GITHUB_EVENT_NAME is a pull request's, and GITHUB_EVENT_PATH is not set".into());
    }
    if variable("GITLAB_CI").is_none() || variable("CI_MERGE_REQUEST_IID").is_none() {
        return Ok(None);
    }
    Ok(Some(gitlab(variable)))
}

fn github(text: &str) -> Result<Option<PullRequestEvent>, serde_json::Error> {
    let event: GithubEvent = serde_json::from_str(text)?;
    Ok(event.pull_request.map(|pull| PullRequestEvent {
        head_branch: Some(pull.head.reference),
        author: pull.user.map(|user| user.login),
        labels: pull.labels.into_iter().map(|label| label.name).collect(),
        number: Some(pull.number),
        base: pull.base.sha.parse().ok(),
        head: pull.head.sha.parse().ok(),
    }))
}

/// GitLab tells no author of the merge request: `GITLAB_USER_LOGIN` is who started the pipeline.
fn gitlab(variable: impl Fn(&str) -> Option<String>) -> PullRequestEvent {
    let commit = |text: Option<String>| text.and_then(|text| text.parse().ok());
    PullRequestEvent {
        head_branch: variable("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
        author: None,
        labels: variable("CI_MERGE_REQUEST_LABELS")
            .iter()
            .flat_map(|labels| labels.split(','))
            .map(|label| label.trim().to_owned())
            .collect(),
        number: variable("CI_MERGE_REQUEST_IID").and_then(|text| text.parse().ok()),
        base: commit(variable("CI_MERGE_REQUEST_DIFF_BASE_SHA")),
        head: commit(variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| variable("CI_COMMIT_SHA"))),
    }
}

#[derive(Deserialize)]
struct GithubEvent {
    pull_request: Option<Pull>,
}

#[derive(Deserialize)]
struct Pull {
    number: u64,
    user: Option<User>,
    #[serde(default)]
    labels: Vec<Label>,
    head: Side,
    base: Side,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    reference: String,
    sha: String,
}

#[cfg(test)]
mod tests {
    use super::{github, gitlab};

    #[test]
    fn github_tells_of_the_pull_request() {
        let sha = "0123456789012345678901234567890123456789";
        let text = format!(
            r#"{{"action":"opened","pull_request":{{"number":7,"user":{{"login":"Copilot","type":"Bot"}},"labels":[{{"name":"x"}}],
            "head":{{"ref":"copilot/fix","sha":"{sha}"}},"base":{{"ref":"main","sha":"no"}}}}}}"#
        );
        let event = github(&text).unwrap().unwrap();
        assert_eq!((event.head_branch.as_deref(), event.author.as_deref(), event.number), (Some("copilot/fix"), Some("Copilot"), Some(7)));
        assert!(event.head.is_some() && event.base.is_none());
        assert_eq!(github(r#"{"ref":"refs/heads/main"}"#).unwrap(), None);
        assert!(github("[").is_err());
    }

    #[test]
    fn gitlab_tells_by_variables() {
        let event = gitlab(|name| match name {
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME" => Some("codex/x".into()),
            "CI_MERGE_REQUEST_LABELS" => Some("a, b".into()),
            "CI_COMMIT_SHA" => Some("0123456789012345678901234567890123456789".into()),
            _ => None,
        });
        assert_eq!((event.head_branch.as_deref(), &event.labels[..]), (Some("codex/x"), &["a".to_owned(), "b".to_owned()][..]));
        assert!(event.head.is_some());
    }
}
