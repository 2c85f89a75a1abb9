//! Findings and gaps in one form, for the reports that other tools read: how much each weighs, where it is, what
//! consent it waits for, and a fingerprint by which it is known again in the next run.

use super::Reported;
use super::needed::{Key, Rules, command, needed};
use crate::judge::Judgement;
use crate::model::{Finding, Gap, Level, RelPath};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// How much a remark weighs, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// A gap on which no verdict can stand.
    Blocking,
    /// It denies.
    Error,
    /// It waits for somebody's consent, whatever its level.
    Asked,
    Warning,
    Note,
    /// A gap that keeps no verdict from being given.
    Gap,
}

impl Weight {
    /// A word for people.
    pub fn word(self) -> &'static str {
        match self {
            Weight::Blocking => "could not judge",
            Weight::Error => "error",
            Weight::Asked => "needs approval",
            Weight::Warning => "warning",
            Weight::Note => "note",
            Weight::Gap => "not known",
        }
    }
}

/// A finding or a gap. Its texts are as they were found: each report escapes them for its own medium.
pub struct Remark<'r> {
    pub weight: Weight,
    /// The level of a finding; `None` of a gap.
    pub level: Option<Level>,
    /// The code of the rule, or of the kind of gap.
    pub code: &'static str,
    pub message: &'r str,
    pub package: Option<&'r str>,
    /// `None` for what is of no one file.
    pub file: Option<&'r RelPath>,
    pub line: Option<u32>,
    /// What gives the consent that it waits for.
    pub command: Option<String>,
    /// 64 digits that no other remark of the report has. They outlive lines that move, and change with what is told.
    pub fingerprint: String,
}

impl Remark<'_> {
    pub fn is_gap(&self) -> bool {
        self.level.is_none()
    }

    /// Whether all that it tells is that a package is new, which the list of changes or of decisions tells as well.
    pub fn is_told_elsewhere(&self) -> bool {
        self.code == "introduced-package" && self.weight != Weight::Error
    }

    /// The message, and how to consent.
    pub fn text(&self) -> String {
        match &self.command {
            Some(command) => format!("{}; to approve it: {command}", self.message),
            None => self.message.to_owned(),
        }
    }
}

/// Everything that a report remarks on, the weightiest first.
pub fn remarks<'r>(reported: &'r Reported<'_>) -> Vec<Remark<'r>> {
    let judgement = &reported.judgement;
    let waiting = Waiting::of(reported);
    let findings = judgement.findings.iter().map(|finding| of_finding(finding, &waiting));
    let gaps = judgement.gaps.iter().map(|gap| of_gap(gap, judgement.is_blocking(gap.kind)));
    let mut remarks: Vec<Remark<'_>> = findings.chain(gaps).collect();
    remarks.sort_by_key(|remark| remark.weight);
    number(&mut remarks);
    remarks
}

/// Which consents are waited for.
struct Waiting<'r> {
    judgement: &'r Judgement<'r>,
    /// The rules that ask, by package URL: one approval is of a package, wherever it is locked.
    rules: BTreeMap<String, Rules>,
    /// Every rule that asks.
    asking: Rules,
    /// Where each package waits.
    places: HashMap<String, Vec<Key<'r>>>,
    lockfiles: Vec<&'r RelPath>,
    policy: bool,
}

impl<'r> Waiting<'r> {
    fn of(reported: &'r Reported<'_>) -> Self {
        let judgement = &reported.judgement;
        let lockfiles = judgement.subject.lockfiles.iter().map(|lockfile| &lockfile.head.lockfile).collect();
        let (mut rules, mut places): (BTreeMap<String, Rules>, HashMap<_, Vec<_>>) = Default::default();
        for ((lockfile, package), asking) in needed(judgement) {
            let purl = package.purl();
            places.entry(purl.clone()).or_default().push((lockfile, package));
            rules.entry(purl).or_default().extend(asking);
        }
        let asking = judgement.requests.iter().map(|request| request.rule.clone()).collect();
        Waiting { judgement, rules, asking, places, lockfiles, policy: judgement.asks_for_policy() }
    }

