//! Addresses as valid IRI references (RFC 3986, RFC 3987). What a lockfile calls a URL need not be
//! one, and one bad reference makes a whole BOM invalid.

use std::borrow::Cow;
use std::net::Ipv6Addr;

/// The address with what no IRI reference may hold percent-encoded, and git's `user@host:path`
/// written as the ssh URL that it stands for. Characters outside of ASCII are encoded too: no reader
/// needs to know which of them are allowed.
pub(super) fn reference(address: &str) -> Cow<'_, str> {
    if is_plain_web_address(address) {
        return Cow::Borrowed(address);
    }
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => match scp(address) {
            Some((host, path)) => return Cow::Owned(format!("ssh://{}/{}", authority(host), tail(path))),
            None => return Cow::Owned(without_authority(address)),
        },
    };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    Cow::Owned(format!("{scheme}://{}{}", authority(host), tail(path)))
}

/// What nearly every address is: nothing in it that could need encoding.
fn is_plain_web_address(address: &str) -> bool {
    let rest = address.strip_prefix("https://").unwrap_or("");
    let host = rest.bytes().take_while(|&b| b != b'/');
    !rest.is_empty()
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/' | b'@'))
        && host.into_iter().all(|b| b != b'@')
}

/// RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// `user@host:path`, as git and ssh take it.
fn scp(address: &str) -> Option<(&str, &str)> {
    let (host, path) = address.split_once(':')?;
    let is_host = host.contains('@') && !host.contains('/');
    is_host.then(|| (host, path.trim_start_matches('/')))
}

/// `[user@]host[:port]`. What stands in a port's place and is no port is git's path.
fn authority(text: &str) -> String {
    let (user, place) = text.rsplit_once('@').map_or(("", text), |(user, place)| (user, place));
    let user = if user.is_empty() { String::new() } else { format!("{}@", encoded(user, b":")) };
    let literal = place.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let literal = literal.filter(|(host, port)| host.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.starts_with(':')));
    let (host, port) = match literal {
        Some((host, port)) => (format!("[{host}]"), port.strip_prefix(':')),
        None => {
            let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
            (encoded(host, b""), port)
        }
    };
    match port {
        None => format!("{user}{host}"),
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => format!("{user}{host}:{port}"),
        Some(path) => format!("{user}{host}/{}", encoded(path, b":@")),
    }
}

/// Path, query and fragment.
fn tail(text: &str) -> String {
    match text.split_once('#') {
        Some((before, fragment)) => format!("{}#{}", encoded(before, b":@/?"), encoded(fragment, b":@/?")),
        None => encoded(text, b":@/?"),
    }
}

/// A text without `scheme://`. A colon in its first segment would make a scheme of what is none, and
/// slashes in front would make a host.
fn without_authority(text: &str) -> String {
    if let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) {
        return format!("{scheme}:{}", tail(rest));
    }
    let slashes = text.len() - text.trim_start_matches('/').len();
    let text = if slashes > 1 { &text[slashes - 1..] } else { text };
    let (first, rest) = text.split_at(text.find(['/', '?', '#']).unwrap_or(text.len()));
    format!("{}{}", encoded(first, b"@"), tail(rest))
}

/// Percent-encodes all but unreserved characters, sub-delimiters, `also` and what is encoded already.
fn encoded(text: &str, also: &[u8]) -> String {
    let bytes = text.as_bytes();
    let is_escape = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &byte) in bytes.iter().enumerate() {
        let stays = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte) || also.contains(&byte);
        if stays || byte == b'%' && is_escape(at) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
