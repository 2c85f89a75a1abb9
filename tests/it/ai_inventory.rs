//! `ai inventory`: a repository made by the real git, through the command, to what is in it.

use crate::git::Fixture;
use crate::reports::{assert_valid_by, described};
use sbomgate::model::text::is_invisible;
use serde_json::Value;
use std::process::{Command, Output};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/ai-inventory.schema.json")).unwrap()
}

fn run(fixture: &Fixture, folder: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
    for variable in ["GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITLAB_CI", "CI_MERGE_REQUEST_IID", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.current_dir(fixture.path(folder)).args(["ai", "inventory"]).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn tools_are_told_with_their_commits_and_files() {
    let fixture = Fixture::new("ai_inventory");
    let output = run(&fixture, "work", &["-f", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_valid_by(&schema(), &stdout(&output), "the inventory");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = |revision: &str| fixture.git("work", &["rev-parse", revision]).unwrap();
    let tools = json["tools"].as_array().unwrap();
    let in_short: Vec<_> =
        tools.iter().map(|row| (row["tool"].as_str(), row["declared"].as_u64(), row["lockfile_changes"].as_u64())).collect();
    assert_eq!(in_short, [(None, Some(1), Some(0)), (Some("claude-code"), Some(2), Some(1)), (Some("cursor"), Some(0), Some(0))]);
    assert_eq!((tools[1]["first"]["commit"].as_str(), tools[1]["last"]["commit"].as_str()), (Some(&*id("HEAD~3")), Some(&*id("HEAD~2"))));
    assert_eq!(tools[1]["files"], serde_json::json!([".claude/settings.json", "CLAUDE.md"]));
    assert_eq!(json["files"], serde_json::json!([".mcp.json", "AGENTS.md", "web/AGENTS.md"]), "what is vendored is another's");
    let at = |key: &str, fields: &[&str]| -> Vec<String> {
        let list = json[key].as_array().unwrap().iter();
        list.map(|row| fields.iter().map(|field| row[field].to_string().replace('"', "")).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(at("silenced", &["file", "line"]), [".claude/settings.json 2", "CLAUDE.md 3"]);
    assert_eq!(
        at("unlocked", &["file", "line", "ecosystem", "name"]),
        [
            ".cursor/rules/a.mdc 1 pypi elk",
            ".cursor/rules/a.mdc 2 npm gnu",
            ".mcp.json 1 npm @zoo/hen",
            "CLAUDE.md 5 npm fox",
            "CLAUDE.md 8 npm owl"
        ]
    );
    let limits = json["limits"].to_string();
    assert!(limits.contains("AGENTS.md is no plain file") && limits.contains("web/AGENTS.md is no text"), "{limits}");
}

#[test]
fn the_text_is_harmless_and_bounds_itself() {
    let fixture = Fixture::new("ai_inventory");
    let text = stdout(&run(&fixture, "work", &[]));
    for expected in [
        "2 AI tools in 5 commits up to ",
        "  Claude Code (Anthropic)  declared in at least 2 commits, 1 of them change a lockfile\n",
        "  Cursor (Anysphere)  files alone\n",
        "this repository tells agents not to declare themselves (2)\n",
        "  CLAUDE.md:5  fox of npm: `npm install fox`\n",
        "note: these are lower bounds: a tool that leaves no mark is not seen",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("human") && !text.contains('%') && !text.chars().any(|c| c != '\n' && is_invisible(c)), "{text:?}");
    let early = stdout(&run(&fixture, "work", &["HEAD~4"]));
    assert!(early.starts_with("0 AI tools in 1 commit up to "), "{early}");
}

#[test]
fn what_is_not_known_is_no_success() {
    let fixture = Fixture::new("ai_inventory");
    let output = run(&fixture, "shallow", &["-f", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_valid_by(&schema(), &stdout(&output), "a shallow clone");
    assert!(stdout(&output).contains("git fetch --unshallow"));
    fixture.write("work/package-lock.json", b"<<<<<<< HEAD\n");
    fixture.git("work", &["-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "-q", "-a", "-m", "broken"]).unwrap();
    let output = run(&fixture, "work", &["-f", "json"]);
    assert_eq!(output.status.code(), Some(2), "names may be in a lockfile that cannot be read");
    assert_valid_by(&schema(), &stdout(&output), "a broken lockfile");
    assert_eq!(run(&fixture, "work", &["no-such-revision"]).status.code(), Some(2));
}

/// What a policy says of each tool stands beside it; what names no tool no list can sanction.
#[test]
fn tools_are_told_with_what_the_policy_says_of_them() {
    let fixture = Fixture::new("ai_inventory");
    let state = |rows: &str| -> Vec<Option<String>> {
        fixture.write("work/.sbomgate/policy.toml", format!("version = 1\n{rows}").as_bytes());
        fixture.git("work", &["add", "--all"]).unwrap();
        fixture
            .git("work", &["-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "-q", "--allow-empty", "-m", "policy"])
            .unwrap();
        let output = run(&fixture, "work", &["-f", "json"]);
        assert_valid_by(&schema(), &stdout(&output), rows);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = json["tools"].as_array().unwrap().iter();
        rows.map(|row| row["sanction"]["state"].as_str().map(str::to_owned)).collect()
    };
    let row = |rest: &str| format!("[[ai.sanctioned]]\ntool = \"claude-code\"\nowner = \"platform\"\n{rest}\n");
    let words = |words: [&str; 3]| words.map(|word| Some(word.to_owned()));
    assert_eq!(state(""), [None, None, None]);
    assert_eq!(state(&row("")), words(["not-sanctioned", "sanctioned", "not-sanctioned"]));
    assert_eq!(state(&row("expires = 2020-01-01")), words(["not-sanctioned", "expired", "not-sanctioned"]));
    assert_eq!(state(&row("approved-on = 9999-01-01")), words(["not-sanctioned", "not-yet", "not-sanctioned"]));
    assert_eq!(state(&row("assessed-on = 2026-01-01\nexpires = 9999-01-01")), words(["not-sanctioned", "sanctioned", "not-sanctioned"]));
    let text = stdout(&run(&fixture, "work", &[]));
    let told = "sanctioned, owner platform, assessed on 2026-01-01, expires 9999-01-01 (.sbomgate/policy.toml:3)";
    assert!(text.contains(told) && text.contains("not sanctioned by the policy"), "{text}");
}

#[test]
fn the_schema_describes_everything() {
    assert!(jsonschema::meta::is_valid(&schema()));
    described(&schema(), "the inventory");
}

/// Commits that are there and cannot be read are not "no tool".
#[test]
fn a_broken_history_is_not_known() {
    let fixture = Fixture::new("ai_inventory");
    let root = fixture.git("work", &["rev-list", "--max-parents=0", "HEAD"]).unwrap();
    std::fs::remove_file(fixture.path("work/.git/objects").join(&root[..2]).join(&root[2..])).unwrap();
    let output = run(&fixture, "work", &["-f", "json"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not all commits were looked at"));
    assert_valid_by(&schema(), &stdout(&output), "the inventory");
}
