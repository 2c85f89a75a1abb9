//! Which AI tools left marks in a repository, for people and as JSON (`docs/ai-inventory.schema.json`). Numbers are
//! lower bounds, and are called so.
//!
//! `version` is 1. A field that is added does not change it; one that goes or changes its meaning does.

use super::escape;
use super::style::{Paint, Style};
use super::wording::count;
use crate::enrich::attribution::inventory::{Inventory, Named, Sighting, Told, ToolSeen};
use crate::judge::policy::{Policy, Sanction, Sanctioned};
use crate::model::text::{quoted, visible};
use crate::model::{CommitId, Day, Gap, RelPath};
use serde::Serialize;
use std::io::{self, Write};

/// An inventory, and what it is of.
#[derive(Clone, Copy)]
pub struct Inventoried<'r> {
    pub inventory: &'r Inventory,
    pub revision: &'r CommitId,
    /// By whose list a tool is sanctioned, and on which day.
    pub policy: &'r Policy,
    pub today: Day,
    pub shallow: bool,
    pub gaps: &'r [Gap],
}

/// Lines of a list, unless everything is wanted.
const MOST_LINES: usize = 25;
/// Files that are named of one tool.
const MOST_NAMED: usize = 5;

/// Writes it for people.
pub fn write_text(shown: Inventoried<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let inventory = shown.inventory;
    let tools = inventory.tools.iter().filter(|row| row.tool.is_some()).count();
    let head = format!(
        "{} in {} up to {}",
        count(tools, "AI tool", "AI tools"),
        count(inventory.commits, "commit", "commits"),
        shown.revision.short()
    );
    writeln!(out, "{}", style.paint(Paint::Heading, head))?;
    inventory.tools.iter().try_for_each(|row| tool(row, &shown, style, out))?;
    let files: Vec<String> = inventory.files.iter().map(|path| visible(path.as_str()).into_owned()).collect();
    list("files for agents of any kind", &files, style, out)?;
    let silenced: Vec<String> = inventory.silenced.iter().map(told).collect();
    list("this repository tells agents not to declare themselves", &silenced, style, out)?;
    let unlocked: Vec<String> = inventory.unlocked.iter().map(named).collect();
    list("agents are told to install what no lockfile holds", &unlocked, style, out)?;
    let gaps: Vec<String> = shown.gaps.iter().map(|gap| visible(&format!("{}: {}", gap.file, gap.message)).into_owned()).collect();
    list("not known of the lockfiles", &gaps, style, out)?;
    if let Some((number, reason)) = &inventory.unknown {
        let text = format!("whether AI use was declared is not known of {}: {reason}", count(*number, "commit", "commits"));
        writeln!(out, "{}", style.paint(Paint::Warning, visible(&text)))?;
    }
    if style.brief {
        return Ok(());
    }
    let limits: Vec<String> = inventory.limits.iter().map(|limit| visible(limit).into_owned()).collect();
    list("not looked at", &limits, style, out)?;
    writeln!(out, "{}", style.paint(Paint::Faint, "note: these are lower bounds: a tool that leaves no mark is not seen"))
}

fn tool(row: &ToolSeen, shown: &Inventoried<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let catalogue = shown.policy.catalogue();
    let vendor = row.tool.as_deref().and_then(|id| catalogue.tool(id)).map(|tool| format!(" ({})", tool.vendor)).unwrap_or_default();
    let name = row.tool.as_deref().map_or("no tool named", |id| catalogue.tool_name(id));
    let commits = [(row.declared, "declared in at least"), (row.indicated, "indicated in at least"), (row.reviewed, "reviewed at least")];
    let mut parts: Vec<String> = commits
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{what} {}", count(*number, "commit", "commits")))
        .collect();
    if row.lockfile_changes > 0 {
        parts.push(format!("{} of them change a lockfile", row.lockfile_changes));
    }
    if parts.is_empty() {
        parts.push("files alone".into());
    }
    writeln!(out, "  {}  {}", style.paint(Paint::Heading, visible(&format!("{name}{vendor}"))), parts.join(", "))?;
    if let Some(sanction) = shown.sanction(row) {
        let paint = if matches!(sanction, Sanction::Holds(_)) { Paint::Faint } else { Paint::Warning };
        writeln!(out, "      {}", style.paint(paint, visible(&sanctioned(sanction))))?;
    }
    let mut notes: Vec<String> = Vec::new();
    if let (Some(first), Some(last)) = (&row.first, &row.last) {
        notes.push(format!("first {}, last {}", dated(first), dated(last)));
    }
    let files: Vec<&str> = row.files.iter().take(MOST_NAMED).map(RelPath::as_str).collect();
    let more = row.files.len().saturating_sub(MOST_NAMED);
    if !files.is_empty() {
        notes.push(format!("{}{}", files.join(", "), if more > 0 { format!(" and {more} more") } else { String::new() }));
    }
    notes.iter().try_for_each(|note| writeln!(out, "      {}", style.paint(Paint::Faint, visible(note))))
}

