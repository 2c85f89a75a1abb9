//! A made-up history with the shape of a real one: most commits change sources, one in five the
//! lockfile, one in fifty is a merge.

#![allow(clippy::disallowed_methods, reason = "the repository is made with the real git")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A bare repository with `commits` commits on `main`, of which the first is tagged `base`.
/// `lockfile` writes the lockfile of a commit.
pub fn repository(folder: &Path, commits: usize, lockfile: &dyn Fn(usize) -> String) {
    let git = || {
        let mut git = Command::new("git");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").arg("-C").arg(folder);
        git
    };
    assert!(git().args(["init", "--quiet", "--bare", "--initial-branch=main"]).status().expect("git runs").success());
    let mut import = git().args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().expect("git runs");
    let stream = stream(commits, lockfile);
    import.stdin.take().expect("a pipe").write_all(stream.as_bytes()).expect("git reads");
    assert!(import.wait().expect("git ends").success());
}

fn stream(commits: usize, lockfile: &dyn Fn(usize) -> String) -> String {
    let mut stream = String::new();
    for number in 0..commits {
        let file = format!("crates/part-{}/src/module-{}.rs", number % 30, number % 400);
        let mut files = format!("M 644 inline {file}\n{}", data(&format!("// {number}\n")));
        if number % 5 == 0 {
            let _ = write!(files, "M 644 inline Cargo.lock\n{}", data(&lockfile(number)));
        }
        let branch = if number % 50 == 48 { "side" } else { "main" };
        let _ = write!(stream, "commit refs/heads/{branch}\nmark :{}\n", number + 1);
        let _ = write!(
            stream,
            "committer Ada <ada@zoo.example> {} +0000\n{}",
            1_600_000_000 + number * 600,
            data(&format!("commit {number}\n"))
        );
        let parents: &[usize] = match number % 50 {
            _ if number == 0 => &[],
            // The side begins where main is, main goes on beside it, and takes it in.
            49 => &[number - 1, number],
            _ => &[number],
        };
        for (place, parent) in parents.iter().enumerate() {
            let _ = writeln!(stream, "{} :{parent}", if place == 0 { "from" } else { "merge" });
        }
        stream.push_str(&files);
        if number == 0 {
            stream.push_str("\nreset refs/tags/base\nfrom :1\n");
        }
        stream.push('\n');
    }
    stream
}

fn data(text: &str) -> String {
    format!("data {}\n{text}\n", text.len())
}
