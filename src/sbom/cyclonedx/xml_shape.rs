//! Where each field of a wire struct stands in XML (`bom-1.4.xsd` to `bom-1.7.xsd`).
//!
//! Nearly every field is an element of its name, and a list is an element with its items in it. What
//! is otherwise stands in one table.

/// The place of a value.
#[derive(Clone, Copy)]
pub enum Shape {
    /// XML says it otherwise, or not at all.
    Skip,
    Attribute(&'static str),
    /// The text of the element around.
    Text,
    Element(&'static str),
    /// A list, in an element of its own or without one.
    Items {
        list: Option<&'static str>,
        item: Item,
    },
    /// The fields stand in the element around, or in one of the struct's own: [`own_element`].
    Bare,
}

/// The place of a list's item.
#[derive(Clone, Copy)]
pub enum Item {
    Element(&'static str),
    /// An empty element whose attribute `ref` is the text.
    Reference(&'static str),
    Bare,
}

/// The place of a struct's field, by their names in JSON.
pub fn shape(owner: &'static str, field: &'static str) -> Shape {
    let list = |item| Shape::Items { list: Some(field), item };
    match (owner, field) {
        ("Bom", "bomFormat" | "specVersion") => Shape::Skip,
        ("Bom", "$schema") => Shape::Attribute("xmlns"),
        ("Bom", "serialNumber" | "version") => Shape::Attribute(field),
        ("Annotation" | "Formula" | "Workflow" | "Task" | "Claim" | "Record" | "Standard" | "Requirement", "bom-ref") => {
            Shape::Attribute(field)
        }
        ("Claim", "evidence") | ("Attestation", "map") => Shape::Items { list: None, item: Item::Element(field) },
        ("Declarations", "evidence") => list(Item::Element("evidence")),
        (_, "subjects") => list(Item::Reference("subject")),
        (_, "annotations") => list(Item::Element("annotation")),
        (_, "formulation") => list(Item::Element("formula")),
        (_, "workflows") => list(Item::Element("workflow")),
        (_, "tasks") => list(Item::Element("task")),
        (_, "taskTypes") => list(Item::Element("taskType")),
        (_, "outputs") => list(Item::Element("output")),
        (_, "citations") => list(Item::Element("citation")),
        (_, "pointers") => list(Item::Element("pointer")),
        (_, "attestations") => list(Item::Element("attestation")),
        (_, "claims") => list(Item::Element("claim")),
        (_, "counterClaims") => list(Item::Element("counterClaim")),
        (_, "standards") => list(Item::Element("standard")),
        (_, "requirements") => list(Item::Element("requirement")),
        ("Component", "type" | "bom-ref") | ("Vulnerability", "bom-ref") | ("ExternalReference" | "Patch", "type") => {
            Shape::Attribute(field)
        }
        ("Hash", "alg") | ("Property", "name") => Shape::Attribute(field),
        ("License" | "Expression", "acknowledgement") => Shape::Attribute(field),
        ("Hash", "content") | ("Property", "value") | ("Expression", "expression") => Shape::Text,
        ("Dependency", "ref") => Shape::Attribute(field),
        ("Dependency", "dependsOn") => Shape::Items { list: None, item: Item::Reference("dependency") },
        ("Evidence", "identity") | ("Organization", "url" | "contact") => Shape::Items { list: None, item: Item::Element(field) },
        (_, "patches") => list(Item::Element("patch")),
        (_, "authors") => list(Item::Element("author")),
        ("Composition", "dependencies") => list(Item::Reference("dependency")),
        ("Composition", "assemblies") => list(Item::Reference("assembly")),
        (_, "licenses") => list(Item::Bare),
        (_, "lifecycles") => list(Item::Element("lifecycle")),
        (_, "tools") => list(Item::Element("tool")),
        (_, "components") => list(Item::Element("component")),
        (_, "dependencies") => list(Item::Element("dependency")),
        (_, "compositions") => list(Item::Element("composition")),
        (_, "hashes") => list(Item::Element("hash")),
        (_, "externalReferences") => list(Item::Element("reference")),
        (_, "properties") => list(Item::Element("property")),
        (_, "methods") => list(Item::Element("method")),
        ("Vulnerability", "references") => list(Item::Element("reference")),
        (_, "vulnerabilities") => list(Item::Element("vulnerability")),
        (_, "ratings") => list(Item::Element("rating")),
        (_, "cwes") => list(Item::Element("cwe")),
        (_, "advisories") => list(Item::Element("advisory")),
        (_, "affects") => list(Item::Element("target")),
        ("Analysis", "response") => Shape::Items { list: Some("responses"), item: Item::Element("response") },
        (_, "versions") => list(Item::Element("version")),
        (_, "occurrences") => list(Item::Element("occurrence")),
        _ => Shape::Element(field),
    }
}

/// The element of a struct that JSON has without a name around it.
pub fn own_element(owner: &'static str) -> Option<&'static str> {
    (owner == "Expression").then_some("expression")
}
