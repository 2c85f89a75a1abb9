//! A document in XML says what the same document says in JSON: element by element, by a walk that knows
//! nothing of how either was written but the shapes that the specification gives them.

use sbomgate::sbom::CycloneDx;
use serde_json::{Map, Value, json};
use xml::reader::{EventReader, XmlEvent};

/// An element with its attributes.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

pub fn is_the_same(text: &str, bom: &Value, version: CycloneDx) {
    let mut expected = bom.clone();
    without_what_xml_cannot_say(&mut expected);
    let root = parsed(text, &format!("http://cyclonedx.org/schema/bom/{}", version.as_str()));
    let mut found = object(&root);
    found.insert("bomFormat".into(), json!("CycloneDX"));
    found.insert("specVersion".into(), json!(version.as_str()));
    found.insert("$schema".into(), expected["$schema"].clone());
    assert_eq!(Value::Object(found), expected, "{}", version.as_str());
}

/// That nothing is known of dependencies and that there are none is one in XML; `compositions` tell it
/// apart. A list of one identity is that identity. Characters that XML cannot hold are escapes there. Numbers
/// are text.
fn without_what_xml_cannot_say(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_what_xml_cannot_say),
        Value::Object(fields) => {
            fields.retain(|name, value| name != "dependsOn" || value != &json!([]));
            if let Some(Value::Array(identity)) = fields.get("identity") {
                assert_eq!(identity.len(), 1);
                fields["identity"] = identity[0].clone();
            }
            fields.values_mut().for_each(without_what_xml_cannot_say);
        }
        Value::Number(number) => *value = json!(number.to_string()),
        Value::String(text) => {
            let is_character = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
            *text = text.chars().map(|c| if is_character(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect();
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn parsed(text: &str, namespace: &str) -> Element {
    let mut open = vec![Element { name: String::new(), attributes: Vec::new(), children: Vec::new(), text: String::new() }];
    for event in EventReader::from_str(text) {
        match event.unwrap() {
            XmlEvent::StartElement { name, attributes, .. } => {
                assert_eq!(name.namespace.as_deref(), Some(namespace));
                let attributes = attributes.into_iter().map(|attribute| (attribute.name.local_name, attribute.value)).collect();
                open.push(Element { name: name.local_name, attributes, children: Vec::new(), text: String::new() });
            }
            XmlEvent::EndElement { .. } => {
                let element = open.pop().unwrap();
                open.last_mut().unwrap().children.push(element);
            }
            XmlEvent::Characters(text) | XmlEvent::Whitespace(text) | XmlEvent::CData(text) => {
                open.last_mut().unwrap().text.push_str(&text)
            }
            _ => {}
        }
    }
    open.pop().unwrap().children.pop().unwrap()
}

const LISTS: [&str; 33] = [
    "annotations",
    "formulation",
    "workflows",
    "tasks",
    "taskTypes",
    "outputs",
    "citations",
    "pointers",
    "attestations",
    "claims",
    "counterClaims",
    "standards",
    "requirements",
    "patches",
    "authors",
    "lifecycles",
    "components",
    "dependencies",
    "compositions",
    "hashes",
    "licenses",
    "externalReferences",
    "properties",
    "methods",
    "occurrences",
    "tools",
    "vulnerabilities",
    "references",
    "ratings",
    "cwes",
    "advisories",
    "affects",
    "versions",
];

fn object(element: &Element) -> Map<String, Value> {
    let mut fields: Map<String, Value> = element.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let is_referring = element.name == "dependency" && !element.children.is_empty();
    if is_referring {
        let on: Vec<&str> = element.children.iter().map(|child| child.attributes[0].1.as_str()).collect();
        fields.insert("dependsOn".into(), json!(on));
        return fields;
    }
    for child in &element.children {
        let value = match (element.name.as_str(), child.name.as_str()) {
            ("declarations", "evidence") => child.children.iter().map(item).collect(),
            // A list that JSON calls by the name of its items.
            ("analysis", "responses") => {
                fields.insert("response".into(), child.children.iter().map(|response| json!(response.text)).collect());
                continue;
            }
            ("composition", "assemblies" | "dependencies") | ("annotation", "subjects") => {
                child.children.iter().map(|item| json!(item.attributes[0].1)).collect()
            }
            _ => value(child),
        };
        // Those of which there may be several without a list around.
        let is_several = matches!(
            (element.name.as_str(), child.name.as_str()),
            ("supplier" | "manufacturer" | "manufacture", "url" | "contact") | ("claim", "evidence") | ("attestation", "map")
        );
        if is_several {
            let list = fields.entry(&child.name).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(value);
            continue;
        }
        assert!(fields.insert(child.name.clone(), value).is_none(), "{} stands twice", child.name);
    }
    let text_of = match element.name.as_str() {
        "hash" => "content",
        "property" => "value",
        "expression" => "expression",
        _ => return fields,
    };
    fields.insert(text_of.into(), json!(element.text));
    fields
}

fn value(element: &Element) -> Value {
    let is_tools_as_components = element.name == "tools" && element.children.iter().any(|child| child.name == "components");
    if LISTS.contains(&element.name.as_str()) && !is_tools_as_components {
        return element.children.iter().map(item).collect();
    }
    let is_plain = element.attributes.is_empty() && element.children.is_empty();
    if is_plain { json!(element.text) } else { Value::Object(object(element)) }
}

/// An item of a list: a licence with its name around it, or an object.
fn item(element: &Element) -> Value {
    let is_text = matches!(element.name.as_str(), "cwe" | "taskType" | "pointer" | "claim" | "counterClaim");
    if is_text && element.children.is_empty() {
        return json!(element.text);
    }
    let fields = Value::Object(object(element));
    if element.name == "license" { json!({"license": fields}) } else { fields }
}
