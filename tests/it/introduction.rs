//! The door of introductions: every repository of `fixtures/git/make_introduction.sh`, through `run`,
//! to answers that were derived by hand (`fixtures/git/introduction/CASE.txt`), with the subjects of
//! commits in place of their ids.

use crate::diff::git;
use crate::fixtures::root;
use crate::reports::assert_valid;
use sbomgate::enrich::attribution::Catalogue;
use sbomgate::enrich::introduction::{FirstSeen, Introduction, Introductions, Origin};
use sbomgate::judge;
use sbomgate::model::commit::Signed;
use sbomgate::model::{CommitId, RelPath};
use sbomgate::report::{self, Reported, Side, Style};
use sbomgate::run::{Project, Selection, UserKeys, diff, introduction};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// All repositories, made once.
fn repositories() -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let script = root().join("git/make_introduction.sh");
        let output = Command::new("sh").arg(script).arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    folder.path()
}

fn range(case: &str) -> &'static str {
    if case == "work-tree" { "base" } else { "base..head" }
}

fn find(repository: &Path, range: &str) -> Introductions {
    let project = Project::open(repository).unwrap();
    let sides = diff::read(&project, range, &Selection::default()).unwrap();
    introduction::find(&project, &sides, &sides.compare(), Catalogue::shipped(), &UserKeys::default()).unwrap()
}

/// Every commit's id with its subject, by git.
fn subjects(repository: &Path) -> BTreeMap<String, String> {
    let arguments = ["-C", repository.to_str().unwrap(), "--no-replace-objects", "log", "--all", "--reflog", "--format=%H %s"];
    let output = Command::new("git").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_once(' ').unwrap()).map(|(id, subject)| (id.into(), subject.into())).collect()
}

struct Written<'s> {
    subjects: &'s BTreeMap<String, String>,
}

