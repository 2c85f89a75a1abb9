//! Within which limits a new transitive package inherits the approval of the direct one that brings it:
//! `[approvals.inherit]`. Without the table nothing is inherited.

use crate::judge::approval::NEVER;
use crate::judge::form::{FormError, Part, unknown};
use crate::judge::rules::RULES;
use crate::model::Scope;
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inherit {
    /// Of packages of these scopes; `None` for all. An unknown scope is none of a list.
    pub scopes: Option<BTreeSet<Scope>>,
    /// Steps from the direct package, at most; what it requires itself is one step away.
    pub depth: u32,
    /// What a direct package brings in all, at most: the approval of one that brings more carries nothing.
    pub packages: u32,
    /// Rules whose warnings do not stop it.
    pub despite: BTreeSet<&'static str>,
}

impl Default for Inherit {
    fn default() -> Self {
        Inherit { scopes: None, depth: 5, packages: 50, despite: BTreeSet::new() }
    }
}

pub(super) fn read(approvals: &Part<'_, '_>) -> Result<Option<Inherit>, FormError> {
    let Some(part) = approvals.part("inherit", &["scopes", "depth", "packages", "despite"])? else { return Ok(None) };
    let usual = Inherit::default();
    Ok(Some(Inherit {
        scopes: scopes(&part)?,
        depth: limit(&part, "depth", MOST_STEPS)?.unwrap_or(usual.depth),
        packages: limit(&part, "packages", u32::MAX)?.unwrap_or(usual.packages),
        despite: despite(&part)?,
    }))
}

/// Every package tells its whole road.
const MOST_STEPS: u32 = 100;

fn limit<'t>(part: &Part<'t, '_>, key: &'t str, most: u32) -> Result<Option<u32>, FormError> {
    let line = part.table.get(key).map_or(part.table.line(), |value| value.line());
    match part.number::<u32>(key)? {
        Some(number) if number > most => Err(part.error(line, format!("`{key}` is {number}; {most} is the most"))),
        Some(0) => {
            let error = part.error(line, format!("`{key}` is 0, and nothing would be inherited"));
            Err(error.with_hint("take [approvals.inherit] out: without it nothing is inherited"))
        }
        number => Ok(number),
    }
}

fn scopes(part: &Part<'_, '_>) -> Result<Option<BTreeSet<Scope>>, FormError> {
    let words = Scope::STRONGEST_FIRST.map(Scope::as_str);
    let Some(texts) = part.texts("scopes")? else { return Ok(None) };
    let scope = |(text, line): (&str, u32)| {
        let scope = Scope::STRONGEST_FIRST.into_iter().find(|scope| scope.as_str() == text);
        scope.ok_or_else(|| unknown(part.file, line, "scope", text, &words))
    };
    texts.into_iter().map(scope).collect::<Result<_, _>>().map(Some)
}

fn despite(part: &Part<'_, '_>) -> Result<BTreeSet<&'static str>, FormError> {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    let code = |(text, line): (&str, u32)| {
        if NEVER.contains(&text) {
            return Err(part.error(line, format!("nobody can consent to `{text}`")).with_hint("take the package out"));
        }
        let rule = RULES.iter().find(|rule| rule.code == text);
        rule.map(|rule| rule.code).ok_or_else(|| unknown(part.file, line, "rule", text, &codes))
    };
    part.texts("despite")?.unwrap_or_default().into_iter().map(code).collect()
}
