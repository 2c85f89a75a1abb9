//! What a dependency is for.

use std::fmt;

/// The scope of a dependency, from the one that ships least to the one that always ships.
/// The order matters: a road from a root to a package is as strong as its weakest edge, and a
/// package has the scope of its strongest road (`graph`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Development,
    Optional,
    Build,
    Peer,
    Runtime,
}

impl Scope {
    /// All scopes, strongest first.
    pub const STRONGEST_FIRST: [Scope; 5] = [Scope::Runtime, Scope::Peer, Scope::Build, Scope::Optional, Scope::Development];

    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Development => "development",
            Scope::Optional => "optional",
            Scope::Build => "build",
            Scope::Peer => "peer",
            Scope::Runtime => "runtime",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