impl Written<'_> {
    fn commit(&self, id: &CommitId) -> String {
        self.subjects.get(id.as_str()).cloned().unwrap_or_else(|| format!("unknown commit {id}"))
    }

    fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Commit(id) => self.commit(id),
            Origin::Uncommitted => "not committed".into(),
            Origin::Before(id) => format!("before the range, in {}", self.commit(id)),
            Origin::Unknown(reason) => {
                let text =
                    self.subjects.iter().fold(reason.text.clone(), |text, (id, subject)| text.replace(&id[..12], &format!("<{subject}>")));
                let words = text.split(' ').map(|word| if word.len() == 40 && !word.contains('<') { "OBJECT" } else { word });
                format!("not known ({}): {}", reason.kind, words.collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn introduction(&self, introduction: &Introduction) -> String {
        let mut text = self.origin(&introduction.origin);
        match &introduction.first_seen {
            FirstSeen::Now | FirstSeen::Unknown => {}
            FirstSeen::Commit(id) => write!(text, "; came back, first seen in {}", self.commit(id)).unwrap(),
            FirstSeen::BeforeRange => text.push_str("; came back, from before the range"),
        }
        if let Some(merge) = &introduction.merge {
            write!(text, "; merged by {}", self.commit(merge)).unwrap();
        }
        if let Some(pull) = introduction.pull_request {
            write!(text, "; #{}", pull.number()).unwrap();
        }
        if let Some(declared) = &introduction.declared {
            write!(text, "; {} by {}", declared.location, self.origin(&declared.origin)).unwrap();
        }
        if let Some((package, commit)) = &introduction.through {
            let commit = commit.as_ref().map_or("no commit".into(), |id| self.commit(id));
            write!(text, "; pulled in by {} of {commit}", package.label()).unwrap();
        }
        if introduction.basis.as_str() != "lockfile" {
            write!(text, "; from the {}", introduction.basis.as_str()).unwrap();
        }
        text
    }
}

fn answer(repository: &Path, range: &str) -> String {
    let subjects = subjects(repository);
    let written = Written { subjects: &subjects };
    let found = find(repository, range);
    let mut text = String::new();
    for (lockfile, changes) in &found.changes {
        for (package, introduction) in changes {
            writeln!(text, "{lockfile}: {}: {}", package.label(), written.introduction(introduction)).unwrap();
        }
    }
    writeln!(text, "{} commits, {}", found.range, if found.complete { "complete" } else { "cut off" }).unwrap();
    text
}

fn cases() -> Vec<(String, PathBuf)> {
    let cases: Vec<_> = crate::fixtures::folders(repositories()).into_iter().map(|path| (crate::fixtures::name(&path), path)).collect();
    assert!(cases.len() > 20, "only {} cases were made", cases.len());
    cases
}

#[test]
fn every_case_has_the_answer_that_was_derived_by_hand() {
    let mut wrong = String::new();
    for (case, repository) in cases() {
        let expected = std::fs::read_to_string(root().join(format!("git/introduction/{case}.txt"))).unwrap_or_default();
        let got = answer(&repository, range(&case));
        if got != expected {
            writeln!(wrong, "== {case}, expected:\n{expected}== and got:\n{got}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_answer_is_reported_and_harmless() {
    for (case, repository) in cases() {
        let project = Project::open(&repository).unwrap();
        let sides = diff::read(&project, range(&case), &Selection::default()).unwrap();
        let mut subject = sides.compare();
        let introductions = introduction::find(&project, &sides, &subject, Catalogue::shipped(), &UserKeys::default());
        subject.gaps.extend(introductions.iter().flat_map(|known| known.gaps.clone()));
        let (base, head) = (Some(Side("base".into())), Side("head".into()));
        let reported = Reported {
            judgement: judge::evaluate(subject),
            base,
            head,
            introductions,
            skipped: Vec::new(),
            excerpts: report::Excerpts::default(),
        };
        assert!(reported.judgement.verdict.is_some(), "{case}: a history that cannot be read keeps no verdict from being given");
        for form in ["text", "json"] {
            let mut bytes = Vec::new();
            report::named(form).unwrap().write(&reported, &Style::plain(), &mut bytes).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.chars().any(|c| c != '\n' && sbomgate::model::text::is_invisible(c)), "{case}: {text}");
            match form {
                "json" => assert_valid(&text, &case),
                _ => assert!(text.contains("came in with"), "{case}: {text}"),
            }
        }
    }
}

#[test]
fn people_are_those_of_the_base_s_mailmap() {
    let repository = repositories().join("people");
    let found = find(&repository, "base..head");
    let (id, commit) = found.commits.iter().next().unwrap();
    assert_eq!(subjects(&repository)[id.as_str()], "add fox");
    assert_eq!((commit.author.name.as_str(), commit.author.email.as_str()), ("Ada Lovelace", "ada@zoo.example"));
    assert_eq!(commit.author.recorded.as_deref(), Some("Ada <ada@example.org>"));
    // The head's own mailmap would call Ben by another name.
    assert_eq!((commit.committer.name.as_str(), commit.committer.recorded.as_deref()), ("Ben", None));
    let co_authors: Vec<&str> = commit.co_authors.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(co_authors, ["Ada Lovelace", "Cy"]);
    assert_eq!(commit.signature.kind, Signed::No);
    assert!(commit.authored.rfc3339().unwrap().starts_with("2023-11-14T"));
}

/// What a hostile commit can hold: names and messages that are no text, a message of megabytes, control
/// characters, a signature that is none.
#[test]
fn a_hostile_commit_is_read_and_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    git(path, &["init", "--quiet", "--initial-branch=main"]);
    git(path, &["commit", "--quiet", "--allow-empty", "--message", "base"]);
    std::fs::write(path.join("requirements.txt"), "fox==1.0.0\n").unwrap();
    git(path, &["add", "--all"]);
    git(path, &["commit", "--quiet", "--message", "head"]);
    let line = |format: &str| {
        let output = Command::new("git").arg("-C").arg(path).args(["log", "-1", &format!("--format={format}")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let mut commit = format!("tree {}\nparent {}\n", line("%T"), line("%P")).into_bytes();
    commit.extend(b"author \xff\x1b[31mEve\xe2\x80\xae <eve@\x01> 99999999999999 +9999\n");
    commit.extend(b"committer  <> -2147483649 -0000\ngpgsig \x1bno signature\n of this\n\nadd \x1b]0;fox\x07\xff\n\n");
    commit.extend(b"Co-authored-by: \x1bX <x@zoo.example>\n".repeat(100_000));
    std::fs::write(path.join("raw"), commit).unwrap();
    let made = Command::new("git").arg("-C").arg(path).args(["hash-object", "-t", "commit", "-w", "--literally", "raw"]).output().unwrap();
    std::fs::remove_file(path.join("raw")).unwrap();
    git(path, &["update-ref", "refs/heads/main", String::from_utf8(made.stdout).unwrap().trim()]);
    let output = Command::new(env!("CARGO_BIN_EXE_sbomgate")).current_dir(path).args(["diff", "HEAD~1..HEAD"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("came in with (1 commit)") && text.contains("Eve"), "{text}");
    assert!(!text.chars().any(|c| c != '\n' && sbomgate::model::text::is_invisible(c)), "{text:?}");
}

/// A head that the base holds, and a base that is not an ancestor, have answers too.
#[test]
fn backwards_nothing_came_in_with_a_commit() {
    let repository = repositories().join("revert");
    let found = find(&repository, "head~1..head~3");
    let fox = found.changes[&RelPath::new("package-lock.json").unwrap()].values().next().unwrap();
    assert!(matches!(fox.origin, Origin::Before(_)), "{fox:?}");
    assert_eq!(found.range, 0);
}
