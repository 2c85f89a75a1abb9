//! Package URLs: the specification's own conformance cases, and the two ways of writing one.

use crate::fixtures::{cases, root};
use sbomgate::model::purl::Purl;
use serde_json::Value;
use std::borrow::Cow;

fn parts(value: &Value) -> Purl<'_> {
    let text = |key: &str| value[key].as_str().map(Cow::Borrowed);
    let qualifiers = value["qualifiers"].as_object().into_iter().flatten();
    Purl {
        kind: text("type").unwrap_or_default(),
        namespace: text("namespace"),
        name: text("name").unwrap_or_default(),
        version: text("version"),
        qualifiers: qualifiers.map(|(key, value)| (Cow::Borrowed(key.as_str()), Cow::Borrowed(value.as_str().unwrap()))).collect(),
        subpath: text("subpath"),
    }
}

#[test]
fn the_specifications_cases_hold() {
    let mut ran = 0;
    for file in ["cargo", "npm", "pypi", "specification"] {
        let text = std::fs::read_to_string(root().join(format!("purl/{file}-test.json"))).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for case in document["tests"].as_array().unwrap() {
            let (input, expected) = (&case["input"], &case["expected_output"]);
            let built = match case["test_type"].as_str().unwrap() {
                "build" => parts(input).canonical(),
                _ => Purl::parse(input.as_str().unwrap()),
            };
            let label = format!("{file}: {} {input}", case["test_type"]);
            match built {
                Err(what) => assert!(case["expected_failure"].as_bool().unwrap(), "{label}: {what}"),
                Ok(purl) if expected.is_string() => assert_eq!(purl.to_string(), expected.as_str().unwrap(), "{label}"),
                Ok(purl) => {
                    assert!(!case["expected_failure"].as_bool().unwrap(), "{label} is taken for {purl}");
                    assert_eq!(purl, parts(expected), "{label}");
                }
            }
            ran += 1;
        }
    }
    assert_eq!(ran, 60);
}

/// What a package writes is canonical: read and written again it is the same text.
#[test]
fn every_package_of_the_fixtures_has_a_canonical_purl() {
    let mut seen = 0;
    for case in cases() {
        for graph in case.read().graphs.values() {
            for id in graph.ids() {
                let text = graph.node(id).package.purl();
                assert_eq!(Purl::parse(&text).map(|purl| purl.to_string()), Ok(text.clone()), "{}", case.label());
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "only {seen}");
}
