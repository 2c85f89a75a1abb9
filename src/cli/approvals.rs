//! `sbomgate init`, `sbomgate approve` and `sbomgate approvals`

use super::args::{ApprovalsCommand, Approve};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::judge::approval::{self, Held};
use sbomgate::model::text::visible;
use sbomgate::run::approve::{self, Consent};
use sbomgate::run::gate;

pub fn init(terminal: &Terminal) -> Result<Exit> {
    let file = approve::init(&terminal.project()?)?;
    terminal.print(|out| writeln!(out, "{} is written; commit it once it says what you mean", visible(&file.to_string_lossy())))?;
    Ok(Exit::Allowed)
}

pub fn approve(command: &Approve, terminal: &Terminal) -> Result<Exit> {
    let consent = Consent {
        owner: &command.owner,
        reason: &command.reason,
        expires: command.expires,
        by: command.by.as_deref(),
        exact: command.exact || command.baseline.is_some(),
        accept: &command.accept,
        until_fixed: command.until_fixed,
    };
    if let Some(revision) = &command.baseline {
        let (number, gaps) = approve::baseline(&terminal.project()?, revision, &consent, gate::today()?)?;
        let is_part = terminal.unread(&gaps);
        terminal.print(|out| writeln!(out, "{number} written to {}; they count once their approver has committed them", approval::FILE))?;
        return Ok(if is_part { Exit::CouldNotJudge } else { Exit::Allowed });
    }
    let written = approve::approve(&terminal.project()?, &command.packages, &consent, gate::today()?)?;
    terminal.print(|out| {
        writeln!(out, "written to {}; it counts once its approver has committed it:", approval::FILE)?;
        written.iter().try_for_each(|entry| writeln!(out, "\n{}", entry.trim_end()))
    })?;
    Ok(Exit::Allowed)
}

pub fn run(command: &ApprovalsCommand, terminal: &Terminal) -> Result<Exit> {
    let (project, today) = (terminal.project()?, gate::today()?);
    if matches!(command, ApprovalsCommand::Prune) {
        let number = approve::prune(&project, today)?;
        terminal.print(|out| writeln!(out, "{number} taken out of {}", approval::FILE))?;
        return Ok(Exit::Allowed);
    }
    if let ApprovalsCommand::Renew { packages, expires, by } = command {
        let renewed = approve::renew(&project, packages, *expires, by.as_deref(), today)?;
        terminal.print(|out| {
            writeln!(out, "written to {}; it counts once its approver has committed it:", approval::FILE)?;
            renewed.iter().try_for_each(|held| writeln!(out, "{}", line(held)))
        })?;
        return Ok(Exit::Allowed);
    }
    let held = approve::list(&project, today)?;
    terminal.print(|out| held.iter().try_for_each(|held| writeln!(out, "{}", line(held))))?;
    let is_void = held.iter().any(|held| held.void.is_some());
    Ok(if is_void && matches!(command, ApprovalsCommand::Check) { Exit::Denied } else { Exit::Allowed })
}

/// `.sbomgate/approvals.toml:3: fox, until 2027-06-30, by Bob Warden <bob@zoo.example>, owner team-web`
fn line(held: &Held) -> String {
    let entry = &held.entry;
    let owner = entry.owner.as_deref().map_or("no owner".to_owned(), |owner| format!("owner {owner}"));
    let text = format!("{}: {}, until {}, by {}, {owner}", entry.location, entry.label(), entry.expires, entry.approved_by);
    let void = held.void.as_ref().map(|void| format!("; it {}", void.reason(entry))).unwrap_or_default();
    visible(&format!("{text}{void}")).into_owned()
}
