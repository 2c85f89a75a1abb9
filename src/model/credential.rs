//! What lets us in at one place, and is told nowhere else.

use super::url::Place;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A secret with the only place that it may be sent to. Nothing prints it, and nothing keeps it: it is made from the
/// user's own settings at each run.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    place: Place,
    /// The value of the `Authorization` header.
    header: Box<str>,
}

impl Credential {
    /// A token by RFC 6750. `place` is an address, or one without its scheme (`//host/path/`); `None` where that is no
    /// place of a server, or the secret is none that a header can hold.
    pub fn bearer(place: &str, token: &str) -> Option<Credential> {
        Credential::raw(place, &format!("Bearer {token}"))
    }

    /// A name and a password by RFC 7617.
    pub fn basic(place: &str, user: &str, password: &str) -> Option<Credential> {
        Credential::encoded(place, &STANDARD.encode(format!("{user}:{password}")))
    }

    /// The same, encoded already.
    pub fn encoded(place: &str, user_and_password: &str) -> Option<Credential> {
        Credential::raw(place, &format!("Basic {user_and_password}"))
    }

    /// The whole value of the header, as Cargo sends its tokens.
    pub fn raw(place: &str, header: &str) -> Option<Credential> {
        let with_scheme = if place.starts_with("//") { format!("https:{place}") } else { place.to_owned() };
        let is_sound =
            header.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && !header.ends_with(' ') && header.len() < 16_384;
        Some(Credential { place: Place::parse(&with_scheme)?, header: header.into() }).filter(|_| is_sound)
    }

    /// Whether it may be sent to an address: its own host and port, at its path or below, over an encrypted connection
    /// or one that does not leave the machine.
    pub fn is_for(&self, url: &str) -> bool {
        let asked = Place::parse(url);
        asked.is_some_and(|asked| (asked.is_secure || asked.is_loopback()) && asked.lies_in(&self.place))
    }

    /// How near it is to what it is for: of several, the one with the longest path counts.
    pub fn depth(&self) -> usize {
        self.place.path.len()
    }

    /// For the connection, and for nothing else.
    pub fn header(&self) -> &str {
        &self.header
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential for {}/{}", self.place.host, self.place.path)
    }
}

#[cfg(test)]
mod tests {
    use super::Credential;

    #[test]
    fn a_credential_goes_to_its_own_place_alone() {
        let of = |place: &str| Credential::bearer(place, "secret").unwrap();
        for (place, url, is_for) in [
            ("//npm.example/", "https://npm.example/ant", true),
            ("//npm.example", "https://NPM.example:443/ant", true),
            ("//npm.example/", "http://npm.example/ant", false),
            ("//npm.example/", "https://npm.example.evil/ant", false),
            ("//npm.example/", "https://evil.example/npm.example/", false),
            ("//npm.example/", "https://npm.example@evil.example/ant", false),
            ("//npm.example/", "https://evil.example\\@npm.example/ant", false),
            ("//npm.example/", "https://npm.example:8443/ant", false),
            ("//npm.example:8443/", "https://npm.example:8443/ant", true),
            ("//npm.example/team/", "https://npm.example/team/ant", true),
            ("//npm.example/team/", "https://npm.example/team", true),
            ("//npm.example/team/", "https://npm.example/teamster/ant", false),
            ("//npm.example/team/", "https://npm.example/team/../ant", false),
            ("//npm.example/team/", "https://npm.example/team/%2E%2e/ant", false),
            ("//npm.example/team/", "https://npm.example/team\\..\\ant", false),
            ("//npm.example/team/", "https://npm.example/team/@corp%2Fant", true),
            ("//127.0.0.1:4873/", "http://127.0.0.1:4873/ant", true),
            ("//localhost:4873/", "http://localhost:4873/ant", true),
            ("//[::1]:4873/", "http://[::1]:4873/ant", true),
            ("//localhost.example/", "http://localhost.example/ant", false),
            ("https://npm.example/simple", "ftp://npm.example/simple", false),
        ] {
            assert_eq!(of(place).is_for(url), is_for, "{place} {url}");
        }
    }

    #[test]
    fn a_credential_is_never_shown() {
        let shown = format!("{:?}", Credential::basic("https://npm.example/team", "ada", "secret").unwrap());
        assert_eq!(shown, "Credential for npm.example/team");
    }

    #[test]
    fn a_secret_that_would_be_another_header_is_none() {
        for wrong in ["a\r\nHost: evil.example", "a\0", "ä", "a "] {
            assert!(Credential::bearer("//npm.example/", wrong).is_none(), "{wrong:?}");
        }
        for wrong in ["npm.example", "//", "//user@npm.example/", "https://", "//npm example/"] {
            assert!(Credential::bearer(wrong, "secret").is_none(), "{wrong}");
        }
    }
}
