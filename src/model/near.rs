//! Names that a mistyped one may have meant.

/// The edits within which a name of this length is near.
pub fn allowed(text: &str) -> usize {
    (text.chars().count() / 3).clamp(1, 3)
}

/// The one of `names` that is nearest to `text`, when it is near.
pub fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Long texts are no typing errors, and the comparison takes the product of the lengths.
    if text.len() > 64 {
        return None;
    }
    let allowed = allowed(text);
    let near = names.into_iter().filter_map(|name| Some((distance(text, name, allowed).filter(|far| *far <= allowed)?, name)));
    near.min().map(|(_, name)| name)
}

/// Damerau-Levenshtein distance (neighbours swapped count as one); `None` where the lengths alone
/// differ by more than `allowed`.
pub fn distance(a: &str, b: &str, allowed: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    Some(rows[a.len()][b.len()])
}
