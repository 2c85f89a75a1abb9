//! The door of the gate: every case of `fixtures/policy`, states of a repository committed by the one each is
//! named after, through `run` to the verdict with everything that decided it. An about.md says what is right.

use crate::advisories::learned;
use crate::fixtures::{copy, folders, name, root, walk};
use crate::reports::{assert_valid, assert_valid_by, described};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sbomgate::enrich::Fact;
use sbomgate::enrich::advisory::Advisories;
use sbomgate::enrich::registry::{self, Dossier, Kept, Registry};
use sbomgate::judge::approval;
use sbomgate::judge::condition::{self, Condition, Expression, Model};
use sbomgate::judge::internal::Internal;
use sbomgate::judge::policy;
use sbomgate::judge::{self, Judgement, RULES, Rule, Subject, Verdict, groups};
use sbomgate::model::{Day, GapKind, Level, PackageSource, RelPath, SourceFile};
use sbomgate::report::{self, Reported, Side, Style, wording};
use sbomgate::run::{Project, RunError, Selection, UserKeys, check, conditions, diff, gate, introduction};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whose commit says that Claude had a part in it.
const WITH_CLAUDE: &str = "-with-claude";
/// The day of every case.
const TODAY: &str = "2026-11-21";
/// When every step is committed, and when the case is judged, in seconds since 1970.
const COMMITTED: i64 = 1_795_176_000;
const NOW: i64 = COMMITTED + 86_400;

fn git(folder: &Path, who: &str, arguments: &[&str]) -> String {
    let (name, email) = match who.trim_end_matches(WITH_CLAUDE) {
        "bob" => ("Bob Warden", "bob@zoo.example"),
        "eve" => ("Eve Guest", "eve@zoo.example"),
        "claude" => ("Claude", "noreply@anthropic.com"),
        "bot" => ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"),
        _ => ("Ada Keeper", "ada@zoo.example"),
    };
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), email);
        git.env(format!("GIT_{role}_DATE"), "2026-11-20T12:00:00Z");
    }
    let output = git.arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Signs the last commit as OpenSSH does, with a key that is made from nothing but a name: their own, or that of
/// another; or other bytes.
fn sign(top: &Path, who: &str, how: &str) {
    let object = git(top, who, &["cat-file", "commit", "HEAD"]) + "\n";
    let payload = if how == "-badly" { "other bytes" } else { &object };
    let signer = how.strip_prefix("-by-").unwrap_or(who);
    let (head, message) = object.split_once("\n\n").unwrap();
    let signature = ssh_signature(signer, payload).replace('\n', "\n ");
    fs::write(top.join(".git/signed"), format!("{head}\ngpgsig {signature}\n\n{message}")).unwrap();
    let id = git(top, who, &["hash-object", "-t", "commit", "-w", ".git/signed"]);
    git(top, who, &["update-ref", "HEAD", &id]);
}

/// PROTOCOL.sshsig of OpenSSH; `fixtures/signature` shows that this is what ssh-keygen writes.
fn ssh_signature(who: &str, payload: &str) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[who.as_bytes()[0]; 32]).unwrap();
    let texts = |parts: &[&[u8]]| -> Vec<u8> {
        parts.iter().flat_map(|part| [&u32::try_from(part.len()).unwrap().to_be_bytes()[..], part].concat()).collect()
    };
    let digest = ring::digest::digest(&ring::digest::SHA512, payload.as_bytes());
    let signed = pair.sign(&[b"SSHSIG", &texts(&[b"git", b"", b"sha512", digest.as_ref()])[..]].concat());
    let key = texts(&[b"ssh-ed25519", pair.public_key().as_ref()]);
    let signature = texts(&[b"ssh-ed25519", signed.as_ref()]);
    let blob = [b"SSHSIG\0\0\0\x01", &texts(&[&key, b"git", b"", b"sha512", &signature])[..]].concat();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----", STANDARD.encode(blob))
}

/// An empty file of a step stands for one that goes.
fn take_out(step: &Path, folder: &Path, top: &Path) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            take_out(step, &entry, top);
        } else if fs::metadata(&entry).unwrap().len() == 0 {
            fs::remove_file(top.join(entry.strip_prefix(step).unwrap())).unwrap();
        }
    }
}

struct Made {
    folder: tempfile::TempDir,
    /// What the registry told.
    facts: Vec<Kept>,
    /// The folder of the advisories that are known.
    records: Option<PathBuf>,
    /// Ids of commits with the steps that made them.
    steps: BTreeMap<String, String>,
    range: &'static str,
}

