//! Answers that come packed. What they unpack to is bounded like any answer, and nothing is unpacked beyond it.

use flate2::read::MultiGzDecoder;
use std::io::{self, Read};

/// The bytes of an answer as they are meant.
pub enum Unpacked<R: Read> {
    Plain(Counted<R>),
    Gzip(Box<MultiGzDecoder<Counted<R>>>),
}

/// Counts what goes through it.
pub struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Unpacked<R> {
    pub fn new(inner: R, is_gzip: bool) -> Self {
        let counted = Counted { inner, count: 0 };
        if is_gzip { Unpacked::Gzip(Box::new(MultiGzDecoder::new(counted))) } else { Unpacked::Plain(counted) }
    }

    /// Bytes that came over the line so far.
    pub fn came(&self) -> u64 {
        match self {
            Unpacked::Plain(counted) => counted.count,
            Unpacked::Gzip(decoder) => decoder.get_ref().count,
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Unpacked::Plain(counted) => counted.read(buffer),
            Unpacked::Gzip(decoder) => decoder.read(buffer),
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}