/// Whether the policy sanctions a tool, by whom and for how long.
fn sanctioned(sanction: Sanction<'_>) -> String {
    let Some(row) = sanction.row() else { return "not sanctioned by the policy".into() };
    let named = |what: &str, text: Option<String>| text.map(|text| format!("{what} {text}"));
    let parts = [
        named("vendor", row.vendor.clone()),
        named("owner", row.owner.clone()),
        named("assessed on", row.assessed_on.map(|day| day.to_string())),
        named("approved on", row.approved_on.map(|day| day.to_string())),
        named("expires", row.expires.map(|day| day.to_string())),
    ];
    let head = match sanction {
        Sanction::NotYet(_) => "not sanctioned yet",
        Sanction::Expired(_) => "its sanction has expired",
        Sanction::Holds(_) | Sanction::Missing => "sanctioned",
    };
    let parts: Vec<String> = std::iter::once(head.to_owned()).chain(parts.into_iter().flatten()).collect();
    format!("{} ({})", parts.join(", "), row.location)
}

impl<'r> Inventoried<'r> {
    /// What names no tool is none that a list can have. `None` where nobody made a list.
    fn sanction(&self, row: &ToolSeen) -> Option<Sanction<'r>> {
        self.policy.sanction(row.tool.as_deref().unwrap_or_default(), self.today)
    }
}

fn list(title: &str, lines: &[String], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} ({})", style.paint(Paint::Heading, title), lines.len())?;
    let shown = if style.all { lines.len() } else { lines.len().min(MOST_LINES) };
    lines[..shown].iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    match lines.len() - shown {
        0 => Ok(()),
        left => writeln!(out, "  {}", style.paint(Paint::Faint, format!("and {left} more (-v shows all)"))),
    }
}

fn told(told: &Told) -> String {
    format!("{}:{}  {}", visible(told.file.as_str()), told.line, quoted(&told.text))
}

fn named(named: &Named) -> String {
    let package = visible(named.name.as_str()).into_owned();
    format!(
        "{}:{}  {} of {}: {}",
        visible(named.at.file.as_str()),
        named.at.line,
        package,
        named.ecosystem.osv_name(),
        quoted(&named.at.text)
    )
}

fn dated(sighting: &Sighting) -> String {
    format!("{} of {}", sighting.1.short(), sighting.0.day().unwrap_or_else(|| "no date".into()))
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    revision: &'r str,
    history: &'static str,
    commits: usize,
    /// Whether the policy has a list of tools.
    sanctions: bool,
    tools: Vec<ToolOut<'r>>,
    files: Vec<&'r str>,
    silenced: Vec<ToldOut<'r>>,
    unlocked: Vec<NamedOut<'r>>,
    unknown: Option<UnknownOut<'r>>,
    gaps: Vec<GapOut<'r>>,
    limits: Vec<&'r str>,
}

#[derive(Serialize)]
struct ToolOut<'r> {
    tool: Option<&'r str>,
    name: Option<&'r str>,
    vendor: Option<&'r str>,
    sanction: Option<SanctionOut<'r>>,
    declared: usize,
    indicated: usize,
    reviewed: usize,
    lockfile_changes: usize,
    first: Option<SightingOut<'r>>,
    last: Option<SightingOut<'r>>,
    models: Vec<&'r str>,
    files: Vec<&'r str>,
}

#[derive(Serialize)]
struct SanctionOut<'r> {
    state: &'static str,
    vendor: Option<&'r str>,
    owner: Option<&'r str>,
    assessed_on: Option<String>,
    approved_on: Option<String>,
    expires: Option<String>,
    file: Option<&'r str>,
    line: Option<u32>,
}