fn make(case: &Path, change: impl Fn(&Path)) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    git(top, "ada", &["init", "--quiet", "--initial-branch=main"]);
    let steps: Vec<String> = folders(case).iter().map(|step| name(step)).collect();
    let has = |step: &str| steps.iter().any(|one| one == step);
    let commit = |step: &str| {
        copy(&case.join(step), top);
        take_out(&case.join(step), &case.join(step), top);
        change(top);
        let who = step.split_once('-').map_or("ada", |(_, who)| who);
        let (who, signed) = who.split_once("-signed").map_or((who, None), |(who, how)| (who, Some(how)));
        let message = if who.ends_with(WITH_CLAUDE) { "step\n\nCo-Authored-By: Claude <noreply@anthropic.com>" } else { "step" };
        git(top, who, &["add", "--all"]);
        git(top, who, &["commit", "--quiet", "--allow-empty", "--message", message]);
        if let Some(how) = signed {
            sign(top, who, how);
        }
        (git(top, who, &["rev-parse", "HEAD"]), step.to_owned())
    };
    let mut made = BTreeMap::from([commit("base")]);
    git(top, "ada", &["tag", "base"]);
    if has("main") {
        made.extend([commit("main")]);
        git(top, "ada", &["checkout", "--quiet", "-b", "topic", "base"]);
    }
    made.extend(steps.iter().filter(|step| step.starts_with(|c: char| c.is_ascii_digit())).map(|step| commit(step)));
    if has("work") {
        copy(&case.join("work"), top);
    }
    let range = match (has("work"), has("main")) {
        (true, _) => "base",
        (false, true) => "main...topic",
        (false, false) => "base..HEAD",
    };
    let facts = fs::read(case.join("facts.json")).map(|bytes| serde_json::from_slice(&bytes).unwrap()).unwrap_or_default();
    let records = Some(case.join("advisories")).filter(|folder| folder.is_dir());
    Made { folder, facts, records, steps: made, range }
}

