//! Which licence a whole text is: `data/licence-texts.txt` has a digest of the words of each that is known.
//!
//! A text is one of the list in all its words or it is none: nothing is told by likeness, so that a clause which somebody
//! added does not hide in a licence that everybody knows. What differs from copy to copy is left out: white space,
//! punctuation, capitals, the title, and who holds the copyright.

use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::LazyLock;

static SHIPPED: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| rows(include_str!("../../data/licence-texts.txt")).collect());

/// Bytes of a text that is looked at; the longest licence of the list has 40,000.
const LONGEST: usize = 100_000;
/// Bytes of a line that says who holds the copyright; a longer one may say more.
const LONGEST_NOTICE: usize = 120;
/// Words that the name of a holder has at most, where a licence names it.
const LONGEST_HOLDER: usize = 8;

/// By digest.
fn rows(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).map(|(id, digest)| (digest, id))
}

/// The identifier of the licence that a text is, in all its words.
pub fn of_text(text: &str) -> Option<&'static str> {
    if text.len() > LONGEST {
        return None;
    }
    SHIPPED.get(digest(text).as_str()).copied()
}

/// SHA-256 of the words that all copies of a licence share.
fn digest(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for line in text.lines() {
        let of_line: Vec<String> = words_of(line).collect();
        let is_head = words.is_empty() && (is_title(&of_line) || is_notice(line, &of_line));
        if !is_head && !is_dated_notice(line, &of_line) {
            words.extend(of_line);
        }
    }
    let words = without_holders(words);
    Sha256::digest(words.join(" ")).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn words_of(line: &str) -> impl Iterator<Item = String> {
    let plain = |word: &str| match word.to_lowercase().as_str() {
        "licence" => "license".to_owned(),
        "holders" => "holder".to_owned(),
        "https" => "http".to_owned(),
        word => word.to_owned(),
    };
    line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(plain)
}

/// Words of which titles are made.
const OF_TITLES: &str = "the license mit x11 expat isc bsd apache version v2 0 1 2 3 clause new simplified revised modified original or \
    software mozilla public boost zlib free universal creative commons zero 0bsd january 2004 http www org licenses";

fn is_title(words: &[String]) -> bool {
    words.iter().all(|word| OF_TITLES.split_whitespace().any(|of_title| of_title == word))
}

/// Who holds the copyright, above the licence itself.
fn is_notice(line: &str, words: &[String]) -> bool {
    let is_of_holders = words.iter().take(2).any(|word| word == "copyright") || line.trim_start().starts_with(['©']);
    let is_reserved = words.len() == 3 && words.iter().zip(["all", "rights", "reserved"]).all(|(word, reserved)| word == reserved);
    line.len() <= LONGEST_NOTICE && is_of_holders || is_reserved
}

/// The same anywhere, where it has a year or the place of one: a line of the licence may begin with the word as well.
fn is_dated_notice(line: &str, words: &[String]) -> bool {
    let is_year = |word: &String| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    let has_place = ["<year>", "[yyyy]", "{yyyy}", "[year]"].iter().any(|place| line.contains(place));
    is_notice(line, words) && (has_place || words.iter().any(is_year))
}

/// `neither the name of HOLDER nor the names of its contributors`, whoever it is.
fn without_holders(words: Vec<String>) -> Vec<String> {
    let begins = ["neither", "the", "name", "of"];
    let at = words.windows(begins.len()).position(|window| window.iter().zip(begins).all(|(word, begin)| word == begin));
    let Some(start) = at.map(|at| at + begins.len()) else { return words };
    match words[start..].iter().take(LONGEST_HOLDER + 1).position(|word| word == "nor") {
        Some(length) => [&words[..start], &words[start + length..]].concat(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// A row for each licence of the SPDX list that OSI or the FSF approves of, that is not deprecated, and whose words are
    /// no other's: of the GNU licences the text does not say whether later versions count.
    #[test]
    fn the_list_is_that_of_the_spdx_texts() {
        let mut by_digest: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for id in spdx::identifiers::LICENSES.iter().filter_map(|id| spdx::license_id(id.name)) {
            let texts = id.text().split_once("\nAPPENDIX: How to apply").map(|(text, _)| text);
            [Some(id.text()), texts].into_iter().flatten().for_each(|text| by_digest.entry(digest(text)).or_default().push(id.name));
        }
        let is_listed = |id: &str| {
            let id = spdx::license_id(id).unwrap();
            (id.is_osi_approved() || id.is_fsf_free_libre()) && !id.is_deprecated() && !id.is_gnu()
        };
        let mut expected: Vec<String> = by_digest
            .iter()
            .filter_map(|(digest, ids)| match ids.as_slice() {
                [id] if is_listed(id) => Some(format!("{id} {digest}")),
                _ => None,
            })
            .collect();
        expected.sort();
        let list = include_str!("../../data/licence-texts.txt");
        let listed: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(listed.join("\n"), expected.join("\n"));
    }

    #[test]
    fn a_text_is_a_licence_in_all_its_words() {
        let of = |id: &str| spdx::license_id(id).unwrap().text();
        let mit = of("MIT");
        let body = &mit[mit.find("Permission").unwrap()..];
        let bsd = of("BSD-3-Clause");
        for (text, expected) in [
            (mit.to_owned(), Some("MIT")),
            (
                format!(
                    "The MIT License (MIT)\r\n=====\r\n\r\nCopyright © 2019–2024 Ada\r\nCopyright (c) 2020 Bob <bob@zoo.example>\n{body}"
                ),
                Some("MIT"),
            ),
            (body.split_whitespace().collect::<Vec<_>>().join("\n").to_uppercase(), Some("MIT")),
            (format!("Copyright the fox authors\n{body}"), Some("MIT")),
            (format!("{body}\nThe Software shall be used for Good, not Evil."), None),
            (format!("\"Commons Clause\" License Condition\nThe grant of rights does not include the right to sell.\n{body}"), None),
            (body.replace("without limitation", "with limitation"), None),
            (format!("Copyright (c) 2020 Ada. {}\n{body}", "You may not sell it, ever. ".repeat(6)), None),
            (bsd.replace("the copyright holder nor", "Zoo, Inc. nor"), Some("BSD-3-Clause")),
            (bsd.replace("the copyright holder nor", "a b c d e f g h i nor"), None),
            (of("Apache-2.0").to_owned(), Some("Apache-2.0")),
            (of("Apache-2.0").replace("[yyyy] [name of copyright owner]", "2020 Ada"), Some("Apache-2.0")),
            (of("Apache-2.0").split("APPENDIX").next().unwrap().to_owned(), Some("Apache-2.0")),
            (of("GPL-3.0-only").to_owned(), None),
            (String::new(), None),
            ("MIT".into(), None),
            ("x ".repeat(60_000), None),
        ] {
            assert_eq!(of_text(&text), expected, "{text}");
        }
    }
}
