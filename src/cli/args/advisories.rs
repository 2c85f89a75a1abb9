//! The command line of `advisories`.

use super::ReportFormat;
use clap::{Args, Subcommand};
use sbomgate::model::Ecosystem;
use sbomgate::model::registry::OSV_DUMPS;
use std::path::PathBuf;

/// Keep and ask a store of advisories (OSV, RustSec) that works without a network
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate advisories update
  sbomgate advisories update --ecosystem npm --from https://mirror.example/osv
  sbomgate advisories import npm/all.zip PyPI/all.zip advisory-db.tar.gz
  sbomgate advisories status
  sbomgate advisories show GHSA-35jh-r3h4-6jhm
  sbomgate advisories affects record.json pkg:npm/lodash@4.17.20
  sbomgate advisories export -o advisories.zip       # for `import` on another machine")]
pub struct Advisories {
    #[command(subcommand)]
    pub command: AdvisoriesCommand,
}

#[derive(Subcommand)]
pub enum AdvisoriesCommand {
    /// Take records into the store: OSV's JSON or all.zip, RustSec's advisory-db, folders, an export; and
    /// facts on exploitation: EPSS's scores (csv.gz), CISA's catalogue (JSON)
    Import {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Drop what the store held of the ecosystems that the files tell of
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        asked: Asked,
    },
    /// Bring the store up to date from OSV's public dumps or a mirror of them
    #[command(after_help = UPDATE)]
    Update {
        /// Only this ecosystem: crates.io, npm or PyPI; repeatable
        #[arg(long, value_name = "ECOSYSTEM", value_parser = ecosystem)]
        ecosystem: Vec<Ecosystem>,
        /// The base address of the dumps
        #[arg(long, value_name = "BASE-URL", default_value = OSV_DUMPS)]
        from: String,
        /// Take RustSec's own advisory-db as well: a folder, an archive, or the address of an archive
        #[arg(long, value_name = "DIR|ARCHIVE|URL")]
        rustsec: Option<String>,
        /// Drop what the store held of these ecosystems
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        network: Network,
        #[command(flatten)]
        asked: Asked,
    },
    /// Tell what the store holds, how old it is, and whether it is sound
    Status {
        #[command(flatten)]
        asked: Asked,
    },
    /// Print a record, by its id or an alias
    Show {
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        asked: Asked,
    },
    /// Hold one record against one package
    Affects {
        /// A file with a record, or the id of a record of the store
        #[arg(value_name = "RECORD")]
        record: String,
        /// A package URL
        #[arg(value_name = "PURL")]
        package: String,
        #[command(flatten)]
        asked: Asked,
    },
    /// Write the whole store to one file, for `import` on a machine without a network
    Export {
        #[arg(short, long, value_name = "FILE", default_value = "advisories.zip")]
        output: PathBuf,
        /// The folder of the advisory store; without it the user's cache
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
    },
}

const UPDATE: &str = "Of each ecosystem the list of changes is fetched (BASE-URL/npm/modified_id.csv), then the changed
records one by one (BASE-URL/npm/ID.json) where they are few, else all of them (BASE-URL/npm/all.zip).
A failure leaves the old store in use; a download that broke off goes on the next time.
HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR count.";

fn ecosystem(text: &str) -> Result<Ecosystem, String> {
    let is_named = |ecosystem: &Ecosystem| ecosystem.osv_name() == text || ecosystem.to_string() == text;
    Ecosystem::ALL.into_iter().find(is_named).ok_or_else(|| "write crates.io, npm or PyPI".to_owned())
}

/// How the network is used.
#[derive(Args)]
pub struct Network {
    /// Trust these root certificates (a PEM file) beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Stay off the network
    #[arg(long)]
    pub offline: bool,
}

/// Which store, and how the answer is written.
#[derive(Args)]
pub struct Asked {
    /// The folder of the advisory store; without it the user's cache
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// The answer's form
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
}
