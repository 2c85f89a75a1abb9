//! Text from outside in Markdown. It goes into code spans, where nothing has a meaning; what has to read as a
//! sentence is escaped, and everything is cut that a forge would make a mention or a reference of.

use crate::model::text::{shortened, visible};

/// Characters of one text at most.
const MOST: usize = 400;

/// What follows one of these would name a user, an issue, a merge request, a label …, or be a link. The character of
/// no width keeps the two apart after the escapes are read too, when forges look for names.
const SIGILS: [char; 8] = ['@', '#', '!', '$', '%', '~', '&', '^'];
const APART: &str = "&#8203;";

/// Punctuation that means nothing within a line.
const PLAIN: &str = ",;:'\"/.?%-+=()";

/// The text as a code span of one line.
pub fn code(text: &str) -> String {
    let text = visible(&shortened(text, MOST)).into_owned();
    if text.trim().is_empty() {
        return "` `".into();
    }
    let runs = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(runs + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence of ours that quotes text from outside in backticks: what is quoted becomes code. Where a quoted text
/// holds backticks itself the halves may change places, and each is harmless as both.
pub fn sentence(text: &str) -> String {
    let text = shortened(text, MOST);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return prose(&text);
    }
    let parts = parts.iter().enumerate().map(|(number, part)| match number % 2 {
        1 if !part.is_empty() => code(part),
        _ => prose(part),
    });
    parts.collect()
}

/// The text as plain words.
pub fn prose(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    let mut word = String::new();
    while let Some(c) = rest.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_ascii_punctuation() && !PLAIN.contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
        let is_link = c == ':' && rest.peek() == Some(&'/') || c == '.' && word.eq_ignore_ascii_case("www");
        let is_issue = c == '-' && word.eq_ignore_ascii_case("gh");
        if SIGILS.contains(&c) || is_link || is_issue {
            out.push_str(APART);
        }
        if c.is_alphanumeric() { word.push(c) } else { word.clear() }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{code, prose, sentence};

    #[test]
    fn nothing_is_a_link_a_mention_or_markup() {
        let cases = [
            ("@everybody", r"\@&#8203;everybody"),
            ("#12 !3 GH-4", r"\#&#8203;12 \!&#8203;3 GH-&#8203;4"),
            ("https://x.example www.x.example", r"https:&#8203;//x.example www.&#8203;x.example"),
            ("![a](b) <img src=x>", r"\!&#8203;\[a\](b) &lt;img src=x&gt;"),
            ("a_b *c* | `d`", r"a\_b \*c\* \| \`d\`"),
            ("line\nbreak", r"line\\u\{a\}break"),
        ];
        for (text, expected) in cases {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn code_cannot_be_left() {
        for (text, expected) in
            [("a", "`a`"), ("a`b", "``a`b``"), ("``", "``` `` ```"), (" a ", "`  a  `"), ("", "` `"), ("a\nb", "`a\\u{a}b`")]
        {
            assert_eq!(code(text), expected);
        }
        assert_eq!(sentence("`a` is @new"), "`a` is \\@&#8203;new");
        assert_eq!(sentence("`a is new"), "\\`a is new");
    }
}
