//! `sbomgate diff`

use super::args::{AiKind, Diff, Selected, Store};
use super::exit::Exit;
use super::output::Terminal;
use anyhow::{Result, bail};
use sbomgate::enrich::advisory::Advisories;
use sbomgate::enrich::introduction::Introductions;
use sbomgate::judge::{self, Subject};
use sbomgate::model::text::visible;
use sbomgate::report::{Reported, Side};
use sbomgate::run::advisories::{Internal, Learning, Network, Online};
use sbomgate::run::diff::{self, Revision, Sides};
use sbomgate::run::{Project, RunError, Selection, Target, advisories, files, gate, introduction};

pub fn run(command: &Diff, terminal: &Terminal) -> Result<Exit> {
    let project = terminal.project()?;
    let selection = selection(&project, &command.selected)?;
    let sides = match (&command.range, &command.new, command.files.as_slice()) {
        (None, _, [old, new]) => files(&project, old, new, &selection)?,
        (Some(old), Some(new), []) => match (project.target(old)?, project.target(new)?) {
            (Target::File(old), Target::File(new)) if !is_separated() => files(&project, old, new, &selection)?,
            _ => return Err(RunError::NotTwoFiles(old.clone(), new.clone()).into()),
        },
        (Some(range), None, []) if !is_separated() && project.target(range)? == Target::File(range) => {
            return Err(RunError::OneFile(range.clone()).into());
        }
        (range, None, []) => diff::read(&project, range.as_deref().unwrap_or("HEAD"), &selection)?,
        (range, ..) => return Err(RunError::OneFile(range.as_ref().unwrap_or(&command.files[0]).clone()).into()),
    };
    let mut subject = sides.compare();
    let mut introductions = introduction::find(&project, &sides, &subject);
    if let Some(only) = AiKind::only(&command.ai) {
        if !matches!(sides.base, Revision::Commit(_)) {
            bail!("--ai needs a range of commits; files have none");
        }
        introductions.get_or_insert_with(|| Introductions { complete: true, ..Introductions::default() }).only = Some(only);
    }
    subject.gaps.extend(introductions.iter().flat_map(|known| known.gaps.iter().cloned()));
    subject.gate = gate::of(&project, &sides, introductions.as_ref(), gate::today()?, false)?;
    terminal.report(&reported(&sides, subject, introductions, &command.store)?, &command.reports)
}

fn files(project: &Project, old: &str, new: &str, selection: &Selection) -> Result<Sides, RunError> {
    if selection.is_default() { files::compare(project, old, new) } else { Err(RunError::SelectionOfFile(new.to_owned())) }
}

/// What an argument that may be a revision or a file stands for: what stands behind `--` is a file,
/// and what stands before it a revision.
pub fn target<'t>(project: &Project, text: Option<&'t String>, file: Option<&'t String>) -> Result<Option<Target<'t>>, RunError> {
    match (text, file) {
        (_, Some(file)) => Ok(Some(Target::File(file))),
        (Some(text), None) if is_separated() => Ok(Some(Target::Revision(text))),
        (Some(text), None) => project.target(text).map(Some),
        (None, None) => Ok(None),
    }
}

fn is_separated() -> bool {
    std::env::args_os().any(|argument| argument == "--")
}

pub fn selection(project: &Project, selected: &Selected) -> Result<Selection, RunError> {
    Ok(Selection::new(&project.place(), &selected.lockfiles, &selected.include, &selected.exclude)?)
}

fn learned(subject: &Subject<'_>, store: &Store) -> Result<Advisories, RunError> {
    let network = Network { ca: store.ca.clone(), ..Network::default() };
    // What the command line says adds to the policy, and takes nothing away.
    let terms = &subject.gate.policy.advisories;
    let internal = Internal::new(&[&store.internal[..], &terms.internal[..]].concat())?;
    let max_age = store.max_store_age.into_iter().chain(terms.max_age).min();
    let online = store.online.then(|| Online { url: store.osv_url.clone(), internal, network });
    advisories::learn(subject, &Learning { store: store.store.as_deref(), max_age, online: online.as_ref() })
}

/// Held against the advisory store, and judged.
pub fn reported<'s>(
    sides: &'s Sides,
    mut subject: Subject<'s>,
    introductions: Option<Introductions>,
    store: &Store,
) -> Result<Reported<'s>, RunError> {
    subject.advisories = learned(&subject, store)?;
    let side = |revision: &Revision| match revision {
        Revision::Nothing => None,
        Revision::Commit(id) => Some(Side(id.to_string())),
        Revision::WorkTree => Some(Side("worktree".into())),
        Revision::File(file) => Some(Side(visible(file).into_owned())),
    };
    Ok(Reported {
        judgement: judge::evaluate(subject),
        base: side(&sides.base),
        head: side(&sides.head).unwrap_or(Side("nothing".into())),
        introductions,
        skipped: sides.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.reason.clone())).collect(),
    })
}
