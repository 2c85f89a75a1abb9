//! `.sbomgate/owners.toml`: rows of owners with the packages and paths that they answer for.

use super::Owned;
use crate::judge::form::{self, FormError, Part};
use crate::judge::pattern::Patterns;
use crate::model::text::quoted;
use crate::model::{Ecosystem, Location, Package, RelPath, SourceFile};
use globset::{GlobBuilder, GlobMatcher};

/// Where it lies.
pub const FILE: &str = ".sbomgate/owners.toml";

#[derive(Clone, Debug)]
pub struct Rows {
    file: RelPath,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    line: u32,
    owners: Vec<String>,
    packages: Option<Vec<(Option<Ecosystem>, GlobMatcher)>>,
    paths: Option<Patterns>,
}

pub fn read(file: &SourceFile) -> Result<Rows, FormError> {
    let parsed = form::parse(file)?;
    let root = Part::new(file.path(), parsed.root(), &["version", "owner"])?;
    let rows = root.parts("owner", &["owners", "packages", "paths"])?;
    let rows = rows.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Rows { file: file.path().clone(), rows })
}

fn row(part: &Part<'_, '_>) -> Result<Row, FormError> {
    let line = part.table.line();
    let missing =
        || part.error(line, "`owners` is missing here").with_hint("name who answers: `owners = [\"team-web\"]`, or `[]` for nobody");
    let owners = part.texts("owners")?.ok_or_else(missing)?;
    let paths = part.texts("paths")?.map(|texts| {
        let wrong = |at: usize| {
            let (text, line) = texts.get(at).copied().unwrap_or(("", line));
            part.error(line, format!("{} is no pattern for paths", quoted(text)))
                .with_hint("write it as in a CODEOWNERS: `/web/`, `*.lock`")
        };
        Patterns::new(texts.iter().map(|(text, _)| *text)).map_err(wrong)
    });
    let packages =
        part.texts("packages")?.map(|texts| texts.into_iter().map(|(text, line)| package(part, text, line)).collect::<Result<_, _>>());
    let owners = owners.into_iter().map(|(text, _)| text.to_owned()).collect();
    Ok(Row { line, owners, packages: packages.transpose()?, paths: paths.transpose()? })
}

/// `pkg:npm/@zoo/*`, or a name of any ecosystem; `*` stands for anything.
fn package(part: &Part<'_, '_>, text: &str, line: u32) -> Result<(Option<Ecosystem>, GlobMatcher), FormError> {
    let wrong = || {
        part.error(line, format!("{} is no pattern for packages", quoted(text)))
            .with_hint("write `pkg:npm/@zoo/*`, or a name with `*` for anything")
    };
    let (ecosystem, name) = match text.strip_prefix("pkg:") {
        None => (None, text),
        Some(rest) => {
            let (kind, name) = rest.split_once('/').ok_or_else(wrong)?;
            (Some(Ecosystem::ALL.into_iter().find(|ecosystem| ecosystem.purl_type() == kind).ok_or_else(wrong)?), name)
        }
    };
    let glob = GlobBuilder::new(name).literal_separator(false).build().map_err(|_| wrong())?;
    Ok((ecosystem, glob.compile_matcher()))
}

impl Rows {
    /// The last row that is of a package; a row without owners says that nobody is.
    pub fn of(&self, package: &Package, lockfile: &RelPath, manifest: Option<&RelPath>) -> Option<Owned<'_>> {
        let is_named = |row: &Row| {
            let fits = |(ecosystem, name): &(Option<Ecosystem>, GlobMatcher)| {
                ecosystem.is_none_or(|of| of == package.ecosystem) && name.is_match(package.name.as_str())
            };
            row.packages.as_ref().is_none_or(|packages| packages.iter().any(fits))
        };
        let is_there = |row: &Row| {
            let fits = |path: &RelPath| row.paths.as_ref().is_none_or(|paths| !paths.fitting(path.as_str()).is_empty());
            fits(lockfile) || manifest.is_some_and(fits)
        };
        let row = self.rows.iter().rev().find(|row| is_named(row) && is_there(row))?;
        Some(Owned { owners: &row.owners, location: Location::new(&self.file, row.line) })
    }
}
