//! OSV's public dumps: what lies where, and the list of what changed when.
//!
//! Of each ecosystem there are `ECOSYSTEM/all.zip` with every record, `ECOSYSTEM/ID.json` with one, and
//! `ECOSYSTEM/modified_id.csv`, a line `TIME,ID` for each (google.github.io/osv.dev/data, "Data dumps").

use super::dates;
use crate::model::request::Request;
use crate::model::text::quoted;
use crate::model::{AdvisoryId, Ecosystem};

/// Bytes of each at most. The largest list has about 15 MB, the largest archive 300.
const LARGEST_LIST: u64 = 64 << 20;
const LARGEST_ARCHIVE: u64 = 4 << 30;
const LARGEST_RECORD: u64 = 16 << 20;

/// The dumps of one ecosystem at a base address.
pub struct Dump<'b> {
    base: &'b str,
    pub ecosystem: Ecosystem,
}

impl<'b> Dump<'b> {
    pub fn new(base: &'b str, ecosystem: Ecosystem) -> Self {
        Dump { base: base.trim_end_matches('/'), ecosystem }
    }

    /// The folder of the ecosystem.
    pub fn address(&self) -> String {
        format!("{}/{}", self.base, self.ecosystem.osv_name())
    }

    pub fn list(&self) -> Request {
        Request::get(format!("{}/modified_id.csv", self.address()), LARGEST_LIST)
    }

    pub fn archive(&self) -> Request {
        Request::get(format!("{}/all.zip", self.address()), LARGEST_ARCHIVE)
    }

    pub fn record(&self, id: &AdvisoryId) -> Request {
        Request::get(format!("{}/{id}.json", self.address()), LARGEST_RECORD)
    }
}

/// A line of the list: an id and when its record was changed, in seconds since 1970; or why there is none.
pub type Listed = Result<(AdvisoryId, i64), String>;

/// The lines of a list. One that is none as a whole is an error: what is not read of it would never be
/// asked for.
pub fn parse_list(bytes: &[u8]) -> Result<Vec<Listed>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let listed: Vec<Listed> = lines.map(|(number, line)| line_of(number + 1, line)).collect::<Result<_, _>>()?;
    if listed.is_empty() { Err("it names no record".into()) } else { Ok(listed) }
}

fn line_of(number: usize, line: &str) -> Result<Listed, String> {
    let broken = || format!("line {number} is not of the form TIME,ID: {}", quoted(line));
    let (time, id) = line.trim().split_once(',').ok_or_else(broken)?;
    let time = dates::parse(time.trim()).ok_or_else(broken)?;
    Ok(AdvisoryId::new(id.trim()).map(|id| (id, time)).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::parse_list;

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        let listed = parse_list(b"2025-01-02T00:00:00.123456Z,GHSA-b\r\n2025-01-01T00:00:00Z,../../etc\n\n").unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[0].as_ref().map(|(id, time)| (id.as_str(), *time)), Ok(("GHSA-b", 1_735_776_000)));
        assert!(listed[1].is_err());
        for broken in [&b""[..], b"<html>", b"2025-01-01T00:00:00Z", b"yesterday,GHSA-b", b"\xff,\xff"] {
            assert!(parse_list(broken).is_err());
        }
    }
}
