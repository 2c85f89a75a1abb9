//! `sbomgate sbom`

use super::args::Sbom;
use super::diff::{selection, target};
use super::exit::Exit;
use super::output::{Terminal, targets};
use anyhow::{Context as _, Result, bail};
use sbomgate::run::sbom::Contents;
use sbomgate::run::{self, Project, facts, sbom};
use sbomgate::sbom::{Format, Inventory, score};
use std::path::{Path, PathBuf};

/// A document that leaves a lockfile out says so (`incomplete`), and so does the exit code.
pub fn run(command: &Sbom, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let documents = documents(command)?;
    if command.advisories && command.score.is_none() && documents.iter().all(|(format, _)| !format.tells_flaws()) {
        bail!("{} is written without flaws: write cyclonedx-json or openvex-json beside it", documents[0].0.id());
    }
    if command.score.is_some() && documents[0].0.is_of_flaws() {
        bail!("{} tells of flaws alone, and the guides ask for what there is", documents[0].0.id());
    }
    let mut contents = read(command, &project)?;
    let unread = terminal.unread(&contents.gaps);
    if contents.is_empty() {
        // Nothing was read: a document without components would look like an answer.
        return Ok(Exit::CouldNotJudge);
    }
    let of_flaws = documents.iter().find(|(format, _)| format.is_of_flaws() && !command.advisories);
    if let Some((format, _)) = of_flaws.filter(|_| !contents.states_flaws()) {
        bail!("{} tells of flaws: say --advisories, so that the advisory store is asked", format.id());
    }
    if command.score.is_none() {
        let inventory = contents.inventory();
        documents.iter().flat_map(|(format, _)| sbomgate::sbom::left_out(&inventory, *format)).for_each(|what| terminal.note(&what));
    }
    if command.facts.registry_facts {
        let network = facts::Network { ca: command.facts.ca.clone(), patience: facts::patience() };
        let online = (!command.facts.offline).then_some(&network);
        let options = command.facts.options.options();
        contents.learn(&project, &sbom::Asking { options: &options, online, internal: &command.facts.internal })?;
    }
    if command.introductions {
        contents.trace(&project)?;
    }
    if command.advisories {
        contents.weigh(&project, command.store.as_deref(), command.max_store_age, &command.vex)?;
    }
    let untold = terminal.tell(contents.untold());
    match (&command.per_lockfile, command.score.as_deref()) {
        (_, Some(form)) => score(&contents.inventory(), documents[0].0, form, terminal)?,
        (Some(folder), None) => write_each(&contents, documents[0].0, folder)?,
        (None, None) if command.sign.is_some() || command.statement.is_some() => attest(&contents.inventory(), &documents, command)?,
        (None, None) => write(&contents.inventory(), &documents, terminal)?,
    }
    // The process ends: what was read is not taken apart piece by piece first.
    std::mem::forget(contents);
    Ok(if unread || untold { Exit::CouldNotJudge } else { Exit::Allowed })
}

fn read(command: &Sbom, project: &Project) -> Result<Contents> {
    if let (Some(first), false) = (&command.target, command.further.is_empty()) {
        let files: Vec<String> = std::iter::once(first).chain(&command.further).cloned().collect();
        return Ok(sbom::read_files(project, &files)?);
    }
    let target = target(project, command.target.as_ref(), command.file.as_ref())?;
    Ok(sbom::read(project, target, &selection(project, &command.selected)?, command.cargo_metadata.as_deref())?)
}

/// What the document in this format will tell.
fn score(inventory: &Inventory<'_>, format: Format, form: &str, terminal: &Terminal) -> Result<()> {
    let score = score::score(inventory, format);
    terminal.print(|out| if form == "json" { score::json(&score, out) } else { score::text(&score, out) })
}

/// Each document with its file; `None` is stdout, which gets none where every output names its form.
fn documents(command: &Sbom) -> Result<Vec<(Format, Option<PathBuf>)>> {
    let in_version = |format: Format, version: Option<&str>| -> Result<Format> {
        Ok(version.or(command.spec_version.as_deref()).map_or(Ok(format), |version| format.in_version(version))?)
    };
    let named = |text: &str| {
        let (id, version) = text.split_once('@').map_or((text, None), |(id, version)| (id, Some(version)));
        Format::named(id).map(|format| in_version(format, version)).transpose()
    };
    let main = command.format.as_deref().and_then(Format::named).unwrap_or(Format::ALL[0]);
    let mut found = targets(main, &command.output, named)?;
    if command.format.is_none() && found.len() > 1 && found[0].1.is_none() {
        found.remove(0);
    } else {
        found[0].0 = in_version(main, None)?;
    }
    let files: Vec<&PathBuf> = found.iter().filter_map(|(_, file)| file.as_ref()).collect();
    if let Some(at) = (1..files.len()).find(|&at| files[..at].contains(&files[at])) {
        bail!("two documents are to go into {}: name a file for each", files[at].display());
    }
    Ok(found)
}

/// Files are put in their places once every document is written whole.
fn write(inventory: &Inventory<'_>, documents: &[(Format, Option<PathBuf>)], terminal: &Terminal) -> Result<()> {
    let mut staged = Vec::new();
    for (format, file) in documents {
        let Some(file) = file else { continue };
        staged.extend(run::stage_file(file, |out| sbomgate::sbom::write(inventory, *format, out))?);
    }
    for (format, _) in documents.iter().filter(|(_, file)| file.is_none()) {
        terminal.print(|out| sbomgate::sbom::write(inventory, *format, out))?;
    }
    staged.into_iter().try_for_each(|file| Ok(file.finish()?))
}

/// One document a lockfile, below the folder as the lockfiles lie in the project.
fn write_each(contents: &Contents, format: Format, folder: &Path) -> Result<()> {
    let mut staged = Vec::new();
    for (graph, gaps) in contents.by_lockfile() {
        let inventory = Inventory { graphs: std::slice::from_ref(graph), gaps: &gaps, ..contents.inventory() };
        let file = folder.join(format!("{}.{}", graph.lockfile, format.ending()));
        staged.extend(run::stage_file_below(&file, |out| sbomgate::sbom::write(&inventory, format, out))?);
    }
    staged.into_iter().try_for_each(|file| Ok(file.finish()?))
}

/// The same, with what vouches for each file beside it.
fn attest(inventory: &Inventory<'_>, documents: &[(Format, Option<PathBuf>)], command: &Sbom) -> Result<()> {
    let key = command.sign.as_deref().map(run::attest::key).transpose()?;
    if command.statement.is_some() && documents.len() != 1 {
        bail!("a statement is about one document, and this run writes {}", documents.len());
    }
    let mut staged = Vec::new();
    for (format, file) in documents {
        let file = file.as_deref().context("what is signed has a file's name: write every document to one (--output)")?;
        for (file, bytes) in run::attest::files(inventory, *format, file, key.as_ref(), command.statement.as_deref())? {
            staged.extend(run::stage_file(&file, |out| out.write_all(&bytes))?);
        }
    }
    staged.into_iter().try_for_each(|file| Ok(file.finish()?))
}
