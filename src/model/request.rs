//! What is asked of a server, as a value: stages say what they want, the edge fetches it.

use super::Credential;
use std::time::Duration;

/// One question over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `https://…` or `http://…`; credentials in it are used and never shown.
    pub url: String,
    /// A JSON text that is sent (POST); `None` asks without one (GET).
    pub body: Option<String>,
    /// The state that is known already, by the ETag that came with it: where it still holds, nothing
    /// is sent again.
    pub etag: Option<String>,
    /// The media type that is asked for, where the server has several; `None` takes any.
    pub accept: Option<&'static str>,
    /// Bytes of an answer at most, unpacked.
    pub largest: u64,
    /// What lets us in, where the address is one that it is for; elsewhere it is not sent.
    pub credential: Option<Credential>,
    /// Whether the answer may come packed (gzip).
    pub packed: bool,
    /// Whether a page (HTML) is an answer, too; elsewhere it is a proxy that wants a login.
    pub takes_page: bool,
    /// How long the server is to be left alone after a question, where it asks for that of everybody.
    pub pause: Option<Duration>,
}

impl Request {
    pub fn get(url: impl Into<String>, largest: u64) -> Self {
        Request {
            url: url.into(),
            body: None,
            etag: None,
            accept: None,
            largest,
            credential: None,
            packed: false,
            takes_page: false,
            pause: None,
        }
    }

    pub fn post(url: impl Into<String>, body: String, largest: u64) -> Self {
        Request { body: Some(body), ..Request::get(url, largest) }
    }

    /// As this media type.
    pub fn accepting(self, media_type: &'static str) -> Self {
        Request { accept: Some(media_type), ..self }
    }

    /// Only where the state is another one.
    pub fn unless(self, etag: Option<&str>) -> Self {
        Request { etag: etag.map(str::to_owned), ..self }
    }
}

/// What a server said to a question, when it was a whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// The state of the request's `etag` still holds.
    Unchanged,
    /// The content, with the server's name of its state.
    Changed { content: T, etag: Option<String> },
}
