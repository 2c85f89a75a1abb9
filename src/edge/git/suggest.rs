//! Names that a mistyped revision may have meant.

use crate::model::near::{allowed, distance};

/// Suggestions at most.
const MOST: usize = 3;

/// Short names of branches, remote branches and tags; a ref that cannot be read is no suggestion.
pub(super) fn names(git: &gix::Repository) -> Vec<String> {
    let Ok(references) = git.references() else { return Vec::new() };
    let Ok(all) = references.all() else { return Vec::new() };
    all.flatten().filter_map(|reference| short_name(&reference.name().as_bstr().to_string())).collect()
}

fn short_name(full: &str) -> Option<String> {
    ["refs/heads/", "refs/remotes/", "refs/tags/"].iter().find_map(|prefix| full.strip_prefix(prefix)).map(str::to_owned)
}

/// At most three of `names` that are near to `text`, the nearest first.
pub(super) fn similar(text: &str, names: Vec<String>) -> Vec<String> {
    let mut near: Vec<(usize, String)> = names.into_iter().filter_map(|name| Some((nearness(text, &name)?, name))).collect();
    near.sort();
    near.dedup();
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// 0 for the same name on a remote (`main` where only `origin/main` is), else the edit distance when
/// it is small, else a large number for a name that begins with `text`.
fn nearness(text: &str, name: &str) -> Option<usize> {
    if name.split_once('/').is_some_and(|(_, rest)| rest == text) {
        return Some(0);
    }
    let allowed = allowed(text);
    let near = distance(text, name, allowed).filter(|&distance| distance <= allowed);
    near.or_else(|| (text.len() > 1 && name.starts_with(text)).then_some(100 + name.len() - text.len()))
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn the_nearest_name_comes_first() {
        let names = ["main", "maint", "origin/develop", "feature/long-name", "v1.0", "v1.1"].map(String::from).to_vec();
        for (text, wanted) in [
            ("mian", vec!["main"]),
            ("develop", vec!["origin/develop"]),
            ("v1.2", vec!["v1.0", "v1.1"]),
            ("feature", vec!["feature/long-name"]),
            ("mai", vec!["main", "maint"]),
            ("zzz", vec![]),
        ] {
            assert_eq!(similar(text, names.clone()), wanted, "{text}");
        }
    }
}
