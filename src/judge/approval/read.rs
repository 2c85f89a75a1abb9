//! From the file's text to valid entries.

use super::{Accepted, Entry, Versions};
use crate::judge::condition;
use crate::judge::form::{self, FormError, Part, unknown};
use crate::judge::named::{self, Named};
use crate::judge::rules::RULES;
use crate::model::text::quoted;
use crate::model::{AdvisoryId, CONDITION, Ecosystem, Identity, Location, PackageName, STATED, Scope, SourceFile, Version};
use crate::read::toml_file::Value;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::collections::{BTreeMap, BTreeSet};

/// What an entry can say.
pub const KEYS: [&str; 14] = [
    "package",
    "versions",
    "version",
    "digest",
    "lockfiles",
    "scope",
    "owner",
    "approved-by",
    "on",
    "expires",
    "reason",
    "reviewed",
    "findings",
    "until-fixed",
];
/// Entries of one file at most.
const MOST_ENTRIES: usize = 20_000;
/// Entries of one package at most: each is held against each of its versions.
const MOST_OF_NAME: usize = 500;
/// Nobody can consent to these.
pub const NEVER: [&str; 1] = ["malware"];
/// Whether an id is of the malware records of OSV.
pub fn is_malware(id: &str) -> bool {
    id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("MAL-"))
}

/// Rules of which an entry accepts one thing, by its id.
pub const BY_ID: [&str; 2] = [CONDITION, STATED];
/// Rules that find other bytes than were meant: who consents names the bytes.
pub const OF_BYTES: [&str; 3] = ["digest-changed", "conflicting-digests", "address-mismatch"];
/// Rules that speak of advisories: an entry names the advisory, since the next one may be worse.
pub const OF_ADVISORIES: [&str; 3] = ["advisory", "unmaintained", "informational-advisory"];

/// Reads the approvals, in the order of the file. An error says the line; nothing of the file counts then.
pub fn approvals(file: &SourceFile) -> Result<Vec<Entry>, FormError> {
    of_file(file).map_err(|error| error.of(file))
}

fn of_file(file: &SourceFile) -> Result<Vec<Entry>, FormError> {
    let parsed = form::parse(file)?;
    let root = Part::new(file.path(), parsed.root(), &["version", "approval"])?;
    let parts = root.parts("approval", &KEYS)?;
    if parts.len() > MOST_ENTRIES {
        return Err(root.error(1, format!("there are more than {MOST_ENTRIES} approvals")).with_hint("prune those that expired"));
    }
    let entries: Vec<Entry> = parts.iter().map(entry).collect::<Result<_, _>>()?;
    let mut of_name: BTreeMap<(Ecosystem, &PackageName), usize> = BTreeMap::new();
    for entry in &entries {
        let number = of_name.entry((entry.ecosystem, &entry.name)).or_default();
        *number += 1;
        if *number > MOST_OF_NAME {
            let message = format!("there are more than {MOST_OF_NAME} approvals of {}", quoted(entry.name.as_str()));
            return Err(root.error(entry.location.line, message).with_hint("write one with a range of versions"));
        }
    }
    let mut seen = BTreeSet::new();
    match entries.iter().find(|entry| !seen.insert(entry.text.as_str())) {
        Some(twice) => {
            let error = FormError::at(file.path(), twice.location.line, "this approval is there twice");
            Err(error.with_hint("take one of the two away"))
        }
        None => Ok(entries),
    }
}

fn entry(part: &Part<'_, '_>) -> Result<Entry, FormError> {
    let Named { ecosystem, name, source } = Named::read(part)?;
    let ((on, _), (expires, line)) = (required_day(part, "on")?, required_day(part, "expires")?);
    if expires < on {
        return Err(part.error(line, "it expires before it was given"));
    }
    let (versions, findings) = (versions(part, ecosystem)?, findings(part)?);
    if !matches!(versions, Versions::One(_, Some(_)))
        && let Some(code) = OF_BYTES.iter().find(|code| findings.contains(&Accepted::Rule(code)))
    {
        let error = part.error(part.table.line(), format!("{} is accepted of one version with its digest alone", quoted(code)));
        return Err(error.with_hint("write `version` and `digest` in place of `versions`"));
    }
    let until_fixed = until_fixed(part, &findings)?;
    Ok(Entry {
        until_fixed,
        location: Location::new(part.file, part.table.line()),
        text: text(part),
        versions,
        ecosystem,
        name,
        source,
        lockfiles: lockfiles(part)?,
        scope: scope(part)?,
        owner: part.text("owner")?.map(|(owner, _)| owner.to_owned()),
        approved_by: approved_by(part)?,
        on,
        expires,
        reason: part.required("reason")?.0.to_owned(),
        reviewed: part.texts("reviewed")?.unwrap_or_default().into_iter().map(|(text, _)| text.to_owned()).collect(),
        findings,
    })
}

/// Everything that the entry says, whatever the order and the quotes.
fn text(part: &Part<'_, '_>) -> String {
    let pairs = part.table.pairs().map(|(key, _, value)| format!("{key} = {}", written(&value)));
    pairs.collect::<Vec<_>>().join("\n")
}

