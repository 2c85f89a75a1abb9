//! JSON with places: text borrowed from the file, maps that keep their order and their duplicates,
//! errors that know their line.

use super::ReadError;
use crate::model::{Lines, SourceFile};
use hashbrown::HashSet;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// Reads a whole file as `T`.
pub fn parse<'a, T: Deserialize<'a>>(file: &'a SourceFile) -> Result<T, ReadError> {
    parse_text(file, file.text())
}

/// Reads a whole file as `T` from a text that stands in place of its own, line by line (`jsonc`).
pub fn parse_text<'t, T: Deserialize<'t>>(file: &SourceFile, text: &'t str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|error| {
        let message = without_place(&error);
        let line = (error.line() as u32).max(1);
        match error.classify() {
            serde_json::error::Category::Data => ReadError::malformed(file.path(), line, message),
            _ => ReadError::syntax(file.path(), line, format!("this is not JSON: {message}")),
        }
    })
}

/// serde_json's message without its own ` at line L column C`, and nothing of it raw.
pub fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    // serde's own words for JSON's.
    let message = message[..end].replace("type: sequence", "type: array").replace("type: map", "type: object");
    crate::model::text::visible(&message).into_owned()
}

/// A string, borrowed unless it was written with escapes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text<'a>(pub Cow<'a, str>);

impl<'a> Text<'a> {
    /// Where the string begins in the text it was parsed from; `None` for one with escapes.
    pub fn offset_in(&self, text: &str) -> Option<usize> {
        let Cow::Borrowed(part) = self.0 else { return None };
        let offset = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        (offset + part.len() <= text.len()).then_some(offset)
    }

    /// A part of the string, borrowed as the string is.
    pub fn part(&self, part: &str) -> Cow<'a, str> {
        let Cow::Borrowed(text) = self.0 else { return Cow::Owned(part.to_owned()) };
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
        let found = start.and_then(|start| text.get(start..start + part.len()));
        found.map_or_else(|| Cow::Owned(part.to_owned()), Cow::Borrowed)
    }

    /// The same string, borrowed from `original`, of which `text` is a copy with other bytes outside of
    /// strings alone.
    pub fn in_original<'o>(&self, text: &str, original: &'o str) -> Cow<'o, str> {
        let part = self.offset_in(text).and_then(|offset| original.get(offset..offset + self.len()));
        part.map_or_else(|| Cow::Owned(self.0.clone().into_owned()), Cow::Borrowed)
    }

    /// The line of the string in the text, or `otherwise`.
    pub fn line(&self, text: &str, lines: &Lines<'_>, otherwise: u32) -> u32 {
        self.offset_in(text).map_or(otherwise, |offset| lines.line(offset))
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// An object as its pairs, in the order of the file, duplicates kept.
#[derive(Clone, Debug)]
pub struct Pairs<'a, V>(pub Vec<(Text<'a>, V)>);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Pairs(Vec::new())
    }
}

impl<'a, V> Pairs<'a, V> {
    pub fn iter(&self) -> impl Iterator<Item = &(Text<'a>, V)> {
        self.0.iter()
    }

    pub fn get(&self, key: &str) -> Option<&V> {
        self.0.iter().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The second of two equal keys.
    pub fn repeated(&self) -> Option<&Text<'a>> {
        let keys = || self.0.iter().map(|(key, _)| key);
        // Most objects are small, and comparing is cheaper than hashing there.
        if self.0.len() <= 8 {
            return keys().enumerate().find(|(at, key)| keys().take(*at).any(|other| other == *key)).map(|(_, key)| key);
        }
        let mut seen = HashSet::with_capacity(self.0.len());
        keys().find(|key| !seen.insert(&***key))
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
            type Value = Pairs<'de, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

/// A list that mostly has one item, or none: it takes no more room than that before there are more.
pub fn few<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    struct FewVisitor<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for FewVisitor<T> {
        type Value = Option<Vec<T>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_seq(self)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = seq.next_element()? {
                if items.is_empty() {
                    items.reserve_exact(1);
                }
                items.push(item);
            }
            Ok(Some(items))
        }
    }
    deserializer.deserialize_option(FewVisitor(PhantomData))
}

/// A value of which only one kind is of use: everything else is passed over without an error,
/// because tools have written it in other forms.
#[derive(Clone, Debug, Default)]
pub enum Lenient<'a> {
    Text(Text<'a>),
    List(Vec<Lenient<'a>>),
    Object(Pairs<'a, Lenient<'a>>),
    #[default]
    Other,
}

impl<'a> Lenient<'a> {
    pub fn text(&self) -> Option<&Text<'a>> {
        match self {
            Lenient::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Lenient<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor)
    }
}

struct LenientVisitor;

impl<'de> Visitor<'de> for LenientVisitor {
    type Value = Lenient<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Lenient::Text(Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Lenient::Text(Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Lenient::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Lenient::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Lenient::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Lenient::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Lenient::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Lenient::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Lenient::Object(Pairs(pairs)))
    }
}

/// A value that is not looked at.
pub type Ignored = IgnoredAny;

#[cfg(test)]
mod tests {
    use super::Text;

    /// A part is borrowed where the whole is, and says the same wherever it comes from.
    #[test]
    fn a_part_of_a_string() {
        let file = String::from("node_modules/ant");
        let (plain, escaped) = (Text(file.as_str().into()), Text(file.clone().into()));
        for whole in [&plain, &escaped] {
            assert_eq!((whole.part(&whole[13..]), whole.part(&whole[..0]), whole.part("bee")), ("ant".into(), "".into(), "bee".into()));
        }
        assert!(matches!(plain.part(&plain[13..]), std::borrow::Cow::Borrowed(_)));
        assert!(matches!(escaped.part(&escaped[13..]), std::borrow::Cow::Owned(_)));
    }
}
