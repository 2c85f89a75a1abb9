//! A line of a manifest, known again in other versions of the file: wherever it stands and however
//! far it is indented, under the same headings.

/// What a line of a manifest asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The lines around it, without their indentation: `"dependencies": {`, `[dependencies]`.
    headings: Vec<String>,
    text: String,
    /// The name and the requirement, where the line holds both: then other text of the line may change.
    parts: Option<(String, String)>,
}

/// Longer lines are of a file without line breaks, where a line says nothing of one requirement.
const LONGEST: usize = 2000;

impl Line {
    /// The line of a number, from 1; `None` where the file has no such line, or one that says nothing of
    /// this requirement alone.
    pub fn at(file: &str, number: u32, name: &str, requirement: Option<&str>) -> Option<Line> {
        let line = *numbered(file).get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        if line.len() > LONGEST || line.trim().is_empty() {
            return None;
        }
        let name = folded(name);
        let parts = requirement.filter(|text| !text.is_empty() && has(line, &name, text)).map(|text| (name.clone(), text.to_owned()));
        if parts.is_none() && !begins_with(line, &name) && !is_table_of(line, &name) {
            return None;
        }
        let headings = headings_of(file, number);
        Some(Line { headings, text: plain(line).to_owned(), parts })
    }

    /// Whether the file has it; `None` where so many lines are alike that it would take too long to say.
    pub fn is_in(&self, file: &str) -> Option<bool> {
        let fits = |line: &str| match &self.parts {
            Some((name, requirement)) => line.len() <= LONGEST && has(line, name, requirement),
            None => plain(line) == self.text,
        };
        let mut alike = numbered(file).into_iter().zip(1..).filter(|(line, _)| fits(line));
        let found = alike.by_ref().take(MOST_ALIKE).any(|(_, number)| headings_of(file, number) == self.headings);
        if found || alike.next().is_none() { Some(found) } else { None }
    }
}

/// Lines of one file that are looked at because they hold what is looked for.
const MOST_ALIKE: usize = 100;

fn numbered(file: &str) -> Vec<&str> {
    file.lines().collect()
}

fn plain(line: &str) -> &str {
    line.trim().trim_end_matches(',').trim_end()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The nearest lines above that are indented less, from the inside outwards, and the table of a TOML
/// file, whose entries are not indented.
fn headings_of(file: &str, number: u32) -> Vec<String> {
    let lines: Vec<&str> = file.lines().take(number as usize).collect();
    let Some((line, above)) = lines.split_last() else { return Vec::new() };
    let is_table = |line: &str| line.starts_with('[') && line.trim_end().ends_with(']');
    let mut headings = Vec::new();
    let mut depth = indent(line);
    for line in above.iter().rev().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        if indent(line) < depth {
            depth = indent(line);
            headings.push(plain(line).to_owned());
        }
        if depth == 0 {
            break;
        }
    }
    let table = above.iter().rev().find(|line| is_table(line)).map(|line| plain(line).to_owned());
    headings.extend(table.filter(|table| !is_table(line) && headings.last() != Some(table)));
    headings
}

/// Whether the line asks for the name with the requirement: it begins with the name, or one text in
/// quotes of it holds both (a list in one line).
fn has(line: &str, name: &str, requirement: &str) -> bool {
    let quote = if line.contains('"') { '"' } else { '\'' };
    let mut quoted = line.split(quote).skip(1).step_by(2);
    asks(line, name, requirement) || quoted.any(|text| asks(text, name, requirement))
}

/// Whether a text begins with the name and holds the requirement.
pub(super) fn asks(text: &str, name: &str, requirement: &str) -> bool {
    begins_with(text, name) && holds(text, requirement)
}

/// Whether the first word is the name: `fox`, `"fox"`, `fox.workspace`.
fn begins_with(line: &str, name: &str) -> bool {
    first_words(line).any(|word| folded(word) == name)
}

/// The first word, and what of it stands before a point.
pub(super) fn first_words(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '/');
    let word = line.split(move |c| !is_part(c)).find(|word| !word.is_empty()).unwrap_or("");
    [word].into_iter().chain(word.split('.').next())
}

/// Whether the line begins a table of the name: `[dependencies.fox]`.
fn is_table_of(line: &str, name: &str) -> bool {
    let table = line.trim().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    table.and_then(|table| table.rsplit('.').next()).is_some_and(|last| folded(last.trim_matches('"')) == name)
}

