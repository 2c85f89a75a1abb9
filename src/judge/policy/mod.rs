//! By what is judged: `.sbomgate/policy.toml` as values. Without a file the default judges.
//!
//! A policy may make rules stricter and laxer, but what it sets is always said by name: there is no
//! pattern over rules, and a name that does not exist is an error.

mod conditions;
mod facts;
mod inherit;
mod introduced;
mod licences;
mod makers;
mod marks;
mod paths;
mod read;
mod sanctions;
mod sources;

pub use facts::Facts;
pub use inherit::Inherit;
pub use introduced::{Entrance, Introduced};
pub use licences::{Clarification, Exception, Licences};
pub use makers::{Makers, Organisation};
pub use paths::Paths;
pub use read::policy as read;
pub use sanctions::{Sanction, Sanctioned};
pub use sources::{Listed, Sources};

use super::condition::Condition;
use crate::enrich::attribution::Catalogue;
use crate::model::{Day, GapKind, Level, MaxAge, Rating, RelPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where the policy of a repository lies.
pub const FILE: &str = ".sbomgate/policy.toml";

/// What a policy says.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// By the rule's code.
    pub rules: BTreeMap<&'static str, Setting>,
    /// Other settings for some paths; a later row counts before an earlier one.
    pub paths: Vec<Paths>,
    pub introduced: Introduced,
    pub advisories: Advisories,
    pub facts: Facts,
    pub sources: Sources,
    /// `None` where nobody says anything of licences: then they are told, and deny nothing.
    pub licences: Option<Licences>,
    pub gaps: Gaps,
    pub conditions: Vec<Condition>,
    /// The AI tools that may be used; `None` where nobody made a list.
    pub sanctioned: Option<Vec<Sanctioned>>,
    /// The marks of AI tools and bots, where they are others than those that ship.
    pub marks: Option<Arc<Catalogue>>,
    pub approvals: Approvals,
    pub makers: Makers,
}

/// What a policy says of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    pub level: Option<Wanted>,
    /// Whether somebody has to consent to what it found.
    pub needs_approval: Option<bool>,
    /// The line of the policy that says so; `None` where none does.
    pub line: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Off,
    Level(Level),
}

/// What a policy says of advisories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advisories {
    /// From which rating on a vulnerability is an error.
    pub deny: Rating,
    /// Whether those that the base had already are left aside.
    pub only_introduced: bool,
    /// Whether an approval accepts an advisory only as long as no fixed version is known, whatever it says itself.
    pub until_fixed: bool,
    /// How old the store may be.
    pub max_age: Option<MaxAge>,
    /// Names that no server is told; a package of such a name from a registry of the house is nobody's namesake.
    pub internal: Vec<String>,
    /// Registries whose packages are nobody's namesakes.
    pub internal_registries: Vec<Listed>,
    /// VEX documents that are believed, as they are in the revision that judges; each with its line here.
    pub vex: Vec<(RelPath, u32)>,
}

impl Default for Advisories {
    fn default() -> Self {
        Advisories {
            deny: Rating::High,
            only_introduced: true,
            until_fixed: false,
            max_age: None,
            internal: Vec::new(),
            internal_registries: Vec::new(),
            vex: Vec::new(),
        }
    }
}

/// Gaps that are judged otherwise than by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// A verdict may stand on these.
    pub acceptable: BTreeSet<GapKind>,
    /// On these none can.
    pub blocking: BTreeSet<GapKind>,
}

/// What a policy says of approvals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// How long one may hold.
    pub longest: Option<MaxAge>,
    /// Whether who approves must be another than who brought the package in, for approvals too that were
    /// there before.
    pub four_eyes: bool,
    /// Addresses of those who may approve, in small letters; `None` for anybody.
    pub approvers: Option<BTreeSet<String>>,
    /// Whether who approves in a change has to sign the commit that says so, by a key of the base.
    pub signed: bool,
    /// What a transitive package inherits of the one that brings it; `None` for nothing.
    pub inherit: Option<Inherit>,
}

impl Default for Approvals {
    fn default() -> Self {
        Approvals { longest: None, four_eyes: true, approvers: None, signed: false, inherit: None }
    }
}

impl Policy {
    pub fn setting(&self, rule: &str) -> Setting {
        self.rules.get(rule).copied().unwrap_or_default()
    }

    /// What holds of a rule for what lies at a path.
    pub fn setting_at(&self, rule: &str, path: Option<&RelPath>) -> Setting {
        let own = path.and_then(|path| self.paths.iter().rev().find_map(|row| row.setting(rule, path)));
        own.unwrap_or_else(|| self.setting(rule))
    }

    /// Whether a rule is off, wherever it looks.
    pub fn is_off(&self, rule: &str) -> bool {
        self.setting(rule).level == Some(Wanted::Off) && self.paths.iter().all(|row| row.is_silent(rule))
    }

    /// The marks by which AI tools and bots are known.
    pub fn catalogue(&self) -> &Catalogue {
        match &self.marks {
            Some(own) => own,
            None => Catalogue::shipped(),
        }
    }

    /// Whether a tool may be used; `None` where nobody made a list.
    pub fn sanction(&self, tool: &str, day: Day) -> Option<Sanction<'_>> {
        self.sanctioned.as_ref().map(|rows| sanctions::of(rows, tool, day))
    }
}

impl Setting {
    /// Whether somebody may be asked for consent.
    pub fn lets_ask(&self) -> bool {
        self.level != Some(Wanted::Off) && self.needs_approval != Some(false)
    }

    /// The level of a finding; `None` where the rule is off. What a rule itself takes for less serious than
    /// it usually is stays so, and what it takes for more serious is lowered only by a level below the usual one.
    pub fn level(&self, usual: Level, own: Option<Level>) -> Option<Level> {
        let own = own.unwrap_or(usual);
        match self.level {
            None => Some(own),
            Some(Wanted::Off) => None,
            Some(Wanted::Level(set)) if own > usual && set >= usual => Some(set.max(own)),
            Some(Wanted::Level(set)) if own >= usual => Some(set),
            Some(Wanted::Level(set)) => Some(set.min(own)),
        }
    }
}

impl Gaps {
    /// Whether no verdict can stand on a gap; `by_default` is what holds without a policy.
    pub fn is_blocking(&self, kind: GapKind, by_default: bool) -> bool {
        self.blocking.contains(&kind) || by_default && !self.acceptable.contains(&kind)
    }
}
