//! Names of the properties that our BOMs carry. Each has its line in `docs/properties.md`; a test
//! compares the two.
//!
//! `cdx:` belongs to CycloneDX: only names registered in its property taxonomy stand there
//! (CycloneDX/cyclonedx-property-taxonomy). Whatever the taxonomy has no name for is `sbomgate:`.

// Of the document (`metadata.properties`).
pub const REVISION: &str = "sbomgate:revision";
pub const LOCKFILE: &str = "sbomgate:lockfile";
pub const NOT_TOLD: &str = "sbomgate:not-told";
pub const GAP: &str = "sbomgate:gap";
pub const ADVISORIES: &str = "sbomgate:advisories";
pub const LIFECYCLE: &str = "sbomgate:lifecycle";

// Of a component.
pub const FOLDER: &str = "sbomgate:folder";
pub const DIRECT: &str = "sbomgate:direct";
pub const ECOSYSTEM: &str = "sbomgate:ecosystem";
pub const SCOPE: &str = "sbomgate:scope";
pub const SOURCE: &str = "sbomgate:source";
pub const GIT_COMMIT: &str = "sbomgate:git:commit";
pub const GIT_REFERENCE: &str = "sbomgate:git:reference";
pub const ALIAS: &str = "sbomgate:alias";
pub const DEPRECATED: &str = "sbomgate:deprecated";
pub const LICENCE_STATED: &str = "sbomgate:licence:stated";
pub const LICENCE_CLAIM: &str = "sbomgate:licence:claim";
pub const PUBLISHED: &str = "sbomgate:registry:published";
pub const FIRST_PUBLISHED: &str = "sbomgate:registry:first-published";
pub const YANKED: &str = "sbomgate:registry:yanked";
pub const DEPRECATED_THERE: &str = "sbomgate:registry:deprecated";
pub const FETCHED: &str = "sbomgate:registry:fetched";
pub const ADVISORY: &str = "sbomgate:advisory";
pub const PATCH: &str = "sbomgate:patch";
pub const OCCURRENCE: &str = "sbomgate:occurrence";
pub const NOT_BUILT: &str = "sbomgate:cargo:not-built";
pub const INSTALL_SCRIPT: &str = "sbomgate:npm:install-script";

// Of a component and of a commit: how it came in.
pub const INTRO_COMMIT: &str = "sbomgate:intro:commit";
pub const INTRO_DATE: &str = "sbomgate:intro:date";
pub const INTRO_AUTHOR: &str = "sbomgate:intro:author";
pub const INTRO_ACCOUNTABLE: &str = "sbomgate:intro:accountable";
pub const INTRO_ATTRIBUTION: &str = "sbomgate:intro:attribution";
pub const INTRO_AI_TOOL: &str = "sbomgate:intro:ai:tool";
pub const INTRO_AI_MODEL: &str = "sbomgate:intro:ai:model";
pub const INTRO_AUTOMATION: &str = "sbomgate:intro:automation";
pub const INTRO_MERGE: &str = "sbomgate:intro:merge";
pub const INTRO_PULL_REQUEST: &str = "sbomgate:intro:pull-request";
pub const INTRO_THROUGH: &str = "sbomgate:intro:through";
pub const INTRO_UNKNOWN: &str = "sbomgate:intro:unknown";
pub const INTRO_EVIDENCE: &str = "sbomgate:intro:evidence";
pub const APPROVAL: &str = "sbomgate:approval";

// Registered by CycloneDX.
pub const NPM_BUNDLED: &str = "cdx:npm:package:bundled";
pub const NPM_DEVELOPMENT: &str = "cdx:npm:package:development";
pub const PYTHON_COMMIT: &str = "cdx:python:package:source:vcs:commit_id";
pub const PYTHON_REFERENCE: &str = "cdx:python:package:source:vcs:requested_revision";

// Of a vulnerability.
pub const ADVISORY_KIND: &str = "sbomgate:advisory:kind";
pub const EPSS: &str = "sbomgate:advisory:epss";
pub const EXPLOITED: &str = "sbomgate:advisory:exploited-since";
pub const VEX: &str = "sbomgate:vex";

pub const ALL: [&str; 49] = [
    REVISION,
    LOCKFILE,
    NOT_TOLD,
    GAP,
    ADVISORIES,
    LIFECYCLE,
    FOLDER,
    DIRECT,
    ECOSYSTEM,
    SCOPE,
    SOURCE,
    GIT_COMMIT,
    GIT_REFERENCE,
    ALIAS,
    DEPRECATED,
    LICENCE_STATED,
    LICENCE_CLAIM,
    PUBLISHED,
    FIRST_PUBLISHED,
    YANKED,
    DEPRECATED_THERE,
    FETCHED,
    ADVISORY,
    PATCH,
    OCCURRENCE,
    NOT_BUILT,
    INSTALL_SCRIPT,
    NPM_BUNDLED,
    NPM_DEVELOPMENT,
    PYTHON_COMMIT,
    PYTHON_REFERENCE,
    INTRO_COMMIT,
    INTRO_DATE,
    INTRO_AUTHOR,
    INTRO_ACCOUNTABLE,
    INTRO_ATTRIBUTION,
    INTRO_AI_TOOL,
    INTRO_AI_MODEL,
    INTRO_AUTOMATION,
    INTRO_EVIDENCE,
    INTRO_MERGE,
    INTRO_PULL_REQUEST,
    INTRO_THROUGH,
    INTRO_UNKNOWN,
    APPROVAL,
    ADVISORY_KIND,
    EPSS,
    EXPLOITED,
    VEX,
];
