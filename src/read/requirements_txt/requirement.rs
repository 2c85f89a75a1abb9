//! One requirement: its name, and which version or which source is asked for (PEP 508, and what
//! pip takes beside it: `_internal/req/constructors.py`).

use super::line::{is_space, trimmed};
use super::marker;
use super::place::{self, Place};
use crate::model::text::quoted;
use crate::model::{Address, Ecosystem, PackageName, RelPath, Version};
use std::str::FromStr;

#[derive(Clone, Debug)]
pub(super) struct Requirement {
    pub name: PackageName,
    pub extras: Vec<String>,
    pub wanted: Wanted,
    /// As written.
    pub marker: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// From an index. The specifiers as written, empty for any version, and the one version that
    /// they allow if it is one.
    Version { specifiers: String, pin: Option<Version> },
    /// From an address or a path; few are, and a place is large.
    Place(Box<Place>),
}

/// Why a text is no requirement.
#[derive(Debug)]
pub(super) enum Refusal {
    /// pip refuses it too.
    Syntax(String),
    /// pip would take it, but it does not say which package it is.
    Nameless(String),
}

/// Reads the text of a requirement. Local paths count from `project`.
pub(super) fn read(text: &str, editable: bool, project: &RelPath) -> Result<Requirement, Refusal> {
    let (what, marker) = split_marker(text, editable)?;
    let mut requirement = if let Some(named) = at_place(what) {
        let (name, extras, place) = named?;
        located(Some(name), extras, place, editable, project)?
    } else if editable || place::is_address(what) || place::looks_like_path(what) {
        located(None, Vec::new(), what, editable, project)?
    } else {
        versioned(what)?
    };
    requirement.marker = marker;
    Ok(requirement)
}

/// Text of a requirement for messages: short, visible, without credentials.
pub(super) fn shown(text: &str) -> String {
    quoted(Address::new(text).as_str())
}

fn refused(text: &str) -> Refusal {
    Refusal::Syntax(format!("{} is not a requirement", shown(text)))
}

/// A marker stands behind a `;`, behind an address or a path with a space after it.
fn split_marker(text: &str, editable: bool) -> Result<(&str, Option<String>), Refusal> {
    let separator = if editable || place::is_address(text) { "; " } else { ";" };
    let Some((what, marker)) = text.split_once(separator) else { return Ok((trimmed(text), None)) };
    let marker = trimmed(marker);
    if marker.is_empty() {
        return Ok((trimmed(what), None));
    }
    if !marker::is_well_formed(marker) {
        return Err(Refusal::Syntax(format!("{} is not an environment marker", shown(marker))));
    }
    Ok((trimmed(what), Some(marker.to_owned())))
}

/// The parts of `name[extras] @ place`.
type AtPlace<'a> = (PackageName, Vec<String>, &'a str);

fn at_place(text: &str) -> Option<Result<AtPlace<'_>, Refusal>> {
    let (name, rest) = split_name(text)?;
    let (extras, rest) = split_extras(rest)?;
    let place = trimmed(rest.strip_prefix('@')?);
    if place.is_empty() || place.contains(is_space) {
        return Some(Err(refused(text)));
    }
    Some(package_name(name, text).map(|name| (name, extras, place)))
}

fn located(
    stated: Option<PackageName>,
    extras: Vec<String>,
    place: &str,
    editable: bool,
    project: &RelPath,
) -> Result<Requirement, Refusal> {
    let found = place::read(place, editable, stated.as_ref(), project).map_err(Refusal::Syntax)?;
    let name = stated.or_else(|| found.name.clone());
    let name = name.ok_or_else(|| Refusal::Nameless(format!("{} does not say which package it is", shown(place))))?;
    let extras = if extras.is_empty() { found.extras.clone() } else { extras };
    Ok(Requirement { name, extras, wanted: Wanted::Place(Box::new(found)), marker: None })
}

fn versioned(text: &str) -> Result<Requirement, Refusal> {
    let parts = split_name(text).and_then(|(name, rest)| Some((name, split_extras(rest)?)));
    let (name, (extras, rest)) = parts.ok_or_else(|| refused(text))?;
    let specifiers = without_parentheses(rest).ok_or_else(|| refused(text))?;
    if !are_specifiers(specifiers) {
        return Err(refused(text));
    }
    let name = package_name(name, text)?;
    Ok(Requirement { name, extras, wanted: Wanted::Version { specifiers: specifiers.to_owned(), pin: pin(specifiers) }, marker: None })
}

fn package_name(name: &str, text: &str) -> Result<PackageName, Refusal> {
    PackageName::new(Ecosystem::Pypi, name).map_err(|_| refused(text))
}

/// The name at the start, and what follows it.
pub(in crate::read) fn split_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    let name = &text[..end];
    let whole = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    whole.then(|| (name, text[end..].trim_start_matches(is_space)))
}

/// `[a, b]` at the start, if there is one, and what follows it. `None`: it is malformed.
pub(in crate::read) fn split_extras(text: &str) -> Option<(Vec<String>, &str)> {
    let Some(inner) = text.strip_prefix('[') else { return Some((Vec::new(), text)) };
    let (inner, rest) = inner.split_once(']')?;
    let rest = rest.trim_start_matches(is_space);
    if trimmed(inner).is_empty() {
        return Some((Vec::new(), rest));
    }
    let extra = |text: &str| split_name(trimmed(text)).filter(|(_, rest)| rest.is_empty()).map(|(name, _)| name.to_owned());
    Some((inner.split(',').map(extra).collect::<Option<_>>()?, rest))
}

fn without_parentheses(text: &str) -> Option<&str> {
    match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')').map(trimmed),
        None => Some(text),
    }
}

/// Whether pip reads the text as version specifiers. What an environment variable will hold is not
/// known, so such a text passes; it never pins.
fn are_specifiers(text: &str) -> bool {
    let text = text.strip_suffix(',').map_or(text, trimmed);
    text.is_empty() || has_variable(text) || text.split(',').all(|clause| is_specifier(trimmed(clause)))
}

const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

/// `pep440_rs` knows neither `===` with any text behind it, nor numbers over 64 bits, nor the
/// versions from before PEP 440 that pip took until 24.1.
fn is_specifier(clause: &str) -> bool {
    let Some((operator, version)) = OPERATORS.iter().find_map(|op| Some((*op, trimmed(clause.strip_prefix(op)?)))) else { return false };
    if operator == "===" {
        return !version.is_empty() && !version.contains(|c| is_space(c) || matches!(c, ';' | ')'));
    }
    let old = || {
        version.starts_with(|c: char| c.is_ascii_alphanumeric())
            && version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '!'))
    };
    pep440_rs::VersionSpecifier::from_str(clause).is_ok() || operator != "~=" && old()
}

/// The one version that the specifiers allow: a single `==` or `===` without `*`, letter by letter.
pub(in crate::read) fn pin(specifiers: &str) -> Option<Version> {
    let clause = specifiers.strip_suffix(',').map_or(specifiers, trimmed);
    let version = clause.strip_prefix("===").or_else(|| clause.strip_prefix("=="))?;
    let one = !version.contains(['*', ',']) && !has_variable(version);
    one.then(|| Version::new(trimmed(version)).ok()).flatten()
}

/// Whether pip puts an environment variable's value in: `${NAME}`.
pub(super) fn has_variable(text: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    text.split("${").skip(1).any(|after| after.split_once('}').is_some_and(|(name, _)| is_name(name)))
}
