//! DSSE envelopes, version 1 (secure-systems-lab/dsse): a payload, its type, and signatures of both. The identity of a
//! key in it is a hint that nobody signed, so it is shown and never followed.

use crate::model::text::{quoted, shortened, visible};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

/// The type of in-toto statements.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// Signatures of one envelope at most: each is tried with every key.
const MOST_SIGNATURES: usize = 100;

/// An envelope that was read and not opened.
#[derive(Debug)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Vec<u8>>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    #[error("it is no DSSE envelope: {0}")]
    Form(String),
    #[error("its {0} is not base64")]
    Base64(&'static str),
    #[error("it has no signature")]
    NoSignature,
    #[error("it has more than {MOST_SIGNATURES} signatures")]
    TooManySignatures,
    #[error("its payload is of the type {}, not `{PAYLOAD_TYPE}`", quoted(.0))]
    PayloadType(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// What is signed: the type and the payload with their lengths, so that neither can pass for the other.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// An in-toto statement with a signature of its [`pae`], as one line of JSON.
    pub fn written(payload: &[u8], key_id: &str, signature: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let signatures = vec![WireSignature { keyid: key_id.to_owned(), sig: STANDARD.encode(signature) }];
        let wire = Wire { payload_type: PAYLOAD_TYPE.to_owned(), payload: STANDARD.encode(payload), signatures };
        let mut line = serde_json::to_vec(&wire)?;
        line.push(b'\n');
        Ok(line)
    }

    /// Reads an envelope.
    pub fn read(text: &str) -> Result<Envelope, EnvelopeError> {
        let wire: Wire =
            serde_json::from_str(text).map_err(|error| EnvelopeError::Form(visible(&shortened(&error.to_string(), 200)).into_owned()))?;
        match wire.signatures.len() {
            0 => return Err(EnvelopeError::NoSignature),
            many if many > MOST_SIGNATURES => return Err(EnvelopeError::TooManySignatures),
            _ => {}
        }
        let signatures = wire.signatures.iter().map(|signature| decoded(&signature.sig).ok_or(EnvelopeError::Base64("signature")));
        Ok(Envelope {
            signatures: signatures.collect::<Result<Vec<_>, _>>()?,
            payload: decoded(&wire.payload).ok_or(EnvelopeError::Base64("payload"))?,
            payload_type: wire.payload_type,
        })
    }

    /// The payload and what `check` says of the first signature that it takes. It gets what was signed and a signature.
    /// `None` where it takes none of them.
    pub fn opened<T>(&self, check: impl Fn(&[u8], &[u8]) -> Option<T>) -> Result<Option<(&[u8], T)>, EnvelopeError> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType(self.payload_type.clone()));
        }
        let signed = pae(&self.payload_type, &self.payload);
        Ok(self.signatures.iter().find_map(|signature| check(&signed, signature)).map(|taken| (&self.payload[..], taken)))
    }
}

/// Standard or URL-safe, as the specification has it.
fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::{Envelope, EnvelopeError, pae};

    /// The example of the specification (protocol.md).
    #[test]
    fn what_is_signed_is_what_the_specification_says() {
        assert_eq!(pae("http://example.com/HelloWorld", b"hello world"), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn a_payload_is_not_seen_without_a_signature() {
        let line = String::from_utf8(Envelope::written(b"{}", "SHA256:x", b"signature").unwrap()).unwrap();
        let envelope = Envelope::read(&line).unwrap();
        let signed = pae(super::PAYLOAD_TYPE, b"{}");
        let check = |bytes: &[u8], signature: &[u8]| (bytes == signed && signature == b"signature").then_some("ada");
        assert_eq!(envelope.opened(check), Ok(Some((&b"{}"[..], "ada"))));
        assert_eq!(envelope.opened(|_, _| None::<()>), Ok(None));
        let other = line.replace("vnd.in-toto", "vnd.other");
        assert!(matches!(Envelope::read(&other).unwrap().opened(check), Err(EnvelopeError::PayloadType(_))));
        for (text, wrong) in [
            ("{}", None),
            ("[]", None),
            (r#"{"payloadType":"","payload":"","signatures":[]}"#, Some(EnvelopeError::NoSignature)),
            (r#"{"payloadType":"","payload":"?","signatures":[{"sig":""}]}"#, Some(EnvelopeError::Base64("payload"))),
            (r#"{"payloadType":"","payload":"","signatures":[{"sig":"?"}]}"#, Some(EnvelopeError::Base64("signature"))),
            (r#"{"payload":"","payload":"","payloadType":"","signatures":[]}"#, None),
        ] {
            let found = Envelope::read(text).unwrap_err();
            assert!(wrong.is_none_or(|wrong| wrong == found), "{text}: {found}");
        }
    }
}
