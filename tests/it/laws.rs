//! Laws that hold for every graph and every version: they walk the fixtures, so that a new case or
//! line is covered the day it is added.

use crate::fixtures::{Case, cases, root};
use sbomgate::diff::{self, Change, ChangeKind, LockfileDiff};
use sbomgate::graph::{self, DepGraph};
use sbomgate::model::{Ecosystem, Version, version};
use sbomgate::run::Inventory;
use std::cmp::Ordering;
use std::collections::BTreeMap;

fn inventories() -> Vec<(Case, Inventory)> {
    cases().into_iter().map(|case| (case.read(), case)).map(|(inventory, case)| (case, inventory)).collect()
}

/// Every graph of the fixtures with the case it is from.
fn each_graph(mut check: impl FnMut(&str, &DepGraph)) {
    let mut seen = 0;
    for (case, inventory) in inventories() {
        for graph in inventory.graphs.values() {
            check(&case.label(), graph);
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} graphs");
}

#[test]
fn every_graph_holds_its_invariants() {
    each_graph(|case, graph| graph::verify(graph).unwrap_or_else(|broken| panic!("{case}: {broken}")));
}

/// Nothing depends on the order of a hash table (trap 57).
#[test]
fn reading_twice_is_the_same() {
    for case in cases() {
        assert_eq!(crate::read::rendered(&case.read()), crate::read::rendered(&case.read()), "{}", case.label());
    }
}

#[test]
fn a_graph_does_not_differ_from_itself() {
    each_graph(|case, graph| assert!(diff::compare(graph, graph).changes.is_empty(), "{case}"));
}

/// Every pair of neighbouring graphs of one format, compared both ways.
#[test]
fn a_diff_backwards_is_the_inverse() {
    let inventories = inventories();
    let mut by_format: BTreeMap<&str, Vec<&DepGraph>> = BTreeMap::new();
    for graph in inventories.iter().flat_map(|(_, inventory)| inventory.graphs.values()) {
        by_format.entry(graph.format).or_default().push(graph);
    }
    let mut changes = 0;
    for graphs in by_format.values() {
        for (at, base) in graphs.iter().enumerate() {
            for head in graphs[at + 1..].iter().take(12) {
                changes += is_inverse(&diff::compare(base, head), &diff::compare(head, base));
            }
        }
    }
    assert!(changes > 1000, "only {changes} changes");
}

fn is_inverse(there: &LockfileDiff<'_>, back: &LockfileDiff<'_>) -> usize {
    let seen_forwards = sorted(there.changes.iter().map(|change| (change.kind, change.before.clone(), change.package.clone())));
    let seen_backwards = sorted(back.changes.iter().map(inverse));
    assert_eq!(seen_forwards, seen_backwards, "{} to {}", there.base.lockfile, there.head.lockfile);
    there.changes.len()
}

fn inverse(change: &Change) -> (ChangeKind, Option<sbomgate::model::Package>, sbomgate::model::Package) {
    let kind = match change.kind {
        ChangeKind::Added => ChangeKind::Removed,
        ChangeKind::Removed => ChangeKind::Added,
        ChangeKind::Upgraded => ChangeKind::Downgraded,
        ChangeKind::Downgraded => ChangeKind::Upgraded,
        ChangeKind::Modified => ChangeKind::Modified,
    };
    match &change.before {
        Some(before) => (kind, Some(change.package.clone()), before.clone()),
        None => (kind, None, change.package.clone()),
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

/// What is new, gone or kept adds up to what each side holds.
#[test]
fn a_diff_against_nothing_is_everything() {
    each_graph(|case, graph| {
        let empty = DepGraph::empty(graph.lockfile.clone(), graph.format, graph.ecosystem);
        let added = diff::compare(&empty, graph);
        assert_eq!(added.changes.len(), graph.packages().count(), "{case}");
        assert!(added.changes.iter().all(|change| change.kind == ChangeKind::Added), "{case}");
        let removed = diff::compare(graph, &empty);
        assert!(removed.changes.iter().all(|change| change.kind == ChangeKind::Removed), "{case}");
        assert_eq!(removed.changes.len(), graph.packages().count(), "{case}");
    });
}

#[test]
fn roads_are_simple_and_lead_from_a_root_to_the_package() {
    each_graph(|case, graph| {
        for id in graph.ids() {
            let why = graph.why(id, 50);
            let node = graph.node(id);
            // A scope may be stated without a road.
            let reached = node.scope.is_some() && node.stated_scope.is_none() || !why.paths.is_empty();
            assert_eq!(reached, !why.paths.is_empty(), "{case}: {}", node.package.purl());
            if node.direct {
                assert_eq!(why.paths[0].len().min(2), 2, "{case}");
                assert!(graph.dependants(id).iter().any(|(by, _)| graph.node(*by).package.is_first_party()), "{case}");
            }
            for road in &why.paths {
                assert!(graph.node(road[0]).root, "{case}: a road starts at a root");
                assert_eq!(*road.last().unwrap(), id, "{case}: a road ends at the package");
                assert_eq!(sorted(road.iter()).windows(2).filter(|pair| pair[0] == pair[1]).count(), 0, "{case}: a road is simple");
                let linked = |pair: &[graph::NodeId]| graph.dependencies(pair[0]).iter().any(|(target, _)| *target == pair[1]);
                assert!(road.windows(2).all(linked), "{case}: a road follows edges");
            }
            assert!(why.paths.windows(2).all(|pair| pair[0].len() <= pair[1].len()), "{case}: shortest first");
            assert!(graph.why(id, 1).paths.len() <= 1, "{case}");
        }
    });
}

/// A direct package is one edge from a first-party package; where that is a root, so is the road.
#[test]
fn a_direct_package_has_a_road_of_one_edge() {
    each_graph(|case, graph| {
        for (id, node) in graph.packages().filter(|(_, node)| node.direct) {
            let of_a_root = graph.dependants(id).iter().any(|(by, _)| graph.node(*by).root);
            let shortest = graph.why(id, 1).paths[0].len();
            assert!(!of_a_root || shortest == 2, "{case}: {} is {shortest} nodes away", node.package.purl());
        }
    });
}

/// What each lockfile format says of its capabilities covers what its graphs hold.
#[test]
fn what_is_printed_is_sorted() {
    each_graph(|case, graph| {
        for id in graph.ids() {
            let dependencies = graph.dependencies(id);
            let in_order = dependencies.windows(2).all(|pair| graph.node(pair[0].0).package <= graph.node(pair[1].0).package);
            assert!(in_order, "{case}");
        }
        assert!(graph.gaps.is_sorted() && graph.disagreements.is_sorted(), "{case}");
    });
}

#[test]
fn versions_are_ordered_as_the_oracles_say() {
    for (ecosystem, file) in [(Ecosystem::Cargo, "cargo.txt"), (Ecosystem::Npm, "npm.txt"), (Ecosystem::Pypi, "pypi.txt")] {
        let lines = lines_of(file);
        assert!(lines.len() >= 60, "{file}");
        for (a, relation, b) in &lines {
            let expected = if relation == "<" { Ordering::Less } else { Ordering::Equal };
            assert_eq!(version::compare(ecosystem, a, b), Some(expected), "{file}: {a} {relation} {b}");
        }
        is_an_order(ecosystem, lines.into_iter().flat_map(|(a, _, b)| [a, b]).collect());
    }
}

fn lines_of(file: &str) -> Vec<(Version, String, Version)> {
    let text = std::fs::read_to_string(root().join("version").join(file)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let [a, relation @ ("<" | "="), b] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{file}: {line}") };
        (Version::new(a).unwrap(), relation.to_owned(), Version::new(b).unwrap())
    });
    parsed.collect()
}

/// Reflexive, antisymmetric, transitive, and total over the versions at hand.
fn is_an_order(ecosystem: Ecosystem, mut versions: Vec<Version>) {
    versions.sort();
    versions.dedup();
    let table: Vec<Vec<Ordering>> =
        versions.iter().map(|a| versions.iter().map(|b| version::compare(ecosystem, a, b).unwrap()).collect()).collect();
    for a in 0..versions.len() {
        assert_eq!(table[a][a], Ordering::Equal, "{}", versions[a]);
        for b in 0..versions.len() {
            assert_eq!(table[a][b], table[b][a].reverse(), "{} and {}", versions[a], versions[b]);
            for c in (0..versions.len()).filter(|&c| table[a][b] == table[b][c]) {
                assert_eq!(table[a][c], table[a][b], "{}, {}, {}", versions[a], versions[b], versions[c]);
            }
        }
    }
}
