//! From the file's text to a valid policy.

use super::introduced::{Entrance, Introduced};
use super::sources::{DEFAULT, Listed, Sources};
use super::{Advisories, Approvals, Gaps, Policy, Setting, Wanted, conditions, facts, inherit, licences, makers, marks, paths, sanctions};
use crate::enrich::licence::Effect;
use crate::judge::form::{self, FormError, Part, unknown};
use crate::judge::rules::{self, Of, RULES, Rule, groups};
use crate::model::text::quoted;
use crate::model::{CONDITION, GapKind, Identity, Level, Rating, RelPath, SourceFile};
use crate::read::toml_file::Value;
use std::collections::{BTreeMap, BTreeSet};

const LEVELS: [(&str, Wanted); 4] = [
    ("error", Wanted::Level(Level::Error)),
    ("warning", Wanted::Level(Level::Warning)),
    ("note", Wanted::Level(Level::Note)),
    ("off", Wanted::Off),
];
const ENTRANCES: [(&str, Entrance); 3] =
    [("allow", Entrance::Allow), ("needs-approval", Entrance::NeedsApproval), ("deny", Entrance::Deny)];
const RATINGS: [(&str, Rating); 4] =
    [("low", Rating::Low), ("medium", Rating::Medium), ("high", Rating::High), ("critical", Rating::Critical)];
const SECTIONS: [&str; 13] = [
    "version",
    "rules",
    "path",
    "introduced",
    "advisories",
    "facts",
    "sources",
    "licences",
    "gaps",
    "condition",
    "ai",
    "approvals",
    "sbom",
];

/// Reads a policy. An error says the line; nothing of the file counts then.
pub fn policy(file: &SourceFile) -> Result<Policy, FormError> {
    of_file(file).map_err(|error| error.of(file))
}

fn of_file(file: &SourceFile) -> Result<Policy, FormError> {
    let parsed = form::parse(file)?;
    let root = Part::new(file.path(), parsed.root(), &SECTIONS)?;
    let ai = root.part("ai", &["sanctioned", "catalogue"])?;
    let marks = ai.as_ref().map(|ai| marks::read(file, ai)).transpose()?.flatten();
    let mut policy = Policy {
        rules: rules(&root)?,
        paths: paths::read(&root)?,
        introduced: introduced(&root)?,
        advisories: advisories(&root)?,
        facts: facts::read(&root)?,
        sources: sources(&root)?,
        licences: licences::read(&root)?,
        gaps: gaps(&root)?,
        conditions: conditions::read(&root)?,
        sanctioned: None,
        approvals: approvals(&root)?,
        makers: makers::read(&root)?,
        marks,
    };
    can_tell(&root, &policy)?;
    policy.sanctioned = ai.as_ref().map(|ai| sanctions::read(ai, policy.catalogue())).transpose()?.flatten();
    Ok(policy)
}

/// Groups first, so that a rule's own row counts.
pub(super) fn rules(root: &Part<'_, '_>) -> Result<BTreeMap<&'static str, Setting>, FormError> {
    let mut settings: BTreeMap<&'static str, Setting> = BTreeMap::new();
    let Some(table) = root.table.table("rules")? else { return Ok(settings) };
    let mut own = Vec::new();
    for (key, line, value) in table.pairs() {
        let found = setting(root, value)?;
        let of_group: Vec<&str> = RULES.iter().filter(|rule| rule.group == Some(key)).map(|rule| rule.code).collect();
        match rules::named(key) {
            _ if !of_group.is_empty() && found.needs_approval.is_some() => {
                return Err(root.error(line, "`needs-approval` is set of one rule, not of a group"));
            }
            _ if !of_group.is_empty() => settings.extend(of_group.into_iter().map(|code| (code, found))),
            Some(rule) => own.push((rule, line, found)),
            None => {
                let known: Vec<&str> = RULES.iter().map(|rule| rule.code).chain(groups()).collect();
                return Err(unknown(root.file, line, "rule and no group of rules", key, &known));
            }
        }
    }
    for (rule, line, found) in own {
        let setting = settings.entry(rule.code).or_default();
        *setting = Setting { level: found.level.or(setting.level), needs_approval: found.needs_approval, line: found.line };
        can_be(root, line, rule, *setting)?;
    }
    Ok(settings)
}

