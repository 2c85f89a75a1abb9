//! Checksum files as `sha256sum` writes and checks them: a line a file, `HEX  NAME` (two spaces, or a space and `*`).

use crate::model::text::quoted;
use crate::model::{Algorithm, Digest};

/// A file's checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// As the list has it.
    pub name: String,
    pub digest: Digest,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChecksumError {
    #[error("line {line}: {} is not `SHA-256  NAME`", quoted(text))]
    Line { line: usize, text: String },
    #[error("line {line}: {} stands twice, with two checksums", quoted(name))]
    Twice { line: usize, name: String },
    #[error("there is no checksum in it")]
    Empty,
}

/// One line of such a file. A name with a backslash or a line break would need `sha256sum`'s escapes; `None` for one.
pub fn write_checksum(name: &str, digest: &Digest) -> Option<String> {
    (!name.contains(['\\', '\n', '\r'])).then(|| format!("{}  {name}\n", digest.hex()))
}

/// Reads a checksum file. Empty lines are passed over, and nothing else is.
pub fn checksums(text: &str) -> Result<Vec<Checksum>, ChecksumError> {
    let mut found: Vec<Checksum> = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let checksum = read(line).ok_or_else(|| ChecksumError::Line { line: at + 1, text: line.to_owned() })?;
        match found.iter().find(|known| known.name == checksum.name) {
            Some(known) if known.digest != checksum.digest => return Err(ChecksumError::Twice { line: at + 1, name: checksum.name }),
            Some(_) => {}
            None => found.push(checksum),
        }
    }
    if found.is_empty() { Err(ChecksumError::Empty) } else { Ok(found) }
}

fn read(line: &str) -> Option<Checksum> {
    let (hex, rest) = line.split_once(' ')?;
    let name = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('*'))?;
    let digest = Digest::from_hex(Algorithm::Sha256, hex).ok()?;
    (!name.is_empty()).then(|| Checksum { name: name.to_owned(), digest })
}

#[cfg(test)]
mod tests {
    use super::{ChecksumError, checksums, write_checksum};

    #[test]
    fn lists_are_read_whole_or_not_at_all() {
        let (a, b) = ("ab".repeat(32), "cd".repeat(32));
        let names = |text: String| checksums(&text).map(|found| found.into_iter().map(|checksum| checksum.name).collect::<Vec<_>>());
        assert_eq!(names(format!("{a}  x\n\n{b} *y z\r\n")), Ok(vec!["x".into(), "y z".into()]));
        assert_eq!(names(format!("{a}  x\n{a}  x\n")), Ok(vec!["x".into()]));
        assert!(matches!(names(format!("{a}  x\n{b}  x\n")), Err(ChecksumError::Twice { line: 2, .. })));
        assert_eq!(names(String::new()), Err(ChecksumError::Empty));
        for line in [format!("{a} x"), format!("{a}  "), a[1..].to_owned() + "  x", format!("# {a}  x"), format!(" {a}  x")] {
            assert!(matches!(names(format!("{b}  y\n{line}\n")), Err(ChecksumError::Line { line: 2, .. })), "{line}");
        }
        let digest = checksums(&format!("{a}  x")).unwrap()[0].digest;
        assert_eq!(write_checksum("x", &digest), Some(format!("{a}  x\n")));
        assert_eq!(write_checksum("x\ny", &digest), None);
    }
}
