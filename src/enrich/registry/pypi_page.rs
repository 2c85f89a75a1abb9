//! A project of a simple index as a page (PEP 503, 592, 629, 740, 792): what many indexes have, and no other form.
//!
//! Of a page only links and `meta` tags are looked at, and of a link the name of the file that it leads to. A page that
//! names no file of the project says nothing: people are told to log in on such ones. What no link of a page carries
//! (whether a file is yanked, its attestation) the page does not speak of.

use super::answer::{self, Unusable};
use super::pypi_files::{File, Kind};
use super::{Mark, Part, pypi, versions};
use crate::model::registry::PYTHON_ARCHIVES;
use crate::model::url::percent_decoded;
use crate::model::{Ecosystem, PackageName};
use std::borrow::Cow;

/// A tag that opens, its name and attributes in small letters.
struct Tag<'t> {
    name: String,
    attributes: Vec<(String, Cow<'t, str>)>,
}

/// Attributes of one tag that are looked at; links of indexes have four.
const MOST_ATTRIBUTES: usize = 20;

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_ref())
    }
}

/// Fails where the page is of another project, of a later form, cut off, or none of an index.
pub fn simple(asked: &PackageName, text: &str) -> Result<Part, Unusable> {
    let tags = tags(text)?;
    let meta =
        |wanted: &str| tags.iter().find(|tag| tag.name == "meta" && tag.get("name") == Some(wanted)).and_then(|tag| tag.get("content"));
    if let Some(version) = meta("pypi:repository-version").filter(|version| version.split('.').next() != Some("1")) {
        return Err(Unusable::Broken(format!("it is of version {}", crate::model::text::quoted(&answer::note(version)))));
    }
    let links: Vec<(String, &Tag<'_>)> = tags.iter().filter(|tag| tag.name == "a").filter_map(|tag| Some((file(tag)?, tag))).collect();
    let standing =
        meta("pypi:project-status").and_then(|status| pypi::standing(status, meta("pypi:project-status-reason").unwrap_or_default()));
    let speaks = |attribute: &str| links.iter().any(|(_, tag)| tag.get(attribute).is_some());
    let (of_yanked, of_provenance) = (speaks("data-yanked"), speaks("data-provenance"));
    let files = links.iter().map(|(name, tag)| {
        let yanked = tag.get("data-yanked").map(|reason| Mark::Yes(answer::note(reason)));
        let attested = tag.get("data-provenance").map(|url| !url.is_empty());
        let file = File {
            kind: Kind::of(name, None),
            uploaded: None,
            yanked: yanked.or_else(|| of_yanked.then_some(Mark::No)),
            attested: attested.or_else(|| of_provenance.then_some(false)),
        };
        (name.as_str(), file)
    });
    let releases = pypi::by_version(asked, files);
    match (releases.is_empty() && (standing.is_none() || !is_headed(asked, text)), links.first()) {
        (true, None) => Err(Unusable::Page),
        (true, Some((other, _))) => Err(Unusable::OtherName { asked: asked.to_string(), found: answer::note(other) }),
        (false, _) => Ok(Part { standing, ..versions::part(Ecosystem::Pypi, releases)? }),
    }
}

/// Whether a page without files says whose it is, as PyPI's does.
fn is_headed(asked: &PackageName, text: &str) -> bool {
    let name = text.split_once("Links for ").and_then(|(_, rest)| rest.split('<').next());
    name.is_some_and(|name| answer::is_about(Ecosystem::Pypi, asked, name.trim()).is_ok())
}

/// The name of the archive that a link leads to, as pip takes it.
fn file(link: &Tag<'_>) -> Option<String> {
    let path = link.get("href")?.split(['#', '?']).next()?;
    let name = percent_decoded(path.rsplit('/').next()?);
    let small = name.to_ascii_lowercase();
    PYTHON_ARCHIVES.iter().any(|ending| small.ends_with(ending)).then_some(name)
}

/// The tags that are of use, in their order, of a page that is there to its end.
fn tags(text: &str) -> Result<Vec<Tag<'_>>, Unusable> {
    let (mut rest, mut tags, mut is_whole) = (text, Vec::new(), false);
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '!').unwrap_or(after.len());
        let name = after[..end].to_ascii_lowercase();
        let (attributes, after) = attributes(&after[end..]);
        rest = after.unwrap_or_default();
        is_whole |= name == "/html" && after.is_some();
        if name == "script" || name == "style" {
            let close = format!("</{name}");
            rest = rest
                .match_indices("</")
                .find(|(at, _)| rest[*at..].get(..close.len()).is_some_and(|own| own.eq_ignore_ascii_case(&close)))
                .map_or("", |(at, _)| &rest[at..]);
        }
        if name == "a" || name == "meta" {
            tags.push(Tag { name, attributes });
        }
        if tags.len() > answer::MOST_ENTRIES {
            return Err(Unusable::Broken(format!("there are more than {} links", answer::MOST_ENTRIES)));
        }
    }
    // Nothing else shows that a page ends where it is meant to.
    if is_whole || tags.is_empty() { Ok(tags) } else { Err(Unusable::Broken("the page has no end".into())) }
}

/// The attributes of a tag, and what follows it; `None` where the tag has no end.
fn attributes(text: &str) -> (Vec<(String, Cow<'_, str>)>, Option<&str>) {
    let mut attributes = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (attributes, Some(after));
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        // One that begins with `=` is no attribute, and is passed over.
        let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { end };
        if end == 0 {
            return (attributes, None);
        }
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start_matches(|c: char| c.is_ascii_whitespace());
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let Some((own, after)) = value_of(after.trim_start_matches(|c: char| c.is_ascii_whitespace())) else {
                return (attributes, None);
            };
            (value, rest) = (own, after);
        }
        // Of two of one name the first counts, as browsers have it.
        if attributes.len() < MOST_ATTRIBUTES && attributes.iter().all(|(own, _)| *own != name) {
            attributes.push((name, unescaped(value)));
        }
    }
}

fn value_of(text: &str) -> Option<(&str, &str)> {
    match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote),
        _ => Some(text.split_at(text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len()))),
    }
}

/// With the references replaced that names of files and short texts need.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let named =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&#43;", "+"), ("&amp;", "&")];
    Cow::Owned(named.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character)))
}
