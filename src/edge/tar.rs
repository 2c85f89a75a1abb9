//! Tar archives, as far as they are needed: regular files with their names (POSIX ustar and pax, GNU
//! long names), read once from front to back.

use std::io::{self, Read};

pub const BLOCK: usize = 512;
/// Longer names and extended headers are not read.
const LONGEST_HEADER: u64 = 1 << 20;

/// Is told a name, and the content where it is a regular file's.
type Visit<'v> = &'v mut dyn FnMut(&str, Option<&mut dyn Read>) -> io::Result<()>;

/// Calls `visit` with the name and the content of each regular file, in the archive's order, and with the
/// name alone of each link; what `visit` leaves of the content is passed over.
pub fn each(archive: &mut dyn Read, visit: Visit<'_>) -> io::Result<()> {
    let mut block = [0; BLOCK];
    let mut long_name: Option<String> = None;
    loop {
        if !fill(archive, &mut block)? || block.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        let header = Header::of(&block)?;
        let padded = header.size.checked_next_multiple_of(BLOCK as u64).ok_or_else(|| broken("a size of a file cannot be"))?;
        match header.kind {
            b'L' | b'x' if header.size > LONGEST_HEADER => return Err(broken("a name is too long")),
            b'L' => long_name = Some(text(&content(archive, header.size, padded)?)),
            b'x' => long_name = pax_path(&content(archive, header.size, padded)?).or(long_name),
            b'0' | 0 => {
                let mut file = archive.take(header.size);
                visit(&long_name.take().unwrap_or(header.name), Some(&mut file))?;
                let left = file.limit();
                skip(archive, left + (padded - header.size))?;
            }
            b'1' | b'2' => {
                visit(&long_name.take().unwrap_or(header.name), None)?;
                skip(archive, padded)?;
            }
            _ => {
                long_name = None;
                skip(archive, padded)?;
            }
        }
    }
}

/// Whether bytes begin as an archive does: with a header that has its own checksum, or with an empty block.
pub fn begins(bytes: &[u8]) -> bool {
    let block: Option<&[u8; BLOCK]> = bytes.get(..BLOCK).and_then(|block| block.try_into().ok());
    block.is_some_and(|block| block.iter().all(|byte| *byte == 0) || Header::of(block).is_ok())
}

struct Header {
    name: String,
    size: u64,
    kind: u8,
}

impl Header {
    fn of(block: &[u8; BLOCK]) -> io::Result<Header> {
        let stated = octal(&block[148..156]);
        let sum: u64 = block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
        if stated != Some(sum) {
            return Err(broken("a header of it has another checksum than it says"));
        }
        let size = octal(&block[124..136]).ok_or_else(|| broken("a size of a file cannot be read"))?;
        let (prefix, name) = (text(&block[345..500]), text(&block[..100]));
        let has_prefix = block[257..262] == *b"ustar" && block[262] == 0 && !prefix.is_empty();
        Ok(Header { name: if has_prefix { format!("{prefix}/{name}") } else { name }, size, kind: block[156] })
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it is no tar archive that can be read: {what}"))
}

/// Up to the first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn octal(bytes: &[u8]) -> Option<u64> {
    u64::from_str_radix(text(bytes).trim(), 8).ok()
}

/// `false` at the end of the archive.
fn fill(archive: &mut dyn Read, block: &mut [u8; BLOCK]) -> io::Result<bool> {
    let mut filled = 0;
    while filled < BLOCK {
        match archive.read(&mut block[filled..])? {
            0 if filled == 0 => return Ok(false),
            0 => return Err(broken("it is cut off")),
            read => filled += read,
        }
    }
    Ok(true)
}

fn content(archive: &mut dyn Read, size: u64, padded: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    archive.take(size).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < size {
        return Err(broken("it is cut off"));
    }
    skip(archive, padded - size)?;
    Ok(bytes)
}

fn skip(archive: &mut dyn Read, bytes: u64) -> io::Result<()> {
    if io::copy(&mut archive.take(bytes), &mut io::sink())? < bytes { Err(broken("it is cut off")) } else { Ok(()) }
}

/// The path of a pax extended header: records `LENGTH KEY=VALUE\n`.
fn pax_path(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().find_map(|line| line.split_once(' ')?.1.strip_prefix("path=").map(str::to_owned))
}
