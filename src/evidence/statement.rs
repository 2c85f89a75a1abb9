//! An in-toto Statement, version 1 (in-toto/attestation, spec/v1/statement.md): which files, by their digests, and what
//! is said of them. The predicate is the SBOM itself, as its predicate type wants it and `cosign attest` writes it, so
//! that whoever collects attestations has the document with the signature.

use crate::model::text::{quoted, shortened, visible};
use crate::model::{Algorithm, Digest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// Files that a statement is about at most.
const MOST_SUBJECTS: usize = 10_000;

/// What a signed statement says.
#[derive(Debug)]
pub struct Statement {
    /// Never empty.
    pub subjects: Vec<Subject>,
    pub predicate_type: String,
    /// As JSON.
    pub predicate: Box<RawValue>,
}

/// A file that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub name: String,
    pub digest: Digest,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StatementError {
    #[error("the payload is no in-toto statement: {0}")]
    Form(String),
    #[error("the payload is of the type {}, not `{STATEMENT_TYPE}`", quoted(.0))]
    Type(String),
    #[error("the statement is about no file")]
    NoSubject,
    #[error("the statement is about more than {MOST_SUBJECTS} files")]
    TooManySubjects,
    #[error("the statement has no SHA-256 of {}", quoted(.0))]
    NoDigest(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<P> {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<WireSubject>,
    predicate_type: String,
    predicate: P,
}

#[derive(Serialize, Deserialize)]
struct WireSubject {
    #[serde(default)]
    name: String,
    #[serde(default)]
    digest: BTreeMap<String, String>,
}

/// The statement that a document is what it is: its file's name and digest, its predicate type, and the document.
/// Fails where the document is no JSON.
pub fn statement(name: &str, digest: &Digest, predicate_type: &str, document: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let predicate: &RawValue = serde_json::from_slice(document)?;
    let subject = WireSubject { name: name.to_owned(), digest: [(digest.algorithm().as_str().to_owned(), digest.hex())].into() };
    let kind = STATEMENT_TYPE.to_owned();
    serde_json::to_vec(&Wire { kind, subject: vec![subject], predicate_type: predicate_type.to_owned(), predicate })
}

impl Statement {
    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Result<Statement, StatementError> {
        let wire: Wire<Box<RawValue>> = serde_json::from_slice(payload)
            .map_err(|error| StatementError::Form(visible(&shortened(&error.to_string(), 200)).into_owned()))?;
        if wire.kind != STATEMENT_TYPE {
            return Err(StatementError::Type(wire.kind));
        }
        match wire.subject.len() {
            0 => return Err(StatementError::NoSubject),
            many if many > MOST_SUBJECTS => return Err(StatementError::TooManySubjects),
            _ => {}
        }
        let subjects = wire.subject.into_iter().map(subject).collect::<Result<Vec<_>, _>>()?;
        Ok(Statement { subjects, predicate_type: wire.predicate_type, predicate: wire.predicate })
    }
}

fn subject(wire: WireSubject) -> Result<Subject, StatementError> {
    let digest = wire.digest.get("sha256").and_then(|hex| Digest::from_hex(Algorithm::Sha256, hex).ok());
    match digest {
        Some(digest) => Ok(Subject { name: wire.name, digest }),
        None => Err(StatementError::NoDigest(wire.name)),
    }
}
