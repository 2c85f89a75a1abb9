//! The lockfile as Bun writes it: nearly every one, and read so without a copy of the text and in half of the time.
//!
//! Objects and lists with or without a comma after the last item, texts without escapes, whole numbers and truth
//! values. At anything else (a comment, an escape, a key that this file does not know, an entry of another form) the
//! reader gives up, and the text is read by the rules of JSON with comments; where it does not give up the outcome is
//! the same, which the tests hold against that reader. It never says that a text is wrong.

use super::super::json::{Lenient, Pairs, Text};
use super::Lock;
use super::described::{Described, Known, Seen};
use super::resolution::{Item, Items};
use std::borrow::Cow;

/// Objects and lists inside each other; each level is a call.
const DEEPEST: usize = 8;

/// Bytes of an entry of `packages`, about: what is set aside for them is not moved while they are read.
const USUAL: usize = 192;

/// The file's outermost object, if the whole text is of this kind.
pub fn parse(text: &str) -> Option<Lock<'_>> {
    let mut cursor = Cursor { text, at: 0 };
    let mut lock = Lock::default();
    let mut seen: Vec<&str> = Vec::new();
    cursor.blanks();
    cursor.object(|cursor, key| {
        let Cow::Borrowed(key) = key.0 else { return None };
        if seen.contains(&key) {
            return None;
        }
        seen.push(key);
        match key {
            "lockfileVersion" => lock.lockfile_version = Some(serde_json::from_str(cursor.number()?).ok()?),
            "workspaces" => lock.workspaces = Some(cursor.pairs(Cursor::described)?),
            "overrides" => lock.overrides = cursor.pairs(|cursor| cursor.lenient(0))?,
            "catalog" => lock.catalog = cursor.pairs(Cursor::text)?,
            "catalogs" => lock.catalogs = cursor.pairs(|cursor| cursor.pairs(Cursor::text))?,
            "packages" => {
                lock.packages.0.reserve((text.len() - cursor.at) / USUAL);
                let packages = &mut lock.packages.0;
                cursor.object(|cursor, key| {
                    // Entries are large: each is read into its place.
                    packages.push((key, Ok(Items::default())));
                    cursor.entry(packages.last_mut()?.1.as_mut().ok()?)
                })?;
            }
            "trustedDependencies" => lock.trusted_dependencies = cursor.texts()?,
            "patchedDependencies" => lock.patched_dependencies = cursor.pairs(Cursor::text)?,
            _ => cursor.skip(0)?,
        }
        Some(())
    })?;
    cursor.blanks();
    (cursor.at == text.len()).then_some(lock)
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// What stands between two brackets, with a comma after each but, at will, the last.
    fn list(&mut self, [open, close]: [u8; 2], mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(open)?;
        loop {
            self.blanks();
            if self.take(close).is_some() {
                return Some(());
            }
            each(self)?;
            self.blanks();
            if self.take(b',').is_none() {
                return self.take(close);
            }
        }
    }

    fn object(&mut self, mut each: impl FnMut(&mut Self, Text<'t>) -> Option<()>) -> Option<()> {
        self.list(*b"{}", |cursor| {
            let key = cursor.text()?;
            cursor.blanks();
            cursor.take(b':')?;
            cursor.blanks();
            each(cursor, key)
        })
    }

    fn pairs<V>(&mut self, mut value: impl FnMut(&mut Self) -> Option<V>) -> Option<Pairs<'t, V>> {
        let mut pairs = Vec::new();
        self.object(|cursor, key| {
            pairs.push((key, value(cursor)?));
            Some(())
        })?;
        Some(Pairs(pairs))
    }

    fn text(&mut self) -> Option<Text<'t>> {
        self.take(b'"')?;
        let start = self.at;
        let length = length_of_string(&self.text.as_bytes()[start..])?;
        self.at += length + 1;
        Some(Text(Cow::Borrowed(&self.text[start..start + length])))
    }

    fn texts(&mut self) -> Option<Vec<Text<'t>>> {
        let mut texts = Vec::new();
        self.list(*b"[]", |cursor| {
            texts.push(cursor.text()?);
            Some(())
        })?;
        Some(texts)
    }

    /// A whole number of few digits, as written.
    fn number(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.at..];
        let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        self.at += digits.len();
        let is_plain = (1..=9).contains(&digits.len()) && (digits == "0" || !digits.starts_with('0'));
        // What follows may make a number of another kind of it.
        (is_plain && !matches!(self.peek(), Some(b'.' | b'e' | b'E'))).then_some(digits)
    }

    fn boolean(&mut self) -> Option<bool> {
        let rest = &self.text[self.at..];
        let (word, value) = if rest.starts_with("true") { ("true", true) } else { ("false", false) };
        rest.starts_with(word).then(|| self.at += word.len()).map(|()| value)
    }

    fn entry(&mut self, items: &mut Items<'t>) -> Option<()> {
        let mut at = 0;
        self.list(*b"[]", |cursor| {
            let item = match cursor.peek()? {
                b'"' => Item::Text(cursor.text()?),
                _ => Item::Described(cursor.described()?),
            };
            *items.slot(at)? = Some(item);
            at += 1;
            Some(())
        })
    }

    fn described(&mut self) -> Option<Described<'t>> {
        let mut described = Described::default();
        let mut seen = Seen::default();
        self.object(|cursor, key| {
            match seen.known(&key).ok()? {
                Some(Known::Section(scope)) => {
                    return cursor.object(|cursor, name| {
                        described.asked.push((scope, name, cursor.text()?));
                        Some(())
                    });
                }
                Some(Known::Name) => described.rest().name = Some(cursor.text()?),
                Some(Known::Version) => described.rest().version = Some(cursor.text()?),
                Some(Known::OptionalPeers) => described.rest().optional_peers = cursor.texts()?,
                Some(Known::Bundled) => described.rest().bundled = cursor.boolean()?,
                None => cursor.skip(0)?,
            }
            Some(())
        })?;
        Some(described)
    }

    fn lenient(&mut self, depth: usize) -> Option<Lenient<'t>> {
        Some(match self.peek()? {
            b'"' => Lenient::Text(self.text()?),
            b'{' if depth < DEEPEST => Lenient::Object(self.pairs(|cursor| cursor.lenient(depth + 1))?),
            _ => return None,
        })
    }

    /// A value that is not looked at.
    fn skip(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.text().map(drop),
            b'{' if depth < DEEPEST => self.object(|cursor, _| cursor.skip(depth + 1)),
            b'[' if depth < DEEPEST => self.list(*b"[]", |cursor| cursor.skip(depth + 1)),
            b'0'..=b'9' => self.number().map(drop),
            _ => self.boolean().map(drop),
        }
    }
}

