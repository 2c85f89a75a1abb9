//! `sbom --sign`: a document with its checksum and a signed statement beside it.

use super::RunError;
use crate::edge::input;
use crate::enrich::signature::{PrivateKey, PrivateKeyError};
use crate::evidence::{self, Envelope, PAYLOAD_TYPE, pae};
use crate::model::{Algorithm, Digest};
use crate::report::Inert;
use crate::sbom::{self, Format, Inventory};
use sha2::Digest as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes of a key file that are read; one of OpenSSH has some four hundred.
const LARGEST_KEY: u64 = 64 << 10;

/// What speaks for a document's file, beside it.
pub(super) const ENVELOPE: &str = ".intoto.jsonl";
pub(super) const CHECKSUM: &str = ".sha256";

/// Why nothing is signed, or no key is known.
#[derive(Debug, thiserror::Error)]
pub enum AttestError {
    #[error("{}: {source}", file.display())]
    PrivateKey { file: PathBuf, source: PrivateKeyError },
    #[error("{}: it is no public key of SSH", .0.display())]
    PublicKey(PathBuf),
    #[error("{}: the document cannot be written: {source}", file.display())]
    Document { file: PathBuf, source: io::Error },
    #[error("{}: no checksum and no statement can be about a file of this name", .0.display())]
    FileName(PathBuf),
    #[error("{0}: a statement holds its document as JSON, and this one is XML")]
    Xml(String),
}

impl AttestError {
    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match self {
            AttestError::PrivateKey { source, .. } => source.hint(),
            AttestError::PublicKey(_) => "name the `.pub` file of a key; for a list of them there is --allowed-signers",
            AttestError::Document { .. } => "set SOURCE_DATE_EPOCH to a time that a calendar has",
            AttestError::FileName(_) => "choose a name of plain letters with --output",
            AttestError::Xml(_) => "sign the JSON document, which says the same; XML can have a checksum of your own",
        }
    }
}

/// A document as its file will hold it, and what is said of that file.
struct Document {
    bytes: Vec<u8>,
    /// The file's name, without its folder.
    name: String,
    digest: Digest,
    predicate_type: Option<&'static str>,
}

/// The key of a file that nobody else may read.
pub fn key(file: &Path) -> Result<PrivateKey, RunError> {
    let bytes = input::secret(file, LARGEST_KEY)?;
    Ok(PrivateKey::parse(&bytes).map_err(|source| AttestError::PrivateKey { file: file.into(), source })?)
}

/// The files of one document: itself, with a key its checksum and its signed statement, and where a place for that is
/// named the statement that nobody signed.
pub fn files(
    inventory: &Inventory<'_>,
    format: Format,
    file: &Path,
    key: Option<&PrivateKey>,
    statement: Option<&Path>,
) -> Result<Vec<(PathBuf, Vec<u8>)>, RunError> {
    let document = Document::new(inventory, format, file)?;
    let mut files = Vec::new();
    if let Some(place) = statement {
        files.push((place.to_owned(), document.statement()?));
    }
    if let Some(key) = key {
        files.push((beside(file, CHECKSUM), document.checksum()?));
        files.push((beside(file, ENVELOPE), document.envelope(key)?));
    }
    files.push((file.to_owned(), document.bytes));
    Ok(files)
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

impl Document {
    /// Writes the document for a file of this name.
    fn new(inventory: &Inventory<'_>, format: Format, file: &Path) -> Result<Document, AttestError> {
        let failed = |source: io::Error| AttestError::Document { file: file.into(), source };
        let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(|| AttestError::FileName(file.into()))?;
        let mut bytes = Vec::new();
        {
            // As every file of ours is written: what would be a command of a CI runner is none.
            let mut out = Inert::new(&mut bytes);
            sbom::write(inventory, format, &mut out).and_then(|()| out.flush()).map_err(failed)?;
        }
        let digest = sha256(&bytes).ok_or_else(|| AttestError::FileName(file.into()))?;
        Ok(Document { bytes, name: name.to_owned(), digest, predicate_type: format.predicate_type() })
    }

    /// The line of `sha256sum`.
    fn checksum(&self) -> Result<Vec<u8>, AttestError> {
        let line = evidence::write_checksum(&self.name, &self.digest);
        line.map(String::into_bytes).ok_or_else(|| AttestError::FileName(self.name.clone().into()))
    }

    /// The in-toto statement, not signed.
    fn statement(&self) -> Result<Vec<u8>, AttestError> {
        let predicate_type = self.predicate_type.ok_or_else(|| AttestError::Xml(self.name.clone()))?;
        let failed = |error: serde_json::Error| AttestError::Document { file: self.name.clone().into(), source: error.into() };
        evidence::statement(&self.name, &self.digest, predicate_type, &self.bytes).map_err(failed)
    }

    /// The statement in an envelope, signed.
    fn envelope(&self, key: &PrivateKey) -> Result<Vec<u8>, AttestError> {
        let statement = self.statement()?;
        let signature = key.sign(&pae(PAYLOAD_TYPE, &statement));
        let failed = |error: serde_json::Error| AttestError::Document { file: self.name.clone().into(), source: error.into() };
        Envelope::written(&statement, &key.fingerprint(), &signature).map_err(failed)
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Option<Digest> {
    Digest::new(Algorithm::Sha256, &sha2::Sha256::digest(bytes)).ok()
}
