//! What a lockfile can tell at all.

/// Whether a lockfile tells a thing, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Yes,
    /// With the reason, a clause for people: "the lockfile does not say it".
    No(&'static str),
}

impl Told {
    pub fn is_yes(&self) -> bool {
        *self == Told::Yes
    }

    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Told::Yes => None,
            Told::No(reason) => Some(reason),
        }
    }
}

/// What a lockfile, with its companions, can tell. Where it cannot, reports say so instead of
/// passing a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Which package needs which.
    pub edges: Told,
    /// Which packages the project asked for itself.
    pub directness: Told,
    /// What a dependency is for (runtime, development, build, optional, peer).
    pub scopes: Told,
    /// Digests of the package files.
    pub digests: Told,
    /// Whether what is locked is also what gets built or installed.
    pub installed: Told,
}

impl Capabilities {
    /// Everything, with the name that reports give it.
    pub fn all(&self) -> [(&'static str, &Told); 5] {
        [
            ("edges", &self.edges),
            ("directness", &self.directness),
            ("scopes", &self.scopes),
            ("digests", &self.digests),
            ("installed", &self.installed),
        ]
    }
}
