//! The catalogue's rows as a file has them: the one that ships, and what a policy adds to it.

use super::super::inventory::Silence;
use super::super::own_files::OwnFile;
use super::super::pattern::Pattern;
use super::{Automation, Branch, CatalogueError, IdentityPattern, Kind, Marker, Matcher, Names, Role, Strength, Tool};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Rows of a catalogue. Those of a policy stand in a file that has a version, and have none of their own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    pub(super) version: Option<u32>,
    /// Ids of rows that do not count, though they ship.
    #[serde(default)]
    pub(super) without: Vec<String>,
    #[serde(default)]
    pub(super) vendor_domains: Vec<String>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) tool: Vec<Tool>,
    #[serde(default)]
    pub(super) family: Vec<FamilyRow>,
    #[serde(default)]
    pub(super) marker: Vec<MarkerRow>,
    #[serde(default)]
    pub(super) automation: Vec<AutomationRow>,
    #[serde(default)]
    pub(super) forge: Vec<IdentityRow>,
    #[serde(default)]
    pub(super) branch: Vec<Branch>,
    #[serde(default)]
    pub(super) file: Vec<OwnFile>,
    #[serde(default)]
    pub(super) silence: Silence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyRow {
    pub(super) models: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityRow {
    #[serde(default)]
    pub(super) name: Vec<String>,
    #[serde(default)]
    pub(super) email: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutomationRow {
    id: String,
    title: String,
    #[serde(default, rename = "vendor")]
    _vendor: String,
    #[serde(default)]
    name: Vec<String>,
    #[serde(default)]
    email: Vec<String>,
    #[serde(default, rename = "branches")]
    _branches: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkerRow {
    id: String,
    tool: Option<String>,
    kind: Kind,
    strength: Strength,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    email: Vec<String>,
    #[serde(default)]
    name: Vec<String>,
    #[serde(default)]
    signs: bool,
    #[serde(default)]
    private: bool,
    suffix: Option<String>,
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    value: Vec<String>,
    #[serde(default)]
    line: Vec<String>,
    #[serde(default)]
    alone: bool,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    subject: Vec<String>,
    #[serde(default)]
    checked: Vec<String>,
    names: Option<Names>,
    #[serde(default)]
    none: Vec<String>,
    #[serde(default)]
    automation_alone: bool,
    #[serde(default, rename = "seen")]
    _seen: u64,
}

/// Rows that a policy may add.
const MOST_ADDED: usize = 1_000;

impl Rows {
    /// These rows and others: a row of theirs takes the place of the one with its id here.
    pub(super) fn with(mut self, other: Rows) -> Result<Rows, CatalogueError> {
        let number = other.tool.len() + other.marker.len() + other.automation.len() + other.branch.len() + other.file.len();
        if number > MOST_ADDED {
            return Err(CatalogueError::Many(number));
        }
        other.check_ids()?;
        let own = other.marker.iter().map(|row| &row.id).chain(other.automation.iter().map(|row| &row.id));
        let mut gone: BTreeSet<String> = own.cloned().collect();
        if let Some(unknown) = other.without.iter().find(|id| !self.has_row(id)) {
            return Err(CatalogueError::NoSuchRow(unknown.clone()));
        }
        gone.extend(other.without);
        let again: BTreeSet<&String> = other.tool.iter().map(|tool| &tool.id).collect();
        self.tool.retain(|tool| !again.contains(&tool.id));
        self.marker.retain(|row| !gone.contains(&row.id));
        self.automation.retain(|row| !gone.contains(&row.id));
        self.branch.retain(|row| other.branch.iter().all(|own| own.prefix != row.prefix));
        self.file.retain(|row| other.file.iter().all(|own| own.path != row.path));
        self.tool.extend(other.tool);
        self.marker.extend(other.marker);
        self.automation.extend(other.automation);
        self.branch.extend(other.branch);
        self.file.extend(other.file);
        self.family.extend(other.family);
        self.forge.extend(other.forge);
        self.labels.extend(other.labels);
        self.vendor_domains.extend(other.vendor_domains);
        self.silence.extend(other.silence);
        Ok(self)
    }

    fn has_row(&self, id: &str) -> bool {
        self.marker.iter().any(|row| row.id == id) || self.automation.iter().any(|row| row.id == id)
    }

    fn check_ids(&self) -> Result<(), CatalogueError> {
        let mut ids = BTreeSet::new();
        let tools = self.tool.iter().map(|tool| ("tool", &tool.id));
        let rows = self.marker.iter().map(|row| &row.id).chain(self.automation.iter().map(|row| &row.id));
        let twice = tools.chain(rows.map(|id| ("row", id))).find(|id| !ids.insert(*id));
        twice.map_or(Ok(()), |(_, id)| Err(CatalogueError::Twice(id.clone())))
    }

    pub(super) fn check(&self) -> Result<(), CatalogueError> {
        self.check_ids()?;
        let known: BTreeSet<&String> = self.tool.iter().map(|tool| &tool.id).collect();
        let named = self.marker.iter().filter_map(|row| Some((&row.id, row.tool.as_ref()?)));
        let named = named.chain(self.branch.iter().map(|row| (&row.prefix, &row.tool)));
        let named = named.chain(self.file.iter().filter_map(|row| Some((&row.path, row.tool.as_ref()?))));
        match named.into_iter().find(|(_, tool)| !known.contains(tool)) {
            Some((row, tool)) => Err(CatalogueError::NoSuchTool { row: row.clone(), tool: tool.clone() }),
            None => Ok(()),
        }
    }
}

impl AutomationRow {
    pub(super) fn into_automation(self) -> Automation {
        let identity = IdentityPattern::new(&self.name, &self.email);
        Automation { id: self.id, title: self.title, identity }
    }
}

impl MarkerRow {
    pub(super) fn into_marker(self) -> Result<Marker, CatalogueError> {
        if self.tool.is_none() && self.names.is_none() {
            return Err(CatalogueError::NoTool(self.id));
        }
        let ways = [
            !self.email.is_empty() || !self.name.is_empty(),
            !self.key.is_empty(),
            !self.line.is_empty(),
            !self.contains.is_empty(),
            !self.subject.is_empty(),
            !self.checked.is_empty(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            return Err(CatalogueError::Matcher(self.id));
        }
        let matcher = if ways[0] {
            let pattern = IdentityPattern::new(&self.name, &self.email);
            Matcher::Identity { pattern, signs: self.signs, private: self.private, suffix: self.suffix }
        } else if ways[1] {
            Matcher::Trailer { keys: self.key, values: self.value.iter().map(|value| Pattern::new(value)).collect() }
        } else if ways[2] {
            Matcher::Line { starts: self.line, alone: self.alone }
        } else if ways[3] {
            Matcher::Contains(self.contains.iter().map(|part| part.to_ascii_lowercase()).collect())
        } else if ways[4] {
            Matcher::Subject(self.subject)
        } else {
            Matcher::Checked(self.checked)
        };
        let (id, tool, kind, strength, role, names, none) =
            (self.id, self.tool, self.kind, self.strength, self.role, self.names, self.none);
        Ok(Marker { id, tool, kind, strength, role, matcher, names, none, automation_alone: self.automation_alone })
    }
}
