//! What values an expression can meet: parts of the JSON report's schema.

use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What an expression can name, with the part of the report that each is.
pub const VARIABLES: [(&str, &str); 4] = [
    ("change", r##"{ "$ref": "#/$defs/change" }"##),
    ("commits", r##"{ "type": "array", "items": { "$ref": "#/$defs/commit" } }"##),
    ("advisories", r##"{ "type": "array", "items": { "$ref": "#/$defs/advisory" } }"##),
    ("today", r#"{ "type": "string" }"#),
];

static REPORT: LazyLock<Json> = LazyLock::new(|| parsed(include_str!("../../../docs/report.schema.json")));
static ROOTS: LazyLock<Vec<(&str, Json)>> = LazyLock::new(|| VARIABLES.map(|(name, schema)| (name, parsed(schema))).to_vec());
static OF_TYPE: LazyLock<Vec<(&str, Json)>> = LazyLock::new(|| {
    let schema = |name| (name, Json::Object([("type".to_owned(), Json::from(name))].into_iter().collect()));
    ["string", "number", "boolean", "bytes", "array", "object"].map(schema).to_vec()
});

/// The parts of the schema that a value can be of; none where nothing is known of it.
pub(super) type Shape = Vec<&'static Json>;

/// What a variable can be; `None` where there is none of the name.
pub(super) fn variable(name: &str) -> Option<Shape> {
    ROOTS.iter().find(|(known, _)| *known == name).map(|(_, schema)| variants(schema))
}

/// What a field of an object can be; empty where no object has it.
pub(super) fn field(of: &Shape, name: &str) -> Vec<&'static Json> {
    of.iter().filter_map(|schema| schema.get("properties")?.get(name)).collect()
}

/// The fields that there are.
pub(super) fn fields(of: &Shape) -> Vec<&'static str> {
    of.iter().filter_map(|schema| schema.get("properties")?.as_object()).flat_map(|fields| fields.keys().map(String::as_str)).collect()
}

fn parsed(schema: &str) -> Json {
    serde_json::from_str(schema).unwrap_or_default()
}

pub(super) fn of_type(name: &str) -> Shape {
    OF_TYPE.iter().filter(|(own, _)| *own == name).map(|(_, schema)| schema).collect()
}

/// A part of the schema without references and choices; `null` is what is not there.
pub(super) fn variants(schema: &'static Json) -> Shape {
    if let Some(path) = schema.get("$ref").and_then(Json::as_str) {
        return path.strip_prefix('#').and_then(|path| REPORT.pointer(path)).map(variants).unwrap_or_default();
    }
    match schema.get("anyOf").and_then(Json::as_array) {
        Some(choices) => choices.iter().flat_map(variants).collect(),
        None if schema.get("type").is_some_and(|name| name == "null") => Shape::new(),
        None => vec![schema],
    }
}

/// What the elements of a list can be.
pub(super) fn items(of: &Shape) -> Shape {
    of.iter().filter_map(|schema| schema.get("items")).flat_map(variants).collect()
}

/// The types that a value can have; none where one of them is not known.
pub(super) fn types(of: &[&'static Json]) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    for schema in of {
        let stated = match schema.get("type") {
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
            Some(Json::String(name)) => vec![name.as_str()],
            _ if schema.get("enum").is_some() => vec!["string"],
            _ => return BTreeSet::new(),
        };
        types.extend(stated.into_iter().filter(|name| *name != "null").map(|name| if name == "integer" { "number" } else { name }));
    }
    types
}

/// The words that a value can be, where there is a list of them.
pub(super) fn words(of: &Shape) -> Option<Vec<&'static str>> {
    let lists = of.iter().map(|schema| Some(schema.get("enum")?.as_array()?.iter().filter_map(Json::as_str)));
    let lists = lists.collect::<Option<Vec<_>>>()?;
    (!lists.is_empty()).then(|| lists.into_iter().flatten().collect())
}
