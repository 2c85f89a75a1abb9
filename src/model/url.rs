//! Addresses from lockfiles and manifests, kept without their credentials.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A URL (or a git address of the form `git@host:path`) as a file states it, with passwords and
/// tokens taken out. It is text for people and purls: nothing here is ever fetched.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

/// What stands in the place of a credential.
const REDACTED: &str = "REDACTED";

/// Query keys whose value is a credential.
const SECRET_KEYS: [&str; 8] = ["token", "access_token", "auth", "password", "secret", "key", "api_key", "sig"];

impl Address {
    /// Takes the credentials out; the rest stays letter by letter.
    pub fn new(text: &str) -> Self {
        // Nearly every address: nothing in it could be a credential.
        if memchr::memchr2(b'@', b'?', text.as_bytes()).is_none() {
            return Address(text.into());
        }
        let text = without_user(text);
        Address(without_secret_query(&text).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port: whose server it is. The text itself where it has no authority.
    pub fn origin(&self) -> &str {
        let start = self.0.find("://").map_or(self.0.len(), |at| at + 3);
        let end = self.0[start..].find(['/', '?', '#']).map_or(self.0.len(), |at| start + at);
        &self.0[..end]
    }

    /// The host of a URL with an authority, lower case as written; `None` where there is none.
    pub fn host(&self) -> Option<&str> {
        let (_, rest) = self.0.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?;
        Some(host.split(':').next().unwrap_or(host))
    }
}

/// The address of a folder inside of what lies at `url`, as pip writes it. It is part of the address:
/// who changes it changes what is installed.
pub fn in_folder<'u>(url: &'u str, folder: Option<&str>) -> Cow<'u, str> {
    match folder.map(|folder| folder.trim_matches('/')).filter(|folder| !matches!(*folder, "" | ".")) {
        Some(folder) => Cow::Owned(format!("{url}#subdirectory={folder}")),
        None => Cow::Borrowed(url),
    }
}

/// `user:password@` goes; a bare user name stays for ssh (`git@`), where it is no secret, and
/// goes for everything else, where it may be a token.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..authority_end].rfind('@') else { return text.to_owned() };
    let user = &rest[..at];
    if scheme.ends_with("ssh") && !user.contains(':') { text.to_owned() } else { format!("{scheme}://{}", &rest[at + 1..]) }
}

fn without_secret_query(text: &str) -> String {
    let Some((before, query_and_fragment)) = text.split_once('?') else { return text.to_owned() };
    let (query, fragment) = match query_and_fragment.split_once('#') {
        Some((query, fragment)) => (query, format!("#{fragment}")),
        None => (query_and_fragment, String::new()),
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if SECRET_KEYS.contains(&key.to_ascii_lowercase().as_str()) => format!("{key}={REDACTED}"),
        _ => pair.to_owned(),
    });
    format!("{before}?{}{fragment}", pairs.collect::<Vec<_>>().join("&"))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// A place at a web server, taken apart strictly: what two readers could understand differently is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Whether the connection is encrypted.
    pub is_secure: bool,
    /// In small letters, with the port where it is not the scheme's own.
    pub host: String,
    /// Without the slashes around it, and without query and fragment.
    pub path: String,
}

impl Place {
    /// `http://` or `https://`, a host, and no credentials.
    pub fn parse(url: &str) -> Option<Place> {
        let (scheme, rest) = url.split_once("://")?;
        let is_secure = scheme.eq_ignore_ascii_case("https");
        if !is_secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(is_plain) {
            return None;
        }
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        if path.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let host = authority.to_ascii_lowercase();
        let host = host.strip_suffix(if is_secure { ":443" } else { ":80" }).unwrap_or(&host);
        (!host.is_empty()).then(|| Place { is_secure, host: host.to_owned(), path: path.trim_matches('/').to_owned() })
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let port = |host: &str| self.host == host || self.host.strip_prefix(host).is_some_and(|rest| rest.starts_with(':'));
        port("localhost") || port("127.0.0.1") || port("[::1]")
    }

    /// Whether it is the other's server, and its path or one below; whole segments count, and a path that leads up
    /// lies nowhere.
    pub fn lies_in(&self, other: &Place) -> bool {
        let is_plain = !self.path.split('/').any(|segment| matches!(segment, "." | ".."))
            && !self.path.contains('\\')
            && !self.path.to_ascii_lowercase().contains("%2e");
        let below = self.path.strip_prefix(&other.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.host == other.host && (other.path.is_empty() || is_plain && below)
    }
}

/// Host and path of an `http` or `https` address as package managers understand it (WHATWG URL, 4.4): in small letters,
/// without the scheme's own port, a dot at the end, steps up and down, and with `\` for `/`. For comparisons alone; `None`
/// where it has no host or names a user.
pub fn host_and_path(address: &str) -> Option<(String, String)> {
    let text: String = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).map(|c| if c == '\\' { '/' } else { c }).collect();
    let (scheme, rest) = text.trim().split_once(':')?;
    let port = [("https", ":443"), ("http", ":80")].into_iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name))?.1;
    let rest = rest.trim_start_matches('/').split(['?', '#']).next()?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = percent_decoded(host).to_ascii_lowercase();
    let host = host.strip_suffix(port).unwrap_or(&host).trim_end_matches('.');
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    (!host.is_empty() && !host.contains('@')).then(|| (host.to_owned(), segments.join("/")))
}

/// The host of an `http` or `https` address that is written without escapes, users and odd characters, as it is written:
/// then it is the host of [`host_and_path`] but for capitals.
pub fn plain_host(address: &str) -> Option<&str> {
    let after =
        |scheme: &str| address.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).map(|_| &address[scheme.len()..]);
    let rest = after("https://").or_else(|| after("http://"))?;
    let authority = &rest[..rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let host = host.trim_end_matches('.');
    (is_plain && !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(host)
}

/// The address without what stands before an `@` in its authority, and that; for settings in which a user writes
/// credentials into addresses.
pub fn split_user(url: &str) -> (String, Option<(String, String)>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest[..end].rfind('@') else { return (url.to_owned(), None) };
    let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
    (format!("{scheme}://{}", &rest[at + 1..]), Some((percent_decoded(user), percent_decoded(password))))
}

/// With each `%` and two hex digits as the byte that they stand for; what is no UTF-8 then is replaced.
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{host_and_path, plain_host};

    proptest::proptest! {
        #[test]
        fn a_plain_host_is_the_host(address in "(https?|HTTPS|ftp|) ?:(//|/|\\\\|)[aA.x%@:0-9\\\\\t/?#é-]{0,20}") {
            if let Some(host) = plain_host(&address) {
                let (known, _) = host_and_path(&address).expect("an address with a host");
                let without_port = known.split(':').next().unwrap_or("").trim_end_matches('.');
                proptest::prop_assert_eq!(without_port, host.to_ascii_lowercase(), "{}", address);
            }
        }
    }
}
