//! What a TOML text says: values with their lines, tables with their keys in order.

use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and the line it begins in.
#[derive(Debug, PartialEq, Eq)]
pub struct Spot<'a> {
    pub line: u32,
    pub item: Item<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    Text(Cow<'a, str>),
    Integer {
        digits: Cow<'a, str>,
        radix: u32,
    },
    Bool(bool),
    /// As it is written.
    Float(String),
    Datetime(String),
    Array(Vec<Spot<'a>>),
    Table(Pairs<'a>),
}

/// The pairs of a table, sorted by key, each with the key's line. No key stands twice.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pairs<'a>(Vec<(Cow<'a, str>, u32, Spot<'a>)>);

/// Pairs of a table among which a key is looked for one by one.
const FEW: usize = 16;

impl<'a> Pairs<'a> {
    /// `None` where a key stands twice.
    pub fn new(mut pairs: Vec<(Cow<'a, str>, u32, Spot<'a>)>) -> Option<Self> {
        pairs.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let is_once = pairs.windows(2).all(|pair| pair[0].0 != pair[1].0);
        is_once.then_some(Pairs(pairs))
    }

    pub fn get(&self, key: &str) -> Option<&Spot<'a>> {
        // Most tables are small, and texts of other lengths are told apart without a look into them.
        let at = match self.0.len() {
            ..=FEW => self.0.iter().position(|(known, ..)| known == key)?,
            _ => self.0.binary_search_by(|(known, ..)| (**known).cmp(key)).ok()?,
        };
        Some(&self.0[at].2)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, (Cow<'a, str>, u32, Spot<'a>)> {
        self.0.iter()
    }
}

impl Item<'_> {
    /// What an error calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Item::Text(_) => "string",
            Item::Integer { .. } => "integer",
            Item::Float(_) => "float",
            Item::Bool(_) => "boolean",
            Item::Datetime(_) => "datetime",
            Item::Array(_) => "array",
            Item::Table(_) => "table",
        }
    }

    /// Whether two values say the same, wherever they stand.
    pub fn is_same(&self, other: &Item<'_>) -> bool {
        match (self, other) {
            (Item::Array(a), Item::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.item.is_same(&b.item)),
            (Item::Table(a), Item::Table(b)) => {
                a.0.len() == b.0.len() && a.iter().zip(b.iter()).all(|((a, _, own), (b, _, other))| a == b && own.item.is_same(&other.item))
            }
            (Item::Array(_) | Item::Table(_), _) => false,
            (own, other) => own == other,
        }
    }
}

/// The pairs of a table as the `toml` crate read them, which bounds how deep values are nested.
pub fn pairs<'a>(table: DeTable<'a>, line: &dyn Fn(Range<usize>) -> u32) -> Pairs<'a> {
    Pairs(
        table
            .into_iter()
            .map(|(key, value)| {
                let at = line(key.span());
                (key.into_inner(), at, spot(value, line))
            })
            .collect(),
    )
}

fn spot<'a>(value: Spanned<DeValue<'a>>, line: &dyn Fn(Range<usize>) -> u32) -> Spot<'a> {
    let at = line(value.span());
    let item = match value.into_inner() {
        DeValue::String(text) => Item::Text(text),
        DeValue::Integer(number) => Item::Integer { digits: Cow::Owned(number.as_str().to_owned()), radix: number.radix() },
        DeValue::Float(number) => Item::Float(number.to_string()),
        DeValue::Boolean(value) => Item::Bool(value),
        DeValue::Datetime(time) => Item::Datetime(time.to_string()),
        DeValue::Array(items) => Item::Array(items.into_iter().map(|item| spot(item, line)).collect()),
        DeValue::Table(table) => Item::Table(pairs(table, line)),
    };
    Spot { line: at, item }
}

#[cfg(test)]
mod tests {
    use super::{FEW, Item, Pairs, Spot};
    use std::borrow::Cow;

    /// In tables on both sides of the size at which the search changes.
    #[test]
    fn every_key_is_found_and_no_other() {
        for size in [0, 1, FEW - 1, FEW, FEW + 1, 4 * FEW] {
            let pair = |number: usize| (Cow::Owned(format!("k{number}")), 1, Spot { line: number as u32, item: Item::Bool(true) });
            let pairs = Pairs::new((0..size).rev().map(pair).collect()).unwrap();
            let found = (0..size).map(|number| pairs.get(&format!("k{number}")).map(|spot| spot.line));
            assert!(found.eq((0..size as u32).map(Some)), "{size}");
            assert_eq!(["", "k", "k00", &format!("k{size}")].map(|other| pairs.get(other).is_some()), [false; 4], "{size}");
        }
    }
}
