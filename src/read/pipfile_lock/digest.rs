//! The digest of a Pipfile, by which pipenv knows whether its lockfile is out of date: SHA-256 of what
//! decides the resolution, as JSON in the form of Python's `json.dumps(sort_keys=True)` (plette,
//! `Pipfile.get_hash`; pipenv, `Pipfile.calculate_hash`).
//!
//! Versions of pipenv differ in whether names are normalised and whether custom categories count, so
//! each way is tried.

use super::lock::Meta;
use super::pipfile::{DEV_PACKAGES, PACKAGES};
use crate::model::{Ecosystem, PackageName, registry};
use crate::read::toml_file::{Table, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sections that are no custom categories to the digest.
const KNOWN_SECTIONS: [&str; 9] = ["source", PACKAGES, DEV_PACKAGES, "requires", "scripts", "pipfile", "pipenv", "default", "develop"];

/// Values of a Pipfile are two tables deep.
const DEEPEST: usize = 16;
/// More sources than that are not tried at other addresses.
const MOST_SOURCES: usize = 2;

/// Whether the Pipfile is the one that was locked; `None` where it cannot be told.
pub(super) fn is_the_locked_one(pipfile: &Table<'_, '_>, meta: &Meta<'_>) -> Option<bool> {
    let wanted = meta.pipfile_digest()?.to_ascii_lowercase();
    let sources = sources(pipfile, meta)?;
    for normalised in [false, true] {
        for with_custom in [true, false] {
            let (head, tail) = around_the_sources(pipfile, normalised, with_custom)?;
            let is_it = |sources: &String| hex(&format!("{head}{sources}{tail}")) == wanted;
            if sources.iter().any(is_it) {
                return Some(true);
            }
        }
    }
    Some(false)
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The sources as JSON: as they stand there, and where they are those of the lockfile, also with the
/// public index's addresses. Whoever moves a repository to a mirror rewrites both files, and the
/// digest stays that of the Pipfile as pipenv saw it; what the lockfile's sources are is read anyway.
fn sources(pipfile: &Table<'_, '_>, meta: &Meta<'_>) -> Option<Vec<String>> {
    let Some(stated) = pipfile.get("source") else {
        return Some(vec![format!(r#"[{{"name":"pypi","url":{},"verify_ssl":true}}]"#, text(registry::PYPI))]);
    };
    let mut all = vec![json(&stated, 0)?];
    let urls: Vec<&str> = stated.array().ok()?.iter().filter_map(|source| source.as_table()?.get("url")?.as_str()).collect();
    let same = urls.iter().eq(meta.sources().iter().map(|source| &*source.url).collect::<Vec<_>>().iter());
    if same && urls.len() <= MOST_SOURCES {
        for url in urls {
            let public = [registry::PYPI, registry::PYPI_OLD].map(|public| moved(url, public));
            let further: Vec<String> =
                public.iter().flat_map(|public| all.iter().map(|sources| sources.replace(&text(url), &text(public)))).collect();
            all.extend(further);
        }
    }
    Some(all)
}

/// The address at another host.
fn moved(url: &str, to: &str) -> String {
    let path = |url: &str| url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    let host = &to[..to.len() - path(to).unwrap_or_default().len()];
    format!("{host}{}", path(url).unwrap_or_default())
}

/// What stands before and behind the sources in the JSON of the whole.
fn around_the_sources(pipfile: &Table<'_, '_>, normalised: bool, with_custom: bool) -> Option<(String, String)> {
    const SOURCES: &str = "\u{1}";
    let requires = pipfile.get("requires").map_or(Some("{}".to_owned()), |requires| json(&requires, 0))?;
    let meta = format!(r#"{{"requires":{requires},"sources":{SOURCES}}}"#);
    let section = |name| pipfile.get(name).map_or(Some("{}".to_owned()), |packages| packages_json(&packages, normalised));
    let mut parts: BTreeMap<&str, String> =
        BTreeMap::from([("_meta", meta), ("default", section(PACKAGES)?), ("develop", section(DEV_PACKAGES)?)]);
    for (name, _, value) in pipfile.pairs().filter(|(name, ..)| with_custom && !KNOWN_SECTIONS.contains(name)) {
        parts.insert(name, packages_json(&value, normalised)?);
    }
    let parts: Vec<String> = parts.iter().map(|(name, json)| format!("{}:{json}", text(name))).collect();
    let whole = format!("{{{}}}", parts.join(","));
    // A string is written with escapes, so there is no other.
    let (head, tail) = whole.split_once(SOURCES)?;
    Some((head.to_owned(), tail.to_owned()))
}

fn packages_json(section: &Value<'_, '_>, normalised: bool) -> Option<String> {
    let table = section.as_table()?;
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    for (key, _, value) in table.pairs() {
        let key = if normalised { PackageName::new(Ecosystem::Pypi, key).ok()?.to_string() } else { key.to_owned() };
        // Of two names that are one, which came last is not known.
        if pairs.insert(key, json(&value, 0)?).is_some() {
            return None;
        }
    }
    Some(object(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
}

/// A value as Python writes it; `None` for kinds whose text is not sure to be the same.
fn json(value: &Value<'_, '_>, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(string) = value.as_str() {
        return Some(text(string));
    }
    if let Some(truth) = value.as_bool() {
        return Some(truth.to_string());
    }
    if let Some(table) = value.as_table() {
        let pairs: Option<BTreeMap<&str, String>> = table.pairs().map(|(key, _, value)| Some((key, json(&value, depth + 1)?))).collect();
        return Some(object(pairs?.iter().map(|(key, value)| (*key, value.as_str()))));
    }
    if let Ok(items) = value.array() {
        let items: Option<Vec<String>> = items.iter().map(|item| json(item, depth + 1)).collect();
        return Some(format!("[{}]", items?.join(",")));
    }
    value.integer().ok().filter(|digits| digits.len() < 16 && digits.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned)
}

fn object<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("{}:{value}", text(key))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// A string with everything outside of ASCII escaped.
fn text(string: &str) -> String {
    let mut out = String::with_capacity(string.len() + 2);
    out.push('"');
    for c in string.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
        }
    }
    out.push('"');
    out
}
