//! Advisories as findings and reports speak of them: an id, how serious, and what clears it.

use super::text::quoted;
use super::vex::Assessment;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The id of a record of some advisory database: `GHSA-…`, `RUSTSEC-…`, `CVE-…`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AdvisoryId(Arc<str>);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{} is no advisory id: letters and digits with `-_.:` between them only, 128 at most", quoted(.0))]
pub struct AdvisoryIdError(String);

const LONGEST_ID: usize = 128;

impl AdvisoryId {
    /// Any id of any database; nothing that a terminal, a CI job's log, a path or a URL would act upon,
    /// so it begins and ends with a letter or a digit.
    pub fn new(text: &str) -> Result<Self, AdvisoryIdError> {
        let is_plain = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let allowed = |b: &u8| is_plain(Some(b)) || b"-_.:".contains(b);
        let bytes = text.as_bytes();
        let ends = is_plain(bytes.first()) && is_plain(bytes.last());
        if !ends || bytes.len() > LONGEST_ID || !bytes.iter().all(allowed) || text.contains("..") {
            return Err(AdvisoryIdError(text.to_owned()));
        }
        Ok(AdvisoryId(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The database by the id's prefix (OSV schema, id prefixes): `GHSA`, `RUSTSEC`, `CVE`.
    pub fn database(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl TryFrom<String> for AdvisoryId {
    type Error = AdvisoryIdError;

    fn try_from(text: String) -> Result<Self, AdvisoryIdError> {
        AdvisoryId::new(&text)
    }
}

impl From<AdvisoryId> for String {
    fn from(id: AdvisoryId) -> String {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for AdvisoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AdvisoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// What a record warns of, least serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AdvisoryKind {
    /// Something that one should know (RustSec `notice`, and informational kinds that are not known).
    Notice,
    /// Nobody looks after the package any more.
    Unmaintained,
    /// Safe code can bring about undefined behaviour.
    Unsound,
    /// A flaw that somebody can use.
    Vulnerability,
    /// The package is meant to do harm (`MAL-`).
    Malware,
}

impl AdvisoryKind {
    pub fn as_str(self) -> &'static str {
        match self {
            AdvisoryKind::Notice => "notice",
            AdvisoryKind::Unmaintained => "unmaintained",
            AdvisoryKind::Unsound => "unsound",
            AdvisoryKind::Vulnerability => "vulnerability",
            AdvisoryKind::Malware => "malware",
        }
    }
}

/// The qualitative rating of CVSS 3 and 4 (CVSS v3.1 section 5, v4.0 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rating {
    None,
    Low,
    Medium,
    High,
    Critical,
}

impl Rating {
    /// The rating of a CVSS score, in tenths: CVSS v3.1 section 5, and NVD's bands for version 2, which has no
    /// critical.
    pub fn of_cvss(tenths: u8, is_v2: bool) -> Self {
        match tenths {
            0 => Rating::None,
            1..=39 => Rating::Low,
            40..=69 => Rating::Medium,
            90.. if !is_v2 => Rating::Critical,
            _ => Rating::High,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Rating::None => "none",
            Rating::Low => "low",
            Rating::Medium => "medium",
            Rating::High => "high",
            Rating::Critical => "critical",
        }
    }
}

/// How serious an advisory is, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Severity {
    pub rating: Rating,
    /// The CVSS score in tenths, 0 to 100; `None` where a database gave a word alone.
    pub tenths: Option<u8>,
    /// The vector that was scored.
    pub vector: Option<Box<str>>,
}

/// What is known of attacks on a flaw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exploitation {
    pub epss: Option<Epss>,
    pub seen: Option<Seen>,
}

/// How probable an attack is within 30 days (EPSS, first.org), in hundred-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epss {
    pub score: u32,
    /// The share of all CVEs that have no higher score.
    pub percentile: u32,
}

/// Attacks were seen (CISA's catalogue of known exploited vulnerabilities).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// The day on which the catalogue took it in, in seconds since 1970.
    pub since: i64,
    /// By extortionists too.
    pub ransomware: bool,
}

/// The records that tell of one flaw, as they apply to one version of one package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Advisory {
    /// The preferred one of the ids of the records that apply.
    pub id: AdvisoryId,
    /// Every other id of those records and every alias that they name, sorted.
    pub aliases: Vec<AdvisoryId>,
    /// The records that apply, sorted; `id` is one of them.
    pub records: Vec<AdvisoryId>,
    pub kind: AdvisoryKind,
    pub summary: String,
    /// The most serious one of the records, with the record that states it; `None` where none does.
    pub severity: Option<(Severity, AdvisoryId)>,
    /// When the first of the records was published, in seconds since 1970.
    pub published: Option<i64>,
    /// When the last of the records was changed, in seconds since 1970.
    pub modified: i64,
    /// Versions that the records call fixed and that come after this one, oldest first.
    pub fixed: Vec<String>,
    /// A version that any of the records calls fixed, wherever it stands and whatever the others say.
    pub fix_known: Option<String>,
    /// The oldest fixed version that no record of the store affects; of all advisories of the package.
    pub upgrade: Option<String>,
    /// In a finding about a package that is not direct: the purls of the direct ones that bring it, of
    /// which one has to move; sorted, and empty where the lockfile cannot tell or there are too many.
    pub through: Vec<String>,
    pub cwes: Vec<String>,
    /// What is known of attacks, of its CVEs the worst; `None` where no such facts were imported, or they say nothing.
    pub exploitation: Option<Exploitation>,
    /// Functions that hold the flaw, where a record names them.
    pub functions: Vec<String>,
    /// Addresses with more about it, as the records have them.
    pub references: Vec<String>,
    /// What somebody says of it in this package, where that is believed (VEX).
    pub vex: Option<Arc<Assessment>>,
}

impl Advisory {
    /// Where people read the record.
    pub fn url(&self) -> String {
        format!("{}{}", super::registry::OSV_PAGES, self.id)
    }

    /// Whether somebody who is believed says that it does no harm in this package.
    pub fn is_cleared(&self) -> bool {
        self.vex.as_ref().is_some_and(|vex| vex.status.clears())
    }

    /// Whether two tell of one flaw.
    pub fn is_same_flaw(&self, other: &Advisory) -> bool {
        let ids = |advisory: &Advisory| -> Vec<AdvisoryId> { advisory.aliases.iter().chain([&advisory.id]).cloned().collect() };
        let others = ids(other);
        ids(self).iter().any(|id| others.contains(id))
    }
}
