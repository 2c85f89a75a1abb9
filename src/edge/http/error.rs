//! Why a server's answer cannot be used.

use crate::model::Address;
use std::path::PathBuf;

/// A fault with the address that was asked, which shows no credentials.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {fault}")]
pub struct HttpError {
    pub url: Address,
    pub fault: Fault,
}

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("this is no address of a server: {0}")]
    Address(String),
    #[error("{}: the certificates cannot be read: {reason}", file.display())]
    Certificates { file: PathBuf, reason: String },
    #[error("the network cannot be used: {0}")]
    Client(String),
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    #[error("the server does not answer in time ({0} s)")]
    Slow(u64),
    #[error("the answer comes too slowly to be waited for")]
    Endless,
    #[error("the answer breaks off: {0}")]
    BrokenOff(String),
    #[error("the server answers {}{}", .0, meaning(*.0))]
    Status(u16),
    #[error("the server is overloaded and wants to be asked again in {0} s")]
    Later(u64),
    #[error("the answer has more than {0} bytes")]
    TooLarge(u64),
    #[error("the answer is encoded as {0}, which nobody asked for")]
    Encoded(String),
    #[error("the answer does not say where it ends, so it may be cut off")]
    Unbounded,
    #[error("the answer is a page for people (HTML)")]
    Page,
    #[error("the server says that nothing changed, though nothing was known")]
    NothingKnown,
    #[error("the server leads elsewhere, and there this program does not go: {0}")]
    Redirect(String),
    #[error("it was not asked within {0} s")]
    NotAsked(u64),
    #[error("the server does not answer, and was given up")]
    GivenUp,
    #[error("the answer cannot be kept: {0}")]
    Kept(std::io::Error),
}

fn meaning(status: u16) -> &'static str {
    match status {
        300..=399 => " (it leads to no address that can be followed)",
        401 | 403 => " (it does not let us in)",
        404 | 410 => " (it has no such thing)",
        451 => " (it must not show it)",
        429 => " (too many requests)",
        500..=599 => " (it is out of order)",
        _ => "",
    }
}

impl HttpError {
    /// Whether the server is there and what was asked for is not.
    pub fn is_absent(&self) -> bool {
        matches!(self.fault, Fault::Status(404 | 410 | 451))
    }

    /// Whether what came may be the start of the right thing.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.fault,
            Fault::Unreachable(_)
                | Fault::Slow(_)
                | Fault::Endless
                | Fault::BrokenOff(_)
                | Fault::Later(_)
                | Fault::NotAsked(_)
                | Fault::GivenUp
                | Fault::Status(408 | 425 | 429 | 500..)
        )
    }

    /// What mends it.
    pub fn hint(&self) -> &'static str {
        match &self.fault {
            Fault::Address(_) => "write an address that begins with https://",
            Fault::Certificates { .. } => "name a file of certificates in PEM form",
            Fault::Client(_) | Fault::Unreachable(_) => {
                "look at the network, HTTPS_PROXY and NO_PROXY; a certificate of one's own is named with --ca or SSL_CERT_FILE"
            }
            Fault::Slow(_) | Fault::Endless | Fault::BrokenOff(_) | Fault::Later(_) | Fault::NotAsked(_) | Fault::GivenUp => {
                "try again later, or name a mirror"
            }
            Fault::Status(401 | 403) => "give credentials in the address (https://USER:PASSWORD@HOST/…), or name a mirror",
            Fault::Status(404 | 410)
            | Fault::Page
            | Fault::Unbounded
            | Fault::Encoded(_)
            | Fault::TooLarge(_)
            | Fault::NothingKnown
            | Fault::Redirect(_) => "is the address right? a proxy that asks for a login answers so as well",
            Fault::Status(_) => "try again later, or name a mirror",
            Fault::Kept(_) => "make room, or name another folder with --store",
        }
    }
}