fn judged<T>(made: &Made, whole: bool, told: impl FnOnce(Judgement<'_>) -> T) -> Result<T, RunError> {
    let project = Project::open(made.folder.path()).unwrap();
    let selection = Selection::default();
    let today: Day = TODAY.parse().unwrap();
    let sides = if whole { check::read(&project, None, &selection)? } else { diff::read(&project, made.range, &selection)? };
    let mut subject = sides.compare();
    let judging = gate::judging(&project, &sides)?;
    let introductions = introduction::find(&project, &sides, &subject, judging.policy.catalogue(), &UserKeys::default());
    // One case is about what is not known of advisories; for the others it is noise.
    let policy = fs::read_to_string(made.folder.path().join(policy::FILE)).unwrap_or_default();
    if let Some(records) = &made.records {
        subject.advisories = learned(&subject, records);
    } else if !policy.contains("unknown-advisories") {
        subject.advisories =
            Advisories { stores: Default::default(), packages: Default::default(), unasked: Default::default(), age: None };
    }
    let terms = &judging.policy.advisories;
    subject.internal = Internal::new(&terms.internal, &terms.internal_registries).unwrap();
    learn(&mut subject, &made.facts);
    subject.gate = gate::of(&project, &sides, judging, introductions.as_ref(), today, whole)?;
    subject.conditions = conditions::met(&subject, introductions.as_ref());
    Ok(told(judge::evaluate(subject)))
}

/// What the registry of the cases told, of every package that is another than before.
fn learn(subject: &mut Subject<'_>, kept: &[Kept]) {
    let base = "https://registry.npm.example".to_owned();
    for change in subject.lockfiles.iter().flat_map(|lockfile| &lockfile.changes) {
        let registry = Registry { ecosystem: change.package.ecosystem, base: base.clone(), api: Some(base.clone()) };
        let of_name: Vec<&Kept> = kept.iter().filter(|kept| kept.name == change.package.name.as_str()).collect();
        if of_name.is_empty() || !matches!(change.package.source, PackageSource::Registry { .. }) {
            continue;
        }
        for package in [Some(&change.package), change.before.as_ref()].into_iter().flatten() {
            let facts = |at| registry::facts(package, &registry, &of_name, at);
            let introduced = Some((COMMITTED, facts(Some(COMMITTED))));
            let dossier = Dossier { registry: registry.clone(), introduced, now: NOW, today: facts(None), outdated: None };
            subject.licences.add_facts(package, &dossier.today);
            subject.facts.packages.insert(package.clone(), dossier);
        }
    }
}

fn written(made: &Made, whole: bool) -> String {
    let text = match judged(made, whole, |judgement| told(&judgement)) {
        Ok(text) => text,
        Err(error) => format!("error: {error}\nhint: {}\n", error.hint()),
    };
    made.steps.iter().fold(text, |text, (id, step)| text.replace(&id[..12], &format!("<{step}>")))
}

fn told(judgement: &Judgement<'_>) -> String {
    let mut text = format!("verdict: {}\n", judgement.verdict.map_or("could not judge", Verdict::as_str));
    for request in &judgement.requests {
        writeln!(text, "asked: {} ({})", request.package.label(), request.rule).unwrap();
    }
    for met in &judgement.approved {
        let entry = &judgement.subject.gate.approvals[met.entry].entry;
        let inherited = wording::inherited(&met.road).map(|text| format!(", {text}")).unwrap_or_default();
        let label = met.request.package.label();
        writeln!(text, "approved: {label} by {} until {}{inherited}", entry.approved_by, entry.expires).unwrap();
    }
    for finding in &judgement.findings {
        let place = finding.location.as_ref().map(ToString::to_string).unwrap_or_default();
        writeln!(text, "{}[{}] {place}: {}", finding.level, finding.rule, finding.message).unwrap();
    }
    for gap in &judgement.gaps {
        let message = if gap.kind == GapKind::UnreadStatement { format!(": {}", gap.message) } else { String::new() };
        writeln!(text, "{}{}{message}", gap.kind, if judgement.is_blocking(gap.kind) { ", blocking" } else { "" }).unwrap();
    }
    text
}

fn cases() -> Vec<PathBuf> {
    let cases = folders(&root().join("policy"));
    assert!(cases.len() > 60, "only {} cases were found", cases.len());
    cases
}

#[test]
fn every_case_is_judged_as_its_golden_file_says() {
    let check = |case: &Path| {
        let made = make(case, |_| {});
        let mut text = written(&made, false);
        write!(text, "-- check\n{}", written(&made, true)).unwrap();
        insta::with_settings!({ snapshot_path => case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", text);
        });
    };
    let failed: Vec<String> = cases().iter().filter(|case| panic::catch_unwind(|| check(case)).is_err()).map(|case| name(case)).collect();
    assert!(failed.is_empty(), "{} cases differ: {}", failed.len(), failed.join(", "));
}

/// A report of a case.
fn drawn(made: &Made, format: &str) -> String {
    let drawn = judged(made, false, |judgement| {
        let head = Side("head".into());
        let reported =
            Reported { judgement, base: None, head, introductions: None, skipped: Vec::new(), excerpts: report::Excerpts::default() };
        let mut out = Vec::new();
        report::named(format).unwrap().write(&reported, &Style::plain(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    });
    drawn.unwrap()
}

/// Whose approval was inherited by which road stands in every report that tells of approvals.
#[test]
fn inherited_consent_is_told_as_such() {
    let made = make(&root().join("policy/inherited-deep"), |_| {});
    let (json, manifest) = (drawn(&made, "json"), drawn(&made, "approval-manifest"));
    assert_valid(&json, "json");
    assert_valid_by(&schema(), &manifest, "manifest");
    for text in [json, manifest] {
        let told: Value = serde_json::from_str(&text).unwrap();
        let of =
            |name: &str| told["approved"].as_array().unwrap().iter().find(|met| met["package"].as_str().unwrap().contains(name)).cloned();
        let (own, inherited) = (of("npm/fox@").unwrap(), of("npm/elk@").unwrap());
        assert_eq!(own["inherited_by"], Value::Array(Vec::new()));
        let road: Vec<&str> =
            inherited["inherited_by"].as_array().unwrap().iter().filter_map(|one| one.as_str()?.split('?').next()).collect();
        assert_eq!(road, ["pkg:npm/fox@1.0.0", "pkg:npm/gnu@1.0.0"]);
        assert_eq!(inherited["approval"]["location"], own["approval"]["location"]);
    }
    for format in ["text", "markdown", "html"] {
        assert!(drawn(&made, format).contains("inherited from fox 1.0.0 by way of gnu 1.0.0"), "{format}");
    }
}

/// What registries told stands in the JSON of a change as its schema says.
#[test]
fn facts_stand_in_the_json_report() {
    for case in cases().iter().filter(|case| case.join("facts.json").is_file()) {
        let json = drawn(&make(case, |_| {}), "json");
        assert_valid(&json, &name(case));
        let is_fork = name(case) == "facts-of-a-fork";
        let told: Value = serde_json::from_str(&json).unwrap();
        let of = told["changes"].as_array().unwrap().iter().find(|change| change["facts"].is_object());
        assert!(of.is_some() != is_fork, "{}", name(case));
        assert!(is_fork || of.unwrap()["facts"]["introduced"]["time"] == "2026-11-20T12:00:00Z");
    }
    let sound = make(&root().join("policy/facts-sound"), |_| {});
    for format in ["text", "markdown", "html"] {
        let drawn = drawn(&sound, format);
        assert!(drawn.contains("since 20") && drawn.contains(" downloads in "), "{format}: {drawn}");
    }
}

/// Of every rule that the files of ours bring, some case finds something, and some case does not.
#[test]
fn every_rule_of_the_gate_has_a_case() {
    let texts: String = cases().iter().filter_map(|case| fs::read_to_string(case.join("expected.snap")).ok()).collect();
    let is_ours = |rule: &&Rule| rule.group.is_some_and(|group| ["governance", "licences", "facts"].contains(&group));
    let ours = RULES.iter().filter(is_ours).map(|rule| rule.code);
    for rule in ours.chain(["condition", "source-not-allowed", "unsanctioned-ai-tool", "policy-changed", "self-approval"]) {
        assert!(texts.contains(&format!("[{rule}]")), "no case finds {rule}");
    }
}

/// What nobody should switch off in passing, and no group that is called as a rule is.
#[test]
fn what_is_set_by_its_name_alone() {
    let by_name: Vec<&str> = RULES.iter().filter(|rule| rule.group.is_none()).map(|rule| rule.code).collect();
    assert_eq!(by_name, ["malware", "condition", "policy-changed", "self-approval"]);
    assert!(groups().iter().all(|group| RULES.iter().all(|rule| rule.code != *group)));
}

/// Whatever is altered of an approval, it no longer lets the package in.
#[test]
fn every_field_of_an_approval_counts() {
    let verdict = |from: &str, to: &str| {
        let alter = |top: &Path| {
            let file = top.join(".sbomgate/approvals.toml");
            let text = fs::read_to_string(&file).unwrap();
            let full = text.replace("reason =", "lockfiles = [\"package-lock.json\"]\nscope = \"runtime\"\nreason =");
            let text = if text.contains("scope") { text } else { full };
            assert!(text.contains(from) || text.contains(to), "{from}");
            fs::write(&file, text.replace(from, to)).unwrap();
        };
        judged(&make(&root().join("policy/approved"), alter), false, |judgement| judgement.verdict).ok().flatten()
    };
    assert_eq!(verdict("reason", "reason"), Some(Verdict::Allow), "the entry itself lets the package in");
    for (from, to) in [
        ("pkg:npm/fox", "pkg:npm/fix"),
        ("pkg:npm/fox", "pkg:pypi/fox"),
        ("registry.npm.example", "other.npm.example"),
        ("^1.0.0", "^2.0.0"),
        ("versions = \"^1.0.0\"", "version = \"1.0.1\""),
        (
            "versions = \"^1.0.0\"",
            "version = \"1.0.0\"\ndigest = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"",
        ),
        ("\"package-lock.json\"", "\"web/package-lock.json\""),
        ("\"runtime\"", "\"development\""),
        ("team-web", "Claude <noreply@anthropic.com>"),
        ("Bob Warden <bob@zoo.example>", "Ada Keeper <ada@zoo.example>"),
        ("Bob Warden <bob@zoo.example>", "Ada Keeper <ada@home.example>"),
        ("2026-11-20", "2026-12-20"),
        ("2027-06-01", "2026-11-20"),
        ("the cart needs it", ""),
    ] {
        assert_ne!(verdict(from, to), Some(Verdict::Allow), "{to}");
    }
}

/// What takes the place of a field, in a case whose first entry that has it.
fn other_value(key: &str, value: &str) -> String {
    let text = match key {
        "package" => "\"pkg:npm/fix\"",
        "versions" => "\"^9.0.0\"",
        "version" => "\"9.0.0\"",
        "digest" => return format!("\"sha512:{}\"", "0".repeat(128)),
        "lockfiles" => "[\"elsewhere/package-lock.json\"]",
        "scope" if value == "\"development\"" => "\"runtime\"",
        "scope" => "\"development\"",
        "owner" => "\"Claude <noreply@anthropic.com>\"",
        "approved-by" => "\"Ada Keeper <ada@zoo.example>\"",
        "on" => "\"2026-12-20\"",
        "expires" => "\"2026-11-20\"",
        "reason" => "\"\"",
        "reviewed" => "[\"\"]",
        "findings" => "[]",
        "until-fixed" => return (value != "true").to_string(),
        other => panic!("nothing says how `{other}` is altered: add it here, with a case in fixtures/policy whose verdict it changes"),
    };
    text.to_owned()
}

/// Of each field that an entry can have there is a case which is judged otherwise once that field of one entry is another.
#[test]
fn every_field_of_an_approval_decides_some_case() {
    let is_approvals = |file: &&PathBuf| file.ends_with(approval::FILE);
    for key in approval::KEYS {
        let is_key = |line: &&str| line.split_once(" = ").is_some_and(|(name, _)| name == key);
        let alter = |top: &Path| {
            let file = top.join(approval::FILE);
            let Ok(text) = fs::read_to_string(&file) else { return };
            let Some(line) = text.lines().find(is_key) else { return };
            let other = other_value(key, line.split_once(" = ").unwrap().1);
            fs::write(&file, text.replacen(line, &format!("{key} = {other}"), 1)).unwrap();
        };
        let has_key = |case: &PathBuf| {
            let mut files = Vec::new();
            walk(case, &mut |path| files.push(path.to_owned()));
            files.iter().filter(is_approvals).any(|file| fs::read_to_string(file).unwrap().lines().any(|line| is_key(&line)))
        };
        let verdict = |made: &Made| judged(made, false, |judgement| judgement.verdict).ok().flatten();
        let decides = |case: &PathBuf| verdict(&make(case, |_| {})) != verdict(&make(case, alter));
        assert!(cases().iter().filter(|case| has_key(case)).any(decides), "no case is judged otherwise for another `{key}`");
    }
}

/// What the documentation shows can be read as it stands there.
#[test]
fn the_examples_of_the_documentation_are_read() {
    let mut examples = include_str!("../../docs/policy.md").split("```toml\n").skip(1).filter_map(|part| part.split("```").next());
    let mut file = |path: &str| SourceFile::new(RelPath::new(path).unwrap(), examples.next().unwrap().as_bytes().to_vec()).unwrap();
    policy::read(&file(policy::FILE)).unwrap();
    assert_eq!(approval::read(&file(approval::FILE)).unwrap().len(), 1);
}

/// An approval that somebody merges in from another repository was given there, not here.
#[test]
fn an_approval_of_another_history_does_not_count() {
    let made = make(&root().join("policy/approved-in-the-change"), |_| {});
    let top = made.folder.path();
    let verdict = |range: &'static str| {
        let made = Made { folder: tempfile::tempdir().unwrap(), facts: Vec::new(), records: None, steps: BTreeMap::new(), range };
        git(made.folder.path(), "ada", &["clone", "--quiet", &top.display().to_string(), "."]);
        judged(&made, false, |judgement| (judgement.verdict, told(&judgement))).unwrap()
    };
    git(top, "bob", &["checkout", "--quiet", "--orphan", "elsewhere", "HEAD"]);
    git(top, "bob", &["rm", "-rfq", "--cached", "package.json", "package-lock.json"]);
    git(top, "bob", &["commit", "--quiet", "--message", "approved elsewhere"]);
    git(top, "ada", &["checkout", "--quiet", "--force", "-b", "replayed", "main~1"]);
    git(top, "ada", &["merge", "--quiet", "--allow-unrelated-histories", "--message", "merge", "elsewhere"]);
    assert_eq!(verdict("base..origin/main").0, Some(Verdict::Allow));
    let (replayed, text) = verdict("base..origin/replayed");
    assert_eq!(replayed, Some(Verdict::Deny), "{text}");
    assert!(text.contains("is of another history"), "{text}");
}

/// A group sets none of the rules that are set by their names alone.
#[test]
fn no_group_reaches_what_is_set_by_name() {
    let all: String = groups().iter().map(|group| format!("{group} = \"off\"\n")).collect();
    let text = format!("version = 1\n[rules]\n{all}");
    let file = SourceFile::new(RelPath::new(policy::FILE).unwrap(), text.into_bytes()).unwrap();
    let policy = policy::read(&file).unwrap();
    let reached = |rule: &Rule| policy.setting(rule.code).level.is_some();
    assert!(RULES.iter().all(|rule| reached(rule) == rule.group.is_some()));
}

/// A host of the house may have a port and no dot; a bare word is more likely a mistake.
#[test]
fn hosts_without_a_dot_have_a_port_or_an_address() {
    let read = |host: &str| {
        let text = format!("version = 1\n[sources]\nregistries = [\"{host}\"]\n");
        policy::read(&SourceFile::new(RelPath::new(policy::FILE).unwrap(), text.into_bytes()).unwrap())
    };
    assert!(["http://npm:4873", "npm:4873", "http://npm/", "localhost", "npm.zoo.example"].iter().all(|host| read(host).is_ok()));
    assert!(["npm", "*.zoo.example", "user@npm.zoo.example"].iter().all(|host| read(host).is_err()));
}

/// Each entry is held against each version of its package, so there is a bound on those of one package.
#[test]
fn too_many_approvals_of_one_package_are_an_error() {
    let entry = |n: usize| {
        format!(
            "[[approval]]\npackage = \"pkg:npm/fox\"\nversion = \"1.0.{n}\"\napproved-by = \"B <b@zoo.example>\"\non = 2026-01-01\n\
             expires = 2027-01-01\nreason = \"x\"\n"
        )
    };
    let read = |number| {
        let text: String = std::iter::once("version = 1\n".to_owned()).chain((0..number).map(entry)).collect();
        approval::read(&SourceFile::new(RelPath::new(approval::FILE).unwrap(), text.into_bytes()).unwrap())
    };
    assert!(read(500).is_ok());
    assert!(read(501).is_err_and(|error| error.message.contains("more than 500 approvals of `fox`")));
}

/// What is no plain file must not look as if there were none.
#[cfg(unix)]
#[test]
fn a_policy_behind_a_symlink_is_an_error() {
    let made = make(&root().join("policy/none"), |top| {
        let _ = std::os::unix::fs::symlink("elsewhere", top.join(".sbomgate"));
    });
    assert!(matches!(judged(&made, false, |_| ()), Err(RunError::Form(error)) if error.file == RelPath::new(".sbomgate").unwrap()));
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/approval-manifest.schema.json")).unwrap()
}

#[test]
fn the_schema_of_the_manifest_describes_everything() {
    assert!(jsonschema::meta::is_valid(&schema()));
    described(&schema(), "the manifest");
}

/// What the reader takes the schema takes as well, and what the schema refuses the reader refuses. Some things
/// the reader alone refuses: a schema knows neither hosts nor tools, nor how the rows of a catalogue hang together.
#[test]
fn the_schema_of_the_policy_takes_what_the_reader_takes() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/policy.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).chain(groups()).collect();
    assert_eq!(schema["properties"]["rules"]["properties"].as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(), codes);
    let shipped =
        include_str!("../../data/policy.toml").replace("@registries@", "\"default\"").replace("@git@", "").replace("@archives@", "");
    let example = include_str!("../../docs/policy.md").split("```toml").nth(1).unwrap().split("```").next().unwrap().to_owned();
    let of_cases = cases().into_iter().flat_map(|case| folders(&case)).map(|step| step.join(policy::FILE)).filter(|file| file.is_file());
    let texts: Vec<String> = of_cases.map(|file| fs::read_to_string(file).unwrap()).chain([shipped, example]).collect();
    assert!(texts.len() > 30);
    for text in texts {
        let file = SourceFile::new(RelPath::new(policy::FILE).unwrap(), text.clone().into_bytes()).unwrap();
        let read = policy::read(&file);
        let valid = validator.is_valid(&json(toml::Value::Table(toml::from_str(&text).unwrap())));
        let by_reader_alone = [
            "no host",
            "no tool",
            "consent",
            "the catalogue",
            "keeps packages out",
            "no licence",
            "SPDX expression",
            "is there twice",
            "forgery",
            "the condition `",
            "no file's path",
        ]
        .iter()
        .any(|what| read.as_ref().is_err_and(|error| error.message.contains(what)));
        assert!(read.is_ok() == valid || by_reader_alone && valid, "{:?}: {text}", read.err());
    }
}

