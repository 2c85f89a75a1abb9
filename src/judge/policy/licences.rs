//! What a policy says of licences: lists of identifiers and families, what single packages may be under beside them, and
//! what a package's licence is where what it states cannot be read.

use crate::enrich::licence::{self, Effect, Entry, Expression, Lists, Reading, Term};
use crate::judge::form::{FormError, Part, unknown};
use crate::judge::named::{self, Named};
use crate::model::range::Range;
use crate::model::text::quoted;
use crate::model::{Digest, Location, Package, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The section `[licences]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licences {
    pub lists: Lists,
    /// Whether a licence that is not known, and may come in, is told.
    pub tells_unknown: bool,
    pub exceptions: Vec<Exception>,
    pub clarifications: Vec<Clarification>,
}

/// A licence that one package may be under, whatever the lists say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub of: Named,
    /// `None` for any.
    pub versions: Option<Range>,
    pub terms: BTreeSet<Term>,
    pub reason: String,
    pub location: Location,
}

/// What the licence of one package is, by whoever looked at these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clarification {
    pub of: Named,
    pub versions: Clarified,
    /// Of all files of the package; never empty.
    pub digests: Vec<Digest>,
    pub reading: Arc<Reading>,
    pub location: Location,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clarified {
    Any,
    Range(Range),
    One(Version),
}

impl Exception {
    pub fn is_of(&self, package: &Package) -> bool {
        let holds = |range: &Range| package.version.as_ref().is_some_and(|version| range.holds(version) == Some(true));
        self.of.is(package) && self.versions.as_ref().is_none_or(holds)
    }
}

impl Clarification {
    /// Whether it is of this version; whether it is of these bytes the digests tell.
    pub fn is_of(&self, package: &Package) -> bool {
        let version = package.version.as_ref();
        self.of.is(package)
            && match &self.versions {
                Clarified::Any => true,
                Clarified::Range(range) => version.is_some_and(|version| range.holds(version) == Some(true)),
                Clarified::One(one) => version == Some(one),
            }
    }
}

const UNKNOWN: [(&str, (Effect, bool)); 4] = [
    ("allow", (Effect::Allow, false)),
    ("note", (Effect::Allow, true)),
    ("needs-approval", (Effect::NeedsApproval, true)),
    ("deny", (Effect::Deny, true)),
];

/// Entries of one list of the section at most: each package is held against those of its name.
const MOST_ENTRIES: usize = 2000;

/// Reads the section; `None` where there is none.
pub(super) fn read(root: &Part<'_, '_>) -> Result<Option<Licences>, FormError> {
    let Some(part) = root.part("licences", &["allow", "deny", "needs-approval", "unknown", "exception", "clarification"])? else {
        return Ok(None);
    };
    let word = part.table.get("unknown").map(|value| part.word(value, "way to treat licences that are not known", &UNKNOWN));
    let (unknown, tells_unknown) = word.transpose()?.unwrap_or((Effect::NeedsApproval, true));
    let lists = Lists {
        allow: list(&part, "allow")?,
        deny: list(&part, "deny")?.unwrap_or_default(),
        needs_approval: list(&part, "needs-approval")?.unwrap_or_default(),
        unknown,
    };
    let exceptions = rows(&part, "exception", &["package", "versions", "licence", "reason"], exception)?;
    let keys = ["package", "version", "versions", "digest", "licence", "reason"];
    let clarifications = rows(&part, "clarification", &keys, clarification)?;
    Ok(Some(Licences { lists, tells_unknown, exceptions, clarifications }))
}

fn rows<'t, T>(
    part: &Part<'t, '_>,
    key: &'t str,
    keys: &[&str],
    row: impl Fn(&Part<'_, '_>) -> Result<T, FormError>,
) -> Result<Vec<T>, FormError> {
    let parts = part.parts(key, keys)?;
    match parts.get(MOST_ENTRIES) {
        Some(first) => Err(first.error(first.table.line(), format!("there are more than {MOST_ENTRIES} of `{key}`"))),
        None => parts.iter().map(row).collect(),
    }
}

/// Each entry with its line.
fn list(part: &Part<'_, '_>, key: &'static str) -> Result<Option<BTreeMap<Entry, u32>>, FormError> {
    let Some(texts) = part.texts(key)? else { return Ok(None) };
    let mut entries = BTreeMap::new();
    for (text, line) in texts {
        let Some(entry) = Entry::parse(text) else { return Err(no_licence(part, text, line)) };
        // `GPL-2.0` and `GPL-2.0-only` are one.
        if entries.insert(entry, line).is_some() {
            return Err(part.error(line, format!("{} is there twice", quoted(text))));
        }
    }
    Ok(Some(entries))
}

fn no_licence(part: &Part<'_, '_>, text: &str, line: u32) -> FormError {
    let names: Vec<&str> = licence::names().collect();
    let error = unknown(part.file, line, "licence and no family", text, &names);
    if Expression::parse(text).is_some() {
        return error.with_hint("a list has one licence an entry: `AND` and `OR` stand in what packages state");
    }
    if error.hint.starts_with("did you mean") {
        return error;
    }
    error.with_hint(format!(
        "write an identifier of the SPDX License List (version {} is known), with its exception where it has one, LicenseRef-…, or a family: {}",
        licence::list_version(),
        licence::Family::ALL.map(licence::Family::as_str).join(", ")
    ))
}

fn exception(part: &Part<'_, '_>) -> Result<Exception, FormError> {
    let of = Named::read(part)?;
    let versions = match part.text("versions")? {
        None | Some(("*", _)) => None,
        Some((text, line)) => Some(named::range(part, of.ecosystem, text, line)?),
    };
    let terms = expression(part)?.0.terms().cloned().collect();
    let reason = part.required("reason")?.0.to_owned();
    Ok(Exception { of, versions, terms, reason, location: Location::new(part.file, part.table.line()) })
}

fn clarification(part: &Part<'_, '_>) -> Result<Clarification, FormError> {
    let of = Named::read(part)?;
    let versions = match (part.text("versions")?, part.text("version")?) {
        (Some((_, line)), Some(_)) => return Err(part.error(line, "a clarification has either `versions` or `version`")),
        (None, None) | (Some(("*", _)), None) => Clarified::Any,
        (Some((text, line)), None) => Clarified::Range(named::range(part, of.ecosystem, text, line)?),
        (None, Some((text, line))) => Clarified::One(Version::new(text).map_err(|error| part.error(line, error.to_string()))?),
    };
    let (_, text) = expression(part)?;
    let unread = || part.error(part.table.line(), "`licence` says nothing");
    let reading = Arc::new(Reading::of(text, of.ecosystem).ok_or_else(unread)?);
    part.text("reason")?;
    Ok(Clarification { versions, digests: digests(part)?, reading, of, location: Location::new(part.file, part.table.line()) })
}

/// What somebody writes here is written in full.
fn expression<'t>(part: &Part<'t, '_>) -> Result<(Expression, &'t str), FormError> {
    let (text, line) = part.required("licence")?;
    let read = Expression::parse(text).filter(|_| text.len() <= Reading::LONGEST);
    read.map(|read| (read, text)).ok_or_else(|| {
        let error = part.error(line, format!("{} is no SPDX expression", quoted(text)));
        error.with_hint("write identifiers of the SPDX License List, or LicenseRef-…, with AND, OR and WITH: MIT OR Apache-2.0")
    })
}

/// One, or a list with that of each file of the release.
fn digests(part: &Part<'_, '_>) -> Result<Vec<Digest>, FormError> {
    let one = part.table.get("digest").filter(|value| value.as_str().is_some());
    let texts = if one.is_some() { part.text("digest")?.into_iter().collect() } else { part.texts("digest")?.unwrap_or_default() };
    let mut digests = Vec::new();
    for (text, line) in texts {
        let digest = named::digest(part, text, line)?;
        if digest.algorithm().is_weak() {
            return Err(part.error(line, format!("{} is of an algorithm that does not withstand forgery", quoted(text))));
        }
        digests.push(digest);
    }
    let missing =
        || part.error(part.table.line(), "`digest` is missing here").with_hint("a clarification is of the bytes that somebody looked at");
    if digests.is_empty() { Err(missing()) } else { Ok(digests) }
}
