//! The number of the pull or merge request that a commit's message names as its own.

/// GitHub's `Merge pull request #12 from …` and the `(#12)` at the end of a squashed subject, GitLab's
/// `See merge request group/project!12`, Bitbucket's `(pull request #12)` and Azure's `Merged PR 12: …`.
/// A number elsewhere is a mention.
pub fn pull_request(message: &str) -> Option<u64> {
    let mut lines = message.trim_start().lines();
    let subject = lines.next()?.trim();
    let at_end = |text: &str, start: &str| number_at(&text[text.rfind(start)? + start.len()..], ")");
    number_after(subject, "Merge pull request #")
        .or_else(|| number_after(subject, "Merged PR "))
        .or_else(|| at_end(subject, "(pull request #"))
        .or_else(|| at_end(subject, "(#"))
        .or_else(|| lines.find_map(|line| number_at(line.strip_prefix("See merge request ")?.rsplit_once('!')?.1, "")))
}

fn number_after(text: &str, start: &str) -> Option<u64> {
    let rest = text.strip_prefix(start)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// A number with `end` and nothing else behind it.
fn number_at(text: &str, end: &str) -> Option<u64> {
    let digits = text.trim_end().strip_suffix(end)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::pull_request;

    #[test]
    fn only_the_own_number_counts() {
        for (message, expected) in [
            ("Merge pull request #12 from zoo/fox\n\nadd fox", Some(12)),
            ("add fox (#12)\n\n* wip (#9)", Some(12)),
            ("Revert \"add fox (#12)\" (#15)", Some(15)),
            ("Revert \"add fox (#12)\"", None),
            ("Merge branch 'fox' into 'main'\n\nAdd fox\n\nSee merge request zoo/shop!12", Some(12)),
            ("Merged in fox (pull request #12)", Some(12)),
            ("Merged PR 12: add fox", Some(12)),
            ("fix #12", None),
            ("see (#12) for more", None),
            ("add fox (#99999999999999999999)", None),
            ("add fox (#)", None),
            ("(#é12)", None),
            ("", None),
        ] {
            assert_eq!(pull_request(message), expected, "{message}");
        }
    }
}
