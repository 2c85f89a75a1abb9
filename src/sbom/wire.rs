//! What wire structs may be made of, whatever the encoding: text, numbers, truth values, lists and structs.

use std::io;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Failed(#[from] pub io::Error);

impl serde::ser::Error for Failed {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Failed(io::Error::other(message.to_string()))
    }
}

/// The methods of a serialiser for kinds of values that no wire struct has.
macro_rules! refused {
    () => {
        refused! {
            serialize_i8(i8);
            serialize_i16(i16);
            serialize_i32(i32);
            serialize_i64(i64);
            serialize_u16(u16);
            serialize_f32(f32);
            serialize_char(char);
            serialize_bytes(&[u8]);
            serialize_none();
            serialize_unit();
            serialize_unit_struct(&'static str);
            serialize_unit_variant(&'static str, u32, &'static str);
            serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
            serialize_map(Option<usize>) -> Self::SerializeMap;
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<(), Failed> {
            Err(Failed::custom("serialize_newtype_variant is not for BOMs"))
        }
    };
    ($($method:ident($($kind:ty),*) $(-> $ok:ty)?;)*) => {
        $(fn $method(self, $(_: $kind),*) -> Result<refused!(@ $($ok)?), Failed> {
            Err(Failed::custom(concat!(stringify!($method), " is not for BOMs")))
        })*
    };
    (@) => { () };
    (@ $ok:ty) => { $ok };
}

pub(super) use refused;
