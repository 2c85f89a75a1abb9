//! Cargo.lock line by line, for the form in which Cargo itself writes it: seven times as fast as a
//! TOML parser. Whatever is not of that form to the letter is left to the TOML parser, so that this
//! decides nothing: it reads what it knows or nothing at all. A test compares the two.

use super::cargo_lock_file::{self, Lock, Locked};
use std::borrow::Cow;

/// The lockfile, or `None` when any line is not of the known form. Versions 1 and 2 do not name
/// themselves in it.
pub(super) fn scan(text: &str) -> Option<Lock<'_>> {
    let mut lines = Lines { rest: text, number: 0 };
    let mut packages = Vec::with_capacity(text.len() / 300);
    let mut dialect = None;
    while let Some(line) = lines.next() {
        match line {
            "" => {}
            "[[package]]" => packages.push(package(&mut lines)?),
            _ if line.starts_with('#') && packages.is_empty() && is_plain(line) => {}
            _ if dialect.is_none() && packages.is_empty() => dialect = Some(cargo_lock_file::dialect_of(line.strip_prefix("version = ")?)?),
            _ => return None,
        }
    }
    Some(Lock { dialect: dialect?, packages, unused: Vec::new() })
}

/// The lines of one `[[package]]`, up to the blank line or the end.
fn package<'a>(lines: &mut Lines<'a>) -> Option<Locked<'a>> {
    let name = string(lines.next()?.strip_prefix("name = ")?)?;
    let line = lines.number;
    let version = string(lines.next()?.strip_prefix("version = ")?)?;
    let mut locked = Locked::new(Cow::Borrowed(name), Cow::Borrowed(version), line);
    // Cargo's own order; anything else, and any key twice, is another form.
    let mut last = 0;
    while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once(" = ")?;
        let place = ["source", "checksum", "dependencies", "replace"].iter().position(|known| *known == key)? + 1;
        if place <= last {
            return None;
        }
        last = place;
        match key {
            "source" => (locked.source, locked.source_line) = (Some(Cow::Borrowed(string(value)?)), lines.number),
            "checksum" => (locked.checksum, locked.checksum_line) = (Some(Cow::Borrowed(string(value)?)), lines.number),
            "replace" => locked.replace = Some(Cow::Borrowed(string(value)?)),
            _ if value == "[" => locked.dependencies = dependencies(lines)?,
            _ => return None,
        }
    }
    Some(locked)
}

fn dependencies<'a>(lines: &mut Lines<'a>) -> Option<Vec<Cow<'a, str>>> {
    let mut names = Vec::new();
    loop {
        match lines.next()? {
            "]" => return Some(names),
            line => names.push(Cow::Borrowed(string(line.strip_prefix(' ')?.strip_suffix(',')?)?)),
        }
    }
}

/// The text between two quotes, when it is written without escapes.
fn string(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (is_plain(inner) && !inner.contains(['"', '\\'])).then_some(inner)
}

/// Without the control characters that TOML forbids.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b >= b' ' && b != 0x7f)
}

/// Lines ended by `\n`, counted from 1. A `\r` stays in its line, where it fits no known form.
struct Lines<'a> {
    rest: &'a str,
    number: u32,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest.as_bytes()).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or("");
        self.number += 1;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::scan;
    use crate::model::{RelPath, SourceFile};
    use crate::read::Files;
    use crate::read::cargo_lock_file::Lock;

    /// Over every Cargo.lock of the fixtures: read in the same way by both, or left alone.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "tests read their fixtures")]
    fn what_is_scanned_is_what_toml_says() {
        let cases = std::fs::read_dir("fixtures/read/cargo-lock").expect("fixtures");
        let (mut scanned, mut scanned_spoilt) = (0, 0);
        for case in cases {
            let path = case.expect("a folder").path().join("input/Cargo.lock");
            let Ok(bytes) = std::fs::read(&path) else { continue };
            scanned += usize::from(is_same(&bytes));
            // A flipped bit and a cut: the form of most is still Cargo's.
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << (at % 8);
                scanned_spoilt += usize::from(is_same(&flipped)) + usize::from(is_same(&bytes[..at]));
            }
        }
        assert!(scanned > 30, "only {scanned} lockfiles are of Cargo's own form");
        assert!(scanned_spoilt > 1000, "only {scanned_spoilt} spoilt lockfiles are still of Cargo's own form");
    }

    /// Whether it is scanned; if so it must be what TOML says.
    fn is_same(bytes: &[u8]) -> bool {
        let Ok(file) = SourceFile::new(RelPath::new("Cargo.lock").expect("a path"), bytes.to_vec()) else { return false };
        let files = Files::new(file);
        let Some(lock) = scan(files.lockfile.text()) else { return false };
        let toml = Lock::from_toml(&files).unwrap_or_else(|error| panic!("{error}, but it is scanned:\n{}", files.lockfile.text()));
        assert_eq!(lock, toml, "{}", files.lockfile.text());
        true
    }
}
