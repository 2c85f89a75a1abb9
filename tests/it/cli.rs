//! The program itself: exit codes, streams, files. What reports say is tested elsewhere.

use crate::diff::{git, repository};
use crate::fixtures::{copy, root};
use crate::reports::assert_valid;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub fn sbomgate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
    command.current_dir(folder).env("XDG_CACHE_HOME", "/no/such/cache");
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "GIT_DIR", "GIT_WORK_TREE", "SOURCE_DATE_EPOCH"] {
        command.env_remove(variable);
    }
    command
}

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    sbomgate(folder).args(arguments).output().unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("ended by a signal: {}", stderr(output)))
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn case(name: &str) -> tempfile::TempDir {
    repository(&root().join("diff").join(name))
}

#[test]
fn the_exit_code_is_the_verdict() {
    for (name, expected) in [
        ("requirement-raised", 0),
        ("lockfile-deleted", 0),
        ("digest-changed", 1),
        ("digest-lost", 1),
        ("lockfile-deleted-manifest-stays", 1),
        ("member-not-locked", 1),
        ("head-unreadable", 2),
        ("manifest-unreadable", 2),
        ("base-unreadable", 2),
        ("unsupported-lockfile", 2),
        ("manifest-line-added", 3),
        ("source-registry-to-git", 3),
    ] {
        let repository = case(name);
        let output = run(repository.path(), &["diff", "base..head"]);
        assert_eq!(code(&output), expected, "{name}: {}", stdout(&output));
        let json = run(repository.path(), &["diff", "base..head", "-f", "json"]);
        assert_eq!(code(&json), expected, "{name} as JSON");
        assert_valid(&stdout(&json), name);
    }
}

