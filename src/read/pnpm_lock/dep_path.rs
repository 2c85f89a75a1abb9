//! How pnpm names packages inside a lockfile: the keys of `packages` and `snapshots`, and the
//! references to them (pnpm's `dependency-path`).

use super::Dialect;
use std::borrow::Cow;

/// A key taken apart, as far as it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DepPath<'k> {
    pub name: Option<&'k str>,
    /// A version of a registry; none where an address, folder or commit stands in its place.
    pub version: Option<&'k str>,
    /// The registry that stands before the name (version 5), when it is not the default one.
    pub host: Option<&'k str>,
    /// What stands in place of a version (version 9): `https://…`, `file:…`, `runtime:22.0.0`.
    pub other: Option<&'k str>,
}

impl<'k> DepPath<'k> {
    /// Peer suffixes and patch hashes are no part of what a key names.
    pub fn parse(dialect: Dialect, key: &'k str) -> Self {
        match dialect {
            Dialect::V5 => Self::with_host(key, |rest| {
                let scope_end = if rest.starts_with('@') { rest.find('/')? + 1 } else { 0 };
                let at = scope_end + rest[scope_end..].find('/')?;
                let version = without_suffix(&rest[at + 1..]);
                Some((&rest[..at], version.split_once('_').map_or(version, |(version, _)| version)))
            }),
            Dialect::V6 => Self::with_host(without_suffix(key), name_and_version),
            Dialect::V9 => match name_and_version(without_suffix(key)) {
                Some((name, version)) if is_version(version) => DepPath { name: Some(name), version: Some(version), ..Self::default() },
                Some((name, other)) => DepPath { name: Some(name), other: Some(other), ..Self::default() },
                None => Self::default(),
            },
        }
    }

    /// `/NAME…` is of the default registry, `HOST/NAME…` of another; all else is an address.
    fn with_host(key: &'k str, split: impl Fn(&'k str) -> Option<(&'k str, &'k str)>) -> Self {
        let (host, rest) = match key.split_once('/') {
            Some(("", rest)) => (None, rest),
            Some((host, rest)) if !host.starts_with('@') && !host.contains(':') => (Some(host), rest),
            _ => return Self::default(),
        };
        match split(rest) {
            Some((name, version)) if is_version(version) => DepPath { name: Some(name), version: Some(version), host, ..Self::default() },
            _ => Self::default(),
        }
    }

    /// Whether the key names a version of a registry.
    pub fn is_of_registry(&self) -> bool {
        self.version.is_some()
    }
}

/// `NAME@VERSION`; the `@` of a scope is none of it.
fn name_and_version(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '@')?.0;
    Some((&text[..at], &text[at + 1..]))
}

/// Whether a text is a version of a registry: `1.0.0-beta.1+build`, no path, address or commit.
fn is_version(text: &str) -> bool {
    let number = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    number > 0 && text[number..].starts_with('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
}

/// A key without the groups in parentheses at its end: resolved peers, a patch's hash.
pub fn without_suffix(key: &str) -> &str {
    let mut open = 0_usize;
    let mut end = key.len();
    for (at, byte) in key.bytes().enumerate().rev() {
        match byte {
            b')' => open += 1,
            _ if open == 0 => break,
            b'(' => {
                open -= 1;
                if open == 0 {
                    end = at;
                }
            }
            _ => {}
        }
    }
    &key[..end]
}

/// The key to which a dependency refers. `None` for a `link:`, which leads to a folder.
pub fn target<'a>(dialect: Dialect, name: &str, reference: &Cow<'a, str>) -> Option<Cow<'a, str>> {
    if reference.starts_with("link:") {
        return None;
    }
    let own = || reference.clone();
    Some(match dialect {
        Dialect::V5 | Dialect::V6 if reference.starts_with("file:") => own(),
        Dialect::V5 | Dialect::V6 if before_group(reference).contains('/') => own(),
        Dialect::V5 => format!("/{name}/{reference}").into(),
        Dialect::V6 => format!("/{name}@{reference}").into(),
        Dialect::V9 if names_itself(reference) => own(),
        Dialect::V9 => format!("{name}@{reference}").into(),
    })
}

fn before_group(reference: &str) -> &str {
    reference.split('(').next().unwrap_or(reference)
}

/// Whether a reference of version 9 holds the name too: `real@1.2.3`, but not `1.2.3(peer@2.0.0)`
/// nor `https://…@…`.
fn names_itself(reference: &str) -> bool {
    match reference.find('@') {
        Some(0) => true,
        Some(at) => !reference[..at].contains([':', '(']),
        None => false,
    }
}
