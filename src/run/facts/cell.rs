//! A kept document as bytes on the disk. They are read a thousand at a time, so that they are postcard's and not JSON.
//!
//! A cell that is damaged, or of another version, is as if it were not there.

use crate::enrich::registry::{Document, Kept, Outcome};
use serde::{Deserialize, Serialize};

/// "sbomgate fact", and the version of the form. Whoever changes what is kept of a document counts it up.
const HEAD: [u8; 5] = *b"sbgf\x03";
/// The head and a CRC-32 of the rest.
const START: usize = HEAD.len() + 4;

/// [`Kept`] in a form of which every field is always there.
#[derive(Serialize, Deserialize)]
struct Cell<S, O> {
    document: Document,
    registry: S,
    name: S,
    version: Option<S>,
    url: S,
    fetched: i64,
    etag: Option<S>,
    digest: S,
    outcome: O,
}

pub fn write(kept: &Kept) -> Option<Vec<u8>> {
    let cell = Cell {
        document: kept.document,
        registry: kept.registry.as_str(),
        name: &kept.name,
        version: kept.version.as_deref(),
        url: &kept.url,
        fetched: kept.fetched,
        etag: kept.etag.as_deref(),
        digest: &kept.digest,
        outcome: &kept.outcome,
    };
    let content = postcard::to_stdvec(&cell).ok()?;
    let mut bytes = Vec::with_capacity(START + content.len());
    bytes.extend(HEAD);
    bytes.extend(crc(&content).to_le_bytes());
    bytes.extend(content);
    Some(bytes)
}

pub fn read(bytes: &[u8]) -> Option<Kept> {
    let content = bytes.get(START..)?;
    let sum: [u8; 4] = bytes.get(HEAD.len()..START)?.try_into().ok()?;
    if !bytes.starts_with(&HEAD) || crc(content) != u32::from_le_bytes(sum) {
        return None;
    }
    let cell: Cell<String, Outcome> = postcard::from_bytes(content).ok()?;
    let Cell { document, registry, name, version, url, fetched, etag, digest, outcome } = cell;
    Some(Kept { document, registry, name, version, url, fetched, etag, digest, outcome })
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::registry::{Downloads, Mark, Part, Publisher, Release, Standing};

    fn kept() -> Kept {
        let release = Release {
            version: "1.0.0".into(),
            published: Some(1),
            completed: Some(8),
            yanked: Some(Mark::No),
            deprecated: Some(Mark::Yes("old".into())),
            publisher: Some(Publisher { name: "ada".into(), is_workflow: true }),
            install: Some(vec!["install".into()]),
            licence: Some("MIT".into()),
            attested: Some(false),
        };
        let part = Part {
            created: Some(2),
            standing: Some(Standing::Unpublished(Some(3))),
            downloads: Some(Downloads { count: 4, days: 5 }),
            dependents: Some(6),
            owners: Some(vec!["ada".into()]),
            repository: Some("r".into()),
            releases: Some(vec![release]),
            unusable_times: Some("t".into()),
        };
        let outcome = Outcome::Said(part);
        let [registry, name, url, digest] = ["https://r.example", "ant", "https://r.example/ant", "00"].map(str::to_owned);
        let version = Some("1".into());
        Kept { document: Document::PypiSimple, registry, name, version, url, fetched: 7, etag: Some("e".into()), digest, outcome }
    }

    /// Other bytes for the same are another form: then the version in [`HEAD`] counts up, and this sum changes with it.
    #[test]
    fn the_form_is_the_one_of_its_version() {
        let bytes = write(&kept()).unwrap();
        assert_eq!((bytes.len(), bytes[4], crc(&bytes)), (131, 3, 2_663_552_561));
    }

    #[test]
    fn a_damaged_cell_is_none() {
        let bytes = write(&kept()).unwrap();
        assert_eq!(read(&bytes), Some(kept()));
        for at in 0..bytes.len() {
            assert_eq!(read(&bytes[..at]), None, "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(read(&flipped), None, "flipped at {at}");
        }
    }
}
