//! `sbomgate verify`

use super::args::Verify;
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::model::text::visible;
use sbomgate::run::verify::{self, Keys, Outcome};

/// What does not verify weighs more than what could not be read.
pub fn run(command: &Verify, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let keys = Keys::read(&command.keys, &command.allowed_signers, &project)?;
    let findings: Vec<_> = command.files.iter().flat_map(|file| verify::verify(file, &keys)).collect();
    terminal.print(|out| {
        findings.iter().try_for_each(|finding| {
            let word = match finding.outcome {
                Outcome::Good => "good",
                Outcome::Unread => "not known",
                Outcome::Wrong => "WRONG",
            };
            writeln!(out, "{word}: {}", visible(&finding.text))
        })
    })?;
    Ok(match findings.iter().map(|finding| finding.outcome).max() {
        Some(Outcome::Good) => Exit::Allowed,
        Some(Outcome::Wrong) => Exit::Denied,
        Some(Outcome::Unread) | None => Exit::CouldNotJudge,
    })
}
