//! The command line of `facts`.

use super::ReportFormat;
use clap::{Args, Subcommand};
use sbomgate::model::MaxAge;
use sbomgate::model::registry::DEPS_DEV;
use sbomgate::run::facts::Options;
use std::path::PathBuf;

/// Show what registries say of packages: age, releases, owners, downloads
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    after_help = "Examples:
  sbomgate facts pkg:npm/left-pad@1.3.0
  sbomgate facts pkg:pypi/requests             the newest release
  sbomgate facts pkg:cargo/serde@1.0.200 -f json --offline
  sbomgate facts export facts.json             all that is kept, for a machine without a network
  sbomgate facts import facts.json

Asked are the public registries, or those that your own configuration puts in their place (.npmrc,
.yarnrc.yml, pip.conf, uv.toml, .netrc, Cargo's config.toml and credentials.toml, and their variables).
What is asked is kept for a day.

Exit codes: 0 answered, 2 nothing could be learned about a package."
)]
pub struct Facts {
    #[command(subcommand)]
    pub command: Option<FactsCommand>,
    /// Package URLs
    #[arg(value_name = "PURL", required = true)]
    pub purls: Vec<String>,
    #[command(flatten)]
    pub answer: FactsAnswer,
}

/// How single packages are asked about, and how the answer is written.
#[derive(Args)]
pub struct FactsAnswer {
    /// Names that no server is told, with `*` for anything: `@corp/*`; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub internal: Vec<String>,
    /// Trust these root certificates (a PEM file) beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Stay off the network: show what is kept, however old it is
    #[arg(long)]
    pub offline: bool,
    /// The answer's form
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    #[command(flatten)]
    pub facts: FactsOptions,
}

#[derive(Subcommand)]
pub enum FactsCommand {
    /// Write what is kept to one file
    Export {
        #[arg(value_name = "FILE")]
        output: PathBuf,
        /// Only what is of these packages
        #[arg(value_name = "PURL")]
        purls: Vec<String>,
        /// Only what is of the packages of this lockfile; repeatable
        #[arg(long = "lockfile", value_name = "PATH")]
        lockfiles: Vec<String>,
        /// The folder of the facts; without it the user's cache
        #[arg(long, value_name = "DIR")]
        facts: Option<PathBuf>,
    },
    /// Take in files that `export` wrote; what is kept already and younger stays
    Import {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The folder of the facts; without it the user's cache
        #[arg(long, value_name = "DIR")]
        facts: Option<PathBuf>,
    },
}

/// How the facts of registries are kept and asked for.
#[derive(Args)]
pub struct FactsOptions {
    /// The folder in which answers of registries are kept; without it the user's cache
    #[arg(long, value_name = "DIR")]
    pub facts: Option<PathBuf>,
    /// From which age on a registry is asked again: 1h, 7d; without it after a day
    #[arg(long, value_name = "DURATION")]
    pub max_facts_age: Option<MaxAge>,
    /// Seconds for all questions to registries together; what is not answered then is not known
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub facts_deadline: u64,
    /// Ask deps.dev as well about packages of the public registries
    #[arg(long)]
    pub deps_dev: bool,
}

/// What registries say goes into an SBOM.
#[derive(Args)]
pub struct SbomFacts {
    /// Take in what registries say of the packages: licences, publishers, repositories, times
    #[arg(long)]
    pub registry_facts: bool,
    /// Stay off the network: with --registry-facts what is kept of earlier answers counts
    #[arg(long)]
    pub offline: bool,
    /// Names that no server is told, with `*` for anything: `@corp/*`; repeatable
    #[arg(long, value_name = "PATTERN", requires = "registry_facts")]
    pub internal: Vec<String>,
    /// Trust these root certificates (a PEM file) beside the system's
    #[arg(long, value_name = "FILE", requires = "registry_facts")]
    pub ca: Option<PathBuf>,
    #[command(flatten)]
    pub options: FactsOptions,
}

impl FactsOptions {
    pub fn options(&self) -> Options {
        Options {
            folder: self.facts.clone(),
            max_age: self.max_facts_age,
            deadline: Some(self.facts_deadline),
            second: self.deps_dev.then(|| DEPS_DEV.to_owned()),
        }
    }
}
