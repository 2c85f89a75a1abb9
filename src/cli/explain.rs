//! `sbomgate explain`

use super::args::Explain;
use super::exit::Exit;
use super::output::Terminal;
use anyhow::{Result, bail};
use sbomgate::judge::{RULES, rules};
use sbomgate::model::text::quoted;

pub fn run(command: &Explain, terminal: &Terminal) -> Result<Exit> {
    match &command.rule {
        None => {
            terminal.print(|out| RULES.iter().try_for_each(|rule| writeln!(out, "{:20} {:8} {}", rule.code, rule.level, rule.summary)))?
        }
        Some(code) => match rules::named(code) {
            Some(rule) => terminal.print(|out| out.write_all(rule.page.as_bytes()))?,
            None => bail!("no rule is called {}; `sbomgate explain` lists them", quoted(code)),
        },
    }
    Ok(Exit::Allowed)
}
