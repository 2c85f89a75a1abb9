//! What can be written on the command line.

mod advisories;
mod facts;

pub use advisories::{Advisories, AdvisoriesCommand, Asked, Network};
pub use facts::{Facts, FactsAnswer, FactsCommand, FactsOptions, SbomFacts};

use clap::builder::PossibleValuesParser;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use sbomgate::enrich::attribution::{Category, Only};
use sbomgate::model::registry::OSV_API;
use sbomgate::model::{Day, MaxAge};
use sbomgate::report::REPORTS;
use sbomgate::run::judged::Sources;
use sbomgate::sbom::Format;
use std::path::PathBuf;

/// Says what changed in a repository's third-party packages, through which path it came in, and
/// whether it may.
#[derive(Parser)]
#[command(version, about, max_term_width = 100, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str =
    "Exit codes:\n  0  allowed\n  1  denied\n  2  could not judge: usage, unreadable input, broken repository\n  3  needs approval";

#[derive(Args)]
pub struct Global {
    /// Work as if called in this folder
    #[arg(short = 'C', global = true, value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// When to use colour; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Show every line of long lists
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Leave out what is no change, finding or gap
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
}

#[derive(Subcommand)]
pub enum Command {
    Diff(Diff),
    Check(Check),
    Sbom(Sbom),
    Verify(Verify),
    Why(Why),
    Attribution(Attribution),
    Ai(Ai),
    Explain(Explain),
    Advisories(Advisories),
    Facts(Facts),
    /// Write a first policy that fits the repository
    #[command(after_help = "Examples:
  sbomgate init

It goes to .sbomgate/policy.toml at the top of the repository; one that is there is never overwritten.")]
    Init,
    Approve(Approve),
    Approvals(Approvals),
    Textconv(Textconv),
}

/// Approve packages of the work tree: entries of .sbomgate/approvals.toml
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate approve fox --owner team-web --reason 'the cart needs it' --expires 2027-06-30
  sbomgate approve --baseline=main --owner platform --reason 'there before the policy' --expires 2027-06-30
  sbomgate approve fox@1.0.0 pkg:npm/%40zoo/gnu --exact --owner team-web --reason … --expires …

An entry holds for compatible versions of the package from its source. It counts once it is committed by
its approver, who must be another than who brought the package in (`sbomgate explain self-approval`).")]
pub struct Approve {
    /// A name, name@version or package URL
    #[arg(value_name = "PACKAGE", required_unless_present = "baseline", conflicts_with = "baseline")]
    pub packages: Vec<String>,
    /// Approve what a revision holds (HEAD without one) and no entry is of yet, each version alone with its digest
    #[arg(long, value_name = "REV", num_args = 0..=1, require_equals = true, default_missing_value = "HEAD")]
    pub baseline: Option<String>,
    /// Who answers for the package: a team, or a person
    #[arg(long, value_name = "OWNER")]
    pub owner: String,
    /// Why it may come in
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day on which the approval holds, such as 2027-06-30
    #[arg(long, value_name = "DAY")]
    pub expires: Day,
    /// Who approves, `Name <name@host>`; without it whom git would name as the author of a commit here
    #[arg(long, value_name = "PERSON")]
    pub by: Option<String>,
    /// This version alone, with its digest
    #[arg(long)]
    pub exact: bool,
    /// Accept what this rule finds as well, or this advisory; repeatable
    #[arg(long, value_name = "RULE|ADVISORY")]
    pub accept: Vec<String>,
    /// Accept advisories only as long as no fixed version is known
    #[arg(long, requires = "accept")]
    pub until_fixed: bool,
}

/// Look after the approvals of the work tree
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate approvals list
  sbomgate approvals renew fox --expires 2028-06-30
  sbomgate approvals prune             takes out what expired or is of no package")]
pub struct Approvals {
    #[command(subcommand)]
    pub command: ApprovalsCommand,
}

