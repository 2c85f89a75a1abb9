//! `sbomgate sbom`

use super::args::{Sbom, SbomFormat};
use super::diff::{selection, target};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::run::{self, facts, sbom};
use std::io::{self, Write};

/// A document that leaves a lockfile out says so (`incomplete`), and so does the exit code.
pub fn run(command: &Sbom, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let mut contents = sbom::read(
        &project,
        target(&project, command.target.as_ref(), command.file.as_ref())?,
        &selection(&project, &command.selected)?,
        command.cargo_metadata.as_deref(),
    )?;
    let unread = terminal.unread(&contents.gaps);
    if contents.is_empty() {
        // Nothing was read: a document without components would look like an answer.
        return Ok(Exit::CouldNotJudge);
    }
    if command.facts.registry_facts {
        let network = facts::Network { ca: command.facts.ca.clone(), patience: facts::patience() };
        let online = (!command.facts.offline).then_some(&network);
        let options = command.facts.options.options();
        contents.learn(&project, &sbom::Asking { options: &options, online, internal: &command.facts.internal })?;
    }
    let inventory = contents.inventory();
    let write = |out: &mut dyn Write| -> io::Result<()> {
        match command.format {
            SbomFormat::CyclonedxJson => sbomgate::sbom::cyclonedx_json(&inventory, out),
        }
    };
    match &command.output {
        Some(file) => run::write_file(file, write)?,
        None => terminal.print(write)?,
    }
    // The process ends: what was read is not taken apart piece by piece first.
    std::mem::forget(contents);
    Ok(if unread { Exit::CouldNotJudge } else { Exit::Allowed })
}
