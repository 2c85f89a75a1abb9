//! Who stands behind what is shipped: `[sbom]`, for the metadata of documents. It judges nothing.

use crate::judge::form::{FormError, Part};
use crate::model::Identity;
use crate::model::text::quoted;

/// What a policy says of the people behind the product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Makers {
    /// Who answers for the document.
    pub authors: Vec<Identity>,
    /// Who supplies the product.
    pub supplier: Option<Organisation>,
    /// Who makes it.
    pub manufacturer: Option<Organisation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub name: String,
    /// Web addresses.
    pub url: Vec<String>,
    pub contact: Option<Identity>,
}

pub fn read(root: &Part<'_, '_>) -> Result<Makers, FormError> {
    let Some(part) = root.part("sbom", &["authors", "supplier", "manufacturer"])? else { return Ok(Makers::default()) };
    let authors = part.texts("authors")?.unwrap_or_default();
    Ok(Makers {
        authors: authors.into_iter().map(|(text, line)| person(&part, text, line)).collect::<Result<_, _>>()?,
        supplier: organisation(&part, "supplier")?,
        manufacturer: organisation(&part, "manufacturer")?,
    })
}

fn organisation<'t>(around: &Part<'t, '_>, key: &'t str) -> Result<Option<Organisation>, FormError> {
    let Some(part) = around.part(key, &["name", "url", "contact"])? else { return Ok(None) };
    let url = part.texts("url")?.unwrap_or_default();
    for (text, line) in &url {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        if rest.is_empty() || rest.contains(char::is_whitespace) {
            return Err(part.error(*line, format!("{} is no web address", quoted(text))).with_hint("write `https://HOST/…`"));
        }
    }
    Ok(Some(Organisation {
        name: part.required("name")?.0.to_owned(),
        url: url.into_iter().map(|(text, _)| text.to_owned()).collect(),
        contact: part.text("contact")?.map(|(text, line)| person(&part, text, line)).transpose()?,
    }))
}

/// `Name <name@host>`, or a name alone.
fn person(part: &Part<'_, '_>, text: &str, line: u32) -> Result<Identity, FormError> {
    let who = Identity::parse(text);
    let is_named = !who.name.is_empty() && !text.starts_with('<');
    let is_whole = if text.contains(['<', '>']) { text.ends_with('>') && is_mail(&who.email) } else { true };
    let wrong = || part.error(line, format!("{} is no name with a mail address", quoted(text))).with_hint("write `Name <name@host>`");
    if is_named && is_whole { Ok(who) } else { Err(wrong()) }
}

/// What every reader of a document takes for an address.
fn is_mail(text: &str) -> bool {
    let is_plain = |part: &str, also: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
    text.split_once('@').is_some_and(|(name, host)| {
        name.split('.').all(|part| is_plain(part, "_%+-"))
            && host.split('.').all(|part| is_plain(part, "-") && !part.starts_with('-') && !part.ends_with('-'))
    })
}
