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

// Registered by CycloneDX.
pub const NPM_BUNDLED: &str = "cdx:npm:package:bundled";
pub const NPM_DEVELOPMENT: &str = "cdx:npm:package:development";
pub const PYTHON_COMMIT: &str = "cdx:python:package:source:vcs:commit_id";
pub const PYTHON_REFERENCE: &str = "cdx:python:package:source:vcs:requested_revision";

// Of a vulnerability.
pub const ADVISORY_KIND: &str = "sbomgate:advisory:kind";
pub const EPSS: &str = "sbomgate:advisory:epss";
pub const EXPLOITED: &str = "sbomgate:advisory:exploited-since";

pub const ALL: [&str; 33] = [
    REVISION,
    LOCKFILE,
    NOT_TOLD,
    GAP,
    ADVISORIES,
    LIFECYCLE,
    FOLDER,
    DIRECT,
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
    ADVISORY_KIND,
    EPSS,
    EXPLOITED,
];