#[derive(Subcommand)]
pub enum ApprovalsCommand {
    /// List all entries, and why one does not count
    List,
    /// The same; exit code 1 where one does not count
    Check,
    /// Let entries hold until another day; it is a new approval, and counts as one
    Renew {
        /// A name or package URL
        #[arg(value_name = "PACKAGE", required = true)]
        packages: Vec<String>,
        /// The last day on which the approval holds, such as 2027-06-30
        #[arg(long, value_name = "DAY")]
        expires: Day,
        /// Who approves, `Name <name@host>`; without it whom git would name as the author of a commit here
        #[arg(long, value_name = "PERSON")]
        by: Option<String>,
    },
    /// Take out entries that expired, and those of packages that no lockfile holds
    Prune,
}

/// Compare the lockfiles of two revisions, or two files, and judge what came in
#[derive(Args)]
#[command(
    override_usage = "sbomgate diff [OPTIONS] [RANGE]\n       sbomgate diff [OPTIONS] [--] OLD NEW",
    after_help = "Examples:
  sbomgate diff main..HEAD              what HEAD has that main has not
  sbomgate diff main...HEAD             what the branch brought since it left main
  sbomgate diff HEAD                    what the work tree changed
  sbomgate diff main..HEAD --ai declared     what came in with commits that declare AI use
  sbomgate diff v1.0..v1.1 -f json -o changes.json
  sbomgate diff old.cdx.json new.cdx.json
  sbomgate diff package-lock.json bom.spdx.json

Files are SBOM documents (CycloneDX, SPDX) or lockfiles. `--` stands before files and after
revisions where a name is both."
)]
pub struct Diff {
    /// BASE..HEAD, BASE...HEAD (from the merge base), or REV (against the work tree)
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// The newer of two files
    #[arg(value_name = "NEW", requires = "range")]
    pub new: Option<String>,
    /// Two files to compare
    #[arg(last = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// List only packages that came in with commits of this attribution; the verdict is of all. Repeatable
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub ai: Vec<AiKind>,
    /// Check OpenPGP signatures by the keys of this file as well, as `gpg --export` writes it. They show in the
    /// report; the verdict counts the base's keys alone. Repeatable
    #[arg(long, value_name = "FILE")]
    pub openpgp_keys: Vec<PathBuf>,
    #[command(flatten)]
    pub selected: Selected,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub reports: Reports,
}

/// What can be said of who or what wrote a commit.
#[derive(Clone, Copy, ValueEnum)]
pub enum AiKind {
    /// The use of AI is declared
    Declared,
    /// Something indicates the use of AI, and nothing declares it
    Indicated,
    /// A bot that is no AI tool
    Automation,
    /// Nobody declared anything, which shows nothing
    Undeclared,
    /// Not known: evidence is missing or cannot be read
    Unknown,
}

impl AiKind {
    /// The filter that several of them are.
    pub fn only(kinds: &[AiKind]) -> Option<Only> {
        Only::of(kinds.iter().map(|kind| match kind {
            AiKind::Declared => Some(Category::AiDeclared),
            AiKind::Indicated => Some(Category::AiIndicated),
            AiKind::Automation => Some(Category::Automation),
            AiKind::Undeclared => Some(Category::Undeclared),
            AiKind::Unknown => None,
        }))
    }
}

/// Judge a whole project: every package counts as new
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate check                        the work tree
  sbomgate check v1.0 -f json           a tag, without checking it out
  sbomgate check bom.cdx.json           an SBOM document, or any one lockfile
  sbomgate check --vex vex.json         with what is said of known flaws")]
pub struct Check {
    /// A revision, or a file (an SBOM document, a lockfile); without one the work tree
    #[arg(value_name = "REV|FILE")]
    pub target: Option<String>,
    /// A file, where a revision is called so as well
    #[arg(last = true, value_name = "FILE", conflicts_with = "target")]
    pub file: Option<String>,
    #[command(flatten)]
    pub selected: Selected,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub reports: Reports,
}

