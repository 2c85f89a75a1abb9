//! Rules that are judged otherwise in a part of a repository: `[[path]]`.

use super::read::rules as of_rules;
use super::{Setting, Wanted};
use crate::judge::form::{FormError, Part};
use crate::judge::pattern::Patterns;
use crate::judge::rules::{self, Of};
use crate::model::RelPath;
use crate::model::text::quoted;
use std::collections::BTreeMap;

/// One row.
#[derive(Clone, Debug)]
pub struct Paths {
    patterns: Patterns,
    rules: BTreeMap<&'static str, Setting>,
}

impl Paths {
    /// What the row says of a rule for a path; nothing where it is of other paths or rules.
    pub fn setting(&self, rule: &str, path: &RelPath) -> Option<Setting> {
        let setting = self.rules.get(rule)?;
        (!self.patterns.fitting(path.as_str()).is_empty()).then_some(*setting)
    }

    /// Whether the row does not switch a rule on.
    pub fn is_silent(&self, rule: &str) -> bool {
        self.rules.get(rule).is_none_or(|setting| setting.level == Some(Wanted::Off))
    }
}

pub fn read(root: &Part<'_, '_>) -> Result<Vec<Paths>, FormError> {
    root.parts("path", &["paths", "rules"])?.iter().map(row).collect()
}

fn row(part: &Part<'_, '_>) -> Result<Paths, FormError> {
    let texts = part.texts("paths")?.filter(|texts| !texts.is_empty());
    let texts = texts.ok_or_else(|| {
        part.error(part.table.line(), "`paths` is missing here").with_hint("say which: `paths = [\"/services/\"]`, as in a CODEOWNERS")
    })?;
    let wrong = |at: usize| {
        let (text, line) = texts.get(at).copied().unwrap_or(("", part.table.line()));
        part.error(line, format!("{} is no pattern for paths", quoted(text))).with_hint("write it as in a CODEOWNERS: `/web/`, `*.lock`")
    };
    let patterns = Patterns::new(texts.iter().map(|(text, _)| *text)).map_err(wrong)?;
    let settings = of_rules(part)?;
    // One finding of these is of several paths, or of something that no path can excuse.
    let is_whole = |code: &&&str| rules::named(code).is_none_or(|rule| rule.group.is_none() || rule.of == Of::Change);
    match settings.keys().find(is_whole) {
        Some(rule) => Err(part.error(part.table.line(), format!("{} is the same everywhere", quoted(rule)))),
        None if settings.is_empty() => Err(part.error(part.table.line(), "the row sets no rule").with_hint("add `[path.rules]` to it")),
        None => Ok(Paths { patterns, rules: settings }),
    }
}
