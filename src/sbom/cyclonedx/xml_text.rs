//! The wire structs of a document as XML text, by the places that `xml_shape` gives their fields.
//!
//! Fields stand in the order of the XSD's sequences, attributes first; the structs are declared so.
//! Entries of the document's lists stand one on a line. Nothing from outside begins a line, and no
//! text is a command of a CI runner: line breaks and a second `#` are character references. What XML
//! 1.0 cannot hold at all (section 2.2: most control characters) stands as a visible escape.

use super::xml_shape::{Item, Shape, own_element, shape};
use crate::model::text::is_invisible;
use crate::sbom::wire::{Failed, refused};
use serde::ser::{Error as _, Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use std::io::{self, BufWriter, Write};

/// Elements down to this depth have one child a line: the document, its lists and its metadata.
const LINES_TO: usize = 2;

/// Writes a document whose outermost element is `root`.
pub fn write(root: &'static str, value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Xml { out: BufWriter::with_capacity(1 << 16, out), depth: 0, in_tag: false };
    xml.out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    value.serialize(Value { xml: &mut xml, shape: Shape::Element(root) }).map_err(|Failed(error)| error)?;
    xml.out.write_all(b"\n")?;
    xml.out.flush()
}

struct Xml<'o> {
    out: BufWriter<&'o mut dyn Write>,
    depth: usize,
    /// Whether the last start tag still takes attributes.
    in_tag: bool,
}

impl Xml<'_> {
    fn open(&mut self, name: &str) -> io::Result<()> {
        self.content()?;
        self.line()?;
        self.out.write_all(b"<")?;
        self.out.write_all(name.as_bytes())?;
        self.in_tag = true;
        self.depth += 1;
        Ok(())
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.depth -= 1;
        if std::mem::take(&mut self.in_tag) {
            return self.out.write_all(b"/>");
        }
        if self.depth < LINES_TO {
            self.line()?;
        }
        self.end_tag(name)
    }

    fn end_tag(&mut self, name: &str) -> io::Result<()> {
        self.out.write_all(b"</")?;
        self.out.write_all(name.as_bytes())?;
        self.out.write_all(b">")
    }

    /// Ends a start tag: what follows is content.
    fn content(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_tag) { self.out.write_all(b">") } else { Ok(()) }
    }

    /// A new line where the element around has its children on lines.
    fn line(&mut self) -> io::Result<()> {
        const INDENT: &[u8] = b"\n        ";
        if self.depth <= LINES_TO { self.out.write_all(&INDENT[..=2 * self.depth]) } else { Ok(()) }
    }

    fn scalar(&mut self, shape: Shape, text: &str) -> io::Result<()> {
        match shape {
            Shape::Skip => Ok(()),
            Shape::Attribute(name) => self.attribute(name, text),
            Shape::Text => {
                self.content()?;
                self.text(text)
            }
            Shape::Items { item: Item::Reference(name), .. } => {
                self.open(name)?;
                self.attribute("ref", text)?;
                self.close(name)
            }
            Shape::Element(name) | Shape::Items { item: Item::Element(name), .. } => {
                self.open(name)?;
                self.content()?;
                self.text(text)?;
                self.depth -= 1;
                self.end_tag(name)
            }
            Shape::Items { item: Item::Bare, .. } | Shape::Bare => Err(io::Error::other("a text has no place of its own")),
        }
    }

    fn attribute(&mut self, name: &str, text: &str) -> io::Result<()> {
        if !self.in_tag {
            return Err(io::Error::other(format!("the attribute {name} comes after content")));
        }
        write!(self.out, " {name}=\"")?;
        self.text(text)?;
        self.out.write_all(b"\"")
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        if is_plain(text) { self.out.write_all(text.as_bytes()) } else { self.escaped(text) }
    }

    fn escaped(&mut self, text: &str) -> io::Result<()> {
        let mut last = ' ';
        for c in text.chars() {
            match c {
                '<' => self.out.write_all(b"&lt;")?,
                '>' => self.out.write_all(b"&gt;")?,
                '&' => self.out.write_all(b"&amp;")?,
                '"' => self.out.write_all(b"&quot;")?,
                '#' if last == '#' => self.out.write_all(b"&#35;")?,
                c if !is_character(c) => write!(self.out, "{}", c.escape_unicode())?,
                c if is_invisible(c) => write!(self.out, "&#x{:x};", u32::from(c))?,
                c => self.out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?,
            }
            last = c;
        }
        Ok(())
    }
}

