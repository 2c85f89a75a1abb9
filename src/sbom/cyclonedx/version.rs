//! What each version of the specification has of what we write, in one place. What a version lacks is a
//! property of ours instead, or is left out on purpose, as the field's line says.

use super::model::{Component, Tool, Tools};
use crate::sbom::CycloneDx;

/// Something that not every version has.
#[derive(Clone, Copy)]
pub(super) enum Field {
    /// `metadata.lifecycles`; before, `sbomgate:lifecycle` says it.
    Lifecycles,
    /// `metadata.tools.components`; before, `tools` is a list of its own kind.
    ToolComponents,
    /// `evidence.identity` and `evidence.occurrences`; before, `sbomgate:occurrence` has the places. How we know
    /// is then left out: it is the lockfile that the place names.
    Evidence,
    /// `evidence.occurrences.line`; before, `sbomgate:occurrence` has the places with their lines.
    OccurrenceLines,
    /// `evidence.identity` as a list; before, it is one object.
    IdentityList,
    /// `acknowledgement` of licences. Left out before: a licence is then the author's by default.
    Acknowledgement,
    /// `manufacturer` of a component; before, the document's `manufacture` says it.
    Manufacturer,
    /// External references of the type `source-distribution`; before, `distribution` has them too.
    SourceDistribution,
    /// The method `CVSSv4`; before, it is `other`, and the vector says which.
    Cvss4,
    /// The method `SSVC`; before, it is `other`.
    Ssvc,
    /// `analysis.firstIssued` and `lastUpdated`, `workaround` and `rejected` of a vulnerability; left out before.
    AnalysisTimes,
    Workarounds,
    /// `formulation` and `annotations`; before, properties of the components say what they say.
    Formulation,
    Annotations,
    /// `declarations` and `definitions`; left out before.
    Declarations,
    /// `citations`; left out before, when nothing else says where a statement is from.
    Citations,
}

impl Field {
    const fn since(self) -> CycloneDx {
        match self {
            Field::Lifecycles | Field::ToolComponents | Field::Evidence | Field::Cvss4 | Field::AnalysisTimes => CycloneDx::V1_5,
            Field::Ssvc | Field::Workarounds => CycloneDx::V1_5,
            Field::Formulation | Field::Annotations => CycloneDx::V1_5,
            Field::OccurrenceLines | Field::IdentityList | Field::Acknowledgement | Field::Manufacturer | Field::SourceDistribution => {
                CycloneDx::V1_6
            }
            Field::Declarations => CycloneDx::V1_6,
            Field::Citations => CycloneDx::V1_7,
        }
    }
}

impl CycloneDx {
    pub(super) fn has(self, field: Field) -> bool {
        self >= field.since()
    }

    /// How we are named as the tool that made the document.
    pub(super) fn tools(self) -> Tools {
        let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        if self.has(Field::ToolComponents) {
            Tools::Components { components: Box::new([Component { version: Some(version), ..Component::new("application", name) }]) }
        } else {
            Tools::List([Tool { name, version }])
        }
    }

    pub(super) fn acknowledgement(self) -> Option<&'static str> {
        self.has(Field::Acknowledgement).then_some("declared")
    }

    /// `$schema` of JSON.
    pub(super) fn json_schema(self) -> &'static str {
        match self {
            CycloneDx::V1_4 => "http://cyclonedx.org/schema/bom-1.4.schema.json",
            CycloneDx::V1_5 => "http://cyclonedx.org/schema/bom-1.5.schema.json",
            CycloneDx::V1_6 => "http://cyclonedx.org/schema/bom-1.6.schema.json",
            CycloneDx::V1_7 => "http://cyclonedx.org/schema/bom-1.7.schema.json",
        }
    }

    /// The namespace of XML.
    pub(super) fn xml_namespace(self) -> &'static str {
        match self {
            CycloneDx::V1_4 => "http://cyclonedx.org/schema/bom/1.4",
            CycloneDx::V1_5 => "http://cyclonedx.org/schema/bom/1.5",
            CycloneDx::V1_6 => "http://cyclonedx.org/schema/bom/1.6",
            CycloneDx::V1_7 => "http://cyclonedx.org/schema/bom/1.7",
        }
    }
}
