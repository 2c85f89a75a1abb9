//! The advisory store at full size: 300,000 records made up here, with the shares and sizes of the
//! public dumps (four in five of npm, nearly all of those malware; PyPI with long version lists).
//!
//! `cargo bench --bench advisories` prints how long an import takes and how much memory, how large the
//! stores are against the JSON, and how long opening and a thousand packages take.

#![allow(clippy::disallowed_methods, reason = "a bench writes its own input")]

use divan::{Bencher, black_box};
use sbomgate::enrich::advisory::facts;
use sbomgate::model::{Ecosystem, PackageName};
use sbomgate::run::advisories::{self, open};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RECORDS: u64 = 300_000;

fn main() {
    let made = made();
    println!("{RECORDS} records: {} MB of JSON, {} MB of zip", made.json >> 20, made.zip >> 20);
    println!("import {:.1} s, at most {} MB of memory", made.seconds, made.memory);
    println!("stores {} MB, {} % of the JSON\n", made.stores >> 20, made.stores * 100 / made.json);
    divan::main();
}

struct Made {
    folder: tempfile::TempDir,
    json: u64,
    zip: u64,
    stores: u64,
    seconds: f64,
    memory: u64,
}

impl Made {
    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let shares = [(Ecosystem::Npm, 80, 98), (Ecosystem::Pypi, 16, 55), (Ecosystem::Cargo, 4, 1)];
        let (mut json, mut zips, mut serial) = (0, Vec::new(), 0);
        for (ecosystem, share, malware) in shares {
            let path = folder.path().join(format!("{}.zip", ecosystem.osv_name()));
            json += write_zip(&path, ecosystem, RECORDS * share / 100, malware, &mut serial);
            zips.push(path);
        }
        let zip = zips.iter().map(|path| fs::metadata(path).map_or(0, |file| file.len())).sum();
        let store = folder.path().join("store");
        let began = Instant::now();
        let imported = advisories::import(&zips, Some(&store), false).expect("sound records");
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!((imported.taken.values().sum::<u64>(), imported.rejected), (RECORDS, 0));
        let stores =
            fs::read_dir(&store).expect("a store").map(|entry| entry.and_then(|entry| entry.metadata()).map_or(0, |file| file.len()));
        Made { json, zip, stores: stores.sum(), seconds, memory: peak(), folder }
    })
}

/// The largest resident size so far, in MB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kilobytes| kilobytes >> 10)
}

/// Writes one zip; returns the bytes of JSON in it.
fn write_zip(path: &Path, ecosystem: Ecosystem, records: u64, malware: u64, serial: &mut u64) -> u64 {
    let mut archive = zip::ZipWriter::new(std::io::BufWriter::new(fs::File::create(path).expect("a file")));
    let mut json = 0;
    for number in 0..records {
        *serial += 1;
        let text = if number % 100 < malware { malicious(ecosystem, *serial) } else { flaw(ecosystem, *serial) };
        json += text.len() as u64;
        archive.start_file(format!("TEST-{serial}.json"), zip::write::SimpleFileOptions::default()).expect("an entry");
        archive.write_all(text.as_bytes()).expect("an entry");
    }
    archive.finish().expect("a zip").flush().expect("a zip");
    json
}