/// The examples of the documentation are expressions.
#[test]
fn examples_of_conditions_can_be_asked() {
    let examples = include_str!("../../docs/conditions.md").split("## Examples").nth(1).unwrap();
    let texts: Vec<&str> = examples.lines().filter_map(|line| line.split('`').nth(1)).collect();
    assert!(texts.len() > 5);
    for text in texts {
        assert!(Expression::parse(text).is_ok(), "{text}: {:?}", Expression::parse(text).err());
    }
}

/// Whatever stands in an expression, it is refused, or asked and decided or not; nothing panics, and nothing takes long.
#[test]
fn any_expression_is_read_or_refused() {
    let whole =
        r"commits.exists(c, c.id.matches('^a+$') || c.subject.size() > 2 / today.size()) && !(change['name'] in ['fox', '\o\u0041'])";
    let (parts, most) =
        (["(", ")", "[", "!", "-", "?", "'", "\"\"\"", "0x", "1e999", "\\", "\u{202e}", "🦊", ".", "all(c,", "%", "{", "&&"], 300);
    let cut = whole.char_indices().map(|(at, _)| whole[..at].to_owned());
    let other = whole.char_indices().flat_map(|(at, c)| parts.map(|part| format!("{}{part}{}", &whole[..at], &whole[at + c.len_utf8()..])));
    let many = parts.iter().flat_map(|part| [part.repeat(most), format!("{}true{}", part.repeat(most / 4), ")".repeat(most / 4))]);
    let (mut decided, mut refused) = (0, 0);
    for text in cut.chain(other).chain(many).chain([whole.to_owned()]) {
        let Ok(when) = Expression::parse(&text) else {
            refused += 1;
            continue;
        };
        let condition = Condition { id: "one".into(), line: 1, level: Level::Warning, needs_approval: true, message: None, when };
        let model = Model::from([
            ("change", Fact::Known(serde_json::json!({ "name": "fox" }))),
            ("commits", Fact::Unknown("nobody looked".into())),
        ]);
        condition::met(&[condition], |_| true, model);
        decided += 1;
    }
    assert!(decided > 20 && refused > 500, "{decided} and {refused}");
}