#[test]
fn a_check_needs_approval_for_everything_and_an_empty_project_is_an_error() {
    let repository = case("requirement-raised");
    assert_eq!(code(&run(repository.path(), &["check"])), 3);
    assert_eq!(code(&run(repository.path(), &["check", "base"])), 3);
    let empty = tempfile::tempdir().unwrap();
    let output = run(empty.path(), &["check"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("no lockfile"), "{}", stderr(&output));
    assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
}

#[test]
fn ranges_mean_what_git_means() {
    let repository = case("requirement-raised");
    let text = |range: &str| stdout(&run(repository.path(), &["diff", range]));
    assert!(text("base..head").contains("^ ant 1.0.0 -> 2.0.0"));
    assert!(text("head..base").contains("v ant 2.0.0 -> 1.0.0"));
    assert!(text("base...head").contains("^ ant 1.0.0 -> 2.0.0"));
    assert!(text("head...base").contains("no package changed"));
    assert!(text("base").contains("^ ant 1.0.0 -> 2.0.0"), "against the work tree");
    assert!(text("HEAD").contains("no package changed"));
}

#[test]
fn what_cannot_be_done_is_said_with_a_hint() {
    let repository = case("requirement-raised");
    let nowhere = tempfile::tempdir().unwrap();
    for (folder, arguments) in [
        (repository.path(), &["diff", "no-such-revision..HEAD"][..]),
        (repository.path(), &["diff", "--", "--upload-pack=touch x"]),
        (repository.path(), &["check", "no-such-revision"]),
        (repository.path(), &["why", "no-such-package"]),
        (repository.path(), &["diff", "base..head", "--lockfile", "no/Cargo.lock"]),
        (repository.path(), &["diff", "base..head", "--lockfile", "../../Cargo.lock"]),
        (repository.path(), &["diff", "base..head", "--exclude", "a{b"]),
        (repository.path(), &["diff", "base..head", "-o", "no/such/folder/report"]),
        (nowhere.path(), &["diff", "HEAD"]),
    ] {
        let output = run(folder, arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        let errors = stderr(&output);
        assert!(errors.starts_with("error: ") && errors.contains("\nhint: "), "{arguments:?}: {errors}");
        assert!(!errors.chars().any(|c| c.is_control() && c != '\n'), "{arguments:?}: {errors:?}");
        assert!(output.stdout.is_empty(), "{arguments:?} writes to stdout: {}", stdout(&output));
    }
}

#[test]
fn wrong_usage_is_two_and_asked_for_help_is_none() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["no-such-command"], &["diff", "--no-such-option"], &["diff", "-f", "yaml"], &["explain", "no-such-rule"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["explain"], &["explain", "digest-changed"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn every_subcommand_explains_itself_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let help = stdout(&run(folder.path(), &["--help"]));
    assert!(help.contains("Exit codes:"), "{help}");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.trim_start().split(' ').next().filter(|word| !word.is_empty()))
        .collect();
    assert!(commands.len() >= 5, "{help}");
    for command in commands {
        let output = run(folder.path(), &[command, "--help"]);
        assert_eq!(code(&output), 0, "{command}");
        let text = stdout(&output);
        assert!(text.contains("Usage: sbomgate "), "{command}: {text}");
        let has_examples = text.contains("Examples:\n") && text.contains(&format!("  sbomgate {command}"));
        assert!(has_examples || command == "explain", "{command} has no examples: {text}");
    }
}

#[test]
fn reports_go_to_files_whole() {
    let repository = case("manifest-line-added");
    let path = |name: &str| repository.path().join(name);
    let output = run(repository.path(), &["diff", "base..head", "-o", "report.txt", "-o", "json=report.json"]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(output.stdout.is_empty(), "{}", stdout(&output));
    let text = std::fs::read_to_string(path("report.txt")).unwrap();
    assert!(text.starts_with("needs approval") && text.ends_with('\n'), "{text}");
    assert_valid(&std::fs::read_to_string(path("report.json")).unwrap(), "report.json");
    // A further report leaves stdout to the first.
    let output = run(repository.path(), &["diff", "base..head", "-o", "json=report.json"]);
    assert!(stdout(&output).starts_with("needs approval"), "{}", stdout(&output));
    // Nothing is left of an attempt that failed, and the old file stays.
    assert_eq!(code(&run(repository.path(), &["diff", "no..such", "-o", "report.txt"])), 2);
    assert_eq!(std::fs::read_to_string(path("report.txt")).unwrap(), text);
    let left: Vec<_> = std::fs::read_dir(repository.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("tmp")), "{left:?}");
}

#[test]
fn the_same_question_has_the_same_answer() {
    let repository = case("several-lockfiles");
    for form in ["text", "json"] {
        let answer = || run(repository.path(), &["diff", "base..head", "-f", form]).stdout;
        assert_eq!(answer(), answer(), "{form}");
    }
}

/// What a project says of its own licence, in its manifest or in the file that this names; of the revision that is asked for.
#[test]
fn a_document_tells_the_licence_of_its_project() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    let git = |arguments: &[&str]| crate::diff::git(folder.path(), arguments);
    let licences = |arguments: &[&str]| {
        let text = stdout(&run(folder.path(), &[&["sbom"], arguments].concat()));
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document["metadata"]["component"]["licenses"].clone()
    };
    let mit = spdx::license_id("MIT").unwrap().text();
    git(&["init", "-q"]);
    write(
        "package-lock.json",
        r#"{"name": "zoo", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "zoo", "version": "1.0.0"}}}"#,
    );
    write("package.json", r#"{"name": "zoo", "version": "1.0.0", "license": "SEE LICENSE IN LICENSE.md"}"#);
    write("LICENSE.md", &mit.replace("<year> <copyright holders>", "2020 Ada"));
    git(&["add", "-A"]);
    git(&["-c", "user.name=Ada", "-c", "user.email=ada@zoo.example", "commit", "-qm", "one"]);
    assert_eq!(licences(&["HEAD"]), serde_json::json!([{ "license": { "id": "MIT", "acknowledgement": "declared" } }]));
    write("LICENSE.md", &format!("{mit}\nThe Software shall be used for Good, not Evil."));
    assert_eq!(licences(&[]), serde_json::json!([{ "license": { "name": "see file LICENSE.md", "acknowledgement": "declared" } }]));
    write("package.json", r#"{"name": "zoo", "version": "1.0.0", "license": "ISC"}"#);
    assert_eq!(licences(&[]), serde_json::json!([{ "license": { "id": "ISC", "acknowledgement": "declared" } }]));
}

/// `sbomgate check | head -1`: the reader has seen what it wanted.
#[test]
fn a_broken_pipe_is_success() {
    let repository = case("several-lockfiles");
    for form in ["text", "json"] {
        let mut child =
            sbomgate(repository.path()).args(["check", "-f", form]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), Some(0 | 3)), "{form}: {status}: {errors}");
        assert!(!errors.contains("panicked") && !errors.contains("ipe"), "{form}: {errors}");
    }
}

#[test]
fn colour_is_for_those_who_want_it() {
    let repository = case("digest-changed");
    let has_colour = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output =
            sbomgate(repository.path()).args(["diff", "base..head"]).args(arguments).envs(variables.iter().copied()).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!has_colour(&[], &[]), "a pipe");
    assert!(has_colour(&["--color", "always"], &[]));
    assert!(has_colour(&["--color", "always"], &[("NO_COLOR", "1")]), "the option is nearer than the variable");
    assert!(!has_colour(&[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    assert!(has_colour(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colour(&["-f", "json", "--color", "always"], &[]), "JSON has no colour");
}

/// What is wrong goes to stderr, so that stdout is the report and nothing else.
#[test]
fn stdout_holds_the_report_alone() {
    let repository = case("head-unreadable");
    let output = run(repository.path(), &["diff", "base..head", "-f", "json"]);
    assert_valid(&stdout(&output), "stdout");
    assert!(stderr(&output).contains("merge-conflict"), "{}", stderr(&output));
}

#[test]
fn hostile_text_is_never_raw() {
    let repository = case("hostile-text");
    for arguments in
        [&["diff", "base..head"][..], &["diff", "base..head", "-f", "json"], &["check"], &["why", "bee"], &["why", "bee", "-f", "json"]]
    {
        let output = run(repository.path(), arguments);
        for text in [stdout(&output), stderr(&output)] {
            assert!(!text.chars().any(|c| c != '\n' && sbomgate::model::text::is_invisible(c)), "{arguments:?}: {text:?}");
            assert!(!text.lines().any(|line| line.starts_with("::")), "{arguments:?}: {text}");
        }
    }
}

/// A path, a commit's subject and an argument are no commands of a CI runner.
#[test]
fn no_output_is_a_workflow_command() {
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path().join("::error file=x::owl/##vso[task]y");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("requirements.txt"), "owl==1.0\n").unwrap();
    git(repository.path(), &["init", "-q"]);
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["commit", "-qm", "::warning::##[error]owl"]);
    let made = repository.path().join("made");
    for arguments in [
        &["check"][..],
        &["check", "-fjson"],
        &["sbom"],
        &["attribution", "HEAD"],
        &["why", "owl"],
        &["why", "##[error]x"],
        &["check", "-o", "made"],
        &["sbom", "-o", "made"],
        &["attribution", "HEAD", "-o", "made"],
        &["attribution", "HEAD", "-fjson", "-o", "made"],
        &["ai", "inventory", "-o", "made"],
        &["attribution", "HEAD", "--ai", "\n::error::owl"],
        &["--color", "##vso[task.x]owl", "check"],
    ] {
        std::fs::write(&made, "").unwrap();
        let output = run(repository.path(), arguments);
        let all = stdout(&output) + &stderr(&output) + &std::fs::read_to_string(&made).unwrap();
        assert!(all.contains("owl") || all.contains("005b") || arguments[0] == "ai", "{all}");
        if arguments.contains(&"-fjson") && arguments.contains(&"made") {
            let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&made).unwrap()).unwrap();
            assert_eq!(json[0]["subject"], "::warning::##[error]owl");
        }
        assert!(!all.lines().any(|line| line.trim().starts_with("::") || line.contains("##[") || line.contains("##vso[")), "{all}");
    }
}

