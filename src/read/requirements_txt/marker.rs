//! Environment markers (PEP 508): whether one is well formed, whether it can hold, and whether two
//! exclude each other.
//!
//! Well-formedness is judged here and not by `pep508_rs`: that parser recurses at every parenthesis,
//! and what it builds can grow exponentially with the text, which comes from a pull request.

use super::line::is_space;
use pep508_rs::MarkerTree;
use std::str::FromStr;

/// The variables of PEP 508 and PEP 751, and the spellings of setuptools before it.
const VARIABLES: [&str; 20] = [
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
    "os.name",
    "sys.platform",
    "platform.version",
    "platform.machine",
    "platform.python_implementation",
    "python_implementation",
];

const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

/// What may come next.
#[derive(Clone, Copy)]
enum Expected {
    /// The left side of a comparison, or an opening parenthesis.
    Left,
    Operator,
    Right,
    /// `and`, `or`, a closing parenthesis, or the end.
    Joint,
}

pub(super) fn is_well_formed(marker: &str) -> bool {
    evaluate(marker, |_, _, _| true).is_some()
}

/// Parts that `or` has joined so far, and those that `and` has joined since.
struct Joined {
    any: bool,
    all: bool,
}

/// Whether a marker holds, when each of its comparisons (left side, operator, right side, as written)
/// holds as `holds` says. `None` for what is no marker.
pub(in crate::read) fn evaluate<'m>(marker: &'m str, mut holds: impl FnMut(&'m str, &'m str, &'m str) -> bool) -> Option<bool> {
    let mut rest = marker.trim_start_matches(is_space);
    let mut expected = Expected::Left;
    let mut open = vec![Joined { any: false, all: true }];
    let (mut left, mut operator_read) = ("", "");
    while !rest.is_empty() {
        let (after, then) = match expected {
            Expected::Left if rest.starts_with('(') => {
                open.push(Joined { any: false, all: true });
                (&rest[1..], Expected::Left)
            }
            Expected::Left => (operand(rest)?, Expected::Operator),
            Expected::Operator => (operator(rest)?, Expected::Right),
            Expected::Right => (operand(rest)?, Expected::Joint),
            Expected::Joint if rest.starts_with(')') && open.len() > 1 => {
                let inner = open.pop()?;
                open.last_mut()?.all &= inner.any || inner.all;
                (&rest[1..], Expected::Joint)
            }
            Expected::Joint => joint(rest, open.last_mut()?)?,
        };
        let read = rest[..rest.len() - after.len()].trim_end_matches(is_space);
        match expected {
            Expected::Left => left = read,
            Expected::Operator => operator_read = read,
            Expected::Right => open.last_mut()?.all &= holds(left, operator_read, read),
            Expected::Joint => {}
        }
        rest = after.trim_start_matches(is_space);
        expected = then;
    }
    let whole = open.pop()?;
    (open.is_empty() && matches!(expected, Expected::Joint)).then_some(whole.any || whole.all)
}

/// `and` binds more tightly than `or`.
fn joint<'a>(rest: &'a str, joined: &mut Joined) -> Option<(&'a str, Expected)> {
    if let Some(after) = word(rest, "and") {
        return Some((after, Expected::Left));
    }
    let after = word(rest, "or")?;
    joined.any |= joined.all;
    joined.all = true;
    Some((after, Expected::Left))
}

fn operand(text: &str) -> Option<&str> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return text[1..].split_once(quote).map(|(_, rest)| rest);
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len());
    VARIABLES.contains(&&text[..end]).then(|| &text[end..])
}

fn operator(text: &str) -> Option<&str> {
    let symbol = OPERATORS.iter().find_map(|operator| text.strip_prefix(operator));
    let not_in = || word(text, "not").and_then(|rest| word(rest.trim_start_matches(is_space), "in"));
    symbol.or_else(|| word(text, "in")).or_else(not_in)
}

/// What follows the word, when the text starts with it.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word).filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

/// A longer marker is not compared with others: the algebra's cost grows fast.
const LONGEST_COMPARED: usize = 200;

/// Whether no environment meets both. `false` where it is not known.
pub(in crate::read) fn exclude_each_other(a: Option<&str>, b: Option<&str>) -> bool {
    let tree = |text: Option<&str>| text.filter(|text| text.len() <= LONGEST_COMPARED).and_then(|text| MarkerTree::from_str(text).ok());
    match (tree(a), tree(b)) {
        (Some(a), Some(b)) => a.is_disjoint(&b),
        _ => false,
    }
}
