//! Poetry's version constraints: `^1.2`, `~1.2`, `1.*`, `>=1,<2 || >3`, and what PEP 440 has
//! (poetry-core, `constraints/version/parser.py`).
//!
//! What is not sure is not judged: a wrong "does not allow" would be a false alarm.

use crate::model::Version as Locked;
use pep440_rs::Version;
use std::str::FromStr;

/// Alternatives, of which each is clauses that all have to hold.
pub(super) struct Constraint {
    alternatives: Vec<Vec<Clause>>,
}

enum Clause {
    Any,
    Range {
        least: Option<(Version, bool)>,
        most: Option<(Version, bool)>,
    },
    Exactly(Version),
    Not(Version),
    /// Outside of a wildcard's range: from the first version up to the second.
    NotWithin(Version, Version),
}

/// More parts than anyone writes; a longer text is not judged.
const LONGEST: usize = 4096;

impl Constraint {
    /// `None`: the text is not one that is understood.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        // Poetry takes one `|` for two.
        let alternatives = text.trim().split('|').filter(|part| !part.is_empty()).map(clauses).collect::<Option<Vec<_>>>()?;
        (!alternatives.is_empty()).then_some(Constraint { alternatives })
    }

    /// Whether the version is allowed; `None` where that cannot be judged.
    pub fn allows(&self, version: &Locked) -> Option<bool> {
        let version = Version::from_str(version.as_str()).ok()?;
        let mut unsure = false;
        for clauses in &self.alternatives {
            match all(clauses, &version) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => unsure = true,
            }
        }
        (!unsure).then_some(false)
    }
}

fn all(clauses: &[Clause], version: &Version) -> Option<bool> {
    let mut unsure = false;
    for clause in clauses {
        match clause.allows(version) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => unsure = true,
        }
    }
    (!unsure).then_some(true)
}

impl Clause {
    fn allows(&self, version: &Version) -> Option<bool> {
        match self {
            Clause::Any => Some(true),
            Clause::Exactly(wanted) => Some(plain_for(wanted, version) == *wanted),
            Clause::Not(other) if is_near(other, version) => (plain_for(other, version) == *other).then_some(false),
            Clause::Not(_) => Some(true),
            Clause::NotWithin(from, to) => Some(*version < *from || *version >= *to),
            Clause::Range { least, most } => Some(is_above(least.as_ref(), version) && is_below(most.as_ref(), version)),
        }
    }
}

/// A local version (`1.0+cu118`) counts as the public one for a bound without a local part.
fn plain_for(bound: &Version, version: &Version) -> Version {
    if bound.local().is_empty() { version.clone().without_local() } else { version.clone() }
}

/// Releases of the same number, on whose pre- and post-releases the versions of Poetry differ.
fn is_near(a: &Version, b: &Version) -> bool {
    a.clone().only_release() == b.clone().only_release()
}

fn is_above(least: Option<&(Version, bool)>, version: &Version) -> bool {
    let Some((bound, inclusive)) = least else { return true };
    let mut version = plain_for(bound, version);
    // `>2` does not allow 2.post1 (PEP 440, exclusive ordered comparison).
    if !inclusive && bound.post().is_none() && version.post().is_some() {
        version = Version::new(version.release()).with_epoch(version.epoch()).with_pre(version.pre());
    }
    if *inclusive { version >= *bound } else { version > *bound }
}

fn is_below(most: Option<&(Version, bool)>, version: &Version) -> bool {
    let Some((bound, inclusive)) = most else { return true };
    let version = plain_for(bound, version);
    match inclusive {
        true => version <= *bound,
        // `<2` does not allow 2.0rc1.
        false if !bound.any_prerelease() => version < bound.clone().with_dev(Some(0)),
        false => version < *bound,
    }
}

/// Clauses stand behind commas or spaces; an operator may have spaces behind it.
fn clauses(text: &str) -> Option<Vec<Clause>> {
    let is_gap = |c: char| c == ',' || c.is_ascii_whitespace();
    let mut rest = text.trim_matches(is_gap);
    let mut clauses = Vec::new();
    while !rest.is_empty() {
        let operator_end = rest.find(|c| !matches!(c, '^' | '~' | '=' | '<' | '>' | '!')).unwrap_or(rest.len());
        let (operator, after) = rest.split_at(operator_end);
        let after = after.trim_start();
        let end = after.find(is_gap).unwrap_or(after.len());
        clauses.push(clause(operator, &after[..end])?);
        rest = after[end..].trim_start_matches(is_gap);
    }
    (!clauses.is_empty()).then_some(clauses)
}

fn clause(operator: &str, text: &str) -> Option<Clause> {
    if let Some(stem) = wildcard(text) {
        return matches!(operator, "" | "==" | "!=").then(|| within(operator, stem)).flatten();
    }
    let version = Version::from_str(text).ok()?;
    let range = |least, most| Some(Clause::Range { least, most });
    match operator {
        "" | "=" | "==" => Some(Clause::Exactly(version)),
        "!=" | "<>" => Some(Clause::Not(version)),
        "<" => range(None, Some((version, false))),
        "<=" => range(None, Some((version, true))),
        ">" => range(Some((version, false)), None),
        ">=" => range(Some((version, true)), None),
        "^" | "~" | "~=" => {
            let most = raised(&version, place(operator, version.release())?)?;
            range(Some((version, true)), Some((most, false)))
        }
        _ => None,
    }
}

/// Which number of the release the bound above is raised at.
fn place(operator: &str, release: &[u64]) -> Option<usize> {
    match operator {
        "^" => Some(release.iter().take(3).position(|&number| number > 0).unwrap_or(release.len().min(3) - 1)),
        "~" => Some(usize::from(release.len() > 1)),
        // The versions of Poetry differ on `~=1.2.3.4`.
        _ if release.len() == 2 || release.len() == 3 => Some(release.len() - 2),
        _ => None,
    }
}

/// The release with the number at `place` one higher and nothing behind it.
fn raised(version: &Version, place: usize) -> Option<Version> {
    let mut release: Vec<u64> = version.release().iter().take(place + 1).copied().collect();
    let last = release.last_mut()?;
    *last = last.checked_add(1)?;
    Some(Version::new(release).with_epoch(version.epoch()))
}

/// What stands before the `.*` of `1.2.*`, `1.x` or `1.*.*`; empty for `*` alone.
fn wildcard(text: &str) -> Option<&str> {
    let stem = text.trim_end_matches(['*', 'x', 'X', '.']);
    let rest = &text[stem.len()..];
    let is_wild = rest.split('.').all(|part| part.is_empty() || matches!(part, "*" | "x" | "X")) && rest.contains(['*', 'x', 'X']);
    is_wild.then_some(stem)
}

fn within(operator: &str, stem: &str) -> Option<Clause> {
    if stem.trim_start_matches('v').is_empty() {
        return (operator != "!=").then_some(Clause::Any);
    }
    let from = Version::from_str(stem).ok().filter(|version| version.is_stable() && !version.is_post())?;
    let to = raised(&from, from.release().len() - 1)?.with_dev(Some(0));
    let from = from.with_dev(Some(0));
    if operator == "!=" {
        return Some(Clause::NotWithin(from, to));
    }
    Some(Clause::Range { least: Some((from, true)), most: Some((to, false)) })
}