/// Files that are cut off, or have a byte for another, are read or refused with a line; nothing panics.
#[test]
fn damaged_files_are_read_or_refused() {
    let examples: Vec<&str> =
        include_str!("../../docs/policy.md").split("```toml\n").skip(1).filter_map(|part| part.split("```").next()).collect();
    let read = |path: &str, bytes: Vec<u8>| {
        let Ok(file) = SourceFile::new(RelPath::new(path).unwrap(), bytes) else { return };
        let error = if path == policy::FILE { policy::read(&file).err() } else { approval::read(&file).err() };
        assert!(error.is_none_or(|error| error.line.is_some() && !error.hint.is_empty()));
    };
    for (path, text) in [policy::FILE, approval::FILE].into_iter().zip(examples) {
        for at in 0..text.len() {
            read(path, text.as_bytes()[..at].to_vec());
            let bytes = [b'"', b'[', b'\n', b'=', b'9', 0x1b, text.as_bytes()[at] ^ 1];
            for byte in bytes.into_iter().cycle().skip(at).take(3) {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = byte;
                read(path, bytes);
            }
        }
    }
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(day) => Value::String(day.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(pairs) => pairs.into_iter().map(|(key, value)| (key, json(value))).collect(),
        toml::Value::String(text) => text.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Integer(number) => number.into(),
        other => panic!("{other}"),
    }
}

