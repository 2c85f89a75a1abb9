//! The AI tools that an organisation sanctions: which, by whom, from when and for how long.

use crate::enrich::attribution::Catalogue;
use crate::judge::form::{FormError, Part, unknown};
use crate::model::text::quoted;
use crate::model::{Day, Location};

/// An AI tool that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanctioned {
    /// Its id in the catalogue.
    pub tool: String,
    pub vendor: Option<String>,
    pub owner: Option<String>,
    /// When the vendor was assessed last.
    pub assessed_on: Option<Day>,
    /// From this day on, and to the end of the other.
    pub approved_on: Option<Day>,
    pub expires: Option<Day>,
    pub location: Location,
}

/// What the list says of one tool on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sanction<'p> {
    Holds(&'p Sanctioned),
    NotYet(&'p Sanctioned),
    Expired(&'p Sanctioned),
    /// The list does not have it.
    Missing,
}

impl<'p> Sanction<'p> {
    /// The row that speaks of the tool.
    pub fn row(self) -> Option<&'p Sanctioned> {
        match self {
            Sanction::Holds(row) | Sanction::NotYet(row) | Sanction::Expired(row) => Some(row),
            Sanction::Missing => None,
        }
    }
}

pub(super) fn of<'p>(rows: &'p [Sanctioned], tool: &str, day: Day) -> Sanction<'p> {
    match rows.iter().find(|row| row.tool == tool) {
        None => Sanction::Missing,
        Some(row) if row.approved_on.is_some_and(|from| day < from) => Sanction::NotYet(row),
        Some(row) if row.expires.is_some_and(|to| day > to) => Sanction::Expired(row),
        Some(row) => Sanction::Holds(row),
    }
}

/// Reads the list; `None` where there is none.
pub(super) fn read(ai: &Part<'_, '_>, catalogue: &Catalogue) -> Result<Option<Vec<Sanctioned>>, FormError> {
    if ai.table.get("sanctioned").is_none() {
        return Ok(None);
    }
    let ids: Vec<&str> = catalogue.tools.iter().map(|tool| tool.id.as_str()).collect();
    let mut tools: Vec<Sanctioned> = Vec::new();
    for row in ai.parts("sanctioned", &["tool", "vendor", "owner", "assessed-on", "approved-on", "expires"])? {
        let (tool, line) = row.required("tool")?;
        if !ids.contains(&tool) {
            return Err(unknown(row.file, line, "tool of the catalogue", tool, &ids));
        }
        if tools.iter().any(|other| other.tool == tool) {
            return Err(row.error(line, format!("{} is there twice", quoted(tool))));
        }
        let (approved_on, expires) = (row.day("approved-on")?.map(|(day, _)| day), row.day("expires")?);
        if let Some((end, line)) = expires
            && approved_on.is_some_and(|start| end < start)
        {
            return Err(row.error(line, "it expires before it was approved"));
        }
        let text = |key| row.text(key).map(|text| text.map(|(text, _)| text.to_owned()));
        tools.push(Sanctioned {
            tool: tool.to_owned(),
            vendor: text("vendor")?,
            owner: text("owner")?,
            assessed_on: row.day("assessed-on")?.map(|(day, _)| day),
            approved_on,
            expires: expires.map(|(day, _)| day),
            location: Location::new(row.file, line),
        });
    }
    Ok(Some(tools))
}
