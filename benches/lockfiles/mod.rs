//! Made-up lockfiles with the shape of real ones: a few dependencies each, some nested copies,
//! digests, licences; about one package in a hundred differs from revision to revision.

mod cargo;
mod npm;
mod pypi;

pub use cargo::cargo_lock;
pub use npm::package_lock;

use std::fmt::Write;

/// A lockfile of so many packages.
pub type Made = fn(usize) -> String;

/// Every format's, by the name of the file.
pub static MADE: [(&str, Made); 13] = [
    ("Cargo.lock", |packages| cargo_lock(packages, 0)),
    ("package-lock.json", |packages| package_lock(packages, 0)),
    ("yarn.lock", npm::yarn_classic),
    ("berry/yarn.lock", npm::yarn_berry),
    ("pnpm-lock.yaml", npm::pnpm_lock),
    ("bun.lock", npm::bun_lock),
    ("requirements.txt", pypi::requirements_txt),
    ("uv.lock", pypi::uv_lock),
    ("poetry.lock", pypi::poetry_lock),
    ("pdm.lock", pypi::pdm_lock),
    ("Pipfile.lock", pypi::pipfile_lock),
    ("pylock.toml", pypi::pylock_toml),
    ("bom.cdx.json", npm::cyclonedx),
];

/// The packages that package `number` requires: later ones, so that there are no cycles.
fn needs(number: usize, packages: usize) -> impl Iterator<Item = usize> {
    let wanted = [number * 2 + 1, number * 2 + 2, number + 17];
    wanted.into_iter().take(1 + number % 3).filter(move |&next| next < packages)
}

fn version(number: usize, revision: usize) -> String {
    let patch = if number % 100 == 7 { revision } else { 0 };
    format!("{}.{}.{patch}", 1 + number % 5, number % 17)
}

fn hex(number: usize, digits: usize) -> String {
    let mut state = number as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let _ = write!(text, "{state:016x}");
    }
    text.truncate(digits);
    text
}

/// What each of the packages that package `number` requires becomes, one after the other.
fn list(number: usize, packages: usize, entry: impl Fn(usize) -> String) -> String {
    needs(number, packages).map(entry).collect()
}

/// The text, if there is anything in it, between a start and an end.
fn between(start: &str, text: &str, end: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{start}{text}{end}") }
}

/// One part a package, behind a head.
fn parts(head: String, packages: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = head;
    (0..packages).for_each(|number| text.push_str(&part(number)));
    text
}
