//! `sbomgate explain`

use super::args::Explain;
use super::exit::Exit;
use super::output::Terminal;
use anyhow::{Result, bail};
use sbomgate::enrich::licence::list_version;
use sbomgate::judge::{RULES, rules};
use sbomgate::model::text::quoted;

pub fn run(command: &Explain, terminal: &Terminal) -> Result<Exit> {
    match &command.rule {
        None => {
            terminal.print(|out| RULES.iter().try_for_each(|rule| writeln!(out, "{:20} {:8} {}", rule.code, rule.level, rule.summary)))?
        }
        Some(code) => match rules::named(code) {
            Some(rule) => terminal.print(|out| {
                out.write_all(rule.page.as_bytes())?;
                let is_of_licences = rule.group == Some("licences");
                if is_of_licences { writeln!(out, "\n{}", of_list()) } else { Ok(()) }
            })?,
            None => bail!("no rule is called {}; `sbomgate explain` lists them", quoted(code)),
        },
    }
    Ok(Exit::Allowed)
}

/// By which list identifiers are known.
fn of_list() -> String {
    format!("Identifiers are those of the SPDX License List, version {}.", list_version())
}
