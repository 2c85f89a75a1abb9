//! What is said of a document by somebody who answers for it: checksums of files, and in-toto statements in signed
//! DSSE envelopes. Bytes in, bytes or values out; keys and files come from outside.
//!
//! A reader takes nothing from an envelope before a signature of it was checked: the only way to its payload is
//! [`Envelope::opened`].

mod checksums;
mod envelope;
mod statement;

pub use checksums::{Checksum, ChecksumError, checksums, write_checksum};
pub use envelope::{Envelope, EnvelopeError, PAYLOAD_TYPE, pae};
pub use statement::{Statement, StatementError, Subject, statement};
