//! What is printed can be read by the runner of a CI job, which takes some lines for commands of its
//! own: `::name::` at the start of a line (GitHub), `##[name]` and `##vso[name]` anywhere in it
//! (GitHub's older form, Azure Pipelines), `##teamcity[name]`. A lockfile's path, a commit's subject or
//! an advisory's text must not be able to be one.

use std::io::{self, Write};

/// A writer that takes the meaning from such lines: the bracket and the second colon become `\u005b`
/// and `\u003a`. In JSON these are the same text, as the first stands within a string only, and the
/// second never begins a line there.
pub struct Inert<W> {
    inner: W,
    line: Line,
    mark: Mark,
}

/// How far the line is, up to the first character that shows; a runner trims what is before it, in
/// whatever alphabet, so that other bytes than those of ASCII count as nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    Colon,
    Begun,
}

/// The last bytes: `#`, or `##` and letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    One,
    Two,
}

impl<W: Write> Inert<W> {
    pub fn new(inner: W) -> Self {
        Inert { inner, line: Line::Blank, mark: Mark::None }
    }

    /// For the rest of a line that we began ourselves.
    pub fn within_line(inner: W) -> Self {
        Inert { inner, line: Line::Begun, mark: Mark::None }
    }

    /// What stands in the byte's place, if it would make a command.
    fn next(&mut self, byte: u8) -> Option<&'static [u8]> {
        let escape: Option<&'static [u8]> = match (byte, self.line, self.mark) {
            (b':', Line::Colon, _) => Some(br"\u003a"),
            (b'[', _, Mark::Two) => Some(br"\u005b"),
            _ => None,
        };
        self.line = match (byte, self.line) {
            (b'\n' | b'\r', _) => Line::Blank,
            (b':', Line::Blank) => Line::Colon,
            (byte, Line::Blank) if !byte.is_ascii_graphic() => Line::Blank,
            _ => Line::Begun,
        };
        self.mark = match (byte, self.mark) {
            (b'#', Mark::None) => Mark::One,
            (b'#', _) => Mark::Two,
            (byte, Mark::Two) if byte.is_ascii_alphabetic() => Mark::Two,
            _ => Mark::None,
        };
        escape
    }
}

impl<W: Write> Write for Inert<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (mut written, mut at) = (0, 0);
        while at < bytes.len() {
            if self.line == Line::Begun && self.mark == Mark::None {
                // Within a line nothing matters up to the next `#` or the line's end.
                at += memchr::memchr3(b'\n', b'\r', b'#', &bytes[at..]).unwrap_or(bytes.len() - at);
            }
            let Some(&byte) = bytes.get(at) else { break };
            if let Some(escape) = self.next(byte) {
                self.inner.write_all(&bytes[written..at])?;
                self.inner.write_all(escape)?;
                written = at + 1;
            }
            at += 1;
        }
        self.inner.write_all(&bytes[written..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes are cut into pieces.
    #[test]
    fn no_line_is_a_command() {
        let cases = [
            ("::error::x", r":\u003aerror::x"),
            ("a\n \u{3000}\t::error::x", "a\n \u{3000}\t:\\u003aerror::x"),
            ("a\r::x", "a\r:\\u003ax"),
            ("a ::b", "a ::b"),
            (":a::b", ":a::b"),
            ("x ##[error]y", r"x ##\u005berror]y"),
            ("###vso[task]", r"###vso\u005btask]"),
            ("##teamcity[a] #[b] ## [c]", r"##teamcity\u005ba] #[b] ## [c]"),
            ("## Heading [link]", "## Heading [link]"),
        ];
        for (text, expected) in cases {
            for size in 1..=text.len() {
                let mut out = Inert::new(Vec::new());
                text.as_bytes().chunks(size).for_each(|piece| out.write_all(piece).unwrap());
                assert_eq!(String::from_utf8(out.inner).unwrap(), expected, "{text:?} in pieces of {size}");
            }
        }
    }
}
