//! Variables of the environment in values, and lines of INI files.

use super::Trust;

/// Longer values are none.
const LONGEST: usize = 16 << 10;

/// A value with its `${NAME}` replaced, as npm does: `${NAME?}` is nothing and `${NAME-text}` the text where there is no
/// such variable. A repository's value is left as it is where it names none, and is an error otherwise.
pub fn expanded(value: &str, trust: Trust<'_>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, after)) = after.split_once('}') else { break };
        let Trust::User(variable) = trust else {
            return Err("it names a variable of the environment, which is not looked up for a repository".into());
        };
        let end = inside.find(['?', '-', ':']).unwrap_or(inside.len());
        let (name, otherwise) = inside.split_at(end);
        let otherwise = match otherwise.trim_start_matches(':') {
            "" => None,
            text => Some(text.get(1..).unwrap_or_default().to_owned()),
        };
        let value = variable(name).or(otherwise).ok_or_else(|| format!("there is no variable {}", crate::model::text::quoted(name)))?;
        out.push_str(before);
        out.push_str(&value);
        if out.len() > LONGEST {
            return Err("a value is too long".into());
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// A line of an INI file.
pub struct Pair<'t> {
    /// Empty before the first section.
    pub section: &'t str,
    pub key: &'t str,
    pub value: String,
}

/// Pairs of an INI file: comments begin with `#` or `;`. `continued` says that a line which is further in goes on with the
/// value before, as Python's configparser reads it.
pub fn ini(text: &str, continued: bool) -> Vec<Pair<'_>> {
    let mut section = "";
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for line in text.split(['\n', '\r']) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if continued
            && line.starts_with([' ', '\t'])
            && let Some(last) = pairs.last_mut()
        {
            last.value.push('\n');
            last.value.push_str(trimmed);
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
        } else {
            let separators: &[char] = if continued { &['=', ':'] } else { &['='] };
            let (key, value) = trimmed.split_once(separators).unwrap_or((trimmed, ""));
            pairs.push(Pair { section, key: key.trim(), value: value.trim().to_owned() });
        }
    }
    pairs
}

/// A value of npm's INI: in quotes as JSON has them, else up to a comment.
pub fn npm_value(text: &str) -> String {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inner.to_owned();
    }
    if text.starts_with('"') {
        return serde_json::from_str(text).unwrap_or_else(|_| text.to_owned());
    }
    text.split([';', '#']).next().unwrap_or_default().trim().to_owned()
}
