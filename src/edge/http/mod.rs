//! Questions to servers over HTTP, and nothing that could wait or grow without an end: every wait,
//! every answer and every redirect is bounded, an answer is whole or an error, and what is encoded
//! otherwise than asked is refused. Certificates are checked against the system's roots
//! (SSL_CERT_FILE and SSL_CERT_DIR count) and those that the user names; proxies are those of
//! HTTPS_PROXY, HTTP_PROXY and NO_PROXY.

mod error;
mod kept;
mod large;
mod many;
mod packed;
mod question;
mod redirect;
mod retry;

pub use error::{Fault, HttpError};
pub use kept::Partial;
pub use many::Terms;

use crate::model::Address;
use crate::model::request::{Answer, Request};
use kept::Kept;
use large::Roomed;
use packed::Unpacked;
use question::{address, client, question};
use reqwest::blocking::{Client, Response};
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{StatusCode, Url};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// How long to wait, and how often to ask.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// Without a single byte.
    pub silence: Duration,
    /// For a whole answer that goes into a file.
    pub whole: Duration,
    /// For a whole answer that fits into memory.
    pub small: Duration,
    /// How often one thing is asked for.
    pub attempts: u32,
    /// Before the second time.
    pub first_wait: Duration,
    /// Before any; a server that wants to be left alone for longer is an error.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            whole: Duration::from_secs(30 * 60),
            small: Duration::from_secs(5 * 60),
            attempts: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// How the network is used.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// A file of further root certificates (PEM).
    pub ca: Option<PathBuf>,
    pub patience: Patience,
}

/// Hears how many bytes came, of how many.
pub type Heard<'h> = &'h dyn Fn(u64, Option<u64>);

pub struct Http {
    client: Client,
    /// Follows nobody: with credentials, where to is looked at at each step. Made when it is needed.
    alone: OnceLock<Result<Client, String>>,
    settings: Settings,
    patience: Patience,
}

const PIECE: usize = 64 << 10;

impl Http {
    pub fn new(settings: &Settings) -> Result<Http, HttpError> {
        let client = client(settings, redirect::policy())?;
        Ok(Http { client, alone: OnceLock::new(), settings: settings.clone(), patience: settings.patience.clone() })
    }

    /// An answer that fits into memory.
    pub fn fetch(&self, request: &Request) -> Result<Answer<Vec<u8>>, HttpError> {
        let mut bytes = Vec::new();
        let answer = self.ask(request, &mut bytes, self.patience.small, &|_, _| {})?;
        Ok(match answer {
            Answer::Unchanged => Answer::Unchanged,
            Answer::Changed { etag, .. } => Answer::Changed { content: bytes, etag },
        })
    }

    /// Several answers, asked for at the same time, in the order of the questions. They are few.
    pub fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Answer<Vec<u8>>, HttpError>> {
        std::thread::scope(|scope| {
            let asked: Vec<_> = requests.iter().map(|request| scope.spawn(|| self.fetch(request))).collect();
            let panicked = |request: &Request| HttpError { url: Address::new(&request.url), fault: Fault::Client("a thread died".into()) };
            asked.into_iter().zip(requests).map(|(thread, request)| thread.join().unwrap_or_else(|_| Err(panicked(request)))).collect()
        })
    }

    /// An answer that goes into a file; what is in it already is not asked for again where the server
    /// can tell that it is the start of the same thing.
    pub fn download(&self, request: &Request, file: &mut Partial, heard: Heard<'_>) -> Result<Answer<()>, HttpError> {
        self.ask(request, file, self.patience.whole, heard)
    }

    /// One attempt at an answer, which is over when the time of `kept` is.
    fn attempt(&self, request: &Request, kept: &mut Roomed<'_>, most: Duration) -> Result<Answer<()>, Failure> {
        let url = address(request).map_err(Failure::of)?;
        self.once(&url, request, kept, Bounds { end: Instant::now() + most, whole: Some(most) }, &|_, _| {})
    }