    /// Whether a finding of no one package asks for a consent: for several packages, or for another policy.
    fn asks(&self, finding: &Finding) -> bool {
        let of_several = || self.asking.contains(&finding.code());
        self.policy && finding.rule == "policy-changed" || finding.package.is_none() && of_several()
    }

    /// The command for a finding that waits. One that points to a manifest is of every lockfile.
    fn command(&self, finding: &Finding) -> Option<String> {
        let purl = finding.package.as_deref()?;
        let rules = self.rules.get(purl).filter(|rules| rules.contains(&finding.code()))?;
        let file = finding.location.as_ref().map(|location| &location.file);
        let places = &self.places[purl];
        let is_here = file.is_none_or(|file| places.iter().any(|(lockfile, _)| *lockfile == file) || !self.lockfiles.contains(&file));
        is_here.then(|| command(self.judgement, places[0], rules))
    }
}

fn of_finding<'r>(finding: &'r Finding, waiting: &Waiting<'_>) -> Remark<'r> {
    let command = waiting.command(finding);
    let asks = command.is_some() || waiting.asks(finding);
    let weight = match finding.level {
        Level::Error => Weight::Error,
        _ if asks => Weight::Asked,
        Level::Warning => Weight::Warning,
        Level::Note => Weight::Note,
    };
    let advisory = finding.advisory.as_ref().map(|advisory| advisory.id.as_str());
    let file = finding.location.as_ref().map(|location| &location.file);
    Remark {
        weight,
        level: Some(finding.level),
        code: finding.rule,
        message: &finding.message,
        package: finding.package.as_deref(),
        file: file.filter(|file| !file.is_root()),
        line: finding.location.as_ref().map(|location| location.line),
        command,
        fingerprint: fingerprint(finding.rule, file, finding.package.as_deref(), advisory, &finding.message),
    }
}

fn of_gap(gap: &Gap, blocking: bool) -> Remark<'_> {
    Remark {
        weight: if blocking { Weight::Blocking } else { Weight::Gap },
        level: None,
        code: gap.kind.code(),
        message: &gap.message,
        package: None,
        file: Some(&gap.file).filter(|file| !file.is_root()),
        line: gap.line,
        command: None,
        fingerprint: fingerprint(gap.kind.code(), Some(&gap.file), None, None, &gap.message),
    }
}

/// Of a package the message does not count: it may tell of other packages, or of versions that an advisory names.
fn fingerprint(code: &str, file: Option<&RelPath>, package: Option<&str>, advisory: Option<&str>, message: &str) -> String {
    let message = if package.is_some() { String::new() } else { without_lines(message) };
    let file = file.map_or("", RelPath::as_str);
    digest(&["sbomgate/1", code, file, package.unwrap_or(""), advisory.unwrap_or(""), &message])
}

/// The message without the numbers of lines that it names: `package.json:7` is `package.json:`.
fn without_lines(message: &str) -> String {
    let mut parts = message.split(':');
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |text, part| text + ":" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Two remarks of one fingerprint are told apart by their order, the first one keeps it.
fn number(remarks: &mut [Remark<'_>]) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for remark in remarks {
        let times = seen.entry(remark.fingerprint.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            remark.fingerprint = digest(&[&remark.fingerprint, &times.to_string()]);
        }
    }
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::without_lines;

    #[test]
    fn a_line_that_moves_is_the_same_remark() {
        assert_eq!(without_lines("a asks for b (package.json:6)"), without_lines("a asks for b (package.json:17)"));
        assert_ne!(without_lines("a 1"), without_lines("a 2"));
        assert_eq!(without_lines(":1::2:x"), ":::"[..2].to_owned() + ":" + ":x");
    }
}
