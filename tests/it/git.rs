//! The door of `edge`: repositories made by `fixtures/git/make_*.sh` with the real git, which is also
//! the oracle of what revisions and ranges mean.

mod ignored;

use sbomgate::edge::{EntryKind, Found, GitError, Query, Repository, Snapshot, SnapshotError, WorkTree};
use sbomgate::model::RelPath;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Fixture(tempfile::TempDir);

impl Fixture {
    pub fn new(name: &str) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/git/make_{name}.sh"));
        let output = Command::new("sh").arg(script).arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        Fixture(folder)
    }

    pub fn path(&self, folder: &str) -> PathBuf {
        self.0.path().join(folder)
    }

    fn open(&self, folder: &str) -> Repository {
        Repository::discover(&self.path(folder)).unwrap().unwrap()
    }

    pub fn git(&self, folder: &str, arguments: &[&str]) -> Option<String> {
        git_at(&self.path(folder), arguments).map(|text| text.trim().to_owned())
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// What git prints; `None` when it fails.
fn git_at(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = git.arg("-C").arg(folder).args(arguments).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

fn is_lock(path: &str) -> bool {
    path.ends_with(".lock") || path.ends_with("-lock.json")
}

fn find(snapshot: &dyn Snapshot) -> Vec<Found> {
    snapshot.find(&Query { wanted: &is_lock, enter: &|_| true }).unwrap()
}

/// `path` with a mark for what is no file: `@` symlink, `/` folder, `+` submodule, `|` special, `?` not UTF-8.
fn marked(found: &[Found]) -> Vec<String> {
    let mark = |kind| match kind {
        EntryKind::File => "",
        EntryKind::Symlink => "@",
        EntryKind::Folder => "/",
        EntryKind::Submodule => "+",
        EntryKind::Special => "|",
        EntryKind::NotUtf8 => "?",
    };
    found.iter().map(|found| format!("{}{}", found.path, mark(found.kind))).collect()
}

/// `find`, `list` and `look_up` must tell the same story of every entry.
fn assert_consistent(snapshot: &dyn Snapshot) {
    let all = snapshot.find(&Query { wanted: &|_| true, enter: &|_| true }).unwrap();
    assert!(all.is_sorted());
    for found in all.iter().filter(|found| found.kind != EntryKind::NotUtf8) {
        assert_eq!(snapshot.look_up(&found.path).unwrap().as_ref(), Some(found));
        assert!(snapshot.list(&found.path.parent()).unwrap().contains(found), "{found:?}");
        assert_eq!(snapshot.read(found, 1 << 20).is_ok(), found.kind == EntryKind::File, "{found:?}");
    }
    let listed: usize = folders(&all).map(|folder| snapshot.list(&folder).unwrap().len()).sum();
    assert_eq!(listed, all.iter().filter(|found| !found.path.as_str().contains("\u{fffd}d/")).count());
}

fn folders(all: &[Found]) -> impl Iterator<Item = RelPath> {
    let folders = all.iter().filter(|found| found.kind == EntryKind::Folder).map(|found| found.path.clone());
    std::iter::once(RelPath::root()).chain(folders)
}

fn read(snapshot: &dyn Snapshot, at: &str) -> String {
    let found = snapshot.look_up(&path(at)).unwrap().unwrap_or_else(|| panic!("{at} is not there"));
    String::from_utf8(snapshot.read(&found, 1 << 20).unwrap()).unwrap()
}

/// Forms of a revision, some of which name nothing.
const REVISIONS: [&str; 43] = [
    "HEAD",
    "@",
    "HEAD~1",
    "HEAD^",
    "HEAD^^",
    "HEAD~2",
    "HEAD^0",
    "HEAD^1",
    "main",
    "heads/main",
    "refs/heads/main",
    "topic~1",
    "v1.0",
    "v1.0^{}",
    "v1.0^{commit}",
    "v1.0~1",
    "tags/light",
    "light",
    "feature/login",
    "island",
    "@{0}",
    "main@{0}",
    "HEAD@{1}",
    "origin/topic",
    "origin/HEAD",
    "origin",
    "@{upstream}",
    "@{u}",
    "main@{u}",
    "topic@{upstream}",
    ":/second",
    ":/^sec.nd",
    ":/fix .2",
    "HEAD^{/first}",
    "HEAD~9",
    "HEAD^2",
    "nope",
    "main~1~1",
    "@{-1}",
    "tree-tag",
    "HEAD:Cargo.lock",
    "HEAD^{tree}",
    "no-upstream@{u}",
];

#[test]
fn revisions_mean_what_git_means() {
    let fixture = Fixture::new("history");
    for folder in ["plain", "bare", "clone", "packed", "alternate", "linked"] {
        let repository = fixture.open(folder);
        for revision in REVISIONS {
            // Where no reference log is, git takes the entry 0 for the reference itself; gix says that there is no log.
            if revision.ends_with("@{0}") && matches!(folder, "bare" | "packed") {
                continue;
            }
            let expected = fixture.git(folder, &["rev-parse", "--verify", "-q", &format!("{revision}^{{commit}}")]);
            // git appends ^{commit} to the text of a search, so ask again without it.
            let expected = if revision.starts_with(":/") { fixture.git(folder, &["rev-parse", revision]) } else { expected };
            let found = repository.resolve(revision);
            assert_eq!(found.as_ref().ok().map(|id| id.as_str()), expected.as_deref(), "{folder} {revision}: {found:?}");
        }
        let head = fixture.git(folder, &["rev-parse", "HEAD"]).unwrap();
        assert_eq!(repository.resolve(&head[..9]).unwrap().as_str(), head);
        let time = fixture.git(folder, &["log", "-1", "--format=%ct"]).unwrap();
        assert_eq!(repository.commit_time(&head.parse().unwrap()).unwrap().to_string(), time);
    }
}

#[test]
fn ranges_mean_what_git_means() {
    let fixture = Fixture::new("history");
    let repository = fixture.open("plain");
    let id = |revision| fixture.git("plain", &["rev-parse", &format!("{revision}^{{commit}}")]).unwrap();
    let merge_base = fixture.git("plain", &["merge-base", "main", "topic"]).unwrap();
    for (text, base, head) in [
        ("main..topic", id("main"), Some(id("topic"))),
        ("main...topic", merge_base.clone(), Some(id("topic"))),
        ("topic...", merge_base.clone(), Some(id("HEAD"))),
        ("...topic", merge_base, Some(id("topic"))),
        ("v1.0..", id("v1.0"), Some(id("HEAD"))),
        ("..topic~1", id("HEAD"), Some(id("topic~1"))),
        ("v1.0", id("v1.0"), None),
    ] {
        let range = repository.range(text).unwrap();
        let head = head.map_or(sbomgate::edge::End::WorkTree, |id| sbomgate::edge::End::Commit(id.parse().unwrap()));
        assert_eq!((range.base.as_str(), range.head), (&*base, head), "{text}");
        let left = text.split("..").next().filter(|left| !left.is_empty()).unwrap_or("HEAD");
        assert_eq!(range.left.as_str(), id(left), "{text}");
    }
    let bare = fixture.open("bare");
    assert!(bare.range("main..topic").is_ok());
    assert!(matches!(bare.range("main"), Err(GitError::NoWorkTree { .. })));
    assert!(bare.work_tree().is_none() && bare.work_tree_snapshot().unwrap().is_none());
}

#[test]
fn a_wrong_revision_says_what_to_do() {
    let fixture = Fixture::new("history");
    let (esc, lost) = ("\u{1b}[31mmain", "0123456789012345678901234567890123456789");
    for (folder, text, message, hint) in [
        ("plain", "mian", "`mian` is not known", "did you mean `main`?"),
        ("plain", "mian~2", "`mian~2` is not known", "`main`"),
        ("plain", "v1.1", "not known", "`v1.0`"),
        ("plain", "feature", "not known", "`feature/login`"),
        ("clone", "island", "not known", "`origin/island`"),
        ("plain", "qqqqqq", "not known", "`git fetch`"),
        ("plain", lost, "not known", "`git fetch`"),
        ("plain", esc, "`\\u{1b}[31mmain` is not known", ""),
        ("plain", "HEAD~40", "`HEAD~40` does not lead to a commit", "`git log`"),
        ("plain", "HEAD:Cargo.lock", "names a blob", "name a commit"),
        ("plain", "HEAD^{tree}", "names a tree", "name a commit"),
        ("plain", "tree-tag", "names a tree", "name a commit"),
        ("plain", "^main", "does not name one revision", "BASE..HEAD"),
        ("plain", "main^!", "does not name one revision", "BASE..HEAD"),
        ("plain", "--exec=id", "begins with a dash", "options stand before"),
        ("plain", "-main..main", "begins with a dash", "options stand before"),
        ("plain", "", "is empty", "BASE..HEAD"),
        ("plain", "..", "does not name one revision", "BASE..HEAD"),
        ("plain", "...", "does not name one revision", "BASE..HEAD"),
        ("plain", "main...island", "`main` and `island` have no common ancestor", "two dots"),
        ("clone", "no-upstream@{u}", "does not lead to a commit", "--set-upstream-to"),
        ("shallow", "HEAD~1", "`HEAD~1` lies beyond the history", "git fetch --unshallow"),
        ("shallow", "origin/topic^", "`origin/topic^` lies beyond", "git fetch --unshallow"),
        ("shallow", "HEAD~40", "lies beyond", "git fetch --unshallow"),
        ("shallow", "origin/main...origin/topic", "the common ancestor of `origin/main...origin/topic` lies beyond", "--unshallow"),
        ("shallow", "qqqqqq", "not known", "--unshallow"),
        ("shallow", "topic", "not known", "`origin/topic`"),
    ] {
        let error = fixture.open(folder).range(text).expect_err(text);
        assert!(error.to_string().contains(message), "{folder} {text}: {error}");
        assert!(error.hint().contains(hint), "{folder} {text}: {}", error.hint());
    }
    assert!(fixture.open("shallow").is_shallow() && !fixture.open("clone").is_shallow());
    fixture.git("plain", &["init", "-q", "../new"]).unwrap();
    assert!(matches!(fixture.open("new").resolve("HEAD"), Err(GitError::NoCommit)));
    assert!(matches!(fixture.open("new").range("HEAD~1"), Err(GitError::NoCommit)));
}

#[test]
fn a_commit_reads_alike_in_every_kind_of_repository() {
    let fixture = Fixture::new("history");
    for folder in ["plain", "bare", "clone", "packed", "alternate", "linked", "shallow"] {
        let repository = fixture.open(folder);
        let topic = repository.resolve(if matches!(folder, "clone" | "shallow" | "alternate") { "origin/topic" } else { "topic" });
        let snapshot = repository.snapshot(&topic.unwrap()).unwrap();
        assert_eq!(marked(&find(&snapshot)), ["Cargo.lock", "app/web/package-lock.json", "tools/poetry.lock"], "{folder}");
        assert_eq!(read(&snapshot, "Cargo.lock"), "two\n", "{folder}");
        assert_consistent(&snapshot);
    }
}

#[test]
fn discovery_tells_where_it_started() {
    let fixture = Fixture::new("history");
    for (start, top, folder) in [
        ("plain", Some("plain"), ""),
        ("plain/app/web", Some("plain"), "app/web"),
        ("plain/.git", Some("plain"), ""),
        ("plain/.git/refs", Some("plain"), ""),
        ("linked/tools", Some("linked"), "tools"),
        ("bare/refs", None, ""),
    ] {
        let repository = fixture.open(start);
        let top = top.map(|top| fixture.path(top).canonicalize().unwrap());
        assert_eq!((repository.work_tree(), repository.folder().as_str()), (top.as_deref(), folder), "{start}");
    }
    assert!(Repository::discover(fixture.0.path()).unwrap().is_none());
    assert!(matches!(Repository::discover(&fixture.path("nowhere")), Err(GitError::Start { .. })));
    assert!(matches!(Repository::discover(&fixture.path("plain/Cargo.lock")), Err(GitError::Start { .. })));
    let linked = fixture.open("linked").work_tree_snapshot().unwrap().unwrap();
    assert_eq!(marked(&find(&linked)), ["Cargo.lock", "app/web/package-lock.json", "tools/poetry.lock"]);
    assert_consistent(&linked);
}

#[test]
fn a_sha256_repository_reads_as_any_other() {
    let fixture = Fixture::new("sha256");
    let repository = fixture.open("repo");
    let range = repository.range("v1~1...v1").unwrap();
    assert_eq!(range.base.as_str(), fixture.git("repo", &["rev-parse", "HEAD~1"]).unwrap());
    let snapshot = repository.snapshot(&range.base).unwrap();
    assert_eq!(read(&snapshot, "Cargo.lock"), "one\n");
    assert_consistent(&snapshot);
    assert_consistent(&repository.work_tree_snapshot().unwrap().unwrap());
    let of_sha1 = "0123456789012345678901234567890123456789".parse().unwrap();
    assert!(matches!(repository.snapshot(&of_sha1), Err(GitError::MissingCommit { .. })));
}

#[test]
fn a_commit_with_odd_entries_hides_nothing() {
    let fixture = Fixture::new("odd_trees");
    let repository = fixture.open("odd");
    let snapshot = repository.snapshot(&repository.resolve("odd").unwrap()).unwrap();
    let lossy = "b\u{fffd}d/Cargo.lock?";
    let all = ["Cargo.lock@", lossy, "deep/a/b/Cargo.lock", "real/Cargo.lock", "sub+", "yarn.lock/", "yarn.lock/Cargo.lock"];
    assert_eq!(marked(&find(&snapshot)), all);
    assert_consistent(&snapshot);
    let shallow = snapshot.find(&Query { wanted: &is_lock, enter: &|path| !path.starts_with("deep") && path != "real" }).unwrap();
    assert_eq!(marked(&shallow), ["Cargo.lock@", lossy, "sub+", "yarn.lock/", "yarn.lock/Cargo.lock"]);
    for nothing in ["link/Cargo.lock", "sub/Cargo.lock", "real/Cargo.lock/x", "none", "deep/none/x"] {
        assert_eq!(snapshot.look_up(&path(nothing)).unwrap(), None, "{nothing}");
    }
    assert!(snapshot.list(&path("sub")).unwrap().is_empty());
    let file = snapshot.look_up(&path("real/Cargo.lock")).unwrap().unwrap();
    assert!(matches!(snapshot.read(&file, 4), Err(SnapshotError::TooLarge { size: 5, limit: 4, .. })));
    assert_eq!(snapshot.read(&file, 5).unwrap(), b"real\n");
}

#[test]
fn a_damaged_repository_says_which_object_and_where() {
    let fixture = Fixture::new("odd_trees");
    let repository = fixture.open("odd");
    let snapshot = |tag| repository.snapshot(&repository.resolve(tag).unwrap()).unwrap();
    let lost = snapshot("lost");
    let found = lost.look_up(&path("lost/Cargo.lock")).unwrap().unwrap();
    let error = lost.read(&found, 100).unwrap_err();
    assert_eq!(error.to_string(), "lost/Cargo.lock: git object 0123456789012345678901234567890123456789 is missing from the repository");
    assert!(error.hint().contains("git fsck"));
    fixture.git("odd", &["config", "remote.origin.promisor", "true"]).unwrap();
    fixture.git("odd", &["config", "remote.origin.url", "nowhere"]).unwrap();
    let partial = fixture.open("odd");
    let error = partial.snapshot(&partial.resolve("lost").unwrap()).unwrap().read(&found, 100).unwrap_err();
    assert!(error.hint().contains("git cat-file -e 0123456789012345678901234567890123456789"), "{}", error.hint());
    for tag in ["forged", "broken"] {
        let error = snapshot(tag).find(&Query { wanted: &is_lock, enter: &|_| true }).unwrap_err();
        assert!(matches!(error, SnapshotError::Corrupt { .. }), "{tag}: {error:?}");
    }
    let error = snapshot("deep").find(&Query { wanted: &is_lock, enter: &|_| true }).unwrap_err();
    assert!(error.to_string().ends_with("too many folders within each other; 512 are the most that is read"), "{error}");
    let headless = std::fs::read_to_string(fixture.path("headless")).unwrap().trim().parse().unwrap();
    assert!(repository.commit_time(&headless).is_err());
}

#[test]
fn the_work_tree_is_what_is_tracked_or_not_ignored() {
    let fixture = Fixture::new("work_tree");
    let expected = [
        "Cargo.lock",
        "b[r]ace/Cargo.lock",
        "b\u{fffd}d.lock?",
        "conflict.lock",
        "gitlink+",
        "hidden/Cargo.lock",
        "ignored/kept/Cargo.lock",
        "nested+",
        "new.lock",
        "pipe.lock|",
        "plain+",
        "poetry.lock@",
        "src/Cargo.lock",
        "src/sub.lock",
        "src/uv.lock",
        "yarn.lock/",
        "yarn.lock/Cargo.lock",
    ];
    for folder in ["repo", "no-index"] {
        let work_tree = fixture.open(folder).work_tree_snapshot().unwrap().unwrap();
        // Without an index HEAD's tree tells what is tracked; `hidden` and `gitlink` are only in the index.
        let expected = expected.map(|path| match path {
            "hidden/Cargo.lock" if folder == "no-index" => "hidden+",
            other => other,
        });
        assert_eq!(marked(&find(&work_tree)), expected, "{folder}");
        assert_consistent(&work_tree);
        for nothing in
            ["Pipfile.lock", "src/pdm.lock", "ignored/dropped/Cargo.lock", "x.tmp/Cargo.lock", "linked/Cargo.lock", "deleted.lock"]
        {
            assert_eq!(work_tree.look_up(&path(nothing)).unwrap(), None, "{folder} {nothing}");
        }
        for nothing in ["nested/Cargo.lock", "gitlink/Cargo.lock", ".git/HEAD", ".git", "src/Cargo.lock/x", &"long".repeat(200)] {
            assert_eq!(work_tree.look_up(&path(nothing)).unwrap(), None, "{folder} {nothing}");
        }
        assert!(work_tree.list(&path("linked")).unwrap().is_empty());
    }
}

#[test]
fn the_work_tree_is_read_without_following_anything() {
    let fixture = Fixture::new("work_tree");
    let work_tree = fixture.open("repo").work_tree_snapshot().unwrap().unwrap();
    let file = work_tree.look_up(&path("src/Cargo.lock")).unwrap().unwrap();
    assert_eq!(work_tree.read(&file, 4).unwrap(), b"src\n");
    assert!(matches!(work_tree.read(&file, 3), Err(SnapshotError::TooLarge { .. })));
    let through_link = Found { path: path("linked/Cargo.lock"), ..file.clone() };
    assert!(matches!(work_tree.read(&through_link, 9), Err(SnapshotError::Io { .. })));
    for (at, kind) in [("pipe.lock", EntryKind::Special), ("poetry.lock", EntryKind::Symlink), ("yarn.lock", EntryKind::Folder)] {
        let pretended = Found { path: path(at), ..file.clone() };
        let error = work_tree.read(&pretended, 9).unwrap_err();
        assert!(matches!(error, SnapshotError::NotAFile { kind: found, .. } if found == kind), "{at}: {error:?}");
    }
    std::fs::remove_file(fixture.path("repo/src/Cargo.lock")).unwrap();
    assert!(matches!(work_tree.read(&file, 9), Err(SnapshotError::Io { .. })));
}

#[test]
fn a_sparse_checkout_is_read_from_its_index() {
    let fixture = Fixture::new("work_tree");
    let work_tree = fixture.open("sparse").work_tree_snapshot().unwrap().unwrap();
    assert_eq!(marked(&find(&work_tree)), ["Cargo.lock", "in/Cargo.lock", "out/far/Cargo.lock"]);
    assert_eq!(read(&work_tree, "out/far/Cargo.lock"), "out\n");
    assert_eq!(marked(&work_tree.list(&path("out")).unwrap()), ["out/far/"]);
    let pruned = work_tree.find(&Query { wanted: &is_lock, enter: &|path| path != "out" }).unwrap();
    assert_eq!(marked(&pruned), ["Cargo.lock", "in/Cargo.lock"]);
    fixture.git("sparse", &["sparse-checkout", "set", "--sparse-index", "in"]).unwrap();
    assert!(matches!(fixture.open("sparse").work_tree_snapshot(), Err(GitError::SparseIndex)));
}

#[test]
fn a_folder_without_a_repository_ignores_nothing() {
    let fixture = Fixture::new("work_tree");
    assert!(Repository::discover(&fixture.path("folder")).unwrap().is_none());
    let folder = WorkTree::without_repository(&fixture.path("folder"));
    assert_eq!(marked(&find(&folder)), ["Cargo.lock"]);
    assert_consistent(&folder);
    assert!(find(&WorkTree::without_repository(fixture.0.path())).iter().any(|found| found.kind == EntryKind::Submodule));
}

/// No hook, filter or monitor that a repository names, and no other tool (trap 60).
#[test]
fn nothing_of_a_configuration_or_the_environment_is_run() {
    let fixture = Fixture::new("history");
    let config = std::fs::read_to_string(fixture.path("plain/.git/config")).unwrap();
    let touch = format!("touch {}", fixture.path("ran").display());
    let hostile =
        format!("{config}[core]\n\tfsmonitor = \"{touch}\"\n\thooksPath = hooks\n\tpager = {touch}\n[filter \"x\"]\n\tclean = {touch}\n");
    fixture.write("plain/.git/config", hostile.as_bytes());
    fixture.git("plain", &["replace", "main", "island"]).unwrap();
    let repository = fixture.open("plain");
    let main = repository.resolve("main").unwrap();
    assert!(!find(&repository.snapshot(&main).unwrap()).is_empty(), "a replacement must not change what a commit holds");
    assert_consistent(&repository.work_tree_snapshot().unwrap().unwrap());
    assert!(!fixture.path("ran").exists());
    fixture.write("plain/.git/config", format!("{config}[extensions]\n\trefStorage = reftable\n").as_bytes());
    assert!(matches!(Repository::discover(&fixture.path("plain")), Err(GitError::Unsupported(_) | GitError::Open { .. })));
}

/// Every file of a repository, cut short and with bytes turned over: an error or an answer, never a panic.
#[test]
fn damage_never_panics() {
    let fixture = Fixture::new("history");
    for folder in ["plain", "packed"] {
        let git_folder = if folder == "plain" { fixture.path("plain/.git") } else { fixture.path("packed") };
        for file in files_below(&git_folder) {
            let bytes = std::fs::read(&file).unwrap();
            let flipped = |at: usize| bytes.iter().enumerate().map(|(i, b)| if i == at { b ^ 0x55 } else { *b }).collect::<Vec<u8>>();
            let damaged = [bytes[..bytes.len() / 2].to_vec(), Vec::new(), flipped(bytes.len() / 3), flipped(8), flipped(bytes.len() - 1)];
            for damaged in damaged {
                replace(&file, &damaged);
                use_all(&fixture.path(folder));
            }
            replace(&file, &bytes);
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let children = std::fs::read_dir(folder).unwrap().map(|child| child.unwrap().path());
    let files = children.flat_map(|child| if child.is_dir() { files_below(&child) } else { vec![child] });
    files.filter(|file| !file.ends_with("description") && !file.to_string_lossy().ends_with(".sample")).collect()
}

/// git writes its objects read-only; a new file takes the place of the old.
fn replace(file: &Path, bytes: &[u8]) {
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, bytes).unwrap();
}

fn use_all(folder: &Path) {
    let Ok(Some(repository)) = Repository::discover(folder) else { return };
    let query = Query { wanted: &|_| true, enter: &|_| true };
    let _ = repository.range("main...topic");
    let _ = repository.resolve("mian");
    let _ = (
        repository.resolve("HEAD").map(|head| repository.mailmap(&head)),
        repository.branches(100),
        repository.notes("refs/heads/main").map(|notes| notes.map(|notes| notes.of(&notes.commit, 100))),
    );
    for revision in ["v1.0", "HEAD~1", "light"] {
        let Ok(id) = repository.resolve(revision) else { continue };
        let _ = repository.commit_time(&id);
        let _ = repository.ancestors(std::slice::from_ref(&id), &[], None, 100);
        if let Ok(commit) = repository.read_commit(&id) {
            let _ = repository.changed_files(&commit.id, &commit.parents, &Query::EVERYTHING, 100);
        }
        let Ok(snapshot) = repository.snapshot(&id) else { continue };
        for found in snapshot.find(&query).unwrap_or_default() {
            let _ = snapshot.read(&found, 1000);
        }
    }
    if let Ok(Some(work_tree)) = repository.work_tree_snapshot() {
        let _ = work_tree.find(&query);
    }
}

#[test]
fn a_commit_is_what_git_says_of_it() {
    let fixture = Fixture::new("attribution");
    let repository = fixture.open("work");
    for id in fixture.git("work", &["rev-list", "--all"]).unwrap().lines() {
        let commit = repository.read_commit(&id.parse().unwrap()).unwrap();
        let told = fixture.git("work", &["show", "-s", "--no-use-mailmap", "--format=%P|%an <%ae>|%cn <%ce>|%at|%ct|%B", id]).unwrap();
        let parents: Vec<&str> = commit.parents.iter().map(|id| id.as_str()).collect();
        let (author, committer) = (&commit.author, &commit.committer);
        let times = (author.time.unwrap().seconds, committer.time.unwrap().seconds);
        let ours = format!("{}|{}|{}|{}|{}|{}", parents.join(" "), author.who, committer.who, times.0, times.1, commit.message.trim());
        assert_eq!(ours, told);
        let proper = fixture.git("work", &["show", "-s", "--format=%aN <%aE>", id]).unwrap();
        assert_eq!(repository.mailmap(&repository.resolve("HEAD").unwrap()).unwrap().canonical(&author.who).to_string(), proper);
    }
}

#[test]
fn changed_files_are_those_that_git_lists() {
    let fixture = Fixture::new("attribution");
    let repository = fixture.open("work");
    for id in fixture.git("work", &["rev-list", "--all"]).unwrap().lines() {
        let commit = repository.read_commit(&id.parse().unwrap()).unwrap();
        let files = repository.changed_files(&commit.id, &commit.parents, &Query::EVERYTHING, 100).unwrap();
        let listed = ["diff-tree", "--root", "-r", "-c", "--no-commit-id", "--name-only", "--diff-filter=d", id];
        let listed = fixture.git("work", &listed).unwrap();
        assert_eq!(files.iter().map(|path| path.as_str()).collect::<Vec<_>>().join("\n"), listed, "{id}");
        assert_eq!(repository.changed_files(&commit.id, &commit.parents, &Query::EVERYTHING, 0).is_ok(), files.is_empty());
    }
}

#[test]
fn ancestors_are_those_that_git_lists() {
    let fixture = Fixture::new("history");
    let repository = fixture.open("plain");
    let id = |revision: &str| repository.resolve(revision).unwrap();
    for (tips, hidden) in [
        (vec!["main"], vec!["topic"]),
        (vec!["topic", "main"], vec![]),
        (vec!["main", "topic"], vec!["v1.0"]),
        (vec!["island"], vec!["main"]),
    ] {
        let mut arguments = vec!["rev-list".to_owned()];
        arguments.extend(tips.iter().map(|tip| (*tip).to_owned()).chain(hidden.iter().map(|tip| format!("^{tip}"))));
        let mut listed: Vec<String> =
            fixture.git("plain", &arguments.iter().map(String::as_str).collect::<Vec<_>>()).unwrap().lines().map(str::to_owned).collect();
        let ids = |names: &[&str]| names.iter().map(|name| id(name)).collect::<Vec<_>>();
        let walked = repository.ancestors(&ids(&tips), &ids(&hidden), None, 100);
        let mut found: Vec<String> = walked.commits.iter().map(|(id, _)| id.to_string()).collect();
        listed.sort();
        found.sort();
        assert_eq!((found, walked.cut), (listed, None), "{tips:?} {hidden:?}");
    }
    assert!(repository.ancestors(&[id("main")], &[], None, 1).cut.is_some());
}

#[test]
fn notes_are_found_in_folders_and_without() {
    let fixture = Fixture::new("notes");
    assert!(fixture.git("work", &["ls-tree", "refs/notes/many"]).unwrap().contains(" tree "), "git made folders");
    let repository = fixture.open("work");
    let (first, second) = (repository.resolve("HEAD~1").unwrap(), repository.resolve("HEAD").unwrap());
    let notes = repository.notes("refs/notes/many").unwrap().unwrap();
    assert_eq!(notes.of(&first, 1000).unwrap().unwrap().text, "of the commit\n");
    assert_eq!(notes.of(&second, 1000), Ok(None));
    assert!(notes.of(&first, 3).is_err());
    assert!(repository.notes("refs/notes/none").unwrap().is_none());
}
