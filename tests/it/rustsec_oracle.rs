//! RustSec's own crate is the oracle of our matching for Cargo: its database and its queries, against our
//! store of the same tree, for every package at every version that could make a difference.
//!
//! `SBOMGATE_ADVISORY_DB=DIR cargo test --test it -- --ignored rustsec_oracle` compares a whole advisory-db.

use crate::fixtures::root;
use rustsec::advisory::Advisory;
use rustsec::database::Query;
use rustsec::{Collection, Database};
use sbomgate::enrich::advisory::facts;
use sbomgate::model::{Ecosystem, PackageName};
use sbomgate::run::advisories;
use semver::{Prerelease, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The versions that the requirements of an advisory name, and those right around them.
fn interesting(advisory: &Advisory) -> BTreeSet<Version> {
    let mut versions = BTreeSet::new();
    let requirements = advisory.versions.patched().iter().chain(advisory.versions.unaffected());
    for comparator in requirements.flat_map(|requirement| &requirement.comparators) {
        let (major, minor, patch) = (comparator.major, comparator.minor.unwrap_or(0), comparator.patch.unwrap_or(0));
        let named = Version { pre: comparator.pre.clone(), ..Version::new(major, minor, patch) };
        let around = [
            Version::new(major, minor, patch),
            Version::new(major, minor, patch.saturating_add(1)),
            Version::new(major, minor, patch.saturating_sub(1)),
            Version::new(major, minor.saturating_add(1), 0),
            Version::new(major, minor.saturating_sub(1), 999),
            Version::new(major.saturating_add(1), 0, 0),
        ];
        for version in around.into_iter().chain([named]) {
            for pre in ["", "0", "alpha.1", "rc.2"] {
                versions.insert(Version { pre: Prerelease::new(pre).unwrap(), ..version.clone() });
            }
            versions.insert(version);
        }
    }
    versions.extend(["0.0.0", "0.0.0-0", "1.0.0+build.7", "999.0.0"].map(|text| text.parse::<Version>().unwrap()));
    versions
}

/// How many answers were compared, and how many of them named an advisory.
fn compare(tree: &Path) -> (usize, usize) {
    let theirs = Database::open(tree).unwrap();
    let store = tempfile::tempdir().unwrap();
    advisories::import(&[tree.to_owned()], Some(store.path()), false).unwrap();
    let ours = advisories::open(store.path(), Ecosystem::Cargo).unwrap().unwrap();
    let mut packages: BTreeMap<&str, BTreeSet<Version>> = BTreeMap::new();
    let of_crates = theirs.iter().filter(|advisory| advisory.metadata.collection == Some(Collection::Crates));
    for advisory in of_crates.filter(|advisory| advisory.metadata.source.as_ref().is_none_or(|source| source.is_default_registry())) {
        packages.entry(advisory.metadata.package.as_str()).or_default().extend(interesting(advisory));
    }
    let (mut compared, mut named) = (0, 0);
    for (package, versions) in packages {
        let name = PackageName::new(Ecosystem::Cargo, package).unwrap();
        let records = ours.records(&name).unwrap();
        for version in versions {
            let query = Query::new().collection(Collection::Crates).withdrawn(false).package_name(package.parse().unwrap());
            let query = query.package_version(version.clone());
            let expected: BTreeSet<String> = theirs.query(&query).iter().map(|advisory| advisory.metadata.id.to_string()).collect();
            let told = facts::of_package(Ecosystem::Cargo, &name, Some(&version.to_string()), &records);
            let found: BTreeSet<String> = told.advisories.iter().flat_map(|told| &told.records).map(ToString::to_string).collect();
            assert_eq!(found, expected, "{package} {version}");
            assert!(told.undecided.is_empty(), "{package} {version}: {:?}", told.undecided);
            compared += 1;
            named += usize::from(!expected.is_empty());
        }
    }
    (compared, named)
}

#[test]
fn rustsecs_queries_say_the_same_of_made_up_advisories() {
    let (compared, named) = compare(&root().join("advisory/rustsec"));
    assert!(compared > 200 && named > 100, "{compared} compared, {named} with advisories");
}

#[test]
#[ignore = "wants a whole advisory-db in SBOMGATE_ADVISORY_DB"]
fn rustsecs_queries_say_the_same_of_its_own_advisories() {
    let tree = std::env::var_os("SBOMGATE_ADVISORY_DB").expect("SBOMGATE_ADVISORY_DB names a folder");
    let (compared, named) = compare(Path::new(&tree));
    println!("{compared} versions compared, {named} with advisories");
    assert!(compared > 10_000, "only {compared}");
}