fn sbomgate(folder: &Path, who: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
    let (name, email) = if who == "bob" { ("Bob Warden", "bob@zoo.example") } else { ("Ada Keeper", "ada@zoo.example") };
    program.env("GIT_AUTHOR_NAME", name).env("GIT_AUTHOR_EMAIL", email).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    let output = program.current_dir(folder).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code(), text)
}

/// From the first policy to an approved change, by the commands that a person would use.
#[test]
fn the_commands_lead_to_an_approved_change() {
    let made = make(&root().join("policy/none"), |_| {});
    let top = made.folder.path();
    let consent = ["--owner", "team \"web\"\n", "--reason", "the cart", "--expires", "2999-01-01"];
    assert_eq!(sbomgate(top, "bob", &["diff", "base..HEAD"]).0, Some(3));
    assert_eq!(sbomgate(top, "bob", &[&["approve", "no-such"][..], &consent].concat()).0, Some(2));
    assert_eq!(sbomgate(top, "bob", &[&["approve", "fox", "--until-fixed"][..], &consent].concat()).0, Some(2), "of no advisory");
    let accept = ["approve", "fox", "--until-fixed", "--accept", "missing-digest"];
    assert_eq!(sbomgate(top, "bob", &[&accept[..], &consent].concat()).0, Some(2), "of no advisory");
    assert!(!top.join(".sbomgate/approvals.toml").exists(), "nothing is half written");
    let (code, text) = sbomgate(top, "bob", &[&["approve", "fox", "ant"][..], &consent].concat());
    assert_eq!(code, Some(0), "{text}");
    let written = fs::read_to_string(top.join(".sbomgate/approvals.toml")).unwrap();
    assert!(written.find("npm/ant") < written.find("npm/fox"), "sorted, so that branches rarely meet: {written}");
    assert_eq!(sbomgate(top, "bob", &[&["approve", "fox"][..], &consent].concat()).0, Some(2), "the same entry twice");
    assert_eq!(fs::read_to_string(top.join(".sbomgate/approvals.toml")).unwrap(), written, "nothing is half written");
    git(top, "bob", &["add", "--all"]);
    git(top, "bob", &["commit", "--quiet", "--message", "approve"]);
    let (code, text) = sbomgate(top, "ada", &["diff", "base..HEAD"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("approved (1)") && text.contains("by Bob Warden <bob@zoo.example> until 2999-01-01"), "{text}");
    assert_eq!(sbomgate(top, "ada", &["diff", "base..HEAD", "-o", "json=report.json"]).0, Some(0));
    let report = fs::read_to_string(top.join("report.json")).unwrap();
    assert_valid_by(&serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap(), &report, "the report");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["approved"][0]["approval"]["reason"], "the cart");
    fs::remove_file(top.join("report.json")).unwrap();
    assert_eq!(sbomgate(top, "ada", &["check", "-o", "approval-manifest=whole.json"]).0, Some(0));
    assert_eq!(sbomgate(top, "ada", &["diff", "base..HEAD~1", "-o", "approval-manifest=open.json"]).0, Some(3));
    assert_eq!(sbomgate(top, "ada", &["diff", "base..HEAD", "-o", "approval-manifest=met.json"]).0, Some(0));
    let manifest = |name: &str| fs::read_to_string(top.join(name)).unwrap();
    for name in ["whole.json", "open.json", "met.json"] {
        assert_valid_by(&schema(), &manifest(name), name);
    }
    let open: Value = serde_json::from_str(&manifest("open.json")).unwrap();
    let command = open["needed"][0]["command"].as_str().unwrap();
    assert!(command.starts_with("sbomgate approve 'pkg:npm/fox@1.0.0"), "{command}");
    assert_eq!(open["needed"][0]["introduction"]["state"], "commit");
    let met: Value = serde_json::from_str(&manifest("met.json")).unwrap();
    assert_eq!((met["needed"].as_array().unwrap().len(), met["approved"][0]["approval"]["reason"].as_str()), (0, Some("the cart")));
    let (code, text) = sbomgate(top, "ada", &["init"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(sbomgate(top, "ada", &["init"]).0, Some(2), "a policy is never overwritten");
    assert_eq!(sbomgate(top, "ada", &["approvals", "check"]).0, Some(1), "the policy allows a year");
    assert_eq!(sbomgate(top, "ada", &["check"]).0, Some(3));
}

/// Two addresses of one person are one where the base's mailmap says so; where that cannot be read, nobody knows.
#[test]
fn a_mailmap_that_cannot_be_read_keeps_the_verdict_back() {
    for (bytes, expected) in [(0, "self-approval"), (5 << 20, "the .mailmap of "), (1, "")] {
        let mailmap = "Ada Keeper <ada@zoo.example> <bob@zoo.example>\n".to_owned() + &"#".repeat(bytes);
        let made = make(&root().join("policy/none"), |top| fs::write(top.join(".mailmap"), &mailmap).unwrap());
        let top = made.folder.path();
        let consent = ["approve", "fox", "ant", "--owner", "o", "--reason", "r", "--expires", "2999-01-01"];
        assert_eq!(sbomgate(top, "bob", &consent).0, Some(0));
        git(top, "bob", &["add", ".sbomgate"]);
        git(top, "bob", &["commit", "--quiet", "--message", "approve"]);
        if bytes == 1 {
            let blob = git(top, "ada", &["rev-parse", "base:.mailmap"]);
            fs::remove_file(top.join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
        }
        let (code, text) = sbomgate(top, "ada", &["diff", "base..HEAD"]);
        assert_eq!((code, text.contains(expected)), (Some(if bytes == 0 { 1 } else { 2 }), true), "{text}");
    }
}

/// Whom git will name in the commit: the repository's own configuration is nearer than the user's.
#[test]
fn an_approver_is_whom_git_would_name() {
    let made = make(&root().join("policy/none"), |_| {});
    let top = made.folder.path();
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("more"), "[user]\n name = Ada Keeper\n").unwrap();
    fs::write(home.path().join(".gitconfig"), "[user]\n name = A\n email = ada@x.example\n[include]\n path = more\n").unwrap();
    let approve = |package: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sbomgate"));
        for variable in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"] {
            program.env_remove(variable);
        }
        program.env("HOME", home.path()).env("GIT_CONFIG_NOSYSTEM", "1").current_dir(top);
        let output = program.args(["approve", package, "--owner", "o", "--reason", "r", "--expires", "2999-01-01"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(approve("fox").contains("approved-by = \"Ada Keeper <ada@x.example>\""));
    git(top, "ada", &["config", "user.email", "ada@work.example"]);
    assert!(approve("ant").contains("approved-by = \"Ada Keeper <ada@work.example>\""));
}

/// What is there is approved once, version by version; what comes later is not.
#[test]
fn a_baseline_is_of_what_was_there() {
    let made = make(&root().join("policy/approved-upgrade"), |_| {});
    let top = made.folder.path();
    let file = top.join(".sbomgate/approvals.toml");
    let before = fs::read_to_string(&file).unwrap();
    let approve = || sbomgate(top, "bob", &["approve", "--baseline=base", "--owner", "o", "--reason", "r", "--expires", "2999-01-01"]);
    assert_eq!(approve(), (Some(0), "1 written to .sbomgate/approvals.toml; they count once their approver has committed them\n".into()));
    let after = fs::read_to_string(&file).unwrap();
    assert!(after.contains(before.trim_start_matches("version = 1").trim()), "{after}");
    assert!(after.contains("version = \"1.0.0\"\ndigest = \"sha512:"), "{after}");
    assert_eq!(approve().1, "0 written to .sbomgate/approvals.toml; they count once their approver has committed them\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
    let (code, told) = sbomgate(top, "bob", &["approvals", "check"]);
    assert_eq!(code, Some(0), "{told}");
}

/// Another day, and who says so; nothing else of the file changes.
#[test]
fn renew_is_a_new_approval() {
    let made = make(&root().join("policy/expired"), |_| {});
    let file = made.folder.path().join(".sbomgate/approvals.toml");
    let text = fs::read_to_string(&file).unwrap();
    let old = "expires = \"2026-11-20\"";
    assert!(text.contains(old), "{text}");
    let other = text.replace("version = 1\n", "").replace("pkg:npm/fox", "pkg:npm/ant");
    let before = format!("# head\n{}\n# of ant\n{other}", text.replace(old, &format!("{old}   # soon")));
    fs::write(&file, &before).unwrap();
    let renew = |package: &str| sbomgate(made.folder.path(), "bob", &["approvals", "renew", package, "--expires", "2999-01-01"]);
    assert_eq!(renew("gnu").0, Some(2));
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    let (code, told) = renew("pkg:npm/fox");
    assert_eq!(code, Some(0), "{told}");
    let after = fs::read_to_string(&file).unwrap();
    let differ: Vec<(&str, &str)> = before.lines().zip(after.lines()).filter(|(a, b)| a != b).collect();
    assert_eq!((before.lines().count(), differ.len()), (after.lines().count(), 2), "{differ:?}");
    assert!(differ.contains(&("expires = \"2026-11-20\"   # soon", "expires = 2999-01-01 # soon")), "{differ:?}");
    assert!(differ.iter().any(|(_, new)| new.starts_with("on = ")), "{differ:?}");
}

#[test]
fn prune_takes_out_what_has_no_use() {
    let made = make(&root().join("policy/expired"), |_| {});
    let file = made.folder.path().join(".sbomgate/approvals.toml");
    let text = fs::read_to_string(&file).unwrap();
    let kept = text.replace("2026-11-20", "2999-01-01").replace("on = \"2999-01-01\"", "on = \"2026-01-01\"").replace("version = 1\n", "");
    fs::write(&file, format!("{text}\n# stays{kept}")).unwrap();
    let (code, told) = sbomgate(made.folder.path(), "ada", &["approvals", "prune"]);
    assert_eq!((code, told.as_str()), (Some(0), "1 taken out of .sbomgate/approvals.toml\n"));
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("version = 1\n\n# stays{kept}"));
}
