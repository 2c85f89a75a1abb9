//! Which AI tools left marks in a repository: in its history and among its files. Every number is a lower
//! bound, since a tool that leaves no mark is not seen.

mod commands;
mod silence;

pub use commands::{Named, named};
pub use silence::{Silence, told};

use super::{Attribution, Catalogue, Category, Evidence, OwnFile, Role};
use crate::enrich::Fact;
use crate::model::text::shortened;
use crate::model::{CommitId, CommitRecord, Ecosystem, PackageName, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// A line of a file that says something of agents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    pub file: RelPath,
    /// From 1.
    pub line: u32,
    /// What stands there, cut; it comes from outside.
    pub text: String,
}

/// Characters of a line that are kept.
const MOST_TEXT: usize = 200;

impl Told {
    /// `at` counts lines from 0.
    fn at(file: &RelPath, at: usize, text: &str) -> Told {
        let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        Told { file: file.clone(), line, text: shortened(text.trim(), MOST_TEXT).into_owned() }
    }
}

/// A commit of the history.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub commit: &'a CommitRecord,
    pub attribution: &'a Attribution,
    /// Whether it changes a lockfile; asked of commits with a tool alone.
    pub lockfile: Option<&'a Fact<bool>>,
}

/// What a tool left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolSeen {
    /// `None` for what is declared or indicated without the name of a tool.
    pub tool: Option<String>,
    /// Commits that declare its use, and those where something only indicates it.
    pub declared: usize,
    pub indicated: usize,
    /// Commits that it reviewed; it wrote nothing of them.
    pub reviewed: usize,
    /// How many of those that declare or indicate it change a lockfile.
    pub lockfile_changes: usize,
    /// By the committer's time.
    pub first: Option<Sighting>,
    pub last: Option<Sighting>,
    pub models: BTreeSet<String>,
    pub files: BTreeSet<RelPath>,
}

/// A commit, and when it was made: seconds first, so that the earliest is the least.
pub type Sighting = (crate::model::Moment, CommitId);

/// Everything that is known of the tools of a repository.
#[derive(Debug, Default)]
pub struct Inventory {
    /// By tool; what names none comes first.
    pub tools: Vec<ToolSeen>,
    /// Files that any agent reads.
    pub files: BTreeSet<RelPath>,
    /// How many commits were looked at.
    pub commits: usize,
    /// Of how many it is not known whether the use of AI was declared, with the first of the reasons.
    pub unknown: Option<(usize, String)>,
    /// Lines that tell agents not to declare themselves.
    pub silenced: BTreeSet<Told>,
    /// Packages that instructions tell agents to install and that no lockfile holds.
    pub unlocked: BTreeSet<Named>,
    /// What was not looked at.
    pub limits: BTreeSet<String>,
}

impl Inventory {
    /// Counts the commits of a history.
    pub fn of_history<'a>(history: impl Iterator<Item = Seen<'a>>) -> Inventory {
        let mut inventory = Inventory::default();
        let mut tools: BTreeMap<Option<String>, ToolSeen> = BTreeMap::new();
        for seen in history {
            inventory.commits += 1;
            inventory.limits.extend(seen.attribution.limits.iter().cloned());
            if let Fact::Unknown(reason) = &seen.attribution.category {
                inventory.unknown.get_or_insert_with(|| (0, reason.clone())).0 += 1;
            }
            if let Some(Fact::Unknown(reason)) = seen.lockfile {
                inventory.limits.insert(reason.clone());
            }
            for tool in tools_of(seen.attribution) {
                let row = tools.entry(tool.clone()).or_insert_with(|| ToolSeen { tool, ..ToolSeen::default() });
                row.count(&seen);
            }
        }
        inventory.tools = tools.into_values().collect();
        inventory
    }

    /// Adds that the history has commits which cannot be read: at least one is not known.
    pub fn add_unread(&mut self, reason: String) {
        self.limits.insert(reason.clone());
        self.unknown.get_or_insert((1, reason));
    }

    /// Adds a file that belongs to a tool, with what its text says. `locked` are the packages of the lockfiles.
    pub fn add_file(&mut self, path: &RelPath, row: &OwnFile, text: Option<&str>, locked: &Locked, catalogue: &Catalogue) {
        match &row.tool {
            None => drop(self.files.insert(path.clone())),
            Some(tool) => drop(self.row(tool).files.insert(path.clone())),
        }
        let Some(text) = text else { return };
        self.silenced.extend(told(path, text, &catalogue.silence));
        let (named, unread) = named(path, text);
        self.unlocked.extend(named.into_iter().filter(|named| !locked.holds(named.ecosystem, &named.name)));
        self.limits.extend(unread.map(|what| format!("{path}: {what} were not looked at")));
    }

    fn row(&mut self, tool: &str) -> &mut ToolSeen {
        let at = self.tools.partition_point(|row| row.tool.as_deref() < Some(tool));
        if self.tools.get(at).and_then(|row| row.tool.as_deref()) != Some(tool) {
            self.tools.insert(at, ToolSeen { tool: Some(tool.to_owned()), ..ToolSeen::default() });
        }
        &mut self.tools[at]
    }
}

