//! One page a use case: fetch what the stages need, call them in order, return a value.

mod acquire;
pub mod approve;
pub mod ai_inventory;
pub mod advisories;
pub mod attest;
pub mod attribution;
mod beside;
mod built;
pub mod check;
pub mod conditions;
pub mod diff;
pub mod excerpts;
pub mod facts;
pub mod introduction;
pub mod judged;
mod manifests;
mod progress;
pub mod files;
pub mod gate;
mod project;
pub mod sbom;
mod select;
mod settings;
mod signature;
pub mod textconv;
mod uncovered;
pub mod verify;
mod vex;
pub mod why;

pub use acquire::{Inventory, SIZE_LIMIT};
pub use files::Target;
pub use progress::Progress;
pub use project::Project;
pub use select::{Selection, SelectionError, Skipped};
pub use signature::UserKeys;

use crate::edge::{GitError, SnapshotError};
use crate::enrich::advisory::store::StoreError;
use crate::model::RelPath;
use crate::read::ReadError;
use crate::report::{Inert, Report, Reported, Style};
use std::io;
use std::path::Path;

/// Writes a report or a document whole or not at all. A file may be `/dev/stdout`, or be shown by a job later on:
/// nothing in it is a command of a CI runner. JSON stays the same value.
pub fn write_file(path: &Path, content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), RunError> {
    Ok(crate::edge::output::write(path, |out| inert(out, content))?)
}

