//! JSON with comments and trailing commas, made plain JSON of the same length.
//!
//! What is no JSON becomes blanks in place, so that every string keeps its offset and every line its
//! number. Only what all readers of such files pass over is passed over: a comment of which it depends
//! on the reader where it ends is an error, or one of them would see what the other does not.

use super::ReadError;
use crate::model::{Lines, SourceFile};
use memchr::memmem;
use std::ops::Range;

/// The file's text with blanks for its comments and for each comma after the last item of a list.
pub fn plain(file: &SourceFile) -> Result<String, ReadError> {
    let text = file.text();
    let blanks = blanks(text).map_err(|(at, message)| ReadError::syntax(file.path(), Lines::new(text).line(at), message))?;
    let mut plain = String::with_capacity(text.len());
    for blank in blanks {
        plain.push_str(&text[plain.len()..blank.start]);
        plain.extend(text[blank].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    }
    plain.push_str(&text[plain.len()..]);
    Ok(plain)
}

/// What is no JSON, in order; or what is wrong, and at which byte.
fn blanks(text: &str) -> Result<Vec<Range<usize>>, (usize, String)> {
    let bytes = text.as_bytes();
    let mut blanks = Vec::new();
    let mut at = 0;
    // A comma after a value, and nothing but blanks since: it goes if the list ends here.
    let mut comma = None;
    let mut after_value = false;
    while let Some(&byte) = bytes.get(at) {
        let length = match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'/' => {
                let length = comment(&text[at..]).map_err(|message| (at, message))?;
                blanks.push(at..at + length);
                at += length;
                continue;
            }
            b'"' => string(&bytes[at..]),
            b'}' | b']' => {
                blanks.extend(comma.map(|comma| comma..comma + 1));
                1
            }
            _ => 1,
        };
        comma = (byte == b',' && after_value).then_some(at);
        after_value = !matches!(byte, b',' | b':' | b'{' | b'[');
        at += length;
    }
    // A comma is known for one behind the comments that follow it.
    blanks.sort_unstable_by_key(|blank| blank.start);
    Ok(blanks)
}

/// The length of the string at the beginning, with both its quotes; all that is left of one that is
/// not closed.
fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// The length of the comment at the beginning, without the line end after it.
fn comment(text: &str) -> Result<usize, String> {
    let length = match text.as_bytes().get(1) {
        Some(b'/') => memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len()),
        Some(b'*') => 4 + memmem::find(&text.as_bytes()[2..], b"*/").ok_or("a comment is not closed")?,
        _ => return Err("this is not JSON: a `/` begins no comment".into()),
    };
    let inside = text[..length].trim_end_matches('\r');
    let ends_for_some = inside.starts_with("//") && inside.contains(['\r', '\u{2028}', '\u{2029}']);
    if ends_for_some { Err("a comment holds a line separator at which it ends for some readers".into()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::model::{RelPath, SourceFile};

    fn of(text: &str) -> Result<String, String> {
        let file = SourceFile::new(RelPath::root(), text.as_bytes().to_vec()).map_err(|error| error.to_string())?;
        plain(&file).map_err(|error| error.to_string())
    }

    /// Same length, same lines, strings untouched.
    #[test]
    fn blanks_take_the_place_of_what_is_no_json() {
        for (text, expected) in [
            ("[1, 2,]", "[1, 2 ]"),
            ("{\"a\": [],\n }", "{\"a\": [] \n }"),
            ("[1, // two, ]\n]", "[1           \n]"),
            ("[1 /* ä\n, */ ,]", "[1      \n      ]"),
            (r#"["//", "/*", ",]", "\",]",]"#, r#"["//", "/*", ",]", "\",]" ]"#),
            ("[1,] //", "[1 ]   "),
            ("[1] // x\r\n", "[1]      \n"),
        ] {
            assert_eq!(of(text).unwrap(), expected, "{text}");
            assert_eq!((text.len(), text.lines().count()), (expected.len(), expected.lines().count()), "{text}");
        }
    }

    /// A comma where no value ends stays, for the JSON reader to refuse.
    #[test]
    fn other_commas_stay() {
        for text in ["[,]", "{,}", "[1,,]", "{\"a\":,}", "[1],", "\"open,]", "\"\\"] {
            assert_eq!(of(text).unwrap(), text);
        }
    }

    #[test]
    fn comments_that_end_differently_for_others_are_errors() {
        for text in ["[1 /* ]", "[1 /*/ ]", "[1 / 2]", "/", "// a\u{2028}, 2\n", "// a\r, 2\n"] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
