//! What stays in the house: names that no server is told, and packages that no public record is about.

use super::policy::Listed;
use crate::model::text::quoted;
use crate::model::{Package, PackageName, PackageSource};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A pattern that is none.
#[derive(Debug, thiserror::Error)]
#[error("{} is no pattern for names: {message}", quoted(.pattern))]
pub struct PatternError {
    pattern: String,
    message: String,
}

/// Names and registries of the house.
#[derive(Clone, Debug, Default)]
pub struct Internal {
    names: GlobSet,
    registries: Vec<Listed>,
}

impl Internal {
    /// Globs over names, `*` for anything: `@corp/*`, `corp-*`. Letters count in both cases, and `-`, `_`
    /// and `.` are one, as PyPI has it: rather one name too many than one that is told.
    pub fn new(patterns: &[String], registries: &[Listed]) -> Result<Self, PatternError> {
        let mut builder = GlobSetBuilder::new();
        for pattern in patterns {
            let error = |error: globset::Error| PatternError { pattern: pattern.clone(), message: error.kind().to_string() };
            // A scope's name means everything in it.
            let of_scope = (pattern.starts_with('@') && !pattern.contains('/')).then(|| format!("{pattern}/*"));
            for pattern in [pattern].into_iter().chain(&of_scope) {
                builder.add(GlobBuilder::new(&folded(pattern)).case_insensitive(true).build().map_err(error)?);
            }
        }
        let error = |error: globset::Error| PatternError { pattern: patterns.join(" "), message: error.to_string() };
        Ok(Internal { names: builder.build().map_err(error)?, registries: registries.to_vec() })
    }

    /// Whether a name is not to leave the house.
    pub fn covers(&self, name: &PackageName) -> bool {
        self.names.is_match(folded(name.as_str()))
    }

    /// Whether no public record is about a package: it comes from a registry of the house, or has a name of the house and
    /// does not come from the default registry. From there it may be a stranger's, and is matched.
    pub fn is_own(&self, package: &Package) -> bool {
        let elsewhere = matches!(package.source, PackageSource::Registry { index: Some(_) });
        self.registries.iter().any(|registry| registry.has(&package.source)) || elsewhere && self.covers(&package.name)
    }
}

/// Without separators that differ, and without those at which `*` would stop.
fn folded(name: &str) -> String {
    name.replace(['_', '.'], "-").replace('/', "\u{1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::purl;

    #[test]
    fn what_is_of_the_house_is_nobodys_namesake() {
        let registry = Listed { text: "https://npm.corp.example".into(), line: 1 };
        let internal = Internal::new(&["@corp/*".into(), "corp-*".into()], &[registry]).unwrap();
        for (package, is_own) in [
            ("pkg:npm/ant@1.0.0", false),
            ("pkg:npm/ant@1.0.0?repository_url=https:%2F%2Fmirror.example", false),
            ("pkg:npm/ant@1.0.0?repository_url=https:%2F%2Fnpm.corp.example%2Fteam", true),
            ("pkg:npm/ant@1.0.0?repository_url=https:%2F%2Fnpm.corp.example.evil.example", false),
            ("pkg:npm/%40corp/ant@1.0.0?repository_url=https:%2F%2Fmirror.example", true),
            // Somebody else's package under a name of the house is what records may well be about.
            ("pkg:npm/%40corp/ant@1.0.0", false),
            ("pkg:pypi/corp-ant@1.0?repository_url=https:%2F%2Fpip.example", true),
        ] {
            assert_eq!(internal.is_own(&purl::parse(package).unwrap()), is_own, "{package}");
        }
        assert!(internal.covers(&PackageName::new(crate::model::Ecosystem::Pypi, "Corp_Ant").unwrap()));
    }
}