/// A lockfile that the base had is not left out of sight, and a submodule that moved is a gap.
#[test]
fn what_moves_out_of_sight_is_said() {
    let repository = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = repository.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let submodule = |number: char| format!("160000,{},sub", String::from(number).repeat(40));
    git(repository.path(), &["init", "-q"]);
    write("app/requirements.txt", "owl==1.0\n");
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["update-index", "--add", "--cacheinfo", &submodule('1')]);
    git(repository.path(), &["commit", "-qm", "base"]);
    git(repository.path(), &["commit", "-qm", "nothing", "--allow-empty"]);
    let output = run(repository.path(), &["diff", "HEAD~1..HEAD"]);
    assert_eq!((code(&output), stdout(&output).contains("submodule")), (0, false), "{}", stdout(&output));
    git(repository.path(), &["update-index", "--add", "--cacheinfo", &submodule('2')]);
    git(repository.path(), &["commit", "-qm", "move the submodule"]);
    let output = run(repository.path(), &["diff", "HEAD~1..HEAD"]);
    assert_eq!((code(&output), stdout(&output).contains("submodule: sub:")), (0, true), "{}", stdout(&output));
    git(repository.path(), &["rm", "-q", "app/requirements.txt"]);
    write("vendor/app/requirements.txt", "owl==1.0\nevil==1.0\n");
    git(repository.path(), &["add", "vendor"]);
    git(repository.path(), &["commit", "-qm", "move the lockfile"]);
    let output = run(repository.path(), &["diff", "HEAD~1..HEAD"]);
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(stdout(&output).contains("unread-lockfile: vendor/app/requirements.txt"), "{}", stdout(&output));
}

