//! What Yarn calls descriptors and locators: `name@range` and `name@reference`, where a range or
//! reference is `protocol:source#selector::bindings` with its parts percent-encoded.

use crate::model::Address;
use crate::read::npm;
use std::borrow::Cow;

/// Patches of patches. Yarn itself makes two at most: one of a person, and its own.
const DEEPEST: usize = 8;

/// A range or reference taken apart (`structUtils.parseRange`).
#[derive(Debug)]
pub struct Range<'t> {
    /// With its colon; empty for none.
    pub protocol: &'t str,
    /// What stands before the `#`, decoded.
    pub source: Option<Cow<'t, str>>,
    /// What stands after it, or all; decoded.
    pub selector: Cow<'t, str>,
    /// `key=value` pairs, still encoded.
    bindings: &'t str,
}

/// A text of the lockfile as it may be shown: a range can be an address with credentials.
pub fn shown<'t>(text: &Cow<'t, str>) -> Cow<'t, str> {
    if text.contains("://") { Cow::Owned(Address::new(text).to_string()) } else { text.clone() }
}

/// As [`crate::model::text::quoted`], without credentials.
pub fn quoted(text: &str) -> String {
    crate::model::text::quoted(&shown(&Cow::Borrowed(text)))
}

/// `name` and what follows the `@` after it; the `@` of a scope is none.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(b'@', text.as_bytes().get(1..)?)? + 1;
    Some((&text[..at], &text[at + 1..]))
}

impl<'t> Range<'t> {
    /// `None` where the percent-encoding is none.
    pub fn parse(text: &'t str) -> Option<Self> {
        let end = text.find(['#', ':']).filter(|&at| text.as_bytes()[at] == b':').map_or(0, |at| at + 1);
        let (protocol, rest) = text.split_at(end);
        let (body, bindings) = rest.split_once("::").unwrap_or((rest, ""));
        let (source, selector) = match body.split_once('#') {
            Some((source, selector)) => (Some(decoded(source)?), selector),
            None => (None, body),
        };
        Some(Range { protocol, source, selector: decoded(selector)?, bindings })
    }

    /// The value that is bound to a key.
    pub fn bound(&self, key: &str) -> Option<Cow<'t, str>> {
        pair(self.bindings, key)
    }
}

/// The value of a key in `a=1&b=2`, decoded. Yarn decodes keys too.
pub fn pair<'t>(pairs: &'t str, key: &str) -> Option<Cow<'t, str>> {
    let mut pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| decoded(name).is_some_and(|name| name == key)).and_then(|(_, value)| decoded(value))
}

/// As `decodeURIComponent`; `None` where the encoding is none.
pub fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || (rest.next()? as char).to_digit(16);
        bytes.push(if byte == b'%' { (digit()? << 4 | digit()?) as u8 } else { byte });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// The pieces of an entry's key, each a descriptor (Yarn's `/ *, */`).
pub fn descriptors(key: &str) -> impl Iterator<Item = &str> {
    key.split(',').map(|piece| piece.trim_matches(' '))
}

/// Whether a range names no protocol and so means the default one: a SemVer range or a tag.
pub fn is_bare(range: &str) -> bool {
    !range.contains([':', '/', '#'])
}

/// What a patch is of and by: the text of its source, and its files.
#[derive(Debug)]
pub struct Patched {
    pub source: String,
    /// With their flags.
    pub files: Vec<String>,
}

/// A `patch:` range or reference.
pub fn patched(range: &str) -> Option<Patched> {
    let range = Range::parse(range).filter(|range| range.protocol == "patch:")?;
    let files = range.selector.split('&').filter(|file| !file.is_empty()).map(str::to_owned).collect();
    Some(Patched { source: range.source?.into_owned(), files })
}

/// A patch without its flags: `optional!builtin<compat/fsevents>`, before Yarn 4 `~builtin<…>`.
pub fn without_flags(file: &str) -> &str {
    let file = file.rsplit('!').next().unwrap_or(file);
    if file.starts_with("~builtin<") { &file[1..] } else { file }
}

/// Whether a patch is one that Yarn carries itself.
pub fn is_builtin(file: &str) -> bool {
    without_flags(file).starts_with("builtin<")
}

/// The descriptor or locator below all patches. `None` where a patch is none, or they are too deep.
pub fn below_patches(text: &str) -> Option<Cow<'_, str>> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..DEEPEST {
        match split(&text) {
            Some((_, range)) if range.starts_with("patch:") => text = Cow::Owned(patched(range)?.source),
            _ => return Some(text),
        }
    }
    None
}

/// What a descriptor asks a registry for: the package's own name, and its range. `None` where it asks
/// none.
pub fn asks_registry(descriptor: &str) -> Option<(&str, &str)> {
    let (name, range) = split(descriptor)?;
    match range.strip_prefix("npm:") {
        Some(rest) => match npm::alias(range) {
            Some((real, range)) if rest.len() > real.len() => Some((real, range)),
            _ => Some((name, rest.split("::").next().unwrap_or(rest))),
        },
        None => is_bare(range).then_some((name, range)),
    }
}
