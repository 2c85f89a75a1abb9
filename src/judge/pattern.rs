//! Patterns over paths as in a CODEOWNERS, which are those of gitignore without `!`, ranges and braces.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Several patterns, by their numbers.
#[derive(Clone, Debug)]
pub struct Patterns {
    globs: GlobSet,
    /// The pattern of each glob.
    of: Vec<usize>,
}

impl Patterns {
    /// `Err` with the number of a pattern that is none.
    pub fn new<'t>(patterns: impl Iterator<Item = &'t str>) -> Result<Patterns, usize> {
        let (mut builder, mut of) = (GlobSetBuilder::new(), Vec::new());
        for (number, pattern) in patterns.enumerate() {
            for glob in globs(pattern).ok_or(number)? {
                builder.add(glob);
                of.push(number);
            }
        }
        Ok(Patterns { globs: builder.build().map_err(|_| of.len())?, of })
    }

    /// Whether a text is a pattern.
    pub fn is_one(text: &str) -> bool {
        globs(text).is_some()
    }

    /// The numbers of the patterns that a path fits, in their order.
    pub fn fitting(&self, path: &str) -> Vec<usize> {
        let mut found: Vec<usize> = self.globs.matches(path).into_iter().map(|glob| self.of[glob]).collect();
        found.dedup();
        found
    }
}

/// `/docs` is at the top, `docs` anywhere; both mean everything in the folder. `docs/*` means its own files alone.
fn globs(pattern: &str) -> Option<Vec<Glob>> {
    let rest = pattern.strip_prefix('/');
    let (body, is_folder) = match rest.unwrap_or(pattern).strip_suffix('/') {
        Some(body) => (body, true),
        None => (rest.unwrap_or(pattern), false),
    };
    if pattern.starts_with('!') || body.is_empty() || body.contains("//") {
        return None;
    }
    let is_at_top = rest.is_some() || body.contains('/');
    let plain: String = body.chars().flat_map(|c| matches!(c, '[' | ']' | '{' | '}').then_some('\\').into_iter().chain([c])).collect();
    let start = if is_at_top { plain } else { format!("**/{plain}") };
    let glob = |text: String| GlobBuilder::new(&text).literal_separator(true).backslash_escape(true).build().ok();
    let inside = glob(format!("{start}/**"))?;
    let is_files_alone = body.ends_with("/*");
    Some(match (is_folder, is_files_alone) {
        (true, _) => vec![inside],
        (false, true) => vec![glob(start)?],
        (false, false) => vec![glob(start)?, inside],
    })
}
