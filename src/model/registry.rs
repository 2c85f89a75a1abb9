//! The ecosystems' default registries, as lockfiles name them. These are default settings of the
//! product; each address stands here once and nowhere else.

use super::Ecosystem;
use super::url::{host_and_path, plain_host};

/// crates.io as Cargo.lock names it: the git index, whose address stayed its name.
pub const CRATES_IO_GIT_INDEX: &str = "https://github.com/rust-lang/crates.io-index";
/// crates.io's sparse index, the same registry.
pub const CRATES_IO_SPARSE_INDEX: &str = "https://index.crates.io/";
/// The public npm registry.
pub const NPM: &str = "https://registry.npmjs.org";
/// Yarn's name for the public npm registry (a CNAME of it).
pub const NPM_BY_YARN: &str = "https://registry.yarnpkg.com";

/// Whether a Cargo index address is crates.io's.
pub fn is_crates_io(index: &str) -> bool {
    let plain = |address: &str| address.trim_end_matches('/').trim_end_matches(".git").to_owned();
    is_secure(index) && is_one_of(&plain(index), &[CRATES_IO_GIT_INDEX, CRATES_IO_SPARSE_INDEX])
}

/// Whether an npm registry's base address is the public registry's.
pub fn is_public_npm(base: &str) -> bool {
    is_one_of(base, &[NPM, NPM_BY_YARN])
}

/// In whatever spelling: what package managers understand counts.
fn is_one_of(address: &str, publics: &[&str]) -> bool {
    // Nearly every address is written as it is here.
    if publics.iter().any(|public| public.trim_end_matches('/') == address.trim_end_matches('/')) {
        return true;
    }
    // And nearly every other one says plainly that it is of another host.
    if plain_host(address)
        .is_some_and(|host| !publics.iter().any(|public| plain_host(public).is_some_and(|own| own.eq_ignore_ascii_case(host))))
    {
        return false;
    }
    let own = host_and_path(address);
    own.is_some() && publics.iter().any(|public| host_and_path(public) == own)
}

fn is_secure(address: &str) -> bool {
    address.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

/// pip's default index (`--index-url`).
pub const PYPI: &str = "https://pypi.org/simple";
/// PyPI's address before 2018; it redirects.
pub const PYPI_OLD: &str = "https://pypi.python.org/simple";

/// Whether an index address is PyPI's own.
pub fn is_pypi(index: &str) -> bool {
    is_secure(index) && is_one_of(index, &[PYPI, PYPI_OLD])
}

/// Where PyPI keeps its files.
const PYPI_FILES: &str = "https://files.pythonhosted.org/";

/// Whether a file's address is PyPI's own.
pub fn is_pypi_file(url: &str) -> bool {
    [PYPI_FILES, PYPI, PYPI_OLD].iter().any(|own| {
        let host = own.trim_end_matches("simple");
        url.starts_with(host)
    })
}

/// What the names of Python's archives end in: wheels, and what pip and uv unpack as source archives.
pub const PYTHON_ARCHIVES: [&str; 13] =
    [".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma", ".tar.zst"];

/// A name that the ecosystem's public registry surely has: one that says of this name, too, that it is not there, says
/// nothing by it.
pub fn certain_name(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Cargo => "serde",
        Ecosystem::Npm => "lodash",
        Ecosystem::Pypi => "requests",
    }
}

/// Whether an address is that of a public registry which package managers ask without being told to,
/// by a connection that is safe.
pub fn is_default(address: &str) -> bool {
    address.starts_with("https://") && (is_public_npm(address) || is_pypi(address))
}

/// The API of crates.io; `/api/v1/crates/…` follows.
pub const CRATES_IO_API: &str = "https://crates.io";
/// npm's server of downloads.
pub const NPM_DOWNLOADS: &str = "https://api.npmjs.org";
/// PyPI beside its simple index; `/pypi/NAME/json` follows.
pub const PYPI_API: &str = "https://pypi.org";
/// What deps.dev (Open Source Insights) knows of the public registries' packages.
pub const DEPS_DEV: &str = "https://api.deps.dev";

/// OSV's public dumps, a folder for each ecosystem.
pub const OSV_DUMPS: &str = "https://osv-vulnerabilities.storage.googleapis.com";
/// OSV's API.
pub const OSV_API: &str = "https://api.osv.dev";
/// Where people read a record of OSV; its id follows.
pub const OSV_PAGES: &str = "https://osv.dev/vulnerability/";

#[cfg(test)]
mod tests {
    use super::*;

    /// What package managers take for one address is one: a lockfile that writes it otherwise would make a stranger's
    /// package one of another registry.
    #[test]
    fn a_default_registry_is_itself_in_every_spelling() {
        let spellings = |address: &str| {
            let (_, rest) = address.trim_end_matches('/').split_once("://").unwrap();
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let slash = if path.is_empty() { "" } else { "/" };
            [
                format!("https://{host}{slash}{path}"),
                format!("https://{host}{slash}{path}/"),
                format!("HTTPS://{}{slash}{path}", host.to_uppercase()),
                format!("https://{host}:443{slash}{path}"),
                format!("https://{host}.{slash}{path}"),
                format!("https://{host}.:443{slash}{path}//"),
                format!("https://%{:02x}{}{slash}{path}", host.as_bytes()[0], &host[1..]),
                format!("https://{host}/x/../{path}"),
                format!("https://{host}/x/%2E%2e/./{path}"),
                format!("https:\\\\{host}\\{path}"),
                format!("https://{}\t{}{slash}{path}", &host[..3], &host[3..]),
            ]
        };
        type Is = fn(&str) -> bool;
        let all: [(&str, Is); 5] = [
            (NPM, is_public_npm),
            (NPM_BY_YARN, is_public_npm),
            (PYPI, is_pypi),
            (CRATES_IO_SPARSE_INDEX, is_crates_io),
            (CRATES_IO_GIT_INDEX, is_crates_io),
        ];
        for (address, is_it) in all {
            for spelling in spellings(address) {
                assert!(is_it(&spelling), "{spelling}");
                let others = [spelling.replace("://", "://x."), spelling.replace("://", "://x@evil.example/"), format!("{spelling}x/y")];
                assert!(others.iter().filter(|other| **other != spelling).all(|other| !is_it(other)), "{others:?}");
            }
        }
        assert!(!is_public_npm("") && !is_pypi("") && !is_crates_io("") && !is_pypi(&PYPI.replace("https", "http")));
        assert!(!is_crates_io(&CRATES_IO_GIT_INDEX.replace("https", "http")), "what is not encrypted is another one");
    }
}