fn written(value: &Value<'_, '_>) -> String {
    let of_list = || value.array().ok().map(|items| items.iter().map(written).collect::<Vec<_>>().join(", "));
    let text = value.as_str().or_else(|| value.as_time()).map(|text| format!("{text:?}"));
    let text = text.or_else(|| value.scalar().map(std::borrow::Cow::into_owned));
    text.or_else(|| of_list().map(|items| format!("[{items}]"))).unwrap_or_default()
}

fn versions(part: &Part<'_, '_>, ecosystem: Ecosystem) -> Result<Versions, FormError> {
    let digest = part.text("digest")?;
    match (part.text("versions")?, part.text("version")?) {
        (Some(_), _) if digest.is_some() => {
            Err(part.error(digest.map_or(1, |(_, line)| line), "a digest is of one version: write `version`, not `versions`"))
        }
        (Some(("*", _)), None) => Ok(Versions::Any),
        (Some((text, line)), None) => Ok(Versions::Range(named::range(part, ecosystem, text, line)?)),
        (None, Some((version, line))) => {
            let version = Version::new(version).map_err(|error| part.error(line, error.to_string()))?;
            let digest = digest.map(|(text, line)| named::digest(part, text, line)).transpose()?;
            Ok(Versions::One(version, digest))
        }
        _ => Err(part
            .error(part.table.line(), "an approval has either `versions` or `version`")
            .with_hint("versions = \"^1.2\", or version = \"1.2.3\"")),
    }
}

fn lockfiles(part: &Part<'_, '_>) -> Result<Option<GlobSet>, FormError> {
    let Some(texts) = part.texts("lockfiles")? else { return Ok(None) };
    let mut builder = GlobSetBuilder::new();
    for (text, line) in texts {
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        builder.add(glob.map_err(|error| part.error(line, format!("{} is no glob: {}", quoted(text), error.kind())))?);
    }
    builder.build().map(Some).map_err(|error| part.error(part.table.line(), format!("`lockfiles`: {error}")))
}

fn scope(part: &Part<'_, '_>) -> Result<Option<Scope>, FormError> {
    let words = Scope::STRONGEST_FIRST.map(|scope| (scope.as_str(), scope));
    part.table.get("scope").map(|value| part.word(value, "scope", &words)).transpose()
}

/// A name alone is nobody that a commit could be held against.
fn approved_by(part: &Part<'_, '_>) -> Result<Identity, FormError> {
    let (text, line) = part.required("approved-by")?;
    let who = Identity::parse(text);
    let is_address = who.email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let wrong = || part.error(line, format!("{} is nobody with a name and a mail address", quoted(text)));
    if is_address && !who.name.is_empty() { Ok(who) } else { Err(wrong().with_hint("write `Name <name@host>`, as git does")) }
}

fn required_day<'t>(part: &Part<'t, '_>, key: &'t str) -> Result<(crate::model::Day, u32), FormError> {
    part.day(key)?.ok_or_else(|| part.error(part.table.line(), format!("`{key}` is missing here")))
}

/// Without an advisory there is nothing that could be fixed.
fn until_fixed(part: &Part<'_, '_>, findings: &BTreeSet<Accepted>) -> Result<bool, FormError> {
    let flag = part.flag("until-fixed")?.unwrap_or_default();
    if flag && !findings.iter().any(|accepted| matches!(accepted, Accepted::Advisory(_))) {
        let error =
            part.error(part.table.get("until-fixed").map_or(part.table.line(), |value| value.line()), "`until-fixed` is of advisories");
        return Err(error.with_hint("name one in `findings`, or take `until-fixed` out"));
    }
    Ok(flag)
}

fn findings(part: &Part<'_, '_>) -> Result<BTreeSet<Accepted>, FormError> {
    let mut accepted = BTreeSet::new();
    for (text, line) in part.texts("findings")?.unwrap_or_default() {
        if NEVER.contains(&text) {
            return Err(part.error(line, format!("nobody can consent to {}", quoted(text))).with_hint("take the package out"));
        }
        if BY_ID.contains(&text) {
            return Err(part
                .error(line, format!("{} would accept everything of it to come", quoted(text)))
                .with_hint(format!("name one by its id: `{text}:ID`")));
        }
        if OF_ADVISORIES.contains(&text) {
            return Err(part
                .error(line, format!("{} would accept every advisory to come", quoted(text)))
                .with_hint("name the advisory by its id"));
        }
        let rule = RULES.iter().find(|rule| rule.code == text).map(|rule| Accepted::Rule(rule.code));
        // The codes of rules are in small letters.
        let is_id = text.bytes().any(|b| b.is_ascii_uppercase());
        let is_one = text.split_once(':').is_some_and(|(rule, _)| BY_ID.contains(&rule));
        let advisory = || AdvisoryId::new(text).ok().filter(|_| is_id && !is_one).map(Accepted::Advisory);
        let one = || {
            let (rule, id) = text.split_once(':')?;
            // Nobody can consent to malware, whoever states it.
            let is_id = if rule == CONDITION { condition::is_id(id) } else { !id.is_empty() && !is_malware(id) };
            (BY_ID.contains(&rule) && is_id).then(|| Accepted::One(text.to_owned()))
        };
        let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        accepted.insert(
            rule.or_else(advisory).or_else(one).ok_or_else(|| unknown(part.file, line, "rule and no advisory's id", text, &codes))?,
        );
    }
    Ok(accepted)
}