/// Whether the line holds the requirement, and not as a part of another: `1` is none of `1.2`, `^1`
/// and `1 || 2`.
fn holds(line: &str, requirement: &str) -> bool {
    let is_operator = |c: char| matches!(c, '<' | '>' | '=' | '~' | '^' | '!' | '|' | ',');
    let is_version = |c: char| c.is_alphanumeric() || matches!(c, '.' | '*' | '+' | '-');
    let begins_with_version = requirement.starts_with(is_version);
    line.match_indices(requirement).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + requirement.len()..]);
        let goes_on = after.starts_with(is_version) || after.trim_start().starts_with(is_operator);
        let begins_earlier = before.trim_end().ends_with(is_operator) && !before.trim_end().ends_with(" =");
        !(goes_on || begins_earlier || begins_with_version && before.ends_with(is_version))
    })
}

/// Names of PyPI are the same in capitals and with any of `-`, `_` and `.`; no two requirements of one
/// manifest section differ in nothing else.
pub(super) fn folded(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '_' | '.') { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::Line;

    const PACKAGE: &str = "{\n  \"name\": \"shop\",\n  \"dependencies\": {\n    \"ant\": \"^1.0.0\",\n    \"fox\": \"^1.0.0\"\n  }\n}\n";
    const CARGO: &str = "[package]\nname = \"shop\"\n\n[dependencies]\nfox = \"1\"\n\n[dev-dependencies]\nant = \"1\"\n";

    #[test]
    fn a_line_is_known_again_where_it_asks_for_the_same() {
        let fox = Line::at(PACKAGE, 5, "fox", Some("^1.0.0")).unwrap();
        assert_eq!(fox.is_in(PACKAGE), Some(true));
        assert_eq!(
            fox.is_in(&PACKAGE.replace("  ", "\t").replace("\"^1.0.0\"\n", "\"^1.0.0\",\n")),
            Some(true),
            "indented and ended otherwise"
        );
        assert_eq!(fox.is_in(&PACKAGE.replace("\"dependencies\"", "\"devDependencies\"")), Some(false), "under another heading");
        assert_eq!(fox.is_in(&PACKAGE.replace("\"fox\": \"^1", "\"fox\": \"^2")), Some(false), "another requirement");
        assert_eq!(fox.is_in(&PACKAGE.replace("\"fox\"", "\"firefox\"")), Some(false), "a part of a word");
        let fox = Line::at(CARGO, 5, "fox", Some("1")).unwrap();
        assert_eq!(fox.is_in(&CARGO.replace("fox = \"1\"", "fox = { version = \"1\", features = [] }")), Some(true));
        assert_eq!(fox.is_in(&CARGO.replace("[dependencies]", "[build-dependencies]")), Some(false));
        for other in ["1.2", "^1", "1 || 2", "1, <2", ">=1", "1-beta", "0.1"] {
            assert_eq!(fox.is_in(&CARGO.replace("fox = \"1\"", &format!("fox = \"{other}\""))), Some(false), "{other}");
        }
        let pinned = Line::at("Fox==1.0 ; python_version > '3'\n", 1, "fox", Some("==1.0")).unwrap();
        for (other, expected) in
            [("fox==1.0", true), ("fox == 1.0", false), ("fox==1.0.1", false), ("fox==1.0,<2", false), ("red-fox==1.0", false)]
        {
            assert_eq!(pinned.is_in(other), Some(expected), "{other}");
        }
        let inline = "[project]\ndependencies = [\"ant>=1\", \"Fox_Hound>=2\"]\n";
        let hound = Line::at(inline, 2, "fox-hound", Some(">=2")).unwrap();
        assert_eq!(hound.is_in(&inline.replace("Hound>=2", "Hound>=1").replace("ant>=1", "ant>=2")), Some(false), "of another");
        assert_eq!(hound.is_in(&inline.replace("\"ant>=1\", ", "")), Some(true), "the rest of the line is of others");
    }

    #[test]
    fn there_is_no_such_line() {
        assert_eq!(Line::at("{\"dependencies\":{\"ant\":\"1\",\"fox\":\"1\"}}", 1, "fox", Some("1")), None, "all in one line");
        assert!(Line::at("[dependencies.fox]\nversion = \"1\"\n", 1, "fox", Some("1")).is_some());
        assert_eq!(Line::at(PACKAGE, 0, "fox", None), None);
        assert_eq!(Line::at(PACKAGE, 80, "fox", None), None);
        assert_eq!(Line::at(&format!("{{\"fox\":\"1\"{}}}", " ".repeat(3000)), 1, "fox", Some("1")), None);
    }
}