/// Write a software bill of materials (CycloneDX, SPDX), or its known flaws (OpenVEX)
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate sbom -o bom.json             the work tree
  sbomgate sbom v1.0 -o bom.json        a tag, without checking it out
  sbomgate sbom --lockfile web/package-lock.json
  sbomgate sbom bom.spdx.json           another document, written anew
  sbomgate sbom -o cyclonedx-json=bom.json -o cyclonedx-xml@1.4=bom.xml
  sbomgate sbom a.cdx.json b.spdx.json  documents of parts, merged
  sbomgate sbom --per-lockfile boms     one for each lockfile
  sbomgate sbom v1.0 --introductions    with who brought each package in, and who approved it
  sbomgate sbom v1.0 --advisories       with what the advisory store says of the packages
  sbomgate sbom v1.0 --advisories -f openvex-json -o vex.json
  sbomgate sbom v1.0 --advisories --vex vex.json         with what is said of them
  sbomgate sbom v1.0 -o bom.json --sign release-key      with bom.json.sha256 and bom.json.intoto.jsonl
  sbomgate sbom --score                 what it tells of what guides ask for
  sbomgate sbom -f spdx-json --spec-version 3.0.1 -o bom.spdx3.json

With --registry-facts licences, publishers, repositories and times are those of the registries; the document is the same
again as long as their answers are.

SOURCE_DATE_EPOCH sets the document's timestamp; a revision's own is its commit time.")]
pub struct Sbom {
    /// A revision, or a file (an SBOM document, a lockfile); without one the work tree
    #[arg(value_name = "REV|FILE")]
    pub target: Option<String>,
    /// Further files, to be merged with the first
    #[arg(value_name = "FILE", requires = "target", conflicts_with_all = ["file", "lockfiles", "include", "exclude"])]
    pub further: Vec<String>,
    /// A file, where a revision is called so as well
    #[arg(last = true, value_name = "FILE", conflicts_with = "target")]
    pub file: Option<String>,
    #[command(flatten)]
    pub selected: Selected,
    /// The document's form; without one, and without an --output that names one, cyclonedx-json
    #[arg(short, long, value_name = "FORMAT", value_parser = documents())]
    pub format: Option<String>,
    /// The version of the specification, for each document that --output gives none
    #[arg(long, value_name = "VERSION")]
    pub spec_version: Option<String>,
    /// For the work tree's Cargo.lock: a file that `cargo metadata --format-version 1` wrote; packages
    /// that are locked and not built are marked
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub cargo_metadata: Option<PathBuf>,
    /// Take in which commit, person and AI tool brought each package in, by the whole history, and who approved it
    #[arg(long)]
    pub introductions: bool,
    /// Take in what the advisory store says of the packages (`vulnerabilities`), and which of it approvals accept
    #[arg(long)]
    pub advisories: bool,
    /// The folder of the advisory store; without it the user's cache
    #[arg(long, value_name = "DIR", requires = "advisories")]
    pub store: Option<PathBuf>,
    /// How old the store may be: 24h, 7d, 2w; one that is older, or none, is exit code 2
    #[arg(long, value_name = "DURATION", requires = "advisories")]
    pub max_store_age: Option<MaxAge>,
    /// A VEX document (OpenVEX, CycloneDX) whose statements stand with the advisories (`analysis`); repeatable
    #[arg(long, value_name = "FILE", requires = "advisories")]
    pub vex: Vec<String>,
    #[command(flatten)]
    pub facts: SbomFacts,
    /// Put a checksum (FILE.sha256) and a signed in-toto statement (FILE.intoto.jsonl) beside each document; KEY is a
    /// private key of ed25519 without a passphrase
    #[arg(long, value_name = "KEY", requires = "output", conflicts_with = "score")]
    pub sign: Option<PathBuf>,
    /// Write the document's in-toto statement to a file, to be signed by another tool (cosign)
    #[arg(long, value_name = "FILE", requires = "output", conflicts_with = "score")]
    pub statement: Option<PathBuf>,
    /// Instead of the document, tell what it will say of what NTIA, CISA, BSI TR-03183-2 and OpenChain Telco ask for:
    /// `--score` for people, `--score=json` for programs
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text", value_parser = ["text", "json"], conflicts_with_all = ["output", "per_lockfile"])]
    pub score: Option<String>,
    /// Write to a file instead of the standard output; FORMAT=FILE and FORMAT@VERSION=FILE write further documents;
    /// repeatable. All are written or none
    #[arg(short, long, value_name = "[FORMAT[@VERSION]=]FILE")]
    pub output: Vec<String>,
    /// Write a document of each lockfile into this folder, under the lockfile's path: DIR/web/package-lock.json.cdx.json
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub per_lockfile: Option<PathBuf>,
}