    fn ask(&self, request: &Request, kept: &mut dyn Kept, most: Duration, heard: Heard<'_>) -> Result<Answer<()>, HttpError> {
        let error = |fault| HttpError { url: Address::new(&request.url), fault };
        let url = address(request).map_err(error)?;
        let deadline = Instant::now() + most;
        let mut number = 0;
        loop {
            let failure = match self.once(&url, request, kept, Bounds { end: deadline, whole: None }, heard) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = failure.after.unwrap_or_else(|| retry::backoff(&self.patience, number));
            number += 1;
            if wait > self.patience.longest_wait {
                return Err(error(Fault::Later(wait.as_secs())));
            }
            if !failure.is_passing || number >= self.patience.attempts || Instant::now() + wait > deadline {
                return Err(error(failure.fault));
            }
            std::thread::sleep(wait);
        }
    }

    fn once(&self, url: &Url, request: &Request, kept: &mut dyn Kept, bounds: Bounds, heard: Heard<'_>) -> Result<Answer<()>, Failure> {
        let held = kept.held().map(|(length, etag)| (length, etag.to_owned()));
        let response = self.send(url, request, held.as_ref(), bounds.whole)?;
        let etag = text_of(response.headers(), &header::ETAG);
        let goes_on = match (response.status(), &held) {
            (StatusCode::NOT_MODIFIED, _) if request.etag.is_some() => return Ok(Answer::Unchanged),
            (StatusCode::NOT_MODIFIED, _) => return Err(Failure::of(Fault::NothingKnown)),
            (StatusCode::PARTIAL_CONTENT, Some((length, known))) => {
                if etag.as_deref().is_some_and(|etag| etag != known) || start_of(response.headers()) != Some(*length) {
                    kept.begin(false, None).map_err(Failure::kept)?;
                    return Err(Failure::passing(Fault::BrokenOff("it goes on at another place than was asked for".into())));
                }
                true
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(_)) => {
                kept.begin(false, None).map_err(Failure::kept)?;
                return Err(Failure::passing(Fault::Status(416)));
            }
            (StatusCode::OK, _) => false,
            (status, _) => return Err(Failure::of_status(status.as_u16(), response.headers())),
        };
        let known = held.filter(|_| goes_on).map(|(_, etag)| etag);
        self.body(response, request, kept, goes_on, bounds.end, heard)?;
        Ok(Answer::Changed { content: (), etag: etag.or(known) })
    }

    /// With credentials each step of the way is looked at: they go to their own place, and no further.
    fn send(&self, url: &Url, request: &Request, held: Option<&(u64, String)>, whole: Option<Duration>) -> Result<Response, Failure> {
        let sent = |client: &Client, url: &Url, let_in: bool| {
            let question = question(client, url, request, held, let_in);
            let question = whole.into_iter().fold(question, reqwest::blocking::RequestBuilder::timeout);
            question.send().map_err(|error| self.of_reqwest(error, whole))
        };
        // A proxy would read along what is not encrypted.
        let is_private = |url: &Url| url.scheme() == "https" || !question::is_proxied();
        let is_let_in =
            |url: &Url| is_private(url) && request.credential.as_ref().is_some_and(|credential| credential.is_for(url.as_str()));
        if !is_let_in(url) {
            return sent(&self.client, url, false);
        }
        let alone = self.alone.get_or_init(|| client(&self.settings, redirect::nowhere()).map_err(|error| error.fault.to_string()));
        let client = alone.as_ref().map_err(|reason| Failure::of(Fault::Client(reason.clone())))?;
        let (mut url, mut previous) = (url.clone(), Vec::new());
        loop {
            let response = sent(client, &url, is_let_in(&url))?;
            let Some(next) = redirect::target(&url, response.status(), response.headers()) else { return Ok(response) };
            previous.push(url);
            if let Some(reason) = redirect::refusal(&previous, &next) {
                return Err(Failure::of(Fault::Redirect(reason.into())));
            }
            url = next;
        }
    }

