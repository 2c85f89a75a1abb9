//! `verify`: whether files are what a checksum or a signed statement says.
//!
//! Names in a checksum file or a statement are those of files beside it: nothing leads to another folder. Where the
//! user names keys, a checksum alone is not enough: whoever took a signature away would be believed.

use super::attest::{AttestError, CHECKSUM, ENVELOPE, sha256};
use super::{Project, RunError};
use crate::edge::{clock, input, signers};
use crate::enrich::signature::{AllowedSigners, NotSigned, Signatory};
use crate::evidence::{self, Checksum, Envelope, EnvelopeError, Statement, Subject};
use crate::model::text::quoted;
use crate::model::{Moment, RelPath};
use crate::sbom::Format;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Bytes of one file that are read.
const LARGEST: u64 = 1 << 30;
const LARGEST_LIST: u64 = 4 << 20;

/// Whose signatures count.
pub struct Keys {
    signers: AllowedSigners,
    /// Whether the user named them for this run, so that a signature has to be there.
    are_named: bool,
    /// Why there are none.
    missing: String,
    now: Moment,
}

/// What was found of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub outcome: Outcome,
    /// A sentence without its full stop; it may quote what a file says.
    pub text: String,
}

/// The worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Good,
    /// It could not be read, or nobody vouches for it.
    Unread,
    /// It does not verify.
    Wrong,
}

impl Finding {
    fn good(text: String) -> Finding {
        Finding { outcome: Outcome::Good, text }
    }

    fn unread(text: impl ToString) -> Finding {
        Finding { outcome: Outcome::Unread, text: text.to_string() }
    }

    fn wrong(text: String) -> Finding {
        Finding { outcome: Outcome::Wrong, text }
    }
}

impl Keys {
    /// Public keys and lists of allowed signers that the user names; without any, the list of their own git
    /// configuration.
    pub fn read(keys: &[PathBuf], lists: &[PathBuf], project: &Project) -> Result<Keys, RunError> {
        let now = Moment { seconds: clock::now()?, offset: 0 };
        let mut signers = AllowedSigners::default();
        for file in keys {
            let text = input::read(file, LARGEST_LIST)?;
            let key = AllowedSigners::of_public_key(&text, &file.display().to_string());
            signers.extend(key.ok_or_else(|| AttestError::PublicKey(file.clone()))?);
        }
        for file in lists {
            signers.extend(AllowedSigners::of_files(&input::read(file, LARGEST_LIST)?));
        }
        let are_named = !keys.is_empty() || !lists.is_empty();
        let mut missing = "no key in the lists that are named is for signing files".to_owned();
        if !are_named {
            match signers::allowed(Some(&project.top())) {
                Ok(Some(text)) => signers = AllowedSigners::of_files(&text),
                Ok(None) => {
                    "no key is named (--key, --allowed-signers), and git's gpg.ssh.allowedSignersFile is not set".clone_into(&mut missing)
                }
                Err(reason) => missing = reason,
            }
        }
        Ok(Keys { signers, are_named, missing, now })
    }
}

/// A file, and what it turned out that speaks for which files.
#[derive(Default)]
struct Spoken {
    findings: Vec<Finding>,
    /// The names of files that are as they are said to be.
    names: BTreeSet<String>,
    is_signed: bool,
}

/// Everything that is found of a file: a checksum file, an envelope, or a document with one of those beside it.
pub fn verify(file: &Path, keys: &Keys) -> Vec<Finding> {
    let bytes = match input::bytes(file, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) => return vec![Finding::unread(error)],
    };
    let spoken = match sort_of(file, &bytes) {
        Sort::Envelopes => envelopes(file, &bytes, keys),
        Sort::Checksums => checksums(file, &bytes),
        Sort::Document => return document(file, keys),
    };
    let mut findings = spoken.findings;
    findings.extend(unsigned(file, keys, spoken.is_signed));
    findings
}

