//! JSON text as our BOMs are laid out, with nothing invisible in it.
//!
//! serde_json would do but for three things. One entry of a list stands on one line, so that two BOMs
//! compare line by line and a large one stays small. Invisible characters that JSON allows (C1
//! controls, bidirectional marks) are escaped as well: they would act on a terminal or reorder what a
//! person reads; a reader gets the same text. And looking at blocks of text instead of bytes saves a
//! third of the time that 100,000 components take.

use super::wire::{Failed, refused};
use crate::model::text::is_invisible;
use serde::ser::{Error as _, Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use std::io::{self, BufWriter, Write};

/// Containers down to this depth have one item a line: the document, its lists and its metadata.
const LINES_TO: usize = 2;

/// Writes what our wire structs are made of: text, numbers, lists and structs.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut json = Json { out: BufWriter::with_capacity(1 << 16, out), depth: 0 };
    value.serialize(&mut json).map_err(|Failed(error)| error)?;
    json.out.write_all(b"\n")?;
    json.out.flush()
}

struct Json<'o> {
    out: BufWriter<&'o mut dyn Write>,
    depth: usize,
}

impl Json<'_> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(b"\"")?;
        if is_plain(text) {
            self.out.write_all(text.as_bytes())?
        } else {
            self.escaped(text)?
        }
        self.out.write_all(b"\"")
    }

    fn escaped(&mut self, text: &str) -> io::Result<()> {
        for c in text.chars() {
            match c {
                '"' | '\\' => write!(self.out, "\\{c}")?,
                c if is_invisible(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}")?;
                    }
                }
                c => self.out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?,
            }
        }
        Ok(())
    }

    /// A new line where the container around has its items on lines.
    fn line(&mut self) -> io::Result<()> {
        const INDENT: &[u8] = b"\n        ";
        if self.depth <= LINES_TO { self.out.write_all(&INDENT[..=2 * self.depth]) } else { Ok(()) }
    }
}

/// Whether a text stands as it is. By blocks without a branch, which compilers make vectors of.
fn is_plain(text: &str) -> bool {
    let (blocks, rest) = text.as_bytes().as_chunks::<16>();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    let is_plain = |block: &[u8; 16]| {
        block.iter().fold(0, |bad, &b| bad | u8::from(b < 0x20) | u8::from(b >= 0x7f) | u8::from(b == b'"') | u8::from(b == b'\\')) == 0
    };
    blocks.iter().all(is_plain) && is_plain(&last)
}

/// A list or struct that is being written.
struct Open<'j, 'o> {
    json: &'j mut Json<'o>,
    is_empty: bool,
    close: &'static [u8],
}

impl<'j, 'o> Open<'j, 'o> {
    fn new(json: &'j mut Json<'o>, open: &[u8], close: &'static [u8]) -> Result<Self, Failed> {
        json.out.write_all(open)?;
        json.depth += 1;
        Ok(Open { json, is_empty: true, close })
    }

    fn next(&mut self) -> io::Result<()> {
        if !self.is_empty {
            self.json.out.write_all(b",")?;
        }
        self.is_empty = false;
        self.json.line()
    }

    fn finish(self) -> Result<(), Failed> {
        self.json.depth -= 1;
        if !self.is_empty && self.json.depth < LINES_TO {
            self.json.line()?;
        }
        Ok(self.json.out.write_all(self.close)?)
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.next()?;
        value.serialize(&mut *self.json)
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

    /// Names of fields are ours and plain.
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
        self.next()?;
        self.json.out.write_all(b"\"")?;
        self.json.out.write_all(name.as_bytes())?;
        self.json.out.write_all(b"\":")?;
        value.serialize(&mut *self.json)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl<'j, 'o> Serializer for &'j mut Json<'o> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Open<'j, 'o>;
    type SerializeTuple = Open<'j, 'o>;
    type SerializeStruct = Open<'j, 'o>;
    type SerializeTupleStruct = Impossible<(), Failed>;
    type SerializeTupleVariant = Impossible<(), Failed>;
    type SerializeMap = Impossible<(), Failed>;
    type SerializeStructVariant = Impossible<(), Failed>;

    fn serialize_str(self, text: &str) -> Result<(), Failed> {
        Ok(self.text(text)?)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Failed> {
        Ok(write!(self.out, "{value}")?)
    }

    fn serialize_u64(self, number: u64) -> Result<(), Failed> {
        Ok(write!(self.out, "{number}")?)
    }

    fn serialize_f64(self, number: f64) -> Result<(), Failed> {
        Ok(write!(self.out, "{number}")?)
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

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'j, 'o>, Failed> {
        Open::new(self, b"[", b"]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'j, 'o>, Failed> {
        Open::new(self, b"[", b"]")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'j, 'o>, Failed> {
        Open::new(self, b"{", b"}")
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    refused!();
}