#[test]
fn why_shows_the_roads() {
    let repository = case("manifest-line-added");
    let output = run(repository.path(), &["why", "bee"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for part in ["bee 1.0.0", "zoo 1.0.0", "fox 1.0.0", "ant 1.0.0", "package.json:6"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(code(&run(repository.path(), &["why", "bee", "base"])), 2, "it was not there then");
    let json: serde_json::Value = serde_json::from_slice(&run(repository.path(), &["why", "bee", "-f", "json"]).stdout).unwrap();
    assert_eq!(json["packages"][0]["roads"][0].as_array().unwrap().len(), 4);
}

/// Called below the top, with a path as seen from there, and from elsewhere by -C.
#[test]
fn it_works_from_any_folder() {
    let repository = case("several-lockfiles");
    let here = run(&repository.path().join("core"), &["diff", "base..head", "--lockfile", "Cargo.lock"]);
    assert!(stdout(&here).contains("+ bee 1.0.0"), "{}{}", stdout(&here), stderr(&here));
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = repository.path().join("core");
    let there = run(elsewhere.path(), &["-C", folder.to_str().unwrap(), "diff", "base..head", "--lockfile", "Cargo.lock"]);
    assert_eq!(stdout(&here), stdout(&there));
}

/// Neither a checkout nor a clean work tree is needed.
#[test]
fn a_bare_repository_is_enough() {
    let repository = case("manifest-line-added");
    let bare = tempfile::tempdir().unwrap();
    git(bare.path(), &["clone", "--quiet", "--bare", repository.path().to_str().unwrap(), "bare.git"]);
    let output = run(&bare.path().join("bare.git"), &["diff", "base..head"]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(stdout(&output).contains("+ fox 1.0.0"), "{}", stdout(&output));
}

#[test]
fn cargo_metadata_is_of_the_work_tree() {
    let input = root().join("built/weak-feature/input");
    let folder = tempfile::tempdir().unwrap();
    for file in ["Cargo.toml", "Cargo.lock", "metadata.json"] {
        std::fs::copy(input.join(file), folder.path().join(file)).unwrap();
    }
    let why = run(folder.path(), &["why", "bee", "--cargo-metadata", "metadata.json"]);
    assert_eq!(code(&why), 0, "{}", stderr(&why));
    assert!(stdout(&why).starts_with("bee 1.0.0 [runtime, locked, not built]  Cargo.lock:"), "{}", stdout(&why));
    let bom = run(folder.path(), &["sbom", "--cargo-metadata", "metadata.json"]);
    assert_eq!(stdout(&bom).matches("sbomgate:cargo:not-built").count(), 2, "bee and cat");
    assert_eq!(stdout(&bom).matches("\"scope\":\"excluded\"").count(), 2);
    let revision = run(folder.path(), &["sbom", "HEAD", "--cargo-metadata", "metadata.json"]);
    assert_eq!(code(&revision), 2);
    // As if called there: files that are named count from the folder of -C.
    let elsewhere = tempfile::tempdir().unwrap();
    let there = folder.path().to_str().unwrap();
    let written = run(elsewhere.path(), &["-C", there, "sbom", "--cargo-metadata", "metadata.json", "-o", "bom.json"]);
    assert_eq!(code(&written), 0, "{}", stderr(&written));
    assert!(folder.path().join("bom.json").is_file());
}

/// A folder with two documents, one more requiring than the other, and a lockfile that says the same.
fn documents() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ant = r#"{"type": "library", "bom-ref": "ant", "name": "ant", "version": "1.0.0", "purl": "pkg:npm/ant@1.0.0"}"#;
    let bee = ant.replace("ant", "bee");
    let bom = |components: &str, on: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {{"component": {{"type": "application", "bom-ref": "zoo", "name": "zoo"}}}},
            "components": [{components}], "dependencies": [{{"ref": "zoo", "dependsOn": [{on}]}}]}}"#
        )
    };
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"name": "zoo", "dependencies": {"ant": "1"}}, "node_modules/ant": {"version": "1.0.0"}}}"#;
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("old.cdx.json", &bom(ant, r#""ant""#));
    write("new.cdx.json", &bom(&format!("{ant}, {bee}"), r#""ant", "bee""#));
    write("package-lock.json", lock);
    folder
}

/// Without a repository, from elsewhere, by a symlink, and beside a lockfile of another format.
#[test]
fn files_are_compared_like_revisions() {
    let folder = documents();
    let output = run(folder.path(), &["diff", "old.cdx.json", "new.cdx.json"]);
    assert_eq!(code(&output), 3, "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("+ bee 1.0.0") && stdout(&output).contains("old.cdx.json to new.cdx.json"), "{}", stdout(&output));
    let json = run(folder.path(), &["diff", "old.cdx.json", "new.cdx.json", "-f", "json"]);
    assert_valid(&stdout(&json), "documents");
    for arguments in [["diff", "old.cdx.json", "package-lock.json"], ["diff", "package-lock.json", "old.cdx.json"]] {
        let output = run(folder.path(), &arguments);
        assert_eq!(code(&output), 0, "{arguments:?}: {}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).contains("no package changed"), "{}", stdout(&output));
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let output = run(elsewhere.path(), &["diff", &path("old.cdx.json"), "--", &path("new.cdx.json")]);
    assert_eq!(code(&output), 2, "one before and one behind `--` are no pair");
    for arguments in
        [&["diff", &path("old.cdx.json"), &path("new.cdx.json")][..], &["diff", "--", &path("old.cdx.json"), &path("new.cdx.json")]]
    {
        assert_eq!(code(&run(elsewhere.path(), arguments)), 3, "{arguments:?}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("new.cdx.json"), elsewhere.path().join("link.json")).unwrap();
        assert_eq!(code(&run(elsewhere.path(), &["check", "link.json"])), 3);
    }
}

#[test]
fn one_file_is_checked_asked_and_written() {
    let folder = documents();
    assert_eq!(code(&run(folder.path(), &["check", "old.cdx.json"])), 3);
    assert_eq!(code(&run(folder.path(), &["check", "--", "old.cdx.json"])), 3);
    let why = run(folder.path(), &["why", "bee", "new.cdx.json"]);
    assert!(stdout(&why).contains("bee 1.0.0") && stdout(&why).contains("zoo"), "{}{}", stdout(&why), stderr(&why));
    assert_eq!(code(&run(folder.path(), &["sbom", "new.cdx.json", "-o", "again.cdx.json"])), 0);
    let same = run(folder.path(), &["diff", "new.cdx.json", "again.cdx.json"]);
    assert_eq!(code(&same), 0, "{}", stdout(&same));
    assert!(stdout(&same).contains("no package changed"), "{}", stdout(&same));
}

/// A committed document is no lockfile: it counts where it is named.
#[test]
fn documents_are_never_looked_for() {
    let folder = documents();
    std::fs::remove_file(folder.path().join("package-lock.json")).unwrap();
    let output = run(folder.path(), &["check"]);
    assert_eq!(code(&output), 2, "{}", stdout(&output));
    assert!(stderr(&output).contains("no lockfile"), "{}", stderr(&output));
    assert_eq!(code(&run(folder.path(), &["check", "--lockfile", "old.cdx.json"])), 3);
}

#[test]
fn what_is_a_file_and_a_revision_is_asked_back() {
    let repository = case("requirement-raised");
    std::fs::copy(repository.path().join("package-lock.json"), repository.path().join("base")).unwrap();
    let output = run(repository.path(), &["check", "base"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("both a revision and a file") && stderr(&output).contains("`base --`"), "{}", stderr(&output));
    let of_revision = run(repository.path(), &["check", "base", "--"]);
    assert!(stdout(&of_revision).contains("ant 1.0.0"), "{}{}", stdout(&of_revision), stderr(&of_revision));
    let of_file = run(repository.path(), &["check", "--", "base"]);
    assert_eq!(code(&of_file), 2, "the file has the name of no lockfile: {}", stdout(&of_file));
    assert_eq!(code(&run(repository.path(), &["diff", "base", "--"])), 0);
}

#[test]
fn wrong_files_are_said_with_a_hint() {
    let folder = documents();
    std::fs::write(folder.path().join("broken.cdx.json"), r#"{"bomFormat": "CycloneDX", "specVersion": "1.6"}"#).unwrap();
    for arguments in [
        &["diff", "old.cdx.json"][..],
        &["diff", "old.cdx.json", "no-such-file"],
        &["diff", "--", "old.cdx.json"],
        &["diff", "--", "old.cdx.json", "new.cdx.json", "package-lock.json"],
        &["check", "--", "no-such-file"],
        &["check", "old.cdx.json", "--exclude", "x"],
        &["sbom", "--", "."],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).starts_with("error: ") && stderr(&output).contains("\nhint: "), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", stdout(&output));
    }
    // Nothing appeared and nothing went beside a file that cannot be read.
    for arguments in [["diff", "old.cdx.json", "broken.cdx.json"], ["diff", "broken.cdx.json", "old.cdx.json"]] {
        let output = run(folder.path(), &arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        assert!(!stdout(&output).contains("ant 1.0.0"), "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains("broken.cdx.json"), "{arguments:?}: {}", stderr(&output));
    }
}

/// Without a store nothing is known of advisories: that is said, with what mends it, and blocks nothing.
#[test]
fn no_advisory_store_is_a_gap_and_a_damaged_one_an_error() {
    let repository = repository(&root().join("diff/advisories-told-apart"));
    let records = root().join("diff/advisories-told-apart/advisories");
    let store = tempfile::tempdir().unwrap();
    let store = store.path().to_str().unwrap();
    let without = run(repository.path(), &["diff", "base..head", "--store", store]);
    assert_eq!(code(&without), 3, "{}", stderr(&without));
    assert!(stdout(&without).contains("unknown-advisories") && stdout(&without).contains("advisories import"), "{}", stdout(&without));
    let import = run(repository.path(), &["advisories", "import", "--store", store, records.to_str().unwrap()]);
    assert_eq!((code(&import), stdout(&import).as_str()), (0, "npm        10 records\n"), "{}", stderr(&import));
    let with = run(repository.path(), &["diff", "base..head", "--store", store, "--offline", "-f", "json"]);
    assert_eq!(code(&with), 1, "{}", stderr(&with));
    assert_valid(&stdout(&with), "with a store");
    let report: serde_json::Value = serde_json::from_str(&stdout(&with)).unwrap();
    let status = run(repository.path(), &["advisories", "status", "--store", store, "-f", "json"]);
    let status: serde_json::Value = serde_json::from_str(&stdout(&status)).unwrap();
    assert_eq!(report["advisories"]["stores"][0]["digest"], status["stores"][1]["digest"], "the digest stands in the report");
    let file = Path::new(store).join("npm.advisories");
    let mut bytes = std::fs::read(&file).unwrap();
    let end = bytes.len() - 120;
    bytes[end] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    for arguments in [&["diff", "base..head"][..], &["check"], &["advisories", "status"], &["advisories", "show", "GHSA-owl-1"]] {
        let output = sbomgate(repository.path()).args(arguments).args(["--store", store]).output().unwrap();
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains("damaged") && stderr(&output).contains("npm.advisories"), "{}", stderr(&output));
    }
}

/// Knowledge that is too old is none, and nothing is judged without any.
#[test]
fn an_old_store_is_no_store_where_an_age_is_asked_for() {
    let repository = repository(&root().join("diff/advisories-told-apart"));
    let records = root().join("diff/advisories-told-apart/advisories");
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let judged = |age: &str| {
        let output = sbomgate(repository.path())
            .args(["diff", "base..head", "-f", "json", "--max-store-age", age])
            .arg("--store")
            .arg(&store)
            .output()
            .unwrap();
        (code(&output), stdout(&output), stderr(&output))
    };
    let (exit, report, errors) = judged("520w");
    assert_eq!(exit, 2, "there is none");
    assert!(errors.contains("there is no advisory store") && errors.contains("advisories update"), "{errors}");
    assert_valid(&report, "no store");
    let import = |epoch: Option<&str>, folder: &Path| {
        let mut command = sbomgate(repository.path());
        command.args(["advisories", "import", records.to_str().unwrap(), "--store"]).arg(folder);
        epoch.map(|epoch| command.env("SOURCE_DATE_EPOCH", epoch));
        assert_eq!(code(&command.output().unwrap()), 0);
    };
    import(Some("1000000000"), &store);
    let (exit, report, errors) = judged("7d");
    assert_eq!(exit, 2, "{errors}");
    assert!(errors.contains("days old") && errors.contains("1w") && errors.contains("advisories update"), "{errors}");
    assert!(report.contains("\"stale-advisories\"") && report.contains("\"as_of\": \"2001-09-09T01:46:40Z\""), "{report}");
    assert_valid(&report, "an old store");
    assert_eq!(judged("2600w").0, 1, "old enough for whom that is enough");
    // Carried to another machine it does not become younger, nor by one record of today.
    let (carried, there) = (folder.path().join("carried.zip"), folder.path().join("there"));
    assert_eq!(
        code(&sbomgate(repository.path()).args(["advisories", "export", "--store"]).arg(&store).arg("-o").arg(&carried).output().unwrap()),
        0
    );
    std::fs::remove_dir_all(&store).unwrap();
    for file in [&carried, &records.join("GHSA-owl-1.json")] {
        assert_eq!(code(&sbomgate(repository.path()).args(["advisories", "import", "--store"]).arg(&there).arg(file).output().unwrap()), 0);
    }
    std::fs::rename(&there, &store).unwrap();
    assert_eq!(judged("7d").0, 2);
    import(None, &store);
    assert_eq!(judged("7d").0, 2, "old records are old whenever they are imported");
    assert!(judged("soon").2.contains("no length of time"));
}

/// A file tells up to the newest of its records, and not beyond the day of its import.
#[test]
fn a_file_is_as_old_as_its_newest_record() {
    let repository = repository(&root().join("diff/advisories-told-apart"));
    let folder = tempfile::tempdir().unwrap();
    let (store, records) = (folder.path().join("store"), folder.path().join("records"));
    copy(&root().join("diff/advisories-told-apart/advisories"), &records);
    for (modified, epoch, expected, told) in
        [("2001-01-01", None, 2, "days old"), (&today()[..], None, 1, ""), ("2999-01-01", Some("100000000000"), 2, "dated in the future")]
    {
        let record = format!(
            r#"{{"id":"GHSA-new-1","modified":"{modified}T00:00:00Z","affected":[{{"package":{{"ecosystem":"npm","name":"elk"}},"versions":["9.0.0"]}}]}}"#
        );
        std::fs::write(records.join("GHSA-new-1.json"), record).unwrap();
        let mut import = sbomgate(repository.path());
        import.args(["advisories", "import", "--replace"]).arg(&records).arg("--store").arg(&store);
        epoch.map(|epoch| import.env("SOURCE_DATE_EPOCH", epoch));
        assert_eq!(code(&import.output().unwrap()), 0);
        let judged =
            sbomgate(repository.path()).args(["diff", "base..head", "--max-store-age", "7d", "--store"]).arg(&store).output().unwrap();
        assert_eq!((code(&judged), stderr(&judged).contains(told)), (expected, true), "{modified}: {}", stderr(&judged));
    }
}

fn today() -> String {
    sbomgate::run::gate::today().unwrap().to_string()
}

/// Single records say nothing of the packages that they do not name.
#[test]
fn single_records_are_no_knowledge_of_an_ecosystem() {
    let repository = repository(&root().join("diff/advisories-told-apart"));
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let file = folder.path().join("One.JSON");
    let record = format!(
        r#"{{"id":"GHSA-new-1","modified":"{}T00:00:00Z","affected":[{{"package":{{"ecosystem":"npm","name":"no-such"}},"versions":["9.0.0"]}}]}}"#,
        today()
    );
    std::fs::write(&file, record).unwrap();
    let ask = |arguments: &[&str]| {
        let output = sbomgate(repository.path()).args(arguments).arg("--store").arg(&store).output().unwrap();
        (code(&output), stdout(&output), stderr(&output))
    };
    assert_eq!(ask(&["advisories", "import", file.to_str().unwrap()]).0, 0);
    assert!(ask(&["diff", "base..head"]).1.contains("single records alone"));
    let (exit, _, errors) = ask(&["diff", "base..head", "--max-store-age", "7d"]);
    assert!(exit == 2 && errors.contains("single records alone"), "{errors}");
    assert!(ask(&["advisories", "status"]).1.contains("single records alone"));
    // A folder is taken for everything there is.
    assert_eq!(ask(&["advisories", "import", folder.path().to_str().unwrap()]).0, 0);
    assert!(!ask(&["diff", "base..head"]).1.contains("single records alone"));
}

#[test]
fn a_record_is_held_against_a_package() {
    let folder = tempfile::tempdir().unwrap();
    let record = root().join("diff/advisories-told-apart/advisories/GHSA-owl-1.json");
    let record = record.to_str().unwrap();
    for (package, expected) in [
        ("pkg:npm/owl@1.0.0", "affected: "),
        ("pkg:npm/owl@1.0.1", "not affected: "),
        ("pkg:npm/Owl@1.0.0", "not affected: "),
        ("pkg:npm/owl", "not decided: "),
        ("pkg:npm/owl@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fowl", "not affected: "),
        ("pkg:cargo/owl@1.0.0", "not affected: "),
    ] {
        let output = run(folder.path(), &["advisories", "affects", record, package]);
        assert_eq!(code(&output), 0, "{package}: {}", stderr(&output));
        assert!(stdout(&output).starts_with(expected), "{package}: {}", stdout(&output));
    }
    for arguments in
        [[record, "owl"], [record, "pkg:gem/owl@1"], [record, "pkg:npm/%zz@1"], ["nowhere.json", "pkg:npm/owl"], ["GHSA-1", "pkg:npm/owl"]]
    {
        let output = run(folder.path(), &["advisories", "affects", arguments[0], arguments[1]]);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stdout(&output));
        assert!(stderr(&output).contains("\nhint: "), "{arguments:?}: {}", stderr(&output));
    }
}

/// Records come from outside as well.
#[test]
fn hostile_text_of_a_record_is_never_raw() {
    let folder = tempfile::tempdir().unwrap();
    let records = root().join("diff/advisories-told-apart/advisories");
    let import = run(folder.path(), &["advisories", "import", "--store", "store", records.to_str().unwrap()]);
    assert_eq!(code(&import), 0, "{}", stderr(&import));
    for form in ["text", "json"] {
        let output = run(folder.path(), &["advisories", "show", "MAL-2025-1", "--store", "store", "-f", form]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(!stdout(&output).chars().any(|c| c != '\n' && sbomgate::model::text::is_invisible(c)), "{form}: {:?}", stdout(&output));
    }
}

/// The commit that brought a package in, with who or what wrote it; of no declaration nothing is made.
#[test]
fn a_diff_says_who_or_what_brought_a_package() {
    let repository = case("manifest-line-added");
    let plain = run(repository.path(), &["diff", "base..head"]);
    assert!(stdout(&plain).contains("no AI use declared in 1 of 1 commit; this does not show"), "{}", stdout(&plain));
    assert!(!stdout(&plain).contains('['), "nothing is said of a commit that says nothing: {}", stdout(&plain));
    git(repository.path(), &["commit", "--quiet", "--amend", "--message", "Add fox (#7)"]);
    let squashed = run(repository.path(), &["diff", "base..main"]);
    assert!(stdout(&squashed).contains("  note: the commits of a pull request that a message names are not in"), "{}", stdout(&squashed));
    std::fs::create_dir_all(repository.path().join(".git/refs/notes")).unwrap();
    std::fs::write(repository.path().join(".git/refs/notes/ai"), "garbage").unwrap();
    let unread = run(repository.path(), &["diff", "base..main"]);
    let gap = "unread-history: who or what wrote a commit is not known: the notes of refs/notes/ai cannot be read";
    assert!(stdout(&unread).contains(gap), "{}", stdout(&unread));
    assert_eq!(code(&unread), code(&plain), "what is not known of authors does not turn the verdict");
    std::fs::remove_file(repository.path().join(".git/refs/notes/ai")).unwrap();
    let message = "Add fox\n\nCo-authored-by: Claude <noreply@anthropic.com>";
    git(repository.path(), &["commit", "--quiet", "--amend", "--message", message]);
    let declared = run(repository.path(), &["diff", "base..main"]);
    let line = "  2025-01-01  keeper: Add fox [AI use declared: Claude Code]\n";
    assert!(stdout(&declared).contains(line), "{}", stdout(&declared));
    let json = run(repository.path(), &["diff", "base..main", "-f", "json"]);
    assert_valid(&stdout(&json), "a diff with an attribution");
    let report: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    for (kind, listed) in [("declared", true), ("undeclared", false), ("indicated,declared", true), ("unknown", false)] {
        let text = run(repository.path(), &["diff", "base..main", "--ai", kind]);
        assert_eq!((code(&text), stdout(&text).contains("+ fox")), (code(&declared), listed), "{kind}: {}", stdout(&text));
        assert!(stdout(&text).contains("left out, the verdict is of all"), "{}", stdout(&text));
        let json = run(repository.path(), &["diff", "base..main", "--ai", kind, "-f", "json"]);
        assert_valid(&stdout(&json), kind);
        let json: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
        assert_eq!(json["changes"].as_array().unwrap().is_empty(), !listed, "{kind}");
        assert_eq!((json["history"]["filter"]["left_out"] == 0, &json["verdict"]), (listed, &report["verdict"]), "{kind}");
    }
    let attribution = &report["commits"][0]["attribution"];
    assert_eq!((&attribution["attribution"], &attribution["tools"][0]), (&"ai-declared".into(), &"claude-code".into()), "{attribution}");
    assert_eq!(attribution["accountable"]["email"], "keeper@zoo.example");
}

/// A flaw that was published before the package's commit was there to be known; a later one was not.
#[test]
fn a_flaw_was_known_when_its_package_came_in_or_not() {
    let repository = repository(&root().join("diff/advisories-told-apart"));
    let records = root().join("diff/advisories-told-apart/advisories");
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let import = sbomgate(repository.path()).args(["advisories", "import"]).arg(&records).arg("--store").arg(&store).output().unwrap();
    assert_eq!(code(&import), 0);
    // The records are of 2025-01-01.
    for (day, known, text) in
        [("2025-06-01", true, "; known when the package came in"), ("2024-06-01", false, "; published after the package came in")]
    {
        let date = format!("{day}T00:00:00Z");
        let commit = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@mail.example", "commit-tree", "-p", "base", "-m", "all", "head^{tree}"])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .current_dir(repository.path())
            .output()
            .unwrap();
        let range = format!("base..{}", stdout(&commit).trim());
        let judged = |form: &str| sbomgate(repository.path()).args(["diff", &range, "-f", form, "--store"]).arg(&store).output().unwrap();
        let report: serde_json::Value = serde_json::from_str(&stdout(&judged("json"))).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let told: Vec<_> = findings
            .iter()
            .filter(|finding| !finding["advisory"].is_null())
            .map(|finding| &finding["advisory"]["known_when_introduced"])
            .collect();
        assert!(!told.is_empty() && told.iter().all(|told| **told == known), "{day}: {told:?}");
        assert!(stdout(&judged("text")).contains(text), "{day}: {}", stdout(&judged("text")));
    }
}

/// Settings and submodules are left out as lockfiles are; of lockfiles that were named, only their own
/// settings count. A whole project is judged with all of its settings.
#[test]
fn settings_are_left_out_with_their_folders() {
    let repository = case("settings-registry");
    git(repository.path(), &["checkout", "-q", "-B", "left-out", "base"]);
    for (path, text) in [("testdata/.npmrc", "x=1\n"), ("other/uv.toml", "x = 1\n")] {
        std::fs::create_dir_all(repository.path().join(path).parent().unwrap()).unwrap();
        std::fs::write(repository.path().join(path), text).unwrap();
    }
    git(repository.path(), &["add", "."]);
    git(repository.path(), &["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", "1".repeat(40))]);
    git(repository.path(), &["commit", "-qm", "settings"]);
    let told = |more: &[&str]| {
        let output = run(repository.path(), &[&["diff", "base..HEAD"], more].concat());
        let text = stdout(&output);
        ["unread-settings: testdata/", "unread-settings: other/", "submodule: sub"].map(|part| text.contains(part))
    };
    assert_eq!(told(&[]), [false, true, true]);
    assert_eq!(told(&["--include", "testdata"]), [true, true, true]);
    assert_eq!(told(&["--exclude", "other", "--exclude", "sub"]), [false, false, false]);
    assert_eq!(told(&["--lockfile", "package-lock.json"]), [false, false, false]);
    let whole = run(repository.path(), &["check", "head"]);
    assert!(stdout(&whole).contains("see `.npmrc` (`registry`)"), "{}", stdout(&whole));
}

/// The work tree has the commit that a submodule has checked out, or the index's where there is none.
#[test]
fn a_submodule_that_stays_is_not_told() {
    let repository = case("settings-registry");
    let sub = repository.path().join("sub");
    std::fs::create_dir(&sub).unwrap();
    for commit in ["one", "two"] {
        git(&sub, &["init", "-q"]);
        git(&sub, &["commit", "-q", "--allow-empty", "-m", commit]);
    }
    git(repository.path(), &["-c", "advice.addEmbeddedRepo=false", "add", "sub"]);
    git(repository.path(), &["commit", "-qm", "a submodule"]);
    let told = || stdout(&run(repository.path(), &["diff", "HEAD"])).contains("submodule: sub");
    assert!(!told(), "a submodule stays");
    git(&sub, &["reset", "-q", "--hard", "HEAD~1"]);
    assert!(told(), "a submodule moved");
    std::fs::remove_dir_all(sub.join(".git")).unwrap();
    assert!(!told(), "a submodule was not fetched");
}
