//! Random folders under random `.gitignore` files: what counts must be what `git ls-files` says.

use super::git_at;
use sbomgate::edge::{EntryKind, Query, Repository, Snapshot};
use std::path::Path;

const NAMES: [&str; 11] = ["a", "b", "c.lock", "d.lock", "x y", ".h", "a-b", "[z]", "#n", "!m", "e.tmp"];
const PATTERNS: &str = "a|a/|/a|/a/|*.lock|!*.lock|a/b|a/**|**/b|a/**/b|!a/|*|!*/|/*|!/a|b/*|!b/c.lock|x\\ y|x y |x y\\ |.h|[a-c]|[!a]|a?b|\
    \\#n|\\!m|#n|**|**/|/**|a//b|[|a\\|*.*|./a|../a|a*|*/b|!.h|c.lock\r|\\[z\\]|[[]z]|**/a/|a**|**a|a/*/|{a,b}|!{a}|[[:alpha:]]|e.*| a|\ta|a/.|?";

/// A small generator (xorshift), so that a failure can be seen again.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

#[test]
fn what_counts_is_what_git_lists() {
    let mut random = Random(20_241_120);
    for round in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        git_at(folder.path(), &["init", "-q"]).unwrap();
        (0..25).for_each(|_| add_something(folder.path(), &mut random));
        let listed = git_at(folder.path(), &["ls-files", "-co", "--exclude-standard", "-z"]).unwrap();
        let mut expected: Vec<&str> = listed.split_terminator('\0').collect();
        expected.sort_unstable();
        assert_eq!(files(folder.path()), expected, "round {round}");
    }
}

fn add_something(top: &Path, random: &mut Random) {
    let mut folder = top.to_path_buf();
    for _ in 0..random.below(3) {
        let below = folder.join(random.pick(&NAMES));
        folder = if below.is_file() { folder } else { below };
    }
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(random.pick(&NAMES));
    if !file.exists() {
        std::fs::write(&file, "x").unwrap();
    }
    if file.is_file() && random.below(8) == 0 {
        let pathspec = format!(":(literal){}", file.strip_prefix(top).unwrap().display());
        git_at(top, &["add", "-f", "--", &pathspec]).unwrap();
    }
    if random.below(6) == 0 {
        let patterns: Vec<&str> = PATTERNS.split('|').collect();
        let lines: String = (0..=random.below(4)).map(|_| format!("{}\n", random.pick(&patterns))).collect();
        std::fs::write(folder.join(".gitignore"), lines).unwrap();
    }
}

fn files(top: &Path) -> Vec<String> {
    let work_tree = Repository::discover(top).unwrap().unwrap().work_tree_snapshot().unwrap().unwrap();
    let all = work_tree.find(&Query { wanted: &|_| true, enter: &|_| true }).unwrap();
    all.into_iter().filter(|found| found.kind == EntryKind::File).map(|found| found.path.as_str().to_owned()).collect()
}