/// Consent needs a package and a rule that finds something, and malware is malware.
fn can_be(root: &Part<'_, '_>, line: u32, rule: &Rule, setting: Setting) -> Result<(), FormError> {
    let code = rule.code;
    let is_of_package = rule.of == Of::Package || code == "policy-changed";
    if setting.needs_approval == Some(true) && (!is_of_package || setting.level == Some(Wanted::Off)) {
        return Err(root.error(line, format!("nobody can consent to what {} finds: it is off, or of no one package", quoted(code))));
    }
    match setting.level {
        Some(level) if code == "malware" && level != Wanted::Level(Level::Error) => Err(root.error(line, "malware is always an error")),
        _ => Ok(()),
    }
}

/// What a section says is told by rules, which must not be silenced beside it.
fn can_tell(root: &Part<'_, '_>, policy: &Policy) -> Result<(), FormError> {
    let told = |section: &str, rule: &str, strictest: Entrance| {
        let Some(place) = root.table.get(section) else { return Ok(()) };
        let is_silenced = match policy.setting(rule).level {
            Some(Wanted::Off) => strictest > Entrance::Allow,
            Some(Wanted::Level(level)) => strictest == Entrance::Deny && level < Level::Warning,
            None => false,
        };
        let message = format!("this keeps packages out, and the rule `{rule}` is set so that it would not");
        if is_silenced { Err(root.error(place.line(), message).with_hint("take one of the two away")) } else { Ok(()) }
    };
    let ways = policy.introduced;
    let strictest = [ways.direct, ways.transitive, ways.ai, ways.automation].into_iter().max().unwrap_or(Entrance::Allow);
    told("introduced", "introduced-package", strictest)?;
    let denies = policy.conditions.iter().any(|condition| condition.level == Level::Error);
    let asks = policy.conditions.iter().any(|condition| condition.needs_approval);
    told(
        "condition",
        CONDITION,
        if denies {
            Entrance::Deny
        } else if asks {
            Entrance::NeedsApproval
        } else {
            Entrance::Allow
        },
    )?;
    let Some(licences) = &policy.licences else { return Ok(()) };
    let lists = &licences.lists;
    let entrance = |is_it: bool, entrance: Entrance| if is_it { entrance } else { Entrance::Allow };
    let unknown = match lists.unknown {
        Effect::Allow => Entrance::Allow,
        Effect::NeedsApproval => Entrance::NeedsApproval,
        Effect::Deny => Entrance::Deny,
    };
    told("licences", "licence-denied", entrance(!lists.deny.is_empty(), Entrance::Deny))?;
    told("licences", "licence-unreviewed", entrance(lists.allow.is_some() || !lists.needs_approval.is_empty(), Entrance::NeedsApproval))?;
    told("licences", "licence-unknown", unknown)
}

/// `"error"`, or `{ level = "error", needs-approval = true }`.
fn setting<'t, 'a>(root: &Part<'t, 'a>, value: Value<'t, 'a>) -> Result<Setting, FormError> {
    let Some(table) = value.as_table() else {
        let level = root.word(value, "level", &LEVELS)?;
        return Ok(Setting { level: Some(level), needs_approval: None, line: Some(value.line()) });
    };
    let part = Part { file: root.file, table };
    for (name, line, _) in table.pairs() {
        if !["level", "needs-approval"].contains(&name) {
            return Err(unknown(root.file, line, "known key here", name, &["level", "needs-approval"]));
        }
    }
    let level = table.get("level").map(|value| part.word(value, "level", &LEVELS)).transpose()?;
    let needs_approval = part.flag("needs-approval")?;
    Ok(Setting { level, needs_approval, line: Some(value.line()) })
}

fn introduced(root: &Part<'_, '_>) -> Result<Introduced, FormError> {
    let usual = Introduced::default();
    let Some(part) = root.part("introduced", &["direct", "transitive", "ai", "automation"])? else { return Ok(usual) };
    let entrance = |key, usual| match part.table.get(key) {
        None => Ok(usual),
        Some(value) => part.word(value, "way to treat packages", &ENTRANCES),
    };
    Ok(Introduced {
        direct: entrance("direct", usual.direct)?,
        transitive: entrance("transitive", usual.transitive)?,
        ai: entrance("ai", usual.ai)?,
        automation: entrance("automation", usual.automation)?,
    })
}

fn advisories(root: &Part<'_, '_>) -> Result<Advisories, FormError> {
    let usual = Advisories::default();
    let keys = ["deny", "only-introduced", "until-fixed", "max-age", "internal", "internal-registries", "vex"];
    let Some(part) = root.part("advisories", &keys)? else { return Ok(usual) };
    let deny = part.table.get("deny").map(|value| part.word(value, "rating", &RATINGS)).transpose()?;
    Ok(Advisories {
        deny: deny.unwrap_or(usual.deny),
        only_introduced: part.flag("only-introduced")?.unwrap_or(usual.only_introduced),
        until_fixed: part.flag("until-fixed")?.unwrap_or(usual.until_fixed),
        max_age: part.parsed("max-age")?.map(|(age, _)| age),
        internal: owned(part.texts("internal")?.unwrap_or_default()),
        internal_registries: places(&part, "internal-registries", false)?.unwrap_or_default(),
        vex: files(&part, "vex")?,
    })
}

