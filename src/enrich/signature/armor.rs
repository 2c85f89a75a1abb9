//! Bytes written as lines of base64 between a first and a last line (RFC 9580, section 6; OpenSSH's PROTOCOL.sshsig).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The bytes of a text that is one block with this label, such as `SSH SIGNATURE`, and nothing else.
pub(super) fn one(text: &[u8], label: &str, has_headers: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?.trim_ascii();
    let inner = text.strip_prefix(&format!("-----BEGIN {label}-----"))?.strip_suffix(&format!("-----END {label}-----"))?;
    decoded(inner, has_headers)
}

/// The bytes of all blocks of a text, between and around which anything else but blocks may stand; `None` without one.
pub(super) fn all(text: &[u8], label: &str) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut blocks = Vec::new();
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    for part in text.split("-----BEGIN ").skip(1) {
        let inner = part.strip_prefix(&begin["-----BEGIN ".len()..])?;
        blocks.push(decoded(inner.split_once(&end)?.0, true)?);
    }
    (!blocks.is_empty()).then_some(blocks)
}

/// What stands between the first line and the last. With headers an empty line ends them; the checksum below, which
/// RFC 9580 (6.1) wants nobody to rely on, is passed over.
fn decoded(inner: &str, has_headers: bool) -> Option<Vec<u8>> {
    let mut lines = inner.lines().map(str::trim_ascii);
    let rest_of_first = lines.next().unwrap_or_default();
    if !rest_of_first.is_empty() {
        return None;
    }
    if has_headers && !lines.by_ref().any(str::is_empty) {
        return None;
    }
    let lines: Vec<&str> = lines.collect();
    let body = match lines.as_slice() {
        [body @ .., checksum] if has_headers && checksum.starts_with('=') => body,
        all => all,
    };
    STANDARD.decode(body.concat()).ok()
}
