//! Digests of package files, in one form whatever a lockfile writes.

use base64::Engine as _;
use std::fmt;

/// Digest algorithms that lockfiles use, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    pub const ALL: [Algorithm; 6] =
        [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha224, Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];

    /// The algorithm of a prefix such as `sha512` (SRI, PEP 503 fragments, pip's `--hash`).
    pub fn from_prefix(text: &str) -> Option<Self> {
        Some(match text {
            "md5" => Algorithm::Md5,
            "sha1" => Algorithm::Sha1,
            "sha224" => Algorithm::Sha224,
            "sha256" => Algorithm::Sha256,
            "sha384" => Algorithm::Sha384,
            "sha512" => Algorithm::Sha512,
            _ => return None,
        })
    }

    /// The prefix that [`Algorithm::from_prefix`] reads.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha224 => "sha224",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }

    pub fn bytes(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha224 => 28,
            Algorithm::Sha256 => 32,
            Algorithm::Sha384 => 48,
            Algorithm::Sha512 => 64,
        }
    }

    /// CycloneDX's name (hash-alg); it has none for SHA-224.
    pub fn cyclonedx(self) -> Option<&'static str> {
        Some(match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA-1",
            Algorithm::Sha224 => return None,
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha384 => "SHA-384",
            Algorithm::Sha512 => "SHA-512",
        })
    }

    /// Whether two files with one digest can be made on purpose.
    pub fn is_weak(self) -> bool {
        matches!(self, Algorithm::Md5 | Algorithm::Sha1)
    }
}

/// A digest of exactly the algorithm's length. The bytes stand in place, those past the length are
/// zero: a lockfile has a hundred thousand digests, and an allocation for each would show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    bytes: [u8; LONGEST],
}

/// The bytes of SHA-512.
const LONGEST: usize = 64;

/// What each byte is as a hexadecimal digit; 255 for what is none.
const HEX: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DigestError {
    #[error("the digest's algorithm is not known")]
    Algorithm,
    #[error("the digest is not valid {0}")]
    Encoding(&'static str),
    #[error("the digest has {found} bytes; the algorithm's has {expected}")]
    Length { found: usize, expected: usize },
}

impl Digest {
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, DigestError> {
        if bytes.len() != algorithm.bytes() {
            return Err(DigestError::Length { found: bytes.len(), expected: algorithm.bytes() });
        }
        let mut digest = Digest { algorithm, bytes: [0; LONGEST] };
        digest.bytes[..bytes.len()].copy_from_slice(bytes);
        Ok(digest)
    }

    pub fn from_hex(algorithm: Algorithm, hex: &str) -> Result<Self, DigestError> {
        let length = hex.len() / 2;
        if length != algorithm.bytes() || !hex.len().is_multiple_of(2) {
            let is_hex = hex.len().is_multiple_of(2) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
            let expected = algorithm.bytes();
            return Err(if is_hex { DigestError::Length { found: length, expected } } else { DigestError::Encoding("hex") });
        }
        let mut digest = Digest { algorithm, bytes: [0; LONGEST] };
        let mut all = 0;
        for (byte, pair) in digest.bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
            all |= high | low;
            *byte = high << 4 | low;
        }
        if all > 0xf { Err(DigestError::Encoding("hex")) } else { Ok(digest) }
    }

    /// `algorithm:hex`, as pip, Poetry, PDM and uv write it.
    pub fn from_prefixed_hex(text: &str) -> Result<Self, DigestError> {
        let (prefix, hex) = text.split_once(':').ok_or(DigestError::Algorithm)?;
        Digest::from_hex(Algorithm::from_prefix(prefix).ok_or(DigestError::Algorithm)?, hex)
    }

    /// One item of a Subresource Integrity string: `sha512-BASE64`, options after `?` left out
    /// (W3C SRI; npm's ssri).
    pub fn from_sri(item: &str) -> Result<Self, DigestError> {
        Digest::from_sri_alone(item.split_once('?').map_or(item, |(item, _)| item))
    }

    /// The same of an item without options.
    pub fn from_sri_alone(item: &str) -> Result<Self, DigestError> {
        let dash = item.bytes().position(|byte| byte == b'-').ok_or(DigestError::Algorithm)?;
        let algorithm = Algorithm::from_prefix(&item[..dash]).ok_or(DigestError::Algorithm)?;
        let (base64, encoded) = (base64::engine::general_purpose::STANDARD, &item[dash + 1..]);
        let mut digest = Digest { algorithm, bytes: [0; LONGEST] };
        match base64.decode_slice(encoded, &mut digest.bytes) {
            Ok(length) if length == algorithm.bytes() => Ok(digest),
            // What is of another length, or does not fit, is read again, to say so.
            _ => Digest::new(algorithm, &base64.decode(encoded).map_err(|_| DigestError::Encoding("base64"))?),
        }
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.bytes()]
    }

    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.bytes().iter().flat_map(|b| [DIGITS[(b >> 4) as usize], DIGITS[(b & 15) as usize]]);
        digits.map(char::from).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.as_str(), self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_full() {
        let md5 = |hex: &str| Digest::from_hex(Algorithm::Md5, hex).map(|digest| digest.hex());
        assert_eq!(md5("00112233445566778899aabbccddeeff").unwrap(), "00112233445566778899aabbccddeeff");
        assert_eq!(md5("00112233445566778899AABBCCDDEEFF").unwrap(), "00112233445566778899aabbccddeeff");
        assert_eq!(md5("0011"), Err(DigestError::Length { found: 2, expected: 16 }));
        for text in ["0", "00112233445566778899aabbccddeefg", "zz", "00112233445566778899aabbccddeef", "é"] {
            assert_eq!(md5(text), Err(DigestError::Encoding("hex")), "{text}");
        }
    }

    #[test]
    fn subresource_integrity_is_read_in_full() {
        let hex = |item: &str| Digest::from_sri(item).map(|digest| digest.hex());
        assert_eq!(hex("md5-ABEiM0RVZneImaq7zN3u/w==").unwrap(), "00112233445566778899aabbccddeeff");
        assert_eq!(hex("md5-ABEiM0RVZneImaq7zN3u/w==?a-b").unwrap(), "00112233445566778899aabbccddeeff");
        for (algorithm, bytes) in [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha384, 48), (Algorithm::Sha512, 64)] {
            for length in [0, bytes - 1, bytes, bytes + 1, 65, 96, 200] {
                let given: Vec<u8> = (1..=u8::MAX).cycle().take(length).collect();
                let item = format!("{}-{}", algorithm.as_str(), base64::engine::general_purpose::STANDARD.encode(&given));
                let read = Digest::from_sri_alone(&item);
                match length == bytes {
                    true => assert_eq!(read, Digest::new(algorithm, &given), "{item}"),
                    false => assert_eq!(read, Err(DigestError::Length { found: length, expected: bytes }), "{item}"),
                }
            }
        }
        for item in
            ["md5-ABEiM0RVZneImaq7zN3u/w=", "md5-ABEiM0RVZneImaq7zN3u/w", "md5-ABEiM0RVZneImaq7zN3u/x==", "md5-ABEi M0RVZneImaq7zN3u/w=="]
        {
            assert_eq!(hex(item), Err(DigestError::Encoding("base64")), "{item}");
        }
        assert_eq!(hex("md5"), Err(DigestError::Algorithm));
        assert_eq!(hex("md6-ABEiM0RVZneImaq7zN3u/w=="), Err(DigestError::Algorithm));
        assert!(Digest::from_sri_alone("md5-ABEiM0RVZneImaq7zN3u/w==?a").is_err());
    }
}
