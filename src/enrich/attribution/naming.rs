//! Which tool and model a text names: the value of a trailer, what a footer has in parentheses, how a note
//! calls its agent. A person who is called like a tool (`Devin Clark`) is not one.

use super::catalogue::{Catalogue, Tool};
use super::pattern::word_in;

/// What a text names. Both may be unknown, when it names a model of no tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub tool: Option<String>,
    pub model: Option<String>,
}

/// Bytes of a text that are looked at.
const MOST_BYTES: usize = 500;

/// Words that may follow the name of a tool or of a family; another word makes it a person's name, or
/// that of another program (`cursor-based`).
const MAY_FOLLOW: [&str; 38] = [
    "agent", "ai", "and", "assist", "bot", "build", "chat", "cli", "cloud", "code", "coder", "desktop", "exp", "fable", "flash", "for",
    "haiku", "ide", "in", "instant", "large", "latest", "lite", "max", "medium", "mini", "model", "nano", "opus", "oss", "preview", "pro",
    "small", "sonnet", "swe", "using", "via", "with",
];

impl Catalogue {
    /// What `text` names; `None` where it names neither a tool nor a model.
    pub fn named(&self, text: &str) -> Option<Named> {
        let text = text.char_indices().nth(MOST_BYTES).map_or(text, |(at, _)| &text[..at]);
        let small = text.to_ascii_lowercase();
        let tool_part = small.rsplit_once(" via ").map_or(small.as_str(), |(_, tool)| tool);
        let by_word = self
            .tools
            .iter()
            .find(|tool| names(tool_part, &tool.words, false))
            .or_else(|| self.tools.iter().find(|tool| names(&small, &tool.words, false)));
        let tool = by_word.or_else(|| self.tools.iter().find(|tool| names(&small, &tool.models, true)));
        if tool.is_none() && !names(&small, &self.families, true) {
            return None;
        }
        Some(Named { tool: tool.map(|tool: &Tool| tool.id.clone()), model: self.model(text) })
    }

    /// The part of a text that names a model with its version: `claude-opus-4-7` of `Claude:claude-opus-4-7`.
    pub fn model(&self, text: &str) -> Option<String> {
        let families = || self.families.iter().chain(self.tools.iter().flat_map(|tool| &tool.models));
        let parts = text.split([',', ';', ':', '(', ')', '<', '>', '[', ']', '/']).flat_map(|part| part.split(" via "));
        let from_family = |part: &str| {
            let small = part.to_ascii_lowercase();
            let at = families().filter_map(|family| word_in(&small, family, true)).min()?;
            let model = part[at..].trim();
            (model.len() <= 60 && model.bytes().any(|b| b.is_ascii_digit())).then(|| model.to_owned())
        };
        parts.map(from_family).find(Option::is_some).flatten()
    }
}

fn names(small: &str, words: &[String], open: bool) -> bool {
    words.iter().any(|word| {
        word_in(small, word, open).is_some_and(|at| {
            // Jean-Claude is a person; github-copilot has its own name before it.
            let part_of_a_name = open && small[..at].ends_with('-');
            !part_of_a_name && may_follow(&small[at + word.len()..])
        })
    })
}

/// Whether what follows a name leaves it a tool's: nothing, a number (`k2`, `4.5`) or a word that may.
fn may_follow(rest: &str) -> bool {
    let Some(after) = rest.strip_prefix([' ', '-', '_']) else { return true };
    let after = after.trim_start();
    let word = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    word.is_empty() || MAY_FOLLOW.contains(&word) || after[word.len()..].starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Catalogue;

    #[test]
    fn values_name_tools_and_models() {
        for (text, tool, model) in [
            ("Claude:claude-opus-4-7 [coccinelle]", Some("claude-code"), Some("claude-opus-4-7")),
            ("Crush:glm-5.2", Some("crush"), Some("glm-5.2")),
            ("AWS Claude Opus 4.5 via Crush", Some("crush"), Some("Claude Opus 4.5")),
            ("Claude Code, claude-opus-4-7", Some("claude-code"), Some("claude-opus-4-7")),
            ("GitHub Copilot with Claude Sonnet 4", Some("github-copilot"), Some("Claude Sonnet 4")),
            ("gemini-2.5-pro", Some("gemini-cli"), Some("gemini-2.5-pro")),
            ("GPT-5", None, Some("GPT-5")),
            ("Codex (gpt-5.1)", Some("openai-codex"), Some("gpt-5.1")),
            ("droid", Some("factory-droid"), None),
            ("Kimi-k2 turbo", None, Some("Kimi-k2 turbo")),
            ("github-copilot", Some("github-copilot"), None),
        ] {
            let named = Catalogue::shipped().named(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((named.tool.as_deref(), named.model.as_deref()), (tool, model), "{text}");
        }
    }

    #[test]
    fn people_and_programs_are_not_named() {
        for text in [
            "Devin Clark",
            "Claude Dupont",
            "Jean-Claude",
            "Jules Verne <jules@a.example>",
            "protoc 3.1",
            "coccinelle",
            "",
            "cursor-based pagination",
            "Claude-Marie",
            "llama-index",
            "foo v0.1",
            "Kim Opusdei",
        ] {
            assert_eq!(Catalogue::shipped().named(text), None, "{text}");
        }
    }
}