/// The bytes before the quote that ends a string; `None` where an escape or a control character comes first. Eight
/// bytes are looked at together: of those that stand out, the first is one for sure (Bit Twiddling Hacks, "Determine
/// if a word has a byte less than n").
fn length_of_string(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word & HIGH;
    let stands_out = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..b' ');
    let (words, rest) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = less(word ^ (ONES * u64::from(b'"')), 1) | less(word ^ (ONES * u64::from(b'\\')), 1) | less(word, b' ');
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            return (bytes[at] == b'"').then_some(at);
        }
        at += 8;
    }
    at += rest.iter().position(stands_out)?;
    (bytes[at] == b'"').then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::super::jsonc;
    use super::super::Lock;
    use super::{length_of_string, parse};
    use crate::model::{RelPath, SourceFile};
    use proptest::prelude::*;

    /// Where this reader does not give up, the whole rules say the same. Whether it gave up.
    fn agrees(text: &str) -> bool {
        let Some(lock) = parse(text) else { return true };
        let file = SourceFile::new(RelPath::new("bun.lock").unwrap(), text.as_bytes().to_vec()).unwrap();
        let plain = jsonc::plain(&file).unwrap_or_else(|error| panic!("{error}: {text}"));
        let wholly = Lock::parse(&file, &plain).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(format!("{lock:?}"), format!("{wholly:?}"), "{text}");
        false
    }

    #[test]
    fn lockfiles_are_read_plainly() {
        for text in [
            include_str!("../../../fixtures/read/bun-lock/v0-kinds/input/bun.lock"),
            include_str!("../../../fixtures/read/bun-lock/v1c-workspace/input/bun.lock"),
            include_str!("../../../fixtures/read/bun-lock/v2-kinds/input/bun.lock"),
            include_str!("../../../fixtures/read/bun-lock/trusted-and-patched/input/bun.lock"),
            include_str!("../../../fixtures/read/bun-lock/overrides-scoped/input/bun.lock"),
            include_str!("../../../fixtures/read/bun-lock/peers-meta-alone/input/bun.lock"),
            include_str!("../../../fixtures/read/bun-lock/no-trailing-commas/input/bun.lock"),
        ] {
            assert!(!agrees(text), "{text}");
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at) && text.is_char_boundary(at + 1)) {
                agrees(&text[..at]);
                for other in
                    ["", " ", "\n", "\"", "\\", ":", ",", "[", "]", "{", "}", "/", "0", "-", "e", "\t", "\u{1}", "null", "true", "é"]
                {
                    agrees(&format!("{}{other}{}", &text[..at], &text[at + 1..]));
                }
            }
        }
    }

    #[test]
    fn strings_end_at_their_quote() {
        for (text, expected) in
            [("\"", Some(0)), ("abc\"", Some(3)), ("12345678\"", Some(8)), ("é\u{7f}\u{80}ab\"c\"", Some(7)), ("", None)]
        {
            assert_eq!(length_of_string(text.as_bytes()), expected, "{text}");
        }
        for end in ["\\\"", "\n\"", "\u{1f}\"", "\0\"", ""] {
            for before in 0..20 {
                assert_eq!(length_of_string(format!("{}{end}", "x".repeat(before)).as_bytes()), None, "{before} {end:?}");
            }
        }
        for before in 0..20 {
            assert_eq!(length_of_string(format!("{} \u{ff}\" \\", "x".repeat(before)).as_bytes()), Some(before + 3));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn any_text_is_read_alike(
            text in r#"\{ ?("lockfileVersion": ?(0|1|01|1e1|"1"|-1|null),? ?)?("(overrides|catalog|catalogs|workspaces|trustedDependencies|other|packages)": ?(\{("a": ?("b"|\{"name": "c",? ?("dependencies": \{("b": "1",?)*\},?)?("bundled": (true|null))?\}|\["a@1.0.0", ?("",? ?)?(\{("peerDependencies": \{\})?\},?)? ?("sha512-")?,?\]|1),?){0,2}\}|\["a",?\]|null),? ?){0,3}\}\n?"#
        ) {
            agrees(&text);
        }
    }
}
