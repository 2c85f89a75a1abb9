//! What a rule's page says, with how to consent to what it found.

use crate::judge::Rule;
use crate::judge::approval::{BY_ENTRY, BY_ID, FILE, NEVER, OF_ADVISORIES, OF_BYTES};

/// The page as plain text and as Markdown; where it found packages that somebody can consent to, with the stanza to
/// paste.
pub fn of(rule: &Rule, of_packages: bool) -> (String, String) {
    let Some(stanza) = stanza(rule).filter(|_| of_packages) else { return (rule.page.to_owned(), rule.page.to_owned()) };
    let head = format!("To approve a package all the same, fill in the words in capitals and put this into {FILE}, or let");
    let text = format!("{}\n{head} `sbomgate approve` write it:\n\n{stanza}", rule.page);
    let markdown = format!("{}\n**Approve.** {head} `sbomgate approve` write it:\n\n```toml\n{stanza}```\n", rule.page);
    (text, markdown)
}

/// The sentence on why it matters.
pub fn why(rule: &Rule) -> Option<String> {
    let rest = rule.page.split_once("**Why.** ")?.1;
    Some(rest.split("\n\n").next()?.replace('\n', " "))
}

/// An entry of the approvals, with the rule where the entry alone does not accept what it finds. `None` for what
/// nobody can consent to, or not by an entry.
fn stanza(rule: &Rule) -> Option<String> {
    let is_governance = matches!(rule.group, None | Some("governance")) && !BY_ID.contains(&rule.code);
    let rule = rule.code;
    if NEVER.contains(&rule) || is_governance && !BY_ENTRY.contains(&rule) {
        return None;
    }
    let versions = if OF_BYTES.contains(&rule) { "version = \"VERSION\"\ndigest = \"sha512:DIGEST\"" } else { "versions = \"^VERSION\"" };
    let accepted = match rule {
        rule if BY_ENTRY.contains(&rule) => String::new(),
        rule if OF_ADVISORIES.contains(&rule) => "findings = [\"ADVISORY-ID\"]\n".to_owned(),
        rule if BY_ID.contains(&rule) => format!("findings = [\"{rule}:ID\"]\n"),
        rule => format!("findings = [\"{rule}\"]\n"),
    };
    Some(format!(
        "[[approval]]\npackage = \"pkg:TYPE/NAME\"\n{versions}\nowner = \"OWNER\"\napproved-by = \"NAME <ADDRESS>\"\n\
         on = YYYY-MM-DD\nexpires = YYYY-MM-DD\nreason = \"REASON\"\n{accepted}"
    ))
}

#[cfg(test)]
mod tests {
    use super::stanza;
    use crate::judge::rules::named;
    use crate::judge::{RULES, approval};
    use crate::model::{RelPath, SourceFile};

    /// Once it is filled in, every stanza is one that the reader takes.
    #[test]
    fn every_stanza_is_an_entry() {
        let words = [
            ("TYPE/NAME", "npm/fox"),
            ("NAME <ADDRESS>", "Bob <bob@zoo.example>"),
            ("DIGEST", &"0a".repeat(64)),
            ("VERSION", "1.0.0"),
            ("YYYY-MM-DD", "2026-11-21"),
            (":ID", ":id"),
        ];
        for (rule, stanza) in RULES.iter().filter_map(|rule| Some((rule, stanza(rule)?))) {
            let text = words.iter().fold(format!("version = 1\n{stanza}"), |text, (word, filled)| text.replace(word, filled));
            let file = SourceFile::new(RelPath::new(approval::FILE).unwrap(), text.clone().into_bytes()).unwrap();
            let read = approval::read(&file).map(|entries| entries.len());
            assert_eq!(read.ok(), Some(1), "{}: {text}", rule.code);
        }
        assert!(["malware", "self-approval", "policy-changed", "approval-void"].iter().all(|code| stanza(named(code).unwrap()).is_none()));
    }
}