/// Check documents by their checksums and signed statements
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate verify bom.json --key release.pub          by bom.json.intoto.jsonl and bom.json.sha256 beside it
  sbomgate verify bom.json.intoto.jsonl --allowed-signers signers
  sbomgate verify SHA256SUMS

Without --key and --allowed-signers the keys are those of git's gpg.ssh.allowedSignersFile. With one of them, a file
for which no signature vouches does not verify.

Exit codes:\n  0  good\n  1  does not verify\n  2  could not be read, or nobody vouches for it")]
pub struct Verify {
    /// Documents, checksum files (sha256sum), DSSE envelopes (.intoto.jsonl)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// A public key of SSH (ed25519) whose signatures count; repeatable
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
    /// A list of allowed signers as ssh-keygen reads it; repeatable
    #[arg(long, value_name = "FILE")]
    pub allowed_signers: Vec<PathBuf>,
}

/// Every form of a document.
fn documents() -> PossibleValuesParser {
    PossibleValuesParser::new(Format::defaults().map(Format::id))
}

/// Show why a package is there: the roads that lead to it
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate why left-pad
  sbomgate why left-pad@1.3.0 v1.0      at a tag
  sbomgate why pkg:npm/%40scope/name --limit 100
  sbomgate why left-pad bom.cdx.json    in an SBOM document")]
pub struct Why {
    /// A name, name@version or package URL
    #[arg(value_name = "PACKAGE")]
    pub package: String,
    /// A revision, or a file (an SBOM document, a lockfile); without one the work tree
    #[arg(value_name = "REV|FILE")]
    pub target: Option<String>,
    /// A file, where a revision is called so as well
    #[arg(last = true, value_name = "FILE", conflicts_with = "target")]
    pub file: Option<String>,
    /// Roads shown at most for each package
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
    /// For the work tree's Cargo.lock: a file that `cargo metadata --format-version 1` wrote; packages
    /// that are locked and not built are marked
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub cargo_metadata: Option<PathBuf>,
    #[command(flatten)]
    pub selected: Selected,
    /// The report's form
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
}

/// Say who or what wrote commits: a person, an AI tool, a bot
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate attribution HEAD
  sbomgate attribution main..HEAD --ai declared,indicated
  sbomgate attribution v1.0 0361e43 -f json
  sbomgate attribution HEAD --agent-trace .agent-trace

Evidence is read from the commits, from git-ai notes (refs/notes/ai), from the pull request
behind a squash (refs/pull/N/head, refs/merge-requests/N/head), from branches and merges, and in
CI from the job's event. A commit without evidence is undeclared: that does not show that a person
wrote it.