/// Where keys are named, what nobody signed does not verify.
fn unsigned(file: &Path, keys: &Keys, is_signed: bool) -> Option<Finding> {
    let is_missing = keys.are_named && !is_signed;
    is_missing.then(|| Finding::wrong(format!("{}: no signature by a key that is named vouches for it", file.display())))
}

enum Sort {
    Envelopes,
    Checksums,
    Document,
}

fn sort_of(file: &Path, bytes: &[u8]) -> Sort {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_list = || std::str::from_utf8(bytes).is_ok_and(|text| evidence::checksums(text).is_ok());
    let has_beside = [ENVELOPE, CHECKSUM].iter().any(|ending| is_there(&file.with_file_name(format!("{name}{ending}"))));
    match name {
        // A document whose text was exchanged for a list that praises others is one still.
        _ if has_beside => Sort::Document,
        name if name.ends_with(ENVELOPE) || name.ends_with(".dsse.json") => Sort::Envelopes,
        name if name.ends_with(CHECKSUM) || name.ends_with("SUMS") || is_list() => Sort::Checksums,
        _ => Sort::Document,
    }
}

/// Anything at all, a link that leads nowhere too: what cannot be read must not pass for what is not there.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A document: what lies beside it says what it has to be.
fn document(file: &Path, keys: &Keys) -> Vec<Finding> {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return vec![Finding::unread(format!("{}: its name is not UTF-8", file.display()))];
    };
    let (mut findings, mut is_signed, mut is_told) = (Vec::new(), false, false);
    for ending in [ENVELOPE, CHECKSUM] {
        let beside = file.with_file_name(format!("{name}{ending}"));
        if !is_there(&beside) {
            continue;
        }
        is_told = true;
        let spoken = match input::bytes(&beside, LARGEST) {
            Err(error) => Spoken { findings: vec![Finding::unread(error)], ..Spoken::default() },
            Ok(bytes) if ending == ENVELOPE => envelopes(&beside, &bytes, keys),
            Ok(bytes) => checksums(&beside, &bytes),
        };
        let is_about_it = spoken.names.contains(name);
        is_signed |= spoken.is_signed && is_about_it;
        let is_silent = !is_about_it && spoken.findings.iter().all(|finding| finding.outcome == Outcome::Good);
        findings.extend(spoken.findings);
        findings.extend(is_silent.then(|| Finding::wrong(format!("{} says nothing of {}", beside.display(), quoted(name)))));
    }
    if !is_told {
        findings.push(Finding::unread(format!("{}: neither {name}{ENVELOPE} nor {name}{CHECKSUM} lies beside it", file.display())));
    }
    findings.extend(unsigned(file, keys, is_signed));
    findings
}

fn checksums(file: &Path, bytes: &[u8]) -> Spoken {
    let text = String::from_utf8_lossy(bytes);
    let mut spoken = Spoken::default();
    match evidence::checksums(&text) {
        Err(error) => spoken.findings.push(Finding::unread(format!("{}: {error}", file.display()))),
        Ok(all) => {
            for Checksum { name, digest } in all {
                let said = Subject { name, digest };
                let finding = compared(file, &said, &format!("as {} says, which nobody signed", file.display()));
                spoken.names.extend((finding.outcome == Outcome::Good).then_some(said.name));
                spoken.findings.push(finding);
            }
        }
    }
    spoken
}

/// One envelope, or one a line; each has to verify.
fn envelopes(file: &Path, bytes: &[u8], keys: &Keys) -> Spoken {
    let mut spoken = Spoken::default();
    let Ok(text) = std::str::from_utf8(bytes) else {
        spoken.findings.push(Finding::unread(format!("{}: it is not UTF-8", file.display())));
        return spoken;
    };
    let read = match Envelope::read(text) {
        Ok(one) => vec![Ok(one)],
        Err(error) if text.trim().lines().count() < 2 => vec![Err(error)],
        Err(_) => text.lines().filter(|line| !line.trim().is_empty()).map(Envelope::read).collect(),
    };
    for envelope in read {
        match envelope.and_then(|envelope| opened(file, &envelope, keys)) {
            Err(error) => spoken.findings.push(Finding::unread(format!("{}: {error}", file.display()))),
            Ok(Err(finding)) => spoken.findings.push(finding),
            Ok(Ok((statement, by))) => said(file, &statement, &by, &mut spoken),
        }
    }
    // One envelope that cannot be believed leaves open what the file as a whole says.
    spoken.is_signed = !spoken.names.is_empty() && spoken.findings.iter().all(|finding| finding.outcome == Outcome::Good);
    spoken
}

