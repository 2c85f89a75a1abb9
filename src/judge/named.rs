//! How the files of ours name a package, its versions and its bytes, and whether a package is the one that is meant.

use super::form::{FormError, Part};
use crate::model::purl::Purl;
use crate::model::range::Range;
use crate::model::text::quoted;
use crate::model::{Digest, Ecosystem, Package, PackageName, PackageSource};

/// A package URL without a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub ecosystem: Ecosystem,
    pub name: PackageName,
    /// The qualifiers, which tell the source; sorted.
    pub source: Vec<(String, String)>,
}

impl Named {
    /// The key `package` of an entry.
    pub fn read(part: &Part<'_, '_>) -> Result<Self, FormError> {
        let (text, line) = part.required("package")?;
        let wrong = |why: String| {
            let error = part.error(line, format!("{} {why}", quoted(text)));
            error.with_hint("write a package URL without a version, such as pkg:npm/%40scope/name")
        };
        let purl = Purl::parse(text).map_err(|why| wrong(format!("is no package URL: {why}")))?;
        let ecosystem = Ecosystem::from_purl_type(&purl.kind).ok_or_else(|| wrong("is of a type other than cargo, npm and pypi".into()))?;
        if purl.version.is_some() || purl.subpath.is_some() {
            return Err(wrong("has a version or a subpath; `versions` says which ones are meant".into()));
        }
        let name = PackageName::new(ecosystem, &purl.full_name()).map_err(|error| wrong(format!("names no package: {error}")))?;
        let source: Vec<(String, String)> = purl.qualifiers.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        match source.iter().find(|(key, _)| !["repository_url", "vcs_url", "download_url"].contains(&key.as_str())) {
            Some((key, _)) => Err(wrong(format!("has the qualifier {}, which tells no source", quoted(key)))),
            None => Ok(Named { ecosystem, name, source }),
        }
    }

    /// Whether a package, of whatever version, is the one.
    pub fn is(&self, package: &Package) -> bool {
        self.ecosystem == package.ecosystem && self.name == package.name && is_from(package, &self.source)
    }
}

/// A range in the syntax of the ecosystem.
pub fn range(part: &Part<'_, '_>, ecosystem: Ecosystem, text: &str, line: u32) -> Result<Range, FormError> {
    Range::parse(ecosystem, text).ok_or_else(|| {
        part.error(line, format!("{} is no range of {ecosystem} that can be judged", quoted(text)))
            .with_hint("write it as a manifest of the ecosystem does: ^1.2 (cargo, npm), >=1.2,<2 (pypi), or * for any")
    })
}

/// `sha512:…` in hexadecimal digits, or `sha512-…` as npm writes it.
pub fn digest(part: &Part<'_, '_>, text: &str, line: u32) -> Result<Digest, FormError> {
    let read = Digest::from_prefixed_hex(text).or_else(|_| Digest::from_sri(text));
    read.map_err(|error| part.error(line, format!("`digest`: {error}")))
}

/// Whether a package comes from what qualifiers of a purl tell. A fork is not its namesake of a registry; qualifiers that
/// name no commit are of every commit of the repository.
pub fn is_from(package: &Package, source: &[(String, String)]) -> bool {
    let is_same = |package: &Package| {
        let purl = package.purl();
        let Ok(purl) = Purl::parse(&purl) else { return false };
        let told = purl.qualifiers.iter().map(|(key, value)| (key.as_ref(), value.as_ref()));
        told.eq(source.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    };
    let of_any_commit = match &package.source {
        PackageSource::Git { repository, .. } => {
            let source = PackageSource::Git { repository: repository.clone(), commit: None, reference: None };
            Some(Package { source, ..package.clone() })
        }
        _ => None,
    };
    is_same(package) || of_any_commit.is_some_and(|package| is_same(&package))
}

/// Whether no other bytes pass: each digest that is of an algorithm of `wanted`, or of a stronger one, is among them. A
/// release of several files needs the digests of all.
pub fn is_of_these_bytes(wanted: &[Digest], all: &[Digest]) -> bool {
    let Some(weakest) = wanted.iter().map(Digest::algorithm).min() else { return false };
    let mut counting = all.iter().filter(|digest| digest.algorithm() >= weakest).peekable();
    counting.peek().is_some() && counting.all(|digest| wanted.contains(digest))
}
