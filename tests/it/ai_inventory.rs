//! `ai inventory`: a repository made by the real git, through the command, to what is in it.

use crate::git::Fixture;
use crate::reports::{assert_valid_by, described};
use sbomgate::enrich::attribution::inventory::Inventory;
use sbomgate::model::text::is_invisible;
use sbomgate::run::{Project, ai_inventory};
use serde_json::Value;
use std::collections::BTreeSet;
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

/// A policy's list of sanctioned tools leaves the others, with what names no tool.
#[test]
fn tools_beyond_a_list_are_told() {
    let fixture = Fixture::new("ai_inventory");
    let answer = ai_inventory::read(&Project::open(&fixture.path("work")).unwrap(), "HEAD").unwrap();
    let beyond = |inventory: &Inventory, list: &[&str]| -> Vec<Option<String>> {
        let list: BTreeSet<String> = list.iter().map(|id| (*id).to_owned()).collect();
        inventory.beyond(&list).into_iter().map(|row| row.tool.clone()).collect()
    };
    assert_eq!(beyond(&answer.inventory, &["claude-code", "cursor"]), [None]);
    assert_eq!(beyond(&answer.inventory, &["claude-code"]), [None, Some("cursor".into())]);
}

#[test]
fn the_schema_describes_everything() {
    assert!(jsonschema::meta::is_valid(&schema()));
    described(&schema(), "the inventory");
}
