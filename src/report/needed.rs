//! Who waits for a consent, and the command that gives it. Every report that asks for one asks in these words.

use super::Reported;
use crate::judge::approval::{BY_ENTRY, OF_BYTES};
use crate::judge::owners::Owned;
use crate::judge::{ApprovalRequest, Judgement};
use crate::model::{Code, Package, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// A package of a lockfile.
pub type Key<'r> = (&'r RelPath, &'r Package);

/// The codes of rules and conditions.
pub type Rules = BTreeSet<Code>;

/// The packages that wait for somebody, each with the rules that ask.
pub fn needed<'r>(judgement: &'r Judgement<'_>) -> BTreeMap<Key<'r>, Rules> {
    let mut needed: BTreeMap<Key<'r>, Rules> = BTreeMap::new();
    for request in &judgement.requests {
        needed.entry(key(request)).or_default().insert(request.rule.clone());
    }
    needed
}

pub fn key(request: &ApprovalRequest) -> Key<'_> {
    (&request.lockfile, &request.package)
}

/// Who has to consent: by the change that brought the package in; of one that was there by its lockfile.
pub fn owners<'r>(judgement: &'r Judgement<'_>, (path, package): Key<'r>) -> Vec<Owned<'r>> {
    let subject = &judgement.subject;
    let lockfile = subject.lockfiles.iter().find(|lockfile| lockfile.head.lockfile == *path);
    if subject.gate.owners.is_empty() {
        return Vec::new();
    }
    // Changes are sorted by their packages.
    let found = lockfile.and_then(|lockfile| {
        let at = lockfile.changes.binary_search_by(|change| change.package.cmp(package)).ok()?;
        lockfile.changes.get(at)
    });
    match found {
        Some(change) => subject.gate.owners.of_change(path, change),
        None => subject.gate.owners.of(package, path, None),
    }
}

/// What approves the package, once the words in capitals are filled in. A purl holds nothing that a shell
/// acts upon inside of single quotes.
pub fn command(judgement: &Judgement<'_>, key: Key<'_>, rules: &Rules) -> String {
    let purl = key.1.purl();
    let is_plain = |name: &&String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@/._+-".contains(&byte));
    let owners = owners(judgement, key);
    let owner = owners.iter().flat_map(|owned| owned.owners).next().filter(is_plain);
    let owner = owner.map_or("OWNER".to_owned(), |name| format!("'{name}'"));
    let accepted = rules.iter().filter(|rule| !BY_ENTRY.contains(&&***rule));
    let accepted: String = accepted.map(|rule| format!(" --accept {rule}")).collect();
    let exact = if rules.iter().any(|rule| OF_BYTES.contains(&&**rule)) { " --exact" } else { "" };
    format!("sbomgate approve '{purl}'{exact}{accepted} --owner {owner} --reason REASON --expires YYYY-MM-DD")
}

/// The codes for people.
pub fn listed(rules: &Rules) -> String {
    rules.iter().map(|code| &**code).collect::<Vec<_>>().join(", ")
}

/// How many packages wait; several rules may ask for one.
pub fn number(reported: &Reported<'_>) -> usize {
    needed(&reported.judgement).len()
}