/// The statement, and who signed it.
fn opened(file: &Path, envelope: &Envelope, keys: &Keys) -> Result<Result<(Statement, Signatory), Finding>, EnvelopeError> {
    if keys.signers.is_empty() {
        return Ok(Err(Finding::unread(format!("{}: its signature is not checked: {}", file.display(), keys.missing))));
    }
    let lapsed = RefCell::new(None);
    let check = |signed: &[u8], signature: &[u8]| match keys.signers.signatory(signed, signature, keys.now) {
        Ok(signatory) => Some(signatory),
        Err(NotSigned::NotNow(fingerprint)) => {
            lapsed.borrow_mut().get_or_insert(fingerprint);
            None
        }
        Err(NotSigned::NoKey) => None,
    };
    Ok(match envelope.opened(check)? {
        Some((payload, by)) => match Statement::read(payload) {
            Ok(statement) => Ok((statement, by)),
            Err(error) => Err(Finding::unread(format!("{}: {error}", file.display()))),
        },
        None => Err(Finding::wrong(match lapsed.into_inner() {
            Some(fingerprint) => format!("{}: signed by {fingerprint}, which is not allowed today", file.display()),
            None => format!("{}: no signature in it is by a key that is allowed", file.display()),
        })),
    })
}

/// What a statement says of the files beside it.
fn said(file: &Path, statement: &Statement, by: &Signatory, spoken: &mut Spoken) {
    let how = format!("as {} signed it ({})", quoted(&by.name), by.fingerprint);
    for subject in &statement.subjects {
        let mut finding = compared(file, subject, &how);
        if finding.outcome == Outcome::Good && statement.subjects.len() == 1 {
            finding = of_predicate(file, subject, statement).unwrap_or(finding);
        }
        spoken.names.extend((finding.outcome == Outcome::Good).then(|| subject.name.clone()));
        spoken.findings.push(finding);
    }
}

/// A statement about an SBOM's file holds that SBOM: another document in it would be believed by who reads it there.
fn of_predicate(file: &Path, subject: &Subject, statement: &Statement) -> Option<Finding> {
    if !Format::ALL.iter().any(|format| format.predicate_type() == Some(&statement.predicate_type)) {
        return None;
    }
    let bytes = beside(file, &subject.name).and_then(|path| input::bytes(&path, LARGEST).ok())?;
    if bytes.trim_ascii() == statement.predicate.get().as_bytes() {
        return None;
    }
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    let is_same = value(&bytes).is_some_and(|document| Some(document) == value(statement.predicate.get().as_bytes()));
    (!is_same).then(|| Finding::wrong(format!("{}: the document in it is another than {}", file.display(), quoted(&subject.name))))
}

/// Whether the file of this name has this digest.
fn compared(by: &Path, said: &Subject, how: &str) -> Finding {
    let Some(path) = beside(by, &said.name) else {
        return Finding::unread(format!("{}: {} is no name of a file beside it", by.display(), quoted(&said.name)));
    };
    match input::bytes(&path, LARGEST).map(|bytes| sha256(&bytes)) {
        Err(error) => Finding::unread(error),
        Ok(Some(found)) if found == said.digest => Finding::good(format!("{} is {how}", path.display())),
        Ok(_) => Finding::wrong(format!("{} is another file than {} is about: its SHA-256 differs", path.display(), by.display())),
    }
}

/// A file in the folder of another or below.
fn beside(file: &Path, name: &str) -> Option<PathBuf> {
    let path = RelPath::new(name).ok().filter(|path| path.as_str() == name && !name.is_empty())?;
    Some(file.with_file_name(path.as_str()))
}
