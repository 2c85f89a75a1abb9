//! What texts mean that are no SPDX expressions: `data/licence-spellings.toml`, and the identifiers of the list in other
//! letters.

use super::{Expression, Family};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

static SHIPPED: LazyLock<Spellings> =
    LazyLock::new(|| Spellings::parse(include_str!("../../../data/licence-spellings.toml")).expect("a test parses the list that ships"));

/// By texts that are [`folded`].
pub(super) struct Spellings {
    /// What a text reads, as SPDX writes it.
    reads: HashMap<String, String>,
    may_be: HashMap<String, Vec<String>>,
    /// In exactly these letters.
    words: HashMap<String, Family>,
    /// Identifiers of the list, by their small letters.
    ids: HashMap<String, &'static str>,
    exceptions: HashMap<String, &'static str>,
}

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpellingsError {
    #[error("the list of licence spellings is not in its form: {0}")]
    Form(String),
    #[error("the list of licence spellings has version {0}; this sbomgate reads version 1")]
    Version(u32),
    #[error("the list of licence spellings has {0} twice, or it needs no row")]
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    spelling: Vec<Spelling>,
    ambiguous: Vec<Ambiguous>,
    word: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelling {
    reads: String,
    texts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Ambiguous {
    may_be: Vec<String>,
    texts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    family: Family,
    texts: Vec<String>,
}

/// How texts are compared. Letters beyond ASCII stay what they are: some only look like those of a licence.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase().replace("licence", "license")
}

impl Spellings {
    pub fn shipped() -> &'static Spellings {
        &SHIPPED
    }

    fn parse(text: &str) -> Result<Spellings, SpellingsError> {
        let file: File = toml::from_str(text).map_err(|error| SpellingsError::Form(error.to_string()))?;
        if file.version != 1 {
            return Err(SpellingsError::Version(file.version));
        }
        let ids = spdx::identifiers::LICENSES.iter().map(|id| (id.name.to_ascii_lowercase(), id.name)).collect();
        let exceptions = spdx::identifiers::EXCEPTIONS.iter().map(|id| (id.name.to_ascii_lowercase(), id.name)).collect();
        let mut spellings = Spellings { reads: HashMap::new(), may_be: HashMap::new(), words: HashMap::new(), ids, exceptions };
        for Spelling { reads, texts } in file.spelling {
            for text in texts {
                spellings.claim(&text)?;
                spellings.reads.insert(folded(&text), reads.clone());
            }
        }
        for Ambiguous { may_be, texts } in file.ambiguous {
            for text in texts {
                spellings.claim(&text)?;
                spellings.may_be.insert(folded(&text), may_be.clone());
            }
        }
        for Word { family, texts } in file.word {
            for text in texts {
                if spellings.words.insert(text.clone(), family).is_some() {
                    return Err(SpellingsError::Text(text));
                }
            }
        }
        Ok(spellings)
    }

    /// A text has one row, and none where it is an identifier of today.
    fn claim(&self, text: &str) -> Result<(), SpellingsError> {
        let folded = folded(text);
        let is_taken = self.reads.contains_key(&folded) || self.may_be.contains_key(&folded);
        let is_current = self.ids.get(&folded).and_then(|id| spdx::license_id(id)).is_some_and(|id| !id.is_deprecated());
        if is_taken || is_current { Err(SpellingsError::Text(text.to_owned())) } else { Ok(()) }
    }

    /// The SPDX expression of a text that means one thing, or an identifier in other letters.
    pub fn reads(&self, text: &str) -> Option<&str> {
        let folded = folded(text);
        self.reads.get(&folded).map(String::as_str).or_else(|| self.ids.get(&folded).copied())
    }

    /// As [`Spellings::reads`], of `gpl-2.0+` too, where the plus is one of SPDX.
    pub fn term(&self, text: &str) -> Option<String> {
        let plain = self.reads(text).map(str::to_owned);
        plain.or_else(|| Some(format!("{}+", self.ids.get(&text.strip_suffix('+')?.to_ascii_lowercase())?)))
    }

    /// The exception of the list, in other letters.
    pub fn exception(&self, text: &str) -> Option<&'static str> {
        self.exceptions.get(&folded(text)).copied()
    }

    /// What a deprecated identifier is today, where that is more than another ending.
    pub fn of_deprecated(&self, id: &str) -> Option<Expression> {
        Expression::parse(self.reads.get(&id.to_ascii_lowercase())?)
    }

    /// What a text that means no one thing may mean.
    pub fn may_be(&self, text: &str) -> Option<&[String]> {
        self.may_be.get(&folded(text)).map(Vec::as_slice)
    }

    /// The family of a text that is no licence of the list.
    pub fn word(&self, text: &str) -> Option<Family> {
        self.words.get(text).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_whole() {
        let spellings = Spellings::parse(include_str!("../../../data/licence-spellings.toml")).unwrap();
        let texts = spellings.reads.values().chain(spellings.may_be.values().flatten());
        for text in texts {
            assert!(Expression::parse(text).is_some_and(|read| read.to_string() == *text), "{text}");
        }
        assert!(spellings.words.keys().all(|word| Expression::parse(word).is_none()), "a word is no expression");
        assert_eq!(spellings.ids.len(), spdx::identifiers::LICENSES.len(), "small letters tell all apart");
        // A table of deprecated identifiers that names another of them would be followed without end.
        let deprecated = spdx::identifiers::LICENSES.iter().filter(|id| spdx::license_id(id.name).is_some_and(|id| id.is_deprecated()));
        for id in deprecated.filter_map(|id| spellings.reads.get(&id.name.to_ascii_lowercase())) {
            let names = id.split(' ').filter_map(spdx::license_id);
            assert!(names.clone().count() > 0 && names.into_iter().all(|id| !id.is_deprecated()), "{id}");
        }
    }

    #[test]
    fn a_wrong_row_is_an_error() {
        let parse = |rows: &str| Spellings::parse(&format!("version = 1\n{rows}\nambiguous = []\nword = []\n"));
        let row = |text: &str| format!("spelling = [{{ reads = \"MIT\", texts = [{text}] }}]");
        assert!(parse(&row("\"the mit\"")).is_ok());
        for texts in ["\"the mit\", \"The MIT\"", "\"mit\"", "\"BSD-3-Clause\""] {
            assert!(matches!(parse(&row(texts)), Err(SpellingsError::Text(_))), "{texts}");
        }
        assert!(matches!(parse("spellings = []"), Err(SpellingsError::Form(_))));
    }
}
