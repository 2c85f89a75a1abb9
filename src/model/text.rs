//! Text that comes from outside: a lockfile comes from a pull request.

use std::borrow::Cow;

/// The text with every character that could act on a terminal or reorder what is read replaced
/// by a visible escape: control characters (`\u{1b}`, line breaks), Unicode line separators and
/// the bidirectional controls of Trojan Source (CVE-2021-42574), zero-width characters too.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_invisible(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Whether a character shows nothing of itself and changes how its surroundings show.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// `text` cut to `most` characters, an ellipsis in place of what was cut.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
    }
}

/// How an error message quotes text of a file: visible, short, in backticks.
pub fn quoted(text: &str) -> String {
    format!("`{}`", visible(&shortened(text, 120)))
}
