//! `sbom --sign`: a document with its checksum and a signed statement beside it.

use super::RunError;
use crate::edge::input;
use crate::enrich::signature::PrivateKey;
use crate::evidence::{self, Envelope, PAYLOAD_TYPE, pae};
use crate::model::{Algorithm, Digest};
use crate::report::Inert;
use crate::sbom::{self, Format, Inventory};
use sha2::Digest as _;
use std::io::{self, Write};
use std::path::Path;

/// Bytes of a key file that are read; one of OpenSSH has some four hundred.
const LARGEST_KEY: u64 = 64 << 10;

/// A document as its file will hold it, and what is said of that file.
pub struct Document {
    pub bytes: Vec<u8>,
    /// The file's name, without its folder.
    name: String,
    digest: Digest,
    predicate_type: Option<&'static str>,
}

/// The key of a file that nobody else may read.
pub fn key(file: &Path) -> Result<PrivateKey, RunError> {
    let bytes = input::secret(file, LARGEST_KEY)?;
    PrivateKey::parse(&bytes).map_err(|source| RunError::PrivateKey { file: file.into(), source })
}

impl Document {
    /// Writes the document for a file of this name.
    pub fn new(inventory: &Inventory<'_>, format: Format, file: &Path) -> Result<Document, RunError> {
        let failed = |source: io::Error| RunError::Document { file: file.into(), source };
        let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(|| RunError::FileName(file.into()))?;
        let mut bytes = Vec::new();
        {
            // As every file of ours is written: what would be a command of a CI runner is none.
            let mut out = Inert::new(&mut bytes);
            sbom::write(inventory, format, &mut out).and_then(|()| out.flush()).map_err(failed)?;
        }
        let digest = sha256(&bytes).ok_or_else(|| RunError::FileName(file.into()))?;
        Ok(Document { bytes, name: name.to_owned(), digest, predicate_type: format.predicate_type() })
    }

    /// The line of `sha256sum`.
    pub fn checksum(&self) -> Result<Vec<u8>, RunError> {
        let line = evidence::write_checksum(&self.name, &self.digest);
        line.map(String::into_bytes).ok_or_else(|| RunError::FileName(self.name.clone().into()))
    }

    /// The in-toto statement, not signed.
    pub fn statement(&self) -> Result<Vec<u8>, RunError> {
        let predicate_type = self.predicate_type.ok_or_else(|| RunError::NoStatement(self.name.clone()))?;
        let failed = |error: serde_json::Error| RunError::Document { file: self.name.clone().into(), source: error.into() };
        evidence::statement(&self.name, &self.digest, predicate_type, &self.bytes).map_err(failed)
    }

    /// The statement in an envelope, signed.
    pub fn envelope(&self, key: &PrivateKey) -> Result<Vec<u8>, RunError> {
        let statement = self.statement()?;
        let signature = key.sign(&pae(PAYLOAD_TYPE, &statement));
        let failed = |error: serde_json::Error| RunError::Document { file: self.name.clone().into(), source: error.into() };
        Envelope::written(&statement, &key.fingerprint(), &signature).map_err(failed)
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Option<Digest> {
    Digest::new(Algorithm::Sha256, &sha2::Sha256::digest(bytes)).ok()
}
