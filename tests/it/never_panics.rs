//! Hostile bytes through the whole way: parse, build, verify, diff, both reports. Nothing may panic
//! or hang, an error names a line that the file has, and no report holds a raw control character.

use crate::fixtures::{cases, in_memory};
use sbomgate::diff;
use sbomgate::graph::{self, DepGraph};
use sbomgate::judge::{self, Subject};
use sbomgate::model::text::is_invisible;
use sbomgate::model::{Gap, GapKind, RelPath, SourceFile};
use sbomgate::read::{self, FORMATS, Files, unlocked};
use sbomgate::report::{REPORTS, Report, Reported, Side, Style};
use sbomgate::run::{Project, Selection};
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

type Input = Vec<(RelPath, Vec<u8>)>;

/// Points at which one file is cut, and bits that are flipped in it, at most.
const CUTS: usize = 300;
const FLIPS: usize = 100;

/// Bytes of one file that are read again in all its spoilt forms, about: large files get fewer.
const MOST_BYTES: usize = 300_000;

/// One input may take this much of a processor's time in a debug build: what is quadratic takes more.
const LONGEST: Duration = Duration::from_secs(10);

#[test]
fn truncated_files() {
    each_file("cut", |bytes| cuts(bytes).into_iter().map(|at| bytes[..at].to_vec()).collect());
}

#[test]
fn files_with_a_flipped_bit() {
    each_file("flipped", |bytes| {
        let mut random = Random(0x5b0_6a7e ^ bytes.len() as u64);
        let flips = if bytes.is_empty() { 0 } else { FLIPS.min(MOST_BYTES / bytes.len()).max(1) };
        let flipped = (0..flips).map(|_| {
            let mut bytes = bytes.to_vec();
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
            bytes
        });
        flipped.collect()
    });
}

#[test]
fn hostile_files() {
    for (name, lockfile, bytes) in hostile() {
        survives(&name, &path(&lockfile), &vec![(path(&lockfile), bytes)]);
    }
}

/// What a hostile manifest beside a good lockfile does.
#[test]
fn hostile_manifests() {
    let lock = "version = 4\n[[package]]\nname = \"zoo\"\nversion = \"1.0.0\"\n";
    let npm = r#"{"lockfileVersion": 1, "dependencies": {"ant": {"version": "1.0.0"}}}"#;
    let uv = "version = 1\n[[package]]\nname = \"zoo\"\nversion = \"1.0.0\"\nsource = { virtual = \".\" }\n";
    let pipfile = r#"{"_meta": {"hash": {"sha256": "0000000000000000000000000000000000000000000000000000000000000000"}}, "default": {"ant": "==1.0"}}"#;
    let pylock = "lock-version = \"1.0\"\n[[packages]]\nname = \"zoo\"\ndirectory = { path = \".\" }\n";
    let berry = "__metadata:\n  version: 8\n\n\"ant@npm:^1.0.0\":\n  resolution: \"ant@patch:ant@npm%3A1.0.0#~/a.patch\"\n\n\
                 \"zoo@workspace:.\":\n  resolution: \"zoo@workspace:.\"\n  dependencies:\n    ant: ^1.0.0\n";
    let bun = r#"{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"ant": "^1.0.0"}}}, "packages": {}}"#;
    let poetry = "[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\n\n[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"0\"\n";
    let pdm = "[metadata]\nlock_version = \"4.5.1\"\n\n[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\n";
    let pnpm = "lockfileVersion: 5.4\nspecifiers: {ant: ^1.0.0}\ndependencies: {ant: 1.0.0}\n";
    for (name, _, bytes) in hostile() {
        let beside = |lockfile: &str, text: &str, manifest: &str| {
            survives(&name, &path(lockfile), &vec![(path(lockfile), text.into()), (path(manifest), bytes.clone())]);
        };
        beside("Cargo.lock", lock, "Cargo.toml");
        beside("bun.lock", bun, "package.json");
        beside("pnpm-lock.yaml", pnpm, "package.json");
        beside("pnpm-lock.yaml", pnpm, "pnpm-workspace.yaml");
        beside("package-lock.json", npm, "package.json");
        beside("yarn.lock", berry, "package.json");
        beside("yarn.lock", berry, ".yarnrc.yml");
        beside("yarn.lock", berry, "a.patch");
        beside("yarn.lock", "ant@^1.0.0:\n  version \"1.0.0\"\n", "package.json");
        beside("uv.lock", uv, "pyproject.toml");
        beside("Pipfile.lock", pipfile, "Pipfile");
        beside("pylock.toml", pylock, "pyproject.toml");
        beside("poetry.lock", poetry, "pyproject.toml");
        beside("pdm.lock", pdm, "pyproject.toml");
        for manifest in ["pyproject.toml", "setup.cfg", "setup.py"] {
            beside("requirements.txt", "-e .[fast]\n", manifest);
        }
        for (manifest, _) in unlocked::MANIFESTS {
            let _ = SourceFile::new(path(manifest), bytes.clone()).map(|file| unlocked::needs(&file).is_ok());
        }
    }
}

