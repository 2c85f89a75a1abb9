//! Which lockfiles of a repository are looked at.

use crate::model::RelPath;
use crate::model::text::quoted;
use globset::{Glob, GlobSet, GlobSetBuilder};

/// What the user asked for. Without anything, every lockfile counts but those in folders of
/// [`LEFT_OUT`].
#[derive(Debug, Default)]
pub struct Selection {
    /// Exactly these, whatever they are called; discovery is off when there is any.
    pub lockfiles: Vec<RelPath>,
    /// Globs over paths that are taken in though a default leaves them out.
    pub include: GlobSet,
    /// Globs over paths that are left out.
    pub exclude: GlobSet,
}

#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    #[error("{} is not a glob: {message}", quoted(.glob))]
    Glob { glob: String, message: String },
    #[error("{} does not lie in the repository", quoted(.0))]
    Outside(String),
}

impl SelectionError {
    pub fn hint(&self) -> &'static str {
        match self {
            SelectionError::Glob { .. } => {
                "`*` stands for anything within a folder's name, `**` for folders too: services/**/package-lock.json"
            }
            SelectionError::Outside(_) => "name a path below the repository's top folder",
        }
    }
}

/// Folders that are left out by default, with the reason. A lockfile found there is named in the
/// report, but for those in `node_modules`, which are never looked for.
pub const LEFT_OUT: [(&str, &str); 9] = [
    ("node_modules", "installed packages"),
    ("vendor", "vendored code"),
    ("third_party", "vendored code"),
    ("testdata", "test data"),
    ("test-data", "test data"),
    ("test_data", "test data"),
    ("test-fixtures", "test data"),
    ("fixtures", "test data"),
    ("__fixtures__", "test data"),
];

/// A lockfile that is there and was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    pub path: RelPath,
    pub reason: String,
}

impl Selection {
    /// `folder` is where relative lockfile paths count from; globs count from the top.
    pub fn new(folder: &RelPath, lockfiles: &[String], include: &[String], exclude: &[String]) -> Result<Self, SelectionError> {
        let path = |text: &String| folder.join(text).map_err(|_| SelectionError::Outside(text.clone()));
        Ok(Selection {
            lockfiles: lockfiles.iter().map(path).collect::<Result<_, _>>()?,
            include: globs(include)?,
            exclude: globs(exclude)?,
        })
    }

    /// Whether nothing was asked for.
    pub fn is_default(&self) -> bool {
        self.lockfiles.is_empty() && self.include.is_empty() && self.exclude.is_empty()
    }

    /// Why a lockfile at this path is left out, if it is.
    pub fn skips(&self, path: &str) -> Option<String> {
        if self.exclude.is_match(path) {
            return Some("left out by --exclude".into());
        }
        if self.include.is_match(path) {
            return None;
        }
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let (name, reason) = LEFT_OUT.iter().find(|(name, _)| folders.split('/').any(|folder| folder == *name))?;
        Some(format!("{reason} (a folder named {name})"))
    }
}

fn globs(texts: &[String]) -> Result<GlobSet, SelectionError> {
    let mut builder = GlobSetBuilder::new();
    for text in texts {
        let error = |error: globset::Error| SelectionError::Glob { glob: text.clone(), message: error.kind().to_string() };
        // A folder's name means everything in it.
        let plain = text.trim_start_matches("./").trim_end_matches('/');
        for glob in [plain.to_owned(), format!("{plain}/**")] {
            builder.add(Glob::new(&glob).map_err(error)?);
        }
    }
    builder.build().map_err(|error| SelectionError::Glob { glob: texts.join(" "), message: error.to_string() })
}
