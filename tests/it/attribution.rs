//! The door of `enrich::attribution`: commits as data (`fixtures/attribution`), a repository made by the
//! real git for what stands around them, and the command with its schema. The first line of an about.md says
//! what is right: the category, the tools, and in brackets the bots.

use crate::fixtures::{folders, name, root};
use crate::git::Fixture;
use crate::reports::{assert_valid_by, described};
use sbomgate::enrich::Fact;
use sbomgate::enrich::attribution::{
    AddedLines, Attribution, Catalogue, Category, Context, Record, attribute, parse_agent_trace, parse_note,
};
use sbomgate::model::text::is_invisible;
use sbomgate::model::{Commit, CommitId, CommitRecord, Mailmap};
use sbomgate::report::Style;
use sbomgate::report::attribution::{Attributed, wording, write_json, write_text};
use sbomgate::run::Project;
use sbomgate::run::attribution::{Answer, Options, read};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn id() -> CommitId {
    "0123456789012345678901234567890123456789".parse().unwrap()
}

fn commit(message: &str) -> Commit {
    Commit::parse(id(), format!("author Ada <ada@shop.example> 1 +0000\ncommitter Ada <ada@shop.example> 1 +0000\n\n{message}").as_bytes())
}

fn alone(commit: &Commit) -> Attribution {
    attribute(commit, Context::default(), Catalogue::shipped())
}

fn cases() -> Vec<PathBuf> {
    let cases = folders(&root().join("attribution"));
    assert!(cases.len() > 50, "only {} cases were found", cases.len());
    cases
}

fn of_case(case: &Path) -> Commit {
    Commit::parse(id(), &fs::read(case.join("commit")).unwrap())
}

/// `ai-declared claude-code [renovate]`.
fn in_short(attribution: &Attribution) -> String {
    let category = attribution.category.known().map_or("unknown", |category| category.as_str());
    let tools = attribution.tools.iter().map(|tool| format!(" {tool}")).collect::<String>();
    let bots = if attribution.automation.is_empty() { String::new() } else { format!(" [{}]", attribution.automation.join(" ")) };
    format!("{category}{tools}{bots}")
}

fn written(attributed: &Attributed<'_>) -> (String, String) {
    let (mut text, mut json) = (Vec::new(), Vec::new());
    write_text(&[*attributed], &[*attributed], Catalogue::shipped(), &Style::plain(), &mut text).unwrap();
    write_json(&[*attributed], Catalogue::shipped(), &mut json).unwrap();
    (String::from_utf8(text).unwrap(), String::from_utf8(json).unwrap())
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/attribution.schema.json")).unwrap()
}