#[derive(Serialize)]
struct SightingOut<'r> {
    commit: &'r str,
    committed: Option<String>,
}

#[derive(Serialize)]
struct ToldOut<'r> {
    file: &'r str,
    line: u32,
    text: &'r str,
}

#[derive(Serialize)]
struct NamedOut<'r> {
    ecosystem: &'static str,
    name: &'r str,
    file: &'r str,
    line: u32,
    text: &'r str,
}

#[derive(Serialize)]
struct UnknownOut<'r> {
    commits: usize,
    reason: &'r str,
}

#[derive(Serialize)]
struct GapOut<'r> {
    kind: &'static str,
    file: &'r str,
    message: &'r str,
}

/// Writes it as JSON.
pub fn write_json(shown: Inventoried<'_>, out: &mut dyn Write) -> io::Result<()> {
    let inventory = shown.inventory;
    let document = Document {
        version: 1,
        revision: shown.revision.as_str(),
        history: if shown.shallow { "shallow" } else { "complete" },
        commits: inventory.commits,
        sanctions: shown.policy.sanctioned.is_some(),
        tools: inventory.tools.iter().map(|row| ToolOut::of(row, &shown)).collect(),
        files: inventory.files.iter().map(RelPath::as_str).collect(),
        silenced: inventory.silenced.iter().map(ToldOut::of).collect(),
        unlocked: inventory.unlocked.iter().map(NamedOut::of).collect(),
        unknown: inventory.unknown.as_ref().map(|(commits, reason)| UnknownOut { commits: *commits, reason }),
        gaps: shown.gaps.iter().map(GapOut::of).collect(),
        limits: inventory.limits.iter().map(String::as_str).collect(),
    };
    escape::write_json(&document, out)
}

impl<'r> ToolOut<'r> {
    fn of(row: &'r ToolSeen, shown: &Inventoried<'r>) -> Self {
        let known = row.tool.as_deref().and_then(|id| shown.policy.catalogue().tool(id));
        let sighting = |(moment, id): &'r Sighting| SightingOut { commit: id.as_str(), committed: moment.rfc3339() };
        ToolOut {
            tool: row.tool.as_deref(),
            name: known.map(|tool| tool.name.as_str()),
            vendor: known.map(|tool| tool.vendor.as_str()),
            sanction: shown.sanction(row).map(SanctionOut::of),
            declared: row.declared,
            indicated: row.indicated,
            reviewed: row.reviewed,
            lockfile_changes: row.lockfile_changes,
            first: row.first.as_ref().map(sighting),
            last: row.last.as_ref().map(sighting),
            models: row.models.iter().map(String::as_str).collect(),
            files: row.files.iter().map(RelPath::as_str).collect(),
        }
    }
}

impl<'r> SanctionOut<'r> {
    fn of(sanction: Sanction<'r>) -> Self {
        let state = match sanction {
            Sanction::Holds(_) => "sanctioned",
            Sanction::NotYet(_) => "not-yet",
            Sanction::Expired(_) => "expired",
            Sanction::Missing => "not-sanctioned",
        };
        let row = sanction.row();
        let day = |of: fn(&Sanctioned) -> Option<Day>| row.and_then(of).map(|day| day.to_string());
        SanctionOut {
            state,
            vendor: row.and_then(|row| row.vendor.as_deref()),
            owner: row.and_then(|row| row.owner.as_deref()),
            assessed_on: day(|row| row.assessed_on),
            approved_on: day(|row| row.approved_on),
            expires: day(|row| row.expires),
            file: row.map(|row| row.location.file.as_str()),
            line: row.map(|row| row.location.line),
        }
    }
}

impl<'r> ToldOut<'r> {
    fn of(told: &'r Told) -> Self {
        ToldOut { file: told.file.as_str(), line: told.line, text: &told.text }
    }
}

impl<'r> NamedOut<'r> {
    fn of(named: &'r Named) -> Self {
        let Told { file, line, text } = &named.at;
        NamedOut { ecosystem: named.ecosystem.purl_type(), name: named.name.as_str(), file: file.as_str(), line: *line, text }
    }
}

impl<'r> GapOut<'r> {
    fn of(gap: &'r Gap) -> Self {
        GapOut { kind: gap.kind.code(), file: gap.file.as_str(), message: &gap.message }
    }
}
