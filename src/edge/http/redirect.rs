//! Where a server may lead us.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};

/// Steps from the first address at most.
const MOST: usize = 5;

pub fn policy() -> Policy {
    Policy::custom(|attempt| match refusal(attempt.previous(), attempt.url()) {
        Some(reason) => attempt.error(Refused(reason)),
        None => attempt.follow(),
    })
}

/// For whoever looks at each step.
pub fn nowhere() -> Policy {
    Policy::none()
}

/// Where an answer leads (RFC 9110, 15.4); `None` for one that leads nowhere.
pub fn target(from: &Url, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308).then_some(())?;
    from.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

/// Found again in the chain of causes of the error that comes out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str);

/// Why not; `previous` begins with the first address.
pub fn refusal(previous: &[Url], next: &Url) -> Option<&'static str> {
    let is_secure = previous.iter().any(|url| url.scheme() == "https");
    if previous.len() > MOST {
        Some("it leads on and on")
    } else if !matches!(next.scheme(), "https" | "http") {
        Some("that is no web server")
    } else if is_secure && next.scheme() != "https" {
        Some("from an encrypted connection to a plain one")
    } else if !next.username().is_empty() || next.password().is_some() {
        Some("it gives credentials with the address")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, refusal};
    use reqwest::Url;

    #[test]
    fn only_to_what_is_no_worse() {
        let url = |text: &str| Url::parse(text).unwrap();
        for (from, to, is_refused) in [
            ("https://a.example/", "https://b.example/", false),
            ("http://a.example/", "http://b.example/", false),
            ("http://a.example/", "https://b.example/", false),
            ("https://a.example/", "http://a.example/", true),
            ("https://a.example/", "https://u:p@a.example/", true),
            ("http://a.example/", "http://u@a.example/", true),
            ("http://a.example/", "file:///etc/passwd", true),
            ("http://a.example/", "ftp://a.example/", true),
        ] {
            assert_eq!(refusal(&[url(from)], &url(to)).is_some(), is_refused, "{from} to {to}");
        }
        let (plain, secure) = (url("http://a.example/"), url("https://a.example/"));
        assert!(refusal(&[secure.clone(), secure.clone()], &plain).is_some());
        assert!(refusal(&vec![secure.clone(); MOST], &secure).is_none());
        assert!(refusal(&vec![secure.clone(); MOST + 1], &secure).is_some(), "a loop");
    }
}