/// Digits that look like nothing in particular, the same for the same number.
fn mixed(number: u64) -> u64 {
    let mut state = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

const WORDS: [&str; 32] = [
    "ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay", "koi", "lark", "mole", "newt", "owl", "pug", "quail", "ram",
    "seal", "toad", "urial", "vole", "wasp", "yak", "zebu", "crab", "deer", "frog", "goat", "hare", "kite", "lynx",
];

fn words(seed: u64, number: usize) -> String {
    let mut text = String::new();
    for place in 0..number as u64 {
        let separator = if place == 0 { "" } else { " " };
        let _ = write!(text, "{separator}{}", WORDS[(mixed(seed ^ (place << 40)) % 32) as usize]);
    }
    text
}

fn malicious_name(serial: u64) -> String {
    format!("{}-{:x}", words(serial, 2).replace(' ', "-"), mixed(serial) % 0xff_ffff)
}

fn malicious(ecosystem: Ecosystem, serial: u64) -> String {
    let (name, kind) = (malicious_name(serial), ecosystem.osv_name());
    let affected = if serial.is_multiple_of(4) {
        let versions: Vec<String> = (0..1 + serial % 4).map(|patch| format!("\"{}.{}.{patch}\"", mixed(serial) % 9, serial % 20)).collect();
        format!("\"versions\":[{}]", versions.join(","))
    } else {
        "\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]".to_owned()
    };
    let alias = if serial.is_multiple_of(3) { format!("\"GHSA-{:x}\"", mixed(serial)) } else { String::new() };
    format!(
        "{{\"schema_version\":\"1.7.4\",\"id\":\"MAL-TEST-{serial}\",\"modified\":\"2025-01-01T00:00:00Z\",\"published\":\"2025-01-01T00:00:00Z\",\"aliases\":[{alias}],\"summary\":\"Malicious code in {name} ({kind})\",\"details\":\"Any computer that has this package installed or running should be considered fully compromised. All secrets and keys stored on that computer should be rotated immediately from a different computer. The package should be removed, but as full control of the computer may have been given to an outside entity, there is no guarantee that removing the package will remove all malicious software. {}\",\"affected\":[{{\"package\":{{\"ecosystem\":\"{kind}\",\"name\":\"{name}\"}},{affected}}}],\"database_specific\":{{\"malicious-packages-origins\":[{{\"source\":\"made-up\",\"sha256\":\"{:016x}{:016x}{:016x}{:016x}\"}}]}}}}",
        words(serial, 40),
        mixed(serial),
        mixed(serial + 1),
        mixed(serial + 2),
        mixed(serial + 3),
    )
}

/// A few names have many records.
fn flawed_name(serial: u64) -> String {
    let number = mixed(serial) % 10_000;
    format!("{}-{}", words(number * number / 10_000, 2).replace(' ', "-"), number * number / 10_000)
}

fn flaw(ecosystem: Ecosystem, serial: u64) -> String {
    let (name, kind) = (flawed_name(serial), ecosystem.osv_name());
    let range_type = if ecosystem == Ecosystem::Pypi { "ECOSYSTEM" } else { "SEMVER" };
    let mut events = String::new();
    for major in 0..1 + serial % 4 {
        let comma = if major == 0 { "" } else { "," };
        let _ = write!(events, "{comma}{{\"introduced\":\"{major}.{}.0\"}},{{\"fixed\":\"{major}.{}.3\"}}", serial % 5, 6 + serial % 7);
    }
    let listed: Vec<String> = match ecosystem {
        Ecosystem::Pypi => (0..1 + serial % 4)
            .flat_map(|major| {
                (serial % 5..6 + serial % 7).flat_map(move |minor| (0..2).map(move |patch| format!("\"{major}.{minor}.{patch}\"")))
            })
            .collect(),
        _ => Vec::new(),
    };
    let references: Vec<String> =
        (0..1 + serial % 8).map(|number| format!("{{\"type\":\"WEB\",\"url\":\"https://reports.example/{serial}/{number}\"}}")).collect();
    format!(
        "{{\"schema_version\":\"1.7.4\",\"id\":\"TEST-{serial}\",\"modified\":\"2025-01-01T00:00:00Z\",\"published\":\"2025-01-01T00:00:00Z\",\"aliases\":[\"CVE-TEST-{}\"],\"summary\":\"A made-up flaw in {name}\",\"details\":\"{}\",\"affected\":[{{\"package\":{{\"ecosystem\":\"{kind}\",\"name\":\"{name}\"}},\"ranges\":[{{\"type\":\"{range_type}\",\"events\":[{events}]}}],\"versions\":[{}]}}],\"severity\":[{{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"}}],\"references\":[{}]}}",
        mixed(serial) % RECORDS,
        words(serial, 60 + (serial % 5) as usize * 60),
        listed.join(","),
        references.join(","),
    )
}

/// What every run of the program does first.
#[divan::bench]
fn open_the_largest(bencher: Bencher<'_, '_>) {
    let store = made().store();
    bencher.bench(|| open(black_box(&store), Ecosystem::Npm).expect("a sound store").expect("a store").meta().records);
}

/// Half of them have records.
#[divan::bench]
fn a_thousand_packages(bencher: Bencher<'_, '_>) {
    let folder = made().store();
    let names: Vec<PackageName> = (0..1000u64)
        .map(|number| if number % 2 == 0 { malicious_name(1 + number * 200 - number * 200 % 100) } else { format!("absent-{number}") })
        .map(|name| PackageName::new(Ecosystem::Npm, &name).expect("a name"))
        .collect();
    bencher.bench(|| {
        let store = open(black_box(&folder), Ecosystem::Npm).expect("a sound store").expect("a store");
        let found = names.iter().map(|name| {
            let records = store.records(name).expect("a sound store");
            facts::of_package(Ecosystem::Npm, name, Some("1.2.3"), &records).advisories.len()
        });
        found.sum::<usize>()
    });
}
