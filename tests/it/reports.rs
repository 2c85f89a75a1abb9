//! The JSON report against its published schema, and below it the reports that other tools read.

mod forms;
mod gitlab;
mod hostile;
mod limits;

use crate::diff;
use crate::fixtures::{self, name};
use sbomgate::model::GapKind;
use serde_json::Value;
use std::collections::BTreeSet;

pub fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap()
}

pub fn assert_valid(report: &str, what: &str) {
    assert_valid_by(&schema(), report, what);
}

pub fn assert_valid_by(schema: &Value, report: &str, what: &str) {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    let report: Value = serde_json::from_str(report).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
}

#[test]
fn every_json_report_is_valid() {
    for case in diff::cases() {
        let repository = diff::repository(&case);
        for range in ["base..head", "head..base"] {
            assert_valid(&diff::written(&diff::sides(repository.path(), range), "json"), &format!("{} {range}", name(&case)));
        }
    }
}

/// A whole project of every fixture, so that every kind of source, gap and limit comes by.
#[test]
fn every_check_is_valid() {
    for case in fixtures::cases() {
        let sides = sbomgate::run::diff::Sides::whole(sbomgate::run::diff::Revision::WorkTree, case.read());
        assert_valid(&diff::written(&sides, "json"), &case.label());
    }
}

/// Every field is described in a sentence, and nothing is left open.
#[test]
fn the_schema_describes_everything() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    described(&schema, "the report");
    let kinds = schema["$defs"]["gap"]["properties"]["kind"]["enum"].as_array().unwrap();
    let listed: BTreeSet<&str> = kinds.iter().map(|kind| kind.as_str().unwrap()).collect();
    assert_eq!(listed, GapKind::ALL.iter().map(|kind| kind.code()).collect());
}

pub fn described(schema: &Value, what: &str) {
    let Some(object) = schema.as_object() else { return };
    if let Some(properties) = object.get("properties").and_then(Value::as_object) {
        assert_eq!(object.get("additionalProperties"), Some(&Value::Bool(false)), "{what}");
        let required: BTreeSet<&str> = object["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        assert_eq!(required, properties.keys().map(String::as_str).collect(), "{what}: every field is always there");
        for (key, property) in properties {
            let sentence = property["description"].as_str().unwrap_or_default();
            assert!(sentence.ends_with('.') && sentence.contains(' '), "{what}: {key} is not described");
            described(property, key);
        }
    }
    for (key, definition) in object.get("$defs").and_then(Value::as_object).into_iter().flatten() {
        described(definition, key);
    }
    if let Some(items) = object.get("items") {
        described(items, what);
    }
}