#[test]
fn every_case_is_what_its_about_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        let about = fs::read_to_string(case.join("about.md")).unwrap();
        let found = in_short(&alone(&of_case(&case)));
        if about.lines().next() != Some(found.as_str()) {
            wrong.push(format!("{}: {found}, and right is {}", name(&case), about.lines().next().unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_is_told_as_its_golden_file_says() {
    for case in cases() {
        let commit = of_case(&case);
        let attribution = alone(&commit);
        let commit = CommitRecord::of(&commit, &Mailmap::default());
        let attributed = Attributed { commit: &commit, attribution: &attribution, shallow: false };
        let (text, json) = written(&attributed);
        assert_valid_by(&schema(), &json, &name(&case));
        assert!(!format!("{text}{json}").chars().any(|c| c != '\n' && is_invisible(c)), "{}: {text}", name(&case));
        insta::with_settings!({ snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", format!("{text}{json}"));
        });
    }
}

/// No sentence calls a change a person's work, and none gives a share.
#[test]
fn sentences_promise_nothing() {
    for case in cases() {
        let commit = of_case(&case);
        let attribution = alone(&commit);
        let commit = CommitRecord::of(&commit, &Mailmap::default());
        let attributed = Attributed { commit: &commit, attribution: &attribution, shallow: false };
        let sentence = wording::statement(&attributed, Catalogue::shipped());
        assert!(!sentence.contains("human") && !sentence.contains('%'), "{sentence}");
        assert_eq!(
            attribution.category == Fact::Known(Category::Undeclared),
            sentence.contains("does not show that a person wrote"),
            "{sentence}"
        );
        assert_eq!(attribution.category == Fact::Known(Category::AiDeclared), sentence.starts_with("AI use declared: "), "{sentence}");
    }
}

/// A row of the catalogue is used the day it is added: a commit made after it bears its mark.
#[test]
fn every_row_of_the_catalogue_finds_its_own_mark() {
    let file: toml::Table = include_str!("../../data/ai-tools.toml").parse().unwrap();
    let mut wrong = Vec::new();
    for row in file["marker"].as_array().unwrap() {
        let texts = |key: &str| -> Vec<String> {
            let list = row.get(key).and_then(|value| value.as_array()).into_iter().flatten();
            list.map(|text| text.as_str().unwrap().replace('*', "x").replace('?', "7")).collect()
        };
        if row.get("automation_alone").is_some() {
            continue;
        }
        let (names, emails) = (texts("name"), texts("email"));
        let name = names.first().map_or("x", String::as_str);
        let mut samples = Vec::new();
        for email in emails.iter().map(String::as_str).chain(emails.is_empty().then_some("x@shop.example")) {
            if !names.is_empty() || !emails.is_empty() {
                samples.push(Commit::parse(id(), format!("author {name} <{email}> 1 +0000\n\nsubject\n").as_bytes()));
            }
        }
        let values = if row.get("names").is_some() { vec!["Cursor".to_owned()] } else { texts("value") };
        samples.extend(texts("key").iter().flat_map(|key| values.iter().map(move |value| commit(&format!("s\n\n{key}: {value}\n")))));
        samples.extend(texts("line").iter().chain(&texts("contains")).map(|line| commit(&format!("s\n\n{line}\n"))));
        samples.extend(texts("subject").iter().map(|start| commit(&format!("{start}words\n"))));
        samples.extend(texts("checked").iter().map(|text| commit(&format!("s\n\n* [X] {text}\n"))));
        let id = row["id"].as_str().unwrap();
        assert!(!samples.is_empty(), "{id}");
        let found = |commit: &Commit| alone(commit).evidence.iter().any(|found| found.marker == id);
        // Another row may be the better one for one of the samples, as for the bare name of a product.
        if !samples.iter().any(found) {
            wrong.push(id.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Every case, cut short and with bytes turned over, and records likewise: an answer or an error, never a panic.
#[test]
fn damage_never_panics() {
    let note = "Cargo.toml\n  s_1::t_2 1-4,9\n---\n{\"schema_version\":\"authorship/3.0.0\",\"sessions\":{\"s_1\":{\"agent_id\":{\"tool\":\"x\"}}}}";
    let trace = r#"{"version":"0.1","vcs":{"type":"git","revision":"0"},"files":[{"path":"é","conversations":[{"ranges":[]}]}]}"#;
    let commits: Vec<Vec<u8>> = cases().iter().map(|case| fs::read(case.join("commit")).unwrap()).collect();
    for bytes in commits.iter().map(Vec::as_slice).chain([note.as_bytes(), trace.as_bytes()]) {
        for at in 0..bytes.len().min(400) {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 0x55;
            for damaged in [&bytes[..at], &flipped] {
                alone(&Commit::parse(id(), damaged));
                let text = String::from_utf8_lossy(damaged);
                let record = Record::Trace { id: "r".into(), file: "f".into() };
                let _ = (parse_note(&text, &record), parse_agent_trace(&text, "f").is_ok());
                let lines = AddedLines::between(&[bytes], damaged);
                let _ = (lines.first_in(0, u32::MAX), lines.telling(damaged).len());
            }
        }
    }
}

#[test]
fn a_hostile_message_takes_linear_time() {
    let began = Instant::now();
    for line in
        ["Co-authored-by: x <x@shop.example>\n", "Assisted-by: a:b\n", "```\n", "<!--\n", "> \n", "\n", "a", "Made-with: Cursor\n", "é"]
    {
        alone(&commit(&format!("s\n\n{}", line.repeat(3_000_000 / line.len()))));
    }
    let people: String = (0..30_000).map(|number| format!("Co-authored-by: x <{number}@shop.example>\n")).collect();
    alone(&commit(&format!("s\n\n{people}")));
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

/// A mark may stand where nothing was read, so nothing found is not "nothing declared".
#[test]
fn a_message_that_is_not_read_to_its_end_is_not_known() {
    let long = format!("s\n\n{}", "words and more of them\n".repeat(200_000));
    assert!(alone(&commit(&long)).category.known().is_none());
    assert!(alone(&commit(&format!("s\n\n{}", "w".repeat(20_000)))).category.known().is_none(), "a line of which a part is read");
    let declared = format!("s\n\nMade-with: Cursor\n{long}");
    assert_eq!(alone(&commit(&declared)).category, Fact::Known(Category::AiDeclared));
}

fn answers(fixture: &Fixture, folder: &str, revisions: &[&str]) -> Vec<Answer> {
    let revisions: Vec<String> = revisions.iter().map(|text| (*text).to_owned()).collect();
    read(&Project::open(&fixture.path(folder)).unwrap(), &revisions, &Options::default()).unwrap().commits
}

fn sentence(answer: &Answer) -> String {
    let attributed = Attributed { commit: &answer.commit, attribution: &answer.attribution, shallow: answer.shallow };
    assert_valid_by(&schema(), &written(&attributed).1, &answer.commit.subject);
    wording::statement(&attributed, Catalogue::shipped())
}

#[test]
fn what_stands_around_a_commit_counts() {
    let fixture = Fixture::new("attribution");
    for (revision, expected, in_bare) in [
        ("squashed", "AI use declared: Claude Code (Claude Opus 4.6), by co-author trailer in commit", true),
        ("indicated-squash", "AI use indicated: Claude Code is declared for other lines, in commit", true),
        ("lost-squash", "No AI use declared. This does not show that a person wrote the change.", true),
        ("merged-in", "AI use indicated: merged from branch codex/fix; no declaration", true),
        ("the-merge", "AI use indicated: merged from branch codex/fix; no declaration", true),
        ("on-branch", "AI use indicated: only on branch claude/only; no declaration", true),
        ("noted", "AI use declared: Cursor (composer-1), by a git-ai note for line Cargo.toml:10 in commit", true),
        ("stale", "No AI use declared.", true),
        ("elsewhere", "AI use indicated: a session of Cursor is recorded for another file, src.rs; no declaration", true),
        ("broken-note", "Not known whether AI use was declared: the note of refs/notes/ai on this commit cannot be read", true),
        ("signed", "No AI use declared.", false),
    ] {
        for folder in ["work", "bare"].into_iter().filter(|folder| in_bare || *folder == "work") {
            let found = sentence(&answers(&fixture, folder, &[revision])[0]);
            assert!(found.starts_with(expected), "{folder} {revision}: {found}");
        }
    }
    let lost = answers(&fixture, "work", &["lost-squash"]);
    assert!(
        lost[0].attribution.limits[0].contains("git fetch origin 'refs/pull/*/head:refs/pull/*/head'"),
        "{:?}",
        lost[0].attribution.limits
    );
    assert_eq!(answers(&fixture, "work", &["signed"])[0].commit.signature.kind.as_str(), "ssh");
}

#[test]
fn people_are_named_by_the_mailmap() {
    let fixture = Fixture::new("attribution");
    let answer = &answers(&fixture, "work", &["lost-squash"])[0];
    let person = answer.attribution.person.as_ref().unwrap();
    assert_eq!((person.name.as_str(), person.email.as_str()), ("Ada Proper", "proper@shop.example"));
    assert_eq!(answer.commit.author.recorded.as_deref(), Some("Ada <ada@example.org>"));
}

#[test]
fn a_shallow_clone_does_not_know() {
    let fixture = Fixture::new("attribution");
    let answer = &answers(&fixture, "shallow", &["HEAD"])[0];
    assert!(answer.shallow && answer.attribution.category.known().is_none(), "{answer:?}");
    assert!(sentence(answer).contains("git fetch --unshallow"));
}

#[test]
fn the_schema_describes_everything() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    described(&schema, "the answer");
}

fn sbomgate(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
    for variable in ["GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITLAB_CI", "CI_MERGE_REQUEST_IID", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.current_dir(folder).arg("attribution").args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_command_answers_in_the_order_that_was_asked_for() {
    let fixture = Fixture::new("attribution");
    let work = fixture.path("work");
    let asked = ["noted", "squashed", "noted"];
    let ids: Vec<String> = asked.iter().map(|revision| fixture.git("work", &["rev-parse", revision]).unwrap()).collect();
    let output = sbomgate(&work, &["noted", "squashed", "noted", "-f", "json"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_valid_by(&schema(), &stdout(&output), "the answer");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<&str> = json.as_array().unwrap().iter().map(|entry| entry["commit"].as_str().unwrap()).collect();
    assert_eq!(found, ids, "a commit that is named twice is answered for twice");
    // A range is the commits of `git log`, and a filter leaves out what is no AI's.
    let logged = fixture.git("work", &["log", "--format=%H", "squashed..elsewhere"]).unwrap();
    let output = sbomgate(&work, &["squashed..elsewhere", "-f", "json"], &[]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<&str> = json.as_array().unwrap().iter().map(|entry| entry["commit"].as_str().unwrap()).collect();
    assert_eq!(found, logged.lines().collect::<Vec<_>>());
    let text = stdout(&sbomgate(&work, &["squashed..elsewhere", "--ai", "declared,indicated"], &[]));
    assert!(text.contains("declared in at least 1 of 8 commits, indicated in at least 4;") && !text.contains("add hen"), "{text}");
    let text = stdout(&sbomgate(&work, &["squashed..elsewhere", "--ai", "undeclared"], &[]));
    assert!(text.contains("add hen") && !text.contains("AI use declared: "), "{text}");
}

#[test]
fn what_is_not_known_is_no_success() {
    let fixture = Fixture::new("attribution");
    let output = sbomgate(&fixture.path("shallow"), &["HEAD"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("Not known whether AI use was declared"), "the report is written all the same");
    for arguments in [&["no-such-revision"][..], &["a..b"], &["HEAD", "--agent-trace", "no/such/file"], &[]] {
        let output = sbomgate(&fixture.path("work"), arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn agent_trace_records_are_joined_by_line() {
    let fixture = Fixture::new("attribution");
    let id = fixture.git("work", &["rev-parse", "traced"]).unwrap();
    let record = |line: u32, kind: &str| {
        format!(
            r#"{{"version":"0.1.0","id":"r1","vcs":{{"type":"git","revision":"{id}"}},"tool":{{"name":"opencode"}},"files":[{{"path":"Cargo.toml",
            "conversations":[{{"contributor":{{"type":"{kind}","model_id":"glm-5.2"}},"ranges":[{{"start_line":{line},"end_line":{line}}}]}}]}}]}}"#
        )
    };
    fs::create_dir(fixture.path("records")).unwrap();
    let ask = |text: &str| {
        fixture.write("records/a.json", text.as_bytes());
        stdout(&sbomgate(&fixture.path("work"), &["traced", "--agent-trace", "../records"], &[]))
    };
    let added = ask(&record(14, "ai"));
    assert!(added.contains("AI use declared: OpenCode (glm-5.2), by an Agent Trace record for line Cargo.toml:14 in commit"), "{added}");
    assert!(ask(&record(5, "ai")).contains("No AI use declared"), "the line was there before");
    assert!(ask(&record(14, "human")).contains("No AI use declared"), "a record of a person is no proof");
    let unnamed = ask(&record(14, "ai").replace("\"git\"", "\"jj\""));
    assert!(unnamed.contains("Not known whether AI use was declared: 1 of the Agent Trace records name no commit"), "{unnamed}");
    fixture.write("records/a.json", b"{");
    let output = sbomgate(&fixture.path("work"), &["traced", "--agent-trace", "../records"], &[]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_ci_job_tells_of_its_pull_request() {
    let fixture = Fixture::new("attribution");
    let id = |revision: &str| fixture.git("work", &["rev-parse", revision]).unwrap();
    let event = format!(
        r#"{{"pull_request":{{"number":4,"user":{{"login":"Copilot"}},"labels":[{{"name":"AI-generated"}}],
        "head":{{"ref":"copilot/x","sha":"{}"}},"base":{{"ref":"main","sha":"{}"}}}}}}"#,
        id("stale"),
        id("noted")
    );
    fixture.write("event.json", event.as_bytes());
    let path = fixture.path("event.json");
    let in_ci = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_PATH", path.to_str().unwrap())];
    let ask = |revision: &str, variables: &[(&str, &str)]| stdout(&sbomgate(&fixture.path("work"), &[revision], variables));
    let inside = ask("stale", &in_ci);
    assert!(inside.contains("AI use indicated: the pull request is from branch copilot/x; no declaration"), "{inside}");
    assert!(inside.contains("Copilot") && inside.contains("AI-generated"), "{inside}");
    assert!(ask("traced", &in_ci).contains("No AI use declared"), "a commit that is not of the pull request");
    assert!(ask("stale", &in_ci[1..]).contains("No AI use declared"), "outside of CI the file is not read");
    let base = id("noted");
    for (old, new) in [(base.as_str(), ""), (base.as_str(), "main"), (id("stale").as_str(), "zz")] {
        fixture.write("event.json", event.replace(old, new).as_bytes());
        let said = ask("traced", &in_ci);
        assert!(said.contains("Not known whether AI use was declared: the CI job does not say which commits"), "{new}: {said}");
    }
    let without_file = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "pull_request")];
    assert!(ask("traced", &without_file).contains("GITHUB_EVENT_PATH is not set"));
    let gitlab = [("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_IID", "3"), ("CI_COMMIT_SHA", base.as_str())];
    assert!(ask("traced", &gitlab).contains("Not known whether AI use was declared: the CI job does not say which commits"));
    fixture.write("event.json", b"[");
    assert!(ask("stale", &in_ci).contains("Not known whether AI use was declared: what the CI job is told cannot be read"));
    assert!(ask("squashed", &in_ci).contains("AI use declared: Claude Code"), "what is declared is known all the same");
}

/// A branch cannot rename who answers for it: its own mailmap says nothing of its commits.
#[test]
fn people_of_a_range_are_named_by_the_mailmap_of_its_base() {
    let fixture = Fixture::new("attribution");
    let git = |arguments: &[&str]| fixture.git("work", arguments).unwrap();
    git(&["checkout", "-q", "-b", "renames", "traced"]);
    fixture.write("work/.mailmap", b"Somebody Else <else@shop.example> <ada@example.org>\n");
    git(&["add", "."]);
    git(&["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "rename"]);
    let accountable = |revision: &str| answers(&fixture, "work", &[revision])[0].attribution.person.clone().unwrap().name;
    assert_eq!(accountable("traced..renames"), "Ada Proper");
    assert_eq!(accountable("traced...renames"), "Ada Proper");
    assert_eq!(accountable("renames"), "Somebody Else", "HEAD's, where no range says what was there before");
}

/// Evidence that is there and cannot be read makes the answer unknown, with the reason; what declares all the
/// same is known.
#[test]
fn evidence_that_cannot_be_read_is_told() {
    for (file, content, reason) in [
        ("refs/notes/ai", "garbage", "the notes of refs/notes/ai cannot be read"),
        ("refs/notes/ai", "0123456789012345678901234567890123456789\n", "the notes of refs/notes/ai cannot be read"),
        ("refs/heads/codex/broken", "garbage", "branches were not looked at"),
        ("refs/heads/codex/broken", "0123456789012345678901234567890123456789\n", "branches were not looked at"),
        ("refs/pull/9/head", "garbage", "the commits of pull request 9 cannot be read"),
    ] {
        let fixture = Fixture::new("attribution");
        fs::create_dir_all(fixture.path("work/.git").join(file).parent().unwrap()).unwrap();
        fixture.write(&format!("work/.git/{file}"), content.as_bytes());
        let found = &answers(&fixture, "work", &["lost-squash"])[0];
        let said = sentence(found);
        assert!(said.starts_with("Not known whether AI use was declared: ") && said.contains(reason), "{file} {content}: {said}");
        let declared = &answers(&fixture, "work", &["squashed"])[0];
        assert_eq!(declared.attribution.category, Fact::Known(Category::AiDeclared), "{file}");
        assert_eq!(
            declared.attribution.limits.iter().any(|limit| limit.contains(reason)),
            !file.contains("pull/9"),
            "{file}: {declared:?}"
        );
    }
}

/// Signed by OpenSSH itself, which is the oracle of the form; what the repository itself allows counts for nothing.
#[test]
fn signatures_are_checked_by_the_user_s_own_list() {
    let fixture = Fixture::new("attribution");
    let home = fixture.path("home");
    fs::create_dir_all(&home).unwrap();
    let key = home.join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f"]).arg(&key).status();
    if !made.is_ok_and(|status| status.success()) {
        return; // Without OpenSSH there is no oracle; enrich::signature has its own tests.
    }
    let key = key.to_str().unwrap();
    let git = |arguments: &[&str]| {
        let settings =
            ["-c", "gpg.format=ssh", "-c", &format!("user.signingKey={key}"), "-c", "user.name=Ada", "-c", "user.email=a@b.example"];
        fixture.git("work", &[&settings[..], arguments].concat()).unwrap()
    };
    git(&["commit", "-q", "--allow-empty", "-S", "-m", "signed by Ada"]);
    git(&["tag", "by-ada"]);
    let object = fixture.git("work", &["cat-file", "commit", "by-ada"]).unwrap().replace("signed by Ada", "signed by Eve") + "\n";
    fixture.write("forged", object.as_bytes());
    let forged = git(&["hash-object", "-t", "commit", "-w", "../forged"]);
    let state = |revision: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
        let output = command
            .current_dir(fixture.path("work"))
            .env("HOME", &home)
            .env_remove("XDG_CONFIG_HOME")
            .args(["attribution", revision, "-f", "json"])
            .output();
        let json: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        json[0]["signature"].clone()
    };
    let public = fs::read_to_string(format!("{key}.pub")).unwrap();
    fixture.write("work/allowed", format!("eve@shop.example {public}").as_bytes());
    git(&["config", "gpg.ssh.allowedSignersFile", fixture.path("work/allowed").to_str().unwrap()]);
    assert_eq!(state("by-ada")["state"], "unknown-key", "what the repository configures is left aside");
    let list = |file: &str| fixture.write("home/.gitconfig", format!("[gpg \"ssh\"]\n\tallowedSignersFile = {file}\n").as_bytes());
    list(fixture.path("work/allowed").to_str().unwrap());
    assert!(state("by-ada")["reason"].as_str().unwrap().contains("lies in the repository"), "and so is a list that lies in it");
    fixture.write("home/allowed", format!("ada@shop.example namespaces=\"git\" {public}").as_bytes());
    list("~/allowed");
    let good = state("by-ada");
    assert_eq!((&good["state"], &good["signer"]), (&"good".into(), &"ada@shop.example".into()), "{good}");
    assert!(good["key"].as_str().unwrap().starts_with("SHA256:") && good["reason"].is_null(), "{good}");
    assert_eq!(state(&forged)["state"], "bad");
    assert_eq!(state("signed")["state"], "bad", "what is in no form");
    assert_eq!(state("traced")["state"], "none");
    fixture.write("home/.gitconfig", b"[gpg \"ssh");
    assert_eq!(state("by-ada")["state"], "unknown-key");
}

/// What stands in this clone alone does not change what a commit says: replacements and grafts are left aside.
#[test]
fn replacements_and_grafts_count_for_nothing() {
    let fixture = Fixture::new("attribution");
    let git = |arguments: &[&str]| fixture.git("work", arguments).unwrap();
    let before = answers(&fixture, "work", &["stale", "squashed..elsewhere"]);
    let claude = "x\n\nCo-authored-by: Claude <noreply@anthropic.com>";
    let other = git(&["-c", "user.name=A", "-c", "user.email=a@b.example", "commit-tree", "stale^{tree}", "-p", "stale~1", "-m", claude]);
    git(&["replace", "stale", &other]);
    fs::create_dir_all(fixture.path("work/.git/info")).unwrap();
    let graft = format!("{} {}\n", git(&["rev-parse", "elsewhere"]), git(&["rev-parse", "squashed"]));
    fixture.write("work/.git/info/grafts", graft.as_bytes());
    let after = answers(&fixture, "work", &["stale", "squashed..elsewhere"]);
    let ids = |answers: &[Answer]| answers.iter().map(|one| one.commit.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(after[0].attribution.category, Fact::Known(Category::Undeclared));
}

/// A partial clone may lack what a note has to be held against: then it is not known.
#[test]
fn a_missing_object_makes_what_needs_it_unknown() {
    let fixture = Fixture::new("attribution");
    let blob = fixture.git("work", &["rev-parse", "noted:Cargo.toml"]).unwrap();
    fs::remove_file(fixture.path("work/.git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let answers = answers(&fixture, "work", &["noted", "lost-squash"]);
    assert!(sentence(&answers[0]).contains("the lines that this commit adds cannot be read"), "{}", sentence(&answers[0]));
    assert_eq!(answers[1].attribution.category, Fact::Known(Category::Undeclared), "what does not need it is known");
    let commit = fixture.git("work", &["rev-parse", "merged-in"]).unwrap();
    fs::remove_file(fixture.path("work/.git/objects").join(&commit[..2]).join(&commit[2..])).unwrap();
    let output = sbomgate(&fixture.path("work"), &["traced~3"], &[]);
    assert_eq!(output.status.code(), Some(2), "a merge that cannot be followed may have been a tool's: {}", stdout(&output));
}

/// Bounded work however many refs there are, and what is not looked at is told.
#[test]
fn very_many_refs_are_bounded() {
    let fixture = Fixture::new("attribution");
    let tip = fixture.git("work", &["rev-parse", "main"]).unwrap();
    let mut refs = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    (0..60_000).for_each(|number| refs.push_str(&format!("{tip} refs/heads/branch-{number:06}\n")));
    (0..200_000).for_each(|number| refs.push_str(&format!("{tip} refs/pull/{number:06}/head\n")));
    fixture.write("work/.git/packed-refs", refs.as_bytes());
    let began = Instant::now();
    let answer = &answers(&fixture, "work", &["stale"])[0];
    assert_eq!(answer.attribution.category, Fact::Known(Category::Undeclared));
    assert!(answer.attribution.limits.iter().any(|limit| limit.contains("branches were not looked at: there are more than 50000")));
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

/// Whoever opens a pull request chooses how many commits it has: what lies behind thousands of them is not "undeclared".
#[test]
fn a_declaration_behind_many_commits_is_found_or_not_known() {
    let fixture = Fixture::new("attribution");
    let git = |arguments: &[&str]| fixture.git("work", arguments).unwrap();
    let person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let commit = |message: &str| git(&[&person[..], &["commit", "-q", "-m", message]].concat());
    git(&["checkout", "-q", "--detach", "squashed"]);
    fixture.write("work/many.toml", b"a = 1\n");
    fixture.write("work/Cargo.lock", b"# many\nversion = 4\n");
    git(&["add", "."]);
    commit("add\n\nCo-Authored-By: Claude <noreply@anthropic.com>");
    let (first, tree) = (git(&["rev-parse", "HEAD"]), git(&["rev-parse", "HEAD^{tree}"]));
    let squash = git(&[&person[..], &["commit-tree", &tree, "-p", "squashed", "-m", "Add many (#77)"]].concat());
    let mut stream = String::new();
    for number in 0..6_000 {
        stream += "commit refs/pull/77/head\ncommitter Ada <ada@example.org> 1800000000 +0000\ndata 1\nw\n";
        stream += &if number == 0 { format!("from {first}\n\n") } else { "\n".to_owned() };
        if number == 600 {
            assert!(imported(&fixture, &stream));
            let said = sentence(&answers(&fixture, "work", &[&squash])[0]);
            assert!(said.starts_with("AI use declared: Claude Code"), "{said}");
        }
    }
    assert!(imported(&fixture, &stream));
    let said = sentence(&answers(&fixture, "work", &[&squash])[0]);
    assert!(said.starts_with("Not known whether AI use was declared: not all commits of pull request 77"), "{said}");
}

fn imported(fixture: &Fixture, stream: &str) -> bool {
    use std::io::Write as _;
    let mut import = Command::new("git")
        .arg("-C")
        .arg(fixture.path("work"))
        .args(["fast-import", "--quiet", "--force"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    import.wait().unwrap().success()
}

/// Without it one person may look like two, so it is not the same as none.
#[test]
fn a_mailmap_that_cannot_be_read_is_told() {
    let fixture = Fixture::new("attribution");
    fixture.write("work/.mailmap", &b"#".repeat((4 << 20) + 1));
    fixture.git("work", &["add", "."]).unwrap();
    fixture.git("work", &["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "grow"]).unwrap();
    let said = sentence(&answers(&fixture, "work", &["HEAD"])[0]);
    assert!(said.starts_with("Not known whether AI use was declared: the .mailmap of "), "{said}");
}