/// XML 1.0, section 2.2.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a text stands as it is. By blocks without a branch, which compilers make vectors of.
fn is_plain(text: &str) -> bool {
    let (blocks, rest) = text.as_bytes().as_chunks::<16>();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    let is_plain = |block: &[u8; 16]| {
        let is_odd = |b: u8| u8::from(b < 0x20) | u8::from(b >= 0x7f) | u8::from(matches!(b, b'"' | b'<' | b'>' | b'&' | b'#'));
        block.iter().fold(0, |bad, &b| bad | is_odd(b)) == 0
    };
    blocks.iter().all(is_plain) && is_plain(&last)
}

/// A value on its way to its place.
struct Value<'x, 'o> {
    xml: &'x mut Xml<'o>,
    shape: Shape,
}

/// A struct or list that is being written, and the element that ends with it.
struct Open<'x, 'o> {
    xml: &'x mut Xml<'o>,
    element: Option<&'static str>,
    owner: &'static str,
    item: Shape,
}

impl<'x, 'o> Open<'x, 'o> {
    fn new(xml: &'x mut Xml<'o>, element: Option<&'static str>, owner: &'static str, item: Shape) -> Result<Self, Failed> {
        element.map_or(Ok(()), |name| xml.open(name))?;
        Ok(Open { xml, element, owner, item })
    }

    fn finish(self) -> Result<(), Failed> {
        Ok(self.element.map_or(Ok(()), |name| self.xml.close(name))?)
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        value.serialize(Value { xml: self.xml, shape: self.item })
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeTuple for Open<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
        match shape(self.owner, name) {
            Shape::Skip => Ok(()),
            shape => value.serialize(Value { xml: self.xml, shape }),
        }
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl<'x, 'o> Serializer for Value<'x, 'o> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Open<'x, 'o>;
    type SerializeTuple = Open<'x, 'o>;
    type SerializeStruct = Open<'x, 'o>;
    type SerializeTupleStruct = Impossible<(), Failed>;
    type SerializeTupleVariant = Impossible<(), Failed>;
    type SerializeMap = Impossible<(), Failed>;
    type SerializeStructVariant = Impossible<(), Failed>;

    fn serialize_str(self, text: &str) -> Result<(), Failed> {
        Ok(self.xml.scalar(self.shape, text)?)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Failed> {
        self.serialize_str(if value { "true" } else { "false" })
    }

    fn serialize_u64(self, number: u64) -> Result<(), Failed> {
        self.serialize_str(&number.to_string())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Failed> {
        self.serialize_str(&number.to_string())
    }

    fn serialize_u8(self, number: u8) -> Result<(), Failed> {
        self.serialize_u64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Result<(), Failed> {
        self.serialize_u64(number.into())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'x, 'o>, Failed> {
        match self.shape {
            Shape::Items { list, item } => {
                let item = match item {
                    Item::Element(name) => Shape::Element(name),
                    Item::Bare => Shape::Bare,
                    Item::Reference(_) => self.shape,
                };
                Open::new(self.xml, list, "", item)
            }
            _ => Err(Failed::custom("a list has no place")),
        }
    }

    fn serialize_tuple(self, length: usize) -> Result<Open<'x, 'o>, Failed> {
        self.serialize_seq(Some(length))
    }

    fn serialize_struct(self, owner: &'static str, _: usize) -> Result<Open<'x, 'o>, Failed> {
        let element = match self.shape {
            Shape::Bare => own_element(owner),
            Shape::Element(name) => Some(name),
            // One struct where other versions have a list of them.
            Shape::Items { list: Some(name), .. } | Shape::Items { list: None, item: Item::Element(name) } => Some(name),
            _ => return Err(Failed::custom(format!("a {owner} has no place"))),
        };
        Open::new(self.xml, element, owner, Shape::Bare)
    }

    refused!();
}