/// Files of the repository, as seen from its top.
fn files<'t>(part: &Part<'t, '_>, key: &'t str) -> Result<Vec<(RelPath, u32)>, FormError> {
    let file = |(text, line): (&str, u32)| {
        let path = RelPath::new(text).ok().filter(|path| path.as_str() == text && !text.is_empty());
        let wrong = || part.error(line, format!("{} is no file's path in the repository", quoted(text)));
        path.map(|path| (path, line)).ok_or_else(|| wrong().with_hint("write it as seen from the top: `.sbomgate/vex/ant.json`"))
    };
    part.texts(key)?.unwrap_or_default().into_iter().map(file).collect()
}

fn sources(root: &Part<'_, '_>) -> Result<Sources, FormError> {
    let Some(part) = root.part("sources", &["registries", "git", "archives"])? else { return Ok(Sources::default()) };
    Ok(Sources {
        registries: places(&part, "registries", true)?,
        git: places(&part, "git", false)?,
        archives: places(&part, "archives", false)?,
    })
}

/// A list of hosts and addresses.
fn places<'t>(part: &Part<'t, '_>, key: &'t str, or_default: bool) -> Result<Option<Vec<Listed>>, FormError> {
    let texts = part.texts(key)?;
    for (text, line) in texts.iter().flatten() {
        // A bare word is more likely a mistake than a host; an address, or a port, says what it is.
        let is_host = text.contains(['.', ':']) || text.starts_with("localhost");
        if !(*text == DEFAULT && or_default) && (text.contains(['*', '@', '?', '#', ' ', '\\', '%']) || !is_host) {
            return Err(part
                .error(*line, format!("{} is no host or address", quoted(text)))
                .with_hint("write a host, `git.corp.example/team`, or an address, without patterns and credentials"));
        }
    }
    Ok(texts.map(|texts| texts.into_iter().map(|(text, line)| Listed { text: text.to_owned(), line }).collect()))
}

fn gaps(root: &Part<'_, '_>) -> Result<Gaps, FormError> {
    let Some(part) = root.part("gaps", &["acceptable", "blocking"])? else { return Ok(Gaps::default()) };
    let codes: Vec<&str> = GapKind::ALL.iter().map(|kind| kind.code()).collect();
    let kinds = |key| -> Result<BTreeSet<GapKind>, FormError> {
        let texts = part.texts(key)?.unwrap_or_default();
        let kind = |(text, line): (&str, u32)| {
            let kind = GapKind::ALL.into_iter().find(|kind| kind.code() == text);
            kind.ok_or_else(|| unknown(part.file, line, "kind of gap", text, &codes))
        };
        texts.into_iter().map(kind).collect()
    };
    let gaps = Gaps { acceptable: kinds("acceptable")?, blocking: kinds("blocking")? };
    match gaps.acceptable.intersection(&gaps.blocking).next() {
        Some(both) => Err(part.error(part.table.line(), format!("`{both}` is both acceptable and blocking"))),
        None => Ok(gaps),
    }
}

fn approvals(root: &Part<'_, '_>) -> Result<Approvals, FormError> {
    let usual = Approvals::default();
    let Some(part) = root.part("approvals", &["longest", "four-eyes", "approvers", "signed", "inherit"])? else { return Ok(usual) };
    let address = |(text, line): (&str, u32)| {
        let who = Identity::parse(text);
        let email = if who.email.is_empty() { who.name } else { who.email };
        let is_address = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        let wrong = || part.error(line, format!("{} has no mail address", quoted(text))).with_hint("write `Name <name@host>`, as git does");
        if is_address { Ok(email.to_lowercase()) } else { Err(wrong()) }
    };
    let approvers = part.texts("approvers")?.map(|texts| texts.into_iter().map(address).collect::<Result<_, _>>()).transpose()?;
    Ok(Approvals {
        longest: part.parsed("longest")?.map(|(age, _)| age),
        four_eyes: part.flag("four-eyes")?.unwrap_or(usual.four_eyes),
        approvers,
        signed: part.flag("signed")?.unwrap_or(usual.signed),
        inherit: inherit::read(&part)?,
    })
}

fn owned(texts: Vec<(&str, u32)>) -> Vec<String> {
    texts.into_iter().map(|(text, _)| text.to_owned()).collect()
}
