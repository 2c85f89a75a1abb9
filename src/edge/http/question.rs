//! How a question goes out: the client with its certificates, and the headers of each question.

use super::{Fault, HttpError, Settings, causes};
use crate::model::Address;
use crate::model::request::Request;
use reqwest::Url;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::{self, HeaderValue};

const AGENT: &str = concat!("sbomgate/", env!("CARGO_PKG_VERSION"));

pub fn client(settings: &Settings, redirects: reqwest::redirect::Policy) -> Result<Client, HttpError> {
    let error = |fault| HttpError { url: Address::new("the network"), fault };
    // A second call finds the first one's; both are the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(AGENT)
        .connect_timeout(settings.patience.connect)
        .timeout(settings.patience.silence)
        .redirect(redirects)
        .retry(reqwest::retry::never())
        .referer(false);
    if let Some(file) = &settings.ca {
        let unread = |reason: String| error(Fault::Certificates { file: file.clone(), reason });
        let bytes = std::fs::read(file).map_err(|reason| unread(reason.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&bytes).map_err(|reason| unread(causes(&reason)))?;
        if certificates.is_empty() {
            return Err(unread("there is none in it".into()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|reason| error(Fault::Client(causes(&reason))))
}

pub fn address(request: &Request) -> Result<Url, Fault> {
    let url = Url::parse(&request.url).map_err(|reason| Fault::Address(reason.to_string()))?;
    // The URL standard forgives a missing slash and takes the next folder for the host.
    let is_written_so = ["https://", "http://"].iter().any(|start| request.url.starts_with(start));
    if is_written_so && url.has_host() { Ok(url) } else { Err(Fault::Address("it is not of the form https://HOST/…".into())) }
}

/// `let_in` says that the credential goes with it.
pub fn question(client: &Client, url: &Url, request: &Request, held: Option<&(u64, String)>, let_in: bool) -> RequestBuilder {
    let mut question = match &request.body {
        None => client.get(url.clone()),
        Some(body) => client.post(url.clone()).header(header::CONTENT_TYPE, "application/json").body(body.clone()),
    };
    question = question.header(header::ACCEPT_ENCODING, if request.packed { "gzip" } else { "identity" });
    if let Some(media_type) = request.accept {
        question = question.header(header::ACCEPT, media_type);
    }
    if let Some(etag) = &request.etag {
        question = question.header(header::IF_NONE_MATCH, etag);
    }
    if let Some((length, etag)) = held {
        question = question.header(header::RANGE, format!("bytes={length}-")).header(header::IF_RANGE, etag);
    }
    if let Some(credential) = request.credential.as_ref().filter(|_| let_in) {
        let value = HeaderValue::from_str(credential.header()).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        question = value.into_iter().fold(question, |question, value| question.header(header::AUTHORIZATION, value));
    }
    question
}

/// Whether plain connections may go through a proxy, as the environment has it.
pub fn is_proxied() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].into_iter().any(is_set)
}