/// As [`write_file`], but not yet in its place: several files of one run are all staged first, and then each
/// is put there by `finish`. `None` for a device, which has its content already.
pub fn stage_file(path: &Path, content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<Option<StagedFile>, RunError> {
    Ok(crate::edge::output::stage(path, |out| inert(out, content))?.map(StagedFile))
}

/// The same in a folder that may have to be made first.
pub fn stage_file_below(path: &Path, content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<Option<StagedFile>, RunError> {
    crate::edge::output::make_folder_of(path)?;
    stage_file(path, content)
}

/// A file that is written whole and waits for the others.
pub struct StagedFile(crate::edge::output::Staged);

impl StagedFile {
    pub fn finish(self) -> Result<(), RunError> {
        Ok(self.0.finish()?)
    }
}

fn inert(out: &mut dyn io::Write, content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, Inert::new(out));
    content(&mut out)?;
    io::Write::flush(&mut out)
}

/// Writes a report of a judgement whole or not at all. What may be printed of it, the report itself sees to.
pub fn write_report(path: &Path, report: &dyn Report, reported: &Reported<'_>) -> Result<(), RunError> {
    Ok(crate::edge::output::write(path, |out| report.write(reported, &Style::plain(), out))?)
}

/// Why a use case could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Clock(#[from] crate::edge::clock::ClockError),
    #[error(transparent)]
    Input(#[from] crate::edge::input::InputError),
    #[error(transparent)]
    Output(#[from] crate::edge::output::OutputError),
    #[error(transparent)]
    Selection(#[from] SelectionError),
    #[error(transparent)]
    Pattern(#[from] crate::judge::internal::PatternError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the VEX document is not read: {0}")]
    Vex(ReadError),
    #[error("there is no git repository here or above; `{0}` compares revisions of one")]
    NoRepository(&'static str),
    #[error("{0} is not there")]
    NoSuchLockfile(RelPath),
    #[error("the file {} is not there", crate::model::text::quoted(.0))]
    NoSuchFile(String),
    #[error("{} is both a revision and a file", crate::model::text::quoted(.0))]
    RevisionOrFile(String),
    #[error("{} is one file; `diff` compares two files, or two revisions", crate::model::text::quoted(.0))]
    OneFile(String),
    #[error("{} and {} are not two files", crate::model::text::quoted(.0), crate::model::text::quoted(.1))]
    NotTwoFiles(String, String),
    #[error("{} is read whole: --lockfile, --include and --exclude choose among the files of a revision", crate::model::text::quoted(.0))]
    SelectionOfFile(String),
    #[error("{} and another of the files have one place", crate::model::text::quoted(.0))]
    SameFile(String),
    #[error("no lockfile was found")]
    NoLockfile,
    #[error("who approves is not known: {0}")]
    NoApprover(String),
    #[error("whether somebody approved their own change is not known: {0}")]
    Mailmap(String),
    #[error(transparent)]
    Form(#[from] crate::judge::form::FormError),
    #[error("{}: {message}", file.display())]
    CargoMetadata { file: std::path::PathBuf, message: String },
    #[error("{}: the OpenPGP keys are not read: {message}", file.display())]
    OpenPgpKeys { file: std::path::PathBuf, message: String },
    #[error(transparent)]
    Attest(#[from] attest::AttestError),
    #[error("{}: is not read: {message}", file.display())]
    AgentTrace { file: std::path::PathBuf, message: String },
    #[error("{}: {reason}", crate::model::text::quoted(range))]
    Range { range: String, reason: String },
    #[error("no package is named {}", crate::model::text::quoted(.0))]
    NoSuchPackage(String),
    #[error(transparent)]
    Archive(#[from] crate::edge::archive::ArchiveError),
    #[error("{}: {source}", file.display())]
    Store { file: std::path::PathBuf, source: StoreError },
    #[error("{}: the facts on exploitation cannot be used: {reason}", file.display())]
    Exploitation { file: std::path::PathBuf, reason: String },
    #[error("{}: the advisory store cannot be put there: {source}", folder.display())]
    StoreFolder { folder: std::path::PathBuf, source: std::io::Error },
    #[error("neither HOME nor XDG_CACHE_HOME is set, so there is no place for an advisory store")]
    NoStoreFolder,
    #[error("{}: there is no advisory store", .0.display())]
    NoStore(std::path::PathBuf),
    #[error("no record of crates.io, npm or PyPI is in the files{}", nothing_because(*elsewhere, rejected.as_deref()))]
    NothingImported { elsewhere: u64, rejected: Option<String> },
    #[error(transparent)]
    AdvisoryId(#[from] crate::model::advisory::AdvisoryIdError),
    #[error("no approval is of {}", crate::model::text::quoted(.0))]
    NoSuchApproval(String),
    #[error("the advisory store has no record {0}")]
    NoSuchAdvisory(crate::model::AdvisoryId),
    #[error("{file}: it is no record: {reason}")]
    Record { file: String, reason: String },
    #[error(transparent)]
    Http(#[from] crate::edge::http::HttpError),
    #[error("{url}: the answer is of no use: {reason}")]
    Server { url: crate::model::Address, reason: String },
    #[error("{0}: there is no advisory of RustSec in it")]
    NoRustsec(crate::model::Address),
    #[error("{0} needs the network, and --offline forbids it")]
    Offline(&'static str),
    #[error(transparent)]
    Purl(crate::model::purl::PurlError),
    #[error("{}: facts of registries cannot be kept or read there: {source}", folder.display())]
    FactsFolder { folder: std::path::PathBuf, source: std::io::Error },
    #[error("neither HOME nor XDG_CACHE_HOME is set, so there is no place for facts of registries")]
    NoFactsFolder,
    #[error("there are no facts of such packages")]
    NoFacts,
    #[error("{file}: {reason}")]
    UnreadLockfile { file: RelPath, reason: String },
    #[error("{}: no facts are taken from it: {reason}", file.display())]
    FactsFile { file: std::path::PathBuf, reason: String },
}

fn nothing_because(elsewhere: u64, rejected: Option<&str>) -> String {
    let others = if elsewhere > 0 { format!("; {elsewhere} are of other ecosystems") } else { String::new() };
    rejected.map_or(others.clone(), |first| format!("{others}; the first that is rejected: {first}"))
}

impl RunError {
    /// What mends it.
    pub fn hint(&self) -> String {
        match self {
            RunError::Git(error) => error.hint(),
            RunError::Snapshot(error) => error.hint(),
            RunError::Clock(error) => error.hint().into(),
            RunError::Input(_) => "name a file that can be read".into(),
            RunError::Output(error) => error.hint().into(),
            RunError::Selection(error) => error.hint().into(),
            RunError::Pattern(_) => "write a name with `*` for anything, such as `@corp/*` or `corp-*`".into(),
            RunError::Read(error) => error.hint().into(),
            RunError::Vex(_) => crate::read::vex::HINT.into(),
            RunError::NoRepository(_) => "go to a repository's folder, or name it with -C".into(),
            RunError::NoSuchLockfile(_) => "name a lockfile as seen from the folder of -C".into(),
            RunError::NoSuchFile(_) => "name a file as seen from the folder of -C".into(),
            RunError::RevisionOrFile(text) => {
                let text = crate::model::text::visible(text);
                format!("write `-- {text}` for the file, and `{text} --` for the revision")
            }
            RunError::OneFile(_) | RunError::NotTwoFiles(..) => {
                "write OLD NEW for two files (documents or lockfiles), BASE..HEAD for two revisions".into()
            }
            RunError::SelectionOfFile(_) => "leave the option out, or name a revision".into(),
            RunError::SameFile(_) => "name each file once, and files of one name by their paths below one folder".into(),
            RunError::NoLockfile => {
                "name one with --lockfile, or take in folders that are left out by default with --include; an SBOM counts where it is named"
                    .into()
            }
            RunError::Form(error) => error.hint.clone(),
            RunError::NoApprover(_) => "say it: --by 'Name <name@host>'; or set user.name and user.email in your git configuration".into(),
            RunError::Mailmap(_) => {
                "fetch what is missing (`git fetch --refetch`), or make the file of the base a plain one of at most 4 MiB".into()
            }
            RunError::CargoMetadata { .. } => {
                "in the folder of the Cargo.lock, with the features and target that you build: cargo metadata --format-version 1 --locked > FILE".into()
            }
            RunError::Archive(_) | RunError::NothingImported { .. } => "name records (JSON), OSV's all.zip, RustSec's advisory-db as a folder or tar.gz, or an export".into(),
            RunError::Store { source, .. } => source.hint().into(),
            RunError::Exploitation { .. } => "remove the file and make it anew: sbomgate advisories import epss_scores.csv.gz known_exploited_vulnerabilities.json".into(),
            RunError::StoreFolder { .. } | RunError::NoStoreFolder => "name a folder that is writable with --store".into(),
            RunError::NoStore(_) => "make one: sbomgate advisories import FILE…; or name its folder with --store".into(),
            RunError::NoSuchApproval(_) => "write a name or a package URL as `sbomgate approvals list` prints it".into(),
            RunError::AdvisoryId(_) | RunError::NoSuchAdvisory(_) => "write an id such as GHSA-…, RUSTSEC-… or CVE-…".into(),
            RunError::Record { .. } => "name a file with one record: OSV's JSON or RustSec's Markdown".into(),
            RunError::Http(error) => error.hint().into(),
            RunError::Server { .. } => "is the address right? for an update it is the base of OSV's dumps, with a folder for each ecosystem; for --online that of its API".into(),
            RunError::NoRustsec(_) => "name RustSec's advisory-db: a folder, a tar.gz, or the address of one".into(),
            RunError::Offline(_) => "leave --offline out, or carry files here: sbomgate advisories import FILE…".into(),
            RunError::Purl(_) => "write a package URL such as pkg:npm/%40scope/name@1.0.0".into(),
            RunError::FactsFolder { .. } | RunError::NoFactsFolder => "name a folder that is writable with --facts".into(),
            RunError::NoFacts => "ask for them first: sbomgate facts PURL…, or sbomgate diff … --registry-facts".into(),
            RunError::UnreadLockfile { .. } => "mend the lockfile, or name packages by their package URLs".into(),
            RunError::FactsFile { .. } => "name a file that `sbomgate facts export` wrote".into(),
            RunError::OpenPgpKeys { .. } => "name a file that `gpg --export ADDRESS…` wrote, armored or not".into(),
            RunError::Attest(error) => error.hint().into(),
            RunError::AgentTrace { .. } => "name files of Agent Trace records (version 0.1), or a folder that holds nothing else".into(),
            RunError::Range { .. } => "ask for a part of it: A..B with an A that is nearer".into(),
            RunError::NoSuchPackage(_) => "write a name, name@version or a package URL as a report prints it".into(),
        }
    }
}