/// The packages that lockfiles hold, by name.
#[derive(Debug, Default)]
pub struct Locked(BTreeSet<(Ecosystem, String)>);

impl Locked {
    pub fn add(&mut self, ecosystem: Ecosystem, name: &PackageName) {
        self.0.insert((ecosystem, Locked::key(ecosystem, name)));
    }

    fn holds(&self, ecosystem: Ecosystem, name: &PackageName) -> bool {
        self.0.contains(&(ecosystem, Locked::key(ecosystem, name)))
    }

    /// `cargo add serde-json` finds `serde_json`.
    fn key(ecosystem: Ecosystem, name: &PackageName) -> String {
        if ecosystem == Ecosystem::Cargo { name.as_str().replace('_', "-") } else { name.as_str().to_owned() }
    }
}

/// The tools of a commit: those that decide its attribution, and those that reviewed it.
fn tools_of(attribution: &Attribution) -> BTreeSet<Option<String>> {
    let is_ai = matches!(attribution.category, Fact::Known(Category::AiDeclared | Category::AiIndicated));
    let mut tools: BTreeSet<Option<String>> = attribution.tools.iter().cloned().map(Some).collect();
    if is_ai && tools.is_empty() {
        tools.insert(None);
    }
    tools.extend(reviews(attribution).map(|found| found.tool.clone()).filter(Option::is_some));
    tools
}

fn reviews(attribution: &Attribution) -> impl Iterator<Item = &Evidence> {
    attribution.evidence.iter().filter(|found| found.role == Role::Reviewer)
}

impl ToolSeen {
    fn count(&mut self, seen: &Seen<'_>) {
        let wrote = self.tool.as_ref().is_none_or(|tool| seen.attribution.tools.contains(tool));
        match seen.attribution.category {
            Fact::Known(Category::AiDeclared) if wrote => self.declared += 1,
            Fact::Known(Category::AiIndicated) if wrote => self.indicated += 1,
            _ => self.reviewed += 1,
        }
        self.lockfile_changes += usize::from(wrote && seen.lockfile.and_then(Fact::known).copied().unwrap_or(false));
        let of_tool = seen.attribution.evidence.iter().filter(|found| found.counts() && found.tool == self.tool);
        self.models.extend(of_tool.filter_map(|found| found.model.clone()));
        let sighting = (seen.commit.committed, seen.commit.id.clone());
        // A time that cannot be read is no first time.
        if sighting.0.seconds != i64::MIN {
            self.first = self.first.take().into_iter().chain([sighting.clone()]).min();
            self.last = self.last.take().into_iter().chain([sighting]).max();
        }
    }
}

/// Whether it is worth while to ask what else a commit changes.
pub fn is_of_a_tool(attribution: &Attribution) -> bool {
    !tools_of(attribution).is_empty()
}
