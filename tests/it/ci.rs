//! What is there for CI: the scripts of the action, the job for GitLab and the hook, run on scratch repositories against
//! programs that only look like `curl`.

use crate::diff::{self, git};
use crate::fixtures::root;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn top() -> PathBuf {
    root().parent().unwrap().to_owned()
}

/// A folder with a `curl` that writes down what it is asked and answers from files: `answers/N` holds the status in its
/// first line, then the body; the last one goes on answering.
struct Web {
    folder: tempfile::TempDir,
}

const CURL: &str = r#"#!/usr/bin/env bash
set -euo pipefail
here=$(dirname -- "$0")/..
number=$(ls "$here/asked" | wc -l)
{ printf '%s\n' "$@"; } >"$here/asked/$(printf %03d "$number")"
output=; status=; data=; previous=; fail=
for argument in "$@"; do
  case $previous in --output) output=$argument ;; --write-out) status=yes ;; --data-binary) data=${argument#@} ;; --form) data=${argument#body=<} ;; esac
  if [[ $argument == --config ]]; then cat >"$here/config"; fi
  if [[ $argument == --fail ]]; then fail=yes; fi
  previous=$argument
done
if [[ -n $data ]]; then cp -- "$data" "$here/body"; fi
answer="$here/answers/$number"
if [[ ! -e $answer ]]; then answer=$(ls -v "$here"/answers/* | tail -1); fi
code=$(head -1 "$answer")
if [[ -n $fail && $code -ge 400 ]]; then exit 22; fi
if [[ -n $output ]]; then tail -n +2 "$answer" >"$output"; else tail -n +2 "$answer"; fi
if [[ -n $status ]]; then printf %s "$code"; fi
"#;

impl Web {
    fn new(answers: &[(u32, Value)]) -> Web {
        let folder = tempfile::tempdir().unwrap();
        for name in ["bin", "asked", "answers"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        program(&folder.path().join("bin/curl"), CURL);
        for (number, (status, body)) in answers.iter().enumerate() {
            fs::write(folder.path().join(format!("answers/{number}")), format!("{status}\n{body}")).unwrap();
        }
        Web { folder }
    }

    /// The arguments of each question.
    fn asked(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path().join("asked")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn script(name: &str, folder: &Path, web: Option<&Web>) -> Command {
    let mut command = Command::new(top().join(name));
    prepare(&mut command, folder, web);
    command
}

fn prepare(command: &mut Command, folder: &Path, web: Option<&Web>) {
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("GITHUB_") || name.starts_with("CI") || name.starts_with("SBOMGATE"))
    {
        command.env_remove(name);
    }
    let path = std::env::var("PATH").unwrap();
    let bin = web.map(|web| format!("{}:", web.folder.path().join("bin").display())).unwrap_or_default();
    command.current_dir(folder).env("PATH", format!("{bin}{path}")).env("XDG_CACHE_HOME", "/no/such/cache");
}

fn told(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{}", told(output)))
}

/// Names and titles that would be commands, options or workflow commands if anything expanded them.
const HOSTILE: [&str; 4] = ["$(touch$IFS.owned)", "`touch .owned`", "x;touch .owned", "--output=.owned"];

struct Judged {
    output: String,
    outputs: String,
    summary: String,
    comment: String,
    owned: bool,
}

fn judge(case: &str, base: &str, head: &str, arguments: &str) -> Judged {
    let repository = diff::repository(&root().join("diff").join(case));
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str| scratch.path().join(name);
    fs::write(file("summary"), "of another step\n").unwrap();
    let mut command = script("ci/github/judge.sh", repository.path(), None);
    command.env("SBOMGATE", env!("CARGO_BIN_EXE_sbomgate")).env("BASE", base).env("HEAD", head).env("ARGUMENTS", arguments);
    command.env("REPORTS", file("reports")).env("GITHUB_OUTPUT", file("outputs")).env("GITHUB_STEP_SUMMARY", file("summary"));
    let output = command.output().unwrap();
    assert_eq!(code(&output), 0, "{}", told(&output));
    let read = |name: &str| fs::read_to_string(file(name)).unwrap_or_default();
    let owned = repository.path().join(".owned").exists();
    Judged { output: told(&output), outputs: read("outputs"), summary: read("summary"), comment: read("reports/comment.md"), owned }
}

#[test]
fn the_action_judges_and_keeps_the_code_for_its_last_step() {
    for (case, code, verdict) in [
        ("requirement-raised", 0, "allow"),
        ("digest-changed", 1, "deny"),
        ("head-unreadable", 2, "could-not-judge"),
        ("manifest-line-added", 3, "needs-approval"),
    ] {
        let judged = judge(case, "base", "head", "");
        assert!(judged.outputs.starts_with(&format!("code={code}\nverdict={verdict}\n")), "{case}: {}", judged.outputs);
        assert!(judged.summary.starts_with("of another step\n### ") && judged.comment.starts_with("### "), "{case}");
        assert!(judged.outputs.contains("sarif="), "{case}");
    }
}

#[test]
fn what_is_no_revision_is_not_judged() {
    for hostile in HOSTILE.into_iter().chain(["", "-C", "a..b", "a\ncode=0", "no-such-revision"]) {
        let judged = judge("requirement-raised", hostile, "head", "");
        let first = judged.outputs.lines().next();
        assert_eq!(first, Some("code=2"), "{hostile:?}: {}", judged.output);
        assert!(!judged.owned && !judged.outputs.contains("code=0"), "{hostile:?}");
    }
    let judged = judge("requirement-raised", "base", "head", "--no-such-option\n$(touch .owned)");
    assert!(judged.outputs.starts_with("code=2\n") && judged.comment.contains("could not judge") && !judged.owned, "{}", judged.output);
    assert!(judge("requirement-raised", "base", "head", "--exclude\nweb folder/**\n").outputs.starts_with("code=0\n"));
}

#[test]
fn a_branch_may_be_called_anything() {
    let repository = diff::repository(&root().join("diff/requirement-raised"));
    for name in ["$(touch${IFS}.owned)", "`touch`", "a;b", "a'\"b"] {
        git(repository.path(), &["branch", "--force", name, "head"]);
        let scratch = tempfile::tempdir().unwrap();
        let mut command = script("ci/github/judge.sh", repository.path(), None);
        command.env("SBOMGATE", env!("CARGO_BIN_EXE_sbomgate")).env("BASE", "base").env("HEAD", name);
        command.env("REPORTS", scratch.path().join("reports")).env("GITHUB_OUTPUT", scratch.path().join("outputs"));
        let output = command.output().unwrap();
        let outputs = fs::read_to_string(scratch.path().join("outputs")).unwrap();
        assert!(outputs.starts_with("code=0\n"), "{name}: {}", told(&output));
        assert!(!repository.path().join(".owned").exists());
    }
}

const REPORT: &str = "### sbomgate: `$(touch .owned)` \"quoted\" ::error::\\ $HOME\n";

fn comment(web: &Web, pull: &str, token: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("comment.md"), REPORT).unwrap();
    let mut command = script("ci/github/comment.sh", folder.path(), Some(web));
    command.env("REPORT", "comment.md").env("PULL", pull).env("GITHUB_REPOSITORY", "zoo/cart").env("GITHUB_TOKEN", token);
    let output = command.env("GITHUB_API_URL", "https://api.github.example").output().unwrap();
    assert!(!folder.path().join(".owned").exists());
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert!(!told(&output).contains("s3cret") && web.asked().iter().all(|asked| !asked.contains("s3cret")), "the token is nowhere told");
    output
}

#[test]
fn the_comment_is_written_once_and_kept_up_to_date() {
    let marker = "<!-- sbomgate: dependencies -->\n";
    let web = Web::new(&[(200, json!([])), (201, json!({}))]);
    comment(&web, "17", "s3cret");
    let asked = web.asked();
    assert!(
        asked[1].contains("POST\n") && asked[1].ends_with("https://api.github.example/repos/zoo/cart/issues/17/comments\n"),
        "{asked:?}"
    );
    assert_eq!(serde_json::from_str::<Value>(&web.file("body")).unwrap()["body"], format!("{marker}{REPORT}"));
    assert_eq!(web.file("config"), "header = \"Authorization: Bearer s3cret\"\n");
    let of = |id: u32, kind: &str, body: &str| json!({ "id": id, "user": { "type": kind }, "body": body });
    let comments = json!([
        of(1, "User", marker),
        of(2, "Bot", "hello"),
        of(3, "Bot", &format!("x{marker}")),
        of(4, "Bot", marker),
        json!({ "id": 5, "user": null, "body": null })
    ]);
    let web = Web::new(&[(200, comments), (200, json!({}))]);
    comment(&web, "17", "s3cret");
    let asked = web.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].contains("PATCH\n") && asked[1].ends_with("/issues/comments/4\n"), "what a person wrote is not touched: {asked:?}");
}

#[test]
fn a_token_that_may_not_write_is_said_and_no_error() {
    let web = Web::new(&[(200, json!([])), (403, json!({ "message": "Resource not accessible by integration" }))]);
    assert!(told(&comment(&web, "17", "s3cret")).contains("::notice::sbomgate: the token may not write a comment (403;"));
    let web = Web::new(&[(500, json!("<html>")), (500, json!("<html>"))]);
    assert!(told(&comment(&web, "17", "s3cret")).contains("::warning::"));
    for (pull, token) in [("17", ""), ("", "s3cret"), ("1;touch .owned", "s3cret"), ("1/../../2", "s3cret"), ("-1", "s3cret")] {
        let web = Web::new(&[(200, json!([]))]);
        comment(&web, pull, token);
        assert!(web.asked().is_empty(), "{pull:?}");
    }
}

#[test]
fn the_last_step_fails_by_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    for (given, fail_on, expected) in [
        ("0", "", 0),
        ("1", "deny", 1),
        ("3", "", 3),
        ("3", "needs-approval", 3),
        ("3", "deny", 0),
        ("2", "deny", 2),
        ("", "deny", 2),
        ("137", "deny", 2),
        ("0", "never", 2),
    ] {
        let output = script("ci/github/verdict.sh", folder.path(), None).env("CODE", given).env("FAIL_ON", fail_on).output().unwrap();
        assert_eq!(code(&output), expected, "{given} {fail_on}: {}", told(&output));
    }
}

#[test]
fn a_download_is_what_its_digest_says() {
    let right: String = ring::digest::digest(&ring::digest::SHA256, b"null").as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let wrong = "0".repeat(64);
    for (url, sha256, expected) in [
        ("https://host.example/sbomgate", right.as_str(), 0),
        ("https://host.example/sbomgate", wrong.as_str(), 2),
        ("https://host.example/sbomgate", "", 2),
        ("https://host.example/sbomgate", "$(touch .owned)", 2),
        ("http://host.example/sbomgate", right.as_str(), 2),
        ("file:///etc/passwd", right.as_str(), 2),
    ] {
        let (web, folder) = (Web::new(&[(200, Value::Null)]), tempfile::tempdir().unwrap());
        let mut command = script("ci/install.sh", folder.path(), Some(&web));
        let output = command.arg("into").env("SBOMGATE_URL", url).env("SBOMGATE_SHA256", sha256).output().unwrap();
        assert_eq!(code(&output), expected, "{url} {sha256}: {}", told(&output));
        let left: Vec<_> = fs::read_dir(folder.path().join("into")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), usize::from(expected == 0), "{left:?}");
    }
}

#[test]
fn the_hook_stops_a_commit_by_the_verdict() {
    let hook = |repository: &Path, fail_on: &str| {
        let mut command = script("ci/hooks/pre-commit", repository, None);
        command.env("SBOMGATE", env!("CARGO_BIN_EXE_sbomgate")).env("SBOMGATE_FAIL_ON", fail_on).output().unwrap()
    };
    for (case, on_deny, on_approval) in
        [("requirement-raised", 0, 0), ("digest-changed", 1, 1), ("head-unreadable", 2, 2), ("manifest-line-added", 0, 3)]
    {
        let repository = diff::repository(&root().join("diff").join(case));
        // The work tree of the head upon the commit of the base.
        git(repository.path(), &["checkout", "--quiet", "head"]);
        git(repository.path(), &["reset", "--quiet", "--soft", "base"]);
        assert_eq!(code(&hook(repository.path(), "deny")), on_deny, "{case}");
        let output = hook(repository.path(), "needs-approval");
        assert_eq!(code(&output), on_approval, "{case}: {}", told(&output));
        assert_eq!(code(&hook(repository.path(), "never")), 2, "{case}");
    }
    let empty = tempfile::tempdir().unwrap();
    git(empty.path(), &["init", "--quiet"]);
    assert!(told(&hook(empty.path(), "deny")).contains("the first commit"));
}

/// The parts of the job's script that are called so.
fn gitlab(parts: &[&str]) -> String {
    let job = fs::read_to_string(top().join("ci/gitlab/sbomgate.yml")).unwrap();
    let script = job.split("  script:\n").nth(1).unwrap().split("  artifacts:\n").next().unwrap();
    let all: Vec<&str> = script.split("    - |\n").skip(1).collect();
    let chosen = all.iter().filter(|part| parts.iter().any(|name| part.trim_start().starts_with(&format!("# {name}\n"))));
    let chosen: Vec<String> =
        chosen.map(|part| part.lines().map(|line| format!("{}\n", line.strip_prefix("      ").unwrap_or(line))).collect()).collect();
    assert_eq!(chosen.len(), parts.len(), "{parts:?}");
    format!("set -eu\nours=$(mktemp -d)\n{}", chosen.concat())
}

fn note(web: &Web) -> Output {
    let folder = tempfile::tempdir().unwrap();

    fs::write(folder.path().join("sbomgate.md"), REPORT).unwrap();
    let mut command = Command::new("bash");
    prepare(&mut command, folder.path(), Some(web));
    command.arg("-c").arg(gitlab(&["note"])).env("CI_MERGE_REQUEST_IID", "4").env("CI_PROJECT_ID", "7").env("SBOMGATE_TOKEN", "s3cret");
    let output = command.env("CI_API_V4_URL", "https://gitlab.example/api/v4").output().unwrap();
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert!(!folder.path().join(".owned").exists() && !told(&output).contains("s3cret"));
    assert!(web.asked().iter().all(|asked| !asked.contains("s3cret")));
    output
}

#[test]
fn the_note_is_written_once_and_kept_up_to_date() {
    let marker = "<!-- sbomgate: dependencies -->";
    let web = Web::new(&[(200, json!({ "id": 9 })), (200, json!([])), (201, json!({}))]);
    note(&web);
    assert!(web.asked()[2].contains("POST\n") && web.asked()[2].ends_with("/projects/7/merge_requests/4/notes\n"), "{:?}", web.asked());
    assert_eq!(web.file("body"), format!("{marker}\n{REPORT}"));
    let of = |id: u32, author: u32, body: &str| json!({ "id": id, "author": { "id": author }, "body": body });
    let notes = json!([of(1, 8, marker), of(2, 9, "hello"), of(3, 9, &format!("{marker}\nold"))]);
    let web = Web::new(&[(200, json!({ "id": 9 })), (200, notes), (200, json!({}))]);
    note(&web);
    assert!(web.asked()[2].contains("PUT\n") && web.asked()[2].ends_with("/notes/3\n"), "another's note is not touched: {:?}", web.asked());
    let web = Web::new(&[(403, json!({}))]);
    assert!(told(&note(&web)).contains("the note could not be written"));
}

#[test]
fn the_job_of_gitlab_judges_and_fails_by_the_verdict() {
    for (case, fail_on, expected) in [
        ("requirement-raised", "needs-approval", 0),
        ("digest-changed", "deny", 1),
        ("head-unreadable", "deny", 2),
        ("manifest-line-added", "deny", 0),
        ("manifest-line-added", "needs-approval", 3),
    ] {
        let origin = diff::repository(&root().join("diff").join(case));
        git(origin.path(), &["branch", "--force", "a$(touch${IFS}.owned)b", "base"]);
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["clone", "--quiet", "--branch", "head", &origin.path().display().to_string(), "."]);
        let mut command = Command::new("bash");
        prepare(&mut command, folder.path(), None);
        let bin = Path::new(env!("CARGO_BIN_EXE_sbomgate")).parent().unwrap();
        command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())).env("SBOMGATE_FAIL_ON", fail_on);
        command.env("CI_MERGE_REQUEST_IID", "4").env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "a$(touch${IFS}.owned)b");
        let output = command.arg("-c").arg(gitlab(&["judge", "verdict"])).output().unwrap();
        assert_eq!(code(&output), expected, "{case} {fail_on}: {}", told(&output));
        assert!(!folder.path().join(".owned").exists());
        for file in [
            "sbomgate.md",
            "gl-code-quality-report.json",
            "gl-dependency-scanning-report.json",
            "sbomgate.xml",
            "sbomgate.html",
            "sbomgate-approvals.json",
        ] {
            assert!(fs::metadata(folder.path().join(file)).is_ok_and(|file| file.len() > 0), "{case}: {file}");
        }
    }
}

/// What a pull request says comes by the environment: nothing is expanded in what a shell runs.
#[test]
fn nothing_is_expanded_in_what_a_shell_runs() {
    let action = fs::read_to_string(top().join("action.yml")).unwrap();
    let runs: Vec<&str> = action.lines().filter(|line| line.trim_start().starts_with("run:")).collect();
    assert_eq!(runs.len(), action.matches("shell: bash").count());
    for run in runs {
        assert!(!run.contains("${{") && run.contains("\"$GITHUB_ACTION_PATH/ci/"), "{run}");
        let script = run.split("$GITHUB_ACTION_PATH/").nth(1).unwrap().split('"').next().unwrap();
        assert!(top().join(script).is_file(), "{script}");
    }
    let hooks = fs::read_to_string(top().join(".pre-commit-hooks.yaml")).unwrap();
    assert!(hooks.contains("entry: ci/hooks/pre-commit\n") && top().join("ci/hooks/pre-commit").is_file());
    for script in ["ci/install.sh", "ci/github/judge.sh", "ci/github/comment.sh", "ci/github/verdict.sh", "ci/hooks/pre-commit"] {
        let text = fs::read_to_string(top().join(script)).unwrap();
        assert!(text.starts_with("#!/usr/bin/env bash\n") && text.contains("\nset -euo pipefail\n"), "{script}");
        assert!(!text.contains("eval ") && !text.contains("${{"), "{script}");
        assert_eq!(fs::metadata(top().join(script)).unwrap().permissions().mode() & 0o111, 0o111, "{script}");
    }
}