/// A workspace names its members by patterns, each of which is tried on each folder: past a limit the
/// lockfile is unread, and nothing takes its time before that.
#[test]
fn patterns_of_a_hostile_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let patterns: Vec<String> = (0..40_000).map(|at| format!("\"*{at}*/*\"")).collect();
    let manifest = format!("{{\"workspaces\": [{}]}}", patterns.join(","));
    std::fs::write(folder.path().join("package.json"), manifest).unwrap();
    std::fs::write(folder.path().join("package-lock.json"), "{\"lockfileVersion\": 3, \"packages\": {}}").unwrap();
    let read = crate::fixtures::read_folder(folder.path());
    let messages: Vec<&str> = read.gaps.iter().map(|gap| gap.message.as_str()).collect();
    assert!(messages.iter().any(|message| message.contains("tried on too many folders")), "{messages:?}");
}

/// Each file of each case in every form that `spoilt` makes of it, beside the other files as they are.
/// Two halves of the cases run side by side.
fn each_file(how: &str, spoilt: impl Fn(&[u8]) -> Vec<Vec<u8>> + Sync) {
    let cases = cases();
    let run = |half: usize| {
        for case in cases.iter().skip(half).step_by(2) {
            let files = case.files();
            let lockfiles: Vec<&RelPath> = files.iter().map(|(path, _)| path).filter(|path| case.is_lockfile(path)).collect();
            for (at, (path, bytes)) in files.iter().enumerate() {
                let reads = |lockfile: &RelPath| in_memory(lockfile, &files).is_ok_and(|read| read.companions.contains_key(path));
                let readers: Vec<&&RelPath> = lockfiles.iter().filter(|lockfile| **lockfile == path || reads(lockfile)).collect();
                for (number, bytes) in spoilt(bytes).into_iter().enumerate() {
                    let mut files = files.clone();
                    files[at].1 = bytes;
                    for lockfile in &readers {
                        let name = format!("{} of {lockfile}: {path} {how} no. {number}", case.label());
                        survives(&name, lockfile, &files);
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| run(0));
        run(1);
    });
}

/// Two sides of thousands of the same kind: what pairs, explains and judges them must not take the
/// square of it.
#[test]
fn large_changes() {
    let entry = |name: &str, version: &str, more: &str| {
        format!(r#""{name}": {{"version": "{version}", "resolved": "https://npm.example/-/x.tgz"{more}}}"#)
    };
    let lock = |entries: Vec<String>| format!(r#"{{"lockfileVersion": 3, "packages": {{"": {{}}, {}}}}}"#, entries.join(", "));
    let versions = |major: usize| {
        lock((0..10_000).map(|i| entry(&format!("node_modules/p{i}/node_modules/fox"), &format!("{major}.{i}.0"), "")).collect())
    };
    let chain = |version: &str| {
        let link = |i: usize| entry(&format!("node_modules/p{i}"), version, &format!(r#", "dependencies": {{"p{}": "1"}}"#, i + 1));
        lock((0..6_000).map(link).collect())
    };
    let gaps = |name: &str| {
        let absent: Vec<String> = (0..20_000).map(|i| format!(r#""{name}{i}": "1""#)).collect();
        lock(vec![entry("node_modules/fox", "1.0.0", &format!(r#", "dependencies": {{{}}}"#, absent.join(", ")))])
    };
    let cases = [
        ("versions of one name", versions(1), versions(2)),
        ("a chain", lock(vec![entry("node_modules/a", "1.0.0", "")]), chain("1.0.0")),
        ("gaps", gaps("a"), gaps("b")),
    ];
    for (name, base, head) in cases {
        let lockfile = path("package-lock.json");
        let format = read::format_of(&lockfile).unwrap();
        let read = |text: &str| {
            let files = in_memory(&lockfile, &Input::from([(lockfile.clone(), text.as_bytes().to_vec())])).unwrap();
            graph(format, &files).unwrap()
        };
        let (base, head) = (read(&base), read(&head));
        let start = processor_time();
        reports(&base, &head, Vec::new(), REPORTS);
        let taken = processor_time() - start;
        // All the reports, each of which has a list of its own.
        assert!(taken < LONGEST * 4, "{name} take {taken:?}");
    }
}

fn survives(name: &str, lockfile: &RelPath, files: &Input) {
    let start = processor_time();
    let result = panic::catch_unwind(AssertUnwindSafe(|| through(lockfile, files)));
    assert!(result.is_ok(), "{name} panics");
    let taken = processor_time() - start;
    assert!(taken < LONGEST, "{name} takes {taken:?}");
}

/// The time that this thread had a processor, so that a busy machine fails nothing. Where the system
/// does not tell it (it is Linux that does), a hang is for whoever waits to notice.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// The whole way from bytes to three of the reports: which, the bytes say, so that all take turns over the spoilt forms
/// of a file.
fn through(lockfile: &RelPath, files: &Input) {
    let turn = files.iter().flat_map(|(_, bytes)| bytes).map(|byte| usize::from(*byte)).sum::<usize>();
    let chosen = REPORTS.iter().copied().cycle().skip(turn % REPORTS.len()).step_by(REPORTS.len() / 3).take(3);
    let chosen: Vec<&dyn Report> = chosen.collect();
    let Ok(files) = in_memory(lockfile, files) else { return };
    let Some(format) = read::format_for(&files.lockfile) else { return };
    let _ = format.companions(&files);
    let empty = DepGraph::empty(lockfile.clone(), format.id(), format.ecosystem());
    let (graph, gaps) = match graph(format, &files) {
        Ok(graph) => (graph, Vec::new()),
        Err(gap) => (DepGraph::empty(lockfile.clone(), format.id(), format.ecosystem()), vec![gap]),
    };
    graph::verify(&graph).unwrap();
    assert!(diff::compare(&graph, &graph).changes.is_empty());
    let _ = diff::compare(&graph, &empty);
    reports(&empty, &graph, gaps, &chosen);
    if let Some(id) = graph.ids().last() {
        let _ = graph.why(id, 5);
    }
}

fn graph(format: &dyn read::Format, files: &Files) -> Result<DepGraph, Gap> {
    let parsed = read::parse(format, files).map_err(|error| {
        let text = files.companions.get(&error.path).unwrap_or(&files.lockfile).text();
        let lines = text.lines().count().max(1) as u32 + 1;
        assert!(error.line.is_some_and(|line| line >= 1 && line <= lines), "{error} has no line of the file's {lines}");
        Gap { kind: GapKind::UnreadLockfile, file: error.path.clone(), line: error.line, message: error.kind.to_string() }
    });
    parsed.map(graph::build)
}

fn reports(base: &DepGraph, head: &DepGraph, gaps: Vec<Gap>, chosen: &[&dyn Report]) {
    let side = || Side("worktree".into());
    let judgement = judge::evaluate(Subject { gaps, ..Subject::of(vec![diff::compare(base, head)]) });
    let reported = Reported {
        judgement,
        base: Some(side()),
        head: side(),
        introductions: None,
        skipped: Vec::new(),
        excerpts: sbomgate::report::Excerpts::default(),
    };
    for report in chosen {
        let mut bytes = Vec::new();
        report.write(&reported, &Style::plain(), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let raw = text.chars().find(|&c| c != '\n' && is_invisible(c));
        assert_eq!(raw, None, "the report {} holds a raw control character:\n{text}", report.id());
        let text = if report.id() == "github" { text.lines().map(rest_of_annotation).collect() } else { text };
        assert!(!text.lines().any(is_command), "the report {} holds a command of a CI runner:\n{text}", report.id());
    }
}

/// What stands behind the command of an annotation, which every line of that report is.
fn rest_of_annotation(line: &str) -> String {
    let rest = ["::error ", "::warning ", "::notice "].iter().find_map(|command| line.strip_prefix(command));
    format!("x{}\n", rest.unwrap_or_else(|| panic!("{line} is no annotation")))
}

/// What the runners of GitHub and Azure take for commands of their own.
fn is_command(line: &str) -> bool {
    line.trim().starts_with("::") || line.contains("##[") || line.contains("##vso[")
}

/// Line ends, quotes, brackets, commas and the byte after each, evenly thinned out.
fn cuts(bytes: &[u8]) -> Vec<usize> {
    let is_border = |byte: u8| matches!(byte, b'\n' | b'"' | b'\'' | b'[' | b']' | b'{' | b'}' | b',' | b':' | b'=' | b'\\' | 0x80..);
    let mut all: Vec<usize> = (0..bytes.len()).filter(|&at| is_border(bytes[at])).flat_map(|at| [at, at + 1]).collect();
    all.dedup();
    let step = all.len().div_ceil(CUTS.min(MOST_BYTES / bytes.len().max(1)).max(1)).max(1);
    all.into_iter().step_by(step).collect()
}

/// One lockfile name of each format, as the fixtures have them.
fn lockfile_names() -> BTreeMap<read::FormatId, String> {
    let paths = cases().into_iter().flat_map(|case| case.files()).map(|(path, _)| path);
    let lockfiles = paths.filter_map(|path| Some((read::format_of(&path)?.id(), path.file_name().to_owned())));
    let documents = FORMATS.iter().filter(|format| format.is_document());
    lockfiles.chain(documents.map(|format| (format.id(), format.names()[0].to_owned()))).collect()
}

/// What could take the square of its size in the readers of Poetry and PDM: one name many times, many
/// extras, markers that are compared, rings of requirements.
#[test]
fn large_python_lockfiles() {
    let tail = "[metadata]\nlock-version = \"2.1\"\n";
    let many = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>();
    let forks = many(30, &|i| {
        format!("[[package]]\nname = \"fork\"\nversion = \"{i}\"\nmarkers = \"python_version < '3.{i}' or sys_platform == 'p{i}'\"\n")
    });
    let askers = many(1_000, &|i| {
        format!(
            "[[package]]\nname = \"a{i}\"\nversion = \"1\"\n[package.dependencies]\nfork = {{version = \"*\", markers = \"python_version >= '3.{i}' and os_name == 'o{i}'\"}}\n"
        )
    });
    let optional = many(2_000, &|i| format!("o{i} = {{version = \"*\", optional = true}}"));
    let extras = many(2_000, &|i| format!("e{i} = [\"o{i}\", \"o1\", \"ant[e{}]\"]", (i + 1) % 2_000));
    let ring =
        many(5_000, &|i| format!("[[package]]\nname = \"r{i}\"\nversion = \"1\"\n[package.dependencies]\nr{} = \"*\"\n", (i + 1) % 1_000));
    let sets = many(2_000, &|i| {
        format!("[[package]]\nname = \"ant\"\nversion = \"1\"\nextras = [\"e{i}\"]\ndependencies = [\"ant[e{}]\"]\n", (i + 1) % 2_000)
    });
    let manifest = "[tool.poetry.dependencies]\nant = {version = \"*\", extras = [\"e0\"]}\nr0 = \"*\"\n";
    let project = "[project]\nname = \"zoo\"\ndependencies = [\"ant[e0]\"]\n";
    let cases = [
        ("forks", "poetry.lock", forks.concat() + &askers.concat() + tail, manifest),
        (
            "versions of one name",
            "poetry.lock",
            many(20_000, &|i| format!("[[package]]\nname = \"ant\"\nversion = \"{i}\"\n")).concat() + tail,
            manifest,
        ),
        (
            "extras",
            "poetry.lock",
            format!(
                "[[package]]\nname = \"ant\"\nversion = \"1\"\n[package.dependencies]\n{}\n[package.extras]\n{}\n{tail}",
                optional.join("\n"),
                extras.join("\n")
            ),
            manifest,
        ),
        ("a ring", "poetry.lock", ring.concat() + tail, manifest),
        ("extras of PDM", "pdm.lock", "[metadata]\nlock_version = \"4.5.1\"\n".to_owned() + &sets.concat(), project),
    ];
    for (name, lockfile, text, manifest) in cases {
        survives(name, &path(lockfile), &vec![(path(lockfile), text.into()), (path("pyproject.toml"), manifest.into())]);
    }
}

/// As many patterns as members: a pattern is made ready once, not for each folder.
#[test]
fn large_workspaces() {
    let folder = tempfile::tempdir().unwrap();
    let list = |item: &dyn Fn(usize) -> String| (0..1_500).map(item).collect::<Vec<_>>().join(", ");
    let (members, excluded) = (list(&|i| format!("\"c/*x{i}\"")), list(&|i| format!("\"e{i}\"")));
    let mut files = vec![
        ("Cargo.toml".to_owned(), format!("[workspace]\nmembers = [{members}, \"c/*\"]\nexclude = [{excluded}]\n")),
        ("Cargo.lock".to_owned(), "version = 4\n".to_owned()),
        ("pyproject.toml".to_owned(), format!("[tool.uv.workspace]\nmembers = [{members}, \"c/*\"]\nexclude = [{excluded}]\n")),
        ("uv.lock".to_owned(), "version = 1\nrevision = 3\n".to_owned()),
    ];
    for i in 0..1_500 {
        files.push((format!("c/m{i}/Cargo.toml"), format!("[package]\nname = \"m{i}\"\nversion = \"1.0.0\"\n")));
        files.push((format!("c/m{i}/pyproject.toml"), format!("[project]\nname = \"m{i}\"\nversion = \"1.0.0\"\n")));
    }
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let start = processor_time();
    let (inventory, _) = Project::open(folder.path()).unwrap().read(None, &Selection::default()).unwrap();
    let taken = processor_time() - start;
    assert!(inventory.graphs.len() == 2 && taken < LONGEST, "{taken:?}: {:?}", inventory.gaps);
}

/// One name with thousands of versions, each of which may run scripts.
#[test]
fn large_lists_of_scripts() {
    let many = |item: &dyn Fn(usize) -> String| (0..20_000).map(item).collect::<String>();
    let packages = many(&|i| format!("  ant@9.0.{i}:\n    resolution: {{integrity: sha512-AAAA}}\n\n"));
    let lock = format!("lockfileVersion: '9.0'\n\nimporters:\n\n  .: {{}}\n\npackages:\n\n{packages}");
    let settings = format!("onlyBuiltDependencies:\n{}", many(&|i| format!("  - ant@9.0.{i}\n")));
    let lockfile = path("pnpm-lock.yaml");
    survives("a list of scripts", &lockfile, &vec![(lockfile.clone(), lock.into()), (path("pnpm-workspace.yaml"), settings.into())]);
}

/// Files that no tool writes: name, lockfile name, bytes.
fn hostile() -> Vec<(String, String, Vec<u8>)> {
    let mut files = Vec::new();
    for lockfile in lockfile_names().into_values() {
        for (name, bytes) in of_any_format() {
            files.push((format!("{lockfile}: {name}"), lockfile.clone(), bytes));
        }
        for name in NAMES {
            files.push((
                format!("{lockfile}: the text {name:?}"),
                lockfile.clone(),
                format!("{name}\n{name}==1.0 # {name}\n").into_bytes(),
            ));
        }
    }
    for name in NAMES {
        files.extend(of_npm(name).into_iter().chain(of_cargo(name)).chain(of_python(name)));
        files.extend(pipfile_locks(name).into_iter().chain(pylocks(name)));
        for (document, text) in documents_of(name) {
            files.push((format!("{document} {name:?}"), document.into(), text.into()));
        }
    }
    files
}

/// The text in every place that lockfiles of the npm family have for one.
fn of_npm(name: &str) -> Vec<(String, String, Vec<u8>)> {
    let mut files = Vec::new();
    let npm = format!(
        r#"{{"lockfileVersion": 3, "packages": {{"": {{"name": {0}, "dependencies": {{{0}: {0}}}}},
        "node_modules/x": {{"name": {0}, "version": {0}, "resolved": {0}, "license": {0}, "deprecated": {0}}}, "a": {{"name": {0}}}}}}}"#,
        serde_json_text(name)
    );
    files.push((format!("npm name {name:?}"), "package-lock.json".into(), npm.into()));
    let npm = format!(
        r#"{{"lockfileVersion": 3, "packages": {{"": {{}}, {0}: {{"version": "1.0.0"}}, "node_modules/y": {{"resolved": {0}, "link": true}}}}}}"#,
        serde_json_text(name)
    );
    files.push((format!("npm path {name:?}"), "package-lock.json".into(), npm.into()));
    let npm =
        format!(r#"{{"dependencies": {{{0}: {{"version": {0}, "resolved": {0}, "requires": {{{0}: {0}}}}}}}}}"#, serde_json_text(name));
    files.push((format!("npm v1 {name:?}"), "package-lock.json".into(), npm.into()));
    let yarn = format!(
        "{0}, {1}:\n  name {0}\n  version {0}\n  resolved {0}\n  dependencies:\n    {0} {0}\n",
        serde_json_text(name),
        serde_json_text(&format!("ant@{name}"))
    );
    files.push((format!("yarn name {name:?}"), "yarn.lock".into(), yarn.into()));
    for version in 0..4 {
        let bun = format!(
            r#"{{"lockfileVersion": {version}, "workspaces": {{"": {{"name": {0}, "dependencies": {{{0}: {0}}}}}, {0}: {{"name": {0}, "version": {0}}}}},
            "overrides": {{{0}: {{{0}: {0}}}}}, "catalog": {{{0}: {0}}}, "packages": {{{0}: [{0}], "a": [{1}, {0}, {{"peerDependencies": {{{0}: {0}}}}}, {0}],
            "b": [{2}, {{}}, {0}], "c": [{3}, {{}}, {0}], "d": [{4}]}}}}"#,
            serde_json_text(name),
            serde_json_text(&format!("{name}@1.0.0")),
            serde_json_text(&format!("b@git+{name}#{name}")),
            serde_json_text(&format!("c@https://files.example/{name}")),
            serde_json_text(&format!("{name}@workspace:{name}")),
        );
        files.push((format!("bun {version} {name:?}"), "bun.lock".into(), bun.into()));
    }
    for version in ["5.4", "'6.0'", "'9.0'"] {
        let pnpm = format!(
            "lockfileVersion: {version}\nimporters:\n  {0}:\n    dependencies: {{{0}: {{specifier: {0}, version: {0}}}, b: {0}}}\npackages:\n  \
             {0}:\n    resolution: {{tarball: {0}, directory: {0}, repo: {0}, commit: {0}}}\n    name: ant\n    deprecated: {0}\n\
             snapshots:\n  {0}: {{dependencies: {{{0}: {0}}}}}\n",
            serde_json_text(name)
        );
        let typed = |kind: &str| pnpm.replace("{tarball", &format!("{{type: {kind}, tarball"));
        for text in [pnpm.clone(), typed("directory"), typed("git")] {
            files.push((format!("pnpm {version} {name:?}"), "pnpm-lock.yaml".into(), text.into()));
        }
    }
    files
}

/// The text in every place that a Cargo.lock has for one.
fn of_cargo(name: &str) -> Vec<(String, String, Vec<u8>)> {
    let mut files = Vec::new();
    let cargo = format!(
        "version = 4\n[[package]]\nname = {0}\nversion = \"1.0.0\"\nsource = {0}\n\n[[package]]\nname = \"zoo\"\nversion = \"1.0.0\"\ndependencies = [{0}]\n",
        serde_json_text(name)
    );
    files.push((format!("cargo name {name:?}"), "Cargo.lock".into(), cargo.into()));
    let git = format!(
        "version = 4\n[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\nsource = {}\n",
        serde_json_text(&format!("git+https://git.example/{name}?branch={name}#{name}"))
    );
    files.push((format!("cargo source {name:?}"), "Cargo.lock".into(), git.into()));
    files
}

/// The text in every place that the TOML lockfiles of Python have for one.
fn of_python(name: &str) -> Vec<(String, String, Vec<u8>)> {
    let mut files = Vec::new();
    for kind in ["registry", "git", "url", "path", "directory", "editable", "virtual"] {
        let uv = format!(
            "version = 1\n[manifest]\nrequirements = [{{ name = \"ant\", specifier = {0}, marker = {0} }}]\n[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\nsource = {{ {kind} = {1} }}\nsdist = {{ url = {0} }}\ndependencies = [{{ name = \"zoo\", version = {0}, marker = {0} }}]\n",
            serde_json_text(name),
            serde_json_text(&format!("{name}#{name}"))
        );
        files.push((format!("uv {kind} {name:?}"), "uv.lock".into(), uv.into()));
    }
    for kind in ["legacy", "git", "url", "file", "directory"] {
        let poetry = format!(
            "[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\nmarkers = {0}\n[package.dependencies]\n{0} = {0}\nbee = [{{version = {0}, markers = {0}, optional = true}}, {{git = {0}}}]\n[package.extras]\nx = [\"bee ({1})\"]\n[package.source]\ntype = \"{kind}\"\nurl = {0}\nreference = {0}\nresolved_reference = \"{2}\"\nsubdirectory = {0}\n[metadata]\nlock-version = \"2.1\"\ncontent-hash = {0}\n",
            serde_json_text(name),
            serde_json_text(name).trim_matches('"'),
            "a1".repeat(20),
        );
        files.push((format!("poetry {kind} {name:?}"), "poetry.lock".into(), poetry.into()));
    }
    for kind in ["git", "hg", "url", "path", "marker"] {
        let pdm = format!(
            "[metadata]\nlock_version = \"4.5.1\"\n[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\n{kind} = {0}\nrevision = {0}\nsubdirectory = {0}\nfiles = [{{url = {0}, hash = \"md5:{1}\"}}]\n[[package]]\nname = \"bee\"\nversion = \"1\"\nextras = [\"x\"]\ndependencies = [{0}]\n",
            serde_json_text(name),
            "0".repeat(32),
        );
        files.push((format!("pdm {kind} {name:?}"), "pdm.lock".into(), pdm.into()));
    }
    files
}

/// The text in every place that a Pipfile.lock has for one.
fn pipfile_locks(name: &str) -> Vec<(String, String, Vec<u8>)> {
    let text = serde_json_text(name);
    let lock = |entry: &str| {
        let sources = format!(r#"[{{"name": {text}, "url": {text}}}]"#);
        format!(
            r#"{{"_meta": {{"hash": {{"sha256": {text}}}, "sources": {sources}}}, {text}: {{}}, "develop": {{"ant": {entry}, {text}: {entry}}}}}"#
        )
    };
    let keys = ["version", "index", "markers", "sys_platform"].map(|key| format!(r#""{key}": {text}"#)).join(", ");
    let mut files =
        vec![lock(&text), lock(&format!("{{{keys}, \"hashes\": [{text}]}}")), lock(&format!("{{{keys}, \"extras\": [{text}]}}"))];
    files.extend(["git", "hg", "file", "path"].map(|kind| lock(&format!(r#"{{"{kind}": {text}, "ref": {text}, "version": {text}}}"#))));
    files.into_iter().map(|lock| (format!("Pipfile.lock {name:?}"), "Pipfile.lock".to_owned(), lock.into_bytes())).collect()
}

/// The text in every place that a pylock.toml has for one.
fn pylocks(name: &str) -> Vec<(String, String, Vec<u8>)> {
    let text = serde_json_text(name);
    let sources = [
        format!("vcs = {{ type = {text}, url = {text}, commit-id = {text} }}"),
        format!("vcs = {{ type = \"git\", url = {text}, requested-revision = {text}, commit-id = \"{}\" }}", "0".repeat(40)),
        format!("directory = {{ path = {text}, subdirectory = {text} }}"),
        format!("archive = {{ url = {text}, path = {text} }}"),
        format!("wheels = [{{ name = {text}, url = {text} }}]\nindex = {text}"),
        format!("sdist = {{ path = {text} }}\ntool.pdm.dependencies = [{text}]"),
    ];
    let lock = |source: &String| {
        let rest = format!("dependencies = [{{ name = \"ant\", version = {text} }}]\nmarker = \"{text} in extras\"");
        [rest.replace("marker", "novelty"), format!("marker = {text}"), String::new()].map(|rest| {
            let head = format!("lock-version = \"1.0\"\ncreated-by = {text}\n");
            format!("{head}[[packages]]\nname = \"ant\"\nversion = {text}\n{source}\n{}", rest.replace(&format!("\"{text}"), "\"x"))
                .replace("version = \"\"\n", "")
        })
    };
    let files = sources.iter().flat_map(lock);
    files.map(|lock| (format!("pylock.toml {name:?}"), "pylock.toml".to_owned(), lock.into_bytes())).collect()
}

/// A name in every text of an SBOM.
fn documents_of(name: &str) -> [(&'static str, String); 4] {
    let cyclonedx = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"type": NAME, "name": NAME, "bom-ref": NAME},
        "properties": [{"name": "sbomgate:gap", "value": NAME}, {"name": "sbomgate:gap", "value": "submodule: NAME_: x"}]},
        "components": [{"type": NAME, "bom-ref": "a", "group": NAME, "name": NAME, "version": NAME, "purl": NAME,
        "licenses": [{"license": {"name": NAME}}], "externalReferences": [{"type": "distribution", "url": NAME}],
        "properties": [{"name": "sbomgate:git:commit", "value": NAME}, {"name": "sbomgate:deprecated", "value": NAME}]},
        {"type": "library", "bom-ref": "b", "name": "b", "purl": "pkg:npm/b@1?vcs_url=NAME_&download_url=NAME_&checksum=md5:NAME_"}],
        "dependencies": [{"ref": NAME, "dependsOn": ["a", NAME, "b"]}], "compositions": [{"aggregate": NAME, "assemblies": [NAME]}]}"#;
    let spdx = r#"{"spdxVersion": "SPDX-2.3", "SPDXID": NAME, "documentDescribes": [NAME], "packages": [{"SPDXID": "a", "name": NAME, "versionInfo": NAME,
        "downloadLocation": NAME, "licenseDeclared": NAME, "externalRefs": [{"referenceType": "purl", "referenceLocator": NAME}]}],
        "relationships": [{"spdxElementId": NAME, "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "a"}]}"#;
    let json = |text: &str| text.replace("NAME_", "a").replace("NAME", &serde_json_text(name));
    let escaped = name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let xml = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library" bom-ref="NAME"><name>NAME</name><version>NAME</version>
        <purl>pkg:npm/NAME</purl></component></components><dependencies><dependency ref="NAME"><dependency ref="NAME"/></dependency></dependencies></bom>"#;
    let tags = "SPDXVersion: SPDX-2.3\nPackageName: NAME\nSPDXID: NAME\nExternalRef: PACKAGE-MANAGER purl NAME\nRelationship: NAME DEPENDS_ON NAME\n";
    [
        ("bom.json", json(cyclonedx)),
        ("bom.spdx.json", json(spdx)),
        ("bom.xml", xml.replace("NAME", &escaped)),
        ("bom.spdx", tags.replace("NAME", name)),
    ]
}

const NAMES: [&str; 18] = [
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\windows",
    "\u{1b}[31mred\u{1b}[0m",
    "\n::error::owl",
    "::error file=x::owl",
    "##[error]owl",
    "##vso[task.setvariable variable=x]y",
    "%0A::set-output name=x::y",
    "a\u{202e}txt.exe",
    "\u{200b}",
    "",
    " ",
    "node_modules/node_modules",
    "<script>alert(1)</script>",
    "`$(touch x)`|[x](javascript:1)",
    "git+ssh://keeper:hunter2@git.example/x",
    "ä\u{301}\u{10ffff}",
];

/// A JSON string, which is a TOML string as well.
fn serde_json_text(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn of_any_format() -> Vec<(String, Vec<u8>)> {
    let deep = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth)).into_bytes();
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("NUL".into(), b"\0".to_vec()),
        ("byte-order mark alone".into(), b"\xef\xbb\xbf".to_vec()),
        ("UTF-16".into(), b"\xff\xfe{\0}\0".to_vec()),
        ("UTF-16 big endian".into(), b"\xfe\xff\0{\0}".to_vec()),
        ("no UTF-8".into(), b"{\"a\": \"\xc3\x28\"}".to_vec()),
        ("a lone surrogate".into(), br#"{"lockfileVersion": 3, "packages": {"\ud800": {}}}"#.to_vec()),
        ("one line of a megabyte".into(), vec![b'x'; 1 << 20]),
        ("one text of a megabyte".into(), [b"\"".as_slice(), &vec![b'x'; 1 << 20], b"\""].concat()),
        ("many line ends".into(), vec![b'\n'; 1 << 18]),
        ("a megabyte of commas".into(), [b"[".as_slice(), &vec![b','; 1 << 20]].concat()),
        ("conflict markers".into(), b"<<<<<<< a\n=======\n>>>>>>> b\n".to_vec()),
        ("huge number".into(), format!("{{\"lockfileVersion\": {}}}", "9".repeat(100_000)).into_bytes()),
        ("huge TOML number".into(), format!("version = {}\n", "9".repeat(100_000)).into_bytes()),
        ("huge exponent".into(), b"{\"lockfileVersion\": 1e999999999}".to_vec()),
        ("a number that is no integer".into(), b"{\"lockfileVersion\": 2.5, \"packages\": {}}".to_vec()),
        ("deep links".into(), deep_node_modules(3000)),
        ("deep Bun".into(), deep_bun(90, 20_000)),
        ("many members".into(), many_members(20_000)),
        ("many dotted keys".into(), format!("{}x = 1\n", "a.".repeat(20_000)).into_bytes()),
        ("many table headers".into(), "[[package]]\n".repeat(20_000).into_bytes()),
    ];
    for depth in [100, 127, 128, 1000, 50_000] {
        files.push((format!("{depth} arrays"), deep("[", "]", depth)));
        files.push((format!("{depth} objects"), deep("{\"a\":", "}", depth)));
        files.push((format!("{depth} dependencies"), deep("{\"dependencies\":{\"a\":", "}}", depth)));
        files.push((format!("{depth} YAML lists"), deep("- ", "", depth)));
        files.push((format!("{depth} YAML keys"), deep("? ", "", depth)));
        files.push((
            format!("{depth} YAML mappings"),
            (0..depth.min(1000)).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>().into(),
        ));
        files.push((format!("{depth} TOML arrays"), [b"a = ".as_slice(), &deep("[", "]", depth)].concat()));
        files.push((format!("{depth} TOML tables"), [b"a = ".as_slice(), &deep("{a = ", "}", depth)].concat()));
    }
    files
}

/// A `node_modules` tree that nests one package in itself.
fn deep_node_modules(depth: usize) -> Vec<u8> {
    let path = |depth: usize| vec!["node_modules/a"; depth].join("/");
    let entries: Vec<String> = (1..=depth)
        .step_by(50)
        .map(|depth| format!("\"{}\": {{\"version\": \"{depth}.0.0\", \"dependencies\": {{\"a\": \"*\"}}}}", path(depth)))
        .collect();
    format!("{{\"lockfileVersion\": 3, \"packages\": {{\"\": {{\"dependencies\": {{\"a\": \"*\"}}}}, {}}}}}", entries.join(", "))
        .into_bytes()
}

/// A bun.lock of packages in each other, of which the innermost asks for many that are not there.
fn deep_bun(depth: usize, absent: usize) -> Vec<u8> {
    let entry = |depth: usize| format!("\"{}\": [\"a@{depth}.0.0\", \"\", {{}}, \"\"],", vec!["a"; depth].join("/"));
    let entries: String = (1..depth).map(entry).collect();
    let asked: String = (0..absent).map(|at| format!("\"p{at}\": \"*\",")).collect();
    let path = vec!["a"; depth].join("/");
    format!(
        "{{\"lockfileVersion\": 1, \"workspaces\": {{\"\": {{}}}}, \"packages\": {{{entries}\"{path}\": [\"a@0.0.1\", \"\", {{\"dependencies\": {{{asked}}}}}, \"\"]}}}}"
    )
    .into_bytes()
}

/// A bun.lock with many members that have no manifest, and as many keys that stand for them.
fn many_members(members: usize) -> Vec<u8> {
    let workspaces: String = (0..members).map(|at| format!("\"p/{at}\": {{\"name\": \"m{at}\"}},")).collect();
    let packages: String = (0..members).map(|at| format!("\"x{at}\": [\"m{at}@workspace:p/{at}\"],")).collect();
    format!("{{\"lockfileVersion\": 1, \"workspaces\": {{\"\": {{}},{workspaces}}}, \"packages\": {{{packages}}}}}").into_bytes()
}

fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

/// SplitMix64: the same bits on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % limit as u64) as usize
    }
}