    /// Takes the bytes; an answer that says how long it is has exactly that many.
    fn body(
        &self,
        response: Response,
        request: &Request,
        kept: &mut dyn Kept,
        goes_on: bool,
        deadline: Instant,
        heard: Heard<'_>,
    ) -> Result<(), Failure> {
        let headers = response.headers();
        let encoding = text_of(headers, &header::CONTENT_ENCODING).filter(|encoding| encoding != "identity");
        let is_packed = request.packed && encoding.as_deref() == Some("gzip");
        if let Some(encoding) = encoding.filter(|_| !is_packed) {
            return Err(Failure::of(Fault::Encoded(crate::model::text::quoted(&encoding))));
        }
        let kind = text_of(headers, &header::CONTENT_TYPE).unwrap_or_default();
        if !request.takes_page && kind.trim_start().to_ascii_lowercase().starts_with("text/html") {
            return Err(Failure::of(Fault::Page));
        }
        // Without either, an answer that is cut off looks like a whole one.
        let is_chunked = text_of(headers, &header::TRANSFER_ENCODING).is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        if !is_chunked && !headers.contains_key(header::CONTENT_LENGTH) {
            return Err(Failure::of(Fault::Unbounded));
        }
        let etag = text_of(headers, &header::ETAG);
        kept.begin(goes_on, etag.as_deref()).map_err(Failure::kept)?;
        let total = response.content_length().map(|length| length.saturating_add(kept.length()));
        if total.is_some_and(|total| total > request.largest) {
            return Err(Failure::of(Fault::TooLarge(request.largest)));
        }
        let before = kept.length();
        let mut content = Unpacked::new(response, is_packed);
        let mut piece = vec![0; PIECE];
        loop {
            let read = content.read(&mut piece).map_err(|error| self.of_io(error))?;
            if read == 0 {
                break;
            }
            if kept.length() + read as u64 > request.largest {
                return Err(Failure::of(Fault::TooLarge(request.largest)));
            }
            kept.take(&piece[..read]).map_err(Failure::kept)?;
            heard(before + content.came(), total);
            if Instant::now() > deadline {
                return Err(Failure::of(Fault::Endless));
            }
        }
        match total {
            Some(total) if total != before + content.came() => Err(Failure::passing(Fault::BrokenOff("it is shorter than it says".into()))),
            _ => Ok(()),
        }
    }

    fn of_reqwest(&self, error: reqwest::Error, whole: Option<Duration>) -> Failure {
        let error = error.without_url();
        if let Some(refused) = found::<redirect::Refused>(&error) {
            return Failure::of(Fault::Redirect(refused.0.into()));
        }
        if error.is_redirect() {
            return Failure::of(Fault::Redirect(causes(&error)));
        }
        if error.is_builder() {
            return Failure::of(Fault::Address(causes(&error)));
        }
        if error.is_timeout() {
            return Failure::passing(Fault::Slow(whole.unwrap_or(self.patience.silence).as_secs_f64().ceil() as u64));
        }
        Failure::passing(Fault::Unreachable(causes(&error)))
    }

    fn of_io(&self, error: std::io::Error) -> Failure {
        let is_slow =
            found::<reqwest::Error>(&error).is_some_and(reqwest::Error::is_timeout) || error.kind() == std::io::ErrorKind::TimedOut;
        Failure::passing(if is_slow {
            Fault::Slow(self.patience.silence.as_secs_f64().ceil() as u64)
        } else {
            Fault::BrokenOff(causes(&error))
        })
    }
}

/// How long one attempt may take.
#[derive(Clone, Copy)]
struct Bounds {
    /// No byte is taken after it.
    end: Instant,
    /// For everything from the connection to the last byte; without it each wait for a byte is bounded by itself.
    whole: Option<Duration>,
}

/// One attempt that came to nothing.
struct Failure {
    fault: Fault,
    /// Whether a further one may do better.
    is_passing: bool,
    /// How long the server wants to be left alone.
    after: Option<Duration>,
}

impl Failure {
    fn of(fault: Fault) -> Self {
        Failure { fault, is_passing: false, after: None }
    }

    fn passing(fault: Fault) -> Self {
        Failure { is_passing: true, ..Failure::of(fault) }
    }

    fn kept(error: std::io::Error) -> Self {
        Failure::of(Fault::Kept(error))
    }

    fn of_status(status: u16, headers: &HeaderMap) -> Self {
        let is_passing = retry::is_passing(status);
        let after = text_of(headers, &header::RETRY_AFTER).filter(|_| is_passing);
        Failure {
            is_passing,
            after: after.and_then(|text| retry::retry_after(&text, SystemTime::now())),
            ..Failure::of(Fault::Status(status))
        }
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Where a part begins: `Content-Range: bytes 100-199/200`.
fn start_of(headers: &HeaderMap) -> Option<u64> {
    text_of(headers, &header::CONTENT_RANGE)?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// The first of the causes that is of this type.
fn found<'e, T: std::error::Error + 'static>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(of_type) = error.downcast_ref::<T>() {
            return Some(of_type);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// All that is said of an error, from the outermost to the first cause, each once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.iter().any(|told| told.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}