Exit codes: 0 answered, 2 not known for some commit (a shallow clone, unreadable evidence).")]
pub struct Attribution {
    /// Revisions, or ranges: A..B, or A...B from the merge base. People bear the names that the .mailmap of A
    /// (of the merge base) gives them; of a revision alone it is HEAD's
    #[arg(value_name = "REV", required = true)]
    pub revisions: Vec<String>,
    /// Show only commits of this attribution; repeatable
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub ai: Vec<AiKind>,
    /// A file of Agent Trace records, or a folder with such files; repeatable
    #[arg(long, value_name = "PATH")]
    pub agent_trace: Vec<PathBuf>,
    /// Check OpenPGP signatures by the keys of this file, as `gpg --export` writes it; repeatable
    #[arg(long, value_name = "FILE")]
    pub openpgp_keys: Vec<PathBuf>,
    /// The report's form
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    /// Write to a file instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Which AI tools a repository was made with
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate ai inventory
  sbomgate ai inventory v1.0 -f json -o ai.json")]
pub struct Ai {
    #[command(subcommand)]
    pub command: AiCommand,
}

#[derive(Subcommand)]
pub enum AiCommand {
    /// List the AI tools that left marks in the history and among the files
    #[command(after_help = "Examples:
  sbomgate ai inventory
  sbomgate ai inventory v1.0 -f json -o ai.json

Looked at are the revision with everything before it, and the files that belong to AI tools (CLAUDE.md,
AGENTS.md, .cursor/rules …): which tools, since when, in how many commits and lockfile changes; lines that tell
agents not to declare themselves; packages that instructions tell agents to install and that no lockfile of the
revision holds. Of instructions only code counts (fences, backticks, lines that begin with $). Numbers are lower
bounds.

Exit codes: 0 answered, 2 not known for some commit or lockfile.")]
    Inventory {
        /// The revision
        #[arg(value_name = "REV", default_value = "HEAD")]
        revision: String,
        /// The report's form
        #[arg(short, long, value_name = "FORMAT", default_value = "text")]
        format: ReportFormat,
        /// Write to a file instead of the standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Explain a rule: what it looks at, why, and how to mend what it found
#[derive(Args)]
pub struct Explain {
    /// The rule's code; without one all rules are listed
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,
}

/// Print what a lockfile holds, a package a line, so that `git diff` shows what changed
#[derive(Args)]
#[command(after_help = "Examples:
  sbomgate textconv package-lock.json
  git config diff.sbomgate.textconv 'sbomgate textconv'
  echo 'package-lock.json diff=sbomgate' >>.gitattributes

Nothing beside the file is looked at. A file that cannot be read is shown as it is. See docs/ci.md.")]
pub struct Textconv {
    /// The lockfile, or the copy of one that git makes
    pub file: String,
}

/// Which lockfiles count.
#[derive(Args)]
pub struct Selected {
    /// Read exactly this lockfile, or this SBOM document, which is never looked for; repeatable
    #[arg(long = "lockfile", value_name = "PATH")]
    pub lockfiles: Vec<String>,
    /// Take in lockfiles that are left out by default (in vendored and test-data folders); repeatable
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Leave out lockfiles; repeatable
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
}

/// Where advisories come from.
#[derive(Args)]
pub struct Store {
    /// The folder of the advisory store; without it the user's cache
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// How old the store may be: 24h, 7d, 2w; one that is older, or none, is exit code 2
    #[arg(long, value_name = "DURATION")]
    pub max_store_age: Option<MaxAge>,
    /// Ask OSV's server in place of the store, and registries for what comes in: they are told the names of registry packages
    #[arg(long)]
    pub online: bool,
    /// The base address of OSV's API
    #[arg(long, value_name = "URL", default_value = OSV_API, requires = "online")]
    pub osv_url: String,
    /// Names that no server is told, with `*` for anything: `@corp/*`; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub internal: Vec<String>,
    /// Trust these root certificates (a PEM file) beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Ask registries what they know of the packages that come in (of all, where a whole project is judged), and leave
    /// advisories to the store; with --offline what is kept of earlier answers counts
    #[arg(long)]
    pub registry_facts: bool,
    /// Stay off the network
    #[arg(long, conflicts_with = "online")]
    pub offline: bool,
    /// A VEX document (OpenVEX, CycloneDX): what it says is not affected or fixed is a note; one that the change brings
    /// along does not count; repeatable
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<String>,
    #[command(flatten)]
    pub facts: FactsOptions,
}

impl Store {
    pub fn sources(&self) -> Sources {
        Sources {
            store: self.store.clone(),
            max_age: self.max_store_age,
            online: self.online.then(|| self.osv_url.clone()),
            internal: self.internal.clone(),
            ca: self.ca.clone(),
            registry_facts: self.registry_facts,
            offline: self.offline,
            vex: self.vex.clone(),
            facts: self.facts.options(),
        }
    }
}

/// Which reports are written where.
#[derive(Args)]
pub struct Reports {
    /// The report's form
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = forms())]
    pub format: String,
    /// Write to a file instead of the standard output; FORMAT=FILE writes a further report; repeatable
    #[arg(short, long, value_name = "[FORMAT=]FILE")]
    pub output: Vec<String>,
}

/// Every report of a judgement.
fn forms() -> PossibleValuesParser {
    PossibleValuesParser::new(REPORTS.iter().map(|report| report.id()))
}

/// The forms of an answer that is no judgement.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Text,
    Json,
}
