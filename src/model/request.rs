//! What is asked of a server, as a value: stages say what they want, the edge fetches it.

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
    /// Bytes of an answer at most.
    pub largest: u64,
}

impl Request {
    pub fn get(url: impl Into<String>, largest: u64) -> Self {
        Request { url: url.into(), body: None, etag: None, accept: None, largest }
    }

    pub fn post(url: impl Into<String>, body: String, largest: u64) -> Self {
        Request { url: url.into(), body: Some(body), etag: None, accept: None, largest }
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
