//! Packages by which a program talks to vendors of AI models, runs agents, or runs models itself, by their exact
//! names (`data/ai-providers.toml`). A name that is not listed says nothing.

use crate::model::{Ecosystem, Package, PackageName};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

static SHIPPED: LazyLock<Providers> =
    LazyLock::new(|| Providers::parse(include_str!("../../data/ai-providers.toml")).expect("a test parses the list that ships"));

/// Whose a package is, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub vendor: String,
    pub kind: Kind,
}

/// What such a package does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A client of a vendor's models: data leaves the house.
    Sdk,
    /// Runs agents or chains over models of several vendors.
    Framework,
    /// Loads, trains or runs models.
    Library,
}

impl Kind {
    /// As a sentence calls it.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Sdk => "an SDK for AI models",
            Kind::Framework => "a framework for AI agents",
            Kind::Library => "a library for AI models",
        }
    }
}

/// The list.
#[derive(Debug, Default)]
pub struct Providers(HashMap<(Ecosystem, PackageName), Provider>);

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProvidersError {
    #[error("the list of AI providers is not in its form: {0}")]
    Form(String),
    #[error("the list of AI providers has version {0}; this sbomgate reads version 1")]
    Version(u32),
    #[error("the list of AI providers names {0} in another form than its registry, or twice")]
    Name(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    provider: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    vendor: String,
    kind: Kind,
    #[serde(default)]
    cargo: Vec<String>,
    #[serde(default)]
    npm: Vec<String>,
    #[serde(default)]
    pypi: Vec<String>,
}

impl Providers {
    /// The list that ships.
    pub fn shipped() -> &'static Providers {
        &SHIPPED
    }

    /// A list of the form that the head of `data/ai-providers.toml` describes.
    pub fn parse(text: &str) -> Result<Providers, ProvidersError> {
        let file: File = toml::from_str(text).map_err(|error| ProvidersError::Form(error.to_string()))?;
        if file.version != 1 {
            return Err(ProvidersError::Version(file.version));
        }
        let mut providers = Providers::default();
        for Row { vendor, kind, cargo, npm, pypi } in file.provider {
            for (ecosystem, names) in [(Ecosystem::Cargo, cargo), (Ecosystem::Npm, npm), (Ecosystem::Pypi, pypi)] {
                for text in names {
                    let name = PackageName::new(ecosystem, &text).ok().filter(|name| name.as_str() == text);
                    let before = name.map(|name| providers.0.insert((ecosystem, name), Provider { vendor: vendor.clone(), kind }));
                    if before != Some(None) {
                        return Err(ProvidersError::Name(text));
                    }
                }
            }
        }
        Ok(providers)
    }

    /// Whose a package is. The project's own packages are nobody's, whatever they are called.
    pub fn of(&self, package: &Package) -> Option<&Provider> {
        if package.is_first_party() { None } else { self.0.get(&(package.ecosystem, package.name.clone())) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Providers, ProvidersError};

    #[test]
    fn what_ships_is_whole() {
        assert!(Providers::shipped().0.len() > 200);
    }

    #[test]
    fn a_wrong_row_is_an_error() {
        let parse = |names: &str| Providers::parse(&format!("version = 1\n[[provider]]\nvendor = \"V\"\nkind = \"sdk\"\n{names}\n"));
        assert!(parse("npm = [\"fox\"]\ncargo = [\"fox\"]").is_ok());
        for names in ["npm = [\"fox\", \"fox\"]", "pypi = [\"Fox_Owl\"]", "npm = [\"\"]"] {
            assert!(matches!(parse(names), Err(ProvidersError::Name(_))), "{names}");
        }
        assert!(matches!(parse("gem = []"), Err(ProvidersError::Form(_))));
        assert!(matches!(Providers::parse("version = 2\nprovider = []"), Err(ProvidersError::Version(2))));
    }
}
